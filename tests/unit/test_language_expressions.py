"""Expressions: what they mean, what is refused, and where the fault is shown."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from ivr.core.flow.expression import ExpressionError, compile_expression
from ivr.core.flow.expression_functions import months_since
from ivr.core.flow.scope_schema import BUILTIN
from ivr.core.flow.values import ValueType, parse_type

_FIELDS = "name:text tier:text active:boolean months:integer price:money debt:money score:number left_on:date? nick:text? since:date"
SCHEMA = {
    **BUILTIN,
    "customer": {name: parse_type(kind) for name, kind in (part.split(":") for part in _FIELDS.split())},
    "result": {"reference": ValueType("it is text after a, integer after b"), "code": ValueType("text")},
    "vars": {"tries": ValueType("integer")},
}
RULES = {
    "owes": "customer.debt > 0",
    "bad": "customer.debt >",
    "loyal": "customer.months >= 12 and not rules.owes",
    "a": "rules.b",
    "b": "not rules.a",
}
SCOPE: dict[str, Any] = {
    "customer": {
        "name": "Ada",
        "tier": "gold",
        "active": False,
        "months": 14,
        "price": Decimal("29.90"),
        "debt": Decimal("12.50"),
        "score": 0.5,
        "left_on": date(2026, 5, 31),
        "nick": None,
        "since": date(2025, 1, 31),
    },
    "offer": {"step": 1, "percent": Decimal(30)},
    "queue": {"wait": float("inf")},
    "result": {"code": "x"},
    "vars": {"tries": 3},
    "now": datetime(2026, 11, 30, 22, 15),  # noqa: DTZ001 - local time of the center
}


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("customer.debt > 0 and offer.step < 2", True, "boolean"),
        ("customer.debt == 12.50", True, "boolean"),
        ("customer.price == 29.90", True, "boolean"),
        ("customer.price * 0.5", Decimal("14.95"), "money"),
        ("customer.price * customer.score", Decimal("14.950"), "money"),
        ("customer.price / 2", Decimal("14.95"), "money"),
        ("customer.price / customer.price", 1.0, "number"),
        ("customer.price + 1", Decimal("30.90"), "money"),
        ("-customer.price", Decimal("-29.90"), "money"),
        ("7 / 2", 3.5, "number"),
        ("7 % 2", 1, "integer"),
        ("round(customer.price)", Decimal(30), "money"),
        ("round(customer.debt + 0.125, 2)", Decimal("12.63"), "money"),
        ("round(2.6)", 3, "integer"),
        ("min(customer.debt, 5)", Decimal(5), "money"),
        ("max(1, 2, 3)", 3, "integer"),
        ("10 if rules.owes else 0", 10, "integer"),
        ("rules.loyal", False, "boolean"),
        ("customer.tier in ['gold', 'silver']", True, "boolean"),
        ("'d' in customer.name", True, "boolean"),
        ("0 < customer.months <= 14", True, "boolean"),
        ("customer.tier != 'x' or customer.active", True, "boolean"),
        ("customer.nick == none", True, "boolean"),
        ("customer.nick is none", True, "boolean"),
        ("customer.left_on != none and months_since(customer.left_on) >= 6", True, "boolean"),
        ("has(customer.nick) and customer.nick == 'x'", False, "boolean"),
        ("customer.nick == none or customer.nick == 'x'", True, "boolean"),
        ("customer.nick if customer.nick != none else 'you'", "you", "text"),
        ("default(customer.nick, 'you')", "you", "text"),
        ("days_since(customer.since)", 668, "integer"),
        ("months_since(customer.since)", 22, "integer"),
        ("hour_between(22, 6)", True, "boolean"),
        ("hour_between(8, 20)", False, "boolean"),
        ("customer.since < '2025-02-01'", True, "boolean"),
        ("len(customer.name) == 3", True, "boolean"),
        ("lower(customer.name) + '!'", "ada!", "text"),
        ("queue.wait > 180", True, "boolean"),
        ("result.code == 'x'", True, "boolean"),
        ("vars.tries + 1", 4, "integer"),
        ("true", True, "boolean"),
        ("not customer.active\n  and customer.debt > 0", True, "boolean"),
    ],
)
def test_values(text: str, value: object, kind: str) -> None:
    expression = compile_expression(text, SCHEMA, RULES)
    got = expression.fn(SCOPE)
    assert got == value
    assert type(got) is type(value)
    assert expression.type.kind == kind


@pytest.mark.parametrize(
    ("text", "column", "message", "hint"),
    [
        ("customer.dept > 0", 1, "no field 'dept'", "debt"),
        ("customer.debt > 0 and custmer.debt > 1", 23, "unknown name", "customer"),
        ("customer.tier == business", 18, "unknown name", "'business'"),
        ("rules.ows", 1, "no rule", "owes"),
        ("customer.nick == null", 18, "unknown name", "write none"),
        ("customer.active == yes", 20, "unknown name", "write true"),
        ("name == 'Ada'", 1, "unknown name", "customer.name or caller.name"),
        ("owes and customer.active", 1, "unknown name", "rules.owes"),
        ("vars.wish == 'x'", 1, "no field 'wish'", "declare it at the top: vars: { wish: text }"),
        ("vars.trise == 1", 1, "no field 'trise'", "'tries'"),
        ("customer.months ** 2 > 4", 17, "'**'", "x * x"),
        ("customer.months // 2 > 4", 17, "'//'", "round"),
        ("customer.months ^ 2 > 4", 17, "'^'", ""),
        ("{{ customer.debt }} > 0", 1, "'{{ }}'", "customer.debt"),
        ("customer.debt > (3", 17, "a bracket is not closed", ""),
        ("customer.debt > 3)", 18, "not opened", ""),
        ("customer.debt > 3 4", 19, "cannot be read", ""),
        ("a && b", 3, "&&", "and"),
        ("a || b", 3, "||", "or"),
        ("!customer.active", 1, "!", "not"),
        ("customer.debt = 3", 15, "=", "=="),
        ("customer.active ? 1 : 2", 17, "? :", "if"),
        ("customer.tier > 5", 17, "do not go together", ""),
        ("customer.tier + 5", 1, "'+'", ""),
        ("'ab' * 5", 1, "'*'", ""),
        ("customer.price * customer.debt", 1, "'*'", ""),
        ("customer.debt / 0", 17, "division by zero", ""),
        ("customer.left_on < now", 1, "missing", "default(customer.left_on"),
        ("customer.nick == 'x'", 1, "missing", "!= none"),
        ("customer.nick == 'x' and customer.nick != none", 1, "missing", ""),
        ("has(customer.nick) or customer.nick == 'x'", 23, "missing", ""),
        ("customer.debt == none", 1, "never missing", ""),
        ("default(customer.debt, 0)", 9, "never missing", ""),
        ("1 > 2", 1, "always the same", ""),
        ("customer.debt == customer.debt", 1, "always the same", ""),
        ("customer.debt > 0 or true", 22, "always the same", ""),
        ("customer.name is 'x'", 1, "only with none", "=="),
        ("customer", 1, "group", "customer."),
        ("now.hour", 1, "has no fields", "now"),
        ("customer.name.upper()", 1, "called", ""),
        ("customer.__class__", 1, "no field", ""),
        ("__import__('os')", 1, "no function", ""),
        ("(lambda: 1)()", 1, "called", ""),
        ("[x for x in customer]", 1, "comprehension", ""),
        ("f'{now}'", 1, "", ""),
        ("customer['debt']", 1, "square brackets", ""),
        ("round(x=1)", 8, "=", "=="),
        ("round(customer.price, 99)", 23, "digits", ""),
        ("hour_between(8, 30)", 17, "hour", ""),
        ("months_since(customer.name)", 14, "does not fit", "date"),
        ("customer.since < 'soon'", 18, "not a date", "2026-12-24"),
        ("call.from == 'x'", 6, "cannot be read", "from"),
        ("customer.debt >", 15, "cannot be read", ""),
        ("", 1, "missing", ""),
        ("   ", 1, "missing", ""),
        ("customer.debt > 0 # why", 19, "not understood", ""),
        ("result.reference == 'x'", 1, "different types", "after a"),
        ("1e999 > customer.score", 1, "literal", ""),
        ("'привет' == customer.tiar", 13, "no field", "tier"),
        ("x" * 501, 1, "characters", "rules"),
        ("(" * 250 + "1" + ")" * 240, 1, "cannot be read", ""),
        ("-" * 400 + "1", 1, "nested", ""),
        ("customer.debt" + " + 1" * 100, 1, "nested", ""),
    ],
)
def test_refusals(text: str, column: int, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, SCHEMA, RULES)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.column == column or len(text) > 100


def test_conditions_are_true_or_false_and_change() -> None:
    with pytest.raises(ExpressionError, match="true or false"):
        compile_expression("customer.debt", SCHEMA, RULES, condition=True)
    for text in ("true", "1 < len('ab')"):
        with pytest.raises(ExpressionError, match="always the same"):
            compile_expression(text, SCHEMA, RULES, condition=True)


def test_a_fault_in_a_rule_names_the_rule() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression("rules.bad and customer.active", SCHEMA, RULES)
    assert caught.value.rule == "bad"
    with pytest.raises(ExpressionError, match="circle: a -> b -> a"):
        compile_expression("rules.a", SCHEMA, RULES)


@pytest.mark.parametrize(
    ("text", "want", "hint"),
    [("high", "integer", "a number"), ("vip", "boolean", "name what is read"), ("gold", "text", "quotes")],
)
def test_an_unknown_name_is_cured_by_what_its_place_needs(text: str, want: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, SCHEMA, RULES, want=ValueType(want), condition=want == "boolean")
    assert hint in caught.value.hint


def test_no_word_of_a_library_reaches_the_author() -> None:
    for text in (
        "1 +",
        "(",
        "'",
        "a b",
        "012",
        "1x",
        "a if b",
        "x = 1",
        "if",
        "customer.debt >",
        "[",
        "1..2",
    ):
        with pytest.raises(ExpressionError) as caught:
            compile_expression(text, SCHEMA, RULES)
        assert "syntax" not in caught.value.message
        assert "literal" not in caught.value.message
        assert "perhaps" not in caught.value.message.lower()


def test_rules_that_double_do_not_explode() -> None:
    rules = {"r0": "customer.debt > 0"}
    rules |= {f"r{n}": f"rules.r{n - 1} and not rules.r{n - 1}" for n in range(1, 40)}
    with pytest.raises(ExpressionError, match="nested too deeply"):
        compile_expression("rules.r39", SCHEMA, rules)


def test_needs_name_the_roots_that_are_read() -> None:
    assert compile_expression("rules.owes and hour_between(8, 9)", SCHEMA, RULES).needs == {"customer", "now"}
    assert compile_expression("1 + 1", SCHEMA, RULES).constant


def test_wanted_types_convert_without_loss() -> None:
    money = compile_expression("1", SCHEMA, RULES, want=ValueType("money")).fn({})
    assert (money, type(money)) == (Decimal(1), Decimal)
    assert compile_expression("customer.months", SCHEMA, RULES, want=ValueType("money")).fn(SCOPE) == Decimal(
        14
    )
    assert compile_expression("none", SCHEMA, RULES, want=ValueType("text", optional=True)).fn({}) is None
    assert compile_expression("'2026-01-02'", SCHEMA, RULES, want=ValueType("date")).fn({}) == date(
        2026, 1, 2
    )
    for text, want in (
        ("'x'", "integer"),
        ("2.5", "integer"),
        ("customer.left_on", "date"),
        ("none", "text"),
    ):
        with pytest.raises(ExpressionError):
            compile_expression(text, SCHEMA, RULES, want=ValueType(want))


def test_faults_at_run_time_are_arithmetic_or_value_errors() -> None:
    with pytest.raises(ArithmeticError):
        compile_expression("1 / (vars.tries - 3)", SCHEMA, RULES).fn(SCOPE)
    with pytest.raises(ValueError, match="code"):
        compile_expression("result.code == 'x'", SCHEMA, RULES).fn({"result": {}})


@pytest.mark.parametrize(
    ("then", "now", "months"),
    [
        ((2026, 1, 31), (2026, 2, 28), 1),
        ((2026, 1, 31), (2026, 2, 27), 0),
        ((2026, 1, 15), (2026, 7, 14), 5),
        ((2026, 1, 15), (2026, 7, 15), 6),
        ((2024, 2, 29), (2025, 2, 28), 12),
        ((2026, 7, 15), (2026, 1, 15), -6),
        ((2026, 7, 14), (2026, 1, 15), -5),
        ((2025, 12, 31), (2026, 1, 1), 0),
    ],
)
def test_months_are_whole_calendar_months(
    then: tuple[int, int, int], now: tuple[int, int, int], months: int
) -> None:
    assert months_since(date(*then), datetime(*now)) == months  # noqa: DTZ001
