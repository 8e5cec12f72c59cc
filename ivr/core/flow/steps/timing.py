"""wait, hold, hours: time and the calendar."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.core.flow.model import Node, Step
from ivr.core.flow.steps.base import WaitingStep
from ivr.core.time import Ms

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn


@dataclass(eq=False, kw_only=True)
class Wait(WaitingStep):
    """Let time pass: in silence (verb `wait`), or with music (verb `hold`)."""

    wait_ms: Ms
    music: str = ""

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        if self.music:
            turn.music(self.music)
        turn.wake_in(self.wait_ms, "waited")
        return None

    def alarm(self, turn: "Turn", tag: str) -> Node | None:
        """The time is over."""
        if self.music:
            turn.music("")
        return self.next


@dataclass(eq=False, kw_only=True)
class HoursStep(Step):
    """Go on while open; else the outcome is `holiday` (where handled) or `closed`."""

    hours: str

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        status = turn.hours_status(self.hours)
        turn.result(status)
        if status == "open":
            return self.next
        if status == "holiday" and (node := turn.handler(self, "holiday")) is not None:
            return node
        return turn.outcome(self, "closed")
