"""Asterisk #1006: with `shared_lastcall` the wrap-up of one queue ends early, and the member is rung by another.

Here wrap-up is a state of the agent, so no queue rings them before it ends; it ends exactly when its time is up, or
when the agent says so.
"""

from tests.gallery.rooms import asked, call, room, served


def test_no_other_queue_rings_an_agent_in_wrap_up() -> None:
    lab = room("wrap_up: 30s", other="wrap_up: 5s")
    lab.agent("clara")
    served(lab, "clara", call(lab))
    call(lab, dialled="2")
    lab.wait(29_999)
    assert (lab.state("clara"), len(asked(lab))) == ("wrap_up", 1)
    lab.wait(1)
    assert asked(lab)[-1] == ("clara", 2)
