"""Reservations: how waiting entries and ready agents are brought together.

A reservation is made in one step with the claim on the entry and on the agent. Matching is
event-driven and total: a call that joins looks for an agent, an agent who becomes ready looks for a
call, and whatever ends a reservation frees both to look again.
"""

from typing import TYPE_CHECKING

from ivr.core import events
from ivr.core.acd.parts import Part
from ivr.core.acd.queue import Entry, Queue
from ivr.core.acd.records import Agent, Callback, Reservation, WorkOrder
from ivr.core.call import Visit
from ivr.core.commands import Card
from ivr.core.facts import ReservationEnded, ReservationMade
from ivr.core.kernel import Kernel
from ivr.core.plan import QueuePlan
from ivr.core.time import Ms

if TYPE_CHECKING:
    from ivr.core.acd.acd import Acd


class Router(Part):
    """Brings waiting entries and ready agents together."""

    __slots__ = ("_last_reservation",)

    def __init__(self, acd: "Acd", kernel: Kernel) -> None:
        Part.__init__(self, acd, kernel)
        self._last_reservation = 0

    # Matching ----------------------------------------------------------------------------------------------

    def match_entry(self, queue: Queue, entry: Entry) -> bool:
        """Offer a waiting entry to the agent who has been idle longest, if one may take it."""
        if isinstance(entry, Callback) and not self.acd.callbacks.may_call(entry):
            return False
        agent = queue.agent_for(entry) if queue.ready or queue.spare else None
        if agent is None:
            return False
        self._reserve_entry(queue, entry, agent)
        return True

    def match_queue(self, queue: Queue) -> None:
        """Offer what waits to those who are ready: the agents of a queue have changed."""
        while (queue.ready or queue.spare) and any(self.match_entry(queue, entry) for entry in queue.heads()):
            pass

    def match_agent(self, agent: Agent) -> None:
        """Offer an agent the first entry they may take: by queue weight, then priority, then arrival.

        They are ready, or at work on orders with room for more.
        """
        while True:
            best: Entry | None = None
            best_rank: tuple[int, int, int] | None = None
            best_queue: Queue | None = None
            for queue in agent.queues:
                entry = queue.next_for(agent) if queue.waiting else None
                if entry is not None:
                    rank = (-queue.plan.weight, *entry.key)
                    if best_rank is None or rank < best_rank:
                        best, best_rank, best_queue = entry, rank, queue
            if best is None or best_queue is None:
                return
            if not isinstance(best, Callback) or self.acd.callbacks.may_call(best):
                self._reserve_entry(best_queue, best, agent)
                return

    def _reserve_entry(self, queue: Queue, entry: Entry, agent: Agent) -> None:
        if isinstance(entry, Visit):
            if not queue.rings_all:
                queue.remove(entry)
                queue.hold(entry)
            self.ring(queue, entry, agent)
            return
        queue.remove(entry)
        queue.hold(entry)
        if queue.takes_turns and not agent.spare:
            queue.ready.asked(agent)
        plan, now = queue.plan, self.kernel.now
        order = entry.id if isinstance(entry, WorkOrder) else 0
        callback = 0 if order else entry.id
        reservation = self.reserve(agent, entry.origin, plan, plan.ring_ms, callback=callback, order=order)
        entry.reservation = reservation
        if isinstance(entry, WorkOrder):
            reservation.order = entry
            kind, caller, waited_ms = "work", entry.begun.caller, now - entry.wanted.opens
            data = self.acd.orders.shown(entry)
        else:
            reservation.callback = entry
            kind, caller, waited_ms, data = "callback", entry.number, now - entry.booked, entry.data
        card = Card(entry.origin, kind, plan.name, caller, "", waited_ms, "", "", plan.ring_ms, data)
        self.kernel.outlet.ring(agent.name, reservation.id, card)

    def ring(self, queue: Queue, visit: Visit, agent: Agent) -> None:
        """Offer a call to a ready agent; where the strategy rings several, to the others too."""
        self._ring_one(queue, visit, agent)
        if queue.rings_all:
            for other in list(queue.agents_for(visit)):
                self._ring_one(queue, visit, other)
        elif queue.rings_more:
            self._ring_more_later(queue, visit)

    def _ring_more_later(self, queue: Queue, visit: Visit) -> None:
        self.acd.waits.later(visit, self.kernel.now + queue.plan.ring_step_ms, self._ring_more, visit)

    def _ring_more(self, visit: Visit) -> None:
        """The phones that ring go on; one more joins them."""
        queue = self.acd.queues[visit.plan.name]
        if visit.reservations and visit.deadline > self.kernel.now:
            agent = queue.agent_for(visit) if queue.ready else None
            if agent is not None:
                self._ring_one(queue, visit, agent)
            self._ring_more_later(queue, visit)

    def _ring_one(self, queue: Queue, visit: Visit, agent: Agent) -> None:
        plan, call = queue.plan, visit.call
        if queue.takes_turns:
            queue.ready.asked(agent)
        reservation = self.reserve(agent, call.id, plan, plan.ring_ms)
        reservation.visit = visit
        visit.reservations.append(reservation)
        frame = call.frame
        waited_ms = self.kernel.now - visit.entered
        card = Card(
            call.id,
            "call",
            plan.name,
            call.caller,
            call.name,
            waited_ms,
            frame.flow.name,
            frame.state,
            plan.ring_ms,
            self.kernel.flows.carried(call, visit.carry) if visit.carry else {},
        )
        self.kernel.outlet.ring(agent.name, reservation.id, card)

    def pull(self, visit: Visit, agent: Agent) -> None:
        """A waiting call is taken by an agent who was not asked; whoever is being rung for it is let go."""
        queue = self.acd.queues[visit.plan.name]
        if visit.key not in queue.reserved:
            queue.remove(visit)
            queue.hold(visit)
        self.acd.staff.rouse(agent)
        mine = self.reserve(agent, visit.call.id, queue.plan, queue.plan.ring_ms, pulled=True)
        mine.visit = visit
        rung, visit.reservations = visit.reservations, [mine]
        for reservation in rung:
            self.rescind(reservation, "pulled")
        self.accepted(events.ReservationAccepted(agent.name, mine.id))

    def reserve(
        self,
        agent: Agent,
        call_id: int,
        queue: QueuePlan | None,
        ring_ms: Ms,
        *,
        callback: int = 0,
        pulled: bool = False,
        order: int = 0,
    ) -> Reservation:
        """Claim a ready agent; the caller of this rings them."""
        kernel = self.kernel
        now = kernel.now
        self._last_reservation = number = self._last_reservation + 1
        reservation = Reservation(number, agent, call_id, queue, now)
        agent.reservation = reservation
        self.acd.staff.move(agent, "reserved")
        reservation.alarm = kernel.timers.set(now + ring_ms, self._lapsed, reservation)
        kernel.tell(
            ReservationMade(now, number, call_id, reservation.queue_name, agent.name, callback, pulled, order)
        )
        return reservation

    # How a reservation ends --------------------------------------------------------------------------------

    def accepted(self, event: events.ReservationAccepted) -> None:
        """The agent takes the call."""
        reservation = self._reservation("reservation_accepted", event.agent, event.reservation)
        if reservation is None:
            return
        agent = reservation.agent
        agent.misses = 0
        self._end(reservation, "accepted", "")
        visit = reservation.visit
        if visit is not None:
            agent.reservation = None
            visit.reservations.remove(reservation)
            call = visit.call
            self.acd.waits.end(visit, "answered", agent.name)
            self.acd.talks.connect_agent(call, agent, visit.plan.name, visit.key)
        elif reservation.transfer is not None:
            self.acd.transfers.accepted(reservation.transfer, agent)
        elif reservation.callback is not None:
            self.acd.callbacks.accepted(reservation.callback, agent)
        elif reservation.order is not None:
            self.acd.orders.accepted(reservation.order, agent)
        elif reservation.consult is not None:
            self.acd.consults.accepted(reservation.consult, agent)

    def rejected(self, event: events.ReservationRejected) -> None:
        """The agent refuses the call."""
        reservation = self._reservation("reservation_rejected", event.agent, event.reservation)
        if reservation is not None:
            self._failed(reservation, "rejected", "")

    def _lapsed(self, reservation: Reservation) -> None:
        reservation.alarm = None
        self.kernel.outlet.withdraw(reservation.agent.name, reservation.id, "lapsed")
        self._failed(reservation, "lapsed", "")

    def taken_back(self, agent: Agent, why: str) -> None:
        """An agent who is being rung, or waits for a dialled customer, goes away."""
        reservation = agent.reservation
        if reservation is not None:
            self.kernel.outlet.withdraw(agent.name, reservation.id, why)
            self._failed(reservation, "rescinded", why)
        else:
            self.acd.agent_gave_up(agent)

    def _failed(self, reservation: Reservation, result: str, why: str) -> None:
        """Nobody took it: the agent rests, the entry is back at its place and looks for another agent."""
        agent = reservation.agent
        self._end(reservation, result, why)
        visit = reservation.visit
        entry: Entry | None = visit or reservation.callback or reservation.order
        queue = self.acd.queues[reservation.queue_name] if entry is not None else None
        if visit is not None:
            visit.reservations.remove(reservation)
        elif isinstance(entry, Callback | WorkOrder):
            entry.reservation = None
        if visit is not None and visit.reservations:
            entry = None  # others are being rung
        elif entry is not None and queue is not None and entry.key in queue.reserved:
            queue.release(entry)
            queue.add(entry)
        if entry is not None and queue is not None and not self._overdue(entry):
            self.match_entry(queue, entry)  # before the agent's leaving sets others free who came later
        if result == "rescinded":
            agent.reservation = None
            self.acd.staff.free(agent)
        else:
            self.acd.staff.missed(agent, "missed" if result == "lapsed" else "rejected")
        if entry is not None and queue is not None:
            self._look_again(queue, entry)
        elif reservation.transfer is not None:
            self.acd.transfers.not_taken(
                reservation.transfer, "rejected" if result == "rejected" else "no_answer"
            )
        elif reservation.consult is not None:
            self.acd.consults.not_taken(
                reservation.consult, "rejected" if result == "rejected" else "no_answer"
            )

    def _overdue(self, entry: Entry) -> bool:
        return isinstance(entry, Visit) and entry.deadline <= self.kernel.now

    def _look_again(self, queue: Queue, entry: Entry) -> None:
        if not isinstance(entry, Visit):
            if entry.reservation is None:
                self.match_entry(queue, entry)
        elif entry.reservations or entry.call.visit is not entry:
            return  # somebody else is rung for it meanwhile, or the agent's leaving has ended the wait
        elif self._overdue(entry):
            self.acd.waits.time_out(entry)
        elif not self.match_entry(queue, entry) and not entry.began:
            position = queue.position(entry)  # it was rung at once and has not heard music yet
            waited_ms = self.kernel.now - entry.entered
            self.acd.waits.begin(entry, position, queue.estimate(position, waited_ms))

    def rescind(self, reservation: Reservation, why: str) -> None:
        """Whoever was to be connected is gone: the agent is free again."""
        agent = reservation.agent
        self.kernel.outlet.withdraw(agent.name, reservation.id, why)
        self._end(reservation, "rescinded", why)
        agent.reservation = None
        self.acd.staff.free(agent)

    def _end(self, reservation: Reservation, result: str, why: str) -> None:
        kernel = self.kernel
        if reservation.alarm is not None:
            kernel.timers.cancel(reservation.alarm)
            reservation.alarm = None
        rang_ms, name = kernel.now - reservation.made, reservation.agent.name
        kernel.tell(
            ReservationEnded(
                kernel.now,
                reservation.id,
                reservation.call_id,
                reservation.queue_name,
                name,
                result,
                rang_ms,
                why,
            )
        )

    def _reservation(self, event: str, name: str, number: int) -> Reservation | None:
        agent = self.acd.staff.agents.get(name)
        if agent is None or agent.reservation is None or agent.reservation.id != number:
            self.kernel.ignore(event, name, f"reservation {number} is not open")
            return None
        return agent.reservation
