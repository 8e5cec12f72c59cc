"""The course of a call: from node to node until it waits, and to its end.

Every input ends in `go`: leave the step the call is in, enter the next node, and so on until a step
stays. A caller who hangs up ends any step; what the flow still does then (`on.hangup`) is silent and
short.

A flow may also run without a caller: a trigger of the center started it, or the end of a work order. Its
call has no line until a `dial` of it is answered; from then on it is a call like any other.
"""

from typing import Final

from ivr.core.call import Call, Frame
from ivr.core.facts import CallEnded, CallStarted, StepEnded, call_name
from ivr.core.flow import steps
from ivr.core.flow.faults import FlowFault
from ivr.core.flow.model import Flow, Node, Step
from ivr.core.flow.scope import APOLOGY
from ivr.core.flow.turn import Turn
from ivr.core.kernel import Kernel
from ivr.core.time import Instant
from ivr.core.timers import Alarm
from ivr.limits import CALL_MS_MAX, FLOW_RUN_MS_MAX, HANGUP_BUDGET_MS, STEPS_WITHOUT_TIME_MAX

_SILENT: Final = (steps.Say, steps.Wait)  # skipped when nobody is there to hear any more
NEEDS_LINE: Final = (steps.ListeningStep, steps.Say, steps.Queue, steps.Transfer, steps.Record)
"""Steps that are an error of the flow while it has not reached anybody."""
_OUTWARD: Final = (steps.RequestStep, steps.Send)  # may still come to their end after a hang-up
_NEEDS_CALLER: Final = (
    steps.ListeningStep,
    steps.Queue,
    steps.Transfer,
    steps.Dial,
    steps.Record,
    steps.HangUp,
    steps.Return,
    steps.CallFlow,
)


class Course:
    """Starts calls, moves them, ends them."""

    __slots__ = ("_asked", "_kernel", "_replies", "_sweep_alarm")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._asked: dict[int, Call] = {}
        self._replies: dict[tuple[str, str], Call] = {}
        self._sweep_alarm: Alarm | None = None

    def place(self, line: str, number: str, caller: str, name: str, flow: Flow, direction: str) -> Call:
        """Start a call without sending it into its flow yet; without a `line`, nobody is there."""
        kernel = self._kernel
        now = kernel.now
        kernel.last_call = number_id = kernel.last_call + 1
        call = Call(number_id, line, number, caller, name, kernel.plan, flow, now)
        if flow.variables:
            call.frame.variables.update({name: kind.natural for name, kind in flow.variables.items()})
        call.turn = Turn(call, kernel)
        kernel.calls[number_id] = call
        if line:
            kernel.lines[line] = call
        if self._sweep_alarm is None:
            self._sweep_alarm = kernel.timers.set(now + CALL_MS_MAX, self._sweep, None)
        language = call.language
        kernel.tell(
            CallStarted(
                now, number_id, line, number, caller, name, flow.name, flow.revision, language, direction
            )
        )
        return call

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
                if call.absent and (instead := _without_caller(call, node)) is not node:
                    node = instead
                    continue
                call.step = node
                call.since = now
                call.tries = 0
                call.entry = ""
            try:
                node = node.enter(turn)
            except FlowFault as fault:
                node = faulted(call, fault)
        if call.gone and not call.ended and not isinstance(call.step, _OUTWARD):
            self.finish(call, call.cause, "")

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
        if call.recording is not None:
            call.turn.resume_recording(step)
        call.step = None
        place = step.place
        kernel.tell(
            StepEnded(
                kernel.now, call.id, place.flow, place.state, place.path, place.verb, call.result, call.since
            )
        )
        call.result = "next"

    def _runaway(self, call: Call) -> Node:
        self._kernel.bound("steps_without_time", call_name(call.id))
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

    def caller_gone(self, call: Call, cause: str) -> None:
        """The caller's line is no more: end what they were in, then run what the flow does on hang-up."""
        kernel = self._kernel
        turn = call.turn
        call.gone = call.absent = True
        call.cause = cause
        del kernel.lines[call.line]
        turn.stop("hung_up")
        if turn.recording():
            turn.stop_recording("hung_up")
        turn.end_call_recording()
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

    def _budget_over(self, call: Call) -> None:
        """What the flow does after a hang-up takes too long."""
        call.budget = None
        self.finish(call, call.cause, "")

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
        elif not call.line and reason == "flow_hung_up":
            reason = "flow_ended"
        kernel.tell(CallEnded(kernel.now, call.id, reason, outcome, frame.flow.name, state))
        if call.booked is not None:
            kernel.queues.booker_left(call)
        del call.turn  # a circle would wait for the garbage collector

    def _hang_up(self, call: Call, reason: str) -> None:
        kernel, turn = self._kernel, call.turn
        if call.play:
            turn.stop("cut")
        if call.request is not None and turn.recording():
            turn.stop_recording("hung_up")
        turn.end_call_recording()
        if call.visit is not None or call.talk is not None or call.ringing is not None:
            kernel.queues.leave(call, "system_error" if reason == "system_error" else "withdrawn")
        if call.line:
            del kernel.lines[call.line]
            kernel.outlet.hang_up(call.line, reason)

    def _sweep(self, _: None) -> None:
        """End calls that are older than any call may be; look again when the oldest one could be."""
        kernel = self._kernel
        self._sweep_alarm = None
        for call in list(kernel.calls.values()):
            if _oldest(call) <= kernel.now:
                kernel.bound("call_ms", call_name(call.id))
                self.finish(call, "system_error", "")
        if kernel.calls:
            due = min(_oldest(call) for call in kernel.calls.values())
            due = min(
                due, kernel.now + CALL_MS_MAX
            )  # a call that comes in between may not have to wait for it
            self._sweep_alarm = kernel.timers.set(due, self._sweep, None)


def _oldest(call: Call) -> Instant:
    """When a call is older than it may be."""
    return call.started + (CALL_MS_MAX if call.line else FLOW_RUN_MS_MAX)


def _without_caller(call: Call, step: Step) -> Node | None:
    """Where to go on instead of a step while nobody is on the line; the step itself where that does not matter."""
    if call.gone:
        if isinstance(step, _SILENT):
            return step.next
        return None if isinstance(step, _NEEDS_CALLER) else step
    if step is APOLOGY:
        return APOLOGY.next
    if isinstance(step, NEEDS_LINE):
        return call.turn.fail("no_caller", f"nobody is on the line for {step.verb!r}: dial first")
    return step


def faulted(call: Call, fault: FlowFault) -> Node | None:
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
