"""How a simulated caller chooses from a menu."""

from collections.abc import Callable
from typing import Final

from ivr.core.commands import Listening
from ivr.people.persons import Caller

_KNOWN_MAX: Final = 10_000  # menus remembered: a center has a few, but each socket hears its own copy
_CONSENTS: Final = 0.8  # share of callers who agree to what they are asked


class Picker:
    """Which key of a menu serves an intent: the label with the most words in common."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], tuple[Listening, str]] = {}

    def keys(self, caller: Caller, listening: Listening, unit: Callable[[str, Caller], float]) -> str:
        """What a caller presses at what they heard; `unit` draws for a purpose."""
        kind, choices = caller.kind, listening.choices
        match listening.kind:
            case "callback":
                return choices[0].key if unit("callback", caller) < kind.leaves_callback else ""
            case "offer":
                return choices[0 if unit("accept", caller) < kind.accepts_offer else 1].key
            case "consent":
                return choices[0 if unit("consent", caller) < _CONSENTS else 1].key
            case "appointment":
                return choices[0].key
            case "survey":
                return choices[int(unit("survey", caller) * len(choices))].key
            case "digits":
                known = (
                    kind.conversation.knows.get(listening.about) if kind.conversation is not None else None
                )
                return known + listening.end_key if known else digits_of(caller.ordinal, listening)
        return self.key(listening, kind.wants)

    def key(self, listening: Listening, wants: str) -> str:
        """The key that `wants` leads to: the operator's, or the first one, where no label says it."""
        known = self._known.get((id(listening), wants))
        if known is not None and known[0] is listening:
            return known[1]
        words = _words(wants)
        scores = [
            (len(words & _words(choice.label)), -number) for number, choice in enumerate(listening.choices)
        ]
        best, number = max(scores, default=(0, 0))
        if best:
            key = listening.choices[-number].key
        else:
            operator = any(choice.key == "0" for choice in listening.choices)
            key = "0" if operator or not listening.choices else listening.choices[0].key
        if len(self._known) >= _KNOWN_MAX:
            self._known.clear()
        self._known[id(listening), wants] = (listening, key)
        return key


def digits_of(ordinal: int, listening: Listening) -> str:
    """What a caller keys who is asked for digits: their own number, at the length that is wanted."""
    least = listening.digits_min
    digits = f"{ordinal:0{least}d}"[-listening.digits_max :] if least else ""
    return digits + listening.end_key


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip(".,!?:;") for word in text.casefold().split())
