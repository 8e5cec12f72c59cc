"""Who hears whom, with sound: each party says a tone of its own, and what each hears is told by its spectrum."""

import asyncio
import contextlib
import math
import struct
from collections.abc import AsyncIterator, Mapping

import numpy as np
import pytest

from ivr import wire
from ivr.client import Desk, Phone
from ivr.core.acd.hearing import table
from ivr.media import CODECS
from tests.live.serving import served
from tests.live.test_bad_input import until
from tests.support import center_of
from tests.support.lab import states

ULAW = CODECS["ulaw"]
TONES = {"caller": 450, "anna": 750, "boris": 1_250, "clara": 2_050}
AGENTS = """\
agents:
  anna: { queues: [support] }
  boris: { queues: [billing] }
  clara: { queues: [billing], supervisor: true }
"""
FLOW = "a: [{queue: support, on: {timeout: z, full: z, empty: z, closed: z}}, hangup]\nz: [hangup]\n"
FRAMES = 40


def frames_of(hz: int, count: int) -> list[bytes]:
    samples = [round(5_000 * math.sin(2 * math.pi * hz * n / 8_000)) for n in range(160 * count)]
    coded = ULAW.encode(struct.pack(f"<{len(samples)}h", *samples))
    return [coded[at : at + 160] for at in range(0, len(coded), 160)]


def heard(frames: list[bytes]) -> set[str]:
    """Whose tones are in what was heard."""
    pcm = np.frombuffer(ULAW.decode(b"".join(frames)), "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm)))) / len(pcm)

    def loud(hz: int) -> bool:
        at = round(hz * len(pcm) / 8_000)
        return bool(
            spectrum[at - 3 : at + 4].max() > 450
        )  # a tone is 1 250; hold music has some of everything

    return {name for name, hz in TONES.items() if loud(hz)}


class Room:
    """A caller and three desks, all with sound."""

    def __init__(self, phone: Phone, desks: dict[str, Desk], ears: dict[str, list[bytes]]) -> None:
        self.phone, self.desks, self.ears = phone, desks, ears

    async def who_hears_whom(self) -> dict[str, set[str]]:
        """Everybody says their tone for a while; what each hears of it."""
        for frames in self.ears.values():
            frames.clear()
        says = {name: frames_of(hz, FRAMES) for name, hz in TONES.items()}
        for number in range(FRAMES):
            await self.phone.send_frame(says["caller"][number])
            for name, desk in self.desks.items():
                await desk.send_frame(says[name][number])
            await asyncio.sleep(0.02)
        return {name: heard(frames[10:35]) for name, frames in self.ears.items()}

    async def expect(self, wanted: Mapping[str, set[str]], music: str = "") -> None:
        """These hear just those; who has `music` hears nobody. On a busy machine frames are late: tried up to five times."""
        for _ in range(5):
            found = await self.who_hears_whom()
            if found.get(music):
                found[music] &= {"caller", "anna", "boris"} - {music}
            seen = {name: found[name] for name in wanted}
            if seen == wanted:
                break
        assert seen == wanted


@contextlib.asynccontextmanager
async def room() -> AsyncIterator[Room]:
    """Anna talks to a caller; boris may be asked, clara is a supervisor on a pause."""
    ears: dict[str, list[bytes]] = {name: [] for name in TONES}
    center = center_of(states(FLOW), agents=AGENTS)
    async with served(center, agents=False) as url:
        desks = {
            name: Desk(url, agent=name, codec="ulaw", ready=name != "clara", on_frame=ears[name].append)
            for name in ("anna", "boris", "clara")
        }
        phone = Phone(url, number="+1", codec="ulaw", on_frame=ears["caller"].append)
        async with phone, desks["anna"], desks["boris"], desks["clara"]:
            await phone.dial("1")
            await desks["anna"].wait_for(wire.Ring, within=10)
            await desks["anna"].accept()
            await phone.wait_for(wire.Bridged, within=5)
            yield Room(phone, desks, ears)


async def consulted(here: Room) -> None:
    await here.desks["anna"].consult("boris")
    ring = await here.desks["boris"].wait_for(wire.Ring, within=5)
    assert (ring.kind, ring.data) == ("consult", {"consult": {"by": "Anna"}})
    await here.desks["boris"].accept()
    await mode(here, "private")


async def mode(here: Room, wanted: str) -> None:
    anna = here.desks["anna"]
    await until(lambda: anna.state.consult_mode == wanted)


async def test_who_hears_whom_in_a_consultation_and_a_conference() -> None:
    async with room() as here:
        anna = here.desks["anna"]
        await here.expect({"caller": {"anna"}, "anna": {"caller"}, "boris": set(), "clara": set()})
        await consulted(here)
        await here.expect({"anna": {"boris"}, "boris": {"anna"}, "caller": set()}, music="caller")
        await anna.swap()
        await mode(here, "swapped")
        await here.expect({"anna": {"caller"}, "caller": {"anna"}, "boris": set()}, music="boris")
        await anna.conference()
        await mode(here, "conference")
        await here.expect(
            {
                "caller": {"anna", "boris"},
                "anna": {"caller", "boris"},
                "boris": {"caller", "anna"},
                "clara": set(),
            }
        )
        await anna.complete()
        await here.phone.wait_for(wire.Bridged, within=5, where=lambda bridged: bridged.party == "boris")
        await here.expect({"caller": {"boris"}, "boris": {"caller"}, "anna": set()})


@pytest.mark.parametrize("does", ["monitor", "whisper", "barge"])
async def test_who_hears_a_supervisor(does: str) -> None:
    lines = table("talk", "caller", "anna", "", {"clara": does})
    async with room() as here:
        clara = here.desks["clara"]
        await clara.supervise("anna", does)
        assert (await clara.wait_for(wire.Supervising, within=5)).mode == does
        await here.expect({"boris": set(), **{line: set(others) for line, others in lines.items()}})
        await clara.supervise("")
        await until(lambda: clara.state.supervises == "")
        await here.expect({"caller": {"anna"}, "anna": {"caller"}, "boris": set(), "clara": set()})


async def test_a_supervisor_pulls_a_waiting_call_and_what_is_not_possible_is_said() -> None:
    async with room() as here:
        clara, anna = here.desks["clara"], here.desks["anna"]
        await anna.supervise("boris")
        assert "no supervisor" in (await anna.wait_for(wire.Error, within=5)).text
        await clara.pull("c-000001")
        assert "does not wait" in (await clara.wait_for(wire.Error, within=5)).text
        await clara.pull("nonsense")
        assert "no call" in (await clara.wait_for(wire.Error, within=5)).text
        await clara.force("boris", "paused")
        await here.desks["boris"].wait_for(
            wire.AgentState, within=5, where=lambda state: state.state == "paused"
        )
