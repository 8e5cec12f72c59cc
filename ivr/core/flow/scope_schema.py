"""What every expression and template may read besides a center's own data: roots, fields and types.

A root whose only field is the empty name (`now`) is a value itself, not a group of fields.
"""

from collections.abc import Mapping
from typing import Final

from ivr.core.flow.values import ValueType

ITSELF: Final = ""
"""The field name of a root that is a value itself."""

_TEXT: Final = ValueType("text")
_INTEGER: Final = ValueType("integer")
_MONEY: Final = ValueType("money")
_DATETIME: Final = ValueType("datetime")

BUILTIN: Final[Mapping[str, Mapping[str, ValueType]]] = {
    "call": {
        "id": _TEXT,
        "started_at": _DATETIME,
        "last_state": _TEXT,
        "errors": _INTEGER,
        "language": _TEXT,
        "revision": _TEXT,
        "number": _TEXT,
    },
    "caller": {"number": _TEXT, "name": _TEXT, "hidden": ValueType("boolean")},
    "queue": {
        "name": _TEXT,
        "position": _INTEGER,
        "wait": ValueType("number"),  # seconds; infinity while nobody knows
        "size": _INTEGER,
        "agents": _INTEGER,
    },
    "agent": {"name": _TEXT, "label": _TEXT},
    "offer": {
        "name": _TEXT,
        "step": _INTEGER,
        "percent": _MONEY,
        "months": _INTEGER,
        "amount": _MONEY,
        "price": _MONEY,
        "ends_on": ValueType("date"),
    },
    "hours": {"next_open": _DATETIME, "open": ValueType("boolean")},
    "appointment": {
        "name": _TEXT,
        "booked": ValueType("boolean"),
        "starts_at": _DATETIME,
        "ends_at": _DATETIME,
    },
    "message": {"channel": _TEXT, "sender": _TEXT, "text": _TEXT},
    "work": {
        "id": _TEXT,
        "starts_at": _DATETIME,
        "ends_at": _DATETIME,
        "place": _TEXT,
        "agent": _TEXT,
        "note": _TEXT,
    },
    "error": {"kind": _TEXT, "state": _TEXT, "message": _TEXT},
    "now": {ITSELF: _DATETIME},
}

RESERVED: Final = frozenset(
    {*BUILTIN, "consent", "identified", "result", "vars", "rules", "true", "false", "none"}
)
"""Names a center's data roots cannot have."""
