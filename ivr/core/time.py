"""Time as the engine knows it: whole milliseconds since the run's epoch.

Nothing here reads a clock. The wall clock enters in `ivr.core.calendar` (opening hours, dates)
and at the edges, where a driver stamps what the world sends.
"""

import re
from typing import Final, TypeAlias

Instant: TypeAlias = int
"""A moment: milliseconds since the run's epoch."""

Ms: TypeAlias = int
"""A length of time in milliseconds."""

NEVER: Final[Instant] = 2**62
"""Later than anything that happens."""

SECOND: Final[Ms] = 1_000
MINUTE: Final[Ms] = 60_000
HOUR: Final[Ms] = 3_600_000
DAY: Final[Ms] = 86_400_000

_UNITS: Final = {"d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND, "ms": 1}
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d{1,3})?)s)?(?:(\d+)ms)?")


def parse_duration(text: str) -> Ms:
    """Milliseconds of a duration such as `500ms`, `5s`, `1m30s`, `2h` or `1d`.

    Raises:
        ValueError: the text is not a duration, or it is longer than 3 650 days.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        raise ValueError(f"{text!r} is not a duration; write it like 500ms, 5s, 1m30s, 2h or 1d")
    days, hours, minutes, seconds, millis = match.groups()
    total = int(days or 0) * DAY + int(hours or 0) * HOUR + int(minutes or 0) * MINUTE + int(millis or 0)
    if seconds:
        whole, _, part = seconds.partition(".")
        total += int(whole) * SECOND + int(part.ljust(3, "0") if part else 0)
    if total > 3_650 * DAY:
        raise ValueError(f"{text!r} is longer than ten years")
    return total


def format_duration(ms: Ms) -> str:
    """The shortest text that `parse_duration` reads back as `ms`."""
    if ms == 0:
        return "0s"
    parts = []
    for unit in ("d", "h", "m", "s", "ms"):
        count, ms = divmod(ms, _UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)
