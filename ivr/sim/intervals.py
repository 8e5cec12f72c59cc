"""The intervals of a run: as the clock on the wall cuts them, whenever the run begins."""

from typing import TypeAlias

from ivr.core.calendar import Calendar
from ivr.core.time import Instant, Ms

Slot: TypeAlias = tuple[int, int]
"""An interval of the week: the weekday (0 is Monday) and the number of the interval in it."""


class Intervals:
    """Intervals of one length from midnight of the first day on; what is counted is from `begins` to `ends`.

    A run that begins at ten past eight has ten minutes less in its first half hour.
    """

    def __init__(self, each_ms: Ms, calendar: Calendar, begins: Instant, ends: Instant) -> None:
        self.each_ms = each_ms
        self.calendar = calendar
        self._begins = begins
        self._ends = ends
        self.before_ms = _of_day_ms(calendar, 0) % each_ms
        """How long before instant 0 the interval with the number 0 began."""

    def numbers(self) -> range:
        """Of all intervals in which anything is counted."""
        return range(self.number(self._begins), self.number(max(self._begins, self._ends - 1)) + 1)

    def number(self, at: Instant) -> int:
        """Of the interval that an instant is in."""
        return (at + self.before_ms) // self.each_ms

    def starts(self, number: int) -> Instant:
        """When an interval begins; the first one perhaps before the run does."""
        return number * self.each_ms - self.before_ms

    def counted_ms(self, number: int) -> Ms:
        """How much of an interval is counted: less where the run or its warm-up cuts it."""
        start = self.starts(number)
        return min(start + self.each_ms, self._ends) - max(start, self._begins)

    def slot(self, number: int) -> Slot:
        """The interval of the week that an interval is."""
        start = self.starts(number)
        return self.calendar.local(start).weekday(), _of_day_ms(self.calendar, start) // self.each_ms


def _of_day_ms(calendar: Calendar, at: Instant) -> Ms:
    """What the clock on the wall shows at an instant."""
    local = calendar.local(at)
    return (local.hour * 60 + local.minute) * 60_000 + local.second * 1_000 + local.microsecond // 1_000


def clock_of(number: int, interval_ms: Ms) -> str:
    """When the interval of a day with this number begins, such as `08:30`."""
    minutes = number * interval_ms // 60_000
    return f"{minutes // 60:02}:{minutes % 60:02}"
