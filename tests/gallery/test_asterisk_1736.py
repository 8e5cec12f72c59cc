"""Asterisk #1736: calls of a member of several queues are counted twice, so `fewestcalls` chooses wrongly.

Here a call is counted once, for the agent, when the two parties hear each other; a ring that fails counts nothing.
"""

from tests.gallery.rooms import asked, call, room, served

AGENTS = "agents: { anna: { queues: [support, billing] }, boris: { queues: [support] } }"


def test_a_call_counts_once_however_many_queues_the_agent_serves() -> None:
    lab = room("strategy: fewest_calls", agents=AGENTS)
    lab.agent("anna")
    served(lab, "anna", call(lab))
    lab.agent("boris")
    for expected in ("boris", "anna", "boris"):
        phone = call(lab)
        assert asked(lab)[-1][0] == expected
        served(lab, expected, phone)


def test_a_ring_that_fails_is_no_call() -> None:
    lab = room("strategy: fewest_calls, ring: 5s, retry_after: 1s, max_misses: 9", agents=AGENTS)
    for name in ("anna", "boris"):
        lab.agent(name)
    call(lab)
    lab.wait(5_000)
    assert [agent.taken for agent in lab.engine.acd().staff.agents.values()] == [0, 0]
