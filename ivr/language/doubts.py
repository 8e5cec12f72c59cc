"""What can be used, but hardly does what was meant: warnings about a whole center, and about what is said."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from ivr.language import speech, walk
from ivr.language.center_models import CenterModel
from ivr.language.center_parts import Surroundings
from ivr.language.fields import Spoken
from ivr.language.models import ChoiceModel, FlowModel
from ivr.language.people_models import CallerKind, PeopleModel
from ivr.language.problems import Place, Report
from ivr.language.step_models import CallbackModel, CallModel, MenuModel, QueueModel, TransferModel
from ivr.language.tree import Text

_TELLS_WAIT: Final = re.compile(r"queue\.wait|rules\.")  # a rule may be about the wait
_VOICE: Final = re.compile(r"mb-\w+|(?P<language>[a-z]{2,3})([-+][A-Za-z0-9]+)*")
"""espeak-ng's voices go by their language, a region and a variant: `en-gb`, `en-us+f3`."""


# What is said ---------------------------------------------------------------------------------------------


def check_language(code: Text, report: Report) -> None:
    """Refuse a language that nobody speaks: it can only be a mistake."""
    if not speech.known_language(code):
        message = f"there is no language {str(code)[:40]!r}"
        report.add(code, "language", message, "write a code such as en, ru or uk")


def check_said(spoken: Spoken, report: Report) -> None:
    """Warn of a text that says nothing."""
    texts = spoken.languages.values() if spoken.plain is None else [spoken.plain]
    for text in texts:
        if not text.strip():
            report.warn(text, "silent", "nothing is said here", "write a text, or delete the step")


def check_voice(voice: Text, report: Report, *, recorded: bool) -> None:
    """Warn of a voice that nobody will hear."""
    if recorded:
        report.warn(voice, "voice", "a recording has its own voice", "delete 'voice'")
        return
    named = _VOICE.fullmatch(voice)
    if named is None or (named["language"] and not speech.known_language(named["language"])):
        message = f"there is no voice {str(voice)!r}: the language's own voice will speak"
        report.warn(voice, "voice", message, "voices are named like en-gb or en-us+f3")


def check_lang(spoken: Spoken, code: Text, report: Report) -> None:
    """Warn of a language in which there is nothing to say."""
    check_language(code, report)
    if spoken.languages and str(code) not in spoken.languages:
        message = f"the text is not there in {str(code)!r}"
        report.warn(code, "language", message, f"it is written in {', '.join(spoken.languages)}")


# The center -------------------------------------------------------------------------------------------------


def check_center(
    settings: CenterModel,
    people: PeopleModel | None,
    flows: Mapping[str, FlowModel],
    around: Surroundings,
) -> None:
    """Warn of queues nobody serves and of callers who want what no menu offers."""
    if not settings.lost:
        _check_served(settings, flows, around.report)
    if people is not None and people.callers is not None and not around.flows_unread:
        for kind in people.callers.kinds:
            _check_wish(kind.dials, kind.wants, settings, flows, around.report)
            if kind.complains is not None:
                dials = kind.complains.dials or kind.dials
                _check_wish(dials, kind.complains.wants, settings, flows, around.report)
            if kind.hears_wait is not None:
                _check_announced(kind, settings, flows, around.report)


def _check_served(settings: CenterModel, flows: Mapping[str, FlowModel], report: Report) -> None:
    served = {str(queue) for agent in settings.agents.values() for queue in agent.queues}
    used = {str(queue.overflow_to) for queue in settings.queues.values()}
    for flow in flows.values():
        for step in walk.steps_of(flow):
            match step:
                case QueueModel():
                    used |= {str(step.queue), str(step.overflow)}
                case TransferModel():
                    used.add(str(step.transfer))
                case CallbackModel():
                    used.add(str(step.callback))
    for name in settings.queues:
        if str(name) in used and str(name) not in served:
            message = f"calls come to the queue {str(name)!r}, but no agent serves it"
            report.warn(name, "unserved", message, f"add it to an agent: queues: [{name}]")


def _check_wish(
    dials: Text, wants: Text | None, settings: CenterModel, flows: Mapping[str, FlowModel], report: Report
) -> None:
    flow = _dialled(dials, settings)
    if wants is None or flow not in flows:
        return
    ways = _called(flow, flows)
    if any(flows[name].lost for name in ways):
        return
    labels = [label for name in ways for label in _labels(flows[name])]
    if any("{" in label or _words(wants) & _words(label) for label in labels):
        return
    message = f"no label of a menu of {flow!r} has a word of {str(wants)!r}"
    report.warn(wants, "wants", message, "use the words of a label: that is how the key is chosen")


def _check_announced(
    kind: CallerKind, settings: CenterModel, flows: Mapping[str, FlowModel], report: Report
) -> None:
    """Warn of callers who would react to an announcement that nobody makes."""
    waits = [step for flow in flows.values() for step in walk.steps_of(flow) if isinstance(step, QueueModel)]
    said = [announcement.say for queue in settings.queues.values() for announcement in queue.announce]
    said += [announcement.say for wait in waits for announcement in wait.announce or ()]
    said += [wait.callback.say for wait in waits if wait.callback is not None]
    texts = [text for spoken in said for text in (spoken.plain, *spoken.languages.values())]
    if settings.lost or any(text is not None and _TELLS_WAIT.search(text) for text in texts):
        return
    message = "no announcement tells the wait, so nobody hears of it"
    hint = 'announce: [{ at: start, say: "You will wait {{ queue.wait | minutes }}." }] at the queue tells it'
    report.warn(kind.place_of_key("hears_wait"), "unheard", message, hint)


def _dialled(number: Text, settings: CenterModel) -> str:
    """The flow that a number leads to."""
    return {str(number): str(flow) for number, flow in settings.numbers.items()}.get(str(number), "")


def _called(flow: str, flows: Mapping[str, FlowModel]) -> list[str]:
    """A flow, and all that it calls."""
    found = {flow: None}
    waiting = [flow]
    while waiting:
        for step in walk.steps_of(flows[waiting.pop()]):
            if isinstance(step, CallModel) and str(step.call) in flows and str(step.call) not in found:
                found[str(step.call)] = None
                waiting.append(str(step.call))
    return list(found)


def _labels(flow: FlowModel) -> Iterable[str]:
    for step in walk.steps_of(flow):
        if isinstance(step, MenuModel):
            for choice in step.choices.values():
                if isinstance(choice, ChoiceModel) and choice.label is not None:
                    yield from choice.label.languages.values()
                    yield choice.label.plain or ""


def _words(text: str) -> frozenset[str]:
    """The words of a label as simulated callers compare them."""
    return frozenset(word.strip(".,!?:;") for word in text.casefold().split())


def check_wordless(code: str, place: Place, around: Surroundings) -> None:
    """Warn, once for each language, that generated words will be said in English."""
    if code in around.wordless:
        return
    around.wordless.add(code)
    message = f"the generated words, such as 'press 1', are not there in {code!r}: they are said in English"
    around.report.warn(place, "language", message, "write the whole prompt of a menu under say:")
