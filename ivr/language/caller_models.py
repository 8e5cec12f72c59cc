"""The verbs that find out about the caller, as authors write them: identify, consent."""

from pydantic import Field

from ivr.core.flow.steps.consent import AGREED, REFUSED
from ivr.language.fields import (
    Boolean,
    ConsentAnswer,
    Count,
    Digits,
    Duration,
    Key,
    Model,
    Name,
    Spoken,
)
from ivr.language.step_parts import ListenModel, MockModel, RetryModel, Values, VerbModel
from ivr.language.tree import Text


class IdentifyWayModel(Model):
    """One way to find out who calls: a lookup, perhaps after a question."""

    lookup: Name = Field(description="The lookup.", examples=["customer-by-phone"])
    with_: Values = Field(default_factory=dict, alias="with", description="Its arguments.")
    timeout: Duration | None = Field(None, description="How long to wait for the answer.", examples=["2s"])
    retry: RetryModel | None = Field(None, description="How often to try again.")
    mock: MockModel | None = Field(None, description="An answer to make up, instead of asking.")
    ask: Spoken | None = Field(
        None, description="What the caller is asked first.", examples=["Your contract number?"]
    )
    again: Spoken | None = Field(
        None,
        description="The question after a miss, and when nothing was found.",
        examples=["Once more, please."],
    )
    digits: Digits = Field((1, 20), description="How many digits, as in `ask`.", examples=["4..10"])
    into: Name | None = Field(None, description="The variable that takes the digits.", examples=["contract"])
    end_key: Key | None = Field(None, description="The key that ends the entry.", examples=["hash"])
    skip_key: Key | None = Field(None, description="The key that goes on to the next way.", examples=["star"])
    confirm: Spoken | None = Field(None, description="Reads the entry back; 1 confirms, 2 asks again.")
    secret: Boolean = Field(False, description="Whether the digits are hidden, as in `ask`.")
    listen: ListenModel | None = Field(None, description="How it listens.")
    tries: Count = Field(2, description="How often it is asked when nothing is found, up to 5.", examples=[2])


class IdentifyModel(VerbModel):
    """Find out who calls, by one way after another; what is known already is not asked again."""

    identify: Name = Field(description="The data root to be filled.", examples=["customer"])
    by: list[IdentifyWayModel] = Field(min_length=1, max_length=10, description="The ways, in order.")


class ConsentKeysModel(Model):
    """The keys of a consent."""

    agree: Key = Field("1", description="The key that agrees.", examples=[1])
    refuse: Key = Field("2", description="The key that refuses.", examples=[2])


class ConsentModel(VerbModel):
    """Ask for consent, or say that something will be done; the answer is kept for the call."""

    consent: Name = Field(description="What for; its name in reports.", examples=["recording"])
    say: Spoken | None = Field(
        None, description="The question; the keys are added.", examples=["May we record this call?"]
    )
    notice: Spoken | None = Field(
        None, description="Instead of a question: what is announced.", examples=["This call may be recorded."]
    )
    keys: ConsentKeysModel = Field(default_factory=ConsentKeysModel, description="The keys.")
    silence: ConsentAnswer = Field(
        Text(REFUSED), description="What no answer counts as.", examples=[REFUSED, AGREED]
    )
    record: Boolean = Field(
        False, description="Whether the call is recorded from here on, unless it was refused."
    )
    again: Spoken | None = Field(None, description="The question after a miss.")
    listen: ListenModel | None = Field(None, description="How it listens.")
