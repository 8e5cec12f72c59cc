"""When callers call: the intervals of a week, bursts and replayed calls, read and checked."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.core.time import DAY, Ms
from ivr.language.center_parts import days_of
from ivr.language.people_models import Arrivals, DayModel
from ivr.language.problems import Mark, Report
from ivr.limits import CALLER_CHARS_MAX, REPLAYED_MAX


class Replayed(NamedTuple):
    """A call that came once: when (in local time, or with an offset from UTC), to which number, and from whom."""

    at: datetime
    number: str
    caller: str


class Burst(NamedTuple):
    """So many callers within a while."""

    at: datetime
    lasts_ms: Ms
    calls: int


class Day(NamedTuple):
    """The calls of a day by interval, the first of which begins at `starts`."""

    starts: time
    calls: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ArrivalPlan:
    """When callers call: `rate` is calls per millisecond, `week` has the days by number (0 is Monday)."""

    rate: float | None = None
    per_ms: Ms = DAY
    week: Mapping[int, Day] | None = None
    busyness: float | None = None
    bursts: tuple[Burst, ...] = ()
    replay: tuple[Replayed, ...] = ()


def arrival_plan(
    model: Arrivals, files: Mapping[str, str], numbers: Mapping[str, str], report: Report
) -> ArrivalPlan:
    """What was written, with the calls of its file; what does not fit is reported at its place."""
    week: dict[int, Day] = {}
    for key, day in model.week.items():
        for number in days_of(key, report):
            if number in week:
                report.add(key, "duplicate", "one of these days is here twice", "each day once")
            week[number] = _day(day, model.per, report)
    bursts = tuple(Burst(burst.at, burst.lasts, burst.calls) for burst in model.bursts)
    replay: tuple[Replayed, ...] = ()
    if model.replay is not None:
        text = files.get(str(model.replay))
        if text is None:
            report.add(
                model.replay, "no-file", f"there is no file {str(model.replay)!r} in the center's folder"
            )
        else:
            name = model.replay.file.rpartition("/")[0]
            file = f"{name}/{model.replay}" if name else str(model.replay)
            replay = tuple(_replayed(file, text, numbers, report))
    return ArrivalPlan(model.rate, model.per, week or None, model.busyness, bursts, replay)


def _day(day: DayModel, per_ms: Ms, report: Report) -> Day:
    begun = timedelta(hours=day.starts.hour, minutes=day.starts.minute)
    if begun + len(day.calls) * timedelta(milliseconds=per_ms) > timedelta(days=1):
        report.add(
            day.place_of_key("calls"),
            "too-big",
            f"{len(day.calls)} intervals go past midnight",
            "put the rest on the next day",
        )
    return Day(day.starts, tuple(float(calls) for calls in day.calls))


def _replayed(name: str, text: str, numbers: Mapping[str, str], report: Report) -> Iterator[Replayed]:
    report.source(name, text)
    reader = csv.DictReader(text.splitlines())
    columns = reader.fieldnames or ()
    for needed in ("at", "number"):
        if needed not in columns:
            report.add(
                Mark(name),
                "unknown-column",
                f"there is no column {needed!r}",
                "the columns are at, number, caller",
            )
            return
    try:
        for count, row in enumerate(reader, 1):
            if count > REPLAYED_MAX:
                report.add(
                    Mark(name, reader.line_num), "too-big", f"the file has more than {REPLAYED_MAX} calls"
                )
                return
            number, caller = (row["number"] or "").strip(), (row.get("caller") or "").strip()
            if number not in numbers:
                hint = suggest(number, numbers)
                report.add(
                    Mark(name, reader.line_num), "unknown", f"there is no number {number[:40]!r}", hint
                )
                continue
            try:
                at = datetime.fromisoformat((row["at"] or "").strip())
            except ValueError:
                report.add(
                    Mark(name, reader.line_num),
                    "type",
                    f"{row['at']!r} is no time such as 2026-01-05T09:00:00",
                )
                continue
            yield Replayed(at, number, caller[:CALLER_CHARS_MAX])
    except csv.Error as fault:
        report.add(Mark(name, reader.line_num or 1), "csv", f"this is no CSV: {fault}")
