"""What the company knows of time: a clock that does things later, and when a local time comes next."""

from collections.abc import Callable, Collection
from datetime import datetime, time, timedelta
from typing import Any, Protocol

from ivr.core import events
from ivr.core.calendar import Calendar
from ivr.core.time import Instant, Ms


class Clock(Protocol):
    """Who does things later, and passes events to the engine."""

    def later(self, delay_ms: Ms, action: Callable[[Any], None], argument: object) -> None:
        """Call `action(argument)` after a while, never at once."""

    def post(self, event: events.Event) -> None:
        """Tell the engine something; only from within an action."""


def next_at(
    calendar: Calendar, now: Instant, at: time, days: Collection[int], ahead: int = 0
) -> Instant | None:
    """The next instant that is this local time on one of the weekdays (0 is Monday), `ahead` days on at the soonest."""
    local = calendar.local(now)
    for number in range(ahead, ahead + 8):
        day = local.date() + timedelta(days=number)
        moment = datetime.combine(day, at)
        if day.weekday() in days and moment > local:
            return max(now + 1, calendar.instant(moment, now))
    return None
