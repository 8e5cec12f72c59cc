"""Plain trees of an author's file in which every value knows its place.

`Text` is a `str`, `Map` a `dict`, `Seq` a `list`; so models read them as they are, and a name that
turns out wrong long after reading still points at its line. A part that no model can read is taken
out (see `salvage`); what is left remembers its `Losses`, so that nobody else is blamed for them.
"""

from typing import Any, Final, Self, TypeAlias

from ivr.language.problems import Mark, Place


class Text(str):
    """A scalar: its text, its place, whether it was quoted, and a comment that follows on its line.

    `style` is empty for plain text, else the sign that opened it: `'`, `"`, `|` or `>`.
    """

    __slots__ = ("column", "comment", "file", "line", "one_line", "style")

    file: str
    line: int
    column: int
    style: str
    comment: bool
    one_line: bool

    def __new__(
        cls,
        value: str,
        place: Any = None,
        *,
        style: str = "",
        comment: bool = False,
        one_line: bool = False,
    ) -> Self:
        """A text at a place (anything with file, line and column)."""
        text = super().__new__(cls, value)
        text.file = place.file if place is not None else ""
        text.line = place.line if place is not None else 1
        text.column = place.column if place is not None else 1
        text.style = style
        text.comment = comment
        text.one_line = one_line
        return text

    @classmethod
    def of(cls, value: str) -> Self:
        """A text as it is; any other string without a place."""
        return value if isinstance(value, cls) else cls(value)

    @property
    def quoted(self) -> bool:
        """Whether the author put it in quotes."""
        return self.style in ("'", '"')

    @property
    def missing(self) -> bool:
        """Whether nothing was written at all (`hangup:`)."""
        return not self and not self.style

    def at(self, column: int, line: int = 1) -> Mark:
        """The place of a character of the text, as well as the file tells it (both from 1)."""
        if self.style in ("|", ">"):
            return (
                Mark(self.file, self.line + line, 1)
                if self.style == "|"
                else Mark(self.file, self.line, self.column)
            )
        if not self.one_line or line > 1:
            return Mark(self.file, self.line, self.column)
        return Mark(self.file, self.line, self.column + column - 1 + (1 if self.style else 0))


class Losses:
    """What stood in parts that were left out: `names` are its keys, `words` everything it said."""

    __slots__ = ("names", "words")

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.words: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self.words)

    def add(self, part: Any) -> None:
        """Remember a part of a tree."""
        parts = [part]
        while parts:
            here = parts.pop()
            if isinstance(here, str):
                self.words.add(str(here))
            elif isinstance(here, list):
                parts += here
            elif isinstance(here, dict):
                self.name(*here)
                parts += here.values()

    def name(self, *names: str) -> None:
        """Remember keys."""
        self.names.update(map(str, names))
        self.words.update(map(str, names))

    def join(self, other: "Losses") -> None:
        """Remember what another remembers."""
        self.names |= other.names
        self.words |= other.words


NOTHING_LOST: Final = Losses()


class Map(dict[str, Any]):
    """A mapping with its place; its keys are `Text`, with theirs; `lost` is what was taken out of it."""

    __slots__ = ("column", "file", "keys_at", "line", "lost")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.file = place.file
        self.line = place.line
        self.column = place.column
        self.keys_at: dict[str, Text] = {}
        self.lost = NOTHING_LOST

    def lose(self, key: str) -> None:
        """Take an entry out, and remember it."""
        losses = self.losses()
        losses.name(key)
        losses.add(self.pop(key, None))

    def losses(self) -> Losses:
        """Its own losses, to be added to."""
        if self.lost is NOTHING_LOST:
            self.lost = Losses()
        return self.lost


class Lost(Map):
    """Stands for a step, a way or a choice that could not be read: nobody knows where it leads."""

    __slots__ = ()

    @property
    def place(self) -> Mark:
        """Where it begins."""
        return Mark(self.file, self.line, self.column)


class Seq(list[Any]):
    """A list with its place."""

    __slots__ = ("column", "file", "line")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.file = place.file
        self.line = place.line
        self.column = place.column


Tree: TypeAlias = Text | Map | Seq


def place_of(tree: Any, path: tuple[str | int, ...]) -> tuple[Tree, str]:
    """The deepest part of the tree along a path, with the last step taken; unknown items are skipped."""
    part = tree
    last = ""
    for item in path:
        if isinstance(part, Map) and isinstance(item, str) and item in part:
            part, last = part[item], item
        elif isinstance(part, Seq) and isinstance(item, int) and 0 <= item < len(part):
            part, last = part[item], ""
    return part, last
