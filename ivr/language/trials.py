"""Tests of authors: `*.test.yaml` files found, read and checked against their center, ready to be run.

    files = find_trials(Path("flows/northlight"))
    trials = load_trials(files)                 # AuthorError lists every problem of every file

Nothing is run while anything is wrong: a misspelled state would otherwise be a test that never fails.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ivr.core.calendar import Hours
from ivr.errors import AuthorError
from ivr.language.comparing import Bound
from ivr.language.compile import CENTER_FILE, Center, load_center
from ivr.language.problems import Mark, Problem, Report
from ivr.language.reading import parse, read_file
from ivr.language.tree import Map
from ivr.language.trial_models import TrialModel, TrialsModel
from ivr.language.validate import validate
from ivr.limits import TRIAL_FILES_MAX, TRIAL_LEVELS_MAX

TRIAL_ENDING: Final = ".test.yaml"
_NO_TESTS_IN: Final = ("node_modules", "__pycache__")


@dataclass(frozen=True, slots=True)
class MockAnswer:
    """What a lookup or run answers; `result` and `takes_ms` are None where the center's world decides."""

    outcome: str
    result: Mapping[str, Any] | None = None
    takes_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ReadyAgent:
    """An agent who is there, for these queues only."""

    name: str
    queues: tuple[str, ...]
    answers: bool
    answers_after_ms: int
    talks_ms: int
    works_ms: int
    shows_up: bool
    comes_after_ms: int


@dataclass(slots=True)
class Trial:
    """A test, checked: names exist, values have their types.

    `roots` are data roots with their values, `rows` rows by table, `bounds` comparisons by what is compared.
    """

    model: TrialModel
    center: Center
    roots: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    hours: dict[str, Hours] = field(default_factory=dict)
    mocks: dict[str, MockAnswer] = field(default_factory=dict)
    agents: list[ReadyAgent] = field(default_factory=list)
    bounds: dict[str, list[Bound]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The test's name."""
        return str(self.model.test)

    @property
    def file(self) -> str:
        """The file it stands in, as shown."""
        return self.model.test.file

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.model.test.file}:{self.model.test.line}"


def callers_in(text: str, name: str, center: Center) -> dict[str, Trial | str]:
    """The callers of a text's tests, for a center they were perhaps not written for; or why one cannot be.

    What is expected, and whether the words they wait for can be said there, does not matter.
    """
    from ivr.language.trial_checks import Checker

    report = Report()
    found: dict[str, Trial | str] = {}
    for model in _models_of(parse(text, name, report), report):
        own = Report()
        trials = Checker(center, own, only_play=True).trials([model])
        found[str(model.test)] = trials[0] if not own.failed else str(own.errors[0]).splitlines()[0]
    return found


def find_trials(path: Path) -> list[Path]:
    """The test files at a path: itself, or all in a folder and below it."""
    if not path.is_dir():
        return [path]
    found: list[Path] = []
    for folder, below, names in os.walk(path):
        depth = len(Path(folder).relative_to(path).parts)
        below[:] = sorted(name for name in below if not name.startswith(".") and name not in _NO_TESTS_IN) * (
            depth < TRIAL_LEVELS_MAX
        )
        found += [Path(folder) / name for name in sorted(names) if name.endswith(TRIAL_ENDING)]
        if len(found) > TRIAL_FILES_MAX:
            break
    return found


def center_of(file: Path) -> Path | None:
    """The folder of the center a test belongs to: the nearest above it with a `center.yaml`."""
    above = [file.parent, *file.parent.parents, *file.absolute().parent.parents]  # as shown, if it can be
    for folder in above[: 2 * TRIAL_LEVELS_MAX]:
        if (folder / CENTER_FILE).is_file():
            return folder
    return None


def load_trials(files: Iterable[Path]) -> list[Trial]:
    """The tests of some files, in order.

    Raises:
        AuthorError: with every problem of every file, or of their centers.
    """
    report = Report()
    trials = read_trials(files, report)
    if report.failed:
        raise AuthorError(report.errors)
    return trials


def trials_in(text: str, name: str, center: Center) -> list[Trial]:
    """The tests of a text, for a center that is loaded.

    Raises:
        AuthorError: with every problem of the text.
    """
    from ivr.language.trial_checks import Checker

    report = Report()
    trials = Checker(center, report).trials(_models_of(parse(text, name, report), report))
    if report.failed:
        raise AuthorError(report.errors)
    return trials


def check_trials(files: Iterable[Path]) -> list[Problem]:
    """Every problem of some test files; those of their centers when these cannot be used."""
    report = Report()
    try:
        read_trials(files, report)
    except AuthorError as fault:
        return [problem for problem in fault.problems if isinstance(problem, Problem)]
    return report.problems


def read_trials(files: Iterable[Path], report: Report) -> list[Trial]:
    """The tests of some files; problems go to the report, those of a center are raised."""
    from ivr.language.trial_checks import Checker

    checkers: dict[Path, Checker] = {}
    trials: list[Trial] = []
    for number, file in enumerate(files):
        if number == TRIAL_FILES_MAX:
            report.add(Mark(str(file)), "too-big", f"there are more than {TRIAL_FILES_MAX} test files")
            break
        models = _models(file, report)
        if not models:
            continue
        folder = center_of(file)
        if folder is None:
            message = "there is no center.yaml beside this test or above it"
            report.add(models[0].test, "no-center", message, "put it into the center's folder")
            continue
        if folder.absolute() not in checkers:
            checkers[folder.absolute()] = Checker(load_center(folder), report)
        trials += checkers[folder.absolute()].trials(models)
    return trials


def _models(file: Path, report: Report) -> list[TrialModel]:
    text = read_file(file, str(file), report)
    return _models_of(parse(text, str(file), report) if text is not None else None, report)


def _models_of(tree: Map | None, report: Report) -> list[TrialModel]:
    if tree is None:
        return []
    if "tests" in tree:
        suite = validate(TrialsModel, tree, report)
        return suite.tests if suite is not None else []
    one = validate(TrialModel, tree, report)
    return [one] if one is not None else []
