"""People with phones of their own, who call a served center and are called by it."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from ivr import wire
from ivr.client import Phone
from ivr.core import events
from ivr.core.time import Instant, Ms
from ivr.load.line import Line
from ivr.load.seen import Call
from ivr.people import Cast, Script
from ivr.people.stage import Stage
from ivr.people.talk import Company


class Handset:
    """A phone that stays connected: its owner calls with it, and it rings when its number is called."""

    def __init__(
        self, phone: Phone, cast: Cast, now: Callable[[], Instant], changed: Callable[[], None]
    ) -> None:
        """`phone` is open; `changed` is told when a call begins or is over."""
        self.line: Line | None = None
        self._phone = phone
        self._cast = cast
        self._now = now
        self._changed = changed
        self._saying: asyncio.Task[None] | None = None
        self._calls = 0

    async def run(self) -> None:
        """Follow what the center says to the end of the connection."""
        try:
            async for message in self._phone.messages():
                if isinstance(message, wire.Incoming):
                    self._ring(message)
                elif self.line is not None:
                    self.line.hears(message)
                    if self.line.call.over:
                        self._end()
        finally:
            self._end()

    def dial(self, call: Call) -> None:
        """Make a call."""
        self._begin(call).say(wire.Dial(call.dialled))

    def _ring(self, incoming: wire.Incoming) -> None:
        self._calls += 1
        line, number = f"o-{self._calls}", self._phone.number
        self._begin(Call(line, "called", incoming.caller, number))
        self._cast.dial(line, number, incoming.caller, incoming.ring_ms)

    def _begin(self, call: Call) -> Line:
        self._end()
        self.line = Line(call, self._cast, self._now)
        self._saying = asyncio.create_task(self.line.speak(self._phone))
        self._changed()
        return self.line

    def _end(self) -> None:
        if self.line is None or self._saying is None:
            return
        line, self.line = self.line, None
        self._saying.cancel()
        line.over()
        self._changed()


class Household:
    """A cast without agents, whose people have phones: the stage on which they act.

    Who has connected stays connected, and can be called; others have a phone for as long as they call.
    """

    def __init__(self, url: str, seed: str, clock: Stage, now: Callable[[], Instant], language: str) -> None:
        """`clock` says when it is later; they speak `language`. Calls are in `calls`, in their order."""
        self.calls: list[Call] = []
        self.cast = Cast(Script({}), seed, self, guests=True)
        self.cast.works_for(Company(language))
        self.on_change: Callable[[], None] = _nothing
        self._url = url
        self._clock = clock
        self._now = now
        self._handsets: dict[str, Handset] = {}
        self._lines: dict[str, Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._phones = contextlib.AsyncExitStack()
        self._fault: BaseException | None = None

    @property
    def busy(self) -> bool:
        """Whether somebody is on the phone, or it rings.

        Raises:
            IvrError: a connection was lost.
        """
        if self._fault is not None:
            raise self._fault
        return bool(self._lines) or any(one.line is not None for one in self._handsets.values())

    async def connect(self, number: str) -> None:
        """Somebody with this number has a phone from now on.

        Raises:
            IvrError: nobody answers at the address.
        """
        phone = await self._phones.enter_async_context(Phone(self._url, number=number))
        handset = self._handsets[number] = Handset(phone, self.cast, self._now, self._changed)
        self._start(handset.run())

    async def close(self) -> None:
        """All phones are put away."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._phones.aclose()

    # The stage -------------------------------------------------------------------------------------------

    def later(self, delay_ms: Ms, action: Callable[[Any], None], argument: object) -> None:
        """See `Stage`."""
        self._clock.later(delay_ms, action, argument)

    def admits(self) -> bool:
        """See `Stage`: the center refuses by itself."""
        return True

    def post(self, event: events.Event) -> None:
        """See `Stage`: what somebody does is sent."""
        if isinstance(event, events.CallArrived):
            self._dial(event)
            return
        name = getattr(event, "line", "")
        on = next((one.line for one in self._handsets.values() if _is(one.line, name)), self._lines.get(name))
        if on is not None:
            on.does(event)

    def _dial(self, event: events.CallArrived) -> None:
        call = Call(event.line, self.cast.kind_of(event.line), event.dialled, event.caller)
        self.calls.append(call)
        if (handset := self._handsets.get(event.caller)) is not None:
            handset.dial(call)
            return
        line = self._lines[event.line] = Line(call, self.cast, self._now)
        self._start(self._borrow(line))

    async def _borrow(self, line: Line) -> None:
        """A call with a phone of its own."""
        try:
            await line.run(self._url, None)
        finally:
            del self._lines[line.call.line]
            self._changed()

    def _start(self, doing: Any) -> None:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (bug := task.exception()) is not None:
            self._fault = bug
            self._changed()

    def _changed(self) -> None:
        self.on_change()


def _is(line: Line | None, name: str) -> bool:
    return line is not None and line.call.line == name


def _nothing() -> None:
    """Nobody listens."""
