"""Models of the estimated wait: each by its formula, unknown without agents, and compared on the same calls."""

import json
from pathlib import Path

import pytest

from ivr.core import events, facts
from ivr.core.acd.estimate import MODELS, erlang_c
from ivr.core.time import MINUTE, SECOND
from ivr.observe.metrics import Metrics
from tests.support import center_of
from tests.support.lab import Lab, states

FLOW = "a: [{queue: support, on: {timeout: z, full: z, empty: z, closed: z}}, hangup]\nz: [hangup]\n"
AGENTS = "agents: { anna: { queues: [support, billing] }, boris: { queues: [support] } }"


def lab_of(ewt: str = "stat_server", more: str = "") -> Lab:
    queues = f"queues: {{ support: {{ ewt: {ewt}{more} }}, billing: {{}} }}"
    return Lab(center_of(states(FLOW), queues=queues, agents=AGENTS))


def served(lab: Lab, waits: list[int], talk_ms: int = MINUTE) -> None:
    """Calls that wait so long (s) and then talk."""
    for wait in waits:
        phone = lab.call(f"p-{len(lab.inputs)}")
        lab.wait(wait * SECOND)
        lab.do(events.AgentSignedIn("boris"))
        made = lab.last(facts.ReservationMade)
        lab.do(events.ReservationAccepted("boris", made.reservation))
        lab.wait(talk_ms)
        lab.do(events.AgentSignedOut("boris"))
        phone.hang_up()


def estimate(lab: Lab, queue: str = "support") -> int | None:
    return next(view.estimate_ms for view in lab.engine.snapshot().queues if view.name == queue)


@pytest.mark.parametrize("model", MODELS)
def test_nobody_at_work_means_unknown_and_never_zero(model: str) -> None:
    lab = lab_of(model)
    served(lab, [10, 20])
    assert estimate(lab) is None
    lab.call()
    assert lab.last(facts.CallQueued).estimate_ms is None


def test_the_stat_server_knows_that_agents_share_queues_and_position_does_not() -> None:
    for model, expected in (("stat_server", 60 / 1.5), ("position", 60 / 2)):
        lab = lab_of(model)
        served(lab, [10])
        lab.agent("anna")
        lab.agent("boris")
        for line in ("p-a", "p-b"):
            lab.call(line)
        for number in (2, 3):
            agent = next(fact.agent for fact in lab.told(facts.ReservationMade) if fact.reservation == number)
            lab.do(events.ReservationAccepted(agent, number))
        assert estimate(lab) == expected * SECOND
        lab.call("p-c")
        assert estimate(lab) == 2 * expected * SECOND


def test_last_n_is_the_mean_of_the_last_ten_waits() -> None:
    lab = lab_of("last_n")
    lab.agent("anna", ready=False)
    lab.do(events.AgentReady("anna"))
    busy = lab.call("p-0")
    lab.do(events.ReservationAccepted("anna", 1))
    assert estimate(lab) == 0
    served(lab, [100, *([10] * 9), 20])
    assert estimate(lab) == 11 * SECOND, "nine of 10 s and one of 20 s; those before are forgotten"
    busy.hang_up()


@pytest.mark.parametrize(("waited", "minutes"), [(0, 1), (60, 0), (120, 0), (300, 3), (600, 8), (1200, 18)])
def test_asterisks_estimate_grows_again_for_who_waits_longest(waited: int, minutes: int) -> None:
    lab = lab_of("ewma_asterisk")
    lab.agent("anna")
    lab.engine.acd().queues["support"].seen.average_s = 60
    queue = lab.engine.acd().queues["support"]
    assert queue.estimate(1, waited * SECOND) == minutes * MINUTE


def test_asterisks_average_is_in_whole_seconds_and_settles_below_the_truth() -> None:
    lab = lab_of("ewma_asterisk")
    served(lab, [10] * 30)
    assert lab.engine.acd().queues["support"].seen.average_s == 7


def test_erlang_c_has_the_exact_values() -> None:
    exact = json.loads((Path(__file__).parents[1] / "theory" / "erlang_c.json").read_text("utf-8"))
    assert len(exact) >= 5
    for case in exact:
        load = case["rate"] * case["aht"]
        assert erlang_c(case["agents"], load) == pytest.approx(case["p_wait"], rel=1e-9)


def test_the_erlang_model_goes_by_the_rate_of_calls_so_far() -> None:
    lab = lab_of("erlang")
    served(lab, [0] * 5, talk_ms=30 * SECOND)
    lab.agent("anna")
    busy = lab.call("p-x")
    made = lab.last(facts.ReservationMade)
    lab.do(events.ReservationAccepted("anna", made.reservation))
    assert lab.now == 150 * SECOND
    load = 5 * 30 / 150
    assert estimate(lab) is None, f"{load} Erlang are too much for one agent"
    lab.wait(150 * SECOND)
    load = 5 * 30 / 300
    assert estimate(lab) == round(erlang_c(1, load) * 30_000 / (1 - load))
    busy.hang_up()


def test_models_are_compared_on_the_same_calls() -> None:
    lab = lab_of("stat_server", ", compare_ewt: [last_n, ewma_asterisk]")
    metrics = Metrics(lab.engine.plan)
    lab.agent("anna")
    served(lab, [0, 12, 12])
    table = metrics.handlers()
    for fact in lab.facts:
        handler = table.get(type(fact)) or table.get(facts.Fact)
        assert handler is not None
        handler(fact)
    told = [(fact.model, fact.estimate_ms) for fact in lab.told(facts.WaitEstimated)]
    assert {model for model, _ in told} == {"last_n", "ewma_asterisk"}
    page = metrics.render()[1].decode()
    for model in ("stat_server", "last_n", "ewma_asterisk"):
        assert (
            f'ivr_estimate_error_seconds_count{{estimate="too_long",model="{model}",queue="support"}}' in page
        )
    assert 'ivr_service_level_ratio{queue="support",variant="of_answered"}' in page
