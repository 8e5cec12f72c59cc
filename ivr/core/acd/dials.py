"""Calls that a flow without a caller places: who answers becomes the caller of the flow."""

from ivr.core.acd.parts import Part
from ivr.core.call import Call
from ivr.core.facts import DialEnded, DialStarted
from ivr.core.flow import scope as scopes
from ivr.core.flow.steps.dial import Dial
from ivr.core.kernel import DIAL_GRACE_MS
from ivr.core.time import Instant
from ivr.core.timers import Alarm
from ivr.limits import CALLER_CHARS_MAX


class Dialling:
    """A number that is being rung; kept in `call.ringing`."""

    __slots__ = ("alarm", "line", "number", "since")

    def __init__(self, line: str, number: str, since: Instant) -> None:
        self.line = line
        self.number = number
        self.since = since
        self.alarm: Alarm | None = None


class Dials(Part):
    """Numbers being rung for flows without a caller."""

    __slots__ = ()

    def start(self, call: Call, step: Dial, number: str) -> None:
        """Ring a number."""
        kernel = self.kernel
        number = number[:CALLER_CHARS_MAX]
        call.ringing = dialling = Dialling(kernel.new_line(), number, kernel.now)
        kernel.lines[dialling.line] = call
        due = kernel.now + step.ring_ms + DIAL_GRACE_MS
        dialling.alarm = kernel.timers.set(due, self._unanswered, call)
        shown = step.shown(call.plan.caller_id)
        kernel.tell(DialStarted(kernel.now, call.id, dialling.line, number, shown, step.ring_ms))
        kernel.outlet.dial(dialling.line, number, shown, step.ring_ms)

    def line_answered(self, call: Call, by: str) -> None:
        """Somebody, or a machine, picked up: from now on they are the caller."""
        kernel = self.kernel
        dialling: Dialling = call.ringing
        call.line = dialling.line
        call.caller = dialling.number
        call.started = kernel.now
        call.absent = False
        if call.scope is not None:
            call.scope["caller"] = scopes.caller_of(call)
        result = "machine" if by == "machine" else "answered"
        self._over(call, result)
        kernel.flows.resume(call, result)

    def line_failed(self, call: Call, cause: str) -> None:
        """Nobody will pick up."""
        dialling: Dialling = call.ringing
        del self.kernel.lines[dialling.line]
        cause = cause if cause in ("busy", "no_answer", "rejected") else "failed"
        self._over(call, cause)
        self.kernel.flows.resume(call, cause)

    def _unanswered(self, call: Call) -> None:
        """The outside never said how it went."""
        dialling: Dialling = call.ringing
        dialling.alarm = None
        self.kernel.outlet.hang_up(dialling.line, "no_answer")
        self.line_failed(call, "no_answer")

    def stopped(self, call: Call) -> None:
        """The flow is being ended from elsewhere."""
        dialling: Dialling = call.ringing
        del self.kernel.lines[dialling.line]
        self.kernel.outlet.hang_up(dialling.line, "hung_up")
        self._over(call, "given_up")

    def _over(self, call: Call, result: str) -> None:
        kernel = self.kernel
        dialling: Dialling = call.ringing
        call.ringing = None
        if dialling.alarm is not None:
            kernel.timers.cancel(dialling.alarm)
        rang_ms = kernel.now - dialling.since
        kernel.tell(DialEnded(kernel.now, call.id, dialling.line, dialling.number, result, rang_ms))
