"""A whole center in virtual time: engine, cast and company on one driver."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ivr.core.calendar import Calendar
from ivr.core.engine import Engine
from ivr.core.events import LookupFinished, MessageReceived
from ivr.core.facts import AgentMoved, Fact
from ivr.core.time import NEVER, Instant
from ivr.language import Center
from ivr.observe.fan import Fan, Handlers
from ivr.people import Cast, Script
from ivr.people.casting import cast_script
from ivr.people.caused import Caused
from ivr.people.talk import Answered, Ask, company_of
from ivr.sim.driver import VirtualDriver
from ivr.world import HEARD, Crossing, Triggers, World


class Parties:
    """An engine's outlet in virtual time: every line is the cast's, every question the world's."""

    def __init__(self, cast: Cast, world: World | None, driver: VirtualDriver) -> None:
        self.play = cast.play
        self.stop = cast.stop
        self.music = cast.music
        self.queued = cast.queued
        self.ring = cast.ring
        self.withdraw = cast.withdraw
        self.work = cast.work
        self.bridge = cast.bridge
        self.said = cast.said
        self.part = cast.part
        self.hold = cast.hold
        self.consulting = cast.consulting
        self.dial = cast.dial
        self.hang_up = cast.hang_up
        self.record = cast.record
        self._world = world
        self._driver = driver

    def hear(self, line: str, others: tuple[str, ...]) -> None:
        """Simulated people have no ears."""

    def supervising(self, supervisor: str, call: int, agent: str, mode: str) -> None:
        """Simulated agents do as they are told."""

    def record_call(self, line: str, recording: int, what: str) -> None:
        """Simulated people have no sound to record."""

    def look_up(self, request: int, name: str, args: dict[str, Any], caller: str) -> None:
        """Ask the company."""
        self.run(request, name, args, caller, "")

    def send(self, request: int, channel: str, to: str, subject: str, text: str) -> None:
        """Send a message to one of the people."""
        if self._world is None:
            self._driver.later(0, self._driver.post, LookupFinished(request, "failed.unknown"))
        else:
            send(self._world, self._driver, request, channel, to)

    def run(self, request: int, name: str, args: dict[str, Any], caller: str, key: str) -> None:
        """Have the company do something."""
        if self._world is None:
            self._driver.later(0, self._driver.post, LookupFinished(request, "failed.unknown"))
            return
        answer = self._world.answer(name, args, caller, key)
        self._driver.later(
            answer.delay_ms, self._driver.post, LookupFinished(request, answer.outcome, answer.result)
        )


def send(world: World, driver: VirtualDriver, request: int, channel: str, to: str) -> None:
    """Let a message go its way, in virtual time: it is taken or not, and perhaps answered."""
    sent = world.send(channel, to)
    driver.later(sent.answer.delay_ms, driver.post, LookupFinished(request, sent.answer.outcome))
    if sent.reply is not None:
        driver.later(sent.reply_ms, driver.post, MessageReceived(channel, to, sent.reply))


def asking(world: World, driver: VirtualDriver) -> Ask:
    """How simulated agents have the company answer, in virtual time."""

    def ask(name: str, args: dict[str, Any], caller: str, key: str, then: Answered) -> None:
        answer = world.answer(name, args, caller, key)
        driver.later(answer.delay_ms, then, (answer.outcome, answer.result))

    return ask


class House:
    """A center of files, with its people, in virtual time."""

    def __init__(
        self,
        center: Center,
        seed: str,
        tell: Callable[[Fact], object] | Handlers,
        *,
        script: Script | None = None,
        epoch_ms: int | None = None,
    ) -> None:
        """`tell` is told every fact, or those that it wants; `script` replaces the people of the center's files.

        Instant 0 is the center's `starts`, or `epoch_ms`.
        """
        self.center = center
        self.driver = VirtualDriver()
        script = cast_script(center) if script is None else script
        self.cast = Cast(script, seed, self.driver)
        self.epoch_ms = epoch_of(center) if epoch_ms is None else epoch_ms
        world = World(center.world, seed, self._local_time)
        self.world = world
        plan = center.plan
        self.cast.works_for(company_of(plan, asking(world, self.driver), self._local_time))
        calendar = Calendar(self.epoch_ms, center.plan.timezone)
        self.cast.keep_time(calendar, lambda: self.driver.now)
        caused = Caused(script.causes, seed, self.driver, self.cast.call)
        also = [Crossing(*one) for one in caused.crossings]
        self.triggers = Triggers(center.world, world, self.driver, calendar, lambda: self.driver.now, also)
        fan = Fan()
        fan.add(tell if isinstance(tell, Mapping) else {Fact: tell})
        fan.add({AgentMoved: self.cast.agent_moved})
        if center.world.triggers:
            fan.add(dict.fromkeys(HEARD, self.triggers.told))
        self.engine = Engine(
            center.plan, seed, Parties(self.cast, world, self.driver), fan.tell, epoch_ms=self.epoch_ms
        )
        self.driver.engine = self.engine

    def run(self, until: Instant = NEVER, calls: int | None = None) -> None:
        """Open, let at most `calls` callers come, and go on until `until` or until nothing is left to happen.

        Without `until` the center's triggers do not watch the clock: that would never come to an end.
        """
        self.cast.start(calls)
        self.triggers.start(until)
        self.driver.run(until)

    def _local_time(self) -> datetime:
        return self.engine.local_time()


def epoch_of(center: Center) -> int:
    """Instant 0 of a run in virtual time, in ms since 1970 UTC: the center's `starts`, else a Monday at nine."""
    starts = center.starts or datetime(2026, 1, 5, 9, tzinfo=ZoneInfo(center.plan.timezone))
    return round(starts.timestamp() * 1_000)
