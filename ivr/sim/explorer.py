"""Walk a center as every caller could: each choice, silence, wrong key and answer, to a depth.

A `Trial` is one call to a real engine; it stops where a caller, an agent or the company has to decide, and says
which moves there are. `explore` tries them all, breadth first, each from the beginning (an engine cannot be
copied, but it is quick and always does the same). Where a call stands is told by its `configuration`: flows,
states, tries, variables and data, but not the time; what has been seen is not walked again, so loops end.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.language import Center
from ivr.limits import EXPLORE_MOVES_MAX
from ivr.sim.trial import Move, Trial

Node = tuple[Any, ...]
Path = tuple[Move, ...]

_UNUSABLE: Final = ("silence", "wrong")


class Finding(NamedTuple):
    """Something that is wrong with a flow, the place where it shows, and the moves that lead there; staffed or not."""

    id: str
    flow: str
    state: str
    text: str
    path: Path
    staffed: bool


@dataclass
class Exploration:
    """What was walked: `moves` tried, `nodes` told apart, states `visited` and `missed`, and what was found.

    `complete` is false where the depth or the bound ended the walk first; what has not been walked is not judged.
    `ways` are calls that were walked to their end, each with a move in a place that none before it had (with
    agents there, or not): together they show all that was found to be possible.
    """

    dials: str
    moves: int = 0
    nodes: int = 0
    complete: bool = True
    visited: set[tuple[str, str]] = field(default_factory=set)
    missed: list[tuple[str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    ways: list[tuple[Path, bool]] = field(default_factory=list)


class _Graph:
    """Nodes and where each move from them leads; an end is a node without a name."""

    def __init__(self) -> None:
        self.paths: dict[Node, Path] = {}
        self.places: dict[Node, tuple[str, str]] = {}
        self.edges: dict[Node, list[tuple[str, Node | None]]] = {}
        self.back: dict[Node | None, list[Node]] = {}

    def join(self, node: Node, move: Move, to: Node | None) -> None:
        self.edges[node].append((move.kind, to))
        self.back.setdefault(to, []).append(node)

    def reaching(self, goals: list[Node | None]) -> set[Node]:
        """Every node from which one of the goals can be reached."""
        found: set[Node] = set()
        ahead = list(goals)
        while ahead:
            for node in self.back.get(ahead.pop(), ()):
                if node not in found:
                    found.add(node)
                    ahead.append(node)
        return found


def explore(center: Center, dials: str, depth: int, seed: str = "1") -> Exploration:
    """Walk every call to a number of a center, `depth` decisions deep, with agents there and with nobody there."""
    found = Exploration(dials)
    for staffed in (True, False):
        _walk(center, dials, depth, seed, found, staffed=staffed)
    used = _flows_of(center, found)
    states = [
        (flow.name, state)
        for flow in center.plan.flows.values()
        if flow.name in used
        for state in flow.states
    ]
    found.missed = [place for place in states if place not in found.visited]
    return found


def _flows_of(center: Center, found: Exploration) -> set[str]:
    return {center.plan.numbers[found.dials], *(flow for flow, _ in found.visited)}


def _walk(center: Center, dials: str, depth: int, seed: str, found: Exploration, *, staffed: bool) -> None:
    graph, persons, shown = _Graph(), list[Node | None](), set[tuple[str, str, str]]()
    waiting: deque[tuple[Path, Node | None]] = deque([((), None)])
    complete = True
    while waiting:
        path, before = waiting.popleft()
        trial = Trial(center, dials, seed, staffed=staffed)
        trial.take_all(path)
        node = trial.configuration()
        _note(found, trial, path, staffed=staffed)
        if before is not None:
            found.moves += 1
            graph.join(before, path[-1], node)
            if node is None and not all(step in shown for step in trial.course):
                shown.update(trial.course)
                found.ways.append((path, staffed))
            if any(isinstance(fact, facts.Connected) for fact in trial.told):
                persons.append(before)
        if node is None or trial.stuck or node in graph.edges:
            continue
        graph.edges[node], graph.paths[node], graph.places[node] = [], path, trial.place
        found.nodes += 1
        if len(path) >= depth or found.moves + len(waiting) >= EXPLORE_MOVES_MAX:
            complete = False
        else:
            waiting.extend(((*path, move), node) for move in trial.moves())
    found.complete = found.complete and complete
    if complete:
        found.findings += _judged(graph, persons, found, staffed=staffed)


def _note(found: Exploration, trial: Trial, path: Path, *, staffed: bool) -> None:
    """States entered, and faults met, by the last move of a path."""
    found.visited |= {(fact.flow, fact.state) for fact in trial.told if isinstance(fact, facts.StateEntered)}
    known = {(finding.id, finding.flow, finding.state, finding.text) for finding in found.findings}
    for finding in _faults(trial.told, path, staffed=staffed):
        if (finding.id, finding.flow, finding.state, finding.text) not in known:
            found.findings.append(finding)
    if trial.stuck:
        flow, state = trial.place
        text = "the call goes on for ever, and nobody can do anything about it"
        if ("stuck", flow, state, text) not in known:
            found.findings.append(Finding("stuck", flow, state, text, path, staffed))


def _faults(told: list[Fact], path: Path, *, staffed: bool) -> Iterator[Finding]:
    for fact in told:
        if isinstance(fact, facts.FlowFailed):
            yield Finding("fault", fact.flow, fact.state, f"{fact.kind}: {fact.message}", path, staffed)


def _judged(
    graph: _Graph, persons: list[Node | None], found: Exploration, *, staffed: bool
) -> Iterator[Finding]:
    """What the whole walk shows: loops of a caller who gives no usable input, and states that lead nowhere."""
    said = {(finding.id, finding.flow, finding.state) for finding in found.findings}
    for node in _circles(graph):
        flow, state = graph.places[node]
        if ("endless", flow, state) not in said:
            said.add(("endless", flow, state))
            text = "a caller who says nothing, or presses wrong keys, is kept here for ever"
            yield Finding("endless", flow, state, text, graph.paths[node], staffed)
    ways = [
        ("no-exit", set(graph.edges), graph.reaching([None]), "no way leads from here to the end of the call")
    ]
    if staffed:
        reach = graph.reaching(persons) | {node for node in persons if node is not None}
        asked = {node for node in graph.edges if any(kind in _UNUSABLE for kind, _ in graph.edges[node])}
        ways.append(
            (
                "no-person",
                asked,
                reach,
                "the caller is asked, and no way leads to a person, though agents are there",
            )
        )
    for kind, nodes, reaching, text in ways:
        led = {graph.places[node] for node in reaching}
        for node, place in graph.places.items():
            if node in nodes and place not in led and (kind, *place) not in said:
                said.add((kind, *place))
                yield Finding(kind, *place, text, graph.paths[node], staffed)


def _circles(graph: _Graph) -> Iterator[Node]:
    """A node of each circle that only silence and wrong keys go round."""
    done: set[Node] = set()
    for start in graph.edges:
        if start in done:
            continue
        trail: dict[Node, None] = {}
        ahead: list[tuple[Node, Iterator[Node]]] = [(start, _unusable(graph, start))]
        trail[start] = None
        while ahead:
            node, ways = ahead[-1]
            to = next(ways, None)
            if to is None:
                ahead.pop()
                trail.pop(node, None)
                done.add(node)
            elif to in trail:
                yield to
                done.add(to)
            elif to not in done:
                trail[to] = None
                ahead.append((to, _unusable(graph, to)))


def _unusable(graph: _Graph, node: Node) -> Iterator[Node]:
    return (
        to for kind, to in graph.edges[node] if kind in _UNUSABLE and to is not None and to in graph.edges
    )
