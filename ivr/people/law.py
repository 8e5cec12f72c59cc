"""Laws of how long things take, drawn by inverting the distribution function.

One uniform number gives one duration, so that a caller's draw does not depend on anybody else's
(common random numbers); rejection methods would use a varying count of numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, gamma, log, log1p, sqrt
from statistics import NormalDist
from typing import Final, TypeAlias

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
    scale = mean_ms / gamma(1 + 1 / shape)
    return Law("weibull", mean_ms, lambda u: _whole(scale * (-log1p(-u)) ** (1 / shape)))


def _whole(value: float) -> Ms:
    return LONGEST_MS if value > LONGEST_MS else round(value)
