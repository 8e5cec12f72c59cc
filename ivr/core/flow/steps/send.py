"""send: write to somebody, and perhaps wait for their answer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ivr.core.flow.model import Expression, Node, Prompt
from ivr.core.flow.steps.base import WaitingStep
from ivr.core.time import Ms

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn

CHANNELS: Final = ("sms", "email", "push")


@dataclass(eq=False, kw_only=True)
class Send(WaitingStep):
    """A message by `channel` to the address `to`.

    The step is over when the message has been taken; with `reply_ms`, when an answer has come (`replied`,
    into the variable `into`) or has not (`no_reply`). Outcome `failed` where there is no address, the
    message was not taken, or not in time.
    """

    channel: str
    to: Expression
    text: Prompt
    subject: Prompt | None = None
    reply_ms: Ms = 0
    into: str = ""

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        to = str(turn.value(self.to))
        if not to:
            return self._over(turn, "failed.no_address")
        subject = turn.render(self.subject).text if self.subject is not None else ""
        turn.send(self.channel, to, subject, turn.render(self.text).text)
        return None

    def alarm(self, turn: "Turn", tag: str) -> Node | None:
        """It was not taken in time, or no answer has come."""
        outcome = "no_reply" if tag == "reply" else "failed.timeout"
        turn.end_message(outcome)
        return self._over(turn, outcome)

    def answered(self, turn: "Turn", outcome: str, result: dict[str, Any]) -> Node | None:
        """The message was taken, or was not, or has been answered."""
        if outcome == "replied":
            turn.end_message("replied")
            if self.into:
                turn.set_variable(self.into, result["text"])
            turn.result("replied")
            return turn.handler(self, "replied") or self.next
        if outcome != "ok":
            outcome = outcome if outcome.startswith("failed") else "failed"
            turn.end_message(outcome)
            return self._over(turn, outcome)
        turn.end_message("delivered")
        if not self.reply_ms:
            turn.result("delivered")
            return self.next
        turn.await_reply()
        turn.wake_in(self.reply_ms, "reply")
        return None

    def _over(self, turn: "Turn", outcome: str) -> Node | None:
        turn.result(outcome)
        return turn.outcome(self, outcome)
