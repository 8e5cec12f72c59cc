"""The store as the driver sees it: hand over and go on; runs, and recovery after a crash."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, TypeVar

import msgspec

from ivr.core import facts
from ivr.core.events import CallbackRestored, Event
from ivr.core.facts import AnyFact, Fact
from ivr.core.time import Instant, Ms
from ivr.errors import OperatorError
from ivr.limits import STORE_QUEUE_HARD, STORE_QUEUE_MAX, STORE_QUEUE_SPARING
from ivr.store import reading
from ivr.store.database import Lock, open_for_reading, open_for_writing
from ivr.store.reading import Run, Stored, call_facts
from ivr.store.writer import Commit, Input, Item, Recording, RecordLike, Replacement, Writer, insert_records

INFORMS: Final[frozenset[type[Fact]]] = frozenset(
    (
        facts.StateEntered,
        facts.StepEnded,
        facts.PromptHeard,
        facts.KeyHeard,
        facts.SpeechTaken,
        facts.InputMissed,
        facts.ValueSet,
        facts.LogWritten,
        facts.WaitAnnounced,
        facts.EventIgnored,
        facts.LimitReached,
        facts.Said,
        facts.ContactMade,
        facts.WorldChanged,
    )
)
"""Facts that only inform: the first to go when the disk cannot keep up."""

_any_fact: Final = msgspec.json.Decoder(AnyFact)

R = TypeVar("R", bound=RecordLike)


class HeaderLike(Protocol):
    """What the store reads of a journal's header; the whole header must be a msgspec struct."""

    @property
    def epoch_ms(self) -> int:
        """Instant 0 in ms since 1970-01-01 UTC."""

    @property
    def first_call(self) -> int:
        """The first call number of the run."""


class Recovered(NamedTuple):
    """What a start found of runs that had no end."""

    runs: int
    records: int


class Store:
    """One database file; at most one process has it open for writing."""

    def __init__(self, path: Path, lock: Lock | None, writer: Writer | None) -> None:
        """Made by `open`."""
        self.path = path
        self.dropped = 0
        self.lost = 0
        self._lock = lock
        self._writer = writer

    @classmethod
    def open(cls, path: str | Path, *, readonly: bool = False) -> "Store":
        """Open a database, making it (and its folder) if there is none.

        Raises:
            OperatorError: it is in use, not ours, of a newer ivr, or cannot be written.
        """
        path = Path(path)
        if readonly:
            open_for_reading(path).close()
            return cls(path, None, None)
        lock = Lock(path)
        try:
            writer = Writer(open_for_writing(path))
        except OperatorError:
            lock.release()
            raise
        writer.start()
        return cls(path, lock, writer)

    # Handing over ----------------------------------------------------------------------------------------

    def put_input(self, at: Instant, event: Event) -> bool:
        """Keep an input; False when so much waits that no further call should be admitted."""
        return self._put(Input(at, event))

    def put_plan(self, at: Instant, digest: str, sources: Mapping[str, str]) -> bool:
        """Keep the files of a plan that an input is about to name; False as in `put_input`."""
        return self._put(Replacement(at, digest, dict(sources)))

    def put_fact(self, fact: Fact) -> bool:
        """Keep a fact, or drop it (counted) when much waits and it only informs; False as in `put_input`."""
        writer = self._writer
        assert writer is not None, "opened for reading"
        if writer.depth() >= STORE_QUEUE_SPARING and type(fact) in INFORMS:
            self.dropped += 1
            return writer.depth() < STORE_QUEUE_MAX
        return self._put(fact)

    def put_record(self, record: RecordLike) -> bool:
        """Keep a call's record; False as in `put_input`."""
        return self._put(record)

    def put_recording(self, recording: int, call: int, length_ms: Ms, file: str) -> bool:
        """Keep where a recording lies; False as in `put_input`."""
        return self._put(Recording(recording, call, length_ms, file))

    def _put(self, item: Item) -> bool:
        writer = self._writer
        assert writer is not None, "opened for reading"
        depth = writer.depth()
        if depth >= STORE_QUEUE_HARD:
            self.lost += 1
            return False
        writer.put(item)
        return depth < STORE_QUEUE_MAX and not writer.failing

    @property
    def gone(self) -> tuple[int, int]:
        """Entries of this run that were not kept: those that only informed, and those that counted."""
        return self.dropped, self.lost + (self._writer.unwritable if self._writer is not None else 0)

    @property
    def depth(self) -> int:
        """How many entries wait."""
        return self._writer.depth() if self._writer is not None else 0

    @property
    def failing(self) -> str:
        """Why the disk refuses at present, or empty."""
        return self._writer.failing if self._writer is not None else ""

    def on_commit(self, listener: Callable[[Commit], None]) -> None:
        """Tell a listener of each commit, in the writer's thread: it must not block, nor use the store."""
        assert self._writer is not None, "opened for reading"
        self._writer.listeners.append(listener)

    def flush(self) -> None:
        """Wait until all that was put so far is on the disk.

        Raises:
            OperatorError: the disk refuses.
        """
        self._do(lambda _: None)

    def _do(self, do: Callable[[sqlite3.Connection], Any]) -> Any:
        assert self._writer is not None, "opened for reading"
        return self._writer.do(do)

    # Runs ------------------------------------------------------------------------------------------------

    def next_call(self) -> int:
        """The first call number that no run has used."""
        return int(self._do(_next_call))

    def begin_run(self, header: HeaderLike) -> int:
        """Begin a run; all that is put from now on belongs to it. Its number."""
        text = msgspec.json.encode(header).decode()
        writer = self._writer

        def begin(connection: sqlite3.Connection) -> int:
            cursor = connection.execute(
                "INSERT INTO runs (epoch_ms, first_call, header) VALUES (?, ?, ?)",
                (header.epoch_ms, header.first_call, text),
            )
            run = cursor.lastrowid
            assert run is not None
            assert writer is not None
            writer.begin(run, header.epoch_ms)
            return run

        return int(self._do(begin))

    def close(self) -> None:
        """End the run, if one was begun, write all that waits, and let the file go.

        Raises:
            OperatorError: the disk refused; what was not written is lost.
        """
        writer, self._writer = self._writer, None
        if writer is None:
            return
        failing = ""
        try:
            if writer.is_alive() and not writer.failing:
                run, dropped = writer.run_id, self.dropped + self.lost + writer.unwritable
                writer.do(lambda connection: _end_run(connection, run, "stopped", dropped))
        except OperatorError as error:
            failing = str(error)
        finally:
            writer.stop()
            assert self._lock is not None
            self._lock.release()
        if writer.broken is not None:
            raise OperatorError(f"the store could not write: {writer.failing}") from writer.broken
        if failing or writer.failing:
            raise OperatorError(failing or f"the store could not write: {writer.failing}")

    def recover(self, fold: Callable[[Iterable[Fact], Instant], Iterable[R]]) -> Recovered:
        """Settle runs that ended without saying so; call it before `begin_run`.

        `fold` makes records of facts, closing calls that did not end at the instant it is given, the last
        that the run is known to have lived. Doing this twice, or being
        killed while doing it, gives the same records: all is one transaction.
        """
        found: Recovered = self._do(lambda connection: _recover(connection, fold))
        return found

    def pending_callbacks(self) -> list[CallbackRestored]:
        """The callbacks that the last run owed to customers, in their order; call it before `begin_run`."""
        found: list[CallbackRestored] = self._do(_pending_callbacks)
        return found

    # Reading ---------------------------------------------------------------------------------------------

    def records(
        self,
        *,
        limit: int = 100,
        since_ms: int | None = None,
        queue: str | None = None,
        number: str | None = None,
        caller: str | None = None,
        call: int | None = None,
    ) -> Iterator[Stored]:
        """Call records that match all that is given, the newest first; `since_ms` is UTC since 1970."""
        return reading.records(
            self.path, limit=limit, since_ms=since_ms, queue=queue, number=number, caller=caller, call=call
        )

    def runs(self) -> list[Run]:
        """Every run, the oldest first."""
        return reading.runs(self.path)

    def journal(self, run: int) -> Iterator[str]:
        """A run's journal as lines, its header first."""
        return reading.journal(self.path, run)

    def facts_of_call(self, call: int) -> list[Fact]:
        """What is kept of one call's history."""
        return reading.facts_of_call(self.path, call)


def _next_call(connection: sqlite3.Connection) -> int:
    (last,) = connection.execute(
        "SELECT max(coalesce((SELECT max(call) FROM journal WHERE call IS NOT NULL), 0),"
        " coalesce((SELECT max(call) FROM records), 0))"
    ).fetchone()
    return int(last) + 1


def _last_instant(connection: sqlite3.Connection, run: int) -> Instant:
    """The last instant that a run is known to have lived."""
    last = connection.execute(
        "SELECT at FROM journal WHERE run = ? ORDER BY seq DESC LIMIT 1", (run,)
    ).fetchone()
    return int(last[0]) if last is not None else 0


def _end_run(connection: sqlite3.Connection, run: int, how: str, dropped: int | None = None) -> None:
    connection.execute(
        "UPDATE runs SET how = ?, dropped = coalesce(?, dropped), ended = ? WHERE run = ?",
        (how, dropped, _last_instant(connection, run), run),
    )


def _recover(
    connection: sqlite3.Connection, fold: Callable[[Iterable[Fact], Instant], Iterable[R]]
) -> Recovered:
    unended = connection.execute("SELECT run, epoch_ms FROM runs WHERE how IS NULL").fetchall()
    records = 0
    for run, epoch_ms in unended:
        calls = connection.execute(
            "SELECT call FROM journal WHERE run = ? AND kind = 'call_started'"
            " AND call NOT IN (SELECT call FROM records)",
            (run,),
        ).fetchall()
        until = _last_instant(connection, run)
        folded: list[RecordLike] = [
            record for (call,) in calls for record in fold(call_facts(connection, call), until)
        ]
        records += insert_records(connection, run, epoch_ms, folded)
        _end_run(connection, run, "crashed")
    return Recovered(len(unended), records)


def _pending_callbacks(connection: sqlite3.Connection) -> list[CallbackRestored]:
    """Those of the last run, whether it ended in order (and dropped them) or not: it had taken over what was before."""
    booked: dict[int, facts.CallbackBooked] = {}
    attempts: dict[int, int] = {}
    rows = connection.execute(
        "SELECT data FROM journal WHERE run = (SELECT max(run) FROM runs)"
        " AND kind IN ('callback_booked', 'callback_tried', 'callback_ended') ORDER BY seq"
    )
    for (data,) in rows:
        fact = _any_fact.decode(data)
        if isinstance(fact, facts.CallbackBooked):
            booked[fact.callback] = fact
        elif isinstance(fact, facts.CallbackTried):
            attempts[fact.callback] = fact.attempt
        elif isinstance(fact, facts.CallbackEnded) and fact.result != "dropped":
            booked.pop(fact.callback, None)
    in_order = sorted(booked.values(), key=lambda fact: (-fact.priority, fact.ordinal))
    return [
        CallbackRestored(
            *(fact.queue, fact.number, fact.priority, fact.skills, fact.levels),
            *(fact.tries, fact.retry_every_ms, attempts.get(fact.callback, fact.attempts)),
        )
        for fact in in_order
    ]
