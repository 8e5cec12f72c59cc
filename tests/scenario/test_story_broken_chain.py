"""`broken-chain`: every fact of the true story happens at its time, and the improved company connects the customer on the day."""

import functools
import shutil
from pathlib import Path

import pytest

from ivr.core import facts
from ivr.language import load_center
from ivr.language.beside import load_story
from ivr.observe.journey import funnel_of
from ivr.story import Told, play
from ivr.story.card import card_of, journey_of

FOLDER = Path(__file__).parents[2] / "flows" / "stories" / "broken-chain"
PHONE = "+79000000030"
SHIFT_LEAD = "+79000000031"


@functools.cache
def told(version: str = "as-told", language: str = "en") -> Told:
    return play(load_story(FOLDER / "story.yaml"), load_center(FOLDER / version), language)


def changed(tmp_path: Path, version: str, file: str, old: str, new: str) -> Told:
    """The story with one line of a center changed."""
    folder = tmp_path / version
    shutil.copytree(FOLDER / version, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return play(load_story(FOLDER / "story.yaml"), load_center(folder), "en")


def talks(one: Told) -> dict[str, int]:
    """Her calls in which somebody was talked to: when they began to talk, and the call."""
    found: dict[str, int] = {}
    for fact in one.facts:
        if isinstance(fact, facts.Connected) and fact.call not in found.values():
            found[f"{one.local(fact.at):%d %H:%M}"] = fact.call
    return found


def said(one: Told, call: int) -> list[tuple[str, str, str, str]]:
    return [
        (fact.by, fact.act, fact.about, fact.detail)
        for fact in one.facts
        if isinstance(fact, facts.Said) and fact.call == call
    ]


def letters(one: Told, to: str = PHONE) -> list[tuple[str, str]]:
    return [
        (f"{one.local(fact.at):%d %H:%M}", fact.text)
        for fact in one.facts
        if isinstance(fact, facts.MessageSent) and fact.to == to
    ]


def works(one: Told) -> list[tuple[str, str, str]]:
    return [
        (f"{one.local(fact.at):%d %H:%M}", fact.result, fact.agent)
        for fact in one.facts
        if isinstance(fact, facts.WorkEnded)
    ]


def test_there_are_seven_contacts_and_five_of_them_are_the_company_s() -> None:
    journey = journey_of(told())
    assert [(contact.channel, contact.direction) for contact in journey.contacts] == [
        ("phone", "out"),
        ("sms", "out"),
        ("phone", "out"),
        ("phone", "out"),
        ("phone", "in"),
        ("phone", "out"),
        ("phone", "in"),
    ]
    assert told().settled_at is None


def test_fact_1_sales_calls_her_she_agrees_and_a_visit_is_ordered() -> None:
    one = told()
    assert said(one, talks(one)["26 12:10"]) == [
        ("alina", "says", "", ""),
        ("alina", "offers", "switch", "50 %"),
        ("", "accepts", "switch", ""),
        ("alina", "does", "sell", "ok"),
        ("alina", "promises", "call", "1d"),
    ]


def test_fact_2_an_sms_has_the_account_the_password_and_three_days_to_pay() -> None:
    [(at, text)] = letters(told())
    assert at == "26 12:20"
    assert "500313" in text
    assert "kv7-4m" in text
    assert "within three days after the installation" in text


def test_fact_3_the_coordinator_calls_to_agree_a_time() -> None:
    one = told()
    acts = said(one, talks(one)["27 10:00"])
    assert ("vera", "offers", "visit", "30 Nov, 15:00..18:00") in acts
    assert ("", "accepts", "visit", "") in acts
    [ordered] = [fact for fact in one.facts if isinstance(fact, facts.WorkOrdered)]
    assert (one.local(ordered.opens).hour, one.local(ordered.closes).hour) == (15, 18)
    assert f"{one.local(ordered.opens):%a %d %b %Y}" == "Sat 30 Nov 2013"


def test_fact_4_she_calls_the_day_before_to_confirm_and_nobody_comes() -> None:
    one = told()
    acts = said(one, talks(one)["29 16:30"])
    assert [act[1:3] for act in acts] == [("asks", "plans"), ("answers", "plans"), ("says", "")]
    assert works(one) == [("30 18:00", "never_assigned", "")]
    assert not [fact for fact in one.facts if isinstance(fact, facts.WorkAssigned)]


def test_fact_5_at_17_40_she_calls_and_it_will_be_passed_on() -> None:
    one = told()
    call = talks(one)["30 17:40"]
    [started] = [fact for fact in one.facts if isinstance(fact, facts.CallStarted) and fact.call == call]
    assert one.local(started.at).isoformat() == "2013-11-30T17:40:00"
    assert ("denis", "promises", "call", "1h") in said(one, call)


def test_fact_6_at_18_20_the_installer_calls_with_a_flat_tyre_tomorrow_at_11() -> None:
    one = told()
    call = talks(one)["30 18:20"]
    [dialled] = [fact for fact in one.facts if isinstance(fact, facts.DialStarted) and fact.call == call]
    assert one.local(dialled.at).isoformat() == "2013-11-30T18:20:00"
    assert said(one, call) == [
        ("ruslan", "says", "", ""),
        ("ruslan", "offers", "tomorrow", "11:00"),
        ("", "accepts", "tomorrow", ""),
        ("ruslan", "promises", "visit", "17h"),
    ]
    assert any(
        "flat tyre" in fact.text for fact in one.facts if isinstance(fact, facts.Said) and fact.call == call
    )


def test_fact_7_on_monday_she_puts_it_off_and_the_request_was_never_even_assigned() -> None:
    one = told()
    call = talks(one)["02 10:10"]
    transfers = [fact for fact in one.facts if isinstance(fact, facts.TransferStarted)]
    assert [(fact.call, fact.by, fact.target) for fact in transfers] == [(call, "denis", "coordinators")]
    assert said(one, call)[2:] == [
        ("denis", "says", "coordinators", ""),
        ("vera", "says", "", ""),
        ("", "wants", "postpone", ""),  # told again from the start
        ("vera", "says", "", ""),
        ("vera", "does", "find-request", "ok"),
        ("vera", "unknown", "assignment", ""),
        ("vera", "does", "put-off", "ok"),
        ("vera", "grants", "postponement", ""),
    ]


def test_the_funnel_names_the_broken_link() -> None:
    steps = told().center.plan.treatment.funnel
    funnel = funnel_of([journey_of(told())], steps)
    assert [row.step.name for row in funnel.rows if row.reached] == [
        *("sold", "account", "appointment", "confirmed")
    ]
    assert funnel.weakest is not None
    assert (funnel.weakest.name, funnel.weakest.who) == ("assigned", "installers")
    good = told("improved")
    assert funnel_of([journey_of(good)], good.center.plan.treatment.funnel).weakest is None


def test_two_visits_were_promised_and_both_promises_are_broken() -> None:
    assert card_of(told()).promises_broken == 2


def test_one_changed_line_mends_it_an_installer_who_may_sign_contracts_is_at_work(tmp_path: Path) -> None:
    old = "queues: [node, installers] }   # the experiment:"
    new = "queues: [node, installers], skills: { contracts: 1 } }   # the experiment:"
    one = changed(tmp_path, "as-told", "center.yaml", old, new)
    assert works(one) == [("30 16:00", "done", "ruslan")]
    assert one.settled_at is not None


def test_improved_she_is_connected_on_the_day_after_one_call_and_made_none() -> None:
    one = told("improved")
    assert works(one) == [("30 16:10", "done", "timur")]
    assert f"{one.local(one.settled_at or 0):%d %H:%M}" == "30 16:10"
    card = card_of(one)
    assert [(contact.channel, contact.direction) for contact in journey_of(one).contacts] == [
        ("phone", "out"),
        ("sms", "out"),
        ("sms", "out"),
        ("sms", "out"),
    ]
    assert (card.promises_broken, card.promises_kept) == (0, 1)
    assert card.effort.index < 1 < card_of(told()).effort.index


def test_improved_the_order_is_assigned_when_it_is_sold_and_she_is_reminded_the_evening_before() -> None:
    one = told("improved")
    placed = next(fact for fact in one.facts if isinstance(fact, facts.LookupEnded) and fact.name == "assign")
    assert f"{one.local(placed.at):%d %H:%M}" == "26 12:10"
    assert [at for at, _ in letters(one)] == ["26 12:20", "29 18:00", "30 16:10"]


def test_improved_a_crew_is_found_the_evening_before_if_that_went_wrong(tmp_path: Path) -> None:
    old = "world:\n"
    new = "world:\n  faults: { planning: { run: take-place, until: 2013-11-29T12:00 } }\n"
    one = changed(tmp_path, "improved", "center.yaml", old, new)
    placed = [
        (f"{one.local(fact.at):%d %H:%M}", fact.outcome)
        for fact in one.facts
        if isinstance(fact, facts.LookupEnded) and fact.name == "take-place"
    ]
    assert placed == [("26 12:10", "failed.out_of_service"), ("29 18:00", "ok")]
    assert works(one) == [("30 16:10", "done", "timur")]


def test_improved_a_no_show_is_told_at_once_and_has_a_new_window(tmp_path: Path) -> None:
    one = changed(
        *(tmp_path, "improved", "kingfisher.people.yaml"),
        *("timur: { shift: every-day }", "timur: { shift: every-day, no_shows: 100% }"),
    )
    assert works(one) == [("30 16:10", "no_show", "timur"), ("01 11:10", "done", "sergey")]
    told_at, text = letters(one)[2]
    assert told_at == "30 16:10"
    assert "we let you down" in text
    assert f"{one.local(one.settled_at or 0):%d %H:%M}" == "01 11:10"


def test_improved_who_is_let_down_twice_is_for_a_person_to_look_at(tmp_path: Path) -> None:
    one = changed(
        *(tmp_path, "improved", "kingfisher.people.yaml"),
        *("talks: 60s, works: 70m }", "talks: 60s, works: 70m, no_shows: 100% }"),
    )
    assert [result for _, result, _ in works(one)] == ["no_show", "no_show"]
    assert PHONE in letters(one, SHIFT_LEAD)[0][1]


@pytest.mark.parametrize("version", ["as-told", "improved"])
def test_both_languages_fare_the_same(version: str) -> None:
    def contacts(one: Told) -> list[tuple[str, str, str]]:
        return [(contact.channel, contact.direction, contact.settled) for contact in journey_of(one).contacts]

    one, other = told(version, "en"), told(version, "ru")
    assert contacts(one) == contacts(other)
    assert works(one) == works(other)
    assert [beat.came for beat in one.beats] == [beat.came for beat in other.beats]


def test_a_message_that_came_is_noticed() -> None:
    """The entry that waits for the SMS comes about when it comes, not when its time is over."""
    one = told()
    (beat,) = [beat for beat in one.beats if beat.entry.gets is not None]
    assert beat.came
    sms = next(fact for fact in one.facts if isinstance(fact, facts.MessageSent))
    assert beat.until - sms.at < 1_000
