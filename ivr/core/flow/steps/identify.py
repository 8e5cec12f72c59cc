"""identify: find out who calls, unless that is known already."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.core.flow.model import Node, Step

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn

KNOWN = "known"


@dataclass(eq=False, kw_only=True)
class Identify(Step):
    """Fill the data root `root`, if no step of the call has done that yet.

    `first` leads through the ways: lookups, and questions with lookups, in order; the last lead to
    `Found` or `Unfound`. Outcomes: `not_found`, `failed`, and those of the questions.
    """

    root: str
    first: Node | None = None

    def enter(self, turn: "Turn") -> Node | None:
        """What is known is not asked again."""
        if turn.knows(self.root):
            turn.identified(self.root, KNOWN)
            turn.result(KNOWN)
            return self.next
        turn.result("asked")
        return self.first


@dataclass(eq=False)
class Found:
    """A lookup of an `identify` has found somebody."""

    step: Identify
    by: str

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        turn.identified(self.step.root, self.by)
        return self.step.next


@dataclass(eq=False)
class Unfound:
    """Every way of an `identify` is used up."""

    step: Identify
    outcome: str

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        return turn.outcome(self.step, self.outcome)
