"""`ivr call`: a softphone in the terminal."""

import asyncio
import re
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.options import DEFAULT_URL, JsonLines, Token, Url, served_at
from ivr.cli.script import HangUp, Press, Speak, Step, Wait, parse_script, parse_span
from ivr.cli.terminal import aside

if TYPE_CHECKING:
    from ivr.cli.call_story import CallStory
    from ivr.cli.screen import Screen
    from ivr.cli.session import Leaving
    from ivr.client import Phone

CodecName = Literal["none", "ulaw", "alaw", "slin16"]
_KEYS = "0123456789*#ABCD"
_NUMBER = re.compile(r"\+?[0-9]+")
_TIME_OVER = "hung up because the time of --max was over"


@dataclass(frozen=True)
class Order:
    """A call as it was typed."""

    number: str
    url: str
    caller: str
    steps: tuple[Step, ...]
    record: str | None
    codec: str
    max_seconds: float
    token: str | None
    json: bool


def call(
    number: Annotated[str, Parameter(help="What to dial, such as support.")],
    /,
    *,
    url: Url = DEFAULT_URL,
    from_: Annotated[
        str, Parameter(name="--from", help="The number you call from.", show_default=False)
    ] = "",
    press: Annotated[tuple[str, ...], Parameter(help="Keys to press; see above.", show_default=False)] = (),
    say: Annotated[
        tuple[str, ...],
        Parameter(help="Words to say, after the keys: to a menu, or to whom you talk.", show_default=False),
    ] = (),
    record: Annotated[str | None, Parameter(help="Write what is heard to this WAV file.")] = None,
    codec: Annotated[
        CodecName | None, Parameter(help="Sound on the line (none; ulaw with --record).", show_default=False)
    ] = None,
    max_: Annotated[str, Parameter(name="--max", help="Hang up after this time.")] = "10m",
    token: Token = None,
    json: JsonLines = False,
) -> int:
    """Call a number: read the prompts, press keys, wait, talk.

    In a terminal 0-9 * # and A-D are pressed as you type them; q hangs up. Without one, give the
    keys with --press, or as lines on stdin (q or hangup hangs up). --press is a list such as
    "1,5s,!2,hangup": keys wait until the center listens for keys, with an exclamation mark they do
    not; a length of time is a pause; hangup hangs up. --press and --say may be given several times.

    Exit code: 0 when the call was connected and ended as calls do, 1 when it broke or the center
    closed, 4 when it was refused.
    """
    steps = tuple(step for script in press for step in parse_script(script))
    steps += tuple(Speak(text) for text in say)
    wanted = codec or ("ulaw" if record else "none")
    order = Order(number, served_at(url), from_, steps, record, wanted, parse_span(max_), token, json)
    if from_ and not _NUMBER.fullmatch(from_):
        text = (
            f"--from {from_!r} is no telephone number such as +491510000001; the center is shown it as it is"
        )
        aside({"type": "warning", "text": text} if json else text)

    from ivr.client import ServerUnreachable

    try:
        return asyncio.run(_run(order))
    except ServerUnreachable as fault:
        raise exit_codes.NobodyAnswers(str(fault)) from None


async def _run(order: Order) -> int:
    from ivr.cli.call_story import ABNORMAL, CallStory
    from ivr.cli.screen import JsonScreen, LineScreen
    from ivr.cli.session import Leaving, follow, interrupts
    from ivr.client import CallRefused, Phone
    from ivr.errors import PeerError

    story, leaving = CallStory(), Leaving()
    async with Phone(order.url, number=order.caller, codec=order.codec, token=order.token) as phone:
        recording = phone.record(order.record) if order.record else None
        try:
            await phone.dial(order.number)
        except CallRefused as fault:
            raise PeerError(fault.code, _refused(fault.number, fault.code, phone.state.numbers)) from None
        screen: Screen = JsonScreen() if order.json else LineScreen(story.now_line)
        desk = _Caller(phone, screen, leaving, order.steps)
        with screen, interrupts(leaving):
            await follow(
                _listen(phone, story, screen),
                leaving,
                phone.hang_up,
                desk.act(),
                desk.type(screen),
                leaving.after(order.max_seconds, _TIME_OVER),
            )
        screen.end(story.last_line(), {**story.summary(), "not_done": [str(step) for step in desk.left]})
        if recording is not None:
            recording.stop()
            screen.note(f"{recording.seconds:.1f} s of sound in {recording.path}")
        if desk.left:
            screen.note(f"not done, because the call ended: {','.join(map(str, desk.left))}")
        if leaving.why == _TIME_OVER:
            screen.note(_TIME_OVER)
    if leaving.why == "interrupted":
        return exit_codes.INTERRUPTED
    return exit_codes.NO if story.view.ended in ABNORMAL else exit_codes.OK


def _refused(number: str, why: str, known: tuple[str, ...]) -> str:
    """Why there is no call, and what may be dialled instead."""
    from difflib import get_close_matches

    from ivr.cli.words import refusal

    text = f"no call to {number!r}: {refusal(why)}"
    if why != "unknown_number" or not known:
        return text
    close = get_close_matches(number, known, 1)
    return f"{text}; did you mean {close[0]}?" if close else f"{text}; it has {', '.join(known)}"


async def _listen(phone: "Phone", story: "CallStory", screen: "Screen") -> None:
    """Show what comes until the call has ended; raise when the connection ends before."""
    from ivr import wire

    async for message in phone.messages():
        screen.message(message, story.tell(message))
        if isinstance(message, wire.Ended):
            return
    assert phone.end is not None
    raise phone.end


class _Caller:
    """What the person at this end does: first what --press says, then what is typed."""

    def __init__(self, phone: "Phone", screen: "Screen", leaving: "Leaving", steps: tuple[Step, ...]) -> None:
        self.left = deque(steps)
        self._phone = phone
        self._screen = screen
        self._leaving = leaving
        self._typed: asyncio.Queue[str] = asyncio.Queue()
        self._more = asyncio.Event()

    async def act(self) -> None:
        """Do the steps one after another, also those that are still to be typed."""
        from ivr.client import CallOver, ClientClosed

        with suppress(CallOver, ClientClosed):  # then there is nothing left to do it to
            while True:
                while self.left:
                    await self._do(self.left[0])
                    self.left.popleft()
                self._more.clear()
                await self._more.wait()

    async def type(self, screen: "Screen") -> None:
        """Press what is typed in a terminal; lines of a pipe are scripts."""
        from ivr.cli.keyboard import typed
        from ivr.cli.screen import LineScreen
        from ivr.client import ClientClosed

        with typed(self._on_key, self._on_line) as terminal:
            if terminal and isinstance(screen, LineScreen):
                screen.below = lambda: "0-9 * # A-D press a key   q hang up"
            with suppress(ClientClosed):
                while True:
                    await self._phone.press(await self._typed.get())

    def _on_key(self, key: str) -> None:
        if key in "qQ":
            self._leaving.ask("hung up")
        elif key in _KEYS:
            self._typed.put_nowait(key)
        elif key.isprintable() and not key.isspace():
            self._screen.note(f"{key!r} is no key of a phone; those are 0-9 * # and, in capitals, A-D", "red")

    def _on_line(self, line: str) -> None:
        try:
            self.left.extend([HangUp()] if line in ("q", "Q") else parse_script(line))
        except exit_codes.WrongUsage as fault:
            self._screen.note(str(fault), "red")
        self._more.set()

    async def _do(self, step: Step) -> None:
        match step:
            case Wait():
                await asyncio.sleep(step.ms / 1_000)
            case HangUp():
                self._leaving.ask("hung up")
            case Press():
                if not step.at_once:
                    await self._until_listening()
                await self._phone.press(step.keys)
            case Speak():
                await self._until_listening(talk=True)
                await self._phone.say(step.text)
                self._screen.note(f"« {step.text}", "cyan")

    async def _until_listening(self, *, talk: bool = False) -> None:
        """Wait for the next prompt that listens, or in a `talk` for words; each counts once, so `1,2` answers two."""
        from ivr import wire
        from ivr.errors import PeerError

        while True:
            try:
                await self._phone.wait_for(
                    wire.Prompt,
                    *((wire.Speech,) if talk else ()),
                    within=None,
                    where=lambda message: (
                        not isinstance(message, wire.Prompt) or message.listening is not None
                    ),
                )
            except PeerError:
                continue  # shown in the transcript; it may be about another key
            return
