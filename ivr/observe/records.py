"""Call records: one `CallRecord` for each call, folded from facts and handed over when the call has ended.

The record itself is the accumulator: it is made at `CallStarted`, filled while the call lasts, and
nothing is formatted before it is written out, so a simulated month costs little.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeAlias

import msgspec

from ivr.core import facts
from ivr.core.facts import CallQueued, Connected, Fact, QueueLeft, QueueRefused, TalkEnded, call_name
from ivr.core.time import Instant
from ivr.observe.batch import Batch, Visited
from ivr.observe.call_record import CallRecord, OfferRecord, QueueVisit, SurveyRecord
from ivr.observe.fan import Fan, Handler, Handlers

__all__ = ["CallRecord", "OfferRecord", "QueueVisit", "Records", "Sink", "SurveyRecord", "fold", "written"]

Sink: TypeAlias = Callable[[CallRecord], object]


class Records:
    """The fold; `sink` gets each record once, at the call's end.

    Facts of a call whose `CallStarted` was not seen are passed over (a journal may begin mid-way).
    """

    def __init__(self, sink: Sink, batch: Batch | None = None) -> None:
        """Records come as soon as their calls have ended; with a `batch` of others, whenever it is settled."""
        self._sink = sink
        self._open: dict[int, CallRecord] = {}
        self._batch = batch if batch is not None else Batch(every=1)
        self._batch.add(self)
        self._rest: dict[type[Fact], Handler] = {
            facts.InputMissed: self._missed,
            facts.TransferEnded: self._transferred,
            facts.OfferMade: self._offer_made,
            facts.OfferEnded: self._offer_ended,
            facts.RecordingStarted: self._recording,
            facts.SurveyAnswered: self._survey,
            facts.CallbackBooked: self._callback,
            facts.CallbackTried: self._callback,
        }

    def handlers(self) -> Handlers:
        """See `ivr.observe.fan`; those of the batch, so not to be added twice."""
        return self._batch.handlers()

    def open(self) -> int:
        """How many calls are in progress."""
        self._batch.settle()
        return len(self._open)

    def close_open(self, at: Instant, reason: str = "system_error") -> int:
        """End every open call at `at` as if the center had been lost; how many there were."""
        self._batch.settle()
        count = len(self._open)
        for record in list(self._open.values()):
            if record.visits and not record.visits[-1].outcome:
                _leave(record, facts.QueueLeft(at, record.call, "", 0, "system_error", 0))
            self._end(facts.CallEnded(at, record.call, reason, "", "", ""))
        return count

    def take(self, batch: Batch) -> None:
        """See `Fold`."""
        begun = self._open
        for start in batch.starts:
            begun[start.call] = CallRecord(
                start.call,
                start.at,
                start.number,
                start.caller,
                start.name,
                start.direction,
                start.flow,
                start.revision,
                start.language,
            )
        for visit in batch.visits:
            if (record := begun.get(visit.call)) is not None:
                _visit(record, visit)
        for prompt in batch.prompts:
            if (record := begun.get(prompt.call)) is not None:
                record.prompts_ms += prompt.at - prompt.since
        for key in batch.keys:
            if (record := begun.get(key.call)) is not None:
                record.keys += 1
        for fact in batch.rest:
            if (handler := self._rest.get(type(fact))) is not None:
                handler(fact)
        for end in batch.ends:
            if end.call in begun:
                self._end(end)

    def _end(self, fact: facts.CallEnded) -> None:
        record = self._open.pop(fact.call)
        record.ended = fact.at
        record.reason = fact.reason
        record.outcome = fact.outcome
        record.last_flow = fact.flow
        record.last_state = fact.state
        if record.ivr_ms < 0:
            record.ivr_ms = 0 if record.direction == "out" else fact.at - record.started
        self._sink(record)

    # The rest: too seldom to have a list of their own ----------------------------------------------------

    def _missed(self, fact: facts.InputMissed) -> None:
        if (record := self._open.get(fact.call)) is not None:
            record.misses += 1

    def _transferred(self, fact: facts.TransferEnded) -> None:
        record = self._open.get(fact.call)
        if record is not None and fact.result in ("connected", "queued"):
            record.transfers += 1

    def _offer_made(self, fact: facts.OfferMade) -> None:
        if (record := self._open.get(fact.call)) is not None:
            record.offers += (OfferRecord(fact.offer, fact.rung, fact.percent, fact.months, fact.price),)

    def _offer_ended(self, fact: facts.OfferEnded) -> None:
        record = self._open.get(fact.call)
        if record is not None and record.offers:
            record.offers[-1].answer = fact.answer

    def _recording(self, fact: facts.RecordingStarted) -> None:
        if (record := self._open.get(fact.call)) is not None:
            record.recordings += (fact.recording,)

    def _survey(self, fact: facts.SurveyAnswered) -> None:
        if (record := self._open.get(fact.call)) is not None:
            record.surveys += (SurveyRecord(fact.survey, fact.score, fact.agent),)

    def _callback(self, fact: facts.CallbackBooked | facts.CallbackTried) -> None:
        if (record := self._open.get(fact.call)) is not None:
            record.callback = fact.callback


def _visit(record: CallRecord, fact: Visited) -> None:
    """What happened to a call in a queue or a talk."""
    if type(fact) is QueueLeft:
        _leave(record, fact)
    elif type(fact) is TalkEnded:
        record.talk_ms += fact.talk_ms
        record.hold_ms += fact.hold_ms
    elif type(fact) is CallQueued:
        if record.ivr_ms < 0:
            record.ivr_ms = fact.at - record.started
        # waited_ms holds the enqueue instant until the visit is over
        record.visits += (
            QueueVisit(fact.queue, fact.visit, fact.priority, fact.position, fact.estimate_ms, "", fact.at),
        )
    elif type(fact) is Connected:
        if record.answered is None:
            record.answered = fact.at
            if record.ivr_ms < 0:
                record.ivr_ms = 0 if record.direction == "out" else fact.at - record.started
        if fact.line.startswith("a-") and fact.party not in record.agents:
            record.agents += (fact.party,)
    elif type(fact) is QueueRefused:
        record.visits += (QueueVisit(fact.queue, outcome=fact.outcome),)


def _leave(record: CallRecord, fact: facts.QueueLeft) -> None:
    if not record.visits:
        return
    visit = record.visits[-1]
    visit.outcome = fact.outcome
    visit.agent = fact.agent
    visit.waited_ms = waited_ms = fact.at - visit.waited_ms
    record.wait_ms += waited_ms


def fold(history: Iterable[Fact], until: Instant = 0) -> list[CallRecord]:
    """The records of a history that may break off: calls open at its end are closed as `system_error`.

    The end is the last fact, or `until` if the center is known to have lived longer: a talk that was
    going on has lasted until then.
    """
    records: list[CallRecord] = []
    batch = Batch()
    observer, fan = Records(records.append, batch), Fan()
    fan.add(batch.handlers())
    talks: dict[int, Connected] = {}
    at = 0
    for fact in history:
        at = fact.at
        if type(fact) is Connected:
            talks[fact.call] = fact
        elif type(fact) is TalkEnded:
            talks.pop(fact.call, None)
        fan.tell(fact)
    end = max(at, until)
    for talk in talks.values():
        fan.tell(TalkEnded(end, talk.call, talk.party, talk.queue, end - talk.at, 0, "lost"))
    observer.close_open(end)
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
