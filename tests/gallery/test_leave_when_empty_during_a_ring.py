"""The last agent pauses while they are rung, in a queue that callers leave when it is empty: who tells the caller?

Here the reservation is taken back first, and then the queue is empty: the caller leaves it once, as `left_empty`.
"""

from tests.gallery.rooms import call, events, facts, room


def test_the_caller_leaves_once_when_the_only_agent_pauses_in_the_ring() -> None:
    lab = room("leave_when_empty: true")
    lab.agent("anna")
    call(lab)
    lab.do(events.AgentPaused("anna", "lunch"))
    assert [fact.outcome for fact in lab.told(facts.QueueLeft)] == ["left_empty"]
    assert [(fact.result, fact.why) for fact in lab.told(facts.ReservationEnded)] == [
        ("rescinded", "agent_paused")
    ]
