"""What is broken at the moment: the faults of a center, by schedule.

Whether a request is met is keyed by the fault's name and the count of such requests since the run began, so one fault
does not shift the chance of another, nor that of anything else.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from ivr.core.calendar import status
from ivr.core.chance import Stream
from ivr.core.time import Ms
from ivr.language.world_model import Fault


class Met(NamedTuple):
    """What a request meets: an outcome (empty: as ever) and how long it takes (None: as ever)."""

    outcome: str = ""
    takes_ms: Ms | None = None


_NOTHING = Met()


class Faults:
    """The faults of one run; `now` gives the center's local time."""

    def __init__(self, faults: Iterable[Fault], seed: str, now: Callable[[], datetime]) -> None:
        self._seed = seed
        self._now = now
        self._asked: dict[tuple[str, str], int] = {}
        self.adopt(faults)

    def adopt(self, faults: Iterable[Fault]) -> None:
        """Go by other faults from now on."""
        self._of: dict[tuple[str, str], list[tuple[Fault, Stream]]] = {}
        for fault in faults:
            stream = Stream(self._seed, f"world/fault/{fault.name}")
            self._of.setdefault((fault.kind, fault.of), []).append((fault, stream))

    def meet(self, kind: str, name: str) -> Met:
        """What the next request meets. Of several faults the first one that has it decides."""
        faults = self._of.get((kind, name))
        if faults is None:
            return _NOTHING
        self._asked[kind, name] = count = self._asked.get((kind, name), 0) + 1
        now = self._now()
        outcome, takes_ms = _NOTHING
        for fault, stream in faults:
            if _is_on(fault, now) and stream.unit(count) < fault.share:
                outcome = outcome or fault.outcome
                takes_ms = fault.takes_ms if takes_ms is None else takes_ms
        return Met(outcome, takes_ms)


def _is_on(fault: Fault, now: datetime) -> bool:
    return (
        (fault.starts is None or fault.starts <= now)
        and (fault.until is None or now < fault.until)
        and (fault.hours is None or status(fault.hours, now) == "open")
    )
