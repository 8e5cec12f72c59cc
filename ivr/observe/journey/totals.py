"""Journeys of a simulated run added up: plain sums, the same in every process."""

from dataclasses import dataclass

from ivr.core.plan import Plan
from ivr.core.time import Instant
from ivr.observe.fan import Handlers
from ivr.observe.journey.contact import WINDOW_MS, Journey
from ivr.observe.journey.effort import effort_of
from ivr.observe.journey.journeys import Journeys
from ivr.observe.journey.loyalty import loyalty_of


@dataclass
class Totals:
    """How many journeys, how many resolved at once, and the sums of effort index and of churn within a year."""

    journeys: int = 0
    resolved: int = 0
    first: int = 0
    effort: float = 0.0
    churn: float = 0.0


class Totalling:
    """The fold: every journey that began at or after `since`; `close` gives the totals."""

    def __init__(self, plan: Plan, since: Instant = 0) -> None:
        """Simulated agents say little or nothing, so a talk settles the matter if nobody comes again.

        Each simulated caller is a person of their own, whatever number they call from.
        """
        self._treatment = plan.treatment
        self._since = since
        self._until: Instant | None = None
        self._totals = Totals()
        self._journeys = Journeys(
            settling=plan.treatment.settling, assume_settled=True, by_line=True, ended=self._ended
        )

    def handlers(self) -> Handlers:
        """See `ivr.observe.fan`."""
        return self._journeys.handlers()

    def close(self, at: Instant) -> Totals:
        """The run is over at `at`: what is promised for later is not broken."""
        self._until = at
        self._journeys.close()
        return self._totals

    def _ended(self, journey: Journey) -> None:
        if journey.contacts[0].began < self._since or not journey.made:
            return
        at = journey.last + WINDOW_MS if self._until is None else self._until
        totals, treatment = self._totals, self._treatment
        on = journey.resolved_on
        totals.journeys += 1
        totals.resolved += on is not None
        totals.first += on == 1
        totals.effort += effort_of(journey, treatment.effort, at).index
        totals.churn += loyalty_of(journey, None, treatment.loyalty, treatment.effort, at).churn_12m
