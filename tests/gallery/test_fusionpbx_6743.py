"""FusionPBX PR #6743: with the time base `system`, a caller hears "now 8th, having been 7th": a later one overtook.

Here the order is priority, then arrival in the queue, so among equals a position only ever falls.
"""

from tests.gallery.rooms import accept, call, facts, room


def test_a_position_never_grows_among_equals() -> None:
    lab = room(more='announce: [{every: 5s, say: "You are number {{ queue.position }}."}],')
    for _ in range(6):
        call(lab)
        lab.wait(1_000)
    lab.agent("anna")
    for _ in range(4):
        accept(lab, "anna")
        lab.wait(7_000)
        lab.engine.acd().talks.agent_left(lab.engine.acd().staff.agents["anna"], "agent")
    heard: dict[int, list[int]] = {}
    for fact in lab.told(facts.WaitAnnounced):
        heard.setdefault(fact.call, []).append(fact.position)
    assert len(heard) == 6
    assert all(places == sorted(places, reverse=True) for places in heard.values())
