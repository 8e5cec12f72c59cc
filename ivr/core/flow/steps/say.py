"""say, play: let the caller hear something."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.core.flow.model import Node, Prompt, Step

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn


@dataclass(eq=False, kw_only=True)
class Say(Step):
    """Speak a prompt (verb `say`) or play a sound file (verb `play`), then go on.

    A key breaks it off and is kept for the step that asks, unless the prompt must be heard.
    """

    prompt: Prompt

    def enter(self, turn: "Turn") -> Node | None:
        """Play, or skip when the caller has typed ahead."""
        if self.prompt.must_hear:
            turn.drop_kept()
        elif self.prompt.barge_in and turn.has_kept():
            turn.result("barged_in")
            return self.next
        turn.play(self.prompt)
        return None

    def hear_key(self, turn: "Turn", key: str) -> Node | None:
        """A key of the whole flow acts at once; any other is kept, and breaks the prompt off."""
        if self.prompt.must_hear:
            turn.ignore_key(key)
            return None
        if (node := turn.flow_key(key)) is not None:
            return node
        turn.keep(key)
        if not self.prompt.barge_in:
            return None
        turn.stop("barged_in")
        turn.result("barged_in")
        return self.next

    def prompt_ended(self, turn: "Turn") -> Node | None:
        """Heard to the end."""
        return self.next
