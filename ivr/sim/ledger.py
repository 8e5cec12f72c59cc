"""What a simulated center did, by queue and interval: a fold over facts that can be added to others of its kind.

A visit is counted in the interval in which it joined the queue, also how it ended later; handling in the interval in
which it began; an agent's time in the intervals in which it was spent. So an interval has the load that came in it.
"""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Final

from ivr.core import facts
from ivr.core.plan import Plan
from ivr.core.time import Instant, Ms
from ivr.observe.fan import Handlers
from ivr.observe.journey import Totals
from ivr.people.persons import comes_again

_BUSY: Final = frozenset(("talking", "holding", "consulting", "wrap_up", "working"))
_THERE: Final = frozenset((*_BUSY, "ready", "reserved"))
_ABANDONED: Final = ("abandoned", "short_abandoned")
_CALLER_LEFT: Final = ("caller_hung_up", "line_lost", "line_too_slow")

COUNTS: Final = (
    *(
        "offered",
        "answered",
        "answered_in_t",
        "abandoned",
        "abandoned_short",
        "abandoned_in_t",
        "gone_on",
        "blocked",
    ),
    *("waited_ms", "answered_wait_ms", "longest_ms", "handled", "handle_ms"),
    *("estimated", "estimate_error_ms", "estimate_off_ms"),
)
"""What a row has: visits by how they ended, sums of milliseconds."""


class Row:
    """A queue in an interval; see `COUNTS`. `waited_ms` is of all visits that are over.

    `outcomes` are all visits by how they ended, refused ones too; `waits` those of the answered calls, in whole seconds.
    Of the answered calls that were told a wait, `estimate_error_ms` is the sum of errors and `estimate_off_ms` of their sizes.
    """

    __slots__ = (*COUNTS, "outcomes", "waits")

    def __init__(self) -> None:
        for name in COUNTS:
            setattr(self, name, 0)
        self.outcomes: Counter[str] = Counter()
        self.waits = array("I")

    offered: int
    answered: int
    answered_in_t: int
    abandoned: int
    abandoned_short: int
    abandoned_in_t: int
    gone_on: int
    blocked: int
    waited_ms: Ms
    answered_wait_ms: Ms
    longest_ms: Ms
    handled: int
    handle_ms: Ms
    estimated: int
    estimate_error_ms: Ms
    estimate_off_ms: Ms

    def add(self, other: "Row") -> None:
        """Add another row to this one."""
        for name in COUNTS:
            if name != "longest_ms":
                setattr(self, name, getattr(self, name) + getattr(other, name))
        self.longest_ms = max(self.longest_ms, other.longest_ms)
        self.outcomes.update(other.outcomes)
        self.waits.extend(other.waits)


@dataclass
class Sheet:
    """What a run did after its warm-up: plain values, the same in every process.

    `rows` are by queue and interval (see `Intervals`), `busy` and `there` agent milliseconds by interval and by agent,
    `callbacks` by queue and result. Of the `calls` that came in `again` counts redials and complaints, and `flow` says what
    became of them there: `queued` (also when the queue refused), `connected` (to a person, without a queue), `contained` (the
    flow hung up before either), `abandoned` (the caller did), `transferred`, `failed`, or `open` at the end. `treated` are the
    customers' journeys, where they were asked for, `company` the figures of its world at the end.
    """

    rows: dict[tuple[str, int], Row] = field(default_factory=dict)
    busy: Counter[int] = field(default_factory=Counter)
    there: Counter[int] = field(default_factory=Counter)
    agents_busy: Counter[str] = field(default_factory=Counter)
    agents_there: Counter[str] = field(default_factory=Counter)
    callbacks: Counter[tuple[str, str]] = field(default_factory=Counter)
    flow: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    again: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    treated: Totals | None = None
    company: dict[str, float] = field(default_factory=dict)

    def total(self, queue: str | None = None) -> Row:
        """All intervals of a queue, or of all queues."""
        found = Row()
        for (name, _), row in self.rows.items():
            if queue in (None, name):
                found.add(row)
        return found


class Ledger:
    """The fold; `close` ends the agents' time and gives the sheet."""

    def __init__(self, plan: Plan, interval_ms: Ms, warm_up_ms: Ms = 0, before_ms: Ms = 0) -> None:
        """What begins before `warm_up_ms` is not counted; interval 0 began `before_ms` before the run."""
        self.sheet = Sheet()
        self._interval_ms = interval_ms
        self._before = before_ms
        self._from = warm_up_ms
        self._within = {queue.name: queue.service_level.within_ms for queue in plan.queues.values()}
        self._agents = dict.fromkeys(plan.agents, ("signed_out", 0))
        self._waiting: dict[
            int, tuple[Row | None, int | None]
        ] = {}  # by call: its row, and what it was told to expect
        self._alone: set[int] = set()  # calls that came in and have met nobody yet

    def handlers(self) -> Handlers:
        """See `ivr.observe.fan`."""
        return {
            facts.CallStarted: self._started,
            facts.CallEnded: self._ended,
            facts.CallQueued: self._queued,
            facts.QueueRefused: self._refused,
            facts.QueueLeft: self._left,
            facts.Connected: self._connected,
            facts.TalkEnded: self._talked,
            facts.WrapUpEnded: self._wrapped_up,
            facts.AgentMoved: self._moved,
            facts.CallbackEnded: self._called_back,
        }

    def close(self, at: Instant) -> Sheet:
        """The run is over."""
        for name, (state, since) in self._agents.items():
            self._spend(name, state, since, at)
        self.sheet.flow["open"] = len(self._alone)
        self.sheet.waiting = sum(row is not None for row, _ in self._waiting.values())
        return self.sheet

    # Facts -----------------------------------------------------------------------------------------------------

    def _row(self, queue: str, at: Instant) -> Row | None:
        if at < self._from:
            return None
        key = queue, (at + self._before) // self._interval_ms
        row = self.sheet.rows.get(key)
        if row is None:
            row = self.sheet.rows[key] = Row()
        return row

    def _started(self, fact: facts.CallStarted) -> None:
        if fact.direction == "in" and fact.at >= self._from:
            self.sheet.calls += 1
            self._alone.add(fact.call)
            if why := comes_again(fact.line):
                self.sheet.again[why] += 1

    def _ended(self, fact: facts.CallEnded) -> None:
        self._out_of_flow(fact.call, _ended_as(fact.reason))

    def _queued(self, fact: facts.CallQueued) -> None:
        self._out_of_flow(fact.call, "queued")
        row = self._row(fact.queue, fact.at)
        self._waiting[fact.call] = row, fact.estimate_ms
        if row is not None:
            row.offered += 1

    def _refused(self, fact: facts.QueueRefused) -> None:
        self._out_of_flow(fact.call, "queued")
        row = self._row(fact.queue, fact.at)
        if row is not None:
            row.blocked += 1
            row.outcomes[fact.outcome] += 1

    def _left(self, fact: facts.QueueLeft) -> None:
        row, estimate_ms = self._waiting.pop(fact.call, (None, None))
        if row is None:
            return
        queue, outcome, waited_ms = fact.queue, fact.outcome, fact.waited_ms
        row.outcomes[outcome] += 1
        row.waited_ms += waited_ms
        row.longest_ms = max(row.longest_ms, waited_ms)
        in_t = waited_ms <= self._within[queue]
        if outcome == "answered":
            row.answered += 1
            row.answered_in_t += in_t
            row.answered_wait_ms += waited_ms
            row.waits.append(waited_ms // 1_000)
            if estimate_ms is not None:
                row.estimated += 1
                row.estimate_error_ms += estimate_ms - waited_ms
                row.estimate_off_ms += abs(estimate_ms - waited_ms)
        elif outcome in _ABANDONED:
            row.abandoned += 1
            row.abandoned_in_t += in_t
            row.abandoned_short += outcome == "short_abandoned"
        else:
            row.gone_on += 1

    def _connected(self, fact: facts.Connected) -> None:
        self._out_of_flow(fact.call, "connected")

    def _out_of_flow(self, call: int, how: str) -> None:
        if call in self._alone:
            self._alone.discard(call)
            self.sheet.flow[how] += 1

    def _talked(self, fact: facts.TalkEnded) -> None:
        if fact.queue and fact.party in self._agents:
            took_ms = fact.talk_ms + fact.hold_ms
            row = self._row(fact.queue, fact.at - took_ms)
            if row is not None:
                row.handled += 1
                row.handle_ms += took_ms

    def _wrapped_up(self, fact: facts.WrapUpEnded) -> None:
        if fact.queue:
            row = self._row(fact.queue, fact.at - fact.wrap_up_ms)
            if row is not None:
                row.handle_ms += fact.wrap_up_ms

    def _moved(self, fact: facts.AgentMoved) -> None:
        self._spend(fact.agent, fact.left, fact.since, fact.at)
        self._agents[fact.agent] = fact.state, fact.at

    def _spend(self, agent: str, state: str, since: Instant, until: Instant) -> None:
        """Put an agent's time into the intervals it was spent in."""
        since = max(since, self._from)
        if state not in _THERE or until <= since:
            return
        sheet, each, busy = self.sheet, self._interval_ms, state in _BUSY
        sheet.agents_there[agent] += until - since
        if busy:
            sheet.agents_busy[agent] += until - since
        while since < until:
            interval = (since + self._before) // each
            end = min(until, (interval + 1) * each - self._before)
            sheet.there[interval] += end - since
            if busy:
                sheet.busy[interval] += end - since
            since = end

    def _called_back(self, fact: facts.CallbackEnded) -> None:
        if fact.at >= self._from:
            self.sheet.callbacks[fact.queue, fact.result] += 1


def _ended_as(reason: str) -> str:
    """How a call ended that met nobody."""
    if reason == "flow_hung_up":
        return "contained"
    if reason in _CALLER_LEFT:
        return "abandoned"
    return "transferred" if reason == "transferred" else "failed"


def percentile(waits: Sequence[int], share: float) -> float | None:
    """The wait in seconds that this share of the answered calls did not exceed, to the second; None without any."""
    if not waits:
        return None
    return float(sorted(waits)[max(0, ceil(round(share * len(waits), 9)) - 1)])
