"""Hold music by numbers: level, seam, spectrum, and that no detector takes it for a key."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from ivr.media.codec import ULAW
from ivr.media.keypad import DtmfDetector, purity
from ivr.media.music import PIECES, _hertz, _render, _rendered, music
from ivr.media.pcm import from_float, level_dbfs, peak_dbfs, to_float
from ivr.media.score import PIECES_BY_NAME
from ivr.media.sound import SoundError, write_wav


def as_heard(name: str) -> bytes:
    """PCM at 8 kHz as a phone decodes it."""
    return ULAW.decode(b"".join(music(name).frames(ULAW)))


def band_db(pcm: bytes, low_hz: float, high_hz: float) -> float:
    """The share of a band in the whole, in decibels."""
    samples = to_float(pcm)
    power = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / 8000)
    return float(10 * np.log10(power[(hertz >= low_hz) & (hertz < high_hz)].sum() / power.sum()))


@pytest.mark.parametrize("name", PIECES)
def test_a_piece_is_of_good_length_and_level(name: str) -> None:
    sound = music(name)
    assert sound.loops
    assert 30_000 <= sound.length_ms <= 60_000
    for pcm in (sound.pcm, as_heard(name)):
        assert peak_dbfs(pcm) <= -9
        assert -24 < level_dbfs(pcm) < -16


@pytest.mark.parametrize("name", PIECES)
def test_every_bar_adds_up(name: str) -> None:
    piece = PIECES_BY_NAME[name]
    assert piece.bar_ms % 20 == 0
    bars = {part.bars.count("|") for part in piece.parts}
    assert len(bars) == 1, "all parts have the same number of bars"
    for part in piece.parts:
        for number, bar in enumerate(part.bars.split("|"), 1):
            beats = sum(float(note.rpartition(":")[2]) for note in bar.split())
            assert beats == pytest.approx(piece.beats), f"{part.timbre}, bar {number}"


@pytest.mark.parametrize("name", PIECES)
def test_the_music_never_stops_and_never_jumps(name: str) -> None:
    samples = to_float(music(name).pcm)
    half_seconds = samples[: len(samples) // 8000 * 8000].reshape(-1, 8000)
    levels = 20 * np.log10(np.sqrt((half_seconds**2).mean(axis=1)))
    assert levels.min() > -34
    assert levels.max() - levels.min() < 16


@pytest.mark.parametrize("name", PIECES)
@pytest.mark.parametrize("rate", ["at 16 kHz", "as a phone hears it"])
def test_the_seam_is_no_rougher_than_the_music(name: str, rate: str) -> None:
    samples = to_float(music(name).pcm if rate == "at 16 kHz" else as_heard(name))
    around = np.concatenate((samples[-800:], samples[:800]))
    for order in (1, 2):
        inside = np.abs(np.diff(samples, order))
        seam = np.abs(np.diff(around, order))[795:804]
        assert seam.max() <= np.quantile(inside, 0.999)
    # A click is a burst of treble: at the seam there is no more of it than elsewhere.
    treble = np.abs(np.diff(np.concatenate((samples, samples[:800])), 3))
    windows = treble[: len(treble) // 80 * 80].reshape(-1, 80).mean(axis=1)
    assert windows[-11:].max() <= windows[:-11].max()


@pytest.mark.parametrize("name", PIECES)
def test_the_tails_of_the_last_bar_ring_over_the_first(name: str) -> None:
    samples = to_float(music(name).pcm)
    assert level_dbfs(from_float(samples[:80])) > -60, "a loop that starts from silence was not wrapped"


@pytest.mark.parametrize("name", PIECES)
def test_no_detector_takes_the_music_for_a_key(name: str) -> None:
    pcm = as_heard(name)
    assert DtmfDetector().feed(pcm + pcm) == []
    assert purity(pcm) < 0.35, "half of what counts as a key"
    # Phones and detectors cut the bass off, which makes what is left purer.
    samples = to_float(pcm)
    spectrum = np.fft.rfft(samples)
    spectrum[np.fft.rfftfreq(len(samples), 1 / 8000) < 300] = 0
    assert purity(from_float(np.fft.irfft(spectrum, len(samples)))) < 0.5


@pytest.mark.parametrize("name", PIECES)
def test_the_spectrum_is_warm_but_reaches_a_telephone(name: str) -> None:
    pcm = as_heard(name)
    assert band_db(pcm, 300, 3400) > -6, "what a telephone carries is a good part of it"
    assert band_db(pcm, 1200, 1700) < -10, "the upper tones of the keys"
    assert band_db(pcm, 3000, 4000) < -30, "no hiss"


def test_pieces_are_different_and_always_the_same() -> None:
    assert len({music(name).pcm for name in PIECES}) == len(PIECES)
    assert from_float(_render(PIECES_BY_NAME["bossa"])) == music("bossa").pcm


def test_rendering_takes_a_fraction_of_a_second_and_happens_once() -> None:
    started = time.process_time()
    _render(PIECES_BY_NAME["evening"])
    assert time.process_time() - started < 3  # 0.05 s here; the bound only catches another order of magnitude
    assert music("evening") is music("evening")


def test_threads_that_ask_at_once_share_one_sound() -> None:
    _rendered.cache_clear()
    gate = threading.Barrier(6)
    got: list[object] = []

    def ask() -> None:
        gate.wait()
        got.append(music("bossa"))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(sound) for sound in got}) == 1


def test_an_authors_file_is_music_too_and_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "own.wav"
    write_wav(path, bytes(2 * 8000), 8000)
    sound = music(str(path))
    assert (sound.length_ms, sound.loops) == (1000, True)
    assert music(str(path)) is sound
    write_wav(path, bytes(2 * 16000), 8000)
    assert music(str(path)).length_ms == 2000


def test_an_unknown_piece_lists_the_names(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match="no hold music called 'jazz'; there are: soft-piano, slow-strings"):
        music("jazz")
    with pytest.raises(SoundError, match="no such file"):
        music(str(tmp_path / "gone.wav"))


def test_notes_are_in_tune() -> None:
    assert _hertz("A4") == 440
    assert _hertz("C4") == pytest.approx(261.63, abs=0.01)
    assert _hertz("F#3") == pytest.approx(185.00, abs=0.01)
    assert _hertz("Bb2") == pytest.approx(116.54, abs=0.01)
