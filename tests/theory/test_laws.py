"""Laws other than the exponential, and a limit of lines, against exact values by z-score over seeds.

M/M/c+G       patience of any law: integrals of the offered wait (Baccelli and Hebuterne 1981)
M/M/c/K (+M)  at most K calls at once, talking or waiting: the birth-death chain; waits among those let in
M/D/c         talks that always take as long: the embedded chain
G             lognormal and fixed talks with exponential patience: a simulation of another kind, 400 runs of 200 000 calls, whose
              standard error is far below ours
49 Erlang (300 s each) unless said otherwise; times in seconds.
"""

from dataclasses import dataclass
from statistics import mean, stdev

import pytest

from ivr.core.facts import CallQueued, Fact, QueueLeft, QueueRefused
from ivr.core.law import Law, exponential, fixed, hyperexponential, lognormal, uniform, weibull
from ivr.core.time import SECOND
from ivr.language import load_sources
from ivr.people import AgentScript, CallerKind, Script
from ivr.sim import House

SEEDS = 8
CALLS = 5_000
WARM_UP = 500
Z_MAX = 4.0
RATE = 49 / 300
ENDLESS, USUAL = fixed(10**9), exponential(300 * SECOND)


@dataclass(frozen=True)
class Case:
    """A queue and its exact values; `lines` bounds those who talk or wait."""

    name: str
    agents: int
    exact: dict[str, float]
    patience: Law = ENDLESS
    talks: Law = USUAL
    lines: int | None = None
    rate: float = RATE


S = SECOND
HYPER = hyperexponential([(0.3, 10 * S), (0.7, 167.142857142857 * S)])
CASES = [
    Case("weibull 0.5", 45, {"p_wait": 0.385010769705, "p_abandon": 0.138499419319, "asa": 3.82172356505, "sl20": 0.804906058484}, weibull(120 * S, 0.5)),
    Case("weibull 2", 50, {"p_abandon": 0.0432181615824, "asa": 15.1383329486, "sl20": 0.670640242391}, weibull(120 * S, 2)),
    Case("hyperexponential", 45, {"p_abandon": 0.13169360715, "asa": 6.43238559531, "sl20": 0.761299700763}, HYPER),
    Case("uniform", 50, {"p_abandon": 0.0516245102927, "asa": 10.5605730981, "sl20": 0.746150154745}, uniform(0, 240 * S)),
    Case("fixed", 45, {"p_abandon": 0.0905497474315, "asa": 67.3659453909, "sl20": 0.159287954614}, fixed(120 * S)),
    Case("lines 50, patience", 45, {"p_block": 0.0662187631413, "p_abandon": 0.0647924082316, "sl20": 0.795799978349}, exponential(120 * S), lines=50),
    Case("lines 20", 9, {"p_block": 0.124836020031, "sl20": 0.166423366851}, talks=exponential(180 * S), lines=20, rate=1 / 18),
    Case("fixed talks", 10, {"wait_all": 103.374615107}, talks=fixed(300 * S), rate=0.03),
    Case("lognormal talks", 45, {"p_abandon": 0.119948, "asa": 13.667, "sl20": 0.631007}, exponential(120 * S), lognormal(300 * S, 1.5)),
    Case("fixed talks, patience", 45, {"p_abandon": 0.111476, "asa": 13.0125, "sl20": 0.634947}, exponential(120 * S), fixed(300 * S)),
]  # fmt: skip


def simulate(case: Case, seed: str) -> dict[str, float]:
    """One run of a center that is nothing but the queue of the model."""
    agents = "".join(f"  a{number}: {{ queues: [line] }}\n" for number in range(case.agents))
    length = "" if case.lines is None else f"max_length: {case.lines - case.agents}"
    center = load_sources(
        {
            "center.yaml": f"center: Theory\nnumbers: {{ in: q }}\nqueues: {{ line: {{ {length} }} }}\nagents:\n{agents}",
            "q.flow.yaml": "flow: q\nstart: s\nstates: { s: [{ queue: line, on: { full: z } }, hangup], z: [hangup] }\n",
        }
    )
    kind = CallerKind("caller", "in", patience=case.patience)
    script = Script(
        dict.fromkeys(center.plan.agents, AgentScript(talks=case.talks)), (kind,), SECOND / case.rate
    )
    came: list[CallQueued | QueueRefused] = []
    left: dict[int, QueueLeft] = {}

    def tell(fact: Fact) -> None:
        if isinstance(fact, CallQueued | QueueRefused):
            came.append(fact)
        elif isinstance(fact, QueueLeft):
            left[fact.call] = fact

    House(center, seed, tell, script=script).run(calls=CALLS)
    counted = came[WARM_UP:]
    admitted = [left[fact.call] for fact in counted if fact.call in left]
    answered = [fact.waited_ms / SECOND for fact in admitted if fact.outcome == "answered"]
    return {
        "p_block": 1 - len(admitted) / len(counted),
        "p_wait": mean(fact.waited_ms > 0 for fact in admitted),
        "p_abandon": 1 - len(answered) / len(admitted),
        "asa": mean(answered),
        "wait_all": mean(fact.waited_ms / SECOND for fact in admitted),
        "sl20": sum(wait <= 20 for wait in answered) / len(admitted),
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_waits_are_those_of_the_model(case: Case) -> None:
    runs = [simulate(case, f"law {seed}") for seed in range(SEEDS)]
    for name, exact in case.exact.items():
        values = [run[name] for run in runs]
        z = (mean(values) - exact) / (stdev(values) / SEEDS**0.5)
        assert abs(z) < Z_MAX, f"{name}: {mean(values):.4f} against {exact:.4f}, z = {z:.1f}"
