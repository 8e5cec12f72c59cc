"""What starts flows without a call: the clock, rows that change, dates that come near, calls that ended, messages.

A trigger only posts `FlowTriggered`; that is an input like any other, so a replay needs no triggers. The company's own
processes go on by the same clock.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from ivr.core import events, facts
from ivr.core.calendar import Calendar
from ivr.core.facts import Fact
from ivr.core.flow.values import plain
from ivr.core.time import NEVER, Instant
from ivr.language.world_model import Becomes, CallEnds, Campaign, Comes, Schedule, Trigger, WorldModel, Writes
from ivr.world import campaigns
from ivr.world.campaigns import Dialler
from ivr.world.change import FAULTS, Crossing, scope_of
from ivr.world.clock import Clock, next_at
from ivr.world.processes import Processes
from ivr.world.world import World

HEARD: Final[tuple[type[Fact], ...]] = tuple(
    dict.fromkeys(
        (facts.CallStarted, facts.Connected, facts.CallEnded, facts.MessageArrived, *campaigns.HEARD)
    )
)
"""The facts that triggers listen to."""


class Triggers:
    """The triggers of one run."""

    def __init__(
        self,
        model: WorldModel,
        world: World,
        clock: Clock,
        calendar: Calendar,
        now: Callable[[], Instant],
        also: Sequence[Crossing] = (),
    ) -> None:
        """`now` is the present instant, `calendar` that of the run; `also` is what others want to be told of rows."""
        self._also = tuple(also)
        self._world = world
        self._now = now
        self._clock = clock
        self._calendar = calendar
        self._until: Instant = NEVER
        self._endless = False
        self._revision = 0
        self._processes = Processes(model.processes, world, clock, calendar, now)
        self._begun: dict[int, facts.CallStarted] = {}
        self._talked: set[int] = set()
        self.diallers: list[Dialler] = []
        self._know(model)

    def _know(self, model: WorldModel) -> None:
        self._triggers = list(model.triggers.values())
        known = {dialler.name: dialler for dialler in self.diallers}
        self.diallers = [
            known.get(trigger.name) or Dialler(trigger, self._clock, self._calendar, self._now)
            for trigger in self._triggers
            if isinstance(trigger.kind, Campaign)
        ]
        self._ended = [trigger for trigger in self._triggers if isinstance(trigger.kind, CallEnds)]
        self._written = [trigger for trigger in self._triggers if isinstance(trigger.kind, Writes)]
        self._world.watch(
            [
                Crossing(trigger.kind, partial(self._fire_row, trigger))
                for trigger in self._triggers
                if isinstance(trigger.kind, Becomes)
            ]
            + [*self._also]
        )

    def start(self, until: Instant = NEVER, *, endless: bool = False) -> None:
        """Begin to watch the clock, up to `until`.

        Without it only if the run is `endless`: one that goes on until nothing is left to happen would
        never come to its end.
        """
        self._until, self._endless = until, endless
        if until < NEVER or endless:
            self._processes.start(until)
            for trigger in self._triggers:
                if isinstance(trigger.kind, Schedule | Comes):
                    self._await(trigger, self._revision)

    def adopt(self, model: WorldModel) -> None:
        """Go by the triggers of another version of the center from now on."""
        self._revision += 1
        self._processes.adopt(model.processes)
        self._know(model)
        self.start(self._until, endless=self._endless)

    # The clock ------------------------------------------------------------------------------------------

    def _await(self, trigger: Trigger, revision: int) -> None:
        due = self._next(trigger.kind)
        if due is not None and due <= self._until:
            self._clock.later(due - self._now(), self._due, (trigger, revision))

    def _next(self, kind: Any) -> Instant | None:
        """The next instant at which a trigger looks at the clock."""
        now = self._now()
        if isinstance(kind, Schedule) and kind.at is None:
            return now + kind.every_ms
        return next_at(self._calendar, now, kind.at, kind.days if isinstance(kind, Schedule) else range(7))

    def _due(self, due: tuple[Trigger, int]) -> None:
        trigger, revision = due
        if revision != self._revision:
            return
        if self._processes.busy:  # rows of this instant are still changing
            self._clock.later(0, self._due, due)
            return
        kind = trigger.kind
        if isinstance(kind, Schedule) and not kind.rows:
            self._fire(trigger, "", {})
        elif isinstance(kind, Schedule):
            for row in self._world.rows(kind.rows):
                if kind.when is None or self._holds(kind.when, row):
                    self._fire_row(trigger, row)
        elif isinstance(kind, Comes):
            self._look_at_dates(trigger, kind)
        self._await(trigger, revision)

    def _look_at_dates(self, trigger: Trigger, kind: Comes) -> None:
        wanted = self._calendar.local(self._now()).date() + timedelta(days=kind.days_before)
        for row in self._world.rows(kind.rows):
            value = row.get(kind.column)
            day = value.date() if isinstance(value, datetime) else value
            if day == wanted and (kind.when is None or self._holds(kind.when, row)):
                self._fire_row(trigger, row)

    def _holds(self, condition: Any, row: dict[str, Any]) -> bool:
        try:
            return bool(condition.fn(scope_of(row, self._calendar.local(self._now()))))
        except FAULTS:
            return False

    # What happened --------------------------------------------------------------------------------------

    def told(self, fact: Fact) -> None:
        """One of the facts in `HEARD`."""
        for dialler in self.diallers:
            dialler.told(fact)
        if isinstance(fact, facts.MessageArrived):
            if not fact.call:
                self._wrote(fact)
        elif not self._ended:
            return
        elif isinstance(fact, facts.CallStarted):
            if fact.direction == "in":
                self._begun[fact.call] = fact
        elif isinstance(fact, facts.Connected):
            if fact.call in self._begun:
                self._talked.add(fact.call)
        elif isinstance(fact, facts.CallEnded) and (start := self._begun.pop(fact.call, None)) is not None:
            talked = fact.call in self._talked
            self._talked.discard(fact.call)
            for trigger in self._ended:
                assert isinstance(trigger.kind, CallEnds)
                if _fits(trigger.kind, start, fact, talked=talked):
                    self._fire(trigger, start.caller, {})

    def _wrote(self, fact: facts.MessageArrived) -> None:
        for trigger in self._written:
            assert isinstance(trigger.kind, Writes)
            if trigger.kind.channel == fact.channel:
                said = {"channel": fact.channel, "sender": fact.sender, "text": fact.text}
                self._fire(trigger, fact.sender, {"message": said})

    # Firing ---------------------------------------------------------------------------------------------

    def _fire_row(self, trigger: Trigger, row: dict[str, Any]) -> None:
        known = {name: plain(row[name]) for name in trigger.shows if name in row}
        caller = str(plain(row.get(trigger.phone)) or "")
        self._fire(trigger, caller, {trigger.into: known} if trigger.into else {})

    def _fire(self, trigger: Trigger, caller: str, data: dict[str, dict[str, Any]]) -> None:
        self._clock.later(
            trigger.after_ms, self._clock.post, events.FlowTriggered(trigger.name, caller, data)
        )


def _fits(kind: CallEnds, start: facts.CallStarted, end: facts.CallEnded, *, talked: bool) -> bool:
    if kind.missed and (talked or not start.caller):
        return False
    return (
        (not kind.numbers or start.number in kind.numbers)
        and kind.flow in ("", start.flow)
        and kind.outcome in ("", end.outcome)
        and kind.state in ("", end.state)
    )
