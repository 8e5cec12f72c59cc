"""Facts counted into the families of metrics: the fold beneath `ivr.observe.metrics`.

The facts of every call are only put aside when they are told, by a plain `list.append`, and counted
many at once: code that runs in the middle of everything else is slow because the processor's caches
are full of everything else. Whoever reads calls `conclude` first.

Facts are told apart by `type(fact) is`: `isinstance` costs a tenth of a microsecond where it says no,
because msgspec's classes have a metaclass.
"""

from collections import Counter, defaultdict
from typing import Final, TypeVar

from ivr.core import facts
from ivr.core.plan import Plan
from ivr.core.time import Instant, Ms
from ivr.observe.families import NONE, Families
from ivr.observe.fan import Handlers
from ivr.observe.gauges import AGENT_STATES

BATCH: Final = 1024
"""Facts of a kind put aside before they are counted: enough to be cheap, few enough to stay in the cache."""

_TALKS: Final = ("talking", "holding")
_OCCUPIED: Final = (*_TALKS, "wrap_up")

F = TypeVar("F")


class AgentTime:
    """An agent's time in states, the state they are in since when, and the talk they have not done with."""

    __slots__ = ("queue", "since", "spent", "state", "worked_ms")

    def __init__(self) -> None:
        self.spent: dict[str, Ms] = dict.fromkeys(AGENT_STATES, 0)
        self.state = "signed_out"
        self.since: Instant = 0
        self.queue = ""
        self.worked_ms: Ms = 0


class Counts:
    """The fold; `families` and `staff` are right after `conclude`."""

    def __init__(self, plan: Plan) -> None:
        self.families = Families(plan)
        self.staff = {name: AgentTime() for name in plan.agents}
        self._within = {queue.name: queue.service_level.within_ms for queue in plan.queues.values()}
        self._started: dict[int, facts.CallStarted] = {}
        self._estimates: dict[int, Ms] = {}
        self._states: list[facts.StateEntered] = []
        self._steps: list[facts.StepEnded] = []
        self._prompts: list[facts.PromptHeard] = []
        self._keys: list[facts.KeyHeard] = []
        self._rings: list[facts.ReservationEnded] = []
        self._starts: list[facts.CallStarted] = []
        self._visits: list[facts.CallQueued | facts.Connected | facts.QueueLeft] = []
        self._ends: list[facts.CallEnded] = []
        self._work: list[facts.AgentMoved | facts.TalkEnded | facts.WrapUpEnded] = []

    def handlers(self) -> Handlers:
        """See `ivr.observe.fan`."""
        return {
            facts.CallStarted: self._starts.append,
            facts.CallRefused: self._call_refused,
            facts.StateEntered: self._states.append,
            facts.StepEnded: self._steps.append,
            facts.PromptHeard: self._prompts.append,
            facts.KeyHeard: self._key_heard,
            facts.InputMissed: self._input_missed,
            facts.LookupEnded: self._lookup_ended,
            facts.OfferEnded: self._offer_ended,
            facts.FlowFailed: self._flow_failed,
            facts.CallEnded: self._call_ended,
            facts.CallQueued: self._visits.append,
            facts.QueueRefused: self._queue_refused,
            facts.QueueLeft: self._visits.append,
            facts.ReservationEnded: self._rings.append,
            facts.Connected: self._visits.append,
            facts.TalkEnded: self._work.append,
            facts.TransferEnded: self._transfer_ended,
            facts.WrapUpEnded: self._work.append,
            facts.AgentMoved: self._agent_moved,
            facts.CallbackBooked: self._callback_booked,
            facts.CallbackTried: self._callback_tried,
            facts.CallbackEnded: self._callback_ended,
            facts.EventIgnored: self._event_ignored,
            facts.LimitReached: self._limit_reached,
            facts.PlanChanged: self._plan_changed,
        }

    def adopt(self, plan: Plan) -> None:
        """Know the flows and requests of a plan that is about to replace the present one."""
        self.settle()  # what was told before is counted by what was known then
        self.families.adopt(plan)

    # Put aside -------------------------------------------------------------------------------------------
    #
    # These three bound what waits: with the ends of calls come their other facts, only keys and moves
    # of agents can be many while no call ends.

    def _call_ended(self, fact: facts.CallEnded) -> None:
        ends = self._ends
        ends.append(fact)
        if len(ends) >= BATCH:
            self.settle()

    def _key_heard(self, fact: facts.KeyHeard) -> None:
        keys = self._keys
        keys.append(fact)
        if len(keys) >= BATCH:
            self.settle()

    def _agent_moved(self, fact: facts.AgentMoved) -> None:
        work = self._work
        work.append(fact)
        if len(work) >= BATCH:
            self.settle()

    def conclude(self) -> None:
        """Settle, and fill the counters that follow from the waits: the thresholds are bounds of theirs."""
        self.settle()
        families = self.families
        for (queue, outcome), waits in families.waits.items():
            families.finished[queue, outcome][0] = sum(waits.counts)
        for queue, within_ms in self._within.items():
            answered = families.waits[queue, "answered"]
            abandoned, short = families.waits[queue, "abandoned"], families.waits[queue, "short_abandoned"]
            families.answered_within[queue,][0] = answered.within(within_ms)
            families.abandoned_within[queue,][0] = abandoned.within(within_ms) + short.within(within_ms)
            families.short[queue,][0] = sum(short.counts)

    def settle(self) -> None:
        """Count what was put aside."""
        self._settle_flows()
        self._settle_calls()
        self._settle_rings()
        self._settle_work()

    def _settle_flows(self) -> None:
        families = self.families
        steps = Counter([(fact.flow, fact.verb, fact.result) for fact in _taken(self._steps)])
        for (flow, verb, result), many in steps.items():
            families.steps[flow, verb, result.partition(".")[0]][0] += many
        states = Counter([(fact.flow, fact.state) for fact in _taken(self._states)])
        for (flow, state), many in states.items():
            families.states[flow, state][0] += many
        families.prompts.add([fact.ended for fact in _taken(self._prompts)])
        families.keys.add([fact.use for fact in _taken(self._keys)])

    def _settle_calls(self) -> None:
        # class by class, not in order: a call's start comes before, its end after all its other facts
        families, started = self.families, self._started
        starts, ends = _taken(self._starts), _taken(self._ends)
        families.starts.add([fact.direction for fact in starts])
        families.ends.add([fact.reason for fact in ends])
        started.update({fact.call: fact for fact in starts if fact.direction == "in"})
        flows: defaultdict[str, list[Ms]] = defaultdict(list)
        self._settle_visits(flows)
        for fact in ends:
            if fact.call in started:
                began = started.pop(fact.call)
                flows[began.flow].append(fact.at - began.at)
        for flow, values in flows.items():
            families.flow_time[flow,].add(values)

    def _settle_visits(self, flows: defaultdict[str, list[Ms]]) -> None:
        families, started, estimates = self.families, self._started, self._estimates
        joined: list[str] = []
        waits: defaultdict[tuple[str, str], list[Ms]] = defaultdict(list)
        for fact in _taken(self._visits):
            call = fact.call
            if type(fact) is facts.QueueLeft:
                waits[fact.queue, fact.outcome].append(fact.waited_ms)
                if call in estimates:
                    self._compare(fact, estimates.pop(call))
                continue
            if call in started:
                # the time in the flow is over at the first queue or talk, or with the call
                began = started.pop(call)
                flows[began.flow].append(fact.at - began.at)
            if type(fact) is facts.CallQueued:
                joined.append(fact.queue)
                if fact.estimate_ms is not None:
                    estimates[call] = fact.estimate_ms
        families.offered.add(joined)
        for key, values in waits.items():
            families.waits[key].add(values)

    def _compare(self, fact: facts.QueueLeft, estimate_ms: Ms) -> None:
        """The wait that is over with the estimate on joining."""
        if fact.outcome == "answered":
            error_ms = estimate_ms - fact.waited_ms
            side = "too_long" if error_ms >= 0 else "too_short"
            self.families.errors[fact.queue, side].add([abs(error_ms)])

    def _settle_rings(self) -> None:
        reservations = self.families.reservations
        rings: defaultdict[str, list[Ms]] = defaultdict(list)
        for fact in _taken(self._rings):
            queue = fact.queue or NONE
            reservations[queue, fact.result][0] += 1
            if fact.result == "accepted":
                rings[queue].append(fact.rang_ms)
        for queue, values in rings.items():
            self.families.rings[queue,].add(values)

    def _settle_work(self) -> None:
        families, staff = self.families, self.staff
        talks: defaultdict[str, list[Ms]] = defaultdict(list)
        wrap_ups: defaultdict[str, list[Ms]] = defaultdict(list)
        handles: defaultdict[str, list[Ms]] = defaultdict(list)
        for fact in _taken(self._work):
            if type(fact) is facts.AgentMoved:
                if fact.agent not in staff:
                    continue
                time = staff[fact.agent]
                left, time.state = fact.left, fact.state
                if left in time.spent:
                    time.spent[left] += fact.at - fact.since
                time.since = fact.at
                if time.queue and left in _TALKS and fact.state not in _OCCUPIED:
                    handles[time.queue].append(time.worked_ms)
                    time.queue = ""
            elif type(fact) is facts.TalkEnded:
                queue = fact.queue or NONE
                talks[queue].append(fact.talk_ms)
                if fact.hold_ms:
                    families.holds[queue,].add([fact.hold_ms])
                if fact.party in staff:
                    time = staff[fact.party]
                    time.queue, time.worked_ms = queue, fact.talk_ms + fact.hold_ms
            elif type(fact) is facts.WrapUpEnded:
                wrap_ups[fact.queue or NONE].append(fact.wrap_up_ms)
                if fact.agent in staff and staff[fact.agent].queue:
                    time = staff[fact.agent]
                    handles[time.queue].append(time.worked_ms + fact.wrap_up_ms)
                    time.queue = ""
        for family, found in (
            (families.talks, talks),
            (families.wrap_ups, wrap_ups),
            (families.handles, handles),
        ):
            for queue, values in found.items():
                family[queue,].add(values)

    # Counted at once: too seldom to be worth putting aside ----------------------------------------------

    def _call_refused(self, fact: facts.CallRefused) -> None:
        self.families.refused[fact.why,][0] += 1

    def _input_missed(self, fact: facts.InputMissed) -> None:
        self.families.misses[fact.kind,][0] += 1

    def _lookup_ended(self, fact: facts.LookupEnded) -> None:
        self.families.lookups[fact.name, fact.outcome.partition(".")[0]][0] += 1
        self.families.lookup_time[fact.name,].add([fact.took_ms])

    def _offer_ended(self, fact: facts.OfferEnded) -> None:
        self.families.offers[fact.offer, fact.answer][0] += 1

    def _flow_failed(self, fact: facts.FlowFailed) -> None:
        self.families.failures[fact.flow, fact.kind.partition(".")[0]][0] += 1

    def _queue_refused(self, fact: facts.QueueRefused) -> None:
        self.families.blocked[fact.queue, fact.outcome][0] += 1

    def _transfer_ended(self, fact: facts.TransferEnded) -> None:
        self.families.transfers[fact.mode, fact.result][0] += 1

    def _callback_booked(self, fact: facts.CallbackBooked) -> None:
        self.families.booked[fact.queue,][0] += 1

    def _callback_tried(self, _: facts.CallbackTried) -> None:
        self.families.attempts[()][0] += 1

    def _callback_ended(self, fact: facts.CallbackEnded) -> None:
        self.families.callbacks[fact.queue, fact.result][0] += 1

    def _event_ignored(self, fact: facts.EventIgnored) -> None:
        self.families.ignored[fact.event,][0] += 1

    def _limit_reached(self, fact: facts.LimitReached) -> None:
        self.families.bounds[fact.limit,][0] += 1

    def _plan_changed(self, _: facts.PlanChanged) -> None:
        self.families.plans[()][0] += 1


def _taken(aside: list[F]) -> list[F]:
    """What was put aside, taken out before it is counted, so that nothing is counted twice."""
    taken = aside[:]
    aside.clear()
    return taken
