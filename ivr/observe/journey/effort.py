"""The effort index of a journey: a weighted sum of what the customer had to do and bear, between 0 and 100.

index = 100 * (1 - exp(-points / scale))

It is computed from facts. It is no Customer Effort Score, which is what customers answer in a survey.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp

from ivr.core.time import MINUTE, Instant
from ivr.core.treatment import EffortWeights
from ivr.observe.journey.contact import UNFIT, Contact, Journey


@dataclass(frozen=True, slots=True)
class Term:
    """One cause: how many there were (of times in minutes), and what they added to the sum."""

    name: str
    count: float
    points: float


@dataclass(frozen=True, slots=True)
class Effort:
    """The index, the sum of points, and the terms that are not zero, the heaviest first."""

    index: float
    points: float
    terms: tuple[Term, ...]


def effort_of(journey: Journey, weights: EffortWeights | None = None, at: Instant | None = None) -> Effort:
    """What the journey cost the customer. `at` is the instant at which promises are looked at, else the last contact."""
    weights = weights if weights is not None else EffortWeights()
    terms = [
        Term(name, count, count * getattr(weights, name))
        for name, count in _counts(journey, journey.last if at is None else at)
        if count
    ]
    points = sum(term.points for term in terms)
    index = 100 * (1 - exp(-points / weights.scale))
    return Effort(index, points, tuple(sorted(terms, key=lambda term: -term.points)))


def _counts(journey: Journey, at: Instant) -> Iterator[tuple[str, float]]:
    """How many of each weight; one name a field of `EffortWeights`."""
    contacts = journey.contacts
    asked = journey.asked
    states = [promise.at(at) for promise in journey.promises]
    declined = [offer for offer in journey.offers if offer.answer == "declined"]
    unfit = sum(offer.why == UNFIT for offer in declined)
    yield "repeat_contact", max(0, journey.made - 1)
    yield "channel_switch", journey.switches
    yield "transfer", sum(contact.transfers for contact in contacts)
    yield "cold_referral", sum(len(contact.referrals) for contact in contacts)
    yield "datum_asked", len(asked)
    yield "datum_repeated", asked.total() - len(asked)
    yield "waiting_minute", _minutes(contacts, "waited_ms")
    yield "hold_minute", _minutes(contacts, "hold_ms")
    yield "prompt_minute", _minutes(contacts, "prompts_ms")
    yield "key", sum(contact.keys for contact in contacts)
    yield "miss", sum(contact.misses for contact in contacts)
    yield "refusal", sum(len(contact.refused) for contact in contacts)
    yield "unknown", sum(len(contact.unknown) for contact in contacts)
    yield "offer_unfitting", unfit
    yield "offer_declined", len(declined) - unfit
    yield "promise_broken", states.count("broken")
    yield "promise_late", states.count("late")
    yield "missed_contact", sum(contact.missed for contact in contacts)
    yield "hung_up_on", sum(contact.hung_up_on for contact in contacts)
    yield "unresolved", journey.resolved_on is None


def _minutes(contacts: list[Contact], name: str) -> float:
    total: int = sum(getattr(contact, name) for contact in contacts)
    return total / MINUTE
