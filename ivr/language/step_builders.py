"""One function a verb, from its model to its step; those that lead outwards are in `outward_builders`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, TypeAlias

from ivr.core.commands import Choice, Listening
from ivr.core.flow import steps
from ivr.core.flow.expression_types import a_kind
from ivr.core.flow.model import Listen, Node
from ivr.core.flow.values import ValueType, coerce
from ivr.language import (
    caller_builders as callers,
    outward_builders as outward,
    promise_builders as promises,
    step_models as verbs,
    walk,
)
from ivr.language.fields import Spoken
from ivr.language.flow_builder import FlowBuilder, Here
from ivr.language.models import ChoiceModel
from ivr.language.outward_builders import at, undeclared
from ivr.language.prompts import phrases_of
from ivr.language.scoping import TEXT, UNKNOWN
from ivr.language.tree import Text

_Build: TypeAlias = Callable[[FlowBuilder, Any, "Node | None", Here, str], Node]

_INTEGER: Final = ValueType("integer")


# Saying and asking ---------------------------------------------------------------------------------------


def _say(b: FlowBuilder, m: verbs.SayModel, after: Node | None, here: Here, path: str) -> Node:
    prompt = b.prompts.prompt(
        m.say,
        wav=m.wav,
        barge_in=m.barge_in,
        must_hear=m.must_hear,
        voice=m.voice,
        lang=m.lang,
    )
    return b.attach(steps.Say(prompt=prompt, **at(b, "say", after, here, path)), m, here)


def _play(b: FlowBuilder, m: verbs.PlayModel, after: Node | None, here: Here, path: str) -> Node:
    stem = m.play.rpartition("/")[2].rpartition(".")[0].replace("-", " ").replace("_", " ")
    text = m.text or Spoken(Text(stem, m.play), {}, m.play)
    prompt = b.prompts.prompt(text, wav=m.play, barge_in=m.barge_in, must_hear=m.must_hear, lang=m.lang)
    return b.attach(steps.Say(prompt=prompt, **at(b, "play", after, here, path)), m, here)


def _menu(b: FlowBuilder, m: verbs.MenuModel, after: Node | None, here: Here, path: str) -> Node:
    choices = dict(m.choices)
    if not choices and not m.lost:
        b.around.report.add(
            m.place, "menu", "a menu needs a choice", "add choices: {1: {label: ..., goto: ...}}"
        )
    operator = b.model.on.operator is not None and "0" not in choices and "0" not in b.model.on.keys
    labels = [(key, _label(choice)) for key, choice in choices.items()]
    if m.say is not None:
        prompt = b.prompts.prompt(m.say)
    else:
        for key, label in labels:
            if label is None:
                _no_label(b, m, key)
        said = [(key, label) for key, label in labels if label is not None]
        prompt = b.prompts.menu(m.menu, said, operator=operator)
    step = steps.Menu(
        prompt=prompt,
        again=b.prompts.prompt(m.again) if m.again is not None else None,
        listen=_heard_again(b.listen(m.listen, here), m.repeat_after),
        listening=Listening("menu", tuple(Choice(key, b.prompts.label(label)) for key, label in labels)),
        **at(b, "menu", after, here, path),
    )
    nodes = {key: _choice(b, choice, step, here, f"{path}.choices.{key}.") for key, choice in choices.items()}
    if operator:
        assert b.model.on.operator is not None
        nodes["0"] = b.handler(b.model.on.operator, after, Here("on", here.outer[-1:]), "operator.")
        step.listening = step.listening._replace(choices=(*step.listening.choices, Choice("0", "operator")))
    step.choices = nodes
    step.phrases = _phrases(b, choices)
    return b.attach(step, m, here)


def _heard_again(listen: Listen, repeat_ms: int | None) -> Listen:
    return listen if repeat_ms is None else replace(listen, repeat_ms=repeat_ms)


def _label(choice: Any) -> Spoken | None:
    return choice.label if isinstance(choice, ChoiceModel) else None


def _no_label(b: FlowBuilder, m: verbs.MenuModel, key: str) -> None:
    choice = m.choices[key]
    if getattr(choice, "lost", None):
        return
    place = walk.place_of_steps(choice)
    b.around.report.add(
        place, "label", f"key {key} has no label, so the menu cannot say it", 'add label: "For ..."'
    )


def _choice(b: FlowBuilder, choice: Any, step: steps.Menu, here: Here, path: str) -> Node:
    if not isinstance(choice, ChoiceModel):
        return b.handler(choice, step.next, here, path)
    ways = [
        choice.goto is not None,
        choice.return_ is not None,
        choice.hangup,
        choice.repeat,
        choice.steps is not None,
    ]
    if sum(ways) != 1 and not choice.lost:
        message = "this choice leads nowhere" if not any(ways) else "this choice leads to several places"
        b.around.report.add(choice.place, "choice", message, "write one of goto, return, repeat, steps")
    place = at(b, "goto", step.next, here, f"{path}0")
    if choice.goto is not None:
        return b.target(choice.goto, here)
    if choice.return_ is not None:
        return outward.leave(b, choice.return_, choice.with_, {**place, "verb": "return"})
    if choice.repeat:
        return steps.Repeat(step)
    if choice.steps is not None:
        return b.block(choice.steps, step.next, here, path)
    return steps.HangUp(**{**place, "verb": "hangup"})


def _phrases(b: FlowBuilder, choices: Mapping[str, Any]) -> dict[str, str]:
    phrases: dict[str, str] = {}
    for key, choice in choices.items():
        spoken = choice.speech if isinstance(choice, ChoiceModel) else []
        for phrase in phrases_of(_label(choice), spoken):
            if phrases.setdefault(phrase, key) != key:
                message = f"{phrase!r} is said for key {phrases[phrase]} and key {key}"
                b.around.report.add(choice.place, "speech", message, "give each choice words of its own")
    return phrases


def _ask(b: FlowBuilder, m: verbs.AskModel, after: Node | None, here: Here, path: str) -> Node:
    least, most = m.digits
    kind = b.variables.get(str(m.into))
    if kind is None:
        undeclared(b, m.into)
    elif kind.kind != "text":
        b.around.report.add(
            m.into, "type", f"digits are text, {str(m.into)!r} is {kind}", f"declare {m.into}: text"
        )
    if m.end_key is not None and m.end_key in "0123456789":
        b.around.report.add(m.place, "ask", "a digit cannot end the entry", "write end_key: hash")
    b.secret = b.secret or m.secret
    step = steps.Ask(
        prompt=b.prompts.prompt(m.ask),
        again=b.prompts.prompt(m.again) if m.again is not None else None,
        listen=b.listen(m.listen, here),
        listening=Listening("digits", (), least, most, m.end_key or "", m.secret, str(m.into)),
        into=str(m.into),
        digits_min=least,
        digits_max=most,
        end_key=m.end_key or "",
        skip_key=m.skip_key or "",
        empty=b.reader.expression(m.empty, TEXT) if m.empty is not None else None,
        check=b.reader.condition(m.check) if m.check is not None else None,
        confirm=b.prompts.prompt(m.confirm) if m.confirm is not None else None,
        secret=m.secret,
        **at(b, "ask", after, here, path),
    )
    return b.attach(step, m, here)


def _offer(b: FlowBuilder, m: verbs.OfferModel, after: Node | None, here: Here, path: str) -> Node:
    rungs = []
    for rung in m.steps:
        if (rung.percent is None) == (rung.amount is None) and not rung.lost:
            b.around.report.add(
                rung.place, "offer", "an offer takes a percentage or an amount off", "write percent: 30"
            )
        when = b.reader.condition(rung.when) if rung.when is not None else None
        rungs.append(steps.Rung(rung.percent or Decimal(0), rung.amount or Decimal(0), rung.months, when))
    price = m.price
    if price is None:
        price = Text("customer.price", m.offer, one_line=True)
        if "price" not in b.around.schema.get("customer", {}) and b.around.complete:
            excused = m.lost or not b.around.lost.names.isdisjoint(("customer", "price"))
            message = "nothing says what the discount is taken off"
            if not excused:
                hint = "add price: ..., or declare customer.price as money"
                b.around.report.add(m.offer, "offer", message, hint)
            price = Text("0", m.offer)
    if m.keys.accept == m.keys.decline:
        b.around.report.add(m.keys.place, "offer", "one key cannot accept and decline")
    step = steps.Offer(
        prompt=b.prompts.offer(m.say, m.keys.accept, m.keys.decline),
        again=b.prompts.offer(m.again, m.keys.accept, m.keys.decline) if m.again is not None else None,
        listen=b.listen(m.listen, here),
        listening=Listening("offer", (Choice(m.keys.accept, "accept"), Choice(m.keys.decline, "decline"))),
        name=str(m.offer),
        rungs=tuple(rungs),
        price=b.reader.expression(price, ValueType("money")),
        accept_key=m.keys.accept,
        decline_key=m.keys.decline,
        cooldown_ms=m.cooldown or 0,
        **at(b, "offer", after, here, path),
    )
    return b.attach(step, m, here)


def _survey(b: FlowBuilder, m: verbs.SurveyModel, after: Node | None, here: Here, path: str) -> Node:
    low, high = m.scale
    if not low < high <= 9:
        b.around.report.add(
            m.place, "survey", "a scale goes from a lower to a higher key", "write scale: 1..5"
        )
    if m.into is not None:
        kind = b.variables.get(str(m.into))
        if kind is None:
            undeclared(b, m.into, "integer")
        elif kind.kind != "integer":
            message = f"a score is an integer, {str(m.into)!r} is {kind}"
            b.around.report.add(m.into, "type", message, f"declare {m.into}: integer")
    step = steps.Survey(
        prompt=b.prompts.prompt(m.say),
        again=b.prompts.prompt(m.again) if m.again is not None else None,
        listen=b.listen(m.listen, here),
        listening=Listening("survey", tuple(Choice(str(score), "") for score in range(low, high + 1))),
        name=str(m.survey),
        low=low,
        high=high,
        into=str(m.into or ""),
        **at(b, "survey", after, here, path),
    )
    return b.attach(step, m, here)


def _record(b: FlowBuilder, m: verbs.RecordModel, after: Node | None, here: Here, path: str) -> Node:
    step = steps.Record(
        prompt=b.prompts.prompt(m.record, silent=True),
        max_ms=m.max_,
        end_key=m.end_key or "",
        **at(b, "record", after, here, path),
    )
    return b.attach(step, m, here)


# Deciding --------------------------------------------------------------------------------------------------


def _if(b: FlowBuilder, m: verbs.IfModel, after: Node | None, here: Here, path: str) -> Node:
    return steps.If(
        condition=b.reader.condition(m.if_),
        then=b.handler(m.then, after, here, f"{path}.then."),
        otherwise=b.handler(m.else_, after, here, f"{path}.else.") if m.else_ is not None else None,
        **at(b, "if", after, here, path),
    )


def _switch(b: FlowBuilder, m: verbs.SwitchModel, after: Node | None, here: Here, path: str) -> Node:
    value = b.reader.expression(m.switch)
    cases = []
    for case, way in m.cases.items():
        wanted = None
        try:
            wanted = coerce(str(case), value.type) if value.type != UNKNOWN else None
        except (ValueError, KeyError):
            b.around.report.add(case, "type", f"{str(case)!r} is not {a_kind(value.type)}")
        cases.append((wanted, str(case), b.handler(way, after, here, f"{path}.cases.{case}.")))
    if value.constant and value.type != UNKNOWN:
        b.around.report.add(m.switch, "expression", "this value is always the same")
    return steps.Switch(
        value=value,
        cases=tuple(cases),
        otherwise=b.handler(m.else_, after, here, f"{path}.else."),
        **at(b, "switch", after, here, path),
    )


def _chance(b: FlowBuilder, m: verbs.ChanceModel, after: Node | None, here: Here, path: str) -> Node:
    ways = []
    for way in m.chance:
        if not way.weight:
            b.around.report.add(way.place, "chance", "this way is never taken", "give it a weight above 0")
        node = b.handler(way.then, after, here, f"{path}.{way.label}.") if way.then is not None else None
        ways.append((float(way.weight), str(way.label), node))
    return steps.Chance(ways=tuple(ways), **at(b, "chance", after, here, path))


def _set(b: FlowBuilder, m: verbs.SetModel, after: Node | None, here: Here, path: str) -> Node:
    values = []
    for name, text in m.set_.items():
        kind = b.variables.get(name.removeprefix("vars."))
        if kind is None:
            undeclared(b, name)
        values.append((name.removeprefix("vars."), b.reader.value(text, kind, b.around.language)))
    return steps.Set(values=tuple(values), **at(b, "set", after, here, path))


def _goto(b: FlowBuilder, m: verbs.GotoModel, after: Node | None, here: Here, path: str) -> Node:
    return steps.Goto(target=b.target(m.goto, here), **at(b, "goto", after, here, path))


def _log(b: FlowBuilder, m: verbs.LogModel, after: Node | None, here: Here, path: str) -> Node:
    text = m.log.plain or next(iter(m.log.languages.values()))
    return steps.Log(text=b.reader.template(text, b.around.language), **at(b, "log", after, here, path))


def _wait(b: FlowBuilder, m: verbs.WaitModel, after: Node | None, here: Here, path: str) -> Node:
    return steps.Wait(wait_ms=m.wait, **at(b, "wait", after, here, path))


def _hold(b: FlowBuilder, m: verbs.HoldModel, after: Node | None, here: Here, path: str) -> Node:
    music = b.around.music(m.music) or b.around.music(b.model.defaults.music) or "soft-piano"
    return steps.Wait(wait_ms=m.hold, music=music, **at(b, "hold", after, here, path))


def _hours(b: FlowBuilder, m: verbs.HoursModel, after: Node | None, here: Here, path: str) -> Node:
    b.around.known(m.hours, "hours", b.around.hours)
    return b.attach(steps.HoursStep(hours=str(m.hours), **at(b, "hours", after, here, path)), m, here)


BUILDERS: Final[Mapping[str, _Build]] = {
    "menu": _menu,
    "queue": outward.queue,
    "offer": _offer,
    "survey": _survey,
    "say": _say,
    "play": _play,
    "ask": _ask,
    "if": _if,
    "switch": _switch,
    "set": _set,
    "goto": _goto,
    "wait": _wait,
    "hours": _hours,
    "log": _log,
    "lookup": outward.request,
    "run": outward.request,
    "transfer": outward.transfer,
    "hold": _hold,
    "callback": outward.callback,
    "dial": promises.dial,
    "send": promises.send,
    "work": promises.work,
    "appointment": promises.appointment,
    "identify": callers.identify,
    "consent": callers.consent,
    "record": _record,
    "chance": _chance,
    "call": outward.call,
    "return": outward.return_,
    "hangup": outward.hangup,
}
"""Verb to builder."""
