"""Laws of how long things take, drawn by inverting the distribution function.

One uniform number gives one duration, so that a caller's draw does not depend on anybody else's
(common random numbers); rejection methods would use a varying count of numbers.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import exp, gamma as gamma_function, log, log1p, sqrt
from statistics import NormalDist
from typing import Final, TypeAlias

from ivr.core.incomplete import lower_gamma
from ivr.core.time import DAY, Ms

Draw: TypeAlias = Callable[[float], Ms]
"""From a uniform number on [0, 1) to milliseconds."""

LONGEST_MS: Final = 30 * DAY  # the far tail of any law; nobody talks for a month
_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class Law:
    """A distribution of durations: its name, mean in ms, and the draw; `always` is set where nothing is drawn."""

    name: str
    mean_ms: float
    draw: Draw
    always: Ms | None = None


def fixed(value_ms: Ms) -> Law:
    """Always the same."""
    return Law("fixed", value_ms, lambda _: value_ms, value_ms)


def exponential(mean_ms: float) -> Law:
    """Without memory: F(x) = 1 - exp(-x / mean)."""
    return Law("exponential", mean_ms, lambda u: round(-mean_ms * log1p(-u)))  # at most 37 means


def uniform(low_ms: float, high_ms: float) -> Law:
    """Anything between, equally likely."""
    return Law("uniform", (low_ms + high_ms) / 2, lambda u: _whole(low_ms + (high_ms - low_ms) * u))


def lognormal(mean_ms: float, cv: float) -> Law:
    """Mean and coefficient of variation of the duration itself; the usual shape of talk times."""
    sigma = sqrt(log(1 + cv * cv))
    mu = log(mean_ms) - sigma * sigma / 2 if mean_ms > 0 else 0.0
    if mean_ms <= 0 or sigma == 0:
        return fixed(round(mean_ms))
    quantile = _NORMAL.inv_cdf
    return Law("lognormal", mean_ms, lambda u: _whole(exp(mu + sigma * quantile(max(u, 2.0**-53)))))


def weibull(mean_ms: float, shape: float) -> Law:
    """F(x) = 1 - exp(-(x / scale) ** shape); the usual shape of patience."""
    scale = mean_ms / gamma_function(1 + 1 / shape)
    return Law("weibull", mean_ms, lambda u: _whole(scale * (-log1p(-u)) ** (1 / shape)))


def gamma(mean_ms: float, cv: float) -> Law:
    """Shape 1 / cv squared; the quantiles are a table over the normal scale, between whose knots one draws a line."""
    if mean_ms <= 0:
        return fixed(0)
    shape = 1 / (cv * cv)
    knots = _gamma_knots(shape)
    scale, quantile, last = mean_ms / shape, _NORMAL.inv_cdf, len(knots) - 2

    def draw(unit: float) -> Ms:
        place = (quantile(min(max(unit, _LEAST), 1 - _LEAST)) + _EDGE) * _PER_SIGMA
        knot = min(int(place), last)
        low, high = knots[knot], knots[knot + 1]
        return _whole(scale * (low + (high - low) * (place - knot)))

    return Law("gamma", mean_ms, draw)


def hyperexponential(parts: Sequence[tuple[float, float]]) -> Law:
    """A mixture of exponential laws, each a share and a mean in ms; the number chooses the part, what is left of it draws."""
    total = sum(share for share, _ in parts)
    bounds = list(accumulate(share / total for share, _ in parts))
    means = [mean for _, mean in parts]
    mean_ms = sum(share * mean for share, mean in parts) / total

    def draw(unit: float) -> Ms:
        part = min(bisect_right(bounds, unit), len(means) - 1)
        below = bounds[part - 1] if part else 0.0
        left = min((unit - below) / (bounds[part] - below), 1 - _LEAST)
        return _whole(-means[part] * log1p(-left))

    return Law("hyperexponential", mean_ms, draw)


def empirical(values_ms: Sequence[Ms]) -> Law:
    """As measured: between two neighbours of the sorted values any length is equally likely."""
    values = sorted(values_ms)
    last = len(values) - 1

    def draw(unit: float) -> Ms:
        place = unit * last
        knot = min(int(place), last - 1)
        return _whole(values[knot] + (values[knot + 1] - values[knot]) * (place - knot))

    mean = (sum(values) - (values[0] + values[-1]) / 2) / last
    return Law("empirical", mean, draw)


_LEAST: Final = 2.0**-53
_EDGE: Final = 8.25  # in sigmas: beyond what 53 bits can draw
_PER_SIGMA: Final = 64


@lru_cache(maxsize=64)
def _gamma_knots(shape: float) -> list[float]:
    """Quantiles of the gamma law with scale 1, at steps of the normal scale."""
    knots: list[float] = []
    low = 0.0
    for number in range(round(2 * _EDGE * _PER_SIGMA) + 2):
        target = _NORMAL.cdf(number / _PER_SIGMA - _EDGE)
        high = max(low * 2, shape / 1024, 1e-300)
        while lower_gamma(shape, high) < target and high < shape + 40 * sqrt(shape) + 800:
            high *= 2
        below = low
        for _ in range(60):  # halving: each step one bit
            middle = (below + high) / 2
            if middle in (below, high):
                break
            below, high = (middle, high) if lower_gamma(shape, middle) < target else (below, middle)
        low = high
        knots.append(low)
    return knots


def _whole(value: float) -> Ms:
    return LONGEST_MS if value > LONGEST_MS else round(value)
