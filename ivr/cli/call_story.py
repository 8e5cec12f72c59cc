"""A call as it is told at the terminal: a line for each message, one for this moment, one at the end."""

import time
from collections.abc import Callable
from typing import Any, Final

from ivr import wire
from ivr.cli.stretches import Stretches
from ivr.cli.terminal import clean, clock, span
from ivr.cli.words import ending, objection, party, refusal
from ivr.client.view import PhoneView

ABNORMAL: Final = ("system_error", "line_lost", "line_too_slow", "not_reached", "shutdown")
"""Reasons of an end that nobody on the line wanted."""

RINGBACK: Final = "ringback"


class CallStory:
    """A fold over what a phone is told; times are seconds of `now`, a clock that never goes back.

    A call consists of stretches: waits in one queue, and talks with one party, of which some time may be
    on hold. The sums are those of the call's record: a talk without its holds, a wait until its outcome.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.view = PhoneView()
        self.parties: list[str] = []
        self._now = now
        self._started = now()
        self._ended: float | None = None
        self._stretches = Stretches(now)

    @property
    def elapsed(self) -> float:
        """Seconds since the call was connected, until its end."""
        return (self._now() if self._ended is None else self._ended) - self._started

    def tell(self, message: wire.Message) -> tuple[str, str] | None:
        """Take in a message; its line and the style of it, or None for what is not worth a line."""
        before = (self.view.queue, self.view.position)
        self.view.apply(message)
        view = self.view
        if isinstance(message, wire.Connected):
            self._started, self._ended = self._now(), None
        if isinstance(message, wire.Bridged) and party(message.party) not in self.parties:
            self.parties.append(party(message.party))
        if isinstance(message, wire.Ended):
            self._ended = self._now()
        self._stretches.run("wait", view.queue)
        self._stretches.run("talk", party(view.party) if view.talking else "")
        self._stretches.run("hold", "hold" if view.talking and view.held else "")
        if isinstance(message, wire.Music) and message.name == RINGBACK:
            return self._rings(), "yellow"
        return _line(message, before)

    def _rings(self) -> str:
        """What a ringing tone means: a queue has an agent for the call, or a transfer is on its way."""
        return "an agent is being rung" if self.view.queue else "it rings"

    def now_line(self) -> str:
        """The state of this moment, for a line that is drawn again and again."""
        view = self.view
        parts = [view.call or "dialling", clock(self.elapsed)]
        if view.stage == "waiting":
            waited = clock(self._stretches.lasted("wait"))
            estimate = f", about {span(view.estimate_s)}" if view.estimate_s else ""
            parts.append(f"waiting in {view.queue} for {waited}: number {view.position}{estimate}")
        elif view.talking:
            parts.append(f"talking with {party(view.party)} for {clock(self._stretches.lasted('talk'))}")
        elif view.state:
            parts.append(f"state {view.state}")
        if view.held:
            parts.append(f"on hold for {clock(self._stretches.lasted('hold'))}")
        if view.music:
            parts.append(self._rings() if view.music == RINGBACK else f"music: {view.music}")
        if view.recording:
            parts.append("recorded")
        if view.listening is not None:
            parts.append(f"listens for {listens_for(view.listening)}")
        return clean("  ·  ".join(parts))

    def summary(self) -> dict[str, Any]:
        """The whole call as plain values; times in seconds."""
        return {
            "type": "summary",
            "call": self.view.call,
            "number": self.view.number,
            "reason": self.view.ended,
            "waited_s": round(self._stretches.spent("wait"), 3),
            "talked_s": round(self._stretches.spent("talk") - self._stretches.spent("hold"), 3),
            "held_s": round(self._stretches.spent("hold"), 3),
            "total_s": round(self.elapsed, 3),
            "talked_with": self.parties,
        }

    def last_line(self) -> str:
        """The whole call in one line."""
        waited, held = self._stretches.spent("wait"), self._stretches.spent("hold")
        talked = self._stretches.spent("talk") - held
        parts = [f"{self.view.call} to {self.view.number}: {span(self.elapsed)}"]
        parts.append(f"waited {span(waited)}" if waited else "no wait")
        parts.append(f"talked {span(talked)} with {', '.join(self.parties)}" if self.parties else "no talk")
        parts += [f"on hold {span(held)}"] if held else []
        parts.append(f"ended: {ending(self.view.ended or 'unknown')}")
        return clean(", ".join(parts))


def listens_for(listening: wire.ListeningFor) -> str:
    """What may be pressed, in a few words."""
    if listening.choices:
        return " ".join(key for key, _ in listening.choices)
    low, high = listening.digits_min, listening.digits_max
    digits = f"{low}-{high} digits" if low != high else f"{low} digits"
    end = {"#": "hash", "*": "star"}.get(listening.end_key, listening.end_key)
    return (digits if high else "keys") + (f" and {end}" if end else "")


def _line(message: wire.Message, before: tuple[str, int]) -> tuple[str, str] | None:
    match message:
        case wire.Connected():
            return f"connected to {message.number}: call {message.call}", "bold"
        case wire.Refused():
            return f"refused: {refusal(message.why)}", "bold red"
        case wire.Prompt():
            listening = f"   [{listens_for(message.listening)}]" if message.listening is not None else ""
            return f"» {message.text}{listening}", ""
        case wire.Queued() if (message.queue, message.position) != before:
            estimate = f", about {span(message.estimate_s)}" if message.estimate_s else ""
            return f"waiting in {message.queue}: number {message.position}{estimate}", "yellow"
        case wire.Key():
            return f"pressed {message.key} ({message.use})", "cyan"
        case wire.Bridged():
            return f"talking with {party(message.party)}", "green"
        case wire.Speech() if message.text:
            return f"» {party(message.by)}: {message.text}", "green"
        case wire.Parted():
            return "the talk is over", "green"
        case wire.Held():
            return "on hold" if message.on else "off hold", "yellow"
        case wire.Recording():
            return "recording started" if message.on else "recording ended", "magenta"
        case wire.Error():
            return f"the center says: {objection(message.code, message.text)}", "red"
        case wire.Ended():
            return f"ended: {ending(message.reason)}", "red" if message.reason in ABNORMAL else "bold"
    return None
