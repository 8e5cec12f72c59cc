"""`scripts:` of a people file compiled, and what callers answer."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ivr.core.acts import ACTS
from ivr.core.flow.model import Expression, Prompt, Template
from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.core.flow.scope_schema import ITSELF
from ivr.core.flow.values import ValueType
from ivr.core.time import format_duration
from ivr.language.center_parts import Surroundings
from ivr.language.fields import Spoken
from ivr.language.people_models import PeopleModel
from ivr.language.prompts import Prompts
from ivr.language.scoping import Reader
from ivr.language.talk_model import Act, Conversation, Reply, TalkScript
from ivr.language.talk_models import ActModel, ConversationModel, ReplyModel, ScriptModel
from ivr.language.topic_circles import circle
from ivr.language.tree import Text
from ivr.limits import SPEECH_CHARS_MAX

KINDS: Final = (
    *("asks", "unknown", "refuses", "refers", "promises", "offers", "grants", "settles", "does"),
    *("holds", "consults", "transfers", "waits", "if_", "topic", "hangs_up"),
)
"""Fields of an act that say what it is; one with none of them only says something."""

_BRANCHES: Final[Mapping[str, tuple[str, ...]]] = {
    "offers": ("accepted", "declined"),
    "consults": ("answered", "failed"),
    "does": ("ok", "not_found", "declined", "failed", "timeout"),
}
_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    "known_as": ("asks",),
    "within": ("promises",),
    "detail": ("offers",),
    "about": ("says",),
    "with_": ("does",),
    "lasts": ("consults",),
    "then": ("if", "grants"),
    "else_": ("if", "grants"),
}
"""What belongs to one kind of act only."""


class Talks:
    """Compiles scripts and conversations against what a center has."""

    def __init__(self, around: Surroundings, asked: Iterable[str] = ()) -> None:
        """`asked` are the data that any agent asks for."""
        self._around = around
        result: dict[str, ValueType] = {}
        for request in around.requests.values():
            result |= request.result
        text = ValueType("text")
        schema = {
            **around.schema,
            "told": dict.fromkeys(asked, text),
            "result": result,
            "agent": {"name": text, "label": text},
            "now": {ITSELF: ValueType("datetime")},
        }
        self._reader = self._reading(schema)
        self._prompts = Prompts(self._reader, around)
        self._callers = Prompts(self._reading({}), around)  # callers see nothing of the center's data
        self._topics: Mapping[Text, object] = {}

    def _reading(self, schema: Mapping[str, Mapping[str, ValueType]]) -> Reader:
        around = self._around
        return Reader(
            around.report,
            schema,
            {},
            around.currency,
            "scripts",
            lenient=not around.complete,
            dry=around.dry,
            excused=around.lost.names,
        )

    def script(self, name: Text, model: ScriptModel) -> TalkScript:
        """One script; what does not fit is reported."""
        self._topics = model.topics
        script = TalkScript(
            str(name),
            self._acts(model.greets),
            {str(topic): self._acts(acts) for topic, acts in model.topics.items()},
            self._hears(model),
            self._acts(model.otherwise),
            frozenset(str(what) for what in model.may),
        )
        if round_ := circle(script):
            place = next(topic for topic in model.topics if str(topic) == round_[0])
            message = f"the topics go round in a circle, and nothing is said: {' -> '.join(round_)}"
            self._around.report.add(place, "topic-circle", message, "say something, or go on elsewhere")
        return script

    def _hears(self, model: ScriptModel) -> tuple[tuple[str, str], ...]:
        """Words that mean a topic: its name, and those that are written."""
        topics = [str(topic) for topic in model.topics]
        words = [(name, topic) for topic in topics for name in {topic: 0, topic.replace("-", " "): 0}]
        for topic, heard in model.hears.items():
            if str(topic) not in topics:
                message = f"there is no topic {str(topic)!r}"
                self._around.report.add(topic, "unknown-topic", message, suggest(str(topic), topics))
            for word in heard:
                if word.strip():
                    words.append((str(word).casefold(), str(topic)))
                else:
                    self._around.report.add(word, "hears", "an empty word is in every sentence", "delete it")
        return tuple(sorted(words, key=lambda one: -len(one[0])))  # "pay and cancel" is not "cancel"

    def conversation(self, model: ConversationModel) -> Conversation:
        """What a caller says."""
        return Conversation(
            str(model.wants or ""),
            self.words(model.says),
            self.known(model.knows),
            tuple(self.reply(reply) for reply in model.replies),
        )

    def known(self, knows: Mapping[Text, Text]) -> dict[str, str]:
        """What a caller answers by datum."""
        for text in knows.values():
            self._check_length(text)
        return {str(name): str(text) for name, text in knows.items()}

    def _check_length(self, text: Text) -> None:
        if len(text) > SPEECH_CHARS_MAX:
            message = f"at most {SPEECH_CHARS_MAX} characters are said in one go"
            self._around.report.add(text, "too-long", message, "say less, or in several acts")

    def reply(self, model: ReplyModel) -> Reply:
        """One reply of a caller."""
        for act in (model.to, model.act):
            if str(act) not in ACTS:
                place = act if isinstance(act, Text) else model.place
                self._around.report.add(
                    place, "unknown-act", f"there is no act {str(act)!r}", suggest(str(act), ACTS)
                )
        return Reply(
            str(model.to),
            str(model.about or ""),
            self.words(model.says),
            "wants" if model.wants is not None else str(model.act),
            str(model.wants or ""),
            str(model.because or ""),
            model.always,
            model.hangs_up,
        )

    def _acts(self, models: list[ActModel]) -> tuple[Act, ...]:
        return tuple(self._act(model) for model in models)

    def _act(self, model: ActModel) -> Act:
        report = self._around.report
        kinds = [kind for kind in KINDS if getattr(model, kind) not in (None, False)]
        if len(kinds) > 1 and kinds != ["refers", "hangs_up"]:
            second = kinds[1]
            report.add(
                model.place_of_key(second.rstrip("_")),
                "script",
                f"an act is one thing: {kinds[0].rstrip('_')} or {second.rstrip('_')}",
                "make two acts of it",
            )
        if not kinds and model.says is None and not model.lost:
            report.add(model.place, "script", "nothing is said or done here", "add says: ...")
        kind = kinds[0] if kinds else "says"
        self._check_company(model, kind.rstrip("_"))
        return Act(
            kind.rstrip("_"),
            self._about(model, kind),
            format_duration(model.within) if model.within is not None else str(model.detail or ""),
            self._words(model.says, self._prompts),
            model.lasts if kind == "consults" else model.holds or model.waits or 0,
            self._known_as(model.known_as),
            self._reader.condition(model.if_) if model.if_ is not None else None,
            self._args(model),
            self._branches(model, kind),
            self._looked_up(model.transfers),
        )

    def _about(self, model: ActModel, kind: str) -> str:
        value: Any = model.about if kind == "says" else getattr(model, kind)
        around = self._around
        if kind == "transfers" and "{" in value:
            return ""
        if kind == "transfers":
            self._target(value, {**around.queues, **around.agents, **around.contacts, **around.numbers})
        elif kind == "consults":
            self._target(value, {**around.queues, **around.agents, **around.contacts})
        elif kind == "topic" and str(value) not in map(str, self._topics):
            hint = suggest(str(value), [str(topic) for topic in self._topics])
            around.report.add(value, "unknown-topic", f"there is no topic {str(value)!r}", hint)
        return str(value) if isinstance(value, Text) and kind != "if_" else ""

    def _looked_up(self, target: Text | None) -> Template | None:
        """Whom a caller is passed on to, if that is a value."""
        if target is None or "{" not in target:
            return None
        return self._reader.template(target, self._around.language)

    def _target(self, name: Text, known: Mapping[str, object]) -> None:
        self._around.known(name, "target", known)

    def _check_company(self, model: ActModel, kind: str) -> None:
        """Report what belongs to another kind of act."""
        for key, owners in _WITH.items():
            if key in model.model_fields_set and kind not in owners and not model.lost:
                written = key.rstrip("_")
                message = f"{written!r} belongs to {owners[0]!r}"
                self._around.report.add(model.place_of_key(written), "script", message, "delete it")
        if model.says is not None and kind in ("if", "topic") and not model.lost:
            message = f"nothing is said at {kind!r}"
            self._around.report.add(
                model.place_of_key("says"), "script", message, "make an act of its own of it"
            )
        if model.on and kind not in _BRANCHES:
            message = f"{kind!r} has no outcomes"
            self._around.report.add(model.place_of_key("on"), "script", message, "delete on:")

    def _known_as(self, name: Text | None) -> tuple[str, str] | None:
        if name is None:
            return None
        root, _, field = str(name).partition(".")
        schema = self._around.schema
        if field not in schema.get(root, {}):
            known = [f"{one}.{other}" for one, fields in schema.items() for other in fields]
            self._around.unknown(name, "data", f"there is no field {str(name)!r}", suggest(str(name), known))
            return None
        return root, field

    def _args(self, model: ActModel) -> dict[str, Expression | Template]:
        if model.does is None:
            return {}
        around = self._around
        request = around.requests.get(str(model.does))
        if request is None:
            hint = suggest(str(model.does), around.requests)
            around.unknown(model.does, "lookup", f"there is no lookup or run {str(model.does)!r}", hint)
            return {}
        args = {}
        for name, text in model.with_.items():
            if str(name) not in request.args:
                hint = suggest(str(name), request.args)
                around.report.add(name, "unknown-argument", f"{request.name} takes no {str(name)!r}", hint)
                continue
            args[str(name)] = self._reader.value(text, request.args[str(name)], around.language)
        for needed in request.args:
            if needed not in args and str(model.does) not in around.open_args:
                hint = f"add with: {{{needed}: ...}}"
                around.report.add(model.does, "missing-argument", f"{request.name} needs {needed!r}", hint)
        return args

    def _branches(self, model: ActModel, kind: str) -> dict[str, tuple[Act, ...]]:
        possible = _BRANCHES.get(kind, ())
        branches = {}
        for outcome, acts in model.on.items():
            if str(outcome).partition(".")[0] not in possible:
                self._around.report.add(
                    outcome,
                    "unknown-outcome",
                    f"{kind} has no outcome {str(outcome)!r}",
                    f"its outcomes are {', '.join(possible)}",
                )
            branches[str(outcome)] = self._acts(acts)
        if model.then:
            branches["then"] = self._acts(model.then)
        if model.else_:
            branches["else"] = self._acts(model.else_)
        return branches

    def words(self, spoken: Spoken | None) -> Prompt | None:
        """Words of a caller."""
        return self._words(spoken, self._callers)

    def _words(self, spoken: Spoken | None, prompts: Prompts) -> Prompt | None:
        if spoken is None:
            return None
        for text in spoken.languages.values() if spoken.plain is None else [spoken.plain]:
            self._check_length(text)
        return prompts.prompt(spoken)


def talks(people: PeopleModel, around: Surroundings) -> tuple[dict[str, TalkScript], dict[str, Conversation]]:
    """The scripts of a people file by name, and what its callers say by the name of their kind."""
    asked = {str(act.asks) for script in people.scripts.values() for act in all_acts(script) if act.asks}
    compiler = Talks(around, sorted(asked))
    for habits in people.agents.values():
        if habits.script is not None and str(habits.script) not in map(str, people.scripts):
            hint = suggest(str(habits.script), [str(name) for name in people.scripts])
            around.report.add(
                habits.script, "unknown-script", f"there is no script {str(habits.script)!r}", hint
            )
    kinds = people.callers.kinds if people.callers is not None else []
    return (
        {str(name): compiler.script(name, model) for name, model in people.scripts.items()},
        {
            str(kind.name): compiler.conversation(kind.conversation)
            for kind in kinds
            if kind.conversation is not None
        },
    )


def all_acts(model: ScriptModel) -> Iterator[ActModel]:
    """Every act of a script, those in branches too."""
    waiting = [*model.greets, *model.otherwise, *(act for acts in model.topics.values() for act in acts)]
    while waiting:
        act = waiting.pop()
        yield act
        waiting += [*act.then, *act.else_, *(one for acts in act.on.values() for one in acts)]
