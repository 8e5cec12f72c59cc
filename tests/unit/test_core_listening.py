"""Menus, questions, offers: keys, silence, tries, type-ahead."""

import pytest

from ivr.core import events, facts
from tests.support import Lab, center_of
from tests.support.lab import states

MENU = """
a:
  - menu: "Choose."
    choices: {1: {label: "one", goto: one}, 2: {label: "two", goto: two}, 9: {label: "again", repeat: true}}
    again: "Once more."
    on: {silence: {say: "Nothing heard."}, invalid: {say: "Wrong key."}, give_up: lost}
    listen: {silence: 5s, tries: 3}
one: [{say: "You chose one."}, hangup]
two: [{say: "You chose two."}, hangup]
lost: [{say: "Goodbye."}, hangup]
"""
ASK = """
a:
  - ask: "Your number?"
    digits: 2..4
    end_key: hash
    skip_key: star
    into: number
    listen: {silence: 6s, between_digits: 2s, tries: 2}
    on: {skipped: skipped, give_up: lost}
  - say: "Thanks."
  - hangup
skipped: [{say: "Skipped."}, hangup]
lost: [{say: "Goodbye."}, hangup]
"""
VARS = "vars: {number: text, pin: text, n: integer}"


def lab_of(text: str, head: str = VARS) -> Lab:
    return Lab(center_of(states(text, head)))


def ended(lab: Lab) -> list[tuple[str, str]]:
    return [(fact.verb, fact.result) for fact in lab.told(facts.StepEnded)]


def test_a_key_chooses_and_barges_in() -> None:
    lab = lab_of(MENU)
    phone = lab.call()
    lab.wait(500)
    phone.press("1")
    assert phone.text == "You chose one."
    assert lab.told(facts.PromptHeard)[0].ended == "barged_in"
    assert lab.told(facts.KeyHeard)[0].use == "taken"


def test_silence_and_wrong_keys_count_together_and_then_the_caller_gives_up() -> None:
    lab = lab_of(MENU)
    phone = lab.call()
    phone.hears("Choose.")
    lab.wait(5_000)
    phone.hears("Nothing heard.", "Once more.")
    phone.press("7")
    phone.hears("Wrong key.", "Once more.")
    lab.wait(4_999)
    assert phone.text == ""
    lab.wait(1)
    assert phone.text == "Goodbye."
    assert [(fact.kind, fact.tries) for fact in lab.told(facts.InputMissed)] == [
        ("silence", 1), ("invalid", 2), ("silence", 3),
    ]  # fmt: skip
    assert ("menu", "give_up") in ended(lab)


def test_the_silence_clock_starts_when_the_prompt_has_been_heard() -> None:
    lab = lab_of(MENU)
    phone = lab.call()
    lab.wait(60_000)  # the prompt takes longer on a slow line
    assert lab.told(facts.InputMissed) == []
    phone.hears("Choose.")
    lab.wait(5_000)
    assert len(lab.told(facts.InputMissed)) == 1


def test_hearing_the_menu_again_is_no_miss() -> None:
    lab = lab_of(MENU)
    phone = lab.call()
    for _ in range(5):
        phone.press("9")
        assert "Choose." in phone.text
    assert lab.told(facts.InputMissed) == []


def test_a_key_pressed_while_a_miss_is_explained_is_heard_by_the_menu() -> None:
    lab = lab_of(MENU)
    phone = lab.call()
    phone.hears("Choose.")
    lab.wait(5_000)
    phone.press("2")
    assert phone.text == "You chose two."


def test_words_choose_like_keys() -> None:
    lab = lab_of(MENU)
    phone = lab.call()
    phone.say("Two please")
    assert phone.text == "You chose two."
    assert lab.last(facts.SpeechTaken).choice == "2"


def test_tries_are_kept_over_the_steps_of_a_handler_even_when_it_calls_a_flow() -> None:
    text = """
a:
  - menu: "Choose."
    choices: {1: {label: "one", goto: b}}
    listen: {silence: 5s, tries: 2}
    on: {silence: [{call: help, on: {done: b}}, {say: "Now choose."}], give_up: b}
b: [{say: "End."}, hangup]
"""
    helping = 'flow: help\nstart: s\nreturns: [done]\nstates: { s: [{say: "Help."}, {return: done}] }\n'
    with_next = text.replace("{done: b}", "{done: [{say: Helped.}]}")
    lab = Lab(center_of(states(with_next, VARS), help=helping))
    phone = lab.call()
    phone.hears("Choose.")
    lab.wait(5_000)
    phone.hears("Help.", "Helped.", "Now choose.", "Choose.")
    lab.wait(5_000)
    assert phone.text == "End."
    assert [fact.tries for fact in lab.told(facts.InputMissed)] == [1, 2]


def test_a_step_left_for_good_while_its_miss_was_handled_has_ended() -> None:
    text = MENU.replace('silence: {say: "Nothing heard."}', "silence: lost")
    lab = lab_of(text)
    phone = lab.call()
    phone.hears("Choose.")
    lab.wait(5_000)
    assert ("menu", "silence") in ended(lab)
    assert phone.text == "Goodbye."


def test_a_menu_inside_a_handler_leads_back_to_the_menu_around_it() -> None:
    text = """
a:
  - menu: "Outer."
    choices: {1: {label: "one", goto: b}}
    listen: {silence: 5s, tries: 3}
    on:
      silence:
        - menu: "Inner."
          choices: {5: {label: "five", steps: [{say: "Five."}]}}
          on: {give_up: b, silence: {say: "Hm."}}
      give_up: b
b: [{say: "End."}, hangup]
"""
    lab = lab_of(text)
    phone = lab.call()
    phone.hears("Outer.")
    lab.wait(5_000)
    phone.hears("Inner.")
    lab.wait(5_000)
    phone.hears("Hm.", "Inner.")
    phone.press("5")
    phone.hears("Five.", "Outer.")
    phone.press("1")
    assert phone.text == "End."
    assert [verb for verb, _ in ended(lab)].count("menu") == 2


def test_keys_typed_ahead_are_used_and_the_prompts_skipped() -> None:
    text = 'a: [{say: "Welcome."}, {goto: m}]\nm:\n' + "\n".join(
        "  " + line.removeprefix("  ") if line.startswith("  ") else line for line in MENU.splitlines()[2:]
    )
    lab = lab_of(text)
    phone = lab.call()
    phone.press("1")
    assert phone.text == "You chose one."
    assert [fact.use for fact in lab.told(facts.KeyHeard)] == ["kept"]


def test_what_must_be_heard_takes_no_keys() -> None:
    lab = lab_of('a: [{say: "Listen well.", must_hear: true}, {say: "More."}, hangup]')
    phone = lab.call()
    phone.press("15")
    phone.hears("Listen well.", "More.")
    assert {fact.use for fact in lab.told(facts.KeyHeard)} == {"ignored"}


def test_without_barge_in_a_key_is_kept_and_the_prompt_goes_on() -> None:
    lab = lab_of(
        'a: [{say: "Whole.", barge_in: false}, {say: "Skipped."}, {say: "End.", barge_in: false}, hangup]'
    )
    phone = lab.call()
    phone.press("5")
    phone.hears("Whole.", "End.")


def test_type_ahead_is_bounded() -> None:
    lab = lab_of('a: [{say: "Whole.", barge_in: false}, hangup]')
    phone = lab.call()
    phone.press("1" * 33)
    assert lab.told(facts.LimitReached)[0].limit == "type_ahead"


def test_keys_left_over_after_a_wrong_one_are_dropped() -> None:
    text = 'a: [{say: "Wait.", barge_in: false}, {goto: m}]\nm:\n' + "\n".join(MENU.splitlines()[2:])
    lab = lab_of(text)
    phone = lab.call()
    phone.press("71")
    phone.hears("Wait.", "Wrong key.")
    assert "Once more." in phone.text


# ask ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "then_wait", "entry"),
    [
        ("1234", 0, "1234"),  # the last digit ends it at once
        ("12#", 0, "12"),  # the end key
        ("123", 2_000, "123"),  # the pause
    ],
)
def test_an_entry_ends_by_itself(keys: str, then_wait: int, entry: str) -> None:
    lab = lab_of(ASK)
    phone = lab.call()
    phone.press(keys)
    lab.wait(then_wait)
    assert phone.text == "Thanks."
    assert lab.last(facts.ValueSet).value == entry


def test_each_digit_gives_time_for_the_next() -> None:
    lab = lab_of(ASK)
    phone = lab.call()
    phone.press("1")
    lab.wait(1_999)
    phone.press("2")
    lab.wait(1_999)
    assert lab.told(facts.ValueSet) == []
    lab.wait(1)
    assert lab.last(facts.ValueSet).value == "12"


def test_too_few_digits_are_a_miss_and_a_second_one_gives_up() -> None:
    lab = lab_of(ASK)
    phone = lab.call()
    phone.press("1#")
    assert phone.text == "Your number?"
    phone.press("5")
    lab.wait(2_000)
    assert phone.text == "Goodbye."


def test_the_skip_key_skips_only_an_empty_entry() -> None:
    lab = lab_of(ASK)
    phone = lab.call()
    phone.press("*")
    assert phone.text == "Skipped."


def test_an_empty_entry_is_one_where_no_digit_is_needed() -> None:
    lab = lab_of(ASK.replace("digits: 2..4", "digits: 0..4"))
    phone = lab.call()
    phone.press("#")
    assert phone.text == "Thanks."
    assert lab.last(facts.ValueSet).value == ""
    lab = lab_of(ASK.replace("digits: 2..4", "digits: 0..4\n    empty: caller.number"))
    lab.call(caller="+49").press("#")
    assert lab.last(facts.ValueSet).value == "+49"


CONFIRM = ASK.replace("into: number", 'into: number\n    confirm: "You said {{ vars.number }}?"')


def test_an_entry_is_read_back_and_confirmed() -> None:
    lab = lab_of(CONFIRM)
    phone = lab.call()
    phone.press("1234")
    assert phone.text == "You said 1234?"
    phone.press("2")
    assert phone.text == "Your number?"
    assert lab.told(facts.InputMissed) == []
    phone.press("5678")
    phone.hears("You said 5678?")
    phone.press("1")
    assert phone.text == "Thanks."


def test_confirmation_hears_silence_words_wrong_keys_and_keys_typed_ahead() -> None:
    lab = lab_of(CONFIRM)
    phone = lab.call()
    phone.press("12#")
    phone.hears("You said 12?")
    lab.wait(6_000)
    assert phone.text == "Your number?"
    phone.press("34#")
    phone.press("7")
    assert phone.text == "Goodbye."
    lab = lab_of(CONFIRM)
    phone = lab.call()
    phone.press("12#")
    phone.say("1")
    assert phone.text == "Thanks."
    text = "a: [{wait: 1s}, {goto: b}]\nb:\n" + "\n".join(CONFIRM.splitlines()[2:])
    lab = lab_of(text)
    phone = lab.call()
    phone.press("12#1")
    lab.wait(1_000)
    assert phone.text == "Thanks."


def test_a_secret_entry_shows_nowhere() -> None:
    lab = lab_of(ASK.replace("into: number", "into: pin\n    secret: true"))
    phone = lab.call()
    phone.press("47#")
    shown = repr([fact for fact in lab.facts if not isinstance(fact, facts.CallStarted)])
    assert "47" not in shown
    assert [fact.key for fact in lab.told(facts.KeyHeard)] == ["•", "•", "#"]
    assert lab.last(facts.ValueSet).value == "••"


def test_a_check_that_fails_is_a_miss() -> None:
    lab = lab_of(ASK.replace("into: number", "into: number\n    check: vars.number == '77'"))
    phone = lab.call()
    phone.press("12#")
    assert phone.text == "Your number?"
    phone.press("77#")
    assert phone.text == "Thanks."


# offer ----------------------------------------------------------------------------------------------------

OFFER = """
a:
  - offer: stay
    steps: [{percent: 10, months: 3}, {percent: 20, months: 6, when: customer.active}, {amount: 15, months: 1}]
    say: "{{ offer.percent }} percent, {{ offer.price }}."
    listen: {silence: 5s, tries: 2}
    on: {accepted: yes, exhausted: none, give_up: lost, silence: {say: "Hm."}}
yes: [{say: "Accepted."}, hangup]
none: [{say: "No more."}, hangup]
lost: [{say: "Goodbye."}, hangup]
"""


def answers(lab: Lab) -> list[tuple[int, str]]:
    return [(fact.rung, fact.answer) for fact in lab.told(facts.OfferEnded)]


def test_a_ladder_skips_what_the_caller_may_not_have() -> None:
    lab = lab_of(OFFER)
    phone = lab.call()
    phone.press("2")
    phone.press("2")
    assert phone.text == "No more."
    assert [fact.rung for fact in lab.told(facts.OfferMade)] == [1, 3]
    assert answers(lab) == [(1, "declined"), (3, "declined")]


def test_silence_wrong_keys_typing_ahead_and_hanging_up_accept_nothing() -> None:
    lab = lab_of(OFFER)
    phone = lab.call()
    phone.hears("10 percent")
    lab.wait(5_000)
    phone.hears("Hm.", "10 percent")
    phone.press("7")
    assert phone.text == "Goodbye."
    assert answers(lab) == [(1, "unanswered")]
    lab = lab_of(OFFER)
    lab.call().hang_up()
    assert answers(lab) == [(1, "hung_up")]
    lab = lab_of(OFFER)
    phone = lab.call()
    phone.hears("10 percent")
    lab.wait(5_000)
    phone.hang_up()  # while its miss is handled
    assert answers(lab) == [(1, "hung_up")]
    text = "a: [{wait: 1s}, {goto: b}]\nb:\n" + "\n".join(OFFER.splitlines()[2:])
    lab = lab_of(text)
    phone = lab.call()
    phone.press("1")
    lab.wait(1_000)
    assert answers(lab) == []
    assert "10 percent" in phone.text


def test_a_key_of_the_flow_leaves_an_offer_unanswered() -> None:
    lab = lab_of(OFFER, "on: {keys: {9: lost}}")
    lab.call().press("9")
    assert answers(lab) == [(1, "unanswered")]


def test_a_center_that_closes_leaves_an_offer_unanswered() -> None:
    lab = lab_of(OFFER)
    lab.call()
    lab.do(events.CenterStopped())
    assert answers(lab) == [(1, "unanswered")]
