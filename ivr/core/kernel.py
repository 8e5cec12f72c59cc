"""What interpreter and queues share: the time, the alarms, the ports, and who is who.

The interpreter (calls in flows) and the ACD (calls in queues, agents) do not know each other; each
reaches the other through the kernel, by the few methods that the protocols here name.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, Protocol

from ivr.core.calendar import Calendar
from ivr.core.call import Call
from ivr.core.chance import Stream
from ivr.core.commands import Listening, Outlet
from ivr.core.diary import Diaries, Window
from ivr.core.events import SpeechHeard
from ivr.core.facts import EventIgnored, Fact, LimitReached
from ivr.core.flow.model import Expression, Flow, Node, Prompt, Scope
from ivr.core.flow.steps.callback import Callback
from ivr.core.flow.steps.dial import Dial
from ivr.core.flow.steps.queue import Queue
from ivr.core.flow.steps.transfer import Transfer
from ivr.core.flow.steps.work import Wanted, Work
from ivr.core.plan import Plan
from ivr.core.time import SECOND, Instant, Ms
from ivr.core.timers import Timers

DIAL_GRACE_MS: Final = 2 * SECOND  # how much later than asked the outside may say that nobody picked up


class FlowBegun(NamedTuple):
    """A flow to be started without a caller, in its middle: `name` says for what, the rest is what a call knew."""

    name: str
    caller: str
    node: Node
    flow: Flow
    plan: Plan
    language: str
    variables: dict[str, Any]
    scope: Scope


class Flows(Protocol):
    """What the queues ask of the interpreter."""

    def resume(self, call: Call, outcome: str) -> None:
        """Go on in the flow: the step that brought the call here ended with `outcome`."""

    def announce(self, call: Call, prompt: Prompt, listening: Listening | None) -> None:
        """Let a waiting caller hear an announcement, if nothing else is being said."""

    def silence(self, call: Call, ended: str) -> None:
        """Break off what is being said on a call, if anything is."""

    def tell_agent(self, call: Call, line: str, prompt: Prompt) -> bool:
        """Whisper to the party at `line`; False when there is nothing to say."""

    def carried(self, call: Call, roots: tuple[str, ...]) -> dict[str, Any]:
        """What a call knows under some of the center's data roots, as JSON can carry it."""

    def holds(self, call: Call, condition: Expression) -> bool:
        """Whether a condition of the flow is true for this call now."""

    def jump(self, call: Call, flow: str) -> None:
        """Send a call to the start of another flow of its plan, for good."""

    def finish(self, call: Call, reason: str, outcome: str) -> None:
        """End a call; `outcome` is what its first flow returned, or empty."""

    def wake(self, alarm: tuple[Call, str]) -> None:
        """A step's alarm came due."""

    def await_answer(self, request: int, call: Call) -> None:
        """Route the answer of a request to a call."""

    def forget(self, request: int) -> None:
        """No longer wait for a request's answer."""

    def begin(self, begun: FlowBegun) -> None:
        """Start a flow without a caller in its middle, with what another call knew."""

    def await_reply(self, channel: str, sender: str, call: Call) -> None:
        """Route the next message of somebody to a call."""

    def forget_reply(self, channel: str, sender: str, call: Call) -> None:
        """No longer wait for somebody's message."""

    def place(self, line: str, number: str, caller: str, name: str, flow: Flow, direction: str) -> Call:
        """Start a call without sending it into its flow yet."""


class Queues(Protocol):
    """What the interpreter asks of the ACD."""

    def join(self, call: Call, step: Queue, priority: int, wanted: str) -> str:
        """Join a queue, asking for the agent `wanted` if any; empty, or the outcome with which the queue refused."""

    def leave(self, call: Call, outcome: str) -> None:
        """End a call's visit, ring or talk, whichever it is in, because of the call."""

    def transfer(self, call: Call, step: Transfer) -> str:
        """Start a transfer from the flow; empty, or the outcome with which it failed at once."""

    def dial(self, call: Call, step: Dial, number: str) -> None:
        """Call a number: to be the flow's caller, or for the caller to talk to."""

    def order(self, call: Call, step: Work, wanted: Wanted) -> int:
        """Put a work order on a queue; its number, 0 when there is no room."""

    def appointment_changed(self, calendar: str, whose: str, window: Window | None) -> None:
        """An appointment was put off, or (None) called off: so are the work orders for it."""

    def caller_spoke(self, call: Call, event: SpeechHeard) -> None:
        """A caller in a talk says something."""

    def announced(self, call: Call) -> None:
        """A waiting caller has heard an announcement to its end."""

    def whispered(self, call: Call) -> None:
        """The whisper to the target of a warm transfer has been heard."""

    def book(self, call: Call, step: Callback, number: str) -> bool:
        """Book a callback."""

    def booker_left(self, call: Call) -> None:
        """A call that booked callbacks has ended."""

    def line_answered(self, call: Call, line: str) -> None:
        """A line dialled for this call was picked up."""

    def line_failed(self, call: Call, line: str, cause: str) -> None:
        """A line dialled for this call will not be picked up, or ended."""

    def position(self, call: Call) -> int:
        """The place of a waiting call, from 1; 0 when it does not wait."""

    def estimate(self, call: Call) -> Ms | None:
        """The estimated wait of a waiting call from now; None when nobody knows."""

    def sizes(self, queue: str) -> tuple[int, int]:
        """Calls waiting in a queue and agents signed in to it."""


class Kernel:
    """The shared state of one running center."""

    __slots__ = (
        "_streams",
        "calendar",
        "calls",
        "diaries",
        "flows",
        "last_call",
        "last_dialled",
        "last_play",
        "last_request",
        "lines",
        "now",
        "offered",
        "outlet",
        "plan",
        "queues",
        "recorded",
        "seed",
        "tell",
        "timers",
    )

    flows: Flows
    queues: Queues

    def __init__(
        self,
        plan: Plan,
        seed: str,
        outlet: Outlet,
        tell: Callable[[Fact], None],
        epoch_ms: int,
        first_call: int,
    ) -> None:
        self.now: Instant = 0
        self.plan = plan
        self.seed = seed
        self.outlet = outlet
        self.tell = tell
        self.timers = Timers()
        self.calendar = Calendar(epoch_ms, plan.timezone)
        self.calls: dict[int, Call] = {}
        self.lines: dict[str, Call] = {}
        self.last_call = first_call - 1
        self.last_play = 0
        self.last_request = 0
        self.recorded = 0  # calls that are being recorded
        self.last_dialled = 0
        self.diaries = Diaries()
        self.offered: dict[tuple[str, str], Instant] = {}  # by offer and caller's number, the latest last
        self._streams: dict[str, Stream] = {}

    def chance(self, name: str, ordinal: int) -> float:
        """A draw on [0, 1) under the run's seed."""
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = Stream(self.seed, name)
        return stream.unit(ordinal)

    def ignore(self, event: str, subject: str, why: str) -> None:
        """Note that the world was late, double or mad."""
        self.tell(EventIgnored(self.now, event, subject, why))

    def bound(self, limit: str, subject: str) -> None:
        """Note that a bound stopped something."""
        self.tell(LimitReached(self.now, limit, subject))

    def new_line(self) -> str:
        """The name of a line that the engine dials."""
        self.last_dialled += 1
        return f"o-{self.last_dialled}"
