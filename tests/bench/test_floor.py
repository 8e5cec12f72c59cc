"""Where the time of a call goes on workload A, layer by layer beside SimPy: why twice its speed is out of reach (ADR 8).

Times depend on what else the machine does. How many bytecodes and calls of functions a call takes does not.
"""

import sys
import time
from collections.abc import Callable
from statistics import median
from types import FrameType
from typing import Any, NamedTuple

import pytest

from ivr.core.chance import Stream
from ivr.core.facts import Fact
from ivr.core.law import exponential
from tests.bench import workload_a
from tests.bench.workload_b import Books

CALLS, COUNTED = 10_000, 1_000
ROUNDS = 5


class Work(NamedTuple):
    """What the interpreter does for a call."""

    bytecodes: float
    functions: float


def counted(run: Callable[[int], object]) -> Work:
    """Bytecodes and functions of Python a call, the same on every machine with this interpreter."""
    found = [0, 0]

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        found[0] += event == "opcode"
        found[1] += event == "call"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run(COUNTED)
    finally:
        sys.settrace(before)
    return Work(found[0] / COUNTED, found[1] / COUNTED)


def drop(_: Fact) -> None:
    """Nobody wants it."""


def draws(calls: int) -> float:
    """What no simulation of this queue can do without: when callers come, how patient they are, how long they talk."""
    started = time.process_time()
    for name, mean in (
        ("arrival", workload_a.GAP_MS), ("patience", workload_a.PATIENCE_MS), ("talk", workload_a.TALK_MS),
    ):  # fmt: skip
        unit, draw = Stream(workload_a.SEED, f"caller/{name}").unit, exponential(mean).draw
        for ordinal in range(calls):
            draw(unit(ordinal))
    return (time.process_time() - started) / calls * 1e6


def remaking(told: list[Fact], calls: int) -> float:
    """The making of the facts alone, with their values at hand: us a call."""
    values = [(type(fact), tuple(getattr(fact, name) for name in fact.__struct_fields__)) for fact in told]
    started = time.process_time()
    for kind, fields in values:
        kind(*fields)
    return (time.process_time() - started) / calls * 1e6


@pytest.mark.bench
def test_where_the_time_of_a_call_goes() -> None:
    made = workload_a.center()
    told: list[Fact] = []
    workload_a.in_engine(CALLS, made, told.append)
    layers: dict[str, Callable[[int], float]] = {
        "the draws alone": draws,
        "the facts alone": lambda calls: remaking(told, CALLS),
        "SimPy as documented": lambda calls: workload_a.in_simpy(calls).us,
        "engine and people, facts dropped": lambda calls: workload_a.in_engine(calls, made, drop),
        "facts told, counted": lambda calls: workload_a.ours(calls, made).us,
        "facts folded: records, metrics": lambda calls: workload_a.ours(calls, made, Books(made)).us,
    }
    times: dict[str, list[float]] = {name: [] for name in layers}
    for _ in range(ROUNDS):
        for name, run in layers.items():
            times[name].append(run(CALLS))
    works = {name: counted(run) for name, run in layers.items() if name != "the facts alone"}
    print(f"\nworkload A, a call: {len(told) / CALLS:.1f} facts; median and least of {ROUNDS} rounds")
    for name, found in times.items():
        work = works.get(name)
        more = "" if work is None else f"{work.bytecodes:8.0f} bytecodes {work.functions:5.0f} functions"
        print(f"  {name:34}{median(found):6.1f} us ({min(found):5.1f}) {more}")
    theirs, bare = works["SimPy as documented"], works["engine and people, facts dropped"]
    print(
        f"  without any fact the engine takes x {bare.bytecodes / theirs.bytecodes:.2f} of SimPy's bytecodes"
    )
    assert bare.bytecodes > theirs.bytecodes, "or ADR 8 is to be written anew"
