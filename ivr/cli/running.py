"""What `ivr simulate` and its kin have in common: options, and running replications where one can watch."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.terminal import aside
from ivr.limits import REPLICATIONS_MAX, SIMULATED_MS_MAX

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from rich.progress import Progress

    from ivr.language import Center
    from ivr.sim.ledger import Sheet
    from ivr.sim.replicate import Job

For: TypeAlias = Annotated[str, Parameter(name="--for", help="How long, in virtual time: 8h, 30d.")]
Replications: TypeAlias = Annotated[
    int, Parameter(help="How many runs, each with other callers; 95 % intervals need two at least.")
]
Jobs: TypeAlias = Annotated[
    int | None, Parameter(help="Processes; else one for each core.", show_default=False)
]
Cluster: TypeAlias = Annotated[
    str | None,
    Parameter(help="Run on the workers of a Dask scheduler at HOST:PORT instead.", show_default=False),
]
WarmUp: TypeAlias = Annotated[
    str,
    Parameter(help="Not counted at the beginning: 1h, or auto (MSER-5 on the mean waits of the first run)."),
]
Seed: TypeAlias = Annotated[
    str, Parameter(help="Another seed, other callers; the same seed, the same answers.")
]


def duration(text: str, option: str) -> int:
    """A length of virtual time as it was typed.

    Raises:
        exit_codes.WrongUsage: it is none, or longer than what is simulated.
    """
    from ivr.core.time import parse_duration

    with suppress(ValueError):
        if (found := parse_duration(text)) <= SIMULATED_MS_MAX:
            return found
    days = SIMULATED_MS_MAX // 86_400_000
    raise exit_codes.WrongUsage(f"{option} {text[:40]!r}: write 30m, 8h or 30d, at most {days} days")


def day_interval(text: str) -> int:
    """The length of intervals that make up a day."""
    found = duration(text, "--interval")
    if not 60_000 <= found <= 86_400_000 or 86_400_000 % found:
        raise exit_codes.WrongUsage(f"--interval {text}: a day is whole intervals, such as 15m, 30m or 1h")
    return found


def checked(replications: int) -> int:
    """A number of replications that can be run."""
    if not 1 <= replications <= REPLICATIONS_MAX:
        raise exit_codes.WrongUsage(f"--replications {replications}: 1 to {REPLICATIONS_MAX}")
    return replications


def cores(jobs: int | None) -> int:
    """How many processes to use."""
    if jobs is not None and jobs < 1:
        raise exit_codes.WrongUsage(f"--jobs {jobs}: at least one process has to work")
    return jobs if jobs is not None else os.cpu_count() or 1


def job_of(center: "Center", length_ms: int, warm_up: str, interval_ms: int, seed: str) -> "Job":
    """The job of a center; with warm-up `auto` a first run says how long it takes."""
    from ivr.sim.replicate import Job, seed_of, simulate as run
    from ivr.sim.statistics import warm_up as mser_5

    if warm_up != "auto":
        return Job.of(center, length_ms, duration(warm_up, "--warm-up"), interval_ms)
    fine = max(60_000, length_ms // 500)
    sheet = run(Job.of(center, length_ms, 0, fine), seed_of(seed, 1))
    waits: dict[int, list[int]] = {}
    for (_, number), row in sheet.rows.items():
        found = waits.setdefault(number, [0, 0])
        found[0] += row.waited_ms
        found[1] += row.answered + row.abandoned + row.gone_on
    means = [waits[number][0] / waits[number][1] for number in sorted(waits) if waits[number][1]]
    return Job.of(center, length_ms, mser_5(means) * fine, interval_ms)


def somebody(center: "Center", path: Path) -> None:
    """Say what a stranger would wonder about: nobody calls, or nobody answers."""
    people = center.people
    if people is None or people.callers is None:
        raise exit_codes.WrongUsage(
            f"{path} has no simulated callers: add a people file with callers (`ivr new` writes one)"
        )
    if not center.plan.agents:
        aside("the center has no agents: everybody who asks for one will wait in vain")


def known_queue(queue: str | None, center: "Center", path: Path) -> None:
    """Refuse a queue that the center does not have."""
    if queue is not None and queue not in center.plan.queues:
        known = ", ".join(center.plan.queues)
        raise exit_codes.WrongUsage(f"--queue {queue[:40]}: {path} has no such queue; there are {known}")


class Runner:
    """Replications of one seed with a line on stderr that says how far they are; `most` is how many may be."""

    def __init__(
        self, seed: str, most: int, jobs: int, executor: "Executor | None", progress: "Progress"
    ) -> None:
        self._seed = seed
        self.most = most
        self.jobs = jobs
        self._executor = executor
        self._progress = progress

    def run(
        self, job: "Job", first: int = 1, last: int | None = None, what: str = "simulating"
    ) -> "list[Sheet]":
        """Run replications `first` to `last` (all)."""
        from ivr.sim.replicate import replicate

        numbers = range(first, (last or self.most) + 1)
        task = self._progress.add_task(what, total=len(numbers))
        done: Callable[[], object] = lambda: self._progress.advance(task)  # noqa: E731 - it is called, not kept
        return replicate(job, self._seed, numbers, self._executor, done)


@contextmanager
def running(
    seed: str, replications: int, jobs: int | None, cluster: str | None = None, *, shown: bool
) -> Iterator[Runner]:
    """Processes to run in, or a cluster, and where `shown` a bar on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from ivr.sim import replicate

    workers = min(cores(jobs), checked(replications))
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    hidden = not (shown and console.is_terminal)
    with (
        replicate.cluster(cluster) if cluster else replicate.processes(workers) as executor,
        Progress(*columns, console=console, transient=True, disable=hidden) as progress,
    ):
        yield Runner(seed, replications, workers, executor, progress)
