"""The demo's own tests, as its authors run them: in virtual time, and where they can over real sockets."""

from pathlib import Path

import pytest

from ivr.core.facts import PromptHeard
from ivr.language import load_sources
from ivr.language.models import BARE, verb_of
from ivr.language.said import Sayings
from ivr.language.step_models import VERBS
from ivr.language.trials import Trial, find_trials, load_trials
from ivr.language.walk import steps_of
from ivr.trial.coverage import total
from ivr.trial.live import not_live, run_live
from ivr.trial.report import failure_text, line_of
from ivr.trial.run import Covered, run_trial, run_trials
from ivr.trial.virtual import LINE, play
from tests.live.serving import NORTHLIGHT, served

TRIALS = load_trials(find_trials(NORTHLIGHT))
EXAMPLES = NORTHLIGHT.parent / "examples"
EXAMPLE_TRIALS = load_trials(find_trials(EXAMPLES))


def name(trial: Trial) -> str:
    return f"{Path(trial.file).name}: {trial.name}"


@pytest.mark.parametrize("trial", TRIALS, ids=name)
def test_a_test_of_the_demo_passes(trial: Trial) -> None:
    result = run_trial(trial)
    assert not result.failures, failure_text(result)


@pytest.mark.parametrize("trial", EXAMPLE_TRIALS, ids=name)
def test_a_test_of_an_example_passes(trial: Trial) -> None:
    result = run_trial(trial)
    assert not result.failures, failure_text(result)


def test_there_is_an_example_of_every_verb_and_a_test_goes_through_each() -> None:
    flows = EXAMPLE_TRIALS[0].center.flows
    assert set(VERBS) - set(flows) == set()
    covered = Covered()
    list(run_trials(EXAMPLE_TRIALS, covered))
    assert [flow.flow for flow in covered.result() if not flow.met and flow.all] == []
    for verb, flow in flows.items():
        assert verb in BARE or any(verb_of(step) == verb for step in steps_of(flow)), f"{verb} has no example"


def test_the_tests_of_the_demo_meet_nearly_all_of_its_flows() -> None:
    covered = Covered()
    assert len(list(run_trials(TRIALS, covered))) >= 12
    for flow in covered.result():
        assert flow.percent >= 85, f"{flow.flow}: {flow.missed}"
        assert "on: hangup" not in [mark.what for mark in flow.missed]
    assert total(covered.result()).percent >= 95


def test_a_test_is_the_same_in_every_run() -> None:
    for trial in TRIALS[:12]:
        assert play(trial).facts == play(trial).facts


def test_every_prompt_that_was_heard_was_possible() -> None:
    sayings = Sayings(TRIALS[0].center.plan)
    for trial in TRIALS:
        for fact in play(trial).facts:
            if isinstance(fact, PromptHeard) and fact.line == LINE:
                assert sayings.possible(fact.text, whole=True), fact.text


async def test_what_sets_nothing_runs_against_a_served_center() -> None:
    trials = [trial for trial in TRIALS if not not_live(trial) and "retention-line" in trial.file]
    trials = [trial for trial in trials if "twenty minutes" not in trial.name]
    assert len(trials) >= 3
    async with served(speed=20.0, callers=False) as url:
        for trial in trials:
            result = await run_live(trial, url)
            assert not result.failures, failure_text(result)
            deaf = {"outcome", "metrics"} & trial.model.expect.model_fields_set
            assert all(name in line_of(result).partition("not looked at")[2] for name in deaf)
            virtual = [line.text for line in play(trial).caller.story.lines if line.who != "caller"]
            live = [line.split("  ", 2)[2].strip() for line in result.story if "  caller  " not in line]
            assert [line for line in live if "->" in line] == [line for line in virtual if "->" in line]


async def test_a_test_that_sets_the_world_is_skipped_live_and_says_why() -> None:
    trial = next(trial for trial in TRIALS if trial.model.agents)
    result = await run_live(trial, "http://127.0.0.1:9")  # nobody is there, and nobody is asked
    assert result.status == "skipped"
    assert "agents" in result.skipped


async def test_a_live_test_fails_with_the_same_words(tmp_path: Path) -> None:
    text = """
test: waits for what does not come
dials: retention
from: "+491510000003"
caller:
  - { hears: "pressing 9", press: 9 }
  - hears: { contains: "30 percent", within: 8s }
expect: { ended: flow_hung_up }
"""
    trial = written(tmp_path, text)
    async with served(speed=20.0, callers=False) as url:
        live = await run_live(trial, url)
    virtual = run_trial(trial)
    for result in (live, virtual):
        assert [(f.line, f.wanted) for f in result.failures] == [(7, 'hears contains "30 percent"')]
        assert "8s later that had not come; heard instead:" in result.failures[0].instead
        assert "Please confirm" in failure_text(result)
        assert "hangs up: the test has failed" in result.story[-2] + result.story[-3]


async def test_a_number_that_a_served_center_does_not_have_is_a_failure(tmp_path: Path) -> None:
    trial = written(tmp_path, "test: dials\ndials: retention\ncaller: [{ hears: plans }]\n")
    other = {
        "center.yaml": "center: Other\nnumbers: { main: m }\n",
        "m.flow.yaml": "flow: m\nstart: s\nstates: { s: [{ say: Hello. }, hangup] }\n",
    }
    async with served(load_sources(other), agents=False, callers=False) as url:
        result = await run_live(trial, url)
    assert "unknown_number" in result.failures[0].instead


def written(folder: Path, text: str) -> Trial:
    for path in NORTHLIGHT.glob("*.yaml"):
        if ".test." not in path.name:
            (folder / path.name).write_text(path.read_text("utf-8"), "utf-8")
    (folder / "one.test.yaml").write_text(text, "utf-8")
    return load_trials([folder / "one.test.yaml"])[0]
