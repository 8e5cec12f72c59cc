"""The wall clock of a center: instants to local dates, and opening hours with holidays.

The only place in the core where a calendar day exists. The time zone data is that of `zoneinfo`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ivr.core.time import Instant

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SEARCH_DAYS = 400  # a yearly closure is found; a center closed for longer has no next opening


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours: for each weekday (0 is Monday) spans of local time; an end of 00:00 is midnight.

    A span whose end is not after its start runs past midnight. `holidays` are closed all day.
    """

    name: str
    week: Mapping[int, tuple[tuple[time, time], ...]]
    holidays: Mapping[date, str] = field(default_factory=dict)


class Calendar:
    """Instants of one run as local time."""

    __slots__ = ("_epoch", "_zone", "zone_name")

    def __init__(self, epoch_ms: int, zone: str) -> None:
        """`epoch_ms` is the run's epoch in milliseconds since 1970-01-01 UTC."""
        self._zone = ZoneInfo(zone)
        self._epoch = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=epoch_ms)
        self.zone_name = zone

    def local(self, at: Instant) -> datetime:
        """Local time at an instant, without zone."""
        return (self._epoch + timedelta(milliseconds=at)).astimezone(self._zone).replace(tzinfo=None)

    def utc(self, at: Instant) -> datetime:
        """UTC at an instant, with zone."""
        return self._epoch + timedelta(milliseconds=at)

    def instant(self, local: datetime, after: Instant) -> Instant:
        """The first instant after `after` that is this local time; in a gap (the clock is put forward) its end.

        Of an hour that occurs twice (the clock is put back) that is the first one, unless it is past.
        """
        first, second = self._of(local, 0), self._of(local, 1)
        if (
            second < first
        ):  # there is no such time on that day: it lies between the two as each offset reads it
            return self._change(second, first)
        return first if first > after else second

    def _of(self, local: datetime, fold: int) -> Instant:
        moment = local.replace(tzinfo=self._zone, fold=fold).astimezone(UTC)
        return round((moment - self._epoch) / timedelta(milliseconds=1))

    def _change(self, before: Instant, after: Instant) -> Instant:
        """The instant between two at which the clock is put forward."""
        while after - before > 1:
            middle = (before + after) // 2
            jumped = self.local(middle) - self.local(before) != timedelta(milliseconds=middle - before)
            before, after = (before, middle) if jumped else (middle, after)
        return after


def status(hours: Hours, now: datetime) -> str:
    """`open`, `closed` or `holiday` at a local time."""
    if any(start <= now < end for start, end in spans(hours, now.date() - timedelta(days=1))):
        return "open"  # still open from last evening, past midnight
    if any(start <= now < end for start, end in spans(hours, now.date())):
        return "open"
    return "holiday" if now.date() in hours.holidays else "closed"


def next_change(hours: Hours, now: datetime) -> datetime | None:
    """The next local time at which it opens or closes; None if not within a year."""
    before = status(hours, now) == "open"
    for days in range(-1, _SEARCH_DAYS):
        edges = sorted({edge for span in spans(hours, now.date() + timedelta(days=days)) for edge in span})
        for edge in edges:
            if edge > now and (status(hours, edge) == "open") != before:
                return edge
    return None


def next_open(hours: Hours, now: datetime) -> datetime | None:
    """The next local time at which it opens, or `now` while open; None if not within a year."""
    if status(hours, now) == "open":
        return now
    for days in range(_SEARCH_DAYS):
        for start, _ in spans(hours, now.date() + timedelta(days=days)):
            if start > now:
                return start
    return None


def spans(hours: Hours, day: date) -> list[tuple[datetime, datetime]]:
    """The spans that begin on a day, in order; one may end on the next day."""
    if day in hours.holidays:
        return []
    found = []
    for start, end in hours.week.get(day.weekday(), ()):
        later = day if end > start else day + timedelta(days=1)
        found.append((datetime.combine(day, start), datetime.combine(later, end)))
    return sorted(found)
