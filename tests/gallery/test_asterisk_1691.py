"""Asterisk #1691: a caller who joins at position 1, before others, keeps the queue from offering any call.

Here matching is an event: whoever joins looks for an agent, whoever becomes ready looks for a call, and after each
input no call waits while an agent who may take it is ready; that is audited in every test.
"""

from tests.gallery.rooms import asked, call, room


def test_a_caller_who_overtakes_all_does_not_stop_the_queue() -> None:
    lab = room(
        "ring: 5s, retry_after: 0s, max_misses: 9", more="priority: 9 if caller.number == '+9' else 0,"
    )
    lab.agent("anna")
    call(lab, "+1")
    call(lab, "+2")
    call(lab, "+9")
    lab.wait(5_000)
    assert asked(lab) == [("anna", 1), ("anna", 3)]
    lab.wait(5_000)
    lab.agent("boris")
    assert asked(lab)[-2:] == [("anna", 3), ("boris", 1)]
