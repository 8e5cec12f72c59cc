"""A story against a served center: the customer's phone is a real one, a websocket to a port of this machine.

Talks run at a speed; while nobody of the story is on a line the clock is put forward, from one alarm to the next, so a
story of months takes as long as its calls.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Final

from aiohttp import web

from ivr.core.events import Event
from ivr.core.facts import Fact
from ivr.errors import OperatorError
from ivr.language import Center
from ivr.language.story_models import StoryModel
from ivr.limits import STORY_LIVE_SECONDS_MAX
from ivr.live.app import make_app
from ivr.live.auth import Guard
from ivr.live.center import LiveCenter, Settings
from ivr.live.pacing import PacedDriver
from ivr.load.household import Household
from ivr.story.told import Told, begun
from ivr.story.walk import Place, Wait, Walk

SPEED: Final = 20.0
_LOOKS_SECONDS: Final = 0.2


def _nothing(told: Told) -> None:
    """Nobody watches."""


async def play_live(
    story: StoryModel,
    center: Center,
    language: str,
    seed: str = "1",
    speed: float = SPEED,
    watch: Callable[[Told], None] = _nothing,
) -> Told:
    """Play a story as `play` does, with one of its centers served on a free port; calls run at `speed`.

    `watch` is shown what there is so far, some times a second.

    Raises:
        OperatorError: it takes too long, or no port can be had.
        IvrError: a phone has lost its connection.
    """
    told = begun(story, center, language)
    playing = _Playing(told, seed, speed)
    try:
        async with asyncio.timeout(STORY_LIVE_SECONDS_MAX):
            watching = asyncio.create_task(_watch(told, watch))
            try:
                await playing.play()
            finally:
                watching.cancel()
    except TimeoutError:
        raise OperatorError(
            f"the story is not over after {STORY_LIVE_SECONDS_MAX} s; play it faster, with a higher --speed"
        ) from None
    return told


async def _watch(told: Told, watch: Callable[[Told], None]) -> None:
    seen = 0
    while True:
        await asyncio.sleep(_LOOKS_SECONDS)
        if len(told.facts) != seen:
            seen = len(told.facts)
            watch(told)


class _Playing:
    """One playing of a story, on the event loop."""

    def __init__(self, told: Told, seed: str, speed: float) -> None:
        self._told = told
        self._seed = seed
        self._speed = speed
        self._news = asyncio.Event()
        self._bug: BaseException | None = None
        self._walk = Walk(told)
        self._driver = PacedDriver(speed)
        settings = Settings(told.epoch_ms, seed, speed, callers=False)
        self._live = LiveCenter(told.center, settings, driver=self._driver)
        self._live.fan.add({Fact: self._tell})
        self._driver.on_bug = self._fail

    async def play(self) -> None:
        """Serve the center, connect the customer, and let happen what happens."""
        live, walk, driver = self._live, self._walk, self._driver
        number = str(self._told.story.customer.phone)
        async with self._served() as url:
            people = Household(url, self._seed, driver, driver.now, self._told.language)
            people.on_change = self._news.set
            people.cast.talk_to(live.cast)
            live.messages.personas.add(number)
            try:
                await people.connect(number)
                place = Place(
                    people.cast, live.world, driver.later, driver.post, driver.now, lambda: people.busy
                )
                walk.enter(place)
                driver.begin()
                live.start()
                for wait in walk.steps():
                    await self._pass(wait)
            finally:
                await people.close()

    async def _pass(self, wait: Wait) -> None:
        """Let time pass until what is waited for is there."""
        driver = self._driver
        while not wait.over():
            if self._bug is not None:
                raise self._bug
            left_ms = wait.until - driver.now()
            if not self._walk.on_a_line:
                driver.skip(wait.until)
                await asyncio.sleep(0)  # sockets are read meanwhile
                if driver.now() >= wait.until and driver.next_due() > wait.until:
                    return
            elif left_ms <= 0:
                return
            else:
                self._news.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(left_ms / 1_000 / self._speed):
                        await self._news.wait()

    @contextlib.asynccontextmanager
    async def _served(self) -> AsyncIterator[str]:
        live = self._live
        runner = web.AppRunner(
            make_app(live, Guard()), access_log=None, handle_signals=False, shutdown_timeout=1
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        except OSError as fault:
            raise OperatorError(f"no port of this machine can be listened on: {fault.strerror}") from None
        finally:
            await live.stop()
            await runner.cleanup()

    def _tell(self, fact: Fact) -> None:
        self._walk.tell(fact)
        self._news.set()

    def _fail(self, bug: BaseException, event: Event | None) -> None:
        self._live.watch.bug(bug, event)
        self._bug = self._bug or bug
        self._news.set()
