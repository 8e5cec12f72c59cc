"""What a number of a call has to be, as authors of tests write it: `3`, `{ below: 120s }`."""

import re
from typing import Any, Final, NamedTuple

from ivr.core.time import format_duration, parse_duration
from ivr.language.problems import Report
from ivr.language.tree import Text
from ivr.language.trial_models import ComparisonModel

TIME: Final = "time"
"""A length of time, in milliseconds; written as a duration."""
SECONDS: Final = "seconds"
"""The same, but a plain number is taken for seconds."""
COUNT: Final = "count"
"""A whole number."""

METRICS: Final = {
    "time_to_person": TIME,
    "time_to_cancel": TIME,
    "wait": TIME,
    "talk": TIME,
    "prompts_s": SECONDS,
    "keys": COUNT,
    "misses": COUNT,
    "offers_heard": COUNT,
    "transfers": COUNT,
    "errors": COUNT,
}
"""The numbers of a call and how each is written."""

_HINTS: Final = {
    TIME: "write a length of time such as 500ms, 45s or 2m",
    SECONDS: "write seconds such as 45, or a length of time such as 45s",
    COUNT: "write a whole number such as 3",
}
_WORDS: Final = {
    "is_": "",
    "below": "below ",
    "above": "above ",
    "at_most": "at most ",
    "at_least": "at least ",
}


class Bound(NamedTuple):
    """One comparison: `how` is a field of `ComparisonModel`, `amount` milliseconds or a count."""

    how: str
    amount: int
    kind: str

    def holds(self, value: int) -> bool:
        """Whether a value passes."""
        match self.how:
            case "below":
                return value < self.amount
            case "above":
                return value > self.amount
            case "at_most":
                return value <= self.amount
            case "at_least":
                return value >= self.amount
        return value == self.amount

    def __str__(self) -> str:
        return _WORDS[self.how] + shown(self.amount, self.kind)


def shown(amount: int, kind: str) -> str:
    """A number of a call for reading."""
    return str(amount) if kind == COUNT else format_duration(amount)


def bounds(comparison: Any, kind: str, report: Report) -> list[Bound]:
    """The comparisons written; what cannot be compared becomes a problem."""
    if isinstance(comparison, ComparisonModel):
        written = {how: getattr(comparison, how) for how in _WORDS if getattr(comparison, how) is not None}
        if not written and not comparison.lost:
            report.add(comparison.place, "compare", "nothing is compared here", "write { below: ... }")
    else:
        written = {"is_": comparison}
    found = []
    for how, text in written.items():
        try:
            found.append(Bound(how, _amount(text, kind), kind))
        except ValueError:
            report.add(text, "compare", f"{str(text)[:40]!r} cannot be compared with this", _HINTS[kind])
    return found


def _amount(text: Text, kind: str) -> int:
    if kind == COUNT:
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise ValueError
        return int(text)
    if kind == SECONDS and re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", text):
        return round(float(text) * 1_000)
    return parse_duration(str(text)[:40])
