"""Real time: stamps what the world sends, hands it to the engine, wakes it when it wants to be woken.

One clock: the event loop's, times `speed`. Everything here runs on the loop's thread and to
completion, so there is no lock. How late an alarm was woken is a metric, never history.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from ivr.core.engine import Engine
from ivr.core.events import Event
from ivr.core.time import NEVER, Instant, Ms


class LiveDriver:
    """A stage for simulated people and the door for real ones; give it the engine before it starts."""

    engine: Engine

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self.on_input: Callable[[Instant, Event], object] = _nothing
        self.on_took: Callable[[float], object] = _nothing
        self.on_late: Callable[[float], object] = _nothing
        self.admits: Callable[[], bool] = _always
        self.on_bug: Callable[[BaseException, Event | None], None] = _raise
        self._loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        self._started = self._loop.time()
        self._alarm: asyncio.Handle | None = None
        self._armed: Instant = NEVER
        self._stopped = False

    def now(self) -> Instant:
        """The instant it is."""
        return int((self._loop.time() - self._started) * 1_000 * self.speed)

    def post(self, event: Event) -> None:
        """Stamp, journal, apply, re-arm: one synchronous turn."""
        if self._stopped:
            return
        at = max(self.now(), self.engine.now)
        self.on_input(at, event)
        began = time.perf_counter()
        try:
            self.engine.handle(at, event)
        except Exception as bug:  # noqa: BLE001 - any exception out of the core is a bug of ours, and is reported as one
            self.on_bug(bug, event)
        self.on_took(time.perf_counter() - began)
        self._rearm()

    def later(self, delay_ms: Ms, action: Callable[[Any], None], argument: object) -> None:
        """Call `action(argument)` when `delay_ms` of the center's time have passed."""
        self._loop.call_later(delay_ms / 1_000 / self.speed, self._act, action, argument)

    def catch_up(self) -> None:
        """Bring the engine to this instant, so that what is read from it is of now."""
        if not self._stopped:
            self._advance(self.now())
            self._rearm()

    def stop(self) -> None:
        """Nothing happens any more."""
        self._stopped = True
        if self._alarm is not None:
            self._alarm.cancel()

    def _act(self, action: Callable[[Any], None], argument: object) -> None:
        if not self._stopped:
            action(argument)

    def _wake(self) -> None:
        self._alarm = None
        due = self._armed
        self._armed = NEVER
        if self._stopped:
            return
        now = max(self.now(), due)
        self.on_late((now - due) / 1_000 / self.speed)
        self._advance(now)
        self._rearm()

    def _advance(self, now: Instant) -> None:
        try:
            self.engine.advance(max(now, self.engine.now))
        except Exception as bug:  # noqa: BLE001 - as in `post`
            self.on_bug(bug, None)

    def _rearm(self) -> None:
        """The only alarm of the program: when the engine wants to be called next."""
        due = self.engine.next_due()
        if due == self._armed and self._alarm is not None:
            return
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._armed = due
        if due < NEVER:
            self._alarm = self._loop.call_at(self._started + due / 1_000 / self.speed, self._wake)


def _nothing(*_: object) -> None:
    """What an observer does that is not there."""


def _always() -> bool:
    return True


def _raise(bug: BaseException, event: Event | None) -> None:
    raise bug
