"""`triggers:` of a center as authors write them: what starts a flow without a call."""

from datetime import time
from decimal import Decimal
from typing import Final

from pydantic import Field

from ivr.language.fields import (
    Amount,
    AnyText,
    CampaignMode,
    Channel,
    Condition,
    Count,
    CsvFile,
    Duration,
    DurationOrZero,
    Level,
    Model,
    Name,
    Number,
    Outcome,
    Share,
    TimeOfDay,
)
from ivr.language.tree import Text


class ScheduleModel(Model):
    """By the clock, once or for each row of a table."""

    at: TimeOfDay | None = Field(None, description="At this local time.", examples=["10:00"])
    days: AnyText = Field(Text("daily"), description="On these days.", examples=["mon-fri"])
    every: Duration | None = Field(None, description="Or every so often.", examples=["1h"])
    rows: Name | None = Field(None, description="For each row of this table.", examples=["customers"])
    when: Condition | None = Field(None, description="Only for rows like this.", examples=["row.debt > 0"])


class CrossingModel(Model):
    """When something becomes true of a row that was not true before."""

    rows: Name = Field(description="The table.", examples=["customers"])
    when: Condition = Field(description="What becomes true.", examples=["row.balance < 50"])


class ComingModel(Model):
    """When a date of a row comes near."""

    rows: Name = Field(description="The table.", examples=["cards"])
    date: AnyText = Field(description="The column with the date.", examples=["expires"])
    days_before: Level = Field(0, description="How many days before.", examples=[30])
    at: TimeOfDay = Field(time(9), description="At this local time.", examples=["09:00"])
    when: Condition | None = Field(None, description="Only for rows like this.", examples=["row.active"])


class EndedModel(Model):
    """When a call has ended in a certain way; what is left out does not matter."""

    number: Number | None = Field(None, description="It was to this number.", examples=["support"])
    flow: Name | None = Field(None, description="It began in this flow.", examples=["isp-main"])
    outcome: Name | None = Field(None, description="Its flow returned this.", examples=["cancelled"])
    state: Outcome | None = Field(None, description="It ended in this state.", examples=["message"])


class CampaignModel(Model):
    """A list of numbers is called, paced to the agents who are ready."""

    list: CsvFile = Field(description="A CSV file in the center's folder.", examples=["leads.csv"])
    queue: Name = Field(description="The queue whose agents it is paced to.", examples=["sales"])
    mode: CampaignMode = Field(
        Text("progressive"),
        description="preview: an agent sees the lead before it is dialled; progressive: one call for a ready agent; "
        "ratio: more.",
        examples=["ratio"],
    )
    ratio: Amount = Field(
        Decimal(1), description="Calls for a ready agent, with mode: ratio.", examples=[1.5]
    )
    max_drop: Share = Field(
        0.03,
        description="While a greater share of answers reaches no agent in 2 s, the ratio is 1.",
        examples=["3%"],
    )
    hours: Name | None = Field(None, description="When it calls; else always.", examples=["office"])
    tries: Count = Field(1, description="How often a number is tried.", examples=[3])
    retry_every: Duration = Field(3_600_000, description="Pause between the tries.", examples=["1h"])
    priority: Level = Field(0, description="With mode: preview, that of the lead in the queue.", examples=[0])


class TriggerModel(Model):
    """Starts a flow without a call; exactly one of the kinds below says when."""

    flow: Name = Field(description="The flow that begins.", examples=["low-balance"])
    after: DurationOrZero = Field(0, description="So much later.", examples=["5m"])
    schedule: ScheduleModel | None = Field(None, description="By the clock.")
    becomes: CrossingModel | None = Field(None, description="A row crosses a threshold.")
    comes: ComingModel | None = Field(None, description="A date of a row comes near.")
    missed_call: list[Number] | None = Field(
        None, description="A call to one of these numbers ended without a talk.", examples=[["sales"]]
    )
    call_ended: EndedModel | None = Field(None, description="A call ended in a certain way.")
    campaign: CampaignModel | None = Field(None, description="A list of numbers is called.")
    message: Channel | None = Field(None, description="Somebody writes, and no flow waits for it.")
    into: Name | None = Field(
        None, description="The data root that shows the row to the flow.", examples=["customer"]
    )
    phone: AnyText = Field(
        Text("phone"), description="The column with the number, which is then `caller.number`."
    )

    @property
    def table(self) -> Text | None:
        """The table whose rows it looks at, if it does."""
        part = self.schedule or self.becomes or self.comes
        return part.rows if part is not None else None


KINDS: Final = ("schedule", "becomes", "comes", "missed_call", "call_ended", "message", "campaign")
