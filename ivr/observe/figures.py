"""The figures of a queue that a wallboard shows: what is now, and what has been since the start.

average speed of answer   mean wait of answered calls, from joining the queue
average handle time       talk + hold + wrap-up of an agent, per call
occupancy                 handling / (handling + ready + being rung), of all agents of the queue
first contact resolution  1 - repeats / answered: a repeat is a call, answered by the same queue, of a caller whom
the queue had answered within the week before; callers without a number are not counted
"""

import msgspec

from ivr.core.time import HOUR, Instant

WEEK_MS = 7 * 24 * HOUR


class QueueFigures(msgspec.Struct, frozen=True):
    """One queue; durations in seconds, None where there is nothing to divide by or nobody knows."""

    queue: str
    waiting: int
    ringing: int
    callbacks: int
    longest_waiting_s: float
    estimate_s: float | None
    agents: dict[str, int]
    offered: int
    outcomes: dict[str, int]
    blocked: dict[str, int]
    threshold_s: float
    target: float
    service_level: dict[str, float]
    average_speed_of_answer_s: float | None
    average_handle_s: float | None
    longest_wait_s: float
    occupancy: float | None
    first_contact_resolution: float | None


class Contacts:
    """Who was answered when, by queue: how many of the answers were to callers who came again."""

    __slots__ = ("_last", "answered", "repeats")

    def __init__(self) -> None:
        self._last: dict[str, Instant] = {}
        self.answered = 0
        self.repeats = 0

    def take(self, caller: str, at: Instant) -> None:
        """A caller was answered; those of more than a week ago are forgotten."""
        if not caller:
            return
        self.answered += 1
        before = self._last.pop(caller, None)
        if before is not None and at - before <= WEEK_MS:
            self.repeats += 1
        self._last[caller] = at
        while at - next(iter(self._last.values())) > WEEK_MS:
            del self._last[next(iter(self._last))]

    @property
    def resolution(self) -> float | None:
        """First contact resolution, None while nobody with a number was answered."""
        return 1 - self.repeats / self.answered if self.answered else None
