"""Facts counted into the families of metrics: the fold beneath `ivr.observe.metrics`.

Facts are told apart by `type(fact) is`: `isinstance` costs a tenth of a microsecond where it says no,
because msgspec's classes have a metaclass.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ivr.core import facts
from ivr.core.facts import (
    AgentMoved,
    CallQueued,
    Connected,
    Fact,
    QueueLeft,
    QueueRefused,
    TalkEnded,
    WaitEstimated,
    WrapUpEnded,
)
from ivr.core.plan import Plan, QueuePlan
from ivr.core.snapshot import QueueView
from ivr.core.time import Instant, Ms
from ivr.observe.batch import Batch
from ivr.observe.families import BLOCKED, NONE, OUTCOMES, Families
from ivr.observe.fan import Handler
from ivr.observe.figures import Contacts, QueueFigures
from ivr.observe.gauges import AGENT_STATES
from ivr.observe.service_level import IN_TIME_MS, Counted, service_levels
from ivr.observe.tally import Histogram, Histograms

_TALKS: Final = ("talking", "holding", "consulting")
_OCCUPIED: Final = (*_TALKS, "wrap_up")
_HANDLING: Final = (*_OCCUPIED, "working")


class AgentTime:
    """An agent's time in states, the state they are in since when, and the talks they have not done with.

    `talks` are queue and length of those whose wrap-up is not over, as far as facts were folded.
    """

    __slots__ = ("since", "spent", "state", "talks")

    def __init__(self) -> None:
        self.spent: dict[str, Ms] = dict.fromkeys(AGENT_STATES, 0)
        self.state = "signed_out"
        self.since: Instant = 0
        self.talks: deque[tuple[str, Ms]] = deque()


class _Placed:
    """A call that a trigger began: when somebody picked up, and when an agent was there."""

    __slots__ = ("picked_up", "reached", "trigger")

    def __init__(self, trigger: str) -> None:
        self.trigger = trigger
        self.picked_up: Instant | None = None
        self.reached: Instant | None = None


class Counts:
    """The fold; `families` and `staff` are right after `conclude`."""

    def __init__(self, plan: Plan, batch: Batch) -> None:
        self.families = Families(plan)
        self.staff = {name: AgentTime() for name in plan.agents}
        self._batch = batch
        self._within = {queue.name: queue.service_level.within_ms for queue in plan.queues.values()}
        self._started: dict[int, facts.CallStarted] = {}
        self._models = {queue.name: queue.ewt for queue in plan.queues.values()}
        self.longest: dict[str, Ms] = dict.fromkeys(plan.queues, 0)
        self.contacts = {name: Contacts() for name in plan.queues}
        self._callers: dict[int, str] = {}
        self._placed: dict[int, _Placed] = {}  # calls that began without a caller
        self._estimates: dict[int, dict[str, Ms]] = {}
        self._rest: dict[type[Fact], Handler] = {
            facts.CallRefused: self._call_refused,
            facts.InputMissed: self._input_missed,
            facts.LookupEnded: self._lookup_ended,
            facts.OfferEnded: self._offer_ended,
            facts.SurveyAnswered: self._survey_answered,
            facts.FlowFailed: self._flow_failed,
            facts.TransferEnded: self._transfer_ended,
            facts.CallbackBooked: self._callback_booked,
            facts.CallbackTried: self._callback_tried,
            facts.CallbackEnded: self._callback_ended,
            facts.DialEnded: self._dial_ended,
            facts.MessageEnded: self._message_ended,
            facts.MessageArrived: self._message_arrived,
            facts.AppointmentMade: self._appointment,
            facts.WorkEnded: self._work_ended,
            facts.ConsentGiven: self._consent,
            facts.ConsultEnded: self._consulted,
            facts.EventIgnored: self._event_ignored,
            facts.LimitReached: self._limit_reached,
            facts.PlanChanged: self._plan_changed,
        }
        batch.add(self)

    def adopt(self, plan: Plan) -> None:
        """Know the flows and requests of a plan that is about to replace the present one."""
        self._batch.settle()  # what was told before is counted by what was known then
        self.families.adopt(plan)
        self._models = {queue.name: queue.ewt for queue in plan.queues.values()}

    def conclude(self) -> None:
        """Settle, and fill the counters that follow from the waits: the thresholds are bounds of theirs."""
        self._batch.settle()
        families = self.families
        for (queue, outcome), waits in families.waits.items():
            families.finished[queue, outcome][0] = sum(waits.counts)
        for queue, within_ms in self._within.items():
            answered = families.waits[queue, "answered"]
            abandoned, short = families.waits[queue, "abandoned"], families.waits[queue, "short_abandoned"]
            families.answered_within[queue,][0] = answered.within(within_ms)
            families.abandoned_within[queue,][0] = abandoned.within(within_ms) + short.within(within_ms)
            families.short[queue,][0] = sum(short.counts)

    def counted(self, queue: str) -> Counted:
        """The visits of a queue that are over, as service levels count them; right after `conclude`."""
        families = self.families

        def finished(*outcomes: str) -> int:
            return sum(families.finished[queue, outcome][0] for outcome in outcomes)

        return Counted(
            finished("answered"),
            finished("abandoned", "short_abandoned"),
            families.answered_within[queue,][0],
            families.abandoned_within[queue,][0],
            finished("short_abandoned"),
            finished("timeout", "exit_key", "callback", "overflowed", "left_empty"),
        )

    def figures(self, plan: QueuePlan, view: QueueView, agents: Iterable[str], now: Instant) -> QueueFigures:
        """A queue as a wallboard shows it; right after `conclude`. `agents` are those who serve it."""
        families, name = self.families, plan.name
        spent = Counter[str]()
        for agent in agents:
            time = self.staff[agent]
            spent.update(time.spent)
            spent[time.state] += now - time.since
        busy = sum(spent[state] for state in _HANDLING)
        there = busy + spent["ready"] + spent["reserved"]
        return QueueFigures(
            queue=name,
            waiting=view.waiting,
            ringing=view.ringing,
            callbacks=view.callbacks,
            longest_waiting_s=view.oldest_ms / 1_000,
            estimate_s=None if view.estimate_ms is None else view.estimate_ms / 1_000,
            agents=view.agents,
            offered=families.offered[name,][0],
            outcomes={outcome: families.finished[name, outcome][0] for outcome in OUTCOMES},
            blocked={outcome: families.blocked[name, outcome][0] for outcome in BLOCKED},
            threshold_s=plan.service_level.within_ms / 1_000,
            target=plan.service_level.target,
            service_level=service_levels(self.counted(name)),
            average_speed_of_answer_s=_mean_s(families.waits[name, "answered"]),
            average_handle_s=_mean_s(families.handles[name,]),
            longest_wait_s=self.longest[name] / 1_000,
            occupancy=busy / there if there else None,
            first_contact_resolution=self.contacts[name].resolution,
        )

    def take(self, batch: Batch) -> None:
        """See `Fold`."""
        self._flows(batch)
        self._calls(batch)
        self._rings(batch)
        self._work(batch)
        for fact in batch.rest:
            if (handler := self._rest.get(type(fact))) is not None:
                handler(fact)
        if self._placed:
            self._reached(batch)

    def _flows(self, batch: Batch) -> None:
        families = self.families
        steps = Counter([(fact.flow, fact.verb, fact.result) for fact in batch.steps])
        for (flow, verb, result), many in steps.items():
            families.steps[flow, verb, result.partition(".")[0]][0] += many
        states = Counter([(fact.flow, fact.state) for fact in batch.states])
        for (flow, state), many in states.items():
            families.states[flow, state][0] += many
        families.prompts.add([fact.ended for fact in batch.prompts])
        families.keys.add([fact.use for fact in batch.keys])

    def _calls(self, batch: Batch) -> None:
        families, started = self.families, self._started
        families.starts.add([fact.direction for fact in batch.starts])
        families.ends.add([fact.reason for fact in batch.ends])
        started.update({fact.call: fact for fact in batch.starts if fact.direction == "in"})
        self._placed.update(
            {fact.call: _Placed(fact.number) for fact in batch.starts if fact.direction == "flow"}
        )
        self._callers.update({fact.call: fact.caller for fact in batch.starts})
        flows: defaultdict[str, list[Ms]] = defaultdict(list)
        self._visits(batch, flows)
        for fact in batch.ends:
            self._callers.pop(fact.call, None)
            if fact.call in started:
                began = started.pop(fact.call)
                flows[began.flow].append(fact.at - began.at)
        for flow, values in flows.items():
            families.flow_time[flow,].add(values)

    def _visits(self, batch: Batch, flows: defaultdict[str, list[Ms]]) -> None:
        families, started, estimates, staff = self.families, self._started, self._estimates, self.staff
        joined: list[str] = []
        waits: defaultdict[tuple[str, str], list[Ms]] = defaultdict(list)
        talks: defaultdict[str, list[Ms]] = defaultdict(list)
        for fact in batch.visits:
            call = fact.call
            if type(fact) is QueueLeft:
                waits[fact.queue, fact.outcome].append(fact.waited_ms)
                if fact.outcome == "answered":
                    self.contacts[fact.queue].take(self._callers.get(call, ""), fact.at)
                if call in estimates:
                    self._compare(fact, estimates.pop(call))
            elif type(fact) is TalkEnded:
                queue = fact.queue or NONE
                talks[queue].append(fact.talk_ms)
                if fact.hold_ms:
                    families.holds[queue,].add([fact.hold_ms])
                if fact.party in staff:
                    staff[fact.party].talks.append((queue, fact.talk_ms + fact.hold_ms))
            elif type(fact) is WaitEstimated:
                if fact.estimate_ms is not None:
                    estimates.setdefault(call, {})[fact.model] = fact.estimate_ms
            elif type(fact) is QueueRefused:
                families.blocked[fact.queue, fact.outcome][0] += 1
            else:
                if call in started:
                    # the time in the flow is over at the first queue or talk, or with the call
                    began = started.pop(call)
                    flows[began.flow].append(fact.at - began.at)
                if type(fact) is CallQueued:
                    joined.append(fact.queue)
                    if fact.estimate_ms is not None:
                        estimates[call] = {self._models[fact.queue]: fact.estimate_ms}
        families.offered.add(joined)
        _add(families.waits, waits)
        for (queue, _), values in waits.items():
            self.longest[queue] = max(self.longest[queue], *values)
        _add(families.talks, {(queue,): values for queue, values in talks.items()})

    def _compare(self, fact: facts.QueueLeft, estimates: Mapping[str, Ms]) -> None:
        """The wait that is over with what each model said of it on joining."""
        if fact.outcome == "answered":
            for model, estimate_ms in estimates.items():
                error_ms = estimate_ms - fact.waited_ms
                side = "too_long" if error_ms >= 0 else "too_short"
                self.families.errors[fact.queue, model, side].add([abs(error_ms)])

    def _rings(self, batch: Batch) -> None:
        reservations = self.families.reservations
        rings: defaultdict[tuple[str], list[Ms]] = defaultdict(list)
        for fact in batch.rings:
            queue = fact.queue or NONE
            reservations[queue, fact.result][0] += 1
            if fact.result == "accepted":
                rings[queue,].append(fact.rang_ms)
        _add(self.families.rings, rings)

    def _work(self, batch: Batch) -> None:
        staff = self.staff
        wrap_ups: defaultdict[tuple[str], list[Ms]] = defaultdict(list)
        handles: defaultdict[tuple[str], list[Ms]] = defaultdict(list)
        for fact in batch.work:
            if fact.agent not in staff:
                continue
            time = staff[fact.agent]
            if type(fact) is AgentMoved:
                left, time.state = fact.left, fact.state
                if left in time.spent:
                    time.spent[left] += fact.at - fact.since
                time.since = fact.at
                if left in _TALKS and fact.state not in _OCCUPIED and time.talks:
                    queue, worked_ms = time.talks.popleft()
                    handles[queue,].append(worked_ms)
            elif type(fact) is WrapUpEnded:
                wrap_ups[fact.queue or NONE,].append(fact.wrap_up_ms)
                if time.talks:
                    queue, worked_ms = time.talks.popleft()
                    handles[queue,].append(worked_ms + fact.wrap_up_ms)
        _add(self.families.wrap_ups, wrap_ups)
        _add(self.families.handles, handles)

    def _reached(self, batch: Batch) -> None:
        """Of those who were called and picked up: how soon an agent was there."""
        placed = self._placed
        for fact in batch.visits:
            if type(fact) is Connected and fact.call in placed and placed[fact.call].reached is None:
                placed[fact.call].reached = fact.at
        for end in batch.ends:
            if (call := placed.pop(end.call, None)) is not None and call.picked_up is not None:
                late = call.reached is not None and call.reached - call.picked_up > IN_TIME_MS
                agent = "never" if call.reached is None else "later" if late else "in_2s"
                self.families.answers[call.trigger, agent][0] += 1

    # The rest: too seldom to have a list of their own ----------------------------------------------------

    def _call_refused(self, fact: facts.CallRefused) -> None:
        self.families.refused[fact.why,][0] += 1

    def _input_missed(self, fact: facts.InputMissed) -> None:
        self.families.misses[fact.kind,][0] += 1

    def _lookup_ended(self, fact: facts.LookupEnded) -> None:
        self.families.lookups[fact.name, fact.outcome.partition(".")[0]][0] += 1
        self.families.lookup_time[fact.name,].add([fact.took_ms])

    def _offer_ended(self, fact: facts.OfferEnded) -> None:
        self.families.offers[fact.offer, fact.answer][0] += 1

    def _survey_answered(self, fact: facts.SurveyAnswered) -> None:
        self.families.surveys[fact.survey, str(fact.score)][0] += 1

    def _flow_failed(self, fact: facts.FlowFailed) -> None:
        self.families.failures[fact.flow, fact.kind.partition(".")[0]][0] += 1

    def _transfer_ended(self, fact: facts.TransferEnded) -> None:
        self.families.transfers[fact.mode, fact.result][0] += 1

    def _callback_booked(self, fact: facts.CallbackBooked) -> None:
        self.families.booked[fact.queue,][0] += 1

    def _callback_tried(self, _: facts.CallbackTried) -> None:
        self.families.attempts[()][0] += 1

    def _callback_ended(self, fact: facts.CallbackEnded) -> None:
        self.families.callbacks[fact.queue, fact.result][0] += 1

    def _dial_ended(self, fact: facts.DialEnded) -> None:
        self.families.dials[fact.result,][0] += 1
        if fact.result == "answered" and fact.call in self._placed:
            self._placed[fact.call].picked_up = fact.at

    def _message_ended(self, fact: facts.MessageEnded) -> None:
        self.families.messages[fact.channel, fact.result.partition(".")[0]][0] += 1

    def _message_arrived(self, fact: facts.MessageArrived) -> None:
        self.families.messages[fact.channel, "received"][0] += 1

    def _appointment(self, fact: facts.AppointmentMade) -> None:
        self.families.appointments[fact.appointment, fact.change][0] += 1

    def _work_ended(self, fact: facts.WorkEnded) -> None:
        self.families.orders[fact.queue, fact.result][0] += 1
        self.families.order_waits[fact.queue,].add([fact.waited_ms])

    def _consent(self, fact: facts.ConsentGiven) -> None:
        self.families.consents[fact.what, fact.answer][0] += 1

    def _consulted(self, fact: facts.ConsultEnded) -> None:
        self.families.consults[fact.result,][0] += 1

    def _event_ignored(self, fact: facts.EventIgnored) -> None:
        self.families.ignored[fact.event,][0] += 1

    def _limit_reached(self, fact: facts.LimitReached) -> None:
        self.families.bounds[fact.limit,][0] += 1

    def _plan_changed(self, _: facts.PlanChanged) -> None:
        self.families.plans[()][0] += 1


def _mean_s(histogram: Histogram) -> float | None:
    """The mean of what a histogram counted, in seconds."""
    count = sum(histogram.counts)
    return histogram.sum_ms / count / 1_000 if count else None


def _add(family: Histograms, found: Mapping[Any, list[Ms]]) -> None:
    for key, values in found.items():
        family[key].add(values)
