"""A clock for talks with simulated people over sockets: it waits for the sockets, and can be put forward.

The plain driver's clock is that of the wall: when the process is late, an agent may go on before the answer of a caller
has come, whose phone is a socket of the same process. This one stands still while the process is late, and lets an
alarm go off only after the sockets had time to be read. So what happens is what happens in virtual time, but for the
few milliseconds that messages are on their way.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Final

from ivr.core.events import Event
from ivr.core.time import NEVER, Instant, Ms
from ivr.live.driver import LiveDriver

SETTLES_SECONDS: Final = 0.005
"""How long nothing must have happened, and how punctual the event loop must have been, before an alarm goes off."""

TURNS: Final = 20
"""Turns of the event loop before an alarm goes off: a word takes about ten from a phone to what is answered to it."""

HOLDS_MAX: Final = 50
"""How often an alarm is held back; on a machine that is late all the time it goes off late."""


class PacedDriver(LiveDriver):
    """A live driver of a center whose parties are all in this process."""

    def __init__(self, speed: float = 1.0) -> None:
        super().__init__(speed)
        self._base: Instant = 0  # the instant at which it was `_mark` on the loop's clock
        self._mark = self._moved = self._started
        self._wakes_at = self._started
        self._holds = 0
        self._going_off = False
        self._seq = 0
        self._agenda: list[tuple[Instant, int, Callable[[Any], None], Any]] = []

    def begin(self) -> None:
        """It is instant 0 now, not when the center was made."""
        self._base, self._mark = 0, self._loop.time()

    def now(self) -> Instant:
        """The instant it is: never one beyond an alarm that has not gone off."""
        if self._going_off:
            return self._base
        passed = int((self._loop.time() - self._mark) * 1_000 * self.speed)
        return min(self._base + passed, max(self._base, self.next_due()))

    def next_due(self) -> Instant:
        """When the next alarm goes off; NEVER if there is none."""
        engine = self.engine.next_due()
        return min(self._agenda[0][0], engine) if self._agenda else engine

    def later(self, delay_ms: Ms, action: Callable[[Any], None], argument: object) -> None:
        """See `LiveDriver`."""
        self._seq += 1
        heappush(self._agenda, (self.now() + delay_ms, self._seq, action, argument))
        if not self._stopped:
            self._rearm()

    def post(self, event: Event) -> None:
        """See `LiveDriver`; alarms wait until what comes of it has been heard."""
        self._moved = self._loop.time()
        super().post(event)

    def skip(self, to: Instant) -> None:
        """Put the clock forward to `to`, or to the next alarm before it, which then goes off."""
        if not self._stopped:
            self._go_off(max(self.now(), min(to, self.next_due())))

    def _wake(self) -> None:
        if self._stopped:
            return
        now = self._loop.time()
        late_s = now - self._wakes_at
        unsettled = late_s > SETTLES_SECONDS or now - self._moved < SETTLES_SECONDS
        if unsettled and self._holds < HOLDS_MAX:
            self._holds += 1
            self._arm(self._armed, now + SETTLES_SECONDS)
            return
        self.on_late(max(0.0, late_s))
        self._turn(TURNS, now)

    def _turn(self, left: int, since: float) -> None:
        """Let the sockets have a turn; somebody who said something meanwhile is heard first."""
        if self._stopped:
            return
        if self._moved > since:
            self._arm(self._armed, self._moved + SETTLES_SECONDS)
        elif left:
            self._alarm = self._loop.call_soon(self._turn, left - 1, since)
        else:
            self._go_off(self._armed)

    def _go_off(self, now: Instant) -> None:
        """It is `now`: whatever is due happens, the engine's alarms before the people's doings."""
        self._base, self._mark, self._holds = now, self._loop.time(), 0
        self._going_off = True
        self._arm(NEVER, 0.0)
        try:
            while not self._stopped and (due := self.next_due()) <= now:
                if self._agenda and self._agenda[0][0] < self.engine.next_due():
                    _, _, action, argument = heappop(self._agenda)
                    action(argument)
                else:
                    self._advance(due)
            if not self._stopped:
                self._advance(now)
        except Exception as bug:  # noqa: BLE001 - a fault of ours, reported as one
            self.on_bug(bug, None)
        finally:
            self._going_off = False
            self._moved = self._loop.time()
            self._rearm()

    def _rearm(self) -> None:
        """See `LiveDriver`."""
        due = self.next_due()
        if due != self._armed and not self._stopped and not self._going_off:
            self._arm(due, self._mark + (due - self._base) / 1_000 / self.speed)

    def _arm(self, due: Instant, wakes_at: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._armed, self._wakes_at, self._alarm = due, wakes_at, None
        if due < NEVER:
            self._alarm = self._loop.call_at(wakes_at, self._wake)
