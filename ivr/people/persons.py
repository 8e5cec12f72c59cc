"""What a cast knows of each simulated person."""

from ivr.core.commands import Card, Listening, agent_line
from ivr.people.script import AgentScript, CallerKind


class Caller:
    """One simulated caller on a line; `talks` numbers their talks, and the times between."""

    __slots__ = (
        "attempt",
        "kind",
        "line",
        "listening",
        "menus",
        "number",
        "ordinal",
        "play",
        "talks",
        "waiting",
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
