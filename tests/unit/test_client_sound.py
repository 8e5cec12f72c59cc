"""Sound at the client: G.711 against the standard library, recordings measured, packets both ways."""

from __future__ import annotations

import itertools
import math
import wave
from array import array
from pathlib import Path

import pytest

from ivr import wire
from ivr.client import Phone, WavRecording
from ivr.client.sound import decode
from ivr.errors import OperatorError
from ivr.media.pcm import audioop
from tests.unit.fake_center import CONNECTED, Peer, center

FRAMES = 50
ULAW = wire.Welcome(wire.PROTOCOL, "Fake", "ulaw", 20, 160)


def tone(rate: int, hz: float, seconds: float, level: int = 8_000) -> bytes:
    count = int(rate * seconds)
    return array("h", (round(level * math.sin(2 * math.pi * hz * i / rate)) for i in range(count))).tobytes()


def read(path: Path) -> tuple[int, array[int]]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return file.getframerate(), array("h", file.readframes(file.getnframes()))


def crossings(samples: array[int]) -> int:
    return sum(a < 0 <= b for a, b in itertools.pairwise(samples))


@pytest.mark.parametrize("codec", ["ulaw", "alaw"])
def test_every_code_decodes_as_the_standard_library_does(codec: str) -> None:
    codes = bytes(range(256))
    expected = audioop.ulaw2lin(codes, 2) if codec == "ulaw" else audioop.alaw2lin(codes, 2)
    assert decode(codec, codes) == expected


@pytest.mark.parametrize(("codec", "rate"), [("ulaw", 8_000), ("alaw", 8_000), ("slin16", 16_000)])
def test_a_recording_has_the_length_pitch_and_level_of_what_was_heard(
    codec: str, rate: int, tmp_path: Path
) -> None:
    pcm = tone(rate, 440, 1.0)
    sound = {"ulaw": lambda: audioop.lin2ulaw(pcm, 2), "alaw": lambda: audioop.lin2alaw(pcm, 2)}.get(
        codec, lambda: pcm
    )()
    path = tmp_path / "heard.wav"
    size = wire.CODECS[codec]
    with WavRecording(str(path), codec) as recording:
        for start in range(0, len(sound), size):
            recording(sound[start : start + size])
        assert recording.seconds == pytest.approx(1.0)
    recording(sound[:size])  # too late
    got_rate, samples = read(path)
    assert (got_rate, len(samples)) == (rate, rate)
    assert abs(crossings(samples) - 440) <= 1
    assert max(samples) == pytest.approx(8_000, rel=0.05)


async def test_a_phone_records_streams_and_speaks(tmp_path: Path) -> None:
    packet = bytes(range(160))

    async def script(peer: Peer) -> None:
        assert (await peer.welcomes(ULAW)).codec == "ulaw"
        await peer.hears(wire.Dial)
        await peer.says(CONNECTED)
        for _ in range(FRAMES):
            await peer.socket.send_bytes(packet)
        await peer.says(wire.Music(""))
        await peer.hears(wire.HangUp)
        assert peer.frames == [packet[::-1]]

    heard: list[bytes] = []
    path = tmp_path / "call.wav"
    async with center(script) as fake:
        async with Phone(fake.url, codec="ulaw", on_frame=heard.append) as phone:
            phone.record(str(path))
            await phone.dial("support")
            await phone.wait_for(wire.Music)
            await phone.send_frame(packet[::-1])
            with pytest.raises(ValueError, match="160 bytes"):
                await phone.send_frame(b"short")
            await phone.hang_up()
        assert heard == [packet] * FRAMES
        assert phone.frames_heard == FRAMES
    rate, samples = read(path)
    assert (rate, len(samples)) == (8_000, FRAMES * 160)
    assert samples[:160].tobytes() == decode("ulaw", packet)


async def test_a_callback_that_breaks_is_not_swallowed() -> None:
    async def script(peer: Peer) -> None:
        await peer.welcomes(ULAW)
        await peer.socket.send_bytes(b"\xff" * 160)

    def broken(frame: bytes) -> None:
        raise ZeroDivisionError("in the callback")

    async with center(script) as fake:
        with pytest.raises(Exception, match="in the callback") as caught:
            async with Phone(fake.url, codec="ulaw", on_frame=broken) as phone:
                await phone.wait_for(wire.Ended, within=30)
        assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_line_without_sound_cannot_be_recorded(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="carries no sound"):
        Phone("http://localhost").record(str(tmp_path / "x.wav"))
    with pytest.raises(OperatorError, match="unknown codec"):
        Phone("http://localhost", codec="mp3")
    with pytest.raises(OperatorError, match="cannot record"):
        Phone("http://localhost", codec="ulaw").record(str(tmp_path / "no" / "x.wav"))
