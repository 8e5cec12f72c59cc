"""A frozen picture of the center: for gauges, screens and REST."""

import msgspec


class QueueView(msgspec.Struct, frozen=True):
    """A queue now; `oldest_ms` is the age of its longest waiting call, `estimate_ms` for a call joining now."""

    name: str
    waiting: int
    ringing: int
    callbacks: int
    oldest_ms: int
    estimate_ms: int | None
    agents: dict[str, int]


class AgentView(msgspec.Struct, frozen=True):
    """An agent now; `for_ms` is how long they have been in the state."""

    name: str
    state: str
    reason: str
    for_ms: int
    call: int | None
    queues: tuple[str, ...]


class CallView(msgspec.Struct, frozen=True):
    """A call now: where it is in its flow, with whom, and whom they consult about it, as in `consulting`."""

    call: int
    line: str
    number: str
    caller: str
    flow: str
    state: str
    verb: str
    queue: str
    position: int
    party: str
    consults: str
    consult_mode: str
    for_ms: int


class Snapshot(msgspec.Struct, frozen=True):
    """The whole center at one instant; `calls` holds at most the oldest few hundred."""

    at: int
    plan: str
    calls_total: int
    in_flow: int
    waiting: int
    talking: int
    callbacks: int
    queues: tuple[QueueView, ...]
    agents: tuple[AgentView, ...]
    calls: tuple[CallView, ...]
