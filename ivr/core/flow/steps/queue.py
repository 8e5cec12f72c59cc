"""queue: wait for an agent."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ivr.core.demand import Relaxation, Skills
from ivr.core.flow.model import Expression, Node, Step
from ivr.core.plan import Announcement, CallbackOffer
from ivr.core.time import Ms

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn


_NAMED: Final = {"*": "star", "#": "hash"}


def exit_of(key: str) -> str:
    """The outcome of leaving by a key: `exit.1`, `exit.star`."""
    return f"exit.{_NAMED.get(key, key)}"


@dataclass(frozen=True, slots=True)
class Prefer:
    """Whom a caller would like best: the `agent` of that name, or the one they talked to in the `last_ms`.

    While that agent is busy the caller waits for nobody else for `wait_ms`.
    """

    agent: Expression | None = None
    last_ms: Ms = 0
    wait_ms: Ms = 0


@dataclass(eq=False, kw_only=True)
class Queue(Step):
    """Wait in a queue with music and announcements, talk to an agent, then go on to the next step.

    Fields left None come from the queue. Outcomes: `timeout`, `callback`, `closed`, `full`, `empty`, and
    `exit.KEY` for each of the `exit_keys`.
    `overflow` names the queue that takes the call after `max_wait_ms` instead of the outcome `timeout`;
    `carry` is the data that an agent is shown with the call.
    """

    queue: str
    priority: Expression | None = None
    skills: Skills | None = None
    relax: tuple[Relaxation, ...] | None = None
    prefer: Prefer | None = None
    announce: tuple[Announcement, ...] | None = None
    music: str = ""
    callback: CallbackOffer | None = None
    max_wait_ms: Ms | None = None
    overflow: str = ""
    carry: tuple[str, ...] = ()
    exit_keys: tuple[str, ...] = ()

    @property
    def demanding(self) -> bool:
        """Whether it asks for anything of an agent by itself."""
        return self.skills is not None or self.prefer is not None

    def enter(self, turn: "Turn") -> Node | None:
        """Join; a queue that does not take the call says so through `answered`."""
        turn.drop_kept()
        priority = int(turn.value(self.priority)) if self.priority is not None else 0
        prefer = self.prefer
        wanted = (
            str(turn.value(prefer.agent) or "") if prefer is not None and prefer.agent is not None else ""
        )
        refused = turn.join_queue(self, priority, wanted)
        return self.answered(turn, refused, {}) if refused else None

    def hear_key(self, turn: "Turn", key: str) -> Node | None:
        """The key of the callback offer while it stands, one that leads out, or a key of the whole flow."""
        if turn.take_callback_key(key):
            return self.answered(turn, "callback", {})
        if key in self.exit_keys and turn.waits_in_queue():
            turn.take(key)
            turn.stop("barged_in")
            turn.leave_queue("exit_key")
            return self.answered(turn, exit_of(key), {})
        if (node := turn.flow_key(key)) is not None:
            turn.leave_queue("exit_key")
            return node
        turn.ignore_key(key)
        return None

    def answered(self, turn: "Turn", outcome: str, result: dict[str, Any]) -> Node | None:
        """The talk is over (`connected`), or the visit ended without one."""
        turn.result(outcome)
        if outcome == "connected":
            return turn.handler(self, "connected") or self.next
        if outcome == "withdrawn" and (node := turn.handler(self, outcome)) is not None:
            return node
        if outcome == "withdrawn":  # nobody thinks of it; what is done after the longest wait will do
            outcome = "timeout"
        return turn.outcome(self, outcome)
