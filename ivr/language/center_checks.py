"""Checks between the files of a center: flows that call each other, flows nobody comes to, people."""

from collections.abc import Mapping

from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.language import walk
from ivr.language.arrivals import arrival_plan
from ivr.language.causes import causes
from ivr.language.center_models import CenterModel
from ivr.language.center_parts import Surroundings
from ivr.language.models import FlowModel
from ivr.language.people_models import PeopleModel
from ivr.language.problems import Report
from ivr.language.step_models import CallModel
from ivr.language.tree import Text
from ivr.language.world_model import WorldModel


def _calls(model: FlowModel) -> dict[str, Text]:
    return {str(step.call): step.call for step in walk.steps_of(model) if isinstance(step, CallModel)}


def check_recursion(models: Mapping[str, FlowModel], report: Report) -> None:
    """Flows that call each other in a circle would never come back."""
    calls = {name: _calls(model) for name, model in models.items()}
    for name, called in calls.items():
        for target, place in called.items():
            seen: set[str] = set()
            waiting = [target]
            while waiting:
                here = waiting.pop()
                if here == name:
                    message = f"{name!r} calls itself" + ("" if target == name else f" through {target!r}")
                    report.add(place, "recursion", message, "lead back with return instead")
                    break
                if here not in seen:
                    seen.add(here)
                    waiting += calls.get(here, {})


def check_use(settings: CenterModel, models: Mapping[str, FlowModel], around: Surroundings) -> None:
    """Warn of flows that nobody comes to, if everything that may lead to one could be read."""
    if settings.lost or around.flows_unread:
        return
    used = {str(flow) for flow in settings.numbers.values()}
    used |= {str(trigger.flow) for trigger in settings.triggers.values()}
    for model in models.values():
        used |= _calls(model).keys() | model.lost.words
    for name, model in models.items():
        if name not in used:
            message = f"no number, trigger or flow leads to {name!r}"
            around.report.warn(model.flow, "unused", message, "give it a number in center.yaml")


def check_people(people: PeopleModel, settings: CenterModel, world: WorldModel, around: Surroundings) -> None:
    """Report what the people file names and the center does not have."""
    known = {str(name) for name in settings.agents}
    for name in people.agents:
        if str(name) not in known and name != "default":
            hint = suggest(str(name), [*known, "default"])
            around.unknown(name, "agent", f"there is no agent {str(name)!r}", hint)
    always = any(name == "default" and habits.shift is not None for name, habits in people.agents.items())
    for habits in people.agents.values():
        for name in (*((habits.shift,) if habits.shift is not None else ()), *(habits.breaks or ())):
            around.known(name, "hours", around.hours)
        if habits.breaks and habits.shift is None and not (always or habits.lost):
            around.report.warn(
                habits.place_of_key("breaks"), "breaks", "an agent without a shift has no breaks"
            )
    if people.callers is None:
        return
    numbers = {str(number) for number in settings.numbers}
    if not people.callers.arrivals.lost:
        arrival_plan(people.callers.arrivals, around.files, around.numbers, around.report)
    if not any(kind.share for kind in people.callers.kinds) and not people.lost:
        around.report.add(people.callers.kinds[0].place, "people", "no kind of caller has a share above 0")
    causes(people.callers, world.columns, around)
    for kind in people.callers.kinds:
        complaint = kind.complains.dials if kind.complains is not None else None
        for dialled in (kind.dials, *((complaint,) if complaint is not None else ())):
            if str(dialled) not in numbers:
                hint = suggest(str(dialled), numbers)
                around.unknown(dialled, "number", f"there is no number {str(dialled)!r}", hint)
        if kind.phone_from is None:
            continue
        if str(kind.phone_from) not in world.tables:
            hint = suggest(str(kind.phone_from), world.tables)
            around.unknown(kind.phone_from, "table", f"there is no table {str(kind.phone_from)!r}", hint)
        elif "phone" not in world.columns[str(kind.phone_from)] or not world.tables[str(kind.phone_from)]:
            around.report.add(
                kind.phone_from, "unknown-column", f"the table {str(kind.phone_from)!r} has no phones"
            )
