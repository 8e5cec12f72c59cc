"""What is found out about a caller: identify, consent; and prompts that are said once more."""

from ivr.core import events, facts
from tests.support.lab import Lab, Phone, center_of, states


def ring(flow: str, head: str = "", caller: str = "", **more: str) -> tuple[Lab, Phone]:
    lab = Lab(center_of(states(flow, head), **more))
    return lab, lab.call(caller=caller)


def answer(lab: Lab, outcome: str, **row: object) -> None:
    """The company answers what was asked last."""
    lab.do(events.LookupFinished(lab.out.of("look_up")[-1][0], outcome, dict(row)))


# repeat_after -----------------------------------------------------------------------------------------------

MENU = """
a:
  - menu: "What is it?"
    repeat_after: 4s
    choices: { 1: { label: "Bills", goto: b } }
    again: "Press 1."
    listen: { silence: 5s, tries: 2 }
    on: { give_up: b }
b: [log: b, hangup]
"""


def test_a_prompt_is_said_once_more_before_silence_counts() -> None:
    lab, phone = ring(MENU)
    phone.hears("What is it? Bills, press 1.")
    lab.wait(3_999)
    assert phone.text == ""
    lab.wait(1)
    assert lab.told(facts.InputMissed) == []
    phone.hears("What is it?")
    lab.wait(4_999)
    assert lab.told(facts.InputMissed) == []
    lab.wait(1)
    assert [fact.kind for fact in lab.told(facts.InputMissed)] == ["silence"]


def test_after_a_miss_what_was_said_then_is_said_once_more() -> None:
    lab, phone = ring(MENU)
    phone.press("7")
    phone.hears("Press 1.")
    lab.wait(4_000)
    phone.hears("Press 1.")
    lab.wait(5_000)
    assert lab.last(facts.LogWritten).text == "b"
    assert [fact.kind for fact in lab.told(facts.InputMissed)] == ["invalid", "silence"]


def test_a_key_ends_it_and_digits_are_not_interrupted() -> None:
    lab, phone = ring(MENU)
    phone.hears("What is it?")
    lab.wait(2_000)
    phone.press("1")
    assert lab.last(facts.LogWritten).text == "b"
    ask = """
a:
  - ask: "Number?"
    digits: 2..4
    into: n
    listen: { repeat_after: 1s, between_digits: 3s }
    on: { give_up: b }
  - goto: b
b: [log: "{{ vars.n }}", hangup]
"""
    lab, phone = ring(ask, "vars: { n: text }")
    phone.hears("Number?")
    lab.wait(1_000)
    phone.hears("Number?")
    phone.press("47")
    lab.wait(2_999)
    assert phone.text == ""
    lab.wait(1)
    assert lab.last(facts.LogWritten).text == "47"


# identify ---------------------------------------------------------------------------------------------------

WHO = """
a:
  - identify: customer
    by:
      - lookup: who
        with: { phone: caller.number }
      - ask: "Your number?"
        again: "Once more?"
        digits: 2
        into: n
        skip_key: star
        lookup: who
        with: { phone: vars.n }
    on: { not_found: nobody, failed: broken, give_up: nobody, invalid: { say: "No digit." } }
  - log: "{{ customer.name }}"
  - goto: b
b:
  - identify: customer
    by: [{ lookup: who, with: { phone: "9" } }]
    on: { not_found: nobody, failed: broken }
  - if: identified.customer
    then: [log: known]
  - hangup
nobody: [log: nobody, hangup]
broken: [log: broken, hangup]
"""
N = "vars: { n: text }"


def logged(lab: Lab) -> list[str]:
    return [fact.text for fact in lab.told(facts.LogWritten)]


def test_who_was_found_is_not_looked_for_again() -> None:
    lab, _ = ring(WHO, N, "1")
    answer(lab, "ok", name="Ada", price="40", active=True)
    assert logged(lab) == ["Ada", "known"]
    assert [(fact.what, fact.by) for fact in lab.told(facts.Identified)] == [
        ("customer", "who"),
        ("customer", "known"),
    ]
    assert len(lab.told(facts.LookupAsked)) == 1


def test_a_question_is_asked_when_the_first_way_finds_nobody_and_again_when_its_own_does() -> None:
    lab, phone = ring(WHO, N, "5")
    answer(lab, "not_found")
    phone.hears("Your number?")
    phone.press("12")
    assert lab.out.of("look_up")[-1][2] == {"phone": "12"}
    answer(lab, "not_found")
    phone.hears("Once more?")
    phone.press("34")
    answer(lab, "ok", name="Ben", price="1", active=True)
    assert logged(lab) == ["Ben", "known"]


def test_every_way_used_up_is_an_outcome() -> None:
    lab, phone = ring(WHO, N, "5")
    answer(lab, "not_found")
    for digits in ("12", "34"):
        phone.press(digits)
        answer(lab, "not_found")
    assert logged(lab) == ["nobody"]
    lab, phone = ring(WHO, N, "5")
    answer(lab, "failed")
    for digits in ("12", "34"):
        phone.press(digits)
        answer(lab, "failed.network")
    assert logged(lab) == ["broken"]
    lab, phone = ring(WHO, N, "5")
    answer(lab, "not_found")
    phone.press("*")
    assert logged(lab) == ["nobody"]


def test_misses_of_the_question_are_heard_as_in_any_other() -> None:
    lab, phone = ring(WHO, N, "5")
    answer(lab, "not_found")
    phone.press("#")
    phone.hears("No digit.")
    assert phone.text == "Once more?"


def test_a_flow_that_is_called_knows_what_the_calling_one_found() -> None:
    inner = """
flow: inner
start: i
returns: [done]
states: { i: [{ identify: customer, by: [{ lookup: who, with: { phone: "9" } }], on: { not_found: e, failed: e } }, { return: done }], e: [{ return: done }] }
"""
    outer = """
a: [{ lookup: who, with: { phone: caller.number }, on: { not_found: z, failed: z } }, { call: inner, on: { done: z } }]
z: [hangup]
"""
    lab, _ = ring(outer, "", "1", inner=inner)
    answer(lab, "ok", name="Ada", price="40", active=True)
    assert [fact.by for fact in lab.told(facts.Identified)] == ["known"]


# consent ----------------------------------------------------------------------------------------------------

MAY = """
a:
  - consent: tape
    say: "May we?"
    listen: { tries: 2, silence: 3s }
    on: { refused: b, silence: { say: "Well?" } }
  - log: "{{ consent.tape }}"
  - goto: b
b:
  - consent: tape
    say: "May we now?"
  - consent: notes
    notice: "We take notes."
  - log: "{{ consent.tape }} {{ consent.notes }}"
  - hangup
"""


def test_yes_and_no_are_kept_and_not_asked_for_again() -> None:
    for key, answer_ in (("1", "agreed"), ("2", "refused")):
        lab, phone = ring(MAY)
        phone.press(key)
        phone.press("9")  # a notice is heard to its end
        phone.hears("We take notes.")
        assert logged(lab)[-1] == f"{answer_} announced"
        given = [(fact.what, fact.answer, fact.by) for fact in lab.told(facts.ConsentGiven)]
        assert given == [("tape", answer_, "key"), ("notes", "announced", "notice")]


def test_silence_counts_as_its_author_says() -> None:
    for head, answer_ in (("", "refused"), ("    silence: agreed\n", "agreed")):
        lab, phone = ring(MAY.replace("    listen", head + "    listen", 1))
        phone.hears("May we?")
        lab.wait(3_000)
        phone.hears("Well?")
        phone.hears("May we?")
        lab.wait(3_000)
        assert lab.told(facts.ConsentGiven)[0].answer == answer_
        assert lab.told(facts.ConsentGiven)[0].by == "silence"
        assert lab.told(facts.FlowFailed) == []
