"""An agent's side of a talk: what a script says, done and said one act after the other.

An agent and a caller (`ivr.people.caller_talk`) do not know each other: an agent says things (`AgentSpoke`), a caller
says things (`SpeechHeard`), and each hears the other through the engine. After a line there is a pause; a caller
who has something to say says it first, so an agent goes on later than a caller reacts.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from ivr.core import events
from ivr.core.commands import Card, Speech
from ivr.core.flow.faults import FlowFault, text_of, value_of
from ivr.core.flow.model import Expression, Prompt, Scope, Template
from ivr.core.flow.values import ValueType, coerce, plain
from ivr.core.flow.voice import spoken_ms
from ivr.core.plan import Plan, Request
from ivr.core.time import SECOND
from ivr.language.talk_model import Act, TalkScript
from ivr.people.stage import Stage
from ivr.people.turns import Turns

REACTION_MS: Final = 600  # a caller's pause before an answer
GOES_ON_MS: Final = 1_500  # an agent's, before going on unasked
ANSWER_MS: Final = 15 * SECOND  # how long an agent waits for an answer
IDLE_MS: Final = 12 * SECOND  # of silence after which an agent does

_YES: Final = frozenset(
    ("yes", "ok", "okay", "please", "sure", "да", "хорошо", "согласен", "согласна", "так", "добре", "згода")
)
"""Words of somebody who takes an offer."""

Answered: TypeAlias = Callable[[tuple[str, dict[str, Any]]], None]
Ask: TypeAlias = Callable[[str, dict[str, Any], str, str, Answered], None]
"""Have the company answer: request, arguments, the caller's number, idempotency key, whom to tell."""


@dataclass(frozen=True, slots=True)
class Company:
    """What agents see of the company they work for."""

    language: str = "en"
    requests: Mapping[str, Request] = field(default_factory=dict)
    schema: Mapping[str, Mapping[str, ValueType]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    ask: Ask | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    clock: Callable[[], datetime] = lambda: datetime(1970, 1, 1)  # noqa: DTZ001 - local time of the center


def company_of(plan: Plan, ask: Ask, clock: Callable[[], datetime]) -> Company:
    """The company of a center's plan; `clock` gives its local time."""
    labels = {name: agent.label for name, agent in plan.agents.items()}
    return Company(plan.language, plan.requests, plan.schema, plan.values, ask, labels, clock)


def words(prompt: Prompt | None, language: str, scope: Scope) -> str:
    """A prompt's text in a language, else in the first it has."""
    if prompt is None:
        return ""
    return _text(prompt.texts.get(language) or next(iter(prompt.texts.values())), scope)


def _text(template: Template, scope: Scope) -> str:
    """A text; nothing where a value in it cannot be computed."""
    try:
        return text_of(template, scope)
    except FlowFault:
        return ""


class AgentTalk(Turns):
    """An agent's side of one talk. `busy` while it is not the caller's turn: on hold, looking something up."""

    __slots__ = (
        "_asked",
        "_awaited",
        "_caller",
        "_company",
        "_key",
        "_name",
        "_number",
        "_script",
        "_todo",
        "busy",
        "scope",
    )

    def __init__(
        self, name: str, script: TalkScript, company: Company, stage: Stage, card: Card | None, key: str
    ) -> None:
        """`key` is the talk's among all of a run: what is done in it is done once."""
        self._name = name
        self._key = key
        self._script = script
        self._company = company
        super().__init__(stage)
        self._todo: list[Act] = list(script.greets)
        self._number = 0
        self._awaited: Act | None = None
        self._asked = ""
        self._caller = card.caller if card is not None else ""
        self.busy = False
        self.scope: Scope = {root: dict(fields) for root, fields in company.values.items()}
        self.scope |= {
            "told": defaultdict(str),
            "result": self._nothing(),
            "agent": {"name": name, "label": company.labels.get(name) or name},
        }
        for root, fields in (card.data if card is not None else {}).items():
            self._learn(root, fields)

    def begin(self) -> None:
        """The talk begins."""
        self._later(REACTION_MS, self._go)

    def over(self) -> None:
        """The talk is over: what was still to come is not said any more."""
        self._turn += 1
        self._todo.clear()

    def heard(self, speech: Speech) -> None:
        """The caller says something: that is heard out, and answered."""
        if not speech.act:
            speech = self._understood(speech)
        if speech.act == "answers":
            self.scope["told"][speech.about] = speech.detail or speech.text
        if not self.busy:
            self._later(speech.length_ms + REACTION_MS, self._answer, speech)

    def _understood(self, speech: Speech) -> Speech:
        """What somebody means who only talks: an answer to what was offered or asked, or one of the topics."""
        text = f" {speech.text.casefold()} "
        if self._awaited is not None and self._awaited.kind == "offers":
            agrees = not _YES.isdisjoint(re.findall(r"\w+", text))
            return speech._replace(act="accepts" if agrees else "declines", about=self._awaited.about)
        if self._asked and self._todo:
            return speech._replace(act="answers", about=self._asked)
        topic = next((topic for word, topic in self._script.hears if word in text), "")
        if topic or not self._todo:  # with nothing left to say, whatever is said is a wish
            return speech._replace(act="wants", about=topic)
        return speech

    def consulted(self, mode: str) -> None:
        """How a consultation stands."""
        act = self._awaited
        if act is None or act.kind != "consults":
            return
        if mode == "private":
            self._later(act.takes_ms, self._take_back, act)
        elif mode == "ringing":
            self._turn += 1  # there is somebody to ask
        elif mode not in ("swapped", "conference"):
            self._consulted(act, "answered" if mode == "taken_back" else "failed")

    def _consulted(self, act: Act, outcome: str) -> None:
        self._awaited, self.busy = None, False
        self._branch(act, outcome)
        self._later(REACTION_MS, self._go)

    def _nobody(self, act: Act) -> None:
        self._consulted(act, "failed")

    # What is to be done ----------------------------------------------------------------------------------

    def _due(self, due: tuple[int, Callable[[Any], None], object]) -> None:
        if due[0] == self._turn:
            self.scope["now"] = self._company.clock()
        super()._due(due)

    def _answer(self, speech: Speech) -> None:
        offered, self._awaited = self._awaited, None
        if speech.act == "wants":
            self._todo = list(self._script.topics.get(speech.about, self._script.otherwise))
        elif offered is not None and speech.act in ("accepts", "declines"):
            self._branch(offered, {"accepts": "accepted", "declines": "declined"}[speech.act])
        self._go(None)

    def _go(self, _: object) -> None:
        if not self._todo:
            self._later(IDLE_MS, self._hang_up)
            return
        act = self._todo.pop(0)
        match act.kind:
            case "if":
                self._branch(act, "then" if self._is_true(act.condition) else "else")
                self._go(None)
            case "topic":
                self._todo = list(self._script.topics[act.about])
                self._go(None)
            case "asks" if self._knows(act):
                self._go(None)
            case "grants" if act.about not in self._script.may:
                self._branch(act, "else")
                self._go(None)
            case "grants":
                self._branch(act, "then")
                self._say(act)
            case _:
                self._say(act)

    def _knows(self, act: Act) -> bool:
        """Whether what is asked for came with the call, or was said."""
        root, column = act.known_as or ("", "")
        known = self.scope.get(root, {}).get(column)
        return bool(known or self.scope["told"].get(act.about))

    def _say(self, act: Act) -> None:
        text = words(act.words, self._company.language, self.scope)
        silent = act.kind in ("holds", "consults", "transfers", "waits", "hangs_up", "does")
        if text or not silent:
            kind = "says" if silent else act.kind
            self._stage.post(events.AgentSpoke(self._name, text, kind, act.about, act.detail))
        length_ms = spoken_ms(text)
        self.busy = act.kind in ("holds", "consults", "transfers", "waits", "does")
        self._awaited = act if act.kind in ("offers", "consults") else None
        self._asked = act.about if act.kind == "asks" else ""
        match act.kind:
            case "offers":
                self._later(length_ms + ANSWER_MS, self._unanswered, act)
            case "asks":
                self._later(length_ms + ANSWER_MS, self._go)
            case "holds" | "consults" | "transfers" | "does" | "hangs_up":
                self._later(length_ms, getattr(self, f"_{act.kind}"), act)
            case "waits":
                self._later(length_ms + act.takes_ms, self._waited)
            case _:
                self._later(length_ms + GOES_ON_MS, self._go)

    def _unanswered(self, act: Act) -> None:
        self._awaited = None
        self._branch(act, "declined")
        self._go(None)

    def _waited(self, _: object) -> None:
        self.busy = False
        self._go(None)

    def _holds(self, act: Act) -> None:
        self._stage.post(events.AgentHeld(self._name))
        self._later(act.takes_ms, self._resumes)

    def _resumes(self, _: object) -> None:
        self._stage.post(events.AgentResumed(self._name))
        self.busy = False
        self._later(REACTION_MS, self._go)

    def _consults(self, act: Act) -> None:
        self._later(REACTION_MS, self._nobody, act)  # where there is nobody to ask
        self._stage.post(events.AgentConsulted(self._name, act.about))

    def _take_back(self, _: object) -> None:
        self._stage.post(events.ConsultActed(self._name, "take_back"))

    def _transfers(self, act: Act) -> None:
        target = _text(act.target, self.scope).strip() if act.target is not None else act.about
        self.busy = False
        self._later(REACTION_MS, self._go)  # where there is nobody of that name, the talk goes on
        self._stage.post(events.AgentTransferred(self._name, target))

    def _hangs_up(self, _: object) -> None:
        self._hang_up(None)

    def _hang_up(self, _: object) -> None:
        self._stage.post(events.AgentHungUp(self._name))

    def _does(self, act: Act) -> None:
        ask = self._company.ask
        self._number += 1
        turn = self._turn

        def answered(answer: tuple[str, dict[str, Any]]) -> None:
            if turn == self._turn:
                self._done(act, *answer)

        if ask is None:
            answered(("failed.unknown", {}))
            return
        try:
            args = {name: plain(self._value(value)) for name, value in act.args.items()}
        except FlowFault:
            answered(("failed.expression", {}))
            return
        ask(act.about, args, self._caller, f"{self._key}/{self._number}", answered)

    def _value(self, source: Expression | Template) -> Any:
        return text_of(source, self.scope) if isinstance(source, Template) else value_of(source, self.scope)

    def _is_true(self, condition: Expression | None) -> bool:
        """Whether a condition holds; one that cannot be computed does not."""
        assert condition is not None
        try:
            return bool(value_of(condition, self.scope))
        except FlowFault:
            return False

    def _done(self, act: Act, outcome: str, result: dict[str, Any]) -> None:
        self.busy = False
        request = self._company.requests.get(act.about)
        if request is not None and request.into and outcome == "ok":
            self._learn(request.into, result)
        types = request.result if request is not None else {}
        read = {name: coerce(value, types[name]) for name, value in result.items() if name in types}
        self.scope["result"] = self._nothing() | {name: kind.natural for name, kind in types.items()} | read
        self._stage.post(events.AgentSpoke(self._name, "", "does", act.about, outcome))
        self._branch(act, outcome)
        self._later(REACTION_MS, self._go)

    def _nothing(self) -> dict[str, Any]:
        """The result of no request: every field is empty."""
        requests = self._company.requests.values()
        return {name: kind.natural for request in requests for name, kind in request.result.items()}

    def _learn(self, root: str, fields: Mapping[str, Any]) -> None:
        """What the agent sees now under one of the center's data roots."""
        types = self._company.schema.get(root, {})
        known = {name: coerce(value, types[name]) for name, value in fields.items() if name in types}
        self.scope[root] = self.scope.get(root, {}) | known

    def _branch(self, act: Act, outcome: str) -> None:
        acts = act.branches.get(outcome) or act.branches.get(outcome.partition(".")[0], ())
        self._todo[:0] = acts
