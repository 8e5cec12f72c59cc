"""What is wrong with an author's files: each problem with its place, an excerpt and a cure.

flows/demo/main.flow.yaml:12:13: error[unknown-state]: there is no state 'biling'
  12 |     - goto: biling
     |             ^
  hint: did you mean 'billing'?
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

from ivr.limits import COMPILED_CHARS_MAX, PROBLEMS_MAX

ERROR: Final = "error"
WARNING: Final = "warning"

_EXCERPT_CHARS = 160
_COUNTED_MAX = 10_000
_TEXT_CHARS = 2_000  # of a message; also keeps a line of a megabyte out of reports
_RED, _YELLOW, _BLUE, _BOLD, _OFF = "\x1b[31m", "\x1b[33m", "\x1b[34m", "\x1b[1m", "\x1b[0m"


class Place(Protocol):
    """Anything that knows where it stands in a file; lines and columns count from 1."""

    @property
    def file(self) -> str:
        """The file's name as shown to the author."""

    @property
    def line(self) -> int:
        """The line, from 1."""

    @property
    def column(self) -> int:
        """The column in characters, from 1."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file."""

    file: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong; `severity` is `error` or `warning`, `excerpt` the source line."""

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    excerpt: str = ""
    severity: str = ERROR

    def __str__(self) -> str:
        return _text(self, color=False)

    def as_dict(self) -> dict[str, Any]:
        """The problem as plain JSON values."""
        return asdict(self)


class Report:
    """Collects the problems of some files; at the end they come sorted, each once, and bounded."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}
        self._problems: dict[tuple[str, int, int, str], Problem] = {}
        self._dropped: set[tuple[str, int, int, str]] = set()
        self._counts = {ERROR: 0, WARNING: 0}
        self._compiled = 0

    def source(self, file: str, text: str) -> None:
        """Make a file's text known, for excerpts."""
        self._lines[file] = text.split("\n")

    @property
    def files(self) -> dict[str, list[str]]:
        """The lines of each known file."""
        return self._lines

    def line(self, file: str, number: int) -> str:
        """A line of a known file, counted from 1; empty where there is none."""
        lines = self._lines.get(file, [])
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def add(self, place: Place, code: str, message: str, hint: str = "", *, severity: str = ERROR) -> None:
        """Note a problem; the same message at the same place counts once."""
        key = (place.file, place.line, place.column, message)
        if key in self._problems or key in self._dropped:
            return
        if self._counts[severity] >= PROBLEMS_MAX:  # many warnings never hide an error
            if len(self._dropped) < _COUNTED_MAX:
                self._dropped.add(key)
            return
        self._counts[severity] += 1
        excerpt = self.line(place.file, place.line).rstrip()
        self._problems[key] = Problem(
            _printable(place.file),
            place.line,
            place.column,
            code,
            _printable(message),
            _printable(hint),
            excerpt,
            severity,
        )

    def warn(self, place: Place, code: str, message: str, hint: str = "") -> None:
        """Note something that works, but hardly as meant."""
        self.add(place, code, message, hint, severity=WARNING)

    @property
    def full(self) -> bool:
        """Whether a further error would only be counted: its hint need not be looked for."""
        return self._counts[ERROR] >= PROBLEMS_MAX

    def afford(self, place: Place, chars: int) -> bool:
        """Whether so much more may be compiled; else it is said once that the files hold too much."""
        self._compiled += chars
        if self._compiled <= COMPILED_CHARS_MAX:
            return True
        if self._compiled - chars <= COMPILED_CHARS_MAX:
            most = f"{COMPILED_CHARS_MAX // 1_000} 000"
            message = f"conditions and texts with values have more than {most} characters together"
            self.add(place, "too-big", message, "share conditions as rules:, and texts as states")
        return False

    @property
    def problems(self) -> list[Problem]:
        """All problems by file, line and column; a last one counts those beyond the bound."""
        found = sorted(self._problems.values(), key=lambda p: (p.file, p.line, p.column, p.code, p.message))
        if self._dropped and found:
            more = f"{len(self._dropped)} more problems are not shown"
            severity = ERROR if self.failed else WARNING
            last = found[-1]
            found.append(Problem(last.file, last.line, 1, "more", more, "repair these first", "", severity))
        return found

    @property
    def errors(self) -> list[Problem]:
        """The problems that forbid the use of the files."""
        return [problem for problem in self.problems if problem.severity == ERROR]

    @property
    def failed(self) -> bool:
        """Whether there is an error."""
        return self._counts[ERROR] > 0


def render(problems: Sequence[Problem], color: bool = False) -> str:
    """All problems as text for a terminal, with a last line that counts them."""
    errors = sum(problem.severity == ERROR for problem in problems)
    warnings = len(problems) - errors
    counts = [_count(errors, "error")] if errors else []
    counts += [_count(warnings, "warning")] if warnings else []
    return "\n".join([*(_text(problem, color) for problem in problems), ", ".join(counts) or "no problems"])


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _text(problem: Problem, color: bool) -> str:
    tint, blue, bold, off = (
        (_RED if problem.severity == ERROR else _YELLOW, _BLUE, _BOLD, _OFF) if color else ("", "", "", "")
    )
    place = f"{bold}{problem.file}:{problem.line}:{problem.column}:{off}"
    lines = [f"{place} {tint}{problem.severity}[{problem.code}]{off}: {problem.message}"]
    if problem.excerpt:
        number = str(problem.line)
        shown, caret = _window(problem.excerpt, problem.column)
        lines.append(f"  {blue}{number} |{off} {shown}")
        lines.append(f"  {' ' * len(number)} {blue}|{off} {' ' * caret}{tint}^{off}")
    if problem.hint:
        lines.append(f"  hint: {problem.hint}")
    return "\n".join(lines)


def _window(line: str, column: int) -> tuple[str, int]:
    """A part of a long line around the column, and where the caret goes in it."""
    start = max(0, column - 1 - _EXCERPT_CHARS // 2) if len(line) > _EXCERPT_CHARS else 0
    shown = _printable(line[start : start + _EXCERPT_CHARS].replace("\t", " "))
    return shown, max(0, min(column - 1 - start, _EXCERPT_CHARS))


def _printable(text: str) -> str:
    """Without control characters, which could repaint a terminal or forge a line; and bounded."""
    clean = text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)
    return clean if len(clean) <= _TEXT_CHARS else clean[: _TEXT_CHARS - 3] + "..."
