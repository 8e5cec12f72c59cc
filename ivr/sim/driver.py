"""Virtual time: the engine and its people, as fast as the machine allows.

One agenda holds what the people will do; the engine holds its own alarms. The driver always goes to
whichever comes first; at the same instant the engine's alarms come before the people's doings, the
same rule that `Engine.handle` keeps.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

from ivr.core.engine import Engine
from ivr.core.events import Event
from ivr.core.time import NEVER, Instant, Ms


class VirtualDriver:
    """A stage for a cast, in virtual time; give it the engine before it runs."""

    __slots__ = ("_agenda", "_seq", "engine", "now", "on_input")

    engine: Engine

    def __init__(self) -> None:
        self.now: Instant = 0
        # a sentinel that never comes lies at the bottom, so that there is always a first entry
        self._agenda: list[tuple[Instant, int, Callable[[Any], None], Any]] = [(NEVER, 0, print, None)]
        self._seq = 0
        self.on_input: Callable[[Instant, Event], None] | None = None

    def later(self, delay_ms: Ms, action: Callable[[Any], None], argument: object) -> None:
        """Call `action(argument)` when `delay_ms` have passed."""
        self._seq = seq = self._seq + 1
        heappush(self._agenda, (self.now + delay_ms, seq, action, argument))

    def admits(self) -> bool:
        """See `Stage`: nothing can be too much for virtual time."""
        return True

    def post(self, event: Event) -> None:
        """Tell the engine something now."""
        if self.on_input is not None:
            self.on_input(self.now, event)
        self.engine.handle(self.now, event)

    def next_due(self) -> Instant:
        """When something happens next; NEVER if nothing does."""
        return min(self._agenda[0][0], self.engine.next_due())

    def run(self, until: Instant = NEVER) -> None:
        """Let time pass until `until`, or until nothing is left to happen."""
        agenda, engine = self._agenda, self.engine
        alarms, next_due, advance = engine.alarms, engine.next_due, engine.advance
        while True:
            now, due = agenda[0][0], alarms[0][0]
            if now < due:
                if now > until:
                    break
                self.now = now
                _, _, action, argument = heappop(agenda)
                action(argument)
            elif due > until or due == NEVER:
                break
            elif alarms[0][2] is None:
                next_due()  # drops it: it was cancelled
            else:
                self.now = due
                advance(due)
        if until < NEVER:
            self.now = until
            engine.advance(until)
