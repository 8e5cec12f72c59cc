"""One call to a real engine, driven move by move: who decides what, where the call waits."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from ivr.core import events
from ivr.core.acd.records import Transfer
from ivr.core.call import Call, Frame
from ivr.core.engine import Engine
from ivr.core.facts import Fact
from ivr.core.flow import steps
from ivr.core.flow.model import Step
from ivr.core.flow.promises import PendingMessage
from ivr.core.flow.steps.appointment import CONFIRM, CONFIRM_KEY, DECLINE_KEY, MORE_KEY
from ivr.core.flow.values import plain
from ivr.core.time import HOUR, NEVER, SECOND, Ms
from ivr.language import Center
from ivr.language.world_model import WorldLookup
from ivr.limits import EXPLORE_ROWS_MAX
from ivr.sim.house import epoch_of
from ivr.world import VIRTUAL, World

LINE: Final = "p-1"
PATIENT_MS: Final = 2 * HOUR  # what goes on for longer without anybody doing anything goes on for ever

_KEYS: Final = "8764532190*#"


class Move(NamedTuple):
    """What somebody does next: `kind` for machines, `text` for people, `detail` for the trial.

    `name` is that of the lookup or run which answers.
    """

    kind: str
    text: str
    detail: Any = None
    name: str = ""


class _Ear:
    """The outlet: remembers who is rung, who is dialled, and what the company was asked."""

    def __init__(self) -> None:
        self.rung: tuple[str, int] | None = None
        self.dialled = ""
        self.asked: tuple[int, str, dict[str, Any], str] | None = None
        self.sent = 0

    def ring(self, agent: str, reservation: int, card: object) -> None:
        self.rung = (agent, reservation)

    def withdraw(self, agent: str, reservation: int, why: str) -> None:
        self.rung = None

    def dial(self, line: str, number: str, caller_id: str, ring_ms: int) -> None:
        self.dialled = line

    def look_up(self, request: int, name: str, args: dict[str, Any], caller: str) -> None:
        self.asked = (request, name, args, caller)

    def run(self, request: int, name: str, args: dict[str, Any], caller: str, key: str) -> None:
        self.asked = (request, name, args, caller)

    def send(self, request: int, channel: str, to: str, subject: str, text: str) -> None:
        self.sent = request

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args: None


class Trial:
    """A call to a number; `told` are the facts of the last move, `stuck` is set where nothing can happen any more.

    `took` is how long each move itself took, without what happened by itself then; `course` has the place and
    the move, one after another.
    """

    def __init__(self, center: Center, dials: str, seed: str, *, staffed: bool) -> None:
        self._center = center
        self._ear = _Ear()
        self.told: list[Fact] = []
        self.took: list[Ms] = []
        self.course: list[tuple[str, str, str]] = []
        self.stuck = False
        self.place = ("", "")
        outlet: Any = self._ear
        self._engine = Engine(center.plan, seed, outlet, self.told.append, epoch_ms=epoch_of(center))
        self._world = World(center.world, seed, self._engine.local_time)
        for agent in center.plan.agents:
            self._do(events.AgentSignedIn(agent, ready=staffed))
        self.told.clear()
        self._do(events.CallArrived(LINE, dials, ""))
        self._settle()

    def _do(self, event: events.Event) -> None:
        self._engine.handle(self._engine.now, event)

    def _call(self) -> Call | None:
        return next((call for call in self._engine.calls().values() if call.line == LINE), None)

    # Moves ---------------------------------------------------------------------------------------------

    def take_all(self, path: Iterable[Move]) -> None:
        """Make some moves, one after another."""
        for move in path:
            self.told.clear()
            since = self._engine.now
            self.course.append((*self.place, move.text))
            self._take(move)
            self.took.append(self._engine.now - since)
            self._settle()

    def moves(self) -> list[Move]:
        """Every move that somebody can make now; none when the call is over or stuck."""
        call = self._call()
        if call is None or call.step is None or self.stuck:
            return []
        return list(self._moves(call, call.step))

    def _moves(self, call: Call, step: Step) -> Iterator[Move]:
        if isinstance(step, steps.RequestStep):
            yield from self._answers(step)
        elif isinstance(step, steps.Queue):
            yield from self._waiting(call)
        elif isinstance(step, steps.Transfer | steps.Dial):
            yield from self._ringing(call)
        elif isinstance(step, steps.Send):
            yield from self._writing(call, step)
        elif isinstance(step, steps.Record):
            yield Move("record", "leaves a message", ("#", 2 * SECOND))
        elif isinstance(step, steps.ListeningStep) and not (isinstance(step, steps.Consent) and step.notice):
            yield from _inputs(call, step)

    def _answers(self, step: steps.RequestStep) -> Iterator[Move]:
        if self._ear.asked is None:
            return
        request, name, args, caller = self._ear.asked
        lookup = self._center.world.lookups.get(name)
        if isinstance(lookup, WorldLookup):
            table = lookup.match.table if lookup.match is not None else ""
            for row in self._center.world.tables.get(table, ())[:EXPLORE_ROWS_MAX]:
                known = {column: plain(value) for column, value in row.items()}
                shown = next(iter(known.values()), "")
                yield Move("answer", f"{name} finds {shown}", (request, "ok", known), name)
            if lookup.http is not None:
                yield Move("answer", f"{name} finds somebody", (request, "ok", {}), name)
            yield Move("answer", f"{name} finds nobody", (request, "not_found", {}), name)
        else:
            answer = self._world.answer(name, args, caller, "")
            if answer.outcome not in ("ok", VIRTUAL):
                yield Move(
                    "answer", f"{name} ends with {answer.outcome}", (request, answer.outcome, {}), name
                )
            yield Move("answer", f"{name} is done", (request, "ok", answer.result), name)
            run = self._center.world.runs.get(name)
            if run is not None and (run.declined or run.http is not None):
                yield Move("answer", f"{name} is declined", (request, "declined", {}), name)
            for why in run.declines if run is not None else ():
                if (outcome := f"declined.{why}") != answer.outcome:
                    yield Move("answer", f"{name} ends with {outcome}", (request, outcome, {}), name)
        yield Move("answer", f"{name} fails", (request, "failed", {}), name)

    def _waiting(self, call: Call) -> Iterator[Move]:
        visit = call.visit
        if visit is None:
            return
        if self._ear.rung is not None:
            yield Move("agent", f"{self._ear.rung[0]} answers", "accept")
            return
        if visit.callback_alive and visit.settings is not None and visit.settings.callback is not None:
            yield Move("key", "takes the callback", visit.settings.callback.key)
        if visit.settings is not None:
            for key in visit.settings.exit_keys:
                yield Move("key", f"leaves the queue with {key}", key)
        if visit.deadline < NEVER:
            yield Move("wait", "waits as long as the queue lets them", visit.deadline)

    def _writing(self, call: Call, step: steps.Send) -> Iterator[Move]:
        if self._ear.sent:
            yield Move("answer", f"the {step.channel} is delivered", (self._ear.sent, "ok", {}))
            yield Move("answer", f"the {step.channel} cannot be delivered", (self._ear.sent, "failed", {}))
        elif isinstance(call.request, PendingMessage) and call.request.awaits:
            sender = (step.channel, call.request.to, "yes")
            yield Move("written", f"the {step.channel} is answered", sender)
            yield Move("silence", f"nobody answers the {step.channel}")

    def _ringing(self, call: Call) -> Iterator[Move]:
        ringing = call.ringing
        if not isinstance(ringing, Transfer):
            return
        who = ringing.target
        if ringing.line:
            yield Move("agent", f"{who} picks up", "answer")
            yield Move("agent", f"{who} is busy", "busy")
        elif self._ear.rung is not None:
            yield Move("agent", f"{self._ear.rung[0]} answers", "accept")
            yield Move("agent", f"{self._ear.rung[0]} refuses", "reject")
        yield Move("wait", f"{who} does not answer", ringing.deadline)

    def _take(self, move: Move) -> None:
        engine, detail = self._engine, move.detail
        match move.kind:
            case "key" | "wrong":
                for key in detail:
                    self._do(events.KeyPressed(LINE, key))
            case "silence":
                engine.advance(engine.next_due())
            case "answer":
                self._ear.asked = None
                self._ear.sent = 0
                self._do(events.LookupFinished(*detail))
            case "written":
                self._do(events.MessageReceived(*detail))
            case "record":
                key, after_ms = detail
                engine.advance(engine.now + after_ms)
                self._do(events.KeyPressed(LINE, key))
            case "agent":
                self._answer(detail)
            case "wait":
                self._wait(detail)

    def _answer(self, how: str) -> None:
        rung, self._ear.rung = self._ear.rung, None
        if how == "accept" and rung is not None:
            self._do(events.ReservationAccepted(*rung))
        elif how == "reject" and rung is not None:
            self._do(events.ReservationRejected(*rung))
        elif how == "answer":
            self._do(events.LineAnswered(self._ear.dialled))
        else:
            self._do(events.LineFailed(self._ear.dialled, how))

    def _wait(self, until: int) -> None:
        """Let time pass until the wait is over, or there is something new to decide."""
        engine = self._engine
        before = self._alive()
        while engine.next_due() <= until + 3 * SECOND and self._alive() == before:
            engine.advance(engine.next_due())
            self._hear_out()

    def _alive(self) -> tuple[Any, ...]:
        """What there is to decide while waiting."""
        call = self._call()
        if call is None:
            return ()
        return (call.visit, call.ringing, call.visit is not None and call.visit.callback_alive)

    # Between moves -------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Let happen what nobody decides: prompts are heard out, talks end, time passes."""
        engine, since = self._engine, self._engine.now
        while (call := self._call()) is not None:
            self.place = (call.frame.flow.name, call.frame.state)
            if self._hear_out() or self._end_talk(call):
                continue
            if self.moves():
                return
            if engine.next_due() == NEVER or engine.now - since > PATIENT_MS:
                self.stuck = call.visit is None  # to wait in a queue without a limit is the caller's own will
                return
            engine.advance(engine.next_due())

    def _hear_out(self) -> bool:
        call = self._call()
        if call is None or not call.play:
            return False
        spoken = call.spoken
        assert spoken is not None
        self._engine.advance(self._engine.now + spoken.length_ms)
        if call.play:
            self._do(events.PromptFinished(call.play_line, call.play))
        return True

    def _end_talk(self, call: Call) -> bool:
        talk = call.talk
        if talk is None:
            return False
        self._engine.advance(self._engine.now + 60 * SECOND)
        if talk.agent is None:
            self._do(events.LineEnded(talk.line))
        else:
            self._do(events.AgentHungUp(talk.agent.name))
            if talk.agent.state == "wrap_up":
                self._do(events.AgentWrappedUp(talk.agent.name))
        return True

    def configuration(self) -> tuple[Any, ...] | None:
        """Where the call stands, without the time; None once it is over."""
        call = self._call()
        if call is None:
            return None
        frames = [*(call.frames or ()), call.frame]
        step = call.step
        scope = call.scope or {}
        return (
            tuple(_frame(frame) for frame in frames),
            (step.flow, step.state, step.path) if step is not None else (),
            call.tries,
            call.entry,
            call.offer.rung if call.offer is not None else 0,
            call.failing,
            bool(self._ear.rung),
            self._ear.sent > 0,
            call.turn.page() if isinstance(step, steps.Appointment) else 0,
            call.visit is not None and call.visit.callback_alive,
            repr([scope.get(root) for root in call.plan.values]),
        )


def _frame(frame: Frame) -> tuple[Any, ...]:
    suspended = tuple((step.path, tries) for step, tries, _, _ in frame.suspended or ())
    caller = frame.caller.path if frame.caller is not None else ""
    return (frame.flow.name, frame.state, caller, suspended, repr(sorted(frame.variables.items())))


def _inputs(call: Call, step: steps.ListeningStep) -> Iterator[Move]:
    """What a caller can do where a step listens."""
    good = dict(_good(call, step))
    frames = [*(call.frames or ()), call.frame]
    for frame in frames:
        good |= {key: f"presses {key}" for key in frame.flow.keys if key not in good}
    for keys, text in good.items():
        yield Move("key", text, keys)
    wrong = next((key for key in _KEYS if key not in good and not _eats(step, key)), "")
    if wrong:
        yield Move("wrong", f"presses {wrong}, which is wrong", wrong)
    yield Move("silence", "says nothing")


def _good(call: Call, step: steps.ListeningStep) -> Iterator[tuple[str, str]]:
    if isinstance(step, steps.Menu):
        yield from ((key, f"presses {key}") for key in step.choices)
    elif isinstance(step, steps.Offer):
        yield step.accept_key, "accepts the offer"
        yield step.decline_key, "declines the offer"
    elif isinstance(step, steps.Consent):
        yield step.agree_key, "agrees"
        yield step.refuse_key, "refuses"
    elif isinstance(step, steps.Appointment):
        yield from _windows(call, step)
    elif isinstance(step, steps.Survey):
        yield str(step.low), f"gives a {step.low}"
        yield str(step.high), f"gives a {step.high}"
    elif isinstance(step, steps.Ask):
        if call.entry.startswith("?"):
            yield "1", "confirms"
            yield "2", "does not confirm"
            return
        digits = "1" * max(step.digits_min, 1)
        yield digits + (step.end_key if len(digits) < step.digits_max else ""), "keys digits"
        if step.end_key and (step.digits_min == 0 or step.empty is not None):
            yield step.end_key, f"presses {step.end_key} at once"
        if step.skip_key:
            yield step.skip_key, f"skips with {step.skip_key}"


def _windows(call: Call, step: steps.Appointment) -> Iterator[tuple[str, str]]:
    if step.way == CONFIRM:
        yield CONFIRM_KEY, "confirms the appointment"
        yield DECLINE_KEY, "wants another time"
        return
    windows, more = call.turn.windows()
    if windows:
        yield "1", f"takes {windows[0].starts:%a %H:%M}"
    if more:
        yield MORE_KEY, "wants other times"


def _eats(step: steps.ListeningStep, key: str) -> bool:
    """Whether a step takes this key as part of an entry."""
    if isinstance(step, steps.Appointment):
        return key.isdigit() and 1 <= int(key) <= step.per_page
    if isinstance(step, steps.Survey):
        return key.isdigit() and step.low <= int(key) <= step.high
    return isinstance(step, steps.Ask) and (key.isdigit() or key in (step.end_key, step.skip_key))
