"""A desk as it is told at the terminal: a line for each message, one for this moment, one at the end."""

import time
from collections.abc import Callable
from typing import Any, Final

from ivr import wire
from ivr.cli.stretches import Stretches
from ivr.cli.terminal import clean, clock, span
from ivr.cli.words import consultation, objection, party, ring_over, supervision
from ivr.client.view import DeskView

_TOLD_BY_OTHERS: Final = ("reserved", "talking", "holding", "consulting")
"""States that come with a message of their own: a ring, a talk, a hold, a consultation."""
_GOES_ON: Final = ("private", "swapped", "conference", "completed", "taken_back")
"""Of a consultation: somebody has the caller as they wanted."""


class DeskStory:
    """A fold over what a desk is told; times are seconds of `now`, a clock that never goes back."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.view = DeskView()
        self.talks = 0
        self.missed = 0
        self._now = now
        self._began = now()
        self._stretches = Stretches(now)

    def tell(self, message: wire.Message) -> tuple[str, str] | None:
        """Take in a message; its line and the style of it, or None for what is not worth a line."""
        view = self.view
        view.apply(message)
        self.talks += isinstance(message, wire.Bridged)
        # a talk goes on through its holds, though the agent's state changes with each of them
        self._stretches.run("state", f"ring {view.ring.reservation}" if view.ring is not None else view.state)
        self._stretches.run("talk", view.call)
        self._stretches.run("hold", view.call if view.held else "")
        self._stretches.run("consult", f"{view.consult_mode} {view.consults}".strip())
        self._stretches.run("supervise", view.supervises)
        self.missed += isinstance(message, wire.Withdrawn) and message.why == "lapsed"
        return self._line(message)

    def now_line(self) -> str:
        """The state of this moment, for a line that is drawn again and again."""
        view = self.view
        lasted = self._stretches.lasted
        parts = [view.agent or "signing in"]
        if view.ring is not None:
            left = max(0.0, view.ring.ring_ms / 1000 - lasted("state"))
            parts.append(f"RINGING, {clock(left)} left: {caller_of(view.ring)}")
        elif view.consults:
            how = consultation(view.consult_mode, view.consults, asked=not view.call)
            parts.append(f"{how}, for {clock(lasted('consult'))}")
        elif view.call:
            parts.append(f"talking with {party(view.party)} for {clock(lasted('talk'))}")
        else:
            parts.append(f"{view.state.replace('_', ' ') or 'signed in'} for {clock(lasted('state'))}")
        if view.held and view.call:
            parts.append(f"caller on hold for {clock(lasted('hold'))}")
        if view.supervises:
            how = supervision(view.supervise_mode, view.supervises)
            parts.append(f"{how}, for {clock(lasted('supervise'))}")
        if view.reason:
            parts.append(view.reason)
        return clean("  ·  ".join(parts))

    def summary(self) -> dict[str, Any]:
        """The whole shift as plain values; times in seconds."""
        held = self._stretches.spent("hold")
        return {
            "type": "summary",
            "agent": self.view.agent,
            "talks": self.talks,
            "missed": self.missed,
            "talked_s": round(self._stretches.spent("talk") - held, 3),
            "held_s": round(held, 3),
            "total_s": round(self._now() - self._began, 3),
        }

    def last_line(self) -> str:
        """The whole shift in one line."""
        told = self.summary()
        talks = f"{self.talks} talk" + ("" if self.talks == 1 else "s")
        return clean(
            f"{self.view.agent}: {talks}, {span(told['talked_s'])} in all, {self.missed} missed, "
            f"at the desk for {span(told['total_s'])}"
        )

    def _line(self, message: wire.Message) -> tuple[str, str] | None:
        match message:
            case wire.Seated():
                return f"{message.agent} at {message.center}, serving {', '.join(message.queues)}", "bold"
            case wire.AgentState() if message.state not in _TOLD_BY_OTHERS:
                why = f" ({message.reason})" if message.reason else ""
                return f"{message.state.replace('_', ' ')}{why}", "red" if "not" in message.state else "dim"
            case wire.Ring():
                return f"RING  {caller_of(message)}", "bold yellow"
            case wire.Withdrawn():
                return f"the ring is over: {ring_over(message.why)}", "yellow"
            case wire.Prompt():
                return f"» {message.text}", ""
            case wire.Bridged():
                return f"talking with {party(message.party)}, call {message.call}", "green"
            case wire.Speech():
                return f"» {message.by or 'caller'}: {message.text}", "green"
            case wire.Parted():
                return "the talk is over", "green"
            case wire.Held():
                who = "caller " if self.view.call else ""  # without one it is whom was asked who waits
                return f"{who}{'on' if message.on else 'off'} hold", "yellow"
            case wire.Consulting():
                told = consultation(message.mode, message.party, asked=not self.view.call)
                return told, "green" if message.mode in _GOES_ON else "yellow"
            case wire.Supervising():
                return supervision(message.mode, message.agent), "green" if message.mode else "yellow"
            case wire.Work():
                return f"work order {message.work}: {message.state.replace('_', ' ')}", "green"
            case wire.Error():
                return f"the center says: {objection(message.code, message.text)}", "red"
        return None


def caller_of(ring: wire.Ring) -> str:
    """The card of a caller in one line: who, why, since when, and what is known of them."""
    who = party(" ".join(filter(None, (ring.name, ring.caller))))
    parts = [f"{who} for {ring.queue}" if ring.queue else who]
    if ring.kind != "call":
        parts.append(ring.kind)
    if ring.waited_ms:
        parts.append(f"waited {span(ring.waited_ms / 1000)}")
    parts.extend(_known("", ring.data))
    return ", ".join(parts)


def _known(prefix: str, data: dict[str, Any]) -> list[str]:
    """What the card says about the caller, with one level of nesting and no more than fits a line."""
    found: list[str] = []
    for key, value in data.items():
        if isinstance(value, dict) and not prefix:
            found += _known(f"{key}.", value)
        elif value not in (None, "", [], {}):
            found.append(f"{prefix}{key}: {value}")
    return found[:12]
