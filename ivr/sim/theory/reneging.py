"""Callers who lose patience: M/M/c+G and M/M/c/K+G exactly, by integrals of the offered wait.

The offered wait V is how long a caller of endless patience would wait. With callers' patience above time x
in a share stays(x), whose integral is spent(x), its density for x > 0 is

    v(x) = rate p[c-1] exp(rate spent(x) - c x / aht)

where p[c-1] is the probability that exactly one agent is free, from the condition that all adds up to 1.
All figures are integrals over it: a caller leaves when patience ends before V does.

    F. Baccelli and G. Hebuterne, "On queues with impatient customers", Performance '81
    S. Zeltyn and A. Mandelbaum, "Call centers with impatient customers: many-server asymptotics of the
    M/M/n+G queue", Queueing Systems 51, 2005

With K lines, at most n = K - c calls wait, and exp(z) becomes its series, broken off after the power n - 1
for calls that are let in; the power n itself is the state in which all lines are taken:

    A. Brandt and M. Brandt, "On the M(n)/M(n)/s queue with impatient calls", Performance Evaluation 35, 1999

The logarithm of the density is concave. So it has one peak, which is looked for first; numbers are scaled
by it, or they would overflow with some hundred agents.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from math import exp, inf, lgamma, log
from typing import NamedTuple

from ivr.core.incomplete import log_upper_gamma
from ivr.sim.theory.figures import Figures, counted, not_negative, offered, refuse_endless, share_between
from ivr.sim.theory.loss import inverse_blocking
from ivr.sim.theory.patience import Patience, exponential
from ivr.sim.theory.quadrature import integrate, points_of


class _Whole(NamedTuple):
    """Integrals over all of the density, unscaled by the probability of one free agent."""

    mass: float
    left: float
    spent: float
    answered_wait: float
    abandoned_wait: float
    wait: float


@dataclass(frozen=True)
class Reneging:
    """M/M/c+G: Poisson calls, exponential handle times, patience of any law, first come first served.

    Args:
        rate: calls a second.
        aht: mean handle time in seconds.
        agents: who answer.
        patience: the law of patience.
        lines: most calls that are there at once, talking and waiting (M/M/c/K+G); None: no limit.

    Raises:
        ValueError: nonsense, fewer lines than agents, or neither patience nor lines have an end while the load
            is more than the agents can handle.
    """

    rate: float
    aht: float
    agents: int
    patience: Patience
    lines: int | None = None
    load: float = field(init=False)

    def __post_init__(self) -> None:
        load = offered(self.rate, self.aht)
        counted(self.agents, "agents")
        if self.lines is not None and counted(self.lines, "lines") < self.agents:
            raise ValueError(f"{self.agents} agents need as many lines: {self.lines} are too few")
        if self.lines is None:
            refuse_endless(load * self.patience.stays(inf), self.agents)
        object.__setattr__(self, "load", load)

    # The density -----------------------------------------------------------------------------------------

    @cached_property
    def _room(self) -> int | None:
        return None if self.lines is None else self.lines - self.agents

    def _log_density(self, x: float) -> float:
        """The logarithm of v(x) / (rate p[c-1])."""
        come = self.rate * self.patience.spent(x)
        series = come if self._room is None else come + log_upper_gamma(self._room, come)
        return series - self.agents * x / self.aht

    def _slope(self, x: float) -> float:
        """The derivative of that."""
        come = self.rate * self.patience.spent(x)
        part = 1.0
        if self._room is not None:
            shorter = log_upper_gamma(self._room - 1, come) if self._room > 1 else -inf
            part = exp(shorter - log_upper_gamma(self._room, come)) if come else float(self._room > 1)
        return self.rate * self.patience.stays(x) * part - self.agents / self.aht

    @cached_property
    def _peak(self) -> float:
        return 0.0 if self._room == 0 else _falls_to_zero(self._slope, self.aht / self.agents)

    @cached_property
    def _scale(self) -> float:
        return self._log_density(self._peak) if self._room != 0 else 0.0

    def _scaled(self, x: float) -> float:
        return exp(self._log_density(x) - self._scale)

    def _points(self, start: float, end: float | None = None) -> list[float]:
        """Where to cut an integral from start to end (None: until nothing is left)."""
        step = self.aht / self.agents
        return points_of(self._log_density, start, end, self._peak, step, self.patience.kinks)

    @cached_property
    def _whole(self) -> _Whole:
        if self._room == 0:
            return _Whole(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        law = self.patience

        def integrand(x: float) -> tuple[float, ...]:
            density = self._scaled(x)
            return (
                density,
                density * law.left(x),
                density * law.spent(x),
                density * x * law.stays(x),
                density * law.early(x),
                density * x,
            )

        return _Whole(*integrate(integrand, self._points(0.0)))

    @cached_property
    def _full(self) -> float:
        """The weight of the state in which all lines are taken, on the same scale."""
        if self._room is None:
            return 0.0
        room, law, drain = self._room, self.patience, self.agents / self.aht

        def log_weight(x: float) -> float:
            come = self.rate * law.spent(x)
            if not room:
                return -drain * x
            return room * log(come) - lgamma(room + 1) - drain * x if come > 0 else -inf

        def slope(x: float) -> float:
            spent = law.spent(x)
            return room * law.stays(x) / spent - drain if spent > 0 else float(room)

        peak = _falls_to_zero(slope, 1 / drain) if room else 0.0
        top = log_weight(peak)
        if top == -inf:
            return 0.0
        points = points_of(log_weight, 0.0, None, peak, 1 / drain, law.kinks)
        (area,) = integrate(lambda x: (exp(log_weight(x) - top),), points)
        return self.rate * area * exp(top - self._scale)

    @cached_property
    def _density_at(self) -> float:
        """The factor that makes the scaled density one of probability, among calls that are let in."""
        return self.rate / (self._idle + self.rate * self._whole.mass)

    @cached_property
    def _at_once(self) -> float:
        """Share of calls let in that find an agent free; the weight of that is infinite where B is below 1e-308."""
        return 1.0 if self._idle == inf else self._idle / (self._idle + self.rate * self._whole.mass)

    @cached_property
    def _idle(self) -> float:
        """The weight of all states in which an agent is free, on the same scale."""
        return inverse_blocking(self.agents - 1, self.load) * exp(-self._scale)

    # The figures -----------------------------------------------------------------------------------------

    @property
    def p_block(self) -> float:
        """Share of all calls that find no free line."""
        return self._full / (self._idle + self.rate * self._whole.mass + self._full)

    @property
    def p_wait(self) -> float:
        """Share of calls not answered at once: that find all agents busy."""
        return min(self._density_at * self._whole.mass, 1.0)

    @property
    def p_abandon(self) -> float:
        """Share of calls whose caller leaves before an answer."""
        return min(self._density_at * self._whole.left, 1.0)

    @property
    def wait_all(self) -> float:
        """Mean time in the queue of all calls, in seconds."""
        return self._density_at * self._whole.spent

    @property
    def asa(self) -> float | None:
        """Mean wait of answered calls, in seconds."""
        answered = self._answered
        return self._density_at * self._whole.answered_wait / answered if answered > 0 else None

    @property
    def wait_ab(self) -> float | None:
        """Mean wait of abandoned calls, in seconds; None where nobody leaves."""
        left = self._whole.left
        return self._whole.abandoned_wait / left if left > 0 else None

    @property
    def wait_if_wait(self) -> float | None:
        """Mean time in the queue of calls not answered at once, in seconds; 0 of those who leave at once."""
        return self.wait_all / self.p_wait if self.p_wait > 0 else None

    @property
    def offered_wait(self) -> float:
        """Mean wait in seconds of a caller of endless patience."""
        return self._density_at * self._whole.wait

    @property
    def queue(self) -> float:
        """Mean number of calls waiting (Little's law)."""
        return self.rate * (1 - self.p_block) * self.wait_all

    @property
    def occupancy(self) -> float:
        """Mean share of agents busy."""
        return min(self.load * (1 - self.p_block) * self._answered / self.agents, 1.0)

    @cached_property
    def _answered(self) -> float:
        """Share answered: at once, or before patience ends. Not 1 - p_abandon, which loses digits near 0."""
        waited = self._whole.mass - self._whole.left
        return min(self._at_once + self._density_at * max(waited, 0.0), 1.0)

    def p_wait_gt(self, seconds: float) -> float:
        """Share of calls that are in the queue for longer: neither an answer nor the end of patience came."""
        return min(self.patience.stays(not_negative(seconds)) * self._offered_gt(seconds), 1.0)

    def _offered_gt(self, seconds: float) -> float:
        if self._room == 0:
            return 0.0
        (mass,) = integrate(lambda x: (self._scaled(x),), self._points(seconds))
        return self._density_at * mass

    def _until(self, seconds: float) -> tuple[float, float]:
        """Shares of calls answered, and abandoned, within so many seconds."""
        law = self.patience
        if self._room == 0 or not_negative(seconds) == 0:
            return self._at_once, law.left(seconds) * self.p_wait

        def integrand(x: float) -> tuple[float, ...]:
            density = self._scaled(x)
            return density * law.stays(x), density * law.left(x)

        answered, left = integrate(integrand, self._points(0.0, seconds))
        over = law.left(seconds) * self._offered_gt(seconds)
        level = min(self._at_once + self._density_at * answered, 1.0)
        return level, min(self._density_at * left + over, 1 - level)

    def service_level(self, within: float) -> float:
        """Share of calls answered within so many seconds."""
        return self._until(within)[0]

    def quantile(self, share: float) -> float:
        """Seconds in the queue that this share of calls does not exceed, by bisection: 0.9 gives the P90."""
        late = 1 - share_between(share, "the share of a quantile")
        low, high = 0.0, self.aht / self.agents
        if self.p_wait_gt(0.0) <= late:
            return 0.0
        while self.p_wait_gt(high) > late:
            low, high = high, 2 * high
        while high - low > 1e-12 * high:
            middle = (low + high) / 2
            low, high = (middle, high) if self.p_wait_gt(middle) > late else (low, middle)
        return high

    def figures(self, within: float = 20.0) -> Figures:
        """All figures, with service levels about `within` seconds."""
        level, short = self._until(within)
        answered = self._answered
        return Figures(
            agents=self.agents,
            offered_erlang=self.load,
            p_block=self.p_block,
            p_wait=self.p_wait,
            p_abandon=self.p_abandon,
            wait_all=self.wait_all,
            asa=self.asa,
            wait_ab=self.wait_ab,
            wait_if_wait=self.wait_if_wait,
            p90=self.quantile(0.9),
            p95=self.quantile(0.95),
            within=within,
            sl=level,
            sl_ans=min(level / answered, 1.0) if answered > 0 else None,
            sl_exshort=min(level / (1 - short), 1.0) if short < 1 else None,
            sl_goodab=level + short,
            p_wait_gt=self.p_wait_gt(within),
            queue=self.queue,
            occupancy=self.occupancy,
            offered_wait=self.offered_wait,
        )


class ErlangA(Reneging):
    """M/M/c+M: the same with exponential patience, of `patience` seconds in the mean (C. Palm, 1946)."""

    def __init__(self, rate: float, aht: float, agents: int, patience: float) -> None:
        super().__init__(rate, aht, agents, exponential(patience))


def _falls_to_zero(slope: Callable[[float], float], step: float) -> float:
    """Where a falling function becomes 0; 0 where it is never above."""
    if slope(0.0) <= 0:
        return 0.0
    low, high = 0.0, step
    while slope(high) > 0:
        low, high = high, 2 * high
    while low < (middle := (low + high) / 2) < high and high - low > 1e-12 * high:
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return high
