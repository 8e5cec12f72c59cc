"""How a center wants the treatment of its customers measured: weights of the effort index, the loyalty model, the funnel.

Each number has its reason beside it; `docs/guides/effort.md` names the sources. "Assumed" is a judgement of ours that
an author should replace by what their own customers show.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

BELONGS: Final = ("call", "order", "customer", "to", "sender", "number", "caller")
"""Fields of facts by which it is known which customer a fact is about."""


def _weight(default: float, why: str) -> Any:
    return field(default=default, metadata={"why": why})


@dataclass(frozen=True, slots=True)
class EffortWeights:
    """Points of effort for one of each; a sum of `scale` points is an index of 63 of 100.

    Units stand in the names. Which things make effort is published research, how much each of them does is assumed.
    """

    repeat_contact: float = _weight(
        5.0,
        "A contact that the customer makes beyond the first: 62% had to come again for one thing (HBR 2010).",
    )
    channel_switch: float = _weight(
        3.0,
        "Another channel than in the contact before: having to change channels costs loyalty (Effortless Experience).",
    )
    transfer: float = _weight(
        3.0, "Passed on to somebody else after having talked to somebody (HBR 2010, Effortless Experience)."
    )
    cold_referral: float = _weight(
        5.0,
        "Told to turn to somebody else oneself: a transfer and a redial in one; assumed to weigh like a repeat contact.",
    )
    datum_asked: float = _weight(0.5, "A datum asked for: to be found and said; assumed.")
    datum_repeated: float = _weight(
        3.0,
        "A datum asked for again: 56% of customers had to explain themselves anew (HBR 2010); as a transfer.",
    )
    waiting_minute: float = _weight(
        1.0, "A minute in a queue, or in the music of a call that the company placed; assumed."
    )
    hold_minute: float = _weight(1.0, "A minute on hold in a talk; as waiting.")
    prompt_minute: float = _weight(
        0.5, "A minute of prompts: attention, but something is learnt; half of waiting, assumed."
    )
    key: float = _weight(0.1, "A key pressed; a card number of 16 digits is 1.6 points; assumed.")
    miss: float = _weight(1.0, "Silence or an invalid input: the prompt has to be heard again; assumed.")
    refusal: float = _weight(
        3.0, "Something asked for and refused: rules and policies (Effortless Experience); as a transfer."
    )
    unknown: float = _weight(
        2.0, "Somebody of the company does not know: one has to find out elsewhere; assumed."
    )
    offer_unfitting: float = _weight(
        2.0, "An offer heard that does not fit: generic service (Effortless Experience); assumed."
    )
    offer_declined: float = _weight(1.0, "An offer to be declined for another reason; assumed.")
    promise_broken: float = _weight(
        6.0, "A promise not kept: the day was kept free, and one has to ask; assumed."
    )
    promise_late: float = _weight(3.0, "A promise kept late; half of one broken.")
    missed_contact: float = _weight(3.0, "Called, and talked to nobody; assumed.")
    hung_up_on: float = _weight(
        8.0, "An agent hung up with the matter open; assumed, the heaviest single thing."
    )
    unresolved: float = _weight(
        5.0, "The matter is not settled: the effort was for nothing; as one more contact."
    )
    scale: float = _weight(25.0, "The sum of points at which the index is 100 (1 - 1/e) = 63; assumed.")


@dataclass(frozen=True, slots=True)
class LoyaltyParameters:
    """The loyalty model: a hazard of leaving by tenure, multiplied by hazard ratios that fade with time."""

    monthly_churn: float = _weight(
        0.012,
        "Share of long-standing customers who leave in a month: 0.9 to 1.2% in Western Europe (Analysys Mason 2021).",
    )
    early_factor: float = _weight(
        2.0,
        "Hazard of a new customer, as a multiple: retention rises with tenure (Fader and Hardie 2006); size assumed.",
    )
    early_months: float = _weight(12.0, "Months in which that excess falls to 37%; assumed.")
    tenure_months: float = _weight(
        24.0, "Months for which somebody has been a customer of whom nothing is known; assumed."
    )
    effort_ratio: float = _weight(
        3.0,
        "Hazard ratio at an effort index of 100; its root, 1.7 at 50, is near SQM's 9% : 5% for repeated calls.",
    )
    unresolved_ratio: float = _weight(
        2.8,
        "Hazard ratio of a matter not settled: SQM's 25% : 9% of those who mean to leave (intent, not churn).",
    )
    promise_ratio: float = _weight(
        1.8,
        "Hazard ratio of a broken promise: 38% of those with broken promises left (Accenture), most had several.",
    )
    promises_max: float = _weight(3.0, "Broken promises that count; assumed.")
    offer_ratio: float = _weight(1.1, "Hazard ratio of an offer that did not fit; assumed.")
    offers_max: float = _weight(3.0, "Such offers that count; assumed.")
    hung_up_ratio: float = _weight(
        1.5,
        "Hazard ratio of an agent hanging up: failed encounters make people switch (Keaveney 1995); size assumed.",
    )
    price_ratio: float = _weight(
        2.0,
        "Hazard ratio where a rival asks half the price: pricing makes people switch (Keaveney 1995); size assumed.",
    )
    half_life_months: float = _weight(
        6.0, "Months after which half of a bad experience is forgotten (as its logarithm); assumed."
    )


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A step of the way to a goal: `who` does it, and the fact that shows that it was done.

    `fact` is the tag of a fact, `equal` what its fields have to be, as text.
    """

    name: str
    who: str
    fact: str
    equal: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Treatment:
    """What a center says of the treatment of its customers.

    `settling` are the runs that settle a matter when they are done, with the matter, empty for whichever it is.
    """

    effort: EffortWeights = field(default_factory=EffortWeights)
    loyalty: LoyaltyParameters = field(default_factory=LoyaltyParameters)
    funnel: tuple[FunnelStep, ...] = ()
    settling: Mapping[str, str] = field(default_factory=dict)
