"""Asterisk #1557: with ring-all, an agent who dumps the caller starts the whole round of ringing anew.

Here each phone has a reservation of its own: one that is refused ends alone, the others go on ringing for the rest
of their time.
"""

from tests.gallery.rooms import Desk, asked, call, facts, room


def test_one_refusal_leaves_the_other_phones_ringing_to_the_end_of_their_time() -> None:
    lab = room("strategy: ring_all, ring: 20s, retry_after: 60s")
    for name in ("anna", "boris"):
        lab.agent(name)
    call(lab)
    lab.wait(15_000)
    Desk(lab, "anna").reject()
    assert len(asked(lab)) == 2, "nobody is rung again"
    lab.wait(5_000)
    ended = [(fact.agent, fact.result, fact.rang_ms) for fact in lab.told(facts.ReservationEnded)]
    assert ended == [("anna", "rejected", 15_000), ("boris", "lapsed", 20_000)]
