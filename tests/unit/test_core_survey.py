"""survey: a score is taken, and nobody is kept who gives none."""

import pytest

from ivr.core import events, facts
from ivr.language import load_sources
from ivr.observe.fan import Fan
from ivr.observe.metrics import Metrics
from ivr.observe.records import SurveyRecord, fold
from tests.support import Lab, center_of
from tests.support.lab import states

FLOW = """
a:
  - queue: support
    on: {timeout: z, full: z, empty: z, closed: z}
  - survey: satisfaction
    say: "From 1 to 5?"
    scale: 1..5
    into: score
    listen: {silence: 5s, tries: 2}%s
  - say: "Thanks."
  - hangup
z: [{say: "No score."}, hangup]
"""


def asked(more: str = "") -> Lab:
    """A caller who has talked to anna is asked for a score."""
    lab = Lab(center_of(states(FLOW % more, "vars: { score: integer }")))
    anna = lab.agent("anna")
    phone = lab.call()
    anna.accept()
    anna.hang_up()
    assert phone.text == "From 1 to 5?"
    return lab


def phone(lab: Lab) -> str:
    playing = [args[2].text for args in lab.out.of("play") if args[0] == "p-1"]
    return str(playing[-1])


@pytest.mark.parametrize("event", [events.KeyPressed("p-1", "4"), events.SpeechHeard("p-1", " 4 ")])
def test_a_score_is_told_with_the_agent_and_counted(event: events.Event) -> None:
    lab = asked()
    lab.do(event)
    assert phone(lab) == "Thanks."
    (answer,) = lab.told(facts.SurveyAnswered)
    assert (answer.survey, answer.score, answer.agent) == ("satisfaction", 4, "anna")
    assert lab.last(facts.ValueSet).value == 4
    lab.do(events.LineEnded("p-1"))
    (record,) = fold(lab.facts)
    assert record.surveys == (SurveyRecord("satisfaction", 4, "anna"),)
    fan, metrics = Fan(), Metrics(lab.center.plan)
    fan.add(metrics.handlers())
    for fact in lab.facts:
        fan.tell(fact)
    assert b'ivr_survey_answers_total{score="4",survey="satisfaction"} 1.0' in metrics.render()[1]


@pytest.mark.parametrize("key", ["0", "6", "*"])
def test_what_is_no_score_is_a_miss_and_the_last_miss_lets_the_caller_go_on(key: str) -> None:
    lab = asked()
    lab.do(events.KeyPressed("p-1", key))
    assert phone(lab) == "From 1 to 5?"
    lab.do(events.KeyPressed("p-1", key))
    assert phone(lab) == "Thanks."
    assert lab.told(facts.SurveyAnswered) == []
    assert [fact.result for fact in lab.told(facts.StepEnded) if fact.verb == "survey"] == ["empty"]


def test_silence_leads_to_the_handler_of_empty() -> None:
    lab = asked("\n    on: {empty: z}")
    for _ in range(2):
        lab.do(events.PromptFinished("p-1", lab.out.of("play")[-1][1]))
        lab.wait(5_000)
    assert phone(lab) == "No score."


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("survey: s, say: x, scale: 5", "a scale goes from a lower to a higher key"),
        ("survey: s, say: x, scale: 1..12", "a scale goes from a lower to a higher key"),
        ("survey: s, say: x, into: score", "vars: { score: integer }"),
        ("survey: s", "say"),
    ],
)
def test_mistakes_have_a_place_and_a_cure(step: str, says: str) -> None:
    with pytest.raises(Exception, match=says):
        load_sources(
            {
                "center.yaml": "center: S\nnumbers: { '1': main }\n",
                "main.flow.yaml": "flow: main\nstart: a\nstates: { a: [{ %s }, hangup] }\n" % step,  # noqa: UP031
            }
        )
