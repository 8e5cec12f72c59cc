"""Every call, queue and agent of a center. Reads no clock, does no I/O, never waits.

    engine.handle(at, event)   let time pass up to `at`, then apply the event
    engine.advance(to)         let time pass: fire each alarm due by `to` at its own due instant
    engine.next_due()          when to call again at the latest; NEVER if nothing is pending
    engine.snapshot()          a frozen picture

What it asks of a party goes to the outlet, what happened goes to the witness, in order.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from ivr.core import events
from ivr.core.acd.acd import Acd
from ivr.core.acd.queue import Queue
from ivr.core.acd.records import Consult
from ivr.core.call import Call
from ivr.core.commands import Outlet
from ivr.core.facts import ContactMade, Fact, PlanChanged, WorldChanged
from ivr.core.flow.interpreter import Interpreter
from ivr.core.kernel import Kernel
from ivr.core.plan import Plan, what_is_fixed
from ivr.core.snapshot import AgentView, CallView, QueueView, Snapshot
from ivr.core.time import Instant
from ivr.limits import CALLER_CHARS_MAX, NAME_CHARS_MAX, TEXT_CHARS_MAX

SNAPSHOT_CALLS_MAX = 500  # what a screen can show


class Engine:
    """The center; `handle` and `advance` are the only things that change it.

    `next_due()` says when to call again at the latest; NEVER if nothing is pending. `alarms[0][0]` is
    a lower bound of it, for a driver that looks very often.
    """

    __slots__ = ("_acd", "_handlers", "_interpreter", "_kernel", "_plans", "alarms", "next_due")

    def __init__(
        self,
        plan: Plan,
        seed: str,
        outlet: Outlet,
        witness: Callable[[Fact], None],
        *,
        epoch_ms: int = 0,
        first_call: int = 1,
    ) -> None:
        """`epoch_ms` is instant 0 in milliseconds since 1970-01-01 UTC; call ids count from `first_call`."""
        self._kernel = kernel = Kernel(plan, seed, outlet, witness, epoch_ms, first_call)
        self.next_due = kernel.timers.next_due  # one call less on the hottest path
        self.alarms = kernel.timers.heap
        self._interpreter = flows = Interpreter(kernel)
        self._acd = acd = Acd(kernel)
        kernel.flows = flows
        kernel.queues = acd
        self._plans = {plan.digest: plan}
        self._handlers = self._table(flows, acd)

    def _table(self, flows: Interpreter, acd: Acd) -> dict[type, Callable[[Any], None]]:
        """Who takes an event of each class."""
        return {
            events.CallArrived: flows.arrived,
            events.KeyPressed: flows.key_pressed,
            events.SpeechHeard: flows.speech_heard,
            events.PromptFinished: flows.prompt_finished,
            events.LookupFinished: flows.lookup_finished,
            events.LineEnded: flows.line_ended,
            events.FlowTriggered: flows.triggered,
            events.MessageReceived: flows.message_received,
            events.LineAnswered: acd.answered,
            events.LineFailed: acd.failed,
            events.AgentSignedIn: acd.staff.signed_in,
            events.AgentSignedOut: acd.staff.signed_out,
            events.AgentLost: acd.staff.lost,
            events.AgentPaused: acd.staff.paused,
            events.AgentReady: acd.staff.ready,
            events.AgentWrappedUp: acd.staff.wrapped_up,
            events.ReservationAccepted: acd.router.accepted,
            events.ReservationRejected: acd.router.rejected,
            events.AgentHungUp: acd.talks.hung_up,
            events.AgentSpoke: acd.talks.spoke,
            events.AgentHeld: acd.talks.held,
            events.AgentResumed: acd.talks.resumed,
            events.AgentTransferred: acd.transfers.from_desk,
            events.AgentConsulted: acd.consults.start,
            events.ConsultActed: acd.consults.act,
            events.SupervisorJoined: acd.supervision.join,
            events.SupervisorLeft: acd.supervision.left,
            events.StateForced: acd.supervision.force,
            events.CallPulled: acd.supervision.pull,
            events.CallWithdrawn: acd.supervision.withdraw,
            events.PriorityGiven: acd.supervision.prioritise,
            events.WorkFinished: acd.orders.finished,
            events.CallbackRestored: acd.callbacks.restored,
            events.ContactNoted: self._contact,
            events.RowChanged: self._row_changed,
            events.PlanReplaced: self._replace_plan,
            events.CenterStopped: self._stop,
        }

    @property
    def now(self) -> Instant:
        """The instant the engine has reached."""
        return self._kernel.now

    @property
    def plan(self) -> Plan:
        """The plan that new calls follow."""
        return self._kernel.plan

    def handle(self, at: Instant, event: events.Event) -> None:
        """Let time pass up to `at`, then apply the event."""
        kernel = self._kernel
        if self.alarms[0][0] <= at:
            self.advance(at)
        else:
            assert at >= kernel.now, "time cannot run backwards"
            kernel.now = at
        self._handlers[type(event)](event)

    def advance(self, to: Instant) -> None:
        """Fire each alarm due by `to` at its own due instant; ties go in the order of setting."""
        kernel, alarms = self._kernel, self.alarms
        assert to >= kernel.now, "time cannot run backwards"
        pop = kernel.timers.pop
        while alarms[0][0] <= to:
            due, action, argument = pop()
            if action is not None:
                assert due >= kernel.now, "an alarm was set in the past"
                kernel.now = due
                action(argument)
        kernel.now = to

    def adopt(self, plan: Plan) -> None:
        """Hand over a plan, before the event `PlanReplaced` names it."""
        self._plans[plan.digest] = plan

    def _replace_plan(self, event: events.PlanReplaced) -> None:
        kernel = self._kernel
        plan = self._plans.get(event.digest)
        if plan is None:
            kernel.ignore("plan_replaced", event.digest[:12], "no such plan")
            return
        if why := what_is_fixed(kernel.plan, plan):
            kernel.ignore("plan_replaced", event.digest[:12], f"fixed while the center runs: {why}")
            return
        kernel.plan = plan
        self._acd.adopt(plan)
        kernel.tell(PlanChanged(kernel.now, plan.digest))

    def _contact(self, event: events.ContactNoted) -> None:
        now, name, text = self._kernel.now, event.channel[:NAME_CHARS_MAX], event.text[:TEXT_CHARS_MAX]
        customer, place = event.customer[:CALLER_CHARS_MAX], event.place[:CALLER_CHARS_MAX]
        about, outcome = event.about[:NAME_CHARS_MAX], event.outcome[:NAME_CHARS_MAX]
        self._kernel.tell(ContactMade(now, customer, name, place, about, outcome, text))

    def _row_changed(self, event: events.RowChanged) -> None:
        self._kernel.tell(WorldChanged(self._kernel.now, event.table, event.row, event.changes))

    def _stop(self, event: events.CenterStopped) -> None:
        self._interpreter.stopped(event)
        self._acd.callbacks.drop_all()
        self._acd.orders.drop_all()

    # Reading ---------------------------------------------------------------------------------------------

    def local_time(self) -> datetime:
        """The center's local time now, without zone."""
        return self._kernel.calendar.local(self._kernel.now)

    def agent_state(self, agent: str) -> str:
        """The state an agent is in."""
        return self._acd.staff.agents[agent].state

    def calls(self) -> Mapping[int, Call]:
        """The calls in progress, oldest first; to be read, not changed."""
        return self._kernel.calls

    def acd(self) -> Acd:
        """Queues and agents, for auditors; to be read, not changed."""
        return self._acd

    def snapshot(self) -> Snapshot:
        """A frozen picture for gauges and screens."""
        kernel, acd = self._kernel, self._acd
        now = kernel.now
        calls = list(kernel.calls.values())
        waiting = sum(call.visit is not None for call in calls)
        talking = sum(call.talk is not None for call in calls)
        return Snapshot(
            now,
            kernel.plan.name,
            len(calls),
            len(calls) - waiting - talking,
            waiting,
            talking,
            len(acd.callbacks.pending),
            tuple(self._queue_view(queue) for queue in acd.queues.values()),
            tuple(
                AgentView(
                    agent.name,
                    agent.state,
                    agent.reason,
                    now - agent.since,
                    agent.call.id if agent.call is not None else None,
                    agent.plan.queues,
                )
                for agent in acd.staff.agents.values()
            ),
            tuple(self._call_view(call) for call in islice(calls, SNAPSHOT_CALLS_MAX)),
        )

    def _queue_view(self, queue: Queue) -> QueueView:
        now = self._kernel.now
        states: dict[str, int] = {}
        for agent in self._acd.staff.agents.values():
            if queue in agent.queues:
                states[agent.state] = states.get(agent.state, 0) + 1
        oldest = min((visit.entered for visit in queue.visits.values()), default=now)
        return QueueView(
            queue.plan.name,
            len(queue.visits),
            queue.ringing,
            sum(callback.queue.name == queue.plan.name for callback in self._acd.callbacks.pending.values()),
            now - oldest,
            0 if queue.ready and not queue.waiting else queue.estimate(queue.waiting + 1, 0),
            states,
        )

    def _call_view(self, call: Call) -> CallView:
        consult: Consult | None = call.consult
        asked = consult.other if consult is not None else None
        return CallView(
            call.id,
            call.line,
            call.number,
            call.caller,
            call.frame.flow.name,
            call.frame.state,
            call.step.verb if call.step is not None else "",
            call.visit.plan.name if call.visit is not None else "",
            self._acd.position(call),
            call.talk.party if call.talk is not None else "",
            asked.name if asked is not None else consult.target if consult is not None else "",
            consult.mode if consult is not None else "",
            self._kernel.now - call.started,
        )
