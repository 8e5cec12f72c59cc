"""`robot-call`: every fact of the true story happens, and the improved company settles the matter in one contact."""

import functools
from pathlib import Path

import pytest

from ivr.core import facts
from ivr.language import load_center
from ivr.language.beside import load_story
from ivr.story import Told, play
from ivr.story.card import card_of

FOLDER = Path(__file__).parents[2] / "flows" / "stories" / "robot-call"
PHONE = "+380670000001"


@functools.cache
def told(version: str = "as-told", language: str = "en") -> Told:
    return play(load_story(FOLDER / "story.yaml"), load_center(FOLDER / version), language)


def call(one: Told, number: str = PHONE) -> int:
    """The call of the story with this number."""
    found = [fact.call for fact in one.facts if isinstance(fact, facts.CallStarted) and fact.caller == number]
    assert len(found) == 1
    return found[0]


def said(one: Told, number: str = PHONE) -> list[tuple[str, str, str, str]]:
    mine = call(one, number)
    return [
        (fact.by, fact.act, fact.about, fact.detail)
        for fact in one.facts
        if isinstance(fact, facts.Said) and fact.call == mine
    ]


def test_fact_1_the_provider_calls_with_the_number_withheld_and_a_robot_says_who_and_why() -> None:
    one = told()
    dial = next(fact for fact in one.facts if isinstance(fact, facts.DialStarted) and fact.number == PHONE)
    assert dial.caller_id == ""
    heard = [fact for fact in one.facts if isinstance(fact, facts.PromptHeard) and fact.call == dial.call]
    assert "Merezha" in heard[0].text
    assert "debt" in heard[0].text


def test_fact_2_music_for_four_minutes_and_fifteen_seconds_and_an_agent_who_knows_nothing() -> None:
    one = told()
    waited = next(fact for fact in one.facts if isinstance(fact, facts.QueueLeft) and fact.call == call(one))
    assert (waited.outcome, waited.waited_ms) == ("answered", 255_000)
    assert said(one)[0] == ("olena", "asks", "wish", "")
    assert card_of(one).waited_ms == 255_000


def test_fact_3_no_cancelling_with_a_debt_of_30_then_30_percent_then_50_then_the_office() -> None:
    one = told()
    assert said(one) == [
        ("olena", "asks", "wish", ""),
        ("", "wants", "why-the-wait", ""),
        ("olena", "unknown", "why-the-wait", ""),
        ("", "wants", "cancel", ""),
        ("olena", "refuses", "cancel", ""),
        ("", "wants", "pay-and-cancel", ""),
        ("olena", "offers", "discount-30", "30 %"),
        ("", "declines", "discount-30", "not_for_me"),
        ("olena", "offers", "discount-50", "50 %"),
        ("", "declines", "discount-50", "not_for_me"),
        ("olena", "refers", "office", ""),
        ("", "wants", "court", ""),
        ("olena", "unknown", "court", ""),
        ("", "says", "court", ""),
    ]
    refusal = next(fact for fact in one.facts if isinstance(fact, facts.Said) and fact.act == "refuses")
    assert "30" in refusal.text
    asked = [fact.at for fact in one.facts if isinstance(fact, facts.Said) and fact.about == "cancel"]
    assert asked[1] - asked[0] < 5_000, "at once"


def test_fact_3_it_ends_with_nothing() -> None:
    card = card_of(told())
    assert told().settled_at is None
    assert (card.resolved, card.contacts, card.offers_unfitting, card.cold_referrals) == (False, 1, 2, 1)


def test_fact_4_who_has_had_no_internet_for_half_a_month_is_told_to_pay_or_be_disconnected() -> None:
    one = told()
    assert said(one, "+380670000002")[-1] == ("olena", "refuses", "compensation", "")
    last = [fact.text for fact in one.facts if isinstance(fact, facts.Said)][-1]
    assert "disconnect" in last


def test_improved_it_is_settled_in_one_contact_without_waiting() -> None:
    one = told("improved")
    card = card_of(one)
    assert (card.resolved_on, card.contacts, card.waited_ms, card.refusals) == (1, 1, 0, ())
    assert card.effort.index < 5
    assert card_of(told()).effort.index > 50
    assert card.loyalty.churn_12m < card_of(told()).loyalty.churn_12m
    customers = [fact for fact in one.facts if isinstance(fact, facts.WorldChanged)]
    assert any(fact.changes == {"active": False} for fact in customers)
    assert ("ihor", "settles", "outage", "") in said(one, "+380670000002")


@pytest.mark.parametrize("version", ["as-told", "improved"])
@pytest.mark.parametrize("language", ["ru", "uk"])
def test_it_goes_the_same_way_in_every_language(version: str, language: str) -> None:
    assert said(told(version, language)) == said(told(version, "en"))
    texts = [
        fact.text for fact in told(version, language).facts if isinstance(fact, facts.Said) and fact.text
    ]
    assert texts
    assert not any(text.isascii() for text in texts)
