"""jambonz #1363: the agent is not told whom they have dequeued.

Here the card that comes with the ring has the call, its queue, the caller's number and name, how long they have
waited, and what the flow carries to the agent.
"""

from tests.gallery.rooms import call, room


def test_the_card_says_who_waits_and_how_long() -> None:
    lab = room(more="carry: [customer],")
    call(lab, "+491")
    lab.wait(42_000)
    card = lab.agent("anna").card
    assert (card.queue, card.caller, card.waited_ms) == ("support", "+491", 42_000)
    assert set(card.data) == {"customer"}
