"""`ivr staff`: the least agents that reach a target in every interval."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.explore import Clock, begun_at
from ivr.cli.files import must_exist
from ivr.cli.running import (
    Cluster,
    For,
    Jobs,
    Replications,
    Runner,
    Seed,
    day_interval,
    duration,
    running,
    somebody,
)
from ivr.cli.staff_asked import Asked, kinds_of, target_of
from ivr.cli.terminal import aside, complain, print_json, span

if TYPE_CHECKING:
    from ivr.language import Center
    from ivr.sim.ledger import Sheet
    from ivr.sim.staff_search import Kind
    from ivr.sim.staffing import Need, Target


def staff(
    center: Annotated[Path, Parameter(help="Folder of a center.")],
    /,
    *,
    target: Annotated[
        tuple[str, ...],
        Parameter(
            help='What each interval is to reach: "sl >= 80%", "p_abandon <= 5%", "asa_s <= 30"; of one queue: '
            '"support.sl >= 80%". Several: all of them.',
        ),
    ] = ("sl >= 80%",),
    like: Annotated[
        tuple[str, ...],
        Parameter(
            help="Agents like this one are added; several: of each kind. NAME=1.3: an hour of theirs costs 1.3 times "
            "as much. Else one of each kind that there is.",
            show_default=False,
        ),
    ] = (),
    interval: Annotated[str, Parameter(help="Length of the intervals.")] = "30m",
    shrinkage: Annotated[
        str, Parameter(help="The share of paid time that is not at work, for the last column.")
    ] = "0%",
    for_: For = "1d",
    seed: Seed = "1",
    replications: Replications = 20,
    jobs: Jobs = None,
    cluster: Cluster = None,
    clock: Clock = None,
    json: Annotated[bool, Parameter(help="Print JSON.", show_default=False)] = False,
) -> int:
    """Find the least agents that reach a target in each interval, by simulating the center.

    `sl` is the service level "answered in T of offered", T being the queue's own `within`; `sl20` says that T is 20 s;
    other variants have their names, such as sl_of_answered. Without a queue a target is of all that the agents serve
    together. Counted are all runs; days of the same weekday together. Agents like those named are there as each interval
    needs, and finish the call they are in; others work as their files say. Of several kinds the least cost is looked for
    step by step: one agent less at any place is too few, but another mix may be cheaper.

    Exit code: 0; 1 when no number of agents reaches the target.
    """
    length_ms, interval_ms = duration(for_, "--for"), day_interval(interval)
    lost = _share(shrinkage)
    must_exist(center)
    from ivr.language import load_center

    loaded = begun_at(load_center(center), clock)
    somebody(loaded, center)
    kinds = kinds_of(like, loaded)
    targets = [target_of(text, loaded, kinds) for text in target]
    try:
        with running(seed, replications, jobs, cluster, shown=not json) as runner:
            kinds, found = _search(loaded, kinds, targets, length_ms, interval_ms, runner)
    except ValueError as fault:
        return complain(str(fault), exit_codes.NO, json_wanted=json)
    asked = Asked(kinds, targets, interval_ms, lost)
    if json:
        print_json([asked.plain(need) for need in found], indent=2)
    else:
        print("\n".join(asked.text(found, f"{replications} runs of {span(length_ms / 1_000)}")))
    return exit_codes.OK


def _search(
    center: "Center",
    kinds: "list[Kind]",
    targets: "list[Target]",
    length_ms: int,
    interval_ms: int,
    runner: Runner,
) -> "tuple[list[Kind], list[Need]]":
    """The kinds that matter, and what each interval needs of them."""
    from ivr.sim.replicate import Job
    from ivr.sim.staff_search import Search, first_guess
    from ivr.sim.staffing import Staff, by_slot, lived_days, needs

    job = Job.of(center, length_ms, 0, interval_ms)
    intervals = job.intervals(center)
    days = lived_days(0, length_ms, intervals.calendar, runner.most)
    present = by_slot(runner.run(job, what="the center as it is"), intervals)
    kinds = _wanted(kinds, {queue for (queue, _), row in present.items() if row.offered})

    def simulate(staff: Staff) -> "list[Sheet]":
        return runner.run(job._replace(staff=staff), what="another staffing")

    begin = first_guess(kinds, present, interval_ms, days)
    staffing, rows = Search(kinds, begin, targets, intervals, simulate).run()
    return kinds, needs(staffing, rows, targets, days)


def _wanted(kinds: "list[Kind]", joined: set[str]) -> "list[Kind]":
    """The kinds of whom there can be too few: a queue that nobody joins says nothing of its agents."""
    found = [kind for kind in kinds if joined.intersection(kind.queues)]
    if not found:
        raise ValueError("nobody joined a queue of these agents: there is nothing to staff for")
    if idle := [kind.like for kind in kinds if kind not in found]:
        aside(f"nobody joined a queue of {', '.join(idle)}: agents like that work as the files say")
    return found


def _share(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)%", text)
    if match is None or not float(match[1]) < 100:
        raise exit_codes.WrongUsage(f"--shrinkage {text[:40]!r}: write 30%")
    return float(match[1]) / 100
