"""Changes of rows: values that fit their columns, and what becomes true of a row by them.

A change of some columns of a table is prepared once: which conditions read any of those columns is known then, and no
other is looked at. A million changes of rows are a few seconds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeAlias

from ivr.core.flow.values import ValueType, coerce, plain
from ivr.language.world_model import Becomes
from ivr.limits import VALUE_NUMBER_MAX

Row: TypeAlias = dict[str, Any]

Source: TypeAlias = Callable[[dict[str, Any]], Any]
"""A compiled expression over `row` and `now`."""

OnChange: TypeAlias = Callable[[str, Row, Row], None]
"""Told of a change: the table, the row before, the row now."""

FAULTS: Final = (ArithmeticError, TypeError, ValueError)
"""What an author's expression may raise."""


_MOST: Final = Decimal(VALUE_NUMBER_MAX)
_LEAST: Final = -_MOST


def scope_of(row: Row, now: datetime) -> dict[str, Any]:
    """What expressions over a row may read; the keys are those of `ivr.language.trigger_parts.row_schema`."""
    return {"row": row, "now": now, "today": now.date()}


class Crossing(NamedTuple):
    """A condition of rows, and who is told of a row for which it becomes true."""

    kind: Becomes
    told: Callable[[Row], None]


class Change:
    """Changes some columns of a table's rows."""

    __slots__ = ("_crossings", "_fits", "table")

    def __init__(self, table: str, columns: Sequence[str], kinds: Mapping[str, ValueType]) -> None:
        """`kinds` are the types of the table's columns."""
        self.table = table
        self._fits = {column: _fit(kinds[column]) if column in kinds else _as_it_is for column in columns}
        self._crossings: list[tuple[Source, Callable[[Row], None]]] = []

    def watch(self, crossings: Sequence[Crossing]) -> None:
        """Look at those of the conditions that read any of these columns."""
        self._crossings = [
            (crossing.kind.when.fn, crossing.told)
            for crossing in crossings
            if crossing.kind.rows == self.table and not crossing.kind.columns.isdisjoint(self._fits)
        ]

    def apply(self, row: Row, values: Mapping[str, Any], now: datetime, on_change: OnChange | None) -> None:
        """Give a row these values for the columns. ValueError, and no change, if one does not fit its column."""
        after = {column: self._fits[column](value) for column, value in values.items()}
        before = dict(row)
        row.update(after)
        scope = scope_of(row, now)
        for condition, told in self._crossings:
            if _holds(condition, scope) and not _holds(condition, scope_of(before, now)):
                told(row)
        if on_change is not None and row != before:
            on_change(self.table, before, row)

    def sweep(
        self, rows: Iterable[Row], sources: Mapping[str, Source], now: datetime, on_change: OnChange | None
    ) -> None:
        """Compute the columns of many rows anew; a row for which that cannot be done stays as it is.

        The same as `apply` for each of them, in half the time: conditions that are false now need no look at before.
        """
        parts = [(column, source, self._fits[column]) for column, source in sources.items()]
        crossings = self._crossings
        scope = scope_of({}, now)
        after: Row = {}
        for row in rows:
            scope["row"] = row
            try:
                for column, source, fit in parts:
                    after[column] = fit(source(scope))
            except FAULTS:
                continue
            before = dict(row)
            row.update(after)
            for condition, told in crossings:
                try:
                    if condition(scope) and not _holds(condition, scope_of(before, now)):
                        told(row)
                except FAULTS:  # it does not hold now
                    continue
            if on_change is not None and row != before:
                on_change(self.table, before, row)


def _holds(condition: Source, scope: dict[str, Any]) -> bool:
    try:
        return bool(condition(scope))
    except FAULTS:
        return False


def _as_it_is(value: Any) -> Any:
    return value


def _fit(kind: ValueType) -> Callable[[Any], Any]:
    def fit(value: Any) -> Any:
        return coerce(plain(value), kind)

    def fit_money(value: Any) -> Any:
        # what an expression gives for a money column is a Decimal already; only its size is to be seen
        if type(value) is Decimal and _LEAST <= value <= _MOST:
            return value
        return fit(value)

    return fit_money if kind.kind == "money" else fit
