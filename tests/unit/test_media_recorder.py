"""The recorder: what is on disk while a call goes on, after it, and when the disk will not have it."""

import tracemalloc
import wave
from pathlib import Path

import pytest

from ivr.media import recorder as recorder_module
from ivr.media.codec import CODECS, SLIN16, ULAW, Codec
from ivr.media.recorder import Recorder
from ivr.media.sound import SoundError
from ivr.media.tones import tone


def read(path: Path) -> tuple[int, bytes]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return file.getframerate(), file.readframes(file.getnframes())


@pytest.mark.parametrize("codec", CODECS.values(), ids=str)
def test_a_call_is_a_wav_with_every_frame(codec: Codec, tmp_path: Path) -> None:
    frames = tone("ringback-us").frames(codec)[:77]
    with Recorder(tmp_path / "calls" / "a.wav", codec) as recorder:
        for frame in frames:
            recorder.write(frame)
        assert recorder.length_ms == 77 * 20
    assert read(tmp_path / "calls" / "a.wav") == (codec.rate_hz, codec.decode(b"".join(frames)))
    assert [path.name for path in (tmp_path / "calls").iterdir()] == ["a.wav"]


def test_a_killed_process_leaves_a_valid_file_that_lacks_less_than_a_second(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.wav", ULAW)
    for _ in range(149):
        recorder.write(ULAW.silence)
    recorder._file._file.flush()  # type: ignore[union-attr]  # what the kernel would see
    rate_hz, pcm = read(tmp_path / "a.wav.part")
    assert (rate_hz, len(pcm)) == (8000, 100 * 320)
    assert not (tmp_path / "a.wav").exists()
    recorder.close()
    assert len(read(tmp_path / "a.wav")[1]) == 149 * 320


def test_a_long_call_does_not_stay_in_memory(tmp_path: Path) -> None:
    tracemalloc.start()
    with Recorder(tmp_path / "a.wav", SLIN16) as recorder:
        for _ in range(10_000):
            recorder.write(SLIN16.silence)
        _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (tmp_path / "a.wav").stat().st_size == 44 + 10_000 * 640
    assert peak_bytes < 500_000


def test_closing_twice_and_writing_after_it_are_harmless(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.wav", ULAW)
    recorder.write(ULAW.silence)
    assert recorder.close() == recorder.close() == tmp_path / "a.wav"
    recorder.write(ULAW.silence)
    assert len(read(tmp_path / "a.wav")[1]) == 320


def test_a_call_without_a_frame_is_an_empty_wav(tmp_path: Path) -> None:
    assert read(Recorder(tmp_path / "a.wav", ULAW).close()) == (8000, b"")


def test_an_exception_in_the_call_keeps_the_recording(tmp_path: Path) -> None:
    def call() -> None:
        with Recorder(tmp_path / "a.wav", ULAW) as recorder:
            recorder.write(ULAW.silence)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        call()
    assert len(read(tmp_path / "a.wav")[1]) == 320


def test_a_recording_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "RECORDING_LENGTH_MAX_MS", 100)
    with Recorder(tmp_path / "a.wav", ULAW) as recorder:
        for _ in range(7):
            recorder.write(ULAW.silence)
    assert recorder.full
    assert recorder.length_ms == 100
    assert len(read(tmp_path / "a.wav")[1]) == 5 * 320


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SoundError, match=r"a\.wav: the recording cannot be written"):
        Recorder(tmp_path / "file" / "a.wav", ULAW)


def test_a_disk_that_fails_is_reported_and_the_file_is_let_go(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.wav", ULAW)
    recorder.write(ULAW.silence)
    (tmp_path / "a.wav").mkdir()  # the name is taken by something that cannot be replaced
    with pytest.raises(SoundError, match="cannot be written"):
        recorder.close()
    assert recorder.close() == tmp_path / "a.wav"
    assert len(read(tmp_path / "a.wav.part")[1]) == 320, "what was recorded is still there"
