"""`story.yaml` as authors write it: one customer, one matter, and the timeline of their days.

A story stands in a folder beside two centers, `as-told/` and `improved/`; what the customer does is the same in both.
"""

from pydantic import Field

from ivr.language.fields import (
    AnyText,
    Boolean,
    Channel,
    Duration,
    DurationOrZero,
    Line,
    Model,
    Moment,
    Name,
    Number,
)
from ivr.language.step_parts import Values
from ivr.language.tree import Text
from ivr.language.trial_models import CallerStep
from ivr.limits import STORY_ENTRIES_MAX, TRIAL_STEPS_MAX


class StoryCustomerModel(Model):
    """Whose story it is."""

    name: Line = Field(description="Their name.", examples=["Ada Brandt"])
    phone: Number = Field(
        description="The number they call from, and are called at.", examples=["+491510000001"]
    )


class CallsModel(Model):
    """The customer calls."""

    number: Number = Field(description="The number dialled.", examples=["sales"])
    caller: list[CallerStep] = Field(
        default_factory=list, description="What they do, as in a test.", max_length=TRIAL_STEPS_MAX
    )


class IsCalledModel(Model):
    """The customer is called."""

    within: Duration = Field(description="How soon the center has to call.", examples=["10m"])
    answers: Boolean = Field(True, description="Whether they answer.")
    caller: list[CallerStep] = Field(
        default_factory=list, description="What they do then, as in a test.", max_length=TRIAL_STEPS_MAX
    )


class GetsModel(Model):
    """The customer gets a message."""

    channel: Channel = Field(description="By what.", examples=["sms"])
    contains: AnyText | None = Field(None, description="What it says.", examples=["password"])
    within: Duration = Field(description="How soon it has to come.", examples=["1h"])


class ChangesModel(Model):
    """Something changes in the world, whoever calls: a row of a table."""

    table: Name = Field(description="The table.", examples=["cards"])
    where: Values = Field(
        description="Columns and values by which the row is found.", examples=[{"owner": "Ada"}]
    )
    sets: Values = Field(description="Columns and their new values.", examples=[{"expires": "2026-11-30"}])


class EntryModel(Model):
    """One thing that happens: when, and exactly one of the kinds below."""

    on: Moment | None = Field(None, description="At this local time.", examples=["2026-12-03T10:00"])
    after: DurationOrZero | None = Field(
        None, description="So long after the entry before has ended.", examples=["5m"]
    )
    tells: AnyText | None = Field(
        None, description="A sentence for the reader.", examples=["She finds a leaflet."]
    )
    calls: CallsModel | None = Field(None, description="The customer calls.")
    is_called: IsCalledModel | None = Field(None, description="The customer is called.")
    gets: GetsModel | None = Field(None, description="The customer gets a message.")
    visits: Line | None = Field(
        None, description="The customer goes to a place.", examples=["the head office"]
    )
    changes: ChangesModel | None = Field(None, description="Something changes in the world.")
    facts: dict[AnyText, Line] = Field(
        default_factory=dict,
        description="What of the true story this is, by number: for readers and for tests.",
        examples=[{"1": "the missed call is returned after five minutes"}],
    )


class StoryModel(Model):
    """A story: what happened to a customer with a center, day by day."""

    story: Line = Field(description="Its title.", examples=["New year, old customer"])
    customer: StoryCustomerModel = Field(description="Whose it is.")
    matter: Line = Field(
        description="What it is about; contacts about it belong together.", examples=["a discount"]
    )
    language: Line = Field(Text("en"), description="The language of the customer.", examples=["ru"])
    description: AnyText | None = Field(None, description="What it shows.")
    timeline: list[EntryModel] = Field(
        description="What happens, in order.", min_length=1, max_length=STORY_ENTRIES_MAX
    )


KINDS = ("tells", "calls", "is_called", "gets", "visits", "changes")
