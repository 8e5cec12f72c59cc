"""One page about a simulated center that needs nothing else: figures, plots, and a formula beside them."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ivr.core.calendar import WEEKDAYS
from ivr.core.time import Ms
from ivr.language import Center
from ivr.people.casting import cast_script
from ivr.sim import plots
from ivr.sim.intervals import Intervals, Slot, clock_of
from ivr.sim.ledger import Row, Sheet
from ivr.sim.outcome import ratio
from ivr.sim.replicate import Job
from ivr.sim.staffing import lived_days
from ivr.sim.yardstick import Reading, bent, read


class Told(NamedTuple):
    """What the command tells the page: its figures as it shows them, and how they were made."""

    about: str
    note: str
    again: str
    headings: Sequence[str]
    figures: Sequence[Sequence[str]]
    cards: Sequence[tuple[str, str]]


def page(center: Center, sheets: Sequence[Sheet], job: Job, told: Told) -> str:
    """The page as HTML; every picture is SVG in it, and nothing is fetched."""
    intervals = job.intervals(center)
    level = _level(center, sheets)
    interval_ms = job.interval_ms
    days = lived_days(job.warm_up_ms, job.warm_up_ms + job.for_ms, intervals.calendar, len(sheets))
    readings = read(sheets, intervals, days, level.within_ms / 1_000, level.target)
    by_time = _by_time(readings)
    labels = [clock_of(number, interval_ms) for number in by_time]
    longest = _longest(sheets, intervals)
    values: dict[str, Any] = {
        **told._asdict(),
        "name": center.plan.name,
        "within": f"{level.within_ms / 1_000:g} s",
        "target": f"{level.target:.0%}",
        "waits": plots.waits_by_time(
            labels,
            [_mean([one.calls for one in some]) for some in by_time.values()],
            [_asa(some) for some in by_time.values()],
            [longest.get(number) for number in by_time],
        ),
        "staffing": plots.staffing(
            labels,
            [_mean([one.there for one in some]) for some in by_time.values()],
            [_mean([one.need for one in some if one.need is not None]) for some in by_time.values()],
        ),
        "heat": _heat(readings, interval_ms),
        "readings": [_reading(one, interval_ms, level.target) for one in readings],
        "bent": list(bent(center, cast_script(center))),
    }
    for name in ("waits", "staffing", "heat"):
        values[name] = Markup(values[name])  # noqa: S704 - our own pictures
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    text = files("ivr.sim").joinpath("report.html").read_text("utf-8")
    return environment.from_string(text).render(values) + "\n"


def _level(center: Center, sheets: Sequence[Sheet]) -> Any:
    """The service level of the queue that has most calls."""
    offered = {name: sum(sheet.total(name).offered for sheet in sheets) for name in center.plan.queues}
    busiest = max(offered, key=lambda name: offered[name])
    return center.plan.queues[busiest].service_level


def _by_time(readings: Sequence[Reading]) -> dict[int, list[Reading]]:
    """The intervals of all days by their number in the day."""
    found: dict[int, list[Reading]] = {}
    for one in sorted(readings, key=lambda one: one.slot[1]):
        found.setdefault(one.slot[1], []).append(one)
    return found


def _asa(some: Sequence[Reading]) -> float | None:
    return ratio(sum(one.row.answered_wait_ms for one in some) / 1_000, sum(one.row.answered for one in some))


def _longest(sheets: Sequence[Sheet], intervals: Intervals) -> dict[int, float]:
    """The longest wait of each interval of the day in seconds, as a mean over days and runs."""
    found: dict[int, list[float]] = {}
    for sheet in sheets:
        most: dict[int, int] = {}
        for (_, number), row in sheet.rows.items():
            most[number] = max(most.get(number, 0), row.longest_ms)
        for number, longest_ms in most.items():
            found.setdefault(intervals.slot(number)[1], []).append(longest_ms / 1_000)
    return {number: sum(values) / len(values) for number, values in found.items()}


def _heat(readings: Sequence[Reading], interval_ms: Ms) -> str:
    """Weekday by time of day, where there are several days; else nothing."""
    days = sorted({one.slot[0] for one in readings})
    if len(days) < 2:
        return ""
    numbers = sorted({one.slot[1] for one in readings})
    cells: Mapping[Slot, Row] = {one.slot: one.row for one in readings}
    shares = [[_in_time(cells.get((day, number), Row())) for number in numbers] for day in days]
    labels = [clock_of(number, interval_ms) for number in numbers]
    return plots.heat([WEEKDAYS[day] for day in days], labels, shares, "answered in time")


def _in_time(row: Row) -> float | None:
    return ratio(row.answered_in_t, row.answered + row.abandoned)


def _reading(one: Reading, interval_ms: Ms, target: float) -> list[tuple[str, bool]]:
    level, gave_up = _in_time(one.row), ratio(one.row.abandoned, one.row.offered)
    return [
        (f"{WEEKDAYS[one.slot[0]]} {clock_of(one.slot[1], interval_ms)}", False),
        (f"{one.calls:.1f}", False),
        (f"{one.there:.1f}", False),
        ("" if one.need is None else str(one.need), one.need is not None and one.need > one.there + 0.5),
        ("" if level is None else f"{level:.0%}", level is not None and level < target),
        ("" if one.level is None else f"{one.level:.0%}", False),
        ("" if gave_up is None else f"{gave_up:.1%}", False),
        ("" if one.abandoned is None else f"{one.abandoned:.1%}", False),
    ]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
