"""The ACD's own records: an agent, a reservation, a transfer in progress, a callback."""

from typing import TYPE_CHECKING, Any

from ivr.core.call import Call, Visit
from ivr.core.demand import ANYBODY, Demand
from ivr.core.flow.model import Prompt
from ivr.core.flow.steps.work import Wanted, Work
from ivr.core.kernel import FlowBegun
from ivr.core.plan import AgentPlan, QueuePlan
from ivr.core.time import Instant, Ms
from ivr.core.timers import Alarm

if TYPE_CHECKING:
    from ivr.core.acd.queue import Queue

ACTIVE = frozenset(("ready", "reserved", "talking", "holding", "wrap_up", "working", "consulting"))
"""States in which an agent works their queues."""


class Agent:
    """An agent at work. `wish` is what they asked for while busy: `paused` or `signed_out`.

    `orders` are the work orders in hand, by number; `spare` is true while there is room for more of them, `sated`
    after one was refused, until another is done.
    """

    __slots__ = (
        "active",
        "alarm",
        "call",
        "consult",
        "misses",
        "name",
        "orders",
        "plan",
        "queues",
        "reason",
        "reservation",
        "resting",
        "sated",
        "since",
        "skills",
        "spare",
        "state",
        "taken",
        "talked_ms",
        "wish",
        "wish_reason",
        "worked",
        "worked_queue",
    )

    def __init__(self, plan: AgentPlan, queues: "tuple[Queue, ...]") -> None:
        self.plan = plan
        self.name = plan.name
        self.queues = queues
        self.skills = plan.skills
        self.state = "signed_out"
        self.reason = ""
        self.since: Instant = 0
        self.active = False
        self.resting = False
        self.reservation: Reservation | None = None
        self.call: Call | None = None
        self.consult: Consult | None = None
        self.orders: dict[int, WorkOrder] = {}
        self.spare = False
        self.sated = False
        self.misses = 0
        self.taken = 0  # calls, of all queues
        self.talked_ms: Ms = 0
        self.wish = ""
        self.wish_reason = ""
        self.alarm: Alarm | None = None
        self.worked: int = 0
        self.worked_queue = ""


class Reservation:
    """An agent is asked; exactly one of `visit`, `transfer`, `callback`, `order`, `consult` says what for."""

    __slots__ = (
        "agent", "alarm", "call_id", "callback", "consult", "id", "made", "order", "queue", "queue_name",
        "transfer", "visit",
    )  # fmt: skip

    def __init__(
        self, number: int, agent: Agent, call_id: int, queue: QueuePlan | None, made: Instant
    ) -> None:
        self.id = number
        self.agent = agent
        self.call_id = call_id
        self.queue = queue
        self.queue_name = queue.name if queue is not None else ""
        self.made = made
        self.alarm: Alarm | None = None
        self.visit: Visit | None = None
        self.transfer: Transfer | None = None
        self.callback: Callback | None = None
        self.order: WorkOrder | None = None
        self.consult: Consult | None = None


class Consult:
    """An agent asks somebody about a caller; `other` is the agent on the other side, `line` the line there.

    `mode` is `ringing`, `private`, `swapped` or `conference`.
    """

    __slots__ = (
        *("agent", "alarm", "answered", "call", "deadline", "kind", "line", "mode", "other", "reservation"),
        *("target", "tried"),
    )

    def __init__(self, call: Call, agent: Agent, kind: str, target: str, deadline: Instant) -> None:
        self.call = call
        self.agent = agent
        self.kind = kind
        self.target = target
        self.deadline = deadline
        self.mode = "ringing"
        self.line = ""
        self.other: Agent | None = None
        self.reservation: Reservation | None = None
        self.alarm: Alarm | None = None
        self.answered: Instant = 0
        self.tried: list[str] = []


class Transfer:
    """A call on its way to a target; kept in `call.ringing` until it is connected or has failed.

    `taken` is the reservation that the target `agent` has accepted. `back_to` is the queue and key under
    which the caller waits again if an agent's transfer fails.
    """

    __slots__ = (
        "agent",
        "alarm",
        "back_to",
        "by",
        "call",
        "carry",
        "deadline",
        "kind",
        "line",
        "mode",
        "reservation",
        "taken",
        "target",
        "tried",
        "whisper",
    )

    def __init__(self, call: Call, by: str, kind: str, target: str, mode: str, deadline: Instant) -> None:
        self.call = call
        self.by = by
        self.kind = kind
        self.target = target
        self.mode = mode
        self.deadline = deadline
        self.whisper: Prompt | None = None
        self.carry: tuple[str, ...] = ()
        self.reservation: Reservation | None = None
        self.taken = 0
        self.agent: Agent | None = None
        self.line = ""
        self.alarm: Alarm | None = None
        self.tried: list[str] = []
        self.back_to: tuple[Queue, tuple[int, int]] | None = None


class Callback:
    """A customer to be called back, holding a place in a queue.

    `alarm` ends a rest (after an attempt, or until the queue opens) or an attempt that nobody answers.
    """

    __slots__ = (
        "agent",
        "alarm",
        "attempts",
        "booked",
        "call",
        "data",
        "demand",
        "group",
        "id",
        "key",
        "number",
        "origin",
        "queue",
        "reservation",
        "retry_every_ms",
        "tries",
    )

    def __init__(
        self, number_id: int, origin: int, queue: QueuePlan, number: str, key: tuple[int, int]
    ) -> None:
        self.id = number_id
        self.origin = origin
        self.queue = queue
        self.number = number
        self.key = key
        self.booked: Instant = 0
        self.demand = ANYBODY
        self.data: dict[str, Any] = {}
        self.tries = 1
        self.retry_every_ms: Ms = 0
        self.attempts = 0
        self.group: Any = None
        self.reservation: Reservation | None = None
        self.agent: Agent | None = None
        self.call: Call | None = None
        self.alarm: Alarm | None = None


class WorkOrder:
    """A task for an agent away from the phone, waiting in a queue while its window is open.

    `alarm` opens the window, `closing` ends it; `waits` is true while it lies in its queue. `begun` is
    what the run of its flow begins with when it has ended.
    """

    __slots__ = (
        "agent",
        "alarm",
        "assigned",
        "begun",
        "closing",
        "data",
        "demand",
        "group",
        "id",
        "key",
        "origin",
        "queue",
        "reservation",
        "step",
        "waits",
        "wanted",
    )

    def __init__(
        self,
        number: int,
        origin: int,
        queue: QueuePlan,
        key: tuple[int, int],
        step: Work,
        wanted: Wanted,
        begun: FlowBegun,
        data: dict[str, Any],
    ) -> None:
        self.id = number
        self.origin = origin
        self.queue = queue
        self.key = key
        self.demand = Demand(step.skills, work=True)
        self.step = step
        self.wanted = wanted
        self.begun = begun
        self.data = data
        self.group: Any = None
        self.reservation: Reservation | None = None
        self.agent: Agent | None = None
        self.assigned: Instant = 0
        self.waits = False
        self.alarm: Alarm | None = None
        self.closing: Alarm | None = None
