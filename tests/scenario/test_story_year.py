"""Story `out-of-money` for everybody: the same customers for months, with and without warnings."""

import functools
from pathlib import Path

from ivr.core.time import DAY
from ivr.language import load_center, load_sources
from ivr.sim.ledger import Sheet
from ivr.sim.replicate import Job, simulate

FOLDER = Path(__file__).parents[2] / "flows" / "stories" / "out-of-money"
FEWER = ("rows: 10000", "rows: 200")


@functools.cache
def lived(version: str, *changes: tuple[str, str]) -> Sheet:
    sources = dict(load_center(FOLDER / f"{version}-year").sources)
    for old, new in (FEWER, *changes):
        assert sources["center.yaml"].count(old) == 1
        sources["center.yaml"] = sources["center.yaml"].replace(old, new)
    return simulate(Job.of(load_sources(sources), 120 * DAY), "1/1")


def test_warnings_keep_most_customers_online() -> None:
    without, with_ = lived("as-told").company, lived("improved").company
    assert without["warnings-sent"] == 0
    assert with_["warnings-sent"] > 500
    for name in ("cut-offs", "cut-off-at-least-once", "days-without-service", "calls-because-of-it"):
        assert with_[name] < without[name] / 2, name


def test_who_is_cut_off_calls_and_it_is_about_a_third_of_them() -> None:
    told = lived("as-told")
    caused = told.company["calls-because-of-it"]
    assert 0.25 < caused / told.company["cut-offs"] < 0.45
    assert told.calls > caused


def test_without_its_triggers_the_improved_year_is_the_year_as_told() -> None:
    never = [(f"row.warn_{number} }} }}", f"row.warn_{number} - 100000 }} }}") for number in (1, 2, 3, 4)]
    nor_cards = ('days_before: 42, at: "10:00" }', "days_before: 42, when: row.days_off < 0 }")
    assert lived("improved", *never, nor_cards).company == lived("as-told").company


def test_fewer_pay_when_fewer_read_their_mail() -> None:
    deaf = lived("improved", ("reads: 85%", "reads: 10%")).company["cut-offs"]
    assert lived("improved").company["cut-offs"] < deaf < lived("as-told").company["cut-offs"]
