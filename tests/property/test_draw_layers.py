"""What a drawing promises for any graph: nothing overlaps, every arrow arrives, the same bytes each time."""

from itertools import combinations, pairwise

from hypothesis import given, settings, strategies as st

from ivr.draw.layers import Edge, Layout, Point, Size, layout
from ivr.draw.order import crossings, ordered

SLACK = 0.2  # places are rounded to a tenth


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Size], list[Edge]]:
    count = draw(st.integers(1, 12))
    sizes = [
        Size(draw(st.sampled_from([40.0, 120.0, 260.0])), draw(st.sampled_from([30.0, 90.0])))
        for _ in range(count)
    ]
    boxes = st.integers(0, count - 1)
    labels = st.none() | st.builds(Size, st.sampled_from([20.0, 170.0]), st.sampled_from([18.0, 50.0]))
    edges = draw(st.lists(st.builds(Edge, boxes, boxes, labels), max_size=20))
    return sizes, edges


def apart(one: tuple[Point, Size], other: tuple[Point, Size]) -> bool:
    (a, s), (b, t) = one, other
    beside = abs(a.x - b.x) >= (s.width + t.width) / 2 - SLACK
    return beside or abs(a.y - b.y) >= (s.height + t.height) / 2 - SLACK


def on_edge(at: Point, centre: Point, size: Size) -> bool:
    inside = (
        abs(at.x - centre.x) <= size.width / 2 + SLACK and abs(at.y - centre.y) <= size.height / 2 + SLACK
    )
    return inside and (
        abs(abs(at.y - centre.y) - size.height / 2) <= SLACK
        or abs(abs(at.x - centre.x) - size.width / 2) <= SLACK
    )


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_boxes_and_labels_never_overlap(graph: tuple[list[Size], list[Edge]]) -> None:
    sizes, edges = graph
    made = layout(sizes, edges)
    placed = list(zip(made.boxes, sizes, strict=True))
    placed += [
        (at, edge.label)
        for at, edge in zip(made.labels, edges, strict=True)
        if at is not None and edge.label is not None and edge.start != edge.end
    ]
    assert all(apart(one, other) for one, other in combinations(placed, 2))
    for at, size in placed:
        assert at.x - size.width / 2 >= -SLACK
        assert at.x + size.width / 2 <= made.size.width + SLACK
        assert at.y + size.height / 2 <= made.size.height + SLACK


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_every_arrow_runs_from_its_box_to_its_box_through_no_other(
    graph: tuple[list[Size], list[Edge]],
) -> None:
    sizes, edges = graph
    made = layout(sizes, edges)
    assert len(made.paths) == len(made.labels) == len(edges)
    for edge, path in zip(edges, made.paths, strict=True):
        assert on_edge(path[0], made.boxes[edge.start], sizes[edge.start])
        assert on_edge(path[-1], made.boxes[edge.end], sizes[edge.end])
        assert clear(path, made, sizes) or edge.start == edge.end


def clear(path: list[Point], made: Layout, sizes: list[Size]) -> bool:
    """A bend stays within the box of its two points, so lines are judged by those."""
    for a, b in pairwise(path):
        centre = Point((a.x + b.x) / 2, (a.y + b.y) / 2)
        size = Size(abs(a.x - b.x), abs(a.y - b.y))
        if not all(apart((centre, size), box) for box in zip(made.boxes, sizes, strict=True)):
            return False
    return True


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_the_same_graph_is_drawn_the_same(graph: tuple[list[Size], list[Edge]]) -> None:
    assert repr(layout(*graph)) == repr(layout(*graph))


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_every_arrow_leads_down_unless_it_closes_a_circle(graph: tuple[list[Size], list[Edge]]) -> None:
    sizes, edges = graph
    forward = [Edge(min(e.start, e.end), max(e.start, e.end)) for e in edges if e.start != e.end]
    made = layout(sizes, forward)
    assert all(made.boxes[e.start].y < made.boxes[e.end].y for e in forward)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(6, 11)), max_size=20))
def test_crossings_are_counted_right_and_never_made_more(pairs: list[tuple[int, int]]) -> None:
    below = {node: [b for a, b in pairs if a == node] for node in range(6)}
    above = {node: [a for a, b in pairs if b == node] for node in range(6, 12)}
    layers = [list(range(6)), list(range(6, 12))]
    count = sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(pairs, 2))
    assert crossings(layers, below) == count
    best = ordered(layers, above, below)
    assert [sorted(layer) for layer in best] == layers
    assert crossings(best, below) <= count


def test_a_tree_that_can_be_drawn_without_crossings_is() -> None:
    below = {0: [4], 1: [3], 2: [5]}
    above = {3: [1], 4: [0], 5: [2]}
    assert crossings(ordered([[0, 1, 2], [3, 4, 5]], above, below), below) == 0
