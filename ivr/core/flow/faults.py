"""A fault inside a flow while it runs; it becomes the flow's error event and never leaves the interpreter."""

from decimal import Decimal
from typing import Any, Final

from ivr.core.flow.model import Expression, Scope, Template
from ivr.limits import TEXT_CHARS_MAX, VALUE_NUMBER_MAX

_NUMBERS: Final = (int, Decimal)  # of any size, unlike a float


class FlowFault(Exception):
    """`kind` is what `on.error` and the metrics see."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


def value_of(expression: Expression, scope: Scope) -> Any:
    """What an expression says; FlowFault where that cannot be computed (a division by zero)."""
    try:
        value = expression.fn(scope)
    except (ArithmeticError, TypeError, ValueError) as fault:
        raise FlowFault("expression", f"{expression.source}: {fault}") from None
    if type(value) in _NUMBERS and abs(value) > VALUE_NUMBER_MAX:
        raise FlowFault("expression", f"{expression.source}: the number is too large")
    return value


def text_of(template: Template, scope: Scope) -> str:
    """A template's text, bounded; FlowFault where that cannot be computed."""
    try:
        return template.fn(scope)[:TEXT_CHARS_MAX]
    except (ArithmeticError, TypeError, ValueError) as fault:
        raise FlowFault("template", f"{template.source}: {fault}") from None
