"""`center.yaml` as authors write it."""

from typing import Annotated, TypeAlias

from pydantic import Discriminator, Field, Tag

from ivr.language.company_models import WorldSettings
from ivr.language.fields import (
    AnyText,
    Boolean,
    Count,
    Day,
    Duration,
    DurationOrZero,
    Emptiness,
    Estimate,
    Level,
    Line,
    Model,
    Moment,
    Name,
    Number,
    Pack,
    Severity,
    Share,
    ShiftEnd,
    Span,
    Strategy,
    TypeName,
)
from ivr.language.step_parts import AnnounceModel, RelaxModel
from ivr.language.treatment_models import EffortModel, FunnelStepModel, LoyaltyModel
from ivr.language.tree import Text
from ivr.language.trigger_models import TriggerModel
from ivr.limits import FUNNEL_STEPS_MAX


class ServiceLevelModel(Model):
    """The promise of a queue."""

    within: Duration = Field(20_000, description="How soon a call is to be answered.", examples=["20s"])
    target: Share = Field(0.8, description="The share of calls for which that is promised.", examples=["80%"])


class QueueSettings(Model):
    """A queue."""

    hours: Name | None = Field(None, description="When it is open; else always.", examples=["office"])
    service_level: ServiceLevelModel = Field(default_factory=ServiceLevelModel, description="Its promise.")
    short_abandon: DurationOrZero = Field(
        5_000, description="Callers who leave sooner do not count.", examples=["5s"]
    )
    ring: Duration = Field(15_000, description="How long an agent is asked.", examples=["15s"])
    retry_after: DurationOrZero = Field(
        5_000, description="Pause after a ring nobody answered.", examples=["5s"]
    )
    max_misses: Count = Field(
        2, description="Missed rings after which an agent is not asked any more.", examples=[2]
    )
    wrap_up: DurationOrZero = Field(0, description="The longest work after a talk.", examples=["20s"])
    max_length: Count | None = Field(None, description="How many calls may wait.", examples=[100])
    max_wait: Duration | None = Field(None, description="The longest wait.", examples=["20m"])
    overflow_to: Name | None = Field(
        None, description="The queue that takes a call then.", examples=["billing"]
    )
    music: Name | None = Field(None, description="The music.", examples=["soft-piano"])
    join_when_empty: Boolean = Field(True, description="Whether calls may wait while no agent is signed in.")
    leave_when_empty: Boolean = Field(False, description="Whether calls leave when the last agent signs out.")
    strategy: Strategy = Field(
        Text("longest_idle"), description="Whom of the ready agents it asks.", examples=["round_robin"]
    )
    levels: list[DurationOrZero] = Field(
        default_factory=list,
        description="After which wait agents of level 2, 3, ... are asked too.",
        examples=[["20s", "60s"]],
        max_length=20,
    )
    ring_step: Duration = Field(
        5_000, description="With ring_progressively: when one more phone rings.", examples=["5s"]
    )
    skills: dict[Name, Level] = Field(
        default_factory=dict, description="Skills that calls need, unless their step says otherwise."
    )
    relax: list[RelaxModel] = Field(
        default_factory=list, description="How those are eased while a call waits.", max_length=20
    )
    empty_means: Emptiness = Field(
        Text("nobody_at_work"),
        description="Whether agents on a pause count as being there: nobody_signed_in counts them.",
        examples=["nobody_signed_in"],
    )
    resume_within: DurationOrZero = Field(
        0, description="Who hung up and calls again so soon has the same place.", examples=["5m"]
    )
    ewt: Estimate = Field(
        Text("stat_server"), description="The model by which waits are estimated.", examples=["position"]
    )
    compare_ewt: list[Estimate] = Field(
        default_factory=list,
        description="Models whose errors are measured besides, on the same calls.",
        examples=[["last_n", "ewma_asterisk"]],
    )
    weight: Level = Field(0, description="Queues with more weight are served first.", examples=[0])
    announce: list[AnnounceModel] = Field(default_factory=list, description="What is said while waiting.")


class AgentModel(Model):
    """An agent."""

    name: Line | None = Field(None, description="The name people see.", examples=["Anna"])
    queues: list[Name] = Field(description="The queues served.", min_length=1, examples=[["support"]])
    skills: dict[Name, Level] = Field(default_factory=dict, description="Skills with levels.")
    levels: dict[Name, Count] = Field(
        default_factory=dict,
        description="Queues in which the agent is not of level 1, and so asked later.",
        examples=[{"billing": 2}],
    )
    shift_end: ShiftEnd = Field(
        Text("finish_call"),
        description="What becomes of a talk when the agent signs out: finish_call, drop, or hand_over.",
        examples=["hand_over"],
    )
    supervisor: Boolean = Field(
        False, description="Whether the agent may listen in, pull calls, and put others on a pause."
    )
    weight: Count = Field(1, description="The chance in a queue with weighted_random.", examples=[3])
    capacity: Count = Field(
        1,
        description="How many work orders the agent has in hand at once; a talk is one at a time.",
        examples=[4],
    )


class FieldModel(Model):
    """A field of the data with its value before a lookup fills it."""

    type: TypeName = Field(description="Its type.", examples=["boolean"])
    default: AnyText | None = Field(None, description="Its value at first.", examples=["false"])


DataField: TypeAlias = Annotated[
    Annotated[TypeName, Tag("<type>")] | Annotated[FieldModel, Tag("<field>")],
    Discriminator(lambda value: "<field>" if isinstance(value, dict) else "<type>"),
]

DaySpans: TypeAlias = Annotated[
    Annotated[Span, Tag("<span>")]
    | Annotated[list[Span], Tag("<spans>")]
    | Annotated[dict[Day, Line], Tag("<holidays>")],
    Discriminator(
        lambda value: (
            "<holidays>" if isinstance(value, dict) else "<spans>" if isinstance(value, list) else "<span>"
        )
    ),
]


class AppointmentSettings(Model):
    """A calendar in which callers book a window of time."""

    windows: dict[AnyText, DaySpans] = Field(
        description="The windows of each day, as in `hours`.",
        min_length=1,
        examples=[{"mon-fri": "[09:00..12:00, 15:00..18:00]"}],
    )
    capacity: Count = Field(1, description="How many may book the same window.", examples=[2])
    first: Level = Field(1, description="How many days ahead at least; 0 is today.", examples=[1])
    last: Level = Field(14, description="How many days ahead at most.", examples=[14])


class LintSettings(Model):
    """Rules that `ivr check` looks at besides what is wrong for certain."""

    packs: list[Pack] = Field(
        default_factory=lambda: [Text("core")],
        description="The packs of rules.",
        examples=[["core", "human"]],
    )
    severity: dict[AnyText, Severity] = Field(
        default_factory=dict,
        description="What a rule's finding is here, by the rule's id: a warning, an error, or off.",
        examples=[{"ERR-5": "off"}],
    )


class CenterModel(Model):
    """A center: what its flows, callers and agents have in common."""

    center: Line = Field(description="Its name.", examples=["Northlight"])
    timezone: Line = Field(Text("UTC"), description="An IANA time zone.", examples=["Europe/Berlin"])
    language: Line = Field(Text("en"), description="The language of plain texts.", examples=["en"])
    currency: Line = Field(Text("EUR"), description="An ISO 4217 code.", examples=["EUR"])
    caller_id: Number | None = Field(None, description="The number shown when the center dials.")
    starts: Moment | None = Field(None, description="Local time at which virtual time begins.")
    numbers: dict[Number, Name] = Field(description="What callers dial, and the flow they get.", min_length=1)
    contacts: dict[Name, Number] = Field(default_factory=dict, description="People outside, by name.")
    hours: dict[Name, dict[AnyText, DaySpans]] = Field(
        default_factory=dict, description="Opening hours.", examples=[{"office": {"mon-fri": "08:00..20:00"}}]
    )
    appointments: dict[Name, AppointmentSettings] = Field(
        default_factory=dict, description="Calendars in which callers book a window of time."
    )
    triggers: dict[Name, TriggerModel] = Field(
        default_factory=dict, description="What starts a flow without a call."
    )
    data: dict[AnyText, dict[AnyText, DataField]] = Field(
        default_factory=dict,
        description="What flows may read, with types.",
        examples=[{"customer": {"name": "text"}}],
    )
    queues: dict[Name, QueueSettings] = Field(default_factory=dict, description="The queues.")
    agents: dict[Name, AgentModel] = Field(default_factory=dict, description="The agents.")
    world: WorldSettings = Field(default_factory=WorldSettings, description="The emulated company.")
    effort: EffortModel = Field(default_factory=EffortModel, description="Weights of the effort index.")
    loyalty: LoyaltyModel = Field(
        default_factory=LoyaltyModel, description="Parameters of the loyalty model."
    )
    funnel: list[FunnelStepModel] = Field(
        default_factory=list,
        description="Steps through several hands, in order: how far customers come.",
        max_length=FUNNEL_STEPS_MAX,
    )
    lint: LintSettings = Field(
        default_factory=LintSettings, description="Which rules are checked (docs/reference/rules.md)."
    )
