"""What a box says: the steps of a state in a few words each."""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from ivr.language import caller_models as callers, promise_models as promises, step_models as verbs
from ivr.language.fields import Spoken
from ivr.language.models import StateModel
from ivr.language.step_parts import VerbModel
from ivr.language.tree import Text

_VALUE: Final = re.compile(r"\{\{\s*([^}|]+?)\s*(?:\|[^}]*)?\}\}")
_TAG: Final = re.compile(r"\{[%#].*?[%#]\}")
_CHANNELS: Final = {"sms": "an SMS", "email": "an email", "push": "a push message"}
_NESTED_MAX: Final = 3  # ifs inside ifs that a box shows


class Line(NamedTuple):
    """One step of a state; `spoken` is what callers hear, the rest is done in silence."""

    text: str
    spoken: bool = False


def plain(spoken: Spoken | None, language: str) -> str:
    """A text in the center's language, its values as ‹names›."""
    if spoken is None:
        return ""
    text: str = spoken.plain or spoken.languages.get(language) or next(iter(spoken.languages.values()), "")
    whole = dict.fromkeys(_VALUE.findall(text))
    short = [name.rpartition(".")[2] for name in whole]

    def named(match: re.Match[str]) -> str:
        last = match[1].rpartition(".")[2]
        return f"‹{match[1] if short.count(last) > 1 else last}›"

    return " ".join(_TAG.sub(" ", _VALUE.sub(named, text)).split())


def lines_of(state: Any, language: str) -> list[Line]:
    """The steps of a state, from top to bottom."""
    block = state.steps if isinstance(state, StateModel) else state
    return list(_block(block, language, 0))


def _block(part: Any, language: str, depth: int) -> Iterator[Line]:
    for step in part if isinstance(part, list) else [part]:
        if isinstance(step, VerbModel):
            yield from _step(step, language, depth)
        elif isinstance(step, Text) and step == "hangup":
            yield Line("hangs up")


def _step(step: VerbModel, language: str, depth: int) -> Iterator[Line]:
    match step:
        case verbs.SayModel():
            yield Line(plain(step.say, language), spoken=True)
        case verbs.PlayModel():
            yield Line(plain(step.text, language) or str(step.play), spoken=True)
        case verbs.MenuModel():
            yield Line(plain(step.menu, language), spoken=True)
        case verbs.AskModel():
            yield Line(plain(step.ask, language), spoken=True)
        case verbs.RecordModel():
            yield Line(plain(step.record, language), spoken=True)
            yield Line("records a message")
        case callers.ConsentModel():
            yield Line(plain(step.say or step.notice, language), spoken=True)
        case callers.IdentifyModel():
            yield Line(f"finds out who the {step.identify} is")
            for found in step.by:
                if found.ask is not None:
                    yield Line(plain(found.ask, language), spoken=True)
        case promises.AppointmentModel() if step.say is not None:
            yield Line(plain(step.say, language), spoken=True)
        case verbs.OfferModel():
            yield Line(f"offers {step.offer}: {_rungs(step)}")
            yield Line(plain(step.say, language), spoken=True)
        case verbs.IfModel():
            inline = [way for way in (step.then, step.else_) if isinstance(way, list | VerbModel)]
            if inline and depth < _NESTED_MAX:  # else the arrows say it
                yield Line(f"if {str(step.if_).replace('rules.', '')}")
                for way in inline:
                    yield from _block(way, language, depth + 1)
        case _:
            if text := _silent(step):
                yield Line(text)


def _rungs(step: verbs.OfferModel) -> str:
    rungs = [
        f"{rung.percent:g}%" if rung.percent is not None else f"{rung.amount or 0:g} off"
        for rung in step.steps
    ]
    return ", ".join(rungs)


def _silent(step: VerbModel) -> str:
    """What is done without a word."""
    match step:
        case verbs.QueueModel():
            return f"waits for {step.queue}"
        case verbs.TransferModel():
            return f"passes the call to {step.transfer}"
        case verbs.CallModel():
            return f"goes through the flow {step.call}"
        case verbs.CallbackModel():
            return f"books a callback from {step.callback}"
        case promises.DialModel():
            return f"calls {step.dial}"
        case promises.SendModel():
            return f"sends {_CHANNELS[str(step.send)]}"
        case promises.WorkModel():
            return f"orders work from {step.work}"
        case promises.AppointmentModel():
            return f"{step.do}s an appointment: {step.appointment}"
        case verbs.LookupModel():
            return f"looks up {step.lookup}"
        case verbs.RunModel():
            return f"does {step.run}"
        case verbs.HoursModel():
            return f"open by {step.hours} hours?"
        case verbs.SwitchModel():
            return f"by {step.switch}"
        case verbs.ChanceModel():
            return "by chance"
        case verbs.SetModel():
            return f"sets {', '.join(map(str, step.set_))}"
        case verbs.ReturnModel():
            return f"returns {step.return_}"
        case verbs.HangupModel():
            return "hangs up"
        case verbs.WaitModel() | verbs.HoldModel():
            return "lets time pass"
    return ""
