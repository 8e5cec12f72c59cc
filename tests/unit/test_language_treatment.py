"""`effort:`, `loyalty:`, `funnel:` and `settles:` of a center: read, checked, and part of its plan."""

from dataclasses import fields
from typing import Any

import pytest

from ivr.core.treatment import EffortWeights, FunnelStep, LoyaltyParameters, Treatment
from ivr.errors import AuthorError
from ivr.language import load_sources

CENTER = """\
center: Lab
numbers: { "1": main }
world:
  runs: { pay: { settles: SETTLES }, look: {}, ask: { settles: false } }
"""
FLOW = "flow: main\nstart: a\nstates: { a: [hangup] }\n"


def treatment(more: str = "", settles: str = "true") -> Treatment:
    center = CENTER.replace("SETTLES", settles) + more
    return load_sources({"center.yaml": center, "main.flow.yaml": FLOW}).plan.treatment


def problems(more: str) -> list[str]:
    with pytest.raises(AuthorError) as caught:
        treatment(more)
    return [shown(problem) for problem in caught.value.problems]


def shown(problem: Any) -> str:
    return f"{problem.line} {problem.code}: {problem.message} ({problem.hint})"


def test_a_center_that_says_nothing_has_the_published_numbers() -> None:
    assert treatment() == Treatment(EffortWeights(), LoyaltyParameters(), (), {"pay": ""})


def test_every_number_can_be_written() -> None:
    for section, of in (("effort", EffortWeights), ("loyalty", LoyaltyParameters)):
        for field in fields(of):
            written = "7.5%" if field.name == "monthly_churn" else "7.5"
            found = getattr(treatment(f"{section}: {{ {field.name}: {written} }}"), section)
            assert getattr(found, field.name) == (0.075 if field.name == "monthly_churn" else 7.5)
            assert field.metadata["why"]


def test_a_run_may_settle_one_matter() -> None:
    assert treatment(settles="a bill").settling == {"pay": "a bill"}


def test_a_funnel_is_read_in_order() -> None:
    found = treatment(
        "funnel:\n"
        "  - { name: ordered, who: sales, shown_by: { fact: work_ordered } }\n"
        "  - { name: told, who: automation, shown_by: { fact: message_sent, channel: sms } }\n"
    ).funnel
    assert found == (
        FunnelStep("ordered", "sales", "work_ordered"),
        FunnelStep("told", "automation", "message_sent", {"channel": "sms"}),
    )


STEP = "funnel: [{{ name: a, who: sales, shown_by: {{ {} }} }}]"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            STEP.format("fact: mesage_sent"),
            "unknown-fact: there is no fact 'mesage_sent' (did you mean 'message_sent'?)",
        ),
        (
            STEP.format("fact: message_sent, chanel: sms"),
            "unknown-field: the fact 'message_sent' has no field 'chanel' (did you mean 'channel'?)",
        ),
        (
            STEP.format("channel: sms"),
            "missing-key: no fact is named (write shown_by: { fact: message_sent })",
        ),
        (
            STEP.format("fact: agent_moved"),
            "fact: 'agent_moved' does not say which customer it is about (name one of a call, a message, a work order or a contact)",
        ),
        (
            "funnel: [{ name: a, who: x, shown_by: { fact: said } }, { name: a, who: y, shown_by: { fact: said } }]",
            "duplicate: the step 'a' is here twice (rename one)",
        ),
        ("effort: { scale: 0 }", "value: 'scale' is more than 0 (write 1 for a ratio that changes nothing)"),
        (
            "loyalty: { effort_ratio: 0 }",
            "value: 'effort_ratio' is more than 0 (write 1 for a ratio that changes nothing)",
        ),
        (
            "loyalty: { monthly_churn: 100% }",
            "value: some customers stay: less than 100% leave in a month ()",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_line(more: str, said: str) -> None:
    assert problems(more) == [f"5 {said}"]


def test_an_unknown_weight_is_reported_with_its_like() -> None:
    (said,) = problems("effort: { transfers: 1 }")
    assert "'transfers'" in said
    assert "transfer" in said.partition("(")[2]
