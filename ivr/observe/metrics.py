"""Facts folded into Prometheus metrics, in a registry of our own; `ivr.observe.families` names them."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ivr.core.calendar import Calendar
from ivr.core.plan import Plan
from ivr.core.snapshot import Snapshot
from ivr.core.time import Instant
from ivr.observe import gauges
from ivr.observe.batch import Batch
from ivr.observe.counts import Counts
from ivr.observe.fan import Handlers, joined
from ivr.observe.figures import QueueFigures
from ivr.observe.service_level import service_levels
from ivr.observe.treated import Treated


class Metrics(Collector):
    """The fold, and the page that Prometheus reads.

    `snapshot` is called at each scrape for the gauges; without it (a simulated run) there are none.
    """

    def __init__(
        self,
        plan: Plan,
        snapshot: Callable[[], Snapshot] | None = None,
        batch: Batch | None = None,
        calendar: Calendar | None = None,
    ) -> None:
        """`batch` is one that other folds read too: told its facts alone, there are no journeys.

        The `calendar` is for the windows of appointments.
        """
        self._plan = plan
        self._snapshot = snapshot
        self._batch = batch if batch is not None else Batch()
        self._counts = Counts(plan, self._batch)
        self._treated = Treated(plan, calendar)
        self._families = [*self._counts.families.all(), *self._treated.all()]
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self)

    def adopt(self, plan: Plan) -> None:
        """Know the flows and requests of a plan that is about to replace the present one."""
        self._plan = plan
        self._counts.adopt(plan)
        self._treated.adopt(plan)

    def handlers(self) -> Handlers:
        """See `ivr.observe.fan`; those of the batch, so not to be added twice."""
        return joined(self._batch.handlers(), self._treated.handlers())

    def figures(self) -> list[QueueFigures]:
        """Every queue as a wallboard shows it, now and since the start; needs a `snapshot`."""
        assert self._snapshot is not None, "a wallboard shows what is now"
        snapshot = self._snapshot()
        self._counts.conclude()
        agents = self._plan.agents.values()
        return [
            self._counts.figures(
                self._plan.queues[view.name],
                view,
                [agent.name for agent in agents if view.name in agent.queues],
                snapshot.at,
            )
            for view in snapshot.queues
        ]

    # Reading ---------------------------------------------------------------------------------------------

    def render(self, accept: str = "") -> tuple[str, bytes]:
        """Content type and page, in the format an `Accept` header asks for."""
        encode, content_type = choose_encoder(accept)
        return content_type, encode(self.registry)

    def describe(self) -> list[Metric]:
        """Nothing: names are fixed, and the registry need not call `collect` to learn them."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every family as it stands; called by the registry."""
        self._counts.conclude()
        snapshot = self._snapshot() if self._snapshot is not None else None
        for family in self._families:
            yield family.family()
        yield self._agent_seconds(snapshot.at if snapshot is not None else None)
        yield self._service_levels()
        yield from gauges.settings(self._plan)
        if snapshot is not None:
            yield from gauges.now(snapshot)

    def _service_levels(self) -> Metric:
        """Every variant of every queue's service level, of all visits so far."""
        family = GaugeMetricFamily(
            "ivr_service_level_ratio",
            "Share of calls answered in time since the start, as each variant counts it",
            labels=["queue", "variant"],
        )
        for queue in self._plan.queues:
            for variant, level in service_levels(self._counts.counted(queue)).items():
                family.add_metric([queue, variant], level)
        return family

    def _agent_seconds(self, now: Instant | None) -> Metric:
        """Time in states by queue, with the states that agents are in now."""
        family = CounterMetricFamily(
            "ivr_agent_state_seconds_total",
            "Time agents spent in states, in each queue they serve",
            labels=["queue", "state"],
        )
        states = [state for state in gauges.AGENT_STATES if state != "signed_out"]
        sums = {(queue, state): 0 for queue in self._plan.queues for state in states}
        for name, time in self._counts.staff.items():
            spent = dict(time.spent)
            if now is not None:
                spent[time.state] = spent.get(time.state, 0) + max(0, now - time.since)
            for state, ms in spent.items():
                if state in states:
                    for queue in self._plan.agents[name].queues:
                        sums[queue, state] += ms
        for key, ms in sums.items():
            family.add_metric(key, ms / 1000)
        return family
