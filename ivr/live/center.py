"""One served center: the engine, its people, its world, its sound, and every socket.

Facts are folded here into records, metrics, log and journal, and shown to the sockets they concern.
"""

import asyncio
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from structlog.typing import FilteringBoundLogger

from ivr.core import events, facts
from ivr.core.calendar import Calendar
from ivr.core.call import Talk
from ivr.core.engine import Engine
from ivr.core.facts import call_name, call_number
from ivr.core.snapshot import Snapshot
from ivr.language import Center
from ivr.limits import STORE_QUEUE_MAX
from ivr.live.company import Company
from ivr.live.driver import LiveDriver
from ivr.live.messages import Messages
from ivr.live.outlet import LiveOutlet
from ivr.live.party import Party
from ivr.live.phone import Phone
from ivr.live.recordings import Recordings
from ivr.live.seats import Seats
from ivr.live.sound import SoundDesk
from ivr.live.watch import Watch
from ivr.observe.audit import Audit
from ivr.observe.fan import Fan
from ivr.observe.live_metrics import LiveMetrics
from ivr.observe.log import logger
from ivr.observe.metrics import Metrics
from ivr.observe.records import Records
from ivr.people import Cast, Script
from ivr.people.casting import cast_script
from ivr.world import HEARD, Triggers, World

if TYPE_CHECKING:
    from ivr.store import Commit, Store

LOOK_SECONDS: Final = 1.0
"""How often a served center looks at itself."""


@dataclass(frozen=True)
class Settings:
    """How a center is served: `epoch_ms` is instant 0 since 1970 UTC, `data` where it keeps things.

    `people` are simulated, of whom `callers` may be left to others.
    """

    epoch_ms: int
    seed: str
    speed: float = 1.0
    people: bool = True
    callers: bool = True
    data: Path | None = None
    first_call: int = 1


_OF_DESKS: Final = ("agent_", "reservation_", "work_", "consult_", "supervisor_", "state_", "call_pulled")
"""How events begin that desks may cause: who sits there is told when one was ignored."""


class LiveCenter:
    """A running center; made and used on the event loop."""

    def __init__(
        self,
        center: Center,
        settings: Settings,
        store: "Store | None" = None,
        log: FilteringBoundLogger | None = None,
        driver: LiveDriver | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.log = log if log is not None else logger(level="error")
        self.draining = False
        self._was_behind = False
        self.parties: dict[str, Party] = {}
        self.phones: set[Phone] = set()
        self.sockets = {"phone": 0, "desk": 0}
        self._at_number: dict[str, list[Phone]] = {}
        self._calls: dict[int, Phone] = {}
        self._on_line: dict[str, tuple[int, str]] = {}
        self._line_of: dict[int, str] = {}
        self._lines = itertools.count(1)
        self.driver = driver or LiveDriver(settings.speed)
        self.has_people = settings.people and center.people is not None
        script = cast_script(center, callers=settings.callers) if settings.people else Script({})
        self.cast = Cast(script, settings.seed, self.driver)
        self.seats = Seats(self.cast, self.driver, self.parties)
        self.fan = Fan()
        self.engine = Engine(
            center.plan,
            settings.seed,
            LiveOutlet(self),
            self.fan.tell,
            epoch_ms=settings.epoch_ms,
            first_call=settings.first_call,
        )
        self.driver.engine = self.engine
        self.world = World(center.world, settings.seed, self._local_time)
        self.company = Company(self)
        self.messages = Messages(self)
        calendar = Calendar(settings.epoch_ms, center.plan.timezone)
        self.cast.keep_time(calendar, self.driver.now)
        self.triggers = Triggers(center.world, self.world, self.driver, calendar, self.driver.now)
        self.metrics = Metrics(center.plan, self.snapshot, calendar=calendar)
        self.live_metrics = LiveMetrics(self.metrics.registry)
        audit = Audit(center.plan, first_call=settings.first_call)
        replay = f"ivr replay {settings.data}" if settings.data is not None else "serve with --data"
        self.watch = Watch(audit, self.live_metrics, self.log, replay)
        self._make_sound(center.folder or Path())
        self.company.employ(center.plan)
        self._observe()

    def _make_sound(self, folder: Path) -> None:
        """`folder` is the center's; what is kept of sound goes into the data folder, if there is one."""
        data, metrics = self.settings.data, self.live_metrics
        self.sound = SoundDesk(
            folder,
            data / "speech" if data is not None else None,
            metrics.frame_lag.observe,
            metrics.skipped_ticks.inc,
            self.watch.sound,
        )
        self.recordings = Recordings(self.sound, data and data / "recordings", self.store, self.log)

    def _observe(self) -> None:
        fan, store = self.fan, self.store
        fan.add(self.metrics.handlers())
        fan.add({facts.Fact: self.watch.fact})
        if store is not None:
            fan.add({facts.Fact: store.put_fact})
            fan.add(Records(store.put_record).handlers())
            self.driver.on_input = store.put_input
            store.on_commit(self._committed)
            self.live_metrics.queue_depth.set_function(lambda: store.depth)
            self.live_metrics.watch_lost(lambda: store.gone)
        fan.add({facts.AgentMoved: self.seats.moved})
        fan.add(dict.fromkeys(HEARD, self.triggers.told))
        fan.add(
            {
                facts.CallStarted: self._call_started,
                facts.CallRefused: self._call_refused,
                facts.StateEntered: self._state_entered,
                facts.KeyHeard: self._key_heard,
                facts.DialStarted: self._dial_started,
                facts.DialEnded: self._dial_ended,
                facts.CallEnded: self._call_ended,
                facts.EventIgnored: self._event_ignored,
            }
        )
        self.driver.admits = self._admits
        self.driver.on_late = self.live_metrics.timer_lag.observe
        self.driver.on_took = self.live_metrics.match.observe
        self.driver.on_bug = self.watch.bug

    def snapshot(self) -> Snapshot:
        """The picture of this instant."""
        self.driver.catch_up()
        return self.engine.snapshot()

    @property
    def bugs(self) -> int:
        """Faults of ours since the start."""
        return self.watch.bugs

    def start(self) -> None:
        """Let the simulated people come."""
        self._look_around(asyncio.get_running_loop().time())
        self.cast.start()
        self.triggers.start(endless=True)

    def adopt(self, center: Center) -> None:
        """Let calls from now on follow another version of the center; those in progress keep theirs."""
        plan = center.plan
        self.world.adopt(center.world)
        self.triggers.adopt(center.world)
        if self.settings.people and center.people is not None:
            self.cast.adopt(cast_script(center, callers=self.settings.callers))
            self.company.employ(plan)
        self.sound.forget()
        if plan.digest == self.engine.plan.digest:
            return
        self.metrics.adopt(plan)
        self.watch.adopt(plan)
        self.engine.adopt(plan)
        if self.store is not None:
            self.store.put_plan(self.engine.now, plan.digest, center.sources)
        self.driver.post(events.PlanReplaced(plan.digest))

    def _local_time(self) -> Any:
        return self.engine.local_time()

    # Lines and sockets -----------------------------------------------------------------------------------

    def _admits(self) -> bool:
        """Whether a further call is taken; not while shutting down, nor while the store cannot keep up."""
        refused = "draining" if self.draining else "store_full" if self.store_behind else ""
        if refused:
            self.live_metrics.admission_refused.labels(refused).inc()
        return not refused

    def _look_around(self, due: float) -> None:
        """Once a second: how late the event loop is, and whether the store keeps up."""
        loop = asyncio.get_running_loop()
        self.live_metrics.loop_lag.observe(max(0.0, loop.time() - due))
        behind = self.store_behind
        if behind is not self._was_behind:
            self._was_behind = behind
            why = self.store.failing if self.store is not None else ""
            self.log.error("store_behind" if behind else "store_caught_up", why=why)
        if not self.draining:
            loop.call_later(LOOK_SECONDS, self._look_around, loop.time() + LOOK_SECONDS)

    @property
    def store_behind(self) -> bool:
        """Whether the disk refuses, or so much waits for it that no further call should be taken."""
        return self.store is not None and (bool(self.store.failing) or self.store.depth >= STORE_QUEUE_MAX)

    def _committed(self, commit: "Commit") -> None:
        """In the writer's thread."""
        self.live_metrics.commit.observe(commit.took_s)
        self.live_metrics.batch.observe(commit.entries)

    def new_line(self, phone: Phone) -> str:
        """A line for a phone that dials."""
        line = f"p-{next(self._lines)}"
        self.parties[line] = phone
        return line

    def adopt_line(self, line: str, phone: Phone) -> bool:
        """A line the engine dials, for the phone at that number; whether it has a call of its own."""
        self.parties[line] = phone
        if (on := self._on_line.get(line)) is None:
            return False
        self._calls[on[0]] = phone
        phone.call = call_name(on[0])
        return True

    def forget_phone(self, call: str) -> None:
        """A phone has left a call, whatever the call's flow still does."""
        if call:
            self._calls.pop(call_number(call), None)

    def drop_line(self, line: str) -> None:
        """A line is no more."""
        self.parties.pop(line, None)

    def end_sound(self, line: str) -> None:
        """A line goes silent; a recording that was running is kept."""
        self.recordings.end(line)
        self.recordings.end_call(line)
        self.sound.close(line)

    def phone(self, line: str) -> Phone | None:
        """The phone on a line."""
        party = self.parties.get(line)
        return party if isinstance(party, Phone) else None

    def phone_at(self, number: str) -> Phone | None:
        """A connected phone with this number that is not in a call."""
        return next((phone for phone in reversed(self._at_number.get(number, ())) if not phone.line), None)

    def phones_at(self, number: str) -> list[Phone]:
        """Every connected phone with this number."""
        return list(self._at_number.get(number, ()))

    def knows_number(self, number: str) -> bool:
        """Whether a connected phone has this number, in a call or not."""
        return number in self._at_number

    def register(self, phone: Phone) -> None:
        """A phone has greeted: it can be called at its number."""
        self.phones.add(phone)
        if phone.number:
            self._at_number.setdefault(phone.number, []).append(phone)

    def unregister(self, phone: Phone) -> None:
        """A phone is gone."""
        if phone not in self.phones:
            return
        self.phones.discard(phone)
        if phone.number:
            there = self._at_number[phone.number]
            there.remove(phone)
            if not there:
                del self._at_number[phone.number]

    def call_on(self, line: str) -> int:
        """The number of the call on a line, or 0."""
        return self._on_line.get(line, (0, ""))[0]

    def caller_on(self, line: str) -> tuple[str, str]:
        """The name of the call on a line, and its caller's number."""
        call, caller = self._on_line.get(line, (0, ""))
        return call_name(call), caller

    def party_on(self, line: str, other: str) -> str:
        """Whom the caller on a line talks to: an agent's name, or what was dialled."""
        talk = self._talk_on(line)
        return talk.party if talk is not None else other.removeprefix("a-")

    def language_on(self, line: str) -> str:
        """The language of the call on a line."""
        call = self.engine.calls().get(self.call_on(line))
        return call.language if call is not None else self.engine.plan.language

    def _talk_on(self, line: str) -> Talk | None:
        call = self.engine.calls().get(self.call_on(line))
        return call.talk if call is not None else None

    def partner(self, line: str) -> str:
        """The line a caller talks to."""
        talk = self._talk_on(line)
        return talk.line if talk is not None else ""

    # Facts that sockets see --------------------------------------------------------------------------------

    def _call_started(self, fact: facts.CallStarted) -> None:
        if not fact.line:
            return  # a flow without a caller
        self._on_line[fact.line] = (fact.call, fact.caller)
        self._line_of[fact.call] = fact.line
        phone = self.phone(fact.line)
        if phone is not None:
            self._calls[fact.call] = phone
            phone.connected(call_name(fact.call), fact.number)

    def _dial_started(self, fact: facts.DialStarted) -> None:
        """A flow calls somebody: whoever answers is the call's caller."""
        self._on_line[fact.line] = (fact.call, fact.number)
        self._line_of[fact.call] = fact.line

    def _dial_ended(self, fact: facts.DialEnded) -> None:
        if fact.result != "answered":
            self._on_line.pop(fact.line, None)
            self._line_of.pop(fact.call, None)
            if (phone := self._calls.pop(fact.call, None)) is not None:
                phone.ended(call_name(fact.call), "not_reached")

    def _call_refused(self, fact: facts.CallRefused) -> None:
        phone = self.phone(fact.line)
        if phone is not None:
            phone.refused(fact.number, fact.why)

    def _state_entered(self, fact: facts.StateEntered) -> None:
        if (phone := self._calls.get(fact.call)) is not None:
            phone.told_state(fact.flow, fact.state)

    def _key_heard(self, fact: facts.KeyHeard) -> None:
        if (phone := self._calls.get(fact.call)) is not None:
            phone.told_key(fact.key, fact.use)

    def _call_ended(self, fact: facts.CallEnded) -> None:
        phone = self._calls.pop(fact.call, None)
        if phone is not None:
            phone.ended(call_name(fact.call), fact.reason)
        self._on_line.pop(self._line_of.pop(fact.call, ""), None)

    def _event_ignored(self, fact: facts.EventIgnored) -> None:
        """A desk is told what it could not do; late words of machines concern nobody."""
        desk = self.seats.desk(fact.subject)
        if desk is not None and fact.event.startswith(_OF_DESKS):
            desk.refused(fact.why)

    def count_error(self, role: str, code: str) -> None:
        """A peer broke the protocol."""
        self.log.debug("peer_error", role=role, code=code)

    def count_dropped(self, role: str) -> None:
        """A peer did not read and loses its line."""
        self.live_metrics.dropped.labels(role).inc()
        self.log.warning("outbox_full", role=role)

    # The end -----------------------------------------------------------------------------------------------

    async def stop(self, reason: str = "shutdown") -> None:
        """End every call with this reason, let sockets hear of it, and close what is open."""
        self.draining = True
        self.driver.post(events.CenterStopped(reason))
        self.driver.stop()
        for party in [*self.phones, *self.seats]:
            party.outbox.close()
        await self.company.close()
        await self.sound.shut()
        await self.recordings.written()
