"""mock: a flow is tried before the service it asks is there."""

import pytest

from ivr.core import facts
from ivr.errors import AuthorError
from tests.support import Lab, center_of
from tests.support.lab import states

FLOW = """
a:
  - run: pay
    with: {amount: 5}
    mock: %s
    on: {declined: no, failed: no}
  - say: "Paid, {{ result.reference }}."
  - hangup
no: [{say: "Not paid."}, hangup]
"""


@pytest.mark.parametrize(
    ("mock", "says", "took"),
    [
        ("{result: {reference: 40711}}", "Paid, 40711.", 0),
        ("{outcome: ok, result: {reference: 7}, takes: 2s}", "Paid, 7.", 2_000),
        ("{outcome: declined, takes: 300ms}", "Not paid.", 300),
        ("{outcome: failed.network}", "Not paid.", 0),
    ],
)
def test_the_answer_is_made_up_and_nobody_is_asked(mock: str, says: str, took: int) -> None:
    lab = Lab(center_of(states(FLOW % mock)))
    phone = lab.call()
    lab.wait(took)
    assert phone.text == says
    assert lab.out.of("run") == []
    assert lab.last(facts.LookupEnded).took_ms == took


@pytest.mark.parametrize(
    ("mock", "says"),
    [
        ("{outcome: refused}", "a run does not end with 'refused'"),
        ("{outcome: not_fuond}", "did you mean 'not_found'"),
        ("{result: {refrence: 1}}", "did you mean 'reference'"),
        ("{result: {reference: soon}}", "'soon' is not an integer"),
    ],
)
def test_a_made_up_answer_has_the_fields_and_types_of_a_real_one(mock: str, says: str) -> None:
    with pytest.raises(AuthorError, match=says):
        center_of(states(FLOW % mock))
