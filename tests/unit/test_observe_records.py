"""One record a call, with everything in it."""

from collections import Counter, defaultdict
from datetime import UTC, datetime

import msgspec
import pytest

from ivr.core import events, facts
from ivr.core.calendar import Calendar
from ivr.core.facts import Fact
from ivr.observe.batch import Batch
from ivr.observe.fan import Fan
from ivr.observe.records import CallRecord, Records, fold, written
from tests.unit.test_observe_center import Center, busy_hours, closed

STORY: list[Fact] = [
    facts.CallStarted(1_000, 7, "p-1", "100", "+351911", "Rui", "buy", "r1", "en"),
    facts.PromptHeard(3_000, 7, "p-1", "Welcome", "en", 1_000, "barged_in"),
    facts.KeyHeard(3_000, 7, "1", "taken"),
    facts.InputMissed(4_000, 7, "silence", 1),
    facts.OfferMade(5_000, 7, "stay", 1, "10", 12, "18.00"),
    facts.OfferEnded(6_000, 7, "stay", 1, "declined"),
    facts.OfferMade(6_000, 7, "stay", 2, "20", 12, "16.00"),
    facts.QueueRefused(6_500, 7, "support", "blocked_full"),
    facts.CallQueued(7_000, 7, "sales", 1, 2, 5, 3, 60_000),
    facts.QueueLeft(37_000, 7, "sales", 1, "answered", 30_000, "ann"),
    facts.Connected(37_000, 7, "ann", "a-ann", "sales"),
    facts.HoldEnded(50_000, 7, "ann", 5_000),
    facts.TalkEnded(67_000, 7, "ann", "sales", 25_000, 5_000, "transfer"),
    facts.TransferEnded(67_000, 7, "cem", "blind", "connected"),
    facts.Connected(68_000, 7, "cem", "a-cem", ""),
    facts.TalkEnded(98_000, 7, "cem", "", 30_000, 0, "caller"),
    facts.RecordingStarted(98_000, 7, 3, "p-1"),
    facts.CallEnded(99_000, 7, "caller_hung_up", "sold", "buy", "wait"),
]


def test_a_call_leaves_one_record_with_everything_in_it() -> None:
    (record,) = fold(STORY)
    assert (record.call, record.started, record.answered, record.ended) == (7, 1_000, 37_000, 99_000)
    assert (record.number, record.caller, record.name, record.direction) == ("100", "+351911", "Rui", "in")
    assert (record.reason, record.outcome, record.last_state) == ("caller_hung_up", "sold", "wait")
    assert (record.ivr_ms, record.wait_ms, record.talk_ms, record.hold_ms) == (6_000, 30_000, 55_000, 5_000)
    assert (record.prompts_ms, record.keys, record.misses, record.transfers) == (2_000, 1, 1, 1)
    assert record.agents == ("ann", "cem")
    assert record.recordings == (3,)
    refused, visit = record.visits
    assert (refused.queue, refused.outcome, refused.position) == ("support", "blocked_full", 0)
    assert (visit.outcome, visit.waited_ms, visit.agent) == ("answered", 30_000, "ann")
    assert (visit.position, visit.estimate_ms, visit.priority) == (3, 60_000, 2)
    assert [(offer.rung, offer.answer) for offer in record.offers] == [(1, "declined"), (2, "")]


def test_a_history_that_breaks_off_closes_its_calls_once() -> None:
    (record,) = fold([*STORY[:9], facts.LogWritten(20_000, 7, "the last thing")])
    assert (record.reason, record.ended, record.wait_ms) == ("system_error", 20_000, 13_000)
    assert record.visits[-1].outcome == "system_error"


def test_facts_of_a_call_that_began_before_are_passed_over() -> None:
    assert fold(STORY[1:]) == []


def test_a_record_for_people_has_the_calls_name_and_utc() -> None:
    (record,) = fold(STORY)
    epoch = round(datetime(2026, 3, 29, 0, 59, 58, tzinfo=UTC).timestamp() * 1000)
    row = written(record, Calendar(epoch, "Europe/Lisbon").utc)
    assert row["call"] == "c-000007"
    assert row["started"] == "2026-03-29T00:59:59.000Z"
    assert row["answered"] == "2026-03-29T01:00:35.000Z"
    assert msgspec.json.encode(row)


def test_a_record_survives_json() -> None:
    (record,) = fold(STORY)
    assert msgspec.json.decode(msgspec.json.encode(record), type=CallRecord) == record


@pytest.mark.parametrize("seed", [1, 2])
def test_records_of_a_busy_center_equal_what_its_facts_say(seed: int) -> None:
    fan = Fan()
    records: list[CallRecord] = []
    observer = Records(records.append)
    fan.add(observer.handlers())
    center = Center(None, fan.tell)
    busy_hours(center, seed, 1_200)
    closed(center)
    assert observer.open() == 0
    assert Counter(record.call for record in records) == Counter(
        fact.call for fact in center.facts if isinstance(fact, facts.CallStarted)
    )
    waits: dict[int, int] = defaultdict(int)
    talks: dict[int, int] = defaultdict(int)
    outcomes: dict[int, list[str]] = defaultdict(list)
    for fact in center.facts:
        if isinstance(fact, facts.QueueLeft):
            waits[fact.call] += fact.waited_ms
            outcomes[fact.call].append(fact.outcome)
        elif isinstance(fact, facts.TalkEnded):
            talks[fact.call] += fact.talk_ms
    for record in records:
        assert record.wait_ms == waits[record.call]
        assert record.talk_ms == talks[record.call]
        assert [visit.outcome for visit in record.visits if visit.visit] == outcomes[record.call]
        assert 0 <= record.ivr_ms <= record.ended - record.started
        # every millisecond of a call is in its flow, waiting or in talk; never more than it lasted
        assert (
            record.ivr_ms + record.wait_ms + record.talk_ms + record.hold_ms <= record.ended - record.started
        )
    assert sum(record.direction == "out" for record in records)
    assert sum(record.callback is not None for record in records)


def test_records_that_may_come_late_are_the_same() -> None:
    told = Fan()
    soon: list[CallRecord] = []
    late: list[CallRecord] = []
    batch = Batch(every=100)
    behind = Records(late.append, batch)
    told.add(Records(soon.append).handlers())
    told.add(batch.handlers())
    center = Center(None, told.tell)
    busy_hours(center, 3, 1_200)
    assert 0 < len(late) < len(soon)
    batch.settle()
    assert late == soon
    closed(center)
    assert behind.open() == 0
    assert late == soon


def test_the_call_of_a_callback_names_it() -> None:
    story: list[Fact] = [
        facts.CallStarted(10, 9, "o-1", "+351", "+351", "", "callback", "", "en", "out"),
        facts.CallbackTried(10, 4, 9, 1, "ann"),
        facts.CallEnded(30_010, 9, "not_reached", "", "callback", ""),
    ]
    (record,) = fold(story)
    assert (record.callback, record.direction, record.ivr_ms, record.answered) == (4, "out", 0, None)
    assert events.LineEnded("o-1")  # its line is the center's own


def test_a_talk_that_was_cut_off_lasted_until_the_center_was_last_alive() -> None:
    told = [*STORY[: next(n for n, fact in enumerate(STORY) if isinstance(fact, facts.Connected)) + 1]]
    (record,) = fold(told, told[-1].at + 9_000)
    assert (record.talk_ms, record.ended, record.reason) == (9_000, told[-1].at + 9_000, "system_error")
