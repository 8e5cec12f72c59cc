"""Two queues that share an agent (Asterisk's `pending_members`, ASTERISK-26133): both ring the same phone at once.

Here an agent has one state: reserved by one queue, they are not ready in any other.
"""

from tests.gallery.rooms import asked, call, room


def test_two_queues_never_make_two_reservations_of_one_agent() -> None:
    lab = room("ring: 5s, retry_after: 0s, max_misses: 9")
    call(lab, dialled="1")
    call(lab, dialled="2")
    lab.agent("clara")
    assert asked(lab) == [("clara", 1)]
    lab.wait(5_000)
    assert asked(lab) == [("clara", 1), ("clara", 1)]
