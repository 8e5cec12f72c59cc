"""How customers are treated, as metrics of a served center and as figures of a simulation."""

from dataclasses import replace
from typing import Any

import pytest

from ivr.core import facts
from ivr.core.plan import Plan
from ivr.core.time import DAY, HOUR, MINUTE
from ivr.core.treatment import EffortWeights, FunnelStep, Treatment
from ivr.observe.fan import Fan
from ivr.observe.journey import Totalling, effort_of, loyalty_of
from ivr.observe.metrics import Metrics
from ivr.sim.outcome import Outcome
from ivr.sim.replicate import Job, simulate
from tests.support import center_of
from tests.unit.test_observe_journeys import Tale
from tests.unit.test_sim_outcome import center

STEPS = (
    FunnelStep("said", "sales", "said", {"act": "accepts"}),
    FunnelStep("told", "automation", "message_sent"),
)


def plan(**parts: Any) -> Plan:
    return replace(center_of().plan, treatment=Treatment(**parts))


class Served(Tale):
    """The same facts told to the metrics of a center."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(assume_settled=True)
        self.metrics = Metrics(plan)
        self.fan = Fan()
        self.fan.add(self.metrics.handlers())

    def told(self, *told: facts.Fact) -> "Served":
        super().told(*told)
        for fact in told:
            self.fan.tell(fact)
        return self

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)


def test_each_contact_is_counted_with_the_effort_so_far_and_each_journey_when_it_is_over() -> None:
    served = Served(plan(funnel=STEPS))
    served.talk(0, ("", "accepts", "fibre", ""), ("anna", "refuses", "", ""))
    served.told(facts.MessageSent(MINUTE, 0, 1, "sms", "+4915100", "", "text"))
    served.talk(DAY)
    first, second = (effort_of(journey).index for journey in served.journeys * 2)
    assert served.value("ivr_contact_effort_ratio_count", channel="phone") == 2
    assert served.value("ivr_contact_effort_ratio_count", channel="sms") == 1
    assert first == second
    assert served.value("ivr_journeys_ended_total", resolved="later") == 0
    expected = loyalty_of(served.only, at=20 * DAY)
    served.talk(20 * DAY, caller="+2").talk(40 * DAY, caller="+3")
    assert served.value("ivr_journeys_ended_total", resolved="later") == 1
    assert served.value("ivr_journeys_ended_total", resolved="first") == 1
    assert served.value("ivr_journeys_ended_total", resolved="no") == 0
    both = expected.churn_12m + loyalty_of(served.journeys[1], at=40 * DAY).churn_12m
    assert served.value("ivr_journey_churn_ratio_sum") == pytest.approx(both, abs=1e-3)
    assert served.value("ivr_funnel_reached_total", step="said", who="sales") == 1
    assert served.value("ivr_funnel_reached_total", step="told", who="automation") == 1


def test_a_new_plan_weighs_from_now_on() -> None:
    served = Served(plan())
    served.talk(0, ("anna", "refuses", "", ""))
    before = served.value("ivr_contact_effort_ratio_sum", channel="phone")
    assert before == pytest.approx(effort_of(served.only).index / 100, abs=1e-3)
    served.metrics.adopt(plan(effort=EffortWeights(refusal=0, unresolved=0)))
    served.talk(MINUTE, ("anna", "refuses", "", ""), caller="+2")
    assert served.value("ivr_contact_effort_ratio_sum", channel="phone") == before


def test_totals_leave_out_the_warm_up_and_promises_that_are_not_due_yet() -> None:
    fold = Totalling(plan(), since=10)
    tale = Tale()
    tale.fold = fold._journeys
    tale.talk(0, caller="+1").talk(20, caller="+2")
    tale.talk(30, ("anna", "promises", "call", "2h"), ("anna", "settles", "", ""), caller="+3")
    tale.told(facts.MessageSent(40, 0, 1, "sms", "+4", "", "nobody asked for it"))
    totals = fold.close(MINUTE + 31)
    assert (totals.journeys, totals.resolved, totals.first, totals.effort) == (2, 2, 2, 0)
    assert totals.churn == pytest.approx(
        2 * loyalty_of(Tale().talk(0, ("anna", "settles", "", "")).only).churn_12m
    )


def test_a_simulation_follows_journeys_if_it_is_asked_to() -> None:
    made = center()
    job = Job.of(made, 4 * HOUR, HOUR)
    plain, followed = simulate(job, "1"), simulate(job._replace(journeys=True), "1")
    assert plain.treated is None
    unwatched = Outcome(made.plan, [replace(followed, treated=None)])
    assert unwatched.plain() == Outcome(made.plan, [plain]).plain(), "watching changes nothing"
    totals = followed.treated
    assert totals is not None
    assert totals.journeys == pytest.approx(followed.calls, abs=5), "each caller is a person of their own"
    assert 0 < totals.first <= totals.resolved < totals.journeys
    figures = Outcome(made.plan, [followed]).center
    assert figures["effort_index"] is not None
    assert figures["effort_index"].mean == totals.effort / totals.journeys
    assert Outcome(made.plan, [plain]).center["effort_index"] is None
