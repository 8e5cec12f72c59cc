"""A flow as authors write it, and the JSON Schemas that editors read."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import ConfigDict, Discriminator, Field, GetJsonSchemaHandler, PrivateAttr, Tag
from pydantic_core import CoreSchema
from typing_extensions import TypeAliasType

from ivr.core.flow.nearness import did_you_mean as suggest, nearest
from ivr.language import caller_models as callers, promise_models as promises, step_models as verbs
from ivr.language.fields import (
    AnyText,
    Boolean,
    Condition,
    Count,
    Duration,
    FieldError,
    Key,
    Line,
    Model,
    Name,
    Outcome,
    Scalar,
    Spoken,
    TypeName,
)
from ivr.language.step_models import VERBS
from ivr.language.step_parts import ListenModel, Values, VerbModel
from ivr.language.tree import Lost, Text
from ivr.limits import RULES_MAX

BARE: Final = ("hangup",)
"""Verbs that may be written as a word alone."""

_LEAVES: Final = ("goto", "return", "hangup")


def _bare(text: Text) -> Text:
    if text in BARE:
        return text
    if text in VERBS:
        raise FieldError(f"{str(text)!r} needs a value", f"write '{text}: ...'")
    raise FieldError(f"{text[:40]!r} is not a step", suggest(str(text)[:40], VERBS))


def _misspelled(first: str, verb: str) -> bool:
    """Whether a step's first key is a verb with a fault in it, so that `verb` is only an option (`say`)."""
    known = any(first in (name, field.alias) for name, field in VERBS[verb].model_fields.items())
    return first not in VERBS and not known and bool(nearest(first[:40], VERBS))


def _tag_of_step(value: Any) -> str:
    """The tag of the verb meant; no tag looks like a key, or it would pass for a place in the file."""
    if isinstance(value, dict):
        verb = next((verb for verb in VERBS if verb in value), None)
        first = next(iter(value), "")
        if verb is None or (first != verb and _misspelled(first, verb)):
            return "<unknown>"
        return f"<{verb}>"
    return "<bare>" if isinstance(value, str) else "<unknown>"


class _NoStep:
    """What is no step: the validator says what was probably meant, or lets a lost one pass."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        """Always an error."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(cls._refuse)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Nothing fits."""
        return {"not": {}}

    @staticmethod
    def _refuse(value: Any) -> Any:
        if isinstance(value, Lost):
            return value  # it has had its problem
        if not isinstance(value, dict):
            raise FieldError("a step is a map such as 'say: ...'", "put '- ' and a verb before it")
        for key in value:
            if (hint := suggest(str(key)[:40], VERBS)).startswith("did you mean"):
                raise FieldError(f"unknown step {str(key)[:40]!r}", hint)
        first = str(next(iter(value), ""))[:40]
        raise FieldError(f"unknown step {first!r}" if first else "this step is empty", suggest("", VERBS))


Bare: TypeAlias = Annotated[Text, Scalar(_bare, {"enum": list(BARE)})]

Step = TypeAliasType(
    "Step",
    Annotated[
        Annotated[verbs.MenuModel, Tag("<menu>")]
        | Annotated[verbs.SayModel, Tag("<say>")]
        | Annotated[verbs.PlayModel, Tag("<play>")]
        | Annotated[verbs.AskModel, Tag("<ask>")]
        | Annotated[verbs.IfModel, Tag("<if>")]
        | Annotated[verbs.SwitchModel, Tag("<switch>")]
        | Annotated[verbs.SetModel, Tag("<set>")]
        | Annotated[verbs.GotoModel, Tag("<goto>")]
        | Annotated[verbs.WaitModel, Tag("<wait>")]
        | Annotated[verbs.HoursModel, Tag("<hours>")]
        | Annotated[verbs.LogModel, Tag("<log>")]
        | Annotated[verbs.LookupModel, Tag("<lookup>")]
        | Annotated[verbs.RunModel, Tag("<run>")]
        | Annotated[verbs.QueueModel, Tag("<queue>")]
        | Annotated[verbs.TransferModel, Tag("<transfer>")]
        | Annotated[verbs.HoldModel, Tag("<hold>")]
        | Annotated[verbs.CallbackModel, Tag("<callback>")]
        | Annotated[verbs.RecordModel, Tag("<record>")]
        | Annotated[promises.DialModel, Tag("<dial>")]
        | Annotated[promises.SendModel, Tag("<send>")]
        | Annotated[promises.WorkModel, Tag("<work>")]
        | Annotated[promises.AppointmentModel, Tag("<appointment>")]
        | Annotated[callers.IdentifyModel, Tag("<identify>")]
        | Annotated[callers.ConsentModel, Tag("<consent>")]
        | Annotated[verbs.OfferModel, Tag("<offer>")]
        | Annotated[verbs.SurveyModel, Tag("<survey>")]
        | Annotated[verbs.ChanceModel, Tag("<chance>")]
        | Annotated[verbs.CallModel, Tag("<call>")]
        | Annotated[verbs.ReturnModel, Tag("<return>")]
        | Annotated[verbs.HangupModel, Tag("<hangup>")]
        | Annotated[Bare, Tag("<bare>")]
        | Annotated[_NoStep, Tag("<unknown>")],
        Discriminator(_tag_of_step),
    ],
)


def _tag_of_handler(value: Any) -> str:
    if isinstance(value, dict):
        return "<step>"
    return "<steps>" if isinstance(value, list) else "<state>"


Block = TypeAliasType("Block", Annotated[list[Step], Field(min_length=1)])

Handler = TypeAliasType(
    "Handler",
    Annotated[
        Annotated[Name, Tag("<state>")] | Annotated[Block, Tag("<steps>")] | Annotated[Step, Tag("<step>")],
        Discriminator(_tag_of_handler),
    ],
)


class ChoiceModel(Model):
    """One key of a menu."""

    label: Spoken | None = Field(
        None, description="What the key is for.", examples=["For bills and payments"]
    )
    speech: list[Line] = Field(
        default_factory=list, description="What callers may say instead.", max_length=100
    )
    goto: Name | None = Field(None, description="The state it leads to.", examples=["billing"])
    return_: Name | None = Field(None, alias="return", description="The outcome it leaves the flow with.")
    with_: Values = Field(default_factory=dict, alias="with", description="Values returned.")
    hangup: Boolean = Field(False, description="Whether it ends the call.")
    repeat: Boolean = Field(False, description="Whether it says the menu again.")
    steps: "Block | None" = Field(None, description="What it does.")


_CHOICE_KEYS: Final = {"label", "speech", "repeat", "steps", "goto", "return"}


_ACTING: Final = VERBS.keys() - _LEAVES


def _tag_of_choice(value: Any) -> str:
    tag = _tag_of_handler(value)
    if tag == "<step>" and (_CHOICE_KEYS & value.keys() or _ACTING.isdisjoint(value)):
        return "<choice>"
    return tag


Choice = TypeAliasType(
    "Choice",
    Annotated[
        Annotated[ChoiceModel, Tag("<choice>")]
        | Annotated[Name, Tag("<state>")]
        | Annotated[Block, Tag("<steps>")]
        | Annotated[Step, Tag("<step>")],
        Discriminator(_tag_of_choice),
    ],
)


class StateModel(Model):
    """A state with handlers of its own."""

    on: dict[Outcome, Handler] = Field(
        default_factory=dict, description="Handlers for all steps of the state."
    )
    listen: ListenModel | None = Field(None, description="How its steps listen.")
    steps: Block = Field(description="The steps, from top to bottom.")


_STATE_KEYS: Final = {field.alias or name for name, field in StateModel.model_fields.items()}


def _tag_of_state(value: Any) -> str:
    """A map of steps without dashes is a list in bad form, not a state with unknown fields."""
    if not isinstance(value, dict):
        return "<steps>"
    return "<map>" if _STATE_KEYS & value.keys() or not VERBS.keys() & value.keys() else "<steps>"


State: TypeAlias = Annotated[
    Annotated[Block, Tag("<steps>")] | Annotated[StateModel, Tag("<map>")],
    Discriminator(_tag_of_state),
]


class OnModel(Model):
    """Handlers of a whole flow: those below, and any outcome of a step."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Handler]

    operator: Handler | None = Field(None, description="Where a person is; adds key 0 to every menu.")
    error: Handler | None = Field(None, description="Where errors lead.")
    hangup: Handler | None = Field(None, description="What is done when the caller hangs up.")
    keys: dict[Key, Handler] = Field(default_factory=dict, description="Keys that work in every step.")


class DefaultsModel(Model):
    """What steps do unless they say otherwise."""

    listen: ListenModel = Field(default_factory=ListenModel, description="How steps listen.")
    music: Name | None = Field(None, description="The music of waiting callers.", examples=["soft-piano"])


class PolicyModel(Model):
    """Promises of the flow that rules and reports check."""

    max_offers: Count | None = Field(None, description="Offers a caller may hear in one call.", examples=[3])
    cancel_within: Duration | None = Field(None, description="The longest way to cancel.", examples=["120s"])
    cancel_key: Key | None = Field(None, description="The key that cancels.", examples=[9])


class FlowModel(Model):
    """A flow of the center: named states, each a list of steps."""

    flow: Name = Field(description="The flow's name.", examples=["main"])
    start: Name = Field(description="The state where calls begin.", examples=["welcome"])
    description: AnyText | None = Field(None, description="What it is for.")
    returns: list[Name] = Field(default_factory=list, description="The outcomes it may return.")
    vars: dict[AnyText, TypeName] = Field(
        default_factory=dict, description="Its variables and their types.", examples=[{"number": "text"}]
    )
    rules: dict[AnyText, Condition] = Field(
        default_factory=dict,
        description="Named conditions.",
        examples=[{"owes": "customer.debt > 0"}],
        max_length=RULES_MAX,
    )
    defaults: DefaultsModel = Field(default_factory=DefaultsModel, description="What steps do by default.")
    on: OnModel = Field(default_factory=OnModel, description="Handlers of the whole call.")
    policy: PolicyModel = Field(default_factory=PolicyModel, description="Promises that are checked.")
    states: dict[Name, State] = Field(description="The states by name.", min_length=1, max_length=10_000)

    _all_steps: tuple[VerbModel, ...] | None = PrivateAttr(None)

    def all_steps(self, walk: Callable[["FlowModel"], Iterable[VerbModel]]) -> Iterable[VerbModel]:
        """What a walk over the flow gives, which is made once: five checks ask for it."""
        if self._all_steps is None:
            self._all_steps = tuple(walk(self))
        return self._all_steps


_NAMES: Final = {"Step": Step, "Handler": Handler, "Choice": Choice, "Block": Block}
_RECURSIVE: Final[tuple[type[Model], ...]] = (
    *VERBS.values(),
    verbs.WayModel,
    ChoiceModel,
    StateModel,
    OnModel,
    FlowModel,
)
for _model in _RECURSIVE:
    _model.model_rebuild(_types_namespace={**vars(verbs), **_NAMES})

SchemaKind: TypeAlias = Literal["flow", "center", "people", "test", "story"]


def schema(kind: SchemaKind) -> dict[str, Any]:
    """The JSON Schema (2020-12) of `*.flow.yaml`, `center.yaml`, `*.people.yaml`, `*.test.yaml` or `story.yaml`."""
    from ivr.language import trial_models
    from ivr.language.center_models import CenterModel
    from ivr.language.people_models import PeopleModel
    from ivr.language.story_models import StoryModel

    models: dict[str, type[Model]] = {
        "flow": FlowModel,
        "center": CenterModel,
        "people": PeopleModel,
        "story": StoryModel,
    }
    result = trial_models.schema() if kind == "test" else models[kind].model_json_schema(by_alias=True)
    result["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    result["title"] = f"ivr {kind} file"
    return result


_VERB_OF: Final = {model: verb for verb, model in VERBS.items()}


def verb_of(model: VerbModel) -> str:
    """The verb of a step's model."""
    return _VERB_OF[type(model)]
