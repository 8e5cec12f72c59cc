"""A center of a few lines for tests of what calls in: each test writes the other side of a real websocket."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer

from ivr import wire

M = TypeVar("M", bound=wire.Message)

WELCOME = wire.Welcome(wire.PROTOCOL, "Fake", "none", 20, 0, ("support",))
SEATED = wire.Seated(wire.PROTOCOL, "Fake", "anna", ("support",), "none", 20, 0, ("support", "billing"))
CONNECTED = wire.Connected("c-000001", "support")
MENU = wire.Prompt(
    1, "For bills, press 1.", "en", 1_500, wire.ListeningFor("menu", (("1", "For bills"), ("9", "Again")))
)


class Peer:
    """The center's end of one websocket; `heard` is all that came in."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self.request = request
        self.heard: list[wire.Message] = []
        self.frames: list[bytes] = []
        self._decode = wire.phone_says if request.path == "/phone" else wire.desk_says

    async def hears(self, kind: type[M]) -> M:
        """The next message, which has to be of this kind."""
        while True:
            frame = await self.socket.receive()
            if frame.type is WSMsgType.BINARY:
                self.frames.append(frame.data)
                continue
            if frame.type is not WSMsgType.TEXT:
                raise ConnectionResetError("the other side is gone")
            message: wire.Message = self._decode(frame.data)
            self.heard.append(message)
            assert isinstance(message, kind), f"expected {kind.__name__}, got {message}"
            return message

    async def says(self, *messages: wire.Message) -> None:
        """Send messages."""
        for message in messages:
            await self.socket.send_str(wire.encode(message))

    async def welcomes(self, welcome: wire.Welcome = WELCOME) -> wire.Hello:
        """Take a phone's greeting."""
        hello = await self.hears(wire.Hello)
        await self.says(welcome)
        return hello

    async def connects(self, *messages: wire.Message) -> wire.Dial:
        """Take a phone's greeting and its call, then say these messages."""
        await self.welcomes()
        dial = await self.hears(wire.Dial)
        await self.says(CONNECTED, *messages)
        return dial

    async def seats(self, *messages: wire.Message) -> wire.SignIn:
        """Take a desk's sign-in, then say these messages."""
        sign_in = await self.hears(wire.SignIn)
        await self.says(SEATED, *messages)
        return sign_in

    async def until_gone(self) -> None:
        """Read until the other side leaves."""
        async for _ in self.socket:
            pass


Script = Callable[[Peer], Awaitable[None]]


class FakeCenter:
    """A running fake: where it is, who came, and what its script tripped over."""

    def __init__(self, script: Script) -> None:
        self.url = ""
        self.peers: list[Peer] = []
        self.faults: list[BaseException] = []
        self._script = script

    def app(self) -> web.Application:
        """The two websockets."""
        app = web.Application()
        app.router.add_get("/phone", self._serve)
        app.router.add_get("/desk", self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=(wire.PROTOCOL,))
        await socket.prepare(request)
        peer = Peer(socket, request)
        self.peers.append(peer)
        try:
            await self._script(peer)
            await peer.until_gone()
        except ConnectionResetError:
            pass
        except Exception as fault:  # noqa: BLE001 -- shown by the test
            self.faults.append(fault)
        return socket

    def check(self) -> None:
        """Raise what went wrong on the center's side."""
        if self.faults:
            raise self.faults[0]


@asynccontextmanager
async def center(script: Script) -> AsyncIterator[FakeCenter]:
    """A fake center in this event loop."""
    fake = FakeCenter(script)
    server = TestServer(fake.app())
    await server.start_server()
    fake.url = str(server.make_url("")).rstrip("/")
    try:
        yield fake
    finally:
        await server.close()
    fake.check()


@contextmanager
def center_thread(script: Script) -> Iterator[FakeCenter]:
    """A fake center in a thread of its own, for programs that run their own event loop."""
    fake = FakeCenter(script)
    up, down = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def run() -> None:
        server = TestServer(fake.app())
        await server.start_server()
        fake.url = str(server.make_url("")).rstrip("/")
        up.set()
        await down.wait()
        await server.close()

    def main() -> None:
        loop.run_until_complete(run())
        loop.close()

    thread = threading.Thread(target=main, name="fake center")
    thread.start()
    try:
        assert up.wait(10)
        yield fake
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join(10)
    assert not thread.is_alive()
    fake.check()
