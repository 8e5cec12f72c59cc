"""One simulated caller's websocket phone: what its caller does is sent, what the center says is what they are asked."""

import asyncio
from collections.abc import Callable
from typing import Final

from ivr import wire
from ivr.client import Phone
from ivr.core import events
from ivr.core.commands import Choice, Listening, Speech, Spoken, agent_line
from ivr.core.time import Instant, Ms
from ivr.errors import IvrError
from ivr.load.seen import Call
from ivr.people import Cast

GOODBYE_SECONDS: Final = 5.0  # for the center's last word after hanging up


class Line:
    """A phone that makes one call; what the center says, the cast is asked."""

    def __init__(self, call: Call, cast: Cast, now: Callable[[], Instant]) -> None:
        self.call = call
        self._cast = cast
        self._now = now
        self._says: asyncio.Queue[wire.Message] = asyncio.Queue()

    def say(self, message: wire.Message) -> None:
        """Send something, after what was said before."""
        self._says.put_nowait(message)

    def does(self, event: events.Event) -> None:
        """What the caller does; when a prompt has been heard the center knows itself."""
        match event:
            case events.KeyPressed():
                self.call.keys += event.key
                self.say(wire.Press(event.key))
            case events.SpeechHeard():
                self.say(wire.Say(event.text, event.act, event.about, event.detail))
            case events.LineAnswered():
                self.say(wire.Answer())
            case events.LineEnded():
                self.call.hangs_up(self._now())
                self.say(wire.HangUp())

    def hears(self, message: wire.Message) -> None:
        """What the center says: it is seen, and the cast is asked."""
        self.call.hears(self._now(), message)
        self._ask(message)

    def over(self, fault: str = "the connection was lost") -> None:
        """The call is over, or else a fault has ended it: the cast is told."""
        call = self.call
        call.fails(self._now(), fault)
        self._cast.hang_up(call.line, call.ended or call.refused or "lost")

    async def run(self, url: str, token: str | None) -> None:
        """Dial, and follow the call to its end; whatever goes wrong is noted in the call."""
        call = self.call
        try:
            async with Phone(url, number=call.number, token=token) as phone:
                await phone.send(wire.Dial(call.dialled))
                saying = asyncio.create_task(self.speak(phone))
                try:
                    await self._listen(phone)
                finally:
                    saying.cancel()
        except IvrError as fault:
            self.over(str(fault))
        else:
            self.over()

    async def speak(self, phone: Phone) -> None:
        """Send what is said; some time after hanging up, without a last word of the center, the connection ends."""
        try:
            while True:
                message = await self._says.get()
                await phone.send(message)
                if isinstance(message, wire.HangUp):
                    await asyncio.sleep(GOODBYE_SECONDS)
                    await phone.aclose()
        except IvrError:
            return  # the connection has ended: who listens to it is told

    async def _listen(self, phone: Phone) -> None:
        async for message in phone.messages():
            self.hears(message)
            if self.call.over:
                return

    def _ask(self, message: wire.Message) -> None:
        """What the center says, as the cast is asked it."""
        cast, line = self._cast, self.call.line
        match message:
            case wire.Prompt():
                spoken = Spoken(
                    message.text, message.language, message.length_ms, wait_ms=_ms(message.wait_s)
                )
                cast.play(line, message.play, spoken, _listening(message.listening))
            case wire.PromptEnded(ended="stopped"):
                cast.stop(line, message.play)
            case wire.Music():
                cast.music(line, message.name)
            case wire.Queued(ringing=False):
                cast.queued(line, message.queue, message.position, _ms(message.estimate_s))
            case wire.Bridged():
                cast.bridge(line, agent_line(message.party))
            case wire.Speech():
                said = (message.by, message.text, message.length_ms)
                cast.said(line, Speech(*said, message.act, message.about, message.detail))
            case wire.Held():
                cast.hold(line, message.on, "")
            case wire.Parted():
                cast.part(line, "")
            case wire.Recording(on=True, message=True):
                cast.record(line, 0, True)


def _ms(seconds: float | None) -> Ms | None:
    return None if seconds is None else round(seconds * 1_000)


def _listening(listening: wire.ListeningFor | None) -> Listening | None:
    if listening is None:
        return None
    return Listening(
        listening.kind,
        tuple(Choice(key, label) for key, label in listening.choices),
        listening.digits_min,
        listening.digits_max,
        listening.end_key,
        about=listening.about,
    )
