"""A test against its center: does everything it names exist, and can what it waits for ever be?

What is written is turned into values on the way (`Trial`); what the caller does and what is expected
is checked in `trial_steps`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ivr.core.flow.nearness import did_you_mean as suggest
from ivr.core.flow.values import ValueType, plain
from ivr.core.plan import Request
from ivr.language import trial_steps
from ivr.language.center_parts import convert, hours_of, local_time
from ivr.language.compile import Center
from ivr.language.problems import Report
from ivr.language.said import Sayings
from ivr.language.tree import Text
from ivr.language.trial_models import MockModel, ReadyModel, TrialModel
from ivr.language.trials import MockAnswer, ReadyAgent, Trial

_ANSWERS: Final = {
    "lookup": ("ok", "not_found", "failed", "timeout"),
    "run": ("ok", "not_found", "declined", "failed", "timeout"),
}


class Checker:
    """Checks the tests of one center."""

    def __init__(self, center: Center, report: Report, *, only_play: bool = False) -> None:
        """With `only_play` it does not matter what is expected, nor whether the words waited for can be said."""
        self.only_play = only_play
        self.center = center
        self.plan = center.plan
        self.report = report
        self.sayings = Sayings(center.plan)

    def trials(self, models: Iterable[TrialModel]) -> list[Trial]:
        """The tests, with their problems reported; names of one file differ."""
        found: dict[str, Trial] = {}
        for model in models:
            if (first := found.get(str(model.test))) is not None:
                message = f"there is a test {str(model.test)!r} in line {first.model.test.line}"
                self.report.add(model.test, "duplicate", message, "give this one another name")
                continue
            found[str(model.test)] = self._trial(model)
        return list(found.values())

    def known(self, name: Text, what: str, names: Iterable[str]) -> bool:
        """Report a name that the center does not have."""
        if str(name) in names:
            return True
        code = f"unknown-{what.replace(' ', '-')}"
        self.report.add(name, code, f"there is no {what} {str(name)!r}", suggest(name, names))
        return False

    def _trial(self, model: TrialModel) -> Trial:
        trial = Trial(model, self.center)
        self._start(model)
        if model.clock is not None:
            local_time(model.clock, self.plan.timezone, model.place_of_key("clock"), self.report)
        self._roots(trial)
        self._tables(trial)
        for name, days in model.hours.items():
            if self.known(name, "opening hours", self.plan.hours):
                trial.hours[str(name)] = hours_of(name, days, self.report)
        for name, mock in model.mock.items():
            if self.known(name, "lookup or run", self.plan.requests):
                trial.mocks[str(name)] = self._mock(mock, self.plan.requests[str(name)])
        self._agents(trial)
        for queue in model.waiting:
            self.known(queue, "queue", self.plan.queues)
        if self.only_play:
            trial_steps.check_steps(self, model)
            return trial
        if not model.caller and not model.expect.model_fields_set and not model.lost:
            message = "this test proves nothing: nobody does anything, and nothing is expected"
            self.report.add(model.test, "empty", message, "add caller: [...] or expect: { ... }")
        trial_steps.check_steps(self, model)
        trial_steps.check_expectations(self, trial)
        return trial

    def _start(self, model: TrialModel) -> None:
        if model.flow is not None:
            self.known(model.flow, "flow", self.plan.flows)
        if model.dials is not None:
            self.known(model.dials, "number", self.plan.numbers)
        if model.trigger is not None:
            self.known(model.trigger, "trigger", self.plan.triggers)
        starts = [name for name in ("flow", "dials", "trigger") if getattr(model, name) is not None]
        if len(starts) > 1:
            message = "the call begins in a flow, by dialling a number or by a trigger, not in two ways"
            self.report.add(model.place_of_key(starts[1]), "start", message, "delete one of them")
        if not starts and not model.lost:
            message = "nothing says where the call begins"
            numbers = ", ".join([*self.plan.numbers][:5])
            self.report.add(
                model.test, "missing-key", message, f"add 'dials: ...' ({numbers}) or 'flow: ...'"
            )

    # What the world is like ----------------------------------------------------------------------------

    def _roots(self, trial: Trial) -> None:
        written: dict[Text, Mapping[Text, Text]] = dict(trial.model.data)
        if trial.model.customer:
            written[Text("customer", trial.model.place_of_key("customer"))] = trial.model.customer
        for root, fields in written.items():
            if not self.known(root, "data root", self.plan.schema):
                continue
            trial.roots[str(root)] = self._typed(fields, self.plan.schema[str(root)], f"{root} has")

    def _typed(self, fields: Mapping[Text, Any], types: Mapping[str, ValueType], what: str) -> dict[str, Any]:
        values = {}
        for name, value in fields.items():
            if str(name) not in types:
                message = f"{what} no {str(name)!r}"
                self.report.add(name, "unknown-field", message, suggest(name, types))
            else:
                values[str(name)] = convert(value, types[str(name)], self.report)
        return values

    def _tables(self, trial: Trial) -> None:
        world = self.center.world
        for table, rows in trial.model.tables.items():
            if self.known(table, "table", world.tables):
                columns = world.columns.get(str(table), {})
                trial.rows[str(table)] = [self._typed(row, columns, f"the table {table} has") for row in rows]

    def _mock(self, mock: Any, request: Request) -> MockAnswer:
        model = mock if isinstance(mock, MockModel) else MockModel(outcome=mock)
        outcome = model.outcome
        known = _ANSWERS[request.kind]
        if str(outcome).split(".")[0] not in known:
            message = f"a {request.kind} does not answer {str(outcome)!r}"
            self.report.add(outcome, "unknown-outcome", message, suggest(str(outcome), known))
        if model.result is None:
            if outcome == "ok" and self._is_real(request.name):
                message = f"{request.name!r} is answered by a service, which a test does not ask"
                hint = (
                    f"say what it answers: mock: {{ {request.name}: {{ outcome: ok, result: {{ ... }} }} }}"
                )
                self.report.add(outcome, "mock", message, hint)
            return MockAnswer(str(outcome), None, model.takes)
        if outcome != "ok":
            place = model.place_of_key("result")
            self.report.add(place, "mock", "only 'ok' comes with a result", "delete the result")
        values = self._typed(model.result, request.result, f"{request.name} answers")
        return MockAnswer(str(outcome), {name: plain(value) for name, value in values.items()}, model.takes)

    def _is_real(self, name: str) -> bool:
        """Whether a service of the user's answers a lookup or a run."""
        world = self.center.world
        asked = world.lookups.get(name) or world.runs.get(name)
        return asked is not None and asked.http is not None

    def _agents(self, trial: Trial) -> None:
        """Choose who is there: agents named first, then the first of each queue that are still free."""
        plan, taken = self.plan, set[str]()
        for name, ready in trial.model.agents.items():
            if name in plan.agents and name in plan.queues:
                message = f"{str(name)!r} is an agent and a queue"
                self.report.add(name, "ambiguous", message, "rename one of them in center.yaml")
            elif name in plan.agents:
                taken.add(str(name))
                trial.agents.append(_ready(str(name), plan.agents[str(name)].queues, ready))
                if _count(ready) != 1:
                    self.report.add(name, "agents", f"there is one {str(name)!r}", f"write {name}: 1")
        for name, ready in trial.model.agents.items():
            if name in plan.agents or not self.known(name, "queue", [*plan.queues, *plan.agents]):
                continue
            able = [agent.name for agent in plan.agents.values() if str(name) in agent.queues]
            free = [agent for agent in able if agent not in taken]
            if _count(ready) > len(free):
                message = f"{str(name)!r} has {len(able)} agents, {len(free)} of them not named elsewhere"
                self.report.add(name, "agents", message, f"write at most {len(free)}")
            for agent in free[: _count(ready)]:
                taken.add(agent)
                trial.agents.append(_ready(agent, (str(name),), ready))


def _count(ready: Any) -> int:
    return int(ready.ready if isinstance(ready, ReadyModel) else ready)


def _ready(agent: str, queues: tuple[str, ...], ready: Any) -> ReadyAgent:
    model = ready if isinstance(ready, ReadyModel) else ReadyModel()
    return ReadyAgent(
        agent,
        queues,
        model.answers,
        model.answers_after,
        model.talks,
        model.works,
        model.shows_up,
        model.comes_after,
    )
