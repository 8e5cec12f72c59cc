"""How a simulated caller chooses from a menu."""

from ivr.core.commands import Listening


class Picker:
    """Which key of a menu serves an intent: the label with the most words in common."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], tuple[Listening, str]] = {}

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
        self._known[id(listening), wants] = (listening, key)
        return key


def digits_of(ordinal: int, listening: Listening) -> str:
    """What a caller keys who is asked for digits: their own number, at the length that is wanted."""
    least = listening.digits_min
    digits = f"{ordinal:0{least}d}"[-listening.digits_max :] if least else ""
    return digits + listening.end_key


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip(".,!?:;") for word in text.casefold().split())
