"""How customers were treated: folds over facts, the same for a told story, a served center and a simulation.

    journeys = Journeys(matter="a discount", calendar=calendar, settling=treatment.settling, funnel=treatment.funnel)
    fan.add(journeys.handlers())                    # or journeys.take(fact), each fact of the run in its order
    (journey,) = journeys.journeys()
    card = scorecard(journey, CustomerFacts(tenure_months=18, price=25, rival_price=15), treatment, at=now)
    card.effort.index, card.effort.terms            # 0 to 100, and what it came from
    card.loyalty.churn_12m, card.loyalty.causes     # a model, see ivr.observe.journey.loyalty
    card.funnel.weakest                             # the step at which the customer was lost

`treatment` is that of the center's plan (`plan.treatment`): weights, parameters, funnel and settling runs.

A customer is a phone number; `addresses` gives the number of an e-mail address, or of whose an appointment is. Contacts
of a customer belong to one journey while no more than a week passes between them, unless the caller says that they
want something else (`Said` with act `wants`); a story has one matter, given as `matter`.

    contact    a `Contact`, a `Promise`, a `Journey`
    journeys   the fold
    promises   what keeps and what breaks a promise
    effort     the effort index
    loyalty    the loyalty model
    funnel     how far journeys came, by hand-over
    totals     journeys of a run added up
    score      all of it together: the scorecard
"""

from ivr.observe.journey.contact import Contact, Heard, Journey, Met, Passing, Promise
from ivr.observe.journey.effort import Effort, Term, effort_of
from ivr.observe.journey.funnel import Funnel, FunnelRow, funnel_of
from ivr.observe.journey.journeys import Journeys
from ivr.observe.journey.loyalty import Cause, CustomerFacts, Loyalty, loyalty_of
from ivr.observe.journey.score import Scorecard, scorecard
from ivr.observe.journey.totals import Totalling, Totals

__all__ = [
    "Cause",
    "Contact",
    "CustomerFacts",
    "Effort",
    "Funnel",
    "FunnelRow",
    "Heard",
    "Journey",
    "Journeys",
    "Loyalty",
    "Met",
    "Passing",
    "Promise",
    "Scorecard",
    "Term",
    "Totalling",
    "Totals",
    "effort_of",
    "funnel_of",
    "loyalty_of",
    "scorecard",
]
