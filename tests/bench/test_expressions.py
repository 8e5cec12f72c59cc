"""What a condition of a flow costs, beside the same one compiled by Jinja2, and evaluated by simpleeval."""

import timeit
from collections.abc import Callable
from decimal import Decimal

import jinja2
import pytest
from simpleeval import SimpleEval

from ivr.core.flow.expression import compile_expression
from ivr.core.flow.values import ValueType

TEXT = "customer.debt > 0 and offer.step < 2"
ROUNDS = 20_000
MICROSECONDS_GOAL = 0.5


@pytest.mark.bench
def test_a_condition_costs_less_than_in_other_evaluators() -> None:
    schema = {"customer": {"debt": ValueType("money")}, "offer": {"step": ValueType("integer")}}
    values = {"customer": {"debt": Decimal("30.00")}, "offer": {"step": 1}}
    ours = compile_expression(TEXT, schema, {}, condition=True).fn
    theirs = jinja2.Environment(autoescape=False).compile_expression(TEXT)
    simple = SimpleEval(names=values)
    tree = simple.parse(TEXT)  # so that it need not parse each time either
    assert ours(values) is theirs(**values) is simple.eval(TEXT, tree) is True

    def micros(run: Callable[[], object]) -> float:
        return min(timeit.repeat(run, number=ROUNDS, repeat=7)) / ROUNDS * 1e6

    mine, jinja = micros(lambda: ours(values)), micros(lambda: theirs(**values))
    evaluated = micros(lambda: simple.eval(TEXT, tree))
    print(
        f"\n{TEXT}: {mine:.2f} us (goal {MICROSECONDS_GOAL}), Jinja2 {jinja:.2f}, simpleeval {evaluated:.2f}"
    )
    assert jinja > 5 * mine
    assert evaluated > 5 * mine
