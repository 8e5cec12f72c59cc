"""Several classes of callers against exact values, by z-score over seeds: priorities, pools with skills, redials.

priority_mmc     Cobham (1954), M/M/c with three classes, non-preemptive
priority_mmc_m   two classes with patience: the stationary chain of (busy, queue 1, queue 2)
n_routing        two pools, one serves both classes: the stationary chain
redial           Erlang A with an orbit of those who call again: the stationary chain
Times in seconds.
"""

from dataclasses import dataclass
from statistics import mean, stdev

import pytest

from ivr.core.facts import CallEnded, CallQueued, CallStarted, Fact, QueueLeft
from ivr.core.law import exponential, fixed
from ivr.core.time import SECOND
from ivr.language import load_sources
from ivr.people import AgentScript, CallerKind, Script
from ivr.sim import House

SEEDS = 10
CALLS = 6_000
WARM_UP = 600
Z_MAX = 4.0

FLOW = """
flow: class{n}
start: queue
states:
  queue:
    - queue: {queue}
      priority: {priority}
    - hangup
"""


@dataclass(frozen=True)
class Model:
    """Rates by class (a second), mean handle time, patience (None: endless), the center, the exact values."""

    rates: tuple[float, ...]
    handle: float
    patience: tuple[float, ...] | None
    center: str
    exact: dict[str, float]
    queues: tuple[str, ...] = ("line", "line", "line")
    priorities: tuple[int, ...] = (3, 2, 1)
    redials: tuple[float, float] | None = None


def agents(count: int, name: str = "a", what: str = "queues: [line]") -> str:
    return "".join(f"  {name}{number}: {{ {what} }}\n" for number in range(count))


MODELS = {
    "three classes by priority": Model(
        (0.011111111111111112, 0.022222222222222223, 0.016666666666666666),
        180,
        None,
        f"queues: {{ line: {{}} }}\nagents:\n{agents(10)}",
        {"wait_1": 15.0464592924, "wait_2": 37.6161482311, "wait_3": 300.929185848},
    ),
    "two classes by priority, with patience": Model(
        (0.022222222222222223, 0.03333333333333333),
        180,
        (120, 120),
        f"queues: {{ line: {{}} }}\nagents:\n{agents(10)}",
        {
            "wait_1": 10.3440933432,
            "wait_2": 20.5967030265,
            "abandon_1": 0.0862007778604,
            "abandon_2": 0.171639191887,
        },
    ),
    "two pools, one serves both classes": Model(
        (0.05, 0.04),
        120,
        (90, 120),
        "queues: { one: { levels: [0s] }, two: { weight: 1 } }\nagents:\n"
        + agents(6, "a", "queues: [one]")
        + agents(6, "b", "queues: [one, two], levels: { one: 2 }"),
        {
            "wait_1": 6.15598050025,
            "wait_2": 16.9211910167,
            "abandon_1": 0.0683997833361,
            "abandon_2": 0.141009925139,
        },
        queues=("one", "two"),
        priorities=(0, 0),
    ),
    "those who abandon call again": Model(
        (0.05444444444444444,),
        180,
        (60,),
        f"queues: {{ line: {{}} }}\nagents:\n{agents(9)}",
        {"attempts": 1.16588643141, "abandon_1": 0.284567050337, "wait_1": 17.0740230202},
        priorities=(0,),
        redials=(0.5, 300),
    ),
}


def simulate(model: Model, seed: str) -> dict[str, float]:
    """One run: mean wait and share of abandons of each class, and attempts of each caller."""
    numbers = ", ".join(f"n{n}: class{n}" for n in range(1, len(model.rates) + 1))
    files = {"center.yaml": f"center: Theory\nnumbers: {{ {numbers} }}\n{model.center}"}
    for n, priority in enumerate(model.priorities[: len(model.rates)], 1):
        files[f"class{n}.flow.yaml"] = FLOW.format(n=n, queue=model.queues[n - 1], priority=priority)
    center = load_sources(files)
    again, after = model.redials or (0.0, 1)
    kinds = tuple(
        CallerKind(
            f"class {n}",
            f"n{n}",
            share=rate,
            patience=fixed(10**9) if model.patience is None else exponential(model.patience[n - 1] * SECOND),
            redials=again,
            redials_after=exponential(after * SECOND),
        )
        for n, rate in enumerate(model.rates, 1)
    )
    script = Script(
        {name: AgentScript(talks=exponential(model.handle * SECOND)) for name in center.plan.agents},
        kinds,
        SECOND / sum(model.rates),
    )
    told: list[Fact] = []
    House(center, seed, told.append, script=script).run(calls=CALLS)
    return measured(model, told)


def measured(model: Model, told: list[Fact]) -> dict[str, float]:
    """Without the first callers, who meet an emptier center, and those after the last new one."""
    started = [fact for fact in told if isinstance(fact, CallStarted)]
    numbers = {fact.call: fact.number for fact in started}
    first = [fact for fact in started if "-" not in fact.line.removeprefix("s-")]
    begin, end = first[WARM_UP].at, first[-1].at
    queued = {fact.call: fact.at for fact in told if isinstance(fact, CallQueued)}
    left = [fact for fact in told if isinstance(fact, QueueLeft) and begin <= queued[fact.call] < end]
    assert len(queued) == sum(isinstance(fact, CallEnded) for fact in told), "everybody queued, and has left"
    found: dict[str, float] = {}
    for n in range(1, len(model.rates) + 1):
        mine = [fact for fact in left if numbers[fact.call] == f"n{n}"]
        found[f"wait_{n}"] = mean(fact.waited_ms for fact in mine) / SECOND
        found[f"abandon_{n}"] = mean(fact.outcome != "answered" for fact in mine)
    found["attempts"] = len(left) / sum(begin <= fact.at < end for fact in first)
    return found


def z_of(values: list[float], exact: float) -> float:
    return float((mean(values) - exact) / (stdev(values) / len(values) ** 0.5))


@pytest.mark.parametrize("name", MODELS)
def test_waits_of_each_class_are_those_of_the_model(name: str) -> None:
    model = MODELS[name]
    runs = [simulate(model, f"theory {seed}") for seed in range(SEEDS)]
    for value, exact in model.exact.items():
        values = [run[value] for run in runs]
        z = z_of(values, exact)
        assert abs(z) < Z_MAX, f"{value}: {mean(values):.4f} against {exact:.4f}, z = {z:.1f}"


def test_the_check_can_fail() -> None:
    """A twentieth off is seen: fewer agents would not pass for more."""
    model = MODELS["two classes by priority, with patience"]
    values = [simulate(model, f"theory {seed}")["abandon_2"] for seed in range(SEEDS)]
    off = [abs(z_of(values, model.exact["abandon_2"] * factor)) for factor in (1.0, 1.1, 0.9)]
    assert off[0] < Z_MAX < min(off[1:])
