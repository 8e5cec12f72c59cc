"""FreeSWITCH #1973: members stay in the queue as `Answered` long after their call has ended.

Here a visit ends with exactly one outcome, and `offered = outcomes + waiting` is asserted whenever one does.
"""

from tests.gallery.rooms import call, facts, room, served


def test_nobody_is_left_in_a_queue_after_their_call() -> None:
    lab = room()
    lab.agent("anna")
    for _ in range(5):
        served(lab, "anna", call(lab))
        call(lab).hang_up()
    queue = lab.engine.acd().queues["support"]
    assert (queue.offered, queue.left, len(queue.visits)) == (10, 10, 0)
    assert len(lab.told(facts.QueueLeft)) == 10
    assert not lab.engine.calls()
