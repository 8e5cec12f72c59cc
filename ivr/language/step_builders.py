"""One function a verb: from its model to the step the engine runs."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias

from ivr.core.commands import Choice, Listening
from ivr.core.flow import steps
from ivr.core.flow.model import Expression, Node, Prompt, Template
from ivr.core.flow.values import ValueType, coerce
from ivr.core.plan import Announcement, CallbackOffer
from ivr.language import step_models as verbs
from ivr.language.fields import Spoken
from ivr.language.flow_builder import FlowBuilder, Here
from ivr.language.models import ChoiceModel
from ivr.language.problems import Place, suggest
from ivr.language.prompts import phrases_of
from ivr.language.scoping import TEXT
from ivr.language.tree import Text
from ivr.limits import CALLBACK_TRIES_MAX

_Build: TypeAlias = Callable[[FlowBuilder, Any, "Node | None", Here, str], Node]

_INTEGER: Final = ValueType("integer")


def _at(b: FlowBuilder, verb: str, after: Node | None, here: Here, path: str) -> dict[str, Any]:
    return {
        "verb": verb,
        "flow": b.name,
        "state": here.state,
        "path": path,
        "next": after,
        "handlers": here.outer,
    }


# Saying and asking ---------------------------------------------------------------------------------------


def _say(b: FlowBuilder, m: verbs.SayModel, after: Node | None, here: Here, path: str) -> Node:
    prompt = b.prompts.prompt(
        m.say,
        wav=m.wav,
        barge_in=m.barge_in,
        must_hear=m.must_hear,
        voice=str(m.voice or ""),
        language=str(m.lang or ""),
    )
    return b.attach(steps.Say(prompt=prompt, **_at(b, "say", after, here, path)), m, here)


def _play(b: FlowBuilder, m: verbs.PlayModel, after: Node | None, here: Here, path: str) -> Node:
    stem = m.play.rpartition("/")[2].rpartition(".")[0].replace("-", " ").replace("_", " ")
    text = m.text or Spoken(Text(stem, m.play), {}, m.play)
    prompt = b.prompts.prompt(
        text, wav=m.play, barge_in=m.barge_in, must_hear=m.must_hear, language=str(m.lang or "")
    )
    return b.attach(steps.Say(prompt=prompt, **_at(b, "play", after, here, path)), m, here)


def _menu(b: FlowBuilder, m: verbs.MenuModel, after: Node | None, here: Here, path: str) -> Node:
    choices = {key: choice for key, choice in m.choices.items()}
    if not choices:
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
        listen=b.listen(m.listen, here),
        listening=Listening("menu", tuple(Choice(key, b.prompts.label(label)) for key, label in labels)),
        **_at(b, "menu", after, here, path),
    )
    nodes = {key: _choice(b, choice, step, here, f"{path}.choices.{key}.") for key, choice in choices.items()}
    if operator:
        assert b.model.on.operator is not None
        nodes["0"] = b.handler(b.model.on.operator, after, Here("on", here.outer[-1:]), "operator.")
        step.listening = step.listening._replace(choices=(*step.listening.choices, Choice("0", "operator")))
    step.choices = nodes
    step.phrases = _phrases(b, choices)
    return b.attach(step, m, here)


def _label(choice: Any) -> Spoken | None:
    return choice.label if isinstance(choice, ChoiceModel) else None


def _no_label(b: FlowBuilder, m: verbs.MenuModel, key: str) -> None:
    choice = m.choices[key]
    place: Place = choice if isinstance(choice, Text) else m.place
    if isinstance(choice, ChoiceModel | verbs.VerbModel):
        place = choice.place
    elif isinstance(choice, list):
        place = choice[0] if isinstance(choice[0], Text) else getattr(choice[0], "place", m.place)
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
    if sum(ways) != 1:
        message = "this choice leads nowhere" if not any(ways) else "this choice leads to several places"
        b.around.report.add(choice.place, "choice", message, "write one of goto, return, repeat, steps")
    at = _at(b, "goto", step.next, here, f"{path}0")
    if choice.goto is not None:
        return b.target(choice.goto, here)
    if choice.return_ is not None:
        return _leave(b, choice.return_, choice.with_, {**at, "verb": "return"})
    if choice.repeat:
        return steps.Repeat(step)
    if choice.steps is not None:
        return b.block(choice.steps, step.next, here, path)
    return steps.HangUp(**{**at, "verb": "hangup"})


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
        _undeclared(b, m.into)
    elif kind.kind != "text":
        b.around.report.add(
            m.into, "type", f"digits are text, {str(m.into)!r} is {kind}", f"declare {m.into}: text"
        )
    if m.end_key is not None and m.end_key in "0123456789":
        b.around.report.add(m.place, "ask", "a digit cannot end the entry", "write end_key: hash")
    step = steps.Ask(
        prompt=b.prompts.prompt(m.ask),
        again=b.prompts.prompt(m.again) if m.again is not None else None,
        listen=b.listen(m.listen, here),
        listening=Listening("digits", (), least, most, m.end_key or "", m.secret),
        into=str(m.into),
        digits_min=least,
        digits_max=most,
        end_key=m.end_key or "",
        skip_key=m.skip_key or "",
        empty=b.reader.expression(m.empty, TEXT) if m.empty is not None else None,
        check=b.reader.condition(m.check) if m.check is not None else None,
        confirm=b.prompts.prompt(m.confirm) if m.confirm is not None else None,
        secret=m.secret,
        **_at(b, "ask", after, here, path),
    )
    return b.attach(step, m, here)


def _offer(b: FlowBuilder, m: verbs.OfferModel, after: Node | None, here: Here, path: str) -> Node:
    rungs = []
    for rung in m.steps:
        if (rung.percent is None) == (rung.amount is None):
            b.around.report.add(
                rung.place, "offer", "an offer takes a percentage or an amount off", "write percent: 30"
            )
        when = b.reader.condition(rung.when) if rung.when is not None else None
        rungs.append(steps.Rung(rung.percent or Decimal(0), rung.amount or Decimal(0), rung.months, when))
    price = m.price
    if price is None:
        price = Text("customer.price", m.offer, one_line=True)
        if "price" not in b.around.schema.get("customer", {}) and b.around.complete:
            message = "nothing says what the discount is taken off"
            b.around.report.add(
                m.offer, "offer", message, "add price: ..., or declare customer.price as money"
            )
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
        **_at(b, "offer", after, here, path),
    )
    return b.attach(step, m, here)


def _record(b: FlowBuilder, m: verbs.RecordModel, after: Node | None, here: Here, path: str) -> Node:
    step = steps.Record(
        prompt=b.prompts.prompt(m.record),
        max_ms=m.max_,
        end_key=m.end_key or "",
        **_at(b, "record", after, here, path),
    )
    return b.attach(step, m, here)


# Deciding --------------------------------------------------------------------------------------------------


def _if(b: FlowBuilder, m: verbs.IfModel, after: Node | None, here: Here, path: str) -> Node:
    return steps.If(
        condition=b.reader.condition(m.if_),
        then=b.handler(m.then, after, here, f"{path}.then."),
        otherwise=b.handler(m.else_, after, here, f"{path}.else.") if m.else_ is not None else None,
        **_at(b, "if", after, here, path),
    )


def _switch(b: FlowBuilder, m: verbs.SwitchModel, after: Node | None, here: Here, path: str) -> Node:
    value = b.reader.expression(m.switch)
    cases = []
    for case, way in m.cases.items():
        try:
            wanted = coerce(str(case), value.type)
        except (ValueError, KeyError):
            b.around.report.add(case, "type", f"{str(case)!r} is not a {value.type.kind}")
            wanted = None
        cases.append((wanted, str(case), b.handler(way, after, here, f"{path}.cases.{case}.")))
    if value.constant:
        b.around.report.add(m.switch, "expression", "this value is always the same")
    return steps.Switch(
        value=value,
        cases=tuple(cases),
        otherwise=b.handler(m.else_, after, here, f"{path}.else."),
        **_at(b, "switch", after, here, path),
    )


def _chance(b: FlowBuilder, m: verbs.ChanceModel, after: Node | None, here: Here, path: str) -> Node:
    ways = []
    for way in m.chance:
        if not way.weight:
            b.around.report.add(way.place, "chance", "this way is never taken", "give it a weight above 0")
        node = b.handler(way.then, after, here, f"{path}.{way.label}.") if way.then is not None else None
        ways.append((float(way.weight), str(way.label), node))
    return steps.Chance(ways=tuple(ways), **_at(b, "chance", after, here, path))


def _set(b: FlowBuilder, m: verbs.SetModel, after: Node | None, here: Here, path: str) -> Node:
    values = []
    for name, text in m.set_.items():
        kind = b.variables.get(name.removeprefix("vars."))
        if kind is None:
            _undeclared(b, name)
        values.append((name.removeprefix("vars."), b.reader.value(text, kind, b.around.language)))
    return steps.Set(values=tuple(values), **_at(b, "set", after, here, path))


def _undeclared(b: FlowBuilder, name: Text) -> None:
    hint = suggest(str(name), b.variables) or f"add it at the top: vars: {{ {name}: text }}"
    b.around.report.add(name, "unknown-variable", f"there is no variable {str(name)!r}", hint)


def _goto(b: FlowBuilder, m: verbs.GotoModel, after: Node | None, here: Here, path: str) -> Node:
    return steps.Goto(target=b.target(m.goto, here), **_at(b, "goto", after, here, path))


def _log(b: FlowBuilder, m: verbs.LogModel, after: Node | None, here: Here, path: str) -> Node:
    text = m.log.plain or next(iter(m.log.languages.values()))
    return steps.Log(text=b.reader.template(text, b.around.language), **_at(b, "log", after, here, path))


def _wait(b: FlowBuilder, m: verbs.WaitModel, after: Node | None, here: Here, path: str) -> Node:
    return steps.Wait(wait_ms=m.wait, **_at(b, "wait", after, here, path))


def _hold(b: FlowBuilder, m: verbs.HoldModel, after: Node | None, here: Here, path: str) -> Node:
    music = b.around.music(m.music) or b.around.music(b.model.defaults.music) or "soft-piano"
    return steps.Wait(wait_ms=m.hold, music=music, **_at(b, "hold", after, here, path))


def _hours(b: FlowBuilder, m: verbs.HoursModel, after: Node | None, here: Here, path: str) -> Node:
    b.around.known(m.hours, "hours", b.around.hours)
    return b.attach(steps.HoursStep(hours=str(m.hours), **_at(b, "hours", after, here, path)), m, here)


# Asking the outside ----------------------------------------------------------------------------------------


def _request(
    b: FlowBuilder, m: verbs.LookupModel | verbs.RunModel, after: Node | None, here: Here, path: str
) -> Node:
    verb, name = ("lookup", m.lookup) if isinstance(m, verbs.LookupModel) else ("run", m.run)
    names = {known: request for known, request in b.around.requests.items() if request.kind == verb}
    known = b.around.known(name, verb, names)
    request = names.get(str(name))
    args = _arguments(b, m.with_, request.args if request is not None else None, f"the {verb} {str(name)!r}")
    if known and request is not None:
        for wanted, kind in request.args.items():
            if wanted not in args and not kind.optional:
                message = f"the {verb} {str(name)!r} needs {wanted!r}"
                b.around.report.add(name, "missing-argument", message, f"add with: {{ {wanted}: ... }}")
    step = steps.RequestStep(
        request=str(name),
        args=args,
        timeout_ms=m.timeout or (request.timeout_ms if request is not None else 5_000),
        tries=m.retry.tries if m.retry is not None else 1,
        every_ms=m.retry.every if m.retry is not None else 1_000,
        **_at(b, verb, after, here, path),
    )
    return b.attach(step, m, here)


def _arguments(
    b: FlowBuilder, values: Mapping[Text, Text], known: Mapping[str, ValueType] | None, what: str
) -> dict[str, Expression | Template]:
    args = {}
    for name, text in values.items():
        if known is not None and str(name) not in known:
            message = f"{what} takes no {str(name)!r}"
            b.around.report.add(name, "unknown-argument", message, suggest(str(name), known))
        args[str(name)] = b.reader.value(text, (known or {}).get(str(name)), b.around.language)
    return args


# Flows -------------------------------------------------------------------------------------------------------


def _call(b: FlowBuilder, m: verbs.CallModel, after: Node | None, here: Here, path: str) -> Node:
    known = b.around.known(m.call, "flow", b.flows)
    flow = b.flows.get(str(m.call))
    variables = {str(name): kind for name, kind in flow.vars.items()} if flow is not None else None
    args = _arguments(b, m.with_, variables, f"the flow {str(m.call)!r}")
    if known and flow is not None:
        returns = [str(name) for name in flow.returns]
        b._check_outcomes(m.on, tuple(returns))  # noqa: SLF001 - the builder's own file, split for size
        outer = {name for handlers in here.outer for name in handlers}
        for name in returns:
            if name not in m.on and name not in outer:
                message = f"nothing handles the outcome {name!r} of {str(m.call)!r}"
                b.around.report.add(m.call, "unhandled", message, f"add on: {{ {name}: STATE }}")
    step = steps.CallFlow(target=str(m.call), args=args, **_at(b, "call", after, here, path))
    return b.attach(step, m, here)


def _return(b: FlowBuilder, m: verbs.ReturnModel, after: Node | None, here: Here, path: str) -> Node:
    return _leave(b, m.return_, m.with_, _at(b, "return", after, here, path))


def _leave(b: FlowBuilder, outcome: Text, values: Mapping[Text, Text], at: dict[str, Any]) -> Node:
    known = [str(name) for name in b.model.returns]
    if str(outcome) not in known:
        hint = suggest(str(outcome), known) or f"add returns: [{outcome}]"
        b.around.report.add(outcome, "unknown-outcome", f"the flow does not return {str(outcome)!r}", hint)
    given = {str(name): b.reader.value(text, None, b.around.language) for name, text in values.items()}
    return steps.Return(outcome=str(outcome), values=given, **at)


def _hangup(b: FlowBuilder, m: verbs.HangupModel, after: Node | None, here: Here, path: str) -> Node:
    return steps.HangUp(**_at(b, "hangup", after, here, path))


# People --------------------------------------------------------------------------------------------------------


def announcements(b: FlowBuilder, models: list[verbs.AnnounceModel]) -> tuple[Announcement, ...]:
    """What a waiting caller hears."""
    made = []
    for model in models:
        if (model.at is None) == (model.every is None):
            b.around.report.add(
                model.place,
                "announce",
                "an announcement comes at a time or every so often",
                "write at: start, or every: 60s",
            )
        made.append(Announcement(b.prompts.prompt(model.say), model.at, model.every))
    return tuple(made)


def _queue(b: FlowBuilder, m: verbs.QueueModel, after: Node | None, here: Here, path: str) -> Node:
    b.around.known(m.queue, "queue", b.around.queues)
    if m.overflow is not None:
        b.around.known(m.overflow, "queue", b.around.queues)
    callback = None
    if m.callback is not None:
        offer = m.callback
        when = b.reader.condition(offer.when) if offer.when is not None else None
        callback = CallbackOffer(b.prompts.prompt(offer.say), offer.key, offer.after, when)
        if "callback" not in m.on and not any("callback" in handlers for handlers in here.outer):
            b.around.report.add(
                offer.place,
                "unhandled",
                "nothing handles the outcome 'callback'",
                "add on: { callback: STATE }",
            )
    step = steps.Queue(
        queue=str(m.queue),
        priority=b.reader.expression(m.priority, _INTEGER) if m.priority is not None else None,
        skills=tuple((str(skill), level) for skill, level in m.skills.items()),
        announce=announcements(b, m.announce) if m.announce is not None else None,
        music=b.around.music(m.music) or b.around.music(b.model.defaults.music),
        callback=callback,
        max_wait_ms=m.max_wait,
        overflow=str(m.overflow or ""),
        **_at(b, "queue", after, here, path),
    )
    return b.attach(step, m, here)


def _transfer(b: FlowBuilder, m: verbs.TransferModel, after: Node | None, here: Here, path: str) -> Node:
    around = b.around
    name = str(m.transfer)
    kinds = [
        kind
        for kind, names in (("queue", around.queues), ("agent", around.agents), ("contact", around.contacts))
        if name in names
    ]
    if not kinds:
        around.known(
            m.transfer, "queue, agent or contact", [*around.queues, *around.agents, *around.contacts]
        )
    elif len(kinds) > 1:
        around.report.add(
            m.transfer, "ambiguous", f"{name!r} is a {' and a '.join(kinds)}", "rename one of them"
        )
    if m.whisper is not None and m.mode == "blind":
        around.report.add(m.place, "transfer", "a blind transfer has no whisper", "write mode: warm")
    whisper: Prompt | None = b.prompts.prompt(m.whisper) if m.whisper is not None else None
    step = steps.Transfer(
        target=name,
        kind=kinds[0] if kinds else "queue",
        mode=str(m.mode) if m.mode is not None else "warm" if whisper is not None else "blind",
        ring_ms=m.ring,
        whisper=whisper,
        music=around.music(m.music) or around.music(b.model.defaults.music),
        **_at(b, "transfer", after, here, path),
    )
    return b.attach(step, m, here)


def _callback(b: FlowBuilder, m: verbs.CallbackModel, after: Node | None, here: Here, path: str) -> Node:
    b.around.known(m.callback, "queue", b.around.queues)
    if m.tries > CALLBACK_TRIES_MAX:
        b.around.report.add(m.place, "value", f"a callback is tried at most {CALLBACK_TRIES_MAX} times")
    step = steps.Callback(
        queue=str(m.callback),
        to=b.reader.expression(m.to or Text("caller.number", m.callback), TEXT),
        keep_place=m.keep_place,
        tries=m.tries,
        retry_every_ms=m.retry_every,
        **_at(b, "callback", after, here, path),
    )
    return b.attach(step, m, here)


BUILDERS: Final[Mapping[str, _Build]] = {
    "menu": _menu,
    "queue": _queue,
    "offer": _offer,
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
    "lookup": _request,
    "run": _request,
    "transfer": _transfer,
    "hold": _hold,
    "callback": _callback,
    "record": _record,
    "chance": _chance,
    "call": _call,
    "return": _return,
    "hangup": _hangup,
}
"""Verb to builder."""
