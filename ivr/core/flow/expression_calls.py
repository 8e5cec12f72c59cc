"""The functions of the expression language: how each checks its arguments and what it becomes."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from ivr.core.flow.expression_check import Checker
from ivr.core.flow.expression_types import BOOLEAN, Typed
from ivr.core.flow.values import NUMERIC, ValueType

_Check: TypeAlias = Callable[[Checker, ast.Call, list[Typed]], Typed]

_INTEGER: Final = ValueType("integer")


@dataclass(frozen=True, slots=True)
class Call:
    """A function: how many arguments, how it is written, and its check."""

    least: int
    most: int
    usage: str
    check: _Check


def _present(checker: Checker, node: ast.Call, args: list[Typed], *kinds: str) -> None:
    """Refuse missing values and other kinds."""
    for part, arg in zip(node.args, args, strict=True):
        if arg.type.kind not in kinds:
            raise checker.error(
                part, f"a {arg.type.kind} does not fit here", f"it takes {' or '.join(kinds)}"
            )
        if arg.type.optional:
            raise checker.missing(part, arg.type)


def _since(name: str) -> _Check:
    def check(checker: Checker, node: ast.Call, args: list[Typed]) -> Typed:
        _present(checker, node, args, "date", "datetime")
        return Typed(checker.call(name, args[0].node, checker.clock()), _INTEGER)

    return check


def _hour_between(checker: Checker, node: ast.Call, args: list[Typed]) -> Typed:
    _present(checker, node, args, "integer")
    for part, arg in zip(node.args, args, strict=True):
        value = arg.node.value if isinstance(arg.node, ast.Constant) else 0
        if isinstance(value, int) and not 0 <= value <= 24:
            raise checker.error(part, "an hour is from 0 to 24", "")
    return Typed(checker.call("_hour_between", args[0].node, args[1].node, checker.clock()), BOOLEAN)


def _has(checker: Checker, node: ast.Call, args: list[Typed]) -> Typed:
    if not args[0].type.optional and args[0].type.kind != "text":
        raise checker.error(node.args[0], "this value is never missing", "leave has() out")
    if args[0].constant:
        raise checker.error(node.args[0], "this is always the same", "")
    return Typed(checker.call("_has", args[0].node), BOOLEAN)


def _default(checker: Checker, node: ast.Call, args: list[Typed]) -> Typed:
    value, instead = args
    if not value.type.optional or value.constant:
        raise checker.error(node.args[0], "this value is never missing", "leave default() out")
    if instead.type.optional:
        raise checker.missing(node.args[1], instead.type)
    instead = checker.convert(instead, ValueType(value.type.kind), node.args[1])
    return Typed(checker.call("_default", value.node, instead.node), ValueType(value.type.kind))


def _len(checker: Checker, node: ast.Call, args: list[Typed]) -> Typed:
    _present(checker, node, args, "text")
    return Typed(checker.call("_len", args[0].node), _INTEGER, args[0].constant)


def _lower(checker: Checker, node: ast.Call, args: list[Typed]) -> Typed:
    _present(checker, node, args, "text")
    return Typed(checker.call("_lower", args[0].node), ValueType("text"), args[0].constant)


def _extreme(name: str) -> _Check:
    def check(checker: Checker, node: ast.Call, args: list[Typed]) -> Typed:
        _present(checker, node, args, *NUMERIC, "date", "datetime", "time")
        args = checker.unify(args, node.args)
        constant = all(arg.constant for arg in args)
        return Typed(checker.call(name, *(arg.node for arg in args)), args[0].type, constant)

    return check


def _round(checker: Checker, node: ast.Call, args: list[Typed]) -> Typed:
    _present(checker, node, args, *NUMERIC)
    value = args[0]
    digits = 0
    if len(args) == 2:
        literal = args[1].node.value if isinstance(args[1].node, ast.Constant) else None
        if not isinstance(literal, int) or not 0 <= literal <= 6:
            raise checker.error(node.args[1], "the number of digits is a number from 0 to 6", "round(x, 2)")
        digits = literal
    if value.type.kind == "money":
        return Typed(
            checker.call("_round_money", value.node, ast.Constant(digits)), value.type, value.constant
        )
    if digits:
        rounded = checker.call("_round", value.node, ast.Constant(digits))
        return Typed(rounded, ValueType(value.type.kind), value.constant)
    return Typed(checker.call("_round", value.node), _INTEGER, value.constant)


CALLS: Final[Mapping[str, Call]] = {
    "months_since": Call(1, 1, "months_since(date)", _since("_months_since")),
    "days_since": Call(1, 1, "days_since(date)", _since("_days_since")),
    "hour_between": Call(2, 2, "hour_between(8, 20)", _hour_between),
    "has": Call(1, 1, "has(x)", _has),
    "len": Call(1, 1, "len(text)", _len),
    "min": Call(2, 10, "min(a, b)", _extreme("_min")),
    "max": Call(2, 10, "max(a, b)", _extreme("_max")),
    "round": Call(1, 2, "round(x) or round(x, 2)", _round),
    "lower": Call(1, 1, "lower(text)", _lower),
    "default": Call(2, 2, "default(x, instead)", _default),
}
"""Every function by its name."""
