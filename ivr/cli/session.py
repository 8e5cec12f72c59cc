"""One connection at a terminal: follow what comes, take what is typed, leave in an orderly way."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

LEAVE_SECONDS_MAX: Final = 3.0  # for the server's last word after we hung up


class Leaving:
    """Whether and why the session is to be left; the first reason counts."""

    def __init__(self) -> None:
        self.why = ""
        self._event = asyncio.Event()

    def ask(self, why: str) -> None:
        """Leave as soon as possible."""
        self.why = self.why or why
        self._event.set()

    async def asked(self) -> None:
        """Wait until somebody wants to leave."""
        await self._event.wait()

    async def after(self, seconds: float, why: str) -> None:
        """Leave after a time."""
        await asyncio.sleep(seconds)
        self.ask(why)


@contextmanager
def interrupts(leaving: Leaving) -> Iterator[None]:
    """Ctrl-C and SIGTERM ask to leave; a second one ends the program as usual."""
    loop = asyncio.get_running_loop()

    def on_signal(number: signal.Signals) -> None:
        leaving.ask("interrupted" if number is signal.SIGINT else "terminated")
        loop.remove_signal_handler(number)

    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def follow(
    story: Awaitable[None],
    leaving: Leaving,
    leave: Callable[[], Awaitable[None]],
    *helpers: Awaitable[None],
    patience: float | None = LEAVE_SECONDS_MAX,
) -> None:
    """Follow the story to its end; when leaving is asked, `leave` and give it `patience` seconds to end.

    Helpers run beside it to the last; what one of them raises ends everything.
    """
    main = asyncio.ensure_future(story)
    door = asyncio.ensure_future(leaving.asked())
    tasks = [main, door, *(asyncio.ensure_future(helper) for helper in helpers)]
    try:
        running = set(tasks)
        while main in running and door in running:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        if main in running:
            await leave()
            await asyncio.wait({main}, timeout=patience)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for fault in ended:
        if isinstance(fault, Exception):
            raise fault
