"""Queueing theory: what formulas say of a queue, exactly, without simulating it.

Everything is in seconds and calls a second; shares are 0 to 1. Four questions, four rooms:

loss       calls that find no free line are turned away: Erlang B, its inverse, lines needed
delay      calls wait as long as it takes: Erlang C; the same with other handle times (M/G/1, M/G/c)
reneging   callers lose patience, by any law: Erlang A, M/M/c+G, with or without a limit of lines
staffing   how many agents a target needs, by any of these models

A model is made for one number of agents and answers questions; `figures` of it are all the usual
ones at once. What cannot be (no agents, no handle time, a queue that grows without end) is a
`ValueError` whose text says so.
"""

from ivr.sim.theory.delay import ErlangC, allen_cunneen, mg1_wait
from ivr.sim.theory.figures import Figures, Model, least_agents
from ivr.sim.theory.loss import blocking, lines_needed, traffic_at
from ivr.sim.theory.patience import (
    ENDLESS,
    Patience,
    balking,
    exponential,
    fixed,
    hyperexponential,
    lognormal,
    uniform,
    weibull,
)
from ivr.sim.theory.reneging import ErlangA, Reneging
from ivr.sim.theory.staffing import Target, agents_needed

__all__ = [
    "ENDLESS",
    "ErlangA",
    "ErlangC",
    "Figures",
    "Model",
    "Patience",
    "Reneging",
    "Target",
    "agents_needed",
    "allen_cunneen",
    "balking",
    "blocking",
    "exponential",
    "fixed",
    "hyperexponential",
    "least_agents",
    "lines_needed",
    "lognormal",
    "mg1_wait",
    "traffic_at",
    "uniform",
    "weibull",
]
