"""`world:` of `center.yaml` as authors write it: the emulated company behind the phones."""

from typing import Any

from pydantic import Field

from ivr.language.fields import (
    AnyText,
    Channel,
    Duration,
    DurationOrZero,
    Model,
    Moment,
    Name,
    Outcome,
    Share,
    TypeName,
)
from ivr.language.step_parts import Values
from ivr.language.tree import Text


class LookupSettings(Model):
    """A lookup the emulated company answers from a table."""

    args: dict[AnyText, TypeName] = Field(default_factory=dict, description="Its arguments and their types.")
    from_: Name = Field(alias="from", description="The table.", examples=["customers"])
    match: dict[AnyText, AnyText] = Field(description="Column to argument, or to `caller`.", min_length=1)
    into: Name = Field(description="The data root that is filled.", examples=["customer"])
    takes: DurationOrZero = Field(0, description="How long it takes.", examples=["200ms"])
    fails: Share = Field(0.0, description="The share of requests that fail.", examples=["0%"])
    timeout: Duration = Field(5_000, description="How long a flow waits for it.", examples=["5s"])


class RowModel(Model):
    """The row of a table an action works on."""

    from_: Name = Field(alias="from", description="The table.", examples=["customers"])
    match: dict[AnyText, AnyText] = Field(description="Column to argument, or to `caller`.", min_length=1)


class RunSettings(Model):
    """An action the emulated company carries out."""

    args: dict[AnyText, TypeName] = Field(default_factory=dict, description="Its arguments and their types.")
    row: RowModel | None = Field(None, description="The row it works on.")
    sets: Values = Field(default_factory=dict, description="Columns it changes; expressions, or quoted text.")
    gives: Values = Field(default_factory=dict, description="What it answers; expressions, or quoted text.")
    result: dict[AnyText, TypeName] = Field(default_factory=dict, description="Types of what it answers.")
    into: Name | None = Field(None, description="The data root that then shows the row as it is now.")
    takes: DurationOrZero = Field(0, description="How long it takes.", examples=["2s"])
    fails: Share = Field(0.0, description="The share of requests that fail.", examples=["0%"])
    declined: Share = Field(0.0, description="The share of requests that are declined.", examples=["5%"])
    timeout: Duration = Field(5_000, description="How long a flow waits for it.", examples=["5s"])


class ChannelSettings(Model):
    """How messages of one channel go."""

    takes: DurationOrZero = Field(300, description="How long a message takes.", examples=["2s"])
    fails: Share = Field(0.0, description="The share of messages that cannot be delivered.", examples=["2%"])
    replies: Share = Field(0.0, description="The share that simulated people answer.", examples=["30%"])
    replies_after: DurationOrZero = Field(60_000, description="After how long.", examples=["2m"])
    replies_with: AnyText = Field(Text("yes"), description="With what.", examples=["yes"])


class FaultModel(Model):
    """A part of the company that does not work for a while, or only slowly; exactly one of the parts is named."""

    lookup: Name | None = Field(
        None, description="The lookup that is broken.", examples=["customer-by-phone"]
    )
    run: Name | None = Field(None, description="The run that is broken.", examples=["take-payment"])
    channel: Channel | None = Field(
        None, description="The channel whose messages do not go out.", examples=["sms"]
    )
    from_: Moment | None = Field(
        None, alias="from", description="Since when, in local time.", examples=["2026-12-01T00:00"]
    )
    until: Moment | None = Field(
        None, description="Until when, in local time.", examples=["2026-12-08T00:00"]
    )
    hours: Name | None = Field(
        None, description="Only in these hours of center.yaml.", examples=["night-backup"]
    )
    outcome: Outcome | None = Field(
        None,
        description="What the flow hears: failed.out_of_service, or nothing else than usual if there is only `takes`.",
        examples=["failed.out_of_order"],
    )
    share: Share = Field(1.0, description="The share of requests that it meets.", examples=["30%"])
    takes: DurationOrZero | None = Field(
        None, description="How long the answer takes then.", examples=["30s"]
    )


class WorldSettings(Model):
    """The emulated company behind the phones."""

    channels: dict[Channel, ChannelSettings] = Field(
        default_factory=dict, description="How messages go: sms, email, push."
    )

    tables: dict[Name, list[dict[AnyText, Any]]] = Field(default_factory=dict, description="Rows by table.")
    lookups: dict[Name, LookupSettings] = Field(default_factory=dict, description="What flows may ask.")
    runs: dict[Name, RunSettings] = Field(default_factory=dict, description="What flows may have done.")
    faults: dict[Name, FaultModel] = Field(
        default_factory=dict, description="What is broken or slow, and when.", max_length=100
    )
