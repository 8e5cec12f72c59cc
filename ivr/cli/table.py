"""A table for a terminal of any width: what does not fit beside the rest stands below it, and nothing is lost."""

import textwrap
from collections.abc import Sequence
from typing import Final, NamedTuple

_GAP: Final = "  "
_INDENT: Final = "    "


class Column(NamedTuple):
    """A heading; `right` sets numbers under each other."""

    heading: str
    right: bool = False


def laid_out(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """The lines of a table, the heading first; in `width` columns (None: as wide as it needs).

    The first columns stand in a line as far as they fit. The others follow on lines of their own under
    each row, every cell with its heading, empty ones left out.
    """
    sizes = [
        max(len(column.heading), *(len(row[place]) for row in rows)) if rows else len(column.heading)
        for place, column in enumerate(columns)
    ]
    beside = _fitting(sizes, width)
    lines = [_line(columns, sizes, [column.heading for column in columns[:beside]])]
    for row in rows:
        lines.append(_line(columns, sizes, row[:beside]))
        below = [f"{columns[place].heading}: {row[place]}" for place in range(beside, len(row)) if row[place]]
        if below:
            lines += textwrap.wrap(
                "; ".join(below),
                width or 80,
                initial_indent=_INDENT,
                subsequent_indent=_INDENT,
                break_on_hyphens=False,
            )
    return lines


def _fitting(sizes: Sequence[int], width: int | None) -> int:
    """How many of the first columns fit beside each other; at least one."""
    if width is None:
        return len(sizes)
    taken = 0
    for place, size in enumerate(sizes):
        taken += size + (len(_GAP) if place else 0)
        if taken > width:
            return max(1, place)
    return len(sizes)


def _line(columns: Sequence[Column], sizes: Sequence[int], cells: Sequence[str]) -> str:
    shown = [
        cell.rjust(size) if column.right else cell.ljust(size)
        for column, size, cell in zip(columns, sizes, cells, strict=False)
    ]
    return _GAP.join(shown).rstrip()
