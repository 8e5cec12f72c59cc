"""Hold music, made from scores when first asked for: pleasant, free of rights, and seamless.

The loop is a circle: a note that outlasts the last bar rings on over the first one, and room and filter are
applied to the circle as a whole (a product of spectra is a circular convolution), so no seam is to be hidden.
Energy stays low in pitch: a key of a phone is a low and a high tone of like strength and little else, and no
chord here is that.
"""

import functools
import os
import threading
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

from ivr.media.bounds import MUSIC_FILES_MAX
from ivr.media.pcm import Samples, from_float
from ivr.media.score import PIECES_BY_NAME, Part, Piece
from ivr.media.sound import RATE_HZ, Sound, SoundError, read_wav
from ivr.media.timbre import TIMBRES

__all__ = ["PIECES", "music"]

PIECES: Final = tuple(PIECES_BY_NAME)
"""The names of the pieces that come with the product."""

_LOUDNESS: Final = 10 ** (-23.5 / 20)  # root mean square, a little softer than the voices that speak over it
_PEAK: Final = 10 ** (-10 / 20)  # one decibel under the -9 dBFS promised: resampling may overshoot
_DRIVE: Final = 1.2
_LOW_HZ, _HIGH_HZ = 120.0, 2600.0
_SWAY_S: Final = 0.008
_STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS: Final = {"#": 1, "b": -1}

_rendering: Final = threading.Lock()


def music(name: str) -> Sound:
    """A loop of hold music: one of `PIECES`, or the path of a WAV file.

    Made once and kept. Raises `SoundError` for a name that is neither, listing the names.
    """
    if name in PIECES_BY_NAME:
        with _rendering:  # else two threads could each make a sound, and lines would not share their frames
            return _rendered(name)
    if name.lower().endswith(".wav") or os.sep in name:
        try:
            changed_ns = Path(name).stat().st_mtime_ns
        except OSError:
            changed_ns = 0
        with _rendering:
            return _file(name, changed_ns)
    raise SoundError(
        f"no hold music called {name!r}; there are: {', '.join(PIECES)}, or a path to a .wav file"
    )


@functools.lru_cache(maxsize=MUSIC_FILES_MAX)
def _file(name: str, _changed_ns: int) -> Sound:
    return read_wav(name, loops=True)


@functools.cache
def _rendered(name: str) -> Sound:
    return Sound(from_float(_render(PIECES_BY_NAME[name])), loops=True)


def _render(piece: Piece) -> Samples:
    bars = piece.parts[0].bars.count("|") + 1
    circle = np.zeros(bars * piece.bar_ms * RATE_HZ // 1000, np.float32)
    sway = Random(piece.seed)  # noqa: S311 - players, not secrets
    for part in piece.parts:
        _perform(part, piece, circle, sway)
    circle = _in_a_room(circle, piece)
    # A soft ceiling: what is loud gets rounder, what is soft gets nearer, and the loop stays a loop.
    circle = np.tanh(circle * (_DRIVE / np.abs(circle).max()))
    loudness = np.sqrt(np.mean(circle**2))
    return np.asarray(
        circle * np.float32(min(_LOUDNESS / loudness, _PEAK / np.abs(circle).max())), np.float32
    )


def _perform(part: Part, piece: Piece, circle: Samples, sway: Random) -> None:
    beat = piece.bar_ms * RATE_HZ / 1000 / piece.beats
    timbre = functools.cache(TIMBRES[part.timbre])
    for bar, notes in enumerate(part.bars.split("|")):
        at = bar * piece.beats * beat
        for note in notes.split():
            names, _, beats = note.rpartition(":")
            length = float(beats) * beat
            if names != "-":
                for pitch in names.split("+"):
                    samples = timbre(_hertz(pitch), int(length * part.legato))
                    start = int(at + sway.random() * _SWAY_S * RATE_HZ)
                    _mix(circle, start, samples, part.gain * (0.85 + 0.15 * sway.random()))
            at += length


def _hertz(name: str) -> float:
    """The pitch of a note such as `C4` (middle C), `F#3` or `Bb2`, tuned to A4 = 440 Hz."""
    semitone = _STEPS[name[0]] + _ACCIDENTALS.get(name[1], 0) + 12 * int(name[-1])
    return float(440 * 2 ** ((semitone - 57) / 12))


def _mix(circle: Samples, start: int, samples: Samples, gain: float) -> None:
    """Add a note to the circle; its tail goes on at the beginning."""
    start %= len(circle)
    scaled = samples * np.float32(gain)
    while len(scaled):
        head = scaled[: len(circle) - start]
        circle[start : start + len(head)] += head
        scaled = scaled[len(head) :]
        start = 0


def _in_a_room(circle: Samples, piece: Piece) -> Samples:
    """The dry circle with the room's echo, without rumble and without hiss."""
    spectrum = np.fft.rfft(circle)
    hertz = np.fft.rfftfreq(len(circle), 1 / RATE_HZ).astype(np.float32)
    echo = np.zeros_like(circle)
    count = int(0.9 * RATE_HZ)
    noise = np.random.Generator(np.random.PCG64(piece.seed)).standard_normal(count).astype(np.float32)
    echo[:count] = noise * np.exp(-np.arange(count, dtype=np.float32) / np.float32(0.22 * RATE_HZ))
    room = np.fft.rfft(echo)
    room *= piece.room / np.sqrt(np.mean(np.abs(room) ** 2))
    tame = 1 / np.sqrt(1 + (hertz / np.float32(_HIGH_HZ)) ** 6)
    tame *= hertz**2 / (hertz**2 + np.float32(_LOW_HZ) ** 2)
    return np.asarray(np.fft.irfft(spectrum * tame * (1 + room), len(circle)), np.float32)
