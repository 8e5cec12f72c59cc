"""if, switch, set, goto, chance, log: steps that take no time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ivr.core.flow.model import Expression, Node, Step, Template

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn


@dataclass(eq=False, kw_only=True)
class If(Step):
    """Go one way when the condition holds, else the other; a missing way is the next step."""

    condition: Expression
    then: Node | None = None
    otherwise: Node | None = None

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        if turn.value(self.condition):
            turn.result("then")
            return self.then or self.next
        turn.result("else")
        return self.otherwise or self.next


@dataclass(eq=False, kw_only=True)
class Switch(Step):
    """Go where the value's case leads; `cases` are (value, label, node)."""

    value: Expression
    cases: tuple[tuple[Any, str, Node | None], ...]
    otherwise: Node | None = None

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        value = turn.value(self.value)
        for case, label, node in self.cases:
            if case == value:
                turn.result("case." + label)
                return node or self.next
        turn.result("else")
        return self.otherwise or self.next


@dataclass(eq=False, kw_only=True)
class Set(Step):
    """Give variables values, in order."""

    values: tuple[tuple[str, Expression | Template], ...]

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        for name, source in self.values:
            turn.set_variable(name, turn.evaluate(source))
        return self.next


@dataclass(eq=False, kw_only=True)
class Goto(Step):
    """Go to a state of the same flow."""

    target: Node

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        return self.target


@dataclass(eq=False, kw_only=True)
class Chance(Step):
    """Take one of the weighted ways, by the seed; `ways` are (weight, label, node)."""

    ways: tuple[tuple[float, str, Node | None], ...]

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        mark = turn.chance(self) * sum(weight for weight, _, _ in self.ways)
        for weight, label, node in self.ways:
            mark -= weight
            if mark < 0:
                turn.result("way." + label)
                return node or self.next
        _, label, node = self.ways[-1]  # rounding only
        turn.result("way." + label)
        return node or self.next


@dataclass(eq=False, kw_only=True)
class Log(Step):
    """Write a line into the log."""

    text: Template

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        turn.log(turn.text(self.text))
        return self.next
