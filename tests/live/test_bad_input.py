"""What a peer may send that it should not: a clear answer, and nobody else notices."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from ivr.live.auth import Guard, hash_of, new_token
from ivr.live.center import LiveCenter
from tests.live.serving import served


@pytest.fixture
async def center() -> AsyncIterator[tuple[str, LiveCenter]]:
    keep: list[LiveCenter] = []
    async with served(agents=False, keep=keep) as url:
        yield url, keep[0]


class Raw:
    """A websocket without manners: sends anything, reads JSON."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def say(self, **message: Any) -> None:
        await self.socket.send_str(json.dumps(message))

    async def hear(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while True:
                frame = await self.socket.receive()
                assert frame.type is aiohttp.WSMsgType.TEXT, f"{frame.type} while waiting for {kind}"
                message: dict[str, Any] = json.loads(frame.data)
                if message["type"] == kind:
                    return message

    async def refused(self, code: str) -> str:
        message = await self.hear("error")
        assert message["code"] == code, message
        return str(message["text"])


@pytest.fixture
async def raw(center: tuple[str, LiveCenter]) -> AsyncIterator[Raw]:
    async with aiohttp.ClientSession() as session, session.ws_connect(center[0] + "/phone") as ws:
        yield Raw(ws)


async def greeted(raw: Raw, **hello: Any) -> Raw:
    await raw.say(type="hello", **hello)
    await raw.hear("welcome")
    return raw


@pytest.mark.parametrize(
    ("frame", "code", "names"),
    [
        ("{", "not_json", "one JSON object"),
        ("[]", "bad_message", "object"),
        ('{"type":"hallo"}', "bad_message", "hallo"),
        ('{"type":{}}', "bad_message", "str"),
        ('{"number":"1"}', "bad_message", "type"),
        ('{"type":"hello","nmber":"1"}', "bad_message", "nmber"),
        ('{"type":"hello","number":7}', "bad_message", "number"),
        ('{"type":"hello","codec":"mp3"}', "unknown_codec", "ulaw"),
        ('{"type":"dial","to":"support"}', "greet_first", "hello"),
        ('{"type":"hello","number":"' + "9" * 200 + '"}', "too_long", "80"),
        ('{"type":"hello","x":' + "[" * 5_000 + "]" * 5_000 + "}", "", ""),
        ("NaN", "not_json", ""),
    ],
)
async def test_a_first_frame_that_is_no_greeting(raw: Raw, frame: str, code: str, names: str) -> None:
    await raw.socket.send_str(frame)
    message = await raw.hear("error")
    assert message["code"] in ((code,) if code else ("not_json", "bad_message"))
    assert names in message["text"]
    await greeted(raw)  # and the socket is as good as new


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "press", "keys": "1"}, "not_dialled"),
        ({"type": "say", "text": "hello"}, "not_dialled"),
        ({"type": "hang_up"}, "not_dialled"),
        ({"type": "answer"}, "not_ringing"),
        ({"type": "reject"}, "not_ringing"),
        ({"type": "hello"}, "greeted_already"),
        ({"type": "dial", "to": "9" * 200}, "too_long"),
        ({"type": "dial"}, "bad_message"),
        ({"type": "sign_in", "agent": "anna"}, "bad_message"),
    ],
)
async def test_a_message_out_of_order(raw: Raw, message: dict[str, Any], code: str) -> None:
    await greeted(raw)
    await raw.say(**message)
    await raw.refused(code)
    await raw.say(type="dial", to="support")
    await raw.hear("connected")


@pytest.mark.parametrize("keys", ["", "x", "1 2", "١", "12a", "\n", "+"])
async def test_keys_that_are_not_keys(raw: Raw, keys: str) -> None:
    await greeted(raw)
    await raw.say(type="dial", to="support")
    await raw.say(type="press", keys=keys)
    assert "0-9" in await raw.refused("not_a_key")


async def test_a_million_keys(raw: Raw) -> None:
    await greeted(raw)
    await raw.say(type="dial", to="support")
    await raw.say(type="press", keys="1" * 1_000)
    await raw.refused("too_long")


async def test_an_unknown_number_is_refused_and_the_phone_may_dial_again(raw: Raw) -> None:
    await greeted(raw)
    await raw.say(type="dial", to="supprt")
    assert (await raw.hear("refused"))["why"] == "unknown_number"
    await raw.say(type="dial", to="support")
    await raw.hear("connected")


async def test_dialling_in_a_call(raw: Raw) -> None:
    await greeted(raw)
    await raw.say(type="dial", to="support")
    await raw.hear("connected")
    await raw.say(type="dial", to="retention")
    await raw.refused("in_call")


async def test_sound_before_a_codec_was_agreed(raw: Raw) -> None:
    await raw.socket.send_bytes(b"\xff" * 160)
    await raw.refused("too_early")
    await greeted(raw)
    await raw.socket.send_bytes(b"\xff" * 160)
    await raw.refused("no_codec")


async def test_a_packet_too_long(raw: Raw) -> None:
    await greeted(raw, codec="ulaw")
    await raw.socket.send_bytes(b"\xff" * 9_000)
    await raw.refused("packet_too_long")


async def test_a_message_beyond_any_bound_ends_that_socket_only(
    center: tuple[str, LiveCenter], raw: Raw
) -> None:
    await greeted(raw)
    async with aiohttp.ClientSession() as session, session.ws_connect(center[0] + "/phone") as other:
        await other.send_str("x" * 1_000_000)
        frame = await other.receive(timeout=10)
        assert frame.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    await raw.say(type="dial", to="support")
    await raw.hear("connected")


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("x'; DROP TABLE records; --", "1"),
        ("\x1b[2J\n{}", "2"),
        ("\u202egnp", "3"),
        ("📞" * 20, ""),
        ("", "anonymous"),
    ],
)
async def test_strange_callers_are_just_callers(raw: Raw, name: str, number: str) -> None:
    await greeted(raw, name=name, number=number)
    await raw.say(type="dial", to="support")
    await raw.hear("connected")


async def test_a_phone_that_vanishes_ends_its_call(center: tuple[str, LiveCenter]) -> None:
    url, live = center
    async with aiohttp.ClientSession() as session:
        ws = await session.ws_connect(url + "/phone")
        await greeted(Raw(ws))
        await Raw(ws).say(type="dial", to="support")
        await Raw(ws).hear("connected")
        assert len(live.engine.calls()) == 1
        transport = ws._response.connection.transport  # type: ignore[union-attr]
        assert transport is not None
        transport.abort()
        await until(lambda: not live.engine.calls())


async def test_a_phone_that_never_reads_is_dropped_and_the_others_unharmed(
    center: tuple[str, LiveCenter],
) -> None:
    url, live = center
    host, port = url.removeprefix("http://").split(":")
    deaf = socket.create_connection((host, int(port)))
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    deaf.sendall(
        b"GET /phone HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    for text in ('{"type":"hello"}', '{"type":"dial","to":"support"}'):
        payload = text.encode()
        deaf.sendall(bytes((0x81, 0x80 | len(payload), 0, 0, 0, 0)) + payload)
    await until(lambda: len(live.engine.calls()) == 1)
    phone = next(iter(live.phones))
    while live.engine.calls():  # more than any reader is allowed to owe
        for _ in range(50):
            phone.told_key("1", "x" * 2_000)
        await asyncio.sleep(0)
    page = live.metrics.render()[1].decode()
    assert 'ivr_ws_outbox_dropped_total{role="phone"} 1.0' in page
    async with aiohttp.ClientSession() as session, session.ws_connect(url + "/phone") as ws:
        await greeted(Raw(ws))
    deaf.close()


async def test_a_desk_signing_in_twice(center: tuple[str, LiveCenter]) -> None:
    url, live = center
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url + "/desk") as one, session.ws_connect(url + "/desk") as two:
            await Raw(one).say(type="sign_in", agent="anna")
            await Raw(one).hear("seated")
            await Raw(two).say(type="sign_in", agent="anna")
            assert "another desk" in await Raw(two).refused("agent_in_use")
            await Raw(one).say(type="sign_in", agent="anna")
            await Raw(one).refused("signed_in_already")
            await Raw(two).say(type="sign_in", agent="boris")
            await Raw(two).hear("seated")
            assert live.engine.agent_state("anna") == "ready"
        await until(lambda: live.engine.agent_state("anna") == "signed_out")


async def test_a_desk_for_an_agent_nobody_knows(center: tuple[str, LiveCenter]) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(center[0] + "/desk") as ws:
        await Raw(ws).say(type="sign_in", agent="zoe")
        assert "anna" in await Raw(ws).refused("unknown_agent")


async def test_stale_and_foreign_reservations_change_nothing(center: tuple[str, LiveCenter]) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(center[0] + "/desk") as ws:
        await Raw(ws).say(type="sign_in", agent="anna")
        await Raw(ws).hear("agent_state")
        for message in (
            {"type": "accept", "reservation": 99},
            {"type": "hold"},
            {"type": "transfer", "to": "x"},
            {"type": "wrap_up"},
        ):
            await Raw(ws).say(**message)
        await Raw(ws).say(type="pause", reason="lunch")
        assert (await Raw(ws).hear("agent_state"))["state"] == "paused"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_foreign_page_cannot_open_a_socket(center: tuple[str, LiveCenter], origin: str) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(center[0] + "/phone", headers={"Origin": origin})
        assert refused.value.status == 403


async def test_its_own_page_may(center: tuple[str, LiveCenter]) -> None:
    headers = {"Origin": center[0]}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(center[0] + "/phone", headers=headers) as ws,
    ):
        await greeted(Raw(ws))


async def test_a_name_that_only_resolves_here_is_refused(center: tuple[str, LiveCenter]) -> None:
    headers = {"Host": "evil.example"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(center[0] + "/api/snapshot", headers=headers) as answer,
    ):
        assert answer.status == 421


async def test_a_wrong_subprotocol_and_a_plain_request(center: tuple[str, LiveCenter]) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(center[0] + "/phone", protocols=("sip",))
        assert refused.value.status == 400
        async with session.get(center[0] + "/phone") as answer:
            assert answer.status == 426


@pytest.mark.parametrize(
    "path", ["/api/records", "/api/records?limit=x", "/nothing", "/static/../auth.py", "/static/x"]
)
async def test_paths_that_lead_nowhere(center: tuple[str, LiveCenter], path: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(center[0] + path) as answer:
        assert answer.status in (400, 404)


async def test_roles() -> None:
    tokens = {role: new_token() for role in ("caller", "agent", "supervisor", "metrics")}
    guard = Guard({hash_of(token): role for role, token in tokens.items()})
    async with served(agents=False, guard=guard) as url, aiohttp.ClientSession() as session:

        async def status(path: str, token: str) -> int:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            async with session.get(url + path, headers=headers) as answer:
                return answer.status

        assert await status("/metrics", "") == 401
        assert await status("/metrics", "ivr_wrong") == 401
        assert await status("/metrics", tokens["metrics"]) == 200
        assert await status("/metrics", tokens["caller"]) == 403
        assert await status("/api/snapshot", tokens["agent"]) == 403
        assert await status("/api/snapshot", tokens["supervisor"]) == 200
        assert await status("/phone", tokens["agent"]) == 403
        assert await status("/phone", tokens["caller"]) == 426
        assert await status("/healthz", "") == 200
        protocols = ("ivr.v1", "ivr.token." + tokens["caller"])
        async with session.ws_connect(url + "/phone", protocols=protocols) as ws:
            assert ws.protocol == "ivr.v1"
            await greeted(Raw(ws))


async def until(condition: Any, within: float = 10) -> None:
    """Let the loop run until something is so."""
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.001)
