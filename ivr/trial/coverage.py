"""Which parts of the flows the tests met: a fold over facts, and what it comes to.

A step tells how it ended (`StepEnded`): a choice or a way by its result, a handler by the outcome, which
is looked for as the engine does (step, state, flow, then the flow that called). Steps of a handler
that were taken say the same of it by their path.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.language import Center
from ivr.language.marks import MISSES, FlowMarks, Mark, StepMarks, marks_of

_MISS: Final = re.compile(r"(.+?)\.on\.(silence|invalid)\.")
_GONE: Final = ("caller_hung_up", "line_lost", "line_too_slow")
_ELSE: Final = {"timeout": "failed", "holiday": "closed"}
"""Outcomes that are another one where nobody handles them."""


@dataclass(frozen=True, slots=True)
class FlowCoverage:
    """One flow: how much of it was met, and what was not."""

    flow: str
    met: int
    all: int
    missed: tuple[Mark, ...]

    @property
    def percent(self) -> float:
        """The share that was met, in percent."""
        return 100 * self.met / self.all if self.all else 100.0


class Coverage:
    """The parts of one center's flows, and those that calls have met."""

    def __init__(self, center: Center) -> None:
        self.flows: Mapping[str, FlowMarks] = marks_of(center.flows)
        self._met: set[Mark] = set()

    def add(self, told: Iterable[Fact]) -> None:
        """Take in what happened on one call."""
        _Call(self.flows, self._met).take(told)

    def result(self) -> list[FlowCoverage]:
        """How much of each flow was met."""
        found = []
        for name, marks in self.flows.items():
            missed = tuple(mark for mark in marks.all if mark not in self._met)
            found.append(FlowCoverage(name, len(marks.all) - len(missed), len(marks.all), missed))
        return found


def total(flows: Iterable[FlowCoverage]) -> FlowCoverage:
    """All flows together."""
    every = list(flows)
    missed = tuple(mark for flow in every for mark in flow.missed)
    return FlowCoverage("total", sum(flow.met for flow in every), sum(flow.all for flow in every), missed)


class _Call:
    """Follows one call through its flows."""

    def __init__(self, flows: Mapping[str, FlowMarks], met: set[Mark]) -> None:
        self._flows = flows
        self._met = met
        self._stack: list[
            tuple[str, StepMarks | None]
        ] = []  # flow, and the step of the one below that called it
        self._state = ""
        self._calling: StepMarks | None = None
        self._ordered = 0
        self._orders: dict[int, tuple[FlowMarks, StepMarks]] = {}

    def take(self, told: Iterable[Fact]) -> None:
        """Every fact of the call, in order."""
        for fact in told:
            match fact:
                case facts.CallStarted():
                    self._stack = [(fact.flow, None)]
                case facts.StateEntered():
                    self._entered(fact.flow, fact.state)
                case facts.StepEnded():
                    self._ended(fact)
                case facts.OfferMade():
                    self._offered(fact)
                case facts.WorkOrdered():
                    self._ordered = fact.order
                case facts.WorkEnded() if fact.order in self._orders:
                    self._outcome(*self._orders[fact.order], fact.result)
                case facts.FlowFailed():
                    self._failed()
                case facts.CallEnded() if fact.reason in _GONE:
                    self._outwards("hangup")

    def _entered(self, flow: str, state: str) -> None:
        if not any(flow == name for name, _ in self._stack) or self._calling is not None:
            self._stack.append((flow, self._calling))
        while len(self._stack) > 1 and self._stack[-1][0] != flow:
            self._stack.pop()
        self._calling = None
        self._state = state
        if (marks := self._flows.get(flow)) is not None:
            self._cover(marks.states.get(state))

    def _ended(self, fact: facts.StepEnded) -> None:
        flow = self._flows.get(fact.flow)
        if flow is None:
            return
        for path, mark in flow.blocks.get(fact.state, ()):
            if fact.path.startswith(path):
                self._cover(mark)
        if (miss := _MISS.match(fact.path)) is not None:
            self._missed(flow, fact.state, miss[1], miss[2])
        step = flow.steps.get((fact.state, fact.path))
        if fact.verb == "return":  # also that of a menu's choice, which is no step of its own
            self._returned(fact.result)
        if step is None:
            return
        if fact.verb == "work" and fact.result == "ordered":
            self._orders[self._ordered] = (flow, step)  # how it ends is told later
        elif fact.verb == "call" and fact.result == "next":
            self._calling = step
        elif fact.result in MISSES:
            self._missed(flow, fact.state, fact.path, fact.result)
        elif fact.result in step.results:
            self._cover(step.results[fact.result])
        elif fact.result.startswith("key."):
            self._key(fact.result.removeprefix("key."))
        else:
            self._outcome(flow, step, fact.result)

    def _missed(self, flow: FlowMarks, state: str, path: str, kind: str) -> None:
        """The innermost handler of a miss: they are made part of each listening step."""
        step = flow.steps.get((state, path))
        own = step.on if step is not None else {}
        self._cover(own.get(kind) or flow.on_state.get(state, {}).get(kind) or flow.on.get(kind))

    def _returned(self, outcome: str) -> None:
        """A flow came back: the step that called it handles the outcome."""
        if len(self._stack) > 1:
            _, calling = self._stack.pop()
            flow = self._flows.get(self._stack[-1][0])
            if calling is not None and flow is not None:
                self._outcome(flow, calling, outcome)

    def _outcome(self, flow: FlowMarks, step: StepMarks, outcome: str) -> None:
        """The handler of an outcome, looked for outwards."""
        scopes = [step.on, flow.on_state.get(step.state, {}), flow.on]
        for name, calling in reversed(self._stack):
            if calling is not None and name in self._flows:
                below = self._flows[self._below(name)]
                scopes += [calling.on, below.on_state.get(calling.state, {}), below.on]
        mark = _find(scopes, outcome) or _find(scopes, _ELSE.get(outcome, ""))
        if mark is not None:
            self._cover(mark)
        elif outcome == "give_up":
            self._outwards("operator")

    def _below(self, flow: str) -> str:
        names = [name for name, _ in self._stack]
        return names[max(0, names.index(flow) - 1)]

    def _key(self, key: str) -> None:
        """A key of a whole flow, or the operator's in a menu."""
        for name, _ in reversed(self._stack):
            marks = self._flows.get(name)
            if marks is not None and key in marks.keys:
                self._cover(marks.keys[key])
                return
        if key == "0":
            self._outwards("operator")

    def _failed(self) -> None:
        for name, _ in reversed(self._stack):
            if (marks := self._flows.get(name)) is not None and "error" in marks.on:
                self._cover(marks.on["error"])
                return
        self._outwards("operator")

    def _outwards(self, handler: str) -> None:
        for name, _ in reversed(self._stack):
            marks = self._flows.get(name)
            if marks is not None and handler in marks.on:
                self._cover(marks.on[handler])
                return

    def _offered(self, fact: facts.OfferMade) -> None:
        flow = self._flows.get(self._stack[-1][0]) if self._stack else None
        for (state, _), step in flow.steps.items() if flow is not None else ():
            if step.ladder == fact.offer and state in (self._state, "on"):
                self._cover(step.rungs.get(fact.rung))

    def _cover(self, mark: Mark | None) -> None:
        if mark is not None:
            self._met.add(mark)


def _find(scopes: Iterable[Mapping[str, Mark]], outcome: str) -> Mark | None:
    """As `ivr.core.flow.moves` does: inner maps first, names by dotted prefix."""
    for scope in scopes:
        name = outcome
        while name:
            if (mark := scope.get(name)) is not None:
                return mark
            name = name.rpartition(".")[0]
    return None
