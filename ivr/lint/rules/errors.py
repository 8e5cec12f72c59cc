"""ERR: what happens when callers press nothing, or the wrong key."""

from collections.abc import Iterator
from typing import Final

from ivr.core.flow import steps
from ivr.core.flow.model import Node
from ivr.language import step_models as verbs
from ivr.language.fields import Spoken
from ivr.language.ways import handled
from ivr.lint import words
from ivr.lint.example import but, states
from ivr.lint.rule import Finding, rule
from ivr.lint.scene import BY_ITSELF, PEOPLE, Scene, Way

_TRIES_MAX: Final = 3  # the first, and two corrections
_SILENCE_MS: Final = 5_000
_FETCH_MS: Final = 10_000
_FETCH_DIGITS: Final = 6  # fewer are known by heart
_CAUGHT: Final = (*PEOPLE, steps.Callback, steps.Record)

_MENU: Final = states("""\
  main:
    - menu: "How can we help?"
      choices:
        1: { label: "For bills", goto: bills }
        2: { label: "For a fault", goto: person }
      listen: { silence: 6s, tries: 3 }
      again: "For bills, press 1. For a fault, press 2."
      on: { give_up: person }
  bills:
    - say: "Your bill comes by post."
    - hangup
""")
_ASK: Final = """\
flow: main
start: main
on: { operator: person, error: person }
vars: { contract: text }
states:
  main:
    - ask: "Enter your contract number. It is on every bill."
      digits: 8..10
      into: contract
      listen: { silence: 12s, tries: 3 }
      again: "The number is in the upper right corner of your bill."
    - goto: person
  person:
    - queue: support
    - hangup
"""


@rule(
    "ERR-1",
    "mistakes of callers never end the call",
    packs={"core": "warning"},
    why="Who cannot cope with the keys needs a person, a callback or at least a message, not the end of the line.",
    source="gethuman standard 1.0, 8.",
    bad=but(_MENU, "give_up: person", "give_up: bills"),
    good=_MENU,
)
def _never_ends(scene: Scene) -> Iterator[Finding]:
    nodes = scene.nodes
    ends = [node for node in nodes if isinstance(node, steps.HangUp)]
    lost = scene.leading_to(ends, _by_itself, lambda node: not isinstance(node, _CAUGHT))
    goals = [node for node in nodes if isinstance(node, _CAUGHT) or _leaves(scene, node)]
    caught = scene.leading_to(goals, _by_itself)
    for step in scene.listening:
        targets = [link.target for link in scene.links(step) if link.kind == "give_up"]
        hint = "add on: { give_up: STATE }, or on: { operator: STATE } to the flow"
        if not targets:
            yield Finding(scene.place(step), "after the last miss the call ends", hint)
            continue
        if any(node in lost for node in targets) or not any(node in caught for node in targets):
            message = "after the last miss no person, callback or message follows"
            yield Finding(scene.place(step), message, "lead give_up to one of them")


def _by_itself(link: Way) -> bool:
    return link.kind in BY_ITSELF


def _leaves(scene: Scene, node: Node) -> bool:
    """Whether a flow is left for nobody knows where: it was looked at without those that call it."""
    return isinstance(node, steps.Return) and not scene.links(node)


@rule(
    "ERR-2",
    "a caller is corrected twice at most, whatever the mistake",
    packs={"core": "warning"},
    why="A third correction has never helped. Silence and wrong keys count together, and a step that gives up into "
    "another one that listens begins to count anew.",
    source="vuidesign.net, guideline 2. A contrast: FreeSWITCH counts silence and wrong keys apart.",
    measured="mistakes in a row over all steps of a call",
    bad=but(_MENU, "tries: 3", "tries: 5"),
    good=_MENU,
)
def _twice(scene: Scene) -> Iterator[Finding]:
    for step in scene.listening:
        if step.listen.tries > _TRIES_MAX:
            message = f"a caller is let down {step.listen.tries} times before a person comes"
            yield Finding(scene.place(step), message, f"write tries: {_TRIES_MAX} or less")
        targets = [link.target for link in scene.links(step) if link.kind == "give_up"]
        found = scene.by_itself(targets, lambda node: not isinstance(node, (*_CAUGHT, steps.ListeningStep)))
        for other in found:
            if isinstance(other, steps.ListeningStep) and scene.links(step):
                message = f"after the last miss the caller is asked on, in {other.state!r}"
                yield Finding(scene.place(step), message, "lead give_up to a person")
                break


@rule(
    "ERR-3",
    "silence is long enough: five seconds, ten when something has to be fetched",
    packs={"core": "warning"},
    why="Three seconds are over before a menu has been thought about, and a contract number lies in another room.",
    source="IBM and Blueworx, programmer's guide; 7 s was VoiceXML's default. ACIxD, anticipating typical user errors: "
    "10 to 15 s.",
    bad=but(_ASK, "silence: 12s", "silence: 6s"),
    good=_ASK,
)
def _silence(scene: Scene) -> Iterator[Finding]:
    for step in scene.listening:
        least, why = _SILENCE_MS, "to think"
        model = scene.model(step, verbs.AskModel)
        if model is not None and model.empty is None and _is_fetched(model):
            least, why = _FETCH_MS, "to fetch what is asked for"
        if step.listen.silence_ms < least:
            message = f"{step.listen.silence_ms / 1000:g} s of silence are too short {why}"
            yield Finding(
                scene.place(step), message, f"write listen: {{ silence: {least // 1000}s }} or more"
            )


def _is_fetched(model: verbs.AskModel) -> bool:
    long = model.digits[0] >= _FETCH_DIGITS
    return long or any(words.FETCH.search(text) for text in words.texts(model.ask))


@rule(
    "ERR-4",
    "a question is asked again before it is given up",
    packs={"core": "warning"},
    why="Whoever is slow is to be told that time runs out, and to have more of it.",
    source="36 CFR 1194.23(d), Section 508 in its original text (Access Board guide).",
    bad=but(_ASK, "tries: 3", "tries: 1"),
    good=_ASK,
)
def _more_time(scene: Scene) -> Iterator[Finding]:
    for ask in scene.all(steps.Ask):
        if ask.listen.tries < 2:
            yield Finding(scene.place(ask), "one silence ends this question", "write listen: { tries: 2 }")


@rule(
    "ERR-5",
    "the second prompt differs from the first",
    packs={"core": "warning"},
    why="What was not understood is not understood by being said again. Write a shorter or clearer `again:`, or handlers "
    "of both silence and invalid that say what went wrong.",
    source="ACIxD, stepping stones and safety nets (Lewis 2011).",
    bad=but(_MENU, '      again: "For bills, press 1. For a fault, press 2."\n', ""),
    good=_MENU,
)
def _second(scene: Scene) -> Iterator[Finding]:
    for step in scene.listening:
        model = scene.inside.origins.get(step)
        if step.listen.tries < 2 or not isinstance(
            model, verbs.MenuModel | verbs.AskModel | verbs.OfferModel
        ):
            continue
        told = handled(step, "silence") is not None and handled(step, "invalid") is not None
        if model.again is None and not told:
            yield Finding(
                model.place, f"after a miss this {step.verb} is said word by word again", "add again:"
            )
        elif model.again is not None and _same(model.again, _first(model)):
            yield Finding(model.again.place, "again: says the same once more", "say it shorter, or clearer")


def _first(model: verbs.MenuModel | verbs.AskModel | verbs.OfferModel) -> Spoken:
    match model:
        case verbs.MenuModel():
            return model.say or model.menu
        case verbs.AskModel():
            return model.ask
    return model.say


def _same(one: Spoken, other: Spoken) -> bool:
    both = [[" ".join(text.casefold().split()) for text in words.texts(spoken)] for spoken in (one, other)]
    return both[0] == both[1]


@rule(
    "ERR-6",
    "a step that listens says something first",
    packs={"core": "error"},
    why="A silent line that waits for a key is taken for a broken one.",
    source="W3C Voice Browser, www-voice 2006OctDec/0020.",
    bad=but(_ASK, "Enter your contract number. It is on every bill.", ""),
    good=_ASK,
)
def _prompt(scene: Scene) -> Iterator[Finding]:
    for step in scene.listening:
        model = scene.inside.origins.get(step)
        if isinstance(model, verbs.MenuModel | verbs.AskModel | verbs.OfferModel):
            first = _first(model)
            if not any(text.strip() for text in words.texts(first)):
                yield Finding(first.place, f"this {step.verb} listens without a word", "ask something")
