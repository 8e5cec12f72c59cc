"""Facts folded into Prometheus metrics, in a registry of our own; `ivr.observe.families` names them."""

from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ivr.core import facts
from ivr.core.plan import Plan
from ivr.core.snapshot import Snapshot
from ivr.core.time import Instant, Ms
from ivr.observe import gauges
from ivr.observe.families import NONE, Families
from ivr.observe.fan import Handlers

_IN_TALK: Final = ("talking", "holding")


class Metrics(Collector):
    """The fold, and the page that Prometheus reads.

    `snapshot` is called at each scrape for the gauges; without it (a simulated run) there are none.
    """

    def __init__(self, plan: Plan, snapshot: Callable[[], Snapshot] | None = None) -> None:
        self._plan = plan
        self._snapshot = snapshot
        self._count = Families(plan)
        self._families = self._count.all()
        self._started: dict[int, facts.CallStarted] = {}
        self._estimates: dict[int, Ms] = {}
        self._worked: dict[str, tuple[str, Ms]] = {}
        self._staff = {name: _AgentTime() for name in plan.agents}
        self._limits = {
            queue.name: (queue.service_level.within_ms, queue.short_abandon_ms)
            for queue in plan.queues.values()
        }
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self)

    def adopt(self, plan: Plan) -> None:
        """Know the flows and requests of a plan that is about to replace the present one."""
        self._plan = plan
        self._count.adopt(plan)

    # Reading ---------------------------------------------------------------------------------------------

    def render(self, accept: str = "") -> tuple[str, bytes]:
        """Content type and page, in the format an `Accept` header asks for."""
        encode, content_type = choose_encoder(accept)
        return content_type, encode(self.registry)

    def describe(self) -> list[Metric]:
        """Nothing: names are fixed, and the registry need not call `collect` to learn them."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every family as it stands; called by the registry."""
        snapshot = self._snapshot() if self._snapshot is not None else None
        for family in self._families:
            yield family.family()
        yield self._agent_seconds(snapshot.at if snapshot is not None else None)
        yield from gauges.settings(self._plan)
        if snapshot is not None:
            yield from gauges.now(snapshot)

    def _agent_seconds(self, now: Instant | None) -> Metric:
        """Time in states by queue, with the states that agents are in now."""
        family = CounterMetricFamily(
            "ivr_agent_state_seconds_total",
            "Time agents spent in states, in each queue they serve",
            labels=["queue", "state"],
        )
        states = [state for state in gauges.AGENT_STATES if state != "signed_out"]
        sums = {(queue, state): 0 for queue in self._plan.queues for state in states}
        for name, time in self._staff.items():
            spent = dict(time.spent)
            if now is not None:
                spent[time.state] = spent.get(time.state, 0) + max(0, now - time.since)
            for state, ms in spent.items():
                if state in states:
                    for queue in self._plan.agents[name].queues:
                        sums[queue, state] += ms
        for key, ms in sums.items():
            family.add_metric(key, ms / 1000)
        return family

    # Facts -----------------------------------------------------------------------------------------------

    def handlers(self) -> Handlers:
        """See `ivr.observe.fan`."""
        return {
            facts.CallStarted: self._call_started,
            facts.CallRefused: self._call_refused,
            facts.StateEntered: self._state_entered,
            facts.StepEnded: self._step_ended,
            facts.PromptHeard: self._prompt_heard,
            facts.KeyHeard: self._key_heard,
            facts.InputMissed: self._input_missed,
            facts.LookupEnded: self._lookup_ended,
            facts.OfferEnded: self._offer_ended,
            facts.FlowFailed: self._flow_failed,
            facts.CallEnded: self._call_ended,
            facts.CallQueued: self._call_queued,
            facts.QueueRefused: self._queue_refused,
            facts.QueueLeft: self._queue_left,
            facts.ReservationEnded: self._reservation_ended,
            facts.Connected: self._connected,
            facts.TalkEnded: self._talk_ended,
            facts.TransferEnded: self._transfer_ended,
            facts.WrapUpEnded: self._wrap_up_ended,
            facts.AgentMoved: self._agent_moved,
            facts.CallbackBooked: self._callback_booked,
            facts.CallbackTried: self._callback_tried,
            facts.CallbackEnded: self._callback_ended,
            facts.EventIgnored: self._event_ignored,
            facts.LimitReached: self._limit_reached,
            facts.PlanChanged: self._plan_changed,
        }

    def _call_started(self, fact: facts.CallStarted) -> None:
        self._count.starts[fact.direction,][0] += 1
        if fact.direction == "in":
            self._started[fact.call] = fact

    def _call_refused(self, fact: facts.CallRefused) -> None:
        self._count.refused[fact.why,][0] += 1

    def _flow_over(self, call: int, at: Instant) -> None:
        """The call's time in the flow, before its first queue or talk, is over."""
        started = self._started.pop(call, None)
        if started is not None:
            self._count.flow_time[started.flow,].add(at - started.at)

    def _call_ended(self, fact: facts.CallEnded) -> None:
        self._count.ends[fact.reason,][0] += 1
        self._flow_over(fact.call, fact.at)

    def _state_entered(self, fact: facts.StateEntered) -> None:
        self._count.states[fact.flow, fact.state][0] += 1

    def _step_ended(self, fact: facts.StepEnded) -> None:
        result = fact.result
        if "." in result:
            result = result.partition(".")[0]
        self._count.steps[fact.flow, fact.verb, result][0] += 1

    def _prompt_heard(self, fact: facts.PromptHeard) -> None:
        self._count.prompts[fact.ended,][0] += 1

    def _key_heard(self, fact: facts.KeyHeard) -> None:
        self._count.keys[fact.use,][0] += 1

    def _input_missed(self, fact: facts.InputMissed) -> None:
        self._count.misses[fact.kind,][0] += 1

    def _lookup_ended(self, fact: facts.LookupEnded) -> None:
        self._count.lookups[fact.name, fact.outcome.partition(".")[0]][0] += 1
        self._count.lookup_time[fact.name,].add(fact.took_ms)

    def _offer_ended(self, fact: facts.OfferEnded) -> None:
        self._count.offers[fact.offer, fact.answer][0] += 1

    def _flow_failed(self, fact: facts.FlowFailed) -> None:
        self._count.failures[fact.flow, fact.kind.partition(".")[0]][0] += 1

    def _call_queued(self, fact: facts.CallQueued) -> None:
        self._count.offered[fact.queue,][0] += 1
        if fact.call in self._started:
            self._flow_over(fact.call, fact.at)
        if fact.estimate_ms is not None:
            self._estimates[fact.call] = fact.estimate_ms

    def _queue_refused(self, fact: facts.QueueRefused) -> None:
        self._count.blocked[fact.queue, fact.outcome][0] += 1

    def _queue_left(self, fact: facts.QueueLeft) -> None:
        count = self._count
        queue, outcome, waited_ms = fact.queue, fact.outcome, fact.waited_ms
        count.finished[queue, outcome][0] += 1
        count.waits[queue, outcome].add(waited_ms)
        estimate_ms = self._estimates.pop(fact.call, None)
        if outcome == "answered":
            if waited_ms <= self._limits[queue][0]:
                count.answered_within[queue,][0] += 1
            if estimate_ms is not None:
                error_ms = estimate_ms - waited_ms
                side = "too_long" if error_ms >= 0 else "too_short"
                count.errors[queue, side].add(abs(error_ms))
        elif outcome in ("abandoned", "short_abandoned"):
            within_ms, _ = self._limits[queue]
            if waited_ms <= within_ms:
                count.abandoned_within[queue,][0] += 1
            if outcome == "short_abandoned":
                count.short[queue,][0] += 1

    def _reservation_ended(self, fact: facts.ReservationEnded) -> None:
        queue = fact.queue or NONE
        self._count.reservations[queue, fact.result][0] += 1
        if fact.result == "accepted":
            self._count.rings[queue,].add(fact.rang_ms)

    def _connected(self, fact: facts.Connected) -> None:
        if fact.call in self._started:
            self._flow_over(fact.call, fact.at)

    def _talk_ended(self, fact: facts.TalkEnded) -> None:
        queue = fact.queue or NONE
        self._count.talks[queue,].add(fact.talk_ms)
        if fact.hold_ms:
            self._count.holds[queue,].add(fact.hold_ms)
        if fact.party in self._staff:
            self._worked[fact.party] = (queue, fact.talk_ms + fact.hold_ms)

    def _wrap_up_ended(self, fact: facts.WrapUpEnded) -> None:
        self._count.wrap_ups[fact.queue or NONE,].add(fact.wrap_up_ms)
        self._handled(fact.agent, fact.wrap_up_ms)

    def _handled(self, agent: str, wrap_up_ms: Ms) -> None:
        """An agent is done with a call."""
        queue, ms = self._worked.pop(agent, ("", 0))
        if queue:
            self._count.handles[queue,].add(ms + wrap_up_ms)

    def _agent_moved(self, fact: facts.AgentMoved) -> None:
        time = self._staff.get(fact.agent)
        if time is None:
            return
        time.spent[fact.left] = time.spent.get(fact.left, 0) + fact.at - fact.since
        time.state = fact.state
        time.since = fact.at
        if fact.left in _IN_TALK and fact.state != "wrap_up" and fact.state not in _IN_TALK:
            self._handled(fact.agent, 0)

    def _transfer_ended(self, fact: facts.TransferEnded) -> None:
        self._count.transfers[fact.mode, fact.result][0] += 1

    def _callback_booked(self, fact: facts.CallbackBooked) -> None:
        self._count.booked[fact.queue,][0] += 1

    def _callback_tried(self, _: facts.CallbackTried) -> None:
        self._count.attempts[()][0] += 1

    def _callback_ended(self, fact: facts.CallbackEnded) -> None:
        self._count.callbacks[fact.queue, fact.result][0] += 1

    def _event_ignored(self, fact: facts.EventIgnored) -> None:
        self._count.ignored[fact.event,][0] += 1

    def _limit_reached(self, fact: facts.LimitReached) -> None:
        self._count.bounds[fact.limit,][0] += 1

    def _plan_changed(self, _: facts.PlanChanged) -> None:
        self._count.plans[()][0] += 1


class _AgentTime:
    """An agent's time in states, and the state they are in."""

    __slots__ = ("since", "spent", "state")

    def __init__(self) -> None:
        self.spent: dict[str, Ms] = {}
        self.state = "signed_out"
        self.since: Instant = 0
