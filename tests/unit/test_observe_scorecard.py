"""The effort index, the loyalty model, the funnel and the scorecard of a journey."""

from dataclasses import fields, replace
from math import exp, log
from typing import Any

import pytest

from ivr.core import facts
from ivr.core.time import DAY, HOUR, MINUTE
from ivr.core.treatment import EffortWeights, FunnelStep, LoyaltyParameters, Treatment
from ivr.observe.journey import (
    Contact,
    CustomerFacts,
    Heard,
    Journey,
    Met,
    Passing,
    Promise,
    effort_of,
    funnel_of,
    loyalty_of,
    scorecard,
)
from tests.unit.test_observe_journeys import ADA, Tale

SETTLED = Contact("phone", "in", 0, ended=MINUTE, people=(Met("anna"),), settled="said")


def journey(*contacts: Contact) -> Journey:
    return Journey(ADA, contacts=list(contacts), last=HOUR)


def one(**parts: Any) -> Journey:
    """A settled contact with these parts."""
    return journey(
        Contact("phone", "in", 0, ended=MINUTE, people=(Met("anna"),), **{"settled": "said", **parts})
    )


BROKEN = Promise("said", "call", "anna", 0, state="broken")
CAUSES = {
    "repeat_contact": (journey(SETTLED, SETTLED), 1),
    "channel_switch": (journey(Contact("site", "in", 0), SETTLED, Contact("sms", "out", 0)), 1),
    "transfer": (one(passings=(Passing("flow", "a", "blind", False), Passing("anna", "b", "warm", True))), 1),
    "cold_referral": (one(referrals=("office", "office")), 2),
    "datum_asked": (one(asked=("contract", "address")), 2),
    "datum_repeated": (one(asked=("contract", "contract", "contract")), 2),
    "waiting_minute": (one(waited_ms=90_000), 1.5),
    "hold_minute": (one(hold_ms=90_000), 1.5),
    "prompt_minute": (one(prompts_ms=30_000), 0.5),
    "key": (one(keys=7), 7),
    "miss": (one(misses=2), 2),
    "refusal": (one(refused=("price",)), 1),
    "unknown": (one(unknown=("leaflet",)), 1),
    "offer_unfitting": (
        one(offers=(Heard("a", "", "declined", "not_for_me"), Heard("b", "", "accepted"))),
        1,
    ),
    "offer_declined": (one(offers=(Heard("a", "", "declined", "too dear"), Heard("b", "", "unanswered"))), 1),
    "promise_broken": (one(promises=(BROKEN, Promise("said", "call", "anna", 0, state="kept"))), 1),
    "promise_late": (one(promises=(Promise("visit", "home", "", 0, state="late"),)), 1),
    "missed_contact": (
        journey(Contact("phone", "in", 0, ended=1, sought=True, ended_by="caller"), SETTLED),
        1,
    ),
    "hung_up_on": (one(said=True, ended_by="agent", settled=""), 1),
    "unresolved": (one(settled=""), 1),
}


@pytest.mark.parametrize("name", [field.name for field in fields(EffortWeights) if field.name != "scale"])
def test_each_cause_of_effort_counts_with_its_weight(name: str) -> None:
    found, count = CAUSES[name]
    (term,) = [term for term in effort_of(found).terms if term.name == name]
    assert (term.count, term.points) == (count, count * getattr(EffortWeights(), name))
    heavier = effort_of(found, replace(EffortWeights(), **{name: 100.0}))
    assert heavier.points - effort_of(found).points == pytest.approx(
        count * (100 - getattr(EffortWeights(), name))
    )


def test_a_matter_settled_at_once_is_no_effort() -> None:
    assert effort_of(journey(SETTLED)) == effort_of(journey(SETTLED), EffortWeights())
    assert (effort_of(journey(SETTLED)).index, effort_of(journey(SETTLED)).terms) == (0, ())


def test_the_index_is_the_published_formula_and_its_terms_add_up() -> None:
    found = effort_of(one(keys=10, hold_ms=5 * MINUTE, settled=""))
    assert [(term.name, term.points) for term in found.terms] == [
        ("hold_minute", 5.0),
        ("unresolved", 5.0),
        ("key", 1.0),
    ]
    assert found.points == 11
    assert found.index == pytest.approx(100 * (1 - exp(-11 / 25)))


def test_a_promise_that_is_overdue_is_broken_from_then_on() -> None:
    tale = Tale().talk(0, ("anna", "promises", "call", "2h"), ("anna", "settles", "", ""))
    assert effort_of(tale.only).index == 0
    assert [term.name for term in effort_of(tale.only, at=3 * HOUR).terms] == ["promise_broken"]


def test_an_offer_that_does_not_fit_is_not_declined_besides() -> None:
    found = effort_of(one(offers=(Heard("a", "", "declined", "not_for_me"),)))
    assert [term.name for term in found.terms] == ["offer_unfitting"]


# Loyalty ---------------------------------------------------------------------------------------------------------


def test_an_undisturbed_old_customer_leaves_at_the_base_rate() -> None:
    found = loyalty_of(journey(SETTLED), CustomerFacts(tenure_months=600))
    assert found.churn_30d == pytest.approx(0.012)
    assert found.churn_12m == pytest.approx(1 - 0.988**12)
    assert found.months == pytest.approx(-1 / log(0.988))
    assert (found.undisturbed_12m, found.causes) == (found.churn_12m, ())


def test_a_new_customer_leaves_sooner() -> None:
    new, old = (loyalty_of(journey(SETTLED), CustomerFacts(tenure)) for tenure in (0, 60))
    assert new.churn_30d == pytest.approx(1 - 0.988 ** (1 + exp(-0.5 / 12)))
    assert new.churn_12m > old.churn_12m
    assert new.months < old.months


@pytest.mark.parametrize(
    ("found", "cause", "ratio"),
    [
        (one(settled=""), "unresolved", 2.8),
        (one(promises=(BROKEN,)), "promises_broken", 1.8),
        (one(promises=(BROKEN,) * 9), "promises_broken", 1.8**3),
        (one(offers=(Heard("a", "", "declined", "not_for_me"),)), "offers_unfitting", 1.1),
        (one(said=True, ended_by="agent", settled=""), "hung_up_on", 1.5),
    ],
)
def test_each_cause_multiplies_the_hazard(found: Journey, cause: str, ratio: float) -> None:
    told = loyalty_of(found)
    assert {one.name: one.ratio for one in told.causes}[cause] == pytest.approx(ratio)
    assert told.churn_12m > told.undisturbed_12m
    assert told.months < loyalty_of(journey(SETTLED)).months


def test_what_happened_is_forgotten_by_halves() -> None:
    plain = LoyaltyParameters(early_factor=1.0, half_life_months=6.0)
    one_month = loyalty_of(one(keys=10_000), parameters=plain).churn_30d  # an index of 100
    assert one_month == pytest.approx(1 - 0.988 ** (3 ** (0.5 ** (0.5 / 6))))
    quick = replace(plain, half_life_months=0.01)
    assert loyalty_of(one(keys=10_000), parameters=quick).churn_12m == pytest.approx(1 - 0.988**12, rel=1e-3)


def test_the_months_to_stay_are_the_integral_of_the_formula() -> None:
    found = loyalty_of(one(settled=""), CustomerFacts(0, 20, 15))
    ratio = log(2.8) + log(3) * found_index() / 100
    left, months = 1.0, 0.0
    for month in range(3_000):
        early = 1 + exp(-(month + 0.5) / 12)
        hazard = -log(0.988) * early * exp(ratio * 0.5 ** ((month + 0.5) / 6)) * 2**0.5
        months += left * (1 - exp(-hazard)) / hazard
        left *= exp(-hazard)
    assert found.months == pytest.approx(months, rel=1e-5)


def found_index() -> float:
    return effort_of(one(settled="")).index


def test_a_cheaper_rival_does_not_fade_and_a_dearer_one_does_nothing() -> None:
    plain = LoyaltyParameters(early_factor=1.0)
    half = loyalty_of(journey(SETTLED), CustomerFacts(0, 20, 10), plain)
    assert half.churn_12m == pytest.approx(1 - 0.988**24)
    assert [(cause.name, cause.count, cause.ratio) for cause in half.causes] == [("rival_price", 0.5, 2.0)]
    for price, rival in ((20, 30), (0, 10), (None, 10), (20, None)):
        assert loyalty_of(journey(SETTLED), CustomerFacts(0, price, rival), plain).causes == ()


# The funnel ------------------------------------------------------------------------------------------------------

STEPS = (
    FunnelStep("agreed", "sales", "said", {"act": "accepts"}),
    FunnelStep("ordered", "sales", "work_ordered"),
    FunnelStep("account", "automation", "message_sent", {"channel": "sms"}),
    FunnelStep("assigned", "coordinator", "work_assigned"),
    FunnelStep("installed", "installer", "work_ended", {"result": "done"}),
)


def sold(tale: Tale, at: int, caller: str, order: int = 0, *, texted: bool = True, done: str = "") -> None:
    call = tale.rings(at, caller)
    tale.says(at, "", "accepts", "fibre")
    if order:
        tale.told(facts.WorkOrdered(at, order, call, "field", 0, 1, at, at + DAY, "Home"))
    tale.ends(at + MINUTE, "")
    if texted:
        tale.told(facts.MessageSent(at + MINUTE, 0, order, "sms", caller, "", "text"))
    if done:
        tale.told(facts.WorkAssigned(at + HOUR, order, "field", "boris", 0))
        tale.told(facts.WorkEnded(at + DAY, order, "field", done, "boris", 0, 0))


def test_the_funnel_names_the_weakest_link() -> None:
    tale = Tale(funnel=STEPS)
    tale.talk(0, caller="+0")
    sold(tale, 1, "+1", 1, done="done")
    sold(tale, 2, "+2", 2, done="no_show")
    sold(tale, 3, "+3", 3)
    sold(tale, 4, "+4", 4)
    sold(tale, 5, "+5")
    found = funnel_of(tale.journeys, STEPS)
    assert [(row.step.name, row.reached, row.lost) for row in found.rows] == [
        ("agreed", 5, 1),
        ("ordered", 4, 1),
        ("account", 4, 0),
        ("assigned", 2, 2),
        ("installed", 1, 1),
    ]
    assert found.weakest is not None
    assert (found.weakest.name, found.weakest.who) == ("assigned", "coordinator")


def test_of_one_journey_the_weakest_link_is_the_first_step_not_reached() -> None:
    tale = Tale(funnel=STEPS)
    sold(tale, 0, "+1", 1, texted=False, done="done")
    found = funnel_of(tale.journeys, STEPS)
    assert found.weakest == STEPS[2]
    assert [row.reached for row in found.rows] == [1, 1, 0, 0, 0]
    assert funnel_of([], STEPS).weakest is None


# All together ----------------------------------------------------------------------------------------------------


def test_a_scorecard_says_everything_of_a_journey() -> None:
    tale = Tale(funnel=STEPS)
    tale.rings(0)
    tale.ends(MINUTE, "")
    tale.talk(
        HOUR,
        ("anna", "asks", "contract", ""),
        ("anna", "unknown", "leaflet", ""),
        ("anna", "offers", "stay", "30%"),
        ("", "declines", "stay", "not_for_me"),
        ("anna", "refuses", "the price", ""),
        ("anna", "promises", "call", "2h"),
        ("anna", "refers", "office", ""),
        by="agent",
    )
    tale.told(facts.ContactMade(5 * HOUR, ADA, "office", "", "", "", ""))
    tale.talk(6 * HOUR, ("anna", "asks", "contract", ""), ("anna", "settles", "", ""))
    card = scorecard(tale.only, CustomerFacts(18, 25, 15), Treatment(funnel=STEPS), at=8 * HOUR)
    assert (card.customer, card.contacts, card.made, card.channels) == (ADA, 4, 4, {"phone": 3, "office": 1})
    assert (card.redials, card.cold_referrals, card.asked, card.asked_again) == (2, 1, {"contract": 2}, 1)
    assert (card.people, card.hung_up, card.hung_up_on, card.missed) == (
        ("anna",),
        {"caller": 2, "agent": 1},
        1,
        1,
    )
    assert (card.promises_kept, card.promises_late, card.promises_broken) == (0, 0, 1)
    assert (card.refusals, card.unknowns, card.offers_unfitting) == (("the price",), ("leaflet",), 1)
    assert (card.resolved, card.resolved_on, card.first_contact) == (True, 4, False)
    assert (card.talk_ms, card.lasted_ms) == (2 * MINUTE, 6 * HOUR + MINUTE)
    assert card.effort == effort_of(tale.only, at=8 * HOUR)
    assert card.loyalty == loyalty_of(tale.only, CustomerFacts(18, 25, 15), at=8 * HOUR)
    assert card.funnel is not None
    assert card.funnel.weakest == STEPS[0]


def test_the_weights_of_the_center_are_those_of_its_scorecards() -> None:
    tale = Tale().talk(0)
    treatment = Treatment(EffortWeights(unresolved=0.0), LoyaltyParameters(unresolved_ratio=1.0))
    card = scorecard(tale.only, treatment=treatment)
    assert (card.effort.index, card.loyalty.causes, card.funnel) == (0, (), None)
