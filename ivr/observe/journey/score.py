"""The scorecard of a journey: everything by which the treatment of a customer is shown, from facts alone."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ivr.core.time import Instant, Ms
from ivr.core.treatment import Treatment
from ivr.observe.journey.contact import UNFIT, Heard, Journey, Promise
from ivr.observe.journey.effort import Effort, effort_of
from ivr.observe.journey.funnel import Funnel, funnel_of
from ivr.observe.journey.loyalty import CustomerFacts, Loyalty, loyalty_of

_SUMS: Final = ("keys", "misses", "prompts_ms", "waited_ms", "hold_ms", "talk_ms")


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One journey. Lengths are milliseconds; `effort` and `loyalty` show what they came from.

    `contacts` counts all, `made` those of the customer; `channels` counts contacts by channel, `people` are those met,
    in order, each once; `asked` counts data by how often they were asked for, `asked_again` the repetitions.
    `hung_up` counts calls by who ended them. `resolved_on` is the number of the contact, None where it is not resolved;
    `first_contact` whether it was the first. `funnel` is None where the center declares none.
    """

    customer: str
    matter: str
    contacts: int
    made: int
    channels: Mapping[str, int]
    redials: int
    transfers: int
    cold_referrals: int
    asked: Mapping[str, int]
    asked_again: int
    keys: int
    misses: int
    prompts_ms: Ms
    waited_ms: Ms
    hold_ms: Ms
    talk_ms: Ms
    people: tuple[str, ...]
    hung_up: Mapping[str, int]
    hung_up_on: int
    missed: int
    promises: tuple[Promise, ...]
    promises_kept: int
    promises_late: int
    promises_broken: int
    refusals: tuple[str, ...]
    unknowns: tuple[str, ...]
    offers: tuple[Heard, ...]
    offers_unfitting: int
    resolved: bool
    resolved_on: int | None
    first_contact: bool
    lasted_ms: Ms
    effort: Effort
    loyalty: Loyalty
    funnel: Funnel | None


def scorecard(
    journey: Journey,
    customer: CustomerFacts | None = None,
    treatment: Treatment | None = None,
    at: Instant | None = None,
) -> Scorecard:
    """The scorecard at an instant (else at the last thing that happened): promises that are overdue then are broken."""
    treatment = treatment if treatment is not None else Treatment()
    at = journey.last if at is None else at
    contacts, asked, offers = journey.contacts, journey.asked, tuple(journey.offers)
    states = [promise.at(at) for promise in journey.promises]
    met = dict.fromkeys(one.party for contact in contacts for one in contact.people)
    resolved_on = journey.resolved_on
    first = contacts[0].began if contacts else at
    return Scorecard(
        customer=journey.customer,
        matter=journey.matter,
        contacts=len(contacts),
        made=journey.made,
        channels=dict(Counter(contact.channel for contact in contacts)),
        redials=journey.redials,
        transfers=sum(contact.transfers for contact in contacts),
        cold_referrals=sum(len(contact.referrals) for contact in contacts),
        asked=dict(asked),
        asked_again=asked.total() - len(asked),
        **{name: sum(getattr(contact, name) for contact in contacts) for name in _SUMS},
        people=tuple(met),
        hung_up=dict(Counter(contact.ended_by for contact in contacts if contact.ended_by)),
        hung_up_on=sum(contact.hung_up_on for contact in contacts),
        missed=sum(contact.missed for contact in contacts),
        promises=tuple(journey.promises),
        promises_kept=states.count("kept"),
        promises_late=states.count("late"),
        promises_broken=states.count("broken"),
        refusals=tuple(what for contact in contacts for what in contact.refused),
        unknowns=tuple(what for contact in contacts for what in contact.unknown),
        offers=offers,
        offers_unfitting=sum(offer.why == UNFIT for offer in offers),
        resolved=resolved_on is not None,
        resolved_on=resolved_on,
        first_contact=resolved_on == 1,
        lasted_ms=journey.last - first,
        effort=effort_of(journey, treatment.effort, at),
        loyalty=loyalty_of(journey, customer, treatment.loyalty, treatment.effort, at),
        funnel=funnel_of([journey], treatment.funnel) if treatment.funnel else None,
    )
