"""HUM: a person can be reached."""

from collections.abc import Iterator
from typing import Final

from ivr.core.flow import steps
from ivr.core.flow.model import Node
from ivr.lint.example import but, states
from ivr.lint.rule import Finding, rule
from ivr.lint.scene import PEOPLE, Scene

_ASKED: Final = states("""\
  main:
    - menu: "How can we help?"
      choices:
        1: { label: "For bills", goto: person }
        2: { label: "To cancel or complain", goto: person }
      again: "For bills, press 1. To cancel or complain, press 2."
      on: { give_up: person }
""")
_DATA_FIRST: Final = """\
flow: main
start: main
vars: { customer_number: text }
states:
  main:
    - ask: "Enter your customer number."
      into: customer_number
      listen: { silence: 10s }
      again: "Your customer number is on every bill."
      on: { give_up: person }
    - goto: person
  person:
    - queue: support
    - hangup
"""
_MACHINE: Final = but(_ASKED, '"For bills", goto: person', '"For bills", goto: bills').replace(
    "  person:",
    """\
  bills:
    - menu: "Which bill?"
      choices:
        1: { label: "For the first one", goto: letter }
        2: { label: "For the last one", goto: letter }
      again: "For the first one, press 1. For the last one, press 2."
      on: { give_up: message }
  message:
    - record: "Please leave a message."
    - hangup
  letter:
    - say: "You will have a letter."
    - hangup
  person:""",
)
_NO_OPERATOR: Final = but(_ASKED, "operator: person, ", "")
_WAIT: Final = """\
    - queue: support
      announce:
        - { at: start, say: "You are number {{ queue.position }} in line." }
        - { every: 60s, say: "You are number {{ queue.position }} now." }
      callback: { after: 2m, key: 1, say: "Press 1 to be called back." }
      on: { callback: booked, timeout: booked }
    - hangup
  booked:
    - callback: support
    - hangup
"""


def _waiting(text: str) -> str:
    """With a queue that keeps the rules about queues."""
    return but(text, "    - queue: support\n    - hangup\n", _WAIT)


@rule(
    "HUM-1",
    "a key leads to a person from every step that listens",
    packs={"human": "warning", "es": "error"},
    why="Who has had enough of a machine presses 0. `on: operator` adds key 0 to menus; offers hear keys of the whole "
    "flow (`on: keys: { 0: STATE }`), and an `ask`, whose digits are digits, may have a skip key or give up to a person.",
    source="gethuman standard 1.0, 1. Spain, Ley 10/2025, art. 8: a person in the main menu, and on request at any stage.",
    bad=_waiting(_NO_OPERATOR),
    good=_waiting(_ASKED),
)
def _operator(scene: Scene) -> Iterator[Finding]:
    for menu in (*scene.all(steps.Menu), *scene.all(steps.Offer)):
        zero = [link.target for link in scene.links(menu) if link.label == "0"]
        zero += [node for key, node in scene.flow_keys(menu.flow).items() if key == "0"]
        if not any(_to_person(scene, node) for node in zero):
            hint = (
                "add on: { operator: STATE } to the flow"
                if isinstance(menu, steps.Menu)
                else "add on: { keys: { 0: STATE } } to the flow"
            )
            yield Finding(scene.place(menu), f"key 0 leads to no person from this {menu.verb}", hint)
    for ask in scene.all(steps.Ask):
        ways = [
            link.target
            for link in scene.links(ask)
            if link.kind in ("flow_key", "give_up") or (link.kind == "key" and link.label)
        ]
        if not any(_to_person(scene, node) for node in ways):
            yield Finding(
                scene.place(ask), "no key and no silence leads to a person here", "add skip_key: star"
            )


def _to_person(scene: Scene, node: Node) -> bool:
    return node in scene.towards_people


@rule(
    "HUM-2",
    "a person can be reached without giving data first",
    packs={"human": "warning", "br": "error"},
    why="Help is not to be paid for with a customer number that is at home in a drawer.",
    source="Brazil, Decreto 11.034/2022, art. 4 § 4.",
    bad=_waiting(_DATA_FIRST),
    good=_waiting(_ASKED),
)
def _without_data(scene: Scene) -> Iterator[Finding]:
    for flow in scene.entries:
        found = scene.reach(
            [flow.start],
            lambda link: link.kind not in ("error", "past"),
            lambda node: not isinstance(node, (steps.Ask, *PEOPLE)),
        )
        if not any(isinstance(node, PEOPLE) for node in found):
            asks = any(isinstance(node, steps.Ask) for node in found)
            message = "nobody is reached without data being asked first" if asks else "nobody is reached"
            yield Finding(
                scene.models[flow.name].start, message, "add on: { operator: STATE } and a menu first"
            )


@rule(
    "HUM-3",
    "while the center is open, a machine is never the only way",
    packs={"human": "warning", "es": "error", "br": "error"},
    why="From every question that is asked in opening hours a person, or a callback, can still be reached.",
    source="Spain, Ley 10/2025: no answering machine as the only means. Brazil, Decreto 11.034/2022, art. 5 I: "
    "a person for at least eight hours a day.",
    bad=_waiting(but(_MACHINE, "operator: person, ", "")),
    good=_waiting(_MACHINE),
)
def _not_alone(scene: Scene) -> Iterator[Finding]:
    open_ = scene.reach(
        [flow.start for flow in scene.entries], lambda link: link.kind not in ("closed", "error", "past")
    )
    goals = [node for node in open_ if isinstance(node, (*PEOPLE, steps.Callback))]
    leading = scene.leading_to(goals, lambda link: link.kind not in ("closed", "error", "past"))
    for node in open_:
        if isinstance(node, steps.ListeningStep) and node not in leading:
            yield Finding(scene.place(node), f"no way leads from this {node.verb} to a person", "add one")
