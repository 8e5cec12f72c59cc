"""What a caller of a test does and what is expected of the call, checked against the center."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.core.flow.values import coerce
from ivr.language.center_parts import MUSIC
from ivr.language.comparing import METRICS, TIME, bounds
from ivr.language.problems import Place
from ivr.language.tree import Text
from ivr.language.trial_models import (
    ANYBODY,
    CallerStepModel,
    ExpectModel,
    HearsModel,
    StatesModel,
    TrialModel,
)

if TYPE_CHECKING:
    from ivr.language.trial_checks import Checker
    from ivr.language.trials import Trial

OBSERVED: Final = ("hears", "hears_music", "talks_to", "gets")
DONE: Final = ("press", "say", "silent", "writes", "waits", "talks", "hangs_up")
_TONES: Final = ("ringback", "beep")
_ENDINGS: Final = (
    "caller_hung_up",
    "line_lost",
    "line_too_slow",
    "flow_hung_up",
    "flow_ended",
    "transferred",
    "shutdown",
    "system_error",
)
_VISITS: Final = (
    *("answered", "abandoned", "short_abandoned", "timeout", "exit_key", "callback", "overflowed"),
    *("left_empty", "withdrawn", "system_error", "blocked_full", "blocked_empty", "blocked_closed", "never"),
)


# What the caller does -----------------------------------------------------------------------------------


def check_steps(checker: "Checker", model: TrialModel) -> None:
    """The steps of a caller: each waits for one thing, does one thing, or both."""
    report = checker.report
    over = False
    for step in model.caller:
        place: Place = step if isinstance(step, Text) else step.place
        if over and getattr(step, "gets", None) is None and getattr(step, "waits", None) is None:
            report.add(place, "unreachable", "the caller has hung up before this step", "delete it")
            break
        if isinstance(step, Text):
            over = step == "hangs_up"
            continue
        over = over or step.hangs_up is not None
        _check_shape(checker, step)
        if not checker.only_play:
            _check_heard(checker, step)


def _check_shape(checker: "Checker", step: CallerStepModel) -> None:
    report = checker.report
    observed = [name for name in OBSERVED if getattr(step, name) is not None]
    done = [name for name in DONE if getattr(step, name) is not None]
    if not observed and not done and not step.lost:
        report.add(step.place, "step", "nothing happens in this step", f"write {', '.join(DONE[:3])}, ...")
    for names in (observed, done):
        if len(names) > 1:
            place = step.place_of_key(names[1])
            report.add(
                place, "step", f"{names[0]} and {names[1]} are two steps", f"begin it with '- {names[1]}:'"
            )
    if step.within is not None and not observed:
        report.add(step.place_of_key("within"), "step", "nothing is waited for here", "delete it")
    if step.at_once and not {"press", "say"} & set(done):
        report.add(
            step.place_of_key("at_once"), "step", "only press and say can be done at once", "delete it"
        )
    if step.hangs_up is not None and step.hangs_up != "true":
        report.add(step.hangs_up, "value", f"{str(step.hangs_up)[:40]!r} cannot be used here", "write true")


def _check_heard(checker: "Checker", step: CallerStepModel) -> None:
    report, plan = checker.report, checker.plan
    if step.talks_to is not None and step.talks_to != ANYBODY:
        checker.known(step.talks_to, "agent or contact", [*plan.agents, *plan.contacts, ANYBODY])
    if step.hears_music is not None and step.hears_music != "true":
        checker.known(step.hears_music, "music", [*MUSIC, *_TONES])
    hears = step.hears
    if isinstance(hears, HearsModel):
        ways = [name for name in ("contains", "exact", "regex") if getattr(hears, name) is not None]
        if len(ways) != 1 and not hears.lost:
            message = "it is not said what is to be heard" if not ways else f"{ways[0]} and {ways[1]} are two"
            report.add(hears.place, "hears", message, "write one of contains, exact, regex")
        if hears.within is not None and step.within is not None:
            report.add(step.place_of_key("within"), "hears", "'within' is here twice", "delete one of them")
        if hears.exact is not None:
            _check_said(checker, hears.exact, whole=True)
        if hears.contains is not None:
            _check_said(checker, hears.contains)
    elif hears is not None:
        _check_said(checker, hears)


def _check_said(checker: "Checker", text: Text, *, whole: bool = False) -> None:
    if checker.sayings.possible(text, whole=whole):
        return
    message = f"no prompt of this center {'is' if whole else 'can contain'} {str(text)[:80]!r}"
    near = checker.sayings.near(text)
    hint = f"did you mean {near!r}?" if near else "look at the texts of its flows"
    checker.report.add(text, "never-said", message, hint)


# What is expected -------------------------------------------------------------------------------------------


def check_expectations(checker: "Checker", trial: "Trial") -> None:
    """Names and values of what is expected; comparisons go to the trial."""
    expect, plan, report = trial.model.expect, checker.plan, checker.report
    returns = {name for flow in plan.flows.values() for name in flow.returns}
    if expect.outcome is not None:
        checker.known(expect.outcome, "outcome", returns)
    if expect.ended is not None:
        checker.known(expect.ended, "reason", _ENDINGS)
    for name, value in expect.variables.items():
        kinds = [flow.variables[name] for flow in plan.flows.values() if str(name) in flow.variables]
        known = {variable for flow in plan.flows.values() for variable in flow.variables}
        if checker.known(name, "variable", known) and not any(_fits(value, kind) for kind in kinds):
            report.add(value, "type", f"{str(value)[:40]!r} is not a {kinds[0].kind}")
    check_states(checker, states_of(expect))
    for queue, outcome in expect.queue.items():
        checker.known(queue, "queue", plan.queues)
        checker.known(outcome, "queue outcome", _VISITS)
    for state, comparison in expect.reaches.items():
        check_states(checker, {"": [state]})
        trial.bounds[f"reaches.{state}"] = bounds(comparison, TIME, report)
    if expect.duration is not None:
        trial.bounds["duration"] = bounds(expect.duration, TIME, report)
    for metric, kind in METRICS.items():
        if (comparison := getattr(expect.metrics, metric)) is not None:
            trial.bounds[metric] = bounds(comparison, kind, report)
    if expect.metrics.time_to_cancel is not None and "cancelled" not in {*returns, *_state_names(checker)}:
        message = "nothing in this center is called 'cancelled', neither a state nor an outcome"
        place = expect.metrics.place_of_key("time_to_cancel")
        report.add(place, "unknown-state", message, "write reaches: { STATE: ... } beside metrics")
    for text in texts_of(expect.hears):
        _check_said(checker, text)


def check_states(checker: "Checker", written: Mapping[str, Iterable[Text]]) -> None:
    """States by name, or by flow and name."""
    known = _state_names(checker)
    for states in written.values():
        for state in states:
            if str(state) not in known:
                simple = [name for name in known if ("." in name) == ("." in state)]
                message = f"there is no state {str(state)!r}"
                checker.report.add(state, "unknown-state", message, suggest(str(state), simple))


def _state_names(checker: "Checker") -> set[str]:
    flows = checker.plan.flows.values()
    return {f"{flow.name}.{name}" for flow in flows for name in flow.states} | {
        name for flow in flows for name in flow.states
    }


def states_of(expect: ExpectModel) -> dict[str, list[Text]]:
    """The states that are expected, by how."""
    written: Any = expect.states
    if written is None:
        return {}
    if isinstance(written, StatesModel):
        found = {name: getattr(written, name) for name in ("includes", "in_order", "exactly", "never")}
        return {name: states for name, states in found.items() if states}
    return {"in_order": written if isinstance(written, list) else [written]}


def texts_of(written: Any) -> list[Text]:
    """One text, or several."""
    if written is None:
        return []
    return written if isinstance(written, list) else [written]


def matches(hears: Any, prompt: str) -> bool:
    """Whether a prompt is what a `hears` waits for."""
    from ivr.language.said import normal

    if not isinstance(hears, HearsModel):
        return normal(hears).casefold() in normal(prompt).casefold()
    if hears.regex is not None:
        return re.search(hears.regex, prompt) is not None
    if hears.exact is not None:
        return normal(hears.exact) == normal(prompt)
    return normal(hears.contains or "").casefold() in normal(prompt).casefold()


def _fits(value: Text, kind: Any) -> bool:
    try:
        coerce(str(value), kind)
    except ValueError:
        return False
    return True
