"""The story regulation: every fact of what happened, and what the improved company does instead."""

from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.core.time import MINUTE
from ivr.language import load_center
from ivr.language.beside import load_story
from ivr.story import Told, play
from ivr.story.card import card_of

FOLDER = Path(__file__).parents[2] / "flows" / "stories" / "regulation"
CUSTOMER, REPORTER = "+79000000021", "+79000000029"


@cache
def told(version: str = "as-told", language: str = "ru") -> Told:
    return play(load_story(FOLDER / "story.yaml"), load_center(FOLDER / version), language)


def calls_of(caller: str, version: str = "as-told") -> list[list[Fact]]:
    """The calls of somebody, each with its facts."""
    found = told(version).facts
    numbers = [
        fact.call
        for fact in found
        if isinstance(fact, facts.CallStarted) and fact.caller == caller and fact.direction == "in"
    ]
    return [[fact for fact in found if getattr(fact, "call", 0) == number] for number in numbers]


def acts(found: list[Fact]) -> list[tuple[str, str, str]]:
    return [(fact.by, fact.act, fact.about) for fact in found if isinstance(fact, facts.Said)]


def ended_by(found: list[Fact]) -> list[str]:
    return [fact.ended_by for fact in found if isinstance(fact, facts.TalkEnded)]


def changes(version: str = "as-told") -> list[dict[str, object]]:
    return [fact.changes for fact in told(version).facts if isinstance(fact, facts.WorldChanged)]


def test_fact_1_reception_sends_the_reporter_away_three_times_and_hangs_up_on_him() -> None:
    (call,) = calls_of(REPORTER)
    assert acts(call) == [
        ("secretary", "says", ""),
        ("", "wants", "head-of-marketing"),
        ("secretary", "refers", "head-of-marketing"),
        ("", "wants", "number"),
        ("secretary", "refuses", "number"),
        ("", "wants", "insist"),
        ("secretary", "refuses", "insist"),
        ("", "wants", "praise"),
        ("secretary", "says", ""),
    ]
    assert ended_by(call) == ["agent"]


def test_fact_2_he_pays_400_in_advance_and_has_been_a_customer_for_five_years() -> None:
    customer = told().story.customer
    assert (customer.months, customer.pays) == (60, Decimal(400))
    assert changes()[0] == {"balance": "400"}


def test_fact_2_two_outages_a_month_one_of_three_days_and_nothing_is_offered() -> None:
    lines = [
        (told().local(fact.at).strftime("%d.%m %H"), fact.changes["online"])
        for fact in told().facts
        if isinstance(fact, facts.WorldChanged) and "online" in fact.changes
    ]
    assert [(when, str(online).lower()) for when, online in lines] == [
        ("05.06 19", "false"),
        ("05.06 23", "true"),
        ("17.06 09", "false"),
        ("20.06 09", "true"),
    ]
    assert not any(isinstance(fact, facts.MessageSent) for fact in told().facts)
    assert not any("credited" in change for change in changes()[:5])


def test_fact_2_compensation_is_granted_when_he_asks() -> None:
    asked = calls_of(CUSTOMER)[0]
    assert acts(asked)[1:] == [
        ("", "wants", "compensation"),
        ("olya", "asks", "contract"),
        ("", "answers", "contract"),
        ("olya", "grants", "compensation"),
        ("", "says", "compensation"),
        ("olya", "does", "credit-outage"),
    ]
    (credited,) = [change["credited"] for change in changes() if "credited" in change]
    assert Decimal(str(credited)) == 40  # three days of thirty, at 400 a month


def test_fact_3_the_price_takes_five_minutes_on_hold_and_is_not_named() -> None:
    call = calls_of(CUSTOMER)[1]
    (consulted,) = [fact for fact in call if isinstance(fact, facts.ConsultStarted)]
    assert consulted.target == "deputy"
    assert [fact.held_ms for fact in call if isinstance(fact, facts.HoldEnded)] == [5 * MINUTE]
    assert acts(call) == [
        ("olya", "says", ""),
        ("", "wants", "ip-address"),
        ("olya", "says", "deputy"),
        ("olya", "refuses", "price"),
        ("", "wants", "price-first"),
        ("olya", "refuses", "price-first"),
        ("", "wants", "exception"),
        ("olya", "refuses", "exception"),
        ("", "wants", "author"),
        ("olya", "says", "author"),
        ("", "wants", "superior"),
        ("olya", "refuses", "superior"),
        ("", "says", "superior"),
    ]
    said = {fact.about: fact.text for fact in call if isinstance(fact, facts.Said) and fact.by}
    assert "заявление" in said["price"]
    assert "ваше право" in said["exception"]
    assert "генеральный директор" in said["author"]
    assert "заместителя" in said["superior"]
    assert not any(isinstance(fact, facts.TransferStarted) for fact in call)


def test_fact_3_he_leaves_whom_no_rival_had_moved() -> None:
    met = [(f.channel, f.outcome) for f in told().facts if isinstance(f, facts.ContactMade)]
    assert met == [("bank", "ok"), ("rival", ""), ("office", "ok")]
    assert str(changes()[-1]["active"]).lower() == "false"
    assert told().settled_at is None


@pytest.mark.parametrize("grant", ["exception", "superior"])
def test_one_word_of_who_may_grant_what_moves_the_end(grant: str, tmp_path: Path) -> None:
    for file in (FOLDER / "as-told").iterdir():
        text = file.read_text("utf-8").replace("may: [compensation]", f"may: [compensation, {grant}]")
        (tmp_path / file.name).write_text(text, "utf-8")
    played = play(load_story(FOLDER / "story.yaml"), load_center(tmp_path), "ru")
    if grant == "exception":
        assert played.settled_at is not None
        assert ("olya", "settles", "ip-address") in acts(played.facts)
    else:
        assert [fact.target for fact in played.facts if isinstance(fact, facts.TransferStarted)] == ["deputy"]


def test_improved_the_reporter_is_put_through() -> None:
    (call,) = calls_of(REPORTER, "improved")
    assert [fact.party for fact in call if isinstance(fact, facts.Connected)] == ["secretary", "marketer"]
    assert ended_by(call) == ["transfer", "caller"]


def test_improved_the_long_outage_is_paid_back_unasked_and_the_short_one_is_not_told() -> None:
    (letter,) = [fact for fact in told("improved").facts if isinstance(fact, facts.MessageSent)]
    assert (letter.to, told("improved").local(letter.at).strftime("%d.%m %H:%M")) == (CUSTOMER, "20.06 09:00")
    assert "72" in letter.text
    assert "40 " in letter.text
    (credited,) = [change["credited"] for change in changes("improved") if "credited" in change]
    assert Decimal(str(credited)) == 40


def test_improved_the_price_comes_at_once_and_the_address_is_changed() -> None:
    (call,) = calls_of(CUSTOMER, "improved")
    assert acts(call)[1:] == [
        ("", "wants", "ip-address"),
        ("olya", "does", "price-of"),
        ("olya", "offers", "new-ip"),
        ("", "accepts", "new-ip"),
        ("olya", "does", "change-ip"),
        ("olya", "settles", "ip-address"),
        ("", "says", ""),
    ]
    offered = next(fact for fact in call if isinstance(fact, facts.Said) and fact.act == "offers")
    assert offered.text.startswith("500 ")
    assert not any("active" in change for change in changes("improved"))


def test_the_scorecards_are_apart_for_the_reasons_told() -> None:
    before, after = card_of(told()), card_of(told("improved"))
    assert (before.hold_ms, len(before.refusals), before.resolved_on) == (5 * MINUTE, 4, None)
    assert (after.hold_ms, len(after.refusals), after.resolved) == (0, 0, True)
    assert after.effort.index < 10
    assert before.effort.index > 60
    assert after.loyalty.churn_12m < before.loyalty.churn_12m


@pytest.mark.parametrize("version", ["as-told", "improved"])
def test_both_languages_have_the_same_outcomes(version: str) -> None:
    assert acts(told(version, "en").facts) == acts(told(version, "ru").facts)
