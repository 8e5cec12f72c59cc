"""work: have somebody go somewhere."""

from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ivr.core.flow.model import Expression, Node, Step, Template
from ivr.core.time import DAY, Instant, Ms

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn

RESULTS: Final = ("done", "late", "no_show", "never_assigned", "rescheduled", "cancelled")
"""How a work order may end; each may have a handler, which runs then, without a caller."""


class Wanted(NamedTuple):
    """What is ordered: asked of agents from `opens`, too late after `closes` and given up after `given_up`."""

    opens: Instant
    closes: Instant
    given_up: Instant
    priority: int
    what: str
    place: str
    appointment: str
    whose: str


@dataclass(eq=False, kw_only=True)
class Work(Step):
    """A work order on a queue, for an agent who is away from the phone meanwhile; the next step follows at once.

    Its window is `due` (local times, today or on the `day`; tomorrow where today's is over), the booked
    `appointment` of `whose`, or `within_ms` from now. Within it agents of the queue with the `skills` are asked;
    after it, for `grace_ms`, one who still goes is late.

    The outcomes come when nobody is on the line any more: their handlers begin a run of the flow of
    their own, without a caller, with the variables and data of the moment of ordering. Outcome `failed`
    comes at once: no such appointment, a window that is past, no room.
    """

    queue: str
    due: tuple[time, time] | None = None
    day: Expression | None = None
    within_ms: Ms = DAY
    grace_ms: Ms = 0
    appointment: str = ""
    whose: Expression | None = None
    priority: Expression | None = None
    skills: tuple[tuple[str, int], ...] = ()
    what: Template | None = None
    location: Template | None = None
    carry: tuple[str, ...] = ()

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        window = turn.work_window(self)
        if isinstance(window, str):
            return self._failed(turn, window)
        opens, closes = window
        wanted = Wanted(
            opens,
            closes,
            closes + self.grace_ms,
            int(turn.value(self.priority)) if self.priority is not None else 0,
            turn.text(self.what) if self.what is not None else "",
            turn.text(self.location) if self.location is not None else "",
            self.appointment,
            str(turn.value(self.whose)) if self.whose is not None else "",
        )
        if not turn.order_work(self, wanted):
            return self._failed(turn, "failed.full")
        turn.result("ordered")
        return self.next

    def _failed(self, turn: "Turn", outcome: str) -> Node | None:
        turn.result(outcome)
        return turn.outcome(self, outcome)

    def ended(self, result: str) -> Node | None:
        """What is to be done, in a run of its own, when the order has ended so."""
        found = (handlers.get(result) for handlers in self.handlers)
        return next((node for node in found if node is not None), None)

    def answered(self, turn: "Turn", outcome: str, result: dict[str, Any]) -> Node | None:
        """Nothing is waited for."""
        return None
