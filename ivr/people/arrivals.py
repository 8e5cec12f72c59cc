"""When the next caller calls, by the clock on the wall: a Poisson process whose rate follows the intervals of a week.

Each arrival needs one uniform number: the exponential amount of work `-ln(1 - u)` is spent at the rate of each
interval in turn, which is the inversion of the cumulative rate (Çinlar 1975). So two centers that differ in staff see the
same callers. A day on which the clock is put forward lacks the calls of the hour that is skipped, and one on which
it is put back has those of the repeated hour twice.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import accumulate
from math import log1p
from typing import Any, Final

from ivr.core.calendar import Calendar
from ivr.core.chance import Stream
from ivr.core.law import exponential, gamma
from ivr.core.time import SECOND, Instant, Ms
from ivr.language.arrivals import ArrivalPlan, Burst
from ivr.people.script import CallerKind, Script
from ivr.people.stage import Stage

AT_START_MS: Final = 20 * SECOND  # within which those who call at the opening dial
_AT_START: Final = 10**9  # numbers of their own, so that later callers are the same with and without them
_BURST: Final = 2 * 10**9
_EACH: Final = 10**7
_REPLAY: Final = 3 * 10**12
_IDLE_DAYS: Final = 400  # a year without a single call, and nobody will ever call


class Arrivals:
    """The arrivals of a plan; `rate` alone needs no calendar."""

    def __init__(self, plan: ArrivalPlan, calendar: Calendar, seed: str) -> None:
        self._plan = plan
        self._calendar = calendar
        self._factor = gamma(1_000_000.0, plan.busyness) if plan.busyness is not None else None
        self._busy = Stream(seed, "busyness").unit
        self._stretches: Iterator[tuple[Instant, Instant, float]] | None = None
        self._now: tuple[Instant, Instant, float] = (0, 0, 0.0)

    def after(self, now: Instant, unit: float) -> Instant | None:
        """When the next caller calls, not before `now`, later each time it is asked; None: nobody any more."""
        if self._stretches is None:
            self._stretches = self._all(now)
        work = -log1p(-unit)
        start, end, rate = self._now
        while True:
            begin = max(start, now)
            if end > begin:
                there = (end - begin) * rate
                if work < there:
                    return begin + round(work / rate)
                work -= there
            found = next(self._stretches, None)
            if found is None:
                return None
            self._now = start, end, rate = found

    def busyness(self, day: date) -> float:
        """The factor of a day, the same for every center with this seed."""
        return self._factor.draw(self._busy(day.toordinal())) / 1_000_000 if self._factor is not None else 1.0

    def _all(self, now: Instant) -> Iterator[tuple[Instant, Instant, float]]:
        """Stretches of constant rate: start, end, calls per millisecond."""
        midnight = self._calendar.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
        idle = 0
        while idle < _IDLE_DAYS:
            idle += 1
            for start, end, rate in self._day(midnight):
                if rate > 0:
                    idle = 0
                    yield start, end, rate
            midnight += timedelta(days=1)

    def _day(self, midnight: datetime) -> Iterator[tuple[Instant, Instant, float]]:
        plan, per = self._plan, timedelta(milliseconds=self._plan.per_ms)
        factor = self.busyness(midnight)
        if plan.rate is not None:
            yield self._instant(midnight), self._instant(midnight + timedelta(days=1)), plan.rate * factor
            return
        day = (plan.week or {}).get(midnight.weekday())
        if day is None:
            return
        starts = datetime.combine(midnight, day.starts)
        edges = [self._instant(starts + number * per) for number in range(len(day.calls) + 1)]
        for number, calls in enumerate(day.calls):
            yield edges[number], edges[number + 1], calls * factor / plan.per_ms

    def _instant(self, local: datetime) -> Instant:
        return self._calendar.instant(local, -(1 << 60))


class Comings:
    """Who comes and when: each caller of some kind, with a number of their own."""

    def __init__(
        self, script: Script, seed: str, stage: Stage, call: Callable[[CallerKind, str, int], None]
    ) -> None:
        """`call` lets a caller of a kind with a phone number dial; the last is their ordinal."""
        self._seed = seed
        self._stage = stage
        self._call = call
        self.expected = 0  # who will come for certain
        self._arrival, self._kind, self._phone = (
            Stream(seed, f"caller/{name}").unit for name in ("arrival", "kind", "phone")
        )
        self._ordinal = 0
        self._until: int | None = None
        self._calendar: Calendar | None = None
        self._now: Callable[[], Instant] = int
        self._arrivals: Arrivals | None = None
        self.adopt(script)

    def adopt(self, script: Script) -> None:
        """Those who come from now on are of another script."""
        self._script = script
        total = sum(kind.share for kind in script.kinds)
        self._shares = list(accumulate(kind.share / total for kind in script.kinds)) if total else []
        self._gap = exponential(script.between_calls_ms or 0).draw
        plan = script.arrivals
        by_clock = plan is not None and not script.between_calls_ms and (plan.rate or plan.week)
        self._arrivals = None
        if plan is not None and by_clock and self._calendar is not None:
            self._arrivals = Arrivals(plan, self._calendar, self._seed)

    def keep_time(self, calendar: Calendar, now: Callable[[], Instant]) -> None:
        """Go by the clock on the wall."""
        self._calendar, self._now = calendar, now
        self.adopt(self._script)

    def start(self, callers: int | None) -> None:
        """Let them come, at most `callers` of the usual ones."""
        script, plan = self._script, self._script.arrivals
        self._until = callers
        if not self._shares:
            return
        if script.between_calls_ms or self._arrivals is not None:
            self._next()
        for number in range(script.at_start if callers is None else 0):
            ordinal = _AT_START + number
            self._later(int(self._arrival(ordinal) * AT_START_MS), self._come, ordinal)
        if plan is not None and self._calendar is not None:
            for number, burst in enumerate(plan.bursts):
                self._burst(burst, _BURST + number * _EACH)
            calls = sorted((self._at(call.at), call.number, call.caller) for call in plan.replay)
            self._replayed = enumerate(calls)
            self._next_replayed()

    def _later(self, delay_ms: Ms, action: Callable[[Any], None], argument: object) -> None:
        self.expected += 1
        self._stage.later(delay_ms, self._due, (action, argument))

    def _due(self, due: tuple[Callable[[Any], None], object]) -> None:
        self.expected -= 1
        action, argument = due
        action(argument)

    def _next(self) -> None:
        self._ordinal = ordinal = self._ordinal + 1
        if self._until is not None and ordinal > self._until:
            return
        unit = self._arrival(ordinal)
        if self._arrivals is None:
            self._later(self._gap(unit), self._arrive, ordinal)
        elif (at := self._arrivals.after(now := self._now(), unit)) is not None:
            self._later(at - now, self._arrive, ordinal)

    def _arrive(self, ordinal: int) -> None:
        self._next()
        self._come(ordinal)

    def _come(self, ordinal: int) -> None:
        chosen = bisect_right(self._shares, self._kind(ordinal))
        kind = self._script.kinds[min(chosen, len(self._shares) - 1)]
        phones = kind.phones
        number = phones[int(self._phone(ordinal) * len(phones))] if phones else ""
        self._call(kind, number, ordinal)

    def _burst(self, burst: Burst, first: int) -> None:
        begins = self._delay(burst.at)
        for ordinal in range(first, first + burst.calls):
            delay = begins + int(self._arrival(ordinal) * burst.lasts_ms)
            if delay >= 0:  # what is past has been
                self._later(delay, self._come, ordinal)

    def _next_replayed(self) -> None:
        now = self._now()
        for number, (at, dials, caller) in self._replayed:
            if at >= now:  # what is past has been
                self._later(at - now, self._replay, (_REPLAY + number, dials, caller))
                return

    def _replay(self, replayed: tuple[int, str, str]) -> None:
        """Somebody calls as somebody called once: of the first kind that dials that number."""
        ordinal, number, caller = replayed
        self._next_replayed()
        kinds = (kind for kind in self._script.kinds if kind.dials == number)
        self._call(next(kinds, CallerKind("replayed", number)), caller, ordinal)

    def _at(self, at: datetime) -> Instant:
        """The instant of a time with its offset, or of local time; of an hour that occurs twice, the first."""
        assert self._calendar is not None
        if at.tzinfo is not None:
            return round((at - self._calendar.utc(0)) / timedelta(milliseconds=1))
        return self._calendar.instant(at, -(1 << 60))

    def _delay(self, local: datetime) -> Ms:
        assert self._calendar is not None
        return self._calendar.instant(local, self._now()) - self._now()
