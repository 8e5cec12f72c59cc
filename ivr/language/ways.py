"""Where a compiled node may lead, each way with what has to happen for it: the flow's graph with its edges named.

`graph` asks what may follow at once; rules and pictures ask for all ways.
"""

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, TypeAlias

from ivr.core.flow import steps
from ivr.core.flow.model import Flow, Node, State, Step
from ivr.core.flow.steps.appointment import CONFIRM, DONE
from ivr.core.flow.steps.queue import exit_of
from ivr.core.flow.steps.work import RESULTS
from ivr.language.step_models import OUTCOMES

WayKind: TypeAlias = Literal[
    "next",  # nothing has to happen
    "branch",  # a condition, a value, chance
    "key",  # the caller's key
    "accept",  # the key that accepts an offer
    "decline",  # the key that declines the last offer
    "flow_key",  # a key of the whole flow
    "operator",  # key 0
    "miss",  # silence, a wrong key
    "give_up",  # one miss too many
    "outcome",  # what came of a step
    "closed",  # outside opening hours
    "past",  # another flow came back
    "call",  # into another flow; known to those who see all flows, as is the next
    "return",  # out of a flow to one that called it
    "error",  # nothing handles an outcome
]


class Way(NamedTuple):
    """One way on; `label` is the key, the outcome or the branch."""

    kind: WayKind
    label: str
    target: Node


_THROUGH: Final = (
    "connected",
    "answered",
    "replied",
)  # all went well: the next step, unless it has a handler
_MAY_BE: Final = (
    *RESULTS,
    "withdrawn",
    "machine",
)  # handled if the author thought of it: what comes of a work order, and so on
_CLOSED: Final = ("closed", "holiday")
_HEARS_KEYS: Final = (steps.ListeningStep, steps.Say, steps.Wait, steps.Record, steps.Queue)


def ways(node: Node, flow: Flow) -> list[Way]:
    """Every way on from a node that is known inside its flow."""
    if isinstance(node, (steps.Goto, State)):
        target = node.target if isinstance(node, steps.Goto) else node.first
        return [] if target is None else [Way("next", "", target)]
    found = [way for way in _ways(node, flow) if way is not None]
    if isinstance(node, _HEARS_KEYS):
        own = {way.label for way in found if way.kind in ("key", "operator")}
        found += [Way("flow_key", key, target) for key, target in flow.keys.items() if key not in own]
    return found


def _ways(node: Node, flow: Flow) -> Iterator[Way | None]:
    match node:
        case steps.Again() | steps.Repeat():
            yield _way("next", "", node.step)
        case steps.If():
            yield _way("branch", "then", node.then or node.next)
            yield _way("branch", "else", node.otherwise or node.next)
        case steps.Switch():
            for _, label, way in node.cases:
                yield _way("branch", label, way or node.next)
            yield _way("branch", "else", node.otherwise or node.next)
        case steps.Chance():
            for _, label, way in node.ways:
                yield _way("branch", label, way or node.next)
        case steps.Return() | steps.HangUp():
            return
        case steps.Identify():
            yield _way("next", "", node.next)
            yield _way("branch", "asks", node.first)
        case steps.Found():
            yield _way("next", "", node.step.next)
        case steps.Unfound():
            target = handled(node.step, node.outcome)
            yield _way("outcome", node.outcome, target) or _way(
                "error", node.outcome, flow.error or flow.operator
            )
        case steps.ListeningStep():
            yield from _listening(node, flow)
        case steps.CallFlow():
            for outcome, target in _all(node).items():
                if outcome not in ("operator", "error", "hangup"):
                    yield Way("past", outcome, target)
        case Step():
            yield from _outcomes(node, flow)


def _listening(step: steps.ListeningStep, flow: Flow) -> Iterator[Way | None]:
    if isinstance(step, steps.Menu):
        operator = any(choice.key == "0" and choice.label == "operator" for choice in step.listening.choices)
        for key, target in step.choices.items():
            yield Way("operator" if key == "0" and operator else "key", key, target)
    elif isinstance(step, steps.Offer):
        yield _way("accept", step.accept_key, handled(step, "accepted") or step.next)
        yield _way("decline", step.decline_key, handled(step, "exhausted") or step.next)
    elif isinstance(step, steps.Appointment):
        done = DONE[step.way]
        yield _way("key", "", handled(step, done) or step.next)
        for outcome in ("none_free", "not_found", *(("declined",) if step.way == CONFIRM else ())):
            yield _way("outcome", outcome, handled(step, outcome))
    elif isinstance(step, steps.Ask):
        yield _way("key", "", step.next)
        if step.skip_key:
            yield _way("key", step.skip_key, handled(step, "skipped") or step.next)
    elif isinstance(step, steps.Consent):
        answers = ("announced",) if step.notice else ("agreed", "refused")
        for answer in answers:
            yield _way("key", answer, handled(step, answer) or step.next)
        if step.notice:
            return
    for miss in ("silence", "invalid"):
        yield _way("miss", miss, handled(step, miss))
    if isinstance(step, steps.Consent):
        return
    yield _way("give_up", "give_up", handled(step, "give_up") or flow.operator or flow.error)


def _outcomes(step: Step, flow: Flow) -> Iterator[Way | None]:
    known = OUTCOMES.get(step.verb, ())
    if not known:
        yield _way("next", "", step.next)
        return
    for outcome in known:
        if outcome in _THROUGH or (outcome == "callback" and not getattr(step, "callback", None)):
            continue
        if outcome == "exit":
            for key in step.exit_keys if isinstance(step, steps.Queue) else ():
                name = exit_of(key)
                yield _way("key", key, handled(step, name) or handled(step, "exit"))
            continue
        if outcome == "no_reply" and not getattr(step, "reply_ms", 0):
            continue
        target = handled(step, outcome)
        optional = step.verb in ("hours", "callback", "record") or outcome in _MAY_BE
        if target is None and not optional:
            yield _way("error", outcome, flow.error or flow.operator)
        elif outcome in _CLOSED:
            yield _way("closed", outcome, target)
        else:
            yield _way("outcome", outcome, target)
    if through := next((outcome for outcome in known if outcome in _THROUGH), ""):
        target = handled(step, through)
        yield _way("next", "", step.next) if target is None else Way("outcome", through, target)
    else:
        yield _way("next", "", step.next)
    for outcome, target in _all(step).items():
        if "." in outcome and outcome.split(".")[0] in known and not outcome.startswith("exit."):
            yield Way("outcome", outcome, target)


def handled(step: Step, outcome: str) -> Node | None:
    """The innermost handler of an outcome in its flow."""
    return next((handlers[outcome] for handlers in step.handlers if outcome in handlers), None)


def _all(step: Step) -> dict[str, Node]:
    """Every handler around a step, the innermost of each name."""
    return {name: node for handlers in reversed(step.handlers) for name, node in handlers.items()}


def _way(kind: WayKind, label: str, target: Node | None) -> Way | None:
    return None if target is None else Way(kind, label, target)
