"""transfer: pass the caller to an agent, a queue's agents or somebody outside."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ivr.core.flow.model import Node, Prompt, Step
from ivr.core.time import Ms

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn


@dataclass(eq=False, kw_only=True)
class Transfer(Step):
    """Ring the target for `ring_ms`; the next step follows when the talk is over.

    `kind` is `queue` (one ready agent after another), `agent` or `contact` (a number outside). Mode
    `warm`: the caller hears music until the target has heard the whisper; `blind`: ringback until the
    target picks up. Outcomes: `no_answer`, `busy` (nobody is ready), `rejected`, `failed`. To wait for
    somebody is what `queue` is for.
    """

    target: str
    kind: str
    mode: str = "blind"
    ring_ms: Ms = 20_000
    whisper: Prompt | None = None
    music: str = ""
    carry: tuple[str, ...] = ()

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        turn.drop_kept()
        refused = turn.transfer(self)
        return self.answered(turn, refused, {}) if refused else None

    def answered(self, turn: "Turn", outcome: str, result: dict[str, Any]) -> Node | None:
        """The talk is over (`connected`), or nobody took the call."""
        turn.result(outcome)
        if outcome == "connected":
            return turn.handler(self, "connected") or self.next
        return turn.outcome(self, outcome)
