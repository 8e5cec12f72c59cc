"""`out-of-money`: every fact of the true story happens, and the improved company and bank write in time."""

import functools
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from ivr.core import facts
from ivr.language import load_center
from ivr.language.beside import load_story
from ivr.story import Told, play
from ivr.story.card import card_of, journey_of

FOLDER = Path(__file__).parents[2] / "flows" / "stories" / "out-of-money"
PHONE = "+79000000040"
EMAIL = "marketer@example.org"


@functools.cache
def told(version: str = "as-told", language: str = "en") -> Told:
    return play(load_story(FOLDER / "story.yaml"), load_center(FOLDER / version), language)


@functools.cache
def who_never_reads(version: str) -> Told:
    """The same customer, who does not do anything about what he gets."""
    story = load_story(FOLDER / "story.yaml")
    timeline = [entry.model_copy(update={"then": []}) for entry in story.timeline]
    return play(story.model_copy(update={"timeline": timeline}), load_center(FOLDER / version), "en")


def done(one: Told) -> list[tuple[str, str, str]]:
    """What he did himself: when, what, and how it went."""
    return [
        (f"{one.local(fact.at):%m-%d %H:%M}", fact.place, fact.outcome)
        for fact in one.facts
        if isinstance(fact, facts.ContactMade) and fact.channel not in ("rival", "bank")
    ]


def met(one: Told) -> list[tuple[str, str, str]]:
    return [
        (f"{one.local(fact.at):%m-%d %H:%M}", fact.channel, fact.place)
        for fact in one.facts
        if isinstance(fact, facts.ContactMade) and fact.channel in ("rival", "bank")
    ]


def letters(one: Told, channel: str, to: str) -> list[tuple[str, str]]:
    return [
        (f"{one.local(fact.at):%m-%d %H:%M}", fact.text)
        for fact in one.facts
        if isinstance(fact, facts.MessageSent) and (fact.channel, fact.to) == (channel, to)
    ]


def cut_off(one: Told) -> list[str]:
    """When his service was stopped."""
    mine = {fact.call for fact in one.facts if isinstance(fact, facts.CallStarted) and fact.caller == PHONE}
    return [
        f"{one.local(fact.at):%m-%d %H:%M}"
        for fact in one.facts
        if isinstance(fact, facts.LookupEnded) and fact.name == "cut-off" and fact.call in mine
    ]


def test_fact_1_service_stops_without_a_warning() -> None:
    one = told()
    assert cut_off(one) == ["04-06 00:00"]
    assert letters(one, "email", EMAIL) + letters(one, "sms", PHONE) == []
    assert done(one)[0] == ("04-06 19:00", "internet", "declined.no_internet")


def test_fact_1_the_promised_payment_is_out_of_order_that_week() -> None:
    assert done(told())[1] == ("04-06 19:02", "promised payment", "failed.out_of_order")


def test_fact_1_both_cards_have_expired() -> None:
    assert done(told())[2:4] == [
        ("04-06 19:05", "card of Herald", "declined.expired"),
        ("04-06 19:07", "card of Vault", "declined.expired"),
    ]


def test_fact_1_other_ways_to_pay_need_the_internet() -> None:
    assert done(told())[4] == ("04-06 19:09", "electronic money", "declined.no_internet")


def test_fact_1_that_very_moment_a_rival_calls() -> None:
    assert met(told())[0] == ("04-06 19:09", "rival", "an agent of Woodpecker")


def test_fact_2_what_the_banks_did_not_say() -> None:
    assert met(told())[1:] == [
        ("04-07 10:00", "bank", "Herald"),
        ("04-07 12:00", "bank", "Vault"),
        ("04-07 13:00", "bank", "a colleague"),
    ]
    told_him = {fact.place: fact.about for fact in told().facts if isinstance(fact, facts.ContactMade)}
    assert "everything, but for the end of the card" in told_him["Herald"]
    assert "two weeks" in told_him["Vault"]
    assert "bounced" in told_him["a colleague"]


def test_fact_2_there_is_no_money_until_a_new_card_comes_in_two_weeks() -> None:
    one = told()
    assert done(one)[-1] == ("04-21 18:10", "card of Vault", "settled")
    assert one.local(one.settled_at or 0).date() == datetime.fromisoformat("2011-04-21").date()


def test_fact_3_who_comes_by_himself_waits_while_the_best_are_served_first() -> None:
    one = told()
    waits = [
        (fact.priority, f"{one.local(fact.at):%H:%M}", fact.call)
        for fact in one.facts
        if isinstance(fact, facts.CallQueued) and f"{one.local(fact.at):%m-%d %H:%M}" >= "04-06 19:10"
    ]
    his = next(call for priority, _, call in waits if priority == 0)
    best = next(call for priority, _, call in waits if priority == 10)
    assert his < best  # he was there first
    answered = [fact.call for fact in one.facts if isinstance(fact, facts.Connected)]
    assert answered.index(best) < answered.index(his)
    left = next(fact for fact in one.facts if isinstance(fact, facts.QueueLeft) and fact.call == his)
    assert 300_000 < left.waited_ms < 320_000


def test_fact_3_improved_a_bank_texts_six_weeks_ahead_that_the_card_is_ready() -> None:
    [(at, text)] = letters(told("improved"), "sms", PHONE)
    assert at == "02-17 10:00"
    expires = datetime.fromisoformat("2011-03-31")
    assert (expires - datetime.fromisoformat("2011-02-17")).days == 42
    assert "March 31" in text


def test_fact_3_improved_the_provider_mails_at_four_thresholds() -> None:
    mails = letters(who_never_reads("improved"), "email", EMAIL)
    assert [at for at, _ in mails] == ["03-24 09:00", "03-30 09:00", "04-03 09:00", "04-05 09:00"]
    assert ["185" in mails[0][1], "95" in mails[1][1], "35" in mails[2][1], "5" in mails[3][1]] == [True] * 4
    assert cut_off(who_never_reads("improved")) == ["04-06 00:00"]


def test_improved_he_pays_on_the_first_mail_and_is_never_cut_off() -> None:
    one = told("improved")
    assert done(one) == [("03-24 09:30", "card", "settled")]
    assert len(letters(one, "email", EMAIL)) == 1
    assert cut_off(one) == []
    card = card_of(one)
    assert (card.resolved_on, card.made) == (3, 1)
    assert card.effort.index < 1
    assert card_of(told()).effort.index > 60


def test_improved_who_has_no_service_goes_first_and_is_trusted() -> None:
    one = who_never_reads("improved")
    assert [fact.priority for fact in one.facts if isinstance(fact, facts.CallQueued)] == [10]
    assert any(isinstance(fact, facts.Said) and fact.act == "settles" for fact in one.facts)


def test_one_deleted_fault_and_the_button_helps_him() -> None:
    center = load_center(FOLDER / "as-told")
    mended = replace(center, world=replace(center.world, faults=()))
    one = play(load_story(FOLDER / "story.yaml"), mended, "en")
    assert done(one)[-1] == ("04-06 19:02", "promised payment", "settled")


@pytest.mark.parametrize("version", ["as-told", "improved"])
def test_both_languages_fare_the_same(version: str) -> None:
    one, other = told(version, "en"), told(version, "ru")
    assert done(one) == done(other)
    assert met(one) == met(other)
    assert [contact.channel for contact in journey_of(one).contacts] == [
        contact.channel for contact in journey_of(other).contacts
    ]
    assert [beat.came for beat in one.beats] == [beat.came for beat in other.beats]
