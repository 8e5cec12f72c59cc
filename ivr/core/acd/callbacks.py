"""Callbacks (virtual hold): a caller hung up and keeps a place in the queue.

The place is offered to agents like a waiting call, in its turn. Once an agent has accepted, the
customer is dialled while the agent holds the line, so a customer who is reached never waits. An
attempt that fails frees the agent, and the place comes back after a pause; at most one attempt is in
flight, and no more customers are dialled than agents have accepted. A place sleeps while whoever booked
it is still in the call, and when its turn comes while its queue is closed, until the queue opens.
"""

from typing import TYPE_CHECKING, Final

from ivr.core import calendar, events, facts
from ivr.core.acd.parts import Part
from ivr.core.acd.records import Agent, Callback
from ivr.core.call import Call
from ivr.core.demand import Demand
from ivr.core.flow.model import Flow, State
from ivr.core.flow.steps.callback import Callback as CallbackStep, Talking
from ivr.core.kernel import DIAL_GRACE_MS, Kernel
from ivr.core.time import SECOND
from ivr.limits import CALLBACKS_MAX, CALLER_CHARS_MAX

if TYPE_CHECKING:
    from ivr.core.acd.acd import Acd

RING_MS: Final = 30 * SECOND  # how long a customer is rung


_TALKING: Final = Talking(verb="callback", flow="callback", state="talk", path="0")
_FLOW: Final = Flow("callback", "", {}, State("callback", "talk", _TALKING))


class Callbacks(Part):
    """Every pending callback, by number."""

    __slots__ = ("_last", "pending")

    def __init__(self, acd: "Acd", kernel: Kernel) -> None:
        Part.__init__(self, acd, kernel)
        self._last = 0
        self.pending: dict[int, Callback] = {}

    def book(self, call: Call, step: CallbackStep, number: str) -> bool:
        """Book a callback; False when there is no number or no room."""
        kernel = self.kernel
        if not number:
            return False
        if len(self.pending) >= CALLBACKS_MAX:
            kernel.bound("callbacks", facts.call_name(call.id))
            return False
        queue = self.acd.queues[step.queue]
        self._last += 1
        number = number[:CALLER_CHARS_MAX]
        kept = self.acd.kept_place(call, step.queue) if step.keep_place else None
        key, demand = kept or ((0, self.acd.waits.next_ordinal()), Demand(queue.plan.skills))
        callback = Callback(self._last, call.id, queue.plan, number, key)
        callback.demand = demand
        callback.tries = step.tries
        callback.retry_every_ms = step.retry_every_ms
        self._keep(callback)
        if call.booked is None:
            call.booked = []
        call.booked.append(callback)
        return True

    def restored(self, event: events.CallbackRestored) -> None:
        """One that was booked before the center was served anew takes a place."""
        queue = self.acd.queues.get(event.queue)
        if queue is None or not event.number or len(self.pending) >= CALLBACKS_MAX:
            self.kernel.ignore("callback_restored", event.queue, "no such queue, no number, or no room")
            return
        self._last += 1
        key = (-event.priority, self.acd.waits.next_ordinal())
        callback = Callback(self._last, 0, queue.plan, event.number[:CALLER_CHARS_MAX], key)
        callback.demand = Demand(tuple(zip(event.skills, event.levels, strict=False)))
        callback.tries, callback.attempts = event.tries, event.attempts
        callback.retry_every_ms = event.retry_every_ms
        callback.data = event.data
        self._keep(callback)
        self._wait(callback)

    def _keep(self, callback: Callback) -> None:
        self.pending[callback.id] = callback
        callback.booked = now = self.kernel.now
        key, skills = callback.key, callback.demand.skills
        self.kernel.tell(
            facts.CallbackBooked(
                *(now, callback.id, callback.origin, callback.queue.name, callback.number, -key[0], key[1]),
                *(tuple([skill for skill, _ in skills]), tuple([level for _, level in skills])),
                *(callback.tries, callback.retry_every_ms, callback.attempts),
            )
        )

    def booker_left(self, call: Call) -> None:
        """The call that booked callbacks is over: from now on they can be dialled."""
        booked, call.booked = call.booked or [], None
        for callback in booked:
            self._wait(callback)

    def _wait(self, callback: Callback) -> None:
        """Take the place in the queue (again)."""
        callback.alarm = None
        queue = self.acd.queues[callback.queue.name]
        queue.add(callback)
        self.acd.router.match_entry(queue, callback)

    def may_call(self, callback: Callback) -> bool:
        """Whether a waiting callback may be offered now; if its queue is closed it leaves its place until it opens."""
        kernel = self.kernel
        queue = self.acd.queues[callback.queue.name]
        if not queue.plan.hours:
            return True
        hours, now = kernel.plan.hours[queue.plan.hours], kernel.calendar.local(kernel.now)
        opens = calendar.next_open(hours, now)
        if opens == now:
            return True
        queue.remove(callback)
        if opens is None:
            self._end(callback, "failed")
        else:
            due = kernel.calendar.instant(opens, kernel.now)
            callback.alarm = kernel.timers.set(due, self._wait, callback)
        return False

    def accepted(self, callback: Callback, agent: Agent) -> None:
        """An agent is there: dial the customer."""
        kernel = self.kernel
        queue = self.acd.queues[callback.queue.name]
        queue.release(callback)
        callback.reservation = None
        agent.reservation = None
        callback.agent = agent
        callback.attempts += 1
        line = kernel.new_line()
        call = kernel.flows.place(line, callback.number, callback.number, "", _FLOW, "out")
        call.step = _TALKING
        call.ringing = callback
        callback.call = call
        kernel.tell(facts.CallbackTried(kernel.now, callback.id, call.id, callback.attempts, agent.name))
        callback.alarm = kernel.timers.set(kernel.now + RING_MS + DIAL_GRACE_MS, self._unanswered, callback)
        kernel.outlet.dial(line, callback.number, call.plan.caller_id, RING_MS)

    def _unanswered(self, callback: Callback) -> None:
        """The outside never said how the attempt went."""
        callback.alarm = None
        assert callback.call is not None
        self.line_failed(callback.call)

    def line_answered(self, call: Call) -> None:
        """The customer picked up."""
        callback: Callback = call.ringing
        agent = callback.agent
        assert agent is not None
        self._quiet(callback)
        call.ringing = callback.agent = callback.call = None
        self._end(callback, "reached")
        self.acd.talks.connect_agent(call, agent, callback.queue.name, callback.key)

    def line_failed(self, call: Call) -> None:
        """The customer did not pick up: another try after a pause, or the end."""
        self._attempt_over(call.ringing)
        self.kernel.flows.finish(call, "not_reached", "")

    def agent_gave_up(self, callback: Callback) -> None:
        """The agent left while the customer's phone rang: that was an attempt."""
        call = callback.call
        assert call is not None
        self._attempt_over(callback)
        self.kernel.flows.finish(call, "not_reached", "")

    def stopped(self, call: Call) -> None:
        """The call of an attempt is being ended from elsewhere."""
        self._attempt_over(call.ringing)

    def _attempt_over(self, callback: Callback) -> None:
        agent, call, timers = callback.agent, callback.call, self.kernel.timers
        assert agent is not None
        assert call is not None
        self._quiet(callback)
        call.ringing = callback.agent = callback.call = None
        if callback.attempts >= callback.tries:
            self._end(callback, "failed")
        else:
            due = self.kernel.now + callback.retry_every_ms
            callback.alarm = timers.set(due, self._wait, callback)
        self.acd.staff.free(agent)

    def _quiet(self, callback: Callback) -> None:
        if callback.alarm is not None:
            self.kernel.timers.cancel(callback.alarm)
            callback.alarm = None

    def drop_all(self) -> None:
        """The center closes down, and has ended every call."""
        for callback in list(self.pending.values()):
            queue = self.acd.queues[callback.queue.name]
            reservation = callback.reservation
            if callback.alarm is not None:
                self._quiet(callback)
            elif reservation is None:
                queue.remove(callback)
            self._end(callback, "dropped")
            if reservation is not None:
                queue.release(callback)
                self.acd.router.rescind(reservation, "withdrawn")

    def _end(self, callback: Callback, result: str) -> None:
        del self.pending[callback.id]
        now = self.kernel.now
        self.kernel.tell(
            facts.CallbackEnded(
                now, callback.id, callback.queue.name, result, callback.attempts, now - callback.booked
            )
        )
