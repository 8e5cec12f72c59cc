"""What a simulated center did, by queue and interval: a fold over facts that can be added to others of its kind.

A visit is counted in the interval in which it joined the queue, also how it ended later; handling in the interval in
which it began; an agent's time in the intervals in which it was spent. So an interval has the load that came in it.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ivr.core import facts
from ivr.core.plan import Plan
from ivr.core.time import Instant, Ms
from ivr.observe.fan import Handlers
from ivr.people.persons import comes_again

_BUSY: Final = frozenset(("talking", "holding", "consulting", "wrap_up", "working"))
_THERE: Final = frozenset((*_BUSY, "ready", "reserved"))
_ABANDONED: Final = ("abandoned", "short_abandoned")

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
)
"""What a row has: visits by how they ended, sums of milliseconds."""


class Row:
    """A queue in an interval; see `COUNTS`. `waited_ms` is of all visits that are over."""

    __slots__ = COUNTS

    def __init__(self) -> None:
        for name in COUNTS:
            setattr(self, name, 0)

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

    def add(self, other: "Row") -> None:
        """Add another row to this one."""
        for name in COUNTS:
            if name != "longest_ms":
                setattr(self, name, getattr(self, name) + getattr(other, name))
        self.longest_ms = max(self.longest_ms, other.longest_ms)


@dataclass
class Sheet:
    """What a run did after its warm-up: plain values, the same in every process.

    `rows` are by queue and interval (numbered from instant 0), `waits` the answered calls by seconds waited and
    queue, `busy` and `there` agent milliseconds by interval and by agent, `outcomes` visits by queue and outcome. Of
    the `calls`, `again` counts redials and complaints.
    """

    rows: dict[tuple[str, int], Row] = field(default_factory=dict)
    waits: dict[str, Counter[int]] = field(default_factory=dict)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    busy: Counter[int] = field(default_factory=Counter)
    there: Counter[int] = field(default_factory=Counter)
    agents_busy: Counter[str] = field(default_factory=Counter)
    agents_there: Counter[str] = field(default_factory=Counter)
    estimates: dict[str, list[int]] = field(
        default_factory=dict
    )  # by queue: how many, sum of errors and of their sizes
    callbacks: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    contained: int = 0
    again: Counter[str] = field(default_factory=Counter)
    waiting: int = 0

    def total(self, queue: str) -> Row:
        """All intervals of a queue."""
        found = Row()
        for (name, _), row in self.rows.items():
            if name == queue:
                found.add(row)
        return found


class Ledger:
    """The fold; `close` ends the agents' time and gives the sheet."""

    def __init__(self, plan: Plan, interval_ms: Ms, warm_up_ms: Ms = 0) -> None:
        """What begins before `warm_up_ms` is not counted."""
        self.sheet = Sheet(waits={name: Counter() for name in plan.queues})
        self._interval_ms = interval_ms
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
        self.sheet.waiting = sum(row is not None for row, _ in self._waiting.values())
        return self.sheet

    # Facts -----------------------------------------------------------------------------------------------------

    def _row(self, queue: str, at: Instant) -> Row | None:
        if at < self._from:
            return None
        key = queue, at // self._interval_ms
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
        if fact.call in self._alone:
            self._alone.discard(fact.call)
            self.sheet.contained += fact.reason == "flow_hung_up"

    def _queued(self, fact: facts.CallQueued) -> None:
        self._alone.discard(fact.call)
        row = self._row(fact.queue, fact.at)
        self._waiting[fact.call] = row, fact.estimate_ms
        if row is not None:
            row.offered += 1

    def _refused(self, fact: facts.QueueRefused) -> None:
        self._alone.discard(fact.call)
        row = self._row(fact.queue, fact.at)
        if row is not None:
            row.blocked += 1
            self.sheet.outcomes[fact.queue, fact.outcome] += 1

    def _left(self, fact: facts.QueueLeft) -> None:
        row, estimate_ms = self._waiting.pop(fact.call, (None, None))
        if row is None:
            return
        queue, outcome, waited_ms = fact.queue, fact.outcome, fact.waited_ms
        self.sheet.outcomes[queue, outcome] += 1
        row.waited_ms += waited_ms
        row.longest_ms = max(row.longest_ms, waited_ms)
        in_t = waited_ms <= self._within[queue]
        if outcome == "answered":
            row.answered += 1
            row.answered_in_t += in_t
            row.answered_wait_ms += waited_ms
            self.sheet.waits[queue][waited_ms // 1_000] += 1
            if estimate_ms is not None:
                self._err(queue, estimate_ms - waited_ms)
        elif outcome in _ABANDONED:
            row.abandoned += 1
            row.abandoned_in_t += in_t
            row.abandoned_short += outcome == "short_abandoned"
        else:
            row.gone_on += 1

    def _err(self, queue: str, error_ms: int) -> None:
        found = self.sheet.estimates.setdefault(queue, [0, 0, 0])
        found[0] += 1
        found[1] += error_ms
        found[2] += abs(error_ms)

    def _connected(self, fact: facts.Connected) -> None:
        self._alone.discard(fact.call)

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
            interval = since // each
            end = min(until, (interval + 1) * each)
            sheet.there[interval] += end - since
            if busy:
                sheet.busy[interval] += end - since
            since = end

    def _called_back(self, fact: facts.CallbackEnded) -> None:
        if fact.at >= self._from:
            self.sheet.callbacks[fact.result] += 1


def percentile(waits: Mapping[int, int], share: float) -> float | None:
    """The wait in seconds that this share of the answered calls did not exceed, to the second; None without any."""
    total = sum(waits.values())
    left = share * total
    for seconds in sorted(waits):
        left -= waits[seconds]
        if left <= 0 and total:
            return float(seconds)
    return None
