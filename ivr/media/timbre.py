"""The instruments of the hold music: each turns a pitch and a length into samples.

Harmonics come from the recurrence sin kx = 2 cos x sin (k-1)x - sin (k-2)x, so a note costs two sines however
rich it is. Everything stays below the 3.4 kHz that a telephone carries.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from ivr.media.pcm import Samples
from ivr.media.sound import RATE_HZ

__all__ = ["TIMBRES", "Timbre"]

Timbre = Callable[[float, int], Samples]
"""Pitch in hertz and length in samples (before the note fades by itself) to samples, peak about 1."""

_CEILING_HZ: Final = 3200.0
_TURN: Final = 2 * np.pi / RATE_HZ


def _time(count: int) -> Samples:
    return np.arange(count, dtype=np.float32) / np.float32(RATE_HZ)


def _harmonics(phase: Samples, weights: list[Samples | float]) -> Samples:
    """The sum of weighted harmonics of a phase in radians; a weight may change over time."""
    before = np.zeros_like(phase)
    current = np.sin(phase)
    twice = 2 * np.cos(phase)
    out = weights[0] * current
    for weight in weights[1:]:
        before, current = current, twice * current - before
        out += weight * current
    return np.asarray(out, np.float32)


def _phase(hertz: float, count: int) -> Samples:
    """Radians modulo a turn: exact in double precision, then small enough for single."""
    return np.asarray(np.remainder(np.arange(count) * (hertz / RATE_HZ), 1.0) * (2 * np.pi), np.float32)


def _edges(count: int, attack_s: float, release_s: float) -> Samples:
    """A gain that rises and falls along half a cosine."""
    gain = np.ones(count, np.float32)
    rise, fall = min(count, int(attack_s * RATE_HZ)), min(count, int(release_s * RATE_HZ))
    gain[:rise] *= 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, rise, dtype=np.float32))
    gain[count - fall :] *= 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, fall, dtype=np.float32))
    return gain


def _struck(hertz: float, count: int, *, ring_s: float, dull: float, tilt: float, attack_s: float) -> Samples:
    """A string struck or plucked: high harmonics are weaker and die sooner, and so do high notes."""
    time = _time(count)
    envelope = np.exp(-time / np.float32(ring_s * (220 / hertz) ** 0.4))
    damping = np.exp(-time * np.float32(dull))
    weights: list[Samples | float] = []
    for k in range(1, min(8, int(_CEILING_HZ / hertz)) + 1):
        weights.append(envelope / np.float32(k**tilt))
        envelope = envelope * damping
    return _harmonics(_phase(hertz, count), weights) * _edges(count, attack_s, 0.08)


def _piano(hertz: float, held: int) -> Samples:
    """Two strings a hair apart, soft hammers."""
    count = held + int(0.9 * RATE_HZ)
    one = _struck(hertz, count, ring_s=1.3, dull=0.9, tilt=1.7, attack_s=0.006)
    other = _struck(hertz * 1.0007, count, ring_s=1.6, dull=1.4, tilt=2.2, attack_s=0.012)
    release = np.ones(count, np.float32)
    release[held:] = np.exp(-_time(count - held) / np.float32(0.3))
    return (one * np.float32(0.6) + other * np.float32(0.4)) * release


def _guitar(hertz: float, held: int) -> Samples:
    """Nylon strings under a fingertip, damped when the finger leaves."""
    return _struck(hertz, held + RATE_HZ // 8, ring_s=0.55, dull=3.0, tilt=1.35, attack_s=0.004)


def _bass(hertz: float, held: int) -> Samples:
    return _struck(hertz, held + RATE_HZ // 10, ring_s=0.9, dull=4.0, tilt=1.1, attack_s=0.010)


def _electric(hertz: float, held: int) -> Samples:
    """A tine piano: a sine bent by itself, brighter at the start, under a slow tremolo."""
    count = held + int(0.5 * RATE_HZ)
    time = _time(count)
    phase = _phase(hertz, count)
    bend = 0.25 + 0.9 * np.exp(-time / np.float32(0.35))
    body = np.sin(phase + bend * np.sin(phase)) * np.exp(-time / np.float32(1.4))
    tremolo = 1 - 0.12 * (1 - np.cos(time * np.float32(2 * np.pi * 4.2)))
    return np.asarray(body * tremolo * _edges(count, 0.008, 0.45), np.float32)


def _strings(hertz: float, held: int) -> Samples:
    """Three players a few cents apart, each with a vibrato of its own, bowing softly in and out."""
    count = held + int(1.1 * RATE_HZ)
    time = _time(count)
    weights: list[Samples | float] = [1 / k**1.5 for k in range(1, min(9, int(_CEILING_HZ / hertz)) + 1)]
    out = np.zeros(count, np.float32)
    for detune, vibrato_hz in ((0.9983, 4.6), (1.0, 5.1), (1.0016, 5.5)):
        deep = np.float32(0.0022 * hertz / vibrato_hz)
        wobble = deep * np.sin(time * np.float32(2 * np.pi * vibrato_hz))
        out += _harmonics(_phase(hertz * detune, count) + wobble, weights)
    return out * np.float32(0.33) * _edges(count, 0.7, 1.1)


def _flute(hertz: float, held: int) -> Samples:
    """Nearly a sine; the vibrato comes in after the note has settled."""
    count = held + RATE_HZ // 6
    time = _time(count)
    settle = np.minimum(time * np.float32(1.6), 1)
    wobble = settle * np.float32(0.004 * hertz / 5) * np.sin(time * np.float32(2 * np.pi * 5))
    return _harmonics(_phase(hertz, count) + wobble, [1.0, 0.28, 0.09]) * _edges(count, 0.05, 0.16)


def _brush(hertz: float, held: int) -> Samples:
    """A brush on a snare drum: a breath of noise, the same every time; `hertz` only chooses its colour."""
    noise = np.random.Generator(np.random.PCG64(int(hertz))).standard_normal(held).astype(np.float32)
    noise[1:] -= noise[:-1].copy()
    noise *= np.exp(-_time(held) / np.float32(0.03)) * _edges(held, 0.006, 0.01)
    return noise * np.float32(0.4)


TIMBRES: Final[dict[str, Timbre]] = {
    "piano": _piano,
    "guitar": _guitar,
    "bass": _bass,
    "electric": _electric,
    "strings": _strings,
    "flute": _flute,
    "brush": _brush,
}
"""The instruments by the name a score uses."""
