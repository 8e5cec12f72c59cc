"""The interpreter: moves calls from node to node until they wait.

Every input ends in `go`: leave the step the call is in, enter the next node, and so on until a step
stays. A caller who hangs up ends any step; what the flow still does then (`on.hangup`) is silent and
short.
"""

from collections.abc import Callable
from typing import Any, Final

from ivr.core import events, facts
from ivr.core.call import Call, Frame
from ivr.core.commands import Listening, Spoken
from ivr.core.facts import StepEnded
from ivr.core.flow import steps
from ivr.core.flow.faults import FlowFault
from ivr.core.flow.model import Flow, Node, Prompt, Step
from ivr.core.flow.scope import APOLOGY
from ivr.core.flow.turn import Turn
from ivr.core.kernel import Kernel
from ivr.core.timers import Alarm
from ivr.limits import (
    CALL_MS_MAX,
    CALLER_CHARS_MAX,
    CALLS_MAX,
    HANGUP_BUDGET_MS,
    NAME_CHARS_MAX,
    SPEECH_CHARS_MAX,
    STEPS_WITHOUT_TIME_MAX,
)

KEYS: Final = frozenset("0123456789*#ABCD")

_SILENT: Final = (steps.Say, steps.Wait)  # skipped when nobody is there to hear
_NEEDS_CALLER: Final = (
    steps.ListeningStep,
    steps.Queue,
    steps.Transfer,
    steps.Record,
    steps.HangUp,
    steps.Return,
    steps.CallFlow,
)
_ANSWERS: Final = ("ok", "not_found", "declined", "failed", "timeout")
_GONE: Final = {"hung_up": "caller_hung_up", "lost": "line_lost", "too_slow": "line_too_slow"}


class Interpreter:
    """Calls in flows; implements the protocol `Flows` of the kernel."""

    __slots__ = ("_asked", "_kernel", "_sweep_alarm")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._asked: dict[int, Call] = {}
        self._sweep_alarm: Alarm | None = None

    # Events ------------------------------------------------------------------------------------------

    def arrived(self, event: events.CallArrived) -> None:
        """Take a call, or say why not."""
        kernel = self._kernel
        why = ""
        flow = kernel.plan.numbers.get(event.dialled)
        if event.line in kernel.lines or event.line.startswith(("a-", "o-")):
            why = "line_in_use"
        elif flow is None:
            why = "unknown_number"
        elif len(kernel.calls) >= CALLS_MAX:
            kernel.bound("calls", event.line)
            why = "busy"
        caller, name = event.caller[:CALLER_CHARS_MAX], event.name[:CALLER_CHARS_MAX]
        if why or flow is None:
            kernel.tell(
                facts.CallRefused(kernel.now, event.line, event.dialled[:CALLER_CHARS_MAX], caller, why)
            )
            if why != "line_in_use":
                kernel.outlet.hang_up(event.line, why)
            return
        start = kernel.plan.flows[flow]
        self.go(self.place(event.line, event.dialled, caller, name, start, "in"), start.start)

    def place(self, line: str, number: str, caller: str, name: str, flow: Flow, direction: str) -> Call:
        """Start a call without sending it into its flow yet."""
        kernel = self._kernel
        now = kernel.now
        kernel.last_call = number_id = kernel.last_call + 1
        call = Call(number_id, line, number, caller, name, kernel.plan, flow, now)
        if flow.variables:
            call.frame.variables.update({name: kind.natural for name, kind in flow.variables.items()})
        call.turn = Turn(call, kernel)
        kernel.calls[number_id] = call
        kernel.lines[line] = call
        if self._sweep_alarm is None:
            self._sweep_alarm = kernel.timers.set(now + CALL_MS_MAX, self._sweep, None)
        language = call.language
        kernel.tell(
            facts.CallStarted(
                now, number_id, line, number, caller, name, flow.name, flow.revision, language, direction
            )
        )
        return call

    def key_pressed(self, event: events.KeyPressed) -> None:
        """A key for the step the caller is in."""
        line, key = event.line, event.key
        call = self._kernel.lines.get(line)
        if call is None or call.line != line:
            self._kernel.ignore("key_pressed", line, "no call on this line")
        elif key not in KEYS:
            self._kernel.ignore("key_pressed", line, "not a key")
        elif call.talk is not None or call.step is None:
            call.turn.ignore_key(key)
        else:
            try:
                node = call.step.hear_key(call.turn, key)
            except FlowFault as fault:
                node = _faulted(call, fault)
            if node is not None:
                self.go(call, node)

    def speech_heard(self, event: events.SpeechHeard) -> None:
        """Words for the step the caller is in."""
        call = self._caller(event, event.line)
        if call is None:
            return
        text = event.text[:SPEECH_CHARS_MAX]
        if call.talk is not None or call.step is None:
            call.turn.ignore_speech(text)
        else:
            self._hear(call, call.step.hear_speech, text)

    def prompt_finished(self, event: events.PromptFinished) -> None:
        """What was being said has been heard."""
        kernel, line = self._kernel, event.line
        call = kernel.lines.get(line)
        if call is None or call.play != event.play or call.play_line != line:
            kernel.ignore("prompt_finished", line, "nothing of that number is being said")
            return
        call.turn.prompt_heard("finished")
        if line != call.line:
            kernel.queues.whispered(call)
        elif call.visit is not None:
            kernel.queues.announced(call)
        elif call.step is not None:
            try:
                node = call.step.prompt_ended(call.turn)
            except FlowFault as fault:
                node = _faulted(call, fault)
            if node is not None:
                self.go(call, node)

    def lookup_finished(self, event: events.LookupFinished) -> None:
        """The outside answered; an answer of a kind we do not know is a failure."""
        call = self._asked.get(event.request)
        if call is None or call.step is None:
            self._kernel.ignore("lookup_finished", str(event.request), "nobody waits for it")
            return
        outcome = event.outcome[:NAME_CHARS_MAX]
        if outcome.partition(".")[0] not in _ANSWERS:
            outcome = "failed.unknown"
        self._hear(call, call.step.answered, outcome, event.result)

    def line_ended(self, event: events.LineEnded) -> None:
        """A party is gone: the caller, or somebody who was dialled."""
        kernel = self._kernel
        call = kernel.lines.get(event.line)
        if call is None:
            kernel.ignore("line_ended", event.line, "no such line")
        elif call.line == event.line and not call.gone:
            self._caller_gone(call, _GONE.get(event.cause, "line_lost"))
        else:
            kernel.queues.line_failed(call, event.line, "ended")

    def stopped(self, event: events.CenterStopped) -> None:
        """The center closes down: every call ends."""
        for call in list(self._kernel.calls.values()):
            self.finish(call, event.reason, "")

    def _caller(self, event: events.Event, line: str) -> Call | None:
        call = self._kernel.lines.get(line)
        if call is None or call.line != line or call.gone:
            self._kernel.ignore(str(event.__struct_config__.tag), line, "no call on this line")
            return None
        return call

    # Alarms and answers ----------------------------------------------------------------------------------

    def wake(self, alarm: tuple[Call, str]) -> None:
        """A step's alarm came due."""
        call, tag = alarm
        call.alarm = None
        if call.step is not None:
            self._hear(call, call.step.alarm, tag)

    def _budget_over(self, call: Call) -> None:
        """What the flow does after a hang-up takes too long."""
        call.budget = None
        self.finish(call, call.cause, "")

    def resume(self, call: Call, outcome: str) -> None:
        """Go on in the flow: the step that brought the call here ended with `outcome`."""
        if call.ended or call.gone:
            return
        if outcome == "connected":
            call.failing = False
            call.kept = None
        step = call.step
        assert step is not None, "a call that waits is in a step"
        self._hear(call, step.answered, outcome, {})

    def await_answer(self, request: int, call: Call) -> None:
        """Route the answer of a request to a call."""
        self._asked[request] = call

    def forget(self, request: int) -> None:
        """No longer wait for a request's answer."""
        self._asked.pop(request, None)

    def announce(self, call: Call, prompt: Prompt, listening: Listening | None) -> None:
        """Let a waiting caller hear an announcement, if nothing else is being said."""
        if call.play:
            return
        try:
            call.turn.play(prompt, listening)
        except FlowFault as fault:
            self._fail(call, fault)

    def silence(self, call: Call, ended: str) -> None:
        """Break off what is being said on a call, if anything is."""
        call.turn.stop(ended)

    def tell_agent(self, call: Call, line: str, prompt: Prompt) -> bool:
        """Whisper to the party at `line`; False when there is nothing to say."""
        try:
            spoken: Spoken = call.turn.render(prompt)
        except FlowFault:
            return False  # the caller must not suffer from a note to the agent
        if not spoken.length_ms:
            return False
        call.turn.play_to(line, spoken)
        return True

    def holds(self, call: Call, condition: Any) -> bool:
        """Whether a condition of the flow is true for this call now; a fault of it counts as false."""
        try:
            return bool(call.turn.value(condition))
        except FlowFault as fault:
            self._kernel.tell(
                facts.FlowFailed(
                    self._kernel.now, call.id, call.frame.flow.name, call.frame.state, fault.kind, str(fault)
                )
            )
            return False

    # Moving ------------------------------------------------------------------------------------------------

    def go(self, call: Call, node: Node | None) -> None:
        """Move a call along until it waits or ends."""
        now = self._kernel.now
        turn = call.turn
        if call.steps_at != now:
            call.steps_at = now
            call.steps = 0
        while node is not None and not call.ended:
            call.steps += 1
            if call.steps > STEPS_WITHOUT_TIME_MAX:
                node = self._runaway(call)
            if call.step is not None:
                self._leave(call, call.step)
            if isinstance(node, Step):
                if call.gone:
                    if isinstance(node, _SILENT):
                        node = node.next
                        continue
                    if isinstance(node, _NEEDS_CALLER):
                        break
                call.step = node
                call.since = now
                call.tries = 0
                call.entry = ""
            try:
                node = node.enter(turn)
            except FlowFault as fault:
                node = _faulted(call, fault)
        if call.gone and not call.ended and not isinstance(call.step, steps.RequestStep):
            self.finish(call, call.cause, "")

    def _hear(self, call: Call, hear: Callable[..., Node | None], *args: Any) -> None:
        try:
            node = hear(call.turn, *args)
        except FlowFault as fault:
            node = _faulted(call, fault)
        if node is not None or call.gone:
            self.go(call, node)

    def _fail(self, call: Call, fault: FlowFault) -> None:
        if call.visit is not None:
            self._kernel.queues.leave(call, "system_error")
        self.go(call, _faulted(call, fault))

    def _leave(self, call: Call, step: Step) -> None:
        """The call leaves a step: nothing of it goes on sounding or ticking."""
        kernel = self._kernel
        if call.play:
            call.turn.stop("cut")
        if call.alarm is not None:
            kernel.timers.cancel(call.alarm)
            call.alarm = None
        if call.request is not None:
            call.turn.drop_request()
        if call.offer is not None and step.verb == "offer":
            call.turn.end_offer("hung_up" if call.gone else "unanswered")
        call.step = None
        place = step.place
        kernel.tell(
            StepEnded(
                kernel.now, call.id, place.flow, place.state, place.path, place.verb, call.result, call.since
            )
        )
        call.result = "next"

    def _runaway(self, call: Call) -> Node:
        self._kernel.bound("steps_without_time", facts.call_name(call.id))
        call.steps = 0
        message = f"more than {STEPS_WITHOUT_TIME_MAX} steps without time passing"
        return call.turn.fail("runaway", message) or APOLOGY

    def jump(self, call: Call, flow: str) -> None:
        """Send a call to the start of another flow of its plan, for good."""
        target = call.plan.flows[flow]
        call.turn.drop_all_suspended()
        call.frames = None
        call.frame = Frame(target, {name: kind.natural for name, kind in target.variables.items()}, None)
        if call.scope is not None:
            call.scope["vars"] = call.frame.variables
        call.result = "transferred"
        self.go(call, target.start)

    # The end -----------------------------------------------------------------------------------------------

    def _caller_gone(self, call: Call, cause: str) -> None:
        """The caller's line is no more: end what they were in, then run what the flow does on hang-up."""
        kernel = self._kernel
        turn = call.turn
        call.gone = True
        call.cause = cause
        del kernel.lines[call.line]
        turn.stop("hung_up")
        if turn.recording():
            turn.stop_recording("hung_up")
        kernel.queues.leave(call, "abandoned")
        if call.step is not None:
            call.result = "hung_up"
            self._leave(call, call.step)
        turn.drop_all_suspended()
        node = _hangup_handler(call)
        if node is None:
            self.finish(call, cause, "")
            return
        call.budget = kernel.timers.set(kernel.now + HANGUP_BUDGET_MS, self._budget_over, call)
        self.go(call, node)

    def finish(self, call: Call, reason: str, outcome: str) -> None:
        """End a call; `outcome` is what its first flow returned, or empty."""
        if call.ended:
            return
        kernel, frame = self._kernel, call.frame
        call.ended = True
        if not call.gone:
            self._hang_up(call, reason)
        state = frame.state
        if call.step is not None:
            self._leave(call, call.step)
        if frame.suspended or call.frames:
            call.turn.drop_all_suspended()
        if call.budget is not None:
            kernel.timers.cancel(call.budget)
        del kernel.calls[call.id]
        if not kernel.calls and self._sweep_alarm is not None:
            kernel.timers.cancel(self._sweep_alarm)
            self._sweep_alarm = None
        if call.gone:
            reason = call.cause
        kernel.tell(facts.CallEnded(kernel.now, call.id, reason, outcome, frame.flow.name, state))
        del call.turn  # a circle would wait for the garbage collector

    def _hang_up(self, call: Call, reason: str) -> None:
        kernel, turn = self._kernel, call.turn
        if call.play:
            turn.stop("cut")
        if call.request is not None and turn.recording():
            turn.stop_recording("hung_up")
        if call.visit is not None or call.talk is not None or call.ringing is not None:
            kernel.queues.leave(call, "system_error" if reason == "system_error" else "withdrawn")
        del kernel.lines[call.line]
        kernel.outlet.hang_up(call.line, reason)

    def _sweep(self, _: None) -> None:
        """End calls that are older than any call may be; look again when the oldest one could be."""
        kernel = self._kernel
        self._sweep_alarm = None
        for call in list(kernel.calls.values()):
            if call.started + CALL_MS_MAX > kernel.now:
                self._sweep_alarm = kernel.timers.set(call.started + CALL_MS_MAX, self._sweep, None)
                return
            kernel.bound("call_ms", facts.call_name(call.id))
            self.finish(call, "system_error", "")


def _faulted(call: Call, fault: FlowFault) -> Node | None:
    """Where a fault inside a step leads; the step is said to have failed."""
    call.result = "failed"
    return call.turn.fail(fault.kind, str(fault))


def _hangup_handler(call: Call) -> Node | None:
    if call.frame.flow.hangup is not None:
        return call.frame.flow.hangup
    for frame in reversed(call.frames or ()):
        if frame.flow.hangup is not None:
            call.frames = (call.frames or [])[: (call.frames or []).index(frame)]
            call.frame = frame
            if call.scope is not None:
                call.scope["vars"] = frame.variables
            return frame.flow.hangup
    return None
