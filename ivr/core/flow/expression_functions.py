"""What conditions can call, and the conversions that compiled code uses: pure functions.

A missing value never gets here: the checker refuses it. A fault (a number out of range) is an
ArithmeticError, TypeError or ValueError, which the engine turns into the flow's `error` handler.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final


def to_money(value: float | Decimal) -> Decimal:
    """A number as money, by its shortest text: 29.9 becomes exactly 29.9."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def months_since(then: date, now: datetime) -> int:
    """Whole calendar months from `then` to `now`; negative for a date to come."""
    day = then.date() if isinstance(then, datetime) else then
    today = now.date()
    months = (today.year - day.year) * 12 + today.month - day.month
    if months > 0 and today.day < min(day.day, _last_day(today)):
        return months - 1
    if months < 0 and today.day > day.day:
        return months + 1
    return months


def days_since(then: date, now: datetime) -> int:
    """Whole calendar days from `then` to `now`; negative for a date to come."""
    return (now.date() - (then.date() if isinstance(then, datetime) else then)).days


def hour_between(start: int, end: int, now: datetime) -> bool:
    """Whether the local hour is from `start` up to, not including, `end`; a span may pass midnight."""
    if start <= end:
        return start <= now.hour < end
    return now.hour >= start or now.hour < end


def round_money(value: Decimal, digits: int = 0) -> Decimal:
    """Commercial rounding: half a cent goes up."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def has(value: Any) -> bool:
    """Whether a value is there: not missing, and no empty text."""
    return value is not None and value != ""


def default(value: Any, instead: Any) -> Any:
    """The value, or another where it is missing."""
    return instead if value is None else value


def field(values: Mapping[str, Any], name: str) -> Any:
    """A field of the last result; another request than the one meant may have answered last."""
    if name not in values:
        raise ValueError(f"the last result has no {name}")
    return values[name]


def _last_day(day: date) -> int:
    following = (
        date(day.year + day.month // 12, day.month % 12 + 1, 1) if day.year < 9999 or day.month < 12 else None
    )
    return 31 if following is None else (following - date.resolution).day


RUNTIME: Final[Mapping[str, Callable[..., Any]]] = {
    "_money": to_money,
    "_float": float,
    "_months_since": months_since,
    "_days_since": days_since,
    "_hour_between": hour_between,
    "_round_money": round_money,
    "_round": round,
    "_has": has,
    "_default": default,
    "_field": field,
    "_len": len,
    "_min": min,
    "_max": max,
    "_lower": str.lower,
}
"""The names compiled expressions may call; authors cannot write a leading underscore."""
