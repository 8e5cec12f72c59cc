"""An independent auditor of the ACD: its own queues, waits, agents and talks, made from facts alone.

    audit = Audit(plan)
    audit.fact(fact)               after each fact; raises `AssertionError` naming the invariant
    audit.settled(snapshot)        after each whole input
    audit.finished()               after the center has closed
    audit.report()                 how often each invariant was checked, and which rare cases were met

It shares no code with the ACD but the plan it reads, so a mistake would have to be made twice.
Skills' levels are not in the facts: with `attach(engine)` they are read from the engine, without it
places that ask for skills are not held against anybody.
"""

from collections.abc import Callable
from typing import Any, Final

from ivr.core import facts
from ivr.core.demand import Demand
from ivr.core.engine import Engine
from ivr.core.facts import Fact
from ivr.core.plan import Plan
from ivr.core.snapshot import Snapshot
from ivr.core.time import Instant
from ivr.observe.audit.checks import INVARIANTS, PROBES, Checks
from ivr.observe.audit.consults import Consults
from ivr.observe.audit.held import Place
from ivr.observe.audit.places import Places
from ivr.observe.audit.staff import MOVES, Staff
from ivr.observe.fan import Handlers

__all__ = ["INVARIANTS", "MOVES", "PROBES", "Audit"]

_OUTSIDE: Final = frozenset(
    (
        facts.CallStarted,
        facts.ReservationMade,
        facts.ReservationEnded,
        facts.WrapUpEnded,
        facts.WorkOrdered,
        facts.MessageArrived,
    )
)
"""Facts that may name a call that is not open: of its callback or work order, and of the agent's work after it."""


class Audit:
    """The auditor of one run."""

    def __init__(self, plan: Plan, *, first_call: int = 1) -> None:
        self._checks = checks = Checks()
        self._plan = plan
        self._places = places = Places(plan, checks, None)
        self._staff = staff = Staff(plan, checks, places)
        self._calls: dict[int, facts.CallStarted] = {}
        self._last_call = first_call - 1
        self._lookups: dict[int, Instant] = {}
        self._attempts: dict[int, Place] = {}
        self._tried: dict[int, int] = {}
        self._orders: dict[int, tuple[facts.WorkOrdered, Place]] = {}
        self._away: dict[int, facts.WorkAssigned] = {}
        self._engine: Engine | None = None
        self._table: dict[type[Fact], Callable[[Any], None]] = {
            facts.CallStarted: self._started,
            facts.CallEnded: self._ended,
            facts.LookupAsked: self._asked,
            facts.LookupEnded: self._answered,
            facts.CallQueued: self._queued,
            facts.WaitAnnounced: places.announced,
            facts.WaitWidened: places.widened,
            facts.QueueRefused: places.refused,
            facts.QueueLeft: self._queue_left,
            facts.ReservationMade: staff.made,
            facts.ReservationEnded: staff.ended,
            facts.Connected: staff.connected,
            facts.HoldStarted: staff.held,
            facts.HoldEnded: staff.resumed,
            facts.Said: staff.said,
            facts.TalkEnded: staff.talk_ended,
            facts.TransferStarted: staff.transfer_started,
            facts.TransferEnded: staff.transfer_ended,
            facts.PriorityChanged: places.prioritised,
            facts.WrapUpEnded: staff.wrapped_up,
            facts.AgentMoved: staff.moved,
            facts.CallbackBooked: self._booked,
            facts.CallbackTried: self._callback_tried,
            facts.CallbackEnded: self._callback_ended,
            facts.WorkOrdered: self._ordered,
            facts.WorkAssigned: self._assigned,
            facts.WorkEnded: self._work_ended,
            facts.EventIgnored: staff.ignored,
            facts.PlanChanged: self._plan_changed,
        }
        self._table |= _asking(staff.asking)
        self._plans = {plan.digest: plan}

    @property
    def checks(self) -> dict[str, int]:
        """How often each invariant was checked."""
        return dict(self._checks.checks)

    @property
    def probes(self) -> dict[str, int]:
        """How often each rare situation was met."""
        return dict(self._checks.probes)

    def report(self) -> str:
        """Both as a table of text."""
        return self._checks.report()

    def adopt(self, plan: Plan) -> None:
        """Know a plan, before the fact that calls follow it."""
        self._plans[plan.digest] = plan

    def _plan_changed(self, fact: facts.PlanChanged) -> None:
        plan = self._plans.get(fact.digest)
        self._checks.that("I14", plan is not None, "a plan nobody knows is followed:", fact.digest)
        if plan is not None:
            self._plan = self._places.plan = self._staff.plan = self._staff.choice.plan = plan

    def attach(self, engine: Engine) -> None:
        """Read skills from the engine, and compare its queues with the auditor's own in `settled`."""
        self._engine = engine

        def demands(call: int) -> Demand:
            visit = engine.calls()[call].visit
            assert visit is not None, "a call that was queued has a visit"
            return visit.demand

        self._places.demands = demands

    def handlers(self) -> Handlers:
        """See `ivr.observe.fan`."""
        return {Fact: self.fact}

    def fact(self, fact: Fact) -> None:
        """Check the next fact.

        Raises:
            AssertionError: it breaks an invariant; the text begins with its id.
        """
        checks = self._checks
        checks.that("I18", fact.at >= checks.at, type(fact).__name__, "is told at", fact.at)
        checks.at = fact.at
        call = getattr(fact, "call", None)
        if call and type(fact) not in _OUTSIDE:
            checks.that("I2", call in self._calls, type(fact).__name__, "of call", call, "that is not open")
        handler = self._table.get(type(fact))
        if handler is not None:
            handler(fact)

    # Calls ------------------------------------------------------------------------------------------------

    def _started(self, fact: facts.CallStarted) -> None:
        self._last_call += 1
        self._checks.that("I2", fact.call == self._last_call, "call", fact.call, "is not the next number")
        self._calls[fact.call] = fact
        self._places.callers[fact.call] = fact.caller

    def _ended(self, fact: facts.CallEnded) -> None:
        that = self._checks.that
        del self._calls[fact.call]
        that("I2", fact.call not in self._places.visits, "call", fact.call, "ended while it waits")
        that("I2", fact.call not in self._staff.talks, "call", fact.call, "ended while it talks")
        that("I2", fact.call not in self._staff.transfers, "call", fact.call, "ended during a transfer")
        self._places.call_ended(fact.call)
        attempt = self._attempts.pop(fact.call, None)
        if attempt is not None and attempt.callback in self._places.pending:
            self._places.back(attempt)

    def _asked(self, fact: facts.LookupAsked) -> None:
        self._lookups[fact.request] = fact.at

    def _answered(self, fact: facts.LookupEnded) -> None:
        asked = self._lookups.pop(fact.request, None)
        right = asked is not None and fact.took_ms == fact.at - asked
        self._checks.that("I19", right, "request", fact.request, "took", fact.took_ms, "since", asked)

    def _queued(self, fact: facts.CallQueued) -> None:
        if fact.call in self._places.promised:
            transfer = self._staff.transfers.get(fact.call)
            if transfer is None:
                self._checks.met("a transfer failed and the caller waited again")
        self._places.queued(fact)

    def _queue_left(self, fact: facts.QueueLeft) -> None:
        self._staff.left_queue(fact, self._places.left(fact))

    # Callbacks --------------------------------------------------------------------------------------------

    def _booked(self, fact: facts.CallbackBooked) -> None:
        self._places.booked(fact)
        self._tried[fact.callback] = fact.attempts

    def _callback_tried(self, fact: facts.CallbackTried) -> None:
        that = self._checks.that
        place = self._places.pending.get(fact.callback)
        if place is None:
            self._checks.fail("I11", "callback", fact.callback, "is tried after its end")
        agent = self._staff.agents[fact.agent]
        accepted = agent.accepted == -fact.callback
        that("I11", accepted, fact.agent, "did not accept callback", fact.callback)
        agent.accepted = fact.call
        that("I11", place not in self._attempts.values(), "callback", fact.callback, "is tried twice at once")
        self._tried[fact.callback] += 1
        right = fact.attempt == self._tried[fact.callback]
        that("I11", right, "callback", fact.callback, "attempt", fact.attempt)
        self._attempts[fact.call] = place
        if fact.attempt > 1:
            self._checks.met("a callback was tried again")

    def _callback_ended(self, fact: facts.CallbackEnded) -> None:
        that = self._checks.that
        place = self._places.pending.pop(fact.callback, None)
        if place is None:
            self._checks.fail("I11", "callback", fact.callback, "ended twice")
        tried = self._tried.pop(fact.callback)
        that("I11", fact.attempts == tried, "callback", fact.callback, fact.attempts, "attempts, not", tried)
        waited_ms = fact.at - place.entered
        that("I11", fact.waited_ms == waited_ms, "callback", fact.callback, "waited", waited_ms)
        that("I11", fact.result == "dropped" or tried > 0, "callback", fact.callback, "was never tried")
        self._places.queues[place.queue].remove(place)
        if fact.result == "reached":
            for call, attempt in self._attempts.items():
                if attempt is place:
                    self._places.answered[call] = (place.queue, place.key)
            self._checks.met("a callback reached its customer")
        elif fact.result == "failed":
            self._checks.met("a callback was given up")

    # Work orders ------------------------------------------------------------------------------------------

    def _ordered(self, fact: facts.WorkOrdered) -> None:
        self._checks.that("I11", fact.order not in self._orders, "order", fact.order, "is made twice")
        self._orders[fact.order] = (fact, self._places.ordered(fact))

    def _assigned(self, fact: facts.WorkAssigned) -> None:
        that = self._checks.that
        ordered, _ = self._orders[fact.order]
        agent = self._staff.agents[fact.agent]
        that("I11", fact.order in agent.orders, fact.agent, "did not accept order", fact.order)
        that("I11", fact.at >= ordered.opens, "order", fact.order, "is assigned before its window")
        waited_ms = fact.at - ordered.opens
        that("I11", fact.waited_ms == waited_ms, "order", fact.order, "waited", waited_ms)
        self._away[fact.order] = fact

    def _work_ended(self, fact: facts.WorkEnded) -> None:
        that = self._checks.that
        if fact.order not in self._orders:
            self._checks.fail("I11", "order", fact.order, "ended twice")
        ordered, place = self._orders.pop(fact.order)
        self._places.queues[place.queue].remove(place)
        del self._places.orders[fact.order]
        assigned = self._away.pop(fact.order, None)
        that("I11", (assigned is not None) == bool(fact.agent), "order", fact.order, "ended by", fact.agent)
        if assigned is None:
            right = fact.result in ("never_assigned", "rescheduled", "cancelled", "dropped")
            that("I11", right, "order", fact.order, "that nobody took ended", fact.result)
            self._checks.met("a work order ended without anybody having taken it")
            return
        agent = self._staff.agents[fact.agent]
        agent.orders.discard(fact.order)
        agent.sated = False
        worked_ms = fact.at - assigned.at
        that("I11", fact.worked_ms == worked_ms, "order", fact.order, "took", worked_ms)
        if fact.result in ("done", "late"):
            late = assigned.at > ordered.closes
            that("I11", late == (fact.result == "late"), "order", fact.order, "ended", fact.result)
        self._checks.met("a work order was done")

    # Whole inputs -----------------------------------------------------------------------------------------

    def settled(self, snapshot: Snapshot) -> None:
        """Check what holds between inputs: no work is left undone, and the snapshot is true.

        Raises:
            AssertionError: as in `fact`.
        """
        that = self._checks.that
        staff, places = self._staff, self._places
        for agent in staff.agents.values():
            if agent.state == "ready":
                places.check_work(self._plan.agents[agent.name])
            elif agent.orders and staff.has_room(agent) and not self._wishes(agent.name):
                places.check_work(self._plan.agents[agent.name], orders=True)
        for view in snapshot.agents:
            ours = staff.agents[view.name]
            that("I14", view.state == ours.state, view.name, "is shown", view.state, "not", ours.state)
            that("I14", view.for_ms == snapshot.at - ours.since, view.name, "is shown for", view.for_ms)
            call = ours.talk.call if ours.talk is not None else None
            that("I14", view.call == call, view.name, "is shown with call", view.call, "not", call)
        for queue in snapshot.queues:
            held = places.queues[queue.name]
            waiting = places.waiting(queue.name)
            that("I14", queue.waiting == waiting, queue.name, "shows", queue.waiting, "waiting, not", waiting)
            ringing = sum(bool(place.reservations) for place in held)
            that("I14", queue.ringing == ringing, queue.name, "shows", queue.ringing, "ringing, not", ringing)
            pending = sum(place.queue == queue.name for place in places.pending.values())
            that("I14", queue.callbacks == pending, queue.name, "shows", queue.callbacks, "callbacks")
        total = (snapshot.calls_total, snapshot.waiting, snapshot.talking)
        ours_total = (len(self._calls), len(places.visits), len(staff.talks))
        that("I14", total == ours_total, "snapshot shows", total, "not", ours_total)
        if self._engine is not None:
            self._compare(self._engine)

    def _wishes(self, agent: str) -> bool:
        """Whether an agent wants to go, once they are free: no fact tells it."""
        return self._engine is None or bool(self._engine.acd().staff.agents[agent].wish)

    def _compare(self, engine: Engine) -> None:
        """The engine's places are the auditor's, key by key."""
        for name, queue in engine.acd().queues.items():
            theirs = sorted(visit.key for visit in queue.visits.values())
            ours = [place.key for place in self._places.queues[name] if place.is_call]
            self._checks.that("I5", theirs == ours, name, "holds", theirs, "not", ours)

    def finished(self) -> None:
        """Check what holds after a center has closed: everybody has left.

        Raises:
            AssertionError: as in `fact`.
        """
        that = self._checks.that
        that("I8", not self._calls, "open calls", list(self._calls))
        that("I8", not self._places.visits, "waiting calls", list(self._places.visits))
        that("I8", not self._staff.talks, "talks", list(self._staff.talks))
        that("I8", not self._staff.transfers, "transfers", list(self._staff.transfers))
        that("I8", not self._places.pending, "callbacks", list(self._places.pending))
        that("I8", not self._orders, "work orders", list(self._orders))


def _asking(asking: Consults) -> dict[type[Fact], Callable[[Any], None]]:
    """Who is told of consultations and supervisors."""
    return {
        facts.ConsultStarted: asking.consult_started,
        facts.ConsultAnswered: asking.consult_answered,
        facts.ConsultMoved: asking.consult_moved,
        facts.ConsultEnded: asking.consult_ended,
        facts.SupervisionStarted: asking.supervision_started,
        facts.SupervisionEnded: asking.supervision_ended,
    }
