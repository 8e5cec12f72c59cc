"""Callers who call because of what has happened to them in the company, such as being cut off.

Whether they do, and after how long, is keyed by their number and how often it has happened to them: the same
customers call in two versions of a center, as far as the same happens to them.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

from ivr.core.chance import Stream
from ivr.language.world_model import Becomes
from ivr.people.script import CallerKind, Cause
from ivr.people.stage import Stage

_FIRST: Final = 4 * 10**12  # numbers of their own: other callers are the same with and without them

Told: TypeAlias = Callable[[dict[str, Any]], None]


class Caused:
    """Who calls for a reason; `crossings` are what to be told of."""

    def __init__(
        self,
        causes: Sequence[Cause],
        seed: str,
        stage: Stage,
        call: Callable[[CallerKind, str, int], None],
    ) -> None:
        """`call` lets a caller of a kind with a phone number dial; the last is their ordinal."""
        self._seed = seed
        self._stage = stage
        self._call = call
        self._times: Counter[tuple[int, str]] = Counter()
        self._ordinal = _FIRST
        self.crossings: list[tuple[Becomes, Told]] = [
            (cause.becomes, partial(self._happened, number, cause)) for number, cause in enumerate(causes)
        ]

    def _happened(self, number: int, cause: Cause, row: dict[str, Any]) -> None:
        phone = str(row.get("phone") or "")
        if not phone:
            return
        self._times[number, phone] += 1
        times = self._times[number, phone]
        stream = Stream(self._seed, f"caused/{number}/{phone}")
        if stream.unit(times) < cause.share:
            self._ordinal += 1
            delay_ms = max(0, cause.after.draw(stream.unit(-times)))
            self._stage.later(delay_ms, self._due, (cause.kind, phone, self._ordinal))

    def _due(self, caller: tuple[CallerKind, str, int]) -> None:
        self._call(*caller)
