"""The softphone against a center of a few lines."""

import asyncio
import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from ivr import wire
from ivr.client import CallOver, CallRefused, ClientClosed, NotInTime, Phone, ServerUnreachable
from ivr.errors import OperatorError, PeerError
from tests.unit.fake_center import CONNECTED, MENU, WELCOME, Peer, center

QUEUED = wire.Queued("support", 2, 60.0)
BRIDGED = wire.Bridged("c-000001", "anna")
ENDED = wire.Ended("c-000001", "flow_hung_up")


async def test_a_call_from_greeting_to_end() -> None:
    async def script(peer: Peer) -> None:
        hello = await peer.welcomes()
        assert hello == wire.Hello("+491", "Ana", "none")
        assert await peer.hears(wire.Dial) == wire.Dial("support")
        await peer.says(CONNECTED, wire.State("main", "menu"), MENU)
        assert (await peer.hears(wire.Press)).keys == "1"
        await peer.says(wire.Key("1", "taken"), wire.PromptEnded(1, "stopped"), QUEUED, BRIDGED)
        await peer.hears(wire.HangUp)
        await peer.says(wire.Ended("c-000001", "caller_hung_up"))

    async with center(script) as fake, Phone(fake.url, number="+491", name="Ana") as phone:
        assert phone.state.numbers == ("support",)
        assert (await phone.dial("support")).call == "c-000001"
        prompt = await phone.hears("PRESS 1")
        assert prompt.length_ms == 1_500
        assert phone.state.prompt == MENU
        assert phone.state.stage == "connected"
        await phone.press("1")
        assert (await phone.wait_for(wire.Queued)).position == 2
        assert (await phone.wait_for(wire.Bridged)).party == "anna"
        assert phone.state.stage == "bridged"
        await phone.hang_up()
        assert (await phone.wait_for(wire.Ended)).reason == "caller_hung_up"
        assert (phone.state.stage, phone.state.call) == ("ended", "c-000001")


async def test_nothing_is_missed_between_two_waits_and_nothing_found_twice() -> None:
    async def script(peer: Peer) -> None:
        await peer.connects(wire.Queued("support", 2, None), wire.Queued("support", 1, None), BRIDGED)

    async with center(script) as fake, Phone(fake.url) as phone:
        await phone.dial("support")
        async for message in phone.messages():  # all has come before anybody waits
            if message == BRIDGED:
                break
        assert [(await phone.wait_for(wire.Queued)).position for _ in range(2)] == [2, 1]
        with pytest.raises(NotInTime, match="instead came: Bridged"):
            await phone.wait_for(wire.Queued, within=0.01)
        assert await phone.wait_for(wire.Bridged) == BRIDGED  # a timeout skips nothing


async def test_where_and_several_kinds() -> None:
    async def script(peer: Peer) -> None:
        await peer.connects(wire.Queued("support", 2, None), wire.Queued("support", 1, None), ENDED)

    async with center(script) as fake, Phone(fake.url) as phone:
        await phone.dial("support")
        first = await phone.wait_for(wire.Queued, where=lambda queued: queued.position == 1)
        assert first.position == 1
        assert await phone.wait_for(wire.Bridged, wire.Ended) == ENDED


async def test_hears_takes_a_pattern_and_says_what_was_heard_instead() -> None:
    async def script(peer: Peer) -> None:
        await peer.connects(
            wire.Prompt(1, "Welcome.", "en", 400), wire.Prompt(2, "You owe 30 euros.", "en", 900)
        )

    async with center(script) as fake, Phone(fake.url) as phone:
        await phone.dial("support")
        with pytest.raises(NotInTime) as caught:
            await phone.hears("goodbye", within=0.05)
        assert isinstance(caught.value, TimeoutError)
        assert caught.value.instead == ("'Welcome.'", "'You owe 30 euros.'")
        assert "a prompt with 'goodbye'" in str(caught.value)
        assert (await phone.hears(re.compile(r"owe \d+"))).play == 2


async def test_a_refused_call_is_an_error_and_the_phone_can_dial_again() -> None:
    async def script(peer: Peer) -> None:
        await peer.welcomes()
        await peer.hears(wire.Dial)
        await peer.says(wire.Refused("supprt", "unknown_number"))
        await peer.hears(wire.Dial)
        await peer.says(CONNECTED, ENDED)
        await peer.hears(wire.Dial)
        await peer.says(wire.Connected("c-000002", "support"))

    async with center(script) as fake, Phone(fake.url) as phone:
        with pytest.raises(CallRefused, match="unknown_number") as caught:
            await phone.dial("supprt")
        assert caught.value.code == "unknown_number"
        await phone.dial("support")
        assert (await phone.dial("support")).call == "c-000002"  # the end of the last call is not of this one
        assert phone.state.ended == ""


async def test_the_end_of_the_call_ends_waiting_for_what_cannot_come() -> None:
    async def script(peer: Peer) -> None:
        await peer.connects(ENDED, wire.Incoming("+4930", 20_000))

    async with center(script) as fake, Phone(fake.url) as phone:
        await phone.dial("support")
        with pytest.raises(CallOver, match="flow_hung_up") as caught:
            await phone.wait_for(wire.Bridged, within=30)
        assert caught.value.reason == "flow_hung_up"
        assert (await phone.wait_for(wire.Incoming)).caller == "+4930"
        assert phone.state.stage == "ringing"


async def test_waiting_for_an_incoming_call_outlives_the_end_of_one() -> None:
    async def script(peer: Peer) -> None:
        await peer.connects(ENDED, wire.Incoming("+4930", 20_000))
        await peer.hears(wire.Answer)
        await peer.says(BRIDGED)

    async with center(script) as fake, Phone(fake.url) as phone:
        await phone.dial("support")
        await phone.wait_for(wire.Incoming)
        await phone.answer()
        assert await phone.wait_for(wire.Bridged) == BRIDGED


async def test_an_error_of_the_server_surfaces_once_in_the_next_wait() -> None:
    async def script(peer: Peer) -> None:
        await peer.welcomes()
        await peer.hears(wire.Press)
        await peer.says(wire.Error("not_dialled", "there is no call"))
        await peer.hears(wire.Dial)
        await peer.says(CONNECTED)

    async with center(script) as fake, Phone(fake.url) as phone:
        await phone.press("1")
        with pytest.raises(PeerError, match="there is no call") as caught:
            await phone.hears("anything")
        assert caught.value.code == "not_dialled"
        await phone.dial("support")


async def test_a_lost_connection_ends_every_wait() -> None:
    async def script(peer: Peer) -> None:
        await peer.connects()
        await peer.socket.close(code=1013, message=b"shutting down")

    async with center(script) as fake, Phone(fake.url) as phone:
        await phone.dial("support")
        with pytest.raises(ClientClosed, match=r"1013.*shutting down"):
            await phone.hears("anything", within=30)
        assert phone.closed
        with pytest.raises(ClientClosed):
            await phone.press("1")


async def test_using_a_phone_before_and_after_its_block() -> None:
    async def script(peer: Peer) -> None:
        await peer.welcomes()

    async with center(script) as fake:
        phone = Phone(fake.url)
        with pytest.raises(ClientClosed, match="async with"):
            await phone.press("1")
        async with phone:
            pass
        with pytest.raises(ClientClosed, match="was closed"):
            await phone.wait_for(wire.Ended, within=30)
        await phone.aclose()


async def test_what_is_not_the_protocol_ends_the_connection_and_is_shown() -> None:
    async def script(peer: Peer) -> None:
        await peer.welcomes()
        await peer.socket.send_str('{"type": "horoscope"}')  # what a later protocol may say is passed over
        await peer.socket.send_str('{"type": "held"}')

    async def wait(url: str) -> None:
        async with Phone(url) as phone:
            await phone.wait_for(wire.Ended, within=30)

    async def only_read(url: str) -> None:
        async with Phone(url) as phone:
            async for _ in phone.messages():
                pass

    async with center(script) as fake:
        with pytest.raises(ClientClosed, match="missing required field `on`"):
            await wait(fake.url)
        with pytest.raises(ClientClosed, match="missing required field `on`"):
            await only_read(fake.url)


async def test_another_version_of_the_protocol_is_refused() -> None:
    async def script(peer: Peer) -> None:
        await peer.welcomes(wire.Welcome("ivr.v2", "Fake", "none", 20, 0))

    async with center(script) as fake:
        with pytest.raises(PeerError, match=r"ivr\.v2"):
            async with Phone(fake.url):
                pass


async def test_nobody_answers_at_the_address() -> None:
    with pytest.raises(ServerUnreachable, match="is `ivr serve` running"):
        async with Phone(f"http://127.0.0.1:{unused_port()}"):
            pass


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "http://", "nonsense"])
async def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(OperatorError):
        async with Phone(url):
            pass


@pytest.mark.parametrize(
    ("status", "expected", "text"),
    [(401, PeerError, "token"), (404, ServerUnreachable, "not a center"), (503, PeerError, "503")],
)
async def test_a_server_that_takes_no_phone(status: int, expected: type[Exception], text: str) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/phone", refuse)
    async with TestServer(app) as server:
        with pytest.raises(expected, match=text):
            async with Phone(str(server.make_url(""))):
                pass


async def test_the_token_and_the_subprotocol_are_sent() -> None:
    async def script(peer: Peer) -> None:
        assert peer.request.headers["Authorization"] == "Bearer s3cret"
        assert peer.socket.ws_protocol == wire.PROTOCOL
        await peer.welcomes()

    async with center(script) as fake, Phone(fake.url, token="s3cret") as phone:
        assert not phone.closed


async def test_messages_come_in_order_from_the_first_and_end_with_the_connection() -> None:
    async def script(peer: Peer) -> None:
        await peer.connects(MENU, wire.Error("busy", "not now"), ENDED)
        await peer.socket.close()

    async with center(script) as fake, Phone(fake.url) as phone:
        await phone.dial("support")
        heard = [message async for message in phone.messages()]
        assert heard == [WELCOME, CONNECTED, MENU, wire.Error("busy", "not now"), ENDED]


async def test_two_may_wait_at_once() -> None:
    async def script(peer: Peer) -> None:
        await peer.connects()
        await peer.hears(wire.Press)
        await peer.says(MENU, QUEUED)

    async with center(script) as fake, Phone(fake.url) as phone:
        await phone.dial("support")
        prompt = asyncio.create_task(phone.hears("press 1"))
        queued = asyncio.create_task(phone.wait_for(wire.Queued))
        await phone.press("a")
        assert await prompt == MENU
        assert await queued == QUEUED
    assert fake.peers[0].heard[-1] == wire.Press("A")


@pytest.mark.parametrize("keys", ["", "x", "1 2", "٣"])
async def test_what_are_no_keys(keys: str) -> None:
    with pytest.raises(ValueError, match="are not keys"):
        await Phone("http://localhost").press(keys)


def test_the_log_forgets_the_oldest_and_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from ivr.client import log

    monkeypatch.setattr(log, "MESSAGES_KEPT", 3)

    async def run() -> None:
        kept = log.MessageLog()
        for position in range(5):
            kept.append(wire.Queued("q", position, None))
        assert kept.forgotten == 2
        assert [place for place, _ in kept.since(0)] == [2, 3, 4]
        found = await kept.find(lambda _: True)
        assert isinstance(found, wire.Queued)
        assert found.position == 2

    asyncio.run(run())
