"""The families of metrics, their labels and their buckets: what a reader of the page may rely on.

Names begin with `ivr_`, times are seconds, labels come from the center's files only (never a caller,
an agent or a call). A visit is counted under the queue it was in, so for every queue and instant

    ivr_calls_offered_total = sum of ivr_calls_finished_total + ivr_queue_calls_waiting
"""

from collections.abc import Iterable
from typing import Final, get_args

from ivr.core.events import AnyEvent
from ivr.core.flow.steps.send import CHANNELS
from ivr.core.plan import Plan
from ivr.core.time import Ms
from ivr.observe.tally import Counters, Histograms, Values

NONE: Final = "none"
"""The label of a talk or reservation that belongs to no queue (a transfer to a person)."""

OUTCOMES: Final = (
    "answered",
    "abandoned",
    "short_abandoned",
    "timeout",
    "exit_key",
    "callback",
    "overflowed",
    "left_empty",
    "withdrawn",
    "system_error",
)
"""How a queue visit ends."""

WORK_RESULTS: Final = (*("done", "late", "no_show", "never_assigned", "rescheduled", "cancelled", "dropped"),)
CONSULTED: Final = (
    *("completed", "taken_back", "left", "hung_up", "no_answer", "busy", "rejected", "failed"),
)
"""How a consultation ends."""

BLOCKED: Final = ("blocked_full", "blocked_empty", "blocked_closed")
REASONS: Final = (
    "caller_hung_up",
    "line_lost",
    "line_too_slow",
    "flow_hung_up",
    "flow_ended",
    "transferred",
    "not_reached",
    "shutdown",
    "system_error",
)
VERBS: Final = (
    *("ask", "call", "callback", "chance", "goto", "hangup", "hold", "hours", "if", "log", "lookup"),
    *("appointment", "consent", "dial", "identify", "send", "work"),
    *("menu", "offer", "play", "queue", "record", "return", "run", "say", "set", "survey", "switch"),
    *("transfer", "wait"),
)
RESULTS: Final = (
    *("next", "key", "give_up", "hung_up", "connected", "transferred", "ok", "not_found", "declined"),
    *("failed", "timeout", "full", "empty", "closed", "callback", "booked", "accepted", "exhausted"),
    *("no_answer", "busy", "rejected", "open", "holiday", "then", "else", "case", "way", "skipped"),
    *("entered", "recorded", "barged_in", "silence", "invalid"),
    *(
        "answered",
        "delivered",
        "replied",
        "no_reply",
        "ordered",
        "confirmed",
        "moved",
        "cancelled",
        "none_free",
        *("known", "asked", "agreed", "refused", "announced"),
    ),
)
"""First parts of the results of steps; names an author invents are counted as `other`."""

WAIT_BOUNDS_S: Final = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 1800)
TALK_BOUNDS_S: Final = (5, 10, 20, 30, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1800, 3600)
RING_BOUNDS_S: Final = (1, 2, 3, 5, 8, 10, 15, 20, 30, 45, 60)
FLOW_BOUNDS_S: Final = (1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600)
LOOKUP_BOUNDS_MS: Final = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)


def _s(bounds: tuple[int, ...]) -> list[Ms]:
    return [bound * 1000 for bound in bounds]


class Families:
    """Every family of counters and histograms, empty, for the labels of a plan."""

    def __init__(self, plan: Plan) -> None:
        self._all: list[Counters | Histograms] = []
        self._calls()
        self._queues(plan)
        self._talks(plan)
        self._flows(plan)
        self._inputs(plan)
        self._outbound(plan)
        self._center()

    def adopt(self, plan: Plan) -> None:
        """Know the flows and requests of a further plan."""
        for table in (self.states, self.steps, self.flow_time, self.failures):
            table.allow("flow", plan.flows)
        self.states.allow("state", [state for flow in plan.flows.values() for state in flow.states])
        self._know_states(plan)
        for requests in (self.lookups, self.lookup_time):
            requests.allow("name", plan.requests)

    def all(self) -> list[Counters | Histograms]:
        """Every family, in the order of the page."""
        return self._all

    def _counters(self, name: str, text: str, labels: dict[str, Values], *, lazy: bool = False) -> Counters:
        family = Counters(name, text, labels, lazy=lazy)
        self._all.append(family)
        return family

    def _histograms(
        self, name: str, text: str, labels: dict[str, Values], bounds: Iterable[Ms]
    ) -> Histograms:
        family = Histograms(name, text, labels, bounds)
        self._all.append(family)
        return family

    def _know_states(self, plan: Plan) -> None:
        for flow in plan.flows.values():
            for state in flow.states:
                self.states.setdefault((flow.name, state), [0])

    def _calls(self) -> None:
        self.starts = self._counters(
            "ivr_calls_started_total", "Calls begun", {"direction": ("in", "out", "flow")}
        )
        self.ends = self._counters("ivr_calls_ended_total", "Calls ended", {"reason": REASONS})
        self.refused = self._counters(
            "ivr_calls_refused_total",
            "Calls not taken",
            {"why": ("unknown_number", "busy", "line_in_use")},
        )
        self.transfers = self._counters(
            "ivr_transfers_total",
            "Transfers ended",
            {
                "mode": ("blind", "warm"),
                "result": ("connected", "queued", "no_answer", "busy", "rejected", "failed", "hung_up"),
            },
        )

    def _queues(self, plan: Plan) -> None:
        queue: dict[str, Values] = {"queue": list(plan.queues)}
        waits = _s(WAIT_BOUNDS_S)
        for settings in plan.queues.values():
            waits += [settings.service_level.within_ms, settings.short_abandon_ms]
        self.offered = self._counters("ivr_calls_offered_total", "Calls that joined a queue", queue)
        self.finished = self._counters(
            "ivr_calls_finished_total", "Queue visits that ended", {**queue, "outcome": OUTCOMES}
        )
        self.blocked = self._counters(
            "ivr_calls_blocked_total", "Calls a queue did not take", {**queue, "outcome": BLOCKED}
        )
        self.answered_within = self._counters(
            "ivr_calls_answered_within_threshold_total", "Calls answered within the service level", queue
        )
        self.abandoned_within = self._counters(
            "ivr_calls_abandoned_within_threshold_total", "Calls abandoned within the service level", queue
        )
        self.short = self._counters(
            "ivr_calls_short_abandoned_total", "Calls abandoned within the short-abandon limit", queue
        )
        self.waits = self._histograms(
            "ivr_queue_wait_seconds", "Time in the queue", {**queue, "outcome": OUTCOMES}, waits
        )
        self.errors = self._histograms(
            "ivr_estimate_error_seconds",
            "How far the wait of answered calls was from the estimate on joining",
            {**queue, "model": None, "estimate": ("too_long", "too_short")},
            _s(WAIT_BOUNDS_S),
        )
        for settings in plan.queues.values():
            for model in (settings.ewt, *settings.compare_ewt):
                for side in ("too_long", "too_short"):
                    self.errors[settings.name, model, side].add([])

    def _talks(self, plan: Plan) -> None:
        queue: dict[str, Values] = {"queue": list(plan.queues)}
        some_queue: dict[str, Values] = {"queue": [*plan.queues, NONE]}
        self.reservations = self._counters(
            "ivr_reservations_total",
            "Agents asked to take a call, by how it ended",
            {**some_queue, "result": ("accepted", "rejected", "lapsed", "rescinded")},
        )
        self.rings = self._histograms(
            "ivr_ring_seconds", "Time until an agent accepted", some_queue, _s(RING_BOUNDS_S)
        )
        self.talks = self._histograms("ivr_talk_seconds", "Talk without hold", some_queue, _s(TALK_BOUNDS_S))
        self.holds = self._histograms(
            "ivr_hold_seconds", "Hold during talk, of talks with any", some_queue, _s(TALK_BOUNDS_S)
        )
        self.wrap_ups = self._histograms(
            "ivr_wrap_up_seconds", "Work after a talk", some_queue, _s(TALK_BOUNDS_S)
        )
        self.handles = self._histograms(
            "ivr_handle_seconds", "Talk, hold and wrap-up of an agent", some_queue, _s(TALK_BOUNDS_S)
        )
        self.booked = self._counters("ivr_callbacks_booked_total", "Callbacks booked", queue)
        self.attempts = self._counters("ivr_callback_attempts_total", "Customers dialled for a callback", {})
        self.callbacks = self._counters(
            "ivr_callbacks_total", "Callbacks ended", {**queue, "result": ("reached", "failed", "dropped")}
        )

    def _flows(self, plan: Plan) -> None:
        flows = [*plan.flows, "callback"]
        self.flow_time = self._histograms(
            "ivr_flow_seconds",
            "Time in the flow before the first queue or talk",
            {"flow": flows},
            _s(FLOW_BOUNDS_S),
        )
        states = sorted({state for flow in plan.flows.values() for state in flow.states})
        self.states = self._counters(
            "ivr_states_entered_total", "Named states entered", {"flow": flows, "state": states}, lazy=True
        )
        self._know_states(plan)
        self.steps = self._counters(
            "ivr_steps_total", "Steps ended", {"flow": flows, "verb": VERBS, "result": RESULTS}, lazy=True
        )
        self.failures = self._counters(
            "ivr_flow_failures_total", "Errors of flows", {"flow": flows, "kind": None}
        )

    def _inputs(self, plan: Plan) -> None:
        self.misses = self._counters(
            "ivr_inputs_missed_total", "Silence and invalid input", {"kind": ("silence", "invalid")}
        )
        self.keys = self._counters(
            "ivr_keys_total", "Keys pressed", {"use": ("taken", "kept", "invalid", "ignored")}
        )
        self.prompts = self._counters(
            "ivr_prompts_total", "Prompts heard", {"ended": ("finished", "barged_in", "cut", "hung_up")}
        )
        self.lookups = self._counters(
            "ivr_lookups_total",
            "Lookups and runs, by the first part of their outcome",
            {"name": plan.requests, "outcome": ("ok", "not_found", "declined", "failed", "timeout")},
        )
        self.lookup_time = self._histograms(
            "ivr_lookup_seconds",
            "Time until a lookup or run answered",
            {"name": plan.requests},
            LOOKUP_BOUNDS_MS,
        )
        self.surveys = self._counters(
            "ivr_survey_answers_total",
            "Scores that callers gave",
            {"survey": None, "score": [str(score) for score in range(10)]},
        )
        self.offers = self._counters("ivr_offers_total", "Offers answered", {"offer": None, "answer": None})

    def _outbound(self, plan: Plan) -> None:
        queue: dict[str, Values] = {"queue": list(plan.queues)}
        self.dials = self._counters(
            "ivr_dials_total",
            "Numbers that flows without a caller dialled, by how it went",
            {"result": ("answered", "machine", "busy", "no_answer", "rejected", "failed", "given_up")},
        )
        self.answers = self._counters(
            "ivr_outbound_answers_total",
            "People who picked up, by when an agent was there",
            {"trigger": None, "agent": ("in_2s", "later", "never")},
        )
        self.messages = self._counters(
            "ivr_messages_total",
            "Messages, by what became of them",
            {"channel": CHANNELS, "result": ("delivered", "failed", "replied", "no_reply", "received")},
        )
        self.appointments = self._counters(
            "ivr_appointments_total",
            "Changes of appointments",
            {"appointment": None, "change": ("booked", "confirmed", "moved", "cancelled")},
        )
        self.orders = self._counters(
            "ivr_work_orders_total", "Work orders ended", {**queue, "result": WORK_RESULTS}
        )
        self.order_waits = self._histograms(
            "ivr_work_order_wait_seconds",
            "From the opening of its window until a work order was assigned or ended",
            queue,
            _s((60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400)),
        )
        self.consents = self._counters(
            "ivr_consents_total",
            "Answers to a consent",
            {"what": None, "answer": ("agreed", "refused", "announced")},
        )
        self.consults = self._counters(
            "ivr_consultations_total", "Consultations of agents, by how they ended", {"result": CONSULTED}
        )

    def _center(self) -> None:
        tags = [str(event.__struct_config__.tag) for event in get_args(AnyEvent)]
        self.ignored = self._counters(
            "ivr_events_ignored_total", "Events that were late, double or mad", {"event": tags}, lazy=True
        )
        self.bounds = self._counters(
            "ivr_limits_reached_total", "Bounds that stopped something", {"limit": None}
        )
        self.plans = self._counters("ivr_plan_changes_total", "Plans taken over while running", {})
