"""How customers are treated, as metrics: the effort of each contact's journey so far, and what became of journeys.

A journey is counted when it is over, which is a week after its last contact; contacts are counted as they end. Effort and
churn are looked at as if nobody came again. Histograms here are of thousandths.
"""

from typing import Final

from ivr.core.calendar import Calendar
from ivr.core.plan import Plan
from ivr.core.treatment import Treatment
from ivr.observe.fan import Handlers
from ivr.observe.journey import Journey, Journeys, effort_of, funnel_of, loyalty_of
from ivr.observe.journey.contact import WINDOW_MS
from ivr.observe.tally import Counters, Histograms

_INDEX_BOUNDS: Final = tuple(bound * 10 for bound in (5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100))
_CHURN_BOUNDS: Final = (50, 100, 150, 200, 300, 400, 500, 600, 800, 1_000)
CHANNELS: Final = ("phone", "sms", "email", "push")


class Treated:
    """The fold and its families; a center's funnel stays as it was when the fold began."""

    def __init__(self, plan: Plan, calendar: Calendar | None = None) -> None:
        """Without the calendar appointments are late only by their work orders."""
        self._treatment: Treatment = plan.treatment
        self._steps = plan.treatment.funnel
        self._journeys = Journeys(
            settling=plan.treatment.settling,
            funnel=self._steps,
            calendar=calendar,
            assume_settled=True,
            by_line=True,
            ended=self._ended,
            contact_ended=self._contact,
        )
        self.index = Histograms(
            "ivr_contact_effort_ratio",
            "Effort index (1 for 100) of the matter so far, at the end of each contact",
            {"channel": CHANNELS},
            _INDEX_BOUNDS,
        )
        self.churn = Histograms(
            "ivr_journey_churn_ratio",
            "Probability of leaving within a year by the loyalty model, at the end of each journey",
            {},
            _CHURN_BOUNDS,
        )
        self.journeys = Counters(
            "ivr_journeys_ended_total",
            "Journeys of customers that are over, by the contact on which they were resolved",
            {"resolved": ("first", "later", "no")},
        )
        self.funnel = Counters(
            "ivr_funnel_reached_total",
            "Journeys that are over and had reached a step of the funnel and all before it",
            {"step": [step.name for step in self._steps], "who": [step.who for step in self._steps]},
            lazy=True,
        )
        for step in self._steps:
            self.funnel.setdefault((step.name, step.who), [0])

    def all(self) -> list[Counters | Histograms]:
        """Every family, in the order of the page."""
        return [self.index, self.churn, self.journeys, self.funnel]

    def adopt(self, plan: Plan) -> None:
        """Weigh by another plan from now on."""
        self._treatment = plan.treatment
        self._journeys.settling = plan.treatment.settling

    def handlers(self) -> Handlers:
        """See `ivr.observe.fan`."""
        return self._journeys.handlers()

    def close(self) -> None:
        """Count every journey as over."""
        self._journeys.close()

    def _contact(self, journey: Journey) -> None:
        index = effort_of(journey, self._treatment.effort).index
        self.index[journey.contacts[-1].channel,].add([round(index * 10)])

    def _ended(self, journey: Journey) -> None:
        treatment, at = self._treatment, journey.last + WINDOW_MS
        found = loyalty_of(journey, None, treatment.loyalty, treatment.effort, at)
        self.churn[()].add([round(found.churn_12m * 1_000)])
        resolved = {None: "no", 1: "first"}.get(journey.resolved_on, "later")
        self.journeys[resolved,][0] += 1
        for row in funnel_of([journey], self._steps).rows:
            self.funnel[row.step.name, row.step.who][0] += row.reached
