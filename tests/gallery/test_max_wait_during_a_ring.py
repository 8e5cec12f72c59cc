"""The longest wait is over while an agent is rung (Asterisk's `timeoutpriority`; FreeSWITCH waits for the connect).

Here the agent has the rest of the ring to take the call; if they do not, the wait ends then, and nobody else is asked.
"""

from tests.gallery.rooms import accept, call, facts, room


def test_an_answer_in_the_last_ring_still_counts() -> None:
    lab = room("max_wait: 20s, ring: 15s")
    call(lab)
    lab.wait(15_000)
    lab.agent("anna")
    lab.wait(10_000)
    assert not lab.told(facts.QueueLeft)
    accept(lab, "anna")
    assert (lab.last(facts.QueueLeft).outcome, lab.last(facts.QueueLeft).waited_ms) == ("answered", 25_000)


def test_a_ring_that_fails_ends_the_wait() -> None:
    lab = room("max_wait: 20s, ring: 15s")
    call(lab)
    lab.wait(15_000)
    lab.agent("anna")
    lab.wait(15_000)
    assert (lab.last(facts.QueueLeft).outcome, lab.last(facts.QueueLeft).waited_ms) == ("timeout", 30_000)
