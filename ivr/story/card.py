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

FOREIGN: Final = ("rival", "bank", "leaflet")
"""Channels of other companies, and what one only reads: that is told, and is no contact with this one."""

_POINTS_SHOWN_MIN: Final = 0.05  # less is shown as 0.0
_TERMS_MAX: Final = 5  # of what the effort came from: the heaviest say it


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what it is, as text by center, the difference, and whether the second is `better` or `worse`."""

    name: str
    label: str
    cells: tuple[str, ...]
    difference: str = ""
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


def calls_of(told: Told) -> frozenset[int]:
    """The customer's calls."""
    return frozenset(contact.call for contact in journey_of(told).contacts if contact.call)


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
    """The rows of one card, or of two beside each other with their difference."""
    made = []
    for figure in _FIGURES:
        values = [figure.value(card) for card in cards]
        change = values[1] - values[0] if len(values) == 2 else 0
        trend = "" if not change or not figure.wanted else "better" if change * figure.wanted > 0 else "worse"
        cells = tuple(figure.show(card, language) for card in cards)
        difference = figure.written(change) if change else ""
        made.append(Row(figure.name, say(figure.name, language), cells, difference, trend))
    return made


def effort_terms(card: Scorecard, language: str) -> list[tuple[str, str]]:
    """What the effort came from, the heaviest first: what, and its points."""
    terms = [term for term in card.effort.terms if term.points >= _POINTS_SHOWN_MIN][:_TERMS_MAX]
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


@dataclass(frozen=True, slots=True)
class _Figure:
    """One row: how it is shown, the number by which two are compared, and how their difference is written.

    `wanted` is -1 where less is better, 1 where more is, 0 where neither.
    """

    name: str
    show: _Show
    value: _Value
    written: Callable[[float], str] = lambda value: f"{value:+.0f}"
    wanted: int = -1


def _count(name: str, value: _Value, wanted: int = -1) -> _Figure:
    return _Figure(name, lambda card, _: f"{value(card):.0f}", value, wanted=wanted)


def _time(name: str, value: Callable[[Scorecard], Ms], wanted: int = -1) -> _Figure:
    def written(value: float) -> str:
        return ("+" if value > 0 else "-") + lasting(round(abs(value)))

    return _Figure(name, lambda card, _: lasting(value(card)), value, written, wanted)


def _share(name: str, value: _Value, wanted: int = -1) -> _Figure:
    return _Figure(
        name, lambda card, _: f"{value(card):.0%}", value, lambda value: f"{100 * value:+.0f}", wanted
    )


def _nothing(_: float) -> str:
    return ""


_FIGURES: Final[tuple[_Figure, ...]] = (
    _count("contacts", lambda c: c.contacts),
    _count("made", lambda c: c.made),
    _Figure("channels", lambda c, _: _channels(c), lambda c: len(c.channels), _nothing, 0),
    _count("redials", lambda c: c.redials),
    _count("missed", lambda c: c.missed),
    _count("transfers", lambda c: c.transfers),
    _count("cold_referrals", lambda c: c.cold_referrals),
    _count("asked_again", lambda c: c.asked_again),
    _count("keys", lambda c: c.keys),
    _time("prompts", lambda c: c.prompts_ms),
    _time("waiting", lambda c: c.waited_ms),
    _time("hold", lambda c: c.hold_ms),
    _time("talking", lambda c: c.talk_ms, 0),
    _count("people", lambda c: len(c.people)),
    _count("hung_up_on", lambda c: c.hung_up_on),
    _Figure("promises", lambda c, _: _promises(c), lambda c: c.promises_broken),
    _count("refusals", lambda c: len(c.refusals)),
    _count("unknowns", lambda c: len(c.unknowns)),
    _Figure("offers", lambda c, _: f"{len(c.offers)}, {c.offers_unfitting}", lambda c: c.offers_unfitting),
    _Figure("resolved", _resolved, lambda c: c.resolved_on or _NEVER, _nothing),
    _count("effort", lambda c: round(c.effort.index)),
    _share("churn", lambda c: round(c.loyalty.churn_12m, 2)),
    _Figure("undisturbed", lambda c, _: f"{c.loyalty.undisturbed_12m:.0%}", lambda c: 0, _nothing, 0),
    _count("months", lambda c: round(c.loyalty.months), 1),
)
"""The figures in their order."""

_NEVER: Final = 1_000  # later than any contact

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
