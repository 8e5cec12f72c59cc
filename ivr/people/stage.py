"""Where a cast acts: the one thing that simulator, demo and load tester do differently."""

from collections.abc import Callable
from typing import Any, Protocol

from ivr.core import events
from ivr.core.time import Ms


class Stage(Protocol):
    """Where the cast acts: somebody who keeps time and passes events to the engine."""

    def later(self, delay_ms: Ms, action: Callable[[Any], None], argument: object) -> None:
        """Call `action(argument)` after a while, never at once."""

    def admits(self) -> bool:
        """Whether the center takes further calls."""

    def post(self, event: events.Event) -> None:
        """Tell the engine something; only from within an action."""
