"""A center-year: 40 agents, 500 calls an hour, day and night, with a fault about every minute, under the auditor.

`python -m tests.fuzz.year --jobs 2` (`make year`) lives twelve months of 730 hours, each with settings of its own,
and prints how often each rare situation was met; one that was never met is a failure, because nothing was proved of it.
"""

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random

from ivr.core import events, facts
from ivr.core.facts import Fact
from ivr.core.law import exponential
from ivr.core.time import HOUR, MINUTE, SECOND, Instant
from ivr.observe.audit import PROBES, Audit
from ivr.people.script import AgentScript, CallerKind, Script
from ivr.sim import House
from tests.fuzz.center import center_for
from tests.fuzz.run import AGENTS, SOMETIMES, Mad, close, note_met

MONTHS = 12
HOURS = 730
CALLS_PER_HOUR = 500
SERVES = ("billing", "support, billing", "sales, support", "billing, sales")
OTHERS = tuple(f"agent-{number}" for number in range(1, 41 - len(AGENTS)))
EVERYBODY = (*AGENTS, *OTHERS)
NOT_HERE = {
    **dict.fromkeys(("queue left_empty", "queue blocked_empty"), "40 agents are never all gone"),
    **dict.fromkeys(("callback dropped", "dial given_up"), "only as a center closes, which twelve do"),
    **dict.fromkeys(
        ("limit type_ahead", "step ask skipped", "step run hung_up"), "of flows that few calls go through"
    ),
    "fact PlanChanged": "a year goes by one plan",
}
"""What only the fuzz campaign has to meet, which runs in every test run, and why."""


def script() -> Script:
    """People as they are: minutes of talk, a few missed rings, some patience; one call in six is not plain."""
    agent = AgentScript(
        exponential(4 * SECOND),
        exponential(200 * SECOND),
        exponential(20 * SECOND),
        misses=0.03,
        rejects=0.02,
        works=exponential(10 * MINUTE),
        no_shows=0.05,
    )
    plain = [("3", 40.0, "")]
    other = [("2", 2.0, "")]
    other += [
        ("1", 0.6, wants) for wants in ("wait", "russian", "warm", "outside", "offer", "number", "visit")
    ]
    kinds = [
        CallerKind(
            wants or number, number, share, wants, ("+1", "+2", ""), exponential(150 * SECOND), exponential(1_200),
            0.3, 0.4, 0.6, 0.05, redials=0.2, redials_after=exponential(5 * MINUTE),
        )
        for number, share, wants in (*plain, *other)
    ]  # fmt: skip
    return Script(dict.fromkeys(EVERYBODY, agent), kinds, HOUR / CALLS_PER_HOUR)


class Bad(Mad):
    """What goes wrong about once a minute; each time all is looked at, and who was sent away comes back before long."""

    def __init__(self, house: House, audit: Audit, month: int, until: Instant) -> None:
        super().__init__(house, Random(month), until, EVERYBODY, rest_ms=MINUTE)
        self.audit = audit

    def strike(self, _: object) -> None:
        self.audit.settled(self.house.engine.snapshot())
        super().strike(_)

    def come_back(self, _: object) -> None:
        driver, engine = self.house.driver, self.house.engine
        for name in EVERYBODY:
            state = engine.agent_state(name)
            if state == "signed_out":
                driver.post(events.AgentSignedIn(name))
            elif state in ("paused", "not_responding"):
                driver.post(events.AgentReady(name))
        if driver.now < self.until:
            driver.later(5 * MINUTE, self.come_back, None)


def live_month(month: int, hours: int = HOURS) -> Counter[str]:
    """Live a month, or so many hours of it; how often each situation was met.

    Raises:
        AssertionError: an invariant broke.
    """
    more = "".join(
        f"  {name}: {{ queues: [{SERVES[number % 4]}], skills: {{ sells: {number % 3}, russian: {number % 2} }} }}\n"
        for number, name in enumerate(OTHERS)
    )
    center = center_for(month, more=more, every="1h")
    audit = Audit(center.plan)
    met: Counter[str] = Counter()

    def tell(fact: Fact) -> None:
        audit.fact(fact)
        if type(fact) is facts.AgentMoved:
            return  # a third of all facts
        bad.fact(fact)
        note_met(met, fact)

    house = House(center, f"month {month}", tell, script=script())
    audit.attach(house.engine)
    bad = Bad(house, audit, month, hours * HOUR)
    house.driver.later(SECOND, bad.strike, None)
    house.driver.later(5 * MINUTE, bad.come_back, None)
    house.run(hours * HOUR)
    close(house, audit, EVERYBODY)
    met.update({f"audit: {probe}": count for probe, count in audit.probes.items()})
    return met


def never_met(met: Counter[str]) -> list[str]:
    """The rare situations of which a year has proved nothing."""
    wanted = (
        *(name for name in SOMETIMES if not (name.startswith("agent ") or name in NOT_HERE)),
        *(f"audit: {probe}" for probe in PROBES),
    )
    return [name for name in wanted if not met[name]]


def main() -> int:
    """Live the year in several processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--hours", type=int, default=HOURS, help="hours of each month")
    options = parser.parse_args()
    started = time.perf_counter()
    met: Counter[str] = Counter()
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        for month in pool.map(live_month, range(1, MONTHS + 1), [options.hours] * MONTHS):
            met.update(month)
    for name in sorted(met, key=lambda name: (name.startswith("audit"), name)):
        print(f"{met[name]:>9}  {name}")
    calls, hours = met["fact CallStarted"], MONTHS * options.hours
    print(f"{hours} hours, {calls} calls, {time.perf_counter() - started:.0f} s")
    for name in (missing := never_met(met)):
        print(f"NEVER met: {name}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
