"""Seeded callers who press keys at random moments, also in the very milliseconds in which alarms come due.

A `Ride` is one call in virtual time with the center's people at work, the auditor watching. What the caller did is
written down with its instants, so it can be repeated without chance, and made shorter: `shrunk` leaves out
what the failure does not need.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from ivr.core import events, facts
from ivr.core.chance import Stream
from ivr.core.commands import Listening, Spoken
from ivr.core.engine import Engine
from ivr.core.facts import Fact
from ivr.core.time import HOUR, SECOND, Instant
from ivr.language import Center
from ivr.limits import FUZZ_ACTS_MAX
from ivr.observe.audit import Audit
from ivr.people import Cast, Script
from ivr.people.casting import cast_script
from ivr.people.talk import company_of
from ivr.sim.driver import VirtualDriver
from ivr.sim.house import Parties, asking, epoch_of
from ivr.world import World

LINE: Final = "p-1"
KEYS: Final = "0123456789*#"
PATIENCE_MS: Final = 2 * HOUR
"""After its caller's last act a call may go on for so long."""

SOON_MS: Final = 60 * SECOND  # no caller waits longer before the next key

_NEAR_MS: Final = (-1, 0, 0, 1, 20, 50)
_HANG_UP: Final = "hangs up"


class Act(NamedTuple):
    """What a caller did, and when."""

    at: Instant
    key: str

    def __str__(self) -> str:
        what = self.key if self.key == _HANG_UP else f"presses {self.key}"
        return f"{self.at / SECOND:.3f} s: {what}"


@dataclass
class Ride:
    """How a call went: what the caller did, what went wrong (empty: nothing), and how many facts were told."""

    acts: list[Act] = field(default_factory=list)
    failure: str = ""
    facts: int = 0


class _Caller(Parties):
    """The outlet: everybody else is the cast's; our caller hears each prompt out."""

    def __init__(self, cast: Cast, world: World, driver: VirtualDriver) -> None:
        super().__init__(cast, world, driver)
        self._cast = cast
        self._stage = driver
        self.play = self._play

    def _play(self, line: str, play: int, spoken: Spoken, listening: Listening | None) -> None:
        if line == LINE:
            self._stage.later(spoken.length_ms, self._stage.post, events.PromptFinished(line, play))
        else:
            self._cast.play(line, play, spoken, listening)


class _Run:
    """One call being made."""

    def __init__(self, center: Center, dials: str, seed: str) -> None:
        self.ride = Ride()
        self.driver = VirtualDriver()
        script = cast_script(center)
        cast = Cast(Script(script.agents), seed, self.driver)
        world = World(center.world, seed, self._local_time)
        cast.works_for(company_of(center.plan, asking(world, self.driver), self._local_time))
        audit = Audit(center.plan)

        def tell(fact: Fact) -> None:
            self.ride.facts += 1
            audit.fact(fact)
            if type(fact) is facts.AgentMoved:
                cast.agent_moved(fact)
            elif type(fact) is facts.FlowFailed:
                self._failed(f"{fact.kind} in {fact.flow} / {fact.state}: {fact.message}")
            elif (
                type(fact) is facts.LimitReached and fact.limit != "type_ahead"
            ):  # that one the caller's fingers earn
                self._failed(f"the bound {fact.limit} stopped {fact.subject}")

        outlet: Any = _Caller(cast, world, self.driver)
        self.engine = Engine(center.plan, seed, outlet, tell, epoch_ms=epoch_of(center))
        self.driver.engine = self.engine
        audit.attach(self.engine)
        cast.start()
        self.driver.run(0)
        self.driver.post(events.CallArrived(LINE, dials, ""))

    def _local_time(self) -> datetime:
        return self.engine.local_time()

    def _failed(self, why: str) -> None:
        self.ride.failure = self.ride.failure or why

    @property
    def over(self) -> bool:
        """Whether there is nothing left to try."""
        return bool(self.ride.failure) or 1 not in self.engine.calls()

    def act(self, act: Act) -> None:
        """Let time pass, then do it."""
        self.driver.run(act.at)
        if self.over:
            return
        self.ride.acts.append(act)
        gone = act.key == _HANG_UP
        self.driver.post(events.LineEnded(LINE) if gone else events.KeyPressed(LINE, act.key))

    def finish(self) -> None:
        """Let the call come to its end; one that does not has failed."""
        self.driver.run(self.driver.now + PATIENCE_MS)
        call = self.engine.calls().get(1)
        if call is not None and call.visit is None and call.talk is None and not self.ride.failure:
            self.ride.failure = f"the call does not end; it is in {call.frame.flow.name} / {call.frame.state}"


def ride(center: Center, dials: str, seed: str) -> Ride:
    """One call with chance deciding what the caller does, and when."""
    unit = Stream(seed, "fuzz").unit
    run, draws = None, 0

    def draw() -> float:
        nonlocal draws
        draws += 1
        return unit(draws)

    try:
        run = _Run(center, dials, seed)
        for _ in range(FUZZ_ACTS_MAX):
            if run.over:
                break
            run.act(Act(_moment(run, draw(), draw()), _deed(draw())))
        run.finish()
    except AssertionError as bug:
        return _broken(run, bug)
    return run.ride


def _moment(run: _Run, how: float, where: float) -> Instant:
    """Soon, much later, or just around the instant at which the engine wants to be woken."""
    now, due = run.driver.now, run.engine.next_due()
    if how < 0.4 and due - now < SOON_MS:
        return max(now, due + _NEAR_MS[int(where * len(_NEAR_MS))])
    return now + int(where * (2 * SECOND if how < 0.8 else 30 * SECOND))


def _deed(unit: float) -> str:
    return _HANG_UP if unit > 0.97 else KEYS[int(unit / 0.97 * len(KEYS)) % len(KEYS)]


def again(center: Center, dials: str, seed: str, acts: list[Act]) -> Ride:
    """The same call with these acts only."""
    run = None
    try:
        run = _Run(center, dials, seed)
        for act in acts:
            if run.over:
                break
            run.act(act)
        run.finish()
    except AssertionError as bug:
        return _broken(run, bug)
    return run.ride


def _broken(run: _Run | None, bug: AssertionError) -> Ride:
    """A broken invariant is a fault of ours, and is shown as one."""
    done = run.ride if run is not None else Ride()
    done.failure = done.failure or f"a fault of ivr itself: {bug}"
    return done


def shrunk(center: Center, dials: str, seed: str, found: Ride) -> Ride:
    """The same failure with as few acts as leaving them out one by one can give."""
    best = found
    at = 0
    while at < len(best.acts):
        shorter = again(center, dials, seed, best.acts[:at] + best.acts[at + 1 :])
        if shorter.failure == found.failure:
            best = shorter if len(shorter.acts) < len(best.acts) else best
        else:
            at += 1
            continue
    return best
