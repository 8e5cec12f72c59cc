"""lookup, run: ask the outside, or have it do something."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ivr.core.flow.model import Expression, Node, Template
from ivr.core.flow.steps.base import WaitingStep
from ivr.core.time import Ms

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn


@dataclass(frozen=True, slots=True)
class Mock:
    """An answer that is made up, so that a flow can be tried before the service it asks is there."""

    outcome: str = "ok"
    result: Mapping[str, Any] = field(default_factory=dict)
    takes_ms: Ms = 0


@dataclass(eq=False, kw_only=True)
class RequestStep(WaitingStep):
    """A lookup (reads) or a run (changes; carries an idempotency key, the same for every attempt).

    Outcomes `not_found`, `declined`, `failed` (with details such as `failed.network`) and `timeout`;
    an unhandled `timeout` is a `failed`. With a `mock` nobody is asked. `failed` and `timeout` are tried again `tries - 1` times.
    """

    request: str
    args: Mapping[str, Expression | Template] = field(default_factory=dict)
    timeout_ms: Ms = 5_000
    tries: int = 1
    every_ms: Ms = 1_000
    mock: Mock | None = None

    def enter(self, turn: "Turn") -> Node | None:
        """Evaluate the arguments once, and ask."""
        turn.ask_outside(self, {name: turn.evaluate(source) for name, source in self.args.items()})
        return None

    def alarm(self, turn: "Turn", tag: str) -> Node | None:
        """No answer in time, or the pause before the next attempt is over."""
        if tag == "retry":
            turn.ask_outside_again(self)
            return None
        if tag == "mock" and self.mock is not None:
            return self.answered(turn, self.mock.outcome, dict(self.mock.result))
        return self.answered(turn, "timeout", {})

    def answered(self, turn: "Turn", outcome: str, result: dict[str, Any]) -> Node | None:
        """The answer, or a reason to try again."""
        attempt = turn.end_request(outcome)
        if outcome == "ok":
            if not turn.take_result(self.request, result):
                outcome = "failed.result"
            else:
                turn.drop_request()
                turn.result("ok")
                return self.next
        if attempt < self.tries and outcome.split(".")[0] in ("failed", "timeout"):
            turn.wake_in(self.every_ms, "retry")
            return None
        turn.drop_request()
        turn.result(outcome)
        if outcome == "timeout" and turn.handler(self, "timeout") is None:
            return turn.outcome(self, "failed")
        return turn.outcome(self, outcome)
