"""What phones and desks have in common: a socket, an outbox, and a line that may have sound."""

import asyncio
import contextlib
import socket as sockets
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from aiohttp import WSMsgType, web

from ivr.core import events
from ivr.core.acts import ACTS
from ivr.core.commands import Listening, Spoken
from ivr.errors import PeerError
from ivr.limits import (
    HELLO_SECONDS_MAX,
    MESSAGES_BURST_MAX,
    MESSAGES_PER_SECOND_MAX,
    NAME_CHARS_MAX,
    SOUND_BURST_MS_MAX,
    SOUND_SPEED_MAX,
    SPEECH_CHARS_MAX,
)
from ivr.live.outbox import Outbox
from ivr.wire import (
    CODECS,
    FRAME_MS,
    Error,
    Held,
    ListeningFor,
    Message,
    Music,
    Prompt,
    PromptEnded,
    Recording,
    Say,
)

if TYPE_CHECKING:
    from ivr.live.center import LiveCenter

SEND_BUFFER_BYTES = 64 * 1024  # of the kernel; more would hide a slow reader for minutes


class Allowance:
    """A token bucket: `rate` a second, at most `burst` at once."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._at = burst, now

    def take(self, amount: float, now: float) -> bool:
        """Whether so much is allowed now; then it is used."""
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < amount:
            return False
        self._left -= amount
        return True


class Party:
    """One websocket of a phone or a desk; `line` is its leg while it has one."""

    role = ""

    def __init__(self, center: "LiveCenter", socket: web.WebSocketResponse, request: web.Request) -> None:
        transport = cast("asyncio.Transport", request.transport)  # uvloop's is one too, but not a subclass
        raw = transport.get_extra_info("socket")
        if raw is not None and raw.family != getattr(sockets, "AF_UNIX", None):
            raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, SEND_BUFFER_BYTES)
        self.center = center
        self.socket = socket
        self.codec = "none"
        self.line = ""
        self.outbox = Outbox(socket, transport, self._too_slow)
        self._playing = 0
        self._clock = asyncio.get_running_loop().time
        self._messages = Allowance(MESSAGES_PER_SECOND_MAX, MESSAGES_BURST_MAX, self._clock())
        self._sound: Allowance | None = None

    # The socket ------------------------------------------------------------------------------------------

    async def serve(self) -> None:
        """Read until the socket ends; whatever is wrong with a frame is answered, never fatal."""
        writer = asyncio.create_task(self.outbox.run())
        cause = "lost"
        try:
            with contextlib.suppress(ConnectionError):  # a pong to a socket that was reset
                cause = await self._listen()
        finally:
            self.gone(cause)
            self.outbox.close()
            done, _ = await asyncio.wait({writer}, timeout=1)
            if not done:
                writer.cancel()
                self.outbox.abort()

    async def _listen(self) -> str:
        """Hear what the peer says, until it ends; how it ended."""
        if not await self._greeted():
            return "lost"
        async for frame in self.socket:
            if frame.type is WSMsgType.TEXT:
                if not self._messages.take(1, self._clock()):
                    self.error("slow_down", f"more than {MESSAGES_PER_SECOND_MAX} messages a second")
                    return "lost"
                self._hear_text(frame.data)
            elif frame.type is WSMsgType.BINARY:
                self._hear_packet(frame.data)
        return "hung_up" if self.socket.close_code in (1000, 1001) else "lost"

    async def _greeted(self) -> bool:
        """Whether the first message was a greeting that could be taken."""
        try:
            async with asyncio.timeout(HELLO_SECONDS_MAX):
                while True:
                    frame = await self.socket.receive()
                    if frame.type is WSMsgType.BINARY:
                        self.error(
                            "too_early", f"sound before a codec was agreed; greet first: {self.greeting}"
                        )
                    elif frame.type is not WSMsgType.TEXT:
                        return False
                    elif self._greet_text(frame.data):
                        return True
        except TimeoutError:
            self.error("too_late", f"no greeting within {HELLO_SECONDS_MAX} s")
            return False

    greeting = ""

    def _greet_text(self, text: str) -> bool:
        try:
            return self.greet(self.decode(text))
        except PeerError as error:
            self.error(error.code, str(error))
            return False

    def _hear_text(self, text: str) -> None:
        try:
            self.hear(self.decode(text))
        except PeerError as error:
            self.error(error.code, str(error))

    def _hear_packet(self, packet: bytes) -> None:
        if self.codec == "none":
            self.error("no_codec", "this line has no sound; name a codec in the greeting to send packets")
        elif len(packet) > CODECS[self.codec] * 50:
            self.error(
                "packet_too_long",
                f"a packet of {self.codec} is {CODECS[self.codec]} bytes, at most a second at once",
            )
        elif self.line and self._sound_allowed(len(packet)):
            self.center.sound.push(self.line, packet)

    def _sound_allowed(self, size: int) -> bool:
        """Whether so much sound may come now: a little faster than it can be heard, or one long burst."""
        per_second = CODECS[self.codec] * 1_000 / FRAME_MS
        if self._sound is None:
            burst = per_second * SOUND_BURST_MS_MAX / 1_000
            self._sound = Allowance(per_second * SOUND_SPEED_MAX, burst, self._clock())
        return self._sound.take(size, self._clock())

    def decode(self, text: str) -> Message:
        """What the peer said; PeerError when it is not of the protocol."""
        raise NotImplementedError

    def greet(self, message: Message) -> bool:
        """Take the first message; whether it was a greeting."""
        raise NotImplementedError

    def hear(self, message: Message) -> None:
        """Take any later message."""
        raise NotImplementedError

    def gone(self, cause: str) -> None:
        """The socket has ended."""
        raise NotImplementedError

    def send(self, message: Message) -> None:
        """Tell the peer something."""
        self.outbox.send(message)

    def error(self, code: str, text: str) -> None:
        """Tell the peer what was wrong."""
        self.center.count_error(self.role, code)
        self.send(Error(code, text))

    def check_codec(self, codec: str) -> None:
        """PeerError unless the codec is one of ours."""
        if codec not in CODECS:
            raise PeerError(
                "unknown_codec", f"{codec[:40]!r} is not a codec; the codecs are {', '.join(CODECS)}"
            )

    def _too_slow(self) -> None:
        self.center.count_dropped(self.role)
        asyncio.get_running_loop().call_soon(self._drop)

    def _drop(self) -> None:
        self.gone("too_slow")
        self.outbox.abort()

    def parted(self) -> None:
        """The talk is over."""
        raise NotImplementedError

    # The line (what the engine asks of it) -----------------------------------------------------------------

    def open_sound(self, line: str, finished: Callable[[int], None]) -> None:
        """Give the line sound, if a codec was agreed."""
        if self.codec != "none":
            self.center.sound.open(line, self.codec, self.outbox.send_packet, finished)

    def play(self, line: str, play: int, spoken: Spoken, listening: Listening | None) -> None:
        """A prompt, as text and, where there is a codec, as sound."""
        self._playing = play
        said, wait_s = spoken.text or spoken.wav, None if spoken.wait_ms is None else spoken.wait_ms / 1_000
        self.send(Prompt(play, said, spoken.language, spoken.length_ms, _listening(listening), wait_s))
        if self.center.sound.has(line):
            self.center.sound.play(line, play, spoken)
        else:
            self.center.driver.later(spoken.length_ms, self._text_heard, (line, play))

    def _text_heard(self, heard: tuple[str, int]) -> None:
        line, play = heard
        if self._playing == play:
            self.finished(line, play)

    def finished(self, line: str, play: int) -> None:
        """A prompt has been heard to its end."""
        self._playing = 0
        self.send(PromptEnded(play, "finished"))
        self.center.driver.post(events.PromptFinished(line, play))

    def stop(self, line: str, play: int) -> None:
        """A prompt is broken off."""
        if self._playing == play:
            self._playing = 0
            self.send(PromptEnded(play, "stopped"))
            self.center.sound.stop(line, play)

    def music(self, line: str, name: str) -> None:
        """Music or a tone from now on."""
        self.send(Music(name))
        self.center.sound.music(line, name)

    def hold(self, line: str, on: bool, name: str) -> None:
        """On hold with music, or off hold."""
        self.send(Held(on))
        if on:
            self.center.sound.music(line, name)

    def record(self, line: str, recording: int, on: bool) -> None:
        """Recording starts or stops."""
        self.send(Recording(on or self.center.sound.records_call(line), message=on))
        if on:
            self.center.sound.record(line)
        else:
            self.center.recordings.end(line)


def check_length(what: str, text: str, most: int) -> None:
    """PeerError unless a text is short enough: what is journaled is bounded in bytes, not only in messages."""
    if len(text) > most:
        raise PeerError("too_long", f"{what} has at most {most} characters")


def said(message: Say) -> tuple[str, str, str, str]:
    """What a party says, as the fields of an event; PeerError when it is too long or no act."""
    check_length("what is said", message.text, SPEECH_CHARS_MAX)
    check_length("what it is about", message.about, NAME_CHARS_MAX)
    check_length("a detail", message.detail, NAME_CHARS_MAX)
    if message.act and message.act not in ACTS:
        raise PeerError("unknown_act", f"{message.act[:40]!r} is no act; the acts are {', '.join(ACTS)}")
    return message.text, message.act, message.about, message.detail


def _listening(listening: Listening | None) -> ListeningFor | None:
    if listening is None:
        return None
    return ListeningFor(
        listening.kind,
        tuple((choice.key, choice.label) for choice in listening.choices),
        listening.digits_min,
        listening.digits_max,
        listening.end_key,
        listening.about,
    )
