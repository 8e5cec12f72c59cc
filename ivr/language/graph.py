"""Checks on a flow's compiled nodes: states nobody reaches, and circles in which nobody ever waits."""

from collections.abc import Iterable, Mapping
from typing import Final

from ivr.core.flow import steps
from ivr.core.flow.model import Flow, Node, State, Step
from ivr.core.flow.steps.appointment import DONE

_WAITS: Final = (steps.ListeningStep, steps.Wait, steps.Record, steps.RequestStep, steps.CallFlow)


def circle(flow: Flow) -> list[str]:
    """The states of a circle without a listening or waiting step; empty if there is none."""
    done: set[int] = set()
    for state in flow.states.values():
        if id(state) not in done and (found := _circle_from(state, done)):
            return found
    return []


def _circle_from(start: Node, done: set[int]) -> list[str]:
    """Depth first with a stack of our own: a chain of states may be very long."""
    path: list[Node] = []
    on_path: set[int] = set()
    stack: list[tuple[Node, bool]] = [(start, False)]
    while stack:
        node, leaving = stack.pop()
        if leaving:
            path.pop()
            on_path.discard(id(node))
            done.add(id(node))
            continue
        if id(node) in done:
            continue
        if id(node) in on_path:
            part = path[next(i for i, other in enumerate(path) if other is node) :]
            return _states(part)
        path.append(node)
        on_path.add(id(node))
        stack.append((node, True))
        stack += [(other, False) for other in _at_once(node)]
    return []


def _states(nodes: Iterable[Node]) -> list[str]:
    names = {node.name if isinstance(node, State) else getattr(node, "state", ""): None for node in nodes}
    return [name for name in names if name]


def _at_once(node: Node) -> list[Node]:
    """The nodes that may follow a node before anybody had to wait or listen."""
    found: list[Node | None] = []
    match node:
        case State():
            found = [node.first]
        case steps.If():
            found = [node.then or node.next, node.otherwise or node.next]
        case steps.Switch():
            found = [*(way or node.next for _, _, way in node.cases), node.otherwise or node.next]
        case steps.Chance():
            found = [way or node.next for _, _, way in node.ways]
        case steps.Goto():
            found = [node.target]
        case steps.HoursStep():
            found = [node.next, *_handled(node, "closed", "holiday")]
        case steps.Queue():
            found = _handled(node, "closed", "full", "empty")
        case steps.Transfer():
            found = _handled(node, "busy", "failed")
        case steps.Callback():
            found = [node.next, *_handled(node, "failed")]
        case steps.Identify():
            found = [node.next, node.first]
        case steps.Found():
            found = [node.step.next]
        case steps.Unfound():
            found = _handled(node.step, node.outcome)
        case steps.Consent():
            found = [node.next, *_handled(node, "agreed", "refused", "announced")]
        case steps.Dial() | steps.Send():
            found = _handled(node, "failed")
        case steps.Work():
            found = [node.next, *_handled(node, "failed")]
        case steps.Appointment():
            found = [node.next, *_handled(node, "none_free", "not_found", DONE[node.way])]
        case steps.Return() | steps.HangUp():
            found = []
        case Step() if not isinstance(node, _WAITS):
            found = [node.next]
    return [other for other in found if other is not None]


def _handled(step: Step, *outcomes: str) -> list[Node | None]:
    """The innermost handlers of some outcomes."""
    found: list[Node | None] = []
    for outcome in outcomes:
        found += [handlers[outcome] for handlers in step.handlers if outcome in handlers][:1]
    return found


def reachable(start: str, roots: Iterable[str], leads: Mapping[str, Iterable[str]]) -> set[str]:
    """The states that can be reached from the start and from the flow's handlers."""
    seen = {start, *roots}
    waiting = list(seen)
    while waiting:
        for state in leads.get(waiting.pop(), ()):
            if state not in seen:
                seen.add(state)
                waiting.append(state)
    return seen
