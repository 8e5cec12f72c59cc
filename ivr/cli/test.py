"""`ivr test`: the tests of authors, in virtual time or against a served center."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.files import must_exist
from ivr.cli.options import Json, Token, served_at
from ivr.cli.terminal import clean, complain, print_json, progress
from ivr.errors import AuthorError, OperatorError

if TYPE_CHECKING:
    from ivr.language.trials import Trial
    from ivr.trial.coverage import FlowCoverage
    from ivr.trial.run import Result


def test(
    *paths: Annotated[Path, Parameter(help="Test files, or folders with *.test.yaml in or below them.")],
    coverage: Annotated[
        bool, Parameter(help="Say which parts of the flows no test met.", show_default=False)
    ] = False,
    fail_under: Annotated[
        float | None, Parameter(help="Fail below this percentage of coverage.", show_default=False)
    ] = None,
    junit: Annotated[
        Path | None, Parameter(help="Write the results to this file as JUnit's XML.", show_default=False)
    ] = None,
    only: Annotated[
        str, Parameter(name=("--only", "-k"), help="Only tests with this in their names.", show_default=False)
    ] = "",
    url: Annotated[
        str | None, Parameter(help="Dial this served center instead of virtual time.", show_default=False)
    ] = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Run the tests of call flows: *.test.yaml files beside or below a center.yaml.

    In virtual time a wait of twenty minutes takes milliseconds, and the same seed gives the same call.
    With --url the same caller dials a served center; what cannot be set up there is skipped.

    Exit code: 0 when every test passed, 1 when one failed, a file has problems or --fail-under is not
    reached, 3 when there is no test at a path.
    """
    wants_coverage = coverage or fail_under is not None
    _check_usage(url, fail_under, wants_coverage=wants_coverage)
    try:
        trials = _load(paths or (Path(),), only)
    except AuthorError as fault:
        if not all(getattr(problem, "file", "").endswith(".test.yaml") for problem in fault.problems):
            raise  # the center's own, which every command tells in the same words
        return complain(f"the tests have problems\n{fault}", exit_codes.NO, json_wanted=json)
    started = time.perf_counter()
    flows: list[FlowCoverage] | None = None
    if url is not None:
        results = _run_live(trials, served_at(url), token, quiet=json)
    else:
        results, flows = _run(trials, quiet=json)
    wanted = flows if wants_coverage else None
    if junit is not None:
        _write(junit, results)
    _tell(results, wanted, time.perf_counter() - started, json=json)
    failed = any(result.failures for result in results)
    return exit_codes.NO if failed or _too_little(wanted, fail_under, json=json) else exit_codes.OK


def _check_usage(url: str | None, fail_under: float | None, *, wants_coverage: bool) -> None:
    if url is not None and wants_coverage:
        text = "--coverage needs virtual time: a phone does not see which steps were met"
        raise exit_codes.WrongUsage(text)
    if fail_under is not None and not 0 <= fail_under <= 100:
        raise exit_codes.WrongUsage(f"--fail-under {fail_under:g} is no percentage; take 0 to 100")


def _load(paths: tuple[Path, ...], only: str) -> "list[Trial]":
    from ivr.language.trials import TRIAL_ENDING, find_trials, load_trials

    files: dict[Path, None] = {}
    for path in paths:
        must_exist(path)
        found = find_trials(path)
        if not found or not all(file.name.endswith(TRIAL_ENDING) for file in found):
            raise OperatorError(f"there is no test at {path}: tests are files *{TRIAL_ENDING}")
        files.update(dict.fromkeys(found))
    with progress("reading"):
        trials = [trial for trial in load_trials(files) if only.casefold() in trial.name.casefold()]
    if not trials:
        raise OperatorError(f"no test has {only!r} in its name")
    return trials


def _run(trials: "list[Trial]", *, quiet: bool) -> "tuple[list[Result], list[FlowCoverage]]":
    from ivr.trial.run import Covered, run_trials

    covered, results = Covered(), list["Result"]()
    for result in run_trials(trials, covered):
        _show(result, results, quiet=quiet)
    return results, covered.result()


def _run_live(trials: "list[Trial]", url: str, token: str | None, *, quiet: bool) -> "list[Result]":
    import asyncio

    from ivr.client import ServerUnreachable
    from ivr.trial.live import run_live

    results: list[Result] = []

    async def one_after_another() -> None:
        for trial in trials:
            _show(await run_live(trial, url, token), results, quiet=quiet)

    try:
        asyncio.run(one_after_another())
    except ServerUnreachable as fault:
        raise exit_codes.NobodyAnswers(str(fault)) from None
    return results


def _show(result: "Result", results: "list[Result]", *, quiet: bool) -> None:
    """Print a test as soon as it is over, under the name of its file."""
    from ivr.trial.report import line_of

    if not quiet:
        if not results or results[-1].file != result.file:
            print(clean(result.file))
        print(f"  {clean(line_of(result))}", flush=True)
    results.append(result)


def _tell(results: "list[Result]", flows: "list[FlowCoverage] | None", seconds: float, *, json: bool) -> None:
    from ivr.trial import report

    if json:
        print_json(report.as_dict(results, flows), indent=2)
        return
    for result in results:
        if result.failures:
            _lines(f"FAIL {result.name}\n{report.failure_text(result)}")
    if flows is not None:
        _lines(report.coverage_text(flows))
    print(f"\n{report.summary(results, seconds)}")


def _lines(text: str) -> None:
    """Print a part of the report, each line without what could repaint the terminal."""
    print("\n" + "\n".join(clean(line) for line in text.split("\n")))


def _too_little(flows: "list[FlowCoverage] | None", fail_under: float | None, *, json: bool) -> bool:
    from ivr.trial.coverage import total

    if flows is None or fail_under is None or total(flows).percent >= fail_under:
        return False
    if not json:
        text = f"the coverage is {total(flows).percent:.1f} %, and has to be {fail_under:g} %"
        print(text, file=sys.stderr)
    return True


def _write(path: Path, results: "list[Result]") -> None:
    from ivr.trial.report import junit

    try:
        path.write_bytes(junit(results))
    except OSError as fault:
        raise OperatorError(f"cannot write {path}: {fault.strerror}") from None
