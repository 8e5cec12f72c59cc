"""Attacks on a running center: those who misbehave lose their own line, and nothing of theirs stays behind."""

import asyncio
import contextlib
import struct
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import pytest

from ivr import wire
from ivr.client import CallRefused, ClientClosed, Desk, Phone
from ivr.errors import PeerError
from ivr.live.center import LiveCenter
from ivr.live.sound import TONES
from ivr.media import CODECS, Sound, tone
from tests.live.serving import served
from tests.live.test_bad_input import until

_HELLO = '{"type":"hello"}'
_SIGN_IN = '{"type":"sign_in","agent":"anna"}'
_UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@pytest.fixture
async def quiet() -> AsyncIterator[tuple[str, LiveCenter]]:
    """A center with nobody in it but who comes."""
    keep: list[LiveCenter] = []
    async with served(agents=False, keep=keep) as url:
        yield url, keep[0]


@pytest.fixture
async def hasty() -> AsyncIterator[tuple[str, LiveCenter]]:
    """The same, ten times as fast."""
    keep: list[LiveCenter] = []
    async with served(agents=False, keep=keep, speed=10) as url:
        yield url, keep[0]


@pytest.fixture
async def staffed() -> AsyncIterator[tuple[str, LiveCenter]]:
    """A center with simulated agents and no simulated callers."""
    keep: list[LiveCenter] = []
    async with served(callers=False, keep=keep, speed=4) as url:
        await until(lambda: keep[0].engine.agent_state("anna") == "ready")
        yield url, keep[0]


def frame(opcode: int, payload: bytes = b"", *, fin: int = 1, rsv: int = 0, size: int | None = None) -> bytes:
    """A client's websocket frame, masked with zeros; `size` may lie."""
    size = len(payload) if size is None else size
    head = bytes((fin << 7 | rsv << 4 | opcode,))
    if size < 126:
        head += bytes((0x80 | size,))
    elif size < 1 << 16:
        head += b"\xfe" + struct.pack(">H", size)
    else:
        head += b"\xff" + struct.pack(">Q", size)
    return head + b"\0\0\0\0" + payload


async def connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    return await asyncio.open_connection(parts.hostname, parts.port)


async def answer_to(url: str, sent: bytes) -> bytes:
    """All that comes back until the server closes."""
    reader, writer = await connect(url)
    with contextlib.closing(writer):
        writer.write(sent)
        async with asyncio.timeout(5):
            with contextlib.suppress(ConnectionError):
                return await reader.read()
    return b""


async def bridged(phone: Phone, desk: Desk) -> None:
    await phone.dial("support")
    await phone.hears("press 1", within=20)
    await phone.press("1")
    await desk.accept((await desk.wait_for(wire.Ring, within=10)).reservation)
    await phone.wait_for(wire.Bridged, within=5)


@contextlib.contextmanager
def slow_speech(live: LiveCenter) -> Iterator[None]:
    """Speech and music that take a moment, as they do the first time."""
    sound, make = live.sound, live.sound._music_of

    def late(name: str, line: object) -> Sound:
        time.sleep(0.2)
        return make(name, line)  # type: ignore[arg-type]

    sound._music_of = late  # type: ignore[method-assign]
    try:
        yield
    finally:
        sound._music_of = make  # type: ignore[method-assign]


# Frames and requests ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        pytest.param(frame(2, b"x" * 1_000, size=2**63 - 1), 1009, id="length"),
        pytest.param(frame(1, b"x", fin=0) + frame(0, b"x", fin=0) * 70_000, 1009, id="fragments"),
        pytest.param(frame(1, b"x", rsv=7), 1002, id="reserved-bits"),
        pytest.param(frame(5), 1002, id="reserved-opcode"),
        pytest.param(frame(9, b"x" * 200), 1002, id="long-ping"),
        pytest.param(frame(1, b"\xff\xfe"), 1007, id="no-utf8"),
        pytest.param(frame(8, struct.pack(">H", 999)), 1002, id="close-code"),
    ],
)
async def test_a_frame_against_the_rules_closes_that_socket_only(
    quiet: tuple[str, LiveCenter], sent: bytes, code: int
) -> None:
    url, live = quiet
    async with Phone(url, number="+491510000001", codec="ulaw") as other:
        await other.dial("support")
        hello = _UPGRADE.format(path="/phone").encode() + frame(1, _HELLO.encode())
        assert (await answer_to(url, hello + sent))[-4:] == b"\x88\x02" + struct.pack(">H", code)
        heard = other.frames_heard
        await until(lambda: other.frames_heard > heard + 5)
        assert len(live.phones) == 1
        assert len(live.engine.calls()) == 1


@pytest.mark.parametrize(
    "head",
    [
        "Host: 127.0.0.1\r\nHost: evil.example\r\n",
        "Host: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "",
        "Host: 127.0.0.1\r\n" + "".join(f"X-{n}: a\r\n" for n in range(1_000)),
    ],
    ids=["two-hosts", "two-lengths", "no-host", "many-headers"],
)
async def test_a_request_against_the_rules(quiet: tuple[str, LiveCenter], head: str) -> None:
    answer = await answer_to(quiet[0], f"GET /api/snapshot HTTP/1.1\r\n{head}\r\n".encode())
    assert b" 400 " in answer.partition(b"\r\n")[0]


# Storms ----------------------------------------------------------------------------------------------------


async def test_a_storm_of_calls_leaves_nothing_behind(quiet: tuple[str, LiveCenter]) -> None:
    url, live = quiet

    async def storm(codec: str, number: str) -> None:
        for nth in range(15):
            async with Phone(url, number=number, codec=codec) as phone:
                if nth % 3 == 0:
                    with pytest.raises(CallRefused):
                        await phone.dial("nobody")
                await phone.dial("support")
                if nth % 2:
                    await phone.hang_up()
                    await phone.wait_for(wire.Ended)

    await asyncio.gather(*(storm(codec, f"+{codec}") for codec in CODECS), storm("none", "+none"))
    await until(lambda: not live.engine.calls() and not live.phones)
    for kept in ("parties", "_at_number", "_calls", "_on_line", "_line_of", "recordings"):
        assert not getattr(live, kept), kept
    for kept in ("_lines", "_send", "_finished", "_saying", "_taps"):
        assert not getattr(live.sound, kept), kept
    assert live.sockets == {"phone": 0, "desk": 0}
    assert live.bugs == 0


async def next_ring(desk: Desk) -> wire.Ring:
    """The next ring, past the refusals of what came too late."""
    while True:
        try:
            return await desk.wait_for(wire.Ring, within=10)
        except PeerError as late:
            if late.code != "not_possible":
                raise


async def test_accepting_and_hanging_up_in_the_same_moment(hasty: tuple[str, LiveCenter]) -> None:
    url, live = hasty
    async with Desk(url, agent="anna") as desk:
        for nth in range(4):
            async with Phone(url) as phone:
                await phone.dial("support")
                await phone.hears("press 1", within=20)
                await phone.press("1")
                ring = await next_ring(desk)
                both = [desk.accept(ring.reservation), phone.hang_up()]
                await asyncio.gather(*(both if nth % 2 else reversed(both)))
                assert (await phone.wait_for(wire.Ended)).reason == "caller_hung_up"
                await desk.accept(ring.reservation)  # long gone
            await until(lambda: live.engine.agent_state("anna") in ("ready", "wrap_up"))
            await desk.ready()
            await until(lambda: live.engine.agent_state("anna") == "ready")
    assert live.bugs == 0


async def test_a_transfer_to_nobody_leaves_the_talk_as_it_is(hasty: tuple[str, LiveCenter]) -> None:
    url, live = hasty
    async with Phone(url) as phone, Desk(url, agent="anna") as desk:
        await bridged(phone, desk)
        for target in ("anna", "nobody", "", "x" * 50_000, "a-anna"):
            await desk.transfer(target)
        await desk.hold()
        assert (await phone.wait_for(wire.Held)).on
        assert next(iter(live.engine.calls().values())).talk is not None


# Found by trying -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TONES.values())
def test_every_tone_can_be_heard(name: str) -> None:
    assert tone(name).frames(CODECS["ulaw"])


async def test_music_that_comes_late_does_not_drown_the_talk(quiet: tuple[str, LiveCenter]) -> None:
    url, live = quiet
    async with Phone(url, codec="ulaw") as phone, Desk(url, agent="anna", codec="ulaw", ready=False) as desk:
        await phone.dial("support")
        await phone.hears("press 1", within=20)
        with slow_speech(live):
            await phone.press("1")
            await phone.wait_for(wire.Music, within=5)
            await desk.ready()
            await desk.accept((await desk.wait_for(wire.Ring)).reservation)
            await phone.wait_for(wire.Bridged, within=5)
            await until(lambda: "soft-piano" in live.sound._music)
        (line,) = (line for line in live.sound._lines.values() if line.name.startswith("p-"))
        assert [source.name for source in line.sources] == ["a-anna"]


async def test_a_desk_without_its_seat_cannot_end_the_talk(staffed: tuple[str, LiveCenter]) -> None:
    url, live = staffed
    async with Phone(url) as phone:
        await phone.dial("support")
        await phone.hears("press 1", within=20)
        await phone.press("1")
        agent = (await phone.wait_for(wire.Bridged, within=15)).party
        async with Desk(url, agent=agent) as desk:
            assert desk.state.state == "waiting"
            await desk.hang_up()
            await asyncio.sleep(0.2)
            assert live.engine.agent_state(agent) == "talking"


async def test_a_simulated_agent_comes_back(staffed: tuple[str, LiveCenter]) -> None:
    url, live = staffed
    async with Desk(url, agent="anna") as desk:
        await desk.wait_for(wire.AgentState)
    await until(lambda: live.engine.agent_state("anna") == "ready", within=1)


async def test_a_desk_is_told_of_the_hold(hasty: tuple[str, LiveCenter]) -> None:
    url, _ = hasty
    async with Phone(url) as phone, Desk(url, agent="anna") as desk:
        await bridged(phone, desk)
        await desk.hold()
        await phone.wait_for(wire.Held)
        assert (await desk.wait_for(wire.Held, within=0.5)).on


async def test_two_phones_with_one_number(quiet: tuple[str, LiveCenter]) -> None:
    url, live = quiet
    async with Phone(url, number="+1"):
        async with Phone(url, number="+1"):
            pass
        await until(lambda: len(live.phones) == 1)
        assert live.phone_at("+1") is not None


async def test_the_sound_clock_survives_an_exception(quiet: tuple[str, LiveCenter]) -> None:
    url, live = quiet

    def breaks(_: bytes) -> None:
        raise ValueError("once")

    async with Phone(url, codec="ulaw") as one, Phone(url, codec="ulaw") as other:
        await one.dial("support")
        await other.dial("support")
        first = next(iter(live.sound._send))
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        live.sound._send[first] = breaks
        await asyncio.sleep(0.1)
        heard = other.frames_heard
        await asyncio.sleep(0.2)
        assert other.frames_heard > heard + 3


async def test_a_flood_of_messages_ends_that_socket_only(quiet: tuple[str, LiveCenter]) -> None:
    url, live = quiet
    async with Phone(url) as other:
        await other.dial("support")
        async with Desk(url, agent="anna") as desk:
            with contextlib.suppress(PeerError, ConnectionError, ClientClosed):
                for _ in range(2_000):
                    await desk.hold()
            await until(lambda: live.engine.agent_state("anna") == "signed_out")
        await other.hears("press 1", within=20)
    assert live.sockets["desk"] == 0


async def test_speech_that_fails_does_not_strand_the_caller(quiet: tuple[str, LiveCenter]) -> None:
    url, live = quiet

    def fails(*_: object) -> Sound:
        raise RuntimeError("no voice today")

    live.sound._sound_of = fails  # type: ignore[method-assign, assignment]
    async with Phone(url, codec="ulaw") as phone:
        await phone.dial("support")
        await phone.wait_for(wire.PromptEnded, within=10)
        await phone.hears("How can we help", within=10)
