"""The softphone."""

import re
from collections.abc import Callable
from typing import Final, cast

from ivr import wire
from ivr.client.connection import DEFAULT_WITHIN, Connection
from ivr.client.errors import CallRefused
from ivr.client.view import PhoneView

KEYS: Final = re.compile(r"[0-9*#A-Da-d]+")


class Phone(Connection):
    """A phone that calls a center: `async with Phone(url, number="+49...") as phone: ...`.

    `number` is what the center sees (empty: withheld). With codec `none` prompts come as text; with
    `ulaw`, `alaw` or `slin16` their sound comes too. A phone calls again after `Ended`.
    """

    _path = "/phone"
    _starters = (wire.Welcome, wire.Connected, wire.Refused, wire.Incoming, wire.Written)

    def __init__(
        self,
        url: str,
        *,
        number: str = "",
        name: str = "",
        codec: str = "none",
        token: str | None = None,
        on_frame: Callable[[bytes], None] | None = None,
    ) -> None:
        super().__init__(url, codec=codec, token=token, on_frame=on_frame)
        self.number = number
        self.name = name
        self.state = PhoneView()

    async def dial(self, number: str, within: float | None = DEFAULT_WITHIN) -> wire.Connected:
        """Call a number of the center; raises CallRefused when it does not take the call."""
        self._log.skip()
        await self.send(wire.Dial(number))
        answer: wire.Message = await self.wait_for(wire.Connected, wire.Refused, within=within)
        if isinstance(answer, wire.Refused):
            raise CallRefused(answer.number, answer.why)
        return cast("wire.Connected", answer)

    async def press(self, keys: str) -> None:
        """Press keys, one after another: `0`-`9`, `*`, `#`, `A`-`D`."""
        if not KEYS.fullmatch(keys):
            raise ValueError(f"{keys!r} are not keys; a phone has 0-9, *, #, A-D")
        await self.send(wire.Press(keys.upper()))

    async def say(self, text: str, act: str = "", about: str = "", detail: str = "") -> None:
        """Say something, as text that was already understood; in a talk `act` says what it was."""
        await self.send(wire.Say(text, act, about, detail))

    async def write(self, text: str) -> None:
        """Send the center a text message from this phone's number."""
        await self.send(wire.Write(text))

    async def answer(self) -> None:
        """Pick up the call that the center places (`Incoming`)."""
        await self.send(wire.Answer())

    async def reject(self) -> None:
        """Refuse the call that the center places."""
        await self.send(wire.Reject())

    async def hang_up(self) -> None:
        """End the call; `wait_for(Ended)` says what the center made of it."""
        await self.send(wire.HangUp())

    async def hears(self, text: str | re.Pattern[str], within: float | None = DEFAULT_WITHIN) -> wire.Prompt:
        """The next prompt that contains the text (whatever its case) or matches the pattern.

        It is found when it begins, not when it was heard to its end; raises as `wait_for` does, and the
        NotInTime says which prompts came instead.
        """
        awaited = f"a prompt with {text.pattern if isinstance(text, re.Pattern) else text!r}"

        def judge(message: wire.Message) -> bool:
            if isinstance(message, wire.Prompt) and _contains(message.text, text):
                return True
            self._object(message, (wire.Prompt,), awaited)
            return False

        def shown(message: wire.Message) -> str:
            return repr(message.text) if isinstance(message, wire.Prompt) else ""

        return cast("wire.Prompt", await self._find(judge, awaited, within, shown))

    async def _greet(self) -> None:
        await self.send(wire.Hello(self.number, self.name, self.codec))
        welcome = await self.wait_for(wire.Welcome)
        self._check(welcome.protocol, welcome.codec)

    def _decode(self, text: str) -> wire.Message | None:
        return wire.phone_hears(text)

    def _apply(self, message: wire.Message) -> None:
        self.state.apply(message)


def _contains(prompt: str, text: str | re.Pattern[str]) -> bool:
    if isinstance(text, re.Pattern):
        return text.search(prompt) is not None
    return text.casefold() in prompt.casefold()
