"""call, return, hangup: in and out of flows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ivr.core.flow.model import Expression, Node, Step, Template

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn


@dataclass(eq=False, kw_only=True)
class CallFlow(Step):
    """Run another flow; each outcome it returns has a handler here. `args` fill its variables."""

    target: str
    args: Mapping[str, Expression | Template] = field(default_factory=dict)

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        return turn.call_flow(self, {name: turn.evaluate(source) for name, source in self.args.items()})

    def answered(self, turn: "Turn", outcome: str, result: dict[str, Any]) -> Node | None:
        """The called flow returned."""
        turn.result(outcome)
        return turn.outcome(self, outcome)


@dataclass(eq=False, kw_only=True)
class Return(Step):
    """Leave this flow with an outcome; `values` become the caller's `result`. In a first flow the call ends."""

    outcome: str
    values: Mapping[str, Expression | Template] = field(default_factory=dict)

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        turn.result(self.outcome)
        return turn.return_from_flow(
            self.outcome, {name: turn.evaluate(source) for name, source in self.values.items()}
        )


@dataclass(eq=False, kw_only=True)
class HangUp(Step):
    """End the call."""

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        turn.end_call("flow_hung_up", "")
        return None
