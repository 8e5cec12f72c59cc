"""Expressions mean what Python means by the same text, and durations are read back as they are written."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from ivr.core.flow.expression import ExpressionError, compile_expression
from ivr.core.flow.values import ValueType
from ivr.core.time import DAY, format_duration, parse_duration

SCHEMA = {
    "customer": {
        "months": ValueType("integer"),
        "visits": ValueType("integer"),
        "name": ValueType("text"),
        "tier": ValueType("text"),
        "active": ValueType("boolean"),
    }
}

NUMBERS: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.integers(0, 50).map(str),
        st.sampled_from(["customer.months", "customer.visits"]),
        st.tuples(NUMBERS, st.sampled_from("+-*%"), NUMBERS).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        st.tuples(NUMBERS, BOOLEANS, NUMBERS).map(
            lambda parts: f"({parts[0]} if {parts[1]} else {parts[2]})"
        ),
        NUMBERS.map(lambda part: f"(-{part})"),
    )
)
TEXTS = st.one_of(
    st.sampled_from(["customer.name", "customer.tier"]),
    st.text("abc é", max_size=4).map(lambda text: f"'{text}'"),
)
BOOLEANS: st.SearchStrategy[str] = st.deferred(
    lambda: st.one_of(
        st.just("customer.active"),
        st.tuples(NUMBERS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), NUMBERS)
        .map(" ".join)
        .map(_bracketed),
        st.tuples(TEXTS, st.sampled_from(["==", "!=", "in"]), TEXTS).map(" ".join).map(_bracketed),
        st.tuples(BOOLEANS, st.sampled_from(["and", "or"]), BOOLEANS).map(" ".join).map(_bracketed),
        BOOLEANS.map(lambda part: f"(not {part})"),
    )
)


BOUNDS = ("more than", "too deep", "nested", "always the same", "division by zero")
"""Why an expression of the grammar may be refused all the same."""


def _bracketed(text: str) -> str:
    return f"({text})"


class Fields:
    """A data root as plain Python sees it: an object with attributes."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.__dict__.update(fields)


def both(text: str, customer: dict[str, Any]) -> tuple[Any, Any]:
    """What we make of an expression, and what Python does; a division by zero is one in both."""
    ours = compile_expression(text, SCHEMA, {}).fn

    def value(run: Any) -> Any:
        try:
            return run()
        except ZeroDivisionError:
            return "a division by zero"

    mine = value(lambda: ours({"customer": customer}))
    return mine, value(lambda: eval(text, {"__builtins__": {}}, {"customer": Fields(customer)}))


CUSTOMERS = st.fixed_dictionaries(
    {
        "months": st.integers(-3, 60),
        "visits": st.integers(0, 9),
        "name": st.sampled_from(["", "a", "abc", "é b"]),
        "tier": st.sampled_from(["a", "c"]),
        "active": st.booleans(),
    }
)


def refused(text: str) -> str:
    """Why an expression is refused; empty if it is not."""
    try:
        compile_expression(text, SCHEMA, {})
    except ExpressionError as fault:
        return fault.message
    return ""


@given(st.one_of(NUMBERS, BOOLEANS), CUSTOMERS)
def test_an_expression_means_what_python_means_by_it(text: str, customer: dict[str, Any]) -> None:
    if why := refused(text):
        assert any(bound in why for bound in BOUNDS), f"{text}: {why}"
        return
    mine, theirs = both(text, customer)
    assert mine == theirs


@given(st.integers(0, 3_650 * DAY))
def test_a_duration_is_read_back_as_it_is_written(ms: int) -> None:
    assert parse_duration(format_duration(ms)) == ms


@given(st.integers(0, 9), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59_999))
def test_a_duration_is_the_sum_of_its_parts(days: int, hours: int, minutes: int, ms: int) -> None:
    seconds = f"{ms // 1_000}.{ms % 1_000:03}"
    text = f"{days}d{hours}h{minutes}m{seconds}s"
    assert parse_duration(text) == ((days * 24 + hours) * 60 + minutes) * 60_000 + ms


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("customer.months > 1 && customer.active", "write 'and'"),
        ("customer.months > 1 || customer.active", "write 'or'"),
        ("!customer.active", "write 'not'"),
        ("customer.active ? 1 : 2", "write 'A if CONDITION else B'"),
        ("customer.months = 1", "write '=='"),
    ],
)
def test_other_languages_are_answered_with_our_words(text: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as fault:
        compile_expression(text, SCHEMA, {})
    assert fault.value.hint == hint
