"""Spoken texts with values in them, such as `Your balance is {{ customer.debt | money }}.`.

The syntax is Jinja2's, parsed by its sandboxed environment and cut down to variables, our filters and
`if`; the tree then goes through the type checker of conditions and becomes one code object. So text
and conditions share names, types, rules and hints, no attribute of any object can be reached, and
rendering costs a tenth of a Jinja template's.
"""

import ast
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ivr.core.flow.expression import ExpressionError, Schema, assemble, never, parse_expression
from ivr.core.flow.expression_check import Checker
from ivr.core.flow.expression_types import SPOKEN, Typed
from ivr.core.flow.model import Scope, Template
from ivr.core.flow.nearness import did_you_mean
from ivr.core.flow.values import NUMERIC, ValueType
from ivr.language import speech
from ivr.language.template_faults import first_sign, syntax_problem, tag_of
from ivr.limits import TEXT_CHARS_MAX

_TEXT: Final = ValueType("text")
_NESTED_MAX: Final = 20  # ifs inside ifs; a text that needs more is several texts

_COMPARE: Final[Mapping[str, Callable[[], ast.cmpop]]] = {
    "eq": ast.Eq,
    "ne": ast.NotEq,
    "gt": ast.Gt,
    "gteq": ast.GtE,
    "lt": ast.Lt,
    "lteq": ast.LtE,
    "in": ast.In,
    "notin": ast.NotIn,
}

FILTERS: Final[Mapping[str, tuple[str, tuple[str, ...], str]]] = {
    "money": ("money", NUMERIC, "an amount with its currency"),
    "percent": ("percent", NUMERIC, "'30 percent'"),
    "digits": ("digits", ("text", "integer"), "digits one by one"),
    "date": ("day", ("date", "datetime"), "a date with its year"),
    "time": ("clock", ("time", "datetime"), "a time of day"),
    "day_and_time": ("day_and_time", ("datetime",), "weekday, date and time"),
    "minutes": ("minutes", NUMERIC, "seconds as whole minutes"),
    "ordinal": ("ordinal", ("integer",), "'first', 'second'"),
}
"""Filter name to the function of `ivr.language.speech`, the kinds it takes, and what it says."""


class TemplateError(ValueError):
    """What is wrong with a text: line and column inside it (from 1), the cure, and what is unknown in it."""

    def __init__(
        self,
        message: str,
        line: int,
        column: int,
        hint: str = "",
        rule: str = "",
        names: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint
        self.rule = rule
        self.names = names


def compile_template(
    text: str,
    schema: Schema,
    rules: Mapping[str, str],
    *,
    language: str,
    currency: str,
    where: str = "",
    dry: bool = False,
) -> Template:
    """The checked and compiled text; values are spoken in the `language` the text is written in.

    A `dry` run only checks: a text with values in it cannot be said afterwards.

    Raises:
        TemplateError: with line and column inside the text, and a hint.
    """
    if len(text) > TEXT_CHARS_MAX:
        raise TemplateError(
            f"the text is longer than {TEXT_CHARS_MAX} characters", 1, 1, "make it several texts"
        )
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return constant_template(text)
    checker = _TextChecker(schema, rules, language, currency)
    try:
        tree = _environment().parse(text)
    except TemplateSyntaxError as error:
        line = min(error.lineno, text.count("\n") + 1)
        column = first_sign(text, line)
        message, hint = syntax_problem(error, text, FILTERS)
        raise TemplateError(message, line, column, hint) from None
    except (RecursionError, MemoryError, ValueError):
        raise TemplateError("the text cannot be read", 1, 1) from None
    try:
        body = _Translation(text, checker).render(tree.body)
        if dry and checker.needs:
            return Template(text, frozenset(checker.needs), never)
        fn = assemble(Typed(body, _TEXT), checker, where or "text")
    except ExpressionError as error:
        if error.rule:
            raise TemplateError(error.message, 1, 1, error.hint, error.rule, error.names) from None
        before = text[: error.column - 1]
        line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
        raise TemplateError(error.message, line, column, error.hint, names=error.names) from None
    if not checker.needs:
        return constant_template(fn({}))
    return Template(text, frozenset(checker.needs), fn, ("queue", "wait") in checker.reads)


def constant_template(text: str) -> Template:
    """A text without values: nothing is computed when it is spoken."""
    tidy = speech.tidy(text, TEXT_CHARS_MAX)

    def say(scope: Scope) -> str:
        return tidy

    return Template(tidy, frozenset(), say)


def join_templates(parts: list[Template]) -> Template:
    """Several texts spoken as one, with spaces between."""
    if all(not part.needs for part in parts):
        return constant_template(" ".join(part.source for part in parts))
    functions = tuple(part.fn for part in parts)

    def say(scope: Scope) -> str:
        return " ".join([text for function in functions if (text := function(scope))])

    needs = frozenset().union(*(part.needs for part in parts))
    source, tells_wait = " ".join(part.source for part in parts), any(part.tells_wait for part in parts)
    return Template(source, needs, say, tells_wait)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)


class _TextChecker(Checker):
    """The checker of conditions, with filters as calls of `|name`."""

    def __init__(self, schema: Schema, rules: Mapping[str, str], language: str, currency: str) -> None:
        super().__init__(schema, rules, parse_expression)
        self.language = language
        self.currency = currency
        self.wanted = SPOKEN

    def _call(self, node: ast.Call) -> Typed:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if not name.startswith("|"):
            return super()._call(node)
        value, part = self.check(node.args[0]), node.args[0]
        if name == "|default":
            return self._default(node, value)
        function, kinds, _ = FILTERS[name[1:]]
        if value.type.optional and value.type.kind in kinds:
            raise self.error(
                part, f"this value may be missing ({value.type})", "write | default(...) before the filter"
            )
        if value.type.kind not in kinds:
            other = next((f for f, (_, takes, _) in FILTERS.items() if value.type.kind in takes), "")
            hint = f"for a {value.type.kind} write | {other}" if other else ""
            raise self.error(node, f"'{name[1:]}' does not speak a {value.type.kind}", hint)
        return Typed(self.speak(function, value), _TEXT, value.constant)

    def _default(self, node: ast.Call, value: Typed) -> Typed:
        if not value.type.optional:
            raise self.error(node, "this value is never missing", "leave '| default' out")
        instead = self.convert(self.check(node.args[1]), ValueType(value.type.kind), node.args[1])
        return Typed(self.call("_default", value.node, instead.node), ValueType(value.type.kind))

    def speak(self, function: str, value: Typed) -> ast.expr:
        """The call of a function of `ivr.language.speech`."""
        name = "_say_" + function
        self.constants[name] = getattr(speech, function)
        args = [value.node]
        if function in ("money", "percent"):
            args = [self.money(value).node]
        if function == "money":
            args.append(ast.Constant(self.currency))
        if function not in ("digits", "integer", "decimal"):
            args.append(ast.Constant(self.language))
        return ast.Call(func=ast.Name(name, ast.Load()), args=args, keywords=[])

    def spoken(self, node: ast.expr) -> ast.expr:
        """A value as text, the way its type is said without a filter."""
        value = self.check(node)
        kind = value.type.kind
        if value.type.optional:
            raise self.error(node, f"this value may be missing ({value.type})", "write | default('...')")
        if kind == "text":
            return value.node
        if kind in ("integer", "number", "money"):
            return self.speak({"integer": "integer", "number": "number", "money": "decimal"}[kind], value)
        if kind == "boolean":
            raise self.error(node, "true or false is not spoken", "write {{ 'yes' if ... else 'no' }}")
        filters = " or ".join(f"| {name}" for name, (_, kinds, _) in FILTERS.items() if kind in kinds)
        raise self.error(node, f"a {kind} needs to know how it is said", f"write {filters}")


class _Translation:
    """From Jinja's tree to Python's; columns are offsets into the whole text, found by name."""

    def __init__(self, text: str, checker: _TextChecker) -> None:
        self._text = text
        self._checker = checker
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._cursor = 0
        self._nested = 0

    def render(self, body: list[nodes.Node]) -> ast.expr:
        """The whole text as one expression that is tidied at the end."""
        self._checker.constants["_tidy"] = speech.tidy
        return ast.Call(
            func=ast.Name("_tidy", ast.Load()),
            args=[self._join(body), ast.Constant(TEXT_CHARS_MAX)],
            keywords=[],
        )

    def _join(self, body: list[nodes.Node]) -> ast.expr:
        parts: list[ast.expr] = []
        for node in body:
            if isinstance(node, nodes.Output):
                parts += [self._output(part) for part in node.nodes]
            elif isinstance(node, nodes.If):
                parts.append(self._if(node))
            else:
                raise self._error(node, f"'{tag_of(node)}' cannot be used in a text", "only {% if %} is")
        values: list[ast.expr] = [
            part if isinstance(part, ast.Constant) else ast.FormattedValue(part, -1, None) for part in parts
        ]
        return ast.JoinedStr(values)

    def _output(self, node: nodes.Expr) -> ast.expr:
        if isinstance(node, nodes.TemplateData):
            return ast.Constant(node.data)
        return self._checker.spoken(self._translate(node))

    def _if(self, node: nodes.If) -> ast.expr:
        self._nested += 1
        if self._nested > _NESTED_MAX or len(node.elif_) > _NESTED_MAX:
            raise self._error(node, "too many ifs in one text", "make it several texts")
        tests = [(node.test, node.body), *((branch.test, branch.body) for branch in node.elif_)]
        pairs = []
        for test, body in tests:
            tree = self._translate(test)
            typed = self._checker.check(tree)
            self._checker.must_be_condition(typed, tree)
            self._checker.assume(tree)
            pairs.append((typed.node, self._join(body)))
            self._checker.assume(None)
        result: ast.expr = self._join(node.else_) if node.else_ else ast.Constant("")
        for condition, body_node in reversed(pairs):
            result = ast.IfExp(condition, body_node, result)
        self._nested -= 1
        return result

    def _translate(self, node: nodes.Node) -> ast.expr:
        self._nested += 1
        if self._nested > 4 * _NESTED_MAX:
            raise self._error(node, "the text is nested too deeply", "")
        tree = self._one(node)
        self._nested -= 1
        return tree

    def _one(self, node: nodes.Node) -> ast.expr:
        match node:
            case nodes.Name():
                return self._at(node, node.name, ast.Name(node.name, ast.Load()))
            case nodes.Getattr(node=nodes.Name() as root):
                name = ast.Name(root.name, ast.Load())
                return self._at(node, f"{root.name}.{node.attr}", ast.Attribute(name, node.attr, ast.Load()))
            case nodes.Const(value=bool() | int() | float() | str() | None):
                return self._here(node, ast.Constant(node.value))
            case nodes.Neg():
                return self._here(node, ast.UnaryOp(ast.USub(), self._translate(node.node)))
            case nodes.Not():
                return self._here(node, ast.UnaryOp(ast.Not(), self._translate(node.node)))
            case nodes.And() | nodes.Or():
                op: ast.boolop = ast.And() if isinstance(node, nodes.And) else ast.Or()
                return self._here(
                    node, ast.BoolOp(op, [self._translate(node.left), self._translate(node.right)])
                )
            case nodes.CondExpr():
                test = self._translate(node.test)
                other = self._translate(node.expr2) if node.expr2 is not None else ast.Constant("")
                return self._here(node, ast.IfExp(test, self._translate(node.expr1), other))
            case nodes.Compare():
                left = self._translate(node.expr)
                ops = [_COMPARE[part.op]() for part in node.ops]
                return self._here(
                    node, ast.Compare(left, ops, [self._translate(part.expr) for part in node.ops])
                )
            case nodes.List() | nodes.Tuple():
                return self._here(node, ast.List([self._translate(item) for item in node.items], ast.Load()))
            case nodes.Test():
                return self._test(node)
            case nodes.Filter():
                return self._filter(node)
            case nodes.Concat():
                raise self._error(node, "'~' cannot be used in a text", "write the values one after another")
            case nodes.BinExpr() | nodes.UnaryExpr():
                raise self._error(
                    node, "arithmetic cannot be used in a text", "compute it with 'set:' before"
                )
            case nodes.Call():
                raise self._error(
                    node, "functions cannot be called in a text", f"filters: {', '.join(FILTERS)}"
                )
        raise self._error(node, "only names such as customer.debt can be read", "")

    def _test(self, node: nodes.Test) -> ast.expr:
        if node.name not in ("none", "defined") or node.args:
            raise self._error(node, f"the test '{node.name}' is not known", "write 'is none' or 'is defined'")
        op = ast.Is() if node.name == "none" else ast.IsNot()
        return self._here(node, ast.Compare(self._translate(node.node), [op], [ast.Constant(None)]))

    def _filter(self, node: nodes.Filter) -> ast.expr:
        if node.node is None or (node.name not in FILTERS and node.name != "default"):
            known = [*FILTERS, "default"]
            raise self._error(
                node, f"there is no filter '{node.name}'", did_you_mean(node.name, known), node.name
            )
        value = self._translate(node.node)
        wanted = 1 if node.name == "default" else 0
        if (
            len(node.args) != wanted
            or node.kwargs
            or node.dyn_args is not None
            or node.dyn_kwargs is not None
        ):
            usage = "write | default('...')" if wanted else f"write | {node.name}"
            raise self._error(node, f"'{node.name}' takes other arguments", usage, node.name)
        args = [value, *(self._translate(arg) for arg in node.args)]
        call = ast.Call(func=ast.Name("|" + node.name, ast.Load()), args=args, keywords=[])
        return self._at(node, node.name, call)

    def _at(self, node: nodes.Node, name: str, tree: ast.expr) -> ast.expr:
        """Give a tree the offset at which its name is written, searching from the last one found."""
        start = self._starts[min(max(node.lineno - 1, 0), len(self._starts) - 1)]
        found = self._text.find(name, max(start, self._cursor))
        if found < 0:
            found = max(self._text.find(name, start), start)
        self._cursor = found
        tree.col_offset = found
        return tree

    def _here(self, node: nodes.Node, tree: ast.expr) -> ast.expr:
        start = self._starts[min(max(node.lineno - 1, 0), len(self._starts) - 1)]
        children = [c.col_offset for c in ast.iter_child_nodes(tree) if hasattr(c, "col_offset")]
        opening = self._text.find("{", max(start, self._cursor))
        tree.col_offset = min(children) if children else max(start, self._cursor, opening, 0)
        return tree

    def _error(self, node: nodes.Node, message: str, hint: str, name: str = "") -> ExpressionError:
        start = self._starts[min(max(node.lineno - 1, 0), len(self._starts) - 1)]
        found = self._text.find(name or "{", max(start, self._cursor))
        return ExpressionError(message, max(found, start) + 1, hint)
