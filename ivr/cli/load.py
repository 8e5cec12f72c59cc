"""`ivr load`: the simulated callers of a center call one that is served, over sockets."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.explore import Clock, begun_at
from ivr.cli.files import must_exist
from ivr.cli.options import DEFAULT_URL, Token, Url, served_at
from ivr.cli.running import somebody
from ivr.cli.table import Column, laid_out
from ivr.cli.terminal import aside, print_json, span
from ivr.limits import LOAD_CALLS_MAX, LOAD_MS_MAX

if TYPE_CHECKING:
    from ivr.load import Crowd, Totals
    from ivr.load.totals import Queue


def load(
    center: Annotated[Path, Parameter(help="Folder of the center whose callers call.")],
    /,
    *,
    url: Url = DEFAULT_URL,
    for_: Annotated[
        str, Parameter(name="--for", help="How long callers come, in the center's time.")
    ] = "10m",
    calls: Annotated[
        int | None, Parameter(help="End when so many callers have called.", show_default=False)
    ] = None,
    seed: Annotated[str, Parameter(help="Another seed, other callers.")] = "1",
    clock: Clock = None,
    token: Token = None,
    json: Annotated[bool, Parameter(help="Print JSON, with every call.", show_default=False)] = False,
) -> int:
    """Let the callers of a people file call a served center, each on a websocket phone of their own.

    They are the people of `ivr simulate`: with the same seed the same callers, who think, wait, give up and call again
    as there, at the speed at which the center is served. Serve it with --no-callers, so that nobody else calls; its
    agents may be simulated or real. What is printed is what the callers saw; times are the center's. Ctrl-C ends it
    earlier, and whoever is on the line hangs up.

    Exit code: 0; 1 when connections could not be made or broke; 4 when no center answers.
    """
    must_exist(center)
    address, for_ms = served_at(url), _duration(for_)
    if calls is not None and not 1 <= calls <= LOAD_CALLS_MAX:
        raise exit_codes.WrongUsage(f"--calls {calls}: 1 to {LOAD_CALLS_MAX}")
    from ivr.client import ServerUnreachable
    from ivr.language import load_center
    from ivr.load import totals

    loaded = load_center(center)
    somebody(loaded, center)
    begun = begun_at(loaded, clock)
    epoch_ms = None if clock is None or begun.starts is None else round(begun.starts.timestamp() * 1_000)
    try:
        crowd, whole = asyncio.run(_run(begun, address, for_ms, calls, seed, epoch_ms, token))
    except ServerUnreachable as fault:
        raise exit_codes.NobodyAnswers(str(fault)) from None
    found = totals(crowd.calls, crowd.kept_out)
    if json:
        print_json(_plain(crowd, found), indent=2)
    else:
        print("\n".join(_text(loaded.plan.name, crowd, found)))
    if not whole:
        aside("stopped before its time")
        return exit_codes.INTERRUPTED
    return exit_codes.NO if found.failed else exit_codes.OK


async def _run(
    center: Any,
    url: str,
    for_ms: int,
    calls: int | None,
    seed: str,
    epoch_ms: int | None,
    token: str | None,
) -> "tuple[Crowd, bool]":
    """The crowd when it is done, and whether it was not interrupted."""
    import time

    from ivr.cli.session import Leaving, interrupts
    from ivr.core.calendar import Calendar
    from ivr.load import Crowd
    from ivr.people.casting import cast_script

    script, language = cast_script(center), center.plan.language
    crowd, leaving = Crowd(url, script, seed, token=token, language=language), Leaving()
    calendar = Calendar(time.time_ns() // 1_000_000 if epoch_ms is None else epoch_ms, center.plan.timezone)
    with interrupts(leaving):
        playing = asyncio.create_task(crowd.play(for_ms, calls, calendar=calendar))
        asked = asyncio.create_task(leaving.asked())
        await asyncio.wait({playing, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        crowd.stop()
        await playing
    return crowd, not leaving.why


def _duration(text: str) -> int:
    from ivr.core.time import parse_duration

    try:
        found = parse_duration(text)
    except ValueError:
        found = 0
    if not 0 < found <= LOAD_MS_MAX:
        days = LOAD_MS_MAX // 86_400_000
        raise exit_codes.WrongUsage(f"--for {text[:40]!r}: write 90s, 10m or 2h, at most {days} days")
    return found


def _text(name: str, crowd: "Crowd", found: "Totals") -> list[str]:
    import shutil

    queues = found.queues
    rows = [
        [words, *(cells[place] for cells in map(_cells, queues.values()))]
        for place, words in enumerate(_ROWS)
    ]
    table = laid_out(
        [Column(""), *(Column(queue, right=True) for queue in queues)],
        [row for row in rows if any(cell not in ("0", "") for cell in row[1:])],
        shutil.get_terminal_size().columns,
    )
    pace = f" at {crowd.speed:g} times real time" if crowd.speed != 1 else ""
    return [
        f"{name}: {found.calls} {'call' if found.calls == 1 else 'calls'} in {span(crowd.now() / 1_000)}{pace}",
        *(["", *table] if queues else []),
        "",
        *(
            f"{words}: {_listed(counts)}"
            for words, counts in (
                ("ended", found.ended),
                ("refused", found.refused),
                ("failed", found.failed),
            )
            if counts
        ),
        *([f"still on the line: {found.going_on}"] if found.going_on else []),
        *([f"not made, as there were too many: {found.kept_out}"] if found.kept_out else []),
    ]


_ROWS = (
    *("offered", "answered", "abandoned", "gone on elsewhere", "still waiting", "average speed of answer"),
    *("half are answered in", "nine of ten are answered in", "longest wait of the answered"),
)


def _cells(queue: "Queue") -> list[str]:
    counts = (queue.offered, queue.answered, queue.abandoned, queue.gone_on, queue.waiting)
    waits = (queue.mean_wait_ms, queue.wait_of(0.5), queue.wait_of(0.9), queue.wait_of(1.0))
    return [*map(str, counts), *("" if wait is None else f"{wait / 1_000:.1f} s" for wait in waits)]


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.items())


def _plain(crowd: "Crowd", found: "Totals") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "speed": crowd.speed,
        "for_ms": crowd.now(),
        "totals": asdict(found),
        "calls": [asdict(call) for call in crowd.calls],
    }
