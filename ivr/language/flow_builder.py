"""A flow's model to a compiled `Flow`: states, handlers, and steps linked to what follows them."""

import hashlib
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ivr.core.flow import steps
from ivr.core.flow.model import Flow, Listen, Node, State, Step
from ivr.core.flow.nearness import did_you_mean as suggest, nearest
from ivr.core.flow.scope_schema import BUILTIN
from ivr.core.flow.values import ValueType
from ivr.language import graph, walk
from ivr.language.center_parts import Surroundings, check_field_name
from ivr.language.models import BARE, FlowModel, StateModel, verb_of
from ivr.language.problems import Place
from ivr.language.prompts import Prompts
from ivr.language.scoping import RESULT, Reader
from ivr.language.step_models import OUTCOMES
from ivr.language.step_parts import ListenModel, VerbModel
from ivr.language.tree import Lost, Text

_ANY: Final = tuple(dict.fromkeys(name for names in OUTCOMES.values() for name in names))
_MISSES: Final = ("silence", "invalid")


@dataclass(frozen=True, slots=True)
class Here:
    """Where a step stands: its state, the handlers around it, and how it listens.

    `misses` are the models of outer `silence` and `invalid` handlers: they are compiled into each
    listening step, because their end leads back to it.
    """

    state: str
    outer: tuple[Mapping[str, Node], ...] = ()
    listen: Listen = field(default_factory=Listen)
    misses: Mapping[str, Any] = field(default_factory=dict)


class FlowBuilder:
    """Compiles one flow; problems go to the report of its surroundings."""

    def __init__(
        self,
        model: FlowModel,
        text: str,
        around: Surroundings,
        flows: Mapping[str, FlowModel],
        result: Mapping[str, Any],
    ) -> None:
        from ivr.language.step_builders import BUILDERS  # they build with this class

        self.model = model
        self.around = around
        self.flows = flows
        self.name = str(model.flow)
        self.variables = self._variables()
        self.secret = False
        schema = {**BUILTIN, **around.schema, "vars": self.variables, "result": dict(result)}
        schema["identified"] = dict.fromkeys(around.schema, ValueType("boolean"))
        schema["consent"] = dict.fromkeys(around.consents, ValueType("text"))
        self.reader = Reader(
            around.report,
            schema,
            model.rules,
            around.currency,
            self.name,
            lenient=not around.complete,
            dry=around.dry,
            excused=self._excused(),
        )
        self.prompts = Prompts(self.reader, around)
        self.states = {str(name): State(self.name, str(name)) for name in model.states}
        self._leads: dict[str, dict[str, None]] = {}
        self._builders = BUILDERS
        self._revision = hashlib.sha256(text.encode()).hexdigest()[:12]

    def build(self) -> Flow:
        """The compiled flow; to be used only when the report has no errors."""
        model, report = self.model, self.around.report
        for name in model.rules:
            check_field_name(name, name, report)
        self.reader.check_rules()
        if str(model.start) not in self.states and str(model.start) not in model.lost.names:
            report.add(
                model.start,
                "unknown-state",
                f"there is no state {str(model.start)!r}",
                suggest(model.start, self.states),
            )
        flow = Flow(
            name=self.name,
            revision=self._revision,
            states=self.states,
            start=self.states.get(str(model.start)) or next(iter(self.states.values())),
            returns=tuple(str(name) for name in model.returns),
            variables=self.variables,
            music=self.around.music(model.defaults.music),
            policy=model.policy.model_dump(exclude_none=True),
        )
        here = self._whole_flow(flow)
        for name, state in model.states.items():
            self._state(name, state, here)
        flow.secret = self.secret
        self._check_shape(flow)
        self.prompts.warn_untranslated()
        return flow

    # The flow and its states --------------------------------------------------------------------------

    def _variables(self) -> dict[str, ValueType]:
        report = self.around.report
        return {
            str(name): kind for name, kind in self.model.vars.items() if check_field_name(name, name, report)
        }

    def _excused(self) -> frozenset[str]:
        """Names that may stand in parts that could not be read."""
        around, lost = self.around, self.model.lost
        unsure = lost or around.lost or around.flows_unread or self.name in around.open_results
        return frozenset(around.lost.names | lost.names | ({RESULT} if unsure else set()))

    def _whole_flow(self, flow: Flow) -> Here:
        """Compile the handlers of the whole flow, which are around every state."""
        model = self.model
        on = walk.on_of(model)
        here = Here("on", listen=_listen(Listen(), model.defaults.listen))
        misses: dict[str, Any] = {name: on.pop(name) for name in _MISSES if name in on}
        self._check_outcomes(model.on.model_extra or {}, (*_ANY, "operator", "error", "hangup"))
        over = self._over(here)
        for name, handler in on.items():
            self._must_leave(name, handler, allowed=name == "hangup")
            flow.on[str(name)] = self.handler(handler, over, here, f"{name}.")
        for key, handler in model.on.keys.items():
            self._must_leave(f"key {key}", handler)
            flow.keys[key] = self.handler(handler, over, here, f"keys.{key}.")
        flow.operator, flow.error, flow.hangup = (
            flow.on.get(name) for name in ("operator", "error", "hangup")
        )
        return replace(here, outer=(flow.on,), misses=misses)

    def _state(self, name: Text, state: Any, around: Here) -> None:
        here = replace(around, state=str(name))
        block = state
        if isinstance(state, StateModel):
            block = state.steps
            on = dict(state.on)
            self._check_outcomes(on, _ANY)
            misses = {
                **here.misses,
                **{str(name): handler for name, handler in on.items() if name in _MISSES},
            }
            listen = _listen(here.listen, state.listen)
            handlers: dict[str, Node] = {}
            for outcome, handler in on.items():
                if outcome in _MISSES:
                    continue
                self._must_leave(outcome, handler)
                handlers[str(outcome)] = self.handler(handler, self._over(here), here, f"on.{outcome}.")
            here = replace(here, outer=(handlers, *here.outer), listen=listen, misses=misses)
        if walk.ends(block) is True:
            message = f"the last step of {str(name)!r} must leave the state"
            self.around.report.add(
                walk.place_of_steps(block[-1]), "dead-end", message, "add a goto, return or hangup after it"
            )
        self.states[str(name)].first = self.block(block, self._over(here), here, "")

    def _over(self, here: Here) -> Node:
        """What stands after a block that ends although nothing follows: the call is over."""
        return steps.HangUp(verb="hangup", flow=self.name, state=here.state, path="end")

    def _check_shape(self, flow: Flow) -> None:
        report = self.around.report
        if self.model.lost:  # nobody knows where a lost step leads
            return
        seen = graph.reachable(flow.start.name, self._leads.get("on", ()), self._leads)
        for name in self.model.states:
            if str(name) not in seen:
                message = f"no step leads to the state {str(name)!r}"
                report.add(name, "unreachable", message, "delete it, or lead to it")
        if found := graph.circle(flow):
            place = next(name for name in self.model.states if str(name) == found[0])
            shown = found if len(found) <= 8 else [*found[:6], "...", found[-1]]
            way = " -> ".join([*shown, found[0]])
            message = f"a call would go round here for ever: {way}"
            report.add(place, "endless", message, "put a menu, ask, queue or wait into the circle")

    # Handlers and blocks ------------------------------------------------------------------------------

    def target(self, name: Text, here: Here) -> Node:
        """A state by name."""
        state = self.states.get(str(name))
        if state is None:
            full = self.around.report.full
            meant = "" if full else nearest(str(name), self.states)
            if str(name) not in self.model.lost.names:
                hint = f"did you mean {meant!r}?" if meant or full else suggest(str(name), self.states)
                self.around.report.add(name, "unknown-state", f"there is no state {str(name)!r}", hint)
            if meant:  # or it would be called unreachable besides
                self._leads.setdefault(here.state, {})[meant] = None
            return self._over(here)
        self._leads.setdefault(here.state, {})[state.name] = None
        return state

    def handler(self, value: Any, after: Node | None, here: Here, path: str) -> Node:
        """What a handler, a way or a choice leads to; a block goes on with `after`."""
        if isinstance(value, Text):
            if value in BARE and str(value) not in self.states:
                return self.block([value], after, here, path)
            return self.target(value, here)
        return self.block(value if isinstance(value, list) else [value], after, here, path)

    def block(self, models: list[Any], after: Node | None, here: Here, path: str) -> Node:
        """The first of some steps, each linked to the next and the last to `after`."""
        node = after
        for number in range(len(models) - 1, -1, -1):
            model = models[number]
            if number + 1 < len(models) and walk.ends(model) is False:
                place = walk.place_of_steps(models[number + 1])
                self.around.report.add(
                    place, "unreachable", "the step before never goes on to this one", "delete it"
                )
            node = self._step(model, node, here, f"{path}{number}")
        assert node is not None
        return node

    def _step(self, model: Any, after: Node | None, here: Here, path: str) -> Node:
        if isinstance(model, (Text, Lost)):  # the bare word, or what stands in where nobody knows
            return steps.HangUp(verb="hangup", flow=self.name, state=here.state, path=path, next=after)
        verb = verb_of(model)
        if model.on and verb != "call":
            self._check_outcomes(model.on, OUTCOMES.get(verb, ()))
        node = self._builders[verb](self, model, after, here, path)
        self.around.origins[node] = model
        return node

    def attach(self, step: Step, model: VerbModel, here: Here, later: Container[str] = ()) -> Node:
        """Give a step its handlers; their blocks go on with its next step, misses with asking again.

        What is done `later`, in a run of its own, goes on with nothing.
        """
        own: dict[str, Node] = {}
        on = dict(model.on)
        if isinstance(step, steps.ListeningStep):
            for miss, outer in here.misses.items():
                on.setdefault(Text(miss), outer)
        for outcome, handler in on.items():
            after: Node | None = step.next
            if isinstance(step, steps.ListeningStep) and outcome in _MISSES:
                after = steps.Again(step)
            elif outcome in later:
                after = self._over(here)
            own[str(outcome)] = self.handler(handler, after, here, f"{step.path}.on.{outcome}.")
        step.handlers = (own, *here.outer) if own else here.outer
        return step

    def listen(self, model: ListenModel | None, here: Here) -> Listen:
        """How a step listens: its own settings over those around it."""
        return _listen(here.listen, model)

    # Checks ---------------------------------------------------------------------------------------------

    def _check_outcomes(self, on: Mapping[Any, Any], known: tuple[str, ...]) -> None:
        for name in on:
            if str(name).split(".")[0] not in known:
                hint = suggest(str(name), known) or "this step has no outcomes"
                place: Place = name if isinstance(name, Text) else self.model.on.place_of_key(str(name))
                self.around.report.add(
                    place, "unknown-outcome", f"there is no outcome {str(name)!r} here", hint
                )

    def _must_leave(self, name: str, handler: Any, *, allowed: bool = False) -> None:
        if allowed or walk.ends(handler) is not True:
            return
        place = walk.place_of_steps(handler[-1] if isinstance(handler, list) else handler)
        message = f"the steps for {str(name)!r} must lead somewhere"
        self.around.report.add(place, "dead-end", message, "add a goto, return or hangup after them")


def _listen(around: Listen, model: ListenModel | None) -> Listen:
    if model is None:
        return around
    return Listen(
        model.silence if model.silence is not None else around.silence_ms,
        model.between_digits if model.between_digits is not None else around.between_digits_ms,
        model.tries if model.tries is not None else around.tries,
        model.repeat_after if model.repeat_after is not None else around.repeat_ms,
    )
