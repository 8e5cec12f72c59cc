"""record: take a message."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.core.flow.model import Node, Prompt, Step
from ivr.core.time import Ms

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn

EMPTY_MS = 1_000  # a recording shorter than this is the sound of the end key


@dataclass(eq=False, kw_only=True)
class Record(Step):
    """Say the prompt, beep, record the caller until `end_key`, `max_ms` or hang-up.

    Outcome `empty` when nothing was said in the sense of being ended within a second; unhandled, the
    next step follows.
    """

    prompt: Prompt
    max_ms: Ms
    end_key: str = ""

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        turn.drop_kept()
        turn.play(self.prompt)
        return None

    def prompt_ended(self, turn: "Turn") -> Node | None:
        """After the prompt the recording starts."""
        turn.start_recording()
        turn.wake_in(self.max_ms, "max")
        return None

    def hear_key(self, turn: "Turn", key: str) -> Node | None:
        """The end key ends it; before the beep a key only breaks the prompt off."""
        if not turn.recording():
            turn.ignore_key(key)
            if self.prompt.barge_in and not self.prompt.must_hear:
                turn.stop("barged_in")
                return self.prompt_ended(turn)
            return None
        if self.end_key and key != self.end_key:
            turn.ignore_key(key)
            return None
        turn.take(key)
        return self._finish(turn, "key")

    def alarm(self, turn: "Turn", tag: str) -> Node | None:
        """The longest length is reached."""
        return self._finish(turn, "max")

    def _finish(self, turn: "Turn", ended: str) -> Node | None:
        length_ms = turn.stop_recording(ended)
        if length_ms < EMPTY_MS:
            turn.result("empty")
            return turn.handler(self, "empty") or self.next
        turn.result("recorded")
        return self.next
