"""ask: let the caller key in digits."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.core.flow.model import Expression, Node, Prompt
from ivr.core.flow.steps.base import ListeningStep

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn

DIGITS = "0123456789"


@dataclass(eq=False, kw_only=True)
class Ask(ListeningStep):
    """Digits into a variable: from `digits_min` to `digits_max`, ended by `end_key`, a pause or the last digit.

    An empty entry (the end key alone) takes the value of `empty`, if there is one. `check` is a condition on the entry,
    already stored in the variable. `confirm` is a prompt that reads the entry back: 1 confirms, 2 asks
    again. `skip_key` gives the outcome `skipped`. In a secret entry the keys are masked in every fact.
    """

    into: str
    digits_min: int
    digits_max: int
    end_key: str = ""
    skip_key: str = ""
    empty: Expression | None = None
    check: Expression | None = None
    confirm: Prompt | None = None
    secret: bool = False

    def ask(self, turn: "Turn", prompt: Prompt) -> Node | None:
        """Ask; while a secret is asked for, the call is not recorded."""
        if self.secret:
            turn.suspend_recording()
        return ListeningStep.ask(self, turn, prompt)

    def hear_key(self, turn: "Turn", key: str) -> Node | None:
        """One more digit, the end, a skip; anything else is a key of the flow or invalid."""
        if turn.confirming():
            return self._hear_confirmation(turn, key)
        turn.stop("barged_in")
        turn.clear_alarm()
        if self.skip_key and key == self.skip_key and not turn.entry():
            turn.take(key)
            turn.result("skipped")
            return turn.handler(self, "skipped") or self.next
        if self.end_key and key == self.end_key:
            turn.take(key)
            return self._finish(turn)
        if key not in DIGITS:
            if (node := turn.flow_key(key)) is not None:
                return node
            turn.invalid_key(key)
            return self._missed(turn)
        turn.take(key, secret=self.secret)
        if turn.add_digit(key) >= self.digits_max:
            return self._finish(turn)
        turn.wake_in(self.listen.between_digits_ms, "digits")
        return self._next_kept(turn)

    def hear_speech(self, turn: "Turn", text: str) -> Node | None:
        """Spoken digits, if that is all there is."""
        digits = "".join(text.split())
        if turn.confirming():
            turn.take_speech("•" * len(text) if self.secret else text, digits if digits in ("1", "2") else "")
            return self._confirm(turn, digits)
        accepted = digits.isascii() and digits.isdigit() and len(digits) <= self.digits_max
        turn.take_speech("•" * len(text) if self.secret else text, "digits" if accepted else "")
        turn.stop("barged_in")
        turn.clear_alarm()
        if not accepted:
            return self._missed(turn)
        turn.set_entry(digits)
        return self._finish(turn)

    def prompt_ended(self, turn: "Turn") -> Node | None:
        """The silence clock starts, unless digits were keyed during the prompt."""
        if turn.confirming():
            turn.wake_in(self.listen.silence_ms, "silence")
        elif not turn.entry():
            return ListeningStep.prompt_ended(self, turn)
        return None

    def alarm(self, turn: "Turn", tag: str) -> Node | None:
        """Silence, or the pause after the last digit."""
        if tag == "digits":
            return self._finish(turn)
        if tag == "repeat":
            return self.say_again(turn)
        return self._missed(turn, "silence")

    def _finish(self, turn: "Turn") -> Node | None:
        entry = turn.entry()
        if not entry and self.empty is not None:
            return self._store(turn, str(turn.value(self.empty)), confirm=False)
        if len(entry) < self.digits_min:
            return self._missed(turn)
        return self._store(turn, entry, confirm=self.confirm is not None)

    def _store(self, turn: "Turn", value: str, *, confirm: bool) -> Node | None:
        turn.set_variable(self.into, value, secret=self.secret)
        if self.check is not None and not turn.value(self.check):
            return self._missed(turn)
        if confirm and self.confirm is not None:
            turn.begin_confirmation()
            if (key := turn.take_kept()) is not None:
                return self._hear_confirmation(turn, key)
            turn.play(self.confirm, self.listening)
            return None
        turn.result("entered")
        return self.next

    def _hear_confirmation(self, turn: "Turn", key: str) -> Node | None:
        if key in ("1", "2"):
            turn.take(key)
        elif (node := turn.flow_key(key)) is not None:
            return node
        else:
            turn.invalid_key(key)
        return self._confirm(turn, key)

    def _confirm(self, turn: "Turn", answer: str) -> Node | None:
        turn.stop("barged_in")
        turn.clear_alarm()
        if answer == "1":
            turn.result("entered")
            return self.next
        if answer == "2":
            turn.end_confirmation()
            return self.ask_again(turn)
        return self._missed(turn)

    def _missed(self, turn: "Turn", kind: str = "invalid") -> Node | None:
        turn.end_confirmation()
        return self.miss(turn, kind)

    def _next_kept(self, turn: "Turn") -> Node | None:
        key = turn.take_kept()
        return self.hear_key(turn, key) if key is not None else None
