"""The verbs that find out about the caller: identify, consent."""

from typing import Any, Final

from ivr.core.commands import Choice, Listening
from ivr.core.flow import steps
from ivr.core.flow.model import Node
from ivr.core.flow.steps.consent import AGREED, REFUSED
from ivr.language.caller_models import ConsentModel, IdentifyModel, IdentifyWayModel
from ivr.language.center_parts import check_field_name
from ivr.language.fields import Spoken
from ivr.language.flow_builder import FlowBuilder, Here
from ivr.language.outward_builders import at
from ivr.language.step_models import AskModel, LookupModel
from ivr.language.tree import Text

TRIES_MAX: Final = 5  # nobody keys a number more often
_MISSES: Final = ("silence", "invalid")
_ASKING: Final = ("again", "into", "end_key", "skip_key", "confirm")


def identify(b: FlowBuilder, m: IdentifyModel, after: Node | None, here: Here, path: str) -> Node:
    """identify: find out who calls. The ways are ordinary lookups and questions, one leading to the next."""
    b.around.known(m.identify, "data", b.around.schema)
    step = steps.Identify(root=str(m.identify), **at(b, "identify", after, here, path))
    b.attach(step, m, here)
    missing: Node = steps.Unfound(step, "not_found")
    failed: Node = steps.Unfound(step, "failed")
    for number in range(len(m.by) - 1, -1, -1):
        way = m.by[number]
        _check_way(b, m, way)
        missing = failed = _way(
            b, m, way, step, {"not_found": missing, "failed": failed}, here, f"{path}.by.{number}"
        )
    step.first = missing
    return step


def _check_way(b: FlowBuilder, m: IdentifyModel, way: IdentifyWayModel) -> None:
    report = b.around.report
    request = b.around.requests.get(str(way.lookup))
    if request is not None and request.kind == "lookup" and request.into != str(m.identify):
        message = f"the lookup {str(way.lookup)!r} fills {request.into!r}, not {str(m.identify)!r}"
        report.add(way.lookup, "identify", message, f"name one with into: {m.identify}")
    if way.tries > TRIES_MAX:
        report.add(way.place_of_key("tries"), "value", f"a question is asked at most {TRIES_MAX} times")
    if way.ask is None:
        for name in _ASKING:
            if getattr(way, name) is not None:
                report.add(
                    way.place_of_key(name), "identify", f"{name!r} belongs to a question", "add ask: ..."
                )
    elif way.into is None and not way.lost:
        report.add(way.place_of_key("ask"), "missing-key", "nothing takes the digits", "add into: VARIABLE")


def _way(
    b: FlowBuilder,
    m: IdentifyModel,
    way: IdentifyWayModel,
    step: steps.Identify,
    beyond: dict[str, Node],
    here: Here,
    path: str,
) -> Node:
    """The first node of a way; a question is unrolled, each time leading to its lookup."""
    node: dict[str, Node] = beyond
    for count in range(way.tries if way.ask is not None else 1, 0, -1):
        lookup = _lookup(b, m, way, step, node, here, f"{path}.{count}")
        if way.ask is None:
            return lookup
        question = way.ask if count == 1 else way.again or way.ask
        asked = _ask(b, m, way, question, lookup, step, beyond["not_found"], here, f"{path}.{count}")
        node = {**beyond, "not_found": asked}
    return node["not_found"]


def _lookup(
    b: FlowBuilder,
    m: IdentifyModel,
    way: IdentifyWayModel,
    step: steps.Identify,
    beyond: dict[str, Node],
    here: Here,
    path: str,
) -> Node:
    fields = {name: getattr(way, name) for name in ("lookup", "with_", "timeout", "retry", "mock")}
    found = steps.Found(step, str(way.lookup))
    around = Here(here.state, (beyond, *step.handlers), here.listen)
    return _built(b, "lookup", LookupModel.model_construct(**fields, on={}), m, found, around, path)


def _ask(
    b: FlowBuilder,
    m: IdentifyModel,
    way: IdentifyWayModel,
    question: Spoken,
    lookup: Node,
    step: steps.Identify,
    skipped: Node,
    here: Here,
    path: str,
) -> Node:
    names = ("again", "digits", "into", "end_key", "skip_key", "confirm", "secret", "listen")
    fields = {name: getattr(way, name) for name in names} | {"ask": question, "empty": None, "check": None}
    fields["into"] = way.into or Text("", way.lookup)
    on = {name: handler for name, handler in m.on.items() if name in _MISSES}
    around = Here(here.state, ({"skipped": skipped}, *step.handlers), here.listen, here.misses)
    return _built(b, "ask", AskModel.model_construct(**fields, on=on), m, lookup, around, f"{path}.ask")


def _built(
    b: FlowBuilder, verb: str, model: Any, m: IdentifyModel, after: Node, around: Here, path: str
) -> Node:
    """A step of another verb that stands for a part of this one, and at its place."""
    from ivr.language.step_builders import BUILDERS

    model._written = m._written  # noqa: SLF001 - made up here, and stands where the step does
    node = BUILDERS[verb](b, model, after, around, path)
    b.around.origins[node] = m
    return node


def consent(b: FlowBuilder, m: ConsentModel, after: Node | None, here: Here, path: str) -> Node:
    """consent: ask, or announce."""
    report = b.around.report
    if (m.say is None) == (m.notice is None) and not m.lost:
        message = "nothing is asked or announced" if m.say is None else "it is asked, or it is announced"
        report.add(m.consent, "consent", message, "write say: for a question, or notice:")
    check_field_name(str(m.consent), m.consent, report)
    if m.notice is not None and "silence" in m.model_fields_set:
        message = "'silence' belongs to a question, and a notice asks nothing"
        report.add(m.place_of_key("silence"), "consent", message, "delete it")
    if m.keys.agree == m.keys.refuse:
        report.add(m.keys.place, "consent", "one key cannot agree and refuse")
    keys = (m.keys.agree, m.keys.refuse)
    spoken = m.notice or m.say or Spoken(Text("-", m.consent), {}, m.consent)
    step = steps.Consent(
        prompt=b.prompts.prompt(spoken, must_hear=True)
        if m.notice is not None
        else b.prompts.consent(spoken, *keys),
        again=b.prompts.consent(m.again, *keys) if m.again is not None else None,
        listen=b.listen(m.listen, here),
        listening=Listening("consent", (Choice(keys[0], AGREED), Choice(keys[1], REFUSED))),
        name=str(m.consent),
        agree_key=keys[0],
        refuse_key=keys[1],
        silence=str(m.silence),
        notice=m.notice is not None,
        record=m.record,
        **at(b, "consent", after, here, path),
    )
    return b.attach(step, m, here)
