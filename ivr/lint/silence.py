"""`# lint: allow MENU-1 because ...`: a finding that its author knows of and stands by.

YAML's events have no comments, so they are read from the source lines; only a `#` outside every scalar
is one, which the places of the scalars tell.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

import yaml

from ivr.language.problems import Mark

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML without libyaml: slower, the same events
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

_MARK: Final = re.compile(r"(?:(?<=\s)|^)#\s*lint:\s*(?P<rest>.*)$")
_ALLOW: Final = re.compile(r"allow\s+(?P<ids>[\w-]+(?:\s*,\s*[\w-]+)*)(?:\s+because\b\s*(?P<reason>.*))?\s*$")


class Silence(NamedTuple):
    """A comment that allows some rules on a line, with its reason; no ids where it cannot be read."""

    place: Mark
    line: int
    ids: tuple[str, ...]
    reason: str


def silences(lines: Sequence[str], file: str) -> list[Silence]:
    """Every such comment of a file that was read before: it is YAML within the bounds."""
    marked = [
        (number, match)
        for number, line in enumerate(lines, 1)
        if "lint:" in line and (match := _MARK.search(line))
    ]
    if not marked:
        return []
    spans = _scalars("\n".join(lines))
    starts = [start for start, _ in spans]
    found = []
    for number, match in marked:
        at = (number, match.start() + 1)
        before = bisect_right(starts, at) - 1
        if before >= 0 and spans[before][0] <= at < spans[before][1]:
            continue  # part of a text
        alone = not lines[number - 1][: match.start()].strip()
        allowed = _ALLOW.match(match["rest"])
        ids = tuple(part.strip() for part in allowed["ids"].split(",")) if allowed else ()
        reason = (allowed["reason"] or "").strip() if allowed else ""
        found.append(Silence(Mark(file, *at), _next(lines, number) if alone else number, ids, reason))
    return found


def _next(lines: Sequence[str], number: int) -> int:
    """The line that a comment on a line of its own is about."""
    for later in range(number + 1, len(lines) + 1):
        text = lines[later - 1].strip()
        if text and not text.startswith("#"):
            return later
    return number


def _scalars(text: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where each scalar begins and ends, in order; a block ends with the last line that has text."""
    spans = []
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.ScalarEvent):
            start, end = event.start_mark, event.end_mark
            assert start is not None
            assert end is not None
            spans.append(((start.line + 1, start.column + 1), (end.line + 1, end.column + 1)))
    return spans
