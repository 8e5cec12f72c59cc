"""What was committed is there; what cannot work is said with its cure; nobody waits for the disk."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.errors import OperatorError
from ivr.limits import STORE_QUEUE_HARD, STORE_QUEUE_MAX, STORE_QUEUE_SPARING
from ivr.observe.fan import Fan
from ivr.observe.journal import Header, Input, read
from ivr.observe.records import CallRecord, Records, fold
from ivr.store import Store
from ivr.store.writer import Commit, Writer
from tests.unit.test_observe_center import Center, busy_hours, closed

HEADER = Header("0.1.0", "d" * 64, "seed", 1_700_000_000_000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ivr.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store.open(path)
    yield opened
    opened.close()


def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        threading.Event().wait(0.002)


def run_into(store: Store, center: Center, seed: int = 1, steps: int = 500) -> list[CallRecord]:
    """A busy center whose inputs, facts and records go into the store, as a driver would put them."""
    kept: list[CallRecord] = []
    busy_hours(center, seed, steps)
    closed(center)
    folding = Fan()
    folding.add(Records(kept.append).handlers())
    done = 0
    for at, event in center.inputs:
        store.put_input(at, event)
    for fact in center.facts:
        store.put_fact(fact)
        folding.tell(fact)
        for record in kept[done:]:
            store.put_record(record)
        done = len(kept)
    return kept


def test_a_run_is_read_back_as_it_was(store: Store) -> None:
    center = Center()
    run = store.begin_run(HEADER)
    kept = run_into(store, center)
    store.flush()
    header, entries = read(store.journal(run))
    history = list(entries)
    assert header == HEADER
    assert [(entry.at, entry.event) for entry in history if isinstance(entry, Input)] == center.inputs
    assert [entry for entry in history if isinstance(entry, Fact)] == center.facts
    found = [msgspec.json.decode(row.data, type=CallRecord) for row in store.records(limit=10_000)]
    assert found == sorted(kept, key=lambda record: -record.call)


def test_records_are_found_by_what_is_asked(store: Store) -> None:
    store.begin_run(HEADER)
    kept = run_into(store, Center())
    store.flush()

    def calls(**asked: object) -> set[int]:
        return {row.call for row in store.records(limit=10_000, **asked)}  # type: ignore[arg-type]

    assert calls(queue="sales") == {
        record.call for record in kept if any(visit.queue == "sales" for visit in record.visits)
    }
    assert calls(number="400") == {record.call for record in kept if record.number == "400"} != set()
    assert calls(call=3) == {3}
    middle = kept[len(kept) // 2].started
    since = calls(since_ms=HEADER.epoch_ms + middle)
    assert since == {record.call for record in kept if record.started >= middle} != calls()
    assert len(list(store.records(limit=7))) == 7
    assert calls(queue="'; DROP TABLE records; --") == set()


def test_one_calls_history_is_found(store: Store) -> None:
    store.begin_run(HEADER)
    center = Center()
    run_into(store, center)
    store.flush()
    told = [fact for fact in center.facts if getattr(fact, "call", None) == 5]
    assert store.facts_of_call(5) == told != []


def test_call_numbers_go_on_across_runs(path: Path) -> None:
    store = Store.open(path)
    assert store.next_call() == 1
    store.begin_run(HEADER)
    kept = run_into(store, Center(), steps=200)
    first = max(record.call for record in kept) + 1
    assert store.next_call() == first
    store.close()
    store = Store.open(path)
    assert store.next_call() == first
    store.begin_run(HEADER)
    run_into(store, Center(first_call=first), steps=100)
    store.close()
    assert [(run.run, run.how) for run in Store.open(path, readonly=True).runs()] == [
        (1, "stopped"),
        (2, "stopped"),
    ]


def test_a_listener_hears_of_each_commit(store: Store) -> None:
    heard: list[Commit] = []
    store.on_commit(heard.append)
    store.begin_run(HEADER)
    kept = run_into(store, Center(), steps=100)
    store.flush()
    assert [call for commit in heard for call in commit.records] == [record.call for record in kept]


def test_entries_that_come_together_are_committed_together(store: Store) -> None:
    heard: list[Commit] = []
    store.on_commit(heard.append)
    store.begin_run(HEADER)
    for number in range(1_000):
        store.put_fact(facts.LogWritten(number, 1, "x"))
    store.flush()
    assert sum(commit.entries for commit in heard) == 1_000
    assert len(heard) < 500


def test_a_broken_listener_is_reported_to_whoever_uses_the_store_next(path: Path) -> None:
    store = Store.open(path)

    def broken(_: Commit) -> None:
        raise ZeroDivisionError

    store.on_commit(broken)
    store.begin_run(HEADER)
    store.put_fact(facts.LogWritten(1, 1, "x"))
    with pytest.raises(AssertionError, match="writer broke"):
        store.flush()
    assert "ZeroDivisionError" in store.failing
    assert not store.put_fact(facts.LogWritten(2, 1, "y"))
    with pytest.raises(OperatorError, match="ZeroDivisionError"):
        store.close()


# Bounds ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "informs",
    [
        facts.WorldChanged(1, "customers", "+1", {"price": "9"}),
        facts.ContactMade(1, "+1", "site", "", "", "", "He reads."),
        facts.Said(1, 1, "anna", "Hello?", "says", "", "", 400),
    ],
)
def test_what_an_input_says_already_goes_first_too(
    path: Path, monkeypatch: pytest.MonkeyPatch, informs: Fact
) -> None:
    """A process of the world may change a hundred thousand rows in one instant."""
    store = Store.open(path)
    store.begin_run(HEADER)
    assert store._writer is not None
    monkeypatch.setattr(store._writer, "depth", lambda: STORE_QUEUE_SPARING)
    store.put_fact(informs)
    assert (store.dropped, store.lost) == (1, 0)
    monkeypatch.undo()
    store.close()


def test_when_the_disk_cannot_keep_up_what_only_informs_goes_first(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(path)
    store.begin_run(HEADER)
    gate = threading.Event()
    write = Writer._write
    monkeypatch.setattr(Writer, "_write", lambda self: (gate.wait(30), write(self)))
    informs, counts = facts.LogWritten(1, 1, "x"), facts.PlanChanged(1, "d")
    for _ in range(STORE_QUEUE_SPARING):
        assert store.put_fact(informs)
    assert store.put_fact(informs), "dropped, but calls are still welcome"
    assert (store.dropped, store.lost) == (1, 0)
    while store.depth < STORE_QUEUE_MAX:
        assert store.put_fact(counts)
    assert not store.put_fact(counts), "taken, but no further call should be admitted"
    assert not store.put_fact(informs)
    assert store.lost == 0
    while store.depth < STORE_QUEUE_HARD:
        store.put_fact(counts)
    assert not store.put_fact(counts)
    assert (store.dropped, store.lost) == (2, 1)
    gate.set()
    store.close()
    (run,) = Store.open(path, readonly=True).runs()
    assert run.dropped == 3


def test_a_full_disk_is_waited_out(path: Path) -> None:
    store = Store.open(path)
    run = store.begin_run(HEADER)
    assert store._writer is not None
    connection = store._writer._connection
    pages = store._do(lambda inside: inside.execute("PRAGMA page_count").fetchone()[0])
    store._do(lambda inside: inside.execute(f"PRAGMA max_page_count = {pages + 4}").fetchone())
    for number in range(2_000):
        store.put_fact(facts.LogWritten(number, 1, "x" * 100))
    until(lambda: store.failing != "")
    assert "full" in store.failing
    assert not store.put_fact(facts.LogWritten(2_000, 1, "x"))
    with pytest.raises(OperatorError, match="free space"):
        store.flush()
    connection.execute("PRAGMA max_page_count = 1000000")
    until(lambda: store.failing == "")
    store.close()
    with closing(sqlite3.connect(path)) as again, again:
        assert again.execute("SELECT count(*) FROM journal WHERE run = ?", (run,)).fetchone() == (2_001,)


def test_closing_while_the_disk_is_full_says_so(path: Path) -> None:
    store = Store.open(path)
    store.begin_run(HEADER)
    pages = store._do(lambda inside: inside.execute("PRAGMA page_count").fetchone()[0])
    store._do(lambda inside: inside.execute(f"PRAGMA max_page_count = {pages}").fetchone())
    for number in range(2_000):
        store.put_fact(facts.LogWritten(number, 1, "x" * 100))
    with pytest.raises(OperatorError, match="full"):
        store.close()
    Store.open(path).close()


# What cannot work ------------------------------------------------------------------------------------------


def test_a_second_writer_is_refused_and_told_who_has_it(store: Store, path: Path) -> None:
    with pytest.raises(OperatorError, match=f"in use by process {os.getpid()}"):
        Store.open(path)
    store.close()
    Store.open(path).close()


def test_readers_read_while_the_writer_writes(store: Store, path: Path) -> None:
    store.begin_run(HEADER)
    reader = Store.open(path, readonly=True)
    run_into(store, Center(), steps=60)
    store.flush()
    assert list(reader.records(limit=3)) == list(store.records(limit=3)) != []
    with pytest.raises(AssertionError, match="for reading"):
        reader.put_fact(facts.LogWritten(1, 1, "x"))


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE cats (name TEXT)")


def newer(path: Path) -> None:
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as same, same:
        same.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize("readonly", [False, True])
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (
            lambda path: path.write_bytes(b"this is a text, long enough to be looked at\n" * 50),
            "not a database",
        ),
        (foreign, "another program"),
        (newer, "newer ivr"),
    ],
)
def test_a_file_that_is_not_ours_is_left_alone(
    tmp_path: Path, make: Callable[[Path], None], says: str, readonly: bool
) -> None:
    path = tmp_path / "x.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises(OperatorError, match=says) as raised:
        Store.open(path, readonly=readonly)
    assert "another path" in str(raised.value)
    assert path.read_bytes() == before
    with pytest.raises(OperatorError):  # the lock was given back, so it says the same again
        Store.open(path, readonly=readonly)


def test_a_folder_and_a_place_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="is a folder"):
        Store.open(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(OperatorError, match="cannot write into"):
        Store.open(tmp_path / "file" / "ivr.db")


def test_reading_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="there is no database"):
        Store.open(tmp_path / "none.db", readonly=True)
    (tmp_path / "empty.db").touch()
    with pytest.raises(OperatorError, match="is empty"):
        Store.open(tmp_path / "empty.db", readonly=True)


# After a crash ---------------------------------------------------------------------------------------------


def broken_off(path: Path, *, keep: int) -> list[Fact]:
    """A store whose process was lost after `keep` facts of a busy center; the facts it kept."""
    center = Center()
    busy_hours(center, 7, 600)
    store = Store.open(path)
    store.begin_run(HEADER)
    kept: list[CallRecord] = []
    folding = Fan()
    folding.add(Records(kept.append).handlers())
    for fact in center.facts[:keep]:
        store.put_fact(fact)
        folding.tell(fact)
    for record in kept[:-3]:  # the last ones were still in the queue
        store.put_record(record)
    store.flush()
    assert store._writer is not None
    store._writer.stop()
    assert store._lock is not None
    store._lock.release()
    return center.facts[:keep]


@pytest.mark.parametrize("keep", [1_000, 1_500, 2_001])
def test_recovery_leaves_exactly_one_record_a_call(path: Path, keep: int) -> None:
    told = broken_off(path, keep=keep)
    started = {fact.call for fact in told if isinstance(fact, facts.CallStarted)}
    ended = {fact.call: fact.reason for fact in told if isinstance(fact, facts.CallEnded)}
    booked = {fact.callback for fact in told if isinstance(fact, facts.CallbackBooked)}
    settled = {fact.callback for fact in told if isinstance(fact, facts.CallbackEnded)}
    store = Store.open(path)
    found = store.recover(fold)
    assert found.runs == 1
    assert found.records == len(started) - len(ended) + 3
    owed = [
        fact.number
        for fact in told
        if isinstance(fact, facts.CallbackBooked) and fact.callback in booked - settled
    ]
    assert sorted(callback.number for callback in store.pending_callbacks()) == sorted(owed)
    rows = [msgspec.json.decode(row.data, type=CallRecord) for row in store.records(limit=10_000)]
    assert sorted(record.call for record in rows) == sorted(started)
    for record in rows:
        assert record.reason == ended.get(record.call, "system_error")
    assert store.recover(fold) == (0, 0)
    assert [run.how for run in store.runs()] == ["crashed"]
    assert store.next_call() == max(started) + 1
    store.close()


def test_a_clean_end_leaves_nothing_to_recover(path: Path) -> None:
    store = Store.open(path)
    store.begin_run(HEADER)
    run_into(store, Center(), steps=100)
    store.close()
    store = Store.open(path)
    assert store.recover(fold) == (0, 0)
    store.close()


VICTIM = """
import sys
from ivr.core import facts
from ivr.observe.journal import Header
from ivr.observe.records import fold
from ivr.store import Store

store = Store.open(sys.argv[1])
store.recover(fold)
first = store.next_call()
store.begin_run(Header("0", "d", "s", 1_700_000_000_000, first))
store.on_commit(lambda commit: print(*commit.records, flush=True) if commit.records else None)
call = first
while True:
    story = [
        facts.CallStarted(call, call, f"p-{call}", "100", "", "", "buy", "r", "en"),
        facts.CallEnded(call, call, "flow_hung_up", "", "buy", "wait"),
    ]
    for fact in story:
        store.put_fact(fact)
    store.put_record(fold(story)[0])
    call += 1
    if call % 50 == 0:
        store.flush()
"""


def test_kill_9_loses_no_record_that_was_acknowledged(path: Path) -> None:
    acknowledged: set[int] = set()
    for target in (40, 400, 1_500):
        wanted = len(acknowledged) + target
        with subprocess.Popen(
            [sys.executable, "-c", VICTIM, str(path)], stdout=subprocess.PIPE, text=True
        ) as victim:
            assert victim.stdout is not None
            for line in victim.stdout:
                acknowledged.update(map(int, line.split()))
                if len(acknowledged) >= wanted:
                    break
            victim.send_signal(signal.SIGKILL)
            # what was printed before the end was committed too; the last line may be torn
            rest = victim.stdout.read().rpartition("\n")[0]
            acknowledged.update(map(int, rest.split()))
        assert victim.returncode == -signal.SIGKILL
    store = Store.open(path)
    recovered = store.recover(fold)
    rows = {row.call for row in store.records(limit=1_000_000)}
    assert recovered.runs == 1
    assert acknowledged <= rows
    assert len(acknowledged) >= 1_940
    started = store._do(
        lambda inside: inside.execute("SELECT call FROM journal WHERE kind = 'call_started'").fetchall()
    )
    assert rows == {call for (call,) in started}
    assert store._do(lambda inside: inside.execute("PRAGMA integrity_check").fetchall()) == [("ok",)]
    store.close()


def test_an_entry_that_cannot_be_written_does_not_keep_the_others_from_the_disk(
    store: Store, path: Path
) -> None:
    store.begin_run(HEADER)
    store.put_fact(facts.ValueSet(1, 1, "n", 10**5_000))  # longer than Python turns into text
    store.put_fact(facts.ValueSet(2, 1, "n", 5))
    store.flush()
    assert (store.failing, store.gone) == ("", (0, 1))
    assert [fact.at for fact in store.facts_of_call(1)] == [2]
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT dropped FROM runs").fetchall() == [(1,)], (
            "it is known to be incomplete"
        )
