"""A flow as boxes and arrows: states with what is said there, and what leads from one to the next."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

from ivr.core.flow import steps
from ivr.core.flow.model import Flow, Node, State, Step
from ivr.draw.lines import Line, lines_of, plain
from ivr.language.inside import Inside
from ivr.language.models import ChoiceModel
from ivr.language.step_models import MenuModel
from ivr.language.ways import Way, ways

Shape: TypeAlias = Literal["state", "queue", "transfer", "flow", "exit", "anywhere"]

SHAPES: Final[dict[Shape, str]] = {
    "state": "a state",
    "queue": "waits in a queue",
    "transfer": "passes the call on",
    "flow": "another flow",
    "exit": "ends here",
    "anywhere": "in any state",
}
"""Each shape with what it means, for legends."""

_ANYWHERE: Final = "in any state"
_FAINT: Final = ("error", "give_up", "operator", "miss")
_FAILURES: Final = ("failed", "not_found", "declined", "no_answer", "busy", "rejected", "full", "empty")
_AFTER: Final[dict[str, str]] = {
    "queue": "after the talk",
    "transfer": "after the talk",
    "hours": "open",
    "lookup": "found",
    "run": "done",
    "ask": "answered",
    "callback": "",
    "record": "",
    "dial": "answered",
    "send": "sent",
    "appointment": "chosen",
}
_KEYS: Final = {"*": "star", "#": "hash"}
_WORDS: Final = {
    "give_up": "gives up",
    "no_answer": "nobody answers",
    "not_found": "not found",
    "timeout": "too long a wait",
    "agreed": "agrees",
    "refused": "refuses",
    "announced": "",
}
_CONDITION_CHARS: Final = 40


@dataclass(slots=True)
class Box:
    """A state, or an end; `key` names it in its sketch."""

    key: str
    title: str
    shape: Shape = "state"
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Arrow:
    """What leads from one box to another; faint ones are taken when something goes wrong."""

    start: str
    end: str
    labels: list[str]
    faint: bool = False


@dataclass(slots=True)
class Sketch:
    """One flow, ready to be drawn."""

    name: str
    start: str
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)


class _Open(NamedTuple):
    """A node on the way through a state, with what led to it."""

    node: Node
    label: str
    faint: bool
    chosen: bool


def sketch(inside: Inside, name: str) -> Sketch:
    """The sketch of one flow of a center that was read without an error."""
    return _Sketcher(inside, name).made()


class _Sketcher:
    def __init__(self, inside: Inside, name: str) -> None:
        self._inside = inside
        self._flow: Flow = inside.flows[name]
        self._model = inside.models[name]
        self._sketch = Sketch(name, self._flow.start.name)
        self._boxes: dict[str, Box] = {}
        self._arrows: dict[tuple[str, str, bool], Arrow] = {}

    def made(self) -> Sketch:
        """Boxes in the order of the file, then the arrows of each."""
        for name, written in self._model.states.items():
            self._box(Box(str(name), str(name), lines=lines_of(written, self._inside.language)))
        for state in self._flow.states.values():
            self._state(state)
        self._anywhere()
        self._sketch.boxes = list(self._boxes.values())
        self._sketch.arrows = list(self._arrows.values())
        return self._sketch

    def _box(self, box: Box) -> None:
        self._boxes[box.key] = box

    def _arrow(self, start: str, end: str, label: str, *, faint: bool) -> None:
        if start == end:
            self._boxes[start].lines.append(Line(f"{label}: here again" if label else "here again"))
            return
        arrow = self._arrows.setdefault((start, end, faint), Arrow(start, end, [], faint))
        if label and label not in arrow.labels:
            arrow.labels.append(label)

    def _state(self, state: State) -> None:
        """Walk through a state until something leaves it."""
        box = self._boxes[state.name]
        seen: dict[Node, None] = {}
        waiting = [_Open(node, "", faint=False, chosen=False) for node in (state.first,) if node is not None]
        while waiting:
            here = waiting.pop()
            node = here.node
            if isinstance(node, State):
                self._arrow(box.key, node.name, here.label, faint=here.faint)
            elif isinstance(node, steps.Return | steps.HangUp):
                self._end(box, node, here)
            elif node not in seen and isinstance(node, Step | steps.Found | steps.Unfound):
                seen[node] = None
                box.shape = _shape(node, box.shape)
                waiting += reversed(list(self._onward(here, node)))

    def _onward(self, here: _Open, node: Node) -> Iterator[_Open]:
        for way in ways(node, self._flow):
            if way.kind in ("flow_key", "operator") or (way.kind == "error"):
                continue
            if way.kind == "give_up" and way.target in (self._flow.operator, self._flow.error):
                continue  # shown once, for all states
            label = self._label(node, way)
            faint = way.kind in _FAINT or way.label.partition(".")[0] in _FAILURES
            own = bool(label) or faint
            yield _Open(
                way.target,
                label if own else here.label,
                faint if own else here.faint,
                (way.kind == "key" and isinstance(node, steps.Menu)) or here.chosen,
            )

    def _end(self, box: Box, node: Node, here: _Open) -> None:
        """An end on the state's own way belongs to its box; one that a key leads to stands by itself."""
        title = f"returns {node.outcome}" if isinstance(node, steps.Return) else "hangs up"
        if not here.chosen and not here.faint:
            box.shape = "exit" if box.shape == "state" else box.shape
            return
        key = f"{box.key} > {title}"
        if key not in self._boxes:
            self._box(Box(key, title, "exit"))
        self._arrow(box.key, key, here.label, faint=here.faint)

    def _label(self, node: Node, way: Way) -> str:
        if way.kind == "key" and isinstance(node, steps.Menu):
            return f"{_KEYS.get(way.label, way.label)}  {self._choice(node, way.label)}".rstrip()
        if way.kind == "key" and isinstance(node, steps.Consent):
            return _WORDS.get(way.label, way.label)
        if way.kind == "key":
            return f"{_KEYS.get(way.label, way.label)}  skips" if way.label else "answered"
        if way.kind == "branch":
            return _branch(node, way.label)
        if way.kind in ("accept", "decline"):
            return f"{way.label}  {'accepts' if way.kind == 'accept' else 'declines the last'}"
        if way.kind == "next":
            return _AFTER.get(node.verb, "") if isinstance(node, Step) else ""
        return _WORDS.get(way.label, way.label.replace("_", " "))

    def _choice(self, menu: steps.Menu, key: str) -> str:
        model = self._inside.origins.get(menu)
        choice = model.choices.get(key) if isinstance(model, MenuModel) else None
        return plain(choice.label, self._inside.language) if isinstance(choice, ChoiceModel) else ""

    def _anywhere(self) -> None:
        """What is true in every state is drawn once."""
        flow = self._flow
        leads = [(f"key {_KEYS.get(key, key)}", node) for key, node in flow.keys.items()]
        leads += [("key 0", flow.operator)] if flow.operator is not None else []
        leads += [("an error", flow.error)] if flow.error is not None else []
        leads += [("the caller hangs up", flow.hangup)] if flow.hangup is not None else []
        for label, node in leads:
            if isinstance(node, State):
                self._boxes.setdefault(_ANYWHERE, Box(_ANYWHERE, _ANYWHERE, "anywhere"))
                self._arrow(_ANYWHERE, node.name, label, faint=True)


def _shape(node: Node, shape: Shape) -> Shape:
    if isinstance(node, steps.Queue | steps.Callback):
        return "queue"
    if isinstance(node, steps.Transfer):
        return "transfer"
    if isinstance(node, steps.CallFlow):
        return "flow"
    return shape


def _branch(node: Node, label: str) -> str:
    if label == "else":
        return "otherwise"
    if isinstance(node, steps.If):
        text = node.condition.source.replace("rules.", "")
        return "if " + (text if len(text) <= _CONDITION_CHARS else text[: _CONDITION_CHARS - 1] + "…")
    return label
