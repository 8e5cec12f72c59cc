"""What the scenarios share: small centers, and agents who sign in one after another."""

from ivr.core import events, facts
from ivr.core.time import SECOND
from tests.support import Desk, Lab, Phone, center_of
from tests.support.lab import states

FLOW = "a: [{queue: support, MORE on: {timeout: z, full: z, empty: z, closed: z}}, hangup]\nz: [hangup]\n"
AGENTS = "agents: { anna: { queues: [support] }, boris: { queues: [support] }, clara: { queues: [billing, support] } }"


def room(queue: str = "", *, more: str = "", agents: str = AGENTS, other: str = "") -> Lab:
    """A center with a queue of these settings, which number 1 leads to; nobody is signed in."""
    queues = f"queues: {{ support: {{ {queue} }}, billing: {{ {other} }} }}"
    flow = states(FLOW.replace("MORE", more))
    second = flow.replace("flow: main", "flow: other").replace("queue: support", "queue: billing")
    return Lab(center_of(flow, queues=queues, agents=agents, other=second))


def call(lab: Lab, caller: str = "", dialled: str = "1") -> Phone:
    """Somebody calls: 1 leads to support, 2 to billing."""
    return lab.call(f"p-{len(lab.inputs)}", dialled, caller)


def asked(lab: Lab) -> list[tuple[str, int]]:
    """Who was asked for which call, in order."""
    return [(fact.agent, fact.call) for fact in lab.told(facts.ReservationMade)]


def accept(lab: Lab, agent: str) -> None:
    """An agent takes what rings at their desk."""
    Desk(lab, agent).accept()


def served(lab: Lab, agent: str, phone: Phone, talk_ms: int = 10 * SECOND) -> None:
    """A whole talk."""
    accept(lab, agent)
    lab.wait(talk_ms)
    phone.hang_up()


__all__ = [
    "AGENTS",
    "SECOND",
    "Desk",
    "Lab",
    "Phone",
    "accept",
    "asked",
    "call",
    "events",
    "facts",
    "room",
    "served",
]
