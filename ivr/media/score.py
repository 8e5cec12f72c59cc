"""The scores of the hold music. Pieces are data: a new one needs no code.

A part is a line of text of one bar after another, `|` between them; a bar is notes `NAME:BEATS` in a row,
several at once joined by `+`, and `-` for a rest.
"""

from dataclasses import dataclass
from typing import Final

__all__ = ["PIECES_BY_NAME", "Part", "Piece"]


@dataclass(frozen=True, slots=True)
class Part:
    """One instrument's line: loudness 0 to 1, and how far into each note the next begins (1 = legato)."""

    timbre: str
    gain: float
    bars: str
    legato: float = 1.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of hold music: it loops after its last bar.

    `bar_ms` is a multiple of 20, so that the loop is whole frames; `seed` moves players a bit off the beat.
    """

    seed: int
    bar_ms: int
    beats: int
    parts: tuple[Part, ...]
    room: float = 0.25


def _repeat(bar: str, count: int) -> str:
    return "|".join([bar] * count)


def _arpeggio(chords: str, order: str, beats: float) -> str:
    """Broken chords: each is notes low to high joined by `+`; `order` says which of them follows which."""
    bars = []
    for chord in chords.split():
        notes = chord.split("+")
        bars.append(" ".join(f"{notes[int(index)]}:{beats}" for index in order))
    return "|".join(bars)


def _comping(chords: str, rhythm: str) -> str:
    """Chords struck in a rhythm: `x` and its beats is a stroke, `-` and its beats a rest."""
    return "|".join(rhythm.replace("x", chord) for chord in chords.split())


# 3.6 s a bar (67 beats a minute), C major, 12 bars = 43.2 s
_SOFT_PIANO: Final = Piece(
    seed=11,
    bar_ms=3600,
    beats=4,
    room=0.3,
    parts=(
        Part(
            "piano",
            0.9,
            "E4:2 G4:1 C5:1|B4:3 A4:.5 G4:.5|C5:2 B4:1 A4:1|G4:3 -:1|"
            "A4:1.5 G4:.5 A4:1 C5:1|G4:3 E4:1|F4:1 G4:1 A4:1 F4:1|G4:2.5 F4:.5 D4:1|"
            "E4:1 A4:1 C5:1.5 B4:.5|A4:2 C5:1 D5:1|E5:2 D5:1 C5:1|B4:2 D5:1 G4:1",
        ),
        Part(
            "piano",
            0.5,
            _arpeggio(
                "C3+G3+C4+E4 B2+G3+B3+D4 A2+E3+G3+C4 E3+G3+B3+D4 F2+C3+F3+A3 E3+G3+C4+E4 "
                "D3+A3+C4+F4 G2+D3+G3+C4 A2+E3+G3+C4 F2+C3+A3+C4 C3+G3+C4+E4 G2+D3+G3+B3",
                "01232121",
                0.5,
            ),
            legato=2.2,
        ),
        Part(
            "strings",
            0.16,
            "G3+C4:4|G3+B3:4|A3+C4:4|G3+B3:4|A3+C4:4|G3+C4:4|A3+C4:4|G3+D4:4|A3+C4:4|A3+C4:4|G3+C4:4|G3+B3:4",
        ),
    ),
)

# 4.2 s a bar (57 beats a minute), D major, 8 bars = 33.6 s
_SLOW_STRINGS: Final = Piece(
    seed=23,
    bar_ms=4200,
    beats=4,
    room=0.4,
    parts=(
        Part(
            "strings",
            0.75,
            "F#4:2 A4:2|E4:3 F#4:1|D4:2 F#4:2|C#4:4|D4:2 B3:2|D4:2 A4:2|G4:2 B4:2|A4:3 G4:1",
        ),
        Part(
            "strings",
            0.4,
            "D3+A3+D4:4|C#3+A3+C#4:4|B2+F#3+B3:4|F#3+A3+C#4:4|G2+D3+G3+B3:4|F#3+A3+D4:4|E3+G3+B3:4|"
            "A2+E3+A3+C#4:4",
        ),
        Part(
            "piano",
            0.22,
            _arpeggio(
                "D4+F#4+A4 C#4+E4+A4 B3+D4+F#4 A3+C#4+F#4 B3+D4+G4 A3+D4+F#4 B3+E4+G4 A3+C#4+E4",
                "01210121",
                0.5,
            ),
            legato=2.0,
        ),
    ),
)

# 2 s a bar (120 beats a minute), D minor to C major, 16 bars = 32 s
_BOSSA: Final = Piece(
    seed=37,
    bar_ms=2000,
    beats=4,
    room=0.18,
    parts=(
        Part(
            "flute",
            0.5,
            "-:.5 A4:1 C5:.5 E5:1.5 D5:.5|C5:1 A4:1.5 -:1.5|B4:1.5 A4:.5 F4:1 E4:1|D4:2.5 -:1.5|"
            "-:.5 E4:.5 G4:1 B4:1 D5:1|C5:2.5 B4:.5 G4:1|C#5:1.5 B4:.5 A4:1 G4:1|E4:2.5 -:1.5|"
            "-:.5 F4:.5 A4:1 C5:1.5 A4:.5|B4:1.5 A4:.5 F4:1 D4:1|E4:1 G4:1 B4:1.5 G4:.5|A4:1 G4:1 E4:2|"
            "F4:1.5 E4:.5 F4:1 A4:1|G4:1.5 F4:.5 D4:1 B3:1|C4:1 E4:1 G4:2|-:1 E4:1 G4:1 -:1",
        ),
        Part(
            "guitar",
            0.42,
            _comping(
                "F3+A3+C4+E4 F3+A3+C4+E4 F3+A3+B3+E4 F3+A3+B3+E4 E3+G3+B3+D4 E3+G3+B3+D4 G3+A3+C#4+E4 "
                "G3+A3+C#4+E4 F3+A3+C4+E4 F3+A3+B3+E4 G3+B3+D4 G3+A3+C#4+E4 F3+A3+C4+E4 F3+A3+B3+D4 "
                "E3+G3+A3+D4 G3+A3+C#4+E4",
                "x:1.5 x:1.5 x:.5 x:.5",
            ),
            legato=0.8,
        ),
        Part(
            "bass",
            0.62,
            _arpeggio(
                "D2+A2 D2+A2 G2+D3 G2+D3 C3+G2 C3+G2 A2+E3 A2+E3 D2+A2 G2+D3 E3+B2 A2+E3 D2+A2 G2+D3 "
                "C3+G2 A2+E3",
                "01",
                2,
            ),
            legato=0.8,
        ),
        Part("brush", 0.10, _repeat("A2:.5 D2:.5 D2:.5 D2:.5 A2:.5 D2:.5 D2:.5 D2:.5", 16)),
    ),
)

# 2.8 s a bar (86 beats a minute), E flat major, 12 bars = 33.6 s
_EVENING: Final = Piece(
    seed=41,
    bar_ms=2800,
    beats=4,
    room=0.25,
    parts=(
        Part(
            "electric",
            0.65,
            "G4:1.5 Bb4:.5 D5:2|C5:1.5 Bb4:.5 G4:2|Ab4:1 C5:1 Eb5:1.5 D5:.5|C5:1 Bb4:3|"
            "G4:1.5 F4:.5 G4:1 Bb4:1|G4:3 Eb4:1|F4:1 Ab4:1 C5:1.5 Bb4:.5|Ab4:1 F4:3|"
            "Eb4:1 G4:1 Bb4:2|C5:1.5 D5:.5 Eb5:2|D5:1 C5:1 Ab4:1 F4:1|G4:1 F4:1 D4:1 -:1",
        ),
        Part(
            "electric",
            0.32,
            _comping(
                "G3+Bb3+D4 G3+Bb3+Eb4 G3+C4+Eb4 Ab3+Bb3+D4 G3+Bb3+D4 G3+Bb3+Eb4 Ab3+C4+Eb4 Ab3+Bb3+D4 "
                "G3+Bb3+D4 G3+C4+Eb4 Ab3+C4+Eb4 Ab3+Bb3+D4",
                "x:1.5 x:2.5",
            ),
        ),
        Part(
            "bass",
            0.6,
            _arpeggio(
                "Eb2+Bb2 C3+G2 Ab2+Eb2 Bb2+F2 Eb2+Bb2 C3+G2 F2+C3 Bb2+F2 Eb2+Bb2 Ab2+Eb2 F2+C3 Bb2+F2",
                "001",
                4 / 3,
            ),
            legato=0.9,
        ),
        Part("brush", 0.07, _repeat("D2:1 A2:1 D2:1 A2:.5 D2:.5", 12)),
    ),
)

PIECES_BY_NAME: Final[dict[str, Piece]] = {
    "soft-piano": _SOFT_PIANO,
    "slow-strings": _SLOW_STRINGS,
    "bossa": _BOSSA,
    "evening": _EVENING,
}
"""The pieces that come with the product."""
