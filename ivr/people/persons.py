"""What a cast knows of each simulated person."""

from typing import Final

from ivr.core.commands import Card, Listening, agent_line
from ivr.core.time import Instant, Ms
from ivr.people.script import AgentScript, CallerKind

COMPLAINS: Final = "c"  # in the name of a line: somebody calls about how they were treated


def comes_again(line: str) -> str:
    """Why somebody calls once more, by the name of a simulated caller's line: `redial`, `complaint`, or empty."""
    _, _, person = line.partition("-")
    if COMPLAINS in person:
        return "complaint"
    return "redial" if "-" in person else ""


class Caller:
    """One simulated caller on a line; `talks` numbers their talks and the times between, `waits` their waits.

    Of a wait: `since` when, until when they are patient (`leaves_at`), whether an announcement `calmed` them. `told_ms`
    is the wait that the prompt tells which they hear, `grieved` whether they were treated badly.
    """

    __slots__ = (
        "attempt",
        "calmed",
        "grieved",
        "kind",
        "leaves_at",
        "line",
        "listening",
        "menus",
        "number",
        "ordinal",
        "play",
        "since",
        "talks",
        "told_ms",
        "waiting",
        "waits",
    )

    def __init__(self, line: str, ordinal: int, kind: CallerKind, number: str, attempt: int = 1) -> None:
        self.line = line
        self.attempt = attempt
        self.ordinal = ordinal
        self.kind = kind
        self.number = number
        self.play = 0
        self.listening: Listening | None = None
        self.menus = 0
        self.waiting = False
        self.talks = 0
        self.waits = 0
        self.since: Instant = 0
        self.leaves_at: Instant = 0
        self.calmed = False
        self.told_ms: Ms | None = None
        self.grieved = False


class Agent:
    """One simulated agent; `ring` and `talk` number what they do, so that late alarms can tell."""

    __slots__ = (
        "caller_ordinal",
        "card",
        "jobs",
        "line",
        "name",
        "orders",
        "reservation",
        "rings",
        "script",
        "talks",
        "with_line",
        "wrapping",
    )

    def __init__(self, name: str, script: AgentScript) -> None:
        self.name = name
        self.line = agent_line(name)
        self.script = script
        self.reservation = 0
        self.card: Card | None = None
        self.rings = 0
        self.talks = 0
        self.jobs = 0
        self.orders: set[int] = set()
        self.with_line = ""
        self.wrapping = False
