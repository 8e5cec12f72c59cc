"""What only a live center has: lateness, connections, the store, the load. Plain prometheus objects.

The live driver calls these directly; they share the registry of the facts' metrics, so one page
shows both.
"""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

_MS_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class LiveMetrics:
    """One attribute a metric; roles are `phone`, `desk` and `wall`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._define_clocks(registry)
        self.connections = Gauge("ivr_ws_connections", "Open websockets", ["role"], registry=registry)
        self.dropped = Counter(
            "ivr_ws_outbox_dropped_total",
            "Lines dropped because their outbox was full",
            ["role"],
            registry=registry,
        )
        for role in ("phone", "desk", "wall"):
            self.connections.labels(role)
            self.dropped.labels(role)
        self.admission_refused = Counter(
            "ivr_admission_refused_total",
            "Calls refused before they reached the engine",
            ["reason"],
            registry=registry,
        )
        for reason in ("store_full", "connections", "draining"):
            self.admission_refused.labels(reason)
        self.violations = Counter(
            "ivr_invariant_violations_total", "Broken invariants", ["id"], registry=registry
        )
        self.reload_success = Gauge(
            "ivr_config_reload_success",
            "Whether the center's files as they are now are served",
            registry=registry,
        )
        self.reload_timestamp = Gauge(
            "ivr_config_reload_timestamp_seconds",
            "When the files that are served were loaded, since 1970 UTC",
            registry=registry,
        )
        self._define_store(registry)

    def _define_clocks(self, registry: CollectorRegistry) -> None:
        self.timer_lag = Histogram(
            "ivr_timer_lag_seconds",
            "How late the driver woke for a due alarm",
            registry=registry,
            buckets=_MS_BOUNDS,
        )
        self.frame_lag = Histogram(
            "ivr_frame_lag_seconds",
            "How late a slot of the 20 ms playout clock was served",
            registry=registry,
            buckets=_MS_BOUNDS,
        )
        self.skipped_ticks = Counter(
            "ivr_playout_skipped_ticks_total",
            "Ticks of 20 ms in which nothing was sent, because the clock was too far behind",
            registry=registry,
        )
        self.loop_lag = Histogram(
            "ivr_event_loop_lag_seconds",
            "How late the event loop came to a look that was due every second",
            registry=registry,
            buckets=_MS_BOUNDS,
        )
        self.match = Histogram(
            "ivr_match_seconds",
            "Time the engine took for one input",
            registry=registry,
            buckets=(0.00001, 0.000025, 0.00005, 0.0001, 0.00025, *_MS_BOUNDS),
        )

    def _define_store(self, registry: CollectorRegistry) -> None:
        self.commit = Histogram(
            "ivr_journal_commit_seconds",
            "Time of one commit of the store",
            registry=registry,
            buckets=_MS_BOUNDS,
        )
        self.batch = Histogram(
            "ivr_journal_batch_entries",
            "Entries of one commit of the store",
            registry=registry,
            buckets=(1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000),
        )
        self.queue_depth = Gauge(
            "ivr_journal_queue_depth", "Entries waiting for the store", registry=registry
        )
        self._lost = _Lost()
        registry.register(self._lost)

    def reloaded(self, *, ok: bool, at: float) -> None:
        """How the last look at the center's files went, and when, in seconds since 1970 UTC."""
        self.reload_success.set(ok)
        if ok:
            self.reload_timestamp.set(at)

    def watch_lost(self, gone: Callable[[], tuple[int, int]]) -> None:
        """Read at each scrape how many entries the store could not keep: those that informed, those that counted."""
        self._lost.gone = gone


class _Lost(Collector):
    """A counter that somebody else keeps."""

    def __init__(self) -> None:
        self.gone: Callable[[], tuple[int, int]] = lambda: (0, 0)

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "ivr_journal_lost_total",
            "Entries the store dropped because it was too far behind",
            labels=["weight"],
        )
        for weight, count in zip(("informs", "counts"), self.gone(), strict=True):
            family.add_metric([weight], count)
        yield family
