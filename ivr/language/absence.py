"""Flows that begin without a caller: what in them says something before anybody can hear it."""

from collections.abc import Iterable, Iterator, Mapping

from ivr.core.flow import steps
from ivr.core.flow.course import NEEDS_LINE
from ivr.core.flow.model import Flow, Node
from ivr.core.flow.steps.work import RESULTS
from ivr.language.center_models import CenterModel
from ivr.language.center_parts import Surroundings
from ivr.language.step_parts import VerbModel
from ivr.language.ways import ways

_FAULTS = ("error", "operator", "flow_key")  # ways that only a fault or a caller takes


def check_absence(settings: CenterModel, flows: Mapping[str, Flow], around: Surroundings) -> None:
    """Warn of steps that need a caller where a trigger, or the end of a work order, leads to them without one."""
    starts = {str(trigger.flow) for trigger in settings.triggers.values()}
    for name, flow in flows.items():
        begins: list[Node] = [flow.start] if name in starts else []
        begins += _handlers(flow, around.origins)
        for model, verb in _spoken(begins, flow, around.origins):
            message = f"nobody is on the line here: {verb!r} is reached without a call"
            around.report.warn(model.place, "no-caller", message, "dial somebody first")


def _handlers(flow: Flow, origins: Mapping[Node, VerbModel]) -> Iterator[Node]:
    """What is done when a work order of the flow has ended."""
    for node in origins:
        if isinstance(node, steps.Work) and node.flow == flow.name:
            yield from (found for result in RESULTS if (found := node.ended(result)) is not None)


def _spoken(
    begins: Iterable[Node], flow: Flow, origins: Mapping[Node, VerbModel]
) -> list[tuple[VerbModel, str]]:
    """The first steps on every way that need somebody to hear them."""
    found: list[tuple[VerbModel, str]] = []
    waiting, seen = list(begins), set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, NEEDS_LINE):
            if node in origins:
                found.append((origins[node], node.verb))
            continue
        for way in ways(node, flow):
            answered = isinstance(node, steps.Dial) and way.label in ("", "answered", "machine")
            if way.kind not in _FAULTS and not answered:
                waiting.append(way.target)
    return found
