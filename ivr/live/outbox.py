"""What one socket is still to be sent, bounded: a peer that does not read loses its line, nobody else's.

Text goes through a queue and one writer task. Sound does not wait in a queue at all: a 20 ms packet
is written straight into the transport as a finished websocket frame, unless the transport already
holds more than a slow reader is allowed to owe.
"""

import asyncio
import contextlib
from collections.abc import Callable

from aiohttp import web

from ivr.limits import OUTBOX_BYTES_MAX, OUTBOX_MESSAGES_MAX
from ivr.wire import Message, encode

_BINARY = 0x82
_SHORT_MAX = 125


def packet(frame: bytes) -> bytes:
    """A binary websocket frame (RFC 6455 section 5.2), unmasked as servers send it, around a codec packet."""
    size = len(frame)
    if size <= _SHORT_MAX:
        return bytes((_BINARY, size)) + frame
    return bytes((_BINARY, 126, size >> 8, size & 0xFF)) + frame


class Outbox:
    """The way out of one socket."""

    def __init__(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport, on_full: Callable[[], None]
    ) -> None:
        """`on_full` is called once, when the peer owes too much."""
        self._socket = socket
        self._transport = transport
        self._on_full = on_full
        self._queue: asyncio.Queue[str | None] = asyncio.Queue(OUTBOX_MESSAGES_MAX)
        self._closed = False
        self._full = False

    def send(self, message: Message) -> None:
        """Send a message, in order."""
        if self._closed or self._full:
            return
        try:
            self._queue.put_nowait(encode(message))
        except asyncio.QueueFull:
            self._overflow()

    def send_packet(self, framed: bytes) -> None:
        """Send a packet made by `packet`, now."""
        transport = self._transport
        if self._closed or self._full or transport.is_closing():
            return
        if transport.get_write_buffer_size() > OUTBOX_BYTES_MAX:
            self._overflow()
            return
        transport.write(framed)

    async def run(self) -> None:
        """Write until closed."""
        with contextlib.suppress(ConnectionError):
            while (text := await self._queue.get()) is not None:
                await self._socket.send_str(text)
            await self._socket.close()

    def close(self) -> None:
        """Send what is queued, then nothing more."""
        if not self._closed:
            self._closed = True
            with contextlib.suppress(asyncio.QueueFull):
                self._queue.put_nowait(None)

    def abort(self) -> None:
        """Cut the connection: the peer does not read, so a polite end would never arrive."""
        self._closed = True
        self._transport.abort()

    def _overflow(self) -> None:
        self._full = True
        self._on_full()
