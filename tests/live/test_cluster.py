"""Replications on a real Dask scheduler with two workers, over TCP on loopback: the answers of one process."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from ivr.core.time import HOUR
from ivr.errors import OperatorError
from ivr.sim.replicate import Job, cluster, replicate
from tests.unit.test_sim_staffing import center

pytest.importorskip("distributed", reason="needs the extra `cluster`")


@contextlib.contextmanager
def process(*typed: str) -> Iterator[subprocess.Popen[str]]:
    made = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + typed[0], *typed[1:]],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield made
    finally:
        made.terminate()
        made.wait(20)
        if made.stderr is not None:
            made.stderr.close()


def said(made: subprocess.Popen[str], pattern: str) -> str:
    """What a process says of itself on stderr; it ends if it says nothing of the kind."""
    assert made.stderr is not None
    for line in made.stderr:
        if found := re.search(pattern, line):
            return found[1]
    raise AssertionError(f"nothing like {pattern!r} was said")


@contextlib.contextmanager
def dask() -> Iterator[str]:
    """A scheduler and two workers; its address."""
    with process(
        "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"
    ) as scheduler:
        address = said(scheduler, r"(tcp://127\.0\.0\.1:\d+)")
        options = (
            "--host",
            "127.0.0.1",
            "--nthreads",
            "1",
            "--no-nanny",
            "--no-dashboard",
            "--death-timeout",
            "60",
        )
        with (
            process("dask_worker", address, *options) as one,
            process("dask_worker", address, *options) as two,
        ):
            for worker in (one, two):
                said(worker, r"(Registered)")
            yield address


def test_a_cluster_gives_what_one_process_gives() -> None:
    job = Job.of(center(), 3 * HOUR)
    alone = replicate(job, "7", range(1, 7))
    with dask() as address, cluster(address) as executor:
        together = replicate(job, "7", range(1, 7), executor)
    assert [sheet.total().outcomes for sheet in together] == [sheet.total().outcomes for sheet in alone]
    assert [sheet.total().waits for sheet in together] == [sheet.total().waits for sheet in alone]
    assert [sheet.busy for sheet in together] == [sheet.busy for sheet in alone]


def test_no_scheduler_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OperatorError, match="no Dask scheduler answers"), cluster("127.0.0.1:1", 0.5):
        pass
