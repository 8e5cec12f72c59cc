"""What came of a call, from its facts, and whether that is what its test expects."""

from collections.abc import Iterable
from typing import Any, Final

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.core.flow.values import coerce, plain
from ivr.language.comparing import METRICS, TIME, shown
from ivr.language.problems import Place
from ivr.language.said import normal
from ivr.language.tree import Text
from ivr.language.trial_steps import states_of, texts_of
from ivr.language.trials import Trial
from ivr.trial.caller import Failure

_CANCELLED: Final = "cancelled"
_NEVER: Final = "never"


class Outcome:
    """A call that is over, as its facts tell it."""

    def __init__(self, told: Iterable[Fact]) -> None:
        self.states: list[tuple[str, str, int]] = []
        self.heard: list[str] = []
        self.variables: dict[str, Any] = {}
        self.queues: dict[str, str] = {}
        self.works: dict[str, str] = {}
        self.returned = ""
        self.reason = ""
        self.began = 0
        self.duration_ms = 0
        self.numbers: dict[str, int | None] = {
            "time_to_person": None,
            "time_to_cancel": None,
            **dict.fromkeys((*METRICS,)[2:], 0),
        }
        self._line = ""
        self._below = ""
        for fact in told:
            if (take := getattr(self, f"_{type(fact).__struct_config__.tag}", None)) is not None:
                take(fact)

    def reached(self, state: str) -> int | None:
        """How long after the beginning a state was entered first."""
        return next((at for flow, name, at in self.states if state in (name, f"{flow}.{name}")), None)

    def _count(self, name: str, more: int = 1) -> None:
        self.numbers[name] = (self.numbers[name] or 0) + more

    def _first(self, name: str, at: int) -> None:
        if self.numbers[name] is None:
            self.numbers[name] = at - self.began

    # A method a fact, named by its tag -----------------------------------------------------------------

    def _call_started(self, fact: facts.CallStarted) -> None:
        self.began, self._line = fact.at, fact.line

    def _state_entered(self, fact: facts.StateEntered) -> None:
        self.states.append((fact.flow, fact.state, fact.at - self.began))
        if fact.state == _CANCELLED:
            self._first("time_to_cancel", fact.at)

    def _step_ended(self, fact: facts.StepEnded) -> None:
        if fact.verb == "return":
            self._below = fact.result
            if fact.result == _CANCELLED:
                self._first("time_to_cancel", fact.at)

    def _prompt_heard(self, fact: facts.PromptHeard) -> None:
        if fact.line == self._line:
            self.heard.append(fact.text)
            self._count("prompts_s", fact.at - fact.since)

    def _key_heard(self, fact: facts.KeyHeard) -> None:
        self._count("keys")

    def _input_missed(self, fact: facts.InputMissed) -> None:
        self._count("misses")

    def _value_set(self, fact: facts.ValueSet) -> None:
        self.variables[fact.name] = fact.value

    def _offer_made(self, fact: facts.OfferMade) -> None:
        self._count("offers_heard")

    def _flow_failed(self, fact: facts.FlowFailed) -> None:
        self._count("errors")

    def _queue_left(self, fact: facts.QueueLeft) -> None:
        self.queues[fact.queue] = fact.outcome
        self._count("wait", fact.waited_ms)

    def _queue_refused(self, fact: facts.QueueRefused) -> None:
        self.queues[fact.queue] = fact.outcome

    def _connected(self, fact: facts.Connected) -> None:
        self._first("time_to_person", fact.at)

    def _talk_ended(self, fact: facts.TalkEnded) -> None:
        self._count("talk", fact.talk_ms)

    def _transfer_ended(self, fact: facts.TransferEnded) -> None:
        if fact.result in ("connected", "queued"):
            self._count("transfers")

    def _dial_ended(self, fact: facts.DialEnded) -> None:
        if fact.result in ("answered", "machine"):
            self._line = fact.line

    def _work_ended(self, fact: facts.WorkEnded) -> None:
        self.works[fact.queue] = fact.result

    def _call_ended(self, fact: facts.CallEnded) -> None:
        self.reason = fact.reason
        self.returned = fact.outcome or self._below
        self.duration_ms = fact.at - self.began


class Judge:
    """Compares a call with what its test expects."""

    def __init__(self, trial: Trial, outcome: Outcome) -> None:
        self.failures: list[Failure] = []
        self._trial = trial
        self._expect = trial.model.expect
        self._came = outcome

    def judge(self) -> list[Failure]:
        """Everything that is not as expected."""
        expect, came = self._expect, self._came
        if expect.outcome is not None and came.returned != expect.outcome:
            was = f"was: {came.returned}" if came.returned else "nothing was returned"
            self._fail(expect.outcome, f"outcome {expect.outcome}", was)
        if expect.ended is not None and came.reason != expect.ended:
            self._fail(expect.ended, f"ended {expect.ended}", f"was: {came.reason}")
        for name, wanted in expect.variables.items():
            self._variable(name, wanted)
        for how, states in states_of(expect).items():
            self._states(how, states)
        for text in texts_of(expect.hears):
            if not any(_within(text, heard) for heard in came.heard):
                self._fail(text, f'hears "{text}"', "it was never said")
        for text in texts_of(expect.never_hears):
            if said := next((heard for heard in came.heard if _within(text, heard)), ""):
                self._fail(text, f'never hears "{text}"', f'heard: "{said}"')
        for queue, wanted in expect.queue.items():
            found = came.queues.get(str(queue), _NEVER)
            if found != wanted:
                self._fail(queue, f"queue {queue}: {wanted}", f"was: {found}")
        for queue, wanted in expect.work.items():
            found = came.works.get(str(queue), _NEVER)
            if found != wanted:
                self._fail(queue, f"work {queue}: {wanted}", f"was: {found}")
        self._bounds()
        return self.failures

    def _variable(self, name: Text, wanted: Text) -> None:
        kinds = [
            flow.variables[str(name)]
            for flow in self._trial.center.plan.flows.values()
            if str(name) in flow.variables
        ]
        found = self._came.variables.get(str(name), plain(kinds[0].natural))
        for kind in kinds:
            try:
                if coerce(found, kind) == coerce(str(wanted), kind):
                    return
            except ValueError:
                continue
        self._fail(
            name, f"variable {name}: {wanted}", f"was: {found}" if found not in ("", None) else "was: empty"
        )

    def _states(self, how: str, states: list[Text]) -> None:
        went = [(name, f"{flow}.{name}") for flow, name, _ in self._came.states]
        path = f"was: {' -> '.join(name for name, _ in went) or 'none'}"
        if how == "exactly":
            if len(went) != len(states) or any(
                str(wanted) not in found for wanted, found in zip(states, went, strict=True)
            ):
                self._fail(states[0], f"states exactly {' -> '.join(states)}", path)
            return
        start = 0
        for wanted in states:
            found = next((n for n in range(start, len(went)) if str(wanted) in went[n]), None)
            if how == "never":
                if found is not None:
                    self._fail(wanted, f"never the state {wanted}", path)
            elif found is None:
                where = f" after {states[states.index(wanted) - 1]}" if start else ""
                self._fail(wanted, f"the state {wanted}{where}", path)
            elif how == "in_order":
                start = found + 1

    def _bounds(self) -> None:
        for name, wanted in self._trial.bounds.items():
            kind = METRICS.get(name, TIME)
            if name == "duration":
                value: int | None = self._came.duration_ms
            elif name.startswith("reaches."):
                value = self._came.reached(name.removeprefix("reaches."))
            else:
                value = self._came.numbers[name]
            for bound in wanted:
                if value is None or not bound.holds(value):
                    instead = "that never happened" if value is None else f"was: {shown(value, kind)}"
                    self._fail(self._place(name), f"{name.replace('.', ' ')} {bound}", instead)

    def _place(self, name: str) -> Place:
        expect = self._expect
        if name == "duration":
            return expect.place_of_key(name)
        if name.startswith("reaches."):
            return next(state for state in expect.reaches if state == name.removeprefix("reaches."))
        return expect.metrics.place_of_key(name)

    def _fail(self, place: Place, wanted: str, instead: str) -> None:
        self.failures.append(Failure(place.file, place.line, place.column, f"expected: {wanted}", instead))


def _within(text: Text, heard: str) -> bool:
    return normal(text).casefold() in normal(heard).casefold()
