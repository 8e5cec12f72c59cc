"""Whole calls over real sockets: phones, desks, sound."""

import asyncio
import math
import struct
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ivr import wire
from ivr.client import Desk, Phone
from ivr.core.facts import Fact, QueueLeft
from ivr.language import load_sources
from ivr.live.center import LiveCenter
from ivr.media import CODECS
from ivr.people.casting import cast_script
from tests.live.serving import served
from tests.live.test_bad_input import until

ULAW = CODECS["ulaw"]


@pytest.fixture
async def quiet() -> AsyncIterator[tuple[str, LiveCenter]]:
    """A center with nobody in it but who comes."""
    keep: list[LiveCenter] = []
    async with served(agents=False, keep=keep) as url:
        yield url, keep[0]


def tone_frames(hz: int, count: int) -> list[bytes]:
    """Frames of a tone, in mu-law."""
    samples = [round(8_000 * math.sin(2 * math.pi * hz * n / 8_000)) for n in range(160 * count)]
    coded = ULAW.encode(struct.pack(f"<{len(samples)}h", *samples))
    return [coded[at : at + 160] for at in range(0, len(coded), 160)]


def loudest_hz(frames: list[bytes]) -> float:
    pcm = np.frombuffer(ULAW.decode(b"".join(frames)), "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm))))
    return float(np.argmax(spectrum) * 8_000 / len(pcm))


async def reach_queue(phone: Phone) -> None:
    await phone.dial("support")
    await phone.hears("press 1", within=20)
    await phone.press("1")


async def test_a_phone_and_a_desk_talk_hold_and_part(quiet: tuple[str, LiveCenter]) -> None:
    url, live = quiet
    async with Phone(url, number="+491510000001") as phone, Desk(url, agent="anna") as desk:
        await reach_queue(phone)
        ring = await desk.wait_for(wire.Ring, within=10)
        assert (ring.kind, ring.queue, ring.caller) == ("call", "support", "+491510000001")
        await desk.accept(ring.reservation)
        assert (await phone.wait_for(wire.Bridged, within=5)).party == "anna"
        assert (await desk.wait_for(wire.Bridged, within=5)).party == "+491510000001"
        await desk.hold()
        assert (await phone.wait_for(wire.Held, within=5)).on
        await desk.resume()
        assert not (await phone.wait_for(wire.Held, within=5)).on
        await desk.hang_up()
        await phone.wait_for(wire.Parted, within=5)
        ended = await phone.wait_for(wire.Ended, within=10)
        assert ended.reason == "flow_hung_up"
        assert live.engine.agent_state("anna") == "wrap_up"
        await desk.wrap_up("solved")
        await until(lambda: live.engine.agent_state("anna") == "ready")


async def test_a_caller_for_whom_an_agent_is_rung_at_once_waits_as_the_record_says() -> None:
    told: list[Fact] = []
    async with (
        served(agents=False, tell=told.append) as url,
        Desk(url, agent="anna") as desk,
        Desk(url, agent="clara", ready=False) as clara,
        Phone(url, number="+491510000001") as phone,
    ):
        await reach_queue(phone)
        queued = await phone.wait_for(wire.Queued, within=10)
        assert (queued.queue, queued.position, queued.estimate_s) == ("support", 1, 0.0)
        assert (await phone.wait_for(wire.Music, within=5)).name == "ringback"
        await desk.wait_for(wire.Ring, within=10)
        assert phone.state.stage == "waiting"
        await desk.accept()
        await phone.wait_for(wire.Bridged, within=5)
        assert [fact.outcome for fact in told if isinstance(fact, QueueLeft)] == ["answered"]
        await clara.ready()
        await clara.wait_for(wire.AgentState, within=5, where=lambda state: state.state == "ready")
        await desk.transfer("clara")
        assert (await phone.wait_for(wire.Music, within=5)).name == "ringback"
        assert phone.state.queue == "", "a transfer to an agent is no wait"


async def test_bridged_sound_passes_both_ways_and_hold_is_music(quiet: tuple[str, LiveCenter]) -> None:
    url, _ = quiet
    to_phone: list[bytes] = []
    to_desk: list[bytes] = []
    phone = Phone(url, number="+491510000001", codec="ulaw", on_frame=to_phone.append)
    desk = Desk(url, agent="anna", codec="ulaw", on_frame=to_desk.append)
    async with phone, desk:
        await reach_queue(phone)
        ring = await desk.wait_for(wire.Ring, within=10)
        await desk.accept(ring.reservation)
        await phone.wait_for(wire.Bridged, within=5)
        to_phone.clear()
        to_desk.clear()
        for low, high in zip(tone_frames(440, 60), tone_frames(1_000, 60), strict=True):
            await phone.send_frame(low)
            await desk.send_frame(high)
            await asyncio.sleep(0.02)
        assert abs(loudest_hz(to_desk[10:50]) - 440) < 15
        assert abs(loudest_hz(to_phone[10:50]) - 1_000) < 15
        await desk.hold()
        await phone.wait_for(wire.Held, within=5)
        to_phone.clear()
        await until(lambda: len(to_phone) >= 60)
        assert level(to_phone[20:]) > 200, "music is heard on hold"


def level(frames: list[bytes]) -> float:
    pcm = np.frombuffer(ULAW.decode(b"".join(frames)), "<i2").astype(float)
    return float(np.sqrt(np.mean(pcm**2)))


async def test_a_recorded_call_has_prompt_then_music_then_agent(
    quiet: tuple[str, LiveCenter], tmp_path: Path
) -> None:
    url, _ = quiet
    out = tmp_path / "out.wav"
    async with (
        Phone(url, number="+491510000001", codec="ulaw") as phone,
        Desk(url, agent="anna", ready=False, codec="ulaw") as desk,
    ):
        phone.record(str(out))
        await reach_queue(phone)
        queued = await phone.wait_for(wire.Queued, within=5)
        assert queued.position == 1
        music = await phone.wait_for(wire.Music, within=20)
        assert music.name == "soft-piano"
        await asyncio.sleep(1.5)
        await desk.ready()
        ring = await desk.wait_for(wire.Ring, within=5)
        await desk.accept(ring.reservation)
        await phone.wait_for(wire.Bridged, within=5)
        for frame in tone_frames(1_000, 50):
            await desk.send_frame(frame)
            await asyncio.sleep(0.02)
        await phone.hang_up()
    with wave.open(str(out)) as recording:
        assert recording.getframerate() == 8_000
        pcm = np.frombuffer(recording.readframes(recording.getnframes()), "<i2").astype(float)
    seconds = len(pcm) / 8_000
    assert 3 < seconds < 40
    first, last = pcm[:16_000], pcm[-6_400:]
    middle = pcm[-8_000 * 2 - 4_000 : -8_000 - 4_000]
    assert rms(first) > 300, "the prompt is heard"
    assert rms(middle) > 200, "the music is heard"
    spectrum = np.abs(np.fft.rfft(last * np.hanning(len(last))))
    assert abs(float(np.argmax(spectrum)) * 8_000 / len(last) - 1_000) < 20, "the agent is heard"


def rms(pcm: np.ndarray[Any, Any]) -> float:
    return float(np.sqrt(np.mean(pcm**2)))


async def test_a_desk_transfers_to_a_queue_and_to_a_colleague(quiet: tuple[str, LiveCenter]) -> None:
    url, _ = quiet
    async with (
        Phone(url, number="+491510000001") as phone,
        Desk(url, agent="boris") as boris,
        Desk(url, agent="fynn") as fynn,
        Desk(url, agent="clara", ready=False) as clara,
    ):
        await reach_queue(phone)
        await boris.accept((await boris.wait_for(wire.Ring, within=10)).reservation)
        await boris.wait_for(wire.Bridged, within=5)
        await boris.transfer("billing")
        ring = await fynn.wait_for(wire.Ring, within=5)
        assert (ring.queue, ring.kind) == ("billing", "call")
        await fynn.accept(ring.reservation)
        await fynn.wait_for(wire.Bridged, within=5)
        await clara.ready()
        await clara.wait_for(wire.AgentState, within=5)
        await fynn.transfer("clara")
        ring = await clara.wait_for(wire.Ring, within=5)
        assert ring.kind == "transfer"
        await clara.accept(ring.reservation)
        assert (await clara.wait_for(wire.Bridged, within=5)).call == ring.call
        await phone.hang_up()
        await clara.wait_for(wire.Parted, within=5)


async def test_a_real_person_takes_over_a_simulated_seat() -> None:
    keep: list[LiveCenter] = []
    async with served(callers=False, keep=keep, speed=5) as url, Desk(url, agent="anna") as desk:
        await desk.wait_for(wire.AgentState, within=10, where=lambda state: state.state == "ready")
        assert not keep[0].cast.plays("anna")


async def test_a_desk_signs_out_and_in_again(quiet: tuple[str, LiveCenter]) -> None:
    url, live = quiet
    async with Desk(url, agent="anna") as desk:
        await desk.sign_out()
        await until(lambda: live.engine.agent_state("anna") == "signed_out")
        await desk.sign_in(ready=False)
        await until(lambda: live.engine.agent_state("anna") == "paused")


async def test_a_callback_rings_the_customers_phone(quiet: tuple[str, LiveCenter]) -> None:
    url, live = quiet
    number = "+491510000001"
    async with Phone(url, number=number) as phone, Desk(url, agent="anna", ready=False) as desk:
        await reach_queue(phone)
        await phone.wait_for(wire.Queued, within=5)
        call = next(iter(live.engine.calls().values()))
        assert call.visit is not None
        call.visit.callback_alive = (
            True  # the offer itself takes two minutes; its rules are tested in virtual time
        )
        await phone.press("1")
        await phone.hears("Enter the number", within=10)
        await phone.press("#")
        await phone.wait_for(wire.Ended, within=10)
        await desk.ready()
        ring = await desk.wait_for(wire.Ring, within=10)
        assert (ring.kind, ring.caller) == ("callback", number)
        await desk.accept(ring.reservation)
        assert (await phone.wait_for(wire.Incoming, within=5)).caller == "+49301000"
        await phone.answer()
        assert (await phone.wait_for(wire.Bridged, within=5)).party == "anna"
        assert (await desk.wait_for(wire.Bridged, within=5)).party == number
        await phone.hang_up()
        await desk.wait_for(wire.Parted, within=5)


async def test_a_message_after_the_tone_becomes_a_wav(tmp_path: Path) -> None:
    keep: list[LiveCenter] = []
    async with served(agents=False, keep=keep, data=tmp_path) as url:
        live = keep[0]
        async with Phone(url, number="+491510000001", codec="ulaw") as phone:
            await reach_queue(phone)
            await phone.wait_for(wire.Queued, within=5)
            call = next(iter(live.engine.calls().values()))
            assert call.visit is not None
            live.engine.acd().waits.time_out(call.visit)  # twenty minutes of waiting, skipped
            await phone.hears("leave a message", within=10)
            await phone.wait_for(wire.Recording, within=20)
            for frame in tone_frames(700, 80):
                await phone.send_frame(frame)
                await asyncio.sleep(0.02)
            await phone.press("#")
            await phone.wait_for(wire.Ended, within=10)
        await until(lambda: list((tmp_path / "recordings").glob("*.wav")))
        (path,) = (tmp_path / "recordings").glob("*.wav")
        with wave.open(str(path)) as recording:
            pcm = np.frombuffer(recording.readframes(recording.getnframes()), "<i2").astype(float)
    assert 0.8 < len(pcm) / 8_000 < 3
    spectrum = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm))))
    assert abs(float(np.argmax(spectrum)) * 8_000 / len(pcm) - 700) < 20


async def test_stopping_ends_calls_and_tells_phones() -> None:
    async with served(agents=False) as url:
        phone = Phone(url)
        await phone.__aenter__()
        await phone.dial("support")
    ended = await phone.wait_for(wire.Ended, within=5)
    assert ended.reason == "shutdown"
    await phone.aclose()


async def test_a_simulated_caller_stays_in_the_talk_with_a_real_agent() -> None:
    center = load_sources(
        {
            "center.yaml": "center: One\nnumbers: { in: one }\nqueues: { line: {} }\nagents: { anna: { queues: [line] } }\n",
            "one.flow.yaml": "flow: one\nstart: s\nstates: { s: [{ queue: line }, hangup] }\n",
            "one.people.yaml": (
                "callers:\n  arrivals: { rate: 1/d }\n"
                "  kinds: [{ name: impatient, share: 1, dials: in, patience: 60s }]\n"
            ),
        }
    )
    keep: list[LiveCenter] = []
    async with served(center, keep=keep, speed=20) as url, Desk(url, agent="anna", ready=False) as desk:
        engine, cast = keep[0].engine, keep[0].cast
        await until(lambda: engine.agent_state("anna") == "paused")  # the simulated anna has left the seat
        cast.call(cast_script(center).kinds[0], "", 1)
        await until(lambda: engine.snapshot().waiting == 1)  # patience begins with the wait
        await desk.ready()
        ring = await desk.wait_for(wire.Ring, within=10)
        await desk.accept(ring.reservation)
        await desk.wait_for(wire.Bridged, within=5)
        connected = keep[0].driver.now()
        await until(lambda: keep[0].driver.now() > connected + 90_000)
        assert engine.agent_state("anna") == "talking", "patience is for waiting, not for talking"
