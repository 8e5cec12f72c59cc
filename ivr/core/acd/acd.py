"""The ACD as one: what the interpreter sees of queues, agents, transfers and callbacks."""

from ivr.core import events
from ivr.core.acd.callbacks import Callbacks
from ivr.core.acd.consults import Consults
from ivr.core.acd.dials import Dialling, Dials
from ivr.core.acd.orders import Orders
from ivr.core.acd.queue import Queue
from ivr.core.acd.records import Agent, Callback, Transfer
from ivr.core.acd.router import Router
from ivr.core.acd.staff import Staff
from ivr.core.acd.supervision import Supervision
from ivr.core.acd.talks import Talks
from ivr.core.acd.transfers import Transfers
from ivr.core.acd.waits import Waits
from ivr.core.call import Call
from ivr.core.demand import Demand
from ivr.core.diary import Window
from ivr.core.flow.steps.callback import Callback as CallbackStep
from ivr.core.flow.steps.dial import Dial as DialStep
from ivr.core.flow.steps.queue import Queue as QueueStep
from ivr.core.flow.steps.transfer import Transfer as TransferStep
from ivr.core.flow.steps.work import Wanted, Work as WorkStep
from ivr.core.kernel import Kernel
from ivr.core.plan import Plan
from ivr.core.time import Instant, Ms
from ivr.limits import LAST_TALKS_MAX


class Acd:
    """Implements the protocol `Queues` of the kernel."""

    __slots__ = (
        "_draws",
        "_last_talks",
        "callbacks",
        "consults",
        "dials",
        "kernel",
        "orders",
        "queues",
        "router",
        "staff",
        "supervision",
        "talks",
        "transfers",
        "waits",
    )

    def __init__(self, kernel: Kernel) -> None:
        plan = kernel.plan
        self.kernel = kernel
        self._draws = 0
        self._last_talks: dict[str, tuple[str, Instant]] = {}
        self.queues = {name: Queue(queue, self._draw, self._now) for name, queue in plan.queues.items()}
        self.waits = Waits(self, kernel)
        self.router = Router(self, kernel)
        self.staff = Staff(self, kernel)
        self.staff.agents = {
            name: Agent(agent, tuple(self.queues[queue] for queue in agent.queues))
            for name, agent in plan.agents.items()
        }
        for name, queue in self.queues.items():
            members = [agent for agent in self.staff.agents.values() if name in agent.plan.queues]
            queue.staffed(members, plan.asked_skills)
        self.talks = Talks(self, kernel)
        self.transfers = Transfers(self, kernel)
        self.callbacks = Callbacks(self, kernel)
        self.dials = Dials(self, kernel)
        self.orders = Orders(self, kernel)
        self.consults = Consults(self, kernel)
        self.supervision = Supervision(self, kernel)

    def adopt(self, plan: Plan) -> None:
        """Go by the settings of a new plan with the same queues and agents; visits keep those they joined with."""
        for name, agent in self.staff.agents.items():
            agent.plan = plan.agents[name]
        for name, queue in self.queues.items():
            queue.plan = plan.queues[name]
            queue.equip(plan.asked_skills)

    def _now(self) -> Instant:
        return self.kernel.now

    def _draw(self) -> float:
        """A draw by which a strategy chooses an agent."""
        self._draws += 1
        return self.kernel.chance("agent", self._draws)

    def remember(self, call: Call, agent: Agent) -> None:
        """A caller has talked to an agent: the last one for `prefer`."""
        if call.caller:
            talks = self._last_talks
            talks.pop(call.caller, None)
            talks[call.caller] = (agent.name, self.kernel.now)
            if len(talks) > LAST_TALKS_MAX:
                del talks[next(iter(talks))]

    def last_agent(self, caller: str, within_ms: Ms) -> str:
        """Whom a caller talked to last, not longer ago than that; empty if nobody."""
        name, at = self._last_talks.get(caller, ("", 0))
        return name if name and self.kernel.now - at <= within_ms else ""

    def join(self, call: Call, step: QueueStep, priority: int, wanted: str) -> str:
        """See `Queues`."""
        return self.waits.join(call, self.queues[step.queue], step, priority, wanted=wanted)

    def leave(self, call: Call, outcome: str) -> None:
        """See `Queues`."""
        visit = call.visit
        if visit is not None:
            if outcome == "callback":
                call.kept_place = (visit.plan.name, visit.key, self.waits.unpreferred(visit))
            self.waits.end(visit, outcome)
        elif call.talk is not None:
            self.talks.end(call, "caller" if call.gone else "center")
        elif isinstance(call.ringing, Transfer):
            self.transfers.caller_left(call)
        elif isinstance(call.ringing, Callback):
            self.callbacks.stopped(call)
        elif isinstance(call.ringing, Dialling):
            self.dials.stopped(call)

    def kept_place(self, call: Call, queue: str) -> tuple[tuple[int, int], Demand] | None:
        """The place a caller gave up for a callback from this queue, and what they asked of an agent, once."""
        place, call.kept_place = call.kept_place, None
        return place[1:] if place is not None and place[0] == queue else None

    def transfer(self, call: Call, step: TransferStep) -> str:
        """See `Queues`."""
        return self.transfers.start(call, step)

    def dial(self, call: Call, step: DialStep, number: str) -> None:
        """See `Queues`."""
        if call.absent:
            self.dials.start(call, step, number)
        else:
            self.transfers.dial(call, step, number)

    def order(self, call: Call, step: WorkStep, wanted: Wanted) -> int:
        """See `Queues`."""
        return self.orders.order(call, step, wanted)

    def appointment_changed(self, calendar: str, whose: str, window: Window | None) -> None:
        """See `Queues`."""
        self.orders.appointment_changed(calendar, whose, window)

    def caller_spoke(self, call: Call, event: events.SpeechHeard) -> None:
        """See `Queues`."""
        self.talks.caller_spoke(call, event)

    def announced(self, call: Call) -> None:
        """See `Queues`."""
        self.waits.announced(call)

    def whispered(self, call: Call) -> None:
        """See `Queues`."""
        self.transfers.whispered(call)

    def book(self, call: Call, step: CallbackStep, number: str) -> bool:
        """See `Queues`."""
        return self.callbacks.book(call, step, number)

    def booker_left(self, call: Call) -> None:
        """See `Queues`."""
        self.callbacks.booker_left(call)

    def answered(self, event: events.LineAnswered) -> None:
        """A dialled party picked up."""
        call = self.kernel.lines.get(event.line)
        if call is None:
            self.kernel.ignore("line_answered", event.line, "no such line")
        else:
            self.line_answered(call, event.line, event.by)

    def failed(self, event: events.LineFailed) -> None:
        """A dialled party will not pick up."""
        call = self.kernel.lines.get(event.line)
        if call is None:
            self.kernel.ignore("line_failed", event.line, "no such line")
        else:
            self.line_failed(call, event.line, event.cause)

    def line_answered(self, call: Call, line: str, by: str = "person") -> None:
        """See `Queues`."""
        if isinstance(call.ringing, Callback) and call.line == line:
            self.callbacks.line_answered(call)
        elif isinstance(call.ringing, Dialling) and call.ringing.line == line:
            self.dials.line_answered(call, by)
        elif not (self.transfers.line_answered(call, line) or self.consults.line_answered(call, line)):
            self.kernel.ignore("line_answered", line, "was not ringing")

    def line_failed(self, call: Call, line: str, cause: str) -> None:
        """See `Queues`."""
        if isinstance(call.ringing, Callback) and call.line == line:
            self.callbacks.line_failed(call)
        elif isinstance(call.ringing, Dialling) and call.ringing.line == line:
            self.dials.line_failed(call, cause)
        elif self.consults.line_failed(call, line, cause):
            pass
        elif call.talk is not None and call.talk.line == line and call.talk.agent is None:
            self.talks.end(call, "party")
            self.kernel.flows.resume(call, "connected")
        elif not self.transfers.line_failed(call, line, cause):
            self.kernel.ignore("line_failed", line, "was not ringing")

    def awaited(self, agent: Agent) -> bool:
        """Whether an agent without a talk is about to have one: whispered to, or a customer is being dialled."""
        return agent.state == "reserved" and agent.reservation is None

    def agent_gave_up(self, agent: Agent) -> None:
        """An agent who is about to be connected hangs up or leaves."""
        for callback in self.callbacks.pending.values():
            if callback.agent is agent:
                self.callbacks.agent_gave_up(callback)
                return
        self.transfers.agent_gave_up(agent)

    def position(self, call: Call) -> int:
        """See `Queues`."""
        visit = call.visit
        return self.queues[visit.plan.name].position(visit) if visit is not None else 0

    def estimate(self, call: Call) -> Ms | None:
        """See `Queues`."""
        visit = call.visit
        if visit is None:
            return None
        queue = self.queues[visit.plan.name]
        return queue.estimate(queue.position(visit), self.kernel.now - visit.entered)

    def sizes(self, queue: str) -> tuple[int, int]:
        """See `Queues`."""
        return len(self.queues[queue].visits), self.queues[queue].active
