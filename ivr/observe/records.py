"""Call records: one `CallRecord` for each call, folded from facts and handed over when the call has ended.

The record itself is the accumulator: it is made at `CallStarted`, filled while the call lasts, and
nothing is formatted before it is written out, so a simulated month costs little.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from ivr.core import facts
from ivr.core.facts import Fact, call_name
from ivr.core.time import Instant
from ivr.observe.call_record import CallRecord, OfferRecord, QueueVisit
from ivr.observe.fan import Handler, Handlers

__all__ = ["CallRecord", "OfferRecord", "QueueVisit", "Records", "Sink", "fold", "written"]

Sink: TypeAlias = Callable[[CallRecord], object]


class Records:
    """The fold; `sink` gets each record once, at the call's end.

    Facts of a call whose `CallStarted` was not seen are passed over (a journal may begin mid-way).
    """

    __slots__ = ("_behind", "_open", "_sink", "_story", "_table")

    def __init__(self, sink: Sink, *, behind: int = 0) -> None:
        """`behind` facts are put aside and folded at once: cheaper, but records come late, and after `settle`."""
        self._sink = sink
        self._behind = behind
        self._open: dict[int, CallRecord] = {}
        self._story: list[Fact] = []
        self._table = self._handlers()

    def handlers(self) -> Handlers:
        """See `ivr.observe.fan`."""
        if self._behind == 0:
            return self._table
        aside: dict[type[Fact], Handler] = dict.fromkeys(self._table, self._story.append)
        aside[facts.CallEnded] = self._put_aside
        return aside

    def _put_aside(self, fact: Fact) -> None:
        self._story.append(fact)
        if len(self._story) >= self._behind:
            self.settle()

    def settle(self) -> None:
        """Fold what was put aside; the sink has the record of every call that has ended."""
        story = self._story[:]
        self._story.clear()
        table = self._table
        for fact in story:
            table[type(fact)](fact)

    def _handlers(self) -> dict[type[Fact], Handler]:
        return {
            facts.CallStarted: self._started,
            facts.CallQueued: self._queued,
            facts.QueueLeft: self._queue_left,
            facts.QueueRefused: self._queue_refused,
            facts.Connected: self._connected,
            facts.TalkEnded: self._talk_ended,
            facts.PromptHeard: self._prompt_heard,
            facts.KeyHeard: self._key_heard,
            facts.InputMissed: self._missed,
            facts.TransferEnded: self._transferred,
            facts.OfferMade: self._offer_made,
            facts.OfferEnded: self._offer_ended,
            facts.RecordingStarted: self._recording,
            facts.CallbackBooked: self._callback,
            facts.CallbackTried: self._callback,
            facts.CallEnded: self._ended,
        }

    def open(self) -> int:
        """How many calls are in progress."""
        self.settle()
        return len(self._open)

    def close_open(self, at: Instant, reason: str = "system_error") -> int:
        """End every open call at `at` as if the center had been lost; how many there were."""
        self.settle()
        count = len(self._open)
        for record in list(self._open.values()):
            if record.visits and not record.visits[-1].outcome:
                self._queue_left(
                    facts.QueueLeft(
                        at, record.call, record.visits[-1].queue, record.visits[-1].visit, "system_error", 0
                    )
                )
            self._ended(facts.CallEnded(at, record.call, reason, "", "", ""))
        return count

    # Facts -----------------------------------------------------------------------------------------------

    def _started(self, fact: facts.CallStarted) -> None:
        self._open[fact.call] = CallRecord(
            fact.call,
            fact.at,
            fact.number,
            fact.caller,
            fact.name,
            fact.direction,
            fact.flow,
            fact.revision,
            fact.language,
        )

    def _queued(self, fact: facts.CallQueued) -> None:
        if fact.call not in self._open:
            return
        record = self._open[fact.call]
        if record.ivr_ms < 0:
            record.ivr_ms = fact.at - record.started
        # waited_ms holds the enqueue instant until the visit is over
        record.visits += (
            QueueVisit(fact.queue, fact.visit, fact.priority, fact.position, fact.estimate_ms, "", fact.at),
        )

    def _queue_left(self, fact: facts.QueueLeft) -> None:
        if fact.call not in self._open:
            return
        record = self._open[fact.call]
        if not record.visits:
            return
        visit = record.visits[-1]
        visit.outcome = fact.outcome
        visit.agent = fact.agent
        visit.waited_ms = waited_ms = fact.at - visit.waited_ms
        record.wait_ms += waited_ms

    def _queue_refused(self, fact: facts.QueueRefused) -> None:
        record = self._open.get(fact.call)
        if record is not None:
            record.visits += (QueueVisit(fact.queue, outcome=fact.outcome),)

    def _connected(self, fact: facts.Connected) -> None:
        if fact.call not in self._open:
            return
        record = self._open[fact.call]
        if record.answered is None:
            record.answered = fact.at
            if record.ivr_ms < 0:
                record.ivr_ms = 0 if record.direction == "out" else fact.at - record.started
        if fact.line.startswith("a-") and fact.party not in record.agents:
            record.agents += (fact.party,)

    def _talk_ended(self, fact: facts.TalkEnded) -> None:
        if fact.call in self._open:
            record = self._open[fact.call]
            record.talk_ms += fact.talk_ms
            record.hold_ms += fact.hold_ms

    def _prompt_heard(self, fact: facts.PromptHeard) -> None:
        if fact.call in self._open:
            self._open[fact.call].prompts_ms += fact.at - fact.since

    def _key_heard(self, fact: facts.KeyHeard) -> None:
        if fact.call in self._open:
            record = self._open[fact.call]
            record.keys += 1

    def _missed(self, fact: facts.InputMissed) -> None:
        record = self._open.get(fact.call)
        if record is not None:
            record.misses += 1

    def _transferred(self, fact: facts.TransferEnded) -> None:
        record = self._open.get(fact.call)
        if record is not None and fact.result in ("connected", "queued"):
            record.transfers += 1

    def _offer_made(self, fact: facts.OfferMade) -> None:
        record = self._open.get(fact.call)
        if record is not None:
            record.offers += (OfferRecord(fact.offer, fact.rung, fact.percent, fact.months, fact.price),)

    def _offer_ended(self, fact: facts.OfferEnded) -> None:
        record = self._open.get(fact.call)
        if record is not None and record.offers:
            record.offers[-1].answer = fact.answer

    def _recording(self, fact: facts.RecordingStarted) -> None:
        record = self._open.get(fact.call)
        if record is not None:
            record.recordings += (fact.recording,)

    def _callback(self, fact: facts.CallbackBooked | facts.CallbackTried) -> None:
        record = self._open.get(fact.call)
        if record is not None:
            record.callback = fact.callback

    def _ended(self, fact: facts.CallEnded) -> None:
        if fact.call not in self._open:
            return
        record = self._open.pop(fact.call)
        record.ended = fact.at
        record.reason = fact.reason
        record.outcome = fact.outcome
        record.last_flow = fact.flow
        record.last_state = fact.state
        if record.ivr_ms < 0:
            record.ivr_ms = 0 if record.direction == "out" else fact.at - record.started
        self._sink(record)


def fold(history: Iterable[Fact]) -> list[CallRecord]:
    """The records of a history that may break off: calls open at its end are closed as `system_error`."""
    records: list[CallRecord] = []
    observer = Records(records.append)
    handlers = observer.handlers()
    at = 0
    for fact in history:
        at = fact.at
        if handler := handlers.get(type(fact)):
            handler(fact)
    observer.close_open(at)
    return records


def written(record: CallRecord, utc: Callable[[Instant], datetime]) -> dict[str, Any]:
    """A record as plain values for people: the call's name, and instants as UTC in ISO 8601.

    `utc` turns an instant of the run into a date (`Calendar.utc`).
    """
    row: dict[str, Any] = msgspec.to_builtins(record)
    row["call"] = call_name(record.call)
    row["started"] = _iso(utc(record.started))
    row["ended"] = _iso(utc(record.ended))
    row["answered"] = _iso(utc(record.answered)) if record.answered is not None else None
    return row


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
