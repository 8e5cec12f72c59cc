"""The tables of a center's world compiled: the types of their columns, written rows, generated rows.

A generated value depends on the seed, the table, the column and the row's number, on nothing else. So two centers that differ
in anything else have the same customers (common random numbers), and a column more changes no other.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any, Final, TypeAlias

from ivr.core import law
from ivr.core.chance import Stream
from ivr.core.flow.values import NUMERIC, ValueType, coerce, plain
from ivr.language.center_models import CenterModel
from ivr.language.center_parts import Surroundings, check_field_name, convert
from ivr.language.company_models import ColumnModel, GenerateModel, Table, TableModel
from ivr.language.problems import Place
from ivr.language.scoping import Reader
from ivr.language.tree import Text
from ivr.limits import GENERATED_MEAN_MAX, NAME_CHARS_MAX, ROWS_GENERATED_MAX

_TEXT: Final = ValueType("text")
_WAYS: Final = ("one_of", "pattern", "law", "value")
_NEEDS: Final = {
    "exponential": ("mean",),
    "lognormal": ("mean", "cv"),
    "gamma": ("mean", "cv"),
    "weibull": ("mean", "shape"),
    "uniform": ("low", "high"),
}
_STEPS: Final = {"integer": 1, "money": 100, "number": 100}
"""How finely a law's values are told: cents of money, hundredths of numbers."""
_SIGNS: Final = re.compile("#+")

Make: TypeAlias = Callable[[float, int, Mapping[str, Any]], Any]
"""A value from a uniform number on [0, 1), the row's number from 1, and the columns before it."""


def columns_of(name: Text, table: Table, center: CenterModel, around: Surroundings) -> dict[str, ValueType]:
    """Types of a table's columns: those of the data roots it fills, and text for any other."""
    columns: dict[str, ValueType] = {}
    for into in _fills(str(name), center):
        columns |= around.schema.get(into, {})
    named = [column for row in _written(table) for column in row]
    if isinstance(table, TableModel):
        named += table.generate.columns
    for column in named:
        if str(column) not in columns and check_field_name(column, column, around.report):
            columns[str(column)] = _TEXT
    return columns


def rows_of(
    center: CenterModel, columns: Mapping[str, Mapping[str, ValueType]], around: Surroundings
) -> dict[str, tuple[dict[str, Any], ...]]:
    """The rows of every table, each with every column: what is not said is as the data root says, or natural."""
    tables = {}
    left = ROWS_GENERATED_MAX
    for name, table in center.world.tables.items():
        kinds = columns[str(name)]
        first = {column: kind.natural for column, kind in kinds.items()}
        for root in _fills(str(name), center):
            first |= around.values.get(root, {})
        rows = [
            first
            | {str(c): convert(value, kinds[str(c)], around.report) for c, value in row.items() if c in kinds}
            for row in _written(table)
        ]
        if isinstance(table, TableModel):
            left -= table.generate.rows
            if left < 0:
                message = f"more than {ROWS_GENERATED_MAX} rows are generated"
                around.report.add(table.generate.place_of_key("rows"), "too-big", message, "write fewer")
            rows += _generated(name, table.generate, kinds, first, around)
        tables[str(name)] = tuple(rows)
    return tables


def _written(table: Table) -> list[dict[Text, Any]]:
    return table.rows if isinstance(table, TableModel) else table


def _fills(table: str, center: CenterModel) -> Iterable[str]:
    for lookup in center.world.lookups.values():
        if lookup.from_ == table:
            yield str(lookup.into)
    for settings in center.triggers.values():
        if settings.into is not None and settings.table == table:
            yield str(settings.into)
    for run in center.world.runs.values():
        if run.into is not None and run.row is not None and run.row.from_ == table:
            yield str(run.into)


# Generated rows -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A column with its chance."""

    name: str
    stream: Stream
    make: Make


def _generated(
    table: Text,
    model: GenerateModel,
    kinds: Mapping[str, ValueType],
    first: Mapping[str, Any],
    around: Surroundings,
) -> list[dict[str, Any]]:
    """The rows; of a center that is only checked, one."""
    drawn = []
    for name, column in model.columns.items():
        if str(name) in kinds and (make := _maker(name, column, kinds, model.rows, around)) is not None:
            drawn.append(_Drawn(str(name), Stream(str(model.seed), f"rows/{table}/{name}"), make))
    if around.report.failed:
        return [dict(first)]
    rows: list[dict[str, Any]] = []
    for number in range(1, (1 if around.dry else model.rows) + 1):
        row = dict(first)
        for one in drawn:
            try:
                row[one.name] = one.make(one.stream.unit(number), number, row)
            except (ArithmeticError, TypeError, ValueError) as fault:
                message = f"{one.name!r} of row {number} cannot be computed: {fault}"
                around.report.add(table, "rows", message, "see its value:")
                return rows
        rows.append(row)
    return rows


def _maker(
    name: Text, column: Any, kinds: Mapping[str, ValueType], rows: int, around: Surroundings
) -> Make | None:
    """How a column gets its values; None where that is not said rightly, which is reported."""
    kind, report = kinds[str(name)], around.report
    if isinstance(column, float):
        if kind.kind != "boolean":
            report.add(
                name,
                "type",
                f"{str(name)!r} is {kind}, and a share is for booleans",
                _declare(name, "boolean"),
            )
        return lambda unit, number, row: unit < column
    if not isinstance(column, ColumnModel):
        value = convert(column, kind, report)
        return lambda unit, number, row: value
    said = [way for way in _WAYS if getattr(column, way) is not None]
    if len(said) != 1:
        if not column.lost:
            message = (
                f"both {said[0]!r} and {said[1]!r} make its values" if said else "nothing makes its values"
            )
            report.add(column.place, "column", message, f"write one of {', '.join(_WAYS)}")
        return None
    if column.one_of is not None:
        return _choice(column.one_of, kind, column.place, around)
    if column.pattern is not None:
        return _pattern(column.pattern, kind, rows, around)
    if column.law is not None:
        return _law(name, column, kind, around)
    assert column.value is not None
    return _computed(name, column.value, kinds, around)


def _declare(name: Text, kind: str) -> str:
    return f"declare it under data: {{{name}: {kind}}}, in the root that a lookup fills from this table"


def _choice(
    choices: list[Text] | dict[Text, Decimal], kind: ValueType, place: Place, around: Surroundings
) -> Make | None:
    weights = choices if isinstance(choices, dict) else dict.fromkeys(range(len(choices)), Decimal(1))
    values = [convert(choice, kind, around.report) for choice in choices]
    total = sum(weights.values())
    if not total:
        around.report.add(place, "column", "no value has a weight above 0", "give them weights")
        return None
    bounds = [float(bound / total) for bound in accumulate(weights.values())]
    last = len(values) - 1
    return lambda unit, number, row: values[min(bisect_right(bounds, unit), last)]


def _pattern(pattern: Text, kind: ValueType, rows: int, around: Surroundings) -> Make | None:
    signs = _SIGNS.findall(pattern)
    if len(signs) != 1:
        message = (
            "a pattern has one place for the number" if signs else "a pattern has a place for the number"
        )
        hint = "quote it: what follows ' #' is a comment" if pattern.comment else "write it like +7900#######"
        around.report.add(pattern, "column", message, hint)
        return None
    if len(pattern) > NAME_CHARS_MAX:
        around.report.add(pattern, "column", f"a pattern has at most {NAME_CHARS_MAX} characters")
        return None
    places = len(signs[0])
    if places > 1 and rows >= 10**places:
        message = f"{rows} rows do not fit into {places} places"
        around.report.add(pattern, "column", message, "write more signs #, or a single one")
    before, after = pattern.split(signs[0])
    convert(Text(f"{before}{1:0{places}}{after}", pattern), kind, around.report)
    return lambda unit, number, row: coerce(f"{before}{number:0{places}}{after}", kind)


def _law(name: Text, column: ColumnModel, kind: ValueType, around: Surroundings) -> Make | None:
    report, needs = around.report, _NEEDS[str(column.law)]
    missing = [key for key in needs if getattr(column, key) is None]
    if missing:
        if not column.lost:
            report.add(
                column.place,
                "missing-key",
                f"{str(column.law)!r} needs {missing[0]!r}",
                f"add {missing[0]}: ...",
            )
        return None
    for key in ("mean", "cv", "shape", "low", "high"):
        if getattr(column, key) is not None and key not in needs:
            message = f"{key!r} means nothing to {str(column.law)!r}"
            report.add(column.place_of_key(key), "column", message, f"it takes {' and '.join(needs)}")
    if column.law == "uniform":
        return _uniform(name, column, kind, around)
    if kind.kind not in NUMERIC:
        report.add(name, "type", f"{str(name)!r} is {kind}, and a law gives numbers", _declare(name, "money"))
        return None
    assert column.mean is not None
    if column.mean > GENERATED_MEAN_MAX:
        report.add(column.place_of_key("mean"), "column", f"a mean is at most {GENERATED_MEAN_MAX}")
    if around.dry:
        return lambda unit, number, row: kind.natural
    steps, mean = _STEPS[kind.kind], float(column.mean)
    drawn = _LAWS[str(column.law)](mean * steps, column.cv or column.shape or 1.0)
    return lambda unit, number, row: _told(drawn.draw(unit), kind, steps)


_LAWS: Final[Mapping[str, Callable[[float, float], law.Law]]] = {
    "exponential": lambda mean, _: law.exponential(mean),
    "lognormal": law.lognormal,
    "gamma": law.gamma,
    "weibull": law.weibull,
}


def _told(value: int, kind: ValueType, steps: int) -> Any:
    if kind.kind == "integer":
        return value
    return Decimal(value).scaleb(-2) if kind.kind == "money" else value / steps


def _uniform(name: Text, column: ColumnModel, kind: ValueType, around: Surroundings) -> Make | None:
    if kind.kind not in _SCALES:
        known = ", ".join(_SCALES)
        message = f"{str(name)!r} is {kind}, and uniform gives {known}"
        around.report.add(name, "type", message, _declare(name, "number"))
        return None
    assert column.low is not None
    assert column.high is not None
    to_steps, from_steps = _SCALES[kind.kind]
    low, high = (
        to_steps(convert(bound, ValueType(kind.kind), around.report)) for bound in (column.low, column.high)
    )
    if low > high:
        around.report.add(column.high, "column", "high is lower than low", "write the lower one under low")
    return lambda unit, number, row: from_steps(low + int(unit * (high - low + 1)))


_EPOCH: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - local times, of which only differences count

_SCALES: Final[Mapping[str, tuple[Callable[[Any], int], Callable[[int], Any]]]] = {
    "integer": (int, int),
    "number": (lambda value: round(value * 100), lambda steps: steps / 100),
    "money": (lambda value: int(value.scaleb(2)), lambda steps: Decimal(steps).scaleb(-2)),
    "date": (date.toordinal, date.fromordinal),
    "time": (
        lambda value: value.hour * 60 + value.minute,
        lambda steps: time(steps // 60, steps % 60),
    ),
    "datetime": (
        lambda value: (value - _EPOCH) // timedelta(minutes=1),
        lambda steps: _EPOCH + timedelta(minutes=steps),
    ),
}
"""From values to whole steps and back: hundredths, days, minutes."""


def _computed(name: Text, text: Text, kinds: Mapping[str, ValueType], around: Surroundings) -> Make:
    unsure = not around.lost.names.isdisjoint(("tables", "data", "world"))
    reader = Reader(
        around.report, {"row": kinds}, {}, around.currency, str(name), lenient=unsure, dry=around.dry
    )
    kind = kinds[str(name)]
    source = reader.value(text, kind, around.language)
    if around.dry:
        return lambda unit, number, row: kind.natural

    def compute(unit: float, number: int, row: Mapping[str, Any]) -> Any:
        value = coerce(plain(source.fn({"row": row})), kind)
        if isinstance(value, str) and len(value) > NAME_CHARS_MAX:
            raise ValueError(f"it has more than {NAME_CHARS_MAX} characters")
        return value

    return compute
