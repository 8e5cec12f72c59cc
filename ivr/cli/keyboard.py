"""What is typed while a command runs: single keys on a terminal, lines from a pipe or a file."""

import asyncio
import codecs
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

LINES_BYTES_MAX: Final = 1024 * 1024  # a script is short; what is longer was not meant for us


@contextmanager
def typed(on_key: Callable[[str], None], on_line: Callable[[str], None]) -> Iterator[bool]:
    """Hand over each key of a terminal, or each line of a pipe or file, while the block runs.

    Yields whether it is a terminal. Echo and line editing are off meanwhile; Ctrl-C still interrupts.
    Other inputs (`/dev/null`, none) are left alone.
    """
    descriptor = _descriptor()
    if descriptor is None:
        yield False
    elif os.isatty(descriptor):
        with _single_keys(descriptor), _reading(descriptor, _Keys(on_key)):
            yield True
    elif stat.S_ISREG(os.fstat(descriptor).st_mode):
        lines = _Lines(on_line)
        lines(os.read(descriptor, LINES_BYTES_MAX))
        lines(b"")
        yield False
    else:
        with _reading(descriptor, _Lines(on_line)):
            yield False


def _descriptor() -> int | None:
    try:
        descriptor = sys.stdin.fileno()
        mode = os.fstat(descriptor).st_mode
    except (AttributeError, OSError, ValueError):  # no stdin, or one of a test
        return None
    wanted = os.isatty(descriptor) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stat.S_ISREG(mode)
    return descriptor if wanted else None


class _Keys:
    def __init__(self, on_key: Callable[[str], None]) -> None:
        self._on_key = on_key
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def __call__(self, data: bytes) -> None:
        if data.startswith(b"\x1b") and len(data) > 1:  # an arrow or a function key: nothing we know
            return
        for key in self._decoder.decode(data):
            self._on_key(key)


class _Lines:
    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._rest = b""

    def __call__(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if not data and self._rest:
            lines.append(self._rest)
            self._rest = b""
        self._rest = self._rest[:LINES_BYTES_MAX]
        for line in lines:
            if text := line.decode(errors="replace").strip():
                self._on_line(text)


@contextmanager
def _reading(descriptor: int, take: Callable[[bytes], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def ready() -> None:
        try:
            data = os.read(descriptor, 4096)
        except OSError:  # the terminal is gone
            data = b""
        if not data:
            loop.remove_reader(descriptor)
        take(data)

    loop.add_reader(descriptor, ready)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)


@contextmanager
def _single_keys(descriptor: int) -> Iterator[None]:
    import termios
    import tty

    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    try:
        yield
    finally:
        with suppress(termios.error):  # the terminal may be gone by now
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
