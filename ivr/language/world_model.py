"""The emulated company of a center, compiled: tables, and what lookups and runs do with them.

`ivr.world` executes it. Values are of the types the center declares (see `ivr.core.flow.values`);
durations are milliseconds, shares 0 to 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Final

from ivr.core.calendar import Hours
from ivr.core.flow.model import Expression, Template
from ivr.core.flow.values import ValueType
from ivr.core.time import Ms

CALLER: Final = "caller"
"""In `match`: the number of the call for which is asked."""

ENVIRONMENT: Final = "env:"
"""How the value of a header begins that stands in the environment."""


@dataclass(frozen=True, slots=True)
class Match:
    """Finds a row of `table`: every column equals its argument (or the caller's number)."""

    table: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HttpService:
    """A real service that answers instead of tables; `{name}` in `url` is an argument or the caller's number.

    Values of `headers` that begin with `ENVIRONMENT` name a variable of the environment.
    """

    url: str
    method: str
    headers: Mapping[str, str]
    timeout_ms: Ms


@dataclass(frozen=True, slots=True)
class WorldLookup:
    """A lookup: the row that matches fills the data root `into`; none is `not_found`. Or a service is asked."""

    name: str
    args: Mapping[str, ValueType]
    match: Match | None
    into: str
    takes_ms: Ms = 0
    fails: float = 0.0
    http: HttpService | None = None


@dataclass(frozen=True, slots=True)
class WorldRun:
    """A run. Expressions read `args.*`, `row.*`, `number` (of this run, from 1), `now` and `today`.

    They also read the rows it `sees`, each by its name. It is not done where one of `declines` holds: that is the
    outcome `declined.NAME`. `sets` changes columns of the row; `gives` is the answer, beside the row's fields where `into` names
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
    http: HttpService | None = None
    sees: Mapping[str, Match] = field(default_factory=dict)
    declines: Mapping[str, Expression] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Channel:
    """How messages of a channel go: how long they take, and the shares that fail and that are answered."""

    takes_ms: Ms = 300
    fails: float = 0.0
    replies: float = 0.0
    replies_after_ms: Ms = 60_000
    replies_with: str = "yes"


@dataclass(frozen=True, slots=True)
class Fault:
    """A lookup, a run or a channel (`kind`) that is broken from a local time until another, or in some hours.

    It meets a share of the requests. They end with `outcome` (empty: as ever) after `takes_ms` (None: as ever).
    """

    name: str
    kind: str
    of: str
    starts: datetime | None = None
    until: datetime | None = None
    hours: Hours | None = None
    outcome: str = "failed.out_of_service"
    share: float = 1.0
    takes_ms: Ms | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """Changes rows of a table that fit `when` (and with `chance` each), by the clock.

    At a local time on weekdays (0 is Monday), or every `every_ms`; with both, every so many days at that time.
    """

    name: str
    rows: str
    at: time | None
    days: frozenset[int]
    every_ms: Ms
    sets: Mapping[str, Expression | Template]
    when: Expression | None = None
    chance: float = 1.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """At a local time on weekdays (0 is Monday), or every so often; for each row of a table that fits, or once."""

    at: time | None
    days: frozenset[int]
    every_ms: Ms
    rows: str = ""
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class Becomes:
    """A condition of a row becomes true; `columns` are those that it reads."""

    rows: str
    when: Expression
    columns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Comes:
    """A date of a row is so many days away, at a local time."""

    rows: str
    column: str
    days_before: int
    at: time
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class CallEnds:
    """A call has ended: to one of the numbers, begun in a flow, with an outcome, in a state (empty: any).

    With `missed`, only one in which nobody was talked to.
    """

    numbers: tuple[str, ...] = ()
    flow: str = ""
    outcome: str = ""
    state: str = ""
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Writes:
    """Somebody sends a message that no flow waits for."""

    channel: str


@dataclass(frozen=True, slots=True)
class Lead:
    """Somebody to be called; `fields` are plain values for the data root that shows them."""

    number: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A list is called, paced to the `agents` of a queue; see `ivr.world.campaigns` for the modes."""

    leads: tuple[Lead, ...]
    queue: str
    agents: frozenset[str]
    mode: str = "progressive"
    ratio: float = 1.0
    max_drop: float = 0.03
    hours: Hours | None = None
    tries: int = 1
    retry_every_ms: Ms = 3_600_000
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Trigger:
    """What starts a flow without a call.

    `into` is the data root that shows the row, `shows` its fields, `phone` the column with the number.
    """

    name: str
    kind: Schedule | Becomes | Comes | CallEnds | Writes | Campaign
    after_ms: Ms = 0
    into: str = ""
    phone: str = "phone"
    shows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """What rows of a table make of the `value` of each: their `sum`, their `mean`, or a `share` (mean of conditions)."""

    name: str
    rows: str
    how: str
    value: Expression


@dataclass(frozen=True, slots=True)
class WorldModel:
    """Tables (rows by name, each row complete and typed), lookups, runs, triggers and channels by name; faults, processes.

    `columns` are the types of a table's columns.
    """

    tables: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, ValueType]] = field(default_factory=dict)
    lookups: Mapping[str, WorldLookup] = field(default_factory=dict)
    runs: Mapping[str, WorldRun] = field(default_factory=dict)
    triggers: Mapping[str, Trigger] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    processes: tuple[Process, ...] = ()
    figures: tuple[Figure, ...] = ()
