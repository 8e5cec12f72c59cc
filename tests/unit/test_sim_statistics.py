"""Confidence intervals, paired differences, and where a warm-up ends."""

from math import isnan
from random import Random
from statistics import NormalDist, fmean

import pytest

from ivr.sim.statistics import difference, interval, t_quantile, t_within, warm_up


@pytest.mark.parametrize(
    ("freedom", "quantile"),  # of 97.5 %, as every table of Student's t has them
    [
        (1, 12.7062),
        (2, 4.3027),
        (3, 3.1824),
        (4, 2.7764),
        (9, 2.2622),
        (19, 2.0930),
        (30, 2.0423),
        (120, 1.9799),
    ],
)
def test_quantiles_of_students_t(freedom: int, quantile: float) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(quantile, abs=5e-5)
    assert t_within(t_quantile(0.975, freedom), freedom) == pytest.approx(0.95, abs=1e-9)


def test_with_many_degrees_of_freedom_it_is_the_normal_law() -> None:
    assert t_quantile(0.975, 5_000) == pytest.approx(NormalDist().inv_cdf(0.975), abs=1e-3)
    for share, freedom in ((0.4, 3), (1.0, 3), (0.9, 0)):
        with pytest.raises(ValueError, match="no quantile"):
            t_quantile(share, freedom)


def test_nineteen_of_twenty_intervals_hold_the_mean() -> None:
    chance = Random(1)
    held = sum(
        abs(found.mean - 5.0) <= found.half
        for found in (interval([chance.gauss(5.0, 2.0) for _ in range(4)]) for _ in range(2_000))
    )
    assert abs(held - 1_900) < 4 * (2_000 * 0.95 * 0.05) ** 0.5


def test_one_run_has_a_mean_and_no_width_and_none_has_nothing() -> None:
    assert interval([3.0]).mean == 3.0
    assert isnan(interval([3.0]).half)
    with pytest.raises(ValueError, match="no run"):
        interval([])


def test_pairs_tell_a_difference_that_the_spread_of_the_runs_would_hide() -> None:
    chance = Random(2)
    before = [chance.gauss(100, 20) for _ in range(10)]
    after = [value + chance.gauss(3, 0.5) for value in before]
    found = difference(before, after)
    assert found.low > 2
    assert found.high < 4
    assert interval(after).low < fmean(before), "two intervals of their own would overlap"


def test_a_beginning_that_differs_is_left_out() -> None:
    chance = Random(3)
    values = [number / 4 + chance.gauss(0, 1) for number in range(80)]
    values += [20 + chance.gauss(0, 1) for _ in range(400)]
    assert 60 <= warm_up(values) <= 110
    assert warm_up([chance.gauss(0, 1) for _ in range(480)]) <= 200
    assert warm_up([]) == 0
