"""The verbs of a flow as authors write them: a map whose key is the verb, and its options."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pydantic import Field

from ivr.core.flow.steps.work import RESULTS
from ivr.language.caller_models import ConsentModel, IdentifyModel
from ivr.language.fields import (
    Amount,
    AnyText,
    Boolean,
    Condition,
    Count,
    Digits,
    Duration,
    Key,
    Level,
    Line,
    Model,
    Name,
    Nothing,
    Spoken,
    TransferMode,
)
from ivr.language.promise_models import (
    AppointmentModel,
    DialModel,
    SendModel,
    WorkModel,
)
from ivr.language.step_parts import (
    CARRY,
    AnnounceModel,
    CallbackOfferModel,
    ListenModel,
    MockModel,
    OfferKeysModel,
    PreferModel,
    RelaxModel,
    RetryModel,
    RungModel,
    Values,
    VerbModel,
)

if TYPE_CHECKING:
    from ivr.language.models import Choice, Handler

_WITH = "Values passed on. Plain text is an expression, quoted text is text."


class SayModel(VerbModel):
    """Speak a text."""

    say: Spoken = Field(
        description="The text, or one for each language.", examples=["Thank you for calling."]
    )
    wav: AnyText | None = Field(None, description="A sound file of the center's folder to play instead.")
    barge_in: Boolean = Field(True, description="Whether a key breaks it off.")
    must_hear: Boolean = Field(False, description="Whether it has to be heard to its end.")
    voice: Line | None = Field(None, description="The voice that speaks.")
    lang: Line | None = Field(
        None, description="The language to speak, instead of the caller's.", examples=["en"]
    )


class PlayModel(VerbModel):
    """Play a sound file."""

    play: AnyText = Field(description="A WAV file in the center's folder.", examples=["sounds/welcome.wav"])
    text: Spoken | None = Field(None, description="What is said in it, for lines without sound.")
    barge_in: Boolean = Field(True, description="Whether a key breaks it off.")
    must_hear: Boolean = Field(False, description="Whether it has to be heard to its end.")
    lang: Line | None = Field(None, description="The language of the recording.", examples=["en"])


class MenuModel(VerbModel):
    """Let the caller choose with one key; the prompt is generated from the labels."""

    menu: Spoken = Field(description="The question.", examples=["How can we help?"])
    choices: "dict[Key, Choice]" = Field(
        description="What each key does.", examples=[{"1": {"label": "For bills", "goto": "billing"}}]
    )
    say: Spoken | None = Field(None, description="The whole prompt, instead of the generated one.")
    repeat_after: Duration | None = Field(
        None, description="Short for listen: { repeat_after: ... }.", examples=["4s"]
    )
    again: Spoken | None = Field(None, description="The prompt after a miss.")
    listen: ListenModel | None = Field(None, description="How it listens.")


class AskModel(VerbModel):
    """Let the caller key in digits."""

    ask: Spoken = Field(description="The question.", examples=["Enter your customer number."])
    digits: Digits = Field(
        (1, 20), description="How many digits: a number, or a range.", examples=["4", "0..15"]
    )
    into: Name = Field(description="The variable that takes the digits.", examples=["customer_number"])
    end_key: Key | None = Field(None, description="The key that ends the entry.", examples=["hash"])
    skip_key: Key | None = Field(None, description="The key that skips the question.", examples=["star"])
    empty: Condition | None = Field(
        None, description="The value of an empty entry.", examples=["caller.number"]
    )
    check: Condition | None = Field(None, description="What has to hold of the entry.")
    confirm: Spoken | None = Field(None, description="Reads the entry back; 1 confirms, 2 asks again.")
    secret: Boolean = Field(
        False,
        description="Whether the digits are hidden in facts, log and records; the journal's inputs have them, for replay.",
    )
    again: Spoken | None = Field(None, description="The prompt after a miss.")
    listen: ListenModel | None = Field(None, description="How it listens.")


class IfModel(VerbModel):
    """Go one way or the other."""

    if_: Condition = Field(alias="if", description="The condition.", examples=["customer.debt > 0"])
    then: "Handler" = Field(description="What to do when it holds.")
    else_: "Handler | None" = Field(None, alias="else", description="What to do when not.")


class SwitchModel(VerbModel):
    """Go where a value leads."""

    switch: Condition = Field(description="The value.", examples=["customer.tier"])
    cases: "dict[AnyText, Handler]" = Field(description="What to do for each value.")
    else_: "Handler" = Field(alias="else", description="What to do for any other value.")


class SetModel(VerbModel):
    """Give variables values."""

    set_: Values = Field(alias="set", description=_WITH, examples=[{"tries": "vars.tries + 1"}])


class GotoModel(VerbModel):
    """Go to a state."""

    goto: Name = Field(description="The state's name.", examples=["main-menu"])


class WaitModel(VerbModel):
    """Let time pass in silence."""

    wait: Duration = Field(description="How long.", examples=["2s"])


class HoldModel(VerbModel):
    """Let time pass with music."""

    hold: Duration = Field(description="How long.", examples=["10s"])
    music: Name | None = Field(None, description="The music.", examples=["soft-piano"])


class HoursModel(VerbModel):
    """Go on while open."""

    hours: Name = Field(description="Opening hours of the center.", examples=["office"])


class LogModel(VerbModel):
    """Write a line into the log."""

    log: Spoken = Field(description="The line.", examples=["asked for {{ vars.wish }}"])


class LookupModel(VerbModel):
    """Ask the outside."""

    lookup: Name = Field(description="The lookup.", examples=["customer-by-phone"])
    with_: Values = Field(default_factory=dict, alias="with", description=_WITH)
    timeout: Duration | None = Field(None, description="How long to wait for the answer.", examples=["2s"])
    retry: RetryModel | None = Field(None, description="How often to try again.")
    mock: MockModel | None = Field(None, description="An answer to make up, instead of asking.")


class RunModel(VerbModel):
    """Have the outside do something."""

    run: Name = Field(description="The action.", examples=["take-payment"])
    with_: Values = Field(default_factory=dict, alias="with", description=_WITH)
    timeout: Duration | None = Field(None, description="How long to wait for the answer.", examples=["30s"])
    retry: RetryModel | None = Field(None, description="How often to try again.")
    mock: MockModel | None = Field(None, description="An answer to make up, instead of asking.")


class QueueModel(VerbModel):
    """Wait for an agent; the next step follows when the talk is over."""

    queue: Name = Field(description="The queue.", examples=["support"])
    priority: Condition | None = Field(
        None, description="Higher goes first.", examples=["10 if rules.vip else 0"]
    )
    skills: dict[Name, Level] | None = Field(None, description="Skills the agent needs, with levels.")
    relax: list[RelaxModel] | None = Field(
        None, description="How the skills are eased while the caller waits."
    )
    prefer: PreferModel | None = Field(None, description="The agent whom the caller would like best.")
    announce: list[AnnounceModel] | None = Field(None, description="What is said while waiting.")
    music: Name | None = Field(None, description="The music.", examples=["soft-piano"])
    callback: CallbackOfferModel | None = Field(None, description="A callback offered while waiting.")
    exit_keys: list[Key] = Field(
        default_factory=list,
        description="Keys by which the caller leaves the queue: the outcomes exit.1, exit.star, ...",
        examples=[["1"]],
    )
    max_wait: Duration | None = Field(None, description="The longest wait.", examples=["20m"])
    overflow: Name | None = Field(None, description="The queue that takes the call then.")
    carry: list[Name] = Field(default_factory=list, description=CARRY, examples=[["customer"]])


class TransferModel(VerbModel):
    """Pass the caller to a queue's agents, an agent or a contact, without waiting."""

    transfer: Name = Field(description="A queue, an agent or a contact.", examples=["billing"])
    mode: TransferMode | None = Field(
        None, description="warm: the whisper comes first; blind: it just rings."
    )
    whisper: Spoken | None = Field(None, description="What the other side hears before the caller.")
    ring: Duration = Field(20_000, description="How long to let it ring.", examples=["25s"])
    music: Name | None = Field(None, description="The music meanwhile.")
    carry: list[Name] = Field(default_factory=list, description=CARRY, examples=[["customer"]])


class CallbackModel(VerbModel):
    """Book a call back."""

    callback: Name = Field(description="The queue that calls.", examples=["support"])
    to: Condition | None = Field(None, description="The number; else the caller's.", examples=["vars.number"])
    keep_place: Boolean = Field(True, description="Whether the caller keeps the place in the queue.")
    tries: Count = Field(3, description="Attempts to reach the caller.", examples=[3])
    retry_every: Duration = Field(900_000, description="Pause between attempts.", examples=["15m"])


class RecordModel(VerbModel):
    """Take a message after a tone."""

    record: Spoken = Field(description="What is said before the tone.", examples=["Please leave a message."])
    max_: Duration = Field(120_000, alias="max", description="The longest message.", examples=["2m"])
    end_key: Key | None = Field(None, description="The key that ends it; else any key.", examples=["hash"])


class SurveyModel(VerbModel):
    """Ask the caller for a score; who gives none goes on to the next step."""

    survey: Name = Field(description="Its name in reports.", examples=["satisfaction"])
    say: Spoken = Field(description="The question.", examples=["How did we do, from 1 to 5?"])
    scale: Digits = Field(
        (1, 5), description="The lowest and the highest score, from 0 to 9.", examples=["1..5", "0..9"]
    )
    into: Name | None = Field(
        None, description="The variable (an integer) that takes the score.", examples=["score"]
    )
    again: Spoken | None = Field(None, description="The prompt after a miss.")
    listen: ListenModel | None = Field(None, description="How it listens.")


class OfferModel(VerbModel):
    """Make offers one after another, until one is accepted."""

    offer: Name = Field(description="The ladder's name in reports.", examples=["stay-with-us"])
    steps: list[RungModel] = Field(min_length=1, max_length=20, description="The offers, in order.")
    say: Spoken = Field(description="How an offer is put; the keys are added.")
    price: Condition | None = Field(None, description="The full price; else customer.price.")
    cooldown: Duration | None = Field(
        None, description="How long the same number is not put these offers again.", examples=["30d"]
    )
    keys: OfferKeysModel = Field(default_factory=OfferKeysModel, description="The keys.")
    again: Spoken | None = Field(None, description="The prompt after a miss.")
    listen: ListenModel | None = Field(None, description="How it listens.")


class WayModel(Model):
    """One way of a chance."""

    weight: Amount = Field(description="Its weight among the ways.", examples=[50])
    label: Name = Field(description="Its name in reports.", examples=["a"])
    then: "Handler | None" = Field(None, description="What to do; else the next step follows.")


class ChanceModel(VerbModel):
    """Take one of the ways by chance."""

    chance: list[WayModel] = Field(min_length=2, max_length=20, description="The ways.")


class CallModel(VerbModel):
    """Run another flow; each outcome it returns is handled here."""

    call: Name = Field(description="The flow.", examples=["retention"])
    with_: Values = Field(default_factory=dict, alias="with", description=_WITH)


class ReturnModel(VerbModel):
    """Leave this flow."""

    return_: Name = Field(alias="return", description="The outcome, one of the flow's `returns`.")
    with_: Values = Field(default_factory=dict, alias="with", description=_WITH)


class HangupModel(VerbModel):
    """End the call."""

    hangup: Nothing = Field(description="Nothing is written here.")


VERBS: dict[str, type[VerbModel]] = {
    "menu": MenuModel,
    "queue": QueueModel,
    "offer": OfferModel,
    "survey": SurveyModel,
    "work": WorkModel,
    "appointment": AppointmentModel,
    "identify": IdentifyModel,
    "consent": ConsentModel,
    "say": SayModel,
    "play": PlayModel,
    "ask": AskModel,
    "if": IfModel,
    "switch": SwitchModel,
    "set": SetModel,
    "goto": GotoModel,
    "wait": WaitModel,
    "hours": HoursModel,
    "log": LogModel,
    "lookup": LookupModel,
    "run": RunModel,
    "transfer": TransferModel,
    "hold": HoldModel,
    "callback": CallbackModel,
    "dial": DialModel,
    "send": SendModel,
    "record": RecordModel,
    "chance": ChanceModel,
    "call": CallModel,
    "return": ReturnModel,
    "hangup": HangupModel,
}
"""Verb to model; where a step's keys name two verbs (`menu` and `say`), the first in this order is meant."""

OUTCOMES: Final[Mapping[str, tuple[str, ...]]] = {
    "menu": ("silence", "invalid", "give_up"),
    "ask": ("silence", "invalid", "skipped", "give_up"),
    "offer": ("silence", "invalid", "accepted", "exhausted", "give_up"),
    "hours": ("closed", "holiday"),
    "lookup": ("not_found", "failed", "timeout"),
    "run": ("not_found", "declined", "failed", "timeout"),
    "queue": ("connected", "callback", "exit", "timeout", "withdrawn", "closed", "full", "empty"),
    "transfer": ("connected", "no_answer", "busy", "rejected", "failed"),
    "callback": ("failed",),
    "record": ("empty",),
    "survey": ("silence", "invalid", "empty"),
    "identify": ("not_found", "failed", "silence", "invalid", "give_up"),
    "consent": ("silence", "invalid", "agreed", "refused", "announced"),
    "dial": ("answered", "machine", "busy", "no_answer", "failed"),
    "send": ("failed", "replied", "no_reply"),
    "work": ("failed", *RESULTS),
    "appointment": (
        *("silence", "invalid", "give_up", "none_free", "not_found", "declined"),
        *("booked", "confirmed", "moved", "cancelled"),
    ),
}
"""The outcomes of each verb that has any; names match by dotted prefix."""
