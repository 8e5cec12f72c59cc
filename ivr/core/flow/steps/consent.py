"""consent: announce that something is done with the call, or ask whether it may be."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ivr.core.flow.model import Node
from ivr.core.flow.steps.base import ListeningStep

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn

AGREED: Final = "agreed"
REFUSED: Final = "refused"
ANNOUNCED: Final = "announced"


@dataclass(eq=False, kw_only=True)
class Consent(ListeningStep):
    """One key agrees, one refuses; after the last miss `silence` is the answer. A `notice` only announces.

    Outcomes `agreed`, `refused`, `announced`; unhandled, the next step follows. The answer holds for the
    whole call: who has answered is not asked again. Unless it was refused, `record` has the call
    recorded from there on.
    """

    name: str
    agree_key: str = "1"
    refuse_key: str = "2"
    silence: str = REFUSED
    record: bool = False
    notice: bool = False

    def enter(self, turn: "Turn") -> Node | None:
        """Ask, unless it was answered; a key pressed before the question was put is no answer to it."""
        if answer := turn.consent(self.name):
            return self._go_on(turn, answer)
        turn.drop_kept()
        turn.play(self.prompt, None if self.notice else self.listening)
        return None

    def prompt_ended(self, turn: "Turn") -> Node | None:
        """A notice was heard; a question waits for its answer."""
        if not self.notice:
            return ListeningStep.prompt_ended(self, turn)
        return self._answered(turn, ANNOUNCED, "notice")

    def hear_key(self, turn: "Turn", key: str) -> Node | None:
        """An answer, a key of the flow, or invalid; a notice has to be heard."""
        if not self.notice and key in (self.agree_key, self.refuse_key):
            turn.take(key)
            turn.stop("barged_in")
            turn.clear_alarm()
            return self._answered(turn, AGREED if key == self.agree_key else REFUSED, "key")
        if (node := turn.flow_key(key)) is not None:
            return node
        if self.notice:
            turn.ignore_key(key)
            return None
        turn.invalid_key(key)
        return self.miss(turn, "invalid")

    def hear_speech(self, turn: "Turn", text: str) -> Node | None:
        """Consent is given with a key; words are not taken for it."""
        turn.ignore_speech(text)
        return None

    def given_up(self, turn: "Turn") -> Node | None:
        """No answer after the last try counts as the author says."""
        return self._answered(turn, self.silence, "silence")

    def _answered(self, turn: "Turn", answer: str, by: str) -> Node | None:
        turn.give_consent(self.name, answer, by)
        return self._go_on(turn, answer)

    def _go_on(self, turn: "Turn", answer: str) -> Node | None:
        if self.record and answer != REFUSED:
            turn.record_call()
        turn.result(answer)
        return turn.handler(self, answer) or self.next
