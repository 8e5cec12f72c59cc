"""The database file: its schema and version, who may write, and what can be wrong with it."""

import fcntl
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

from ivr.errors import OperatorError

VERSION: Final = 1
"""The schema's version (`PRAGMA user_version`)."""

APPLICATION: Final = 0x69767231  # "ivr1": tells our files from other programs' databases

_SQLITE_MIN: Final = (3, 37, 0)  # strict tables

_SCHEMA: Final = """
CREATE TABLE runs (
    run        INTEGER PRIMARY KEY,
    epoch_ms   INTEGER NOT NULL,   -- instant 0 of the run, since 1970-01-01 UTC
    first_call INTEGER NOT NULL,
    header     TEXT NOT NULL,      -- the journal's header
    ended      INTEGER,            -- instant of the last entry, once the run has ended
    how        TEXT,               -- stopped, or crashed (found without an end at the next start)
    dropped    INTEGER NOT NULL DEFAULT 0  -- entries not kept because the disk was too slow
) STRICT;
CREATE TABLE journal (
    run  INTEGER NOT NULL REFERENCES runs,
    seq  INTEGER NOT NULL,
    at   INTEGER NOT NULL,
    kind TEXT NOT NULL,            -- `in`, or the tag of a fact
    call INTEGER,
    data TEXT NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX journal_of_call ON journal (call, seq) WHERE call IS NOT NULL;
CREATE TABLE records (
    call       INTEGER PRIMARY KEY,
    run        INTEGER NOT NULL REFERENCES runs,
    started_ms INTEGER NOT NULL,   -- since 1970-01-01 UTC
    ended_ms   INTEGER NOT NULL,
    number     TEXT NOT NULL,
    caller     TEXT NOT NULL,
    reason     TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    data       TEXT NOT NULL
) STRICT;
CREATE INDEX records_by_time ON records (started_ms);
CREATE INDEX records_by_caller ON records (caller, started_ms);
CREATE TABLE visits (
    call      INTEGER NOT NULL REFERENCES records,
    nr        INTEGER NOT NULL,
    queue     TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    waited_ms INTEGER NOT NULL,
    agent     TEXT NOT NULL,
    PRIMARY KEY (call, nr)
) STRICT, WITHOUT ROWID;
CREATE INDEX visits_by_queue ON visits (queue, call);
CREATE TABLE recordings (
    run       INTEGER NOT NULL REFERENCES runs,
    recording INTEGER NOT NULL,
    call      INTEGER NOT NULL,
    length_ms INTEGER NOT NULL,
    file      TEXT NOT NULL,
    PRIMARY KEY (run, recording)
) STRICT, WITHOUT ROWID;
"""


def open_for_writing(path: Path) -> sqlite3.Connection:
    """A connection that may write, with the schema in place.

    Raises:
        OperatorError: the file is not ours, is of a newer ivr, or cannot be written.
    """
    if sqlite3.sqlite_version_info < _SQLITE_MIN:
        raise OperatorError(f"SQLite {sqlite3.sqlite_version} is too old for the store; it needs 3.37")
    return _opened(path, str(path), _prepare)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    if not _check(connection, path):
        _create(connection)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    connection.execute("PRAGMA foreign_keys = ON")


def open_for_reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; it sees what is committed.

    Raises:
        OperatorError: there is no such database, or it is not ours.
    """
    if not path.is_file():
        raise OperatorError(
            f"there is no database {path}; it is made by the first run that is given this path"
        )
    return _opened(path, f"{path.resolve().as_uri()}?mode=ro", _require)


def _require(connection: sqlite3.Connection, path: Path) -> None:
    if not _check(connection, path):
        raise OperatorError(f"{path} is empty; it is filled by the first run that is given this path")


def _opened(path: Path, name: str, prepare: Callable[[sqlite3.Connection, Path], None]) -> sqlite3.Connection:
    """A connection to `name`, prepared; closed again if that fails."""
    try:
        connection = sqlite3.connect(
            name, uri=name.startswith("file:"), isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise _unusable(path, error) from None
    try:
        prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise _unusable(path, error) from None
    except OperatorError:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file holds our schema; False when it is empty."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if not tables and not application:
        return False
    if application != APPLICATION:
        raise OperatorError(f"{path} is the database of another program; choose another path")
    if version > VERSION:
        raise OperatorError(
            f"{path} was written by a newer ivr (schema {version}, this one knows {VERSION}); "
            "upgrade ivr, or choose another path"
        )
    return True


def _create(connection: sqlite3.Connection) -> None:
    connection.executescript(
        f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA application_id = {APPLICATION}; "
        f"PRAGMA user_version = {VERSION}; COMMIT;"
    )


def _unusable(path: Path, error: sqlite3.Error) -> OperatorError:
    text = str(error)
    if "not a database" in text or "malformed" in text:
        return OperatorError(f"{path} is not a database, or damaged; move it away or choose another path")
    return OperatorError(
        f"cannot use {path}: {text}; check the path, its permissions and the space on the disk"
    )


class Lock:
    """The right to write, held as long as the process lives; `kill -9` gives it back."""

    def __init__(self, path: Path) -> None:
        """Take it for the database at `path`, through a file beside it.

        Raises:
            OperatorError: the folder cannot be written, or another process has the lock.
        """
        if path.is_dir():
            raise OperatorError(f"{path} is a folder; name a file in it, such as {path / 'ivr.db'}")
        name = path.with_name(path.name + ".lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[str] = name.open("a+", encoding="utf-8")
        except OSError as error:
            raise OperatorError(
                f"cannot write into {path.parent}: {error.strerror}; choose a folder that you may write to"
            ) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            owner = self._file.read(20).strip() or "another process"
            self._file.close()
            raise OperatorError(
                f"{path} is in use by process {owner}; stop it, or choose another path for this one"
            ) from None
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def release(self) -> None:
        """Give it back; the file stays, for removing it would let two processes hold two locks."""
        self._file.close()
