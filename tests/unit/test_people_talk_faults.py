"""Talks that go wrong: what an author may write of agents and callers neither ends a run nor keeps anybody for hours."""

import pytest

from ivr.core import events, facts
from ivr.core.facts import Fact
from ivr.errors import AuthorError
from ivr.language import load_sources
from ivr.limits import SCRIPT_ACTS_MAX, SPEECH_CHARS_MAX
from ivr.sim.house import House
from tests.unit.test_people_talk import CENTER, FLOW, played, said

ASKS = '{ wants: a, says: "Hi." }'


def people(script: str, conversation: str = ASKS) -> str:
    return f"""\
agents: {{ default: {{ answers_after: 1s }}, tim: {{ script: helper }} }}
scripts:
  helper: {script}
callers:
  arrivals: {{ rate: 1/h }}
  kinds: [{{ name: one, share: 1, dials: "1", conversation: {conversation} }}]
"""


def problem(script: str, conversation: str = ASKS) -> str:
    files = {"center.yaml": CENTER, "main.flow.yaml": FLOW, "x.people.yaml": people(script, conversation)}
    with pytest.raises(AuthorError) as error:
        load_sources(files)
    return str(error.value)


def words(told: list[Fact]) -> list[str]:
    return [fact.text for fact in told if isinstance(fact, facts.Said)]


@pytest.mark.parametrize(
    "topics",
    [
        "{ a: [{ topic: a }] }",
        "{ a: [{ topic: b }], b: [{ topic: a }] }",
        "{ a: [{ if: customer.active, then: [{ topic: a }] }, { says: x }] }",
        "{ a: [{ asks: contract, says: x }, { topic: a }] }",
        "{ a: [{ grants: moon, says: x, else: [{ topic: a }] }] }",
    ],
)
def test_topics_that_lead_back_to_themselves_unsaid_are_reported(topics: str) -> None:
    assert "error[topic-circle]" in problem(f"{{ topics: {topics} }}")


@pytest.mark.parametrize(
    "topics",
    [
        "{ a: [{ says: x }, { topic: a }] }",
        "{ a: [{ if: customer.active, then: [{ topic: b }] }, { says: x }], b: [{ says: y }] }",
        "{ a: [{ topic: b }, { topic: a }], b: [{ waits: 5s }] }",
    ],
)
def test_topics_that_lead_on_are_fine(topics: str) -> None:
    assert "Hi." in words(played(people(f"{{ topics: {topics} }}")))


@pytest.mark.parametrize(
    "acts",
    [
        '{ says: "{{ result.name }}!" }',
        '{ does: cancel, with: { contract: "40711" } }, { says: "{{ result.name }}!" }',
        '{ if: result.name == "x", then: [{ says: No. }] }, { says: "!" }',
    ],
)
def test_the_result_of_another_request_is_empty(acts: str) -> None:
    assert words(played(people(f"{{ topics: {{ a: [{acts}] }} }}")))[-1] == "!"


def test_a_condition_that_cannot_be_computed_does_not_hold() -> None:
    center = CENTER.replace("active: boolean }", "active: boolean, months: integer }")
    script = (
        "{ topics: { a: [{ if: 1 / customer.months > 0, then: [{ says: Yes. }], else: [{ says: No. }] }] } }"
    )
    assert words(played(people(script), center))[-1] == "No."


def test_a_run_whose_arguments_cannot_be_computed_fails() -> None:
    center = CENTER.replace("active: boolean }", "active: boolean, months: integer }").replace(
        "runs:", "runs:\n    count: { args: { n: number } }"
    )
    script = "{ topics: { a: [{ does: count, with: { n: 1 / customer.months }, on: { failed: [{ says: No. }] } }] } }"
    assert words(played(people(script), center))[-1] == "No."


def test_callers_words_have_no_values() -> None:
    for conversation in (
        '{ wants: a, says: "I am {{ customer.name }}." }',
        '{ wants: a, replies: [{ to: asks, says: "{{ customer.name }}" }] }',
    ):
        assert "error[text]" in problem("{}", conversation)


def test_who_consults_themselves_goes_on() -> None:
    script = "{ topics: { a: [{ consults: tim, on: { failed: [{ says: Alone. }] } }] } }"
    assert words(played(people(script)))[-1] == "Alone."


def test_words_longer_than_what_is_said_in_one_go_are_reported() -> None:
    long = "a word " * (SPEECH_CHARS_MAX // 7 + 1)
    assert "error[too-long]" in problem(f'{{ greets: [{{ says: "{long}" }}] }}')
    assert "error[too-long]" in problem("{}", f'{{ wants: a, says: {{ en: Hi., ru: "{long}" }} }}')


def test_a_topic_is_not_heard_from_silence() -> None:
    assert "error[hears]" in problem('{ topics: { a: [{ says: x }] }, hears: { a: [" "] } }')


def test_acts_of_a_topic_are_bounded() -> None:
    acts = ", ".join(["{ says: x }"] * (SCRIPT_ACTS_MAX + 1))
    assert "too many items" in problem(f"{{ topics: {{ a: [{acts}] }} }}")


def test_who_thanks_while_they_are_passed_on_is_passed_on() -> None:
    """Somebody at a phone speaks while the agent still says that they will be put through."""
    script = '{ greets: [{ transfers: specialists, says: "One moment please, I will put you through." }] }'
    files = {"center.yaml": CENTER, "main.flow.yaml": FLOW, "x.people.yaml": people(script)}
    told: list[Fact] = []

    def tell(fact: Fact) -> None:
        told.append(fact)
        if isinstance(fact, facts.Said) and fact.by == "tim":
            house.driver.later(500, house.driver.post, events.SpeechHeard("p-1", "Thank you."))

    house = House(load_sources(files), "1", tell)
    house.cast.start(0)
    house.driver.later(1_000, house.driver.post, events.CallArrived("p-1", "1", "+492"))
    house.driver.run(60_000)
    assert [(by, act) for by, act, _ in said(told)] == [("tim", "says"), ("", "says")]
    assert [fact.target for fact in told if isinstance(fact, facts.TransferStarted)] == ["specialists"]


def test_who_is_not_passed_on_may_leave() -> None:
    """A transfer to nobody is not the last word of an agent."""
    script = '{ topics: { a: [{ transfers: "{{ customer.name }}", says: "One moment." }] } }'
    assert [fact.ended_by for fact in played(people(script)) if isinstance(fact, facts.TalkEnded)] == [
        "caller"
    ]


def test_nobody_remembers_whom_a_caller_talked_to() -> None:
    """Also of talks with somebody outside, which a caller ends."""
    center = CENTER.replace("queues: { front", 'contacts: { plumber: "+4930" }\nqueues: { front')
    flow = FLOW.replace(
        "{queue: front, on: {timeout: b, full: b, empty: b, closed: b}}",
        "{transfer: plumber, on: {busy: b, no_answer: b, failed: b, rejected: b}}",
    )
    files = {"center.yaml": center, "main.flow.yaml": flow, "x.people.yaml": people("{}")}
    told: list[Fact] = []
    house = House(load_sources(files), "1", told.append)
    house.cast.start(0)
    kind = house.cast._script.kinds[0]
    for number in range(1, 6):
        house.driver.later(1_000 * number, lambda number: house.cast.call(kind, "", number), number)
    house.driver.run(3_600_000)
    assert any(isinstance(fact, facts.Connected) for fact in told)
    assert house.cast.over
    assert not house.cast._talkers._partner


def test_what_callers_know_can_be_said_and_is_heard_whole() -> None:
    known = "9" * 90
    script = '{ topics: { a: [{ asks: contract, says: "?" }, { says: "{{ told.contract }}" }] } }'
    told = played(people(script, f'{{ wants: a, says: "Hi.", knows: {{ contract: "{known}" }} }}'))
    answer = next(fact for fact in told if isinstance(fact, facts.Said) and fact.act == "answers")
    assert answer.text == known
    assert words(told)[-1].replace(" ", "") == known
    long = "9" * (SPEECH_CHARS_MAX + 1)
    assert "error[too-long]" in problem("{}", f'{{ knows: {{ contract: "{long}" }} }}')
