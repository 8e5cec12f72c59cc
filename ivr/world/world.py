"""Tables, and what lookups and runs do with them.

A run is done once per idempotency key: asked again with the same key, it gives the same answer and
changes nothing. Chance (a service that fails, a payment that is declined) is keyed by the name and
the count of requests.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from ivr.core.chance import Stream
from ivr.core.flow.steps.send import CHANNELS
from ivr.core.flow.values import coerce, plain
from ivr.core.time import Ms
from ivr.language.world_model import CALLER, Channel, Match, WorldLookup, WorldModel, WorldRun
from ivr.world.faults import Faults

DEFAULT_CHANNEL: Final = Channel()

_FITS: Final = {
    "sms": re.compile(r"\+?[0-9][0-9 ()-]{0,30}"),
    "email": re.compile(r"[^@\s]+@[^@\s]+"),
    "push": re.compile(r"\S.*"),
}
"""What an address of each channel looks like."""

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
        self._seed = seed
        self._now = now
        self._tables = {name: [dict(row) for row in rows] for name, rows in model.tables.items()}
        self._indices: dict[tuple[str, tuple[str, ...]], dict[tuple[Any, ...], dict[str, Any]]] = {}
        self._streams = {name: Stream(seed, f"world/{name}") for name in (*model.lookups, *model.runs)}
        self._asked = dict.fromkeys(self._streams, 0)
        self._done = dict.fromkeys(self._streams, 0)
        self._answers: OrderedDict[tuple[str, str], Answer] = OrderedDict()
        self._messages = {name: Stream(seed, f"world/{name}") for name in CHANNELS}
        self._sent = 0
        self._faults = Faults(model.faults, seed, now)
        self.on_change: Callable[[str, dict[str, Any], dict[str, Any]], None] | None = None

    def adopt(self, model: WorldModel) -> None:
        """Go by other lookups and runs; what rows have become stays, tables that are new come with their rows."""
        for name, rows in model.tables.items():
            self._tables.setdefault(name, [dict(row) for row in rows])
        for name in (*model.lookups, *model.runs):
            if name not in self._streams:
                self._streams[name] = Stream(self._seed, f"world/{name}")
                self._asked[name] = 0
                self._done[name] = 0
        self._model = model
        self._faults.adopt(model.faults)
        self._indices.clear()

    def answer(self, name: str, args: Mapping[str, Any], caller: str, key: str) -> Answer:
        """The answer to a lookup or, with an idempotency `key`, a run."""
        lookup, run = self._model.lookups.get(name), self._model.runs.get(name)
        asked = lookup or run
        if asked is None:
            return Answer(0, "failed.unknown", {})
        met = self._faults.meet("lookup" if lookup is not None else "run", name)
        takes_ms = asked.takes_ms if met.takes_ms is None else met.takes_ms
        if met.outcome:
            return Answer(takes_ms, met.outcome, {})
        if (known := self._answers.get((name, key))) is not None:
            return known._replace(delay_ms=takes_ms)
        if lookup is not None:
            return self._look_up(lookup, args, caller)._replace(delay_ms=takes_ms)
        assert run is not None
        answer = self._run(run, args, caller)._replace(delay_ms=takes_ms)
        if key and not answer.outcome.startswith("failed"):
            self._answers[name, key] = answer
            if len(self._answers) > KEYS_MAX:
                self._answers.popitem(last=False)
        return answer

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

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table as they are now; to be read, not changed."""
        return self._tables.get(table, [])

    def change(self, table: str, where: Mapping[str, Any], sets: Mapping[str, Any]) -> bool:
        """Somebody else changes a row: the first in which these columns have these values; whether there is one."""
        types = self._model.columns.get(table, {})
        for row in self._tables.get(table, ()):
            if all(str(plain(row.get(column))) == str(value) for column, value in where.items()):
                changes = {
                    name: coerce(str(value), types[name]) for name, value in sets.items() if name in types
                }
                self._change(Match(table, {}), row, changes)
                return True
        return False

    def _look_up(self, lookup: WorldLookup, args: Mapping[str, Any], caller: str) -> Answer:
        if self._draw(lookup.name) < lookup.fails:
            return Answer(lookup.takes_ms, "failed.service", {})
        row = self._row(lookup.match, args, caller)
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
        if row is None:
            return Answer(run.takes_ms, "not_found", {})
        self._done[run.name] += 1
        try:
            typed = {name: coerce(value, run.args[name]) for name, value in args.items() if name in run.args}
            scope = {"args": typed, "row": row, "number": self._done[run.name], "now": self._now()}
            changes = {column: source.fn(scope) for column, source in run.sets.items()}
            given = {name: source.fn(scope | {"row": row | changes}) for name, source in run.gives.items()}
        except (ArithmeticError, TypeError, ValueError):
            return Answer(run.takes_ms, "failed.rule", {})
        if run.row is not None:
            self._change(run.row, row, changes)
        return Answer(run.takes_ms, "ok", _plain((row if run.into else {}) | given))

    def _change(self, match: Match, row: dict[str, Any], changes: Mapping[str, Any]) -> None:
        types = self._model.columns.get(match.table, {})
        before = dict(row) if self.on_change is not None else {}
        for column, value in changes.items():
            row[column] = coerce(plain(value), types[column]) if column in types else value
        for table, columns in list(self._indices):
            if table == match.table and not changes.keys().isdisjoint(columns):
                del self._indices[table, columns]
        if self.on_change is not None:
            self.on_change(match.table, before, row)

    def _row(self, match: Match, args: Mapping[str, Any], caller: str) -> dict[str, Any] | None:
        columns = tuple(match.columns)
        index = self._indices.get((match.table, columns))
        if index is None:
            index = {}
            for row in self._tables.get(match.table, ()):
                index.setdefault(tuple(str(plain(row.get(column))) for column in columns), row)
            self._indices[match.table, columns] = index
        wanted = tuple(
            str(caller if source == CALLER else args.get(source, "")) for source in match.columns.values()
        )
        return index.get(wanted)

    def _draw(self, name: str) -> float:
        self._asked[name] += 1
        return self._streams[name].unit(self._asked[name])


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in row.items()}
