"""Tables, and what lookups and runs do with them.

A run is done once per idempotency key: asked again with the same key, it gives the same answer and
changes nothing. Chance (a service that fails, a payment that is declined) is keyed by the name and
the count of requests.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from ivr.core.chance import Stream
from ivr.core.events import RowChanged
from ivr.core.flow.steps.send import CHANNELS
from ivr.core.flow.values import coerce, plain
from ivr.core.time import Ms
from ivr.language.world_model import (
    CALLER,
    Channel,
    Figure,
    HttpService,
    Match,
    WorldLookup,
    WorldModel,
    WorldRun,
)
from ivr.world.change import FAULTS, Change, Crossing, OnChange, Row, scope_of
from ivr.world.faults import Faults, Met

DEFAULT_CHANNEL: Final = Channel()

_FITS: Final = {
    "sms": re.compile(r"\+?[0-9][0-9 ()-]{0,30}"),
    "email": re.compile(r"[^@\s]+@[^@\s]+"),
    "push": re.compile(r"\S.*"),
}
"""What an address of each channel looks like."""

VIRTUAL: Final = "failed.virtual"
"""What a lookup or a run ends with that only a service answers, where no service is asked."""

KEYS_MAX: Final = 100_000  # answers of runs remembered; older keys belong to calls long gone


class Answer(NamedTuple):
    """What comes back after `delay_ms`; `result` are plain JSON values."""

    delay_ms: Ms
    outcome: str
    result: dict[str, Any]


class Sent(NamedTuple):
    """A message on its way: how it goes out, and what is answered `reply_ms` later (None: nothing)."""

    answer: Answer
    reply_ms: Ms
    reply: str | None


class World:
    """The company of one run; `now` gives the center's local time."""

    def __init__(self, model: WorldModel, seed: str, now: Callable[[], datetime]) -> None:
        self._model = model
        self.seed = seed
        self.now = now
        self._tables: dict[str, list[Row]] = {}
        self._indices: dict[tuple[str, tuple[str, ...]], dict[tuple[Any, ...], dict[str, Any]]] = {}
        self._streams = {name: Stream(seed, f"world/{name}") for name in (*model.lookups, *model.runs)}
        self._asked = dict.fromkeys(self._streams, 0)
        self._done = dict.fromkeys(self._streams, 0)
        self._answers: OrderedDict[tuple[str, str], Answer] = OrderedDict()
        self._messages = {name: Stream(seed, f"world/{name}") for name in CHANNELS}
        self._sent = 0
        self._faults = Faults(model.faults, seed, now)
        self._crossings: Sequence[Crossing] = ()
        self._changes: dict[tuple[str, tuple[str, ...]], Change] = {}
        self.on_change: OnChange | None = None

    def adopt(self, model: WorldModel) -> None:
        """Go by other lookups and runs; what rows have become stays, tables that are new come with their rows."""
        for name in self._model.tables:
            self.rows(name)
        for name in (*model.lookups, *model.runs):
            if name not in self._streams:
                self._streams[name] = Stream(self.seed, f"world/{name}")
                self._asked[name] = 0
                self._done[name] = 0
        self._model = model
        self._faults.adopt(model.faults)
        self._indices.clear()
        self._changes.clear()

    def answer(self, name: str, args: Mapping[str, Any], caller: str, key: str) -> Answer:
        """The answer to a lookup or, with an idempotency `key`, a run."""
        lookup, run = self._model.lookups.get(name), self._model.runs.get(name)
        asked = lookup or run
        if asked is None:
            return Answer(0, "failed.unknown", {})
        met = self.meet(name)
        takes_ms = asked.takes_ms if met.takes_ms is None else met.takes_ms
        if met.outcome:
            return Answer(takes_ms, met.outcome, {})
        if (known := self._answers.get((name, key))) is not None:
            return known._replace(delay_ms=takes_ms)
        if asked.http is not None:
            return Answer(takes_ms, VIRTUAL, {})
        if lookup is not None:
            return self._look_up(lookup, args, caller)._replace(delay_ms=takes_ms)
        assert run is not None
        answer = self._run(run, args, caller)._replace(delay_ms=takes_ms)
        if key and not answer.outcome.startswith("failed"):
            self._answers[name, key] = answer
            if len(self._answers) > KEYS_MAX:
                self._answers.popitem(last=False)
        return answer

    def service(self, name: str) -> HttpService | None:
        """The service that is to be asked, when the time is real, instead of `answer`."""
        asked = self._model.lookups.get(name) or self._model.runs.get(name)
        return asked.http if asked is not None else None

    def meet(self, name: str) -> Met:
        """The fault that the next request for a lookup or run meets."""
        return self._faults.meet("lookup" if name in self._model.lookups else "run", name)

    def send(self, channel: str, to: str) -> "Sent":
        """What becomes of a message: how it goes out, and what is answered after a while (None: nothing)."""
        settings = self._model.channels.get(channel, DEFAULT_CHANNEL)
        self._sent += 1
        unit = self._messages[channel].unit(self._sent)
        met = self._faults.meet("channel", channel)
        takes_ms = settings.takes_ms if met.takes_ms is None else met.takes_ms
        if not _FITS[channel].fullmatch(to):
            return Sent(Answer(takes_ms, "failed.address", {}), 0, None)
        if met.outcome or unit < settings.fails:
            return Sent(Answer(takes_ms, met.outcome or "failed.undeliverable", {}), 0, None)
        answers = self._messages[channel].unit(-self._sent) < settings.replies
        reply = settings.replies_with if answers else None
        return Sent(Answer(takes_ms, "ok", {}), takes_ms + settings.replies_after_ms, reply)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What the author wants to know of the rows."""
        return self._model.figures

    def rows(self, table: str) -> list[Row]:
        """The rows of a table as they are now; to be read, not changed."""
        rows = self._tables.get(table)
        if (
            rows is None
        ):  # copied when first asked for: most explored calls never come to it, and there may be many
            rows = self._tables[table] = [dict(row) for row in self._model.tables.get(table, ())]
        return rows

    def set_row(self, table: str, where: Mapping[str, Any], sets: Mapping[str, Any]) -> bool:
        """Somebody else changes a row: the first in which these columns have these values; whether there is one.

        Raises:
            ValueError: a value is not of its column's type.
        """
        types = self._model.columns.get(table, {})
        for row in self.found(table, where):
            changes = {name: coerce(value, types[name]) for name, value in sets.items() if name in types}
            self.change(table, tuple(changes)).apply(row, changes, self.now(), self.on_change)
            return True
        return False

    def found(self, table: str, where: Mapping[str, Any]) -> list[Row]:
        """The rows of a table in which these columns have these values.

        Raises:
            ValueError: a value is not of its column's type.
        """
        types = self._model.columns.get(table, {})
        wanted = {name: coerce(value, types[name]) for name, value in where.items() if name in types}
        if len(wanted) < len(where):
            return []
        return [row for row in self.rows(table) if wanted.items() <= row.items()]

    def _look_up(self, lookup: WorldLookup, args: Mapping[str, Any], caller: str) -> Answer:
        if self._draw(lookup.name) < lookup.fails:
            return Answer(lookup.takes_ms, "failed.service", {})
        row = self._row(lookup.match, args, caller) if lookup.match is not None else None
        if row is None:
            return Answer(lookup.takes_ms, "not_found", {})
        return Answer(lookup.takes_ms, "ok", _plain(row))

    def _run(self, run: WorldRun, args: Mapping[str, Any], caller: str) -> Answer:
        draw = self._draw(run.name)
        if draw < run.fails:
            return Answer(run.takes_ms, "failed.service", {})
        if draw < run.fails + run.declined:
            return Answer(run.takes_ms, "declined", {})
        row = self._row(run.row, args, caller) if run.row is not None else {}
        seen = {name: self._row(match, args, caller) for name, match in run.sees.items()}
        if row is None or None in seen.values():
            return Answer(run.takes_ms, "not_found", {})
        try:
            typed = {name: coerce(value, run.args[name]) for name, value in args.items() if name in run.args}
            now = self.now()
            scope = {**scope_of(row, now), **seen, "args": typed, "number": self._done[run.name] + 1}
            if (why := next((name for name, source in run.declines.items() if source.fn(scope)), "")) != "":
                return Answer(run.takes_ms, f"declined.{why}", {})
            self._done[run.name] += 1
            changes = {column: source.fn(scope) for column, source in run.sets.items()}
            given = {name: source.fn(scope | {"row": row | changes}) for name, source in run.gives.items()}
            if run.row is not None:
                change = self.change(run.row.table, tuple(changes))
                change.apply(row, changes, now, self.on_change)
        except FAULTS:
            return Answer(run.takes_ms, "failed.rule", {})
        return Answer(run.takes_ms, "ok", _plain((row if run.into else {}) | given))

    def watch(self, crossings: Sequence[Crossing]) -> None:
        """Tell of rows for which one of these conditions becomes true."""
        self._crossings = crossings
        self._changes.clear()

    def change(self, table: str, columns: tuple[str, ...]) -> Change:
        """What changes these columns of a table; rows have to be found anew by them."""
        for indexed in list(self._indices):
            if indexed[0] == table and not set(columns).isdisjoint(indexed[1]):
                del self._indices[indexed]
        change = self._changes.get((table, columns))
        if change is None:
            change = self._changes[table, columns] = Change(
                table, columns, self._model.columns.get(table, {})
            )
            change.watch(self._crossings)
        return change

    def _row(self, match: Match, args: Mapping[str, Any], caller: str) -> dict[str, Any] | None:
        columns = tuple(match.columns)
        index = self._indices.get((match.table, columns))
        if index is None:
            index = {}
            for row in self.rows(match.table):
                index.setdefault(tuple(str(plain(row.get(column))) for column in columns), row)
            self._indices[match.table, columns] = index
        wanted = tuple(
            str(caller if source == CALLER else args.get(source, "")) for source in match.columns.values()
        )
        return index.get(wanted)

    def _draw(self, name: str) -> float:
        self._asked[name] += 1
        return self._streams[name].unit(self._asked[name])


def told(table: str, before: Mapping[str, Any], row: Mapping[str, Any]) -> RowChanged:
    """A change of a row as an event, for the journal and for whoever reads facts; a row is known by its first column."""
    changes = {name: plain(value) for name, value in row.items() if before.get(name) != value}
    return RowChanged(table, str(plain(next(iter(row.values()), ""))), changes)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in row.items()}
