"""What a caller on a phone sees and is asked: a line without its socket."""

from heapq import heappop
from typing import Any

import pytest

from ivr import wire
from ivr.core.commands import RecordingOutlet
from ivr.core.law import fixed
from ivr.load import Call, Visit, totals
from ivr.load.line import Line
from ivr.people import CallerKind, Cast, Script
from ivr.sim.driver import VirtualDriver

QUEUED = wire.Queued("help", 2, 90.0)


def call() -> Call:
    return Call("s-1", "asks", "shop", "+49")


def asked(*messages: wire.Message) -> list[tuple[str, tuple[Any, ...]]]:
    """What a cast is asked when the center says this."""
    cast: Any = RecordingOutlet()
    line = Line(call(), cast, int)
    for message in messages:
        line._ask(message)
    return [(command.name, command.args) for command in cast.commands]


@pytest.mark.parametrize(
    ("message", "name", "args"),
    [
        (QUEUED, "queued", ("s-1", "help", 2, 90_000)),
        (wire.Queued("help", 1, None), "queued", ("s-1", "help", 1, None)),
        (wire.PromptEnded(7, "stopped"), "stop", ("s-1", 7)),
        (wire.Bridged("c-1", "ada"), "bridge", ("s-1", "a-ada")),
        (wire.Parted("c-1"), "part", ("s-1", "")),
    ],
)
def test_what_the_center_says_is_asked_of_the_cast(message: wire.Message, name: str, args: Any) -> None:
    assert asked(message) == [(name, args)]


def test_patience_does_not_begin_while_an_agent_is_rung_at_once_and_ears_know_the_end_themselves() -> None:
    assert asked(wire.Queued("help", 1, 0.0, ringing=True)) == []
    assert asked(wire.PromptEnded(7, "finished")) == []


def test_a_recorded_call_is_no_message_to_leave() -> None:
    assert asked(wire.Recording(on=True)) == []
    assert [name for name, _ in asked(wire.Recording(on=True, message=True))] == ["record"]


def test_a_prompt_keeps_what_it_listens_for() -> None:
    heard = wire.ListeningFor("digits", (("1", "One"),), 2, 4, "#")
    ((_, (line, play, spoken, listening)),) = asked(wire.Prompt(3, "Hello.", "en", 400, heard, 90.0))
    assert spoken.wait_ms == 90_000
    assert (line, play, spoken.text, spoken.length_ms) == ("s-1", 3, "Hello.", 400)
    assert (listening.kind, listening.choices[0].label, listening.digits_max) == ("digits", "One", 4)


@pytest.mark.parametrize(
    ("messages", "visits"),
    [
        ([QUEUED, wire.Bridged("c-1", "ada")], [Visit("help", 0, 1, "answered")]),
        ([QUEUED, QUEUED, wire.Ended("c-1", "flow_hung_up")], [Visit("help", 0, 2, "gone_on")]),
        ([QUEUED, wire.State("f", "s")], [Visit("help", 0, 1, "gone_on")]),
        ([QUEUED, wire.Queued("other", 1, 0.0)], [Visit("help", 0, 1, "gone_on"), Visit("other", 1)]),
    ],
)
def test_visits_end_as_their_caller_sees(messages: list[wire.Message], visits: list[Visit]) -> None:
    seen = call()
    for at, message in enumerate(messages):
        seen.hears(at, message)
    assert seen.visits == visits


def test_who_hangs_up_has_abandoned_whatever_the_flow_still_does() -> None:
    seen = call()
    seen.hears(0, QUEUED)
    seen.hangs_up(5_000)
    for message in (wire.State("f", "wrap-up"), wire.Ended("c-1", "caller_hung_up")):
        seen.hears(6_000, message)
    assert seen.visits == [Visit("help", 0, 5_000, "abandoned")]
    queue = totals([seen]).queues["help"]
    assert (queue.offered, queue.abandoned, queue.wait_of(0.5), queue.mean_wait_ms) == (1, 1, None, None)


def test_the_waits_of_the_answered() -> None:
    calls = [call() for _ in range(4)]
    for number, seen in enumerate(calls):
        seen.visits.append(Visit("help", 0, 1_000 * (4 - number), "answered"))
    queue = totals(calls).queues["help"]
    assert [queue.wait_of(share) for share in (0.5, 0.9, 1.0)] == [2_000, 4_000, 4_000]
    assert queue.mean_wait_ms == 2_500


def test_a_guest_ends_the_talk_when_the_matter_is_settled_and_not_the_next_one() -> None:
    ended: list[Any] = []
    driver = VirtualDriver()
    kind = CallerKind("asks", "shop", talks=fixed(30_000))

    class Stage:
        later = staticmethod(driver.later)
        admits = staticmethod(driver.admits)
        post = staticmethod(ended.append)

    cast = Cast(Script({}, [kind], 1_000), "1", Stage(), guests=True)
    cast.call(kind, "", 1)
    cast.bridge("s-1", "a-ada")
    driver.later(10_000, lambda _: cast.part("s-1", ""), None)
    driver.later(20_000, lambda _: cast.bridge("s-1", "a-bo"), None)
    run(driver, 49_999)
    assert len(ended) == 1, "the first talk was ended by the agent"
    run(driver, 50_000)
    assert (type(ended[1]).__name__, ended[1].line) == ("LineEnded", "s-1")
    assert cast.over


def run(driver: VirtualDriver, until: int) -> None:
    """Let what is due happen, without an engine."""
    while driver._agenda[0][0] <= until:
        driver.now, _, action, argument = heappop(driver._agenda)
        action(argument)
