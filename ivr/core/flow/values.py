"""The types of an author's values, and how plain JSON values become them.

Money is a `Decimal`, a date a `datetime.date`, a moment a `datetime.datetime` without zone (the
center's local time), a time of day a `datetime.time`. Whatever comes from outside (a lookup's
result, a table in the center's file) passes through `coerce`, so that a replay from JSON sees the
very values the run saw.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ivr.limits import VALUE_CHARS_MAX, VALUE_NUMBER_MAX

KINDS: Final = ("text", "integer", "number", "money", "boolean", "date", "time", "datetime")
NUMERIC: Final = ("integer", "number", "money")

_NATURAL: Final[dict[str, Any]] = {
    "text": "",
    "integer": 0,
    "number": 0.0,
    "money": Decimal(0),
    "boolean": False,
    "date": date(1970, 1, 1),
    "time": time(0, 0),
    "datetime": datetime(1970, 1, 1),  # noqa: DTZ001 - local time of the center, by definition
}


@dataclass(frozen=True, slots=True)
class ValueType:
    """One of `KINDS`; `optional` (written `text?`) admits a missing value, which is None."""

    kind: str
    optional: bool = False

    def __str__(self) -> str:
        return self.kind + ("?" if self.optional else "")

    @property
    def natural(self) -> Any:
        """The value of a field nobody has filled: None where that is allowed, else zero, empty, false."""
        return None if self.optional else _NATURAL[self.kind]


def parse_type(text: str) -> ValueType:
    """The type written as `text`, `money?`, and so on; ValueError names the known ones."""
    kind = text.removesuffix("?")
    if kind not in KINDS:
        raise ValueError(f"{text!r} is not a type; the types are {', '.join(KINDS)}, each also with '?'")
    return ValueType(kind, text.endswith("?"))


def coerce(value: Any, wanted: ValueType) -> Any:
    """`value` (plain JSON, or text of a file) as the wanted type; ValueError says what does not fit."""
    if value is None:
        if wanted.optional:
            return None
        raise ValueError(f"{_a(wanted.kind)} is missing")
    convert = _CONVERT[wanted.kind]
    try:
        return convert(value)
    except (ValueError, TypeError, InvalidOperation, OverflowError):
        raise ValueError(f"{_short(value)} is not {_a(wanted.kind)}") from None


def plain(value: Any) -> Any:
    """`value` as JSON can carry it: money, dates and times become text."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return value


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise TypeError
    text = str(value)
    if len(text) > VALUE_CHARS_MAX:
        raise ValueError
    return text


def _integer(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, str) and len(value) > 30):
        raise TypeError
    number = int(value)
    if (isinstance(value, float) and number != value) or abs(number) > VALUE_NUMBER_MAX:
        raise ValueError
    return number


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    number = float(value)
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN is not itself
        raise ValueError
    return number


def _money(value: Any) -> Decimal:
    if isinstance(value, bool) or (isinstance(value, str) and len(value) > 30):
        raise TypeError
    amount = Decimal(str(value))
    if not amount.is_finite() or abs(amount) > VALUE_NUMBER_MAX:
        raise ValueError
    return amount


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise TypeError


def _date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _time(value: Any) -> time:
    return value if isinstance(value, time) else time.fromisoformat(value)


def _datetime(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment.replace(tzinfo=None)


_CONVERT: Final = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "money": _money,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
}
