"""The verbs of a flow as authors write them: a map whose key is the verb, and its options."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from pydantic import Field

from ivr.language.fields import (
    Amount,
    AnnounceKind,
    AnyText,
    Boolean,
    Condition,
    Count,
    Digits,
    Duration,
    DurationOrZero,
    Key,
    Level,
    Line,
    Model,
    Name,
    Nothing,
    Outcome,
    Percent,
    Spoken,
    StartOr,
    TransferMode,
)
from ivr.language.tree import Text

if TYPE_CHECKING:
    from ivr.language.models import Choice, Handler

Handlers: TypeAlias = dict[Outcome, "Handler"]
Values: TypeAlias = dict[AnyText, AnyText]

_ON = "What to do for each outcome: a state's name, a step, or a list of steps."
_WITH = "Values passed on. Plain text is an expression, quoted text is text."


class ListenModel(Model):
    """How a step listens."""

    silence: Duration | None = Field(None, description="How long to wait for the first key.", examples=["5s"])
    between_digits: Duration | None = Field(
        None, description="The longest pause between digits.", examples=["2s"]
    )
    tries: Count | None = Field(None, description="Misses of both kinds before giving up.", examples=[3])


class VerbModel(Model):
    """What every step has."""

    on: Handlers = Field(default_factory=dict, description=_ON, examples=[{"failed": "sorry"}])


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


class RetryModel(Model):
    """How often to try again."""

    tries: Count = Field(2, description="Attempts in all.", examples=[3])
    every: DurationOrZero = Field(1_000, description="Pause between them.", examples=["2s"])


class LookupModel(VerbModel):
    """Ask the outside."""

    lookup: Name = Field(description="The lookup.", examples=["customer-by-phone"])
    with_: Values = Field(default_factory=dict, alias="with", description=_WITH)
    timeout: Duration | None = Field(None, description="How long to wait for the answer.", examples=["2s"])
    retry: RetryModel | None = Field(None, description="How often to try again.")


class RunModel(VerbModel):
    """Have the outside do something."""

    run: Name = Field(description="The action.", examples=["take-payment"])
    with_: Values = Field(default_factory=dict, alias="with", description=_WITH)
    timeout: Duration | None = Field(None, description="How long to wait for the answer.", examples=["30s"])
    retry: RetryModel | None = Field(None, description="How often to try again.")


class AnnounceModel(Model):
    """Something said to a waiting caller, once or again and again."""

    at: StartOr | None = Field(None, description="When, after joining.", examples=["start", "30s"])
    every: Duration | None = Field(None, description="How often.", examples=["60s"])
    kind: AnnounceKind = Field(
        Text("info"), description="promo: it advertises; only rules look at it.", examples=["promo"]
    )
    say: Spoken = Field(description="The text.", examples=["You are number {{ queue.position }} in line."])


class CallbackOfferModel(Model):
    """A callback offered to a waiting caller."""

    after: DurationOrZero = Field(0, description="How long after joining.", examples=["2m"])
    when: Condition | None = Field(None, description="Only when this holds.", examples=["queue.wait > 180"])
    key: Key = Field(description="The key that takes it.", examples=[1])
    say: Spoken = Field(description="How it is offered.", examples=["Press 1 to be called back."])


class QueueModel(VerbModel):
    """Wait for an agent; the next step follows when the talk is over."""

    queue: Name = Field(description="The queue.", examples=["support"])
    priority: Condition | None = Field(
        None, description="Higher goes first.", examples=["10 if rules.vip else 0"]
    )
    skills: dict[Name, Level] = Field(
        default_factory=dict, description="Skills the agent needs, with levels."
    )
    announce: list[AnnounceModel] | None = Field(None, description="What is said while waiting.")
    music: Name | None = Field(None, description="The music.", examples=["soft-piano"])
    callback: CallbackOfferModel | None = Field(None, description="A callback offered while waiting.")
    max_wait: Duration | None = Field(None, description="The longest wait.", examples=["20m"])
    overflow: Name | None = Field(None, description="The queue that takes the call then.")


class TransferModel(VerbModel):
    """Pass the caller to a queue's agents, an agent or a contact, without waiting."""

    transfer: Name = Field(description="A queue, an agent or a contact.", examples=["billing"])
    mode: TransferMode | None = Field(
        None, description="warm: the whisper comes first; blind: it just rings."
    )
    whisper: Spoken | None = Field(None, description="What the other side hears before the caller.")
    ring: Duration = Field(20_000, description="How long to let it ring.", examples=["25s"])
    music: Name | None = Field(None, description="The music meanwhile.")


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


class OfferModel(VerbModel):
    """Make offers one after another, until one is accepted."""

    offer: Name = Field(description="The ladder's name in reports.", examples=["stay-with-us"])
    steps: list[RungModel] = Field(min_length=1, max_length=20, description="The offers, in order.")
    say: Spoken = Field(description="How an offer is put; the keys are added.")
    price: Condition | None = Field(None, description="The full price; else customer.price.")
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
    "queue": ("connected", "callback", "timeout", "closed", "full", "empty"),
    "transfer": ("connected", "no_answer", "busy", "rejected", "failed"),
    "callback": ("failed",),
    "record": ("empty",),
}
"""The outcomes of each verb that has any; names match by dotted prefix."""
