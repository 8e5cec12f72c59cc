"""A test in virtual time: the real engine, the test's staff, and the scripted caller on one line."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ivr.core.commands import Listening, Spoken
from ivr.core.engine import Engine
from ivr.core.events import (
    AgentSignedIn,
    CallArrived,
    KeyPressed,
    LineEnded,
    LookupFinished,
    PromptFinished,
    SpeechHeard,
)
from ivr.core.facts import AgentMoved, CallEnded, CallStarted, Connected, Fact, StateEntered
from ivr.core.time import NEVER, SECOND, Instant
from ivr.language.trials import Trial
from ivr.limits import CALL_MS_MAX, TRIAL_STAYS_MS
from ivr.people import CallerKind, Cast
from ivr.people.law import LONGEST_MS, fixed
from ivr.sim.driver import VirtualDriver
from ivr.trial.caller import HangUp, Press, ScriptedCaller
from ivr.trial.setting import NUMBER, WAITERS, Company, epoch_ms, plan_of, staff_of, world_of
from ivr.trial.story import CALLER, FLOW
from ivr.world import World

LINE: Final = "t-1"
_SLICE_MS: Final = 5 * SECOND


@dataclass(slots=True)
class Played:
    """A call that was played: the caller with its story, and the facts of the call."""

    caller: ScriptedCaller
    call: int = 0
    facts: list[Fact] = field(default_factory=list)
    ended: bool = False


class Stage:
    """The outlet: one line is the scripted caller's, every other the cast's; questions go to the company."""

    def __init__(self, cast: Cast, company: Company, driver: VirtualDriver, caller: ScriptedCaller) -> None:
        self.ring = cast.ring
        self.withdraw = cast.withdraw
        self.dial = cast.dial
        self._cast = cast
        self._company = company
        self._driver = driver
        self._caller = caller
        self._wakes: Instant = NEVER
        self._over = False

    # The line of the caller --------------------------------------------------------------------------------

    def play(self, line: str, play: int, spoken: Spoken, listening: Listening | None) -> None:
        """A prompt begins."""
        if line != LINE:
            self._cast.play(line, play, spoken, listening)
            return
        self._caller.prompt(self._driver.now, spoken.text or spoken.wav, play)
        self._driver.later(spoken.length_ms, self._heard, play)
        self._soon()

    def _heard(self, play: int) -> None:
        if not self._over and self._caller.saying == play:
            self._caller.prompt_over(self._driver.now, play)
            self._driver.post(PromptFinished(LINE, play))
            self._turn(None)

    def stop(self, line: str, play: int) -> None:
        """A prompt is broken off."""
        if line != LINE:
            self._cast.stop(line, play)
            return
        self._caller.prompt_over(self._driver.now, play)
        self._soon()

    def music(self, line: str, music: str) -> None:
        """Music or a tone."""
        if line == LINE:
            self._caller.music(self._driver.now, music)
            self._soon()

    def queued(self, line: str, queue: str, position: int, estimate_ms: int | None) -> None:
        """The caller waits."""
        if line == LINE:
            self._caller.queued(self._driver.now, queue, position)
        else:
            self._cast.queued(line, queue, position, estimate_ms)

    def bridge(self, line: str, other: str) -> None:
        """A talk begins; with whom is a fact."""
        self._cast.bridge(line, other)

    def part(self, line: str, other: str) -> None:
        """A talk is over."""
        self._cast.part(line, other)
        if LINE in (line, other):
            self._caller.parted(self._driver.now)
            self._soon()

    def hold(self, line: str, on: bool, music: str) -> None:
        """On hold one waits."""

    def hang_up(self, line: str, reason: str) -> None:
        """A line is gone."""
        if line != LINE:
            self._cast.hang_up(line, reason)

    def record(self, line: str, recording: int, on: bool) -> None:
        """The caller is recorded: what is said then is a `waits`."""
        if line != LINE:
            self._cast.record(line, recording, on)

    def told(self, fact: Fact) -> None:
        """What happened to the caller's call, as far as no command says it."""
        now = self._driver.now
        if type(fact) is Connected:
            self._caller.bridged(now, fact.party)
        elif type(fact) is StateEntered:
            self._caller.story.add(now, FLOW, f"-> {fact.state}")
        elif type(fact) is CallEnded:
            self._over = True
            self._caller.call_over(now, fact.reason)
        else:
            return
        self._soon()

    # The company --------------------------------------------------------------------------------------------

    def look_up(self, request: int, name: str, args: dict[str, Any], caller: str) -> None:
        """Ask the company."""
        self.run(request, name, args, caller, "")

    def run(self, request: int, name: str, args: dict[str, Any], caller: str, key: str) -> None:
        """Have the company do something."""
        answer = self._company.answer(name, args, caller, key)
        if answer is not None:
            post = self._driver.post
            self._driver.later(answer.delay_ms, post, LookupFinished(request, answer.outcome, answer.result))

    # The caller's doings -------------------------------------------------------------------------------------

    def _soon(self) -> None:
        """Ask the caller, when the engine is through with this instant's input."""
        self._driver.later(0, self._turn, None)

    def _turn(self, _: None) -> None:
        now, caller, post = self._driver.now, self._caller, self._driver.post
        acts = caller.turn(now)
        if caller.failure is not None and not self._over:
            self.leave("hangs up: the test has failed")
        for act in acts:
            if self._over:
                return
            if isinstance(act, HangUp):
                post(LineEnded(LINE))
            elif isinstance(act, Press):
                for key in act.keys:
                    post(KeyPressed(LINE, key))
            else:
                post(SpeechHeard(LINE, act.text))
        if caller.wake_at < NEVER and caller.wake_at != self._wakes:
            self._wakes = caller.wake_at
            self._driver.later(caller.wake_at - now, self._turn, None)

    def leave(self, why: str) -> None:
        """Hang up, the test being over."""
        self._caller.story.add(self._driver.now, CALLER, why)
        self._driver.post(LineEnded(LINE))


def play(trial: Trial) -> Played:
    """Play a test to the end of its call."""
    plan, seed = plan_of(trial), str(trial.model.seed)
    caller = ScriptedCaller(trial.model.caller, dict(plan.contacts))
    played = Played(caller)
    driver = VirtualDriver()
    cast = Cast(staff_of(trial), seed, driver)

    def local_time() -> datetime:
        return driver.engine.local_time()

    world = World(world_of(trial), seed, local_time)
    stage = Stage(cast, Company(world, trial.mocks), driver, caller)

    def tell(fact: Fact) -> None:
        if type(fact) is AgentMoved:
            cast.agent_moved(fact)
        elif type(fact) is CallStarted and fact.line == LINE:
            played.call = fact.call
        if played.call and not played.ended and getattr(fact, "call", None) == played.call:
            played.facts.append(fact)
            played.ended = type(fact) is CallEnded
            stage.told(fact)

    driver.engine = Engine(plan, seed, stage, tell, epoch_ms=epoch_ms(trial))
    _open(trial, driver, cast)
    caller.began(0)
    number = NUMBER if trial.model.flow is not None else str(trial.model.dials)
    driver.later(0, driver.post, CallArrived(LINE, number, str(trial.model.from_ or "")))
    driver.later(0, stage._turn, None)  # noqa: SLF001 - of this file
    _run(played, driver, stage)
    return played


def _open(trial: Trial, driver: VirtualDriver, cast: Cast) -> None:
    """Those who are there before the call: who waits, and who works."""
    patient = fixed(LONGEST_MS)
    ordinal = 0
    for queue, count in trial.model.waiting.items():
        for _ in range(count):
            ordinal += 1
            cast.call(CallerKind("waiting", WAITERS + queue, patience=patient), "", ordinal)
    for ready in trial.agents:
        driver.later(ready.comes_after_ms, driver.post, AgentSignedIn(ready.name))


def _run(played: Played, driver: VirtualDriver, stage: Stage) -> None:
    """Until the call is over; a caller who failed, or has had nothing to do for long, hangs up."""
    caller = played.caller
    while not played.ended and driver.now < CALL_MS_MAX:
        driver.run(driver.now + _SLICE_MS)
        if not played.ended and caller.done and driver.now >= caller.finished_at + TRIAL_STAYS_MS:
            stage.leave("has nothing more to do and hangs up")
