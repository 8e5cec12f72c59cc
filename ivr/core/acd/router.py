"""Visits and reservations: who waits for whom, and how they are brought together.

A reservation is made in one step with the claim on the entry and on the agent. Matching is
event-driven and total: a call that joins looks for an agent, an agent who becomes ready looks for a
call, and whatever ends a reservation frees both to look again.
"""

from typing import Any

from ivr.core import events, facts
from ivr.core.acd.estimate import stat_server
from ivr.core.acd.parts import Part
from ivr.core.acd.queue import Entry, Queue
from ivr.core.acd.records import Agent, Reservation
from ivr.core.call import Call, Visit
from ivr.core.commands import Card, Choice, Listening
from ivr.core.flow.steps.queue import Queue as QueueStep
from ivr.core.plan import Announcement, QueuePlan
from ivr.core.time import Instant, Ms
from ivr.limits import QUEUE_LENGTH_MAX


class Router(Part):
    """Brings waiting entries and ready agents together."""

    __slots__ = ("_last_ordinal", "_last_reservation")

    def __init__(self, acd: Any, kernel: Any) -> None:
        Part.__init__(self, acd, kernel)
        self._last_ordinal = 0
        self._last_reservation = 0

    # Joining and leaving -----------------------------------------------------------------------------

    def next_ordinal(self) -> int:
        """The place of whoever arrives now."""
        self._last_ordinal += 1
        return self._last_ordinal

    def refusal(self, call: Call, queue: Queue) -> str:
        """Why a queue does not take a call: `closed`, `full`, `empty`, or nothing."""
        plan = queue.plan
        if plan.hours and call.turn.hours_status(plan.hours) != "open":
            return "closed"
        if len(queue.visits) >= (QUEUE_LENGTH_MAX if plan.max_length is None else plan.max_length):
            return "full"
        return "empty" if not plan.join_when_empty and queue.active == 0 else ""

    def join(
        self,
        call: Call,
        queue: Queue,
        settings: QueueStep | None,
        key: tuple[int, int] | None = None,
        priority: int = 0,
    ) -> str:
        """Join a queue at the end of a priority (or at `key`); empty, or the outcome of the refusal."""
        kernel = self.kernel
        if refusal := self.refusal(call, queue):
            kernel.tell(facts.QueueRefused(kernel.now, call.id, queue.plan.name, "blocked_" + refusal))
            return refusal
        call.visits += 1
        if key is None:
            key = (-priority, self.next_ordinal())
        skills = settings.skills if settings is not None else ()
        visit = Visit(call, queue.plan, call.visits, kernel.now, key, skills)
        visit.settings = settings or _DEFAULTS
        call.visit = visit
        queue.visits[call.id] = visit
        queue.add(visit)
        position = queue.position(visit)
        kernel.tell(
            facts.CallQueued(
                kernel.now,
                call.id,
                queue.plan.name,
                visit.number,
                -key[0],
                key[1],
                position,
                stat_server(queue, position),
                tuple(skill for skill, _ in skills),
            )
        )
        if not self.match_entry(queue, visit):
            self._begin_wait(visit, queue, position)
        return ""

    def _begin_wait(self, visit: Visit, queue: Queue, position: int) -> None:
        """Nobody is ready: music, announcements, and the clocks of the wait."""
        kernel, plan, settings = self.kernel, visit.plan, visit.settings
        kernel.outlet.queued(visit.call.line, plan.name, position, stat_server(queue, position))
        at_once = False
        for announcement in plan.announce if settings.announce is None else settings.announce:
            if announcement.at_ms == 0:
                at_once = True
                self._announce(visit, announcement)
            else:
                self._alarm(
                    visit,
                    announcement.at_ms or announcement.every_ms or 0,
                    self._announcement_due,
                    announcement,
                )
        if not at_once:
            kernel.outlet.music(visit.call.line, settings.music or plan.music)
        max_wait_ms = plan.max_wait_ms if settings.max_wait_ms is None else settings.max_wait_ms
        if max_wait_ms is not None:
            self._alarm(visit, max_wait_ms, self._overdue, None)
        if settings.callback is not None:
            self._alarm(visit, settings.callback.after_ms, self._offer_callback, None)

    def _alarm(self, visit: Visit, delay_ms: Ms, action: Any, argument: object) -> None:
        """An alarm `delay_ms` after joining, or now if that is past."""
        due = max(self.kernel.now, visit.entered + delay_ms)
        visit.alarms.append(self.kernel.timers.set(due, action, (visit, argument)))

    def _again(self, visit: Visit, delay_ms: Ms, action: Any, argument: object) -> None:
        """An alarm `delay_ms` from now."""
        self._alarm(visit, self.kernel.now - visit.entered + delay_ms, action, argument)

    def _announcement_due(self, due: tuple[Visit, Announcement]) -> None:
        visit, announcement = due
        if visit.reservation is None:
            self._announce(visit, announcement)
        if announcement.every_ms is not None:
            self._again(visit, announcement.every_ms, self._announcement_due, announcement)

    def _announce(self, visit: Visit, announcement: Announcement) -> None:
        kernel, call = self.kernel, visit.call
        queue = self.acd.queues[visit.plan.name]
        if not call.play:
            position = queue.position(visit)
            estimate = stat_server(queue, position)
            kernel.tell(facts.WaitAnnounced(kernel.now, call.id, visit.plan.name, position, estimate))
            kernel.outlet.queued(call.line, visit.plan.name, position, estimate)
        kernel.flows.announce(call, announcement.prompt, None)

    def _offer_callback(self, due: tuple[Visit, None]) -> None:
        """Offer the callback once its condition holds; look again after as long as the first time."""
        visit, _ = due
        offer = visit.settings.callback
        call = visit.call
        busy = visit.reservation is not None or call.play
        if busy or (offer.when is not None and not self.kernel.flows.holds(call, offer.when)):
            self._again(visit, max(offer.after_ms, 1_000), self._offer_callback, None)
            return
        visit.callback_alive = True
        self.kernel.flows.announce(call, offer.prompt, Listening("callback", (Choice(offer.key, ""),)))

    def _overdue(self, due: tuple[Visit, None]) -> None:
        """The longest wait is over; an agent who is being rung is given the chance to take the call."""
        visit, _ = due
        if visit.reservation is not None:
            visit.overdue = True
        else:
            self._time_out(visit)

    def _time_out(self, visit: Visit) -> None:
        """Overflow into the next queue, or end the wait."""
        call = visit.call
        target = visit.settings.overflow or visit.plan.overflow_to
        if target:
            self.end_visit(visit, "overflowed")
            call.turn.stop("cut")
            refused = self.join(call, self.acd.queues[target], None, priority=-visit.key[0])
            if refused:
                self.kernel.flows.resume(call, refused)
            return
        self.end_visit(visit, "timeout")
        self.kernel.flows.resume(call, "timeout")

    def end_visit(self, visit: Visit, outcome: str, agent: str = "") -> None:
        """A visit is over with its one outcome; whoever was being rung is let go."""
        kernel, call = self.kernel, visit.call
        queue = self.acd.queues[visit.plan.name]
        call.visit = None
        del queue.visits[call.id]
        for alarm in visit.alarms:
            kernel.timers.cancel(alarm)
        waited_ms = kernel.now - visit.entered
        if outcome == "abandoned" and waited_ms < visit.plan.short_abandon_ms:
            outcome = "short_abandoned"
        reservation = visit.reservation
        if reservation is None and outcome != "answered":
            queue.remove(visit)
        kernel.tell(
            facts.QueueLeft(kernel.now, call.id, visit.plan.name, visit.number, outcome, waited_ms, agent)
        )
        if reservation is not None and outcome != "answered":
            del queue.reserved[visit.key]
            self.rescind(reservation, outcome)

    # Matching ----------------------------------------------------------------------------------------------

    def match_entry(self, queue: Queue, entry: Entry) -> bool:
        """Offer a waiting entry to the agent who has been idle longest, if one may take it."""
        if not queue.ready:
            return False
        agent = queue.agent_for(entry)
        if agent is None:
            return False
        self._reserve_entry(queue, entry, agent)
        return True

    def match_agent(self, agent: Agent) -> None:
        """Offer a ready agent the first entry they may take: by queue weight, then priority, then arrival."""
        best: Entry | None = None
        best_rank: tuple[int, int, int] | None = None
        best_queue: Queue | None = None
        for queue in agent.queues:
            entry = queue.next_for(agent)
            if entry is not None:
                rank = (-queue.plan.weight, *entry.key)
                if best_rank is None or rank < best_rank:
                    best, best_rank, best_queue = entry, rank, queue
        if best is not None and best_queue is not None:
            self._reserve_entry(best_queue, best, agent)

    def _reserve_entry(self, queue: Queue, entry: Entry, agent: Agent) -> None:
        queue.remove(entry)
        queue.reserved[entry.key] = entry
        now = self.kernel.now
        if isinstance(entry, Visit):
            call = entry.call
            card = Card(
                call.id,
                "call",
                queue.plan.name,
                call.caller,
                call.name,
                now - entry.entered,
                call.frame.flow.name,
                call.frame.state,
                queue.plan.ring_ms,
            )
            reservation = self.reserve(agent, call.id, queue.plan, queue.plan.ring_ms)
            reservation.visit = entry
        else:
            card = Card(
                entry.origin,
                "callback",
                queue.plan.name,
                entry.number,
                "",
                now - entry.booked,
                "",
                "",
                queue.plan.ring_ms,
            )
            reservation = self.reserve(agent, entry.origin, queue.plan, queue.plan.ring_ms)
            reservation.callback = entry
        entry.reservation = reservation
        self.kernel.outlet.ring(agent.name, reservation.id, card)

    def reserve(self, agent: Agent, call_id: int, queue: QueuePlan | None, ring_ms: Ms) -> Reservation:
        """Claim a ready agent; the caller of this rings them."""
        kernel = self.kernel
        self._last_reservation += 1
        reservation = Reservation(self._last_reservation, agent, call_id, queue, kernel.now)
        agent.reservation = reservation
        self.acd.staff.move(agent, "reserved")
        reservation.alarm = kernel.timers.set(kernel.now + ring_ms, self._lapsed, reservation)
        kernel.tell(
            facts.ReservationMade(kernel.now, reservation.id, call_id, reservation.queue_name, agent.name)
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
        self._end(reservation, "accepted")
        if reservation.visit is not None:
            visit = reservation.visit
            queue = self.acd.queues[visit.plan.name]
            del queue.reserved[visit.key]
            agent.reservation = None
            call = visit.call
            self.end_visit(visit, "answered", agent.name)
            self.acd.talks.connect_agent(call, agent, visit.plan.name)
        elif reservation.transfer is not None:
            self.acd.transfers.accepted(reservation.transfer, agent)
        elif reservation.callback is not None:
            self.acd.callbacks.accepted(reservation.callback, agent)

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
        entry: Entry | None = reservation.visit or reservation.callback
        queue = self.acd.queues[reservation.queue_name] if entry is not None else None
        if entry is not None and queue is not None:
            entry.reservation = None
            del queue.reserved[entry.key]
            queue.add(entry)
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

    def _look_again(self, queue: Queue, entry: Entry) -> None:
        if entry.reservation is not None or (isinstance(entry, Visit) and entry.call.visit is not entry):
            return  # the agent's leaving has already settled it
        if isinstance(entry, Visit) and entry.overdue:
            self._time_out(entry)
            return
        if self.match_entry(queue, entry):
            return
        if isinstance(entry, Visit) and not entry.alarms:
            self._begin_wait(entry, queue, queue.position(entry))  # it was rung at once and never heard music

    def rescind(self, reservation: Reservation, why: str) -> None:
        """Whoever was to be connected is gone: the agent is free again."""
        agent = reservation.agent
        self.kernel.outlet.withdraw(agent.name, reservation.id, why)
        self._end(reservation, "rescinded", why)
        agent.reservation = None
        self.acd.staff.free(agent)

    def _end(self, reservation: Reservation, result: str, why: str = "") -> None:
        kernel = self.kernel
        if reservation.alarm is not None:
            kernel.timers.cancel(reservation.alarm)
            reservation.alarm = None
        kernel.tell(
            facts.ReservationEnded(
                kernel.now,
                reservation.id,
                reservation.call_id,
                reservation.queue_name,
                reservation.agent.name,
                result,
                kernel.now - reservation.made,
                why,
            )
        )

    def _reservation(self, event: str, name: str, number: int) -> Reservation | None:
        agent = self.acd.staff.agents.get(name)
        if agent is None or agent.reservation is None or agent.reservation.id != number:
            self.kernel.ignore(event, name, f"reservation {number} is not open")
            return None
        return agent.reservation

    # The rest ------------------------------------------------------------------------------------------------

    def staff_left(self, agent: Agent) -> None:
        """An agent no longer works their queues: callers of an empty queue may have to leave."""
        for queue in agent.queues:
            if queue.active == 0 and queue.plan.leave_when_empty:
                for visit in list(queue.visits.values()):
                    if visit.call.visit is visit and visit.reservation is None:
                        self.end_visit(visit, "left_empty")
                        self.kernel.flows.resume(visit.call, "empty")

    def entered(self, call: Call) -> Instant:
        """When a waiting call joined."""
        assert call.visit is not None
        return call.visit.entered


class _Settings:
    """What a visit goes by whose flow step says nothing: the queue's own settings."""

    announce = None
    music = ""
    callback = None
    max_wait_ms = None
    overflow = ""
    skills: tuple[tuple[str, int], ...] = ()


_DEFAULTS = _Settings()
