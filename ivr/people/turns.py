"""Taking turns: whoever talks means to do one thing next, and what comes first makes them think again."""

from collections.abc import Callable
from typing import Any

from ivr.core.time import Ms
from ivr.people.stage import Stage


class Turns:
    """A side of a talk: what it means to do next, unless something else comes first."""

    __slots__ = ("_stage", "_turn")

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._turn = 0

    def _later(self, delay_ms: Ms, action: Callable[[Any], None], argument: object = None) -> None:
        """Do something, unless something else comes first."""
        self._turn += 1
        self._stage.later(delay_ms, self._due, (self._turn, action, argument))

    def _due(self, due: tuple[int, Callable[[Any], None], object]) -> None:
        turn, action, argument = due
        if turn == self._turn:
            action(argument)
