"""Arithmetic on 16-bit PCM that the room shares: resampling, levels, and the one import of `audioop`.

PCM is everywhere little-endian signed 16-bit mono `bytes`.
"""

import functools
import math
import sys
import warnings
from typing import Any, Final

import numpy as np
import numpy.typing as npt

with warnings.catch_warnings():
    # The standard library drops it in 3.13; from there on `audioop-lts` provides the same module.
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

__all__ = ["Doubler", "Halver", "audioop", "from_float", "level_dbfs", "peak_dbfs", "resample", "to_float"]

assert sys.byteorder == "little", "audioop works in native order, wires and files are little-endian"

Samples = npt.NDArray[np.float32]

SILENT_DBFS: Final = -120.0
"""What digital silence measures here instead of minus infinity."""

_TAPS: Final = 63
_SEAM_S: Final = 0.05


def to_float(pcm: bytes) -> Samples:
    """PCM as numbers between -1 and 1."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) * np.float32(1 / 32768)


def from_float(samples: npt.NDArray[np.floating[Any]]) -> bytes:
    """Numbers between -1 and 1 as PCM; what is louder is clipped."""
    return bytes(np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2").tobytes())


def peak_dbfs(pcm: bytes) -> float:
    """The loudest sample in decibels below full scale."""
    return _dbfs(audioop.max(pcm, 2))


def level_dbfs(pcm: bytes) -> float:
    """The root mean square in decibels below full scale."""
    return _dbfs(audioop.rms(pcm, 2))


def _dbfs(amplitude: float) -> float:
    return 20 * math.log10(amplitude / 32768) if amplitude else SILENT_DBFS


@functools.cache
def _low_pass(cutoff: float) -> Samples:
    """A windowed sinc of unit gain; `cutoff` in cycles per sample."""
    offset = np.arange(_TAPS) - _TAPS // 2
    kernel = np.sinc(2 * cutoff * offset) * np.blackman(_TAPS)
    return np.asarray(kernel / kernel.sum(), np.float32)


@functools.cache
def _soxr() -> Any:
    """The soxr module where the `speech` extra is installed, else None."""
    try:
        import soxr
    except ImportError:
        return None
    return soxr


def resample(pcm: bytes, rate_hz: int, to_hz: int, *, loops: bool = False) -> bytes:
    """A whole recording at another rate.

    With `loops` the end is taken to continue at the beginning, so that a loop stays seamless; its length in
    samples has to be a whole number at both rates.
    """
    if rate_hz == to_hz or not pcm:
        return pcm
    if not loops:
        return _resample_straight(pcm, rate_hz, to_hz)
    # A second of `gcd` samples maps onto whole samples at both rates, so the lead-in can be cut off exactly.
    unit = rate_hz // math.gcd(rate_hz, to_hz)
    lead = 2 * unit * max(1, round(_SEAM_S * rate_hz / unit))
    body = len(pcm)
    rounds = lead // body + 1
    padded = (pcm * rounds)[-lead:] + pcm + (pcm * rounds)[:lead]
    out = _resample_straight(padded, rate_hz, to_hz)
    start = lead * to_hz // rate_hz
    return out[start : start + body * to_hz // rate_hz]


def _resample_straight(pcm: bytes, rate_hz: int, to_hz: int) -> bytes:
    if (soxr := _soxr()) is not None:
        # In floating point: given integers, soxr dithers, and silence would no longer be silent.
        return from_float(soxr.resample(to_float(pcm), rate_hz, to_hz))
    if to_hz < rate_hz:
        # ratecv only interpolates: without this, what lies above the new band would fold back into it.
        pcm = from_float(np.convolve(to_float(pcm), _low_pass(0.46 * to_hz / rate_hz), "same"))
    # It also ends a sample or two early; the last value is held for as long.
    held = pcm + pcm[-2:] * (2 + rate_hz // to_hz)
    count = -(-len(pcm) // 2 * to_hz // rate_hz)
    return audioop.ratecv(held, 2, 1, rate_hz, to_hz, None)[0][: 2 * count]


class Doubler:
    """A stream from 8 to 16 kHz: every frame in gives a frame out, 2 ms later, without seams."""

    def __init__(self) -> None:
        self._kernel = 2 * _low_pass(0.23)
        self._past = np.zeros(_TAPS - 1, np.float32)

    def feed(self, pcm: bytes) -> bytes:
        """The next piece at 16 kHz, twice as many samples as `pcm` has."""
        stuffed = np.zeros(len(pcm), np.float32)
        stuffed[::2] = np.frombuffer(pcm, "<i2")
        line = np.concatenate((self._past, stuffed))
        self._past = line[len(line) - _TAPS + 1 :]
        return _clip(np.convolve(line, self._kernel, "valid"))


class Halver:
    """A stream from 16 to 8 kHz: as `Doubler`, the other way. Pieces must have an even number of samples."""

    def __init__(self) -> None:
        self._kernel = _low_pass(0.23)
        self._past = np.zeros(_TAPS - 1, np.float32)

    def feed(self, pcm: bytes) -> bytes:
        """The next piece at 8 kHz, half as many samples as `pcm` has."""
        line = np.concatenate((self._past, np.frombuffer(pcm, "<i2").astype(np.float32)))
        self._past = line[len(line) - _TAPS + 1 :]
        return _clip(np.convolve(line, self._kernel, "valid")[::2])


def _clip(samples: Samples) -> bytes:
    return np.clip(np.rint(samples), -32768, 32767).astype("<i2").tobytes()
