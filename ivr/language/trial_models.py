"""`*.test.yaml` as authors write it: who calls, what they do, and what has to come of it."""

import re
from typing import Annotated, Any, Final, TypeAlias

from pydantic import Discriminator, Field, Tag, TypeAdapter

from ivr.language.center_models import DaySpans
from ivr.language.fields import (
    KEYS,
    AnyText,
    Boolean,
    Count,
    Duration,
    DurationOrZero,
    FieldError,
    Line,
    Model,
    Moment,
    Name,
    Number,
    Outcome,
    Scalar,
)
from ivr.language.tree import Text
from ivr.limits import TRIAL_STEPS_MAX, TRIAL_WAITING_MAX, TRIALS_PER_FILE_MAX

ANYBODY: Final = "anybody"
"""What `talks_to` may name instead of an agent."""

ANSWERS: Final = ("answers", "machine", "busy", "no_answer", "rejects")
"""What somebody does whose phone rings."""

BARE_STEPS: Final = ("hangs_up", "hears_music")
"""Steps of a caller that may be written as a word alone."""


def _keys(text: Text) -> str:
    if text in KEYS:
        return KEYS[text]
    if re.fullmatch(r"[0-9*#A-D]{1,64}", text):
        return str(text)
    raise FieldError(f"{text[:40]!r} are not keys of a telephone", "keys are 0 to 9, star and hash")


def _moment_of_silence(text: Text) -> Text:
    if text in BARE_STEPS:
        return text
    raise FieldError(f"{text[:40]!r} is not a step of a caller", f"alone stand {' and '.join(BARE_STEPS)}")


def _pattern(text: Text) -> Text:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as fault:
        raise FieldError(f"this is not a regular expression: {fault}", "put a '\\' before signs") from None
    if len(text) > 500:
        raise FieldError("a pattern has at most 500 characters")
    return text


def _called(text: Text) -> Text:
    if text in ANSWERS:
        return text
    raise FieldError(f"{text[:40]!r} is nothing a called phone does", f"write {', '.join(ANSWERS)}")


def _waiting(text: Text) -> int:
    if re.fullmatch(r"[0-9]{1,6}", text) and 1 <= int(text) <= TRIAL_WAITING_MAX:
        return int(text)
    raise FieldError(f"{text[:40]!r} is not a number from 1 to {TRIAL_WAITING_MAX}")


PressedKeys: TypeAlias = Annotated[str, Scalar(_keys, {"type": ["string", "integer"]})]
Pattern: TypeAlias = Annotated[Text, Scalar(_pattern, {"type": "string"})]
Waiting: TypeAlias = Annotated[int, Scalar(_waiting, {"type": ["integer", "string"]})]
BareStep: TypeAlias = Annotated[Text, Scalar(_moment_of_silence, {"enum": list(BARE_STEPS)})]


def _text_or_map(value: Any) -> str:
    return "<map>" if isinstance(value, dict) else "<text>"


Called: TypeAlias = Annotated[Text, Scalar(_called, {"enum": list(ANSWERS)})]


class HearsModel(Model):
    """What has to be said, and how soon."""

    contains: AnyText | None = Field(
        None, description="The prompt contains this, in capitals or not.", examples=["30 percent"]
    )
    exact: AnyText | None = Field(None, description="The prompt is this, to the letter.")
    regex: Pattern | None = Field(
        None, description="A regular expression found in the prompt.", examples=["4[05] percent"]
    )
    within: Duration | None = Field(None, description="How soon; else within a minute.", examples=["3s"])


Hears: TypeAlias = Annotated[
    Annotated[AnyText, Tag("<text>")] | Annotated[HearsModel, Tag("<map>")], Discriminator(_text_or_map)
]


class CallerStepModel(Model):
    """One step of the caller: what is waited for, then what is done; either may be left out."""

    hears: Hears | None = Field(
        None,
        description="Waits for a prompt with this text.",
        examples=["30 percent", {"contains": "30 percent", "within": "3s"}],
    )
    hears_music: AnyText | None = Field(
        None, description="Waits for music: this piece, or any.", examples=["soft-piano"]
    )
    talks_to: Line | None = Field(
        None, description="Waits for a talk with this agent or contact, or with `anybody`.", examples=["anna"]
    )
    gets: Hears | None = Field(
        None,
        description="Waits for a message with this text, also after the call is over.",
        examples=["Your reference is"],
    )
    within: Duration | None = Field(
        None, description="How soon; else within a minute, a talk within half an hour.", examples=["5m"]
    )
    press: PressedKeys | None = Field(
        None, description="Presses keys, when what is being said has been heard.", examples=["2", "12#"]
    )
    say: Line | None = Field(None, description="Says something, the same way.", examples=["my bill"])
    writes: Line | None = Field(None, description="Sends the center an SMS.", examples=["yes"])
    at_once: Boolean = Field(False, description="Whether it is done without hearing out what is being said.")
    silent: Duration | None = Field(
        None, description="Does nothing for so long after what is being said.", examples=["5s"]
    )
    waits: Duration | None = Field(None, description="Lets so much time pass.", examples=["20m"])
    talks: Duration | None = Field(None, description="Stays in the talk for so long.", examples=["30s"])
    hangs_up: AnyText | None = Field(None, description="Hangs up: `hangs_up: true`, or the word alone.")


CallerStep: TypeAlias = Annotated[
    Annotated[BareStep, Tag("<text>")] | Annotated[CallerStepModel, Tag("<map>")], Discriminator(_text_or_map)
]


class MockModel(Model):
    """What a lookup or a run answers in this test."""

    outcome: Outcome = Field(
        Text("ok"),
        description="`ok`, `not_found`, `declined`, `failed` or `timeout`; with a detail, `failed.network`.",
        examples=["declined"],
    )
    result: dict[AnyText, AnyText] | None = Field(
        None,
        description="Fields of the answer; else those of the center's tables.",
        examples=[{"reference": "40711"}],
    )
    takes: DurationOrZero | None = Field(None, description="How long it takes.", examples=["2s"])


Mock: TypeAlias = Annotated[
    Annotated[Outcome, Tag("<text>")] | Annotated[MockModel, Tag("<map>")], Discriminator(_text_or_map)
]


class ReadyModel(Model):
    """Agents who are there, and how they work."""

    ready: Count = Field(1, description="How many of the queue's agents; nobody else is there.", examples=[2])
    answers: Boolean = Field(True, description="Whether they take calls; else they let it ring.")
    answers_after: DurationOrZero = Field(
        2_000, description="How long they let it ring first.", examples=["2s"]
    )
    talks: Duration = Field(60_000, description="How long they talk.", examples=["60s"])
    works: Duration = Field(1_800_000, description="How long a work order takes.", examples=["30m"])
    shows_up: Boolean = Field(True, description="Whether they go to a work order that they took.")
    comes_after: DurationOrZero = Field(
        0, description="How long after the call began they sign in.", examples=["5m"]
    )


Ready: TypeAlias = Annotated[
    Annotated[Count, Tag("<text>")] | Annotated[ReadyModel, Tag("<map>")], Discriminator(_text_or_map)
]


class ComparisonModel(Model):
    """What a number or a length of time has to be."""

    is_: AnyText | None = Field(None, alias="is", description="Just this.", examples=["3"])
    below: AnyText | None = Field(None, description="Less than this.", examples=["120s"])
    above: AnyText | None = Field(None, description="More than this.", examples=["20m"])
    at_most: AnyText | None = Field(None, description="This or less.", examples=["3"])
    at_least: AnyText | None = Field(None, description="This or more.", examples=["1"])


Comparison: TypeAlias = Annotated[
    Annotated[AnyText, Tag("<text>")] | Annotated[ComparisonModel, Tag("<map>")], Discriminator(_text_or_map)
]


class StatesModel(Model):
    """Which states the call goes through; a state is named `state`, or `flow.state`."""

    includes: list[Outcome] = Field(default_factory=list, description="These, in any order.")
    in_order: list[Outcome] = Field(default_factory=list, description="These, in this order; others between.")
    exactly: list[Outcome] | None = Field(None, description="These and no others, in this order.")
    never: list[Outcome] = Field(default_factory=list, description="None of these.")


def _tag_of_list(value: Any) -> str:
    return "<map>" if isinstance(value, dict) else "<list>" if isinstance(value, list) else "<text>"


States: TypeAlias = Annotated[
    Annotated[list[Outcome], Tag("<list>")]
    | Annotated[Outcome, Tag("<text>")]
    | Annotated[StatesModel, Tag("<map>")],
    Discriminator(_tag_of_list),
]
Texts: TypeAlias = Annotated[
    Annotated[list[AnyText], Tag("<list>")] | Annotated[AnyText, Tag("<text>")],
    Discriminator(lambda value: "<list>" if isinstance(value, list) else "<text>"),
]


class MetricsModel(Model):
    """Numbers of the call."""

    time_to_person: Comparison | None = Field(
        None, description="From the beginning to the first talk.", examples=[{"below": "60s"}]
    )
    time_to_cancel: Comparison | None = Field(
        None,
        description="From the beginning until the state `cancelled` is entered or `cancelled` returned.",
        examples=[{"below": "120s"}],
    )
    wait: Comparison | None = Field(None, description="Time in queues.", examples=[{"at_most": "20m"}])
    talk: Comparison | None = Field(None, description="Time in talks, without holds.", examples=["30s"])
    prompts_s: Comparison | None = Field(
        None, description="Seconds in which prompts are heard.", examples=[{"below": 45}]
    )
    keys: Comparison | None = Field(None, description="Keys pressed.", examples=[{"at_most": 3}])
    misses: Comparison | None = Field(None, description="Silences and wrong keys.", examples=[0])
    offers_heard: Comparison | None = Field(
        None, description="Offers put to the caller.", examples=[{"at_most": 3}]
    )
    transfers: Comparison | None = Field(None, description="Transfers that went through.", examples=[1])
    errors: Comparison | None = Field(None, description="Errors of the flow.", examples=[0])


class ExpectModel(Model):
    """What has to have come of the call when it is over."""

    outcome: Name | None = Field(
        None,
        description="What the flow returned; where it returns nothing, what the flow it called last did.",
        examples=["cancelled"],
    )
    ended: Name | None = Field(None, description="Why the call ended.", examples=["flow_hung_up"])
    variables: dict[AnyText, AnyText] = Field(
        default_factory=dict, description="Variables at the end.", examples=[{"number": "4711"}]
    )
    states: States | None = Field(
        None, description="States it went through, in this order.", examples=[["ladder", "cancelled"]]
    )
    reaches: dict[Outcome, Comparison] = Field(
        default_factory=dict,
        description="How long after the beginning a state is entered.",
        examples=[{"cancelled": {"below": "120s"}}],
    )
    hears: Texts | None = Field(None, description="Texts that were heard.", examples=["Your reference is"])
    never_hears: Texts | None = Field(None, description="Texts that were not.", examples=["are you sure"])
    queue: dict[Name, Outcome] = Field(
        default_factory=dict,
        description="How the last visit to a queue ended; `never`: there was none.",
        examples=[{"support": "answered"}],
    )
    work: dict[Name, Outcome] = Field(
        default_factory=dict,
        description="How the last work order on a queue ended; `never`: there was none.",
        examples=[{"installers": "done"}],
    )
    duration: Comparison | None = Field(
        None, description="How long the call lasts.", examples=[{"below": "3m"}]
    )
    metrics: MetricsModel = Field(default_factory=MetricsModel, description="What its numbers have to be.")


class TrialModel(Model):
    """One test: a call, what the caller does in it, and what has to come of it."""

    test: Line = Field(description="Its name.", examples=["refuses twice, still cancels fast"])
    flow: Name | None = Field(
        None, description="The flow the call begins in; this or `dials`.", examples=["retention"]
    )
    trigger: Name | None = Field(
        None,
        description="Or the trigger that fires: its flow begins, and may call `from`.",
        examples=["low-balance"],
    )
    called: list[Called] = Field(
        default_factory=list,
        description="What happens when the flow dials, one after another: answers, busy, no_answer, rejects.",
        examples=[["busy", "answers"]],
    )
    dials: Number | None = Field(None, description="The number the caller dials.", examples=["support"])
    from_: Number | None = Field(
        None,
        alias="from",
        description="The caller's number; else it is withheld.",
        examples=["+491510000001"],
    )
    clock: Moment | None = Field(
        None, description="Local time at which the call begins; else the center's `starts`."
    )
    seed: Line = Field(Text("1"), description="Decides all chance.", examples=["1"])
    hours: dict[Name, dict[AnyText, DaySpans]] = Field(
        default_factory=dict,
        description="Opening hours instead of the center's.",
        examples=[{"office": {"mon-fri": "08:00..20:00"}}],
    )
    customer: dict[AnyText, AnyText] = Field(
        default_factory=dict,
        description="Short for `data: { customer: ... }`.",
        examples=[{"months": "14", "debt": "0"}],
    )
    data: dict[AnyText, dict[AnyText, AnyText]] = Field(
        default_factory=dict,
        description="What is known, by data root, as if looked up for this caller.",
        examples=[{"network": {"outage": "true"}}],
    )
    tables: dict[Name, list[dict[AnyText, Any]]] = Field(
        default_factory=dict, description="Rows added to the tables; one that is known by its key is changed."
    )
    mock: dict[Name, Mock] = Field(
        default_factory=dict,
        description="What lookups and runs answer.",
        examples=[{"take-payment": "declined"}],
    )
    agents: dict[Name, Ready] = Field(
        default_factory=dict,
        description="Agents who are there, by queue or by name; else nobody is.",
        examples=[{"support": 1}],
    )
    waiting: dict[Name, Waiting] = Field(
        default_factory=dict,
        description="Callers who wait in a queue already, and stay.",
        examples=[{"support": 3}],
    )
    caller: list[CallerStep] = Field(
        default_factory=list, description="What the caller does.", max_length=TRIAL_STEPS_MAX
    )
    expect: ExpectModel = Field(default_factory=ExpectModel, description="What has to come of it.")


class TrialsModel(Model):
    """Several tests in one file."""

    tests: list[TrialModel] = Field(description="The tests.", min_length=1, max_length=TRIALS_PER_FILE_MAX)


def schema() -> dict[str, Any]:
    """The JSON Schema of a file: one test, or several under `tests`."""
    return TypeAdapter(TrialModel | TrialsModel).json_schema(by_alias=True)
