"""RET-1, 6, 8: whoever wants to leave can."""

import re
from collections.abc import Iterator
from typing import Final

from ivr.core.flow import steps
from ivr.core.flow.model import Step
from ivr.language import step_models as verbs, walk
from ivr.language.models import FlowModel
from ivr.language.problems import Place
from ivr.lint import words
from ivr.lint.example import GATED, RETENTION, WITHOUT_KEY, but
from ivr.lint.languages import said
from ivr.lint.leaving import Leaving
from ivr.lint.rule import Finding, rule
from ivr.lint.scene import Scene

_RULE_NAME: Final = re.compile(r"\brules\.([a-z_][a-z0-9_]*)")
_NESTED_MAX: Final = 30  # rules that name rules; a circle among them ends here

_FTC: Final = (
    "FTC, 16 CFR 425.6 of 2024, 89 FR 90476: cancelling at least as easy as signing up. Vacated on 2025-07-08 (8th Cir., "
    "Custom Communications v. FTC), rulemaking reopened on 2026-03-13; about thirty US states keep similar rules."
)


@rule(
    "RET-1",
    "cancelling can be reached from the start, from every offer and every menu, by a key that is announced",
    packs={"retention": "error"},
    why="Leaving is not to be harder than joining. The way counts that a caller walks alone: without accepting, paying, "
    "giving up, or a person. `on: { keys: { 9: cancel } }` keeps one way open that no later edit can forget.",
    source=_FTC,
    bad=but(WITHOUT_KEY, "exhausted: cancel", "exhausted: person"),
    good=RETENTION,
)
def _reachable(scene: Scene) -> Iterator[Finding]:
    leaving = Leaving(scene)
    for name in leaving.flows:
        flow, model = scene.flows[name], scene.models[name]
        if not leaving.goals or flow.start not in leaving.near:
            hint = "lead to a step such as run: cancel-service, or return: cancelled"
            yield Finding(model.start, f"nobody can cancel in {name!r}", hint)
            continue
        seen = scene.reach(
            [flow.start],
            lambda link: link.kind not in ("error", "return"),
            lambda node: node not in leaving.done,
        )
        for step in seen:
            if isinstance(step, steps.Menu | steps.Offer) and step.flow == name and step not in leaving.near:
                hint = "add a choice, or a key of the whole flow: on: { keys: { 9: STATE } }"
                yield Finding(scene.place(step), f"nobody can cancel from this {step.verb}", hint)
        yield from _announced(leaving, name, model)


def _announced(leaving: Leaving, name: str, model: FlowModel) -> Iterator[Finding]:
    scene = leaving.scene
    keys: dict[str, Place] = {
        key: model.on.place_of_key("keys")
        for key, node in scene.flows[name].keys.items()
        if node in leaving.near
    }
    if (promised := model.policy.cancel_key) is not None:
        keys[promised] = model.policy.place_of_key("cancel_key")
    said_keys: dict[str, None] = {}
    for flow in (name, *scene.callers(name)):
        for step in walk.steps_of(scene.models[flow]):
            for text in words.says(said(step)):
                said_keys.update(words.keys_named(text))
            if isinstance(step, verbs.MenuModel) and step.say is None:
                said_keys.update(dict.fromkeys(step.choices))
    for key, place in keys.items():
        if key not in said_keys:
            message = f"no text tells that key {words.shown(key)} cancels"
            yield Finding(
                place, message, f"say it once: You can cancel at any time by pressing {words.shown(key)}."
            )


@rule(
    "RET-6",
    "a debt may bar a discount, never a cancellation",
    packs={"retention": "error"},
    why="What is owed is owed after leaving as well. Where a condition on debt parts the way, both parts have to lead to "
    "cancelling without a payment and without a person, by what is said there (a key of the whole flow is no excuse).",
    source="design rule; California AB 2863 bars obstructing and delaying.",
    bad=but(GATED, '        2: { label: "To cancel all the same", goto: cancel }\n', "").replace(
        '"To pay, press 1. To cancel, press 2."', '"To pay, press 1."'
    ),
    good=GATED,
)
def _debt(scene: Scene) -> Iterator[Finding]:
    leaving = Leaving(scene)
    conditions: list[tuple[Step, str]] = [(step, step.condition.source) for step in scene.all(steps.If)]
    conditions += [(step, step.value.source) for step in scene.all(steps.Switch)]
    for step, source in conditions:
        if step.flow not in leaving.flows or not words.DEBT.search(
            _expanded(source, scene.models[step.flow])
        ):
            continue
        near = leaving.without_keys_of_the_flow
        ways = [link for link in scene.links(step) if link.kind == "branch"]
        blocked = [link for link in ways if link.target not in near]
        if blocked and len(blocked) < len(ways):
            message = f"whoever goes {blocked[0].label!r} here cannot cancel: a debt bars it"
            yield Finding(
                scene.place(step), message, "lead both ways to cancelling; the final bill names the debt"
            )


def _expanded(source: str, model: FlowModel) -> str:
    """A condition with the rules it names."""
    rules = {str(name): str(text) for name, text in model.rules.items()}
    seen: dict[str, None] = {}
    waiting = [source]
    texts: list[str] = []
    while waiting and len(texts) < _NESTED_MAX:
        text = waiting.pop()
        texts.append(text)
        for name in _RULE_NAME.findall(text):
            if name in rules and name not in seen:
                seen[name] = None
                waiting.append(rules[name])
    return " ".join(texts)


_CLOSED: Final = but(RETENTION, "start: plan", "start: welcome").replace(
    "states:\n",
    """\
states:
  welcome:
    - hours: office
      on: { closed: closed }
    - goto: plan
  closed:
    - record: "To cancel, tell us your name and number. It is done by tomorrow."
    - hangup
""",
)


@rule(
    "RET-8",
    "outside opening hours a request to cancel is taken",
    packs={"retention": "error"},
    why="A notice of cancellation has its date whether somebody is at work or not. When closed, cancelling itself or a "
    "`record` has to follow.",
    source="California AB 2863, as summarised by lexblog.",
    measured="whether it is processed within a day",
    bad=but(
        _CLOSED,
        'record: "To cancel, tell us your name and number. It is done by tomorrow."',
        'say: "We are closed."',
    ),
    good=_CLOSED,
)
def _closed(scene: Scene) -> Iterator[Finding]:
    leaving = Leaving(scene)
    opened = scene.reach(
        [flow.start for flow in scene.entries], lambda link: link.kind not in ("closed", "error", "past")
    )
    if not any(goal in opened for goal in leaving.goals):
        return
    taken = scene.leading_to(
        [*leaving.goals, *scene.all(steps.Record)],
        lambda link: link.kind not in ("error", "miss", "accept", "flow_key"),  # that key no text names here
    )
    for hours in scene.all(steps.HoursStep):
        later = scene.reach([hours], lambda link: link.kind not in ("closed", "error"))
        closed = [link.target for link in scene.links(hours) if link.kind == "closed"]
        concerned = hours in opened and any(goal in later for goal in leaving.goals)
        if concerned and any(node not in taken for node in closed):
            message = "outside opening hours nobody can leave word that they cancel"
            yield Finding(scene.place(hours), message, "lead closed to a record, or to cancelling")
