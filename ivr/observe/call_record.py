"""What is kept of a call: `CallRecord` and its parts, written out by the store and shown by `ivr records`."""

import msgspec

from ivr.core.time import Instant, Ms


class QueueVisit(msgspec.Struct, gc=False):
    """One visit of a call to a queue; a queue that refused the call has a `blocked_` outcome and position 0.

    `estimate_ms` is the wait estimated on joining, None when nobody knew.
    """

    queue: str
    visit: int = 0
    priority: int = 0
    position: int = 0
    estimate_ms: Ms | None = None
    outcome: str = ""
    waited_ms: Ms = 0
    agent: str = ""


class OfferRecord(msgspec.Struct, gc=False):
    """One rung of a ladder of offers, and the caller's answer (empty when the call ended first)."""

    offer: str
    rung: int
    percent: str
    months: int
    price: str
    answer: str = ""


class SurveyRecord(msgspec.Struct, gc=False):
    """A score that the caller gave, and the agent they had talked to last."""

    survey: str
    score: int
    agent: str = ""


class CallRecord(msgspec.Struct, gc=False):
    """What is kept of a call (a call detail record). Instants count from the run's epoch.

    `ivr_ms` is the time in the flow before the first queue or talk. `prompts_ms` is how long prompts
    were heard, by any party of the call. `callback` is the callback the call booked or, with direction
    `out`, was placed for.
    """

    call: int
    started: Instant
    number: str
    caller: str
    name: str
    direction: str
    flow: str
    revision: str
    language: str
    answered: Instant | None = None
    ended: Instant = 0
    reason: str = ""
    outcome: str = ""
    last_flow: str = ""
    last_state: str = ""
    ivr_ms: Ms = -1
    wait_ms: Ms = 0
    talk_ms: Ms = 0
    hold_ms: Ms = 0
    prompts_ms: Ms = 0
    keys: int = 0
    misses: int = 0
    transfers: int = 0
    visits: tuple[QueueVisit, ...] = ()
    agents: tuple[str, ...] = ()
    offers: tuple[OfferRecord, ...] = ()
    recordings: tuple[int, ...] = ()
    callback: int | None = None
    surveys: tuple[SurveyRecord, ...] = ()
