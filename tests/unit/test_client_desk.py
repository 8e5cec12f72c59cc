"""The desk against a center of a few lines."""

import pytest

from ivr import wire
from ivr.client import Desk
from ivr.errors import PeerError
from tests.unit.fake_center import Peer, center

RING = wire.Ring(12, "c-000042", "call", "support", "+491", "Ana", 31_000, 15_000, {"debt": "30.00"})


async def test_a_talk_from_ring_to_wrap_up() -> None:
    async def script(peer: Peer) -> None:
        sign_in = await peer.seats(wire.AgentState("ready"), RING)
        assert sign_in == wire.SignIn("anna", ready=True, codec="none")
        assert (await peer.hears(wire.Accept)).reservation == 12
        await peer.says(wire.AgentState("talking"), wire.Bridged("c-000042", "+491"))
        await peer.hears(wire.Hold)
        await peer.says(wire.Held(on=True))
        await peer.hears(wire.Resume)
        await peer.says(wire.Held(on=False))
        assert (await peer.hears(wire.Transfer)).to == "billing"
        await peer.hears(wire.HangUp)
        await peer.says(wire.Parted("c-000042"), wire.AgentState("wrap_up"))
        assert (await peer.hears(wire.WrapUp)).code == "solved"
        assert (await peer.hears(wire.Pause)).reason == "lunch"
        await peer.hears(wire.Ready)
        await peer.hears(wire.SignOut)
        await peer.says(wire.AgentState("signed_out"))

    async with center(script) as fake, Desk(fake.url, agent="anna") as desk:
        assert desk.state.targets == ("support", "billing")
        ring = await desk.wait_for(wire.Ring)
        assert ring.data == {"debt": "30.00"}
        assert desk.state.card == RING
        await desk.accept()
        await desk.wait_for(wire.Bridged)
        assert (desk.state.ring, desk.state.party, desk.state.state) == (None, "+491", "talking")
        await desk.hold()
        assert (await desk.wait_for(wire.Held)).on
        assert desk.state.held
        await desk.resume()
        assert not (await desk.wait_for(wire.Held)).on
        await desk.transfer("billing")
        await desk.hang_up()
        await desk.wait_for(wire.Parted)
        assert desk.state.party == ""
        await desk.wrap_up("solved")
        await desk.pause("lunch")
        await desk.ready()
        await desk.sign_out()
        await desk.wait_for(wire.AgentState, where=lambda moved: moved.state == "signed_out")


async def test_reject_and_withdrawn() -> None:
    async def script(peer: Peer) -> None:
        await peer.seats(RING)
        assert (await peer.hears(wire.Reject)).reservation == 12
        await peer.says(wire.Withdrawn(11, "lapsed"))
        await peer.hears(wire.Ready)
        await peer.says(wire.Withdrawn(12, "rejected"))
        assert (await peer.hears(wire.Accept)).reservation == 7

    async with center(script) as fake, Desk(fake.url, agent="anna") as desk:
        await desk.wait_for(wire.Ring)
        await desk.reject()
        await desk.wait_for(wire.Withdrawn)
        assert desk.state.ring == RING  # that was another one
        await desk.ready()
        await desk.wait_for(wire.Withdrawn)
        with pytest.raises(PeerError, match="no call rings"):
            await desk.accept()
        await desk.accept(7)


async def test_a_seat_that_is_taken() -> None:
    async def script(peer: Peer) -> None:
        sign_in = await peer.hears(wire.SignIn)
        assert not sign_in.ready
        await peer.says(wire.Error("agent_in_use", "anna is signed in at another desk"))

    async with center(script) as fake:
        with pytest.raises(PeerError, match="another desk"):
            async with Desk(fake.url, agent="anna", ready=False):
                pass
