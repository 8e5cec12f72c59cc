"""The auditor's own idea of queues: who holds which place, since when, and who must come first.

A place is a visit of a call, a callback or a work order. A work order rests until its window opens, which no
fact tells. A callback rests until the call that booked it has ended, and
for a while after an attempt that failed; from that it comes back without a fact, so a resting place is
neither demanded nor forbidden to be next.
"""

from collections import Counter
from collections.abc import Callable
from typing import Final, TypeAlias

from ivr.core import facts
from ivr.core.demand import Demand
from ivr.core.plan import AgentPlan, Plan
from ivr.core.time import Instant
from ivr.limits import QUEUE_LENGTH_MAX
from ivr.observe.audit.checks import Checks
from ivr.observe.audit.held import Held, Key, Place, Skills
from ivr.observe.families import BLOCKED, OUTCOMES

Demands: TypeAlias = Callable[[int], Demand]

_ABANDONED: Final = ("abandoned", "short_abandoned")


class Places:
    """Every queue's places, and the counts that must balance."""

    def __init__(self, plan: Plan, checks: Checks, demands: Demands | None) -> None:
        self.plan = plan
        self._checks = checks
        self.demands = demands
        self.floor: Callable[[str], int] = lambda _: 1  # the auditor of agents knows it
        self._tiered = {
            name
            for name, queue in plan.queues.items()
            if queue.levels or any(agent.levels.get(name, 1) > 1 for agent in plan.agents.values())
        }
        self.queues = {name: Held() for name in plan.queues}
        self.visits: dict[int, Place] = {}
        self.pending: dict[int, Place] = {}
        self.orders: dict[int, Place] = {}
        self.offered: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.promised: dict[int, int] = {}
        self._numbers: dict[int, int] = {}
        self._kept: dict[int, tuple[str, Key]] = {}
        self.callers: dict[int, str] = {}
        self._abandoned: dict[
            tuple[str, int], tuple[str, Instant]
        ] = {}  # by queue and ordinal: whose, and when
        self.answered: dict[int, tuple[str, Key]] = {}
        self._served: dict[
            int, tuple[str, Key]
        ] = {}  # who was cut off at the end of a shift has the place again
        self._booked: dict[int, list[Place]] = {}
        self._last_ordinal = 0
        self._ordinals: set[int] = set()  # seen while a place is promised: who comes back has none of them

    def waiting(self, queue: str) -> int:
        """Calls that wait in a queue, rung or not."""
        return self.queues[queue].calls

    # Calls ------------------------------------------------------------------------------------------------

    def queued(self, fact: facts.CallQueued) -> None:
        """A call joins."""
        that = self._checks.that
        that("I4", fact.call not in self.visits, "call", fact.call, "waits already")
        number = self._numbers.get(fact.call, 0) + 1
        that("I20", fact.visit == number, "call", fact.call, "visit", fact.visit, "should be", number)
        self._numbers[fact.call] = number
        most = self.plan.queues[fact.queue].max_length
        room = self.waiting(fact.queue) < (QUEUE_LENGTH_MAX if most is None else most)
        that("I1", room, fact.queue, "was full")
        self._arrival(fact)
        place = Place(fact.queue, fact.call, (-fact.priority, fact.ordinal), fact.at, ())
        place.visit = fact.visit
        place.only = fact.agent
        place.skills = self._skills(fact.call, fact.skills)
        if fact.agent:
            self._checks.met("a call waited for one agent alone")
        self._position(place, fact.position)
        if self.queues[fact.queue].overtakes(place.key):
            self._checks.met("a caller overtook another by priority")
        self._add(place)
        self.visits[fact.call] = place
        self.offered[fact.queue] += 1
        self._balance(fact.queue)

    def _skills(self, call: int, names: tuple[str, ...]) -> Skills | None:
        """The skills of a waiting call with their levels, which only the engine knows."""
        if not names:
            return ()
        if self.demands is None:
            return None
        skills = self.demands(call).skills
        self._checks.that("I14", tuple(skill for skill, _ in skills) == names, "skills", skills, names)
        return skills

    def _floor(self, queue: str) -> int:
        return self.floor(queue) if queue in self._tiered else 1

    def widened(self, fact: facts.WaitWidened) -> None:
        """More agents may take a call."""
        place = self.visits.get(fact.call)
        if place is None:
            self._checks.fail("I4", "call", fact.call, "does not wait")
        self._checks.that("I4", place.queue == fact.queue, "call", fact.call, "waits in", place.queue)
        place.only, place.level = "", fact.level
        place.skills = self._skills(fact.call, fact.skills)
        self._checks.met(
            "a wait widened while an agent was ringing" if place.reservations else "a wait widened"
        )

    def prioritised(self, fact: facts.PriorityChanged) -> None:
        """A waiting call has another place."""
        place = self.visits.get(fact.call)
        if place is None:
            self._checks.fail("I4", "call", fact.call, "does not wait")
        same = place.queue == fact.queue and place.key[1] == fact.ordinal
        self._checks.that("I6", same, "call", fact.call, "is another place")
        self.queues[place.queue].remove(place)
        place.key = (-fact.priority, fact.ordinal)
        self._add(place)
        self._checks.met("a waiting call was given another priority")

    def _arrival(self, fact: facts.CallQueued) -> None:
        """Ordinals count arrivals; only a caller whose transfer failed comes back with an older one."""
        promised = self.promised.pop(fact.call, None)
        if self._served.pop(fact.call, None) == (fact.queue, (-fact.priority, fact.ordinal)):
            self._checks.met("a caller was handed over to those who wait")
            return
        left, at = self._abandoned.pop((fact.queue, fact.ordinal), ("", 0))
        if left and left == self.callers.get(fact.call):
            late = fact.at - at > self.plan.queues[fact.queue].resume_ms
            self._checks.that("I6", not late, "call", fact.call, "has a place again after", fact.at - at)
            self._checks.met("a caller came back to the place they gave up")
            return
        fresh = fact.ordinal > self._last_ordinal
        back = promised is not None and promised < fact.ordinal and fact.ordinal not in self._ordinals
        self._checks.that("I6", fresh or back, "call", fact.call, "joined with ordinal", fact.ordinal)
        self._seen(fact.ordinal)

    def hand_over(self, call: int) -> None:
        """The agent of a call leaves: the caller may have the place again at which they were answered."""
        if call in self.answered:
            self._served[call] = self.answered[call]

    def promise(self, call: int) -> None:
        """An agent passes a caller on: should that fail, the caller has the place of this moment."""
        self.promised[call] = self._last_ordinal

    def _seen(self, ordinal: int) -> None:
        if self.promised:
            self._ordinals.add(ordinal)
        else:
            self._ordinals.clear()
        self._last_ordinal = max(self._last_ordinal, ordinal)

    def _add(self, place: Place) -> None:
        places = self.queues[place.queue]
        self._checks.that("I6", place.key not in places, "two places with key", place.key)
        places.add(place)

    def _position(self, place: Place, position: int) -> None:
        awake, ahead = self.queues[place.queue].ahead(place.key)
        holds = awake < position <= 1 + ahead
        self._checks.that("I6", holds, "call", place.call, "was told position", position, "not", awake + 1)

    def announced(self, fact: facts.WaitAnnounced) -> None:
        """A caller hears a position: it is the right one."""
        place = self.visits.get(fact.call)
        if place is None:
            self._checks.fail("I4", "call", fact.call, "does not wait")
        self._checks.that("I4", place.queue == fact.queue, "call", fact.call, "waits in", place.queue)
        self._position(place, fact.position)

    def refused(self, fact: facts.QueueRefused) -> None:
        """A queue does not take a call."""
        self._checks.that("I1", fact.outcome in BLOCKED, "outcome", fact.outcome)
        if fact.outcome == "blocked_full":
            most = self.plan.queues[fact.queue].max_length
            full = self.waiting(fact.queue) >= (QUEUE_LENGTH_MAX if most is None else most)
            self._checks.that("I1", full, fact.queue, "had room for call", fact.call)
        self._checks.met("a queue refused a call")

    def left(self, fact: facts.QueueLeft) -> Place:
        """A visit ends."""
        that = self._checks.that
        place = self.visits.pop(fact.call, None)
        if place is None:
            self._checks.fail("I1", "call", fact.call, "left", fact.queue, "without waiting there")
        that("I1", place.queue == fact.queue, "call", fact.call, "waited in", place.queue)
        that("I1", fact.outcome in OUTCOMES, "outcome", fact.outcome)
        that("I20", fact.visit == place.visit, "call", fact.call, "left visit", fact.visit)
        waited_ms = fact.at - place.entered
        that("I5", fact.waited_ms == waited_ms, "call", fact.call, fact.waited_ms, "is not", waited_ms)
        short = waited_ms < self.plan.queues[fact.queue].short_abandon_ms
        if fact.outcome in _ABANDONED:
            that("I5", short is (fact.outcome == "short_abandoned"), fact.outcome, "after", waited_ms, "ms")
        self.queues[fact.queue].remove(place)
        if fact.outcome in _ABANDONED and self.plan.queues[fact.queue].resume_ms:
            self._abandoned[fact.queue, place.key[1]] = (self.callers.get(fact.call, ""), fact.at)
        if fact.outcome == "answered":
            self.answered[fact.call] = (fact.queue, place.key)
        if fact.outcome == "callback":
            self._kept[fact.call] = (fact.queue, place.key)
        self.ended[fact.queue] += 1
        self.outcomes[fact.queue, fact.outcome] += 1
        self._balance(fact.queue)
        self._left_probes(fact, place)
        return place

    def _left_probes(self, fact: facts.QueueLeft, place: Place) -> None:
        met = self._checks.met
        if fact.outcome == "answered" and place.failed:
            met("a failed ring was followed by an answer")
        elif fact.outcome in _ABANDONED and place.reservations:
            met("the caller hung up while an agent was ringing")
        elif fact.outcome in ("timeout", "overflowed") and place.failed_at == fact.at:
            met("the longest wait ended as a ring failed")
        if fact.outcome == "withdrawn":
            met("a waiting call was withdrawn")
        if fact.outcome == "overflowed":
            met("a queue overflowed")
        elif fact.outcome == "short_abandoned":
            met("a short abandon")
        elif fact.outcome == "callback":
            met("a call left for a callback")

    def _balance(self, queue: str) -> None:
        offered, ended, waiting = self.offered[queue], self.ended[queue], self.waiting(queue)
        self._checks.that("I1", offered == ended + waiting, queue, offered, "is not", ended, "+", waiting)

    # Callbacks --------------------------------------------------------------------------------------------

    def booked(self, fact: facts.CallbackBooked) -> None:
        """A callback takes a place: the one its caller just gave up, or one at the end."""
        key = (-fact.priority, fact.ordinal)
        kept = self._kept.pop(fact.call, None) == (fact.queue, key)
        fresh = fact.ordinal > self._last_ordinal
        self._checks.that("I6", kept or fresh, "callback", fact.callback, "took the place of another")
        self._seen(fact.ordinal)
        self._checks.that("I11", fact.callback not in self.pending, "callback", fact.callback, "booked twice")
        place = Place(fact.queue, fact.call, key, fact.at, tuple(zip(fact.skills, fact.levels, strict=True)))
        place.callback = fact.callback
        place.resting = True
        if not fact.call:
            self._checks.met("a callback outlived its run")
        self._booked.setdefault(fact.call, []).append(place)
        self.pending[fact.callback] = place
        self._add(place)
        if kept:
            self._checks.met("a callback kept its place")

    def call_ended(self, call: int) -> None:
        """Forget a call; the callbacks it booked can be dialled from now on."""
        self.promised.pop(call, None)
        self.callers.pop(call, None)
        self._numbers.pop(call, None)
        self._kept.pop(call, None)
        self.answered.pop(call, None)
        self._served.pop(call, None)
        for place in self._booked.pop(call, ()):
            self.queues[place.queue].wake(place)

    def out(self, place: Place) -> None:
        """An agent has accepted a callback: its place is free while the customer is dialled."""
        self.queues[place.queue].remove(place)

    def back(self, place: Place) -> None:
        """An attempt failed: the place will be taken again after a rest."""
        place.resting = True
        self._add(place)

    # Who is next ------------------------------------------------------------------------------------------

    def candidate(self, fact: facts.ReservationMade) -> Place | None:
        """The place a reservation is for: of a call, a callback or a work order."""
        if fact.callback or fact.order:
            place = self.pending.get(fact.callback) if fact.callback else self.orders.get(fact.order)
            return (
                place if place is not None and place.queue == fact.queue and not place.reservations else None
            )
        visit = self.visits.get(fact.call)
        return visit if visit is not None and visit.queue == fact.queue else None

    def check_next(self, place: Place, agent: AgentPlan, *, orders: bool = False) -> None:
        """No place that this agent may take comes before this one; with `orders`, no work order."""
        weights = {name: self.plan.queues[name].weight for name in agent.queues}
        for name in agent.queues:
            if weights[name] < weights[place.queue]:
                continue
            heavier = weights[name] > weights[place.queue]
            for other in self.queues[name] if heavier else self.queues[name].before(place.key):
                if orders and not other.order:
                    continue
                if other.waits_for(agent, self._floor(name)) and not self._asleep(other):
                    self._checks.fail(
                        "I6", agent.name, "was asked for", place.queue, place.key, "before", name, other.key
                    )
        self._checks.that("I6", True)
        if any(
            other.waits_for(agent, self._floor(name))
            for name in agent.queues
            if name != place.queue
            for other in self.queues[name].before(place.key)
        ):
            self._checks.met("an agent served another queue by its weight")

    def _asleep(self, place: Place) -> bool:
        """Whether a callback may be asleep until its queue opens: no fact tells it, so it is let be."""
        return bool(place.callback) and bool(self.plan.queues[place.queue].hours)

    # Work orders ------------------------------------------------------------------------------------------

    def ordered(self, fact: facts.WorkOrdered) -> Place:
        """A work order takes a place, and rests until its window opens."""
        self._checks.that(
            "I6", fact.ordinal > self._last_ordinal, "order", fact.order, "took another's place"
        )
        self._seen(fact.ordinal)
        skills: Skills | None = () if not fact.skills else None
        place = Place(fact.queue, fact.call, (-fact.priority, fact.ordinal), fact.opens, skills)
        place.order = fact.order
        self.orders[fact.order] = place
        place.resting = True
        self._add(place)
        return place

    def check_work(self, agent: AgentPlan, *, orders: bool = False) -> None:
        """Nothing waits that this ready agent may take; with `orders`, no work order."""
        for name in agent.queues:
            floor = self._floor(name)
            for place in self.queues[name]:
                if orders and not place.order:
                    continue
                if place.waits_for(agent, floor) and not self._asleep(place):
                    self._checks.fail("I7", agent.name, "is ready while", name, place.key, "waits")
        self._checks.that("I7", True)
