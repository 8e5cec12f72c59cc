"""Where boxes stand and how arrows run: a layered drawing after Sugiyama, Tagawa and Toda.

Arrows that lead back are turned; layers are the longest ways from the start; long arrows bend at a
point in every layer they pass; labels are points with a size, so that nothing is ever written over
something else. Numbers are rounded: the same graph gives the same bytes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from ivr.draw.order import ordered

_GAP_X: Final = 28.0  # between boxes
_GAP_THIN: Final = 14.0  # beside a line that only passes
_GAP_Y: Final = 32.0  # between layers; there is one for labels between two of boxes
_STRAIGHTENING: Final = 6  # rounds in which long arrows are made straight
_SETTLING: Final = 40  # rounds in which boxes move towards their neighbours


class Size(NamedTuple):
    """Width and height."""

    width: float
    height: float


class Edge(NamedTuple):
    """An arrow between two boxes by their numbers; `label` is the room its text takes."""

    start: int
    end: int
    label: Size | None = None


class Point(NamedTuple):
    """A place on the picture."""

    x: float
    y: float


@dataclass(slots=True)
class Layout:
    """`boxes` are centres; `paths` begin and end at the edge of a box; `labels` are centres, None without one."""

    size: Size
    boxes: list[Point] = field(default_factory=list)
    paths: list[list[Point]] = field(default_factory=list)
    labels: list[Point | None] = field(default_factory=list)


def layout(sizes: Sequence[Size], edges: Sequence[Edge], start: int = 0) -> Layout:
    """Places for boxes of these sizes and ways for these arrows; `start` stands on top."""
    return _Layouter(sizes, edges, start).made()


class _Layouter:
    def __init__(self, sizes: Sequence[Size], edges: Sequence[Edge], start: int) -> None:
        self._sizes = list(sizes)  # those of bends and labels are added
        self._edges = edges
        self._count = len(sizes)
        self._start = start
        self._turned = self._back_edges()
        self._chains: list[list[int]] = []
        self._above: dict[int, list[int]] = {}
        self._below: dict[int, list[int]] = {}
        self._rank: dict[int, int] = {}
        self._spans: list[tuple[float, float]] = []  # of each layer, its top and bottom

    def made(self) -> Layout:
        """The whole drawing."""
        self._rank = self._ranks()
        self._bend()
        count = max(self._rank.values(), default=0) + 1
        layers: list[list[int]] = [[] for _ in range(count)]
        for node in self._by_depth():
            layers[self._rank[node]].append(node)
        layers = ordered(layers, self._above, self._below)
        xs = self._across(layers)
        ys = self._down(layers)
        return self._finished(layers, xs, ys)

    # Layers ---------------------------------------------------------------------------------------------

    def _ends(self, number: int) -> tuple[int, int]:
        edge = self._edges[number]
        return (edge.end, edge.start) if number in self._turned else (edge.start, edge.end)

    def _back_edges(self) -> set[int]:
        """The arrows that close a circle, seen depth first from the start."""
        leads: dict[int, list[int]] = {}
        for number, edge in enumerate(self._edges):
            leads.setdefault(edge.start, []).append(number)
        turned: set[int] = set()
        state: dict[int, int] = {}  # 1: on the way, 2: done
        for root in (self._start, *range(self._count)):
            stack = [(root, 0)] if root not in state else []
            state.setdefault(root, 1)
            while stack:
                node, taken = stack.pop()
                if taken == len(leads.get(node, ())):
                    state[node] = 2
                    continue
                stack.append((node, taken + 1))
                number = leads[node][taken]
                end = self._edges[number].end
                if state.get(end) == 1:
                    turned.add(number)
                elif end not in state:
                    state[end] = 1
                    stack.append((end, 0))
        return turned

    def _ranks(self) -> dict[int, int]:
        """Of each box the longest way from a box without arrows to it; every second layer is for labels."""
        into: dict[int, list[int]] = {node: [] for node in range(self._count)}
        out: dict[int, list[int]] = {node: [] for node in range(self._count)}
        for number in range(len(self._edges)):
            start, end = self._ends(number)
            if start != end:
                into[end].append(start)
                out[start].append(end)
        waits = {node: len(starts) for node, starts in into.items()}
        ready = [node for node in range(self._count) if not waits[node]]
        rank = dict.fromkeys(range(self._count), 0)
        for node in ready:  # grows while it is read
            for end in out[node]:
                rank[end] = max(rank[end], rank[node] + 2)
                waits[end] -= 1
                if not waits[end]:
                    ready.append(end)
        for node in reversed(ready):  # a box that nothing leads to stands right above what it leads to
            if not into[node] and out[node] and node != self._start:
                rank[node] = min(rank[end] for end in out[node]) - 2
        return rank

    def _bend(self) -> None:
        """Give each arrow a point in every layer between its boxes; one of them has the label's size."""
        for number, edge in enumerate(self._edges):
            start, end = self._ends(number)
            if start == end:
                self._chains.append([start])
                continue
            first, last = self._rank[start], self._rank[end]
            chain = [start]
            labelled = last - 1 if number in self._turned else first + 1
            for layer in range(first + 1, last):
                room = edge.label if layer == labelled and edge.label is not None else Size(0.0, 0.0)
                self._sizes.append(room)
                self._rank[len(self._sizes) - 1] = layer
                chain.append(len(self._sizes) - 1)
            chain.append(end)
            self._chains.append(chain)
            for upper, lower in pairwise(chain):
                self._below.setdefault(upper, []).append(lower)
                self._above.setdefault(lower, []).append(upper)

    def _by_depth(self) -> list[int]:
        """All points in the order in which a walk from the start meets them: a good order to begin with."""
        seen: dict[int, None] = {}
        for root in (self._start, *range(len(self._sizes))):
            stack = [root]
            while stack:
                node = stack.pop()
                if node not in seen:
                    seen[node] = None
                    stack += reversed(self._below.get(node, []))
        return list(seen)

    # Places ---------------------------------------------------------------------------------------------

    def _apart(self, left: int, right: int) -> float:
        thin = not self._sizes[left].width or not self._sizes[right].width
        gap = _GAP_THIN if thin else _GAP_X
        return (self._sizes[left].width + self._sizes[right].width) / 2 + gap

    def _across(self, layers: Sequence[Sequence[int]]) -> dict[int, float]:
        xs: dict[int, float] = {}
        for layer in layers:
            at = 0.0
            for number, node in enumerate(layer):
                at += self._apart(layer[number - 1], node) if number else 0.0
                xs[node] = at
        for round_ in range(_SETTLING):
            down = round_ % 2 == 0
            sides = (self._above,) if down else (self._below,)
            if round_ >= _SETTLING - 4:
                sides = (self._above, self._below)  # type: ignore[assignment]
            for layer in layers if down else reversed(layers):
                self._settle(layer, xs, sides)
        for _ in range(_STRAIGHTENING):
            self._straighten(layers, xs)
        return xs

    def _straighten(self, layers: Sequence[Sequence[int]], xs: dict[int, float]) -> None:
        """Let long arrows run straight down as far as what stands beside them leaves room."""
        at = {node: (layer, number) for layer in layers for number, node in enumerate(layer)}
        for chain in self._chains:
            run: list[int] = []
            low, high = -math.inf, math.inf
            for node in chain[1:-1]:
                left, right = self._free(*at[node], xs)
                if max(low, left) > min(high, right):
                    _align(run, low, high, xs)
                    run, low, high = [], -math.inf, math.inf
                run.append(node)
                low, high = max(low, left), min(high, right)
            _align(run, low, high, xs)

    def _free(self, layer: Sequence[int], number: int, xs: dict[int, float]) -> tuple[float, float]:
        """How far a point may go to the left and to the right."""
        node = layer[number]
        left = xs[layer[number - 1]] + self._apart(layer[number - 1], node) if number else -math.inf
        after = number + 1 < len(layer)
        right = xs[layer[number + 1]] - self._apart(node, layer[number + 1]) if after else math.inf
        return left, right

    def _settle(
        self, layer: Sequence[int], xs: dict[int, float], sides: Sequence[dict[int, list[int]]]
    ) -> None:
        """Move a layer as near to its neighbours as it can go without overlapping: pooled means."""
        offset = 0.0
        blocks: list[tuple[float, float, int]] = []  # mean, weight, how many
        offsets = []
        for number, node in enumerate(layer):
            offset += self._apart(layer[number - 1], node) if number else 0.0
            offsets.append(offset)
            near = [xs[other] for side in sides for other in side.get(node, ())]
            weight = 4.0 if not self._sizes[node].width else 1.0 + len(near) / 4
            wanted = (sum(near) / len(near) if near else xs[node]) - offset
            weight = weight if near else 0.2
            blocks.append((wanted, weight, 1))
            while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
                (a, v, m), (b, w, n) = blocks[-2], blocks[-1]
                blocks[-2:] = [((a * v + b * w) / (v + w), v + w, m + n)]
        numbers = iter(range(len(layer)))
        for mean, _, many in blocks:
            for _ in range(many):
                number = next(numbers)
                xs[layer[number]] = mean + offsets[number]

    def _down(self, layers: Sequence[Sequence[int]]) -> list[float]:
        ys = []
        at = 0.0
        for layer in layers:
            height = max((self._sizes[node].height for node in layer), default=0.0)
            ys.append(at + height / 2)
            self._spans.append((round(at, 1), round(at + height, 1)))
            at += height + _GAP_Y
        return ys

    # The drawing ----------------------------------------------------------------------------------------

    def _finished(self, layers: Sequence[Sequence[int]], xs: dict[int, float], ys: Sequence[float]) -> Layout:
        left = min((xs[node] - self._sizes[node].width / 2 for node in xs), default=0.0)
        right = max((xs[node] + self._sizes[node].width / 2 for node in xs), default=0.0)
        bottom = max((ys[self._rank[node]] + self._sizes[node].height / 2 for node in xs), default=0.0)
        centre = {node: Point(round(xs[node] - left, 1), round(ys[self._rank[node]], 1)) for node in xs}
        made = Layout(Size(round(right - left, 1), round(bottom, 1)), [centre[n] for n in range(self._count)])
        ports = self._ports(centre)
        for number, chain in enumerate(self._chains):
            made.paths.append(self._path(number, chain, centre, ports))
            made.labels.append(self._label(number, chain, centre))
        return made

    def _ports(self, centre: dict[int, Point]) -> dict[tuple[int, int, bool], float]:
        """Where on its side of a box each arrow begins or ends: side by side, in the order they come from."""
        found: dict[tuple[int, bool], list[tuple[float, int]]] = {}
        for number, chain in enumerate(self._chains):
            if len(chain) > 1:
                found.setdefault((chain[0], True), []).append((centre[chain[1]].x, number))
                found.setdefault((chain[-1], False), []).append((centre[chain[-2]].x, number))
        ports = {}
        for (node, lower), ends in found.items():
            room = self._sizes[node].width * 0.7
            ends.sort()
            for place, (_, number) in enumerate(ends):
                share = (place + 1) / (len(ends) + 1) - 0.5
                ports[number, node, lower] = round(centre[node].x + room * share, 1)
        return ports

    def _path(
        self,
        number: int,
        chain: Sequence[int],
        centre: dict[int, Point],
        ports: dict[tuple[int, int, bool], float],
    ) -> list[Point]:
        if len(chain) == 1:  # to itself: a loop beside the box
            at, (width, height) = centre[chain[0]], self._sizes[chain[0]]
            side = at.x + width / 2
            return [
                Point(side, round(at.y - height / 4, 1)),
                Point(side + 18, at.y),
                Point(side, round(at.y + height / 4, 1)),
            ]
        first, last = chain[0], chain[-1]
        top = Point(ports[number, first, True], round(centre[first].y + self._sizes[first].height / 2, 1))
        low = Point(ports[number, last, False], round(centre[last].y - self._sizes[last].height / 2, 1))
        points = [top, Point(top.x, self._spans[self._rank[first]][1])]
        for node in chain[1:-1]:  # straight through a layer: arrows bend between layers, where no box stands
            points += [Point(centre[node].x, y) for y in self._spans[self._rank[node]]]
        points += [Point(low.x, self._spans[self._rank[last]][0]), low]
        return points[::-1] if number in self._turned else points

    def _label(self, number: int, chain: Sequence[int], centre: dict[int, Point]) -> Point | None:
        if self._edges[number].label is None:
            return None
        if len(chain) == 1:
            at, (width, _) = centre[chain[0]], self._sizes[chain[0]]
            return Point(round(at.x + width / 2 + 24, 1), at.y)
        return centre[chain[-2] if number in self._turned else chain[1]]


def _align(run: Sequence[int], low: float, high: float, xs: dict[int, float]) -> None:
    """Put the points of a run under each other, where they are on the average."""
    if run:
        mean = sum(xs[node] for node in run) / len(run)
        for node in run:
            xs[node] = min(max(mean, low), high)
