"""QUE: what waiting callers hear, and how a wait ends."""

from collections.abc import Iterator
from typing import Final

from ivr.core.flow import steps
from ivr.core.plan import Announcement
from ivr.language import step_models as verbs
from ivr.language.step_parts import AnnounceModel
from ivr.lint.example import but
from ivr.lint.rule import Finding, rule
from ivr.lint.scene import PEOPLE, Scene

_CAUGHT: Final = (*PEOPLE, steps.Callback, steps.Record, steps.ListeningStep)

_WAIT: Final = """\
flow: main
start: wait
on: { operator: wait, error: wait }
states:
  wait:
    - queue: support
      announce:
        - { at: start, say: "About {{ queue.wait | minutes }}." }
        - { every: 60s, say: "You are number {{ queue.position }}." }
      callback: { after: 2m, key: 1, say: "Press 1 to be called back." }
      on: { callback: booked, timeout: message, closed: message }
    - hangup
  booked:
    - callback: support
    - hangup
  message:
    - record: "Please leave a message."
    - hangup
"""


@rule(
    "QUE-1",
    "a waiting caller is told how long, at once and again",
    packs={"human": "warning"},
    why="A wait of unknown length feels longer and is given up sooner. `queue.wait` or `queue.position`, at the start "
    "and every so often, in the step or in the queue.",
    source="gethuman standard 1.0, 2.",
    bad=but(_WAIT, '        - { every: 60s, say: "You are number {{ queue.position }}." }\n', ""),
    good=_WAIT,
)
def _told(scene: Scene) -> Iterator[Finding]:
    for queue in scene.all(steps.Queue):
        plan = scene.inside.queues.get(queue.queue)
        announce = queue.announce if queue.announce is not None else plan.announce if plan is not None else ()
        hint = "add to announce: { at: start, say: 'You are number {{ queue.position }} in line.' }"
        if not any(one.at_ms is not None and _estimates(one) for one in announce):
            yield Finding(scene.place(queue), "nobody tells how long the wait will be", hint)
        elif not any(one.every_ms is not None and _estimates(one) for one in announce):
            hint = "add to announce: { every: 60s, say: ... }"
            yield Finding(scene.place(queue), "how long it will be is told once and never again", hint)


def _estimates(announcement: Announcement) -> bool:
    return any("queue" in text.needs for text in announcement.prompt.texts.values())


@rule(
    "QUE-2",
    "a callback is offered when the wait is long, or the center closed",
    packs={"human": "warning"},
    why="A callback costs the center the same talk and spares the caller the wait.",
    source="gethuman standard 1.0, 4.",
    bad=but(_WAIT, '      callback: { after: 2m, key: 1, say: "Press 1 to be called back." }\n', "")
    .replace("callback: booked, ", "")
    .replace("  booked:\n    - callback: support\n    - hangup\n", ""),
    good=_WAIT,
)
def _callback(scene: Scene) -> Iterator[Finding]:
    for queue in scene.all(steps.Queue):
        later = [link.target for link in scene.links(queue) if link.label in ("timeout", "closed")]
        after = scene.by_itself(later)
        if queue.callback is None and not any(isinstance(node, steps.Callback) for node in after):
            hint = "add callback: { after: 2m, key: 1, say: ... }"
            yield Finding(scene.place(queue), "callers can only wait here", hint)


@rule(
    "QUE-3",
    "nothing is advertised to callers who wait, unless they agreed",
    packs={"pt": "error", "br": "error"},
    why="Who waits cannot walk away. An announcement with `kind: promo` advertises; there is no step that asks for "
    "consent yet, so each one is found.",
    source="Brazil, Decreto 11.034/2022, art. 4 § 5. Portugal, Decreto-Lei 134/2009.",
    bad=but(_WAIT, '{ every: 60s, say: "You', '{ every: 60s, kind: promo, say: "Our new plans are here. You'),
    good=_WAIT,
)
def _advertising(scene: Scene) -> Iterator[Finding]:
    announced: list[AnnounceModel] = []
    for queue in scene.all(steps.Queue):
        if (model := scene.model(queue, verbs.QueueModel)) is not None:
            announced += model.announce or ()
    if scene.inside.settings is not None:
        for settings in scene.inside.settings.queues.values():
            announced += settings.announce
    for one in announced:
        if one.kind == "promo":
            yield Finding(one.kind, "waiting callers hear advertising", "take it out")


@rule(
    "QUE-4",
    "a long wait never ends with the center hanging up",
    packs={"human": "warning", "es": "error"},
    why="After `max_wait` comes a callback, a message, another queue or a choice; not the end of the call.",
    source="Spain, Ley 10/2025: no cutting off because of a long wait.",
    bad=but(_WAIT, "timeout: message", "timeout: sorry")
    + '  sorry:\n    - say: "Please call again."\n    - hangup\n',
    good=_WAIT,
)
def _cut_off(scene: Scene) -> Iterator[Finding]:
    for queue in scene.all(steps.Queue):
        plan = scene.inside.queues.get(queue.queue)
        if queue.max_wait_ms is None and (plan is None or plan.max_wait_ms is None):
            continue
        late = [link.target for link in scene.links(queue) if link.label == "timeout"]
        after = scene.by_itself(late, lambda node: not isinstance(node, _CAUGHT))
        if not late or any(isinstance(node, steps.HangUp) for node in after):
            message = "whoever has waited longest is hung up on"
            yield Finding(scene.place(queue), message, "lead timeout to a callback or a message")
