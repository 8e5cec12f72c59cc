"""`ivr explore`: walk every call that callers, agents and the company could make of a center."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.files import must_exist, write_whole
from ivr.cli.terminal import print_json, progress
from ivr.limits import EXPLORE_DEPTH_MAX

if TYPE_CHECKING:
    from ivr.language import Center
    from ivr.sim.explorer import Exploration, Finding


Clock: TypeAlias = Annotated[
    datetime | None,
    Parameter(
        help="Local time at which calls begin, such as 2026-11-23T22:00; else the center's `starts`.",
        show_default=False,
    ),
]


def explore(
    center: Annotated[Path, Parameter(help="Folder of a center.")],
    /,
    *,
    dials: Annotated[
        tuple[str, ...],
        Parameter(help="A number to walk; else one for each flow that is dialled.", show_default=False),
    ] = (),
    depth: Annotated[int, Parameter(help="How many decisions deep.")] = 40,
    clock: Clock = None,
    write: Annotated[
        Path | None,
        Parameter(
            help="A new *.test.yaml in the center's folder: what was found, as tests.", show_default=False
        ),
    ] = None,
    json: Annotated[bool, Parameter(help="Print JSON.", show_default=False)] = False,
) -> int:
    """Walk every choice, silence, wrong key and answer, and say what a caller could run into.

    Found are faults of the flow, calls that go on for ever, callers without usable input who are never let
    go, and states from which no end or no person can be reached; each with the moves that lead there. Calls
    begin at the center's `starts`, or at `--clock`, without a caller's number, once with every agent there and once with none.

    `--write` makes a file of tests of it: each goes the same way, and fails until the flow is mended. What one
    call cannot show (no way to a person, no way out) has no test.

    Exit code: 0 when nothing was found, 1 when something was.
    """
    must_exist(center)
    if not 1 <= depth <= EXPLORE_DEPTH_MAX:
        raise exit_codes.WrongUsage(f"--depth {depth}: depths are 1 to {EXPLORE_DEPTH_MAX}")
    from ivr.language import load_center
    from ivr.sim.explorer import explore as walk

    loaded = begun_at(load_center(center), clock)
    if write is not None:
        _check_place(write, loaded)
    numbers = chosen(dials, loaded.plan.numbers)
    walked = []
    for number in numbers:
        with progress(f"walking {number}"):
            walked.append(walk(loaded, number, depth))
    told = [] if write is None else [_written(write, loaded, walked, clock)]
    if json:
        print_json([_plain(exploration) for exploration in walked], indent=2)
    else:
        print("\n\n".join([*map(_text, walked), *told]))
    return exit_codes.NO if any(exploration.findings for exploration in walked) else exit_codes.OK


def chosen(dials: tuple[str, ...], numbers: Mapping[str, str]) -> list[str]:
    """The numbers that were named; else one for each flow that is dialled."""
    if unknown := [number for number in dials if number not in numbers]:
        known = ", ".join(numbers)
        raise exit_codes.WrongUsage(f"--dials {unknown[0]}: there is no such number; there are {known}")
    if dials:
        return [*dials]
    first: dict[str, str] = {}
    for number, flow in numbers.items():
        first.setdefault(flow, number)
    return list(first.values())


def begun_at(center: "Center", clock: datetime | None) -> "Center":
    """The center with its calls at another local time, if one is given."""
    if clock is None:
        return center
    if clock.tzinfo is not None:
        raise exit_codes.WrongUsage("--clock is local time of the center: write it without a zone")
    return replace(center, starts=clock.replace(tzinfo=ZoneInfo(center.plan.timezone)))


def _check_place(file: Path, center: "Center") -> None:
    from ivr.language.trials import TRIAL_ENDING, center_of

    folder = center_of(file.resolve())
    if not file.name.endswith(TRIAL_ENDING):
        raise exit_codes.WrongUsage(f"--write {file}: tests are in files named *{TRIAL_ENDING}")
    if folder is None or center.folder is None or not folder.samefile(center.folder):
        raise exit_codes.WrongUsage(f"--write {file}: tests of this center are in its folder, or below")
    if not file.parent.is_dir():
        raise exit_codes.WrongUsage(f"--write {file}: there is no folder {file.parent}")
    if file.exists():
        raise exit_codes.WrongUsage(f"--write {file}: there is such a file; name another")


def _written(file: Path, center: "Center", walked: "list[Exploration]", clock: datetime | None) -> str:
    """Write the tests; what was written, in a line."""
    from ivr.cli.found_tests import failing_tests, text_of

    found = [(exploration.dials, finding) for exploration in walked for finding in exploration.findings]
    tests, without = failing_tests(center, found, clock)
    rest = f"; {without} of the findings cannot be shown by a test" if without else ""
    if not tests:
        return f"no test was written{rest}"
    write_whole(file, text_of(tests))
    return f"{len(tests)} {'test' if len(tests) == 1 else 'tests'} written to {file}{rest}"


def _text(walked: "Exploration") -> str:
    states = len(walked.visited) + len(walked.missed)
    lines = [f"{walked.dials}: {walked.moves} moves, {len(walked.visited)} of {states} states"]
    if not walked.complete:
        lines.append(
            "  not walked to the end, so circles and dead ends were not looked for; give a larger --depth"
        )
    lines += [f"  never reached: {flow} / {state}" for flow, state in walked.missed]
    for finding in walked.findings:
        lines += [f"  {finding.id}: {finding.flow} / {finding.state}: {finding.text}", *_way(finding)]
    return "\n".join([*lines, f"  {_count(len(walked.findings))}"])


def _way(finding: "Finding") -> list[str]:
    return [f"      {number}. {move.text}" for number, move in enumerate(finding.path, 1)]


def _count(found: int) -> str:
    return "nothing found" if not found else f"{found} found"


def _plain(walked: "Exploration") -> dict[str, Any]:
    return {
        "dials": walked.dials,
        "moves": walked.moves,
        "complete": walked.complete,
        "visited": sorted(map(list, walked.visited)),
        "missed": [list(place) for place in walked.missed],
        "findings": [
            {
                "id": finding.id,
                "flow": finding.flow,
                "state": finding.state,
                "text": finding.text,
                "path": [move.text for move in finding.path],
            }
            for finding in walked.findings
        ],
    }
