"""`ivr compare`: two centers that the same people call."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.files import must_exist
from ivr.cli.running import (
    Cluster,
    For,
    Jobs,
    Replications,
    Seed,
    WarmUp,
    duration,
    job_of,
    known_queue,
    running,
    somebody,
)
from ivr.cli.simulate import FIGURES, cell
from ivr.cli.table import Column, laid_out
from ivr.cli.terminal import print_json, span

if TYPE_CHECKING:
    from ivr.sim.outcome import Outcome
    from ivr.sim.statistics import Interval


def compare(
    before: Annotated[Path, Parameter(help="Folder of a center.")],
    after: Annotated[Path, Parameter(help="Folder of another.")],
    /,
    *,
    for_: For = "1d",
    seed: Seed = "1",
    replications: Replications = 10,
    jobs: Jobs = None,
    cluster: Cluster = None,
    warm_up: WarmUp = "0s",
    queue: Annotated[
        str | None, Parameter(help="A queue of both; else the whole centers.", show_default=False)
    ] = None,
    json: Annotated[bool, Parameter(help="Print JSON.", show_default=False)] = False,
) -> int:
    """Let the same people call two centers, and say what differs.

    Run by run both have the same callers, at the same instants and as patient (common random numbers), if they have the
    same kinds of them. So differences show much sooner than between two simulations of their own;
    their 95 % intervals are those of paired runs, with a `*` where one leaves out 0.

    Exit code: 0.
    """
    for folder in (before, after):
        must_exist(folder)
    if replications < 2:
        raise exit_codes.WrongUsage(f"--replications {replications}: a difference needs two runs at least")
    length_ms = duration(for_, "--for")
    from ivr.language import load_center
    from ivr.sim.outcome import Outcome

    centers = [load_center(folder) for folder in (before, after)]
    for folder, center in zip((before, after), centers, strict=True):
        somebody(center, folder)
        known_queue(queue, center, folder)
    outcomes = []
    with running(seed, replications, jobs, cluster, shown=not json) as runner:
        for folder, center in zip((before, after), centers, strict=True):
            job = job_of(center, length_ms, warm_up, length_ms, seed)
            outcomes.append(Outcome(center.plan, runner.run(job, what=str(folder))))
    rows = _rows(outcomes[0], outcomes[1], queue)
    if json:
        print_json([_plain(row) for row in rows], indent=2)
    else:
        print(f"{replications} pairs of {span(length_ms / 1_000)}, in virtual time, with the same callers\n")
        print("\n".join(_table(rows, before.resolve().name, after.resolve().name)))
    return exit_codes.OK


Row = tuple[str, str, str, "Interval", "Interval", "Interval"]


def _rows(before: "Outcome", after: "Outcome", queue: str | None) -> list[Row]:
    from ivr.sim.statistics import difference, interval

    found: list[Row] = []
    for name, words, kind in FIGURES:
        try:
            one, other = before.figure(name, queue), after.figure(name, queue)
        except KeyError:
            continue  # a figure of queues, or of centers, or that a run does not have
        if any(one) or any(other):
            found.append((name, words, kind, interval(one), interval(other), difference(one, other)))
    return found


def _table(rows: list[Row], before: str, after: str) -> list[str]:
    shown = [
        [words, cell(one, kind), cell(other, kind), cell(change, kind, sign=True) + _mark(change)]
        for _, words, kind, one, other, change in rows
    ]
    names = (before, after) if before != after else ("before", "after")
    columns = [Column(""), *(Column(name, right=True) for name in (*names, "difference"))]
    return [
        *laid_out(columns, shown, shutil.get_terminal_size().columns),
        "",
        "means ± half a 95 % confidence interval; * where that of the difference leaves out 0",
    ]


def _mark(change: "Interval") -> str:
    return " *" if change.low > 0 or change.high < 0 else "  "


def _plain(row: Row) -> dict[str, Any]:
    name, _, _, before, after, change = row
    return {
        "figure": name,
        "before": before.mean,
        "after": after.mean,
        "difference": {"mean": change.mean, "low": change.low, "high": change.high},
    }
