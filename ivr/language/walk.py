"""Walks over the models of a flow before anything is compiled: all steps, and which blocks end."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from ivr.core.flow.steps.appointment import DONE
from ivr.language import promise_models as promises, step_models as verbs
from ivr.language.caller_models import ConsentModel
from ivr.language.models import ChoiceModel, FlowModel, StateModel, verb_of
from ivr.language.problems import Place
from ivr.language.step_models import OUTCOMES
from ivr.language.step_parts import VerbModel
from ivr.language.tree import Lost, Text

_PLAIN: Final = (verbs.SayModel, verbs.SetModel, verbs.PlayModel, verbs.WaitModel, verbs.LogModel)
"""Steps that always go on to the next one; most steps are of these."""


def steps_of(flow: FlowModel) -> Iterable[VerbModel]:
    """Every step of a flow, however deep."""
    return flow.all_steps(_steps_of)


def _steps_of(flow: FlowModel) -> Iterator[VerbModel]:
    parts: list[Any] = [*flow.states.values(), *on_of(flow).values(), *flow.on.keys.values()]
    while parts:
        part = parts.pop()
        if isinstance(part, list):
            parts += part
        elif isinstance(part, StateModel):
            parts += [part.steps, *part.on.values()]
        elif isinstance(part, ChoiceModel):
            if part.steps is not None:
                parts.append(part.steps)
        elif isinstance(part, VerbModel):
            yield part
            parts += [*part.on.values(), *_ways(part)]


def on_of(flow: FlowModel) -> dict[str, Any]:
    """The handlers of a flow without its keys, in the order written."""
    named = {name: getattr(flow.on, name) for name in ("operator", "error", "hangup")}
    return {name: value for name, value in named.items() if value is not None} | (flow.on.model_extra or {})


def _ways(step: VerbModel) -> list[Any]:
    match step:
        case verbs.IfModel():
            return [step.then, step.else_]
        case verbs.SwitchModel():
            return [*step.cases.values(), step.else_]
        case verbs.MenuModel():
            return [*step.choices.values()]
        case verbs.ChanceModel():
            return [way.then for way in step.chance]
    return []


def place_of_steps(part: Any) -> Place:
    """Where a step, or the first of some, stands."""
    first = part[0] if isinstance(part, list) else part
    return first if isinstance(first, Text) else first.place


def ends(part: Any) -> bool | None:
    """Whether a handler, block or choice may come to its end, so that what stands after it follows.

    None where nobody knows, because a part of it could not be read.
    """
    if part is None:
        return True
    if isinstance(part, Lost):
        return None
    if isinstance(part, list):
        unknown = False
        for step in reversed(part):  # the last one is what usually leads away
            if (found := ends(step)) is False:
                return False
            unknown = unknown or found is None
        return None if unknown else True
    if isinstance(part, ChoiceModel):
        if part.goto is not None or part.return_ is not None or part.hangup or part.repeat:
            return False
        return None if part.lost else ends(part.steps)
    if isinstance(part, VerbModel):
        return None if part.lost else _step_ends(part)
    return False  # a state's name, or the bare word `hangup`


def _any(parts: Iterable[bool | None]) -> bool | None:
    found = list(parts)
    return True if True in found else None if None in found else False


def _step_ends(step: VerbModel) -> bool | None:
    """Whether the next step may follow a step."""
    if not step.on and isinstance(step, _PLAIN):
        return True
    handled = [name for name in step.on if name not in ("silence", "invalid")]
    known = OUTCOMES.get(verb_of(step), ()) if not isinstance(step, verbs.CallModel) else handled
    leads_on = _any(ends(step.on[name]) if name.split(".")[0] in known else None for name in handled)
    match step:
        case verbs.GotoModel() | verbs.ReturnModel() | verbs.HangupModel():
            return False
        case verbs.IfModel() | verbs.SwitchModel() | verbs.MenuModel() | verbs.ChanceModel():
            return _any([leads_on, *(ends(way) for way in _ways(step))])
        case verbs.OfferModel():
            return _any([leads_on, not {"accepted", "exhausted"} <= set(handled)])
        case verbs.QueueModel() | verbs.TransferModel():
            return _any([leads_on, "connected" not in handled])
        case promises.DialModel():
            return _any([leads_on, "answered" not in handled])
        case promises.SendModel():
            return _any([leads_on, step.expect_reply is None or "replied" not in handled])
        case ConsentModel():
            answers = {"announced"} if step.notice is not None else {"agreed", "refused"}
            return _any([leads_on, not answers <= set(handled)])
        case promises.AppointmentModel():
            return _any([leads_on, DONE[str(step.do)] not in handled])
        case verbs.CallModel():
            return leads_on
    return True
