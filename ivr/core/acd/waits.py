"""Waiting: joining a queue, what is heard there, and leaving it with exactly one outcome."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ivr.core.acd.parts import Part
from ivr.core.acd.queue import Queue
from ivr.core.acd.records import Agent
from ivr.core.call import Call, Visit
from ivr.core.commands import Choice, Listening
from ivr.core.demand import ANYBODY, Demand, steps_of
from ivr.core.facts import CallQueued, QueueLeft, QueueRefused, WaitAnnounced, WaitEstimated, WaitWidened
from ivr.core.flow.steps.queue import Queue as QueueStep
from ivr.core.kernel import Kernel
from ivr.core.plan import Announcement, QueuePlan
from ivr.core.time import NEVER, SECOND, Instant, Ms
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
        return "empty" if not plan.join_when_empty and queue.present == 0 else ""

    def join(
        self,
        call: Call,
        queue: Queue,
        step: QueueStep | None,
        priority: int = 0,
        *,
        wanted: str = "",
        key: tuple[int, int] | None = None,
        passed: tuple[str, ...] = (),
        carry: tuple[str, ...] = (),
    ) -> str:
        """Join a queue at the end of a priority (or at `key`); empty, or the outcome of the refusal.

        `step` holds the flow's own settings of the wait, `passed` are the queues the call overflowed from.
        """
        plan = queue.plan
        if refusal := self._refusal(call, queue):
            self.kernel.tell(QueueRefused(self.kernel.now, call.id, plan.name, "blocked_" + refusal))
            target = self._overflow(step, plan, passed)
            if refusal == "closed" or not target:
                return refusal
            carry = step.carry if step is not None else carry
            passed = (*passed, plan.name)
            return self.join(call, self.acd.queues[target], None, priority, passed=passed, carry=carry)
        if key is None:
            self._last_ordinal = ordinal = self._last_ordinal + 1
            key = (-priority, ordinal)
            if plan.resume_ms:
                key = queue.resumed(call.caller, -priority, self.kernel.now) or key
        steps = None
        if not queue.undemanding or (step is not None and step.demanding):
            steps = self._demands(call, queue, step, wanted)
        call.visits = number = call.visits + 1
        demand = steps[0][1] if steps is not None else ANYBODY
        call.visit = visit = Visit(call, plan, number, self.kernel.now, key, demand)
        visit.settings = step
        visit.passed = passed
        visit.carry = step.carry if step is not None else carry
        max_wait_ms = plan.max_wait_ms if step is None or step.max_wait_ms is None else step.max_wait_ms
        if max_wait_ms is not None:
            visit.deadline = visit.entered + max_wait_ms
        self._admit(queue, visit, steps)
        return ""

    def _admit(self, queue: Queue, visit: Visit, steps: list[tuple[Ms, Demand]] | None) -> None:
        """Ring an agent for a new visit, or let it wait; `steps` is how what it asks of them widens."""
        kernel, call, key, demand = self.kernel, visit.call, visit.key, visit.demand
        queue.visits[call.id] = visit
        queue.offered += 1
        agent = queue.agent_for(visit) if queue.ready else None
        position = queue.position(visit) if queue.waiting or queue.reserved else 1
        if queue.observant:
            queue.seen.joined(visit.entered)
        estimate = queue.estimate(position, 0) if agent is None else 0
        skills = tuple([skill for skill, _ in demand.skills]) if demand.skills else ()
        kernel.tell(
            CallQueued(
                *(visit.entered, call.id, queue.plan.name, visit.number, -key[0], key[1]),
                *(position, estimate, skills, demand.only),
            )
        )
        for model in queue.plan.compare_ewt:
            other = queue.estimate(position, 0, model) if agent is None else 0
            kernel.tell(WaitEstimated(visit.entered, call.id, queue.plan.name, model, other))
        if steps is not None:
            for after_ms, wider in steps[1:]:
                self.later(visit, visit.entered + after_ms, self._widen, (visit, wider))
        if agent is None:
            queue.add(visit)
            self.begin(visit, position, estimate)
            return
        kernel.outlet.music(call.line, "ringback")
        if queue.rings_all:
            queue.add(visit)
            self._until_overdue(visit)
        else:
            queue.hold(visit)
        self.acd.router.ring(queue, visit, agent)

    @staticmethod
    def _overflow(step: QueueStep | None, plan: QueuePlan, passed: tuple[str, ...]) -> str:
        """The queue that takes what this one does not keep; none that the wait came from."""
        target = (step.overflow if step is not None else "") or plan.overflow_to
        return target if target != plan.name and target not in passed else ""

    def _demands(
        self, call: Call, queue: Queue, step: QueueStep | None, wanted: str
    ) -> list[tuple[Ms, Demand]] | None:
        """What a call asks of an agent, and how that widens; None where anybody will do."""
        plan = queue.plan
        skills = plan.skills if step is None or step.skills is None else step.skills
        relax = plan.relax if step is None or step.relax is None else step.relax
        only, only_ms = self._preferred(call, queue, step, wanted)
        if not (skills or plan.levels or only):
            return None
        return steps_of(skills, relax, plan.levels, only, only_ms)

    def _preferred(self, call: Call, queue: Queue, step: QueueStep | None, wanted: str) -> tuple[str, Ms]:
        """The agent a caller waits for alone, and how long; nobody who is away, or busy where there is no wait."""
        prefer = step.prefer if step is not None else None
        if prefer is None:
            return "", 0
        if not wanted and prefer.last_ms:
            wanted = self.acd.last_agent(call.caller, prefer.last_ms)
        agent = queue.agents.get(wanted)
        if agent is None or not agent.active or (agent.state != "ready" and not prefer.wait_ms):
            return "", 0
        return wanted, max(prefer.wait_ms, 1)

    def begin(self, visit: Visit, position: int, estimate: int | None) -> None:
        """Nobody takes the call at once: music, announcements, and the clocks of the wait."""
        kernel, plan, step, call = self.kernel, visit.plan, visit.settings, visit.call
        visit.began = True
        kernel.outlet.queued(call.line, plan.name, position, estimate)
        kernel.outlet.music(call.line, (step.music if step is not None else "") or plan.music)
        if not visit.overdue_set:
            self._until_overdue(visit)
        if step is not None and step.callback is not None:
            self.later(visit, visit.entered + step.callback.after_ms, self._offer_callback, visit)
        for announcement in plan.announce if step is None or step.announce is None else step.announce:
            if announcement.at_ms == 0:
                self._announce(visit, announcement, place_told=True)
                if call.visit is not visit:
                    return  # a fault in the announcement has ended the wait
            else:
                due = visit.entered + (announcement.at_ms or announcement.every_ms or 0)
                self.later(visit, due, self._announcement_due, (visit, announcement))

    def _until_overdue(self, visit: Visit) -> None:
        visit.overdue_set = True
        if visit.deadline < NEVER:
            self.later(visit, visit.deadline, self._overdue, visit)

    def later(self, visit: Visit, due: Instant, action: Callable[[Any], None], argument: object) -> None:
        """An alarm of a visit, at once if it is past; it ends with the visit."""
        now = self.kernel.now
        alarms = visit.alarms
        if len(alarms) > 1:
            alarms[:] = [alarm for alarm in alarms if alarm[2] is not None]
        alarms.append(self.kernel.timers.set(max(now, due), action, argument))

    # While waiting -------------------------------------------------------------------------------------

    def _widen(self, due: tuple[Visit, Demand]) -> None:
        """More agents may take a call from now on."""
        visit, demand = due
        self._widened(visit, demand, "waited")
        queue = self.acd.queues[visit.plan.name]
        if visit.key not in queue.reserved:
            self.acd.router.match_entry(queue, visit)

    def _widened(self, visit: Visit, demand: Demand, why: str) -> None:
        """A call asks for something else from now on."""
        kernel, queue = self.kernel, self.acd.queues[visit.plan.name]
        held = visit.key in queue.reserved
        if not held:
            queue.remove(visit)
        visit.demand = demand
        visit.group = None
        skills = tuple([skill for skill, _ in demand.skills])
        kernel.tell(WaitWidened(kernel.now, visit.call.id, queue.plan.name, skills, demand.level, why))
        if not held:
            queue.add(visit)

    def unpreferred(self, visit: Visit) -> Demand:
        """What a call asks of any agent, without the one it may prefer."""
        step, plan = visit.settings, visit.plan
        if not visit.demand.only:
            return visit.demand
        return Demand(plan.skills if step is None or step.skills is None else step.skills)

    def _announcement_due(self, due: tuple[Visit, Announcement]) -> None:
        visit, announcement = due
        if not visit.reservations:
            self._announce(visit, announcement)
        if announcement.every_ms is not None and visit.call.visit is visit:
            self.later(visit, self.kernel.now + announcement.every_ms, self._announcement_due, due)

    def _announce(self, visit: Visit, announcement: Announcement, *, place_told: bool = False) -> None:
        kernel, call = self.kernel, visit.call
        if call.play:
            return  # something else is being said
        queue = self.acd.queues[visit.plan.name]
        position = queue.position(visit)
        estimate = queue.estimate(position, kernel.now - visit.entered)
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
        if visit.reservations or call.play:
            self.later(visit, now + BUSY_MS, self._offer_callback, visit)
        elif offer.when is not None and not self.kernel.flows.holds(call, offer.when):
            self.later(visit, now + max(offer.after_ms, SECOND), self._offer_callback, visit)
        else:
            visit.callback_alive = True
            self.kernel.flows.announce(call, offer.prompt, Listening("callback", (Choice(offer.key, ""),)))

    # Leaving -------------------------------------------------------------------------------------------

    def _overdue(self, visit: Visit) -> None:
        """The longest wait is over; an agent who is being rung is given the chance to take the call."""
        if not visit.reservations:
            self.time_out(visit)
        elif visit.key not in (queue := self.acd.queues[visit.plan.name]).reserved:
            queue.remove(visit)  # nobody else is rung, only those who are may still answer
            queue.hold(visit)

    def time_out(self, visit: Visit) -> None:
        """Overflow into the next queue, or end the wait. No queue overflows into one the wait came from."""
        call, step = visit.call, visit.settings
        target = self._overflow(step, visit.plan, visit.passed)
        passed = (*visit.passed, visit.plan.name)
        if target:
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
        if plan.resume_ms and outcome in ("abandoned", "short_abandoned"):
            queue.remember(call.caller, visit.key, now)
        if visit.key in queue.reserved:
            queue.release(visit)
        else:
            queue.remove(visit)
        queue.left += 1
        if outcome == "answered" and queue.observant:
            queue.seen.answered(waited_ms)
        assert queue.offered == queue.left + len(queue.visits), "offered = outcomes + waiting"
        kernel.tell(QueueLeft(now, call.id, plan.name, visit.number, outcome, waited_ms, agent))
        if visit.reservations:
            rung, visit.reservations = visit.reservations, []  # a circle would wait for the garbage collector
            for reservation in rung:
                self.acd.router.rescind(reservation, outcome)

    def staff_left(self, agent: Agent) -> None:
        """An agent no longer works their queues: callers of an empty queue may have to leave."""
        for queue in agent.queues:
            alone = queue.waiting_for(agent)
            for visit in alone:
                self._widened(visit, self.unpreferred(visit), "agent_away")
            if queue.present == 0 and queue.plan.leave_when_empty:
                for visit in list(queue.visits.values()):
                    if visit.call.visit is visit and not visit.reservations:
                        self.end(visit, "left_empty")
                        self.kernel.flows.resume(visit.call, "empty")
            elif (alone or queue.tiered) and queue.waiting and queue.ready:
                self.acd.router.match_queue(queue)
