"""consent: ask whether something may be done, or only say that it will be."""

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
    """Ask for consent to `name` with one key for yes and one for no; with `notice` it is only announced.

    No answer after the last try counts as `silence` says. Who has answered in this call is not asked again.
    Outcomes `agreed`, `refused` and `announced`; for one without a handler the next step follows.
    """

    name: str
    agree_key: str = "1"
    refuse_key: str = "2"
    silence: str = REFUSED
    notice: bool = False

    def enter(self, turn: "Turn") -> Node | None:
        """Ask, unless the answer is known."""
        if (answer := turn.consent(self.name)) and not (self.notice and answer == REFUSED):
            return self._over(turn, answer)
        if self.notice:
            turn.drop_kept()
            turn.play(self.prompt)
            return None
        return self.ask(turn, self.prompt)

    def prompt_ended(self, turn: "Turn") -> Node | None:
        """A notice has been heard; a question waits for its answer."""
        if self.notice:
            return self._answer(turn, ANNOUNCED, "notice")
        return ListeningStep.prompt_ended(self, turn)

    def hear_key(self, turn: "Turn", key: str) -> Node | None:
        """Yes, no, a key of the flow, or an invalid one; a notice is heard to its end."""
        if self.notice:
            turn.ignore_key(key)
            return None
        if key in (self.agree_key, self.refuse_key):
            turn.take(key)
            turn.stop("barged_in")
            turn.clear_alarm()
            return self._answer(turn, AGREED if key == self.agree_key else REFUSED, "key")
        if (node := turn.flow_key(key)) is not None:
            return node
        turn.invalid_key(key)
        return self.miss(turn, "invalid")

    def given_up(self, turn: "Turn") -> Node | None:
        """No answer is one."""
        return self._answer(turn, self.silence, "silence")

    def _answer(self, turn: "Turn", answer: str, by: str) -> Node | None:
        turn.tell_consent(self.name, answer, by)
        return self._over(turn, answer)

    def _over(self, turn: "Turn", answer: str) -> Node | None:
        turn.result(answer)
        return turn.handler(self, answer) or self.next
