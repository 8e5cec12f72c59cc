"""What is read at a scrape instead of counted: the center now, and the settings beside which it is read."""

import platform
from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

import ivr
from ivr.core.acd.records import ACTIVE
from ivr.core.plan import Plan
from ivr.core.snapshot import Snapshot

AGENT_STATES = (*sorted(ACTIVE), "not_responding", "paused", "signed_out")
"""Every state of an agent."""


def settings(plan: Plan) -> Iterator[Metric]:
    """What the plan promises, and who made this page."""
    target = GaugeMetricFamily(
        "ivr_service_level_target_ratio", "Share of calls to be answered in time", labels=["queue"]
    )
    within = GaugeMetricFamily(
        "ivr_service_level_threshold_seconds", "The wait that still counts as in time", labels=["queue"]
    )
    for queue in plan.queues.values():
        target.add_metric([queue.name], queue.service_level.target)
        within.add_metric([queue.name], queue.service_level.within_ms / 1000)
    yield target
    yield within
    build = GaugeMetricFamily("ivr_build_info", "Version of ivr and of Python", labels=["version", "python"])
    build.add_metric([ivr.__version__, platform.python_version()], 1)
    yield build
    info = GaugeMetricFamily("ivr_plan_info", "The center that is served", labels=["plan", "digest"])
    info.add_metric([plan.name, plan.digest[:12]], 1)
    yield info


def now(snapshot: Snapshot) -> Iterator[Metric]:
    """The center as a snapshot shows it; an unknown estimate has no sample, rather than a false number."""
    phases = GaugeMetricFamily("ivr_calls_in_progress", "Calls now, by what they are doing", labels=["phase"])
    phases.add_metric(["flow"], snapshot.in_flow)
    phases.add_metric(["waiting"], snapshot.waiting)
    phases.add_metric(["talking"], snapshot.talking)
    yield phases
    waiting = GaugeMetricFamily("ivr_queue_calls_waiting", "Calls waiting now", labels=["queue"])
    ringing = GaugeMetricFamily(
        "ivr_queue_calls_ringing", "Places being offered to an agent now", labels=["queue"]
    )
    oldest = GaugeMetricFamily(
        "ivr_queue_oldest_call_age_seconds", "How long the longest waiting call has waited", labels=["queue"]
    )
    estimate = GaugeMetricFamily(
        "ivr_queue_estimated_wait_seconds", "Wait a call joining now would be told", labels=["queue"]
    )
    callbacks = GaugeMetricFamily("ivr_callbacks_pending", "Callbacks not yet ended", labels=["queue"])
    agents = GaugeMetricFamily(
        "ivr_agents", "Agents now, in each queue they serve", labels=["queue", "state"]
    )
    for queue in snapshot.queues:
        waiting.add_metric([queue.name], queue.waiting)
        ringing.add_metric([queue.name], queue.ringing)
        oldest.add_metric([queue.name], queue.oldest_ms / 1000)
        callbacks.add_metric([queue.name], queue.callbacks)
        if queue.estimate_ms is not None:
            estimate.add_metric([queue.name], queue.estimate_ms / 1000)
        for state in AGENT_STATES:
            agents.add_metric([queue.name, state], queue.agents.get(state, 0))
    yield from (waiting, ringing, oldest, estimate, callbacks, agents)
