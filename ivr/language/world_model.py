"""The emulated company of a center, compiled: tables, and what lookups and runs do with them.

`ivr.world` executes it. Values are of the types the center declares (see `ivr.core.flow.values`);
durations are milliseconds, shares 0 to 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ivr.core.flow.model import Expression, Template
from ivr.core.flow.values import ValueType
from ivr.core.time import Ms

CALLER: Final = "caller"
"""In `match`: the number of the call for which is asked."""


@dataclass(frozen=True, slots=True)
class Match:
    """Finds a row of `table`: every column equals its argument (or the caller's number)."""

    table: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WorldLookup:
    """A lookup: the row that matches fills the data root `into`; none is `not_found`."""

    name: str
    args: Mapping[str, ValueType]
    match: Match
    into: str
    takes_ms: Ms = 0
    fails: float = 0.0


@dataclass(frozen=True, slots=True)
class WorldRun:
    """A run. Expressions read `args.*`, `row.*`, `number` (of this run, from 1) and `now`.

    `sets` changes columns of the row; `gives` is the answer, beside the row's fields where `into` names
    the data root that shows them.
    """

    name: str
    args: Mapping[str, ValueType]
    row: Match | None
    sets: Mapping[str, Expression | Template]
    gives: Mapping[str, Expression | Template]
    into: str = ""
    takes_ms: Ms = 0
    fails: float = 0.0
    declined: float = 0.0


@dataclass(frozen=True, slots=True)
class WorldModel:
    """Tables (rows by name, each row complete and typed), lookups and runs by name.

    `columns` are the types of a table's columns.
    """

    tables: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, ValueType]] = field(default_factory=dict)
    lookups: Mapping[str, WorldLookup] = field(default_factory=dict)
    runs: Mapping[str, WorldRun] = field(default_factory=dict)
