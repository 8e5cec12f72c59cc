"""What all commands do with a terminal: complain, print safely, show progress, say times."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO


def complain(text: str, code: int, *, json_wanted: bool = False) -> int:
    """Say on stderr what is wrong, and give the exit code back to be returned."""
    sys.stdout.flush()
    if json_wanted:
        aside({"type": "error", "text": text, "exit_code": code})
    else:
        aside(text)
    return code


def aside(what: str | dict[str, Any]) -> None:
    """Say something on stderr, beside what was asked for: a line, or an object where JSON was wanted."""
    text = f"ivr: {what}" if isinstance(what, str) else json.dumps(what, ensure_ascii=False)
    print(text, file=sys.stderr)


def colored(stream: TextIO) -> bool:
    """Whether colors are welcome: on a terminal, unless NO_COLOR is set or TERM is `dumb`."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def clean(text: str) -> str:
    """Text of somebody else without what could repaint the terminal: control characters become `\ufffd`."""
    return "".join(char if char.isprintable() else " " if char in "\n\t" else "\ufffd" for char in text)


def print_json(value: Any, *, indent: int | None = None) -> None:
    """Print a value as JSON, at once: one line (NDJSON) unless indented."""
    print(json.dumps(value, ensure_ascii=False, indent=indent, default=str), flush=True)


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Show on stderr that something is going on, where somebody watches."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


def clock(seconds: float) -> str:
    """A running time: `0:07`, `12:03`, `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def span(seconds: float) -> str:
    """A length for reading: `45 ms`, `0.4 s`, `31 s`, `2 min 4 s`, `1 h 3 min`, `5 d`."""
    if 0.0005 <= seconds < 0.0995:
        return f"{round(seconds * 1000)} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        days, hours = divmod(hours, 24)
        return f"{days} d {hours} h" if hours else f"{days} d"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
