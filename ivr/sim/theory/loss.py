"""Lines without a queue: a call that finds none free is turned away (Erlang B).

A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic
telephone exchanges", 1917. It holds for handle times of any law: only their mean counts.
"""

from ivr.limits import THEORY_SERVERS_MAX
from ivr.sim.theory.figures import counted, positive_load, share_between


def blocking(lines: int, load: float) -> float:
    """The share of calls that find no free line, with `load` in Erlang (Erlang B).

    Raises:
        ValueError: lines below 0, or a load that is not positive.
    """
    return 1 / inverse_blocking(counted(lines, "lines", 0), positive_load(load))


def inverse_blocking(lines: int, load: float) -> float:
    """One over Erlang B, by its recursion 1/B(n) = 1 + n / load / B(n-1); infinite where B is below 1e-308.

    The inverse has no subtraction and no division of small numbers, so it is good to the last digits.
    """
    inverse = 1.0
    for number in range(1, lines + 1):
        inverse = 1.0 + number / load * inverse
    return inverse


def traffic_at(lines: int, share: float) -> float:
    """The load in Erlang at which this share of calls finds no free line: the inverse of Erlang B, by bisection.

    Raises:
        ValueError: no lines, or a share that is not between 0 and 1.
    """
    counted(lines, "lines")
    share_between(share, "the share of calls turned away")
    low, high = 0.0, lines / (1 - share)  # carried traffic is at most one Erlang a line
    while low < (middle := (low + high) / 2) < high:
        if inverse_blocking(lines, middle) > 1 / share:
            low = middle
        else:
            high = middle
    return high


def lines_needed(load: float, share: float) -> int:
    """The least number of lines with which at most this share of calls is turned away, with `load` in Erlang.

    Raises:
        ValueError: a load that is not positive, a share that is not between 0 and 1, or more lines than
            are worth computing.
    """
    positive_load(load)
    share_between(share, "the share of calls turned away")
    inverse = 1.0
    for number in range(1, THEORY_SERVERS_MAX + 1):
        inverse = 1.0 + number / load * inverse
        if inverse * share >= 1:
            return number
    raise ValueError(f"{load:g} Erlang need more than {THEORY_SERVERS_MAX} lines")
