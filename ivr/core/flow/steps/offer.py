"""offer: a ladder of commercial offers, put to the caller one after another."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from ivr.core.flow.model import Expression, Node
from ivr.core.flow.steps.base import ListeningStep
from ivr.core.time import Ms

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn


@dataclass(frozen=True, slots=True)
class Rung:
    """One offer: `percent` or `amount` off for `months`; skipped unless `when` is true."""

    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    months: int = 0
    when: Expression | None = None


@dataclass(eq=False, kw_only=True)
class Offer(ListeningStep):
    """Put each rung that the caller is eligible for: one key accepts, one declines and leads to the next.

    Outcomes: `accepted`, `exhausted` (no rung left), `give_up`. Silence, a wrong key, hanging up or a
    key pressed before the rung was put never accept. `price` is what the discount is taken off.
    A caller's number is not put the same ladder twice within `cooldown_ms`: that is `exhausted.cooldown`.
    """

    name: str
    rungs: tuple[Rung, ...]
    price: Expression
    accept_key: str
    decline_key: str
    cooldown_ms: Ms = 0

    def enter(self, turn: "Turn") -> Node | None:
        """The first rung there is; none for a caller to whom these offers were put a short while ago."""
        if self.cooldown_ms and turn.offered_within(self.name, self.cooldown_ms):
            turn.result("exhausted.cooldown")
            return turn.handler(self, "exhausted.cooldown") or self.next
        turn.begin_offers(self.name)
        return self._climb(turn)

    def hear_key(self, turn: "Turn", key: str) -> Node | None:
        """Accept, decline, a key of the flow, or invalid."""
        if key == self.accept_key:
            turn.take(key)
            turn.stop("barged_in")
            turn.end_offer("accepted")
            turn.result("accepted")
            return turn.handler(self, "accepted") or self.next
        if key == self.decline_key:
            turn.take(key)
            turn.stop("barged_in")
            turn.clear_alarm()
            turn.end_offer("declined")
            return self._climb(turn)
        if (node := turn.flow_key(key)) is not None:
            return node
        turn.invalid_key(key)
        return self.miss(turn, "invalid")

    def _climb(self, turn: "Turn") -> Node | None:
        for number in range(turn.rung(), len(self.rungs)):
            rung = self.rungs[number]
            if rung.when is None or turn.value(rung.when):
                turn.drop_kept()
                turn.make_offer(number + 1, rung.percent, rung.amount, rung.months, turn.value(self.price))
                turn.play(self.prompt, self.listening)
                return None
        turn.result("exhausted")
        return turn.handler(self, "exhausted") or self.next
