"""`ivr erlang`: what it prints, and what it refuses."""

import json
import shlex
from typing import Any

import pytest

from ivr.cli import exit_codes, main
from ivr.sim.theory import ErlangA, ErlangC, Figures, Reneging, blocking, uniform


def said(capsys: pytest.CaptureFixture[str], typed: str) -> str:
    assert main(shlex.split(f"erlang {typed}")) == exit_codes.OK
    out, err = capsys.readouterr()
    assert err == ""
    return str(out)


def told(capsys: pytest.CaptureFixture[str], typed: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(capsys, f"{typed} --json"))
    return found


def without_people(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in figures.items() if name != "people_to_plan"}


def plain(figures: Figures) -> dict[str, Any]:
    values = {name: getattr(figures, name) for name in Figures.__slots__}
    return {name: value and pytest.approx(value, rel=1e-9) for name, value in values.items()}


def test_erlang_c(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "--calls 500/h --aht 4m --agents 40")
    assert without_people(found["figures"]) == plain(ErlangC(500 / 3600, 240, 40).figures(20))
    assert (found["formula"], found["agents_needed"], found["around"]) == ("Erlang C (M/M/c)", None, [])
    text = said(capsys, "--calls 500/h --aht 4m --agents 40")
    assert "33.3 Erlang" in text
    assert "service level     89.1%  answered within 20 s, of all calls" in text
    assert "abandoned" not in text, "nobody leaves"
    assert max(map(len, text.splitlines())) <= 110


def test_calls_of_an_interval_are_calls_of_an_hour(capsys: pytest.CaptureFixture[str]) -> None:
    of_interval = told(capsys, "--calls 250 --interval 30m --aht 4m --agents 40")
    assert of_interval["figures"] == told(capsys, "--calls 500/h --aht 4m --agents 40")["figures"]
    text = said(capsys, "--calls 500/h --interval 15m --aht 4m --agents 34 --patience 2m")
    assert "calls in 15 min" in text
    assert " 125  on average" in text
    assert "abandoned in 15 min" in text


@pytest.mark.parametrize(
    ("typed", "formula"),
    [
        ("--patience 2m", "Erlang A (M/M/c+M)"),
        ("--patience 'exponential 2m'", "Erlang A (M/M/c+M)"),
        ("--patience 'weibull 2m 1'", "M/M/c+G"),
        ("--patience 'hyperexponential 40% 2m 2m'", "M/M/c+G"),
    ],
)
def test_patience(typed: str, formula: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, f"--calls 500/h --aht 4m --agents 34 --within 30s {typed}")
    assert found["formula"] == formula
    exact = ErlangA(500 / 3600, 240, 34, 120).figures(30)
    assert found["figures"]["sl"] == pytest.approx(exact.sl, rel=1e-8)
    assert found["figures"]["p_abandon"] == pytest.approx(exact.p_abandon, rel=1e-8)


def test_a_law_with_lines_and_those_who_balk(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "--calls 500/h --aht 4m --agents 34 --lines 40 --patience 'uniform 10s 4m'")
    assert found["formula"] == "M/M/c/K+G"
    exact = Reneging(500 / 3600, 240, 34, uniform(10, 240), 40).figures(20)
    assert without_people(found["figures"]) == plain(exact)
    balked = told(capsys, "--calls 500/h --aht 4m --agents 34 --patience 2m --balk 10%")
    calm = told(capsys, "--calls 500/h --aht 4m --agents 34 --patience 2m")
    assert balked["figures"]["p_abandon"] > calm["figures"]["p_abandon"]
    text = said(capsys, "--calls 500/h --aht 4m --agents 34 --lines 40 --patience 2m --balk 10%")
    assert "10% leave at once" in text
    assert "blocked" in text


def test_a_target_is_met_with_the_fewest_agents(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "--calls 500/h --aht 4m --target '80% in 20s' --shrinkage 30%")
    assert found["agents_needed"] == found["figures"]["agents"] == 39
    assert found["figures"]["people_to_plan"] == 56
    levels = {one["agents"]: one["sl"] for one in found["around"]}
    assert list(levels) == [37, 38, 39, 40, 41]
    assert levels[38] < 0.8 <= levels[39]
    text = said(capsys, "--calls 500/h --aht 4m --target '80% in 20s' --shrinkage 30%")
    assert "39 agents (56 people with 30.0% shrinkage) are the fewest for: 80% in 20s." in text
    assert [line.split()[0] for line in text.splitlines() if line.endswith(" <")] == ["39"]


@pytest.mark.parametrize(
    ("targets", "agents"),
    [
        ("--target 'asa 15s'", 39),
        ("--target 'occupancy 80%'", 42),
        ("--target 80% --within 20s", 39),
        ("--target '80% in 20s' --target 'occupancy 80%'", 42),
    ],
)
def test_each_kind_of_target(targets: str, agents: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, f"--calls 500/h --aht 4m {targets}")["agents_needed"] == agents


def test_agents_and_a_target_show_those_agents_and_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "--calls 500/h --aht 4m --patience 2m --agents 30 --target 'abandoned 3%'")
    assert found["figures"]["agents"] == 30
    assert found["agents_needed"] == 38


def test_lines_alone(capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "--calls 500/h --aht 4m --target 'blocked 1%'")
    assert found["lines_needed"] == 45
    by_lines = {one["lines"]: one["p_block"] for one in found["lines"]}
    assert by_lines[45] == pytest.approx(blocking(45, 500 / 15), rel=1e-9)
    assert by_lines[45] <= 0.01 < by_lines[44]
    text = said(capsys, "--calls 500/h --aht 4m --lines 45")
    assert "Erlang B" in text
    assert [line.split()[0] for line in text.splitlines() if line.endswith(" <")] == ["45"]


@pytest.mark.parametrize(
    ("typed", "phrase"),
    [
        ("--aht 3m --agents 30", "the queue grows without end: 30 Erlang need at least 31 agents, not 30"),
        ("--aht 0s --agents 30", "--aht: 0s is too short here"),
        ("--aht 4 --agents 30", "--aht: '4' is not a duration; write it like 500ms, 5s, 1m30s, 2h or 1d"),
        ("--aht 4m --agents 0", "--agents 0: at least one has to answer"),
        ("--aht 4m --agents 400000", "it goes from 1 to 100000"),
        ("--aht 4m", "give --agents, a --target such as"),
        ("--aht 4m --patience 2m", "nobody waits without agents"),
        ("--aht 4m --lines 0", "--lines 0: at least one is needed"),
        ("--aht 4m --agents 50 --lines 40", "--lines 40: 50 agents need as many lines"),
        ("--aht 4m --agents 50 --shrinkage 100%", "nobody would be left to answer"),
        ("--aht 4m --agents 50 --shrinkage 0.3", "--shrinkage: '0.3' is not a share; write it in percent"),
        ("--aht 4m --target fast", "--target 'fast' is not a target; write '80% in 20s'"),
        ("--aht 4m --target 'asa quick'", "--target: 'quick' is not a duration"),
        ("--aht 4m --target 'occupancy 0%'", "not even 100000 agents meet the target"),
        ("--aht 4m --agents 50 --target 'blocked 1%'", "a target 'blocked' is for lines alone"),
        ("--aht 4m --agents 50 --balk 100%", "nobody would ever wait"),
        ("--aht 4m --agents 50 --patience 'weibul 2m 1'", "'weibul' is not a law; the laws are exponential"),
        ("--aht 4m --agents 50 --patience 'weibull 2m'", "--patience: write weibull MEAN SHAPE"),
        ("--aht 4m --agents 50 --patience 'weibull 2m 99'", "'99' is not a number from 0.01 to 10"),
        ("--aht 4m --agents 50 --patience 'uniform 4m 1m'", "low is longer than high"),
        ("--aht 4m --agents 50 --patience ''", "--patience needs a value"),
    ],
)
def test_what_cannot_be_meant_is_said_in_one_line(
    typed: str, phrase: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(shlex.split(f"erlang --calls 600/h {typed}")) == exit_codes.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert phrase in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("calls", "phrase"),
    [
        ("500", "in which time? write 500/h, or add --interval 30m"),
        ("0 --interval 30m", "nobody calls"),
        ("0/h", "'0/h' is not a rate; write it like 120/h"),
        ("many", "'many' is not a rate"),
    ],
)
def test_calls_that_cannot_be_meant(calls: str, phrase: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(shlex.split(f"erlang --calls {calls} --aht 4m --agents 40")) == exit_codes.USAGE
    assert phrase in capsys.readouterr().err
