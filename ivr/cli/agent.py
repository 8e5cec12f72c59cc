"""`ivr agent`: a desk in the terminal."""

import asyncio
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.options import DEFAULT_URL, JsonLines, Token, Url, served_at

if TYPE_CHECKING:
    from ivr.cli.desk_story import DeskStory
    from ivr.cli.screen import Screen
    from ivr.cli.session import Leaving
    from ivr.client import Desk

_KEYS = "a accept  r reject  h hold  t transfer  e end  w wrap up  p pause  y ready  q sign out"


def agent(
    name: Annotated[str, Parameter(help="An agent of the center, such as anna.")],
    /,
    *,
    url: Url = DEFAULT_URL,
    auto: Annotated[
        bool, Parameter(help="Accept every call, wrap up at once; for scripts.", show_default=False)
    ] = False,
    pause: Annotated[bool, Parameter(help="Begin in a pause.", show_default=False)] = False,
    token: Token = None,
    json: JsonLines = False,
) -> int:
    """Sit at a desk as an agent and take calls.

    A simulated agent of that name makes room. In a terminal single keys do it: a accepts, r rejects, h
    holds and resumes, t transfers (it asks where), e ends the talk, w wraps up, p pauses, y is ready
    again, q signs out (after the talk). Without a terminal the same letters come as lines on stdin,
    such as "t billing".

    Exit code: 0 when you signed out, 4 when the center closed or was lost before.
    """
    from ivr.client import ServerUnreachable

    try:
        return asyncio.run(_run(name, served_at(url), token, ready=not pause, auto=auto, json=json))
    except ServerUnreachable as fault:
        raise exit_codes.NobodyAnswers(str(fault)) from None


async def _run(name: str, url: str, token: str | None, *, ready: bool, auto: bool, json: bool) -> int:
    from ivr.cli.desk_story import DeskStory
    from ivr.cli.screen import JsonScreen, LineScreen
    from ivr.cli.session import Leaving, follow, interrupts
    from ivr.client import ClientClosed, Desk

    story, leaving, code = DeskStory(), Leaving(), exit_codes.OK
    async with Desk(url, agent=name, ready=ready, token=token) as desk:
        screen: Screen = JsonScreen() if json else LineScreen(story.now_line)
        hands = _Hands(desk, screen, leaving)
        with screen, interrupts(leaving):
            try:
                await follow(
                    _listen(desk, story, screen, hands, auto=auto),
                    leaving,
                    desk.sign_out,
                    hands.work(screen),
                    patience=None,  # a talk is finished first, however long it takes
                )
            except ClientClosed as end:
                screen.note("the center closed" if end.orderly else str(end), "red")
                code = exit_codes.PEER
        screen.end(story.last_line(), story.summary())
    return exit_codes.INTERRUPTED if leaving.why == "interrupted" else code


async def _listen(desk: "Desk", story: "DeskStory", screen: "Screen", hands: "_Hands", *, auto: bool) -> None:
    """Show what comes until the agent is signed out; raise when the connection ends before."""
    from ivr import wire

    async for message in desk.messages():
        screen.message(message, story.tell(message))
        if isinstance(message, wire.AgentState) and message.state == "signed_out":
            return
        if auto and isinstance(message, wire.Ring):
            hands.do("a")
        elif auto and isinstance(message, wire.AgentState) and message.state == "wrap_up":
            hands.do("w")
    assert desk.end is not None
    raise desk.end


class _Hands:
    """What the person at the desk does: letters, and after `t` the place to transfer to."""

    def __init__(self, desk: "Desk", screen: "Screen", leaving: "Leaving") -> None:
        self._desk = desk
        self._screen = screen
        self._leaving = leaving
        self._wanted: asyncio.Queue[str] = asyncio.Queue()
        self._target: str | None = None

    def do(self, letter: str) -> None:
        """Do what a letter means, as soon as the hands are free."""
        self._wanted.put_nowait(letter)

    async def work(self, screen: "Screen") -> None:
        """Do what is typed, one after another."""
        from ivr.cli.keyboard import typed
        from ivr.cli.screen import LineScreen
        from ivr.client import ClientClosed
        from ivr.errors import PeerError

        with typed(self._on_key, self.do) as terminal:
            if terminal and isinstance(screen, LineScreen):
                screen.hint = _KEYS
                screen.asks = self.question
            while True:
                try:
                    await self._act(await self._wanted.get())
                except PeerError as fault:
                    self._screen.note(str(fault), "red")
                except ClientClosed:
                    return

    def question(self) -> str:
        """What is being typed after `t`; empty when nothing is."""
        if self._target is None:
            return ""
        fitting = [name for name in self._desk.state.targets if name.startswith(self._target)]
        return f"transfer to: {self._target}_   ({', '.join(fitting) or 'nothing fits'}; Enter, Esc)"

    def _on_key(self, key: str) -> None:
        if self._target is None:
            if key in "tT" and self._in_talk():
                self._target = ""
            elif key not in "tT" and key.isprintable() and not key.isspace():
                self.do(key.lower())
        elif key in "\r\n":
            target, self._target = self._target, None
            self.do(f"t {target}")
        elif key == "\x1b":
            self._target = None
        elif key in "\x7f\b":
            self._target = self._target[:-1]
        elif key.isprintable():
            self._target += key

    def _in_talk(self) -> bool:
        """Whether there is a caller to pass on; said at once, not after a target was asked for."""
        if not self._desk.state.call:
            self._screen.note("there is no talk to transfer", "yellow")
        return bool(self._desk.state.call)

    async def _act(self, wanted: str) -> None:
        letter, _, rest = wanted.partition(" ")
        desk, rest = self._desk, rest.strip()
        match letter:
            case "a":
                await desk.accept()
            case "r":
                await desk.reject()
            case "h":
                await (desk.resume() if desk.state.held else desk.hold())
            case "t":
                await self._transfer(rest)
            case "e":
                await desk.hang_up()
            case "w":
                await desk.wrap_up(rest)
            case "p":
                await desk.pause(rest)
            case "y":
                await desk.ready()
            case "q":
                self._leaving.ask("signed out")
            case _:
                self._screen.note(f"{letter!r} means nothing here: {_KEYS}")

    async def _transfer(self, typed: str) -> None:
        """Transfer to what was typed; the beginning of a name is enough when only one fits."""
        if not self._in_talk():
            return
        targets = self._desk.state.targets
        fitting = [name for name in targets if name.startswith(typed)] if typed else []
        if typed not in targets and len(fitting) != 1:
            self._screen.note(f"transfer where? {', '.join(fitting or targets)}", "yellow")
            return
        await self._desk.transfer(typed if typed in targets else fitting[0])
