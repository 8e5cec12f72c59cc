"""Sounds and WAV files: what is read, what is refused and with which advice."""

import struct
import threading
import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.media.codec import CODECS, ULAW, Codec
from ivr.media.pcm import from_float, level_dbfs, to_float
from ivr.media.sound import Sound, SoundError, encode_wav, join, read_wav, silence, write_wav


def wave_of(samples: np.ndarray, width: int) -> bytes:
    """Numbers in -1..1 as the samples of a WAV file."""
    if width == 1:
        return (samples * 127 + 128).round().astype(np.uint8).tobytes()
    full = (samples * (2 ** (8 * width - 1) - 1)).round().astype("<i4")
    raw = full.view(np.uint8).reshape(-1, 4)
    return bytes(raw[:, :width].tobytes())


def put(path: Path, data: bytes, *, channels: int = 1, width: int = 2, rate_hz: int = 16000) -> Path:
    with wave.open(str(path), "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.setframerate(rate_hz)
        writer.writeframes(data)
    return path


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 22050, 32000, 44100, 48000])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_usual_form_reads_as_the_same_sound(
    rate_hz: int, width: int, channels: int, tmp_path: Path
) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 500 / rate_hz * np.arange(rate_hz // 5))
    data = wave_of(np.repeat(tone, channels), width)
    sound = read_wav(put(tmp_path / "a.wav", data, channels=channels, width=width, rate_hz=rate_hz))
    assert sound.length_ms == pytest.approx(200, abs=1)
    middle = to_float(sound.pcm)[800:2400]
    assert level_dbfs(from_float(middle)) == pytest.approx(-9.03, abs=0.3)
    assert np.abs(np.fft.rfft(middle)).argmax() == 50  # 500 Hz in a tenth of a second


def test_stereo_is_the_mean_of_both_sides(tmp_path: Path) -> None:
    data = np.tile(np.array([8000, -2000], "<i2"), 320).tobytes()
    sound = read_wav(put(tmp_path / "a.wav", data, channels=2))
    assert set(np.frombuffer(sound.pcm, "<i2").tolist()) == {3000}


def header(format_tag: int, *, size: int = 100) -> bytes:
    form = struct.pack("<HHIIHH", format_tag, 1, 8000, 8000, 1, 8)
    data = b"data" + struct.pack("<I", size) + bytes(min(size, 100))
    return (
        b"RIFF" + struct.pack("<I", 20 + len(form) + size) + b"WAVEfmt " + struct.pack("<I", 16) + form + data
    )


@pytest.mark.parametrize(
    ("name", "data", "complaint"),
    [
        ("song.mp3", b"ID3\x04" + bytes(400), "not a WAV"),
        ("law.wav", header(7), "compressed WAV"),
        ("nothing.wav", b"", "empty"),
        ("half.wav", header(1)[:20], "empty or cut off"),
        ("hollow.wav", encode_wav(b"", 8000), "no sound"),
        ("surround.wav", None, "6 channels"),
        ("slow.wav", encode_wav(bytes(100), 200), "200 samples a second"),
    ],
)
def test_what_cannot_be_played_is_named_with_a_cure(
    name: str, data: bytes | None, complaint: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if data is None:
        put(path, bytes(1200), channels=6)
    else:
        path.write_bytes(data)
    with pytest.raises(SoundError, match=complaint) as caught:
        read_wav(path)
    assert str(path) in str(caught.value)
    assert "ffmpeg" in str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match=r"gone\.wav: no such file"):
        read_wav(tmp_path / "gone.wav")
    with pytest.raises(SoundError, match="cannot be read"):
        read_wav(tmp_path)


def test_a_sound_longer_than_the_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.media.sound.WAV_LENGTH_MAX_MS", 2000)
    path = tmp_path / "long.wav"
    write_wav(path, bytes(2 * 16000 * 2), 16000)
    assert read_wav(path).length_ms == 2000
    write_wav(path, bytes(2 * 16000 * 2 + 32), 16000)
    with pytest.raises(SoundError, match="more than the 2 s"):
        read_wav(path)


def test_a_file_that_lies_about_its_length_is_believed_by_its_size(tmp_path: Path) -> None:
    data = bytearray(encode_wav(b"\x01\x01" * 1600, 16000))
    data[40:44] = struct.pack("<I", 0x7FFFF000)  # what programs write into a pipe
    path = tmp_path / "piped.wav"
    path.write_bytes(data)
    assert 100 <= read_wav(path).length_ms <= 102


@pytest.mark.parametrize("codec", CODECS.values(), ids=str)
def test_frames_cover_the_sound_and_are_made_once(codec: Codec) -> None:
    sound = Sound(b"\x10\x20" * (16000 // 10 + 1))
    frames = sound.frames(codec)
    assert len(frames) == 6, "100 ms and a sample"
    assert sound.frames(codec) is frames
    assert {len(frame) for frame in frames} == {codec.frame_bytes}
    assert frames[5].endswith(codec.silence[4:])


def test_threads_that_ask_at_once_get_the_same_frames() -> None:
    sound = Sound(bytes(2 * 16000 * 20))
    gate = threading.Barrier(8)
    got: list[tuple[bytes, ...]] = []

    def ask() -> None:
        gate.wait()
        got.append(sound.frames(ULAW))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert len({id(frames) for frames in got}) == 1


def test_join_puts_pauses_between() -> None:
    one, two = Sound(b"\x01\x00" * 1600), Sound(b"\x02\x00" * 1600)
    assert join([one, two], gap_ms=50).length_ms == 250
    assert join([one, two]).pcm == one.pcm + two.pcm
    assert join([]).length_ms == 0
    assert silence(40).frames(ULAW) == (ULAW.silence, ULAW.silence)


def test_a_sound_is_made_of_whole_samples_and_a_loop_of_whole_frames() -> None:
    with pytest.raises(SoundError, match="odd"):
        Sound(b"\0\0\0")
    with pytest.raises(SoundError, match="whole number"):
        Sound(bytes(642), loops=True)
    with pytest.raises(SoundError, match="whole number"):
        Sound(b"", loops=True)


def test_any_recording_can_loop_without_a_click(tmp_path: Path) -> None:
    path = tmp_path / "loop.wav"
    write_wav(path, from_float(np.full(16000 + 77, 0.5)), 16000)
    sound = read_wav(path, loops=True)
    assert sound.length_ms == 1000
    samples = to_float(sound.pcm)
    assert abs(samples[0] - samples[-1]) < 0.01
    assert np.abs(np.diff(samples)).max() < 0.01
    write_wav(path, bytes(200), 16000)
    with pytest.raises(SoundError, match="too short"):
        read_wav(path, loops=True)


def test_ulaw_frames_written_to_a_file_come_back(tmp_path: Path) -> None:
    frames = ULAW.frames(bytes(range(256)) * 5)
    write_wav(tmp_path / "a.wav", ULAW.decode(b"".join(frames)), ULAW.rate_hz)
    with wave.open(str(tmp_path / "a.wav")) as reader:
        assert (reader.getnchannels(), reader.getsampwidth(), reader.getframerate()) == (1, 2, 8000)
        assert ULAW.encode(reader.readframes(10**6)) == ULAW.encode(ULAW.decode(b"".join(frames)))
