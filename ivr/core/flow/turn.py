"""What a step may do: the only way from a step to its call, the queues and the outside.

One `Turn` belongs to one call for its whole life. Steps read like the documentation of their verb
because everything with bookkeeping in it stands here.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ivr.core import calendar, facts
from ivr.core.call import Call, Frame, OfferState
from ivr.core.commands import Listening, Spoken
from ivr.core.flow import scope as scopes
from ivr.core.flow.faults import FlowFault
from ivr.core.flow.model import Expression, Node, Prompt, Scope, State, Step, Template
from ivr.core.flow.steps.base import ListeningStep
from ivr.core.flow.steps.callback import Callback
from ivr.core.flow.steps.flows import CallFlow
from ivr.core.flow.steps.queue import Queue
from ivr.core.flow.steps.request import RequestStep
from ivr.core.flow.steps.transfer import Transfer
from ivr.core.flow.values import ValueType, coerce, plain
from ivr.core.kernel import Kernel
from ivr.core.time import Instant, Ms
from ivr.limits import FIELDS_MAX, FLOW_DEPTH_MAX, TEXT_CHARS_MAX, TYPE_AHEAD_MAX

MS_PER_CHARACTER = 1_000 / 14  # an unhurried voice says about fourteen characters a second
SPOKEN_MS_MIN = 400

_CENT = Decimal("0.01")


def spoken_ms(text: str) -> Ms:
    """How long it takes to say a text: what an audio-less line and virtual time go by."""
    return max(SPOKEN_MS_MIN, round(len(text) * MS_PER_CHARACTER)) if text else 0


class PendingRequest:
    """A lookup or run that is out."""

    __slots__ = ("args", "asked", "attempt", "id", "key", "name")

    def __init__(self, name: str, args: dict[str, Any], key: str) -> None:
        self.name = name
        self.args = args
        self.key = key
        self.attempt = 0
        self.id = 0
        self.asked: Instant = 0


class Recording:
    """A recording in progress."""

    __slots__ = ("id", "since")

    def __init__(self, number: int, since: Instant) -> None:
        self.id = number
        self.since = since


class Turn:
    """The hands of a step on its call."""

    __slots__ = ("call", "kernel", "visits")

    def __init__(self, call: Call, kernel: Kernel) -> None:
        self.call = call
        self.kernel = kernel
        self.visits: dict[str, int] | None = None

    # Where the call is -----------------------------------------------------------------------------

    def enter_state(self, state: State) -> None:
        """The call is now in a named state; what was suspended inside the last one is over."""
        call = self.call
        frame = call.frame
        frame.last_state, frame.state = frame.state, state.name
        call.suspended = None
        self.kernel.tell(facts.StateEntered(self.kernel.now, call.id, state.flow, state.name))

    def result(self, result: str) -> None:
        """How the step will be said to have ended."""
        self.call.result = result

    def own_handler(self, step: Step, outcome: str) -> Node | None:
        """The handler of this flow for an outcome; names match by dotted prefix, inner maps first."""
        return _find(step.handlers, outcome)

    def handler(self, step: Step, outcome: str) -> Node | None:
        """The handler for an outcome, looking outwards through the calling flows (which are then returned to)."""
        if (node := _find(step.handlers, outcome)) is not None:
            return node
        frame = self.call.frame
        frames = self.call.frames or []
        for depth in range(len(frames) - 1, -1, -1):
            caller = frame.caller
            if caller is not None and (node := _find(caller.handlers, outcome)) is not None:
                self._back_to(depth)
                return node
            frame = frames[depth]
        return None

    def outcome(self, step: Step, outcome: str) -> Node | None:
        """Where an outcome leads that must be handled; unhandled, it is an error of the flow."""
        node = self.handler(step, outcome)
        return node if node is not None else self.fail("unhandled." + outcome, f"nothing handles {outcome!r}")

    def give_up(self, step: ListeningStep) -> Node | None:
        """After the last try: the handler of `give_up`, else the operator, else an error."""
        self.call.result = "give_up"
        if (node := self.handler(step, "give_up")) is not None:
            return node
        return self.operator() or self.fail("unhandled.give_up", "the caller gave no usable input")

    def operator(self) -> Node | None:
        """Where the flow's operator is reached, looking outwards."""
        call = self.call
        if call.frame.flow.operator is not None:
            return call.frame.flow.operator
        frames = call.frames or []
        for depth in range(len(frames) - 1, -1, -1):
            if (node := frames[depth].flow.operator) is not None:
                self._back_to(depth)
                return node
        return None

    def flow_key(self, key: str) -> Node | None:
        """Where a key of the whole flow leads, looking outwards; the key is then taken."""
        call = self.call
        node = call.frame.flow.keys.get(key)
        if node is None and call.frames:
            for depth in range(len(call.frames) - 1, -1, -1):
                if (node := call.frames[depth].flow.keys.get(key)) is not None:
                    self._back_to(depth)
                    break
        if node is not None:
            self.take(key)
            self.stop("barged_in")
            call.result = "key." + key
        return node

    def fail(self, kind: str, message: str) -> Node | None:
        """An error: the flow's error handler, else the operator, else an apology and the end.

        A second error before the caller has done anything goes straight to the end.
        """
        call = self.call
        frame = call.frame
        self.kernel.tell(
            facts.FlowFailed(self.kernel.now, call.id, frame.flow.name, frame.state, kind, message)
        )
        if call.gone:
            return None
        scopes.of(call, self.kernel)["error"] = {"kind": kind, "state": frame.state, "message": message}
        if not call.failing:
            call.failing = True
            if (node := self._error_handler() or self.operator()) is not None:
                return node
        return scopes.APOLOGY

    def _error_handler(self) -> Node | None:
        call = self.call
        if call.frame.flow.error is not None:
            return call.frame.flow.error
        frames = call.frames or []
        for depth in range(len(frames) - 1, -1, -1):
            if (node := frames[depth].flow.error) is not None:
                self._back_to(depth)
                return node
        return None

    def _back_to(self, depth: int) -> None:
        """Return to the frame at `depth` of the calling flows, dropping those above it."""
        call = self.call
        frames = call.frames
        assert frames is not None
        call.frame = frames[depth]
        del frames[depth:]
        call.suspended = None
        if call.scope is not None:
            call.scope["vars"] = call.frame.variables

    def call_flow(self, step: CallFlow, args: Mapping[str, Any]) -> Node | None:
        """Enter another flow with its own variables."""
        call = self.call
        flow = call.plan.flows[step.target]
        frames = call.frames if call.frames is not None else []
        if len(frames) + 1 >= FLOW_DEPTH_MAX:
            self.kernel.bound("flow_depth", facts.call_name(call.id))
            return self.fail("depth", f"flows call each other more than {FLOW_DEPTH_MAX} deep")
        frames.append(call.frame)
        call.frames = frames
        variables = {name: kind.natural for name, kind in flow.variables.items()}
        for name, value in args.items():
            variables[name] = _fit(value, flow.variables[name].kind, name)
        call.frame = Frame(flow, variables, step)
        call.suspended = None
        if call.scope is not None:
            call.scope["vars"] = variables
        return flow.start

    def return_from_flow(self, outcome: str, values: dict[str, Any]) -> Node | None:
        """Leave the flow; the calling step goes on with the outcome. From the first flow the call ends."""
        call = self.call
        if not call.frames:
            self.end_call("flow_hung_up", outcome)
            return None
        step = call.frame.caller
        assert step is not None
        self._back_to(len(call.frames) - 1)
        if values:
            scopes.of(call, self.kernel)["result"] = values
        return step.answered(self, outcome, {})

    # Values --------------------------------------------------------------------------------------------

    def value(self, expression: Expression) -> Any:
        """What an expression says now; a fault of it (a division by zero) becomes an error of the flow."""
        try:
            return expression.fn(self.scope(expression.needs))
        except (ArithmeticError, TypeError, ValueError) as fault:
            raise FlowFault("expression", f"{expression.source}: {fault}") from None

    def text(self, template: Template) -> str:
        """A template's text now, bounded."""
        try:
            return template.fn(self.scope(template.needs))[:TEXT_CHARS_MAX]
        except (ArithmeticError, TypeError, ValueError) as fault:
            raise FlowFault("template", f"{template.source}: {fault}") from None

    def evaluate(self, source: Expression | Template) -> Any:
        """The value of either."""
        return self.text(source) if isinstance(source, Template) else self.value(source)

    def scope(self, needs: frozenset[str]) -> Scope:
        """The values that expressions read, with what changes by itself brought up to date."""
        call = self.call
        scope = scopes.of(call, self.kernel)
        for root in needs & scopes.MOVING:
            scope[root] = scopes.MOVING_ROOTS[root](call, self.kernel)
        return scope

    def set_variable(self, name: str, value: Any, *, secret: bool = False) -> None:
        """Give a variable of the flow a value of its declared type."""
        call = self.call
        kind = call.frame.flow.variables[name]
        call.frame.variables[name] = value = _fit(value, kind.kind, name) if value is not None else None
        scopes.of(call, self.kernel)["vars"] = call.frame.variables
        shown = "•" * len(str(value)) if secret else plain(value)
        self.kernel.tell(facts.ValueSet(self.kernel.now, call.id, name, shown))

    def chance(self, step: Step) -> float:
        """A draw for this step of this call, the same in every run with the seed."""
        visit = self._visit_number(step)
        return self.kernel.chance(f"flow/{step.flow}/{step.state}/{step.path}", self.call.id * 1_000 + visit)

    def hours_status(self, name: str) -> str:
        """`open`, `closed` or `holiday`; `hours.next_open` is set for prompts."""
        kernel = self.kernel
        hours = self.call.plan.hours[name]
        now = kernel.calendar.local(kernel.now)
        status = calendar.status(hours, now)
        scopes.of(self.call, kernel)["hours"] = {
            "open": status == "open",
            "next_open": calendar.next_open(hours, now) or now,
        }
        return status

    def log(self, text: str) -> None:
        """Write into the log."""
        self.kernel.tell(facts.LogWritten(self.kernel.now, self.call.id, text))

    # Hearing and saying ----------------------------------------------------------------------------------

    def play(self, prompt: Prompt, listening: Listening | None = None) -> None:
        """Start a prompt; `prompt_ended` follows unless it is stopped."""
        self.play_to(self.call.line, self.render(prompt), listening)

    def render(self, prompt: Prompt) -> Spoken:
        """A prompt's words in the caller's language, with the time it takes to say them."""
        language = prompt.language or self.call.language
        if (same := prompt.same.get(language)) is not None:
            return same
        asked = language
        wav, wav_ms = prompt.wav.get(language) or next(iter(prompt.wav.values()), ("", 0))
        template = prompt.texts.get(language)
        if template is None:
            if not prompt.texts:
                return Spoken("", language, wav_ms, wav, prompt.voice)
            language, template = next(iter(prompt.texts.items()))
        text = self.text(template)
        spoken = Spoken(text, language, wav_ms if wav else spoken_ms(text), wav, prompt.voice)
        if not template.needs:
            prompt.same[asked] = spoken
        return spoken

    def play_to(self, line: str, spoken: Spoken, listening: Listening | None = None) -> None:
        """Start a prompt on the caller's line or another's."""
        call, kernel = self.call, self.kernel
        if call.play:
            self.stop("cut")
        kernel.last_play += 1
        call.play = kernel.last_play
        call.play_line = line
        call.play_since = kernel.now
        call.spoken = spoken
        kernel.outlet.play(line, call.play, spoken, listening)

    def stop(self, ended: str) -> None:
        """Break off the prompt that is being heard, if any."""
        call = self.call
        if not call.play:
            return
        if not (call.gone and call.play_line == call.line):
            self.kernel.outlet.stop(call.play_line, call.play)
        self.prompt_heard(ended)

    def prompt_heard(self, ended: str) -> None:
        """The prompt is over."""
        call = self.call
        spoken = call.spoken
        assert spoken is not None
        call.play = 0
        self.kernel.tell(
            facts.PromptHeard(
                self.kernel.now,
                call.id,
                call.play_line,
                spoken.text or spoken.wav,
                spoken.language,
                call.play_since,
                ended,
            )
        )

    def music(self, name: str) -> None:
        """Play music from now on, or stop it (empty name)."""
        self.kernel.outlet.music(self.call.line, name)

    def wake_in(self, delay_ms: Ms, tag: str) -> None:
        """Set the step's one alarm; `alarm(tag)` follows unless it is cleared or set again."""
        call, kernel = self.call, self.kernel
        if call.alarm is not None:
            kernel.timers.cancel(call.alarm)
        call.alarm = kernel.timers.set(kernel.now + delay_ms, self.kernel.flows.wake, (call, tag))

    def clear_alarm(self) -> None:
        """Take the step's alarm back."""
        if self.call.alarm is not None:
            self.kernel.timers.cancel(self.call.alarm)
            self.call.alarm = None

    # Keys and words --------------------------------------------------------------------------------------

    def take(self, key: str, *, secret: bool = False) -> None:
        """A key was of use."""
        self.call.failing = False
        self._key(key, "taken", secret=secret)

    def keep(self, key: str) -> None:
        """Keep a key for a later step; too many are dropped."""
        kept = self.call.kept
        if kept is None:
            self.call.kept = kept = []
        if len(kept) >= TYPE_AHEAD_MAX:
            self.kernel.bound("type_ahead", facts.call_name(self.call.id))
            self._key(key, "ignored")
            return
        kept.append(key)
        self._key(key, "kept")

    def has_kept(self) -> bool:
        """Whether keys wait for a step that listens."""
        return bool(self.call.kept)

    def take_kept(self) -> str | None:
        """The first key that was kept."""
        kept = self.call.kept
        return kept.pop(0) if kept else None

    def drop_kept(self) -> None:
        """Forget the keys that were kept."""
        self.call.kept = None

    def ignore_key(self, key: str) -> None:
        """A key that nobody listens to."""
        self._key(key, "ignored")

    def invalid_key(self, key: str) -> None:
        """A key that is not one of the options."""
        self._key(key, "invalid")

    def _key(self, key: str, use: str, *, secret: bool = False) -> None:
        self.kernel.tell(facts.KeyHeard(self.kernel.now, self.call.id, "•" if secret else key, use))

    def take_speech(self, text: str, choice: str) -> None:
        """Words were understood as a choice, or not (empty)."""
        if choice:
            self.call.failing = False
        self.kernel.tell(facts.SpeechTaken(self.kernel.now, self.call.id, text, choice))

    def ignore_speech(self, text: str) -> None:
        """Words that nobody listens to."""
        self.take_speech(text, "")

    def count_miss(self, kind: str) -> int:
        """Count a miss of the step and of the call; the step's tries so far."""
        call = self.call
        call.tries += 1
        call.errors += 1
        call.entry = ""
        self.kernel.tell(facts.InputMissed(self.kernel.now, call.id, kind, call.tries))
        return call.tries

    def missed_out(self, step: ListeningStep) -> bool:
        """Whether the step's last try is used."""
        return self.call.tries >= step.listen.tries

    def suspend(self, step: Step) -> None:
        """Remember a listening step while its handler's steps run."""
        call = self.call
        if call.suspended is None:
            call.suspended = []
        call.suspended.append((step, call.tries, call.since))
        call.step = None  # it is not over: no fact yet

    def resume(self, step: Step) -> None:
        """Be in a suspended step again."""
        call = self.call
        for number, (suspended, tries, since) in enumerate(call.suspended or ()):
            if suspended is step:
                call.tries, call.since = tries, since
                assert call.suspended is not None
                del call.suspended[number:]
                break
        else:
            call.since = self.kernel.now
        call.step = step
        call.result = "next"

    # Digits ------------------------------------------------------------------------------------------------

    def entry(self) -> str:
        """The digits keyed so far."""
        return self.call.entry.removeprefix("?")

    def add_digit(self, digit: str) -> int:
        """One more digit; how many there are."""
        self.call.entry += digit
        return len(self.call.entry)

    def set_entry(self, digits: str) -> None:
        """All digits at once."""
        self.call.entry = digits

    def confirming(self) -> bool:
        """Whether the entry is being read back."""
        return self.call.entry.startswith("?")

    def begin_confirmation(self) -> None:
        """The entry is read back."""
        self.call.entry = "?" + self.call.entry

    def end_confirmation(self) -> None:
        """The entry is dropped."""
        self.call.entry = ""

    # The outside -----------------------------------------------------------------------------------------

    def ask_outside(self, step: RequestStep, args: dict[str, Any]) -> None:
        """Send a lookup or a run; the idempotency key is call, step and visit."""
        call = self.call
        key = ""
        if step.verb == "run":
            key = (
                f"{facts.call_name(call.id)}/{step.flow}/{step.state}/{step.path}/{self._visit_number(step)}"
            )
        call.request = PendingRequest(step.request, {name: plain(value) for name, value in args.items()}, key)
        self.ask_outside_again(step)

    def ask_outside_again(self, step: RequestStep) -> None:
        """Send what is pending, once more."""
        call, kernel = self.call, self.kernel
        pending: PendingRequest = call.request
        kernel.last_request += 1
        pending.id = kernel.last_request
        pending.attempt += 1
        pending.asked = kernel.now
        kernel.flows.await_answer(pending.id, call)
        kernel.tell(
            facts.LookupAsked(
                kernel.now, call.id, pending.id, pending.name, step.verb, pending.attempt, pending.key
            )
        )
        self.wake_in(step.timeout_ms, "timeout")
        if step.verb == "run":
            kernel.outlet.run(pending.id, pending.name, pending.args, call.caller, pending.key)
        else:
            kernel.outlet.look_up(pending.id, pending.name, pending.args, call.caller)

    def end_request(self, outcome: str) -> int:
        """An attempt is over; which one it was."""
        call, kernel = self.call, self.kernel
        pending: PendingRequest = call.request
        self.clear_alarm()
        kernel.flows.forget(pending.id)
        assert call.step is not None
        kernel.tell(
            facts.LookupEnded(
                kernel.now,
                call.id,
                pending.id,
                pending.name,
                call.step.verb,
                outcome,
                kernel.now - pending.asked,
            )
        )
        return pending.attempt

    def take_result(self, request: str, result: dict[str, Any]) -> bool:
        """Put an answer into `result` and the data root it fills; False when it is not of the declared types."""
        call = self.call
        declared = call.plan.requests[request]
        self.call.request = None
        if len(result) > FIELDS_MAX:
            self.kernel.bound("fields", facts.call_name(call.id))
            return False
        values = {}
        for name, value in result.items():
            if (kind := declared.result.get(name)) is None:
                continue
            try:
                values[name] = coerce(value, kind)
            except ValueError:
                return False
        scope = scopes.of(call, self.kernel)
        natural = {name: kind.natural for name, kind in declared.result.items()}
        scope["result"] = natural | values
        if declared.into:
            scope[declared.into] = scope[declared.into] | {
                name: value for name, value in values.items() if name in scope[declared.into]
            }
            if "language" in values and values["language"]:
                call.language = values["language"]
        return True

    def drop_request(self) -> None:
        """No attempt is left."""
        self.call.request = None

    def _visit_number(self, step: Step) -> int:
        if self.visits is None:
            self.visits = {}
        place = f"{step.flow}/{step.state}/{step.path}"
        self.visits[place] = number = self.visits.get(place, 0) + 1
        return number

    # Queues, transfers, callbacks ------------------------------------------------------------------------

    def join_queue(self, step: Queue, priority: int) -> str:
        """Join; empty, or the outcome with which the queue refused."""
        return self.kernel.queues.join(self.call, step, priority)

    def leave_queue(self, outcome: str) -> None:
        """End the visit."""
        self.kernel.queues.leave(self.call, outcome)

    def take_callback_key(self, key: str) -> bool:
        """Whether the key takes the callback offered while waiting; the visit is then over."""
        visit = self.call.visit
        if visit is None or not visit.callback_alive or key != visit.settings.callback.key:
            return False
        self.take(key)
        self.stop("barged_in")
        self.kernel.queues.leave(self.call, "callback")
        return True

    def music_again(self) -> None:
        """The hold music goes on after an announcement."""
        visit = self.call.visit
        if visit is not None:
            self.kernel.outlet.music(self.call.line, visit.settings.music or visit.plan.music)

    def transfer(self, step: Transfer) -> str:
        """Ring the target; empty, or the outcome when that failed at once."""
        return self.kernel.queues.transfer(self.call, step)

    def book_callback(self, step: Callback, number: str) -> bool:
        """Book a callback; False when that is not possible."""
        return self.kernel.queues.book(self.call, step, number)

    # Offers ------------------------------------------------------------------------------------------------

    def begin_offers(self, name: str) -> None:
        """Stand at the foot of a ladder."""
        self.call.offer = OfferState(name)

    def rung(self) -> int:
        """The rung reached, from 1; 0 at the foot."""
        return self.call.offer.rung if self.call.offer is not None else 0

    def make_offer(self, rung: int, percent: Decimal, amount: Decimal, months: int, price: Any) -> None:
        """Put a rung to the caller; the price is rounded to cents."""
        offer = self.call.offer
        assert offer is not None
        full = Decimal(str(price))
        offer.rung, offer.percent, offer.amount, offer.months = rung, percent, amount, months
        reduced = full * (100 - percent) / 100 - amount
        offer.price = max(reduced, Decimal(0)).quantize(_CENT, ROUND_HALF_UP)
        self.kernel.tell(
            facts.OfferMade(
                self.kernel.now,
                self.call.id,
                offer.name,
                rung,
                f"{percent.normalize():f}",
                months,
                str(offer.price),
            )
        )

    def end_offer(self, answer: str) -> None:
        """The caller answered the rung, or left it."""
        offer = self.call.offer
        assert offer is not None
        self.kernel.tell(facts.OfferEnded(self.kernel.now, self.call.id, offer.name, offer.rung, answer))

    # Recording ---------------------------------------------------------------------------------------------

    def start_recording(self) -> None:
        """Record what the caller says from now on."""
        call, kernel = self.call, self.kernel
        kernel.last_request += 1
        call.request = Recording(kernel.last_request, kernel.now)
        kernel.tell(facts.RecordingStarted(kernel.now, call.id, call.request.id, call.line))
        kernel.outlet.music(call.line, "beep")
        kernel.outlet.record(call.line, call.request.id, True)

    def recording(self) -> bool:
        """Whether the caller is being recorded."""
        return isinstance(self.call.request, Recording)

    def stop_recording(self, ended: str) -> Ms:
        """End the recording; its length."""
        call, kernel = self.call, self.kernel
        recording: Recording = call.request
        call.request = None
        length_ms = kernel.now - recording.since
        if not call.gone:
            kernel.outlet.record(call.line, recording.id, False)
        kernel.tell(facts.RecordingEnded(kernel.now, call.id, recording.id, length_ms, ended))
        return length_ms

    # The end -----------------------------------------------------------------------------------------------

    def hang_up(self, reason: str) -> None:
        """End the call."""
        self.end_call(reason, "")

    def end_call(self, reason: str, outcome: str) -> None:
        """End the call with what its first flow returned."""
        self.kernel.flows.finish(self.call, reason, outcome)


def _find(handlers: tuple[Mapping[str, Node], ...], outcome: str) -> Node | None:
    for handler in handlers:
        if not handler:
            continue
        name = outcome
        while name:
            if (node := handler.get(name)) is not None:
                return node
            name = name.rpartition(".")[0]
    return None


def _fit(value: Any, kind: str, name: str) -> Any:
    try:
        return coerce(plain(value), ValueType(kind, optional=True))
    except ValueError as fault:
        raise FlowFault("value", f"vars.{name}: {fault}") from None
