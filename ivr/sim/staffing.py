"""How many agents a center needs in each interval, found by simulating it: with its flows, its callers and its queues.

Agents like one of the center are added or left out, interval by interval of a week; everybody else stays. First every
interval that misses its target gets more, until none does; then, from the fullest on, each gives back as many as it can. An
interval that has too few spoils the next one too, so the answer is not the sum of answers for single intervals.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from math import ceil
from typing import NamedTuple, TypeAlias

from ivr.core.calendar import Calendar, Hours
from ivr.core.plan import AgentPlan
from ivr.core.time import DAY, Instant, Ms
from ivr.language import Center
from ivr.observe.service_level import service_levels
from ivr.people import Script
from ivr.sim.ledger import Row, Sheet
from ivr.sim.outcome import counted, ratio

Slot: TypeAlias = tuple[int, int]
"""An interval of the week: the weekday (0 is Monday) and the number of the interval in it."""

Staffing: TypeAlias = Mapping[Slot, int]
Simulate: TypeAlias = Callable[["Staff"], Sequence[Sheet]]

_TIMES, _BEYOND = 3, 10  # where so many times the first guess, and some, do not do it, nothing will


class Staff(NamedTuple):
    """Agents like `like`, so many in each slot; plain data that goes to other processes."""

    like: str
    interval_ms: Ms
    slots: tuple[tuple[Slot, int], ...]

    @classmethod
    def of(cls, like: str, interval_ms: Ms, staffing: Staffing) -> "Staff":
        """From a map."""
        return cls(like, interval_ms, tuple(sorted(staffing.items())))


class Target(NamedTuple):
    """What every interval is to reach: a service level at least, or a share of abandons or a mean wait at most."""

    figure: str
    limit: float

    def met(self, row: Row) -> bool:
        """Whether a row reaches it; one without callers does."""
        value = self.value(row)
        if value is None:
            return True
        return value >= self.limit if self.figure.startswith("sl_") else value <= self.limit

    def value(self, row: Row) -> float | None:
        """The figure of a row."""
        if self.figure == "p_abandon":
            return ratio(row.abandoned, row.offered)
        if self.figure == "asa_s":
            return ratio(row.answered_wait_ms / 1_000, row.answered)
        return service_levels(counted(row)).get(self.figure.removeprefix("sl_"))


@dataclass(frozen=True)
class Need:
    """What was found for a slot: agents, what they reach, and the load they carry (calls of a day, handle time in s)."""

    slot: Slot
    agents: int
    reached: float | None
    calls: float
    aht_s: float | None


def staffed(center: Center, script: Script, staff: Staff) -> tuple[Center, Script]:
    """The center with agents like one of its own, there when the slots say."""
    most = max((count for _, count in staff.slots), default=0)
    like, habits = center.plan.agents[staff.like], script.agents[staff.like]
    agents = {name: agent for name, agent in center.plan.agents.items() if not _alike(agent, like)}
    scripts = {name: script.agents[name] for name in agents}
    for number in range(1, most + 1):
        name = f"{staff.like}-{number}"
        agents[name] = replace(like, name=name)
        scripts[name] = replace(habits, shift=_hours(name, staff, number), absent=0.0, late=None)
    plan = replace(center.plan, agents=agents)
    return replace(center, plan=plan), replace(script, agents=scripts)


def _alike(one: AgentPlan, other: AgentPlan) -> bool:
    return (one.queues, dict(one.skills), dict(one.levels)) == (
        other.queues,
        dict(other.skills),
        dict(other.levels),
    )


def _hours(name: str, staff: Staff, number: int) -> Hours:
    """When the agent of this number is there: in every slot that has so many."""
    week: dict[int, list[tuple[time, time]]] = {}
    for (day, interval), count in staff.slots:
        if count < number:
            continue
        begin = datetime(2000, 1, 1) + timedelta(milliseconds=interval * staff.interval_ms)  # noqa: DTZ001
        start, end = begin.time(), (begin + timedelta(milliseconds=staff.interval_ms)).time()
        spans = week.setdefault(day, [])
        if spans and spans[-1][1] == start:
            spans[-1] = spans[-1][0], end
        else:
            spans.append((start, end))
    return Hours(name, {day: tuple(spans) for day, spans in week.items()})


def by_slot(
    sheets: Sequence[Sheet], queues: Sequence[str], interval_ms: Ms, calendar: Calendar
) -> dict[Slot, Row]:
    """The rows of some queues over all runs and weeks, by interval of the week."""
    found: dict[Slot, Row] = {}
    for sheet in sheets:
        for (queue, number), row in sheet.rows.items():
            if queue in queues:
                found.setdefault(slot_of(number, interval_ms, calendar), Row()).add(row)
    return found


def slot_of(number: int, interval_ms: Ms, calendar: Calendar) -> Slot:
    """The interval of the week that an interval of the run is."""
    local = calendar.local(number * interval_ms)
    since = (local.hour * 60 + local.minute) * 60_000 + local.second * 1_000
    return local.weekday(), since // interval_ms


def clock_of(number: int, interval_ms: Ms) -> str:
    """When the interval of a day with this number begins, such as `08:30`."""
    minutes = number * interval_ms // 60_000
    return f"{minutes // 60:02}:{minutes % 60:02}"


class Search:
    """The search for the least agents; `simulate` runs some staffing, the same callers each time."""

    def __init__(
        self, staff: Staff, target: Target, queues: Sequence[str], calendar: Calendar, simulate: Simulate
    ) -> None:
        """`staff` is where the search begins."""
        self._like, self._interval_ms = staff.like, staff.interval_ms
        self._begun = dict(staff.slots)
        self._staffing = dict(staff.slots)
        self._runs = 1
        self._target = target
        self._queues = queues
        self._calendar = calendar
        self._simulate = simulate

    def run(self) -> tuple[Staffing, dict[Slot, Row]]:
        """The staffing found, and what it reaches.

        Raises:
            ValueError: no number of agents reaches the target.
        """
        rows = self._try(self._staffing)
        while missed := [slot for slot, row in rows.items() if not self._target.met(row)]:
            for slot in missed:
                more = self._staffing.get(slot, 0) + max(1, ceil(self._lack(rows[slot])))
                if more > _BEYOND + _TIMES * self._begun.get(slot, 0):
                    raise ValueError(
                        f"{more} agents in an interval, and the target is missed still: ask for less"
                    )
                self._staffing[slot] = more
            rows = self._try(self._staffing)
        return self._spare(rows)

    def _lack(self, row: Row) -> float:
        """How many agents more at once, where the target is far away: a twentieth of the load."""
        return row.handle_ms / max(1, row.handled) * row.offered / self._interval_ms / 20 / max(1, self._runs)

    def _spare(self, rows: dict[Slot, Row]) -> tuple[Staffing, dict[Slot, Row]]:
        """Give back what is not needed: all slots at once while that works, then one after another."""
        while True:
            less = {slot: max(0, count - 1) for slot, count in self._staffing.items()}
            found = self._try(less)
            if less == self._staffing or self._missed(found):
                break
            self._staffing, rows = less, found
        for slot in sorted(self._staffing, key=lambda slot: (-self._staffing[slot], slot)):
            while self._staffing[slot] > 0:
                less = self._staffing | {slot: self._staffing[slot] - 1}
                found = self._try(less)
                if self._missed(found):
                    break
                self._staffing, rows = less, found
        return self._staffing, rows

    def _missed(self, rows: Mapping[Slot, Row]) -> bool:
        return any(not self._target.met(row) for row in rows.values())

    def _try(self, staffing: Staffing) -> dict[Slot, Row]:
        sheets = self._simulate(Staff.of(self._like, self._interval_ms, staffing))
        self._runs = len(sheets)
        return by_slot(sheets, self._queues, self._interval_ms, self._calendar)


def first_guess(rows: Mapping[Slot, Row], interval_ms: Ms, days: Mapping[int, int]) -> dict[Slot, int]:
    """As many as the load asks for: calls times handle time, and one; `days` is how often each weekday was lived."""
    handled = sum(row.handled for row in rows.values())
    aht_ms = sum(row.handle_ms for row in rows.values()) / handled if handled else 0.0
    return {slot: ceil(row.offered / days[slot[0]] * aht_ms / interval_ms) + 1 for slot, row in rows.items()}


def needs(
    staffing: Staffing, rows: Mapping[Slot, Row], target: Target, days: Mapping[int, int]
) -> list[Need]:
    """What was found, slot by slot in order."""
    found = []
    for slot in sorted(staffing):
        row = rows.get(slot, Row())
        lived = days.get(slot[0], 0)
        found.append(
            Need(
                slot,
                staffing[slot],
                target.value(row),
                row.offered / lived if lived else 0.0,
                ratio(row.handle_ms / 1_000, row.handled),
            )
        )
    return found


def lived_days(start: Instant, end: Instant, calendar: Calendar, runs: int) -> dict[int, int]:
    """How often each weekday is lived in so many runs, as dates; a part of one counts as one."""
    found: dict[int, int] = {}
    local, last = calendar.local(start).date(), calendar.local(max(start, end - 1)).date()
    while local <= last:
        found[local.weekday()] = found.get(local.weekday(), 0) + runs
        local += timedelta(milliseconds=DAY)
    return found
