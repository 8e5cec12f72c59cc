"""FreeSWITCH #1216: with `top-down`, the queue halts at an agent who does not answer.

Here a miss sends the agent to rest, and the next in the order is asked at once.
"""

from tests.gallery.rooms import asked, call, room


def test_linear_goes_on_to_the_next_who_is_ready() -> None:
    lab = room("strategy: linear, ring: 5s, retry_after: 60s")
    for name in ("anna", "boris", "clara"):
        lab.agent(name)
    call(lab)
    lab.wait(10_000)
    assert [agent for agent, _ in asked(lab)] == ["anna", "boris", "clara"]
