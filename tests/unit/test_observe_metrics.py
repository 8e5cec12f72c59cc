"""The page Prometheus reads equals what the facts say, and its labels come from the plan alone."""

from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.observe.batch import BATCH
from ivr.observe.families import OUTCOMES
from ivr.observe.fan import Fan
from ivr.observe.live_metrics import LiveMetrics
from ivr.observe.metrics import Metrics
from tests.unit.test_observe_center import AGENTS, QUEUES, Center, busy_hours, closed, small_plan


class Page:
    """A rendered page, parsed again by prometheus_client's own parser."""

    def __init__(self, metrics: Metrics) -> None:
        content_type, body = metrics.render()
        assert content_type.startswith("text/plain; version=0.0.4")
        self.text = body.decode()
        self.families = {family.name: family for family in text_string_to_metric_families(self.text)}
        self.samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float:
        return self.samples[name, frozenset(labels.items())]

    def labels(self, name: str, label: str) -> set[str]:
        return {
            value for sample, pairs in self.samples for key, value in pairs if sample == name and key == label
        }


def run(seed: int = 1, steps: int = 1_200, *, end: bool = True) -> tuple[Center, Page]:
    fan = Fan()
    center = Center(None, fan.tell)
    metrics = Metrics(small_plan(), center.engine.snapshot)
    fan.add(metrics.handlers())
    busy_hours(center, seed, steps)
    if end:
        closed(center)
    return center, Page(metrics)


def of(center: Center, kind: type[Fact]) -> list[Any]:
    return [fact for fact in center.facts if isinstance(fact, kind)]


def test_counters_equal_the_facts() -> None:
    center, page = run()
    left = Counter((fact.queue, fact.outcome) for fact in of(center, facts.QueueLeft))
    queued = Counter(fact.queue for fact in of(center, facts.CallQueued))
    assert len(left) > 8
    for queue in QUEUES:
        assert page.value("ivr_calls_offered_total", queue=queue) == queued[queue]
        for outcome in OUTCOMES:
            labels = {"queue": queue, "outcome": outcome}
            assert page.value("ivr_calls_finished_total", **labels) == left[queue, outcome]
    reserved = Counter((fact.queue, fact.result) for fact in of(center, facts.ReservationEnded))
    for (queue, result), count in reserved.items():
        assert page.value("ivr_reservations_total", queue=queue or "none", result=result) == count
    assert page.value("ivr_callback_attempts_total") == len(of(center, facts.CallbackTried)) > 0
    steps = Counter((fact.verb, fact.result.partition(".")[0]) for fact in of(center, facts.StepEnded))
    for (verb, result), count in steps.items():
        found = sum(
            value
            for (name, pairs), value in page.samples.items()
            if name == "ivr_steps_total" and {("verb", verb), ("result", result)} <= pairs
        )
        assert found == count


def test_offered_is_outcomes_and_those_who_wait_at_any_time() -> None:
    for steps in (50, 333, 700):
        _, page = run(4, steps, end=False)
        for queue in QUEUES:
            ended = sum(
                page.value("ivr_calls_finished_total", queue=queue, outcome=outcome) for outcome in OUTCOMES
            )
            waiting = page.value("ivr_queue_calls_waiting", queue=queue)
            assert page.value("ivr_calls_offered_total", queue=queue) == ended + waiting


def test_waits_are_a_classic_histogram_with_a_bound_at_every_threshold() -> None:
    center, page = run()
    bounds = page.labels("ivr_queue_wait_seconds_bucket", "le")
    assert {"1.0", "4.0", "5.0", "20.0", "25.0", "1800.0", "+Inf"} <= bounds
    for queue in QUEUES:
        for outcome in OUTCOMES:
            waits = [
                fact.waited_ms
                for fact in of(center, facts.QueueLeft)
                if (fact.queue, fact.outcome) == (queue, outcome)
            ]
            labels = {"queue": queue, "outcome": outcome}
            assert page.value("ivr_queue_wait_seconds_count", **labels) == len(waits)
            assert page.value("ivr_queue_wait_seconds_sum", **labels) == pytest.approx(sum(waits) / 1000)
            for le in bounds:
                expected = sum(wait <= float(le) * 1000 for wait in waits)
                assert page.value("ivr_queue_wait_seconds_bucket", le=le, **labels) == expected
    by_bound = [
        page.value("ivr_queue_wait_seconds_bucket", le=le, queue="sales", outcome="answered")
        for le in sorted(bounds, key=float)
    ]
    assert all(low <= high for low, high in pairwise(by_bound))


def test_a_wait_of_exactly_the_bound_is_within_it() -> None:
    metrics = Metrics(small_plan())
    told = metrics.handlers()
    for wait in (25_000, 25_001):
        told[facts.QueueLeft](facts.QueueLeft(wait, 1, "support", 1, "answered", wait, "ann"))
    page = Page(metrics)
    labels = {"queue": "support", "outcome": "answered"}
    assert page.value("ivr_queue_wait_seconds_bucket", le="25.0", **labels) == 1
    assert page.value("ivr_calls_answered_within_threshold_total", queue="support") == 1


def test_service_level_counters_equal_the_facts() -> None:
    center, page = run(2)
    for queue in QUEUES.values():
        inside = Counter(
            fact.outcome
            for fact in of(center, facts.QueueLeft)
            if fact.queue == queue.name and fact.waited_ms <= queue.service_level.within_ms
        )
        name = {"queue": queue.name}
        assert page.value("ivr_calls_answered_within_threshold_total", **name) == inside["answered"]
        gone = inside["abandoned"] + inside["short_abandoned"]
        assert page.value("ivr_calls_abandoned_within_threshold_total", **name) == gone
        assert page.value("ivr_calls_short_abandoned_total", **name) == inside["short_abandoned"]
        assert (
            page.value("ivr_service_level_threshold_seconds", **name) == queue.service_level.within_ms / 1000
        )


def test_handle_time_is_talk_hold_and_wrap_up_of_agents() -> None:
    center, page = run()
    agents = [fact for fact in of(center, facts.TalkEnded) if fact.party in AGENTS]
    handled = sum(fact.talk_ms + fact.hold_ms for fact in agents)
    handled += sum(fact.wrap_up_ms for fact in of(center, facts.WrapUpEnded))
    still = {view.name for view in center.engine.snapshot().agents if view.state == "wrap_up"}
    handled -= sum({fact.party: fact.talk_ms + fact.hold_ms for fact in agents}[name] for name in still)
    found = sum(value for (name, _), value in page.samples.items() if name == "ivr_handle_seconds_sum")
    assert found == pytest.approx(handled / 1000)


def test_agents_time_in_states_adds_up_to_the_time_they_were_signed_in() -> None:
    center, page = run(5, end=False)
    signed_in: dict[str, int] = defaultdict(int)
    for fact in [*of(center, facts.AgentMoved)]:
        if fact.left != "signed_out":
            signed_in[fact.agent] += fact.at - fact.since
    for view in center.engine.snapshot().agents:
        if view.state != "signed_out":
            signed_in[view.name] += view.for_ms
    for queue in QUEUES:
        spent = sum(
            value
            for (name, pairs), value in page.samples.items()
            if name == "ivr_agent_state_seconds_total" and ("queue", queue) in pairs
        )
        agents = [agent for agent in AGENTS.values() if queue in agent.queues]
        assert spent == pytest.approx(sum(signed_in[agent.name] for agent in agents) / 1000)


def test_gauges_show_the_snapshot_and_leave_an_unknown_estimate_out() -> None:
    center, page = run(6, 200, end=False)
    snapshot = center.engine.snapshot()
    assert page.value("ivr_calls_in_progress", phase="waiting") == snapshot.waiting
    for queue in snapshot.queues:
        assert page.value("ivr_queue_oldest_call_age_seconds", queue=queue.name) == queue.oldest_ms / 1000
        assert page.value("ivr_agents", queue=queue.name, state="ready") == queue.agents.get("ready", 0)
    empty = Center()
    page = Page(Metrics(small_plan(), empty.engine.snapshot))
    assert "ivr_queue_estimated_wait_seconds" in page.text
    assert not page.labels("ivr_queue_estimated_wait_seconds", "queue")


def test_every_known_label_exists_before_anything_happens_and_none_is_added() -> None:
    before = Page(Metrics(small_plan())).samples
    assert before["ivr_calls_finished_total", frozenset({("queue", "sales"), ("outcome", "timeout")})] == 0
    metrics = Metrics(small_plan())
    fan = Fan()
    fan.add(metrics.handlers())
    for number in range(3_000):
        fan.tell(facts.StateEntered(1, 1, "buy", f"state {number}"))
        fan.tell(facts.StepEnded(1, 1, "buy", "wait", "0", "run", f"made up {number}", 0))
        fan.tell(facts.LookupEnded(1, 1, 1, f"look {number}", "lookup", "ok", 5))
        fan.tell(facts.OfferEnded(1, 1, f"offer {number}", 1, "accepted"))
        fan.tell(facts.CallRefused(1, "p", "9", "", f"why {number}"))
        fan.tell(facts.EventIgnored(1, f"event {number}", "", ""))
    page = Page(metrics)
    assert len(page.samples) < len(before) + 300
    assert page.value("ivr_states_entered_total", flow="buy", state="other") == 3_000
    assert page.value("ivr_calls_refused_total", why="other") == 3_000
    assert page.value("ivr_offers_total", offer="other", answer="other") == 3_000 - 200
    assert "made up" not in page.text


def test_the_page_is_the_same_however_often_it_was_read() -> None:
    once, often = Metrics(small_plan()), Metrics(small_plan())
    fan = Fan()
    fan.add(once.handlers())
    fan.add(often.handlers())
    center = Center(None, fan.tell)
    busy_hours(center, 3, 600, after=lambda: often.render() and None)
    closed(center)
    assert once.render() == often.render()


def test_what_is_put_aside_is_bounded() -> None:
    metrics = Metrics(small_plan())
    fan = Fan()
    fan.add(metrics.handlers())
    for at in range(3 * BATCH):
        fan.tell(facts.KeyHeard(at, 1, "1", "ignored"))
        fan.tell(facts.AgentMoved(at, "ann", "ready", "", "paused", at - 1))
        fan.tell(facts.StepEnded(at, 1, "buy", "wait", "0", "run", "key.1", at))
        fan.tell(facts.EventIgnored(at, "key_pressed", "p-1", "late"))
    batch = metrics._batch
    assert max(len(batch.keys), len(batch.work), len(batch.steps), len(batch.rest)) < BATCH
    page = Page(metrics)
    assert page.value("ivr_keys_total", use="ignored") == 3 * BATCH
    assert page.value("ivr_steps_total", flow="buy", verb="run", result="key") == 3 * BATCH
    assert page.value("ivr_agent_state_seconds_total", queue="sales", state="paused") == 3 * BATCH / 1000


def test_the_page_has_no_created_series_and_no_exponents_in_bounds() -> None:
    _, page = run(1, 100)
    assert "_created" not in page.text
    for _, pairs in page.samples:
        le = dict(pairs).get("le", "1.0")
        assert le == "+Inf" or "." in le


def test_names_end_as_prometheus_wants() -> None:
    _, page = run(1, 50)
    for family in page.families.values():
        assert family.name.startswith("ivr_")
        assert family.documentation
        for sample in family.samples:
            assert (family.type == "counter") is sample.name.endswith("_total")
        if family.type == "histogram":
            assert family.name.endswith(("_seconds", "_ratio"))


def test_openmetrics_is_spoken_when_asked_for() -> None:
    content_type, body = Metrics(small_plan()).render("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")


def test_live_metrics_share_the_page() -> None:
    metrics = Metrics(small_plan())
    live = LiveMetrics(metrics.registry)
    live.timer_lag.observe(0.002)
    live.connections.labels("phone").inc()
    page = Page(metrics)
    assert page.value("ivr_timer_lag_seconds_count") == 1
    assert page.value("ivr_ws_connections", role="phone") == 1
    assert page.value("ivr_ws_outbox_dropped_total", role="desk") == 0
    assert "_created" not in page.text
