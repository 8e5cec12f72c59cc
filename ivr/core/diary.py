"""Diaries: which windows of a calendar of appointments are free, and who has booked which.

All times are the center's local time, without zone: an appointment is at three whatever the clock does.
"""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple

from ivr.core import calendar
from ivr.core.calendar import Calendar
from ivr.core.plan import AppointmentPlan
from ivr.core.time import Instant
from ivr.limits import APPOINTMENTS_MAX

PER_PAGE_MAX: Final = 5  # windows read out at once: as many as anybody remembers


class Window(NamedTuple):
    """A span of local time in which somebody comes."""

    starts: datetime
    ends: datetime


def instants(window: Window, clock: Calendar, now: Instant) -> tuple[Instant, Instant]:
    """A window as instants of the run; one that has begun opens now."""
    return max(now, clock.instant(window.starts, now)), clock.instant(window.ends, now)


class Diary:
    """The appointments of one calendar."""

    __slots__ = ("booked", "taken")

    def __init__(self) -> None:
        self.booked: OrderedDict[str, Window] = OrderedDict()
        self.taken: dict[datetime, int] = {}

    def free(self, plan: AppointmentPlan, now: datetime, page: int, size: int) -> tuple[list[Window], bool]:
        """A page of the windows that can be booked, and whether there are further ones."""
        found = list(islice(self._free(plan, now), page * size, page * size + size + 1))
        return found[:size], len(found) > size

    def _free(self, plan: AppointmentPlan, now: datetime) -> Iterator[Window]:
        for days in range(plan.first_days, plan.last_days + 1):
            for starts, ends in calendar.spans(plan.windows, now.date() + timedelta(days=days)):
                if starts > now and self.taken.get(starts, 0) < plan.capacity:
                    yield Window(starts, ends)

    def book(self, whose: str, window: Window) -> None:
        """Book a window, instead of the one that was booked before."""
        self.release(whose)
        self.booked[whose] = window
        self.taken[window.starts] = self.taken.get(window.starts, 0) + 1
        if len(self.booked) > APPOINTMENTS_MAX:
            self.release(next(iter(self.booked)))

    def release(self, whose: str) -> Window | None:
        """Give a window back."""
        window = self.booked.pop(whose, None)
        if window is not None:
            left = self.taken[window.starts] - 1
            if left:
                self.taken[window.starts] = left
            else:
                del self.taken[window.starts]
        return window

    def of(self, whose: str, now: datetime) -> Window | None:
        """What somebody has booked, if it is not over."""
        window = self.booked.get(whose)
        return window if window is not None and window.ends > now else None


class Diaries(dict[str, Diary]):
    """Every calendar's diary, made when it is first asked for."""

    def __missing__(self, name: str) -> Diary:
        self[name] = diary = Diary()
        return diary
