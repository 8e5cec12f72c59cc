"""What `ivr explore` finds, as tests that fail until it is mended."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from ivr.core import facts
from ivr.core.flow.values import plain
from ivr.core.time import format_duration
from ivr.errors import AuthorError
from ivr.language import Center
from ivr.language.formatting import written
from ivr.language.trials import trials_in
from ivr.limits import NAME_CHARS_MAX, TRIALS_PER_FILE_MAX
from ivr.sim.explorer import Finding, Path
from ivr.sim.trial import Trial
from ivr.trial.verdict import Judge, Outcome
from ivr.trial.virtual import play

_EXPECTED: Final[dict[str, dict[str, Any]]] = {
    "fault": {"metrics": {"errors": 0}},
    "stuck": {"ended": "flow_hung_up"},
    "endless": {"ended": "flow_hung_up"},
}
"""What has to come of a call instead; whether a state has a way out is no matter of one call."""


def failing_tests(
    center: Center, found: Iterable[tuple[str, Finding]], clock: datetime | None = None
) -> tuple[list[dict[str, Any]], int]:
    """A test for each finding (with the number that was dialled), and for how many there can be none.

    With a `clock` the center's calls were walked at that local time, which then is said in the tests.

    Each was run: it fails today. A finding has none where one call cannot show it, or only with people or
    answers that a test has no words for (a contact who is busy; a lookup that answers in two ways in one call).
    """
    kept: list[dict[str, Any]] = []
    without = 0
    for dials, finding in found:
        test = _test(center, dials, finding, len(kept) + 1)
        if test is not None and clock is not None:
            test = {"test": test["test"], "clock": clock.isoformat(timespec="seconds"), **test}
        if test is not None and len(kept) < TRIALS_PER_FILE_MAX and _shows(center, test, finding):
            kept.append(test)
        else:
            without += 1
    return kept, without


def text_of(tests: list[dict[str, Any]]) -> str:
    """The file."""
    return "# Found by `ivr explore`: each fails until its flow is mended.\n" + written({"tests": tests})


def _shows(center: Center, test: dict[str, Any], finding: Finding) -> bool:
    """Whether a test goes the way of the finding, and fails for it."""
    try:
        (trial,) = trials_in(written({"tests": [test]}), test["test"], center)
    except AuthorError:
        return False
    played = play(trial)
    if played.caller.failure is not None or not Judge(trial, Outcome(played.facts)).judge():
        return False
    faults = [
        (fact.flow, fact.state, f"{fact.kind}: {fact.message}")
        for fact in played.facts
        if isinstance(fact, facts.FlowFailed)
    ]
    return not faults if finding.id != "fault" else (finding.flow, finding.state, finding.text) in faults


def _test(center: Center, dials: str, finding: Finding, number: int) -> dict[str, Any] | None:
    expected = _EXPECTED.get(finding.id)
    way = None if expected is None else way_of(center, dials, finding.path, staffed=finding.staffed)
    if way is None:
        return None
    return {"test": _name(dials, finding, number), **way, "expect": expected}


def way_of(center: Center, dials: str, path: Path, *, staffed: bool) -> dict[str, Any] | None:
    """Some moves as what a caller of a test does; None where a test has no words for them."""
    trial = Trial(center, dials, "1", staffed=staffed)
    trial.take_all(path)
    mocks: dict[str, dict[str, Any]] = {}
    steps: list[dict[str, Any]] = []
    for move, took in zip(path, trial.took, strict=True):
        match move.kind:
            case "key" | "wrong":
                steps.append({"press": move.detail})
            case "silence":
                steps.append({"silent": format_duration(took)})
            case "wait":
                steps.append({"waits": format_duration(took)})
            case "record":
                steps += [{"silent": format_duration(took)}, {"press": move.detail[0]}]
            case "answer":
                mock = _mock(center, move.name, *move.detail[1:])
                if mocks.setdefault(move.name, mock) != mock:
                    return None
    while steps and not steps[-1].keys() & {"press"}:
        steps.pop()  # who has nothing left to do stays on the line anyway
    kinds = {(move.kind, move.detail) for move in path if move.kind in ("agent", "wait")}
    test: dict[str, Any] = {"dials": dials}
    if mocks:
        test["mock"] = mocks
    if staffed and kinds:
        how: dict[str, Any] = {"answers_after": "0s"} if ("agent", "accept") in kinds else {"answers": False}
        test["agents"] = {name: dict(how) for name in center.plan.agents}
    return test | {"caller": steps}


def _mock(center: Center, name: str, outcome: str, row: dict[str, Any]) -> dict[str, Any]:
    fields = center.plan.requests[name].result
    result = {field: plain(value) for field, value in row.items() if field in fields and value is not None}
    return {"outcome": outcome, "takes": "0s"} | ({"result": result} if result else {})


def _name(dials: str, finding: Finding, number: int) -> str:
    """What does not come of the call, in one line of a test file."""
    what = finding.text.partition(":")[0] if finding.id == "fault" else finding.id
    return f"{number}. {dials}: no {what} in {finding.flow}.{finding.state}"[:NAME_CHARS_MAX]
