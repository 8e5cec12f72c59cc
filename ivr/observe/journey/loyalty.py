"""A model of how long a customer stays after a journey. A model: it orders treatments, it does not foretell people.

hazard of leaving in month m after the journey, for a customer of T months:

    h(m) = -ln(1 - monthly_churn) * (1 + (early_factor - 1) * exp(-(T + m) / early_months))
           * R ** (0.5 ** (m / half_life_months)) * price_ratio ** (2 * gap)

R    product of the hazard ratios: effort_ratio ** (index / 100), unresolved_ratio, promise_ratio ** broken, ...
gap  (price - rival's price) / price, where both are known and the rival is cheaper

The month's hazard is taken at its middle. Churn within n months is 1 - exp(-sum of h); the months to stay are the
integral of what is left of the customer, with the hazard of old customers once everything else has faded.
"""

from dataclasses import dataclass
from math import exp, expm1, log, log1p, prod
from typing import Final

from ivr.core.time import Instant
from ivr.core.treatment import EffortWeights, LoyaltyParameters
from ivr.observe.journey.contact import UNFIT, Journey
from ivr.observe.journey.effort import effort_of

_HORIZON_MONTHS: Final = 1_200  # beyond it nothing is computed month by month
_YEAR: Final = 11  # its last month, from 0
_FADED: Final = 1e-4  # what changes the hazard less than this is over


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """What is known of the customer besides the contacts, None where nobody knows; prices are per month."""

    tenure_months: float | None = None
    price: float | None = None
    rival_price: float | None = None

    @property
    def gap(self) -> float:
        """By what share the rival is cheaper, 0 where it is not or nobody knows."""
        if not self.price or self.rival_price is None:
            return 0.0
        return max(0.0, (self.price - self.rival_price) / self.price)


@dataclass(frozen=True, slots=True)
class Cause:
    """A hazard ratio and what it comes from."""

    name: str
    count: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Loyalty:
    """Probability of leaving within a month and a year, expected months to stay; `causes` without those of ratio 1.

    `undisturbed_12m` is the probability within a year had there been no journey.
    """

    churn_30d: float
    churn_12m: float
    months: float
    undisturbed_12m: float
    causes: tuple[Cause, ...]


def loyalty_of(
    journey: Journey,
    customer: CustomerFacts | None = None,
    parameters: LoyaltyParameters | None = None,
    weights: EffortWeights | None = None,
    at: Instant | None = None,
) -> Loyalty:
    """What the model says of a customer after a journey; `at` as in `effort_of`."""
    customer = customer if customer is not None else CustomerFacts()
    p = parameters if parameters is not None else LoyaltyParameters()
    instant = journey.last if at is None else at
    index = effort_of(journey, weights, instant).index
    broken = sum(promise.at(instant) == "broken" for promise in journey.promises)
    unfit = sum(offer.why == UNFIT for offer in journey.offers)
    found = [
        Cause("effort", index, p.effort_ratio ** (index / 100)),
        Cause("unresolved", 1, p.unresolved_ratio) if journey.resolved_on is None else None,
        Cause("promises_broken", broken, p.promise_ratio ** min(broken, p.promises_max)),
        Cause("offers_unfitting", unfit, p.offer_ratio ** min(unfit, p.offers_max)),
        Cause("hung_up_on", 1, p.hung_up_ratio) if any(one.hung_up_on for one in journey.contacts) else None,
    ]
    causes = [cause for cause in found if cause is not None and cause.ratio != 1]
    ratio = prod(cause.ratio for cause in causes)
    price = p.price_ratio ** (2 * customer.gap)
    tenure = p.tenure_months if customer.tenure_months is None else customer.tenure_months
    churn_30d, churn_12m, months = _stay(p, tenure, ratio, price)
    undisturbed = _stay(p, tenure, 1.0, price)[1]
    if price != 1:
        causes.append(Cause("rival_price", customer.gap, price))
    return Loyalty(churn_30d, churn_12m, months, undisturbed, tuple(causes))


def _stay(p: LoyaltyParameters, tenure: float, ratio: float, price: float) -> tuple[float, float, float]:
    """Probabilities of leaving within a month and a year, and the expected months to stay."""
    base = -log1p(-p.monthly_churn) * price
    bad = log(ratio)
    left = 1.0  # of the customer
    months = 0.0
    churn = []
    for month in range(_HORIZON_MONTHS):
        middle = month + 0.5
        early = (p.early_factor - 1) * exp(-(tenure + middle) / p.early_months)
        still = bad * 0.5 ** (middle / p.half_life_months)
        if month > _YEAR and abs(early) + abs(still) < _FADED:
            break
        hazard = base * (1 + early) * exp(still)
        months += left * -expm1(-hazard) / hazard
        left *= exp(-hazard)
        if month in (0, _YEAR):
            churn.append(1 - left)
    return churn[0], churn[1], months + left / base
