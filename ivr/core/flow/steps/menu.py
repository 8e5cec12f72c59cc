"""menu: let the caller choose with one key, or by saying a choice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ivr.core.flow.model import Node
from ivr.core.flow.steps.base import ListeningStep

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn


@dataclass(eq=False, kw_only=True)
class Menu(ListeningStep):
    """One key leads on; the prompt is generated from the labels, so text and keys cannot drift.

    `choices` maps a key to where it leads (key `0` leads to the operator where the flow has one);
    `phrases` maps what a caller may say, casefolded, to a key.
    """

    choices: Mapping[str, Node] = field(default_factory=dict)
    phrases: Mapping[str, str] = field(default_factory=dict)

    def hear_key(self, turn: "Turn", key: str) -> Node | None:
        """A choice, a key of the whole flow, or an invalid key."""
        node = self.choices.get(key)
        if node is None:
            if (node := turn.flow_key(key)) is not None:
                return node
            turn.invalid_key(key)
            return self.miss(turn, "invalid")
        turn.take(key)
        turn.result("key." + key)
        turn.stop("barged_in")
        return node

    def hear_speech(self, turn: "Turn", text: str) -> Node | None:
        """The choice that the words name, if exactly one does."""
        key = understood(text, self.phrases)
        turn.take_speech(text, key)
        if not key:
            return self.miss(turn, "invalid")
        turn.result("key." + key)
        turn.stop("barged_in")
        return self.choices[key]


def understood(text: str, phrases: Mapping[str, str]) -> str:
    """The key whose phrase is what was said, or is the only one contained in it or containing it; else empty."""
    said = " ".join(text.casefold().split())
    if said in phrases:
        return phrases[said]
    if not said:
        return ""
    keys = {
        phrases[phrase]: None
        for phrase in phrases
        if f" {phrase} " in f" {said} " or f" {said} " in f" {phrase} "
    }
    return next(iter(keys)) if len(keys) == 1 else ""
