"""appointment: let the caller choose when somebody comes, confirm it, put it off, or call it off."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ivr.core.commands import Choice, Listening
from ivr.core.flow.model import Expression, Node, Prompt
from ivr.core.flow.steps.base import ListeningStep

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn

BOOK: Final = "book"
CONFIRM: Final = "confirm"
MOVE: Final = "move"
CANCEL: Final = "cancel"
WAYS: Final = (BOOK, CONFIRM, MOVE, CANCEL)

MORE_KEY: Final = "9"
CONFIRM_KEY: Final = "1"
DECLINE_KEY: Final = "2"

DONE: Final = {BOOK: "booked", CONFIRM: "confirmed", MOVE: "moved", CANCEL: "cancelled"}


@dataclass(eq=False, kw_only=True)
class Appointment(ListeningStep):
    """One appointment of `whose` in a calendar of the center.

    `book` and `move` read out free windows, `per_page` at once, each with its key; 9 reads the next
    ones. Who has an appointment already is not asked again by `book`; the old one counts until `move` has a new
    one. `confirm` takes 1 for yes and 2 for no, `cancel` asks nothing. Outcomes: `booked`, `confirmed`,
    `moved`, `cancelled` (for all of them the next step follows if they have no handler), `declined`
    (2 on confirming), `none_free`, `not_found` (nothing is booked), `give_up`.
    """

    calendar: str
    way: str
    whose: Expression
    per_page: int = 3

    def enter(self, turn: "Turn") -> Node | None:
        """Look into the diary first: there may be nothing to ask."""
        whose = str(turn.value(self.whose))
        booked = turn.look_into_diary(self.calendar, whose)
        if self.way == BOOK and booked:
            return self._done(turn)
        if self.way != BOOK and not booked:
            return self._ended(turn, "not_found")
        if self.way == CANCEL:
            turn.cancel_appointment(self.calendar, whose)
            return self._done(turn)
        if self.way != CONFIRM and not turn.offer_windows(self.calendar, 0, self.per_page):
            return self._ended(turn, "none_free")
        return self.ask(turn, self.prompt)

    def ask(self, turn: "Turn", prompt: Prompt) -> Node | None:
        """Say it with the keys of the windows on offer."""
        if (key := turn.take_kept()) is not None:
            return self.hear_key(turn, key)
        turn.play(prompt, Listening("appointment", tuple(self._keys(turn))))
        return None

    def _keys(self, turn: "Turn") -> list[Choice]:
        if self.way == CONFIRM:
            return [Choice(CONFIRM_KEY, "confirm"), Choice(DECLINE_KEY, "decline")]
        windows, more = turn.windows()
        keys = [
            Choice(str(number), f"{window.starts:%Y-%m-%d %H:%M}") for number, window in enumerate(windows, 1)
        ]
        return [*keys, Choice(MORE_KEY, "more")] if more else keys

    def hear_key(self, turn: "Turn", key: str) -> Node | None:
        """A window, more windows, yes or no; else a key of the flow, or an invalid one."""
        if key not in [choice.key for choice in self._keys(turn)]:
            if (node := turn.flow_key(key)) is not None:
                return node
            turn.invalid_key(key)
            return self.miss(turn, "invalid")
        turn.take(key)
        turn.stop("barged_in")
        turn.clear_alarm()
        whose = str(turn.value(self.whose))
        if self.way == CONFIRM:
            if key == DECLINE_KEY:
                return self._ended(turn, "declined")
            turn.confirm_appointment(self.calendar, whose)
            return self._done(turn)
        if key == MORE_KEY:
            turn.offer_windows(self.calendar, turn.page() + 1, self.per_page)
            return self.ask(turn, self.prompt)
        if not turn.book_window(self.calendar, whose, int(key) - 1):
            return self._taken(turn)
        return self._done(turn)

    def _taken(self, turn: "Turn") -> Node | None:
        """Somebody was quicker: offer what is free now."""
        if not turn.offer_windows(self.calendar, 0, self.per_page):
            return self._ended(turn, "none_free")
        return self.ask(turn, self.prompt)

    def _done(self, turn: "Turn") -> Node | None:
        outcome = DONE[self.way]
        turn.result(outcome)
        return turn.handler(self, outcome) or self.next

    def _ended(self, turn: "Turn", outcome: str) -> Node | None:
        turn.result(outcome)
        return turn.outcome(self, outcome)
