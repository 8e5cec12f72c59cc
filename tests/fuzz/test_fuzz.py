"""A short fuzz campaign in every test run; `make fuzz SEEDS=500` is the long one."""

from collections import Counter

from ivr.observe.audit import PROBES
from tests.fuzz.run import SOMETIMES, run_seed
from tests.fuzz.year import live_month


def test_no_invariant_breaks_however_mad_the_world_is_and_rare_situations_are_met() -> None:
    met: Counter[str] = Counter()
    for seed in range(1, 41):
        met.update(run_seed(seed).met)
    never = [name for name in (*SOMETIMES, *(f"audit: {probe}" for probe in PROBES)) if not met[name]]
    assert never == [], "a campaign that never met a situation has proved nothing about it"


def test_hours_of_the_year_keep_every_invariant_and_are_the_same_again() -> None:
    met = live_month(1, 3)
    assert met["fact CallStarted"] > 1_000
    assert live_month(1, 3) == met


def test_a_seed_is_the_same_again() -> None:
    assert run_seed(77, 3).met == run_seed(77, 3).met
