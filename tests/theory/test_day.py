"""A day whose rate changes every quarter of an hour, against exact values: Mt/M/c+M from Kolmogorov's equations.

12 agents, exponential handling of 300 s and patience of 120 s, the day begins empty. Expected numbers of those who gave up
in each interval, and of those who came in it and had to wait; by z-score over days.
"""

from datetime import time
from statistics import mean, stdev

from ivr.core.facts import CallQueued, Fact, QueueLeft
from ivr.core.law import exponential
from ivr.core.time import MINUTE, SECOND
from ivr.language import load_sources
from ivr.language.arrivals import ArrivalPlan, Day
from ivr.people import AgentScript, CallerKind, Script
from ivr.sim import House

CALLS = (5, 8, 14, 22, 30, 34, 36, 35, 33, 30, 27, 26, 27, 30, 33, 34, 33, 30, 26, 22, 18, 14, 10, 7)
ABANDONED = (
    2.83353e-08,
    1.34846e-05,
    0.0036801,
    0.178512,
    1.53527,
    3.48319,
    4.78166,
    4.56921,
    3.64497,
    2.43185,
    1.43372,
    1.048,
    1.16603,
    1.91809,
    3.12598,
    3.81823,
    3.53817,
    2.43043,
    1.23597,
    0.479952,
    0.132779,
    0.0222861,
    0.00174342,
    6.12089e-05,
)
DELAYED = (
    1.66567e-07,
    7.27765e-05,
    0.0180746,
    0.763448,
    5.66249,
    11.647,
    15.2103,
    14.4456,
    11.8038,
    8.1825,
    5.05514,
    3.84833,
    4.30398,
    6.83264,
    10.5552,
    12.4763,
    11.5626,
    8.1789,
    4.36605,
    1.79158,
    0.519579,
    0.0898819,
    0.00696408,
    0.000249456,
)
DAYS = 100
Z_MAX = 4.0
QUARTER = 15 * MINUTE


def day(seed: int) -> tuple[list[int], list[int]]:
    """Who gave up, and who had to wait, by quarter of an hour."""
    agents = "".join(f"  a{number}: {{ queues: [line] }}\n" for number in range(12))
    center = load_sources(
        {
            "center.yaml": f'center: Day\nnumbers: {{ "1": line }}\nqueues: {{ line: {{}} }}\nagents:\n{agents}',
            "line.flow.yaml": "flow: line\nstart: q\nstates: { q: [{ queue: line }, hangup] }\n",
        }
    )
    plan = center.plan
    kind = CallerKind("caller", "1", patience=exponential(120 * SECOND))
    agent = AgentScript(talks=exponential(300 * SECOND))
    arrivals = ArrivalPlan(per_ms=QUARTER, week={0: Day(time(0), tuple(map(float, CALLS)))})
    abandoned, delayed = [0] * len(CALLS), [0] * len(CALLS)
    joined: dict[int, int] = {}

    def tell(fact: Fact) -> None:
        if isinstance(fact, CallQueued):
            joined[fact.call] = fact.at
        elif isinstance(fact, QueueLeft):
            if "abandoned" in fact.outcome and fact.at < len(CALLS) * QUARTER:
                abandoned[fact.at // QUARTER] += 1
            if fact.waited_ms > 0:
                delayed[joined[fact.call] // QUARTER] += 1

    monday = 4 * 24 * 60 * MINUTE  # 1970-01-05
    script = Script(dict.fromkeys(plan.agents, agent), [kind], arrivals=arrivals)
    House(center, str(seed), tell, script=script, epoch_ms=monday).run(len(CALLS) * QUARTER)
    return abandoned, delayed


def test_each_quarter_of_an_hour_has_as_many_as_it_should() -> None:
    days = [day(seed) for seed in range(DAYS)]
    for which, exact in ((0, ABANDONED), (1, DELAYED)):
        for quarter in range(3, 20):
            counts = [one[which][quarter] for one in days]
            z = (mean(counts) - exact[quarter]) / (stdev(counts) / DAYS**0.5)
            assert abs(z) < Z_MAX, (which, quarter, z)
        totals = [sum(one[which]) for one in days]
        z = (mean(totals) - sum(exact)) / (stdev(totals) / DAYS**0.5)
        assert abs(z) < Z_MAX, (which, z)
