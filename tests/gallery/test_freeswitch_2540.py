"""FreeSWITCH #2540: with ring-all an agent stays `Reserved` for ever after another has answered.

Here the other reservations end with the answer, with a reason, and their agents are ready in the same instant;
a late accept is ignored.
"""

from tests.gallery.rooms import call, events, facts, room

NAMES = ("anna", "boris", "clara")


def test_nobody_stays_reserved_when_somebody_has_answered_or_the_caller_is_gone() -> None:
    lab = room("strategy: ring_all")
    for name in NAMES:
        lab.agent(name)
    call(lab)
    lab.do(events.ReservationAccepted("boris", 2))
    lab.do(events.ReservationAccepted("clara", 3))
    assert [lab.state(name) for name in NAMES] == ["ready", "talking", "ready"]
    assert {fact.why for fact in lab.told(facts.ReservationEnded)} == {"", "answered"}
    phone = call(lab)
    assert [lab.state(name) for name in NAMES] == ["reserved", "talking", "reserved"]
    phone.hang_up()
    assert [lab.state(name) for name in NAMES] == ["ready", "talking", "ready"]
