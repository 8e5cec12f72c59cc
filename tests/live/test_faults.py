"""What once went wrong over real sockets, one test each."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ivr import wire
from ivr.client import Desk, Phone
from ivr.core import events, facts
from ivr.core.facts import Fact
from ivr.language import Center, load_sources
from ivr.limits import NOTE_CHARS_MAX, SPEECH_CHARS_MAX
from ivr.live.center import LiveCenter
from ivr.people.casting import cast_script
from tests.live.serving import served
from tests.live.test_bad_input import Raw, greeted, until
from tests.live.test_calls import ULAW, loudest_hz, tone_frames
from tests.support import center_of
from tests.support.lab import states

BOOKING = (
    "a: [{callback: support, to: caller.number}, {say: 'We will call you back. Please hang up now.'}, hangup]"
)
PASSING = """
a: [{transfer: plumber, ring: 20s, on: {no_answer: z, busy: z, rejected: z, failed: z}}, {say: 'After.'}, hangup]
z: [{say: 'Nobody there.'}, hangup]
"""


def heard(party: Phone | Desk) -> list[wire.Message]:
    return [message for _, message in party._log.since(0)]


def of(party: Phone | Desk, kind: type[Any]) -> list[Any]:
    return [message for message in heard(party) if isinstance(message, kind)]


async def test_a_callback_rings_the_phone_of_its_booker_after_the_call() -> None:
    async with (
        served(center_of(states(BOOKING)), agents=False) as url,
        Phone(url, number="+4955") as phone,
        Desk(url, agent="anna") as desk,
    ):
        await phone.dial("1")
        await phone.hears("We will call you back")
        assert not of(desk, wire.Ring)
        await phone.hang_up()
        await phone.wait_for(wire.Ended)
        await desk.accept((await desk.wait_for(wire.Ring, within=5)).reservation)
        await phone.wait_for(wire.Incoming, within=5)
        await phone.answer()
        assert (await desk.wait_for(wire.Bridged, within=5)).party == "+4955"


async def test_a_phone_that_is_in_a_call_is_busy_and_not_somebody_simulated() -> None:
    async with (
        served(center_of(states(PASSING)), agents=False) as url,
        Phone(url, number="+49301") as plumber,
        Phone(url, number="5") as phone,
    ):
        await plumber.dial("2")
        await plumber.hears("The other flow")
        await phone.dial("1")
        await phone.hears("Nobody there", within=5)


async def test_without_simulated_people_nobody_simulated_picks_up() -> None:
    told: list[Fact] = []
    center = center_of(states(PASSING.replace("20s", "1s")))
    async with served(center, agents=False, tell=told.append) as url, Phone(url, number="5") as phone:
        await phone.dial("1")
        await phone.hears("Nobody there", within=10)
    assert [fact.result for fact in told if isinstance(fact, facts.TransferEnded)] == ["no_answer"]


@pytest.mark.parametrize("who", ["guest", "caller"])
async def test_a_phone_that_was_passed_a_call_hears_of_its_end(who: str) -> None:
    async with (
        served(center_of(states(PASSING)), agents=False) as url,
        Phone(url, number="+49301") as plumber,
        Phone(url, number="5") as phone,
    ):
        await phone.dial("1")
        await plumber.wait_for(wire.Incoming, within=5)
        await plumber.answer()
        bridged = await plumber.wait_for(wire.Bridged, within=5)
        assert bridged == wire.Bridged("c-000001", "5")
        await (plumber if who == "guest" else phone).hang_up()
        assert (await plumber.wait_for(wire.Ended, within=5)).call == "c-000001"
        if who == "guest":
            await phone.hears("After")
        await plumber.dial("2")  # and it may call


HANGUP_HANDLER = """\
flow: main
start: a
on: { hangup: bye }
states:
  a: [{say: 'A long text which takes more than a second or two to be said.'}, hangup]
  bye: [{run: pay, with: {amount: 1}, on: {failed: fin}}, {goto: fin}]
  fin: [{log: "x"}, hangup]
"""


async def test_a_redial_while_the_flow_still_works_after_the_hang_up_is_a_call_of_its_own() -> None:
    keep: list[LiveCenter] = []
    async with served(center_of(HANGUP_HANDLER), agents=False, keep=keep) as url, Phone(url) as phone:
        delayed: list[tuple[Any, Any]] = []

        def note(delay_ms: int, action: Any, argument: object) -> None:
            delayed.append((action, argument))

        later = keep[0].driver.later
        keep[0].driver.later = note  # type: ignore[method-assign]
        await phone.dial("1")
        await phone.hang_up()
        assert await phone.wait_for(wire.Ended, within=5) == wire.Ended("c-000001", "caller_hung_up")
        second = await phone.dial("1")
        assert second.call == "c-000002"
        ((tell, answer),) = (one for one in delayed if isinstance(one[1], tuple) and one[1][0] == "ok")
        keep[0].driver.later = later  # type: ignore[method-assign]
        tell(answer)
        await phone.hang_up()
        await phone.wait_for(wire.Ended, within=5)
        after = heard(phone)[heard(phone).index(second) :]
        assert [message.state for message in after if isinstance(message, wire.State)] == ["a", "bye"]


async def test_a_prompt_of_a_call_that_has_ended_is_not_reported() -> None:
    told: list[Fact] = []
    center = center_of(states("a: [{say: 'A text that takes a second.'}, hangup]"))
    keep: list[LiveCenter] = []
    async with served(center, agents=False, tell=told.append, keep=keep) as url, Phone(url) as phone:
        await phone.dial("1")
        prompt = await phone.hears("A text")
        await phone.hang_up()
        await phone.wait_for(wire.Ended, within=5)
        due = keep[0].driver.now() + prompt.length_ms + 100
        await until(lambda: keep[0].driver.now() > due)
        assert not of(phone, wire.PromptEnded)
    assert not [fact for fact in told if isinstance(fact, facts.EventIgnored)]


def one_caller() -> Center:
    return load_sources(
        {
            "center.yaml": "center: One\nnumbers: { in: one }\nqueues: { line: {} }\nagents: { anna: { queues: [line] } }\n",
            "one.flow.yaml": "flow: one\nstart: s\nstates: { s: [{ queue: line }, hangup] }\n",
            "one.people.yaml": (
                "agents: { default: { talks: 1h } }\n"
                "callers: { arrivals: { rate: 1/d }, kinds: [{ name: k, share: 1, dials: in, patience: 1h }] }\n"
            ),
        }
    )


async def test_a_simulated_caller_is_heard_again_after_hold() -> None:
    center, keep, frames = one_caller(), list[LiveCenter](), list[bytes]()
    async with (
        served(center, keep=keep) as url,
        Desk(url, agent="anna", codec="ulaw", on_frame=frames.append) as desk,
    ):
        keep[0].cast.call(cast_script(center).kinds[0], "", 1)
        await desk.accept((await desk.wait_for(wire.Ring, within=5)).reservation)

        async def voice() -> None:
            """Wait until something else than silence or music comes."""
            frames.clear()
            await until(lambda: sum(len(set(frame)) > 20 for frame in frames) > 25)

        await voice()
        await desk.hold()
        await desk.wait_for(wire.Held)
        await desk.resume()
        await desk.wait_for(wire.Held)
        await voice()


async def test_whoever_takes_a_simulated_agents_seat_need_not_wait_for_a_simulated_talk() -> None:
    center, keep = one_caller(), list[LiveCenter]()
    async with served(center, keep=keep) as url:
        engine = keep[0].engine
        await until(lambda: engine.agent_state("anna") == "ready")
        keep[0].cast.call(cast_script(center).kinds[0], "", 1)
        await until(lambda: engine.agent_state("anna") == "talking")
        async with Desk(url, agent="anna") as desk:
            while (await desk.wait_for(wire.AgentState, within=2)).state != "ready":
                pass
        assert keep[0].bugs == 0


async def test_a_simulated_talk_with_a_real_caller_is_finished_first() -> None:
    center, keep = one_caller(), list[LiveCenter]()
    async with served(center, keep=keep) as url, Phone(url) as phone:
        await phone.dial("in")
        await phone.wait_for(wire.Bridged, within=5)
        async with Desk(url, agent="anna") as desk:
            assert (await desk.wait_for(wire.AgentState)).state == "waiting"
            with pytest.raises(TimeoutError):
                await desk.wait_for(wire.Parted, within=0.2)
            assert keep[0].engine.agent_state("anna") == "talking"
            await phone.hang_up()
            while (await desk.wait_for(wire.AgentState, within=2)).state != "ready":
                pass


async def test_a_refused_phone_with_sound_hears_the_busy_tone_and_may_dial_again() -> None:
    frames: list[bytes] = []
    async with (
        served(center_of(states(PASSING)), agents=False) as url,
        aiohttp.ClientSession() as session,
        session.ws_connect(url + "/phone") as ws,
    ):
        await ws.send_str('{"type": "hello", "codec": "ulaw"}')
        await ws.send_str('{"type": "dial", "to": "nobody"}')
        while len(frames) < 25:
            frame = await ws.receive(timeout=5)
            if frame.type is aiohttp.WSMsgType.BINARY and len(set(frame.data)) > 20:
                frames.append(frame.data)
        assert abs(loudest_hz(frames[:20]) - 425) < 30, "the European busy tone"
        await ws.send_str('{"type": "dial", "to": "2"}')
        texts: list[str] = []
        while '"prompt"' not in (texts[-1] if texts else ""):
            frame = await ws.receive(timeout=5)
            if frame.type is aiohttp.WSMsgType.TEXT:
                texts.append(frame.data)


async def test_a_sentence_sent_at_once_is_heard_whole() -> None:
    frames: list[bytes] = []
    sentence = tone_frames(700, 150)
    async with (
        served(center_of(), agents=False) as url,
        Phone(url, codec="ulaw") as phone,
        Desk(url, agent="anna", codec="ulaw", on_frame=frames.append) as desk,
    ):
        await phone.dial("1")
        await desk.accept((await desk.wait_for(wire.Ring, within=5)).reservation)
        await phone.wait_for(wire.Bridged, within=5)
        for frame in sentence:
            await phone.send_frame(frame)
        said = set(sentence)
        await until(lambda: sum(frame in said for frame in frames) == len(sentence))
        assert ULAW.frame_bytes == len(sentence[0])


async def test_long_texts_of_peers_are_refused_before_they_are_kept(tmp_path: Path) -> None:
    told: list[Fact] = []
    async with (
        served(center_of(), agents=False, tell=told.append) as url,
        aiohttp.ClientSession() as session,
    ):
        async with session.ws_connect(url + "/phone") as ws:
            phone = Raw(ws)
            await greeted(phone)
            await ws.send_str('{"type": "dial", "to": "1"}')
            await until(lambda: any(isinstance(fact, facts.CallStarted) for fact in told))
            await ws.send_str('{"type": "say", "text": "%s"}' % ("x" * (SPEECH_CHARS_MAX + 1)))
            assert "too_long" in await error(ws)
        async with session.ws_connect(url + "/desk") as ws:
            await ws.send_str('{"type": "sign_in", "agent": "anna"}')
            for field in ('"pause", "reason"', '"wrap_up", "code"', '"transfer", "to"'):
                await ws.send_str(f'{{"type": {field}: "{"x" * (NOTE_CHARS_MAX + 1)}"}}')
                assert "too_long" in await error(ws)
    assert not Counter(type(fact).__name__ for fact in told)["SpeechTaken"]


async def error(ws: aiohttp.ClientWebSocketResponse) -> str:
    while True:
        frame = await ws.receive(timeout=5)
        if frame.type is aiohttp.WSMsgType.TEXT and '"error"' in frame.data:
            return str(frame.data)


@pytest.mark.parametrize(("header", "value", "status"), [("Origin", "http://[", 403), ("Host", "[", 421)])
async def test_headers_that_are_no_addresses_are_refused(header: str, value: str, status: int) -> None:
    async with (
        served(agents=False) as url,
        aiohttp.ClientSession() as session,
        session.get(url + "/api/snapshot", headers={header: value}) as answer,
    ):
        assert answer.status == status


async def test_speed_is_told_to_phones_and_desks() -> None:
    async with (
        served(center_of(), agents=False, speed=20) as url,
        Phone(url) as phone,
        Desk(url, agent="anna") as desk,
    ):
        assert of(phone, wire.Welcome)[0].speed == of(desk, wire.Seated)[0].speed == 20


async def test_a_line_whose_sound_fails_goes_on_without_it() -> None:
    keep: list[LiveCenter] = []
    center = center_of(states("a: [{say: 'A text of a second or so.'}, hangup]"))
    async with served(center, agents=False, keep=keep) as url, Phone(url, codec="ulaw") as phone:
        await phone.dial("1")
        await phone.hears("A text")

        def broken(_: bytes) -> None:
            raise OSError("no more")

        keep[0].sound._send[next(iter(keep[0].sound._send))] = broken
        assert (await phone.wait_for(wire.Ended, within=5)).reason == "flow_hung_up"


class Refusing:
    """A store whose disk is full."""

    failing = "database or disk is full"
    depth = 0
    gone = (3, 2)

    def __init__(self) -> None:
        self.records: list[Any] = []

    def put_input(self, at: int, event: events.Event) -> bool:
        return False

    def put_fact(self, fact: Fact) -> bool:
        return False

    def put_record(self, record: Any) -> bool:
        return False

    def on_commit(self, listener: Any) -> None:
        pass


async def test_while_the_disk_refuses_no_call_is_taken_real_or_simulated() -> None:
    center = one_caller()
    keep: list[LiveCenter] = []
    store: Any = Refusing()
    async with served(center, keep=keep, store=store) as url, aiohttp.ClientSession() as session:
        keep[0].cast.call(cast_script(center).kinds[0], "", 1)
        assert not keep[0].engine.calls()
        async with session.get(url + "/metrics") as answer:
            page = await answer.text()
    assert 'ivr_admission_refused_total{reason="store_full"} 1.0' in page
    assert 'ivr_journal_lost_total{weight="informs"} 3.0' in page
    assert 'ivr_journal_lost_total{weight="counts"} 2.0' in page
    await asyncio.sleep(0)
