"""The verbs that lead out of a flow: requests, other flows, queues, people."""

from collections.abc import Mapping
from typing import Any, Final

from ivr.core.flow import steps
from ivr.core.flow.model import Expression, Node, Prompt, Template
from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.core.flow.steps.queue import exit_of
from ivr.core.flow.values import ValueType, coerce
from ivr.core.plan import Announcement, CallbackOffer, Request
from ivr.language import step_models as verbs, step_parts as parts
from ivr.language.center_parts import relaxations, skills_of
from ivr.language.flow_builder import FlowBuilder, Here
from ivr.language.scoping import TEXT
from ivr.language.tree import Text
from ivr.limits import CALLBACK_TRIES_MAX

_INTEGER: Final = ValueType("integer")
_NAME: Final = ValueType("text", optional=True)


def at(b: FlowBuilder, verb: str, after: Node | None, here: Here, path: str) -> dict[str, Any]:
    """What every step is made of."""
    return {
        "verb": verb,
        "flow": b.name,
        "state": here.state,
        "path": path,
        "next": after,
        "handlers": here.outer,
    }


def undeclared(b: FlowBuilder, name: Text, kind: str = "text") -> None:
    """Report a variable that the flow does not declare; `kind` is the type it would have."""
    if not b.model.lost.names.isdisjoint((name.removeprefix("vars."), "vars")):
        return
    hint = suggest(str(name), b.variables) or f"add it at the top: vars: {{ {name}: {kind} }}"
    b.around.report.add(name, "unknown-variable", f"there is no variable {str(name)!r}", hint)


# Asking the outside ----------------------------------------------------------------------------------


def request(
    b: FlowBuilder, m: verbs.LookupModel | verbs.RunModel, after: Node | None, here: Here, path: str
) -> Node:
    """lookup, run: ask the outside."""
    verb, name = ("lookup", m.lookup) if isinstance(m, verbs.LookupModel) else ("run", m.run)
    names = {known: request for known, request in b.around.requests.items() if request.kind == verb}
    known = b.around.known(name, verb, names)
    request = names.get(str(name))
    if str(name) in b.around.open_args:
        request = None
    args = _arguments(b, m.with_, request.args if request is not None else None, f"the {verb} {str(name)!r}")
    if known and request is not None and not m.lost:
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
        mock=_mock(b, m.mock, request, verb) if m.mock is not None else None,
        **at(b, verb, after, here, path),
    )
    return b.attach(step, m, here)


def _mock(b: FlowBuilder, m: parts.MockModel, request: Request | None, verb: str) -> steps.Mock:
    """A made-up answer, of the types that the real one is declared to have."""
    outcomes = ("ok", *verbs.OUTCOMES[verb])
    if str(m.outcome).split(".")[0] not in outcomes:
        b.around.report.add(
            m.outcome, "mock", f"a {verb} does not end with {str(m.outcome)!r}", suggest(m.outcome, outcomes)
        )
    for name, value in m.result.items():
        kind = request.result.get(str(name)) if request is not None else None
        if request is not None and kind is None:
            b.around.report.add(
                name, "mock", f"the answer has no field {str(name)!r}", suggest(name, request.result)
            )
        elif kind is not None:
            try:
                coerce(str(value), kind)
            except ValueError as fault:
                b.around.report.add(value, "mock", str(fault), f"{name} is {kind}")
    result = {str(name): str(value) for name, value in m.result.items()}
    return steps.Mock(str(m.outcome), result, m.takes)


def _arguments(
    b: FlowBuilder, values: Mapping[Text, Text], known: Mapping[str, ValueType] | None, what: str
) -> dict[str, Expression | Template]:
    args = {}
    for name, text in values.items():
        if known is not None and str(name) not in known:
            message = f"{what} takes no {str(name)!r}"
            b.around.unknown(name, "argument", message, suggest(str(name), known))
        args[str(name)] = b.reader.value(text, (known or {}).get(str(name)), b.around.language)
    return args


# Flows -----------------------------------------------------------------------------------------------


def call(b: FlowBuilder, m: verbs.CallModel, after: Node | None, here: Here, path: str) -> Node:
    """call: run another flow."""
    known = b.around.known(m.call, "flow", b.flows)
    flow = b.flows.get(str(m.call))
    variables = None
    if flow is not None and not flow.lost:
        variables = {str(name): kind for name, kind in flow.vars.items()}
    args = _arguments(b, m.with_, variables, f"the flow {str(m.call)!r}")
    if known and flow is not None and "returns" not in flow.lost.names:
        returns = [str(name) for name in flow.returns]
        b._check_outcomes(m.on, (*returns, *flow.lost.words))  # noqa: SLF001 - its own file, split for size
        outer = {name for handlers in here.outer for name in handlers} | b.model.lost.names
        for name in returns:
            if name not in m.on and name not in outer and not m.lost:
                message = f"nothing handles the outcome {name!r} of {str(m.call)!r}"
                b.around.report.add(m.call, "unhandled", message, f"add on: {{ {name}: STATE }}")
    step = steps.CallFlow(target=str(m.call), args=args, **at(b, "call", after, here, path))
    return b.attach(step, m, here)


def return_(b: FlowBuilder, m: verbs.ReturnModel, after: Node | None, here: Here, path: str) -> Node:
    """return: leave this flow."""
    return leave(b, m.return_, m.with_, at(b, "return", after, here, path))


def leave(b: FlowBuilder, outcome: Text, values: Mapping[Text, Text], place: dict[str, Any]) -> Node:
    """The step that leaves a flow with an outcome and values."""
    known = [str(name) for name in b.model.returns]
    lost = b.model.lost
    if str(outcome) not in known and str(outcome) not in lost.words and "returns" not in lost.names:
        hint = suggest(str(outcome), known) or f"add returns: [{outcome}]"
        b.around.report.add(outcome, "unknown-outcome", f"the flow does not return {str(outcome)!r}", hint)
    given = {str(name): b.reader.value(text, None, b.around.language) for name, text in values.items()}
    return steps.Return(outcome=str(outcome), values=given, **place)


def hangup(b: FlowBuilder, _: verbs.HangupModel, after: Node | None, here: Here, path: str) -> Node:
    """hangup: end the call."""
    return steps.HangUp(**at(b, "hangup", after, here, path))


# People ----------------------------------------------------------------------------------------------


def announcements(b: FlowBuilder, models: list[parts.AnnounceModel]) -> tuple[Announcement, ...]:
    """What a waiting caller hears."""
    made = []
    for model in models:
        if (model.at is None) == (model.every is None) and not model.lost:
            b.around.report.add(
                model.place,
                "announce",
                "an announcement comes at a time or every so often",
                "write at: start, or every: 60s",
            )
        made.append(Announcement(b.prompts.prompt(model.say), model.at, model.every))
    return tuple(made)


def queue(b: FlowBuilder, m: verbs.QueueModel, after: Node | None, here: Here, path: str) -> Node:
    """queue: wait for an agent."""
    b.around.known(m.queue, "queue", b.around.queues)
    if m.overflow is not None:
        b.around.known(m.overflow, "queue", b.around.queues)
    callback = None
    if m.callback is not None:
        offer = m.callback
        when = b.reader.condition(offer.when) if offer.when is not None else None
        callback = CallbackOffer(b.prompts.prompt(offer.say), offer.key, offer.after, when)
        outer = any("callback" in handlers for handlers in here.outer)
        if "callback" not in m.on and not outer and not m.lost:
            b.around.report.add(
                offer.place,
                "unhandled",
                "nothing handles the outcome 'callback'",
                "add on: { callback: STATE }",
            )
    _check_exits(b, m, here)
    step = steps.Queue(
        queue=str(m.queue),
        priority=b.reader.expression(m.priority, _INTEGER) if m.priority is not None else None,
        skills=skills_of(m.skills, b.around) if m.skills is not None else None,
        relax=relaxations(m.relax, b.around) if m.relax is not None else None,
        prefer=_prefer(b, m.prefer) if m.prefer is not None else None,
        announce=announcements(b, m.announce) if m.announce is not None else None,
        music=b.around.music(m.music) or b.around.music(b.model.defaults.music),
        callback=callback,
        max_wait_ms=m.max_wait,
        overflow=str(m.overflow or ""),
        carry=carried(b, m.carry),
        exit_keys=tuple(str(key) for key in m.exit_keys),
        **at(b, "queue", after, here, path),
    )
    return b.attach(step, m, here)


def _check_exits(b: FlowBuilder, m: verbs.QueueModel, here: Here) -> None:
    """Each key that leads out of the queue is handled, and does nothing else."""
    place, report = m.place_of_key("exit_keys"), b.around.report
    around: list[Mapping[Any, Any]] = [m.on, *here.outer]
    handled = {str(name) for handlers in around for name in handlers}
    for key in m.exit_keys:
        name = exit_of(key)
        if not m.lost and handled.isdisjoint(("exit", name)):
            report.add(
                place, "unhandled", f"nothing handles the outcome {name!r}", f"add on: {{ {name}: STATE }}"
            )
        if m.callback is not None and key == m.callback.key:
            report.add(place, "twice", f"key {key} takes the callback already", "use another key")


def _prefer(b: FlowBuilder, m: parts.PreferModel) -> steps.Prefer | None:
    if m.agent is None and m.last is None:
        if not m.lost:
            b.around.report.add(m.place, "prefer", "nobody is preferred", "add agent: NAME, or last: 7d")
        return None
    agent = None
    if m.agent is not None:
        named = m.agent.quoted or m.agent in b.around.agents
        if named:
            b.around.known(m.agent, "agent", b.around.agents)
        agent = b.reader.expression(Text(m.agent, m.agent, style='"') if named else m.agent, _NAME)
    b.around.remembers = b.around.remembers or m.last is not None
    return steps.Prefer(agent, m.last or 0, m.wait)


def transfer(b: FlowBuilder, m: verbs.TransferModel, after: Node | None, here: Here, path: str) -> Node:
    """transfer: pass the caller on."""
    around = b.around
    name = str(m.transfer)
    kinds = [
        kind
        for kind, names in (("queue", around.queues), ("agent", around.agents), ("contact", around.contacts))
        if name in names
    ]
    if not kinds:
        around.known(m.transfer, "target", [*around.queues, *around.agents, *around.contacts])
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
        carry=carried(b, m.carry),
        **at(b, "transfer", after, here, path),
    )
    return b.attach(step, m, here)


def carried(b: FlowBuilder, names: list[Text]) -> tuple[str, ...]:
    """The data roots whose values an agent is shown."""
    for name in names:
        b.around.known(name, "data", b.around.schema)
    return tuple(str(name) for name in names)


def callback(b: FlowBuilder, m: verbs.CallbackModel, after: Node | None, here: Here, path: str) -> Node:
    """callback: book a call back."""
    b.around.known(m.callback, "queue", b.around.queues)
    if m.tries > CALLBACK_TRIES_MAX:
        b.around.report.add(m.place, "value", f"a callback is tried at most {CALLBACK_TRIES_MAX} times")
    step = steps.Callback(
        queue=str(m.callback),
        to=b.reader.expression(m.to or Text("caller.number", m.callback), TEXT),
        keep_place=m.keep_place,
        tries=m.tries,
        retry_every_ms=m.retry_every,
        **at(b, "callback", after, here, path),
    )
    return b.attach(step, m, here)
