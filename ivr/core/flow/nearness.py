"""Which known name was probably meant by one that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches

from ivr.limits import CANDIDATES_MAX


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The known name that was probably meant; empty if none is near.

    Among very many names only those are compared that begin alike and are about as long.
    """
    names = set(known)
    if len(names) > CANDIDATES_MAX:
        first, size = name[:1], len(name)
        names = {other for other in names if other[:1] == first and abs(len(other) - size) <= 2}
    return next(iter(get_close_matches(name, sorted(names)[:CANDIDATES_MAX], 1, cutoff)), "")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known name, or some of them."""
    names = set(known)
    if close := nearest(name, names):
        return f"did you mean {close!r}?"
    shown = sorted(names)[:12]
    return f"known: {', '.join(shown)}{', ...' if len(names) > 12 else ''}" if names else ""
