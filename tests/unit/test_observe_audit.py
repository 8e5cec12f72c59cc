"""The auditor finds nothing in a sound run, and each kind of tampering by its invariant."""

from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
import pytest

from ivr.core import events, facts
from ivr.core.facts import Fact
from ivr.core.plan import STRATEGIES
from ivr.limits import SPEECH_CHARS_MAX
from ivr.observe.audit import INVARIANTS, PROBES, Audit
from tests.unit.test_observe_center import Center, busy_hours, closed, small_plan

SELDOM = {
    "an accept came in the instant the caller hung up",  # has a test of its own below
    "a work order was done",  # the fuzz campaign meets these
    "an agent at work was asked for a further order",
    "a work order ended without anybody having taken it",
    "a call waited for one agent alone",
    "a caller came back to the place they gave up",
    "a callback outlived its run",
    "an agent's shift ended in a talk",
    "a caller was handed over to those who wait",
    "an agent consulted somebody",
    *(probe for probe in PROBES if probe.startswith(("a consultation", "a supervisor", "a waiting call"))),
    "a wait widened",
    "a wait widened while an agent was ringing",
    "several phones rang for one call",
    "another phone took the call",
    *(f"{strategy} chose among several" for strategy in STRATEGIES if strategy != "longest_idle"),
}


def audited(seed: int, *, deep: bool) -> Audit:
    audit = Audit(small_plan())
    center = Center(None, audit.fact)
    if deep:
        audit.attach(center.engine)
    busy_hours(center, seed, 350, after=lambda: audit.settled(center.engine.snapshot()))
    closed(center)
    audit.settled(center.engine.snapshot())
    audit.finished()
    return audit


def test_a_sound_run_passes_every_check_and_meets_the_rare_cases() -> None:
    met: Counter[str] = Counter()
    made: Counter[str] = Counter()
    for seed in range(24):
        audit = audited(seed, deep=seed % 2 == 0)
        met.update(audit.probes)
        made.update(audit.checks)
    assert [probe for probe in PROBES if not met[probe] and probe not in SELDOM] == []
    assert [name for name in INVARIANTS if not made[name]] == []
    assert "I7" in audit.report()


TOLD = (
    facts.QueueRefused,
    facts.TransferStarted,
    facts.HoldEnded,
    facts.WrapUpEnded,
    facts.CallbackBooked,
    facts.CallbackTried,
)
"""Rare kinds of facts that a history must have to be tampered with in every way."""


@cache
def history() -> tuple[Fact, ...]:
    """The first seed's sound history in which everything happens."""
    for seed in range(40):
        center = Center()
        busy_hours(center, seed, 600)
        closed(center)
        if set(TOLD) <= {type(fact) for fact in center.facts}:
            return tuple(center.facts)
    raise LookupError("no seed tells all of it")


def any_of(kind: type[Fact], holds: Callable[[Any], bool] = lambda _: True) -> int:
    """The index of a fact in the middle of the history."""
    found = [index for index, fact in enumerate(history()) if isinstance(fact, kind) and holds(fact)]
    if not found:
        raise LookupError(kind.__name__)
    return found[len(found) // 2]


def changed(index: int, **values: object) -> list[Fact]:
    told = list(history())
    told[index] = msgspec.structs.replace(told[index], **values)
    return told


def more(index: int, field: str, by: int = 1) -> list[Fact]:
    return changed(index, **{field: getattr(history()[index], field) + by})


def doubled(index: int) -> list[Fact]:
    return [*history()[: index + 1], *history()[index:]]


def without(index: int) -> list[Fact]:
    return [*history()[:index], *history()[index + 1 :]]


def on_hold(fact: Fact) -> list[Fact]:
    """Told of a call that has just been put on hold."""
    index = any_of(facts.HoldStarted)
    held = history()[index]
    assert isinstance(held, facts.HoldStarted)
    told = msgspec.structs.replace(fact, at=held.at, call=held.call)
    return [*history()[: index + 1], told, *history()[index + 1 :]]


def of_queue(fact: Any) -> bool:
    return bool(fact.queue)


TAMPERED: list[tuple[str, Callable[[], list[Fact]]]] = [
    ("I1", lambda: doubled(any_of(facts.QueueLeft))),
    ("I1", lambda: changed(any_of(facts.QueueLeft), queue="nowhere")),
    ("I1", lambda: changed(any_of(facts.QueueLeft), outcome="lost")),
    ("I1", lambda: changed(any_of(facts.QueueRefused), outcome="answered")),
    ("I2", lambda: doubled(any_of(facts.CallEnded))),
    ("I2", lambda: doubled(any_of(facts.CallStarted))),
    ("I2", lambda: without(any_of(facts.CallStarted))),
    ("I2", lambda: without(any_of(facts.QueueLeft, lambda fact: fact.outcome == "abandoned"))),
    ("I3", lambda: doubled(any_of(facts.ReservationMade))),
    ("I3", lambda: without(any_of(facts.ReservationEnded))),
    ("I3", lambda: changed(any_of(facts.QueueLeft, lambda fact: fact.agent == "ben"), agent="ann")),
    ("I4", lambda: doubled(any_of(facts.Connected))),
    ("I4", lambda: without(any_of(facts.Connected))),
    ("I4", lambda: doubled(any_of(facts.TransferStarted))),
    ("I5", lambda: more(any_of(facts.QueueLeft), "waited_ms")),
    (
        "I5",
        lambda: changed(
            any_of(facts.QueueLeft, lambda fact: fact.outcome == "short_abandoned"), outcome="abandoned"
        ),
    ),
    ("I6", lambda: more(any_of(facts.CallQueued), "position")),
    ("I6", lambda: changed(any_of(facts.CallQueued), ordinal=1)),
    ("I6", lambda: changed(any_of(facts.CallbackBooked), ordinal=1)),
    ("I8", lambda: without(max(i for i, fact in enumerate(history()) if isinstance(fact, facts.CallEnded)))),
    ("I10", lambda: more(any_of(facts.ReservationEnded), "rang_ms")),
    ("I11", lambda: more(any_of(facts.CallbackTried), "attempt")),
    ("I11", lambda: more(any_of(facts.CallbackEnded), "waited_ms")),
    ("I11", lambda: doubled(any_of(facts.CallbackEnded))),
    ("I13", lambda: more(any_of(facts.AgentMoved), "since")),
    ("I13", lambda: without(any_of(facts.AgentMoved, lambda fact: fact.state == "ready"))),
    ("I18", lambda: more(any_of(facts.QueueLeft), "at", -1_000_000)),
    ("I19", lambda: more(any_of(facts.HoldEnded), "held_ms")),
    ("I19", lambda: more(any_of(facts.TalkEnded), "talk_ms")),
    ("I19", lambda: more(any_of(facts.WrapUpEnded), "wrap_up_ms")),
    ("I24", lambda: changed(any_of(facts.Said, lambda fact: fact.by), by="nobody")),
    ("I24", lambda: changed(any_of(facts.Said), act="sings")),
    ("I24", lambda: changed(any_of(facts.Said), text="x" * (SPEECH_CHARS_MAX + 1))),
    ("I24", lambda: on_hold(facts.Said(0, 0, "", "Hello?", "says", "", "", 400))),
    ("I20", lambda: more(any_of(facts.CallQueued), "visit")),
    ("I20", lambda: more(any_of(facts.QueueLeft), "visit")),
    (
        "I21",
        lambda: changed(any_of(facts.AgentMoved, lambda fact: fact.state == "wrap_up"), state="reserved"),
    ),
]


@pytest.mark.parametrize(("invariant", "tamper"), TAMPERED)
def test_tampering_is_found(invariant: str, tamper: Callable[[], list[Fact]]) -> None:
    sound = Audit(small_plan())
    for fact in history():
        sound.fact(fact)
    sound.finished()
    audit = Audit(small_plan())

    def all_of_it() -> None:
        for fact in tamper():
            audit.fact(fact)
        audit.finished()

    with pytest.raises(AssertionError, match=f"^{invariant} at "):
        all_of_it()


def waiting(call: int, ordinal: int, queue: str = "sales", priority: int = 0) -> list[Fact]:
    position = 1 if priority else ordinal
    return [
        facts.CallStarted(0, call, f"p-{call}", "100", "", "", "buy", "r", "en"),
        facts.CallQueued(0, call, queue, 1, priority, ordinal, position, None),
    ]


READY = facts.AgentMoved(5, "ann", "ready", "", "signed_out", 0)
RESERVED = facts.AgentMoved(5, "ann", "reserved", "", "ready", 5)


def tell(*history_: Fact) -> Audit:
    audit = Audit(small_plan())
    for fact in history_:
        audit.fact(fact)
    return audit


@pytest.mark.parametrize(
    ("first", "second", "served"),
    [
        (waiting(1, 1), waiting(2, 2), 2),  # out of turn
        (waiting(1, 1), waiting(2, 2, priority=1), 1),  # against priority
        (
            waiting(1, 1),
            [waiting(2, 2, "support")[0], msgspec.structs.replace(waiting(2, 2, "support")[1], position=1)],
            1,
        ),
    ],
)
def test_serving_the_wrong_call_is_found(first: list[Fact], second: list[Fact], served: int) -> None:
    queue = (first if served == 1 else second)[1].queue  # type: ignore[attr-defined]
    other = 3 - served
    queue_of_other = (first if other == 1 else second)[1].queue  # type: ignore[attr-defined]
    tell(*first, *second, READY, RESERVED, facts.ReservationMade(5, 1, other, queue_of_other, "ann"))
    with pytest.raises(AssertionError, match=r"^I6 at"):
        tell(*first, *second, READY, RESERVED, facts.ReservationMade(5, 1, served, queue, "ann"))


def test_an_idle_agent_while_a_call_waits_is_found() -> None:
    center = Center()
    center.do(0, events.CallArrived("p-1", "100"))
    audit = tell(*center.facts)
    audit.settled(center.engine.snapshot())
    audit.fact(READY)
    with pytest.raises(AssertionError, match=r"^I7 at"):
        audit.settled(center.engine.snapshot())


def test_a_snapshot_that_is_not_true_is_found() -> None:
    center = Center()
    center.do(0, events.CallArrived("p-1", "100"))
    snapshot = center.engine.snapshot()
    audit = tell(*center.facts)
    audit.settled(snapshot)
    for wrong in (
        msgspec.structs.replace(snapshot, waiting=0),
        msgspec.structs.replace(
            snapshot, queues=tuple(msgspec.structs.replace(view, waiting=7) for view in snapshot.queues)
        ),
        msgspec.structs.replace(
            snapshot, agents=tuple(msgspec.structs.replace(view, state="ready") for view in snapshot.agents)
        ),
    ):
        with pytest.raises(AssertionError, match=r"^I14 at"):
            audit.settled(wrong)


def test_a_skilled_call_is_held_against_an_agent_only_when_levels_are_known() -> None:
    def french(*, deep: bool) -> Audit:
        audit = Audit(small_plan())
        center = Center(None, audit.fact)
        if deep:
            audit.attach(center.engine)
        center.do(0, events.CallArrived("p-1", "400"))
        audit.fact(facts.AgentMoved(5, "ben", "ready", "", "signed_out", 0))  # whose French is too poor
        return audit

    center = Center()
    center.do(5, events.CallArrived("p-1", "400"))
    for deep in (False, True):
        with pytest.raises(
            AssertionError, match=r"^I14 at"
        ):  # the snapshot knows nothing of ben; I7 is content
            french(deep=deep).settled(center.engine.snapshot())
    audit = french(deep=True)
    audit.fact(facts.AgentMoved(5, "ann", "ready", "", "signed_out", 0))
    with pytest.raises(AssertionError, match=r"^I7 at"):
        audit.settled(center.engine.snapshot())


def test_the_instant_in_which_a_caller_hangs_up_and_an_agent_accepts() -> None:
    audit = Audit(small_plan())
    center = Center(None, audit.fact)
    center.do(0, events.AgentSignedIn("ann"))
    center.do(1_000, events.CallArrived("p-1", "100"))
    number = center.reservation("ann")
    center.do(3_000, events.LineEnded("p-1"))
    center.do(3_000, events.ReservationAccepted("ann", number))
    audit.settled(center.engine.snapshot())
    assert audit.probes["an accept came in the instant the caller hung up"] == 1
    assert audit.probes["the caller hung up while an agent was ringing"] == 1
