"""Tones by their spectrum and cadence; keys by whether they are heard, and by what is not taken for one."""

import itertools

import numpy as np
import pytest

from ivr.media.codec import ULAW
from ivr.media.keypad import DIGITS, DtmfDetector, purity
from ivr.media.pcm import from_float, level_dbfs, peak_dbfs, resample, to_float
from ivr.media.sound import Sound, SoundError
from ivr.media.tones import TONES, dtmf, spoken_ms, text_tone, tone

EVERY_KEY = "0123456789*#ABCD"


def peaks_hz(samples: np.ndarray, rate_hz: int = 16000) -> list[int]:
    """The frequencies within 10 dB of the strongest, to 5 Hz."""
    count = rate_hz // 5
    spectrum = np.abs(np.fft.rfft(samples[:count] * np.hanning(count)))
    strong = np.flatnonzero(spectrum > spectrum.max() / 3)
    local = [k for k in strong if spectrum[k] == spectrum[k - 1 : k + 2].max()]
    return [int(k) * 5 for k in local]


def heard(sound: Sound, piece_bytes: int = 320) -> str:
    detector = DtmfDetector()
    pcm = ULAW.decode(b"".join(sound.frames(ULAW)))
    pieces = (pcm[at : at + piece_bytes] for at in range(0, len(pcm), piece_bytes))
    return "".join(press.digit for piece in pieces for press in detector.feed(piece))


@pytest.mark.parametrize(
    ("name", "hertz", "on_ms", "length_ms"),
    [
        ("ringback-us", [440, 480], 2000, 6000),
        ("ringback-eu", [425], 1000, 5000),
        ("busy-us", [480, 620], 500, 1000),
        ("busy-eu", [425], 500, 1000),
        ("congestion-us", [480, 620], 240, 500),
        ("congestion-eu", [425], 240, 500),
    ],
)
def test_a_tone_has_its_frequencies_and_its_cadence(
    name: str, hertz: list[int], on_ms: int, length_ms: int
) -> None:
    sound = tone(name)
    samples = to_float(sound.pcm)
    assert peaks_hz(samples) == hertz
    assert sound.loops
    assert sound.length_ms == length_ms
    on = on_ms * 16
    assert np.abs(samples[on - 400 : on - 100]).max() > 0.05
    assert np.abs(samples[on:]).max() == 0


def test_special_information_is_three_rising_tones() -> None:
    samples = to_float(tone("sit").pcm)
    third = 330 * 16
    assert [peaks_hz(samples[part * third :]) for part in range(3)] == [[950], [1400], [1800]]
    assert not tone("sit").loops


@pytest.mark.parametrize("name", TONES)
def test_no_tone_clicks_or_shouts_or_is_a_key(name: str) -> None:
    sound = tone(name)
    samples = to_float(sound.pcm)
    assert -26 < peak_dbfs(sound.pcm) < -10
    around = np.append(samples, samples[0]) if sound.loops else samples
    assert np.abs(np.diff(around)).max() < 0.12  # a full-scale click is 0.1 for one tone, 0.2 for two
    assert abs(samples[0]) < 0.01
    assert not heard(Sound(sound.pcm * 2))


def test_an_unknown_tone_lists_the_names() -> None:
    with pytest.raises(SoundError, match=r"no tone called 'buzz'; there are: ringback-us, "):
        tone("buzz")


@pytest.mark.parametrize("digit", EVERY_KEY)
def test_a_key_sounds_as_its_pair(digit: str) -> None:
    sound = dtmf(digit, on_ms=200)
    assert peaks_hz(to_float(sound.pcm)) == [5 * round(hertz / 5) for hertz in DIGITS[digit]]


@pytest.mark.parametrize(("on_ms", "off_ms"), [(100, 100), (300, 200), (60, 60), (50, 50), (45, 45)])
@pytest.mark.parametrize("piece_bytes", [320, 322, 37, 8000])
def test_every_key_is_heard_once_however_the_audio_is_cut(on_ms: int, off_ms: int, piece_bytes: int) -> None:
    assert heard(dtmf(EVERY_KEY + "1122", on_ms, off_ms), piece_bytes) == EVERY_KEY + "1122"


def test_every_key_is_heard_through_noise_and_twist() -> None:
    noise = np.random.default_rng(3).standard_normal(16000 * 4).astype(np.float32) * 0.01
    clean = to_float(dtmf(EVERY_KEY).pcm)
    assert heard(Sound(from_float(clean + noise[: len(clean)]))) == EVERY_KEY
    time = 2 * np.pi / 16000 * np.arange(1600)
    for low, high in ((0.1, 0.05), (0.05, 0.1)):
        pair = low * np.sin(770 * time) + high * np.sin(1336 * time)
        assert heard(Sound(from_float(pair))) == "5"


def test_a_long_press_is_one_and_the_moment_is_its_start() -> None:
    silence = bytes(2 * 8000)
    pcm = resample(dtmf("7", on_ms=2000).pcm, 16000, 8000)
    presses = DtmfDetector().feed(silence + pcm)
    assert [press.digit for press in presses] == ["7"]
    assert presses[0].at_ms == pytest.approx(1000, abs=20)


@pytest.mark.parametrize("shift", range(13))
def test_forty_milliseconds_are_a_key_and_twenty_four_are_not_wherever_the_windows_fall(shift: int) -> None:
    for on_ms, expected in ((40, "5"), (24, "")):
        pcm = resample(dtmf("5", on_ms).pcm, 16000, 8000)
        presses = DtmfDetector().feed(bytes(1600 + 16 * shift) + pcm + bytes(1600))
        assert "".join(press.digit for press in presses) == expected


def test_a_single_tone_a_short_blip_and_a_chord_are_no_keys() -> None:
    time = 2 * np.pi / 16000 * np.arange(8000)
    for chord in ((697,), (1336,), (697, 770), (697, 1336, 440, 550)):
        assert not heard(Sound(from_float(sum(0.1 * np.sin(hertz * time) for hertz in chord))))
    assert not heard(dtmf("5", on_ms=23))
    assert not heard(Sound(from_float(to_float(dtmf("5").pcm) * 0.01)))


def test_purity_is_one_for_a_key_and_small_for_a_voice_like_buzz() -> None:
    assert purity(resample(dtmf("5").pcm, 16000, 8000)) > 0.95
    time = 2 * np.pi / 8000 * np.arange(8000)
    buzz = from_float(sum(0.1 / k * np.sin(130 * k * time) for k in range(1, 20)))
    assert purity(buzz) < 0.5


@pytest.mark.parametrize("digit", EVERY_KEY)
def test_a_key_begins_and_ends_softly(digit: str) -> None:
    samples = to_float(dtmf(digit, on_ms=103).pcm)
    last = 103 * 16 - 1
    for edge in (samples[:4], samples[last - 3 : last + 1]):
        assert np.abs(edge).max() < 0.02


def test_letters_may_be_small_and_others_are_refused() -> None:
    assert dtmf("a").pcm == dtmf("A").pcm
    assert dtmf("").length_ms == 0
    assert dtmf("12").length_ms == 400
    with pytest.raises(SoundError, match="'X' is no key"):
        dtmf("1x")


def test_tones_for_text_last_as_long_as_the_text_would() -> None:
    text = "Welcome to Northlight. For billing, press one; for anything else, stay on the line."
    sound = text_tone(text)
    assert sound.length_ms == spoken_ms(text) == pytest.approx(len(text) / 14 * 1000, abs=20)
    assert text_tone("Yes").length_ms == 300
    assert -30 < level_dbfs(sound.pcm) < -18
    assert np.abs(np.diff(to_float(sound.pcm))).max() < 0.06
    assert not heard(sound)


def test_different_texts_sound_different_and_the_same_the_same() -> None:
    texts = ["billing", "support", "please hold the line", "Добро пожаловать", "Ласкаво просимо"]
    assert all(text_tone(text).pcm == text_tone(text).pcm for text in texts)
    assert all(text_tone(one).pcm != text_tone(two).pcm for one, two in itertools.combinations(texts, 2))


@pytest.mark.parametrize("text", ["", " ", "...", "\0\0", "—", "\ud800"])
def test_nothing_to_say_is_short_silence(text: str) -> None:
    assert text_tone(text).length_ms == 300
    assert level_dbfs(text_tone(text).pcm) == -120


def test_text_tones_are_bounded() -> None:
    assert spoken_ms("word " * 10**6) < 150_000
