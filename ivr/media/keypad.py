"""Key presses as sound: the pairs of tones, and hearing them in what a phone sends.

The rules of hearing (after ITU-T Q.24): a window counts as a digit when one low and one high tone hold
most of its energy, neither is more than 8 dB above the other, and it is loud enough; a digit counts when two
windows in a row agree; the same digit counts again after a pause of 35 ms.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ivr.media.pcm import Samples, to_float

__all__ = ["DIGITS", "DtmfDetector", "Press", "purity"]

_LOW_HZ: Final = (697, 770, 852, 941)
_HIGH_HZ: Final = (1209, 1336, 1477, 1633)
_PAD: Final = "123A456B789C*0#D"

DIGITS: Final[dict[str, tuple[int, int]]] = {
    digit: (_LOW_HZ[place // 4], _HIGH_HZ[place % 4]) for place, digit in enumerate(_PAD)
}
"""The two frequencies of each key, in hertz."""

_RATE_HZ: Final = 8000
_WINDOW: Final = 205  # the eight tones fall near the middle of its bins
_HOP: Final = 103
_PURITY_MIN: Final = 0.7
_TWIST_MAX: Final = 10**0.8
_POWER_MIN: Final = 1e-4  # -40 dBFS
_GAP_WINDOWS: Final = 3

_angles: Final = 2 * np.pi / _RATE_HZ * np.outer(np.arange(_WINDOW), (*_LOW_HZ, *_HIGH_HZ))
_PROBE: Final[Samples] = np.asarray(np.hstack((np.cos(_angles), np.sin(_angles))), np.float32)


@dataclass(frozen=True, slots=True)
class Press:
    """A digit heard, and the moment its tone began, in milliseconds of sound fed so far (13 ms exact)."""

    digit: str
    at_ms: int


class DtmfDetector:
    """Hears key presses in one line's audio: PCM16 at 8 kHz, in pieces of any length."""

    __slots__ = ("_rest", "_seen", "_silent", "_sounding", "_suspect")

    def __init__(self) -> None:
        self._rest = b""
        self._seen = 0
        self._suspect = ""
        self._sounding = ""
        self._silent = 0

    def feed(self, pcm: bytes) -> list[Press]:
        """The presses that this piece completes."""
        data = self._rest + pcm
        count = (len(data) // 2 - _WINDOW) // _HOP + 1
        if count < 1:
            self._rest = data
            return []
        samples = to_float(data[: len(data) // 2 * 2])
        windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP]
        presses = [press for digit in _classify(windows) if (press := self._hear(digit))]
        self._rest = data[count * _HOP * 2 :]
        return presses

    def _hear(self, digit: str) -> Press | None:
        self._seen += 1
        agreed = bool(digit) and digit == self._suspect
        self._suspect = digit
        if digit and digit == self._sounding:
            self._silent = 0
            return None
        if agreed:
            self._sounding, self._silent = digit, 0
            return Press(digit, (self._seen - 2) * _HOP * 1000 // _RATE_HZ)
        self._silent += 1
        if self._silent >= _GAP_WINDOWS:
            self._sounding = ""
        return None


def _powers(windows: Samples) -> tuple[Samples, Samples]:
    """For each window, the power of the eight tones and of everything."""
    parts = windows @ _PROBE
    tones = (parts[:, :8] ** 2 + parts[:, 8:] ** 2) * np.float32(2 / _WINDOW**2)
    return tones, np.asarray((windows**2).mean(axis=1), np.float32)


def _classify(windows: Samples) -> list[str]:
    """For each window, the digit it holds or nothing."""
    tones, total = _powers(windows)
    low, high = tones[:, :4], tones[:, 4:]
    low_power, high_power = low.max(axis=1), high.max(axis=1)
    places: npt.NDArray[np.intp] = low.argmax(axis=1) * 4 + high.argmax(axis=1)
    heard = (
        (total > _POWER_MIN)
        & (low_power + high_power > _PURITY_MIN * total)
        & (low_power < _TWIST_MAX * high_power)
        & (high_power < _TWIST_MAX * low_power)
    )
    return [_PAD[place] if yes else "" for place, yes in zip(places.tolist(), heard.tolist(), strict=True)]


def purity(pcm: bytes) -> float:
    """How close the sound ever comes to a key: the largest share of a window that a well-balanced pair holds.

    1 is a clean digit, 0.7 counts as one. Windows below -40 dBFS are left out. PCM16 at 8 kHz.
    """
    windows = np.lib.stride_tricks.sliding_window_view(to_float(pcm), _WINDOW)[::_HOP]
    tones, total = _powers(windows)
    low, high = tones[:, :4].max(axis=1), tones[:, 4:].max(axis=1)
    balanced = (total > _POWER_MIN) & (low < _TWIST_MAX * high) & (high < _TWIST_MAX * low)
    return float(((low + high) / np.maximum(total, _POWER_MIN))[balanced].max(initial=0.0))
