"""Asterisk #1611, ASTERISK-29155: asking often for the state of queues slows them down, and locks get in each other's way.

Here a picture is read from the engine between inputs and changes nothing: asked a thousand times, the same call goes
the same way.
"""

from tests.gallery.rooms import Lab, accept, call, room


def run(looks: int) -> Lab:
    lab = room("wrap_up: 5s")
    lab.agent("anna")
    phone = call(lab)
    for _ in range(looks):
        lab.engine.snapshot()
    accept(lab, "anna")
    lab.wait(9_000)
    phone.hang_up()
    lab.wait(9_000)
    return lab


def test_looking_changes_nothing() -> None:
    assert run(0).facts == run(1_000).facts
