"""Statistics of replications: means with confidence intervals, paired differences, and where a warm-up ends.

Sources: Student's distribution by the finite series of Abramowitz and Stegun 26.7.3 and 26.7.4; MSER of White (1997), in
batches of five.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import atan, cos, nan, pi, sin, sqrt
from statistics import fmean, stdev
from typing import Final, NamedTuple

LEVEL: Final = 0.95
_BATCH: Final = 5


class Interval(NamedTuple):
    """A mean over replications and half the width of its confidence interval; nan where one run is all there is."""

    mean: float
    half: float
    runs: int

    @property
    def low(self) -> float:
        """The lower end."""
        return self.mean - self.half

    @property
    def high(self) -> float:
        """The upper end."""
        return self.mean + self.half


def interval(values: Sequence[float], level: float = LEVEL) -> Interval:
    """The mean of independent values with its confidence interval, by Student's distribution.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no run has a value of this")
    runs = len(values)
    if runs == 1:
        return Interval(values[0], nan, 1)
    half = t_quantile((1 + level) / 2, runs - 1) * stdev(values) / sqrt(runs)
    return Interval(fmean(values), half, runs)


def difference(before: Sequence[float], after: Sequence[float], level: float = LEVEL) -> Interval:
    """After minus before, pair by pair: with common random numbers the pairs have met the same callers."""
    return interval([b - a for a, b in zip(before, after, strict=True)], level)


@lru_cache(maxsize=1_024)
def t_quantile(share: float, freedom: int) -> float:
    """The value that Student's t with so many degrees of freedom does not exceed with this probability, above a half.

    Raises:
        ValueError: the share is not between a half and one, or there is no degree of freedom.
    """
    if not 0.5 <= share < 1 or freedom < 1:
        raise ValueError(f"no quantile at {share} with {freedom} degrees of freedom")
    low, high = 0.0, 1.0
    while t_within(high, freedom) < 2 * share - 1:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if t_within(middle, freedom) < 2 * share - 1 else (low, middle)
    return high


def t_within(t: float, freedom: int) -> float:
    """The probability that Student's t lies between -t and t."""
    angle = atan(t / sqrt(freedom))
    sine, cosine = sin(angle), cos(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = term if freedom > 1 else 0.0
    for number in range(3 if odd else 2, freedom - 1, 2):
        term *= cosine * cosine * (number - 1) / number
        total += term
    return 2 / pi * (angle + sine * total) if odd else sine * total


def warm_up(values: Sequence[float]) -> int:
    """How many of the first values to leave out, by MSER-5: what is left has the smallest standard error of its mean.

    Values are averaged five at a time; at most half of them are left out, for a run that short says nothing.
    """
    batches = [fmean(values[start : start + _BATCH]) for start in range(0, len(values) - _BATCH + 1, _BATCH)]
    best, error = 0, float("inf")
    for cut in range(len(batches) // 2 + 1):
        kept = batches[cut:]
        if len(kept) < 2:
            break
        mean = fmean(kept)
        found = sum((value - mean) ** 2 for value in kept) / len(kept) ** 2
        if found < error:
            best, error = cut, found
    return best * _BATCH
