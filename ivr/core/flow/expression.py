"""Conditions and values as authors write them: a checked subset of Python's expressions.

`compile_expression` parses the text, checks every name and type against a schema, and makes one code
object over plain dicts with empty builtins: `customer.debt > 0` becomes
`lambda scope: scope['customer']['debt'] > 0`. Nothing else of Python can be reached.
"""

import ast
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

from ivr.core.flow.expression_check import Checker
from ivr.core.flow.expression_functions import RUNTIME
from ivr.core.flow.expression_types import ExpressionError, Schema, Typed
from ivr.core.flow.model import Expression
from ivr.core.flow.values import ValueType
from ivr.limits import EXPRESSION_CHARS_MAX, EXPRESSION_DEPTH_MAX

__all__ = ["ExpressionError", "Schema", "assemble", "compile_expression", "parse_expression"]

_FOREIGN: Final = (
    (re.compile(r"&&"), "'&&' is not understood", "write 'and'"),
    (re.compile(r"\|\|"), "'||' is not understood", "write 'or'"),
    (re.compile(r"!(?!=)"), "'!' is not understood", "write 'not'"),
    (re.compile(r"===|<>"), "this comparison is not understood", "write '==' or '!='"),
    (re.compile(r"(?<![=!<>])=(?!=)"), "'=' does not compare", "write '=='"),
    (re.compile(r"\?"), "'? :' is not understood", "write 'A if CONDITION else B'"),
    (re.compile(r"\*\*"), "'**' is not understood", "multiply instead: x * x"),
    (re.compile(r"//"), "'//' is not understood", "write round(a / b)"),
    (re.compile(r"&(?!&)"), "'&' is not understood", "write 'and'"),
    (re.compile(r"(?<!\|)\|(?!\|)"), "'|' is not understood", "write 'or'; filters are for texts only"),
    (re.compile(r"\{\{|\}\}"), "'{{ }}' is for texts", "write the name alone: customer.debt"),
    (re.compile(r"<<|>>|:=|[@~^{}\\;`$#]"), "this sign is not understood", "leave it out, or quote text"),
)
_QUOTED: Final = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")


def compile_expression(
    text: str,
    schema: Schema,
    rules: Mapping[str, str],
    where: str = "",
    *,
    condition: bool = False,
    want: ValueType | None = None,
    parse: Callable[[str], ast.expr] | None = None,
    dry: bool = False,
) -> Expression:
    """The checked and compiled expression.

    `schema` maps root to field to type; `rules` are named conditions, inlined where `rules.NAME` is
    written; `where` names the place in tracebacks. A `condition` has to be true or false and must not
    be constant; with `want` the value is of that type, converted where no meaning is lost. `parse` may be
    a `parse_expression` that remembers: rules are inlined wherever they are used. A `dry` run only checks:
    what it makes cannot be evaluated.

    Raises:
        ExpressionError: with the column (from 1) and a hint.
    """
    parse = parse or parse_expression
    tree = parse(text)
    checker = Checker(schema, rules, parse)
    checker.wanted = want.kind if want is not None else "boolean" if condition else ""
    typed = checker.check(tree)
    if condition:
        checker.must_be_condition(typed, tree)
    if want is not None:
        typed = checker.convert(typed, want, tree)
    fn = never if dry else assemble(typed, checker, where)
    return Expression(" ".join(text.split()), typed.type, frozenset(checker.needs), fn, typed.constant)


def parse_expression(text: str) -> ast.expr:
    """The syntax tree of an expression within the bounds; columns in it are offsets into `text`.

    Raises:
        ExpressionError: it is empty, too long, too deep, or not an expression.
    """
    if not text.strip():
        raise ExpressionError("an expression is missing", 1, "write a condition such as customer.debt > 0")
    if len(text) > EXPRESSION_CHARS_MAX:
        raise ExpressionError(
            f"the expression has {len(text)} characters, more than {EXPRESSION_CHARS_MAX}",
            1,
            "give its parts names under rules:",
        )
    _refuse_foreign(text)
    flat = re.sub(r"\s", " ", text)
    indent = len(flat) - len(flat.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "1if x" and the like: ours to judge, not to print
            tree = ast.parse(flat[indent:], mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(
            _syntax_message(error), (error.offset or len(flat.strip())) + indent, _syntax_hint(flat)
        ) from None
    except (ValueError, RecursionError, MemoryError, OverflowError):
        raise ExpressionError("the expression cannot be read", 1, "") from None
    _measure(tree, text, indent)
    return tree


def assemble(typed: Typed, checker: Checker, where: str) -> Callable[[dict[str, Any]], Any]:
    """The function `lambda scope: ...` of a checked tree, with nothing of Python in reach."""
    scope = ast.arguments(posonlyargs=[], args=[ast.arg("scope")], kwonlyargs=[], kw_defaults=[], defaults=[])
    tree = ast.Expression(ast.Lambda(args=scope, body=typed.node))
    _place(tree)
    try:
        code = compile(tree, f"<{where or 'expression'}>", "eval")
    except (RecursionError, MemoryError):
        raise ExpressionError(
            "the expression is nested too deeply", 1, "give its parts names under rules:"
        ) from None
    names = {"__builtins__": {}, **{name: RUNTIME[name] for name in checker.used if name in RUNTIME}}
    names.update(checker.constants)
    function: Callable[[dict[str, Any]], Any] = eval(code, names)  # noqa: S307 - built from the checked tree only
    return function


def never(scope: dict[str, Any]) -> Any:
    """The function of what was only checked."""
    raise AssertionError("this was compiled to be checked, not to be run")


def _place(tree: ast.AST) -> None:
    """Give every node the place that Python's compiler insists on."""
    nodes = [tree]
    for node in nodes:  # grows while it is read: twice as fast as `ast.walk`
        if isinstance(node, ast.expr | ast.arg):
            node.lineno = node.end_lineno = 1
            node.col_offset = node.end_col_offset = 0
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.expr | ast.arguments | ast.arg):
                nodes.append(value)
            elif isinstance(value, list):
                nodes += [item for item in value if isinstance(item, ast.AST)]


def _refuse_foreign(text: str) -> None:
    """Other languages' operators, found outside quotes, with the word to write instead."""
    bare = _QUOTED.sub(lambda match: "'" + "_" * (len(match[0]) - 2) + "'", text)
    found = [
        (match.start(), message, hint) for sign, message, hint in _FOREIGN if (match := sign.search(bare))
    ]
    if found:
        start, message, hint = min(found, key=lambda item: item[0])
        if message.startswith("this sign"):
            message = f"the sign {text[start]!r} is not understood"
        raise ExpressionError(message, start + 1, hint)
    if "\\" in text:
        raise ExpressionError("a backslash is not understood", text.index("\\") + 1, "")


_SYNTAX: Final = (
    ("was never closed", "a bracket is not closed"),
    ("unmatched", "a bracket is closed that was not opened"),
    ("does not match", "a bracket is closed with one of another kind"),
    ("unterminated", "a quote is not closed"),
    ("decimal literal", "a number runs into a word"),
    ("leading zeros", "a number begins with 0"),
    ("invalid character", "a sign is not of this language"),
    ("expected 'else'", "'if' needs its 'else'"),
    ("assign", "nothing can be assigned here"),
)
"""Part of what Python's parser says, and what an author is told."""


def _syntax_message(error: SyntaxError) -> str:
    reason = error.msg or ""
    own = next((ours for theirs, ours in _SYNTAX if theirs in reason), "")
    return f"the expression cannot be read: {own}" if own else "the expression cannot be read from here on"


def _syntax_hint(text: str) -> str:
    if word := re.search(
        r"\.(from|class|is|in|not|and|or|if|else|for|while|def|import|pass|global|lambda)\b", text
    ):
        return f"{word[1]!r} is a word of the language and cannot be a field's name"
    if text.count("'") % 2 or text.count('"') % 2:
        return "a quote is not closed"
    return "write it like: customer.debt > 0 and not customer.vip"


def _measure(tree: ast.expr, text: str, indent: int) -> None:
    """Depth within the bound; byte offsets of the parser become columns of `text`."""
    ascii_only = text.isascii()
    raw = text[indent:].encode()
    level = [tree]
    for _ in range(EXPRESSION_DEPTH_MAX):
        below: list[ast.expr] = []
        for node in level:
            offset = node.col_offset if ascii_only else len(raw[: node.col_offset].decode(errors="replace"))
            node.col_offset = offset + indent
            below += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        if not below:
            return
        level = below
    raise ExpressionError(
        f"the expression is nested more than {EXPRESSION_DEPTH_MAX} deep",
        1,
        "give its parts names under rules:",
    )
