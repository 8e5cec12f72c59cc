"""Run a journal again, and see whether today's code tells the same history."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.core.engine import Engine
from ivr.core.facts import Fact
from ivr.errors import OperatorError
from ivr.language import load_sources
from ivr.observe.journal import Entry, Header, Input, Replacement, differences, read
from ivr.store import Store


@dataclass(frozen=True)
class ReplayReport:
    """An identical replay: how many facts came of how many inputs, in how many seconds."""

    facts: int
    inputs: int
    seconds: float


class _Nobody:
    """An outlet that asks nobody anything: in a replay all answers are in the journal."""

    def __getattr__(self, name: str) -> Any:
        return _nothing


def _nothing(*_: object) -> None:
    return None


def replay(path: Path, run: int | None = None) -> ReplayReport:
    """Replay a journal file, or a run (the last one) of a data folder's database.

    Raises:
        OperatorError: there is no journal there, or it is damaged.
        ReplayDiverged: today's code tells another history.
    """
    header, entries = open_journal(path, run)
    started = time.perf_counter()
    facts: list[Fact] = []
    inputs: list[Input | Replacement] = []
    for entry in entries:
        if isinstance(entry, Fact):
            facts.append(entry)
        else:
            inputs.append(entry)
    count = differences(facts, facts_of(header, inputs, facts[-1].at if facts else 0))
    given = sum(isinstance(entry, Input) for entry in inputs)
    return ReplayReport(count, given, time.perf_counter() - started)


def facts_of(header: Header, inputs: Sequence[Input | Replacement], until: int) -> Iterator[Fact]:
    """The facts that today's code makes of a journal's inputs, up to the instant of its last fact."""
    told: list[Fact] = []
    engine = Engine(
        load_sources(header.sources).plan,
        header.seed,
        _Nobody(),
        told.append,
        epoch_ms=header.epoch_ms,
        first_call=header.first_call,
    )
    for entry in inputs:
        if isinstance(entry, Replacement):
            engine.adopt(load_sources(entry.sources).plan)
            continue
        engine.handle(entry.at, entry.event)
        yield from told
        told.clear()
    if until > engine.now:
        engine.advance(until)
    yield from told


def open_journal(path: Path, run: int | None) -> tuple[Header, Iterator[Entry]]:
    """Header and entries of a journal: a `.jsonl` file, a database, or a folder that holds one.

    Raises:
        OperatorError: there is none.
    """
    if path.is_dir():
        path = path / "ivr.db"
    if not path.exists():
        raise OperatorError(f"there is no journal at {path}; `ivr serve --data DIR` keeps one")
    if not path.is_file() or not path.stat().st_size:
        raise OperatorError(f"{path} is empty: there is no history in it to replay")
    if path.suffix == ".jsonl":
        try:
            lines = path.read_bytes().splitlines()
        except OSError as fault:
            raise OperatorError(f"cannot read {path}: {fault.strerror}") from None
        return read(lines, path.name)
    store = Store.open(path, readonly=True)
    runs = {known.run: known for known in store.runs()}
    if not runs or (run is not None and run not in runs):
        raise OperatorError(f"{path} has no run {run}" if runs else f"{path} holds no run yet")
    run = next(reversed(runs)) if run is None else run
    if runs[run].dropped:
        raise OperatorError(
            f"the journal of run {run} is incomplete: {runs[run].dropped} entries were dropped while the disk could not "
            "keep up, so it cannot be replayed"
        )
    return read(store.journal(run), f"{path.name}, run {run}")
