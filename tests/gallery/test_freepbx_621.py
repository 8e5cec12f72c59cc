"""FreePBX #621: callbacks jump ahead of live callers, and more of them are dialled than agents are free.

Here a callback has the place its caller had: it is neither before those who were before it nor after those who came
later, and a customer is dialled only once an agent has accepted.
"""

from tests.gallery.rooms import accept, call, events, facts, room


def test_a_callback_keeps_its_place_between_live_callers() -> None:
    lab = room()
    lab.do(events.CallbackRestored("support", "+2"))
    call(lab, "+1")
    lab.do(events.CallbackRestored("support", "+3"))
    lab.agent("anna")
    asked = [lab.out.of("ring")[-1][2].caller]
    accept(lab, "anna")
    lab.do(events.LineFailed(lab.out.of("dial")[-1][0], "busy"))
    asked.append(lab.out.of("ring")[-1][2].caller)
    assert asked == ["+2", "+1"], "the live caller came before the second callback"


def test_no_more_customers_are_dialled_than_agents_have_accepted() -> None:
    lab = room()
    for number in range(5):
        lab.do(events.CallbackRestored("support", f"+{number}"))
    for name in ("anna", "boris"):
        lab.agent(name)
    assert lab.out.of("dial") == []
    accept(lab, "boris")
    lab.wait(10_000)
    assert len(lab.out.of("dial")) == len(lab.told(facts.CallbackTried)) == 1
