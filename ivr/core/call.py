"""A call and what hangs on it: plain records, changed only by the interpreter and the queues.

A call's place is its stack of frames (one a flow), the step it is in, and the variables; so it can be
shown, replayed and ended at any moment.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ivr.core.commands import Spoken
from ivr.core.demand import Demand
from ivr.core.flow.model import Flow, Scope, Step
from ivr.core.plan import Plan, QueuePlan
from ivr.core.time import NEVER, Instant, Ms
from ivr.core.timers import Alarm

if TYPE_CHECKING:
    from ivr.core.flow.steps.queue import Queue
    from ivr.core.flow.turn import Turn


class Frame:
    """One flow a call is in; `caller` is the step of the flow below that called it.

    `suspended` are listening steps whose miss is being handled: step, tries, since, kind of the miss.
    """

    __slots__ = ("caller", "flow", "last_state", "state", "suspended", "variables")

    def __init__(self, flow: Flow, variables: dict[str, Any], caller: Step | None) -> None:
        self.flow = flow
        self.variables = variables
        self.caller = caller
        self.state = ""
        self.last_state = ""
        self.suspended: list[tuple[Step, int, Instant, str]] | None = None


class Visit:
    """One visit of a call to a queue, from joining to exactly one outcome.

    `key` orders the queue: (minus priority, arrival ordinal). `entered` stays through failed rings,
    and so does `deadline`, when the longest wait is over. `settings` is the flow's step, None where
    the queue's own settings count; `demand` is what is asked of an agent now, `reservations` are the phones
    that ring for it. `passed` are the queues this wait overflowed from,
    `carry` is the data an agent is shown.
    """

    __slots__ = (
        "alarms",
        "began",
        "call",
        "callback_alive",
        "carry",
        "deadline",
        "demand",
        "entered",
        "group",
        "key",
        "number",
        "overdue_set",
        "passed",
        "plan",
        "reservations",
        "settings",
    )

    def __init__(
        self,
        call: "Call",
        plan: QueuePlan,
        number: int,
        entered: Instant,
        key: tuple[int, int],
        demand: Demand,
    ) -> None:
        self.call = call
        self.plan = plan
        self.number = number
        self.entered = entered
        self.key = key
        self.demand = demand
        self.group: Any = None
        self.reservations: list[Any] = []
        self.alarms: list[Alarm] = []
        self.began = False
        self.overdue_set = False
        self.deadline = NEVER
        self.callback_alive = False
        self.passed: tuple[str, ...] = ()
        self.settings: Queue | None = None
        self.carry: tuple[str, ...] = ()


class Talk:
    """Two parties hear each other: the caller and an agent (`agent` set) or somebody dialled.

    `key` is the place the caller had in the queue they came from, `watchers` are supervisors with what each does.
    """

    __slots__ = ("agent", "held_ms", "held_since", "key", "line", "party", "queue", "since", "watchers")

    def __init__(self, party: str, line: str, queue: str, since: Instant, agent: Any) -> None:
        self.party = party
        self.line = line
        self.queue = queue
        self.since = since
        self.agent = agent
        self.held_since: Instant | None = None
        self.held_ms: Ms = 0
        self.key: tuple[int, int] | None = None
        self.watchers: dict[str, str] = {}


class CallRecording:
    """The recording of a whole call, with the caller's consent; `suspended` while secrets are asked for."""

    __slots__ = ("id", "since", "suspended")

    def __init__(self, number: int, since: Instant) -> None:
        self.id = number
        self.since = since
        self.suspended = False


class OfferState:
    """Where a caller stands on a ladder of offers; `open` while a rung waits for its answer."""

    __slots__ = ("amount", "months", "name", "open", "percent", "price", "rung")

    def __init__(self, name: str) -> None:
        self.name = name
        self.rung = 0
        self.open = False
        self.percent = Decimal(0)
        self.amount = Decimal(0)
        self.months = 0
        self.price = Decimal(0)


class Call:
    """A call, from `CallArrived` (or a dialled line) to `CallEnded`.

    `line` is empty while a flow that was started without a caller has not reached anybody. `absent` is true
    while nobody is on the line: before that, and once the caller is `gone`. `ended` is true once
    `CallEnded` was told. `kept` are keys typed ahead, `ahead` is true while a step hears one of them.
    `known` are the data roots that a lookup has filled, `consents` what was answered. `booked` are
    callbacks that wait for the call's end.
    """

    __deletable__ = ["turn"]  # noqa: RUF012 - read by mypyc: a call that has ended lets go of its turn
    __slots__ = (
        "absent",
        "agent",
        "ahead",
        "alarm",
        "booked",
        "budget",
        "caller",
        "cause",
        "consents",
        "consult",
        "ended",
        "entry",
        "errors",
        "failing",
        "frame",
        "frames",
        "gone",
        "id",
        "kept",
        "kept_place",
        "known",
        "language",
        "line",
        "name",
        "number",
        "offer",
        "plan",
        "play",
        "play_line",
        "play_since",
        "recording",
        "repeated",
        "request",
        "result",
        "ringing",
        "scope",
        "since",
        "spoken",
        "started",
        "step",
        "steps",
        "steps_at",
        "talk",
        "tries",
        "turn",
        "visit",
        "visits",
    )

    turn: "Turn"
    known: dict[str, None] | None
    consents: dict[str, str] | None
    recording: CallRecording | None

    def __init__(
        self,
        number_id: int,
        line: str,
        number: str,
        caller: str,
        name: str,
        plan: Plan,
        flow: Flow,
        at: Instant,
    ) -> None:
        self.id = number_id
        self.line = line
        self.number = number
        self.caller = caller
        self.name = name
        self.plan = plan
        self.language = plan.language
        self.started = at
        self.frame = Frame(flow, {}, None)
        self.frames: list[Frame] | None = None
        self.step: Step | None = None
        self.since = at
        self.result = "next"
        self.tries = self.visits = self.errors = self.steps = 0
        self.scope: Scope | None = None
        self.kept: list[str] | None = None
        self.ahead = False
        self.consult: Any = None
        self.kept_place: tuple[str, tuple[int, int], Demand] | None = None
        self.entry = ""
        self.play = 0
        self.play_line = ""
        self.play_since = at
        self.spoken: Spoken | None = None
        self.alarm: Alarm | None = None
        self.budget: Alarm | None = None
        self.agent = ""
        self.request: Any = None
        self.visit: Visit | None = None
        self.talk: Talk | None = None
        self.ringing: Any = None
        self.booked: list[Any] | None = None
        self.offer: OfferState | None = None
        self.known = self.consents = self.recording = None
        self.repeated: tuple[Instant, int] = (-1, 0)
        self.failing = self.gone = self.ended = False
        self.absent = not line
        self.cause = "caller_hung_up"
        self.steps_at = -1
