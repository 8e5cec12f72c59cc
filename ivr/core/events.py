"""What the world tells the engine, past tense: the closed union `Event`.

Events are the only inputs of the engine; a journal of them, each stamped with its instant, is the
whole history of a run. `line` names one party's leg: the driver names the lines of callers as it
likes (`p-1`), the engine names those it dials (`o-1`), and an agent's line is `a-` and the name.
"""

from typing import Any, TypeAlias

import msgspec


class Event(msgspec.Struct, frozen=True, gc=False, tag_field="event"):
    """Base of all events."""


class CallArrived(Event, frozen=True, gc=False, tag="call_arrived"):
    """Somebody dialled a number of the center; `caller` is their number, empty when withheld."""

    line: str
    dialled: str
    caller: str = ""
    name: str = ""


class KeyPressed(Event, frozen=True, gc=False, tag="key_pressed"):
    """A party pressed one key: `0`-`9`, `*`, `#` or `A`-`D`."""

    line: str
    key: str


class SpeechHeard(Event, frozen=True, gc=False, tag="speech_heard"):
    """A party said something that was understood as `text`.

    In a talk `act` says what it was (`ivr.core.acts`), empty where nobody has said so: whoever hears it may guess.
    """

    line: str
    text: str
    act: str = ""
    about: str = ""
    detail: str = ""


class PromptFinished(Event, frozen=True, gc=False, tag="prompt_finished"):
    """The prompt `play` has been heard to its end on `line`."""

    line: str
    play: int


class LineAnswered(Event, frozen=True, gc=False, tag="line_answered"):
    """The party at a line the engine dialled has picked up: a `person`, or a `machine` that answers for one."""

    line: str
    by: str = "person"


class LineFailed(Event, frozen=True, gc=False, tag="line_failed"):
    """A dialled line will not be answered; `cause` is `busy`, `no_answer`, `rejected` or `failed`."""

    line: str
    cause: str


class LineEnded(Event, frozen=True, gc=False, tag="line_ended"):
    """The party at `line` is gone; `cause` is `hung_up`, `lost` (connection) or `too_slow` (never read)."""

    line: str
    cause: str = "hung_up"


class LookupFinished(Event, frozen=True, gc=False, tag="lookup_finished"):
    """The outside answered a lookup or a run, or has taken a message.

    `outcome` is `ok`, `not_found`, `declined` or `failed`, or one of these with a dotted detail
    (`failed.network`). `result` are plain JSON values.
    """

    request: int
    outcome: str
    result: dict[str, Any] = {}


class FlowTriggered(Event, frozen=True, gc=False, tag="flow_triggered"):
    """A trigger of the center fired: its flow begins without a caller.

    `data` are fields by data root (plain JSON values), `caller` the number the flow may dial, if it has one.
    """

    trigger: str
    caller: str = ""
    data: dict[str, dict[str, Any]] = {}


class MessageReceived(Event, frozen=True, gc=False, tag="message_received"):
    """Somebody sent the center a message by `sms`, `email` or `push`."""

    channel: str
    sender: str
    text: str


class WorkFinished(Event, frozen=True, gc=False, tag="work_finished"):
    """An agent has finished a work order: `done`, `no_show` (they did not go) or `rescheduled`.

    `order` is its number, 0 the one they have had longest; `note` is what they write about it.
    """

    agent: str
    result: str = "done"
    order: int = 0
    note: str = ""


class CallbackRestored(Event, frozen=True, gc=False, tag="callback_restored"):
    """A callback that was booked before the center was served anew, or a lead to be shown to an agent and called.

    `skills` have `levels`; `data` is shown to the agent.
    """

    queue: str
    number: str
    priority: int = 0
    skills: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    tries: int = 1
    retry_every_ms: int = 0
    attempts: int = 0
    data: dict[str, Any] = {}


class AgentSignedIn(Event, frozen=True, gc=False, tag="agent_signed_in"):
    """An agent sat down; with `ready` false, paused until they say so."""

    agent: str
    ready: bool = True


class AgentSignedOut(Event, frozen=True, gc=False, tag="agent_signed_out"):
    """An agent leaves; a talk is finished first (`finish_call`)."""

    agent: str


class AgentLost(Event, frozen=True, gc=False, tag="agent_lost"):
    """An agent's desk is gone without a word."""

    agent: str


class AgentPaused(Event, frozen=True, gc=False, tag="agent_paused"):
    """An agent wants no calls; in a talk it takes effect after it."""

    agent: str
    reason: str = ""


class AgentReady(Event, frozen=True, gc=False, tag="agent_ready"):
    """An agent wants calls; ends a pause, `not_responding` and a wrap-up."""

    agent: str


class ReservationAccepted(Event, frozen=True, gc=False, tag="reservation_accepted"):
    """An agent takes the call they were asked to take."""

    agent: str
    reservation: int


class ReservationRejected(Event, frozen=True, gc=False, tag="reservation_rejected"):
    """An agent refuses the call they were asked to take."""

    agent: str
    reservation: int


class AgentHungUp(Event, frozen=True, gc=False, tag="agent_hung_up"):
    """An agent ends the talk; the call goes on in its flow."""

    agent: str


class AgentSpoke(Event, frozen=True, gc=False, tag="agent_spoke"):
    """An agent in a talk said `text`; `act` says what that was (`ivr.core.acts`), `about` what it is about."""

    agent: str
    text: str
    act: str = "says"
    about: str = ""
    detail: str = ""


class AgentHeld(Event, frozen=True, gc=False, tag="agent_held"):
    """An agent puts the caller on hold."""

    agent: str


class AgentResumed(Event, frozen=True, gc=False, tag="agent_resumed"):
    """An agent takes the caller off hold."""

    agent: str


class AgentTransferred(Event, frozen=True, gc=False, tag="agent_transferred"):
    """An agent passes the caller on, blind, to a queue, an agent, a number of the center or a contact."""

    agent: str
    target: str


class AgentConsulted(Event, frozen=True, gc=False, tag="agent_consulted"):
    """An agent puts the caller on hold and asks for somebody else: an agent, a queue or a contact."""

    agent: str
    target: str


class ConsultActed(Event, frozen=True, gc=False, tag="consult_acted"):
    """What an agent does with a consultation: `complete`, `take_back`, `swap` or `conference`."""

    agent: str
    act: str


class SupervisorJoined(Event, frozen=True, gc=False, tag="supervisor_joined"):
    """A supervisor listens in on an agent's talk: `monitor`, `whisper` (to the agent) or `barge` (to all)."""

    supervisor: str
    agent: str
    mode: str = "monitor"


class SupervisorLeft(Event, frozen=True, gc=False, tag="supervisor_left"):
    """A supervisor listens no longer."""

    supervisor: str


class StateForced(Event, frozen=True, gc=False, tag="state_forced"):
    """A supervisor puts an agent into a state: `ready`, `paused` or `signed_out`."""

    supervisor: str
    agent: str
    state: str


class CallPulled(Event, frozen=True, gc=False, tag="call_pulled"):
    """A supervisor takes a waiting call themselves."""

    supervisor: str
    call: int


class CallWithdrawn(Event, frozen=True, gc=False, tag="call_withdrawn"):
    """A waiting call is taken out of its queue; its flow goes on with the outcome `withdrawn`."""

    call: int
    by: str = ""


class PriorityGiven(Event, frozen=True, gc=False, tag="priority_given"):
    """A waiting call has another priority from now on."""

    call: int
    priority: int
    by: str = ""


class ContactNoted(Event, frozen=True, gc=False, tag="contact_noted"):
    """A customer met the company by another way than a call: a site, an account, an office, a leaflet."""

    customer: str
    channel: str
    place: str
    about: str = ""
    outcome: str = ""
    text: str = ""


class RowChanged(Event, frozen=True, gc=False, tag="row_changed"):
    """A row of the company's tables, known by `row` (its first column), has other values: plain JSON."""

    table: str
    row: str
    changes: dict[str, Any] = {}


class AgentWrappedUp(Event, frozen=True, gc=False, tag="agent_wrapped_up"):
    """An agent has finished the work after the talk, and says how the talk went."""

    agent: str
    code: str = ""


class PlanReplaced(Event, frozen=True, gc=False, tag="plan_replaced"):
    """New calls follow the plan with this digest, handed to the engine beforehand."""

    digest: str


class CenterStopped(Event, frozen=True, gc=False, tag="center_stopped"):
    """The center closes down: every call ends now."""

    reason: str = "shutdown"


AnyEvent: TypeAlias = (
    CallArrived
    | KeyPressed
    | SpeechHeard
    | PromptFinished
    | LineAnswered
    | LineFailed
    | LineEnded
    | LookupFinished
    | FlowTriggered
    | MessageReceived
    | WorkFinished
    | CallbackRestored
    | AgentSignedIn
    | AgentSignedOut
    | AgentLost
    | AgentPaused
    | AgentReady
    | ReservationAccepted
    | ReservationRejected
    | AgentHungUp
    | AgentSpoke
    | AgentHeld
    | AgentResumed
    | AgentTransferred
    | AgentConsulted
    | ConsultActed
    | SupervisorJoined
    | SupervisorLeft
    | StateForced
    | CallPulled
    | CallWithdrawn
    | PriorityGiven
    | ContactNoted
    | RowChanged
    | AgentWrappedUp
    | PlanReplaced
    | CenterStopped
)
"""Every event, for decoders."""
