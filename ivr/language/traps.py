"""YAML's traps in the author's words: what a scanner's complaint about a line really means."""

import re
from collections.abc import Callable
from typing import Final

_KEY = r"^\s*(?:- +)*(?:[\w.-]+|'[^']*'|\"[^\"]*\")\s*:\s+"
_QUOTE_ALL: Final = "put the whole value in double quotes"

_LINES: Final = (
    (
        re.compile(_KEY + r"(?P<at>'[^']*'|\"[^\"]*\")\s*(?!#)[^\s,}\]]"),
        "text goes on after the closing quote",
        "put the whole value in quotes of the other kind: \"'a' in b\"",
    ),
    (
        re.compile(_KEY + r"[^'\"\n]*?(?P<at>\?)\s[^\n]*:\s"),
        "'? :' is not understood",
        "write 'A if CONDITION else B'",
    ),
    (
        re.compile(_KEY + r"(?P<at>[>|])\s*[^\s#+\-0-9][^\n]*$"),
        "'>' and '|' at the beginning open a block of text",
        f"name what is compared, such as customer.debt > 5, or {_QUOTE_ALL}",
    ),
    (
        re.compile(_KEY + r"(?P<at>[>|])\s+[0-9][^\n]*$"),
        "'>' at the beginning opens a block of text",
        "name what is compared: customer.debt > 5",
    ),
    (
        re.compile(_KEY + r"(?P<at>[@`%])"),
        "text cannot begin with this sign",
        _QUOTE_ALL,
    ),
    (
        re.compile(r"(?:^\s*(?:- +)*|[{,]\s*)(?P<at>\*)\s*:"),
        "'*' cannot be a key without quotes",
        "write 'star:' for the star key",
    ),
    (
        re.compile(r"[{,]\s*(?P<at>#)\s*:"),
        "'#' begins a comment",
        "write 'hash:' for the hash key",
    ),
    (
        re.compile(_KEY + r"[{\[][^'\"\n]*\s(?P<at>#)[^\n]*[}\]]"),
        "'#' begins a comment, so the closing bracket is not seen",
        "quote text that holds '#'",
    ),
    (
        re.compile(_KEY + r"(?P<at>\{\{)"),
        "a value cannot begin with '{{'",
        "quote text that starts with {{",
    ),
    (
        re.compile(_KEY + r"(?P<at>[^'\"\[{>|&*!#\s][^\n]*:\s)"),
        "a second ': ' in one line",
        "quote the text",
    ),
)

_REASONS: Final = (
    (
        "mapping values are not allowed",
        "this line does not fit what stands above it",
        "indent it like its neighbours; quote text that holds ': '",
    ),
    (
        "block sequence entries",
        "a list cannot begin here",
        "put the '- ' on a line of its own, below the key",
    ),
    ("mapping keys are not allowed", "a key cannot begin here", "put it on a line of its own"),
    ("escape", "a backslash in double quotes begins a special sign", "write \\\\, or use single quotes"),
    ("hexdecimal", "a backslash in double quotes begins a special sign", "write \\\\, or use single quotes"),
    ("tab character", "a tab cannot indent", "indent with spaces"),
    ("node content", "a value is missing here", "write it, or take the comma or sign away"),
    ("alphabetic or numeric", "'&' and '*' have another use in YAML", "quote text that begins with them"),
    ("document", "a file is one document", "delete lines such as '---', '...' and '%...'"),
    ("directive", "a line cannot begin with '%'", "delete it, or quote the text"),
    ("comment or line break", "text goes on after a sign that opens a block", _QUOTE_ALL),
)
"""Part of what the scanner says, what an author is told, and the cure."""


def hint_for_key(sign: str) -> str:
    """What to write for the keys that YAML has other uses for."""
    word = {"*": "star", "#": "hash"}[sign]
    return f"write '{word}:' for the {word} key, or put it in quotes"


def hint_for_tag(source: str) -> str:
    """What to write instead of a value that begins with `!`."""
    name = re.match(r"!([A-Za-z_][\w.]*)", source)
    if name is None or source.startswith("!!"):
        return "quote text that starts with '!'"
    return f"write 'not {name[1]}', or quote text that starts with '!'"


def explain_scan_error(
    reason: str, line: int, column: int, source: Callable[[int], str]
) -> tuple[str, str, tuple[int, int] | None]:
    """Message, hint, and the exact place if the line shows it, of what a scanner complained about.

    A scanner often stops one line late, so the line before is looked at as well.
    """
    for number in (line, line - 1):
        text = source(number)
        for pattern, message, hint in _LINES:
            if found := pattern.search(text):
                return message, hint, (number, found.start("at") + 1)
    if "\t" in source(line)[: max(column, 1)]:
        return "a tab cannot indent", "indent with spaces", None
    if "end of stream" in reason and "quoted" not in reason:
        return "a quote or bracket is not closed", "close it", None
    if "expected ',' or" in reason:
        return "a bracket is not closed, or a comma is missing", "check the brackets", None
    if "expected key" in reason or "'-' indicator" in reason or "could not find expected ':'" in reason:
        return (
            "this line does not fit what stands above it",
            "check the indentation and the ':' after a key",
            None,
        )
    if "cannot start any token" in reason:
        return "text cannot begin with this sign", _QUOTE_ALL, None
    for part, message, hint in _REASONS:
        if part in reason:
            return message, hint, None
    return "this cannot be read as YAML", "compare the line with one that works; quote its text", None
