"""The hand of a step: its call, and the values its expressions and texts read.

`Turn` is built up in layers, each in a file of its own: `Hand` (values), `Voice` (saying and
hearing), `Keeping` (consent and recording the call), `Moves` (where an outcome leads), `Promises` (what a
call sets going beyond itself), `Turn` (the outside, queues, offers, messages that callers leave).
"""

from typing import Any

from ivr.core import calendar, facts
from ivr.core.call import Call
from ivr.core.flow import scope as scopes
from ivr.core.flow.faults import FlowFault, text_of, value_of
from ivr.core.flow.model import Expression, Scope, Step, Template
from ivr.core.flow.values import ValueType, coerce, plain
from ivr.core.kernel import Kernel


class Hand:
    """One belongs to one call for its whole life."""

    __slots__ = ("call", "kernel", "visits")

    def __init__(self, call: Call, kernel: Kernel) -> None:
        self.call = call
        self.kernel = kernel
        self.visits: dict[str, int] | None = None

    def result(self, result: str) -> None:
        """How the step will be said to have ended."""
        self.call.result = result

    def value(self, expression: Expression) -> Any:
        """What an expression says now; a fault of it (a division by zero) becomes an error of the flow."""
        return value_of(expression, self.scope(expression.needs))

    def text(self, template: Template) -> str:
        """A template's text now, bounded."""
        return text_of(template, self.scope(template.needs))

    def evaluate(self, source: Expression | Template) -> Any:
        """The value of either."""
        return self.text(source) if isinstance(source, Template) else self.value(source)

    def scope(self, needs: frozenset[str]) -> Scope:
        """The values that expressions read, with what changes by itself brought up to date."""
        call = self.call
        scope = scopes.of(call, self.kernel)
        for root in needs & scopes.MOVING:
            scope[root] = scopes.MOVING_ROOTS[root](call, self.kernel)
        return scope

    def set_variable(self, name: str, value: Any, *, secret: bool = False) -> None:
        """Give a variable of the flow a value of its declared type."""
        call = self.call
        kind = call.frame.flow.variables[name]
        call.frame.variables[name] = value = fit(value, kind.kind, name) if value is not None else None
        scopes.of(call, self.kernel)["vars"] = call.frame.variables
        shown = "•" * len(str(value)) if secret else plain(value)
        self.kernel.tell(facts.ValueSet(self.kernel.now, call.id, name, shown))

    def chance(self, step: Step) -> float:
        """A draw for this step of this call, the same in every run with the seed."""
        visit = self.visit_number(step)
        return self.kernel.chance(f"flow/{step.flow}/{step.state}/{step.path}", self.call.id * 1_000 + visit)

    def visit_number(self, step: Step) -> int:
        """Count a visit of this call to a step, from 1."""
        if self.visits is None:
            self.visits = {}
        place = f"{step.flow}/{step.state}/{step.path}"
        self.visits[place] = number = self.visits.get(place, 0) + 1
        return number

    def hours_status(self, name: str) -> str:
        """`open`, `closed` or `holiday`; `hours.next_open` is set for prompts."""
        return self._status(self.call.plan.hours[name])

    def queue_hours_status(self, name: str) -> str:
        """The same for the hours of a queue, which are those of the center's present plan."""
        return self._status(self.kernel.plan.hours[name])

    def _status(self, hours: calendar.Hours) -> str:
        kernel = self.kernel
        now = kernel.calendar.local(kernel.now)
        status = calendar.status(hours, now)
        scopes.of(self.call, kernel)["hours"] = {
            "open": status == "open",
            "next_open": calendar.next_open(hours, now) or now,
        }
        return status

    def log(self, text: str) -> None:
        """Write into the log."""
        self.kernel.tell(facts.LogWritten(self.kernel.now, self.call.id, text))


def fit(value: Any, kind: str, name: str) -> Any:
    """A value as a variable of a kind holds it; one that does not fit is a fault of the flow."""
    try:
        return coerce(plain(value), ValueType(kind, optional=True))
    except ValueError as fault:
        raise FlowFault("value", f"vars.{name}: {fault}") from None
