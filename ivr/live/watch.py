"""Whoever watches the center for faults of ours: exceptions out of the core, broken invariants, sound that fails."""

from structlog.typing import FilteringBoundLogger

from ivr.core.events import Event
from ivr.core.facts import Fact
from ivr.core.plan import Plan
from ivr.observe.audit import Audit
from ivr.observe.live_metrics import LiveMetrics


class Watch:
    """Counts and logs faults, with the command that repeats them; the center goes on, marked unready."""

    def __init__(self, audit: Audit, metrics: LiveMetrics, log: FilteringBoundLogger, replay: str) -> None:
        """`replay` is what to type to see it again."""
        self.bugs = 0
        self._auditor: Audit | None = audit
        self._metrics = metrics
        self._log = log
        self._replay = replay

    def fact(self, fact: Fact) -> None:
        """An independent model of the center checks every fact; after the first fault its picture is worthless."""
        if self._auditor is None:
            return
        try:
            self._auditor.fact(fact)
        except AssertionError as broken:
            self._auditor = None
            self._fault(str(broken).partition(" ")[0], broken)

    def adopt(self, plan: Plan) -> None:
        """Know a plan that calls are about to follow."""
        if self._auditor is not None:
            self._auditor.adopt(plan)

    def bug(self, bug: BaseException, event: Event | None) -> None:
        """An exception came out of the core."""
        self._fault("exception", bug, event_kind=type(event).__name__)

    def sound(self, what: str, fault: BaseException) -> None:
        """A sound could not be made or sent; the call goes on without it."""
        self._log.error("sound_failed", what=what, fault=str(fault), kind=type(fault).__name__)

    def _fault(self, kind: str, fault: BaseException, **more: str) -> None:
        self.bugs += 1
        self._metrics.violations.labels(kind).inc()
        self._log.error("bug", id=kind, replay=self._replay, exc_info=fault, **more)
