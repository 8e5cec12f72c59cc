"""The scripted caller by itself: told what a line says, asked what it does."""

from typing import Any

import pytest

from ivr.core.time import NEVER
from ivr.language.problems import Report
from ivr.language.reading import parse
from ivr.language.trial_models import TrialModel
from ivr.language.validate import validate
from ivr.trial.caller import GRACE_MS, REACTION_MS, HangUp, Press, ScriptedCaller, Speak


def caller(*steps: str) -> ScriptedCaller:
    text = "test: t\ncaller:\n" + "".join(f"  - {step}\n" for step in steps)
    report = Report()
    tree = parse(text, "t.test.yaml", report)
    model = validate(TrialModel, tree, report) if tree is not None else None
    assert model is not None, report.problems
    assert not report.failed, report.problems
    scripted = ScriptedCaller(model.caller, {"installer": "+49151"})
    scripted.began(0)
    return scripted


def test_a_prompt_is_heard_out_before_a_key_is_pressed() -> None:
    one = caller("{ hears: HELP, press: 2 }")
    one.prompt(0, "How can we help?", 7)
    assert one.turn(0) == []
    assert one.wake_at == NEVER, "nobody knows when the prompt ends"
    one.prompt_over(4_000, 7)
    assert (one.turn(4_000), one.wake_at) == ([], 4_000 + REACTION_MS)
    assert one.turn(4_000 + REACTION_MS) == [Press("2")]
    assert one.done


def test_at_once_does_not_wait_for_the_end() -> None:
    one = caller("{ hears: help, press: 2, at_once: true }")
    one.prompt(5, "How can we help?", 7)
    assert one.turn(5) == [Press("2")]


def test_a_prompt_that_follows_at_once_is_heard_out_too() -> None:
    one = caller("{ hears: welcome, press: 1 }")
    one.prompt(0, "Welcome.", 1)
    one.turn(0)
    one.prompt_over(1_000, 1)
    one.prompt(1_000, "Press a key.", 2)
    assert one.turn(1_000 + REACTION_MS) == []
    one.prompt_over(3_000, 2)
    assert one.turn(3_000 + REACTION_MS) == [Press("1")]


def test_two_keys_are_two_moments() -> None:
    one = caller("press: 1", "press: 2")
    assert one.turn(REACTION_MS) == [Press("1")]
    assert one.turn(REACTION_MS) == []
    assert one.turn(2 * REACTION_MS) == [Press("2")]


def test_what_was_said_before_a_key_is_not_what_comes_of_it() -> None:
    one = caller("press: 1", "hears: hello")
    one.prompt(0, "Hello.", 1)
    one.prompt_over(100, 1)
    one.turn(100)
    assert one.turn(100 + REACTION_MS) == [Press("1")]
    one.turn(100 + REACTION_MS)
    before = one.done
    one.prompt(2_000, "Hello again.", 2)
    one.turn(2_000)
    assert (before, one.done) == (False, True)


def test_silence_begins_when_what_is_being_said_is_over() -> None:
    one = caller("{ hears: help, silent: 5s }", "hangs_up")
    one.prompt(0, "How can we help?", 1)
    one.turn(0)
    one.prompt_over(4_000, 1)
    assert (one.turn(4_000), one.wake_at) == ([], 9_000 + GRACE_MS)
    one.prompt(6_000, "Are you there? How can we help?", 2)
    assert (one.turn(6_000), one.wake_at) == ([], 9_000 + GRACE_MS), (
        "what is said meanwhile does not begin it anew"
    )
    assert one.turn(9_000 + GRACE_MS) == [HangUp()]


@pytest.mark.parametrize(
    ("hears", "said", "found"),
    [
        ("30 percent", "Take 30  PERCENT off.", True),
        ("30 percent", "Take 40 percent off.", False),
        ("{ exact: Hello. }", "Hello.", True),
        ("{ exact: Hello. }", "hello.", False),
        ("{ exact: Hello. }", "Hello. You there.", False),
        ("{ regex: '4[05] percent' }", "Take 45 percent.", True),
        ("{ regex: '4[05] percent' }", "Take 44 percent.", False),
    ],
)
def test_what_is_heard(hears: str, said: str, found: bool) -> None:
    one = caller(f"hears: {hears}")
    one.prompt(0, said, 1)
    one.turn(0)
    assert one.done is found


def test_a_prompt_that_comes_too_late_is_a_failure_with_the_difference() -> None:
    one = caller('hears: { contains: "40 percent off", within: 3s }')
    one.prompt(0, "We can take 30 percent off for 6 months.", 1)
    assert (one.turn(0), one.wake_at) == ([], 3_000)
    one.turn(2_999)
    early = one.failure
    one.turn(3_000)
    assert early is None
    assert one.failure is not None
    assert (one.failure.file, one.failure.line, one.failure.column) == ("t.test.yaml", 3, 5)
    assert one.failure.wanted == 'hears contains "40 percent off"'
    assert one.failure.instead == (
        '3s later that had not come; heard instead: "We can take 30 percent off for 6 months."'
    )
    assert one.failure.difference == ("- 40 percent off", "+ 30 percent off")


def test_a_prompt_after_the_limit_does_not_count() -> None:
    one = caller('hears: { contains: "hello", within: 3s }')
    one.prompt(3_001, "Hello.", 1)
    one.turn(3_001)
    assert one.failure is not None


def test_what_is_not_done_when_the_call_ends_is_a_failure() -> None:
    one = caller("waits: 100ms", "hangs_up")
    one.turn(0)
    one.call_over(100, "flow_hung_up")
    one.turn(100)
    assert one.failure is None, "what ends in the same instant was waited for"
    for step in ("hears: hello", "press: 1", "waits: 5s", "silent: 5s", "talks_to: anna", "hears_music"):
        one = caller(step)
        one.prompt(0, "Well.", 1)
        one.turn(0)
        one.call_over(100, "flow_hung_up")
        one.turn(100)
        assert one.failure is not None, step
        assert "the call was over (flow_hung_up)" in one.failure.instead


def test_music_is_heard_until_something_is_said() -> None:
    for step, names, found in (
        ("hears_music", ["bossa"], True), ("hears_music", ["ringback"], False), ("hears_music: bossa", ["bossa"], True),
        ("hears_music: bossa", ["evening"], False), ("hears_music: beep", ["beep"], True), ("hears_music", ["bossa", ""], False),
    ):  # fmt: skip
        one = caller(step)
        for name in names:
            one.music(0, name)
        one.turn(0)
        assert one.done is found, step
    one = caller("hears_music")
    one.music(0, "bossa")
    one.prompt(5, "Hello.", 1)
    one.turn(5)
    assert not one.done


def test_talks() -> None:
    for step, party, found in (
        ("talks_to: anna", "anna", True), ("talks_to: anna", "boris", False), ("talks_to: anybody", "boris", True),
        ("talks_to: installer", "+49151", True),
    ):  # fmt: skip
        one = caller(step)
        one.bridged(0, party)
        one.turn(0)
        assert one.done is found, step
    one = caller("talks_to: anna", "talks: 30s")
    one.bridged(1_000, "anna")
    assert (one.turn(1_000), one.wake_at) == ([], 31_000)
    one.parted(11_000)
    one.turn(11_000)
    assert one.failure is not None
    assert one.failure.instead == "there was no talk any more after 10s"


def test_speech_and_the_story() -> None:
    one = caller("say: my bill", "waits: 2s", "{ hears: hello, press: hash }", "hangs_up: true")
    assert one.turn(REACTION_MS) == [Speak("my bill")]
    assert (one.turn(REACTION_MS), one.wake_at) == ([], 2_000 + REACTION_MS)
    one.prompt(3_000, "Hello.", 1)
    one.turn(3_000)
    one.prompt_over(4_000, 1)
    one.turn(4_000)
    assert one.turn(5_000) == [Press("#")]
    assert one.turn(5_000) == [HangUp()]
    assert [str(line) for line in one.story.lines] == [
        '0:00.3  caller  says "my bill"',
        '0:03.0  center  "Hello."',
        "0:05.0  caller  presses #",
        "0:05.0  caller  hangs up",
    ]


def test_a_long_story_shows_its_end() -> None:
    one = caller("hangs_up")
    for number in range(100):
        one.prompt(number * 60_000, f"Text {number}.", number)
    told = one.story.told()
    assert told[0] == "... 60 lines before"
    assert told[-1] == '1:39:00.0  center  "Text 99."'


def test_a_step_written_as_one_word_fails_at_its_place() -> None:
    one = caller("hears_music", "hangs_up")
    one.call_over(0, "flow_hung_up")
    one.turn(0)
    failure: Any = one.failure
    assert (failure.line, failure.column, failure.wanted) == (3, 5, "hears music")
