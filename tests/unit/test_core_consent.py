"""consent: asked for once in a call, and the call is recorded only with it."""

import pytest

from ivr.core import events, facts
from ivr.language import load_sources
from ivr.limits import CALL_RECORDINGS_MAX
from tests.support import Lab, center_of
from tests.support.lab import states

ASK = """
a:
  - consent: recording
    say: "May we?"
    listen: {silence: 5s, tries: 2}
    %s
  - if: consent.recording == 'refused'
    then: [{say: "Not recorded."}]
    else: [{say: "Recorded."}]
  - consent: recording
    say: "Never asked twice?"
    on: {refused: z}
  - ask: "PIN?"
    digits: 2
    into: pin
    secret: true
  - say: "Done."
  - hangup
z: [{say: "Refused before."}, hangup]
"""
VARS = "vars: { pin: text }"


def asked(more: str = "record: true", flow: str = ASK) -> Lab:
    lab = Lab(center_of(states(flow.replace("%s", more), VARS)))
    lab.call()
    return lab


def hears(lab: Lab) -> str:
    return str(lab.out.of("play")[-1][2].text)


def heard(lab: Lab) -> None:
    lab.do(events.PromptFinished("p-1", lab.out.of("play")[-1][1]))


def keys(lab: Lab, keys: str) -> None:
    for key in keys:
        lab.do(events.KeyPressed("p-1", key))


def given(lab: Lab) -> list[tuple[str, str, str]]:
    return [(fact.what, fact.answer, fact.by) for fact in lab.told(facts.ConsentGiven)]


def recorded(lab: Lab) -> list[str]:
    return [what for _, _, what in lab.out.of("record_call")]


def test_the_keys_are_said_and_one_agrees_and_it_is_not_asked_twice() -> None:
    lab = asked()
    assert hears(lab) == "May we? If you agree, press 1. If not, press 2."
    assert lab.out.of("play")[-1][3].kind == "consent"
    keys(lab, "1")
    assert hears(lab) == "Recorded."
    heard(lab)
    assert hears(lab) == "PIN?"
    assert given(lab) == [("recording", "agreed", "key")]
    ended = [fact.result for fact in lab.told(facts.StepEnded) if fact.verb == "consent"]
    assert ended == ["agreed", "agreed"]
    assert len(lab.told(facts.RecordingStarted)) == 1


def test_who_refuses_is_not_recorded() -> None:
    lab = asked()
    keys(lab, "2")
    assert hears(lab) == "Not recorded."
    heard(lab)
    assert hears(lab) == "Refused before."
    assert given(lab) == [("recording", "refused", "key")]
    lab.do(events.LineEnded("p-1"))
    assert recorded(lab) == []
    assert lab.told(facts.RecordingStarted) == []


@pytest.mark.parametrize(
    ("more", "answer"), [("record: true", "refused"), ("record: true\n    silence: agreed", "agreed")]
)
def test_silence_counts_as_the_author_says_after_the_last_try(more: str, answer: str) -> None:
    lab = asked(more)
    keys(lab, "7")
    assert hears(lab).startswith("May we?")
    heard(lab)
    lab.wait(5_000)
    assert given(lab) == [("recording", answer, "silence")]
    assert recorded(lab) == (["start"] if answer == "agreed" else [])


def test_a_key_pressed_before_the_question_and_words_are_no_answer() -> None:
    lab = asked(flow=ASK.replace("a:\n", "a:\n  - say: Welcome.\n"))
    keys(lab, "1")
    assert hears(lab).startswith("May we?")
    lab.do(events.SpeechHeard("p-1", "yes"))
    assert given(lab) == []


def test_a_notice_is_heard_to_its_end_and_counts_as_agreed() -> None:
    notice = '  - consent: recording\n    notice: "We record."\n    record: true\n'
    lab = asked(flow="a:\n" + notice + notice + '  - say: "Go."\n  - hangup\n')
    keys(lab, "2")
    assert hears(lab) == "We record."
    assert recorded(lab) == []
    heard(lab)
    assert hears(lab) == "Go."
    assert given(lab) == [("recording", "announced", "notice")]
    assert recorded(lab) == ["start"]


def test_a_secret_entry_suspends_the_recording_and_the_end_of_the_call_ends_it() -> None:
    lab = asked()
    keys(lab, "1")
    heard(lab)
    assert recorded(lab) == ["start", "suspend"]
    keys(lab, "4")
    lab.wait(2_000)  # too short an entry: asked again, and still nobody listens
    assert hears(lab) == "PIN?"
    assert recorded(lab) == ["start", "suspend"]
    keys(lab, "42")
    assert hears(lab) == "Done."
    assert recorded(lab) == ["start", "suspend", "resume"]
    lab.do(events.LineEnded("p-1"))
    told = [type(fact).__name__ for fact in lab.facts if type(fact).__name__.startswith("Recording")]
    assert told == ["RecordingStarted", "RecordingSuspended", "RecordingResumed", "RecordingEnded"]
    assert lab.last(facts.RecordingEnded).ended == "hung_up"


def test_a_flow_that_hangs_up_ends_the_recording_before_the_line() -> None:
    lab = asked()
    keys(lab, "1")
    heard(lab)
    keys(lab, "42")
    heard(lab)
    names = [command.name for command in lab.out.commands if command.name in ("record_call", "hang_up")]
    assert names[-2:] == ["record_call", "hang_up"]
    assert recorded(lab)[-1] == "end"


def test_the_steps_of_a_miss_of_a_secret_are_not_recorded_and_leaving_it_there_resumes() -> None:
    flow = ASK.replace("    secret: true\n", "    secret: true\n    on: {invalid: [{say: Hm.}, {goto: z}]}\n")
    lab = asked(flow=flow)
    keys(lab, "1")
    heard(lab)
    keys(lab, "*")
    assert hears(lab) == "Hm."
    assert recorded(lab) == ["start", "suspend"]
    heard(lab)
    assert hears(lab) == "Refused before."
    assert recorded(lab) == ["start", "suspend", "resume"]


def test_a_message_inside_a_recorded_call_has_a_recording_of_its_own() -> None:
    flow = 'a:\n  - consent: c\n    notice: "N."\n    record: true\n  - record: "Speak."\n    end_key: hash\n  - hangup\n'
    lab = asked(flow=flow)
    heard(lab)
    heard(lab)
    lab.wait(3_000)
    keys(lab, "#")
    started = [fact.recording for fact in lab.told(facts.RecordingStarted)]
    ended = [(fact.recording, fact.ended) for fact in lab.told(facts.RecordingEnded)]
    assert ended == [(started[1], "key"), (started[0], "hung_up")]


def test_no_more_calls_are_recorded_than_there_are_files() -> None:
    lab = asked()
    lab.engine.acd().kernel.recorded = CALL_RECORDINGS_MAX
    keys(lab, "1")
    assert recorded(lab) == []
    assert lab.told(facts.RecordingStarted) == []


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("consent: c", "asked or announced"),
        ("consent: c, say: x, notice: y", "it is asked, or it is announced"),
        ("consent: c, say: x, keys: {agree: 1, refuse: 1}", "cannot agree and refuse"),
        ("consent: c, notice: x, silence: agreed", "'silence' belongs to a question"),
        ("consent: to-record, notice: x", "cannot be a name in conditions"),
        ("consent: c, say: x, silence: yes", "agree"),
        ("if: consent.d == 'agreed', then: [{log: x}]", "consent"),
    ],
)
def test_mistakes_have_a_place_and_a_cure(step: str, says: str) -> None:
    flow = "flow: main\nstart: a\nstates: { a: [{ %s }, hangup] }\n" % step  # noqa: UP031
    with pytest.raises(Exception, match=says):
        load_sources({"center.yaml": "center: S\nnumbers: { '1': main }\n", "main.flow.yaml": flow})
