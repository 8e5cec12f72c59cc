"""The story new-year-promo: every fact of what happened, and what the improved company does instead."""

from functools import cache
from pathlib import Path

import pytest

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.core.time import MINUTE, SECOND
from ivr.language import load_center
from ivr.language.beside import load_story
from ivr.story import Told, play
from ivr.story.card import card_of

FOLDER = Path(__file__).parents[2] / "flows" / "stories" / "new-year-promo"
CUSTOMER = "+79000000001"


@cache
def told(version: str = "as-told", language: str = "ru") -> Told:
    return play(load_story(FOLDER / "story.yaml"), load_center(FOLDER / version), language)


def call(number: int, version: str = "as-told") -> list[Fact]:
    """The facts of the customer's call with this ordinal, from 1, in the order in which they began."""
    started = [
        fact.call
        for fact in told(version).facts
        if isinstance(fact, facts.CallStarted) and fact.direction != "flow"
    ]
    return [fact for fact in told(version).facts if getattr(fact, "call", 0) == started[number - 1]]


def acts(found: list[Fact]) -> list[tuple[str, str, str]]:
    return [(fact.by, fact.act, fact.about) for fact in found if isinstance(fact, facts.Said)]


def local(at: int) -> str:
    return told().local(at).strftime("%d %H:%M:%S")


def test_fact_1_nobody_answers_the_mobile_and_the_missed_call_is_returned_after_five_minutes() -> None:
    first = call(1)
    assert isinstance(first[0], facts.CallStarted)
    assert (first[0].number, first[0].caller, local(first[0].at)) == (
        "+79000000100",
        CUSTOMER,
        "22 18:20:00",
    )
    assert not any(isinstance(fact, facts.Connected) for fact in first)
    ended = first[-1]
    assert isinstance(ended, facts.CallEnded)
    assert (ended.reason, local(ended.at)) == ("caller_hung_up", "22 18:20:25")
    booked = next(fact for fact in told().facts if isinstance(fact, facts.CallbackBooked))
    assert booked.number == CUSTOMER
    assert booked.at - ended.at == 5 * MINUTE
    back = call(2)[0]
    assert isinstance(back, facts.CallStarted)
    assert (back.direction, back.caller) == ("out", CUSTOMER)
    assert back.at - booked.at == SECOND  # until Lena has dialled


def test_fact_2_the_offer_is_for_new_customers_and_he_has_to_call_the_service_department_himself() -> None:
    assert acts(call(2)) == [
        ("lena", "says", ""),
        ("", "wants", "new-year"),
        ("lena", "offers", "new-year"),
        ("", "declines", "new-year"),
        ("lena", "unknown", "offers for existing customers"),
        ("lena", "refers", "service department"),
        ("", "says", "service department"),
    ]
    declined = next(fact for fact in call(2) if isinstance(fact, facts.Said) and fact.act == "declines")
    assert declined.detail == "not_for_me"
    assert not any(isinstance(fact, facts.TransferStarted) for fact in call(2))
    redial = call(3)[0]
    assert isinstance(redial, facts.CallStarted)
    assert (redial.direction, redial.number) == ("in", "+79000000200")


def test_fact_3_a_trainee_does_not_know_and_transfers_with_the_notice_and_without_what_was_said() -> None:
    third = call(3)
    assert acts(third)[1:5] == [
        ("", "wants", "new-year"),
        ("ivan", "unknown", "new-year"),
        ("ivan", "says", "specialists"),
        ("masha", "says", ""),
    ]
    names = [type(fact).__name__ for fact in third]
    moved, notice = names.index("TransferStarted"), names.index("ConsentGiven")
    people = [fact.party for fact in third if isinstance(fact, facts.Connected)]
    assert people == ["ivan", "masha"]
    assert moved < notice < names.index("Connected", moved)
    heard = [fact.text for fact in third if isinstance(fact, facts.PromptHeard)]
    assert heard == ["Ваш разговор с оператором может быть записан."]
    wishes = [fact.text for fact in third if isinstance(fact, facts.Said) and fact.act == "wants"][:2]
    assert wishes[0] == wishes[1]  # told all over again


def test_fact_4_the_specialist_asks_the_contract_finds_no_such_tariff_and_doubts_the_leaflet() -> None:
    assert acts(call(3))[6:] == [
        ("masha", "asks", "contract"),
        ("", "answers", "contract"),
        ("masha", "does", "by-contract"),
        ("masha", "does", "find-tariff"),
        ("masha", "unknown", "new-year-tariff"),
        ("", "wants", "leaflet"),
        ("masha", "unknown", "leaflet"),
        ("", "wants", "forgery"),
        ("masha", "says", "forgery"),
        ("", "says", "forgery"),
    ]
    looked = {f.about: f.detail for f in call(3) if isinstance(f, facts.Said) and f.act == "does"}
    assert looked == {"by-contract": "ok", "find-tariff": "not_found"}


def test_fact_5_the_site_lists_more_tariffs_than_the_account() -> None:
    found = {
        fact.channel: int(fact.outcome)
        for fact in told().facts
        if isinstance(fact, facts.ContactMade) and fact.outcome
    }
    assert found == {"account": 3, "site": 5}


def test_fact_6_head_office_routes_by_address_all_is_asked_again_and_the_rule_comes_last() -> None:
    last = call(4)
    assert acts(last) == [
        ("vera", "says", ""),
        ("", "wants", "tariffs"),
        ("vera", "asks", "address"),
        ("", "answers", "address"),
        ("vera", "does", "office-of"),
        ("vera", "says", ""),
        ("oleg", "says", ""),
        ("", "wants", "tariffs"),
        ("oleg", "asks", "address"),
        ("", "answers", "address"),
        ("oleg", "asks", "contract"),
        ("", "answers", "contract"),
        ("oleg", "does", "by-contract"),
        ("oleg", "says", "new-year"),
        ("", "wants", "how"),
        ("oleg", "refuses", "new-year"),
        ("", "says", "new-year"),
    ]
    assert [fact.target for fact in last if isinstance(fact, facts.TransferStarted)] == ["office-3"]
    assert [fact.what for fact in last if isinstance(fact, facts.ConsentGiven)] == ["recording"]
    refused = next(fact for fact in last if isinstance(fact, facts.Said) and fact.act == "refuses")
    assert "шесть месяцев" in refused.text
    assert told().settled_at is None


def test_fact_6_who_never_had_it_or_has_been_away_for_six_months_gets_it(tmp_path: Path) -> None:
    center = (FOLDER / "as-told" / "center.yaml").read_text("utf-8")
    for was, becomes in (
        (", promo_used_on: 2013-06-20 }", " }"),
        ("promo_used_on: 2013-06-20 }", "promo_used_on: 2013-06-20, left_on: 2014-06-24 }"),
    ):
        assert was in center
        (tmp_path / "center.yaml").write_text(center.replace(was, becomes, 1), "utf-8")
        for file in (FOLDER / "as-told").glob("*.*.yaml"):
            (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
        played = play(load_story(FOLDER / "story.yaml"), load_center(tmp_path), "ru")
        assert acts(played.facts)[-2:] == [("oleg", "settles", "new-year"), ("", "says", "")]


def test_the_address_says_which_office_serves(tmp_path: Path) -> None:
    center = (FOLDER / "as-told" / "center.yaml").read_text("utf-8")
    row = '{ address: "5-12", number: "3", line: office-3 }'
    assert row in center
    moved = center.replace(row, '{ address: "5-12", number: "1", line: office-1 }')
    (tmp_path / "center.yaml").write_text(moved, "utf-8")
    for file in (FOLDER / "as-told").glob("*.*.yaml"):
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    played = play(load_story(FOLDER / "story.yaml"), load_center(tmp_path), "ru")
    assert [fact.party for fact in played.facts if isinstance(fact, facts.Connected)][-1] == "nina"


def test_improved_he_hears_of_it_from_the_first_person_and_has_what_there_is_for_him() -> None:
    first = call(1, "improved")
    assert acts(first) == [
        ("lena", "says", ""),
        ("", "wants", "new-year"),
        ("lena", "says", ""),
        ("lena", "does", "find-tariff"),
        ("lena", "offers", "thanks"),
        ("", "accepts", "thanks"),
        ("lena", "does", "take-tariff"),
        ("lena", "settles", "new-year"),
        ("", "says", ""),
    ]
    assert [fact.by for fact in first if isinstance(fact, facts.Identified)] == ["by-phone"]
    calls = [fact for fact in told("improved").facts if isinstance(fact, facts.CallStarted)]
    assert len(calls) == 1


def test_the_scorecards_are_apart_for_the_reasons_told() -> None:
    before, after = card_of(told()), card_of(told("improved"))
    assert (before.contacts, before.redials, before.missed, before.transfers) == (6, 2, 1, 2)
    assert (before.cold_referrals, before.asked_again, len(before.people)) == (1, 2, 5)
    assert (before.offers_unfitting, before.resolved_on) == (1, None)
    assert (after.contacts, after.transfers, after.resolved_on, len(after.people)) == (1, 0, 1, 1)
    assert after.effort.index < 10
    assert before.effort.index > 80
    assert after.loyalty.churn_12m < before.loyalty.churn_12m


@pytest.mark.parametrize("version", ["as-told", "improved"])
def test_both_languages_have_the_same_outcomes(version: str) -> None:
    assert acts(told(version, "en").facts) == acts(told(version, "ru").facts)
