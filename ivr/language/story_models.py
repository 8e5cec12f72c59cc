"""`story.yaml` as authors write it: one customer, one matter, and the timeline of their days.

A story stands in a folder beside two centers, `as-told/` and `improved/`; what the customer does is the same in both.
"""

from pydantic import Field

from ivr.language.fields import (
    Amount,
    AnyText,
    Boolean,
    Channel,
    Duration,
    DurationOrZero,
    Level,
    Line,
    Model,
    Moment,
    Name,
    Number,
    Spoken,
)
from ivr.language.step_parts import Values
from ivr.language.talk_models import ReplyModel
from ivr.language.tree import Text
from ivr.limits import SCRIPT_ACTS_MAX, STORY_ENTRIES_MAX


class StoryCustomerModel(Model):
    """Whose story it is."""

    name: Spoken = Field(description="Their name.", examples=["Ada Brandt"])
    phone: Number = Field(
        description="The number they call from, and are called at.", examples=["+491510000001"]
    )
    email: Line | None = Field(None, description="Their address for e-mail.", examples=["ada@example.org"])
    months: Level = Field(0, description="How long they have been a customer.", examples=[18])
    pays: Amount | None = Field(None, description="What they pay a month.", examples=["400"])
    rival_price: Amount | None = Field(
        None, description="What a rival asks for the same, as far as they know.", examples=["300"]
    )
    knows: dict[Name, AnyText] = Field(
        default_factory=dict,
        description="What they answer, or key, when asked for a datum.",
        examples=[{"contract": "40711"}],
    )
    replies: list[ReplyModel] = Field(
        default_factory=list,
        description="What they answer in any talk, where the entry says nothing.",
        max_length=SCRIPT_ACTS_MAX,
    )
    patience: Duration = Field(1_800_000, description="How long they wait in a queue.", examples=["15m"])
    picks_up_after: DurationOrZero = Field(
        6_000, description="How long their phone rings before they answer.", examples=["6s"]
    )


class CallsModel(Model):
    """The customer calls."""

    number: Number = Field(description="The number dialled.", examples=["sales"])
    phone: Number | None = Field(
        None,
        description="The number from which somebody else calls, a friend: their call is told, and not counted.",
        examples=["+491510000002"],
    )
    name: Spoken | None = Field(None, description="Who that is.", examples=["a friend"])
    menu: Spoken | None = Field(
        None, description="What they look for in menus: words of a label.", examples=["cancel"]
    )
    wants: Name | None = Field(
        None,
        description="What they want: a topic of the agents' scripts; else the matter.",
        examples=["cancel"],
    )
    says: Spoken | None = Field(None, description="The words for it.", examples=["I would like to cancel."])
    replies: list[ReplyModel] = Field(
        default_factory=list, description="What they answer.", max_length=SCRIPT_ACTS_MAX
    )
    accepts: Boolean = Field(False, description="Whether they accept offers.")
    patience: Duration | None = Field(None, description="How long they wait in a queue.", examples=["5m"])


class IsCalledModel(Model):
    """The company calls the customer."""

    within: Duration = Field(description="How soon it has to call.", examples=["10m"])
    answers: Boolean = Field(True, description="Whether they answer.")
    menu: Spoken | None = Field(None, description="As in `calls`.")
    wants: Name | None = Field(None, description="What they want then, if anything.", examples=["cancel"])
    says: Spoken | None = Field(None, description="The words for it.")
    replies: list[ReplyModel] = Field(
        default_factory=list, description="What they answer.", max_length=SCRIPT_ACTS_MAX
    )
    accepts: Boolean = Field(False, description="Whether they accept offers.")


class GetsModel(Model):
    """The customer gets a message."""

    channel: Channel = Field(description="By what.", examples=["sms"])
    contains: Spoken | None = Field(None, description="What it says.", examples=["password"])
    within: Duration = Field(description="How soon it has to come.", examples=["1h"])


class DoesModel(Model):
    """The customer does something by themselves: in the account, at a terminal, on the site."""

    channel: Name = Field(description="Where.", examples=["account"])
    at: Line = Field(Text(""), description="What they use there.", examples=["promised payment"])
    request: Name | None = Field(
        None, description="The lookup or run that this is.", examples=["promised-payment"]
    )
    with_: Values = Field(
        default_factory=dict, alias="with", description="What it needs.", examples=[{"amount": "100"}]
    )
    counts: Name | None = Field(
        None, description="A table whose rows they look through.", examples=["tariffs"]
    )
    where: Values = Field(
        default_factory=dict, description="With `counts`: which rows.", examples=[{"channel": "site"}]
    )


class MeetsModel(Model):
    """Somebody or something comes to the customer: a leaflet, a rival's agent, a bank, an office they go to."""

    channel: Name = Field(description="By what.", examples=["leaflet"])
    at: Line = Field(Text(""), description="Whose, or where.", examples=["a rival's agent"])
    about: Line = Field(Text(""), description="About what.", examples=["a cheaper tariff"])


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
    tells: Spoken | None = Field(
        None,
        description="A sentence for the reader, alone or with what happens.",
        examples=["She finds a leaflet."],
    )
    calls: CallsModel | None = Field(None, description="The customer calls.")
    is_called: IsCalledModel | None = Field(None, description="The customer is called.")
    gets: GetsModel | None = Field(None, description="The customer gets a message.")
    does: DoesModel | None = Field(None, description="The customer does something by themselves.")
    meets: MeetsModel | None = Field(
        None, description="The customer meets the company, or another, in another way."
    )
    changes: ChangesModel | None = Field(None, description="Something changes in the world.")
    then: list["EntryModel"] = Field(
        default_factory=list,
        description="What follows when it came about: the call or the message came, the request was granted.",
        max_length=STORY_ENTRIES_MAX,
    )
    else_: list["EntryModel"] = Field(
        default_factory=list,
        alias="else",
        description="What follows when it did not.",
        max_length=STORY_ENTRIES_MAX,
    )
    anyway: Boolean = Field(
        False, description="Whether it happens even when the matter is settled, and nothing is left to do."
    )
    facts: dict[AnyText, Spoken] = Field(
        default_factory=dict,
        description="What of the true story this is, by number: for readers and for tests.",
        examples=[{"1": "the missed call is returned after five minutes"}],
    )


class StoryModel(Model):
    """A story: what happened to a customer with a center, day by day."""

    story: Spoken = Field(description="Its title.", examples=["New year, old customer"])
    line: Spoken | None = Field(None, description="What it is about, in a line.")
    customer: StoryCustomerModel = Field(description="Whose it is.")
    matter: Name = Field(
        description="What it is about: a topic of the agents' scripts; contacts about it belong together.",
        examples=["discount"],
    )
    language: Line = Field(Text("en"), description="The language of the customer.", examples=["ru"])
    description: AnyText | None = Field(None, description="What it shows.")
    questions: Boolean = Field(
        False, description="Whether the five questions of the first story are answered on the scorecard."
    )
    watch: Duration = Field(
        2_592_000_000,
        description="How long after the last entry it is watched whether promises are kept.",
        examples=["30d"],
    )
    timeline: list[EntryModel] = Field(
        description="What happens, in order.", min_length=1, max_length=STORY_ENTRIES_MAX
    )


KINDS = ("calls", "is_called", "gets", "does", "meets", "changes")
"""Fields of an entry that say what happens; one with none of them only tells."""


def entries(timeline: list[EntryModel]) -> list[EntryModel]:
    """Every entry of a timeline, also those that only follow when something came about."""
    found = []
    for entry in timeline:
        found += [entry, *entries(entry.then), *entries(entry.else_)]
    return found
