"""Whatever is written into a test file: it is told what is wrong with it, or it runs to a result."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from ivr.language import load_center
from ivr.language.problems import Report
from ivr.language.reading import parse
from ivr.language.said import Sayings
from ivr.language.trial_checks import Checker
from ivr.language.trial_models import TrialModel, TrialsModel
from ivr.language.trials import find_trials
from ivr.language.validate import validate
from ivr.trial.coverage import Coverage
from ivr.trial.report import failure_text, junit, line_of
from ivr.trial.run import run_trial

NORTHLIGHT = Path(__file__).parents[2] / "flows" / "northlight"
CENTER = load_center(NORTHLIGHT)
TEXTS = [path.read_text("utf-8") for path in find_trials(NORTHLIGHT)]
PARTS = [
    "{}", "[]", "5s", "20m", "x", "1", "''", "{ below: 3 }", "[a, b]", "press: 1", "- hangs_up", "hears: 30 percent",
    "support: 1", "{ support: 2 }", "retention", "ok", "failed.x", "2026-03-02T10:00", "-1", "9999999999999", "'(['",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_a_mangled_test_is_refused_or_runs(seed: int) -> None:
    chance = random.Random(seed)
    lines = chance.choice(TEXTS).split("\n")
    for _ in range(chance.randint(1, 6)):
        number = chance.randrange(len(lines))
        before, colon, _ = lines[number].partition(":")
        what = chance.choice(("delete", "double", "value", "swap"))
        if what == "delete":
            del lines[number]
        elif what == "double":
            lines.insert(number, lines[number])
        elif what == "value":
            lines[number] = before + colon + " " + chance.choice(PARTS)
        else:
            other = chance.randrange(len(lines))
            lines[number], lines[other] = lines[other], lines[number]
    report = Report()
    tree = parse("\n".join(lines), "t.test.yaml", report)
    suite = validate(TrialsModel, tree, report) if tree is not None else None
    trials = Checker(CENTER, report).trials(suite.tests) if suite is not None else []
    assert trials or report.failed
    assert all(problem.line >= 1 and str(problem) for problem in report.problems)
    if report.failed:
        return
    coverage = Coverage(CENTER)
    results = [run_trial(trial) for trial in trials]
    assert all(line_of(result) and (failure_text(result) or not result.failures) for result in results)
    assert junit(results)
    assert coverage.result()


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab:-[]{}'\"#&*!|>%@`,? \n\t01", max_size=60))
def test_no_text_crashes_the_reader_of_tests(text: str) -> None:
    report = Report()
    tree = parse(f"test: t\ndials: support\ncaller:\n{text}\nexpect: {text}", "t.test.yaml", report)
    model = validate(TrialModel, tree, report) if tree is not None else None
    if model is not None:
        Checker(CENTER, report).trials([model])
    assert model is not None or report.failed


_SAYINGS = Sayings(CENTER.plan)


@given(st.text(max_size=80))
def test_any_text_may_be_asked_for(text: str) -> None:
    assert _SAYINGS.possible(text) in (True, False)
    assert not _SAYINGS.possible(text, whole=True) or _SAYINGS.possible(text)
