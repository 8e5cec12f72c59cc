"""How many agents a target needs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ivr.limits import THEORY_SERVERS_MAX
from ivr.sim.theory.figures import Model

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Target:
    """What a queue has to keep; what is None does not matter. Times in seconds, shares 0 to 1.

    level      at least this share of calls is answered within `within`
    asa        the mean wait of answered calls is at most this
    occupancy  agents are busy for at most this share of their time
    abandoned  at most this share of callers leaves
    """

    level: float | None = None
    within: float = 20.0
    asa: float | None = None
    occupancy: float | None = None
    abandoned: float | None = None

    def is_met(self, model: Model) -> bool:
        """Whether the queue keeps all of it."""
        if self.level is not None and model.service_level(self.within) < self.level:
            return False
        if self.asa is not None and (model.asa is None or model.asa > self.asa):
            return False
        if self.occupancy is not None and model.occupancy > self.occupancy:
            return False
        return self.abandoned is None or model.p_abandon <= self.abandoned


def agents_needed(
    model_of: Callable[[int], M],
    targets: Sequence[Target],
    least: int = 1,
    most: int = THEORY_SERVERS_MAX,
) -> M:
    """The model with the fewest agents that meets all targets, by doubling and halving.

    Args:
        model_of: makes the model for a number of agents.
        targets: each has to be met; more agents are taken never to be worse.
        least: the fewest agents for which there is a model; for Erlang C as `least_agents` says.
        most: the most for which there is one; with limited lines, as many as lines.

    Raises:
        ValueError: a target that no number of agents meets.
    """

    def good(agents: int) -> bool:
        model = model_of(agents)
        return all(target.is_met(model) for target in targets)

    low, high = least - 1, least
    while not good(high):
        if high >= most:
            raise ValueError(f"not even {most} agents meet the target")
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if good(middle) else (middle, high)
    return model_of(high)
