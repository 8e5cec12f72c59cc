"""The verbs that reach beyond a call, as authors write them: dial, send, work, appointment."""

from pydantic import Field

from ivr.language.fields import (
    AnyText,
    AppointmentWay,
    Channel,
    Condition,
    Count,
    Duration,
    DurationOrZero,
    Level,
    Name,
    Number,
    Span,
    Spoken,
)
from ivr.language.step_parts import CARRY, ListenModel, VerbModel
from ivr.language.tree import Text


class DialModel(VerbModel):
    """Call a number: who answers is the caller of a flow that has none, or talks to the one it has."""

    dial: Condition = Field(
        description="The number; a fixed one in quotes.", examples=["customer.phone", '"+49151000000"']
    )
    caller_id: Number | None = Field(
        None,
        description="The number that is shown, or `withheld`; else the center's.",
        examples=["+49301000", "withheld"],
    )
    ring: Duration = Field(25_000, description="How long to let it ring.", examples=["25s"])


class SendModel(VerbModel):
    """Send a message, and perhaps wait for the answer."""

    send: Channel = Field(description="How: sms, email or push.", examples=["sms"])
    to: Condition | None = Field(
        None, description="The address; else the caller's number.", examples=["customer.email"]
    )
    text: Spoken = Field(description="What is written.", examples=["Your reference is {{ vars.reference }}."])
    subject: Spoken | None = Field(None, description="The subject of an email.", examples=["Your contract"])
    expect_reply: Duration | None = Field(
        None, description="How long to wait for an answer; else none is waited for.", examples=["10m"]
    )
    into: Name | None = Field(None, description="The variable that takes the answer.", examples=["answer"])


class WorkModel(VerbModel):
    """Order work from agents who go there; how it ends is handled later, without a caller."""

    work: Name = Field(description="The queue whose agents do it.", examples=["installers"])
    due: Span | None = Field(
        None, description="When, in local time; else at once.", examples=["15:00..18:00"]
    )
    day: Condition | None = Field(
        None, description="On which day; else today, or tomorrow.", examples=["customer.install_on"]
    )
    appointment: Name | None = Field(
        None, description="In the window of this appointment instead.", examples=["installation"]
    )
    for_: Condition | None = Field(
        None, alias="for", description="Whose appointment; else the caller's number's."
    )
    within: Duration | None = Field(
        None, description="How soon, where there is no window; else within a day.", examples=["4h"]
    )
    grace: DurationOrZero = Field(
        0, description="How long after the window an agent may still begin, late.", examples=["1h"]
    )
    skills: dict[Name, Level] = Field(default_factory=dict, description="Skills needed, with levels.")
    priority: Condition | None = Field(None, description="Higher goes first.", examples=["10"])
    what: AnyText | None = Field(
        None, description="What is to be done, as the agent reads it.", examples=["Install the router"]
    )
    location: AnyText | None = Field(
        None, alias="place", description="Where, as the agent reads it.", examples=["{{ customer.address }}"]
    )
    carry: list[Name] = Field(default_factory=list, description=CARRY, examples=[["customer"]])


class AppointmentModel(VerbModel):
    """Let the caller book, confirm, move or cancel an appointment in a calendar of the center."""

    appointment: Name = Field(description="The calendar.", examples=["installation"])
    do: AppointmentWay = Field(
        Text("book"), description="What: book, confirm, move or cancel.", examples=["book", "move"]
    )
    for_: Condition | None = Field(
        None, alias="for", description="Whose it is; else the caller's number's.", examples=["customer.phone"]
    )
    say: Spoken | None = Field(
        None,
        description="The question; the windows and keys are added. Not needed to cancel.",
        examples=["When may we come?"],
    )
    windows: Count = Field(
        3, description="Windows read out at once, up to 5; 9 reads the next.", examples=[3]
    )
    again: Spoken | None = Field(None, description="The question after a miss.")
    listen: ListenModel | None = Field(None, description="How it listens.")
