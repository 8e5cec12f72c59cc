"""The tones of a telephone network, key presses, and the tones that stand in for speech.

Cadences after ITU-T E.180 and its list of national tones: North America rings with 440 + 480 Hz, Europe,
Russia and Ukraine with 425 Hz. Tones that repeat loop on their cadence.
"""

import functools
import unicodedata
import zlib
from collections.abc import Iterable
from typing import Final

import numpy as np

from ivr.media.bounds import TEXT_CHARS_MAX
from ivr.media.keypad import DIGITS
from ivr.media.pcm import Samples, from_float
from ivr.media.sound import RATE_HZ, Sound, SoundError

__all__ = ["TONES", "dtmf", "is_speakable", "spoken_ms", "text_tone", "tone"]

_RAMP: Final = RATE_HZ // 250  # 4 ms: enough to take the click off an edge
_LEVEL: Final = 0.1  # each of two tones at -20 dBFS, near what exchanges send
_CHARS_PER_S: Final = 14
_TEXT_MIN_MS: Final = 300
_PAUSE_LETTERS: Final = {",": 3, ";": 4, ":": 4, ".": 6, "!": 6, "?": 6, "…": 6}

# Steps of (frequencies in hertz, length in milliseconds); no frequencies are silence.
_Step = tuple[tuple[int, ...], int]

_CADENCES: Final[dict[str, tuple[_Step, ...]]] = {
    "ringback-us": (((440, 480), 2000), ((), 4000)),
    "ringback-eu": (((425,), 1000), ((), 4000)),
    "busy-us": (((480, 620), 500), ((), 500)),
    "busy-eu": (((425,), 500), ((), 500)),
    "busy-ru": (((425,), 400), ((), 400)),
    "congestion-us": (((480, 620), 240), ((), 260)),
    "congestion-eu": (((425,), 240), ((), 260)),
    "dial-us": (((350, 440), 1000),),
    "dial-eu": (((425,), 1000),),
}

_ONCE: Final[dict[str, tuple[_Step, ...]]] = {
    "sit": (((950,), 330), ((1400,), 330), ((1800,), 330), ((), 1010)),
    "record-beep": (((1000,), 400),),
    "agent-beep": (((620,), 120), ((), 60), ((620,), 120)),
}

TONES: Final = (*_CADENCES, *_ONCE)
"""The names that `tone` knows. Those of the first group loop; `sit` and the beeps sound once."""


@functools.cache
def tone(name: str) -> Sound:
    """A tone of the network by name; raises `SoundError` listing the names."""
    if steps := _CADENCES.get(name):
        continuous = len(steps) == 1
        return Sound(from_float(_steps(steps, continuous=continuous)), loops=True)
    if steps := _ONCE.get(name):
        return Sound(from_float(_steps(steps)))
    raise SoundError(f"no tone called {name!r}; there are: {', '.join(TONES)}")


def dtmf(digits: str, on_ms: int = 100, off_ms: int = 100) -> Sound:
    """Key presses as sound, each `on_ms` long and followed by `off_ms` of silence.

    Raises `SoundError` for anything but 0-9 * # A-D; letters may be small.
    """
    steps: list[_Step] = []
    for digit in digits.upper():
        if digit not in DIGITS:
            raise SoundError(f"{digit!r} is no key of a phone; there are 0-9 * # A-D")
        steps += [(DIGITS[digit], on_ms), ((), off_ms)]
    return Sound(from_float(_steps(steps)))


def _steps(steps: Iterable[_Step], *, continuous: bool = False) -> Samples:
    parts = [_tone(*step, continuous=continuous) for step in steps]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _tone(hertz: tuple[int, ...], length_ms: int, *, continuous: bool) -> Samples:
    count = RATE_HZ * length_ms // 1000
    time = np.arange(count) * (2 * np.pi / RATE_HZ)
    out = np.zeros(count)
    for frequency in hertz:
        out += _LEVEL * np.sin(frequency * time)
    if not continuous:
        ramp = np.linspace(0, 1, min(_RAMP, count // 2))
        out[: len(ramp)] *= ramp
        out[count - len(ramp) :] *= ramp[::-1]
    return out.astype(np.float32)


def is_speakable(text: str) -> bool:
    """Whether there is anything to say: a letter, a digit or a sign such as % or €."""
    return any(unicodedata.category(char)[0] in "LNS" for char in text)


def spoken_ms(text: str) -> int:
    """How long the text takes to say, about: 14 characters a second, the pace of a calm voice.

    The length of `text_tone(text)` and, for lines without audio, of the prompt itself.
    """
    if not is_speakable(text):
        return _TEXT_MIN_MS
    count = len(" ".join(text[:TEXT_CHARS_MAX].split()))
    return max(_TEXT_MIN_MS, count * 1000 // _CHARS_PER_S // 20 * 20)


# A pentatonic scale around A3: any order of its notes sounds kind, and no two of them are near a key's pair.
_SCALE_HZ: Final = (220.0, 246.9, 293.7, 329.6, 370.0, 440.0)


def text_tone(text: str) -> Sound:
    """Soft notes in place of speech: one for each word, as long as the word, with pauses at the punctuation.

    The same word has the same note everywhere; the whole lasts `spoken_ms(text)`.
    """
    out = np.zeros(RATE_HZ * spoken_ms(text) // 1000, np.float32)
    words = text[:TEXT_CHARS_MAX].split() if is_speakable(text) else []
    weights = [len(word) + 1 + _PAUSE_LETTERS.get(word[-1], 0) for word in words]
    at = 0.0
    for word, weight in zip(words, weights, strict=True):
        share = len(out) / sum(weights)
        start, end = int(at), int(at + (len(word) + 0.5) * share)
        at += weight * share
        hertz = _SCALE_HZ[zlib.crc32(word.lower().encode("utf-8", "replace")) % len(_SCALE_HZ)]
        out[start:end] = _soft_note(hertz, end - start)
    return Sound(from_float(out))


def _soft_note(hertz: float, count: int) -> Samples:
    phase = np.arange(count) * (2 * np.pi * hertz / RATE_HZ)
    swell = np.sin(np.linspace(0, np.pi, count)) ** 0.5
    return np.asarray(0.12 * swell * (np.sin(phase) + 0.3 * np.sin(2 * phase)), np.float32)
