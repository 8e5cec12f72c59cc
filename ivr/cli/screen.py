"""Where a running command shows itself: a live terminal, plain lines, or JSON lines."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol, Self

from ivr import wire
from ivr.cli.terminal import aside, clean, clock, colored, print_json

REFRESHES_PER_SECOND = 4  # a running clock shows seconds


class Screen(Protocol):
    """What a call or a desk needs of a screen."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def message(self, message: wire.Message, line: tuple[str, str] | None) -> None:
        """Show what the server said; `line` is text and style, None when it is not worth a line."""

    def note(self, text: str, style: str = "dim") -> None:
        """Show something of our own."""

    def end(self, line: str, summary: dict[str, Any]) -> None:
        """Show how it all went."""


class JsonScreen:
    """One JSON object a line: every message with `at_s`, seconds since the start; a summary at the end."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def message(self, message: wire.Message, line: tuple[str, str] | None) -> None:
        """See `Screen`."""
        import msgspec

        print_json({"at_s": round(time.monotonic() - self._started, 3), **msgspec.to_builtins(message)})

    def note(self, text: str, style: str = "dim") -> None:
        """See `Screen`; on stderr, so that stdout holds what the server said and the summary."""
        aside({"type": "note", "text": text})

    def end(self, line: str, summary: dict[str, Any]) -> None:
        """See `Screen`."""
        print_json(summary)


class LineScreen:
    """A transcript; on a terminal with a line below it that shows what is going on now.

    `now` gives that line; `below` says under it what may be typed.
    """

    below: Callable[[], str] | None = None

    def __init__(self, now: Callable[[], str]) -> None:
        from rich.console import Console
        from rich.live import Live

        self._started = time.monotonic()
        self._now = now
        # NO_COLOR of rich still prints bold; a pipe gets no live line and no width.
        live = sys.stdout.isatty()
        self._console = Console(
            no_color=not colored(sys.stdout), highlight=False, soft_wrap=not live, markup=False, emoji=False
        )
        self._live = (
            Live(
                get_renderable=self._state,
                console=self._console,
                refresh_per_second=REFRESHES_PER_SECOND,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            if live
            else None
        )

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def message(self, message: wire.Message, line: tuple[str, str] | None) -> None:
        """See `Screen`."""
        if line is not None:
            self.note(*line)

    def note(self, text: str, style: str = "dim") -> None:
        """See `Screen`."""
        from rich.table import Table
        from rich.text import Text

        at = clock(time.monotonic() - self._started)
        if self._live is None:
            self._console.print(f"{at:>7}  {clean(text)}", style=style or None)
            return
        row = Table.grid(padding=(0, 2))  # so that long prompts wrap beside the time, not under it
        row.add_row(Text(f"{at:>7}", style="dim"), Text(clean(text), style=style))
        self._console.print(row)
        self._live.refresh()

    def end(self, line: str, summary: dict[str, Any]) -> None:
        """See `Screen`."""
        self._console.print(line, style="bold")

    def _state(self) -> Any:
        from rich.console import Group
        from rich.padding import Padding
        from rich.text import Text

        now = Text(f"  ▌ {self._now()}", style="reverse", no_wrap=True, overflow="ellipsis")
        below = self.below() if self.below is not None else ""
        # what may be typed is shown whole, on as many lines as it needs
        return (
            Group(now, Padding(Text(clean(below), style="dim"), (0, 0, 0, 4), expand=False)) if below else now
        )
