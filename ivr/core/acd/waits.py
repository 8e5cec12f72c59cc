"""Waiting: joining a queue, what is heard there, and leaving it with exactly one outcome."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ivr.core.acd.estimate import stat_server
from ivr.core.acd.parts import Part
from ivr.core.acd.queue import Queue
from ivr.core.acd.records import Agent
from ivr.core.call import Call, Visit
from ivr.core.commands import Choice, Listening
from ivr.core.facts import CallQueued, QueueLeft, QueueRefused, WaitAnnounced
from ivr.core.flow.steps.queue import Queue as QueueStep
from ivr.core.kernel import Kernel
from ivr.core.plan import Announcement
from ivr.core.time import NEVER, SECOND, Instant
from ivr.limits import QUEUE_LENGTH_MAX

if TYPE_CHECKING:
    from ivr.core.acd.acd import Acd

BUSY_MS: Final = SECOND  # a callback offer that meets another prompt or a ring is tried again so soon


class Waits(Part):
    """Visits of calls to queues; a reservation in them is the router's."""

    __slots__ = ("_last_ordinal",)

    def __init__(self, acd: "Acd", kernel: Kernel) -> None:
        Part.__init__(self, acd, kernel)
        self._last_ordinal = 0

    def next_ordinal(self) -> int:
        """The place of whoever arrives now."""
        self._last_ordinal += 1
        return self._last_ordinal

    # Joining -------------------------------------------------------------------------------------------

    def _refusal(self, call: Call, queue: Queue) -> str:
        """Why a queue does not take a call: `closed`, `full`, `empty`, or nothing."""
        plan = queue.plan
        if plan.hours and call.turn.queue_hours_status(plan.hours) != "open":
            return "closed"
        if len(queue.visits) >= (QUEUE_LENGTH_MAX if plan.max_length is None else plan.max_length):
            return "full"
        return "empty" if not plan.join_when_empty and queue.active == 0 else ""

    def join(
        self,
        call: Call,
        queue: Queue,
        step: QueueStep | None,
        priority: int = 0,
        *,
        key: tuple[int, int] | None = None,
        passed: tuple[str, ...] = (),
        carry: tuple[str, ...] = (),
    ) -> str:
        """Join a queue at the end of a priority (or at `key`); empty, or the outcome of the refusal.

        `step` holds the flow's own settings of the wait, `passed` are the queues the call overflowed from.
        """
        kernel, plan = self.kernel, queue.plan
        now, line, call_id = kernel.now, call.line, call.id
        if refusal := self._refusal(call, queue):
            kernel.tell(QueueRefused(now, call_id, plan.name, "blocked_" + refusal))
            return refusal
        if key is None:
            self._last_ordinal = ordinal = self._last_ordinal + 1
            key = (-priority, ordinal)
        call.visits = number = call.visits + 1
        call.visit = visit = Visit(call, plan, number, now, key, step.skills if step is not None else ())
        visit.settings = step
        visit.passed = passed
        visit.carry = step.carry if step is not None else carry
        max_wait_ms = plan.max_wait_ms if step is None or step.max_wait_ms is None else step.max_wait_ms
        if max_wait_ms is not None:
            visit.deadline = now + max_wait_ms
        queue.visits[call_id] = visit
        queue.offered += 1
        agent = queue.agent_for(visit) if queue.ready else None
        position = queue.position(visit) if queue.waiting or queue.reserved else 1
        estimate = stat_server(queue, position) if agent is None else 0
        skills = tuple([skill for skill, _ in visit.skills]) if visit.skills else ()
        kernel.tell(CallQueued(now, call_id, plan.name, number, -key[0], key[1], position, estimate, skills))
        if agent is not None:
            kernel.outlet.music(line, "ringback")
            self.acd.router.reserve_visit(queue, visit, agent)
        else:
            queue.add(visit)
            self.begin(visit, position, estimate)
        return ""

    def begin(self, visit: Visit, position: int, estimate: int | None) -> None:
        """Nobody takes the call at once: music, announcements, and the clocks of the wait."""
        kernel, plan, step, call = self.kernel, visit.plan, visit.settings, visit.call
        visit.began = True
        kernel.outlet.queued(call.line, plan.name, position, estimate)
        kernel.outlet.music(call.line, (step.music if step is not None else "") or plan.music)
        if visit.deadline < NEVER:
            self._at(visit, visit.deadline, self._overdue, visit)
        if step is not None and step.callback is not None:
            self._at(visit, visit.entered + step.callback.after_ms, self._offer_callback, visit)
        for announcement in plan.announce if step is None or step.announce is None else step.announce:
            if announcement.at_ms == 0:
                self._announce(visit, announcement, place_told=True)
                if call.visit is not visit:
                    return  # a fault in the announcement has ended the wait
            else:
                due = visit.entered + (announcement.at_ms or announcement.every_ms or 0)
                self._at(visit, due, self._announcement_due, (visit, announcement))

    def _at(self, visit: Visit, due: Instant, action: Callable[[Any], None], argument: object) -> None:
        """An alarm of a visit, at once if it is past; it ends with the visit."""
        now = self.kernel.now
        alarms = visit.alarms
        if len(alarms) > 1:
            alarms[:] = [alarm for alarm in alarms if alarm[2] is not None]
        alarms.append(self.kernel.timers.set(max(now, due), action, argument))

    # While waiting -------------------------------------------------------------------------------------

    def _announcement_due(self, due: tuple[Visit, Announcement]) -> None:
        visit, announcement = due
        if visit.reservation is None:
            self._announce(visit, announcement)
        if announcement.every_ms is not None and visit.call.visit is visit:
            self._at(visit, self.kernel.now + announcement.every_ms, self._announcement_due, due)

    def _announce(self, visit: Visit, announcement: Announcement, *, place_told: bool = False) -> None:
        kernel, call = self.kernel, visit.call
        if call.play:
            return  # something else is being said
        queue = self.acd.queues[visit.plan.name]
        position = queue.position(visit)
        estimate = stat_server(queue, position)
        kernel.tell(WaitAnnounced(kernel.now, call.id, visit.plan.name, position, estimate))
        if not place_told:
            kernel.outlet.queued(call.line, visit.plan.name, position, estimate)
        kernel.flows.announce(call, announcement.prompt, None)

    def announced(self, call: Call) -> None:
        """An announcement was heard: the music goes on."""
        visit = call.visit
        if visit is not None:
            step = visit.settings
            music = (step.music if step is not None else "") or visit.plan.music
            self.kernel.outlet.music(call.line, music)

    def _offer_callback(self, visit: Visit) -> None:
        """Offer the callback once its condition holds; look again after as long as the first time."""
        step, call, now = visit.settings, visit.call, self.kernel.now
        assert step is not None
        offer = step.callback
        assert offer is not None
        if visit.reservation is not None or call.play:
            self._at(visit, now + BUSY_MS, self._offer_callback, visit)
        elif offer.when is not None and not self.kernel.flows.holds(call, offer.when):
            self._at(visit, now + max(offer.after_ms, SECOND), self._offer_callback, visit)
        else:
            visit.callback_alive = True
            self.kernel.flows.announce(call, offer.prompt, Listening("callback", (Choice(offer.key, ""),)))

    # Leaving -------------------------------------------------------------------------------------------

    def _overdue(self, visit: Visit) -> None:
        """The longest wait is over; an agent who is being rung is given the chance to take the call."""
        if visit.reservation is None:
            self.time_out(visit)

    def time_out(self, visit: Visit) -> None:
        """Overflow into the next queue, or end the wait. No queue overflows into one the wait came from."""
        call, step = visit.call, visit.settings
        target = (step.overflow if step is not None else "") or visit.plan.overflow_to
        passed = (*visit.passed, visit.plan.name)
        if target and target not in passed:
            self.end(visit, "overflowed")
            call.turn.stop("cut")
            outcome = self.join(
                call, self.acd.queues[target], None, -visit.key[0], passed=passed, carry=visit.carry
            )
        else:
            outcome = "timeout"
            self.end(visit, outcome)
        if outcome:
            self.kernel.flows.resume(call, outcome)

    def end(self, visit: Visit, outcome: str, agent: str = "") -> None:
        """A visit is over with its one outcome; whoever was being rung is let go."""
        kernel, call, plan = self.kernel, visit.call, visit.plan
        queue = self.acd.queues[plan.name]
        call.visit = None
        del queue.visits[call.id]
        for alarm in visit.alarms:
            if alarm[2] is not None:
                kernel.timers.cancel(alarm)
        now = kernel.now
        waited_ms = now - visit.entered
        if outcome == "abandoned" and waited_ms < plan.short_abandon_ms:
            outcome = "short_abandoned"
        reservation = visit.reservation
        if reservation is None:
            queue.remove(visit)
        else:
            visit.reservation = None  # a circle would wait for the garbage collector
            del queue.reserved[visit.key]
        queue.left += 1
        assert queue.offered == queue.left + len(queue.visits), "offered = outcomes + waiting"
        kernel.tell(QueueLeft(now, call.id, plan.name, visit.number, outcome, waited_ms, agent))
        if reservation is not None and outcome != "answered":
            self.acd.router.rescind(reservation, outcome)

    def staff_left(self, agent: Agent) -> None:
        """An agent no longer works their queues: callers of an empty queue may have to leave."""
        for queue in agent.queues:
            if queue.active == 0 and queue.plan.leave_when_empty:
                for visit in list(queue.visits.values()):
                    if visit.call.visit is visit and visit.reservation is None:
                        self.end(visit, "left_empty")
                        self.kernel.flows.resume(visit.call, "empty")
