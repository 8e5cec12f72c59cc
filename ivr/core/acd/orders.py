"""Work orders: tasks for agents who are away from the phone while they do them.

An order sleeps until its window opens; then agents of its queue are asked in its turn, like for a
waiting call. Who accepts is away (`working`) until they say how it went; with a `capacity` above one they are
asked for further orders meanwhile, though for no call. An order that nobody has
taken when its window closes (and the grace after it) was never assigned. Each order ends with exactly
one result, and what its flow wants done then begins a run of that flow, without a caller.
"""

from typing import TYPE_CHECKING, Any, Final

from ivr.core import events
from ivr.core.acd.parts import Part
from ivr.core.acd.records import Agent, WorkOrder
from ivr.core.call import Call
from ivr.core.diary import Window, instants
from ivr.core.facts import WorkAssigned, WorkEnded, WorkOrdered, call_name, work_name
from ivr.core.flow import scope as scopes
from ivr.core.flow.promises import begun_by
from ivr.core.flow.steps.work import Wanted, Work
from ivr.core.flow.values import plain
from ivr.core.kernel import Kernel
from ivr.limits import NOTE_CHARS_MAX, WORK_ORDERS_MAX

if TYPE_CHECKING:
    from ivr.core.acd.acd import Acd

_SAID: Final = ("done", "no_show", "rescheduled")  # how an agent may say that it went


class Orders(Part):
    """Every pending work order, by number."""

    __slots__ = ("_last", "_promised", "pending")

    def __init__(self, acd: "Acd", kernel: Kernel) -> None:
        Part.__init__(self, acd, kernel)
        self._last = 0
        self.pending: dict[int, WorkOrder] = {}
        self._promised: dict[tuple[str, str], list[WorkOrder]] = {}  # by appointment and whose it is

    # Ordering ------------------------------------------------------------------------------------------------

    def order(self, call: Call, step: Work, wanted: Wanted) -> int:
        """Put an order on its queue; its number, 0 where there is no room."""
        kernel = self.kernel
        if len(self.pending) >= WORK_ORDERS_MAX:
            kernel.bound("work_orders", call_name(call.id))
            return 0
        scope = scopes.of(call, kernel)
        data = kernel.flows.carried(call, step.carry) if step.carry else {}
        kept = {root: value for root, value in scope.items() if root not in scopes.MOVING}
        return self._place(call.id, step, wanted, begun_by(call, kept), data)

    def _place(self, origin: int, step: Work, wanted: Wanted, begun: Any, data: dict[str, Any]) -> int:
        kernel = self.kernel
        self._last += 1
        queue = self.acd.queues[step.queue]
        key = (-wanted.priority, self.acd.waits.next_ordinal())
        order = WorkOrder(self._last, origin, queue.plan, key, step, wanted, begun, data)
        self.pending[order.id] = order
        if wanted.appointment:
            self._promised.setdefault((wanted.appointment, wanted.whose), []).append(order)
        skills = tuple(skill for skill, _ in step.skills)
        kernel.tell(
            WorkOrdered(
                kernel.now,
                order.id,
                origin,
                queue.plan.name,
                wanted.priority,
                key[1],
                wanted.opens,
                wanted.closes,
                wanted.place,
                skills,
            )
        )
        order.closing = kernel.timers.set(max(kernel.now, wanted.given_up), self._too_late, order)
        order.alarm = kernel.timers.set(wanted.opens, self._open, order)
        return order.id

    def _open(self, order: WorkOrder) -> None:
        """The window opens: agents are asked from now on. Not at once, because the call that ordered goes on first."""
        order.alarm = None
        queue = self.acd.queues[order.queue.name]
        queue.add(order)
        order.waits = True
        self.acd.router.match_entry(queue, order)

    def shown(self, order: WorkOrder) -> dict[str, Any]:
        """What an agent is shown of an order."""
        local, wanted = self.kernel.calendar.local, order.wanted
        work = {
            "id": work_name(order.id),
            "what": wanted.what,
            "place": wanted.place,
            "starts": plain(local(wanted.opens)),
            "ends": plain(local(wanted.closes)),
        }
        return {**order.data, "work": work}

    # Working -------------------------------------------------------------------------------------------------

    def accepted(self, order: WorkOrder, agent: Agent) -> None:
        """An agent takes it, and is away from now on."""
        kernel = self.kernel
        queue = self.acd.queues[order.queue.name]
        queue.release(order)
        order.reservation = agent.reservation = None
        order.waits = False
        order.agent = agent
        agent.orders[order.id] = order
        order.assigned = kernel.now
        kernel.tell(
            WorkAssigned(kernel.now, order.id, queue.plan.name, agent.name, kernel.now - order.wanted.opens)
        )
        kernel.outlet.work(agent.name, order.id, "assigned")
        self.acd.staff.at_work(agent)

    def finished(self, event: events.WorkFinished) -> None:
        """An agent says how it went."""
        agent = self.acd.staff.agents.get(event.agent)
        orders = agent.orders if agent is not None else {}
        order = orders.get(event.order or next(iter(orders), 0))
        if order is None:
            self.kernel.ignore("work_finished", event.agent, "not on such a work order")
        elif event.result not in _SAID:
            self.kernel.ignore("work_finished", event.agent, f"a work order ends {', '.join(_SAID)}")
        else:
            self.back(order, event.result, event.note[:NOTE_CHARS_MAX])

    def back(self, order: WorkOrder, result: str, note: str = "") -> None:
        """An agent is done with an order, one way or another."""
        agent = order.agent
        assert agent is not None
        if result == "done" and order.assigned > order.wanted.closes:
            result = "late"
        del agent.orders[order.id]
        agent.sated = False
        self._end(order, result, note)
        self.kernel.outlet.work(agent.name, order.id, result)
        if agent.reservation is None:  # else they are being asked for a further one, and that goes on
            self.acd.staff.free(agent)

    # The end -------------------------------------------------------------------------------------------------

    def _too_late(self, order: WorkOrder) -> None:
        """The window, and the grace after it, are over; who has taken the order finishes it."""
        order.closing = None
        if order.agent is None:
            self._withdraw(order, "never_assigned")

    def _withdraw(self, order: WorkOrder, result: str) -> None:
        """End an order that nobody is working on."""
        reservation = order.reservation
        queue = self.acd.queues[order.queue.name]
        if reservation is not None:
            queue.release(order)
            order.reservation = None
        elif order.waits:
            queue.remove(order)
        order.waits = False
        self._end(order, result)
        if reservation is not None:
            self.acd.router.rescind(reservation, "withdrawn")

    def appointment_changed(self, calendar: str, whose: str, window: Window | None) -> None:
        """Orders for an appointment that was put off come back for the new window; else they are called off.

        An agent who is on the way already is told, and free again.
        """
        for order in list(self._promised.get((calendar, whose), ())):
            result = "cancelled" if window is None else "rescheduled"
            if order.agent is not None:
                self.back(order, result)
            else:
                self._withdraw(order, result)
            if window is not None:
                opens, closes = instants(window, self.kernel.calendar, self.kernel.now)
                given_up = closes + order.step.grace_ms
                wanted = order.wanted._replace(opens=opens, closes=closes, given_up=given_up)
                self._place(order.origin, order.step, wanted, order.begun, order.data)

    def drop_all(self) -> None:
        """The center closes down."""
        for order in list(self.pending.values()):
            if order.agent is None:
                self._withdraw(order, "dropped")
            else:
                self.back(order, "dropped")

    def _end(self, order: WorkOrder, result: str, note: str = "") -> None:
        kernel, agent = self.kernel, order.agent
        for alarm in (order.alarm, order.closing):
            if alarm is not None:
                kernel.timers.cancel(alarm)
        del self.pending[order.id]
        wanted = order.wanted
        if wanted.appointment:
            promised = self._promised[wanted.appointment, wanted.whose]
            promised.remove(order)
            if not promised:
                del self._promised[wanted.appointment, wanted.whose]
        until = order.assigned if agent is not None else kernel.now
        name = agent.name if agent is not None else ""
        worked_ms = kernel.now - order.assigned if agent is not None else 0
        waited_ms = max(0, until - wanted.opens)
        kernel.tell(
            WorkEnded(kernel.now, order.id, order.queue.name, result, name, waited_ms, worked_ms, note)
        )
        node = order.step.ended(result)
        if node is not None:
            local = kernel.calendar.local
            work = {
                "id": work_name(order.id),
                "starts_at": local(wanted.opens),
                "ends_at": local(wanted.closes),
                "place": wanted.place,
                "agent": kernel.plan.agents[name].label if name else "",
                "note": note,
            }
            begun = order.begun
            kernel.flows.begin(
                begun._replace(name=work_name(order.id), node=node, scope=begun.scope | {"work": work})
            )
