"""OpenSIPS #3123: an agent stays locked "incall" after the call is gone.

Here the agent is freed by whatever ends the talk: either party, a lost desk, a transfer, the end of the center.
"""

import pytest

from tests.gallery.rooms import Desk, accept, call, events, room


@pytest.mark.parametrize("how", ["caller", "agent", "lost", "transfer", "stop"])
def test_whatever_ends_the_talk_frees_the_agent(how: str) -> None:
    lab = room()
    lab.agent("anna")
    phone = call(lab)
    accept(lab, "anna")
    match how:
        case "caller":
            phone.hang_up()
        case "agent":
            Desk(lab, "anna").hang_up()
        case "lost":
            lab.do(events.AgentLost("anna"))
        case "transfer":
            Desk(lab, "anna").transfer("billing")
        case "stop":
            lab.do(events.CenterStopped())
    assert lab.state("anna") == ("signed_out" if how == "lost" else "ready")
    assert lab.engine.acd().staff.agents["anna"].call is None
