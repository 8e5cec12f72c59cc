"""Virtual time: the engine and its people, as fast as the machine allows.

One agenda holds what the people will do; the engine holds its own alarms. The driver always goes to
whichever comes first; at the same instant the engine's alarms come before the people's doings, the
same rule that `Engine.handle` keeps.
"""

import heapq
from collections.abc import Callable
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
        self._agenda: list[tuple[Instant, int, Callable[[Any], None], Any]] = []
        self._seq = 0
        self.on_input: Callable[[Instant, Event], None] | None = None

    def later(self, delay_ms: Ms, action: Callable[[Any], None], argument: object) -> None:
        """Call `action(argument)` when `delay_ms` have passed."""
        self._seq += 1
        heapq.heappush(self._agenda, (self.now + delay_ms, self._seq, action, argument))

    def post(self, event: Event) -> None:
        """Tell the engine something now."""
        if self.on_input is not None:
            self.on_input(self.now, event)
        self.engine.handle(self.now, event)

    def run(self, until: Instant = NEVER) -> None:
        """Let time pass until `until`, or until nothing is left to happen."""
        agenda, engine = self._agenda, self.engine
        pop, next_due, advance = heapq.heappop, engine.next_due, engine.advance
        due = next_due()
        while True:
            if agenda and agenda[0][0] < due:
                now = agenda[0][0]
                if now > until:
                    break
                self.now = now
                _, _, action, argument = pop(agenda)
                action(argument)
            elif due <= until and due < NEVER:
                self.now = due
                advance(due)
            else:
                break
            due = next_due()
        if until < NEVER:
            self.now = until
            engine.advance(until)
