"""Estimated wait: what a caller is told, by the model that the queue names.

A model is a function of the queue, a position in it (from 1) and how long the caller has waited; it answers
with the wait that is left, or None where nobody knows. Nobody at work means unknown, never zero. Further
models are put into `MODELS` before a center is loaded.

stat_server    handle time x position / (agents at work x their effective portion): the published formula of
               Genesys' Stat Server for agents who share queues; the portion of an agent is one over the
               number of queues they serve
position       handle time x position / agents at work: Cisco and Expertflow; the same where agents serve one queue
last_n         mean wait of the last 10 answered calls: Ivanti; late whenever things change
erlang         what Erlang C says of the rate at which calls came so far: it knows neither position nor patience
ewma_asterisk  Asterisk's app_queue: an average of answered waits in whole seconds, 3 parts old and 1 new, less the
               time waited, in minutes without their sign; so it grows again for who waits longest
"""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from ivr.core.time import MINUTE, SECOND, Instant, Ms
from ivr.limits import ESTIMATE_HANDLE_MS

if TYPE_CHECKING:
    from ivr.core.acd.queue import Queue

Model: TypeAlias = "Callable[[Queue, int, Ms], Ms | None]"

SHARE: Final = 1_000_000  # an agent who serves one queue alone, in the units of a queue's `share`
LAST_N: Final = 10


class Experience:
    """What a queue has seen of its calls: all that models may go by."""

    __slots__ = ("average_s", "came", "first", "handled", "handled_ms", "last_waits")

    def __init__(self) -> None:
        self.handled = 0
        self.handled_ms: Ms = 0
        self.last_waits: deque[Ms] = deque(maxlen=LAST_N)
        self.average_s = 0
        self.came = 0
        self.first: Instant = 0

    def joined(self, now: Instant) -> None:
        """A call came."""
        self.came += 1
        if self.came == 1:
            self.first = now

    def answered(self, waited_ms: Ms) -> None:
        """A call was answered."""
        self.last_waits.append(waited_ms)
        self.average_s = (3 * self.average_s + waited_ms // SECOND) >> 2

    def handle_ms(self) -> Ms:
        """Mean handle time so far; an assumption until a call was handled."""
        return self.handled_ms // self.handled if self.handled else ESTIMATE_HANDLE_MS


def stat_server(queue: "Queue", position: int, waited_ms: Ms) -> Ms | None:
    """See above."""
    return queue.seen.handle_ms() * position * SHARE // queue.share


def position_only(queue: "Queue", position: int, waited_ms: Ms) -> Ms | None:
    """See above."""
    return queue.seen.handle_ms() * position // queue.active


def last_n(queue: "Queue", position: int, waited_ms: Ms) -> Ms | None:
    """See above."""
    waits = queue.seen.last_waits
    return sum(waits) // len(waits) if waits else None


def erlang(queue: "Queue", position: int, waited_ms: Ms) -> Ms | None:
    """See above; unknown while fewer than two calls came, or more than the agents can handle."""
    seen = queue.seen
    elapsed_ms = queue.now() - seen.first
    if seen.came < 2 or elapsed_ms <= 0:
        return None
    handle_ms = seen.handle_ms()
    load = (seen.came - 1) * handle_ms / elapsed_ms
    agents = queue.active
    if load >= agents:
        return None
    return round(erlang_c(agents, load) * handle_ms / (agents - load))


def erlang_c(agents: int, load: float) -> float:
    """The share of calls that wait, with `load` in Erlang below `agents`: from Erlang B by its recursion."""
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = load * blocked / (number + load * blocked)
    return agents * blocked / (agents - load * (1 - blocked))


def ewma_asterisk(queue: "Queue", position: int, waited_ms: Ms) -> Ms | None:
    """See above."""
    return abs(queue.seen.average_s + 30 - waited_ms // SECOND) // 60 * MINUTE


MODELS: Final[dict[str, Model]] = {
    "stat_server": stat_server,
    "position": position_only,
    "last_n": last_n,
    "erlang": erlang,
    "ewma_asterisk": ewma_asterisk,
}
"""Every model by its name in `ewt:`."""

BY_HANDLE_TIME: Final = frozenset(("stat_server", "position"))
"""Models for which a queue need not look at the waits of its calls."""
