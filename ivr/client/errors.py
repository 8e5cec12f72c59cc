"""What can go wrong for a client, by who erred."""

from ivr.errors import IvrError, OperatorError, PeerError


class ServerUnreachable(OperatorError):
    """Nobody answers at the address, or it is not a center that does."""


class CallRefused(PeerError):
    """The center did not take the call; `code` is its reason, `number` what was dialled."""

    def __init__(self, number: str, why: str) -> None:
        self.number = number
        super().__init__(why, f"the center refused the call to {number!r}: {why}")


class CallOver(IvrError):
    """What was waited for cannot come any more: the call has ended with `reason`."""

    def __init__(self, awaited: str, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the call ended ({reason}) before {awaited}")


class ClientClosed(IvrError):
    """The connection is not open: never opened, left, or lost; the text says which.

    `orderly` says that the server took its leave, as it does when the center closes.
    """

    orderly = False


class NotInTime(IvrError, TimeoutError):
    """What was waited for did not come in time; `instead` is what came in the meantime."""

    def __init__(self, awaited: str, within: float, instead: tuple[str, ...]) -> None:
        self.instead = instead
        came = "; ".join(instead) or "nothing"
        super().__init__(f"waited {within:g} s for {awaited}; instead came: {came}")
