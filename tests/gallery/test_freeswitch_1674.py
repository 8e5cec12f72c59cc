"""FreeSWITCH #1674: "member is gone just before we assigned an agent": caller and agent are claimed by two threads.

Here a reservation is made in one step with the claim on both, and inputs come one after another: whichever of
"the caller hangs up" and "the agent accepts" comes first in the same millisecond counts, and the other is ignored.
"""

from tests.gallery.rooms import call, events, facts, room


def test_the_caller_hangs_up_first() -> None:
    lab = room()
    lab.agent("anna")
    phone = call(lab)
    phone.hang_up()
    lab.do(events.ReservationAccepted("anna", 1))
    assert (lab.state("anna"), lab.last(facts.EventIgnored).event) == ("ready", "reservation_accepted")
    assert lab.last(facts.QueueLeft).outcome == "short_abandoned"


def test_the_agent_accepts_first() -> None:
    lab = room()
    lab.agent("anna")
    phone = call(lab)
    lab.do(events.ReservationAccepted("anna", 1))
    phone.hang_up()
    assert lab.last(facts.QueueLeft).outcome == "answered"
    assert (lab.last(facts.TalkEnded).ended_by, lab.last(facts.TalkEnded).talk_ms) == ("caller", 0)
    assert lab.state("anna") == "ready"
