"""cooldown: nobody is put the same offers again and again."""

from ivr.core import facts
from ivr.core.time import DAY, HOUR
from tests.support import Lab, center_of
from tests.support.lab import states

LADDER = """
a:
  - offer: stay
    steps: [{percent: 30, months: 6}, {percent: 50, months: 6}]
    say: "{{ offer.percent }} percent?"
    cooldown: 30d
    price: 40
    on: {accepted: yes, exhausted: no%s, give_up: no}
yes: [{say: "Accepted."}, hangup]
no: [{say: "No more offers."}, hangup]
"""


LATE = 'late: [{say: "We have asked you already."}, hangup]\n'


def lab(more: str = "", states_more: str = "") -> Lab:
    return Lab(center_of(states(LADDER % more + states_more)))


def test_the_same_number_is_asked_again_only_after_the_cooldown() -> None:
    center = lab()
    first = center.call("p-1", caller="+49")
    assert first.text.startswith("30 percent?")
    first.press("2")
    assert first.text.startswith("50 percent?"), "the ladder goes on within the call"
    first.press("2")
    first.hang_up()
    center.wait(30 * DAY - HOUR)
    assert center.call("p-2", caller="+49").text == "No more offers."
    assert [fact.result for fact in center.told(facts.StepEnded) if fact.verb == "offer"][
        -1
    ] == "exhausted.cooldown"
    assert center.call("p-3", caller="+50").text.startswith("30 percent?")
    center.wait(2 * HOUR)
    assert center.call("p-4", caller="+49").text.startswith("30 percent?")


def test_it_may_have_a_handler_of_its_own_and_a_withheld_number_is_nobody() -> None:
    center = lab(", exhausted.cooldown: late", LATE)
    center.call("p-1", caller="+49").hang_up()
    assert center.call("p-2", caller="+49").text == "We have asked you already."
    center.call("p-3").hang_up()
    assert center.call("p-4").text.startswith("30 percent?")
