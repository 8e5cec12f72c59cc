"""callback: book a call back instead of waiting on the line."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ivr.core.flow.model import Expression, Node, Step
from ivr.core.time import MINUTE, Ms

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn


@dataclass(eq=False, kw_only=True)
class Callback(Step):
    """Book a callback from a queue to the number `to`.

    With `keep_place` it takes the place the caller had in that queue, else it joins at the end. Each
    of `tries` attempts is made when its turn comes and an agent is there; a missed one waits
    `retry_every_ms`. Outcome `failed` when the number is empty or too many callbacks are pending.
    """

    queue: str
    to: Expression
    keep_place: bool = True
    tries: int = 3
    retry_every_ms: Ms = 15 * MINUTE

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        if turn.book_callback(self, str(turn.value(self.to))):
            turn.result("booked")
            return self.next
        turn.result("failed")
        return turn.outcome(self, "failed")


@dataclass(eq=False, kw_only=True)
class Talking(Step):
    """The one step of a call that the center placed for a callback: talk, then hang up."""

    def answered(self, turn: "Turn", outcome: str, result: dict[str, Any]) -> Node | None:
        """The talk is over."""
        turn.result(outcome)
        turn.hang_up("flow_hung_up")
        return None
