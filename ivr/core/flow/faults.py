"""A fault inside a flow while it runs; it becomes the flow's error event and never leaves the interpreter."""


class FlowFault(Exception):
    """`kind` is what `on.error` and the metrics see."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)
