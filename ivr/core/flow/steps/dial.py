"""dial: call a number."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ivr.core.flow.model import Expression, Node, Step
from ivr.core.time import SECOND, Ms

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn

WITHHELD: Final = "withheld"
"""As `caller_id`: no number is shown."""


@dataclass(eq=False, kw_only=True)
class Dial(Step):
    """Call the number `to` and let it ring for `ring_ms`.

    In a flow without a caller, who answers becomes the caller, and the next step follows at once. In a
    flow with one, the two talk to each other, and the next step follows when they have finished. A machine
    that answers is `machine` where that is handled, else like a person.
    Outcomes: `answered`, `busy` (`busy.rejected` where the call was refused), `no_answer`, `failed`.
    """

    to: Expression
    caller_id: str = ""
    ring_ms: Ms = 25 * SECOND

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        number = str(turn.value(self.to))
        if not number:
            return self.answered(turn, "failed.no_number", {})
        turn.drop_kept()
        turn.dial(self, number)
        return None

    def answered(self, turn: "Turn", outcome: str, result: dict[str, Any]) -> Node | None:
        """Somebody is there, or was; or nobody."""
        if outcome == "machine" and (node := turn.handler(self, outcome)) is not None:
            turn.result(outcome)
            return node
        if outcome in ("answered", "connected", "machine"):
            turn.result("answered")
            return turn.handler(self, "answered") or self.next
        outcome = "busy.rejected" if outcome == "rejected" else outcome
        turn.result(outcome)
        return turn.outcome(self, outcome)

    def shown(self, usual: str) -> str:
        """The number that the called party sees; `usual` is the center's."""
        return "" if self.caller_id == WITHHELD else self.caller_id or usual
