"""Calls that wait as long as it takes: Erlang C, and the mean wait for other laws of handle time.

A. K. Erlang 1917; M/G/1: Pollaczek 1930, Khinchine 1932; M/G/c: the approximation of Allen and Cunneen
(Allen, "Probability, Statistics and Queueing Theory", 1978).
"""

from dataclasses import dataclass, field
from math import exp, log

from ivr.sim.theory.figures import Figures, counted, not_negative, offered, refuse_endless, share_between
from ivr.sim.theory.loss import inverse_blocking


@dataclass(frozen=True)
class ErlangC:
    """M/M/c: Poisson calls, exponential handle times, endless patience, first come first served.

    Args:
        rate: calls a second.
        aht: mean handle time in seconds.
        agents: who answer.

    Raises:
        ValueError: nonsense, or a load that the agents cannot handle, so that the queue grows without end.
    """

    rate: float
    aht: float
    agents: int
    load: float = field(init=False)
    p_wait: float = field(init=False)

    def __post_init__(self) -> None:
        load = offered(self.rate, self.aht)
        agents = counted(self.agents, "agents")
        refuse_endless(load, agents)
        used = load / agents
        object.__setattr__(self, "load", load)
        # Erlang C from Erlang B: C = B / (1 - used (1 - B)).
        object.__setattr__(self, "p_wait", 1 / (used + (1 - used) * inverse_blocking(agents, load)))

    @property
    def wait_if_wait(self) -> float:
        """Mean wait in seconds of calls that wait; their wait is exponential."""
        return self.aht / (self.agents - self.load)

    @property
    def asa(self) -> float:
        """Mean wait in seconds; calls answered at once count as 0."""
        return self.p_wait * self.wait_if_wait

    @property
    def p_abandon(self) -> float:
        """Nobody leaves."""
        return 0.0

    @property
    def queue(self) -> float:
        """Mean number of calls waiting (Little's law)."""
        return self.rate * self.asa

    @property
    def occupancy(self) -> float:
        """Mean share of agents busy."""
        return self.load / self.agents

    def p_wait_gt(self, seconds: float) -> float:
        """Share of calls that wait longer."""
        return self.p_wait * exp(-not_negative(seconds) / self.wait_if_wait)

    def service_level(self, within: float) -> float:
        """Share of calls answered within so many seconds."""
        return 1 - self.p_wait_gt(within)

    def quantile(self, share: float) -> float:
        """Seconds of waiting that this share of calls does not exceed: 0.9 gives the P90."""
        late = 1 - share_between(share, "the share of a quantile")
        return 0.0 if late >= self.p_wait else self.wait_if_wait * log(self.p_wait / late)

    def figures(self, within: float = 20.0) -> Figures:
        """All figures; the four service levels are the same where nobody leaves."""
        level = self.service_level(within)
        return Figures(
            agents=self.agents,
            offered_erlang=self.load,
            p_block=0.0,
            p_wait=self.p_wait,
            p_abandon=0.0,
            wait_all=self.asa,
            asa=self.asa,
            wait_ab=None,
            wait_if_wait=self.wait_if_wait,
            p90=self.quantile(0.9),
            p95=self.quantile(0.95),
            within=within,
            sl=level,
            sl_ans=level,
            sl_exshort=level,
            sl_goodab=level,
            p_wait_gt=self.p_wait_gt(within),
            queue=self.queue,
            occupancy=self.occupancy,
            offered_wait=self.asa,
        )


def mg1_wait(rate: float, aht: float, cv2: float) -> float:
    """Mean wait in seconds with one agent and handle times of any law (Pollaczek-Khinchine, exact).

    Args:
        rate: calls a second.
        aht: mean handle time in seconds.
        cv2: squared coefficient of variation of handle times: 0 always the same, 1 exponential.

    Raises:
        ValueError: as `ErlangC`, or a cv2 below 0.
    """
    return allen_cunneen(rate, aht, 1, cv2)  # with one agent the approximation is the exact formula


def allen_cunneen(rate: float, aht: float, agents: int, cv2: float) -> float:
    """Mean wait in seconds with handle times of any law: Erlang C x (1 + cv2) / 2.

    Exact with one agent and with exponential handle times; else good to 5 or 10 %. Arguments and errors as
    in `mg1_wait`.
    """
    if not cv2 >= 0:
        raise ValueError(f"a squared coefficient of variation is a number from 0, not {cv2:g}")
    return ErlangC(rate, aht, agents).asa * (1 + cv2) / 2
