"""What others read of the store, each over a connection of its own that cannot write."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from ivr.core.facts import AnyFact, Fact
from ivr.core.time import Instant
from ivr.store.database import open_for_reading


class Stored(NamedTuple):
    """A call record as it was kept: JSON, with its run's instant 0 in ms since 1970-01-01 UTC."""

    call: int
    run: int
    epoch_ms: int
    data: str


class Run(NamedTuple):
    """A run; `ended` and `how` are None while it lasts (or after a crash, until recovery)."""

    run: int
    epoch_ms: int
    first_call: int
    ended: Instant | None
    how: str | None
    dropped: int


_fact: Final = msgspec.json.Decoder(AnyFact)
_RECORDS: Final = """
SELECT r.call, r.run, runs.epoch_ms, r.data FROM records r JOIN runs USING (run)
WHERE (:call IS NULL OR r.call = :call)
  AND (:since_ms IS NULL OR r.started_ms >= :since_ms)
  AND (:number IS NULL OR r.number = :number)
  AND (:caller IS NULL OR r.caller = :caller)
  AND (:queue IS NULL OR EXISTS (SELECT 1 FROM visits v WHERE v.call = r.call AND v.queue = :queue))
ORDER BY r.call DESC LIMIT :limit
"""


def records(
    path: Path,
    *,
    limit: int = 100,
    since_ms: int | None = None,
    queue: str | None = None,
    number: str | None = None,
    caller: str | None = None,
    call: int | None = None,
) -> Iterator[Stored]:
    """Call records that match all that is given, the newest first; `since_ms` is UTC since 1970."""
    asked = {
        "limit": limit,
        "since_ms": since_ms,
        "queue": queue,
        "number": number,
        "caller": caller,
        "call": call,
    }
    with closing(open_for_reading(path)) as connection:
        for row in connection.execute(_RECORDS, asked):
            yield Stored(*row)


def runs(path: Path) -> list[Run]:
    """Every run, the oldest first."""
    with closing(open_for_reading(path)) as connection:
        rows = connection.execute(
            "SELECT run, epoch_ms, first_call, ended, how, dropped FROM runs ORDER BY run"
        )
        return [Run(*row) for row in rows]


def journal(path: Path, run: int) -> Iterator[str]:
    """A run's journal as lines, its header first, as `ivr.observe.journal` reads them; none if unknown."""
    with closing(open_for_reading(path)) as connection:
        for (header,) in connection.execute("SELECT header FROM runs WHERE run = ?", (run,)):
            yield f'{{"header":{header}}}'
        for at, kind, data in connection.execute(
            "SELECT at, kind, data FROM journal WHERE run = ? ORDER BY seq", (run,)
        ):
            if kind == "in":
                yield f'{{"at":{at},"in":{data}}}'
            else:
                yield f'{{"{"plan" if kind == "plan" else "fact"}":{data}}}'


def facts_of_call(path: Path, call: int) -> list[Fact]:
    """What is kept of one call's history."""
    with closing(open_for_reading(path)) as connection:
        return list(call_facts(connection, call))


def call_facts(connection: sqlite3.Connection, call: int) -> Iterator[Fact]:
    """The facts of one call in the order of their telling."""
    for (data,) in connection.execute("SELECT data FROM journal WHERE call = ? ORDER BY run, seq", (call,)):
        yield _fact.decode(data)
