"""`ivr fuzz`: seeded callers who press anything at any moment."""

import shlex
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.explore import Clock, begun_at, chosen
from ivr.cli.files import must_exist
from ivr.cli.terminal import print_json, progress

if TYPE_CHECKING:
    from ivr.sim.fuzzer import Ride


def fuzz(
    center: Annotated[Path, Parameter(help="Folder of a center.")],
    /,
    *,
    dials: Annotated[
        tuple[str, ...],
        Parameter(help="A number to call; else one for each flow that is dialled.", show_default=False),
    ] = (),
    seeds: Annotated[int, Parameter(help="How many callers.")] = 100,
    first: Annotated[int, Parameter(help="The first seed.")] = 1,
    clock: Clock = None,
    json: Annotated[bool, Parameter(help="Print JSON.", show_default=False)] = False,
) -> int:
    """Let seeded callers press anything at any moment, and say what breaks.

    Each caller presses random keys, at random times and in the very milliseconds in which something comes due, and
    hangs up sometimes; the center's simulated agents are at work. A flow that meets an error, a call that
    does not end and a broken invariant are failures. Each is shown with as few acts as it needs, and with
    the command that repeats it.

    Exit code: 0 when nothing broke, 1 when something did.
    """
    must_exist(center)
    if seeds < 1:
        raise exit_codes.WrongUsage(f"--seeds {seeds}: at least one caller has to call")
    from ivr.language import load_center
    from ivr.sim.fuzzer import ride, shrunk

    loaded = begun_at(load_center(center), clock)
    numbers = chosen(dials, loaded.plan.numbers)
    told = 0
    found: dict[tuple[str, str], tuple[int, Ride]] = {}
    with progress("calling"):
        for number in numbers:
            for seed in range(first, first + seeds):
                made = ride(loaded, number, str(seed))
                told += made.facts
                if made.failure and (number, made.failure) not in found:
                    found[number, made.failure] = (seed, shrunk(loaded, number, str(seed), made))
    if json:
        print_json([_plain(number, seed, made) for (number, _), (seed, made) in found.items()], indent=2)
    else:
        for (number, _), (seed, made) in found.items():
            print(_text(center, number, seed, made, clock))
        calls = seeds * len(numbers)
        print(f"{calls} calls, {told} facts: {f'{len(found)} found' if found else 'nothing broke'}")
    return exit_codes.NO if found else exit_codes.OK


def _text(center: Path, number: str, seed: int, made: "Ride", clock: datetime | None) -> str:
    again = f"ivr fuzz {shlex.quote(str(center))} --dials {shlex.quote(number)} --first {seed} --seeds 1"
    if clock is not None:
        again += f" --clock {clock.isoformat()}"
    acts = [f"    {act}" for act in made.acts] or ["    the caller does nothing"]
    return "\n".join([f"{number}: {made.failure}", *acts, f"    again: {again}", ""])


def _plain(number: str, seed: int, made: "Ride") -> dict[str, Any]:
    acts = [{"at_ms": act.at, "does": act.key} for act in made.acts]
    return {"dials": number, "seed": seed, "failure": made.failure, "acts": acts}
