"""A test in virtual time: the real engine, the test's staff, and the scripted caller on one line."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ivr.core.commands import Listening, Speech, Spoken
from ivr.core.engine import Engine
from ivr.core.events import (
    AgentSignedIn,
    CallArrived,
    Event,
    FlowTriggered,
    KeyPressed,
    LineAnswered,
    LineEnded,
    LineFailed,
    LookupFinished,
    MessageReceived,
    PromptFinished,
    SpeechHeard,
)
from ivr.core.facts import (
    AgentMoved,
    CallEnded,
    CallStarted,
    Connected,
    Fact,
    StateEntered,
    WorkEnded,
    WorkOrdered,
)
from ivr.core.flow.values import plain
from ivr.core.law import LONGEST_MS, fixed
from ivr.core.time import MINUTE, NEVER, SECOND, Instant, Ms
from ivr.language.trials import Trial
from ivr.limits import CALL_MS_MAX, TRIAL_AFTER_MS, TRIAL_STAYS_MS
from ivr.people import CallerKind, Cast
from ivr.sim.driver import VirtualDriver
from ivr.trial.caller import HangUp, Press, ScriptedCaller, Write
from ivr.trial.setting import NUMBER, WAITERS, Company, epoch_ms, plan_of, staff_of, world_of
from ivr.trial.story import CALLER, CENTER, FLOW
from ivr.world import VIRTUAL, World

LINE: Final = "t-1"
_SLICE_MS: Final = 5 * SECOND
_LONG_SLICE_MS: Final = 10 * MINUTE  # when only work orders and messages are waited for
_ANSWER_MS: Final = 3 * SECOND  # until a phone that rings is picked up, or is found busy


@dataclass(slots=True)
class Played:
    """A call that was played: the caller with its story, and the facts of the call."""

    caller: ScriptedCaller
    call: int = 0
    facts: list[Fact] = field(default_factory=list)
    ended: bool = False
    orders: set[int] = field(default_factory=set)
    later: dict[int, list[Fact]] = field(default_factory=dict)
    running: set[int] = field(default_factory=set)

    def take(self, fact: Fact, line: str) -> bool:
        """Take in a fact, if it belongs to the test; whether it is one of the caller's own call.

        What is done when a work order has ended is a run of its own: its facts are kept in `later`.
        """
        number = getattr(fact, "call", 0)
        if type(fact) is CallStarted:
            if not self.call and fact.line == line and (line or fact.direction == "flow"):
                self.call = fact.call
            elif fact.direction == "flow":
                self.later[number] = []
                self.running.add(number)
        elif type(fact) is WorkOrdered:
            self.orders.add(fact.order)
        elif type(fact) is WorkEnded:
            self.orders.discard(fact.order)
            self.facts.append(fact)
            return False
        if number in self.later:
            self.later[number].append(fact)
            if type(fact) is CallEnded:
                self.running.discard(number)
            return False
        if not self.call or self.ended or number != self.call:
            return False
        self.facts.append(fact)
        self.ended = type(fact) is CallEnded
        return True


class Stage:
    """The outlet: one line is the scripted caller's, every other the cast's; questions go to the company."""

    def __init__(
        self,
        cast: Cast,
        company: Company,
        driver: VirtualDriver,
        caller: ScriptedCaller,
        line: str,
        number: str,
        called: list[str],
    ) -> None:
        """`line` is the caller's (their number is `number`), empty until a flow has reached them.

        `called` is what phones do that are dialled.
        """
        self.line = line
        self._number = number
        self._called = called
        self.ring = cast.ring
        self.withdraw = cast.withdraw
        self.work = cast.work
        self._cast = cast
        self._company = company
        self._driver = driver
        self._caller = caller
        self._wakes: Instant = NEVER
        self._address: dict[str, str] = {}
        self._over = False

    # The line of the caller --------------------------------------------------------------------------------

    def play(self, line: str, play: int, spoken: Spoken, listening: Listening | None) -> None:
        """A prompt begins."""
        if line != self.line:
            self._cast.play(line, play, spoken, listening)
            return
        self._caller.prompt(self._driver.now, spoken.text or spoken.wav, play, asks=listening is not None)
        self._driver.later(spoken.length_ms, self._heard, play)
        self._soon()

    def _heard(self, play: int) -> None:
        if not self._over and self._caller.saying == play:
            self._caller.prompt_over(self._driver.now, play)
            self._driver.post(PromptFinished(self.line, play))
            self._turn(None)

    def stop(self, line: str, play: int) -> None:
        """A prompt is broken off."""
        if line != self.line:
            self._cast.stop(line, play)
            return
        self._caller.prompt_over(self._driver.now, play)
        self._soon()

    def music(self, line: str, music: str) -> None:
        """Music or a tone."""
        if line == self.line:
            self._caller.music(self._driver.now, music)
            self._soon()

    def queued(self, line: str, queue: str, position: int, estimate_ms: int | None) -> None:
        """The caller waits."""
        if line == self.line:
            self._caller.queued(self._driver.now, queue, position)
        else:
            self._cast.queued(line, queue, position, estimate_ms)

    def bridge(self, line: str, other: str) -> None:
        """A talk begins; with whom is a fact."""
        self._cast.bridge(line, other)

    def said(self, line: str, speech: Speech) -> None:
        """What is said in a talk."""
        if line != self.line:
            self._cast.said(line, speech)

    def part(self, line: str, other: str) -> None:
        """A talk is over."""
        self._cast.part(line, other)
        if self.line in (line, other):
            self._caller.parted(self._driver.now)
            self._soon()

    def hold(self, line: str, on: bool, music: str) -> None:
        """On hold one waits."""

    def hang_up(self, line: str, reason: str) -> None:
        """A line is gone."""
        if line != self.line:
            self._cast.hang_up(line, reason)

    def record(self, line: str, recording: int, on: bool) -> None:
        """The caller is recorded: what is said then is a `waits`."""
        if line != self.line:
            self._cast.record(line, recording, on)

    def hear(self, line: str, others: tuple[str, ...]) -> None:
        """Whom one hears is a matter of sound."""

    def consulting(self, agent: str, call: int, party: str, mode: str) -> None:
        """It is told to agents, not to callers."""

    def supervising(self, supervisor: str, call: int, agent: str, mode: str) -> None:
        """It is told to agents, not to callers."""

    def record_call(self, line: str, recording: int, what: str) -> None:
        """What a test hears is not recorded."""

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

    def dial(self, line: str, number: str, caller_id: str, ring_ms: Ms) -> None:
        """A phone rings: the caller's own, until they are on the line, then another's."""
        said = self._called.pop(0) if len(self._called) > 1 else next(iter(self._called), "")
        if said in ("busy", "rejects"):
            cause = "busy" if said == "busy" else "rejected"
            self._driver.later(_ANSWER_MS, self._driver.post, LineFailed(line, cause))
        elif said == "no_answer":
            self._driver.later(ring_ms, self._driver.post, LineFailed(line, "no_answer"))
        elif self.line and said:
            self._cast.come_to_phone(line, number, _ANSWER_MS, _who(said))
        elif self.line:
            self._cast.dial(line, number, caller_id, ring_ms)
        else:
            self._driver.later(_ANSWER_MS, self._picks_up, (line, _who(said)))

    def _picks_up(self, picked: tuple[str, str]) -> None:
        self.line, by = picked
        self._caller.picks_up(self._driver.now)
        self._driver.post(LineAnswered(self.line, by))

    def send(self, request: int, channel: str, to: str, subject: str, text: str) -> None:
        """A message goes out; whoever it is to, the caller of the test reads it."""
        answer = self._company.send(channel, to).answer
        self._address[channel] = to
        self._driver.later(answer.delay_ms, self._driver.post, LookupFinished(request, answer.outcome))
        if answer.outcome == "ok":
            self._driver.later(answer.delay_ms, self._letter, (channel, text))

    def _letter(self, letter: tuple[str, str]) -> None:
        self._caller.letter(self._driver.now, *letter)
        self._turn(None)

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
            if answer.outcome == VIRTUAL:
                told = f"{name!r} is answered by a service, which a test does not ask: add mock: {{ {name}: ... }}"
                self._caller.story.add(self._driver.now, CENTER, told)

    # The caller's doings -------------------------------------------------------------------------------------

    def _soon(self) -> None:
        """Ask the caller, when the engine is through with this instant's input."""
        self._driver.later(0, self._turn, None)

    def _turn(self, _: None) -> None:
        now, caller, post = self._driver.now, self._caller, self._driver.post
        acts = caller.turn(now)
        if caller.failure is not None and not self._over and self.line:
            self.leave("hangs up: the test has failed")
        for act in acts:
            if isinstance(act, Write):
                post(MessageReceived("sms", self._address.get("sms", self._number), act.text))
            elif self._over or not self.line:
                return
            elif isinstance(act, HangUp):
                post(LineEnded(self.line))
            elif isinstance(act, Press):
                for key in act.keys:
                    post(KeyPressed(self.line, key))
            else:
                post(SpeechHeard(self.line, act.text))
        if caller.wake_at < NEVER and caller.wake_at != self._wakes:
            self._wakes = caller.wake_at
            self._driver.later(caller.wake_at - now, self._turn, None)

    def leave(self, why: str) -> None:
        """Hang up, the test being over."""
        self._caller.story.add(self._driver.now, CALLER, why)
        self._driver.post(LineEnded(self.line))


def play(trial: Trial, *, lenient: bool = False) -> Played:
    """Play a test to the end of its call, and of the work that was ordered in it; `lenient` as in `ScriptedCaller`."""
    plan, seed, model = plan_of(trial), str(trial.model.seed), trial.model
    caller = ScriptedCaller(model.caller, dict(plan.contacts), lenient=lenient)
    played = Played(caller)
    driver = VirtualDriver()
    cast = Cast(staff_of(trial), seed, driver)

    def local_time() -> datetime:
        return driver.engine.local_time()

    company = Company(World(world_of(trial), seed, local_time), trial.mocks)
    line = "" if model.trigger is not None else LINE
    called = [str(word) for word in model.called]
    stage = Stage(cast, company, driver, caller, line, str(model.from_ or ""), called)

    def tell(fact: Fact) -> None:
        if type(fact) is AgentMoved:
            cast.agent_moved(fact)
        elif played.take(fact, line):
            stage.told(fact)

    driver.engine = Engine(plan, seed, stage, tell, epoch_ms=epoch_ms(trial))
    _open(trial, driver, cast)
    caller.began(0)
    caller.away = not line
    driver.later(0, driver.post, _beginning(trial))
    driver.later(0, stage._turn, None)  # noqa: SLF001 - of this file
    _run(played, driver, stage)
    return played


def _beginning(trial: Trial) -> Event:
    """What starts the call, or the flow without one."""
    model, caller = trial.model, str(trial.model.from_ or "")
    if model.trigger is not None:
        data = {
            root: {name: plain(value) for name, value in fields.items()}
            for root, fields in trial.roots.items()
        }
        return FlowTriggered(str(model.trigger), caller, data)
    number = NUMBER if model.flow is not None else str(model.dials)
    return CallArrived(LINE, number, caller)


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
    """Until the call is over; a caller who failed, or has had nothing to do for long, hangs up.

    Work that was ordered is waited for, and so is a message that somebody wants to read.
    """
    caller = played.caller
    while not played.ended and driver.now < CALL_MS_MAX:
        driver.run(driver.now + _SLICE_MS)
        left = caller.done and driver.now >= caller.finished_at + TRIAL_STAYS_MS
        if not played.ended and left and stage.line:
            stage.leave("has nothing more to do and hangs up")
    while (played.orders or caller.reading or played.running) and driver.now < TRIAL_AFTER_MS:
        driver.run(driver.now + _LONG_SLICE_MS)


def _who(said: str) -> str:
    """Who picks up a phone that does as said."""
    return "machine" if said == "machine" else "person"
