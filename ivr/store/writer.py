"""The thread that alone writes, and the queue in front of it.

Commits are in groups: a commit takes all that has come meanwhile, so the slower the disk, the larger
the groups. When little comes, a commit waits a few milliseconds for company.
"""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

import msgspec

from ivr.core.events import Event
from ivr.core.facts import Fact
from ivr.core.time import Instant, Ms
from ivr.errors import OperatorError
from ivr.limits import STORE_BATCH_MAX, STORE_LINGER_MS, STORE_RETRY_MS


class VisitLike(Protocol):
    """What the store reads of a queue visit in a record."""

    queue: str
    outcome: str
    waited_ms: Ms
    agent: str


class RecordLike(Protocol):
    """What the store reads of a call record; the whole record must be a msgspec struct."""

    call: int
    started: Instant
    ended: Instant
    number: str
    caller: str
    reason: str
    outcome: str

    @property
    def visits(self) -> "tuple[VisitLike, ...]":
        """Its queue visits, in order."""


class Recording(NamedTuple):
    """A recording that is complete."""

    recording: int
    call: int
    length_ms: Ms
    file: str


class Commit(NamedTuple):
    """A commit that is on the disk: how many entries, the calls whose records they hold, its time."""

    entries: int
    records: tuple[int, ...]
    took_s: float


class Input(NamedTuple):
    """A stamped event."""

    at: Instant
    event: Event


class Replacement(NamedTuple):
    """The files of a plan that an input will name by its digest."""

    at: Instant
    digest: str
    sources: dict[str, str]


class Job:
    """Something to be done by the writer between commits; `wait` gives its result."""

    __slots__ = ("_do", "done", "error", "result")

    def __init__(self, do: Callable[[sqlite3.Connection], Any]) -> None:
        self._do = do
        self.done = threading.Event()
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self, connection: sqlite3.Connection) -> None:
        """Do it in a transaction of its own."""
        try:
            with transaction(connection):
                self.result = self._do(connection)
        except sqlite3.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for the result
            self.error = error
        self.done.set()


Item: TypeAlias = Input | Replacement | Fact | RecordLike | Recording | Job

_encode: Final = msgspec.json.Encoder().encode
_JOURNAL: Final = "INSERT INTO journal (run, seq, at, kind, call, data) VALUES (?, ?, ?, ?, ?, ?)"
_RECORD: Final = "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_VISIT: Final = "INSERT INTO visits VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_RECORDING: Final = "INSERT INTO recordings VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"


def _row(item: Fact | Input | Replacement) -> tuple[Instant, str, int | None, str]:
    """What the journal keeps of an entry: when, its kind, its call, and the whole as JSON."""
    if isinstance(item, Input):
        return item.at, "in", None, _encode(item.event).decode()
    if isinstance(item, Replacement):
        return item.at, "plan", None, _encode(item._asdict()).decode()
    return item.at, str(item.__struct_config__.tag), getattr(item, "call", None), _encode(item).decode()


class transaction:  # noqa: N801 - reads as a statement
    """`with transaction(connection):` commits at the end, or rolls back."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._connection.execute("COMMIT")
        elif self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def insert_records(connection: sqlite3.Connection, run: int, epoch_ms: int, records: list[RecordLike]) -> int:
    """Write records and their visits; a call that has one keeps it. How many were new."""
    before = connection.total_changes
    rows = [
        (
            record.call,
            run,
            epoch_ms + record.started,
            epoch_ms + record.ended,
            record.number,
            record.caller,
            record.reason,
            record.outcome,
            _encode(record).decode(),
        )
        for record in records
    ]
    connection.executemany(_RECORD, rows)
    new = connection.total_changes - before
    visits = [
        (record.call, nr, visit.queue, visit.outcome, visit.waited_ms, visit.agent)
        for record in records
        for nr, visit in enumerate(record.visits, 1)
    ]
    if visits:
        connection.executemany(_VISIT, visits)
    return new


class Writer(threading.Thread):
    """Takes entries from any thread and writes them in the order in which they came."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(name="ivr-store", daemon=True)
        self._connection = connection
        self._items: deque[Item] = deque()
        self._wake = threading.Event()
        self._hurry = threading.Event()
        self._stopping = False
        self._seq = 0
        self.run_id = 0
        self.epoch_ms = 0
        self.failing = ""
        self.unwritable = 0
        self.broken: BaseException | None = None
        self.listeners: list[Callable[[Commit], None]] = []
        self.depth = self._items.__len__

    # From any thread -------------------------------------------------------------------------------------

    def put(self, item: Item) -> None:
        """Queue an entry; it is written soon."""
        self._items.append(item)
        if not self._wake.is_set():
            self._wake.set()

    def do(self, do: Callable[[sqlite3.Connection], Any]) -> Any:
        """Have something done after all that was put before, and wait for its result.

        Raises:
            OperatorError: the disk refuses writes at present.
        """
        job = Job(do)
        self._items.append(job)
        self._hurry.set()
        self._wake.set()
        while not job.done.wait(0.05):
            self.check()
            if self.failing:
                raise OperatorError(f"the store cannot write: {self.failing}")
        if job.error is not None:
            raise job.error
        return job.result

    def check(self) -> None:
        """Raise what broke the thread, if anything did: a bug, or a listener's error."""
        if self.broken is not None:
            raise AssertionError("the store's writer broke") from self.broken
        assert self.is_alive(), "the store is closed"

    def stop(self) -> None:
        """Write what is queued, and end; while the disk refuses, one more try is made."""
        self._stopping = True
        self._hurry.set()
        self._wake.set()
        self.join()

    # The thread ------------------------------------------------------------------------------------------

    def run(self) -> None:
        """See `threading.Thread`."""
        try:
            while not (self._stopping and not self._items):
                self._wake.wait()
                self._wake.clear()
                if not self._stopping:
                    self._hurry.wait(STORE_LINGER_MS / 1000)
                self._hurry.clear()
                while self._items:
                    self._write()
        except _GivenUpError:
            pass
        except BaseException as error:  # noqa: BLE001 - told to whoever uses the store next
            self.broken = error
            cure = "the database is damaged or the writer has a bug: restart with another --data"
            self.failing = f"{type(error).__name__}: {error}; {cure}"
        finally:
            self._connection.close()

    def _write(self) -> None:
        batch: list[Item] = []
        job: Job | None = None
        while self._items and len(batch) < STORE_BATCH_MAX:
            item = self._items.popleft()
            if isinstance(item, Job):
                job = item
                break
            batch.append(item)
        if batch:
            self._persist(lambda: self._commit(batch))
        if job is not None:
            self._persist(lambda: job.run(self._connection))

    def _persist(self, write: Callable[[], None]) -> None:
        """Write, again and again while the disk refuses."""
        while True:
            try:
                write()
            except sqlite3.OperationalError as error:
                self.failing = f"{error}; free space on its disk, or restore the right to write there"
                if self._stopping:
                    raise _GivenUpError from None
                self._hurry.wait(STORE_RETRY_MS / 1000)
                self._hurry.clear()
            else:
                self.failing = ""
                return

    def _commit(self, batch: list[Item]) -> None:
        started = time.perf_counter()
        run, seq = self.run_id, self._seq
        journal: list[tuple[Any, ...]] = []
        records: list[RecordLike] = []
        recordings: list[tuple[Any, ...]] = []
        for item in batch:
            if isinstance(item, Recording):
                recordings.append((run, *item))
            elif isinstance(item, Fact | Input | Replacement):
                try:
                    row = _row(item)
                except Exception:  # noqa: BLE001 - one entry that cannot be written must not keep all others from the disk
                    self.unwritable += 1
                    continue
                seq += 1
                journal.append((run, seq, *row))
            else:
                assert not isinstance(item, Job), "a job ends a batch"
                records.append(item)
        with transaction(self._connection):
            self._connection.executemany(_JOURNAL, journal)
            if records:
                insert_records(self._connection, run, self.epoch_ms, records)
            if recordings:
                self._connection.executemany(_RECORDING, recordings)
        self._seq = seq
        commit = Commit(len(batch), tuple(record.call for record in records), time.perf_counter() - started)
        for listener in self.listeners:
            listener(commit)

    def begin(self, run: int, epoch_ms: int) -> None:
        """Entries belong to this run from now on; called by a job, in the thread."""
        self.run_id, self.epoch_ms, self._seq = run, epoch_ms, 0


class _GivenUpError(Exception):
    """The store is being closed while the disk refuses."""
