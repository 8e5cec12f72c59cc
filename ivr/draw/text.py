"""How wide text is, roughly but never too little, and how it breaks into lines."""

from typing import Final

_NARROW: Final = frozenset("iljtfI.,:;'|!()[]‹› ")
_WIDE: Final = frozenset("mwMW@%—…")
_CJK: Final = "\u2e80"


def width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a text in a sans-serif font of this size."""
    total = sum(_of(char) for char in text)
    return total * size * (1.07 if bold else 1.0)


def _of(char: str) -> float:
    if char in _NARROW:
        return 0.32
    if char in _WIDE:
        return 0.92
    if char >= _CJK:
        return 1.0
    return 0.7 if char.isupper() else 0.58


def wrapped(text: str, size: float, room: float, lines_max: int) -> list[str]:
    """A text in lines no wider than the room; what does not fit ends in dots."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and width(longer, size) > room:
            lines.append(line)
            longer = word
        line = longer
    lines.append(line)
    cut = [_cut(one, size, room) for one in lines]
    if len(cut) > lines_max:
        cut = [*cut[: lines_max - 1], _cut(cut[lines_max - 1] + " …", size, room, always=True)]
    return cut


def _cut(text: str, size: float, room: float, *, always: bool = False) -> str:
    if width(text, size) <= room and not always:
        return text
    while width(text, size) > room:
        text = text.rstrip("…")[:-1].rstrip() + "…"
    return text
