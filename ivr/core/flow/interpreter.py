"""The interpreter: what calls in flows hear of the world.

Each input finds its call and is heard by the step the call is in; where that leads, `Course.go`
follows.
"""

from collections.abc import Callable
from typing import Any, Final

from ivr.core import events, facts
from ivr.core.call import Call
from ivr.core.commands import Listening, Spoken
from ivr.core.flow import scope as scopes
from ivr.core.flow.course import Course, faulted
from ivr.core.flow.faults import FlowFault
from ivr.core.flow.model import Node, Prompt
from ivr.core.flow.scope_schema import BUILTIN
from ivr.core.flow.values import coerce, plain
from ivr.core.kernel import FlowBegun
from ivr.core.plan import Plan
from ivr.limits import CALLER_CHARS_MAX, CALLS_MAX, NAME_CHARS_MAX, SPEECH_CHARS_MAX, TEXT_CHARS_MAX

KEYS: Final = frozenset("0123456789*#ABCD")

_ANSWERS: Final = ("ok", "not_found", "declined", "failed", "timeout")
_GONE: Final = {"hung_up": "caller_hung_up", "lost": "line_lost", "too_slow": "line_too_slow"}


class Interpreter(Course):
    """Calls in flows; implements the protocol `Flows` of the kernel."""

    __slots__ = ()

    # Events ------------------------------------------------------------------------------------------

    def arrived(self, event: events.CallArrived) -> None:
        """Take a call, or say why not."""
        kernel = self._kernel
        why = ""
        flow = kernel.plan.numbers.get(event.dialled)
        if not event.line or event.line in kernel.lines or event.line.startswith(("a-", "o-")):
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

    def triggered(self, event: events.FlowTriggered) -> None:
        """Start a flow without a caller."""
        kernel = self._kernel
        name = event.trigger[:NAME_CHARS_MAX]
        flow = kernel.plan.flows.get(kernel.plan.triggers.get(event.trigger, ""))
        if flow is None:
            kernel.ignore("flow_triggered", name, "no such trigger")
            return
        try:
            data = _typed(event.data, kernel.plan)
        except ValueError as fault:
            kernel.ignore("flow_triggered", name, str(fault))
            return
        if len(kernel.calls) >= CALLS_MAX:
            kernel.bound("calls", name)
            return
        call = self.place("", name, event.caller[:CALLER_CHARS_MAX], "", flow, "flow")
        scope = scopes.of(call, kernel)
        for root, fields in data.items():
            scope[root] = scope[root] | fields
            call.language = fields.get("language") or call.language
        self.go(call, flow.start)

    def begin(self, begun: FlowBegun) -> None:
        """Start a flow without a caller in its middle, with what another call knew."""
        kernel = self._kernel
        if len(kernel.calls) >= CALLS_MAX:
            kernel.bound("calls", begun.name)
            return
        call = self.place("", begun.name, begun.caller, "", begun.flow, "flow")
        call.plan, call.language = begun.plan, begun.language
        call.frame.variables.update(begun.variables)
        call.scope = scopes.of(call, kernel) | begun.scope | {"vars": call.frame.variables}
        self.go(call, begun.node)

    def message_received(self, event: events.MessageReceived) -> None:
        """Somebody wrote: an answer that a flow waits for, or nobody's."""
        kernel = self._kernel
        sender, text = event.sender[:CALLER_CHARS_MAX], event.text[:TEXT_CHARS_MAX]
        call = self._replies.get((event.channel, sender))
        known = call.id if call is not None else 0
        kernel.tell(facts.MessageArrived(kernel.now, known, event.channel[:NAME_CHARS_MAX], sender, text))
        if call is not None and call.step is not None:
            shown = {"channel": event.channel, "sender": sender, "text": text}
            scopes.of(call, kernel)["message"] = shown
            self._hear(call, call.step.answered, "replied", shown)

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
                node = faulted(call, fault)
            if node is not None:
                self.go(call, node)

    def speech_heard(self, event: events.SpeechHeard) -> None:
        """Words for the step the caller is in."""
        call = self._caller(event, event.line)
        if call is None:
            return
        text = event.text[:SPEECH_CHARS_MAX]
        if call.talk is not None:
            self._kernel.queues.caller_spoke(call, event)
        elif call.step is None:
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
                node = faulted(call, fault)
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
            self.caller_gone(call, _GONE.get(event.cause, "line_lost"))
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

    def await_reply(self, channel: str, sender: str, call: Call) -> None:
        """Route the next message of somebody to a call; of two that wait for it, the later one has it."""
        self._replies[channel, sender] = call

    def forget_reply(self, channel: str, sender: str, call: Call) -> None:
        """No longer wait for somebody's message."""
        if self._replies.get((channel, sender)) is call:
            del self._replies[channel, sender]

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

    def carried(self, call: Call, roots: tuple[str, ...]) -> dict[str, Any]:
        """What a call knows under some of the center's data roots, as JSON can carry it."""
        scope = scopes.of(call, self._kernel)
        return {root: {name: plain(value) for name, value in scope[root].items()} for root in roots}

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

    def _hear(self, call: Call, hear: Callable[..., Node | None], *args: Any) -> None:
        try:
            node = hear(call.turn, *args)
        except FlowFault as fault:
            node = faulted(call, fault)
        if node is not None or call.gone:
            self.go(call, node)

    def _fail(self, call: Call, fault: FlowFault) -> None:
        if call.visit is not None:
            self._kernel.queues.leave(call, "system_error")
        self.go(call, faulted(call, fault))


def _typed(data: dict[str, dict[str, Any]], plan: Plan) -> dict[str, dict[str, Any]]:
    """What a trigger brings along, as the center declares it; ValueError says what does not fit."""
    typed: dict[str, dict[str, Any]] = {}
    for root, fields in data.items():
        declared = BUILTIN["message"] if root == "message" else plan.schema.get(root)
        if declared is None:
            raise ValueError(f"there is no data root {root[:NAME_CHARS_MAX]!r}")
        typed[root] = {
            name: coerce(value, declared[name]) for name, value in fields.items() if name in declared
        }
    return typed
