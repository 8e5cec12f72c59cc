"""The type checker of expressions: from a parsed tree to one that reads plain dicts.

Every visit gives the rewritten node with its type. Values that may be missing (`T?`) have to be
tested first; a test narrows the type to its right in `and`, `or` and `A if C else B`.
"""

import ast
import math
from typing import Final

from ivr.core.flow.expression_types import (
    BOOLEAN,
    MOMENTS,
    NONE,
    WORDS,
    ExpressionError,
    Typed,
    Values,
    a_kind,
    describe,
    is_none,
    literal,
    path_of,
    unknown_name_hint,
)
from ivr.core.flow.nearness import did_you_mean
from ivr.core.flow.scope_schema import ITSELF
from ivr.core.flow.values import NUMERIC, ValueType

NODES_MAX: Final = 2_000  # rules may use rules: keeps what is inlined from doubling without end
DEPTH_MAX: Final = 100  # the checker and Python's compiler recurse once a level
_OPERATORS: Final = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%"}


class Checker(Values):
    """Checks one expression; `needs`, `used` and `constants` fill up while it does."""

    def check(self, node: ast.expr) -> Typed:
        """The typed form of a node; ExpressionError for anything that is not in the language."""
        self._nodes += 1
        self._depth += 1
        if self._nodes > NODES_MAX or self._depth > DEPTH_MAX:
            raise self.error(
                node, "the rules used here are nested too deeply", "use fewer rules inside rules"
            )
        visit = _VISITORS.get(type(node))
        if visit is None:
            raise self.error(node, f"{describe(node)} cannot be used here", "")
        typed: Typed = getattr(self, visit)(node)
        self._depth -= 1
        return typed

    def assume(self, node: ast.expr | None) -> None:
        """From now on, take the values as present that `node` being true says are; None forgets them."""
        self._present = _narrowed(node)[0] if node is not None else frozenset()

    def _name(self, node: ast.Name) -> Typed:
        if node.id in WORDS:
            value = WORDS[node.id]
            return Typed(ast.Constant(value), NONE if value is None else BOOLEAN, constant=True)
        fields = self.schema.get(node.id)
        if fields is None and node.id == "rules":
            raise self.error(node, "a rule's name is missing", did_you_mean("", self.rules))
        if fields is None:
            hint = unknown_name_hint(
                node.id, self.schema, self.rules, self.wanted if self._depth == 1 else ""
            )
            raise self.error(node, f"unknown name {node.id!r}", hint, (node.id,))
        if ITSELF not in fields:
            some = next(iter(fields), "FIELD")
            raise self.error(
                node, f"{node.id!r} is a group of values", f"name one of them, such as {node.id}.{some}"
            )
        return Typed(self.read(node.id, ITSELF), fields[ITSELF])

    def _attribute(self, node: ast.Attribute) -> Typed:
        if not isinstance(node.value, ast.Name):
            raise self.error(node, "only names such as customer.debt can be read", "")
        root, field = node.value.id, node.attr
        if root == "rules":
            return self._rule(node)
        fields = self.schema.get(root)
        if fields is None:
            known = [*self.schema, *(["rules"] if self.rules else [])]
            raise self.error(node, f"unknown name {root!r}", did_you_mean(root, known), (root,))
        if ITSELF in fields:
            raise self.error(node, f"{root!r} has no fields", f"write {root}")
        kind = fields.get(field)
        if kind is None:
            hint = did_you_mean(field, fields)
            if root == "vars" and not hint.startswith("did you mean"):
                hint = f"declare it at the top: vars: {{ {field}: text }}"
            raise self.error(node, f"{root!r} has no field {field!r}", hint, (field, root))
        if kind.kind not in _KNOWN_KINDS:
            raise self.error(node, f"{root}.{field} has different types in different requests", kind.kind)
        if kind.optional and f"{root}.{field}" in self._present:
            kind = ValueType(kind.kind)
        if root == "result":  # what it holds depends on what answered last
            return Typed(self.call("_field", self.read(root, ITSELF), ast.Constant(field)), kind)
        return Typed(self.read(root, field), kind)

    def _rule(self, node: ast.Attribute) -> Typed:
        name = node.attr
        source = self.rules.get(name)
        if source is None:
            raise self.error(
                node, f"there is no rule {name!r}", did_you_mean(name, self.rules), (name, "rules")
            )
        if name in self._inside:
            circle = " -> ".join([*self._inside[self._inside.index(name) :], name])
            raise self.error(node, f"rules use each other in a circle: {circle}", "")
        present, self._present = self._present, frozenset()
        self._inside += (name,)
        try:
            tree = self._parse(source)
        except ExpressionError as error:
            raise ExpressionError(error.message, error.column, error.hint, name) from None
        typed = self.check(tree)
        self._inside = self._inside[:-1]
        self._present = present
        return typed

    def _constant(self, node: ast.Constant) -> Typed:
        value = node.value
        if isinstance(value, bool) or value is None:
            return Typed(ast.Constant(value), NONE if value is None else BOOLEAN, constant=True)
        if isinstance(value, str):
            return Typed(ast.Constant(value), ValueType("text"), constant=True)
        if isinstance(value, int):
            return Typed(ast.Constant(value), ValueType("integer"), constant=True)
        if isinstance(value, float) and math.isfinite(value):
            return Typed(ast.Constant(value), ValueType("number"), constant=True)
        raise self.error(node, f"{describe(node)} cannot be used here", "")

    # Logic -----------------------------------------------------------------------------------------------

    def _operand(self, node: ast.expr) -> Typed:
        typed = self.check(node)
        self.boolean(typed, node)
        if typed.constant:
            raise self.error(node, "this part of the condition is always the same", "leave it out")
        return typed

    def _bool_op(self, node: ast.BoolOp) -> Typed:
        before = self._present
        parts = []
        for value in node.values:
            parts.append(self._operand(value).node)
            when_true, when_false = _narrowed(value)
            self._present |= when_true if isinstance(node.op, ast.And) else when_false
        self._present = before
        return Typed(ast.BoolOp(node.op, parts), BOOLEAN)

    def _if_exp(self, node: ast.IfExp) -> Typed:
        test = self._operand(node.test)
        before = self._present
        when_true, when_false = _narrowed(node.test)
        self._present = before | when_true
        body = self.check(node.body)
        self._present = before | when_false
        other = self.check(node.orelse)
        self._present = before
        body, other = self.unify([body, other], [node.body, node.orelse])
        return Typed(ast.IfExp(test.node, body.node, other.node), body.type)

    def _unary(self, node: ast.UnaryOp) -> Typed:
        if isinstance(node.op, ast.Not):
            return Typed(ast.UnaryOp(ast.Not(), self._operand(node.operand).node), BOOLEAN)
        typed = self.check(node.operand)
        if not isinstance(node.op, ast.USub) or typed.type.kind not in NUMERIC:
            raise self.error(node, f"{a_kind(typed.type)} has no sign", "")
        if typed.type.optional:
            raise self.missing(node.operand, typed.type)
        if isinstance(typed.node, ast.Constant) and isinstance(typed.node.value, int | float):
            return Typed(ast.Constant(-typed.node.value), typed.type, constant=True)
        return Typed(ast.UnaryOp(ast.USub(), typed.node), typed.type, typed.constant)

    # Comparing -------------------------------------------------------------------------------------------

    def _compare(self, node: ast.Compare) -> Typed:
        nodes = [node.left, *node.comparators]
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
            return self._membership(node, node.ops[0])
        if any(isinstance(op, ast.In | ast.NotIn) for op in node.ops):
            raise self.error(
                node, "'in' cannot be part of a chain of comparisons", "join two comparisons with 'and'"
            )
        typed = [self.check(part) for part in nodes]
        if any(value.type.kind == "none" for value in typed):
            return self._none_test(node, typed)
        if any(isinstance(op, ast.Is | ast.IsNot) for op in node.ops):
            raise self.error(node, "'is' compares only with none", "write '=='")
        for value, part in zip(typed, nodes, strict=True):
            if value.type.optional:
                raise self.missing(part, value.type)
        typed = self.moments(typed, nodes)
        typed = self.unify(typed, nodes)
        for op, left, right in zip(node.ops, nodes, nodes[1:], strict=False):
            if typed[0].type.kind == "boolean" and not isinstance(op, ast.Eq | ast.NotEq):
                raise self.error(node, "true and false have no order", "")
            same = type(left) is type(right) and ast.dump(left) == ast.dump(right)
            if same or (literal(left) and literal(right)):
                raise self.error(left, "this comparison is always the same", "compare with something else")
        constant = all(value.constant for value in typed)
        return Typed(
            ast.Compare(typed[0].node, node.ops, [value.node for value in typed[1:]]), BOOLEAN, constant
        )

    def _none_test(self, node: ast.Compare, typed: list[Typed]) -> Typed:
        op = node.ops[0]
        if len(node.ops) != 1 or not isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
            raise self.error(node, "none has no order", "write 'x == none' or 'x != none'")
        value, part = (
            (typed[0], node.left) if typed[1].type.kind == "none" else (typed[1], node.comparators[0])
        )
        if not value.type.optional or value.type.kind == "none":
            raise self.error(
                part, "this value is never missing, so the comparison is always the same", "leave it out"
            )
        kind = ast.Is() if isinstance(op, ast.Eq | ast.Is) else ast.IsNot()
        return Typed(ast.Compare(value.node, [kind], [ast.Constant(None)]), BOOLEAN)

    def _membership(self, node: ast.Compare, op: ast.cmpop) -> Typed:
        left, right = self.check(node.left), node.comparators[0]
        if left.type.optional:
            raise self.missing(node.left, left.type)
        if isinstance(right, ast.List | ast.Tuple):
            if not right.elts:
                raise self.error(right, "an empty list contains nothing", "")
            items = [self.check(item) for item in right.elts]
            for item, part in zip(items, right.elts, strict=True):
                if not item.constant or item.type.kind == "none":
                    raise self.error(part, "a list holds only fixed values", "")
            parts = [node.left, *right.elts]
            values = self.unify(self.moments([left, *items], parts), parts)
            members = ast.Tuple([value.node for value in values[1:]], ast.Load())
            return Typed(ast.Compare(values[0].node, [op], [members]), BOOLEAN, left.constant)
        text = self.check(right)
        if text.type.optional:
            raise self.missing(right, text.type)
        if left.type.kind != "text" or text.type.kind != "text":
            raise self.error(right, "'in' needs a list such as ['a', 'b'], or text in text", "")
        return Typed(ast.Compare(left.node, [op], [text.node]), BOOLEAN, left.constant and text.constant)

    # Computing -------------------------------------------------------------------------------------------

    def _bin_op(self, node: ast.BinOp) -> Typed:
        sign = _OPERATORS.get(type(node.op))
        if sign is None:
            raise self.error(node, f"{describe(node)} cannot be used here", "")
        left, right = self.check(node.left), self.check(node.right)
        for value, part in ((left, node.left), (right, node.right)):
            if value.type.optional:
                raise self.missing(part, value.type)
        kinds = (left.type.kind, right.type.kind)
        constant = left.constant and right.constant
        if sign == "+" and kinds == ("text", "text"):
            return Typed(ast.BinOp(left.node, node.op, right.node), ValueType("text"), constant)
        if any(kind not in NUMERIC for kind in kinds):
            hint = "use days_since() or months_since()" if set(kinds) & set(MOMENTS) else ""
            raise self.error(
                node, f"'{sign}' does not work on {a_kind(left.type)} and {a_kind(right.type)}", hint
            )
        if sign in "/%" and isinstance(right.node, ast.Constant) and right.node.value == 0:
            raise self.error(node.right, "division by zero", "")
        if "money" in kinds:
            return self._with_money(node, sign, left, right)
        result = "integer" if kinds == ("integer", "integer") and sign != "/" else "number"
        return Typed(ast.BinOp(left.node, node.op, right.node), ValueType(result), constant)

    def _with_money(self, node: ast.BinOp, sign: str, left: Typed, right: Typed) -> Typed:
        constant = left.constant and right.constant
        both = left.type.kind == right.type.kind
        if (sign == "*" and both) or sign == "%" or (sign == "/" and left.type.kind != "money"):
            raise self.error(
                node, f"'{sign}' does not work on {a_kind(left.type)} and {a_kind(right.type)}", ""
            )
        left, right = (self.money(value) if value.type.kind == "number" else value for value in (left, right))
        result: ast.expr = ast.BinOp(left.node, node.op, right.node)
        if sign == "/" and both:
            return Typed(self.call("_float", result), ValueType("number"), constant)
        return Typed(result, ValueType("money"), constant)

    def _call(self, node: ast.Call) -> Typed:
        from ivr.core.flow.expression_calls import CALLS

        if not isinstance(node.func, ast.Name):
            raise self.error(node, "only the language's own functions can be called", ", ".join(CALLS))
        call = CALLS.get(node.func.id)
        if call is None:
            raise self.error(
                node, f"there is no function {node.func.id!r}", did_you_mean(node.func.id, CALLS)
            )
        if node.keywords or any(isinstance(arg, ast.Starred) for arg in node.args):
            raise self.error(node, "arguments are written in order, without names", call.usage)
        if not call.least <= len(node.args) <= call.most:
            raise self.error(node, f"{node.func.id}() takes other arguments", f"write {call.usage}")
        return call.check(self, node, [self.check(arg) for arg in node.args])


_KNOWN_KINDS: Final = frozenset(("text", "integer", "number", "money", "boolean", "none", *MOMENTS))
_VISITORS: Final = {
    ast.Name: "_name",
    ast.Attribute: "_attribute",
    ast.Constant: "_constant",
    ast.BoolOp: "_bool_op",
    ast.IfExp: "_if_exp",
    ast.UnaryOp: "_unary",
    ast.Compare: "_compare",
    ast.BinOp: "_bin_op",
    ast.Call: "_call",
}


def _narrowed(node: ast.expr) -> tuple[frozenset[str], frozenset[str]]:
    """The values that are surely there when the node is true, and when it is false."""
    nothing: frozenset[str] = frozenset()
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        when_true, when_false = _narrowed(node.operand)
        return when_false, when_true
    if isinstance(node, ast.BoolOp):
        pairs = [_narrowed(value) for value in node.values]
        if isinstance(node.op, ast.And):
            return nothing.union(*(pair[0] for pair in pairs)), nothing
        return nothing, nothing.union(*(pair[1] for pair in pairs))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "has" and node.args:
        return frozenset({path_of(node.args[0])}), nothing
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        sides = (node.left, node.comparators[0])
        paths = frozenset(path_of(side) for side in sides if not is_none(side))
        if any(is_none(side) for side in sides):
            return (nothing, paths) if isinstance(node.ops[0], ast.Eq | ast.Is) else (paths, nothing)
    return nothing, nothing
