"""What an author can do without meaning to must cost one call at the most."""

import pytest

from ivr.core import events, facts
from tests.support import Lab, center_of
from tests.support.lab import states

GROWING = """
a: [{set: {n: %s}}, {goto: b}]
b: [{set: {n: %s}}, {wait: 10ms}, {goto: b}]
"""


@pytest.mark.parametrize(("kind", "start", "by"), [("integer", "7", "vars.n"), ("money", "7.5", "9")])
def test_a_number_that_grows_for_ever_is_a_fault_of_its_flow(kind: str, start: str, by: str) -> None:
    flow = states(GROWING % (start, f"vars.n * {by}"), f"vars: {{ n: {kind} }}")
    lab = Lab(center_of(flow))
    lab.call()
    lab.wait(5_000)
    assert (lab.last(facts.FlowFailed).kind, "too large" in lab.last(facts.FlowFailed).message) == (
        "expression",
        True,
    )
    assert max(len(str(fact.value)) for fact in lab.told(facts.ValueSet)) < 30


@pytest.mark.parametrize("answer", [10**400, -(2**63), "9" * 25, "1e999999"])
def test_a_number_from_outside_that_is_too_large_is_not_taken(answer: object) -> None:
    lab = Lab(
        center_of(
            states(
                "a: [{run: pay, with: {amount: 1}, on: {failed: z}}, {say: ok}, hangup]\nz: [{say: 'No.'}, hangup]"
            )
        )
    )
    phone = lab.call()
    lab.do(events.LookupFinished(1, "ok", {"reference": answer}))
    assert phone.text == "No."


def test_keys_typed_ahead_of_a_secret_are_not_told() -> None:
    flow = states(
        "a: [{say: 'Your PIN, please.', barge_in: false}, {ask: 'Now.', digits: 4, into: pin, secret: true}, hangup]",
        "vars: { pin: text }\non: { operator: a }",
    )
    lab = Lab(center_of(flow))
    phone = lab.call()
    phone.press("47")
    phone.hears("Your PIN")
    phone.press("11")
    assert {fact.key for fact in lab.told(facts.KeyHeard)} == {"•"}
    assert lab.last(facts.ValueSet).value == "••••"
