"""When the next slot of playout is due, and what to do after being late."""

from typing import Final, NamedTuple

from ivr.media.bounds import CATCH_UP_MS
from ivr.media.codec import FRAME_MS

__all__ = ["SLOTS", "Beat", "Pacer"]

SLOTS: Final = 5
"""Phase slots in a tick: lines are spread over them, so that a thousand frames are not one burst."""


class Beat(NamedTuple):
    """A slot of a tick that is due, and how late it is."""

    slot: int
    tick: int
    late_ns: int


class Pacer:
    """The playout clock without a clock: it is told the time and says which beats are due.

    A beat late by up to 60 ms is caught up at once, so a short hiccup costs no frame. After more (the process
    was suspended) whole ticks are skipped and counted in `skipped_ticks`: a burst would only overflow the
    phones.
    """

    __slots__ = ("_beat", "_slots", "_start_ns", "_step_ns", "skipped_ticks")

    def __init__(self, start_ns: int, slots: int = SLOTS) -> None:
        self._start_ns = start_ns
        self._slots = slots
        self._step_ns = FRAME_MS * 1_000_000 // slots
        self._beat = 0
        self.skipped_ticks = 0

    def next_due_ns(self) -> int:
        """The instant of the next beat, on the clock that `start_ns` was read from."""
        return self._start_ns + self._beat * self._step_ns

    def due(self, now_ns: int) -> list[Beat]:
        """The beats to play now, in order; none if it is too early."""
        stalled_ns = late_ns = now_ns - self.next_due_ns()
        if late_ns > CATCH_UP_MS * 1_000_000:
            missed = late_ns // (self._step_ns * self._slots)
            self.skipped_ticks += missed
            self._beat += missed * self._slots
        beats: list[Beat] = []
        while (late_ns := now_ns - self.next_due_ns()) >= 0:
            tick, slot = divmod(self._beat, self._slots)
            # the first beat after a skip stands for those that were skipped, and says how late they were
            beats.append(Beat(slot, tick, late_ns if beats else stalled_ns))
            self._beat += 1
        return beats
