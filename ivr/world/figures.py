"""What the rows of the company say at the end of a run: the figures that its author asked for."""

from collections.abc import Iterator
from math import fsum

from ivr.language.world_model import Figure
from ivr.world.change import FAULTS, scope_of
from ivr.world.world import World


def figures(world: World) -> dict[str, float]:
    """Each figure of the center over the rows as they are; rows for which it cannot be said are left out."""
    found = {}
    for figure in world.figures:
        values = list(_values(figure, world))
        total = fsum(values)
        found[figure.name] = total if figure.how == "sum" else total / max(1, len(values))
    return found


def _values(figure: Figure, world: World) -> Iterator[float]:
    now = world.now()
    for row in world.rows(figure.rows):
        try:
            yield float(figure.value.fn(scope_of(row, now)))
        except FAULTS:
            continue
