"""One value of a file put in place of another: for those who try a center with several settings."""

from typing import Any

from ivr.language.formatting import dumped, tree_of


def with_value(text: str, path: str, value: str) -> str:
    """The text of a file with `value` at a dotted path, such as `queues.support.max_wait` or `agents.0`; the rest stays.

    The value is read as YAML reads it there, so `[10s, 1m]` is a list. Keys that are not there yet are added.

    Raises:
        ValueError: a part of the path is neither a map nor a list, or an item that the list does not have.
    """
    tree = tree_of(text)
    parent: Any = tree
    *above, last = path.split(".")
    for place, part in enumerate(above):
        step = _step(parent, part, path)
        if isinstance(step, str) and step not in parent:
            parent[step] = {}
        parent = parent[step]
        if isinstance(parent, str) or parent is None:
            raise ValueError(f"{path!r}: {'.'.join(above[: place + 1])!r} holds a value, nothing is below it")
    parent[_step(parent, last, path)] = tree_of(value)
    return dumped(tree)


def _step(parent: Any, part: str, path: str) -> str | int:
    if not isinstance(parent, list):
        return part
    if not part.isdecimal() or int(part) >= len(parent):
        raise ValueError(f"{path!r}: {part!r} is no item of the list, whose items are 0 to {len(parent) - 1}")
    return int(part)
