"""A test run to its result: played, judged, and counted for the coverage of its center."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ivr.language.trials import Trial
from ivr.trial.caller import Failure
from ivr.trial.coverage import Coverage, FlowCoverage
from ivr.trial.verdict import Judge, Outcome
from ivr.trial.virtual import play


@dataclass(slots=True)
class Result:
    """What came of one test; `skipped` says why it was not run, `unasserted` what could not be looked at."""

    name: str
    file: str
    line: int
    failures: list[Failure] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    duration_ms: int = 0
    seconds: float = 0.0
    skipped: str = ""
    unasserted: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """In one word."""
        return "skipped" if self.skipped else "failed" if self.failures else "passed"


class Covered:
    """The coverage of every center that was tested."""

    def __init__(self) -> None:
        self._centers: dict[Path | None, Coverage] = {}

    def of(self, trial: Trial) -> Coverage:
        """That of a test's center."""
        folder = trial.center.folder
        if folder not in self._centers:
            self._centers[folder] = Coverage(trial.center)
        return self._centers[folder]

    def result(self) -> list[FlowCoverage]:
        """All flows of all centers."""
        return [flow for coverage in self._centers.values() for flow in coverage.result()]


def run_trial(trial: Trial, covered: Covered | None = None) -> Result:
    """Run one test in virtual time."""
    started = time.perf_counter()
    played = play(trial)
    outcome = Outcome(played.facts)
    failures = [played.caller.failure] if played.caller.failure is not None else []
    if not failures:  # what is expected of a call that went another way tells nothing new
        failures = Judge(trial, outcome).judge()
    if covered is not None:
        for told in (played.facts, *played.later.values()):
            covered.of(trial).add(told)
    seconds = time.perf_counter() - started
    story = played.caller.story.told()
    line = trial.model.test.line
    return Result(trial.name, trial.file, line, failures, story, outcome.duration_ms, seconds)


def run_trials(trials: Iterable[Trial], covered: Covered | None = None) -> Iterator[Result]:
    """Run tests one after another, all of them."""
    for trial in trials:
        yield run_trial(trial, covered)
