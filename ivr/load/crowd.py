"""The callers of a script, each on a websocket phone of their own."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

from ivr.client import Phone
from ivr.core import events
from ivr.core.calendar import Calendar
from ivr.core.commands import agent_line
from ivr.core.time import Instant, Ms
from ivr.limits import LOAD_CALLS_MAX, LOAD_LINES_MAX
from ivr.load.line import Line
from ivr.load.seen import Call
from ivr.people import Cast, Script
from ivr.people.stage import Stage
from ivr.people.talk import Company


class Crowd:
    """A cast's callers and their stage; made and used on the event loop.

    `calls` are the calls made, in the order of their beginning; `kept_out` counts those that were not made because
    `lines_max` went on at that time, or as many as may be made in all were.
    """

    def __init__(
        self,
        url: str,
        script: Script,
        seed: str,
        *,
        token: str | None = None,
        lines_max: int = LOAD_LINES_MAX,
        language: str = "en",
        clock: Stage | None = None,
    ) -> None:
        """`url` is where the center is served; the agents of the script stay away.

        Callers speak `language`, and go by the clock of the event loop, or by one of a center in the same process.
        """
        self.calls: list[Call] = []
        self.kept_out = 0
        self.speed = 1.0
        self._url, self._token = url, token
        self._clock = clock
        self._lines_max = lines_max
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._ended: float | None = None
        self._open: dict[str, Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._over: asyncio.Future[None] = self._loop.create_future()
        callers = Script({}, script.kinds, script.between_calls_ms, script.at_start, arrivals=script.arrivals)
        silent = {agent_line(name) for name, agent in script.agents.items() if agent.talk is None}
        self._cast = Cast(callers, seed, self, guests=True, silent=silent)
        self._cast.works_for(Company(language))

    async def play(self, for_ms: Ms, callers: int | None = None, *, calendar: Calendar | None = None) -> None:
        """Let callers come for so long of the center's time, at most `callers` of the usual ones; then all hang up.

        It ends earlier when nobody is on the line and nobody will call any more. `calendar` says what time it
        is at the beginning, for arrivals by the clock: else that of this machine.

        Raises:
            IvrError: nobody answers at the address, or not to this token.
        """
        async with Phone(self._url, token=self._token) as phone:
            self.speed = phone.state.speed
        self._began = self._loop.time()
        self._cast.keep_time(calendar or Calendar(time.time_ns() // 1_000_000, "UTC"), self.now)
        self._cast.start(callers)
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(for_ms / 1_000 / self.speed):
                    await self._over
        finally:
            await self._close()

    def stop(self) -> None:
        """Let `play` come to its end now."""
        if not self._over.done():
            self._over.set_result(None)

    def now(self) -> Instant:
        """The instant it is, of the center's time since the beginning; once it is over, the end."""
        ends = self._loop.time() if self._ended is None else self._ended
        return int((ends - self._began) * 1_000 * self.speed)

    def _look(self) -> None:
        """Whether everybody is done."""
        if self._cast.over and not self._tasks:
            self.stop()

    def _fail(self, bug: BaseException) -> None:
        if not self._over.done():
            self._over.set_exception(bug)

    async def _close(self) -> None:
        """Nobody calls any more, and who is on the line goes."""
        self._closed = True
        self._ended = self._loop.time()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # The stage ---------------------------------------------------------------------------------------------

    def later(self, delay_ms: Ms, action: Callable[[Any], None], argument: object) -> None:
        """See `Stage`: at the pace of the center."""
        if self._clock is not None:
            self._clock.later(delay_ms, self._act, (action, argument))
        else:
            self._loop.call_later(delay_ms / 1_000 / self.speed, self._act, (action, argument))

    def _act(self, due: tuple[Callable[[Any], None], object]) -> None:
        action, argument = due
        if self._closed:
            return
        try:
            action(argument)
        except Exception as bug:  # noqa: BLE001 - a fault of ours, raised where the crowd was asked to play
            self._fail(bug)
        self._look()

    def admits(self) -> bool:
        """See `Stage`: whether there are lines left to call on."""
        free = len(self._open) < self._lines_max and len(self.calls) < LOAD_CALLS_MAX
        self.kept_out += not free
        return free

    def post(self, event: events.Event) -> None:
        """See `Stage`: what a caller does is sent."""
        if isinstance(event, events.CallArrived):
            self._dial(event)
        elif (line := self._open.get(getattr(event, "line", ""))) is not None:
            line.does(event)

    def _dial(self, event: events.CallArrived) -> None:
        call = Call(event.line, self._cast.kind_of(event.line), event.dialled, event.caller)
        self.calls.append(call)
        self._open[event.line] = line = Line(call, self._cast, self.now)
        task = self._loop.create_task(line.run(self._url, self._token), name=event.line)
        self._tasks.add(task)
        task.add_done_callback(self._hung_up)

    def _hung_up(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._open.pop(task.get_name(), None)
        if not task.cancelled() and (bug := task.exception()) is not None:
            self._fail(bug)  # what goes wrong on a line is noted there
        self._look()
