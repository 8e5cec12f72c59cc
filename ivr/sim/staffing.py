"""Agents of some kinds in numbers of their own, interval by interval of a week, and what they reach together.

Agents like some of the center are there as a `Staff` says; everybody else works as the files say. `ivr.sim.staff_search`
looks for the least of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import NamedTuple, TypeAlias

from ivr.core.calendar import Calendar, Hours
from ivr.core.plan import AgentPlan
from ivr.core.time import DAY, Instant, Ms
from ivr.language import Center
from ivr.observe.service_level import service_levels
from ivr.people import Script
from ivr.sim.intervals import Intervals, Slot
from ivr.sim.ledger import Row, Sheet
from ivr.sim.outcome import counted, ratio

Post: TypeAlias = tuple[str, Slot]
"""Agents like this one, in a slot."""

Staffing: TypeAlias = Mapping[Post, int]
Rows: TypeAlias = Mapping[tuple[str, Slot], Row]
"""By queue and interval of the week."""


class Staff(NamedTuple):
    """So many agents at each post; plain data that goes to other processes."""

    interval_ms: Ms
    posts: tuple[tuple[Post, int], ...]

    @classmethod
    def of(cls, interval_ms: Ms, staffing: Staffing) -> "Staff":
        """From a map."""
        return cls(interval_ms, tuple(sorted(staffing.items())))


class Target(NamedTuple):
    """What some queues together are to reach in every interval: a service level at least, or abandons or a wait at most."""

    figure: str
    limit: float
    queues: tuple[str, ...]
    words: str = ""

    def met(self, row: Row) -> bool:
        """Whether a row reaches it; one without callers does."""
        return self.short(row) <= 0

    def short(self, row: Row) -> float:
        """By how much of the limit a row misses it; 0 where it does not."""
        value = self.value(row)
        if value is None:
            return 0.0
        miss = self.limit - value if self.figure.startswith("sl_") else value - self.limit
        return max(0.0, miss / (abs(self.limit) or 1.0))

    def value(self, row: Row) -> float | None:
        """The figure of a row."""
        if self.figure == "p_abandon":
            return ratio(row.abandoned, row.offered)
        if self.figure == "asa_s":
            return ratio(row.answered_wait_ms / 1_000, row.answered)
        return service_levels(counted(row)).get(self.figure.removeprefix("sl_"))


@dataclass(frozen=True)
class Need:
    """What was found for a slot: agents by kind, what each target has, and the load (calls of a day, handle time in s)."""

    slot: Slot
    agents: Mapping[str, int]
    reached: tuple[float | None, ...]
    calls: float
    aht_s: float | None


def staffed(center: Center, script: Script, staff: Staff) -> tuple[Center, Script]:
    """The center with agents like some of its own, there when the posts say."""
    plan = center.plan
    kinds = list(dict.fromkeys(like for (like, _), _ in staff.posts))
    replaced = {
        name for name in plan.agents if any(alike(plan.agents[name], plan.agents[like]) for like in kinds)
    }
    agents = {name: agent for name, agent in plan.agents.items() if name not in replaced}
    scripts = {name: script.agents[name] for name in agents}
    for like in kinds:
        slots = [(slot, count) for (kind, slot), count in staff.posts if kind == like]
        for number in range(1, max(count for _, count in slots) + 1):
            name = f"{like}-{number}"
            shift = _hours(name, [slot for slot, count in slots if count >= number], staff.interval_ms)
            agents[name] = replace(plan.agents[like], name=name)
            scripts[name] = replace(script.agents[like], shift=shift, absent=0.0, late=None)
    return replace(center, plan=replace(plan, agents=agents)), replace(script, agents=scripts)


def alike(one: AgentPlan, other: AgentPlan) -> bool:
    """Whether two agents can take the same calls, equally well."""
    return (one.queues, dict(one.skills), dict(one.levels)) == (
        other.queues,
        dict(other.skills),
        dict(other.levels),
    )


def _hours(name: str, slots: Sequence[Slot], interval_ms: Ms) -> Hours:
    """Shifts that cover some intervals of the week."""
    week: dict[int, list[tuple[time, time]]] = {}
    for day, interval in sorted(slots):
        begin = datetime(2000, 1, 1) + timedelta(milliseconds=interval * interval_ms)  # noqa: DTZ001
        start, end = begin.time(), (begin + timedelta(milliseconds=interval_ms)).time()
        spans = week.setdefault(day, [])
        if spans and spans[-1][1] == start:
            spans[-1] = spans[-1][0], end
        else:
            spans.append((start, end))
    return Hours(name, {day: tuple(spans) for day, spans in week.items()})


def by_slot(sheets: Sequence[Sheet], intervals: Intervals) -> Rows:
    """The rows of the queues over all runs and weeks."""
    found: dict[tuple[str, Slot], Row] = {}
    for sheet in sheets:
        for (queue, number), row in sheet.rows.items():
            found.setdefault((queue, intervals.slot(number)), Row()).add(row)
    return found


def together(rows: Rows, queues: Sequence[str]) -> dict[Slot, Row]:
    """Some queues as one, by interval of the week."""
    found: dict[Slot, Row] = {}
    for (queue, slot), row in rows.items():
        if queue in queues:
            found.setdefault(slot, Row()).add(row)
    return found


def needs(staffing: Staffing, rows: Rows, targets: Sequence[Target], days: Mapping[int, int]) -> list[Need]:
    """What was found, slot by slot in order; `days` is how often each weekday was lived."""
    reached = [together(rows, target.queues) for target in targets]
    served = together(rows, [queue for target in targets for queue in target.queues])
    found = []
    for slot in sorted({slot for _, slot in staffing}):
        row, lived = served.get(slot, Row()), days.get(slot[0], 0)
        found.append(
            Need(
                slot,
                {like: count for (like, at), count in staffing.items() if at == slot},
                tuple(
                    target.value(some.get(slot, Row())) for target, some in zip(targets, reached, strict=True)
                ),
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
