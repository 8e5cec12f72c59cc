"""What every step has, and the maps inside a step: how it listens, tries again, announces, offers."""

from typing import TYPE_CHECKING, Final, TypeAlias

from pydantic import Field

from ivr.language.fields import (
    Amount,
    AnnounceKind,
    AnyText,
    Condition,
    Count,
    Duration,
    DurationOrZero,
    Key,
    Level,
    Model,
    Name,
    Outcome,
    Percent,
    Spoken,
    StartOr,
)
from ivr.language.tree import Text

if TYPE_CHECKING:
    from ivr.language.models import Handler

Values: TypeAlias = dict[AnyText, AnyText]
Handlers: TypeAlias = dict[Outcome, "Handler"]

CARRY: Final = "Data that the agent is shown with the call; without it they begin knowing nothing."


class VerbModel(Model):
    """What every step has."""

    on: Handlers = Field(
        default_factory=dict,
        description="What to do for each outcome: a state's name, a step, or a list of steps.",
        examples=[{"failed": "sorry"}],
    )


class ListenModel(Model):
    """How a step listens."""

    silence: Duration | None = Field(None, description="How long to wait for the first key.", examples=["5s"])
    between_digits: Duration | None = Field(
        None, description="The longest pause between digits.", examples=["2s"]
    )
    tries: Count | None = Field(None, description="Misses of both kinds before giving up.", examples=[3])
    repeat_after: Duration | None = Field(
        None,
        description="After so much silence the prompt is said once more, before silence counts.",
        examples=["4s"],
    )


class RetryModel(Model):
    """How often to try again."""

    tries: Count = Field(2, description="Attempts in all.", examples=[3])
    every: DurationOrZero = Field(1_000, description="Pause between them.", examples=["2s"])


class MockModel(Model):
    """An answer that is made up."""

    outcome: Outcome = Field(
        Text("ok"), description="How it goes: ok, or an outcome of the step.", examples=["ok", "declined"]
    )
    result: dict[Name, AnyText] = Field(
        default_factory=dict, description="The fields of the answer.", examples=[{"reference": "40711"}]
    )
    takes: DurationOrZero = Field(0, description="How long it takes.", examples=["300ms"])


class AnnounceModel(Model):
    """Something said to a waiting caller, once or again and again."""

    at: StartOr | None = Field(None, description="When, after joining.", examples=["start", "30s"])
    every: Duration | None = Field(None, description="How often.", examples=["60s"])
    kind: AnnounceKind = Field(
        Text("info"), description="promo: it advertises; only rules look at it.", examples=["promo"]
    )
    say: Spoken = Field(description="The text.", examples=["You are number {{ queue.position }} in line."])


class RelaxModel(Model):
    """Skills that are asked for instead, from some wait on."""

    after: Duration = Field(description="How long after joining.", examples=["30s"])
    skills: dict[Name, Level] = Field(
        default_factory=dict, description="What is asked for then; nothing: anybody will do."
    )


class PreferModel(Model):
    """The agent whom the caller would like best."""

    agent: Condition | None = Field(
        None, description="Their name: an expression, or quoted text.", examples=["customer.manager"]
    )
    last: Duration | None = Field(
        None, description="Whom the caller talked to last, if it is not longer ago.", examples=["7d"]
    )
    wait: DurationOrZero = Field(
        0, description="While they are busy, how long nobody else is asked.", examples=["60s"]
    )


class CallbackOfferModel(Model):
    """A callback offered to a waiting caller."""

    after: DurationOrZero = Field(0, description="How long after joining.", examples=["2m"])
    when: Condition | None = Field(None, description="Only when this holds.", examples=["queue.wait > 180"])
    key: Key = Field(description="The key that takes it.", examples=[1])
    say: Spoken = Field(description="How it is offered.", examples=["Press 1 to be called back."])


class RungModel(Model):
    """One offer of the ladder."""

    percent: Percent | None = Field(None, description="Percent off the price.", examples=[30])
    amount: Amount | None = Field(None, description="An amount off the price.", examples=["5.00"])
    months: Level = Field(0, description="For how many months.", examples=[6])
    when: Condition | None = Field(None, description="Who is eligible.", examples=["rules.loyal"])


class OfferKeysModel(Model):
    """The keys of an offer."""

    accept: Key = Field("1", description="The key that accepts.", examples=[1])
    decline: Key = Field("2", description="The key that declines.", examples=[2])
