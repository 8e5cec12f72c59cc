"""`ivr queue`: the wallboard in the terminal."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Annotated, Any, Final

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.options import DEFAULT_URL, JsonLines, Token, Url, served_at
from ivr.cli.table import Column, laid_out
from ivr.cli.terminal import print_json

_REFRESH_SECONDS: Final = 1.0
_COLUMNS: Final = (
    *("queue", "waiting", "longest", "told", "ready", "busy", "away"),
    *("offered", "answered", "lost", "in time", "answer", "handle", "occupied"),
)
_BUSY: Final = ("reserved", "talking", "holding", "consulting", "wrap_up", "working")
_LOST: Final = ("abandoned", "short_abandoned")


def queue(
    *queues: Annotated[str, Parameter(help="Queues to show; else all.")],
    url: Url = DEFAULT_URL,
    token: Token = None,
    once: Annotated[
        bool, Parameter(help="Show it once; so it is too without a terminal.", show_default=False)
    ] = False,
    json: JsonLines = False,
) -> int:
    """Watch the queues of a served center; Ctrl-C ends it.

    Of each queue: calls waiting and the longest of these waits; what a caller who joins now is told; agents
    ready, busy and away; since the start, calls offered, answered and lost (abandoned), the share answered in time of
    all offered (with a ! below the target; every other way to count is in --json), the average speed of answer, the
    average handle time, and how occupied the agents were. Times are minutes:seconds; a dash: nothing yet, or nobody
    knows.

    Exit code: 0, or 4 when no center answers.
    """
    try:
        return asyncio.run(
            _watch(served_at(url), token, queues, once=once or not sys.stdout.isatty(), json=json)
        )
    except KeyboardInterrupt:
        return exit_codes.OK


async def _watch(url: str, token: str | None, names: Sequence[str], *, once: bool, json: bool) -> int:
    figures = await _figures(url, token, names)
    if json:
        for one in figures:
            print_json(one)
        return exit_codes.OK
    from rich.console import Console

    console = Console(highlight=False)
    width = console.width if console.is_terminal else None
    if once:
        print("\n".join(lines_of(figures, width)))
        return exit_codes.OK
    from rich.live import Live

    with Live("\n".join(lines_of(figures, width)), console=console, auto_refresh=False, screen=True) as live:
        while True:
            await asyncio.sleep(_REFRESH_SECONDS)
            lines = lines_of(await _figures(url, token, names), console.width)
            live.update("\n".join(lines), refresh=True)


async def _figures(url: str, token: str | None, names: Sequence[str]) -> list[dict[str, Any]]:
    from ivr.cli.served import fetch

    found: list[dict[str, Any]] = await fetch(url, "/api/queues", token)
    known = [one["queue"] for one in found]
    if unknown := [name for name in names if name not in known]:
        raise exit_codes.WrongUsage(f"there is no queue {unknown[0][:80]!r}; there are {', '.join(known)}")
    return [one for one in found if not names or one["queue"] in names]


def lines_of(figures: Sequence[dict[str, Any]], width: int | None) -> list[str]:
    """The wallboard as lines."""
    rows = []
    for one in figures:
        agents, outcomes = one["agents"], one["outcomes"]
        level = one["service_level"].get("of_offered")
        missed = "!" if level is not None and level < one["target"] else ""
        rows.append(
            [
                *(one["queue"], str(one["waiting"]), _clock(one["longest_waiting_s"] or None)),
                *(_clock(one["estimate_s"]), str(agents.get("ready", 0)), str(_sum(agents, _BUSY))),
                str(agents.get("paused", 0) + agents.get("not_responding", 0)),
                *(str(one["offered"]), str(outcomes["answered"]), str(_sum(outcomes, _LOST))),
                _share(level) + missed,
                *(_clock(one["average_speed_of_answer_s"]), _clock(one["average_handle_s"])),
                _share(one["occupancy"]),
            ]
        )
    return laid_out([Column(heading, place > 0) for place, heading in enumerate(_COLUMNS)], rows, width)


def _sum(counts: dict[str, int], names: Sequence[str]) -> int:
    return sum(counts.get(name, 0) for name in names)


def _clock(seconds: float | None) -> str:
    return "-" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"
