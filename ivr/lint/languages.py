"""The languages a center speaks, and what they are called."""

from babel import Locale, UnknownLocaleError

from ivr.language import step_models as verbs, walk
from ivr.language.fields import Spoken
from ivr.language.step_parts import VerbModel
from ivr.lint.scene import Scene


def spoken(scene: Scene) -> list[str]:
    """The codes of all languages in which texts for callers are written."""
    codes: dict[str, None] = {}
    for model in scene.models.values():
        for step in walk.steps_of(model):
            for text in said(step):
                codes.update(dict.fromkeys(map(str, text.languages)))
    return sorted(codes)


def said(step: VerbModel) -> list[Spoken]:
    """What a step tells callers."""
    found: list[Spoken | None] = []
    match step:
        case verbs.SayModel():
            found = [step.say]
        case verbs.PlayModel():
            found = [step.text]
        case verbs.MenuModel():
            labels = [getattr(choice, "label", None) for choice in step.choices.values()]
            found = [step.menu, step.say, step.again, *labels]
        case verbs.AskModel():
            found = [step.ask, step.again, step.confirm]
        case verbs.OfferModel():
            found = [step.say, step.again]
        case verbs.RecordModel():
            found = [step.record]
        case verbs.QueueModel():
            found = [one.say for one in step.announce or ()]
            if step.callback is not None:
                found.append(step.callback.say)
    return [text for text in found if text is not None]


def names_of(codes: list[str]) -> set[str]:
    """What these languages are called, by themselves and by each other, for comparing."""
    names: set[str] = set()
    for code in codes:
        for other in codes:
            try:
                name = Locale.parse(code, sep="-").get_language_name(other.replace("-", "_"))
            except (UnknownLocaleError, ValueError):
                continue
            if name:
                names.add(name.casefold())
    return names
