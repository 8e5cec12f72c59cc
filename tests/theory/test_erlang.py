"""The engine against exact values of queueing theory, by z-score over seeds.

The values are those of M/M/c (Erlang C) and M/M/c+M (Erlang A): closed form, and integrals of the
offered-wait density that agree with the birth-death chain to 2e-9. Times in seconds.
"""

from dataclasses import dataclass
from statistics import mean, stdev

import pytest

from ivr.core.facts import CallQueued, Fact, QueueLeft
from ivr.core.law import exponential, fixed
from ivr.core.time import SECOND
from ivr.language import load_sources
from ivr.people import AgentScript, CallerKind, Script
from ivr.sim import House

SEEDS = 10
CALLS = 4_000
WARM_UP = 400  # calls that meet an emptier center than the later ones
Z_MAX = 4.0

FLOW = """
flow: straight
start: queue
states:
  queue:
    - queue: line
    - hangup
"""


@dataclass(frozen=True)
class Case:
    """A model: arrivals a second, mean handle time, agents, mean patience (None: endless), exact values."""

    rate: float
    handle: float
    agents: int
    patience: float | None
    exact: dict[str, float]


CASES = [
    Case(1 / 90, 180, 5, None, {"p_wait": 0.0597014925373, "asa": 3.58208955224, "sl20": 0.957222011309}),
    Case(1 / 18, 180, 14, None, {"p_wait": 0.174131933595, "asa": 7.83593701178, "sl20": 0.888350019179}),
    Case(1 / 90, 180, 1, 60, {"p_wait": 0.770266743284, "p_abandon": 0.614866628358, "asa": 21.2700888412, "sl20": 0.275022557771}),
    Case(1 / 90, 180, 3, 60, {"p_wait": 0.274886064229, "p_abandon": 0.152602542194, "asa": 5.01460013377, "sl20": 0.776627393995}),
    Case(1 / 18, 180, 9, 120, {"p_wait": 0.61330713325, "p_abandon": 0.192156038013, "asa": 20.9426529142, "sl20": 0.52406605919}),
    Case(1 / 18, 180, 14, 120, {"p_wait": 0.12697634008, "p_abandon": 0.0228392865318, "asa": 2.34537523415, "sl20": 0.932729580698}),
]  # fmt: skip


def simulate(case: Case, seed: str) -> dict[str, float]:
    """One run of a center that is nothing but the queue of the model."""
    agents = "".join(f"  a{number}: {{ queues: [line] }}\n" for number in range(case.agents))
    center = load_sources(
        {
            "center.yaml": f"center: Theory\nnumbers: {{ in: straight }}\nqueues: {{ line: {{}} }}\nagents:\n{agents}",
            "straight.flow.yaml": FLOW,
        }
    )
    patience = fixed(10**9) if case.patience is None else exponential(case.patience * SECOND)
    script = Script(
        {name: AgentScript(talks=exponential(case.handle * SECOND)) for name in center.plan.agents},
        (CallerKind("caller", "in", patience=patience),),
        SECOND / case.rate,
    )
    told: list[Fact] = []
    House(center, seed, told.append, script=script).run(calls=CALLS)
    queued = [fact for fact in told if isinstance(fact, CallQueued)]
    left = {fact.call: fact for fact in told if isinstance(fact, QueueLeft)}
    assert len(queued) == len(left) == CALLS, "offered = outcomes + waiting"
    counted = [left[fact.call] for fact in queued[WARM_UP:]]
    answered = [fact.waited_ms / SECOND for fact in counted if fact.outcome == "answered"]
    return {
        "p_wait": mean(fact.waited_ms > 0 for fact in counted),
        "p_abandon": 1 - len(answered) / len(counted),
        "asa": mean(answered),
        "sl20": sum(wait <= 20 for wait in answered) / len(counted),
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.agents} agents, patience {case.patience}")
def test_waits_are_those_of_the_model(case: Case) -> None:
    runs = [simulate(case, f"theory {seed}") for seed in range(SEEDS)]
    for name, exact in case.exact.items():
        values = [run[name] for run in runs]
        z = (mean(values) - exact) / (stdev(values) / SEEDS**0.5)
        assert abs(z) < Z_MAX, f"{name}: {mean(values):.4f} against {exact:.4f}, z = {z:.1f}"
