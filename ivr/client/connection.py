"""One websocket to a center: opened, read by its own task, waited on, closed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Final, Self, TypeVar, cast

import aiohttp

from ivr import wire
from ivr.client.address import address
from ivr.client.errors import CallOver, ClientClosed, NotInTime, ServerUnreachable
from ivr.client.log import MessageLog
from ivr.client.sound import SoundSink, WavRecording
from ivr.errors import OperatorError, PeerError
from ivr.limits import HEARTBEAT_SECONDS

CONNECT_SECONDS_MAX: Final = 10.0  # a center that takes longer to answer is not up
CLOSE_SECONDS_MAX: Final = 2.0  # for the closing handshake; a dead server must not hold up the leaving
MESSAGE_BYTES_MAX: Final = 1024 * 1024  # a caller card may hold a whole customer
HEARD_SHOWN_MAX: Final = 8  # messages an error quotes
DEFAULT_WITHIN: Final = 10.0
_GOODBYES: Final = (aiohttp.WSCloseCode.OK, aiohttp.WSCloseCode.GOING_AWAY)

M = TypeVar("M", bound=wire.Message)
Judge = Callable[[wire.Message], bool]


class Connection:
    """What a phone and a desk have in common; use `Phone` or `Desk`.

    `url` is the center's address, such as `http://127.0.0.1:8080` (OperatorError if it is none); `token` is sent as bearer token;
    `on_frame` is called in the reading task with each packet of sound, and must not take long.
    """

    _path: str
    _starters: tuple[type[wire.Message], ...] = ()

    def __init__(
        self,
        url: str,
        *,
        codec: str = "none",
        token: str | None = None,
        on_frame: Callable[[bytes], None] | None = None,
    ) -> None:
        if codec not in wire.CODECS:
            raise OperatorError(f"unknown codec {codec!r}; known: {', '.join(wire.CODECS)}")
        self.url = address(url)
        self.codec = codec
        self.on_frame = on_frame
        self.frames_heard = 0
        self._token = token
        self._log = MessageLog()
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._recording: WavRecording | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._open()
            await self._greet()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
        end = self._log.end
        if fault is None and end is not None and end.__cause__ is not None:
            raise end

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return self._socket is None or self._log.end is not None

    @property
    def end(self) -> ClientClosed | None:
        """Why the connection has ended, or None while it is open."""
        return self._log.end

    @property
    def forgotten(self) -> int:
        """How many of the server's messages are no longer kept."""
        return self._log.forgotten

    async def send(self, message: wire.Message) -> None:
        """Say something to the server; it is not waited for what becomes of it."""
        await self._deliver(lambda socket: socket.send_str(wire.encode(message)))

    async def send_frame(self, frame: bytes) -> None:
        """Say 20 ms of sound: one packet of the codec, of exactly its size in bytes."""
        size = wire.CODECS[self.codec]
        if len(frame) != size or not size:
            raise ValueError(f"a packet of {self.codec} has {size} bytes, not {len(frame)}")
        await self._deliver(lambda socket: socket.send_bytes(frame))

    async def wait_for(
        self, *kinds: type[M], within: float | None = DEFAULT_WITHIN, where: Callable[[M], bool] | None = None
    ) -> M:
        """The next message of one of these kinds (that `where` likes).

        Raises NotInTime after `within` seconds, PeerError when the server complains, CallOver when the
        call ends and none of the kinds comes outside a call, ClientClosed when the connection ends.
        """
        awaited = " or ".join(kind.__name__ for kind in kinds)

        def judge(message: wire.Message) -> bool:
            if isinstance(message, kinds) and (where is None or where(message)):
                return True
            self._object(message, kinds, awaited)
            return False

        return cast("M", await self._find(judge, awaited, within, lambda message: type(message).__name__))

    async def messages(self) -> AsyncIterator[wire.Message]:
        """Everything the server says, from the oldest message still kept, until the connection ends.

        Independent of `wait_for`; an error of the server is a message here, not an exception.
        """
        async for message in self._log.follow():
            yield message

    def record(self, path: str) -> WavRecording:
        """Write what is heard to a WAV file (16 bit, mono) until `stop()` or the end of the connection.

        Raises OperatorError for a line without sound, or when the file cannot be written.
        """
        if self._recording is not None:
            self._recording.stop()
        self._recording = WavRecording(path, self.codec)
        return self._recording

    async def aclose(self) -> None:
        """End the connection; the center takes that as hanging up. Harmless when done twice."""
        self._log.close(ClientClosed(f"this connection to {self.url} was closed"))
        try:
            if self._socket is not None:
                await self._socket.close()
            if self._reader is not None:
                self._reader.cancel()
                await asyncio.wait([self._reader])
        finally:
            if self._recording is not None:
                self._recording.stop()
            if self._session is not None:
                await self._session.close()

    # For phone and desk ----------------------------------------------------------------------------------

    async def _greet(self) -> None:
        """Say the first message, and wait for its answer."""
        raise NotImplementedError

    def _decode(self, text: str) -> wire.Message | None:
        raise NotImplementedError

    def _apply(self, message: wire.Message) -> None:
        raise NotImplementedError

    def _object(self, message: wire.Message, kinds: tuple[type[wire.Message], ...], awaited: str) -> None:
        """Raise when this message means that what is awaited will not come."""
        if isinstance(message, wire.Error):
            raise PeerError(message.code, message.text)
        if isinstance(message, wire.Ended) and not set(kinds) & {*self._starters, wire.Error}:
            raise CallOver(awaited, message.reason)

    async def _find(
        self, judge: Judge, awaited: str, within: float | None, shown: Callable[[wire.Message], str]
    ) -> wire.Message:
        started = self._log.cursor
        try:
            async with asyncio.timeout(within):
                return await self._log.find(judge)
        except TimeoutError:
            came = [text for _, message in self._log.since(started) if (text := shown(message))]
            raise NotInTime(awaited, within or 0.0, tuple(came[-HEARD_SHOWN_MAX:])) from None

    def _check(self, protocol: str, codec: str) -> None:
        if protocol != wire.PROTOCOL:
            raise PeerError("protocol", f"the server speaks {protocol!r}, this client {wire.PROTOCOL!r}")
        self.codec = codec

    # The socket ------------------------------------------------------------------------------------------

    async def _open(self) -> None:
        if self._socket is not None:
            raise ClientClosed("a connection is opened once; make another one")
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        self._session = aiohttp.ClientSession()
        try:
            async with asyncio.timeout(CONNECT_SECONDS_MAX):
                self._socket = await self._session.ws_connect(
                    self.url + self._path,
                    protocols=(wire.PROTOCOL,),
                    headers=headers,
                    heartbeat=HEARTBEAT_SECONDS,
                    max_msg_size=MESSAGE_BYTES_MAX,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS_MAX),
                )
        except aiohttp.WSServerHandshakeError as fault:
            raise _rejected(self.url + self._path, fault, with_token=bool(self._token)) from fault
        except aiohttp.InvalidURL:
            raise OperatorError(
                f"{self.url!r} is not an address; write it like http://127.0.0.1:8080"
            ) from None
        except (aiohttp.ClientError, OSError) as fault:
            known = fault.os_error if isinstance(fault, aiohttp.ClientConnectorError) else fault
            why = getattr(known, "strerror", None) or str(fault) or type(fault).__name__
            raise ServerUnreachable(
                f"no center answers at {self.url} ({why}); is `ivr serve` running?"
            ) from fault
        self._reader = asyncio.create_task(self._read(self._socket), name=f"ivr.client {self._path}")

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Take in all the server says, also when nobody waits: a connection that is not read is dropped."""
        sink: SoundSink
        try:
            while True:
                message = await socket.receive()
                if message.type is aiohttp.WSMsgType.TEXT:
                    heard = self._decode(message.data)
                    if heard is not None:  # a later protocol may say more than this client knows
                        self._apply(heard)
                        self._log.append(heard)
                elif message.type is aiohttp.WSMsgType.BINARY:
                    self.frames_heard += 1
                    for sink in (self._recording, self.on_frame):
                        if sink is not None:
                            sink(message.data)
                else:
                    end = ClientClosed(f"the connection to {self.url} ended{_why(socket, message)}")
                    end.orderly = socket.close_code in _GOODBYES
                    self._log.close(end)
                    return
        except Exception as fault:  # noqa: BLE001 -- carried to everybody who waits, and out of `async with`
            end = ClientClosed(f"the connection to {self.url} ended: {fault}")
            end.__cause__ = fault
            self._log.close(end)

    async def _deliver(self, deliver: Callable[[aiohttp.ClientWebSocketResponse], Any]) -> None:
        if self._socket is None:
            raise ClientClosed("not connected yet; use `async with`")
        if self._log.end is not None:
            raise ClientClosed(str(self._log.end)) from self._log.end.__cause__
        try:
            await deliver(self._socket)
        except (ConnectionError, aiohttp.ClientError) as fault:
            raise ClientClosed(f"the connection to {self.url} is lost: {fault}") from fault


def _why(socket: aiohttp.ClientWebSocketResponse, message: aiohttp.WSMessage) -> str:
    """How the server closed, as far as it said."""
    reason = message.extra if isinstance(message.extra, str) else ""
    if socket.close_code in (None, aiohttp.WSCloseCode.ABNORMAL_CLOSURE):
        return ": the server is gone"
    return f" (code {socket.close_code})" + (f": {reason}" if reason else "")


def _rejected(url: str, fault: aiohttp.WSServerHandshakeError, *, with_token: bool) -> Exception:
    if fault.status == 401:
        why = "does not know this token; give another" if with_token else "asks for a token; give one"
        return PeerError("unauthorized", f"{url} {why} with --token or in IVR_TOKEN")
    if fault.status == 403:
        return PeerError("forbidden", f"{url} is not for the role of this token (HTTP 403); give another")
    if fault.status == 404:
        return ServerUnreachable(f"something answers at {url}, but it is not a center (HTTP 404)")
    return PeerError("handshake", f"{url} refused the connection (HTTP {fault.status}): {fault.message}")
