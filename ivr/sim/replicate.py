"""Replications: the same center with other seeds, on any executor, with the same answers however they are spread.

A job is plain data (the files' texts and a few numbers), what comes back is a `Sheet`; so it goes to other processes and
machines. Replication `r` of seed `s` draws from `s/r`, whatever the center: two centers are called by the same people.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from multiprocessing import get_context
from typing import Any, NamedTuple

from ivr.core.calendar import Calendar
from ivr.core.time import Ms
from ivr.errors import OperatorError
from ivr.language import Center, load_sources
from ivr.observe.fan import joined
from ivr.observe.journey import Totalling
from ivr.people.casting import cast_script
from ivr.sim.house import House, epoch_of
from ivr.sim.intervals import Intervals
from ivr.sim.ledger import Ledger, Sheet
from ivr.sim.staffing import Staff, staffed
from ivr.world import figures


class Job(NamedTuple):
    """A center to be simulated: its sources by name, how long, after which warm-up, in intervals of which length.

    `epoch_ms` is instant 0 in ms since 1970 UTC, None where the files say it. With `staff`, agents like one
    of the center are there in numbers of their own. With `journeys` the contacts of each customer are followed.
    """

    sources: tuple[tuple[str, str], ...]
    for_ms: Ms
    warm_up_ms: Ms = 0
    interval_ms: Ms = 1_800_000
    epoch_ms: int | None = None
    staff: Staff | None = None
    journeys: bool = False

    @classmethod
    def of(cls, center: Center, for_ms: Ms, warm_up_ms: Ms = 0, interval_ms: Ms = 1_800_000) -> "Job":
        """The job of a center that was loaded."""
        sources = tuple(sorted(center.sources.items()))
        return cls(sources, for_ms, warm_up_ms, interval_ms, epoch_of(center))

    def intervals(self, center: Center) -> Intervals:
        """The intervals of its runs; `center` is the one that it was made of."""
        epoch_ms = epoch_of(center) if self.epoch_ms is None else self.epoch_ms
        calendar = Calendar(epoch_ms, center.plan.timezone)
        return Intervals(self.interval_ms, calendar, self.warm_up_ms, self.warm_up_ms + self.for_ms)


@contextmanager
def _settled() -> Iterator[None]:
    """What is there now stays: the garbage collector need not look through a center and its rows again and again."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def simulate(job: Job, seed: str) -> Sheet:
    """Run a center once.

    Raises:
        AssertionError: a visit or a call was lost: offered is not what ended and what waits.
    """
    center = _center(job.sources)
    script = cast_script(center)
    if job.staff is not None:
        center, script = staffed(center, script, job.staff)
    before_ms = job.intervals(center).before_ms
    ledger = Ledger(center.plan, job.interval_ms, job.warm_up_ms, before_ms)
    totalling = Totalling(center.plan, job.warm_up_ms) if job.journeys else None
    told = ledger.handlers()
    if totalling is not None:
        told = joined(told, totalling.handlers())
    until = job.warm_up_ms + job.for_ms
    house = House(center, seed, told, script=script, epoch_ms=job.epoch_ms)
    with _settled():
        house.run(until)
    sheet = ledger.close(until)
    sheet.company = figures(house.world)
    sheet.treated = totalling.close(until) if totalling is not None else None
    offered = sum(row.offered for row in sheet.rows.values())
    ended = sum(row.answered + row.abandoned + row.gone_on for row in sheet.rows.values())
    assert sheet.calls == sum(sheet.flow.values()), f"{sheet.calls} calls, {sheet.flow}"
    assert offered == ended + sheet.waiting, f"{offered} offered, {ended} ended, {sheet.waiting} wait"
    return sheet


@lru_cache(maxsize=4)
def _center(sources: tuple[tuple[str, str], ...]) -> Center:
    return load_sources(dict(sources))


def seed_of(seed: str, replication: int) -> str:
    """The seed of a replication, counted from 1."""
    return f"{seed}/{replication}"


def replicate(
    job: Job,
    seed: str,
    replications: Sequence[int],
    executor: Executor | None = None,
    done: Callable[[], object] = lambda: None,
) -> list[Sheet]:
    """Run replications, in this process without an executor; the sheets are in the order of the numbers.

    `done` is called after each, in any order.
    """
    if executor is None:
        found = []
        for number in replications:
            found.append(simulate(job, seed_of(seed, number)))
            done()
        return found
    futures: list[Future[Sheet]] = []
    for number in replications:
        future = executor.submit(simulate, job, seed_of(seed, number))
        future.add_done_callback(lambda _: done())
        futures.append(future)
    return [future.result() for future in futures]


@contextmanager
def processes(jobs: int) -> Iterator[Executor | None]:
    """A pool of so many processes; None, which is this one, where one is enough.

    They are spawned: forking a process that has threads is not safe.
    """
    if jobs < 2:
        yield None
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield pool


@contextmanager
def cluster(address: str, patience_s: float = 5.0) -> Iterator[Executor]:
    """A Dask scheduler at `host:port`, waited for so long; its workers need ivr too.

    Raises:
        OperatorError: there is none, or the extra `cluster` is not installed.
    """
    try:
        import distributed
    except ImportError:
        raise OperatorError("--cluster needs Dask: install ivr with the extra `cluster`") from None
    start: Any = distributed.Client  # it has no types
    try:
        client = start(address, timeout=patience_s, set_as_default=False)
    except (OSError, ValueError) as fault:
        raise OperatorError(f"no Dask scheduler answers at {address}: {str(fault)[:200]}") from None
    with client:
        yield client.get_executor(pure=False)
