"""What the person at a desk does: letters, and after some of them a name."""

import asyncio
from typing import TYPE_CHECKING

from ivr.cli import desk_keys
from ivr.cli.keyboard import typed
from ivr.cli.screen import LineScreen
from ivr.client import ClientClosed
from ivr.errors import PeerError

if TYPE_CHECKING:
    from ivr.cli.screen import Screen
    from ivr.cli.session import Leaving
    from ivr.client import Desk


class Hands:
    """Single keys of a terminal, or the same letters as lines such as `c billing`."""

    def __init__(self, desk: "Desk", screen: "Screen", leaving: "Leaving") -> None:
        self._desk = desk
        self._screen = screen
        self._leaving = leaving
        self._wanted: asyncio.Queue[str] = asyncio.Queue()
        self._asked = ""  # the letter after which something is being typed now
        self._typed = ""

    def do(self, line: str) -> None:
        """Do what a letter means, as soon as the hands are free."""
        self._wanted.put_nowait(line)

    async def work(self) -> None:
        """Do what is typed, one after another."""
        with typed(self.on_key, self.do) as terminal:
            if terminal and isinstance(self._screen, LineScreen):
                self._screen.below = self.below
            while True:
                try:
                    await self._act(await self._wanted.get())
                except PeerError as fault:
                    self._screen.note(str(fault), "red")
                except ClientClosed:
                    return

    def below(self) -> str:
        """What is being typed after a letter, else the letters that mean something now."""
        view = self._desk.state
        if not self._asked:
            return desk_keys.hint(view)
        question = f"{desk_keys.ASKS[self._asked]}: {self._typed}_"
        if self._asked == "u":
            return f"{question}   (Enter, Esc)"
        names = desk_keys.listed(desk_keys.fitting(self._asked, self._typed, view))
        return f"{question}   ({names or 'nothing fits'}; Enter, Esc)"

    def on_key(self, key: str) -> None:
        """Take a key of the terminal."""
        if not self._asked:
            self._begin(key.lower())
        elif key in "\r\n":
            letter, self._asked = self._asked, ""
            self.do(f"{letter} {self._typed}")
        elif key == "\x1b":
            self._asked = ""
        elif key in "\x7f\b":
            self._typed = self._typed[:-1]
        elif key.isprintable():
            self._typed += key

    def _begin(self, letter: str) -> None:
        """Ask for what belongs to a letter, or do what it means."""
        view = self._desk.state
        if letter in desk_keys.ASKS and not (letter in desk_keys.MODES and view.supervises):
            # said at once, not after a name was asked for
            if why := desk_keys.in_vain(letter, view):
                self._screen.note(why, "yellow")
            else:
                self._asked, self._typed = letter, ""
        elif letter.isprintable() and not letter.isspace():
            self.do(letter)

    async def _act(self, wanted: str) -> None:
        letter, _, rest = wanted.partition(" ")
        rest = rest.strip()
        if letter in desk_keys.ASKS:
            await self._act_on(letter, rest)
        elif letter in desk_keys.KEYS:
            await self._act_alone(letter, rest)
        else:
            self._screen.note(f"{letter!r} means nothing here: {desk_keys.hint(self._desk.state)}")

    async def _act_alone(self, letter: str, rest: str) -> None:
        """Do what needs nobody's name; a pause may have a reason, a wrap-up a code."""
        desk = self._desk
        match letter:
            case "a":
                await desk.accept()
            case "r":
                await desk.reject()
            case "h":
                await (desk.resume() if desk.state.held else desk.hold())
            case "e":
                await desk.hang_up()
            case "k":
                await desk.complete()
            case "s":
                await desk.swap()
            case "f":
                await desk.conference()
            case "b":
                await desk.take_back()
            case "w":
                await desk.wrap_up(rest)
            case "p":
                await desk.pause(rest)
            case "y":
                await desk.ready()
            case "d" | "n" | "l":
                await desk.finish(desk_keys.RESULTS[letter], note=rest)
            case "x":
                await desk.supervise("")
            case "q":
                self._leaving.ask("signed out")

    async def _act_on(self, letter: str, rest: str) -> None:
        """Do something with whom or what was typed; the beginning of a name is enough when only one fits."""
        desk, view = self._desk, self._desk.state
        if why := desk_keys.in_vain(letter, view):
            self._screen.note(why, "yellow")
            return
        if letter in desk_keys.MODES:
            rest = rest or view.supervises  # the same agent in another way
        found = desk_keys.fitting(letter, rest, view)
        if not rest or len(found) != 1:
            names = desk_keys.listed(found or desk_keys.fitting(letter, "", view))
            self._screen.note(f"{desk_keys.ASKS[letter]}? {names}".rstrip(), "yellow")
            return
        match letter:
            case "t":
                await desk.transfer(found[0])
            case "c":
                await desk.consult(found[0])
            case "u":
                await desk.pull(found[0])
            case "o":
                await desk.force(*found[0].split())
            case _:
                await desk.supervise(found[0], desk_keys.MODES[letter])
