"""The scorecard of a story that was played: rows to be read, one column a center."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from ivr.core import facts
from ivr.core.calendar import Calendar
from ivr.core.time import MINUTE, SECOND, Ms
from ivr.observe.journey import CustomerFacts, Journey, Journeys, Scorecard, scorecard
from ivr.story.told import Told
from ivr.story.words import say

FOREIGN: Final = ("rival", "bank")
"""Channels of other companies: what comes by them is told, and is no contact with this one."""

_TERMS_MAX: Final = 5  # of what the effort came from: the heaviest say it


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what it is, as text by center, and whether the second is `better` or `worse` than the first."""

    name: str
    label: str
    cells: tuple[str, ...]
    trend: str = ""


def journey_of(told: Told) -> Journey:
    """All contacts of the story's customer about its matter."""
    customer = told.story.customer
    phone = str(customer.phone)
    treatment = told.center.plan.treatment
    fold = Journeys(
        addresses={str(customer.email): phone} if customer.email is not None else {},
        matter=str(told.story.matter),
        settling=treatment.settling,
        funnel=treatment.funnel,
        calendar=Calendar(told.epoch_ms, told.center.plan.timezone),
    )
    for fact in told.facts:
        if not (isinstance(fact, facts.ContactMade) and fact.channel in FOREIGN):
            fold.take(fact)
    found = [journey for journey in fold.journeys() if journey.customer == phone]
    return found[0] if found else Journey(phone, matter=str(told.story.matter))


def card_of(told: Told) -> Scorecard:
    """The scorecard at the end of the time for which the story watches."""
    customer = told.story.customer
    known = CustomerFacts(
        float(customer.months),
        float(customer.pays) if customer.pays is not None else None,
        float(customer.rival_price) if customer.rival_price is not None else None,
    )
    at = max((beat.until for beat in told.beats), default=0) + told.story.watch
    return scorecard(journey_of(told), known, told.center.plan.treatment, at)


def rows(cards: Sequence[Scorecard], language: str) -> list[Row]:
    """The rows of one card, or of two beside each other."""
    made = []
    for name, show, value in _FIGURES:
        values = [value(card) for card in cards]
        trend = ""
        if len(values) == 2 and values[0] != values[1]:
            trend = "better" if (values[1] < values[0]) == (name not in _MORE_IS_BETTER) else "worse"
        made.append(Row(name, say(name, language), tuple(show(card, language) for card in cards), trend))
    return made


def effort_terms(card: Scorecard, language: str) -> list[tuple[str, str]]:
    """What the effort came from, the heaviest first: what, and its points."""
    terms = card.effort.terms[:_TERMS_MAX]
    return [(f"{term_name(term.name, language)} × {term.count:.3g}", f"{term.points:.1f}") for term in terms]


def term_name(name: str, language: str) -> str:
    """A term of the effort index in words."""
    return say(_TERMS.get(name, name), language)


def lasting(ms: Ms) -> str:
    """A length for reading: `4:15`, `0:07`."""
    minutes, rest = divmod(ms, MINUTE)
    return f"{minutes}:{rest // SECOND:02}"


def _promises(card: Scorecard) -> str:
    return f"{card.promises_kept + card.promises_late}, {card.promises_broken}"


def _resolved(card: Scorecard, language: str) -> str:
    return str(card.resolved_on) if card.resolved_on is not None else say("not_resolved", language)


def _channels(card: Scorecard) -> str:
    return ", ".join(f"{channel} {count}" for channel, count in card.channels.items()) or "–"


_Show: TypeAlias = Callable[[Scorecard, str], str]
_Value: TypeAlias = Callable[[Scorecard], float]

_FIGURES: Final[tuple[tuple[str, _Show, _Value], ...]] = (
    ("contacts", lambda c, _: str(c.contacts), lambda c: c.contacts),
    ("made", lambda c, _: str(c.made), lambda c: c.made),
    ("channels", lambda c, _: _channels(c), lambda c: len(c.channels)),
    ("redials", lambda c, _: str(c.redials), lambda c: c.redials),
    ("missed", lambda c, _: str(c.missed), lambda c: c.missed),
    ("transfers", lambda c, _: str(c.transfers), lambda c: c.transfers),
    ("cold_referrals", lambda c, _: str(c.cold_referrals), lambda c: c.cold_referrals),
    ("asked_again", lambda c, _: str(c.asked_again), lambda c: c.asked_again),
    ("keys", lambda c, _: str(c.keys), lambda c: c.keys),
    ("prompts", lambda c, _: lasting(c.prompts_ms), lambda c: c.prompts_ms),
    ("waiting", lambda c, _: lasting(c.waited_ms), lambda c: c.waited_ms),
    ("hold", lambda c, _: lasting(c.hold_ms), lambda c: c.hold_ms),
    ("talking", lambda c, _: lasting(c.talk_ms), lambda c: c.talk_ms),
    ("people", lambda c, _: str(len(c.people)), lambda c: len(c.people)),
    ("hung_up_on", lambda c, _: str(c.hung_up_on), lambda c: c.hung_up_on),
    ("promises", lambda c, _: _promises(c), lambda c: c.promises_broken),
    ("refusals", lambda c, _: str(len(c.refusals)), lambda c: len(c.refusals)),
    ("unknowns", lambda c, _: str(len(c.unknowns)), lambda c: len(c.unknowns)),
    ("offers", lambda c, _: f"{len(c.offers)}, {c.offers_unfitting}", lambda c: c.offers_unfitting),
    ("resolved", _resolved, lambda c: c.resolved_on or 1_000),
    ("effort", lambda c, _: f"{c.effort.index:.0f}", lambda c: round(c.effort.index)),
    ("churn", lambda c, _: f"{c.loyalty.churn_12m:.0%}", lambda c: round(c.loyalty.churn_12m, 2)),
    ("undisturbed", lambda c, _: f"{c.loyalty.undisturbed_12m:.0%}", lambda c: 0),
    ("months", lambda c, _: f"{c.loyalty.months:.0f}", lambda c: round(c.loyalty.months)),
)
"""The figures in their order: name, how it is shown, and the number by which two are compared (less is better)."""

_MORE_IS_BETTER: Final = ("months",)

_TERMS: Final = {
    "repeat_contact": "made_again",
    "channel_switch": "channel_switch",
    "transfer": "transfers",
    "cold_referral": "cold_referrals",
    "datum_asked": "asked",
    "datum_repeated": "asked_again",
    "waiting_minute": "minutes_waiting",
    "hold_minute": "minutes_hold",
    "prompt_minute": "minutes_prompts",
    "key": "keys",
    "refusal": "refusals",
    "unknown": "unknowns",
    "offer_unfitting": "offers_unfitting",
    "promise_broken": "promises_broken",
    "missed_contact": "missed",
    "unresolved": "not_resolved",
}
"""Terms of the effort index, by the phrase that says them."""
