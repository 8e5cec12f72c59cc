"""The incomplete gamma function, which the standard library lacks: of laws of people and of queueing theory alike."""

from math import exp, inf, lgamma, log, log1p
from typing import Final

_EPSILON: Final = 2.0**-53
_TINY: Final = 1e-300


def lower_gamma(s: float, x: float) -> float:
    """The lower incomplete gamma function as a share of the whole one: P(s, x), for s > 0 and x >= 0.

    Series below s + 1, continued fraction above (Abramowitz and Stegun, 6.5.29 and 6.5.31).
    """
    if x <= 0:
        return 0.0
    if x == inf:
        return 1.0
    return _series(s, x) if x < s + 1 else 1 - exp(_log_fraction(s, x))


def log_upper_gamma(s: float, x: float) -> float:
    """The logarithm of 1 - P(s, x): exact also where that share is too small for a float."""
    if x <= 0:
        return 0.0
    return log1p(-_series(s, x)) if x < s + 1 else _log_fraction(s, x)


def _series(s: float, x: float) -> float:
    term = total = 1.0
    count = s
    while term > total * _EPSILON:
        count += 1
        term *= x / count
        total += term
    return total * exp(s * log(x) - x - lgamma(s + 1))


def _log_fraction(s: float, x: float) -> float:
    """By the method of Lentz."""
    b = x + 1 - s
    c = 1 / _TINY
    d = 1 / b
    h = d
    for count in range(1, 100_000):
        a = -count * (count - s)
        b += 2
        d = 1 / (a * d + b or _TINY)
        c = b + a / c or _TINY
        h *= c * d
        if abs(c * d - 1) <= 4 * _EPSILON:
            break
    return log(h) + s * log(x) - x - lgamma(s)
