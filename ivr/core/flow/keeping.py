"""What callers agree to, and recording a call with their consent."""

from ivr.core.call import CallRecording
from ivr.core.facts import (
    ConsentGiven,
    RecordingEnded,
    RecordingResumed,
    RecordingStarted,
    RecordingSuspended,
    call_name,
)
from ivr.core.flow.model import Step
from ivr.core.flow.steps.ask import Ask
from ivr.core.flow.voice import Voice
from ivr.limits import CALL_RECORDINGS_MAX


class Keeping(Voice):
    """Consent, and the recording of the whole call."""

    __slots__ = ()

    def consent(self, what: str) -> str:
        """What the caller answered before in this call; empty if they were not asked."""
        consents = self.call.consents
        return consents.get(what, "") if consents is not None else ""

    def give_consent(self, what: str, answer: str, by: str) -> None:
        """The caller's answer: `agreed`, `refused` or `announced`, by `key`, `silence` or `notice`."""
        call, kernel = self.call, self.kernel
        call.consents = {**(call.consents or {}), what: answer}
        kernel.tell(ConsentGiven(kernel.now, call.id, what, answer, by))

    def record_call(self) -> None:
        """Record the call from now on, unless it is being recorded."""
        call, kernel = self.call, self.kernel
        if call.recording is not None or call.gone:
            return
        if kernel.recorded >= CALL_RECORDINGS_MAX:
            kernel.bound("call_recordings", call_name(call.id))
            return
        kernel.recorded += 1
        kernel.last_request += 1
        call.recording = CallRecording(kernel.last_request, kernel.now)
        kernel.tell(RecordingStarted(kernel.now, call.id, call.recording.id, call.line))
        kernel.outlet.record_call(call.line, call.recording.id, "start")

    def suspend_recording(self) -> None:
        """What is said or keyed from now on is no one's business."""
        recording = self.call.recording
        if recording is not None and not recording.suspended:
            recording.suspended = True
            self.kernel.tell(RecordingSuspended(self.kernel.now, self.call.id, recording.id))
            self.kernel.outlet.record_call(self.call.line, recording.id, "suspend")

    def resume_recording(self, step: Step) -> None:
        """A step is over; if it was one that nobody may listen to, the recording goes on."""
        recording = self.call.recording
        if recording is not None and recording.suspended and isinstance(step, Ask) and step.secret:
            recording.suspended = False
            self.kernel.tell(RecordingResumed(self.kernel.now, self.call.id, recording.id))
            self.kernel.outlet.record_call(self.call.line, recording.id, "resume")

    def end_call_recording(self) -> None:
        """The call is over for the caller, and so is its recording."""
        call, kernel = self.call, self.kernel
        recording = call.recording
        if recording is None:
            return
        call.recording = None
        kernel.recorded -= 1
        if not call.gone:
            kernel.outlet.record_call(call.line, recording.id, "end")
        length_ms = kernel.now - recording.since
        kernel.tell(RecordingEnded(kernel.now, call.id, recording.id, length_ms, "hung_up"))
