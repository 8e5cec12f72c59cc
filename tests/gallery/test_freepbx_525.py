"""FreePBX #525: one customer is called back two or three times.

Here a callback has at most one attempt in flight and ends once: reached, or failed when its tries are used up.
"""

from tests.gallery.rooms import accept, events, facts, room


def test_a_customer_who_was_reached_is_not_called_again() -> None:
    lab = room()
    lab.do(events.CallbackRestored("support", "+1", tries=3, retry_every_ms=60_000))
    for name in ("anna", "boris"):
        lab.agent(name)
    assert [lab.state(name) for name in ("anna", "boris")] == ["reserved", "ready"]
    accept(lab, "anna")
    line = lab.out.of("dial")[-1][0]
    lab.do(events.LineAnswered(line))
    lab.do(events.LineEnded(line))
    lab.wait(3_600_000)
    assert len(lab.out.of("dial")) == 1
    assert [fact.result for fact in lab.told(facts.CallbackEnded)] == ["reached"]
