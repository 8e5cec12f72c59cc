"""Asterisk #1637: the choice of the longest waiting caller over several queues skips callers with a higher priority.

Here an agent who becomes ready is offered, of all their queues, the call with the highest priority, and the one that
arrived first among equals; only a queue's weight comes before priority.
"""

from tests.gallery.rooms import asked, call, room


def test_priority_comes_before_the_length_of_the_wait_across_queues() -> None:
    lab = room(more="priority: 5 if caller.number == '+9' else 0,")
    call(lab, "+1", "2")
    lab.wait(60_000)
    call(lab, "+9")
    lab.agent("clara")
    assert asked(lab) == [("clara", 2)]


def test_among_equals_the_first_to_arrive_is_served_whatever_the_queue() -> None:
    lab = room()
    call(lab, "+1", "2")
    lab.wait(1)
    call(lab, "+2")
    lab.agent("clara")
    assert asked(lab) == [("clara", 1)]
