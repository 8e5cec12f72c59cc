"""The pytest plugin: each test of a `*.test.yaml` file is an item, and fails with the same words as `ivr test`.

It is loaded in every run of pytest that this package is installed for, so everything heavy is imported
when the first such file is met. `-p no:ivr` leaves it out.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ivr.language.trials import Trial

_ENDING = ".test.yaml"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "TrialFile | None":
    """Collect the tests of call flows."""
    if not file_path.name.endswith(_ENDING):
        return None
    from ivr.language.trials import center_of

    if center_of(file_path) is None and file_path not in _named(parent):
        return None  # somebody else's file of that name
    return TrialFile.from_parent(parent, path=file_path)


def _named(parent: pytest.Collector) -> list[Path]:
    """The files that were asked for by name: those are never passed over in silence."""
    folder = parent.config.invocation_params.dir
    return [folder / argument.partition("::")[0] for argument in parent.config.args]


class TrialFile(pytest.File):
    """A file of tests."""

    def collect(self) -> Iterator["TrialItem"]:
        """Each test of the file; what is wrong with the file is an error of collecting it."""
        from ivr.errors import AuthorError
        from ivr.language.trials import load_trials

        try:
            trials = load_trials([self._shown()])
        except AuthorError as fault:
            raise self.CollectError(str(fault)) from None
        for trial in trials:
            yield TrialItem.from_parent(self, name=trial.name, trial=trial)

    def _shown(self) -> Path:
        """The file as it is shown: seen from where pytest was started, if it lies there."""
        folder = self.config.invocation_params.dir
        return (
            self.path.relative_to(folder)
            if self.path.is_relative_to(folder) and folder == Path.cwd()
            else self.path
        )


class TrialItem(pytest.Item):
    """One test."""

    def __init__(self, *, trial: "Trial", **more: Any) -> None:
        super().__init__(**more)
        self._trial = trial

    def runtest(self) -> None:
        """Run it in virtual time."""
        from ivr.trial.report import failure_text
        from ivr.trial.run import run_trial

        result = run_trial(self._trial)
        if result.failures:
            raise TrialFailed(failure_text(result))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *more: Any) -> Any:
        """The words of the failure; anything else is a fault of ours, and shown as pytest does."""
        if isinstance(excinfo.value, TrialFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *more)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands."""
        return self.path, self._trial.model.test.line - 1, self.name


class TrialFailed(Exception):
    """A test that failed, with all that is said of it."""
