"""What every model of a queue answers, and what it may be asked."""

from dataclasses import dataclass
from math import isfinite
from typing import Protocol

from ivr.limits import THEORY_SERVERS_MAX


@dataclass(frozen=True, slots=True)
class Figures:
    """All the usual figures of a queue; times in seconds, shares 0 to 1.

    Where lines are limited, all but `p_block`, `queue` and `occupancy` are of the calls that found a free line.
    A mean of nobody (the wait of those who leave, where all stay) is None.

    agents          who answer
    offered_erlang  calls a second x mean handle time: agents busy if every call were answered
    p_block         calls that find no free line
    p_wait          calls not answered at once
    p_abandon       calls whose caller leaves before an answer
    wait_all        mean time in the queue of all calls; those answered at once count as 0
    asa             the same of answered calls: the average speed of answer
    wait_ab         the same of abandoned calls
    wait_if_wait    the same of calls not answered at once
    p90, p95        time in the queue that 90 % (95 %) of all calls do not exceed
    within          the time that a service level is about
    sl              answered within it / all calls
    sl_ans          answered within it / answered
    sl_exshort      answered within it / all calls but those abandoned within it
    sl_goodab       answered or abandoned within it / all calls
    p_wait_gt       calls that are in the queue for longer
    queue           mean number of calls waiting
    occupancy       mean share of agents busy
    offered_wait    mean time that a caller of endless patience would wait
    """

    agents: int
    offered_erlang: float
    p_block: float
    p_wait: float
    p_abandon: float
    wait_all: float
    asa: float | None
    wait_ab: float | None
    wait_if_wait: float | None
    p90: float
    p95: float
    within: float
    sl: float
    sl_ans: float | None
    sl_exshort: float | None
    sl_goodab: float
    p_wait_gt: float
    queue: float
    occupancy: float
    offered_wait: float


class Model(Protocol):
    """A queue with a number of agents."""

    @property
    def occupancy(self) -> float:
        """Mean share of agents busy."""

    @property
    def asa(self) -> float | None:
        """Mean wait of answered calls in seconds; None where nobody is answered."""

    @property
    def p_abandon(self) -> float:
        """Share of calls whose caller leaves before an answer."""

    def service_level(self, within: float) -> float:
        """Share of calls answered within so many seconds."""

    def p_wait_gt(self, seconds: float) -> float:
        """Share of calls that are in the queue for longer."""

    def quantile(self, share: float) -> float:
        """Seconds in the queue that this share of calls does not exceed."""

    def figures(self, within: float = 20.0) -> Figures:
        """All figures, with service levels about `within` seconds."""


def offered(rate: float, aht: float) -> float:
    """The load in Erlang of `rate` calls a second that take `aht` seconds each.

    Raises:
        ValueError: one of them is not a positive number.
    """
    for name, value in (("calls a second", rate), ("the mean handle time", aht)):
        if not (isfinite(value) and value > 0):
            raise ValueError(f"{name} must be a number above 0, not {value:g}")
    return rate * aht


def positive_load(load: float) -> float:
    """The load as it is; `ValueError` unless it is a positive number."""
    if not (isfinite(load) and load > 0):
        raise ValueError(f"the load must be a number of Erlang above 0, not {load:g}")
    return load


def least_agents(load: float) -> int:
    """The fewest agents with whom a queue that nobody leaves does not grow without end.

    A load that is a whole number but for rounding, such as that of 600 calls an hour and 3 minutes, counts as one.
    """
    return int(load * (1 + 1e-12)) + 1


def refuse_endless(load: float, agents: int) -> None:
    """`ValueError` where the agents cannot handle the load, and nobody takes it away."""
    if agents < (least := least_agents(load)):
        raise ValueError(
            f"the queue grows without end: {load:.6g} Erlang need at least {least} agents, not {agents}"
        )


def counted(count: int, what: str, least: int = 1) -> int:
    """The count as it is; `ValueError` unless it is from `least` to what is worth computing."""
    if not least <= count <= THEORY_SERVERS_MAX:
        raise ValueError(f"{count} {what} cannot be computed: it goes from {least} to {THEORY_SERVERS_MAX}")
    return count


def share_between(share: float, what: str) -> float:
    """The share as it is; `ValueError` unless it lies between 0 and 1, both excluded."""
    if not 0 < share < 1:
        raise ValueError(f"{what} must lie between 0 and 1, not be {share:g}")
    return share


def not_negative(seconds: float) -> float:
    """The time as it is; `ValueError` unless it is a number of seconds from 0."""
    if not (isfinite(seconds) and seconds >= 0):
        raise ValueError(f"a time must be a number of seconds from 0, not {seconds:g}")
    return seconds
