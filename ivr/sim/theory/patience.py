"""Laws of patience: how long callers wait before they leave. Times in seconds."""

from collections.abc import Callable
from dataclasses import dataclass
from math import erfc, exp, expm1, gamma, inf, isfinite, log, sqrt
from typing import Final, TypeAlias

from ivr.core.incomplete import lower_gamma

Curve: TypeAlias = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Patience:
    """A law as the formulas need it.

    left    the share of callers whose patience has ended after so many seconds in the queue
    stays   one minus that, written so that small shares keep their digits
    spent   the mean of the smaller of patience and the given time: the integral of `stays` from 0
    early   the mean of patience where it has ended by then, and 0 where not: `spent` less x times `stays`
    mean    mean patience in seconds; infinite where nobody ever leaves
    kinks   times at which `stays` has no derivative
    """

    name: str
    mean: float
    left: Curve
    stays: Curve
    spent: Curve
    early: Curve
    kinks: tuple[float, ...] = ()


ENDLESS: Final = Patience("endless", inf, lambda _: 0.0, lambda _: 1.0, lambda x: x, lambda _: 0.0)
"""Nobody leaves."""


def exponential(mean: float) -> Patience:
    """Without memory: as many leave in the next second, however long they have waited (Erlang A)."""
    _positive(mean, "mean patience")
    return Patience(
        "exponential",
        mean,
        lambda x: -expm1(-x / mean),
        lambda x: exp(-x / mean),
        lambda x: -mean * expm1(-x / mean),
        lambda x: mean * lower_gamma(2, x / mean),
    )


def fixed(value: float) -> Patience:
    """Everybody leaves after exactly this time; with 0, nobody waits at all (Erlang B)."""
    if not (isfinite(value) and value >= 0):
        raise ValueError(f"patience must be a number of seconds from 0, not {value:g}")
    return Patience(
        "fixed",
        value,
        lambda x: float(x >= value),
        lambda x: float(x < value),
        lambda x: min(x, value),
        lambda x: value if x >= value else 0.0,
        (value,),
    )


def uniform(low: float, high: float) -> Patience:
    """Anything between two bounds, equally likely."""
    if not (isfinite(high) and 0 <= low < high):
        raise ValueError(f"patience goes from a shorter to a longer time, not from {low:g} to {high:g}")
    width = high - low

    def spent(x: float) -> float:
        inside = min(max(x - low, 0.0), width)
        return min(x, low) + inside * (1 - inside / (2 * width))

    return Patience(
        "uniform",
        (low + high) / 2,
        lambda x: min(max((x - low) / width, 0.0), 1.0),
        lambda x: min(max((high - x) / width, 0.0), 1.0),
        spent,
        lambda x: min(max(x - low, 0.0), width) * (min(max(x, low), high) + low) / (2 * width),
        (low, high),
    )


def weibull(mean: float, shape: float) -> Patience:
    """Weibull: with a shape below 1 many leave early and the others stay long; above 1 patience runs out."""
    _positive(mean, "mean patience")
    if not 0.01 <= shape <= 100:
        raise ValueError(f"the shape of a weibull law is a number from 0.01 to 100, not {shape:g}")
    scale = mean / gamma(1 + 1 / shape)
    return Patience(
        "weibull",
        mean,
        lambda x: -expm1(-_power(x / scale, shape)),
        lambda x: exp(-_power(x / scale, shape)),
        lambda x: mean * lower_gamma(1 / shape, _power(x / scale, shape)),
        lambda x: mean * lower_gamma(1 + 1 / shape, _power(x / scale, shape)),
    )


def lognormal(mean: float, cv: float) -> Patience:
    """Lognormal, by its own mean and its standard deviation as a part of the mean (cv)."""
    _positive(mean, "mean patience")
    if not 0.01 <= cv <= 100:
        raise ValueError(f"the spread (cv) of a lognormal law is a number from 0.01 to 100, not {cv:g}")
    sigma = sqrt(log(1 + cv * cv))
    middle = log(mean) - sigma * sigma / 2

    def below(x: float, center: float) -> float:
        return erfc((center - log(x)) / (sigma * sqrt(2))) / 2 if x > 0 else 0.0

    def stays(x: float) -> float:
        return erfc((log(x) - middle) / (sigma * sqrt(2))) / 2 if x > 0 else 1.0

    return Patience(
        "lognormal",
        mean,
        lambda x: below(x, middle),
        stays,
        lambda x: x * stays(x) + mean * below(x, middle + sigma * sigma),
        lambda x: mean * below(x, middle + sigma * sigma),
    )


def hyperexponential(share: float, mean: float, other_mean: float) -> Patience:
    """Two kinds of callers: this share with one mean patience, the rest with another, both exponential."""
    if not 0 <= share <= 1:
        raise ValueError(f"the share of the first kind of callers is 0 to 1, not {share:g}")
    one, other = exponential(mean), exponential(other_mean)
    rest = 1 - share
    return Patience(
        "hyperexponential",
        share * mean + rest * other_mean,
        lambda x: share * one.left(x) + rest * other.left(x),
        lambda x: share * one.stays(x) + rest * other.stays(x),
        lambda x: share * one.spent(x) + rest * other.spent(x),
        lambda x: share * one.early(x) + rest * other.early(x),
    )


def balking(share: float, law: Patience) -> Patience:
    """This share of callers leaves at once when no agent is free; the others have patience by `law`."""
    if not 0 <= share < 1:
        raise ValueError(f"the share that does not wait at all is 0 to below 1, not {share:g}")
    rest = 1 - share
    return Patience(
        f"{law.name}, {share:g} balk",
        rest * law.mean,
        lambda x: share + rest * law.left(x),
        lambda x: rest * law.stays(x),
        lambda x: rest * law.spent(x),
        lambda x: rest * law.early(x),
        law.kinks,
    )


def _positive(value: float, what: str) -> None:
    if not (isfinite(value) and value > 0):
        raise ValueError(f"{what} must be a number of seconds above 0, not {value:g}")


def _power(base: float, exponent: float) -> float:
    """A power that is infinite instead of an OverflowError: e to the minus that is then 0, as it should be."""
    try:
        return float(base**exponent)
    except OverflowError:
        return inf
