"""qpanel PR #279: is a caller whose longest wait was over abandoned? Asterisk counts both, and more, as abandoned.

Here each visit has one outcome of its own: abandoned is who hung up; a timeout, an exit by key, an empty queue and
a callback are none of that, and every named service level says what it counts.
"""

from ivr.observe.service_level import Counted, service_levels
from tests.gallery.rooms import call, facts, room


def test_a_timeout_is_a_timeout_and_a_hang_up_is_abandoned() -> None:
    lab = room("max_wait: 30s")
    call(lab)
    other = call(lab)
    lab.wait(20_000)
    other.hang_up()
    lab.wait(10_000)
    assert {fact.call: fact.outcome for fact in lab.told(facts.QueueLeft)} == {1: "timeout", 2: "abandoned"}
    levels = service_levels(Counted(answered=8, answered_in_t=8, abandoned=1, gone_on=1))
    assert (levels["of_offered"], levels["with_flow_outs"]) == (8 / 9, 0.8)
