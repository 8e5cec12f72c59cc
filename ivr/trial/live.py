"""The same test against a served center: the same scripted caller, on a phone.

A served center has a world, a staff and a clock of its own. A test that sets one of them is skipped,
and of what is expected only that is looked at which a phone can hear.
"""

import asyncio
import time
from dataclasses import replace
from typing import Final

from ivr import wire
from ivr.client import CallOver, CallRefused, ClientClosed, Phone
from ivr.core.time import Instant
from ivr.language.trials import Trial
from ivr.limits import TRIAL_LIVE_STAYS_MS
from ivr.trial.caller import Failure, HangUp, Press, ScriptedCaller, Write
from ivr.trial.run import Result
from ivr.trial.story import CALLER, FLOW
from ivr.trial.verdict import Judge, Outcome

_OWN: Final = (
    "flow",
    "trigger",
    "called",
    "clock",
    "hours",
    "customer",
    "data",
    "tables",
    "mock",
    "agents",
    "waiting",
    "seed",
)
_DEAF: Final = ("outcome", "variables", "queue", "work", "reaches", "duration", "metrics")
_GOODBYE_SECONDS: Final = 5.0  # for the center's last word after hanging up


def not_live(trial: Trial) -> str:
    """Why a test cannot be run against a served center; empty if it can."""
    own = [name for name in _OWN if name in trial.model.model_fields_set]
    return f"a served center cannot be given: {', '.join(own)}" if own else ""


async def run_live(trial: Trial, url: str, token: str | None = None) -> Result:
    """Run one test against the center at an address.

    Raises:
        IvrError: the center cannot be reached.
    """
    line = trial.model.test.line
    if why := not_live(trial):
        return Result(trial.name, trial.file, line, skipped=why)
    started = time.perf_counter()
    caller = ScriptedCaller(trial.model.caller, dict(trial.center.plan.contacts))
    outcome = Outcome(())
    call = _LiveCall(trial, caller, outcome)
    failures = await call.play(url, token)
    heard, unasserted = _hearable(trial)
    if not failures:
        failures = Judge(heard, outcome).judge()
    seconds = time.perf_counter() - started
    story = caller.story.told()
    return Result(
        trial.name, trial.file, line, failures, story, outcome.duration_ms, seconds, unasserted=unasserted
    )


def _hearable(trial: Trial) -> tuple[Trial, tuple[str, ...]]:
    """The test with only those expectations that a phone can judge, and the others by name."""
    expect = trial.model.expect
    deaf = tuple(name for name in _DEAF if name in expect.model_fields_set)
    blank = type(expect)()
    less = expect.model_copy(update={name: getattr(blank, name) for name in deaf})
    model = trial.model.model_copy(update={"expect": less})
    return replace(trial, model=model, bounds={}), deaf


class _LiveCall:
    """One call on a phone; times are milliseconds of the center."""

    def __init__(self, trial: Trial, caller: ScriptedCaller, outcome: Outcome) -> None:
        self._trial = trial
        self._caller = caller
        self._outcome = outcome
        self._speed = 1.0
        self._began = 0.0

    def _now(self) -> Instant:
        return round((time.monotonic() - self._began) * 1_000 * self._speed)

    async def play(self, url: str, token: str | None) -> list[Failure]:
        """Dial and follow the call to its end; why it failed."""
        model = self._trial.model
        async with Phone(url, number=str(model.from_ or ""), token=token) as phone:
            self._began = time.monotonic()
            try:
                await phone.dial(str(model.dials))
            except CallRefused as fault:
                place = model.place_of_key("dials")
                return [Failure(place.file, place.line, place.column, f"dials {model.dials}", str(fault))]
            await self._follow(phone)
        return [self._caller.failure] if self._caller.failure is not None else []

    async def _follow(self, phone: Phone) -> None:
        caller, messages = self._caller, phone.messages()
        left_at: float | None = None
        coming = asyncio.ensure_future(anext(messages, None))
        try:
            while not caller.ended:
                await asyncio.wait({coming}, timeout=self._patience(left_at))
                if coming.done():
                    message = coming.result()
                    if message is None:
                        caller.call_over(self._now(), "line_lost")
                        continue
                    self._take(message)
                    coming = asyncio.ensure_future(anext(messages, None))
                await self._act(phone)
                if self._may_leave() and left_at is None and not caller.ended:
                    left_at = time.monotonic()
                    why = "has nothing more to do and hangs up"
                    if caller.failure is not None:
                        why = "hangs up: the test has failed"
                    caller.story.add(self._now(), CALLER, why)
                    await phone.hang_up()
                if left_at is not None and time.monotonic() - left_at > _GOODBYE_SECONDS:
                    caller.call_over(self._now(), "line_lost")
            caller.turn(self._now())
            self._outcome.reason, self._outcome.duration_ms = caller.ended, self._now()
        finally:
            coming.cancel()

    def _patience(self, left_at: float | None) -> float:
        """How many seconds to wait for the center's next word."""
        if left_at is not None:
            return _GOODBYE_SECONDS
        caller = self._caller
        due = caller.wake_at
        if caller.done:
            due = min(due, self._leaves_at())
        return max(0.0, min((due - self._now()) / 1_000 / self._speed, 3_600.0))

    def _may_leave(self) -> bool:
        caller = self._caller
        return caller.failure is not None or (caller.done and self._now() >= self._leaves_at())

    def _leaves_at(self) -> Instant:
        """A caller who is done stays only for what is still to be heard."""
        expect = self._trial.model.expect
        stays = {"ended", "hears", "never_hears", "states"} & expect.model_fields_set
        return self._caller.finished_at + (round(TRIAL_LIVE_STAYS_MS * self._speed) if stays else 0)

    async def _act(self, phone: Phone) -> None:
        for act in self._caller.turn(self._now()):
            try:
                if isinstance(act, HangUp):
                    await phone.hang_up()
                elif isinstance(act, Press):
                    await phone.press(act.keys)
                elif isinstance(act, Write):
                    await phone.write(act.text)
                else:
                    await phone.say(act.text)
            except (CallOver, ClientClosed):
                return  # the end of the call is on its way, and is told there

    def _take(self, message: wire.Message) -> None:
        """What the center says, as the caller is told it."""
        caller, now = self._caller, self._now()
        match message:
            case wire.Welcome():
                self._speed = message.speed
            case wire.Connected():
                self._began = time.monotonic()
                caller.began(0)
            case wire.Prompt():
                caller.prompt(now, message.text, message.play)
                self._outcome.heard.append(message.text)
            case wire.PromptEnded():
                caller.prompt_over(now, message.play)
            case wire.Music():
                caller.music(now, message.name)
            case wire.Queued():
                caller.queued(now, message.queue, message.position)
            case wire.State():
                caller.story.add(now, FLOW, f"-> {message.state}")
                self._outcome.states.append((message.flow, message.state, now))
            case wire.Bridged():
                caller.bridged(now, message.party)
            case wire.Parted():
                caller.parted(now)
            case wire.Written():
                caller.letter(now, message.channel, message.text)
            case wire.Ended():
                caller.call_over(now, message.reason)
            case _:
                pass
