"""All agents are gone while callbacks are pending: they are dialled without an agent, or forgotten.

Here a callback waits for an agent as long as it takes, over a closing time too, and outlives the server.
"""

from tests.gallery.rooms import accept, events, facts, room


def test_callbacks_wait_for_the_next_agent() -> None:
    lab = room()
    lab.agent("anna")
    lab.do(events.AgentSignedOut("anna"))
    lab.do(events.CallbackRestored("support", "+1"))
    lab.wait(12 * 3_600_000)
    assert lab.out.of("dial") == []
    assert not lab.told(facts.CallbackEnded)
    lab.agent("boris")
    accept(lab, "boris")
    assert len(lab.out.of("dial")) == 1
