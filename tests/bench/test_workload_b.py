"""Workload B through the real engine with records and metrics folded, beside tuned SimPy in the same run."""

from statistics import median

import pytest

from tests.bench.workload_b import Counts, center, in_simpy, ours

CALLS = 10_000
ROUNDS = 5
FLOOR = 0.25
"""The least share of SimPy's speed that is defended here; the aim is 1.0.

What it buys: SimPy's side moves 7 events a call and counts three numbers. Ours tells 22 facts a call,
keeps every state of every agent, and folds a record and all metrics. Of its CPU time about a quarter
goes into the folds, the rest into some 230 function calls a call of engine and people.
"""


@pytest.mark.bench
def test_the_engine_beside_simpy() -> None:
    made = center()
    rounds: list[tuple[Counts, Counts, Counts]] = [
        (ours(CALLS, made), ours(CALLS, made, folds=False), in_simpy(CALLS)) for _ in range(ROUNDS)
    ]
    for folded, bare, theirs in rounds:
        assert folded.result == bare.result == theirs.result, "the same draws give the same calls"
        assert folded.records == CALLS
    ratio = median(theirs.us / folded.us for folded, _, theirs in rounds)
    bare_ratio = median(theirs.us / bare.us for _, bare, theirs in rounds)
    first = rounds[0][0]
    print(f"\nworkload B, {CALLS} calls, median of {ROUNDS} rounds, CPU time a call")
    for name, side in (("engine, records, metrics", 0), ("engine alone", 1), ("SimPy, tuned", 2)):
        print(f"  {name:<26}{median(sides[side].us for sides in rounds):>8.1f} us")
    print(
        f"  against SimPy: {ratio:.2f} with records and metrics, {bare_ratio:.2f} without (aim 1.0, floor {FLOOR})"
    )
    print(
        f"  answered {first.answered}, abandoned {first.abandoned}, announcements {first.announcements}: equal"
    )
    assert ratio >= FLOOR
