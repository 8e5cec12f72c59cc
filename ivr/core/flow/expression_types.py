"""Types in expressions: how values of two types meet, and what is said when they do not.

`Values` is the half of the checker that knows no grammar: conversions, money, missing values, errors.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, TypeAlias

from ivr.core.flow.nearness import nearest
from ivr.core.flow.scope_schema import BUILTIN, ITSELF
from ivr.core.flow.values import NUMERIC, ValueType, coerce

Schema: TypeAlias = Mapping[str, Mapping[str, ValueType]]

NONE: Final = ValueType("none", optional=True)
BOOLEAN: Final = ValueType("boolean")
MOMENTS: Final = ("date", "time", "datetime")
WORDS: Final = {"true": True, "false": False, "none": None}


class ExpressionError(ValueError):
    """What is wrong with an expression, at which column (from 1), and the cure.

    `rule` names the rule in which the fault lies when the expression itself is innocent; `names` are the
    names that nobody knows, for callers who know better.
    """

    def __init__(
        self, message: str, column: int, hint: str = "", rule: str = "", names: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.hint = hint
        self.rule = rule
        self.names = names


@dataclass(frozen=True, slots=True)
class Typed:
    """A rewritten node, its type, and whether it is the same in every call."""

    node: ast.expr
    type: ValueType
    constant: bool = False


def show(kind: ValueType) -> str:
    """A type as authors know it."""
    return "none" if kind.kind == "none" else str(kind)


_ELSEWHERE: Final[Mapping[str, str]] = {
    "null": "none", "None": "none", "nil": "none", "undefined": "none", "NULL": "none",
    "yes": "true", "on": "true", "True": "true", "TRUE": "true",
    "no": "false", "off": "false", "False": "false", "FALSE": "false",
}  # fmt: skip
"""What other languages call the three words of this one."""

SPOKEN: Final = "spoken"
"""Wanted of a value in a text: anything that can be said."""

_PLACES_MAX: Final = 2  # a hint that lists every field of a name helps nobody


def unknown_name_hint(name: str, schema: Schema, rules: Mapping[str, str], wanted: str) -> str:
    """What was probably meant by a name that stands alone; `wanted` is the kind needed in its place."""
    if name in _ELSEWHERE:
        return f"write {_ELSEWHERE[name]}"
    roots = [*schema, *(["rules"] if rules else [])]
    if close := nearest(name, roots, 0.7):
        return f"did you mean {close!r}?"
    own = [root for root in schema if root not in BUILTIN]  # a center's own data is meant most often
    places = [f"{root}.{name}" for root in (*own, *BUILTIN) if name in schema.get(root, ())]
    places += [f"rules.{name}"] * (name in rules)
    if places:
        return f"did you mean {' or '.join(places[:_PLACES_MAX])}?"
    if wanted in NUMERIC:
        return "write a number such as 10, or a name such as customer.months"
    if wanted == "boolean":
        return "name what is read, such as customer.debt > 0"
    if wanted == SPOKEN:
        return "write a value such as {{ customer.name }}; text needs no {{ }}"
    return f"put text in quotes: '{name}'"


class Values:
    """What a check gathers: roots it `needs`, fields it `reads`, functions it `used`, `constants` without a literal."""

    def __init__(self, schema: Schema, rules: Mapping[str, str], parse: Callable[[str], ast.expr]) -> None:
        self.schema = schema
        self.rules = rules
        self.needs: dict[str, None] = {}
        self.reads: set[tuple[str, str]] = set()
        self.used: dict[str, None] = {}
        self.constants: dict[str, Any] = {}
        self.wanted = ""  # the kind that the whole expression has to be, where that is known
        self._parse = parse
        self._present: frozenset[str] = frozenset()
        self._inside: tuple[str, ...] = ()
        self._nodes = 0
        self._depth = 0

    def must_be_condition(self, typed: Typed, node: ast.expr) -> None:
        """Refuse what is not true or false, and what is always the same."""
        self.boolean(typed, node)
        if typed.constant:
            raise self.error(node, "this condition is always the same", "compare something that can change")

    def convert(self, typed: Typed, want: ValueType, node: ast.expr) -> Typed:
        """`typed` as a value of type `want`, converted where no meaning is lost."""
        have = typed.type
        if have.kind == "none":
            if want.optional:
                return typed
            raise self.error(node, f"none does not fit a {want.kind}", f"declare it as {want.kind}?")
        if have.optional and not want.optional:
            raise self.missing(node, have)
        if have.kind == want.kind:
            return typed
        if not have.optional:
            if want.kind == "money" and have.kind in NUMERIC:
                return self.money(typed)
            if want.kind == "number" and have.kind in NUMERIC:  # a percentage is counted like money
                return Typed(self.call("_float", typed.node), ValueType("number"), typed.constant)
            if want.kind in MOMENTS and is_text(typed.node):
                return self.moment(typed, want.kind, node)
        raise self.error(
            node, f"this is {a_kind(have)}, but {a_kind(want)} is needed", _convert_hint(have, want)
        )

    def error(
        self, node: ast.expr, message: str, hint: str = "", names: tuple[str, ...] = ()
    ) -> ExpressionError:
        """The error at a node, or at the rule it was inlined from."""
        rule = self._inside[-1] if self._inside else ""
        return ExpressionError(message, getattr(node, "col_offset", 0) + 1, hint, rule, names)

    def missing(self, node: ast.expr, kind: ValueType) -> ExpressionError:
        """The error for a value that may be missing where one is needed."""
        path = path_of(node) or "x"
        return self.error(
            node,
            f"this value may be missing ({show(kind)})",
            f"write default({path}, ...) or test it first: {path} != none and ...",
        )

    def boolean(self, typed: Typed, node: ast.expr) -> None:
        """Refuse anything but true or false."""
        if typed.type.optional and typed.type.kind == "boolean":
            raise self.missing(node, typed.type)
        if typed.type.kind != "boolean":
            path = path_of(node)
            hint = (
                f"compare it: {path} {'!= ' + chr(39) * 2 if typed.type.kind == 'text' else '> 0'}"
                if path
                else ""
            )
            raise self.error(node, f"a condition has to be true or false, this is {a_kind(typed.type)}", hint)

    def call(self, name: str, *args: ast.expr) -> ast.Call:
        """A call of one of the run-time functions."""
        self.used[name] = None
        return ast.Call(func=ast.Name(name, ast.Load()), args=list(args), keywords=[])

    def constant(self, value: Any) -> ast.expr:
        """A value that Python has no literal for, by a private name."""
        for name, known in self.constants.items():
            if type(known) is type(value) and known == value:
                return ast.Name(name, ast.Load())
        name = f"_k{len(self.constants)}"
        self.constants[name] = value
        return ast.Name(name, ast.Load())

    def money(self, typed: Typed) -> Typed:
        """A numeric value as money."""
        if typed.type.kind == "money":
            return typed
        node = typed.node
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return Typed(self.constant(Decimal(str(node.value))), ValueType("money"), typed.constant)
        return Typed(self.call("_money", node), ValueType("money"), typed.constant)

    def clock(self) -> ast.expr:
        """The node that reads the local time."""
        return self.read("now", ITSELF)

    def unify(self, values: list[Typed], nodes: list[ast.expr]) -> list[Typed]:
        """Values of one common type, or an error at the first that does not fit."""
        kinds = [value.type.kind for value in values if value.type.kind != "none"]
        optional = any(value.type.optional for value in values)
        if kinds and all(kind in NUMERIC for kind in kinds):
            widest = max(kinds, key=NUMERIC.index)
            if widest == "money" and any(kind != "money" for kind in kinds):
                for value, node in zip(values, nodes, strict=True):
                    if value.type.optional and value.type.kind not in ("money", "none"):
                        raise self.missing(node, value.type)
                values = [value if value.type.kind == "none" else self.money(value) for value in values]
        else:
            widest = kinds[0] if kinds else "none"
            for value, node in zip(values, nodes, strict=True):
                if value.type.kind not in (widest, "none"):
                    raise self.error(
                        node, f"{a_kind(value.type)} and {a_kind(ValueType(widest))} do not go together"
                    )
        common = ValueType(widest, optional)
        return [Typed(value.node, common, value.constant) for value in values]

    def read(self, root: str, field: str) -> ast.expr:
        """The node that reads a field of a root (or the root itself) from the scope."""
        self.needs[root] = None
        self.reads.add((root, field))
        node = ast.Subscript(ast.Name("scope", ast.Load()), ast.Constant(root), ast.Load())
        return node if field == ITSELF else ast.Subscript(node, ast.Constant(field), ast.Load())

    def moments(self, typed: list[Typed], nodes: list[ast.expr]) -> list[Typed]:
        """Quoted dates and times beside real ones become such."""
        kind = next((value.type.kind for value in typed if value.type.kind in MOMENTS), "")
        if not kind:
            return typed
        return [
            self.moment(value, kind, node) if is_text(value.node) else value
            for value, node in zip(typed, nodes, strict=True)
        ]

    def moment(self, typed: Typed, kind: str, node: ast.expr) -> Typed:
        """Quoted text as the date or time it says."""
        assert isinstance(typed.node, ast.Constant)
        try:
            value: date | time | datetime = coerce(typed.node.value, ValueType(kind))
        except ValueError as error:
            raise self.error(
                node, str(error), "write it like 2026-12-24, 18:30 or 2026-12-24T18:30"
            ) from None
        return Typed(self.constant(value), ValueType(kind), constant=True)


def path_of(node: ast.expr) -> str:
    """`customer.debt` of a node that reads it, else empty."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def is_none(node: ast.expr) -> bool:
    """Whether a node is the word none."""
    return (isinstance(node, ast.Name) and node.id == "none") or (
        isinstance(node, ast.Constant) and node.value is None
    )


def is_text(node: ast.expr) -> bool:
    """Whether a node is quoted text."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def literal(node: ast.expr) -> bool:
    """Whether a node is a fixed value."""
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in WORDS)


def a_kind(kind: ValueType) -> str:
    """A type with its article: `an integer`, `money`, `text`."""
    name = show(kind)
    if kind.kind in ("money", "text", "none"):
        return name
    return f"{'an' if kind.kind == 'integer' else 'a'} {name}"


def _convert_hint(have: ValueType, want: ValueType) -> str:
    if want.kind == "text":
        return "put text in quotes"
    if want.kind == "integer" and have.kind in NUMERIC:
        return "write round(...)"
    return ""


def describe(node: ast.expr) -> str:
    """What a node is called in messages."""
    names = {
        ast.Lambda: "a lambda",
        ast.Subscript: "square brackets",
        ast.List: "a list",
        ast.Tuple: "a list",
        ast.Dict: "a map",
        ast.Set: "a set",
        ast.JoinedStr: "an f-text",
        ast.ListComp: "a comprehension",
        ast.Constant: "this literal",
        ast.BinOp: "this operator",
    }
    return names.get(type(node), "this")
