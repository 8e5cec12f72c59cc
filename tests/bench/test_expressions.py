"""What a condition of a flow costs, beside the same one compiled by Jinja2."""

import timeit
from collections.abc import Callable
from decimal import Decimal

import jinja2
import pytest

from ivr.core.flow.expression import compile_expression
from ivr.core.flow.values import ValueType

TEXT = "customer.debt > 0 and offer.step < 2"
ROUNDS = 20_000
MICROSECONDS_GOAL = 0.5


@pytest.mark.bench
def test_a_condition_costs_less_than_in_jinja() -> None:
    schema = {"customer": {"debt": ValueType("money")}, "offer": {"step": ValueType("integer")}}
    values = {"customer": {"debt": Decimal("30.00")}, "offer": {"step": 1}}
    ours = compile_expression(TEXT, schema, {}, condition=True).fn
    theirs = jinja2.Environment(autoescape=False).compile_expression(TEXT)
    assert ours(values) is theirs(**values) is True

    def micros(run: Callable[[], object]) -> float:
        return min(timeit.repeat(run, number=ROUNDS, repeat=7)) / ROUNDS * 1e6

    mine, jinja = micros(lambda: ours(values)), micros(lambda: theirs(**values))
    print(
        f"\n{TEXT}: {mine:.2f} us (goal {MICROSECONDS_GOAL}), Jinja2 {jinja:.2f} us, {jinja / mine:.1f} times"
    )
    assert jinja > 5 * mine
