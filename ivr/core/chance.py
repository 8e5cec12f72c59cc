"""Keyed chance: a draw depends on the seed, the name of what is drawn and an ordinal, on nothing else.

So the order in which draws are made does not matter, two runs that differ in staffing still see the
same callers (common random numbers), and a replay draws what the run drew. Nothing else in the
product draws.

The generator is splitmix64 (Steele, Lea, Flood 2014) used as a counter-based hash: the state for
ordinal `n` is `key + n * golden gamma`, and the key comes from seed and name through BLAKE2b.
"""

from hashlib import blake2b

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15
_SCALE = 2.0**-53


class Stream:
    """The draws of one name under one seed."""

    __slots__ = ("_key",)

    def __init__(self, seed: str, name: str) -> None:
        digest = blake2b(f"{seed}\x00{name}".encode(), digest_size=8).digest()
        self._key = int.from_bytes(digest, "big")

    def unit(self, ordinal: int) -> float:
        """The draw at `ordinal`: uniform on [0, 1), 53 bits."""
        z = (self._key + (ordinal + 1) * _GAMMA) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((z ^ (z >> 31)) >> 11) * _SCALE


def unit(seed: str, name: str, ordinal: int) -> float:
    """One draw, uniform on [0, 1); keep a `Stream` where the same name draws often."""
    return Stream(seed, name).unit(ordinal)
