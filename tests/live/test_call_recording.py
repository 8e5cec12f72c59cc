"""A call recorded with consent, over real sockets: both parties, silence while a secret is keyed, nothing after a refusal."""

import asyncio
import wave
from pathlib import Path

import numpy as np

from ivr import wire
from ivr.client import Desk, Phone
from ivr.language import Center, load_sources
from tests.live.serving import served
from tests.live.test_bad_input import until
from tests.live.test_calls import tone_frames

CENTER = (
    'center: Kept\nnumbers: { "1": main }\nqueues: { support: {} }\nagents: { anna: { queues: [support] } }\n'
)
FLOW = """\
flow: main
start: a
vars: { pin: text }
states:
  a:
    - consent: recording
      say: "May we?"
      record: true
    - menu: "Ready?"
      choices: { 1: { label: "Go on", steps: [{ log: on }] } }
    - ask: "PIN?"
      digits: 2
      into: pin
      secret: true
    - queue: support
      on: { timeout: z, full: z, empty: z, closed: z }
    - hangup
  z: [hangup]
"""


def center() -> Center:
    return load_sources({"center.yaml": CENTER, "main.flow.yaml": FLOW})


async def say(party: Phone | Desk, hz: int, frames: int = 50) -> None:
    """A second of a tone, at the pace of a phone."""
    for frame in tone_frames(hz, frames):
        await party.send_frame(frame)
        await asyncio.sleep(0.02)


def loudness(pcm: np.ndarray, hz: int) -> np.ndarray:
    """How loud a tone is in each fifth of a second."""
    parts = pcm[: len(pcm) // 1_600 * 1_600].reshape(-1, 1_600)
    wave_ = np.exp(-2j * np.pi * hz * np.arange(1_600) / 8_000)
    return np.asarray(np.abs(parts @ wave_) / 1_600)


async def test_both_parties_are_in_the_file_and_a_secret_is_silence(tmp_path: Path) -> None:
    async with served(center(), agents=False, data=tmp_path) as url:
        async with Phone(url, codec="ulaw") as phone, Desk(url, agent="anna", codec="ulaw") as desk:
            await phone.dial("1")
            await phone.hears("May we", within=10)
            await phone.press("1")
            assert (await phone.wait_for(wire.Recording, within=5)).on
            await say(phone, 700)
            await phone.press("1")
            assert not (await phone.wait_for(wire.Recording, within=5)).on
            await say(phone, 1_100)
            await phone.press("42")
            assert (await phone.wait_for(wire.Recording, within=5)).on
            ring = await desk.wait_for(wire.Ring, within=10)
            await desk.accept(ring.reservation)
            await phone.wait_for(wire.Bridged, within=5)
            await asyncio.gather(say(phone, 1_500), say(desk, 1_900))
            await phone.hang_up()
        await until(lambda: list((tmp_path / "recordings").glob("*.wav")))
        (path,) = (tmp_path / "recordings").glob("*.wav")
        with wave.open(str(path)) as recording:
            pcm = np.frombuffer(recording.readframes(recording.getnframes()), "<i2").astype(float)
    assert loudness(pcm, 700).max() > 1_000
    assert loudness(pcm, 1_100).max() < 100, "what was said while the PIN was asked for is not in it"
    together = (loudness(pcm, 1_500) > 1_000) & (loudness(pcm, 1_900) > 1_000)
    assert together.any(), "both parties are heard at the same time"
    before, after = np.flatnonzero(loudness(pcm, 700) > 1_000)[-1], np.flatnonzero(together)[0]
    quiet = np.abs(pcm[(before + 1) * 1_600 : after * 1_600]) < 200
    assert quiet.sum() > 0.6 * 8_000, (
        "the silence is as long as what was left out, but for a fifth at each end"
    )


async def test_after_a_refusal_no_byte_is_kept(tmp_path: Path) -> None:
    async with (
        served(center(), agents=False, data=tmp_path) as url,
        Phone(url, codec="ulaw") as phone,
    ):
        await phone.dial("1")
        await phone.hears("May we", within=10)
        await phone.press("2")
        await phone.hears("Ready", within=10)
        await say(phone, 700, 10)
        await phone.hang_up()
    assert not (tmp_path / "recordings").exists()
