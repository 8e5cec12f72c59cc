"""What a test can cover of a flow, each with the line where it stands: states, choices, ways and handlers.

The marks are made of the flows as written (`Center.flows`), when somebody asks; steps of the engine know
nothing of them. A step's `path` is the one that facts tell, so that facts can be matched with marks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.language import step_models as verbs, walk
from ivr.language.models import FlowModel, StateModel, verb_of
from ivr.language.problems import Place
from ivr.language.step_parts import VerbModel
from ivr.language.tree import Text

MISSES = ("silence", "invalid")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """Something to be covered: what it is, and where it stands."""

    file: str
    line: int
    flow: str
    what: str


@dataclass(slots=True)
class StepMarks:
    """The marks of a step: by the result that the step ends with, by outcome, and by rung of its ladder.

    `known` are the outcomes its handlers are looked up for; `state` names the state it stands in.
    """

    verb: str
    state: str
    results: dict[str, Mark] = field(default_factory=dict)
    on: dict[str, Mark] = field(default_factory=dict)
    rungs: dict[int, Mark] = field(default_factory=dict)
    ladder: str = ""


class FlowMarks:
    """Everything to be covered in one flow."""

    def __init__(self, model: FlowModel) -> None:
        self.name = str(model.flow)
        self.all: list[Mark] = []
        self.states: dict[str, Mark] = {}
        self.steps: dict[tuple[str, str], StepMarks] = {}
        self.on: dict[str, Mark] = {}
        self.keys: dict[str, Mark] = {}
        self.on_state: dict[str, dict[str, Mark]] = {}
        self.blocks: dict[str, list[tuple[str, Mark]]] = {}
        for name, handler in walk.on_of(model).items():
            place = name if isinstance(name, Text) else model.on.place_of_key(str(name))
            self.on[str(name)] = mark = self._mark(place, f"on: {name}")
            if name not in MISSES:
                self._handler(handler, "on", f"{name}.", mark)
        for key, handler in model.on.keys.items():
            place = walk.place_of_steps(handler)
            self.keys[key] = mark = self._mark(place, f"on: keys: {key}")
            self._handler(handler, "on", f"keys.{key}.", mark)
        for name, state in model.states.items():
            self.states[str(name)] = self._mark(name, f"state {name}")
            self._state(str(name), state)
        self.all.sort()

    def _mark(self, place: Place, what: str) -> Mark:
        mark = Mark(place.file, place.line, self.name, what)
        self.all.append(mark)
        return mark

    def _state(self, name: str, state: Any) -> None:
        block = state
        if isinstance(state, StateModel):
            block = state.steps
            marks = self.on_state.setdefault(name, {})
            for outcome, handler in state.on.items():
                marks[str(outcome)] = mark = self._mark(outcome, f"state {name}: on: {outcome}")
                if outcome not in MISSES:
                    self._handler(handler, name, f"on.{outcome}.", mark)
        self._block(block, name, "")

    # Blocks: what is below a mark covers it -------------------------------------------------------------

    def _handler(self, value: Any, state: str, path: str, mark: Mark) -> None:
        """A handler, a way or a choice: its steps, where it has any, say that it was taken."""
        if isinstance(value, list | VerbModel):
            self.blocks.setdefault(state, []).append((path, mark))
            self._block(value if isinstance(value, list) else [value], state, path)

    def _block(self, models: list[Any], state: str, path: str) -> None:
        for number, model in enumerate(models):
            if isinstance(model, VerbModel):
                self._step(model, state, f"{path}{number}")

    def _step(self, model: VerbModel, state: str, path: str) -> None:
        verb = verb_of(model)
        marks = self.steps[state, path] = StepMarks(verb, state)
        for outcome, handler in model.on.items():
            marks.on[str(outcome)] = mark = self._mark(outcome, f"{verb}: on: {outcome}")
            self._handler(handler, state, f"{path}.on.{outcome}.", mark)
        match model:
            case verbs.MenuModel():
                for key, choice in model.choices.items():
                    way = (
                        getattr(choice, "steps", None) if not isinstance(choice, VerbModel | list) else choice
                    )
                    place = walk.place_of_steps(choice)
                    self._way(marks, f"key.{key}", place, f"menu: key {key}", way, f"{path}.choices.{key}.")
            case verbs.IfModel():
                place = model.place_of_key("then")
                self._way(marks, "then", place, "if: then", model.then, f"{path}.then.")
                there = model.else_ is not None
                place = model.place_of_key("else" if there else "if")
                what = "if: else" if there else "if: the condition does not hold"
                self._way(marks, "else", place, what, model.else_, f"{path}.else.")
            case verbs.SwitchModel():
                for case, handler in model.cases.items():
                    way = f"{path}.cases.{case}."
                    self._way(marks, f"case.{case}", case, f"switch: {case}", handler, way)
                place = model.place_of_key("else")
                self._way(marks, "else", place, "switch: else", model.else_, f"{path}.else.")
            case verbs.ChanceModel():
                for one in model.chance:
                    what = f"chance: {one.label}"
                    self._way(marks, f"way.{one.label}", one.place, what, one.then, f"{path}.{one.label}.")
            case verbs.OfferModel():
                marks.ladder = str(model.offer)
                for number, rung in enumerate(model.steps, 1):
                    marks.rungs[number] = self._mark(rung.place, f"offer {model.offer}: step {number}")

    def _way(self, marks: StepMarks, result: str, place: Place, what: str, handler: Any, path: str) -> None:
        marks.results[result] = mark = self._mark(place, what)
        self._handler(handler, marks.state, path, mark)


def marks_of(flows: Mapping[str, FlowModel]) -> dict[str, FlowMarks]:
    """The marks of every flow of a center."""
    return {name: FlowMarks(model) for name, model in flows.items()}
