"""`effort:`, `loyalty:`, `funnel:` and the settling runs of `center.yaml`, compiled."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final, TypeVar, get_args

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.core.treatment import BELONGS, EffortWeights, FunnelStep, LoyaltyParameters, Treatment
from ivr.language.center_models import CenterModel
from ivr.language.fields import Model
from ivr.language.problems import Report
from ivr.language.treatment_models import FunnelStepModel

N = TypeVar("N", EffortWeights, LoyaltyParameters)

_KINDS: Final[Mapping[str, type[Fact]]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(facts.AnyFact)
}
_FACT: Final = "fact"
_ABOVE_0: Final = ("scale", "monthly_churn", "early_months", "half_life_months")


def treatment(center: CenterModel, report: Report) -> Treatment:
    """How the center wants the treatment of its customers measured."""
    return Treatment(
        _numbers(EffortWeights, center.effort, report),
        _numbers(LoyaltyParameters, center.loyalty, report),
        _funnel(center.funnel, report),
        {
            str(name): "" if run.settles == "true" else str(run.settles)
            for name, run in center.world.runs.items()
            if run.settles is not None and run.settles != "false"
        },
    )


def _numbers(of: type[N], written: Model, report: Report) -> N:
    """The dataclass with the numbers as written."""
    values: dict[str, Any] = {field.name: float(getattr(written, field.name)) for field in fields(of)}
    for name, value in values.items():
        place = written.place_of_key(name)
        if value <= 0 and (name in _ABOVE_0 or name.endswith("_ratio")):
            report.add(place, "value", f"{name!r} is more than 0", "write 1 for a ratio that changes nothing")
        if name == "monthly_churn" and value >= 1:
            report.add(place, "value", "some customers stay: less than 100% leave in a month")
    return of(**values)


def _funnel(written: list[FunnelStepModel], report: Report) -> tuple[FunnelStep, ...]:
    found: dict[str, FunnelStep] = {}
    for model in written:
        if str(model.name) in found:
            report.add(model.name, "duplicate", f"the step {str(model.name)!r} is here twice", "rename one")
        step = _step(model, report)
        if step is not None:
            found[step.name] = step
    return tuple(found.values())


def _step(model: FunnelStepModel, report: Report) -> FunnelStep | None:
    """A step, or None where its fact is unknown."""
    equal = dict(model.shown_by)
    tag = next((equal.pop(key) for key in model.shown_by if key == _FACT), None)
    if tag is None:
        if not model.lost:
            place = model.place_of_key("shown_by")
            report.add(place, "missing-key", "no fact is named", "write shown_by: { fact: message_sent }")
        return None
    kind = _KINDS.get(str(tag))
    if kind is None:
        report.add(tag, "unknown-fact", f"there is no fact {str(tag)!r}", suggest(tag, _KINDS))
        return None
    known = [name for name in kind.__struct_fields__ if name != "at"]
    if not any(name in known for name in BELONGS):
        hint = "name one of a call, a message, a work order or a contact"
        report.add(tag, "fact", f"{str(tag)!r} does not say which customer it is about", hint)
        return None
    for name in equal:
        if str(name) not in known:
            message = f"the fact {str(tag)!r} has no field {str(name)!r}"
            report.add(name, "unknown-field", message, suggest(name, known))
    return FunnelStep(
        str(model.name), str(model.who), str(tag), {str(name): str(value) for name, value in equal.items()}
    )
