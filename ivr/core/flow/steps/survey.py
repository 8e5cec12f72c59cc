"""survey: ask the caller for a score, and never be in the way if they do not want to give one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.core.flow.model import Node
from ivr.core.flow.steps.base import ListeningStep

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn


@dataclass(eq=False, kw_only=True)
class Survey(ListeningStep):
    """One key from `low` to `high` is a score, told with the agent talked to last; then the next step follows.

    After the last miss the outcome is `empty`, which needs no handler: an answer is a favour, so a caller who
    gives none is not passed on to anybody.
    """

    name: str
    low: int
    high: int
    into: str = ""

    def hear_key(self, turn: "Turn", key: str) -> Node | None:
        """A score, a key of the whole flow, or an invalid key."""
        if not (key.isdigit() and self.low <= int(key) <= self.high):
            if (node := turn.flow_key(key)) is not None:
                return node
            turn.invalid_key(key)
            return self.miss(turn, "invalid")
        turn.take(key)
        return self._score(turn, int(key))

    def hear_speech(self, turn: "Turn", text: str) -> Node | None:
        """A spoken digit."""
        said = text.strip()
        scored = said.isascii() and said.isdigit() and self.low <= int(said) <= self.high
        turn.take_speech(text, said if scored else "")
        return self._score(turn, int(said)) if scored else self.miss(turn, "invalid")

    def _score(self, turn: "Turn", score: int) -> Node | None:
        turn.stop("barged_in")
        turn.clear_alarm()
        turn.tell_score(self.name, score)
        if self.into:
            turn.set_variable(self.into, score)
        turn.result("entered")
        return self.next

    def given_up(self, turn: "Turn") -> Node | None:
        """No answer: `empty`, or the next step."""
        turn.result("empty")
        return turn.handler(self, "empty") or self.next
