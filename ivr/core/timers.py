"""The engine's alarms: one heap ordered by due instant, then by order of setting.

An alarm is cancelled by emptying it; the heap drops it when it comes up, or in one sweep when most
of the heap is dead (long timers that are cancelled early would otherwise pile up). A sentinel that is
never due lies at the bottom, so that there is always a first alarm to look at.
"""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any, TypeAlias

from ivr.core.time import NEVER, Instant
from ivr.limits import TIMERS_PURGE_MIN

Alarm: TypeAlias = list[Any]
"""`[due, seq, action, argument]`; `action` is None once it fired or was cancelled."""


class Timers:
    """Alarms that call `action(argument)` when they come due; `heap` is for a glance at its first entry."""

    __slots__ = ("_dead", "_seq", "heap")

    def __init__(self) -> None:
        self.heap: list[Alarm] = [[NEVER, 0, _never, None]]
        self._seq = 0
        self._dead = 0

    def set(self, due: Instant, action: Callable[[Any], None], argument: object) -> Alarm:
        """Have `action(argument)` called at `due`; keep what is returned to cancel it."""
        self._seq = seq = self._seq + 1
        alarm: Alarm = [due, seq, action, argument]
        heappush(self.heap, alarm)
        return alarm

    def cancel(self, alarm: Alarm) -> None:
        """Take an alarm back; one that fired already is left alone."""
        if alarm[2] is None:
            return
        alarm[2] = alarm[3] = None
        self._dead = dead = self._dead + 1
        if dead > TIMERS_PURGE_MIN and dead * 2 > len(self.heap):
            self.heap[:] = [alarm for alarm in self.heap if alarm[2] is not None]
            heapify(self.heap)
            self._dead = 0

    def next_due(self) -> Instant:
        """When the earliest living alarm is due; NEVER if there is none."""
        heap = self.heap
        while heap[0][2] is None:
            heappop(heap)
            self._dead -= 1
        due: Instant = heap[0][0]
        return due

    def pop(self) -> tuple[Instant, Callable[[Any], None] | None, Any]:
        """Take out the first alarm: when it is due, and what to do, which is None for a dead one."""
        alarm = heappop(self.heap)
        due, _, action, argument = alarm
        if action is None:
            self._dead -= 1
        else:
            alarm[2] = alarm[3] = None
        return due, action, argument

    def __len__(self) -> int:
        return len(self.heap) - self._dead - 1


def _never(_: None) -> None:
    raise AssertionError("this instant does not come")
