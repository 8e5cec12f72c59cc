"""Amazon Connect, re:Post QUQjcONseUTLKUdzsjQK3Z4A: "the same contact always gets the same estimated wait".

Here the estimate is made anew at each announcement, from the position and the agents of that moment; with nobody at
work it is unknown, never zero.
"""

from tests.gallery.rooms import accept, call, events, facts, room


def test_the_estimate_follows_what_happens() -> None:
    lab = room(more='announce: [{every: 10s, say: "{{ queue.wait | minutes }}"}],')
    lab.agent("anna")
    call(lab)
    accept(lab, "anna")
    ahead, me = call(lab), call(lab)
    lab.wait(10_000)
    me.hears("")
    ahead.hang_up()
    lab.wait(10_000)
    me.hears("")
    lab.do(events.AgentLost("anna"))
    lab.wait(10_000)
    told = [fact.estimate_ms for fact in lab.told(facts.WaitAnnounced) if fact.call == 3]
    first, second, third = told[:3]
    assert first is not None
    assert second is not None
    assert (first > second > 0, third) == (True, None)
