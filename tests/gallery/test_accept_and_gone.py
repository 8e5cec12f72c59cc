"""The agent accepts and is gone before the bridge (Kazoo's "ghost call", jambonz' popped caller): the caller is lost.

Here the call goes on in its flow: it was answered, so it is not put back, and the flow decides what follows.
"""

from tests.gallery.rooms import call, events, facts
from tests.support import Lab, center_of
from tests.support.lab import states

FLOW = """
a: [{queue: support, on: {timeout: z, full: z, empty: z, closed: z}}, {say: "We are sorry. Once more."}, {goto: b}]
b: [{queue: support, priority: 9, on: {timeout: z, full: z, empty: z, closed: z}}, hangup]
z: [hangup]
"""


def test_the_caller_of_an_agent_who_is_gone_at_once_goes_on_in_the_flow() -> None:
    lab = Lab(center_of(states(FLOW)))
    lab.agent("anna")
    phone = call(lab)
    lab.do(events.ReservationAccepted("anna", 1))
    lab.do(events.AgentLost("anna"))
    phone.hears("We are sorry.")
    assert [fact.ended_by for fact in lab.told(facts.TalkEnded)] == ["lost"]
    lab.agent("boris")
    assert lab.last(facts.ReservationMade).call == 1
