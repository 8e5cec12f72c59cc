"""What the server said, in order, bounded, and the ways to wait for more of it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

from ivr.client.errors import ClientClosed
from ivr.wire import Message

MESSAGES_KEPT: Final = 10_000
"""A day of waiting tells a caller about three thousand things; older ones are forgotten and counted."""


class MessageLog:
    """The last messages of a connection; places in it count all messages ever, from 0."""

    def __init__(self) -> None:
        self._kept: deque[Message] = deque(maxlen=MESSAGES_KEPT)
        self._total = 0
        self._news = asyncio.Event()
        self._end: ClientClosed | None = None
        self.cursor = 0

    @property
    def forgotten(self) -> int:
        """How many messages were dropped because newer ones needed their place."""
        return self._total - len(self._kept)

    @property
    def end(self) -> ClientClosed | None:
        """Why no more messages come, or None while they may."""
        return self._end

    def append(self, message: Message) -> None:
        """Write down a message and wake everybody who waits."""
        self._kept.append(message)
        self._total += 1
        self._wake()

    def close(self, why: ClientClosed) -> None:
        """No more messages come; the first reason stays."""
        self._end = self._end or why
        self._wake()

    def skip(self) -> None:
        """Look on from here: what came before is settled."""
        self.cursor = self._total

    def since(self, place: int) -> Iterator[tuple[int, Message]]:
        """The kept messages from a place on, each with its place."""
        first = max(place, self.forgotten)
        for offset in range(first - self.forgotten, len(self._kept)):
            yield first, self._kept[offset]
            first += 1

    async def find(self, judge: Callable[[Message], bool]) -> Message:
        """The first message from the cursor on that `judge` wants; the cursor moves behind it.

        An exception of the judge also moves the cursor, so that it is raised once.
        """
        place = self.cursor
        while True:
            news = self._news
            for at, message in self.since(place):
                try:
                    wanted = judge(message)
                except Exception:
                    self.cursor = max(self.cursor, at + 1)
                    raise
                if wanted:
                    self.cursor = max(self.cursor, at + 1)
                    return message
            place = self._total
            if self._end is not None:
                raise ClientClosed(str(self._end)) from self._end.__cause__
            await news.wait()

    async def follow(self) -> AsyncIterator[Message]:
        """Every message from the oldest kept on, until the connection ends."""
        place = 0
        while True:
            news = self._news
            while place < self._total:
                place = max(place, self.forgotten)
                yield self._kept[place - self.forgotten]
                place += 1
            if self._end is not None:
                return
            await news.wait()

    def _wake(self) -> None:
        # A fresh event each time: a waiter that comes later must not be woken by old news.
        news, self._news = self._news, asyncio.Event()
        news.set()
