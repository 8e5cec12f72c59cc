"""In which order boxes stand in their layers, so that few arrows cross: sweeps by barycentre, the best one kept."""

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

Layers: TypeAlias = list[list[int]]
Near: TypeAlias = Mapping[int, Sequence[int]]

_SWEEPS: Final = 24


def ordered(layers: Layers, above: Near, below: Near) -> Layers:
    """The layers in an order with few crossings; the same every time."""
    best = [list(layer) for layer in layers]
    fewest = crossings(best, below)
    now = [list(layer) for layer in layers]
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        rest = range(1, len(now)) if down else range(len(now) - 2, -1, -1)
        for number in rest:
            fixed = now[number - 1] if down else now[number + 1]
            _by_barycentre(now[number], fixed, above if down else below)
        _swapped(now, above, below)
        count = crossings(now, below)
        if count < fewest:
            best, fewest = [list(layer) for layer in now], count
        if not fewest:
            break
    return best


def _by_barycentre(layer: list[int], fixed: Sequence[int], near: Near) -> None:
    """Sort a layer by the mean place of each one's neighbours; who has none stays."""
    place = {node: number for number, node in enumerate(fixed)}
    stay = {node: float(number) for number, node in enumerate(layer)}
    scale = max(len(fixed), 1) / max(len(layer), 1)

    def mean(node: int) -> float:
        found = [place[other] for other in near.get(node, ()) if other in place]
        return sum(found) / len(found) if found else stay[node] * scale

    layer.sort(key=lambda node: (mean(node), stay[node]))


def _swapped(layers: Layers, above: Near, below: Near) -> None:
    """Swap neighbours while that takes crossings away."""
    for number, layer in enumerate(layers):
        sides = []
        if number:
            sides.append((above, {node: at for at, node in enumerate(layers[number - 1])}))
        if number + 1 < len(layers):
            sides.append((below, {node: at for at, node in enumerate(layers[number + 1])}))
        for at in range(len(layer) - 1):
            left, right = layer[at], layer[at + 1]
            now = sum(_between(near.get(left, ()), near.get(right, ()), place) for near, place in sides)
            then = sum(_between(near.get(right, ()), near.get(left, ()), place) for near, place in sides)
            if then < now:
                layer[at], layer[at + 1] = right, left


def _between(left: Sequence[int], right: Sequence[int], place: Mapping[int, int]) -> int:
    return sum(place[a] > place[b] for a in left for b in right)


def crossings(layers: Layers, below: Near) -> int:
    """How many arrows cross."""
    count = 0
    for upper, lower in pairwise(layers):
        place = {node: number for number, node in enumerate(lower)}
        ends = [end for node in upper for end in sorted(place[other] for other in below.get(node, ()))]
        seen: list[int] = []
        for end in ends:  # those of one node are in order, so none of them counts
            count += len(seen) - bisect_right(seen, end)
            insort(seen, end)
    return count
