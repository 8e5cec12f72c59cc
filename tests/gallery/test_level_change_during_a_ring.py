"""A penalty changes while a member is rung (Asterisk's queue rules): the new members wait for the next round, or the old ring is cut.

Here the ring goes on, and what has widened counts as soon as it has failed.
"""

from tests.gallery.rooms import asked, call, room

AGENTS = "agents: { anna: { queues: [support] }, boris: { queues: [support], levels: { support: 2 } } }"


def test_a_level_that_opens_during_a_ring_counts_after_it() -> None:
    lab = room("levels: [10s], ring: 15s, retry_after: 60s", agents=AGENTS)
    for name in ("boris", "anna"):
        lab.agent(name)
    call(lab)
    lab.wait(14_999)
    assert asked(lab) == [("anna", 1)]
    lab.wait(1)
    assert asked(lab) == [("anna", 1), ("boris", 1)]
