"""`scripts:` of a people file as authors write them: what agents say and do in talks, and what callers answer."""

from typing import Annotated

from pydantic import Field

from ivr.language.fields import AnyText, Boolean, Condition, Duration, Line, Model, Name, Spoken
from ivr.language.step_parts import Values
from ivr.language.tree import Text
from ivr.limits import SCRIPT_ACTS_MAX


class ActModel(Model):
    """One thing an agent says or does in a talk; with `says`, these are the words to it."""

    says: Spoken | None = Field(
        None, description="The words.", examples=["The offer is for new customers only."]
    )
    about: Line | None = Field(
        None,
        description="With `says` alone: what the words are about, for callers to answer it.",
        examples=["regulation"],
    )
    asks: Name | None = Field(
        None, description="Asks the caller for a datum, and waits for the answer.", examples=["contract"]
    )
    known_as: Line | None = Field(
        None,
        description="With `asks`: the field of the center's data that has it; what came with the call is not asked.",
        examples=["customer.contract"],
    )
    unknown: Line | None = Field(
        None, description="Does not know about this.", examples=["offers for existing customers"]
    )
    refuses: Line | None = Field(None, description="Will not do this.", examples=["cancellation"])
    refers: Line | None = Field(
        None,
        description="Sends the caller elsewhere without passing them on: they have to call again themselves.",
        examples=["service department"],
    )
    promises: Line | None = Field(
        None, description="Promises this; `within` says by when.", examples=["a call from the installer"]
    )
    within: Duration | None = Field(None, description="With `promises`: by when.", examples=["2h"])
    offers: Line | None = Field(
        None, description="Offers this, and waits for the answer.", examples=["discount 30"]
    )
    detail: Line | None = Field(None, description="With `offers`: how much it is.", examples=["30 %"])
    grants: Line | None = Field(
        None,
        description="Grants this, if the script `may`; otherwise does `else`.",
        examples=["compensation"],
    )
    settles: Line | None = Field(
        None, description="The matter is done, and nothing is left to do.", examples=["cancellation"]
    )
    does: Name | None = Field(
        None, description="Has a lookup or a run of the center done.", examples=["cancel-service"]
    )
    with_: Values = Field(
        default_factory=dict,
        alias="with",
        description="What `does` needs; `told.NAME` is what the caller said when asked for NAME.",
        examples=[{"contract": "told.contract"}],
    )
    on: dict[Name, list["ActModel"]] = Field(
        default_factory=dict,
        description="What follows an outcome: of `does` its own, of `offers` accepted and declined, of "
        "`consults` answered and failed.",
    )
    holds: Duration | None = Field(None, description="Puts the caller on hold for so long.", examples=["5m"])
    consults: Name | None = Field(
        None,
        description="Asks an agent, a queue or a contact, while the caller is on hold.",
        examples=["boris"],
    )
    lasts: Duration = Field(60_000, description="How long a consultation takes.", examples=["2m"])
    transfers: Line | None = Field(
        None,
        description="Passes the caller on: to a queue, an agent, a number or a contact. In {{ }} it is a value that "
        "the agent sees; where that is nobody, what is written next follows.",
        examples=["specialists", "{{ office.line }}"],
    )
    waits: Duration | None = Field(None, description="Says nothing for so long.", examples=["10s"])
    if_: Condition | None = Field(
        None,
        alias="if",
        description="A condition of what the agent sees of the caller.",
        examples=["customer.debt > 0"],
    )
    then: list["ActModel"] = Field(
        default_factory=list, description="What follows when it holds, or has been granted."
    )
    else_: list["ActModel"] = Field(
        default_factory=list,
        alias="else",
        description="What follows when it does not, or may not be granted.",
    )
    topic: Name | None = Field(None, description="Goes on with another topic.", examples=["cancel"])
    hangs_up: Boolean = Field(False, description="Ends the talk.")


class ScriptModel(Model):
    """What agents of a kind say in talks, know, and may grant."""

    greets: list[ActModel] = Field(
        default_factory=list, description="How a talk begins.", max_length=SCRIPT_ACTS_MAX
    )
    topics: dict[Name, Annotated[list[ActModel], Field(max_length=SCRIPT_ACTS_MAX)]] = Field(
        default_factory=dict,
        description="What follows when a caller wants this. A topic that is not here they know nothing about.",
    )
    hears: dict[Name, list[Line]] = Field(
        default_factory=dict,
        description="Words by which a topic is understood from somebody who only talks, beside its name.",
        examples=[{"cancel": ["terminate", "расторгнуть"]}],
    )
    otherwise: list[ActModel] = Field(
        default_factory=list,
        description="What follows when a caller wants anything else.",
        max_length=SCRIPT_ACTS_MAX,
    )
    may: list[Line] = Field(
        default_factory=list, description="What they may grant.", examples=[["compensation"]]
    )


class ReplyModel(Model):
    """What a caller answers to something an agent says; each reply is used once, unless it is for `always`."""

    to: Name = Field(
        description="The act that is answered: asks, offers, refuses, unknown, ...", examples=["offers"]
    )
    about: Line | None = Field(None, description="Only when it is about this.", examples=["discount 30"])
    says: Spoken | None = Field(None, description="The words.", examples=["I do not use it."])
    act: Name = Field(
        Text("says"),
        description="What that is: accepts, declines, answers, wants, ...",
        examples=["declines"],
    )
    wants: Name | None = Field(None, description="What the caller wants from now on.", examples=["director"])
    because: Line | None = Field(
        None, description="Why an offer is declined; `not_for_me`: it does not fit.", examples=["not_for_me"]
    )
    always: Boolean = Field(False, description="Whether it may be said again.")
    hangs_up: Boolean = Field(False, description="Ends the call after it.")


class ConversationModel(Model):
    """What a caller says in talks."""

    wants: Name | None = Field(
        None, description="What they call about: a topic of the agents' scripts.", examples=["cancel"]
    )
    says: Spoken | None = Field(None, description="The words for it.", examples=["I would like to cancel."])
    knows: dict[Name, AnyText] = Field(
        default_factory=dict,
        description="What they answer when asked for a datum.",
        examples=[{"contract": "40711"}],
    )
    replies: list[ReplyModel] = Field(
        default_factory=list, description="What else they answer.", max_length=SCRIPT_ACTS_MAX
    )
