"""`world:` of `center.yaml` as authors write it: the emulated company behind the phones."""

from typing import Annotated, Any, Final, TypeAlias

from pydantic import Discriminator, Field, Tag

from ivr.language.fields import (
    Amount,
    AnyText,
    Channel,
    ColumnLaw,
    Condition,
    Count,
    Duration,
    DurationOrZero,
    FieldError,
    Line,
    Model,
    Moment,
    Name,
    Outcome,
    Scalar,
    Share,
    TimeOfDay,
    TypeName,
)
from ivr.language.law_models import Spread
from ivr.language.step_parts import Values
from ivr.language.tree import Text

Choices: TypeAlias = Annotated[
    Annotated[list[AnyText], Tag("<list>"), Field(min_length=1, max_length=1_000)]
    | Annotated[dict[AnyText, Amount], Tag("<weights>"), Field(min_length=1, max_length=1_000)],
    Discriminator(lambda value: "<weights>" if isinstance(value, dict) else "<list>"),
]


def _tag_of_column(value: object) -> str:
    if isinstance(value, dict):
        return "<column>"
    return "<share>" if isinstance(value, Text) and value.endswith("%") and not value.style else "<constant>"


def _method(text: Text) -> Text:
    if text not in METHODS:
        raise FieldError(f"{text[:40]!r} cannot be used here", f"write {', '.join(METHODS)}")
    return text


METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
HttpMethod: TypeAlias = Annotated[Text, Scalar(_method, {"enum": [*METHODS]})]


class HttpModel(Model):
    """A service of yours, which a served center asks instead of the emulated company."""

    url: AnyText = Field(
        description="Where; `{name}` stands for an argument, `{caller}` for the caller's number.",
        examples=["http://127.0.0.1:9000/customers/{phone}"],
    )
    method: HttpMethod | None = Field(
        None, description="GET for a lookup, POST for a run, unless this says otherwise.", examples=["PUT"]
    )
    headers: dict[AnyText, AnyText] = Field(
        default_factory=dict,
        description="Headers; `env:NAME` is taken from the environment of the server.",
        examples=[{"Authorization": "env:BILLING_TOKEN"}],
    )
    timeout: Duration | None = Field(
        None, description="After how long the service is given up: `failed.timeout`.", examples=["3s"]
    )


class LookupSettings(Model):
    """A lookup the emulated company answers from a table, or a service of yours."""

    args: dict[AnyText, TypeName] = Field(default_factory=dict, description="Its arguments and their types.")
    from_: Name | None = Field(None, alias="from", description="The table.", examples=["customers"])
    match: dict[AnyText, AnyText] = Field(
        default_factory=dict,
        description="Column to argument, or to `caller`.",
        examples=[{"phone": "caller"}],
    )
    http: HttpModel | None = Field(None, description="The service that answers instead of a table.")
    into: Name = Field(description="The data root that is filled.", examples=["customer"])
    takes: DurationOrZero = Field(0, description="How long it takes.", examples=["200ms"])
    fails: Share = Field(0.0, description="The share of requests that fail.", examples=["0%"])
    timeout: Duration = Field(5_000, description="How long a flow waits for it.", examples=["5s"])


class RowModel(Model):
    """The row of a table an action works on."""

    from_: Name = Field(alias="from", description="The table.", examples=["customers"])
    match: dict[AnyText, AnyText] = Field(description="Column to argument, or to `caller`.", min_length=1)


class RunSettings(Model):
    """An action the emulated company carries out, or a service of yours."""

    args: dict[AnyText, TypeName] = Field(default_factory=dict, description="Its arguments and their types.")
    http: HttpModel | None = Field(None, description="The service that does it instead.")
    row: RowModel | None = Field(None, description="The row it works on.")
    sees: dict[Name, RowModel] = Field(
        default_factory=dict,
        description="Rows of other tables that its expressions read, by the name under which they do.",
        max_length=10,
        examples=[{"card": {"from": "cards", "match": {"number": "card"}}}],
    )
    declines: dict[Name, Condition] = Field(
        default_factory=dict,
        description="Why it is not done: the first condition that holds is the outcome `declined.NAME`.",
        max_length=100,
        examples=[{"expired": "card.expires < today"}],
    )
    sets: Values = Field(default_factory=dict, description="Columns it changes; expressions, or quoted text.")
    gives: Values = Field(default_factory=dict, description="What it answers; expressions, or quoted text.")
    result: dict[AnyText, TypeName] = Field(default_factory=dict, description="Types of what it answers.")
    into: Name | None = Field(None, description="The data root that then shows the row as it is now.")
    takes: DurationOrZero = Field(0, description="How long it takes.", examples=["2s"])
    fails: Share = Field(0.0, description="The share of requests that fail.", examples=["0%"])
    declined: Share = Field(0.0, description="The share of requests that are declined.", examples=["5%"])
    timeout: Duration = Field(5_000, description="How long a flow waits for it.", examples=["5s"])
    settles: AnyText | None = Field(
        None,
        description="Done, it settles what the customer came for: `true`, or the one matter that it settles.",
        examples=["true", "a new address"],
    )


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


class ColumnModel(Model):
    """How a column of generated rows gets its values; exactly one of one_of, pattern, law and value."""

    one_of: Choices | None = Field(
        None,
        description="One of these, each as likely, or by their weights.",
        examples=[["north", "south"], {"home": 6, "business": 1}],
    )
    pattern: AnyText | None = Field(
        None,
        description="The row's number, from 1, in place of the signs #, padded with zeros; a single # is not padded.",
        examples=["+7900#######", "customer #"],
    )
    law: ColumnLaw | None = Field(
        None,
        description="A law: exponential, lognormal, gamma or weibull with a mean, uniform with low and high.",
        examples=["lognormal"],
    )
    mean: Amount | None = Field(None, description="Its mean.", examples=[350])
    cv: Spread | None = Field(
        None,
        description="Of lognormal and gamma: the standard deviation as a part of the mean.",
        examples=[0.8],
    )
    shape: Spread | None = Field(None, description="Of weibull: the shape.", examples=[1.5])
    low: AnyText | None = Field(None, description="Of uniform: the least value.", examples=["2026-01-01"])
    high: AnyText | None = Field(None, description="Of uniform: the greatest value.", examples=["2026-12-31"])
    value: AnyText | None = Field(
        None,
        description="An expression over the columns above it, or quoted text.",
        examples=["30 if row.tier == 'home' else 90"],
    )


Column: TypeAlias = Annotated[
    Annotated[AnyText, Tag("<constant>")]
    | Annotated[Share, Tag("<share>")]
    | Annotated[ColumnModel, Tag("<column>")],
    Discriminator(_tag_of_column),
]
"""The same for every row; or, of a yes-or-no column, the share of rows with yes; or drawn."""


class GenerateModel(Model):
    """Rows made by chance: always the same ones, as long as seed, table and column keep their names."""

    rows: Count = Field(description="How many.", examples=[10000])
    seed: Line = Field(Text("1"), description="What chance begins with.", examples=["7"])
    columns: dict[AnyText, Column] = Field(
        description="Each column's values.",
        min_length=1,
        max_length=40,
        examples=[{"phone": {"pattern": "+7900#######"}}],
    )


class TableModel(Model):
    """A table with generated rows, after those that are written."""

    rows: list[dict[AnyText, Any]] = Field(default_factory=list, description="Written rows.")
    generate: GenerateModel = Field(description="Generated rows.")


Table: TypeAlias = Annotated[
    Annotated[list[dict[AnyText, Any]], Tag("<rows>")] | Annotated[TableModel, Tag("<table>")],
    Discriminator(lambda value: "<table>" if isinstance(value, dict) else "<rows>"),
]


class ProcessModel(Model):
    """A change of rows that goes on by itself: every so often, for each row that fits."""

    rows: Name = Field(description="The table.", examples=["customers"])
    every: Duration | None = Field(
        None, description="How often; whole days where there is `at`.", examples=["1h", "30d"]
    )
    at: TimeOfDay | None = Field(
        None, description="At this local time, every day if nothing else is said.", examples=["00:00"]
    )
    days: AnyText = Field(Text("daily"), description="On these days.", examples=["mon-fri"])
    when: Condition | None = Field(None, description="Only for rows like this.", examples=["row.active"])
    chance: Share = Field(1.0, description="How likely it is each time for each of them.", examples=["30%"])
    sets: Values = Field(
        description="Columns it changes; expressions, or quoted text.",
        min_length=1,
        examples=[{"balance": "row.balance - row.price / 30"}],
    )


class WorldSettings(Model):
    """The emulated company behind the phones."""

    channels: dict[Channel, ChannelSettings] = Field(
        default_factory=dict, description="How messages go: sms, email, push."
    )

    tables: dict[Name, Table] = Field(
        default_factory=dict, description="Rows by table: a list of them, or how they are generated."
    )
    lookups: dict[Name, LookupSettings] = Field(default_factory=dict, description="What flows may ask.")
    runs: dict[Name, RunSettings] = Field(default_factory=dict, description="What flows may have done.")
    processes: dict[Name, ProcessModel] = Field(
        default_factory=dict, description="What changes rows by itself.", max_length=100
    )
    faults: dict[Name, FaultModel] = Field(
        default_factory=dict, description="What is broken or slow, and when.", max_length=100
    )
