"""MENU: how many choices, how deep, which keys, and what has to be in the first menu."""

from collections.abc import Iterable, Iterator
from typing import Final

from ivr.core.flow import steps
from ivr.language import step_models as verbs, walk
from ivr.language.models import ChoiceModel
from ivr.language.step_parts import VerbModel
from ivr.language.tree import Text
from ivr.lint import words
from ivr.lint.example import but, states
from ivr.lint.languages import names_of, spoken
from ivr.lint.rule import Finding, rule
from ivr.lint.scene import Scene

_CHOICES_MAX: Final = 5  # Portugal's number, and the upper one of Avaya's
_LEVELS_MAX: Final = 3  # a person or a result by the third menu
_FEW: Final = 3  # so few choices are remembered; silence brings them again

_DL134: Final = "Portugal, Decreto-Lei 134/2009: at most five options at first, one of them a person"
_AVAYA: Final = "Avaya Interactive Response, menu guide: four or five choices; the label before the key"
_SAC: Final = "Brazil, Decreto 11.034/2022, art. 5 II"

_TWO: Final = states("""\
  main:
    - menu: "How can we help?"
      choices:
        1: { label: "For bills", goto: person }
        2: { label: "To cancel or complain", goto: person }
      again: "For bills, press 1. To cancel or complain, press 2."
""")
_SIX: Final = states("""\
  main:
    - menu: "How can we help?"
      choices:
        1: { label: "For bills", goto: person }
        2: { label: "For faults", goto: person }
        3: { label: "For television", goto: person }
        4: { label: "For mobile phones", goto: person }
        5: { label: "To cancel or complain", goto: person }
        9: { label: "To hear this again", repeat: true }
      again: "Bills 1, faults 2, television 3, mobiles 4, cancelling 5."
""")


def _menus(scene: Scene, among: Iterable[steps.Menu]) -> Iterator[tuple[steps.Menu, verbs.MenuModel]]:
    for menu in among:
        if (model := scene.model(menu, verbs.MenuModel)) is not None:
            yield menu, model


def _repeats(choice: object) -> bool:
    return isinstance(choice, ChoiceModel) and choice.repeat


@rule(
    "MENU-1",
    "the first menu has at most five choices, one of them a person",
    packs={"core": "warning", "pt": "error"},
    why="Nobody keeps six things in mind while listening for the seventh. The key that repeats the menu is not "
    "counted, key 0 is. Clear labels matter more than their number, so elsewhere this is a warning.",
    source=f"{_DL134}. {_AVAYA}. ACIxD: broad and clear before deep.",
    bad=_SIX,
    good=but(_SIX, '        4: { label: "For mobile phones", goto: person }\n        5:', "        4:"),
)
def _first_menu(scene: Scene) -> Iterator[Finding]:
    for menu, model in _menus(scene, scene.first_menus):
        choices = [key for key in menu.choices if not _repeats(model.choices.get(key))]
        if len(choices) > _CHOICES_MAX:
            message = f"the first menu has {len(choices)} choices, more than {_CHOICES_MAX}"
            yield Finding(model.place, message, "join some, or lead to a second menu")
        if not any(scene.person(menu.choices[key]) for key in choices):
            yield Finding(
                model.place, "no choice of the first menu is a person", "add on: { operator: STATE }"
            )


@rule(
    "MENU-2",
    "a person or a result comes by the third menu",
    packs={"core": "warning"},
    why="Each menu loses callers, and 'more options' hides what they came for.",
    source="Software Advice 2014: an agent by the third menu. ACIxD: choose broad over deep.",
    bad=but(_TWO, 'label: "For bills"', 'label: "For more options"'),
    good=_TWO,
)
def _depth(scene: Scene) -> Iterator[Finding]:
    for menu, model in _menus(scene, scene.level):
        if (level := scene.level[menu]) > _LEVELS_MAX:
            message = f"this is at least the {level}th menu that a caller hears"
            yield Finding(model.place, message, "join menus, or ask for something else than a choice")
        for choice in model.choices.values():
            for label in words.labels(choice):
                if words.MORE.search(label):
                    yield Finding(label, "'more options' say nothing", "name what the next menu is about")


@rule(
    "MENU-3",
    "keys come in order, without gaps, after their labels, and as they are spoken",
    packs={"core": "warning"},
    why="Callers count along. A key that is announced and dead, or alive and not announced, is found by accident. "
    "Keys that work everywhere (0, star, hash, those of the flow, the repeat key) may be any.",
    source=f"{_AVAYA}.",
    bad=but(_TWO, "        2:", "        3:"),
    good=_TWO,
)
def _keys(scene: Scene) -> Iterator[Finding]:
    for menu, model in _menus(scene, scene.all(steps.Menu)):
        anywhere = {"0", "*", "#", *scene.flow_keys(menu.flow)}
        own = [k for k, choice in model.choices.items() if k not in anywhere and not _repeats(choice)]
        wanted = [str(number) for number in range(1, len(own) + 1)]
        if own != wanted and len(own) < 10:
            odd = next(key for key, right in zip(own, wanted, strict=True) if key != right)
            place = model.choices[odd]
            message = f"the keys are {', '.join(own)}: not in order from 1 without a gap"
            yield Finding(walk.place_of_steps(place), message, f"write {', '.join(wanted)}")
        yield from _spoken_by_hand(scene, menu, model)
    yield from _named_elsewhere(scene)
    yield from _named_before(scene)


def _spoken_by_hand(scene: Scene, menu: steps.Menu, model: verbs.MenuModel) -> Iterator[Finding]:
    """A prompt that is written whole may differ from the keys, as a generated one cannot."""
    for text in words.texts(model.say):
        named = words.keys_named(text)
        alive = {*menu.choices, *scene.flow_keys(menu.flow)}
        for key in named:
            if key not in alive:
                yield Finding(text, f"key {words.shown(key)} is spoken and does nothing", "add it to choices")
        for key in model.choices:
            if key not in named and (named or not menu.phrases):
                yield Finding(text, f"key {words.shown(key)} is not spoken", "say it, or leave out say:")
        if words.key_first(text):
            yield Finding(text, "the key comes before its label", "write 'For bills, press 1'")


def _named_elsewhere(scene: Scene) -> Iterator[Finding]:
    for ask in scene.all(steps.Ask):
        model = scene.model(ask, verbs.AskModel)
        if model is not None:
            alive = {ask.end_key, ask.skip_key, *(scene.flow_keys(ask.flow)), *"0123456789"}
            yield from _dead(words.texts(model.ask), alive)
    for record in scene.all(steps.Record):
        message = scene.model(record, verbs.RecordModel)
        if message is not None and record.end_key:
            yield from _dead(words.texts(message.record), {record.end_key, *scene.flow_keys(record.flow)})
    for queue in scene.all(steps.Queue):
        waiting = scene.model(queue, verbs.QueueModel)
        if waiting is not None and waiting.callback is not None:
            alive = {waiting.callback.key, *scene.flow_keys(queue.flow)}
            yield from _dead(words.texts(waiting.callback.say), alive)


def _named_before(scene: Scene) -> Iterator[Finding]:
    """A text before a step that listens may announce its keys, and those of the whole flow."""
    for say in scene.all(steps.Say):
        model = scene.model(say, verbs.SayModel)
        texts = words.texts(model.say) if model is not None else []
        if not any(words.keys_named(text) for text in texts):
            continue
        after = scene.reach(
            [say],
            lambda link: link.kind in ("next", "branch", "outcome", "call", "return"),
            lambda node: not isinstance(node, (steps.ListeningStep, steps.Record, steps.Queue)),
        )
        alive = {*scene.flow_keys(say.flow), "0"}  # whoever has no operator is told so by HUM-1
        for node in after:
            alive.update(link.label for link in scene.links(node))
            if isinstance(node, steps.Ask):
                alive.update(node.end_key, *"0123456789")
            elif isinstance(node, steps.Record):
                alive.update(node.end_key or "0123456789*#")
            elif isinstance(node, steps.Queue) and node.callback is not None:
                alive.add(node.callback.key)
        yield from _dead(texts, alive)


def _dead(texts: Iterable[Text], alive: Iterable[str]) -> Iterator[Finding]:
    for text in texts:
        for key in words.keys_named(text):
            if key not in alive:
                message = f"key {words.shown(key)} is spoken and does nothing here"
                yield Finding(text, message, "name the key that the step has")


@rule(
    "MENU-4",
    "a long menu can be heard again, and prompts can be broken off",
    packs={"core": "warning"},
    why="A menu of more than three choices needs a key that repeats it (shorter ones come again after silence). "
    "Who knows the key should not have to listen; only what has to be heard (`must_hear`) may hold callers up.",
    source="gethuman standard 1.0, 7.",
    bad=but(_SIX, '        9: { label: "To hear this again", repeat: true }\n', "").replace(
        '        5: { label: "To cancel or complain", goto: person }\n', ""
    ),
    good=but(_SIX, '        5: { label: "To cancel or complain", goto: person }\n', ""),
)
def _again(scene: Scene) -> Iterator[Finding]:
    for _, model in _menus(scene, scene.all(steps.Menu)):
        choices = list(model.choices.values())
        if len(choices) > _FEW and not any(_repeats(choice) for choice in choices):
            hint = 'add 9: { label: "To hear this again", repeat: true }'
            yield Finding(model.place, f"no key repeats this menu of {len(choices)} choices", hint)
    for say in scene.all(steps.Say):
        told: VerbModel | None = scene.inside.origins.get(say)
        if isinstance(told, verbs.SayModel | verbs.PlayModel) and not told.barge_in and not told.must_hear:
            hint = "delete barge_in, or write must_hear: true"
            yield Finding(told.place, "callers have to listen to the end, and do not have to hear it", hint)


@rule(
    "MENU-5",
    "the first menu has cancelling and complaining",
    packs={"pt": "error", "br": "error"},
    why="Who wants to leave or to complain is not to be sent around.",
    source=f"{_SAC}: both in the first menu. {_DL134}; cancelling for services that continue.",
    bad=but(_TWO, 'label: "To cancel or complain"', 'label: "For faults"'),
    good=_TWO,
)
def _cancel_and_complain(scene: Scene) -> Iterator[Finding]:
    for _, model in _menus(scene, scene.first_menus):
        labels = [label for choice in model.choices.values() for label in words.labels(choice)]
        for pattern, what in ((words.CANCEL, "cancelling"), (words.COMPLAINT, "complaints")):
            if not any(pattern.search(label) for label in labels):
                yield Finding(model.place, f"the first menu has no choice for {what}", "add a choice for it")


_BILINGUAL: Final = but(
    _TWO, '"How can we help?"', '{ en: "How can we help?", hi: "हम कैसे मदद करें?" }'
).replace(
    '      choices:\n        1: { label: "For bills"',
    '      say: { en: "For bills, press 1. To cancel, press 2.", hi: "For bills, press 1. To cancel, press 2." }\n'
    '      choices:\n        1: { label: "For bills"',
)


@rule(
    "MENU-6",
    "the first menu lets callers choose the language, where there are several",
    packs={"in": "error"},
    why="A choice that cannot be understood is no choice.",
    source="India, TRAI: the language is chosen on the first level of the IVRS.",
    bad=_BILINGUAL,
    good=but(_BILINGUAL, 'label: "To cancel or complain"', 'label: "For Hindi"'),
)
def _language(scene: Scene) -> Iterator[Finding]:
    codes = spoken(scene)
    if len(codes) < 2:
        return
    names = names_of(codes)
    for _, model in _menus(scene, scene.first_menus):
        labels = [label.casefold() for choice in model.choices.values() for label in words.labels(choice)]
        if not any(name in label for name in names for label in labels):
            message = f"texts are there in {', '.join(codes)}, and the first menu offers no language"
            yield Finding(model.place, message, "add a choice such as 'For English'")
