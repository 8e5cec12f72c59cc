"""What happened, each fact stamped with its own instant `at`: the closed union `AnyFact`.

Facts are the only source of every number the product shows: records, metrics, log, feed, scorecards
are folds over them. `call` is the call's number (shown as `c-000042`), durations are milliseconds.
"""

from typing import Any, TypeAlias

import msgspec


class Fact(msgspec.Struct, frozen=True, gc=False, tag_field="fact"):
    """Base of all facts."""

    at: int


# The call ------------------------------------------------------------------------------------------------


class CallStarted(Fact, frozen=True, gc=False, tag="call_started"):
    """A call began: `direction` is `in`, or `out` where the center dialled.

    With direction `flow` a flow began without a caller: `line` is empty, `number` is the trigger or the work
    order (`w-7`) it began for. If a `dial` of it is answered, `caller` is the number dialled.
    """

    call: int
    line: str
    number: str
    caller: str
    name: str
    flow: str
    revision: str
    language: str
    direction: str = "in"


class CallRefused(Fact, frozen=True, gc=False, tag="call_refused"):
    """A call was not taken: `why` is `unknown_number`, `busy` (the center's bound) or `line_in_use`."""

    line: str
    number: str
    caller: str
    why: str


class StateEntered(Fact, frozen=True, gc=False, tag="state_entered"):
    """A call entered a named state of a flow."""

    call: int
    flow: str
    state: str


class StepEnded(Fact, frozen=True, gc=False, tag="step_ended"):
    """A step is over; `result` is its outcome (`next` when it simply ended), `since` when it was entered.

    A step that met an error `failed`; one whose miss led away for good ended with `silence` or `invalid`.

    `path` is the step's place inside its state, such as `0` or `2.then.1`.
    """

    call: int
    flow: str
    state: str
    path: str
    verb: str
    result: str
    since: int


class PromptHeard(Fact, frozen=True, gc=False, tag="prompt_heard"):
    """A party heard a prompt from `since` to `at`; `ended` is `finished`, `barged_in`, `cut` or `hung_up`."""

    call: int
    line: str
    text: str
    language: str
    since: int
    ended: str


class KeyHeard(Fact, frozen=True, gc=False, tag="key_heard"):
    """The caller pressed a key; `use` is `taken`, `kept` (type-ahead), `invalid` or `ignored`.

    A key that was kept is not told again when a step hears it.

    In a step marked secret the key is shown as `•`; where any step of the center is so marked, so are keys
    that are kept, because nobody knows yet what they are for.
    """

    call: int
    key: str
    use: str


class SpeechTaken(Fact, frozen=True, gc=False, tag="speech_taken"):
    """The caller said something; `choice` is the key it was understood as, empty when it was not."""

    call: int
    text: str
    choice: str


class InputMissed(Fact, frozen=True, gc=False, tag="input_missed"):
    """A listening step got `silence` or an `invalid` input; `tries` counts both together, from 1."""

    call: int
    kind: str
    tries: int


class ValueSet(Fact, frozen=True, gc=False, tag="value_set"):
    """A variable of the flow got a value (secrets are masked)."""

    call: int
    name: str
    value: Any


class LookupAsked(Fact, frozen=True, gc=False, tag="lookup_asked"):
    """A lookup or a run went out; `key` is the idempotency key of a run, empty for a lookup."""

    call: int
    request: int
    name: str
    kind: str
    attempt: int
    key: str


class LookupEnded(Fact, frozen=True, gc=False, tag="lookup_ended"):
    """A lookup or a run came back (or timed out) after `took_ms`."""

    call: int
    request: int
    name: str
    kind: str
    outcome: str
    took_ms: int


class OfferMade(Fact, frozen=True, gc=False, tag="offer_made"):
    """A step of a ladder of commercial offers was put to the caller; `rung` counts from 1, `price` is text."""

    call: int
    offer: str
    rung: int
    percent: str
    months: int
    price: str


class OfferEnded(Fact, frozen=True, gc=False, tag="offer_ended"):
    """How the caller answered: `accepted`, `declined`, `unanswered` or `hung_up`."""

    call: int
    offer: str
    rung: int
    answer: str


class SurveyAnswered(Fact, frozen=True, gc=False, tag="survey_answered"):
    """The caller gave a score; `agent` is whom they talked to last, or empty."""

    call: int
    survey: str
    score: int
    agent: str


class Identified(Fact, frozen=True, gc=False, tag="identified"):
    """It is known who calls: `what` is the data root that shows it, `by` the lookup that found it, or `known`."""

    call: int
    what: str
    by: str


class ConsentGiven(Fact, frozen=True, gc=False, tag="consent_given"):
    """The caller `agreed` or `refused`, by a `key` or by `silence`, or it was `announced` by a `notice`."""

    call: int
    what: str
    answer: str
    by: str


class LogWritten(Fact, frozen=True, gc=False, tag="log_written"):
    """The flow's author wanted this in the log."""

    call: int
    text: str


class RecordingStarted(Fact, frozen=True, gc=False, tag="recording_started"):
    """The caller's line is being recorded."""

    call: int
    recording: int
    line: str


class RecordingEnded(Fact, frozen=True, gc=False, tag="recording_ended"):
    """The recording is complete; `ended` is `key`, `max`, `silence` or `hung_up`."""

    call: int
    recording: int
    length_ms: int
    ended: str


class RecordingSuspended(Fact, frozen=True, gc=False, tag="recording_suspended"):
    """Secret digits are asked for: what is recorded is silence."""

    call: int
    recording: int


class RecordingResumed(Fact, frozen=True, gc=False, tag="recording_resumed"):
    """The recording of the call goes on."""

    call: int
    recording: int


class FlowFailed(Fact, frozen=True, gc=False, tag="flow_failed"):
    """A flow met an error: `kind` such as `runaway`, `expression`, `unhandled.give_up`, `depth`."""

    call: int
    flow: str
    state: str
    kind: str
    message: str


class CallEnded(Fact, frozen=True, gc=False, tag="call_ended"):
    """A call is over, with exactly one `reason`.

    `caller_hung_up`, `line_lost`, `line_too_slow`, `flow_hung_up`, `flow_ended` (one without a caller),
    `transferred`, `not_reached` (a dialled party), `shutdown`, `system_error`. `outcome` is what the first
    flow returned, or empty.
    """

    call: int
    reason: str
    outcome: str
    flow: str
    state: str


# Calling, writing, promising -----------------------------------------------------------------------------


class DialStarted(Fact, frozen=True, gc=False, tag="dial_started"):
    """A flow without a caller calls somebody; `caller_id` is the number shown, empty when it is withheld."""

    call: int
    line: str
    number: str
    caller_id: str
    ring_ms: int


class DialEnded(Fact, frozen=True, gc=False, tag="dial_ended"):
    """How that went: `answered`, `machine`, `busy`, `no_answer`, `rejected`, `failed` or `given_up` (the flow ended)."""

    call: int
    line: str
    number: str
    result: str
    rang_ms: int


class MessageSent(Fact, frozen=True, gc=False, tag="message_sent"):
    """A message went out by `sms`, `email` or `push`."""

    call: int
    message: int
    channel: str
    to: str
    subject: str
    text: str


class MessageEnded(Fact, frozen=True, gc=False, tag="message_ended"):
    """What became of it: `delivered`, `failed` with a detail, then perhaps `replied` or `no_reply`."""

    call: int
    message: int
    channel: str
    result: str
    took_ms: int


class MessageArrived(Fact, frozen=True, gc=False, tag="message_arrived"):
    """Somebody wrote to the center; `call` is the flow that waited for it, 0 when none did."""

    call: int
    channel: str
    sender: str
    text: str


class AppointmentMade(Fact, frozen=True, gc=False, tag="appointment_made"):
    """An appointment was `booked`, `confirmed`, `moved` or `cancelled`; the window is local time, as ISO 8601."""

    call: int
    appointment: str
    whose: str
    change: str
    starts: str
    ends: str


class WorkOrdered(Fact, frozen=True, gc=False, tag="work_ordered"):
    """A work order is on a queue; agents are asked from `opens` on, and at `closes` it is too late.

    Both are instants of the run; `ordinal` is its place in the queue.
    """

    order: int
    call: int
    queue: str
    priority: int
    ordinal: int
    opens: int
    closes: int
    place: str
    skills: tuple[str, ...] = ()


class WorkAssigned(Fact, frozen=True, gc=False, tag="work_assigned"):
    """An agent has taken a work order and is on the way."""

    order: int
    queue: str
    agent: str
    waited_ms: int


class WorkEnded(Fact, frozen=True, gc=False, tag="work_ended"):
    """A work order is over, with exactly one `result`.

    `done`, `late` (done, but begun after its window), `no_show` (taken, and nobody came), `never_assigned`,
    `rescheduled`, `cancelled`, `dropped` (the center stopped). `waited_ms` counts from its opening. `note` is what
    the agent wrote about it.
    """

    order: int
    queue: str
    result: str
    agent: str
    waited_ms: int
    worked_ms: int
    note: str = ""


# The queue -----------------------------------------------------------------------------------------------


class CallQueued(Fact, frozen=True, gc=False, tag="call_queued"):
    """A call is offered to a queue; `visit` numbers its queue visits from 1, `position` counts from 1.

    `estimate_ms` is the estimated wait, None when nobody knows. Asked for are `skills`, or the `agent` alone.
    """

    call: int
    queue: str
    visit: int
    priority: int
    ordinal: int
    position: int
    estimate_ms: int | None
    skills: tuple[str, ...] = ()
    agent: str = ""


class WaitWidened(Fact, frozen=True, gc=False, tag="wait_widened"):
    """A waiting call may be taken by more agents: by those with `skills`, up to `level` of the queue.

    `why` is `waited`, or `agent_away`: the one agent it waited for has left.
    """

    call: int
    queue: str
    skills: tuple[str, ...]
    level: int
    why: str = "waited"


class QueueRefused(Fact, frozen=True, gc=False, tag="queue_refused"):
    """A call could not join: `outcome` is `blocked_full`, `blocked_empty` or `blocked_closed`."""

    call: int
    queue: str
    outcome: str


class WaitEstimated(Fact, frozen=True, gc=False, tag="wait_estimated"):
    """What another model than the queue's own says of the wait of a call that joins; told to nobody."""

    call: int
    queue: str
    model: str
    estimate_ms: int | None


class WaitAnnounced(Fact, frozen=True, gc=False, tag="wait_announced"):
    """A waiting caller begins to hear an announcement; position and estimate are those of this moment."""

    call: int
    queue: str
    position: int
    estimate_ms: int | None


class PriorityChanged(Fact, frozen=True, gc=False, tag="priority_changed"):
    """A waiting call was given another priority; its `ordinal` stays."""

    call: int
    queue: str
    priority: int
    ordinal: int


class QueueLeft(Fact, frozen=True, gc=False, tag="queue_left"):
    """A queue visit is over, with exactly one `outcome`.

    `answered`, `abandoned`, `short_abandoned`, `timeout`, `exit_key`, `callback`, `overflowed`,
    `left_empty`, `withdrawn`, `system_error`. `waited_ms` counts from the enqueue time of the visit.
    """

    call: int
    queue: str
    visit: int
    outcome: str
    waited_ms: int
    agent: str = ""


class ReservationMade(Fact, frozen=True, gc=False, tag="reservation_made"):
    """An agent is asked to take a call, to be there for a `callback`, or to do a work `order`.

    `pulled`: a supervisor took it, whoever was before it.
    """

    reservation: int
    call: int
    queue: str
    agent: str
    callback: int = 0
    pulled: bool = False
    order: int = 0


class ReservationEnded(Fact, frozen=True, gc=False, tag="reservation_ended"):
    """The asking is over: `accepted`, `rejected`, `lapsed` (RONA) or `rescinded` because of `why`."""

    reservation: int
    call: int
    queue: str
    agent: str
    result: str
    rang_ms: int
    why: str = ""


# The talk ------------------------------------------------------------------------------------------------


class Connected(Fact, frozen=True, gc=False, tag="connected"):
    """Two parties hear each other; `party` is the agent's name or the number dialled."""

    call: int
    party: str
    line: str
    queue: str


class Said(Fact, frozen=True, gc=False, tag="said"):
    """Somebody in a talk said something: `by` is the agent's name, or empty for the caller.

    `act` is what it was (`ivr.core.acts`): `asks` for a datum, `refuses`, `promises`, `declines` an offer; `about`
    names the datum, the offer, the matter. It takes `length_ms` to say.
    """

    call: int
    by: str
    text: str
    act: str
    about: str
    detail: str
    length_ms: int


class HoldStarted(Fact, frozen=True, gc=False, tag="hold_started"):
    """The caller is on hold during talk."""

    call: int
    agent: str


class HoldEnded(Fact, frozen=True, gc=False, tag="hold_ended"):
    """The caller is off hold after `held_ms`."""

    call: int
    agent: str
    held_ms: int


class TalkEnded(Fact, frozen=True, gc=False, tag="talk_ended"):
    """A talk is over: `ended_by` is `caller`, `agent`, `party`, `transfer`, `lost`, `shift_end` or `center`.

    `talk_ms` is without hold.
    """

    call: int
    party: str
    queue: str
    talk_ms: int
    hold_ms: int
    ended_by: str


class TransferStarted(Fact, frozen=True, gc=False, tag="transfer_started"):
    """A call is being passed on; `by` is an agent's name or `flow`, `mode` is `blind` or `warm`."""

    call: int
    by: str
    target: str
    kind: str
    mode: str


class TransferEnded(Fact, frozen=True, gc=False, tag="transfer_ended"):
    """How a transfer went: `connected`, `queued`, `no_answer`, `busy`, `rejected`, `failed` or `hung_up`."""

    call: int
    target: str
    mode: str
    result: str


class ConsultStarted(Fact, frozen=True, gc=False, tag="consult_started"):
    """An agent put the caller on hold and asks for somebody: `kind` is `agent`, `queue` or `contact`."""

    call: int
    agent: str
    target: str
    kind: str


class ConsultAnswered(Fact, frozen=True, gc=False, tag="consult_answered"):
    """The other side is there, and the two talk in private; `party` is the agent's name or the contact."""

    call: int
    agent: str
    party: str
    line: str


class ConsultMoved(Fact, frozen=True, gc=False, tag="consult_moved"):
    """Whom the agent talks to changed: `private`, `swapped` (the caller) or `conference` (both)."""

    call: int
    agent: str
    mode: str


class ConsultEnded(Fact, frozen=True, gc=False, tag="consult_ended"):
    """How a consultation went, and how long after the answer.

    `completed` (the caller went on with the other side), `taken_back`, `left` (the other side went away),
    `hung_up` (the caller did), `no_answer`, `busy`, `rejected` or `failed`.
    """

    call: int
    agent: str
    target: str
    result: str
    talked_ms: int


class SupervisionStarted(Fact, frozen=True, gc=False, tag="supervision_started"):
    """A supervisor listens in on an agent's talk, or does it in another way: `monitor`, `whisper`, `barge`."""

    call: int
    supervisor: str
    agent: str
    mode: str


class SupervisionEnded(Fact, frozen=True, gc=False, tag="supervision_ended"):
    """A supervisor listens no longer: they `left` or `moved` on, or the `talk_ended`."""

    call: int
    supervisor: str
    why: str


class WrapUpEnded(Fact, frozen=True, gc=False, tag="wrap_up_ended"):
    """An agent finished the work after a talk; `code` is what they noted."""

    call: int
    agent: str
    queue: str
    code: str
    wrap_up_ms: int


class AgentMoved(Fact, frozen=True, gc=False, tag="agent_moved"):
    """An agent went from state `left` (entered at `since`) to state `state`.

    States: `signed_out`, `paused`, `ready`, `reserved`, `talking`, `holding`, `consulting` (asking, or being asked,
    about a caller), `wrap_up`, `working` (on a work order, away from the phone), `not_responding`.
    """

    agent: str
    state: str
    reason: str
    left: str
    since: int


# Callbacks -----------------------------------------------------------------------------------------------


class CallbackBooked(Fact, frozen=True, gc=False, tag="callback_booked"):
    """A caller will be called back; `ordinal` is the place kept in the queue, `skills` what is asked of an agent.

    `call` is 0 for one that was booked before the center was served anew; it has been tried `attempts` times.
    """

    callback: int
    call: int
    queue: str
    number: str
    priority: int
    ordinal: int
    skills: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    tries: int = 1
    retry_every_ms: int = 0
    attempts: int = 0


class CallbackTried(Fact, frozen=True, gc=False, tag="callback_tried"):
    """The center dials the customer for a callback, with the agent already there; `attempt` counts from 1."""

    callback: int
    call: int
    attempt: int
    agent: str


class CallbackEnded(Fact, frozen=True, gc=False, tag="callback_ended"):
    """A callback is over: `reached`, `failed` (all tries used) or `dropped` (the center stopped)."""

    callback: int
    queue: str
    result: str
    attempts: int
    waited_ms: int


# The center ----------------------------------------------------------------------------------------------


class ContactMade(Fact, frozen=True, gc=False, tag="contact_made"):
    """A customer met the company by another way than a call; `channel` is `site`, `account`, `office` or another."""

    customer: str
    channel: str
    place: str
    about: str
    outcome: str
    text: str


class WorldChanged(Fact, frozen=True, gc=False, tag="world_changed"):
    """A row of the company's tables, known by `row`, has other values."""

    table: str
    row: str
    changes: dict[str, Any]


class EventIgnored(Fact, frozen=True, gc=False, tag="event_ignored"):
    """The world was late, double or mad; nothing changed."""

    event: str
    subject: str
    why: str


class LimitReached(Fact, frozen=True, gc=False, tag="limit_reached"):
    """A bound of `ivr.limits` stopped something."""

    limit: str
    subject: str


class PlanChanged(Fact, frozen=True, gc=False, tag="plan_changed"):
    """New calls follow the plan with this digest."""

    digest: str


AnyFact: TypeAlias = (
    CallStarted
    | CallRefused
    | StateEntered
    | StepEnded
    | PromptHeard
    | KeyHeard
    | SpeechTaken
    | InputMissed
    | ValueSet
    | LookupAsked
    | LookupEnded
    | OfferMade
    | OfferEnded
    | SurveyAnswered
    | Identified
    | ConsentGiven
    | LogWritten
    | RecordingStarted
    | RecordingEnded
    | RecordingSuspended
    | RecordingResumed
    | FlowFailed
    | CallEnded
    | DialStarted
    | DialEnded
    | MessageSent
    | MessageEnded
    | MessageArrived
    | AppointmentMade
    | WorkOrdered
    | WorkAssigned
    | WorkEnded
    | CallQueued
    | QueueRefused
    | WaitWidened
    | WaitEstimated
    | WaitAnnounced
    | PriorityChanged
    | QueueLeft
    | ReservationMade
    | ReservationEnded
    | Connected
    | Said
    | HoldStarted
    | HoldEnded
    | TalkEnded
    | TransferStarted
    | TransferEnded
    | ConsultStarted
    | ConsultAnswered
    | ConsultMoved
    | ConsultEnded
    | SupervisionStarted
    | SupervisionEnded
    | WrapUpEnded
    | AgentMoved
    | CallbackBooked
    | CallbackTried
    | CallbackEnded
    | ContactMade
    | WorldChanged
    | EventIgnored
    | LimitReached
    | PlanChanged
)
"""Every fact, for decoders."""


def call_name(call: int) -> str:
    """The name people see for a call: `c-000042`."""
    return f"c-{call:06d}"


def call_number(name: str) -> int:
    """The number of a call that is shown as `name`; ValueError if it is no such name."""
    return int(name.removeprefix("c-"))


def work_name(order: int) -> str:
    """The name people see for a work order: `w-7`."""
    return f"w-{order}"


def work_number(name: str) -> int:
    """The number of a work order that is shown as `name`; ValueError if it is no such name."""
    return int(name.removeprefix("w-"))
