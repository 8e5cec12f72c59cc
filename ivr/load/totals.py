"""What came of many calls, by queue, as their callers saw it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from ivr.core.time import Ms
from ivr.load.seen import Call


@dataclass
class Queue:
    """A queue's visits: `offered` is what joined, waits are in ms of the center's time and sorted."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    gone_on: int = 0
    waiting: int = 0
    answered_waits: list[Ms] = field(default_factory=list)

    def wait_of(self, share: float) -> Ms | None:
        """The wait that this share of the answered did not exceed; None where nobody was answered."""
        waits = self.answered_waits
        return waits[max(0, ceil(share * len(waits)) - 1)] if waits else None

    @property
    def mean_wait_ms(self) -> float | None:
        """The average speed of answer."""
        return sum(self.answered_waits) / len(self.answered_waits) if self.answered_waits else None


@dataclass
class Totals:
    """All calls: `ended`, `refused` and `failed` by why, the most frequent first.

    `kept_out` counts those that were not made, as too many went on.
    """

    calls: int
    ended: dict[str, int]
    refused: dict[str, int]
    failed: dict[str, int]
    going_on: int
    kept_out: int
    queues: dict[str, Queue]


def totals(calls: Sequence[Call], kept_out: int = 0) -> Totals:
    """Count what callers saw."""
    queues: dict[str, Queue] = {}
    for call in calls:
        for visit in call.visits:
            queue = queues.setdefault(visit.queue, Queue())
            queue.offered += 1
            queue.answered += visit.outcome == "answered"
            queue.abandoned += visit.outcome == "abandoned"
            queue.gone_on += visit.outcome == "gone_on"
            queue.waiting += not visit.outcome
            if visit.outcome == "answered":
                queue.answered_waits.append(visit.waited_ms)
    for queue in queues.values():
        queue.answered_waits.sort()
    return Totals(
        len(calls),
        dict(Counter(call.ended for call in calls if call.ended).most_common()),
        dict(Counter(call.refused for call in calls if call.refused).most_common()),
        dict(Counter(call.failed for call in calls if call.failed).most_common()),
        sum(not call.over for call in calls),
        kept_out,
        queues,
    )
