"""What listening steps share: prompts that are asked again, misses, and giving up."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ivr.core.commands import Listening
from ivr.core.flow.model import Listen, Node, Prompt, Step

if TYPE_CHECKING:
    from ivr.core.flow.turn import Turn


_ANY_KEY: Final = Listening("menu")


@dataclass(eq=False, kw_only=True)
class WaitingStep(Step):
    """A step that waits for something else than the caller."""

    def hear_key(self, turn: "Turn", key: str) -> Node | None:
        """Keys of the whole flow act; others are kept."""
        if (node := turn.flow_key(key)) is not None:
            return node
        turn.keep(key)
        return None


@dataclass(eq=False, kw_only=True)
class ListeningStep(Step):
    """A step that says something and waits for keys or words.

    Keys typed ahead are heard instead of the prompt; those left over are dropped by a miss, because
    they were meant for something else. Tries count silence and invalid input together. After a miss
    the handler's steps run, then the prompt is heard again (`again`, if there is one); after the last
    miss the outcome is `give_up`.
    """

    prompt: Prompt
    again: Prompt | None = None
    listen: Listen = field(default_factory=Listen)
    listening: Listening = _ANY_KEY

    def enter(self, turn: "Turn") -> Node | None:
        """Ask, unless the caller has already typed ahead."""
        return self.ask(turn, self.prompt)

    def ask(self, turn: "Turn", prompt: Prompt) -> Node | None:
        """Hear what was typed ahead, else say a prompt."""
        if (key := turn.take_kept()) is not None:
            return self.hear_key(turn, key)
        turn.play(prompt, self.listening)
        return None

    def ask_again(self, turn: "Turn") -> Node | None:
        """Ask once more, after a miss."""
        return self.ask(turn, self.again or self.prompt)

    def prompt_ended(self, turn: "Turn") -> Node | None:
        """The silence clock starts when the prompt has been heard; first that of saying it once more."""
        repeat_ms = self.listen.repeat_ms
        if repeat_ms and turn.repeat_once():
            turn.wake_in(repeat_ms, "repeat")
        else:
            turn.wake_in(self.listen.silence_ms, "silence")
        return None

    def alarm(self, turn: "Turn", tag: str) -> Node | None:
        """Silence; or not yet."""
        return self.say_again(turn) if tag == "repeat" else self.miss(turn, "silence")

    def say_again(self, turn: "Turn") -> Node | None:
        """Say what was said last; that is no miss."""
        return self.ask(turn, self.again if self.again is not None and turn.tries() else self.prompt)

    def miss(self, turn: "Turn", kind: str) -> Node | None:
        """Count a miss of `kind` (`silence` or `invalid`), and ask again or give up."""
        turn.clear_alarm()
        turn.stop("cut")
        turn.drop_kept()
        if turn.count_miss(kind) >= self.listen.tries:
            return self.given_up(turn)
        handler = turn.own_handler(self, kind)
        if handler is None:
            return self.ask_again(turn)
        turn.suspend(self, kind)
        return handler

    def given_up(self, turn: "Turn") -> Node | None:
        """Where the last miss leads."""
        return turn.give_up(self)


@dataclass(eq=False)
class Again:
    """Back to a listening step from the steps that handled its miss; its tries go on counting."""

    step: ListeningStep

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        turn.resume(self.step)
        return self.step.ask_again(turn)


@dataclass(eq=False)
class Repeat:
    """A menu choice that lets the caller hear the menu again; it is not a miss."""

    step: ListeningStep

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        turn.resume(self.step)
        return self.step.ask(turn, self.step.prompt)
