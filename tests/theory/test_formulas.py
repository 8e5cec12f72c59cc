"""The formulas of `ivr.sim.theory` against exact values, against each other, and against nonsense."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from ivr.core.acd.estimate import erlang_c
from ivr.core.incomplete import log_upper_gamma, lower_gamma
from ivr.limits import THEORY_SERVERS_MAX
from ivr.sim.theory import (
    ENDLESS,
    ErlangA,
    ErlangC,
    Figures,
    Model,
    Patience,
    Reneging,
    Target,
    agents_needed,
    allen_cunneen,
    balking,
    blocking,
    exponential,
    fixed,
    hyperexponential,
    least_agents,
    lines_needed,
    lognormal,
    mg1_wait,
    traffic_at,
    uniform,
    weibull,
)
from ivr.sim.theory.quadrature import integrate

CASES = json.loads(Path(__file__).with_name("formulas.json").read_text("utf-8"))["cases"]
LAWS: dict[str, Callable[..., Patience]] = {
    "weibull": weibull,
    "uniform": uniform,
    "fixed": fixed,
    "hyperexponential": hyperexponential,
    "balking": lambda share, mean: balking(share, exponential(mean)),
}
SAME_AS = {
    "sl20": "sl",
    "sl20_ans": "sl_ans",
    "sl20_exshort": "sl_exshort",
    "sl20_goodab": "sl_goodab",
    "p_wait_gt20": "p_wait_gt",
    "wait_p90": "p90",
    "wait_p95": "p95",
}


def law_of(written: Any) -> Patience:
    if written is None:
        return ENDLESS
    return LAWS[written[0]](*written[1:]) if isinstance(written, list) else exponential(written)


def answers(model: str, given_: dict[str, Any]) -> dict[str, float]:
    """What we say of a case, by the names of the file."""
    p = dict(given_)
    match model:
        case "erlang_b":
            return {"p_block": blocking(p["lines"], p["offered_erlang"])}
        case "erlang_b_inverse":
            return {
                f"traffic_at_{permille}_permille": traffic_at(p["lines"], permille / 1_000)
                for permille in (1, 10, 20, 50, 100)
            }
        case "erlang_c_staff":
            rate, aht = p["calls_per_30min"] / 1_800, p["aht"]
            found = agents_needed(
                lambda agents: ErlangC(rate, aht, agents),
                [Target(level=p["target_sl20"])],
                int(rate * aht) + 1,
            )
            return {
                "agents": found.agents,
                "sl20": found.service_level(20),
                "sl20_one_less": ErlangC(rate, aht, found.agents - 1).service_level(20),
            }
        case "mg1":
            return {"wait_all": mg1_wait(p["lam"], p["aht"], p["service_cv2"])}
        case "mgc_approx":
            return {"wait_all": allen_cunneen(p["lam"], p["aht"], p["agents"], p["service_cv2"])}
    queue: Model
    if model == "erlang_c":
        queue = ErlangC(p["lam"], p["aht"], p["agents"])
    elif model == "erlang_a":
        queue = ErlangA(p["lam"], p["aht"], p["agents"], p["patience"])
    else:
        queue = Reneging(p["lam"], p["aht"], p["agents"], law_of(p["patience"]), p.get("lines"))
    figures = queue.figures(20)
    names = {name: SAME_AS.get(name, name) for name in (*SAME_AS, *Figures.__slots__)}
    return {name: getattr(figures, ours) for name, ours in names.items()}


@pytest.mark.parametrize(
    ("model", "tolerance", "parameters", "values"),
    CASES,
    ids=[f"{model} {parameters}" for model, _, parameters, _ in CASES],
)
def test_exact_values(
    model: str, tolerance: float, parameters: dict[str, Any], values: dict[str, float]
) -> None:
    said = answers(model, parameters)
    for name, exact in values.items():
        assert said[name] == pytest.approx(exact, rel=tolerance, abs=0), name


def test_every_model_has_cases() -> None:
    counts = {model: sum(case[0] == model for case in CASES) for model in {case[0] for case in CASES}}
    assert counts == {
        "erlang_b": 18, "erlang_b_inverse": 4, "erlang_c": 16, "erlang_c_staff": 3, "erlang_a": 17,
        "mmc_g_patience": 9, "mmck": 3, "mgc_approx": 2, "mg1": 6,
    }  # fmt: skip


def test_the_engines_own_erlang_c_is_ours() -> None:
    for agents, load in ((1, 0.8), (14, 10.0), (185, 166.7), (408, 400.0)):
        assert erlang_c(agents, load) == pytest.approx(ErlangC(load / 300, 300, agents).p_wait, rel=1e-12)


# Models against each other ------------------------------------------------------------------------------

AGENTS = st.integers(1, 120)
USED = st.floats(0.05, 3.0)
AHT = st.floats(5, 1_500)
MEAN = st.floats(2, 2_000)
PATIENCE = st.one_of(
    st.builds(exponential, MEAN),
    st.builds(weibull, MEAN, st.floats(0.3, 8)),
    st.builds(lognormal, MEAN, st.floats(0.1, 4)),
    st.builds(uniform, st.floats(0, 100), st.floats(101, 2_000)),
    st.builds(fixed, MEAN),
    st.builds(hyperexponential, st.floats(0, 1), MEAN, MEAN),
    st.builds(balking, st.floats(0, 0.9), st.builds(exponential, MEAN)),
)


@settings(deadline=None, max_examples=60)
@given(AGENTS, USED, AHT, PATIENCE, st.floats(0, 120), st.none() | st.integers(0, 60))
def test_figures_are_possible_and_fit_together(
    agents: int, used: float, aht: float, law: Patience, within: float, room: int | None
) -> None:
    rate = used * agents / aht
    queue = Reneging(rate, aht, agents, law, None if room is None else agents + room)
    told = queue.figures(within)
    for name in (
        "p_block",
        "p_wait",
        "p_abandon",
        "sl",
        "sl_ans",
        "sl_exshort",
        "sl_goodab",
        "p_wait_gt",
        "occupancy",
    ):
        share = getattr(told, name)
        assert share is None or 0 <= share <= 1, name
    for name in ("wait_all", "asa", "wait_ab", "wait_if_wait", "p90", "p95", "queue", "offered_wait"):
        value = getattr(told, name)
        assert value is None or value >= 0, name
    # Each call is, after that time, answered, gone, or still there.
    assert told.sl_goodab + told.p_wait_gt == pytest.approx(1, abs=1e-9)
    assert told.p90 <= told.p95
    # Work is conserved: what is answered keeps the agents busy.
    answered = (1 - told.p_block) * (1 - told.p_abandon) * rate * aht
    assert told.occupancy * agents == pytest.approx(answered, rel=1e-7)
    # Means of all calls are those of the answered and the abandoned ones together.
    mean = (told.asa or 0) * (1 - told.p_abandon) + (told.wait_ab or 0) * told.p_abandon
    assert mean == pytest.approx(told.wait_all, rel=1e-6, abs=1e-9)


@settings(deadline=None, max_examples=40)
@given(AGENTS, st.floats(0.05, 0.97), AHT)
def test_with_endless_patience_erlang_a_is_erlang_c(agents: int, used: float, aht: float) -> None:
    rate = used * agents / aht
    exact = ErlangC(rate, aht, agents).figures()
    for model in (ErlangA(rate, aht, agents, 1e12 * aht), Reneging(rate, aht, agents, ENDLESS)):
        told = model.figures()
        for name in ("p_wait", "asa", "sl", "p_wait_gt", "queue", "occupancy", "p95", "offered_wait"):
            assert getattr(told, name) == pytest.approx(getattr(exact, name), rel=1e-6, abs=1e-12), name


@settings(deadline=None, max_examples=40)
@given(AGENTS, USED, AHT)
def test_without_patience_or_without_room_it_is_erlang_b(agents: int, used: float, aht: float) -> None:
    rate = used * agents / aht
    lost = blocking(agents, rate * aht)
    assert ErlangA(rate, aht, agents, 1e-9 * aht).p_abandon == pytest.approx(lost, rel=1e-6)
    assert Reneging(rate, aht, agents, fixed(0)).p_abandon == pytest.approx(lost, rel=1e-9)
    assert Reneging(rate, aht, agents, ENDLESS, agents).p_block == pytest.approx(lost, rel=1e-12)


@settings(deadline=None, max_examples=40)
@given(AGENTS, USED, AHT, PATIENCE, st.floats(0, 120))
def test_more_agents_are_better(agents: int, used: float, aht: float, law: Patience, within: float) -> None:
    rate = used * agents / aht
    fewer, more = Reneging(rate, aht, agents, law), Reneging(rate, aht, agents + 1, law)
    assert more.p_wait <= fewer.p_wait + 1e-12
    assert more.p_abandon <= fewer.p_abandon + 1e-12
    assert more.wait_all <= fewer.wait_all * (1 + 1e-9)
    assert more.service_level(within) >= fewer.service_level(within) - 1e-12
    assert more.occupancy <= fewer.occupancy + 1e-12


@settings(deadline=None, max_examples=40)
@given(AGENTS, USED, AHT, MEAN)
def test_exponential_patience_is_what_abandoned_calls_wait_for(
    agents: int, used: float, aht: float, mean: float
) -> None:
    queue = ErlangA(used * agents / aht, aht, agents, mean)
    assert queue.p_abandon == pytest.approx(queue.wait_all / mean, rel=1e-8, abs=1e-15)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (weibull(90, 1), exponential(90)),
        (hyperexponential(0.3, 90, 90), exponential(90)),
        (lognormal(90, 0.01), fixed(90)),
        (weibull(90, 100), fixed(90)),
        (uniform(89.9, 90.1), fixed(90)),
        (balking(0, exponential(90)), exponential(90)),
    ],
    ids=lambda law: law.name,
)
def test_laws_that_are_nearly_the_same_give_nearly_the_same(one: Patience, other: Patience) -> None:
    for agents in (30, 40, 44):
        first, second = (Reneging(40 / 240, 240, agents, law).figures() for law in (one, other))
        for name in ("p_wait", "p_abandon", "wait_all", "sl", "occupancy"):
            assert getattr(first, name) == pytest.approx(getattr(second, name), rel=0.03), name


@given(PATIENCE, st.floats(0.001, 5_000))
def test_a_law_fits_together(law: Patience, x: float) -> None:
    assert law.left(x) + law.stays(x) == pytest.approx(1, abs=1e-12)
    marks = (
        *law.kinks,
        *(law.mean * 2.0**power for power in range(-8, 9)),
    )  # quadrature has to see where it falls
    points = sorted({0.0, *(mark for mark in marks if 0 < mark < x), x})
    (area,) = integrate(lambda u: (law.stays(u),), points)
    assert law.spent(x) == pytest.approx(area, rel=1e-8)
    assert law.early(x) + x * law.stays(x) == pytest.approx(area, rel=1e-8)


def test_many_agents_are_no_trouble() -> None:
    told = ErlangA(10_000 / 300, 300, 10_000, 120).figures()
    assert told.p_abandon == pytest.approx(told.wait_all / 120, rel=1e-9)
    idle = ErlangA(1 / 300, 300, 10_000, 120).figures()
    assert (idle.p_wait, idle.sl, idle.asa) == (0, 1, 0)
    flooded = ErlangA(50_000 / 300, 300, 10_000, 120).figures()
    assert flooded.occupancy == pytest.approx(1)
    assert flooded.p_abandon == pytest.approx(0.8)
    few_lines = Reneging(30_000 / 300, 300, 10_000, ENDLESS, 12_000).figures()
    assert few_lines.p_block == pytest.approx(2 / 3, rel=1e-9)
    assert ErlangC(9_999 / 300, 300, 10_000).occupancy == pytest.approx(0.9999)
    assert traffic_at(10_000, blocking(10_000, 9_900)) == pytest.approx(9_900, rel=1e-9)


def test_a_peak_that_is_narrow_beside_the_wait_is_not_missed() -> None:
    # The offered wait lies within a second of 566 s: a rule with 15 nodes on all of it meets it nowhere.
    told = Reneging(18, 5, 30, fixed(566)).figures(0)
    assert told.p_wait_gt == pytest.approx(1, abs=1e-9)
    assert told.p_abandon == pytest.approx(2 / 3, rel=1e-9)
    assert told.asa == pytest.approx(566, abs=0.2)


# Staffing and lines ---------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(st.floats(0.1, 300), st.floats(1e-6, 0.9))
def test_lines_needed_are_the_fewest(load: float, share: float) -> None:
    lines = lines_needed(load, share)
    assert blocking(lines, load) <= share * (1 + 1e-12)
    assert blocking(lines - 1, load) > share * (1 - 1e-12)
    assert blocking(lines, traffic_at(lines, share)) == pytest.approx(share, rel=1e-9)


@pytest.mark.parametrize(
    "target",
    [Target(level=0.9, within=10), Target(asa=15), Target(occupancy=0.8), Target(abandoned=0.02)],
    ids=str,
)
def test_agents_needed_are_the_fewest(target: Target) -> None:
    def queue(agents: int) -> ErlangA:
        return ErlangA(40 / 240, 240, agents, 120)

    found = agents_needed(queue, [target])
    assert target.is_met(found)
    assert not target.is_met(queue(found.agents - 1))


def test_all_targets_are_kept_together() -> None:
    targets = [Target(level=0.8), Target(occupancy=0.7)]
    alone = [
        agents_needed(lambda n: ErlangC(1 / 6, 240, n), [one], least_agents(40)).agents for one in targets
    ]
    both = agents_needed(lambda n: ErlangC(1 / 6, 240, n), targets, least_agents(40)).agents
    assert both == max(alone) == 58


# Nonsense ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (lambda: ErlangC(0.1, 300, 0), "0 agents cannot be computed"),
        (lambda: ErlangC(0.1, 300, -3), "-3 agents cannot be computed"),
        (lambda: ErlangC(0.1, 300, THEORY_SERVERS_MAX + 1), "it goes from 1 to 100000"),
        (lambda: ErlangC(0.1, 0, 40), "the mean handle time must be a number above 0, not 0"),
        (lambda: ErlangC(float("nan"), 300, 40), "calls a second must be a number above 0, not nan"),
        (lambda: ErlangC(0.1, float("inf"), 40), "the mean handle time must be a number above 0, not inf"),
        (lambda: ErlangC(0.1, 300, 29), "grows without end: 30 Erlang need at least 31 agents, not 29"),
        (lambda: ErlangC(0.1, 300, 30), "grows without end: 30 Erlang need at least 31 agents, not 30"),
        (lambda: Reneging(0.1, 300, 30, ENDLESS), "grows without end"),
        (lambda: Reneging(0.1, 300, 20, balking(0.1, ENDLESS)), "27 Erlang need at least 28 agents, not 20"),
        (lambda: Reneging(0.1, 300, 30, ENDLESS, 20), "30 agents need as many lines: 20 are too few"),
        (lambda: ErlangA(0.1, 300, 30, 0), "mean patience must be a number of seconds above 0"),
        (lambda: ErlangC(0.1, 300, 40).service_level(-1), "a number of seconds from 0, not -1"),
        (lambda: ErlangC(0.1, 300, 40).quantile(1), "between 0 and 1"),
        (lambda: ErlangA(0.1, 300, 40, 60).quantile(0), "between 0 and 1"),
        (lambda: ErlangA(0.1, 300, 40, 60).service_level(-1), "a number of seconds from 0, not -1"),
        (lambda: blocking(-1, 3), "-1 lines cannot be computed"),
        (lambda: blocking(10, -3), "the load must be a number of Erlang above 0, not -3"),
        (lambda: lines_needed(10, 0), "must lie between 0 and 1"),
        (lambda: lines_needed(1e9, 0.01), "need more than 100000 lines"),
        (lambda: traffic_at(0, 0.01), "0 lines cannot be computed"),
        (lambda: traffic_at(5, 1), "must lie between 0 and 1"),
        (lambda: weibull(60, 0), "shape"),
        (lambda: lognormal(60, 0), "spread"),
        (lambda: uniform(60, 10), "from a shorter to a longer time"),
        (lambda: fixed(-1), "from 0"),
        (lambda: hyperexponential(2, 10, 20), "0 to 1"),
        (lambda: balking(1, exponential(60)), "0 to below 1"),
        (lambda: mg1_wait(0.001, 300, -1), "squared coefficient of variation"),
        (lambda: agents_needed(lambda n: ErlangA(1, 60, n, 60), [Target(occupancy=0)]), "not even 100000"),
        (lambda: agents_needed(lambda n: ErlangA(1, 60, n, 60), [Target(asa=0)], 1, 50), "not even 50"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_a_reason(wrong: Callable[[], object], text: str) -> None:
    with pytest.raises(ValueError) as caught:
        wrong()
    assert text in str(caught.value)


# Tools ------------------------------------------------------------------------------------------------------


def test_the_incomplete_gamma_function() -> None:
    # P(1, x) = 1 - exp(-x); Q(n, x) is the chance of fewer than n calls where x are expected.
    assert lower_gamma(1, 0.3) == pytest.approx(0.2591817793182822, rel=1e-14)
    assert lower_gamma(0.5, 4) == pytest.approx(0.9953222650189527, rel=1e-13)  # erf(2)
    assert log_upper_gamma(3, 2) == pytest.approx(-0.39056209, rel=1e-7)  # log(5 exp(-2))
    assert log_upper_gamma(1, 5_000) == pytest.approx(-5_000, rel=1e-12)
    assert (lower_gamma(2, 0), log_upper_gamma(2, 0), lower_gamma(2, float("inf"))) == (0, 0, 1)


def test_the_quadrature() -> None:
    powers = integrate(lambda x: tuple(x**power for power in range(8)), [0, 1])
    assert powers == pytest.approx([1 / (power + 1) for power in range(8)], rel=1e-14)
    assert integrate(lambda x: (x**-0.5,), [0, 1]) == pytest.approx([2], rel=1e-8)
    assert integrate(lambda x: (abs(x - 0.3),), [0, 1]) == pytest.approx([0.29], rel=1e-10)
