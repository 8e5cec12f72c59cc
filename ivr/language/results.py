"""What `result.*` may hold in a flow: the fields of every request and sub-flow used in it.

That is a sound approximation of "the last one on the path": a field whose types differ between two
of them is an error only where it is read.
"""

from collections.abc import Mapping

from ivr.core.flow.scope_schema import BUILTIN
from ivr.core.flow.values import ValueType
from ivr.language import walk
from ivr.language.caller_models import ConsentModel, IdentifyModel
from ivr.language.center_parts import Surroundings
from ivr.language.models import ChoiceModel, FlowModel
from ivr.language.problems import Report
from ivr.language.scoping import Reader
from ivr.language.step_models import CallModel, LookupModel, MenuModel, ReturnModel, RunModel
from ivr.language.step_parts import Values, VerbModel
from ivr.language.tree import Text

Fields = dict[str, ValueType]


def result_fields(flows: Mapping[str, FlowModel], around: Surroundings) -> dict[str, Fields]:
    """For each flow the fields that `result` may have in it."""
    done: dict[str, Fields] = {}
    for name in flows:
        _fields(name, flows, around, done, ())
    return done


def consents_of(flows: Mapping[str, FlowModel]) -> tuple[str, ...]:
    """What the flows ask consent to, or announce: the fields of `consent`."""
    found = (
        str(step.consent)
        for flow in flows.values()
        for step in walk.steps_of(flow)
        if isinstance(step, ConsentModel)
    )
    return tuple(dict.fromkeys(found))


def _fields(
    name: str,
    flows: Mapping[str, FlowModel],
    around: Surroundings,
    done: dict[str, Fields],
    inside: tuple[str, ...],
) -> Fields:
    if name in done or name in inside or name not in flows:
        return done.get(name, {})
    sources: list[tuple[str, Mapping[str, ValueType]]] = []
    for step in walk.steps_of(flows[name]):
        for asked in _asked(step):
            if str(asked) in around.requests:
                sources.append((str(asked), around.requests[str(asked)].result))
            else:
                around.open_results.add(name)
        if isinstance(step, CallModel) and str(step.call) in flows:
            below = _fields(str(step.call), flows, around, done, (*inside, name))
            if str(step.call) in around.open_results or flows[str(step.call)].lost:
                around.open_results.add(name)
            sources.append((str(step.call), _returned(flows[str(step.call)], below, around)))
    done[name] = _union(sources)
    return done[name]


def _asked(step: VerbModel) -> list[Text]:
    """The lookups and runs of a step."""
    match step:
        case LookupModel():
            return [step.lookup]
        case RunModel():
            return [step.run]
        case IdentifyModel():
            return [way.lookup for way in step.by]
    return []


def _returned(flow: FlowModel, result: Fields, around: Surroundings) -> Fields:
    """The types of what a flow returns beside its outcome."""
    variables = {str(name): kind for name, kind in flow.vars.items()}
    schema = {**BUILTIN, **around.schema, "vars": variables, "result": result}
    reader = Reader(Report(), schema, flow.rules, around.currency, str(flow.flow))
    given: list[Values] = []
    for step in walk.steps_of(flow):
        if isinstance(step, ReturnModel):
            given.append(step.with_)
        elif isinstance(step, MenuModel):
            given += [choice.with_ for choice in step.choices.values() if isinstance(choice, ChoiceModel)]
    fields: Fields = {}
    for values in given:
        for name, text in values.items():
            kind = reader.type_of(text)
            if kind is not None:
                fields.setdefault(str(name), kind)
    return fields


def _union(sources: list[tuple[str, Mapping[str, ValueType]]]) -> Fields:
    fields: Fields = {}
    origin: dict[str, str] = {}
    for source, result in sources:
        for name, kind in result.items():
            if name not in fields:
                fields[name], origin[name] = kind, source
            elif fields[name].kind != kind.kind and not fields[name].kind.startswith("it is"):
                fields[name] = ValueType(f"it is {fields[name]} after {origin[name]}, {kind} after {source}")
            elif kind.optional:
                fields[name] = kind
    return fields
