"""ASK, ACC: data is asked for once, and everything works with keys and can be written down."""

import re
from collections.abc import Iterator
from typing import Final

from ivr.core.flow import steps
from ivr.language import step_models as verbs, walk
from ivr.language.caller_models import IdentifyModel
from ivr.limits import FINDINGS_MAX
from ivr.lint import words
from ivr.lint.example import but, states
from ivr.lint.languages import said
from ivr.lint.rule import Finding, rule
from ivr.lint.scene import Scene, Way

_ONCE: Final = """\
flow: main
start: main
on: { operator: person, error: person }
vars: { contract: text, phone: text }
states:
  main:
    - ask: "Enter your contract number."
      into: contract
      listen: { silence: 10s }
      again: "The number is on every bill."
    - ask: "Enter the phone number to call."
      into: phone
      listen: { silence: 10s }
      again: "Ten digits, without a country code."
    - goto: person
  person:
    - queue: support
    - hangup
"""
_SPOKEN: Final = states("""\
  main:
    - menu: "How can we help?"
      say: "For bills, say bills or press 1. For a fault, say fault or press 2."
      choices:
        1: { label: "For bills", speech: [bills], goto: person }
        2: { label: "For a fault", speech: [fault], goto: person }
      again: "Bills or fault?"
""")
_CODE: Final = states("""\
  main:
    - run: cancel-service
      on: { failed: person, timeout: person }
    - say: "Your reference is {{ result.reference | digits }}."
    - goto: person
""")
_DIGITS: Final = re.compile(r"\|\s*digits\b")


def _follows(link: Way) -> bool:
    return link.kind not in ("error", "miss", "return")


@rule(
    "ASK-1",
    "the same is not asked twice in a call",
    packs={"core": "warning"},
    why="Being asked again is what callers remember of a call. What another flow needs is passed with `with:`.",
    source="gethuman standard 1.0, 3.",
    measured="whether what was keyed reaches the agent",
    bad=but(_ONCE, "into: phone", "into: contract"),
    good=_ONCE,
)
def _once(scene: Scene) -> Iterator[Finding]:
    by_name: dict[str, list[steps.Ask]] = {}
    for ask in scene.all(steps.Ask):
        if scene.model(ask, IdentifyModel) is not None:
            continue  # what that knows already it does not ask
        by_name.setdefault(ask.into, []).append(ask)
    for name, asks in by_name.items():
        if len(asks) < 2:
            continue
        before = scene.leading_to(asks, _follows)
        candidates = [
            ask for ask in asks if any(link.target in before for link in scene.links(ask) if _follows(link))
        ]
        for first in candidates[:FINDINGS_MAX]:
            after = scene.reach([first], _follows)
            for other in asks:
                if other is not first and other in after and scene.place(other) != scene.place(first):
                    message = f"{name!r} may have been asked for before, in {first.state!r}"
                    yield Finding(
                        scene.place(other), message, "use the variable, or ask in one state for both"
                    )


@rule(
    "ACC-1",
    "whatever may be said may be keyed",
    packs={"core": "warning"},
    why="Not everybody can speak, or be understood. In this language each choice has a key; what can go wrong is a "
    "prompt, written by hand, that tells callers what to say and names no key.",
    source="gethuman standard 1.0, 5. Irish National Disability Authority, guideline 1.15: an equivalent channel.",
    bad=but(
        _SPOKEN, "For bills, say bills or press 1. For a fault, say fault or press 2.", "Say bills, or fault."
    ),
    good=_SPOKEN,
)
def _keyed(scene: Scene) -> Iterator[Finding]:
    for menu in scene.all(steps.Menu):
        model = scene.model(menu, verbs.MenuModel)
        for text in words.texts(model.say if model is not None else None):
            if not words.keys_named(text) and (menu.phrases or words.asks_to_speak(text)):
                yield Finding(text, "callers are told to speak, and no key is named", "name the keys as well")


@rule(
    "ACC-2",
    "codes and numbers are read digit by digit",
    packs={"core": "warning"},
    why="'Four thousand seven hundred and eleven' cannot be written down while it is heard.",
    source="usability practice: references, PINs and phone numbers are dictated.",
    bad=but(_CODE, " | digits", ""),
    good=_CODE,
)
def _digits(scene: Scene) -> Iterator[Finding]:
    for model in scene.models.values():
        for step in walk.steps_of(model):
            for text in words.says(said(step)):
                for found in words.CODE.finditer(text):
                    if not _DIGITS.search(found["filters"]):
                        place = text.at(found.start() + 1) if "\n" not in text else text
                        name = found["name"]
                        yield Finding(
                            place, f"{name} is read as a number", f"write {{{{ {name} | digits }}}}"
                        )
