"""Files to trees, safely: YAML events to `Text`, `Map` and `Seq`, with every trap as a problem.

Only events are taken from PyYAML's C scanner: they come one by one, so that depth, nodes and time
stay bounded (building nodes with it ends the process on 60 kB of brackets). No value is
interpreted: `no`, `9:00` and `+351` stay what the author typed.
"""

import re
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import yaml

from ivr.language.problems import Mark, Report
from ivr.language.traps import explain_scan_error, hint_for_key, hint_for_tag
from ivr.language.tree import Map, Seq, Text, Tree
from ivr.limits import FILE_BYTES_MAX, LIST_BYTES_MAX, YAML_DEPTH_MAX, YAML_NODES_MAX

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML without libyaml: slower, the same events
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

LIST_ENDING: Final = ".csv"
_COMMENT: Final = re.compile(r"\s+#")
_SCALAR: Final = yaml.ScalarEvent
_MAP: Final = yaml.MappingStartEvent
_SEQ: Final = yaml.SequenceStartEvent
_MAP_END: Final = yaml.MappingEndEvent
_SEQ_END: Final = yaml.SequenceEndEvent
_SIGNS: Final = {"*": "star", "#": "hash"}
_HASH_KEY: Final = re.compile(r"^\s*(?:- *)?\{?\s*#\s*:\s?\S")


def read_lists(folder: Path, prefix: str, settings: Iterable[str], report: Report) -> dict[str, str | None]:
    """The CSV files of a folder that its settings speak of."""
    named = dict.fromkeys(re.findall(r"[A-Za-z0-9_.-]+\.csv", "\n".join(settings)))
    return {
        name: read_file(folder / name, prefix + name, report, LIST_BYTES_MAX)
        for name in named
        if (folder / name).exists()
    }


def read_file(path: Path, name: str, report: Report, most: int = FILE_BYTES_MAX) -> str | None:
    """The text of a file with newlines as line ends, or None with a problem; its size is checked first."""
    place = Mark(name)
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            report.add(place, "not-a-file", "this is a folder", "name a file in it")
            return None
        if not stat.S_ISREG(about.st_mode):
            report.add(place, "not-a-file", "this is a pipe or a device, not a file")
            return None
        if about.st_size > most:
            report.add(place, "too-big", f"the file has {about.st_size} bytes, more than {most}")
            return None
        with path.open("rb") as file:
            data = file.read(most + 1)
    except FileNotFoundError:
        report.add(place, "no-file", "there is no such file")
        return None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        report.add(place, "unreadable", f"the file cannot be read: {reason}")
        return None
    return decode(data, name, report, most)


def decode(data: bytes, name: str, report: Report, most: int = FILE_BYTES_MAX) -> str | None:
    """Bytes of a file as text with newlines as line ends, or None with a problem."""
    place = Mark(name)
    if len(data) > most:
        report.add(place, "too-big", f"the file has more than {most} bytes")
        return None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        report.add(place, "encoding", "the file is written in UTF-16", "save it as UTF-8")
        return None
    if data[:3] == b"\xef\xbb\xbf":
        report.add(
            place, "encoding", "the file begins with a byte order mark", "save it as UTF-8 without BOM"
        )
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rsplit(b"\n", 1)[-1].decode(errors="replace")) + 1
        report.add(Mark(name, line, column), "encoding", "the file is not UTF-8 here", "save it as UTF-8")
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse(text: str, name: str, report: Report) -> Map | None:
    """The tree of a file whose top is a mapping, or None; problems go to the report."""
    report.source(name, text)
    if len(text) > FILE_BYTES_MAX:
        report.add(Mark(name), "too-big", f"the file has more than {FILE_BYTES_MAX} bytes")
        return None
    if "\0" in text or text.startswith("\ufeff"):
        place = _position(text, text.index("\0") if "\0" in text else 0, name)
        report.add(place, "encoding", "the file holds a NUL or a byte order mark", "save it as plain UTF-8")
        return None
    builder = _Builder(text, name, report)
    try:
        next_event = _Loader(text).get_event
        while (event := next_event()) is not None:
            if not builder.take(event):
                return None
    except yaml.reader.ReaderError as error:
        place = _position(text, error.position if isinstance(error.position, int) else 0, name)
        report.add(place, "character", "the file holds a character that text files do not have", "delete it")
        return None
    except yaml.YAMLError as error:
        _scan_error(error, name, report)
        return None
    except UnicodeError:
        report.add(Mark(name), "encoding", "the text holds half a character", "save it as UTF-8")
        return None
    _hash_keys(text, name, report)
    root = builder.root
    if isinstance(root, Map):
        return root
    report.add(
        Mark(name), "shape", "the file is empty" if root is None else "the file has to be a map of fields"
    )
    return None


class _Builder:
    """Takes events one by one; `take` is false when reading has to stop."""

    def __init__(self, text: str, name: str, report: Report) -> None:
        self.root: Tree | None = None
        self._lines = text.split("\n")
        self._name = name
        self._report = report
        self._stack: list[tuple[Map | Seq, list[Text | None]]] = []
        self._nodes = 0
        self._documents = 0

    def take(self, event: Any) -> bool:
        """Add one event to the tree."""
        kind = type(event)
        if kind is _SCALAR:
            clean = (event.anchor is None and event.tag is None) or self._clean(event)
            return self._count(event) and clean and self._put(self._scalar(event))
        if kind is _MAP or kind is _SEQ:
            place = self._place(event)
            opened = Map(place) if kind is _MAP else Seq(place)
            if not (self._count(event) and self._clean(event) and self._put(opened)):
                return False
            self._stack.append((opened, []))
            if len(self._stack) > YAML_DEPTH_MAX:
                self._report.add(place, "too-deep", f"the file is nested more than {YAML_DEPTH_MAX} deep")
                return False
        elif kind is _MAP_END or kind is _SEQ_END:
            self._stack.pop()
        elif kind is yaml.AliasEvent:
            hint = "quote text that starts with '*'; the star key is 'star:'"
            self._report.add(self._place(event), "alias", "aliases ('*name') are not used here", hint)
            return False
        elif kind is yaml.DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                self._report.add(
                    self._place(event), "document", "a file is one document", "delete the line '---'"
                )
                return False
        return True

    def _place(self, event: Any) -> Mark:
        return Mark(self._name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _line(self, event: Any) -> str:
        line: int = event.start_mark.line
        return self._lines[line][event.start_mark.column :] if line < len(self._lines) else ""

    def _count(self, event: Any) -> bool:
        self._nodes += 1
        if self._nodes > YAML_NODES_MAX:
            self._report.add(self._place(event), "too-big", f"the file has more than {YAML_NODES_MAX} values")
            return False
        return True

    def _clean(self, event: Any) -> bool:
        """Refuse anchors and tags."""
        if event.anchor is not None:
            hint = "write 'and' for '&&'; quote text that starts with '&'"
            self._report.add(self._place(event), "anchor", "anchors ('&name') are not used here", hint)
            return False
        if event.tag is not None:
            source = self._line(event)
            self._report.add(
                self._place(event), "tag", "tags ('!name') are not used here", hint_for_tag(source)
            )
            return False
        return True

    def _scalar(self, event: Any) -> Text:
        style = event.style or ""
        start, end = event.start_mark, event.end_mark
        text: Text = str.__new__(Text, event.value)  # all fields are set here: most of a file is scalars
        text.file, text.line, text.column = self._name, start.line + 1, start.column + 1
        text.style, text.one_line = style, start.line == end.line
        text.comment = False
        if not style and end.line < len(self._lines):
            line = self._lines[end.line]
            text.comment = "#" in line and _COMMENT.match(line, end.column) is not None
        return text

    def _put(self, value: Tree) -> bool:
        """Add a value to the list or map that is open; in a map every other one is a key."""
        if not self._stack:
            self.root = value
            return True
        parent, waiting = self._stack[-1]
        if isinstance(parent, Seq):
            parent.append(value)
            return True
        if not waiting:
            return self._key(parent, waiting, value)
        if (key := waiting.pop()) is not None:
            parent[key] = value
        return True

    def _key(self, parent: Map, waiting: list[Text | None], value: Tree) -> bool:
        if not isinstance(value, Text):
            column = value.column - 1
            line = self._lines[value.line - 1] if value.line <= len(self._lines) else ""
            template = "{{" in line[max(0, column - 1) : column + 2]
            hint = (
                "quote text that starts with {{" if template else "a key is a word, a number or quoted text"
            )
            at = Mark(value.file, value.line, value.column - 1 if template and column else value.column)
            self._report.add(at, "key", "a list or map cannot be a key", hint)
            return False
        if value == "<<" and not value.quoted:
            self._report.add(value, "merge", "merge keys ('<<') are not used here", "write the fields again")
            return False
        same = value if len(value) > 2 else _same(value)
        known = parent.keys_at.setdefault(same, value)
        if known is not value:
            first = f"line {known.line}"
            text = f"{value!s} is here twice; the first is in {first}"
            self._report.add(value, "duplicate-key", text, "delete or rename one of them")
        waiting.append(value if known is value else None)  # of two keys the first stays
        return True


def _same(key: Text) -> str:
    """What two short keys have in common when they mean the same: `1` and `01`, `star` and `*`."""
    if key.isascii() and key.isdigit():
        return str(int(key))
    return _SIGNS.get(key, key)


def _position(text: str, index: int, name: str) -> Mark:
    before = text[:index]
    return Mark(name, before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1)


def _scan_error(error: yaml.YAMLError, name: str, report: Report) -> None:
    """A problem for text that is no YAML, at the best place and in the author's words."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    context = getattr(error, "context_mark", None)
    reason = str(getattr(error, "problem", "") or "this is not YAML")
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    message, hint, exact = explain_scan_error(reason, line, column, lambda number: report.line(name, number))
    if exact is not None:
        line, column = exact
    elif context is not None and ("unexpected end of stream" in reason or not report.line(name, line)):
        line, column = context.line + 1, context.column + 1
    report.add(Mark(name, line, column), "yaml", message, hint)


def _hash_keys(text: str, name: str, report: Report) -> None:
    """`#: operator` looks like the key `#` and is a comment."""
    if "#:" not in text and "# :" not in text:
        return
    for number, line in enumerate(text.split("\n"), 1):
        if _HASH_KEY.match(line):
            message = "this line is a comment: '#' begins one"
            report.add(Mark(name, number, line.index("#") + 1), "dropped-comment", message, hint_for_key("#"))
