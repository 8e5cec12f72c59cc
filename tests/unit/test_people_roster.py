"""Simulated agents keep their hours: shifts, breaks, and what becomes of a talk at the end."""

from datetime import UTC, datetime

import pytest

from ivr.core.facts import AgentMoved, CallQueued, Fact, TalkEnded
from ivr.core.time import HOUR, MINUTE
from ivr.errors import AuthorError
from ivr.language import load_sources
from ivr.sim import House

MONDAY = round(datetime(2026, 1, 5, 7, tzinfo=UTC).timestamp() * 1_000)
CENTER = """\
center: Shifts
numbers: { "1": main }
hours:
  day: { mon-fri: 09:00..17:00 }
  night: { daily: 22:00..06:00 }
  lunch: { daily: 12:00..12:30 }
queues: { support: {} }
agents:
  anna: { queues: [support] }
  boris: { queues: [support], shift_end: hand_over }
  clara: { queues: [support] }
"""
FLOW = """\
flow: main
start: a
states: { a: [{ queue: support, on: { timeout: z, full: z, empty: z, closed: z } }, hangup], z: [hangup] }
"""
PEOPLE = """\
agents:
  anna: { shift: day, breaks: [lunch] }
  boris: { shift: night }
"""


def house(people: str = PEOPLE, epoch_ms: int = MONDAY) -> tuple[House, list[Fact]]:
    told: list[Fact] = []
    center = load_sources({"center.yaml": CENTER, "main.flow.yaml": FLOW, "demo.people.yaml": people})
    return House(center, "1", told.append, epoch_ms=epoch_ms), told


def moves(told: list[Fact], agent: str) -> list[tuple[float, str, str]]:
    """When (hours of the day, from Monday at 0) an agent went where."""
    return [
        (7 + fact.at / HOUR, fact.state, fact.reason)
        for fact in told
        if isinstance(fact, AgentMoved) and fact.agent == agent
    ]


def test_agents_come_have_their_break_and_go() -> None:
    run, told = house()
    run.run(26 * HOUR)
    day = [(9, "ready", ""), (12, "paused", "lunch"), (12.5, "ready", ""), (17, "signed_out", "")]
    assert moves(told, "anna") == [*day, (33, "ready", "")]
    assert moves(told, "boris") == [(22, "ready", ""), (30, "signed_out", "")]
    assert moves(told, "clara") == [(7, "ready", "")], "without a shift they are there all the time"


def test_who_begins_in_a_break_begins_on_a_pause() -> None:
    run, told = house(epoch_ms=MONDAY + 5 * HOUR + 10 * MINUTE)
    run.run(HOUR)
    assert [(state, reason) for _, state, reason in moves(told, "anna")][-2:] == [
        ("paused", "lunch"),
        ("ready", ""),
    ]


def test_a_weekend_is_free() -> None:
    run, told = house(epoch_ms=MONDAY + 5 * 24 * HOUR)
    run.run(50 * HOUR)
    assert moves(told, "anna") == [(57, "ready", "")]


def test_a_shift_that_ends_in_a_talk_hands_the_caller_over() -> None:
    callers = (
        "callers: { arrivals: { rate: 60/h }, kinds: [{ name: all, share: 1, dials: '1', patience: 2h }] }"
    )
    run, told = house(PEOPLE + callers)
    run.run(25 * HOUR)
    ended = [fact for fact in told if isinstance(fact, TalkEnded) and fact.ended_by == "shift_end"]
    assert [(fact.party, fact.at) for fact in ended] == [("boris", 23 * HOUR)]
    again = next(
        fact
        for fact in told
        if isinstance(fact, CallQueued) and fact.at == ended[0].at and fact.call == ended[0].call
    )
    assert again.position == 1


def test_hours_that_are_not_there_and_breaks_without_a_shift_are_said() -> None:
    with pytest.raises(AuthorError, match="there are no opening hours 'late'"):
        house("agents: { anna: { shift: late } }\n")
    center = load_sources(
        {
            "center.yaml": CENTER,
            "main.flow.yaml": FLOW,
            "demo.people.yaml": "agents: { anna: { breaks: [lunch] } }\n",
        }
    )
    assert [problem.code for problem in center.warnings] == ["breaks"]
    merged = PEOPLE + "  default: { shift: day }\n  clara: { breaks: [lunch] }\n"
    files = {"center.yaml": CENTER, "main.flow.yaml": FLOW, "demo.people.yaml": merged}
    assert load_sources(files).warnings == ()
