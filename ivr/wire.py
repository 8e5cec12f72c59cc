"""The websocket protocol `ivr.v1`: what phones and desks say to a center, and what they are told.

Text frames are one JSON object each, told apart by `type`; binary frames are one 20 ms packet of the
codec agreed in `hello` or `sign_in`. The server owns the playout clock: it sends one packet every
20 ms while a line is up. A line with codec `none` carries no sound: prompts come as text with their
length, and the server says when one has been heard.

The same classes serve server and client; the reference page is generated from them.
"""

import contextlib
from typing import Any, Final, TypeAlias, TypeVar, get_args

import msgspec

from ivr.errors import PeerError

PROTOCOL: Final = "ivr.v1"
FRAME_MS: Final = 20
CODECS: Final = {"none": 0, "ulaw": 160, "alaw": 160, "slin16": 640}
"""Codec name to bytes a frame."""


class Message(msgspec.Struct, frozen=True, gc=False, tag_field="type"):
    """Base of all messages. What a server says may have fields that an older client does not know."""


class Said(Message, frozen=True, gc=False, forbid_unknown_fields=True):
    """Base of what phones and desks say: a field that is not known is a mistake, and is answered as one."""


# What a phone says ---------------------------------------------------------------------------------------


class Hello(Said, frozen=True, gc=False, tag="hello"):
    """First message of a phone: its number (empty: withheld), name, and the codec it wants."""

    number: str = ""
    name: str = ""
    codec: str = "none"


class Dial(Said, frozen=True, gc=False, tag="dial"):
    """Call a number of the center."""

    to: str


class Press(Said, frozen=True, gc=False, tag="press"):
    """Press keys, one after another: `0`-`9`, `*`, `#`, `A`-`D`."""

    keys: str


class Say(Said, frozen=True, gc=False, tag="say"):
    """Say something, as text that was already understood; a desk says it to its caller.

    In a talk `act` says what it was, and `about` about what; the facts page lists the acts. Empty, nobody has said so,
    and whoever hears it may guess.
    """

    text: str
    act: str = ""
    about: str = ""
    detail: str = ""


class Answer(Said, frozen=True, gc=False, tag="answer"):
    """Pick up the call that the center places (`incoming`)."""


class Reject(Said, frozen=True, gc=False, tag="reject"):
    """Refuse: a phone the incoming call, a desk the reservation it names."""

    reservation: int = 0


class HangUp(Said, frozen=True, gc=False, tag="hang_up"):
    """End the call (a phone) or the talk (a desk)."""


class Write(Said, frozen=True, gc=False, tag="write"):
    """Send the center a text message (`sms`) from this phone's number."""

    text: str


# What a desk says ----------------------------------------------------------------------------------------


class SignIn(Said, frozen=True, gc=False, tag="sign_in"):
    """First message of a desk: which agent of the center sits there, and the codec of its headset."""

    agent: str
    ready: bool = True
    codec: str = "none"


class SignOut(Said, frozen=True, gc=False, tag="sign_out"):
    """Leave; a talk is finished first."""


class Ready(Said, frozen=True, gc=False, tag="ready"):
    """Want calls; ends a pause, a wrap-up and `not_responding`."""


class Pause(Said, frozen=True, gc=False, tag="pause"):
    """Want no calls; in a talk it takes effect after it."""

    reason: str = ""


class Accept(Said, frozen=True, gc=False, tag="accept"):
    """Take the call of a reservation."""

    reservation: int


class Hold(Said, frozen=True, gc=False, tag="hold"):
    """Put the caller on hold."""


class Resume(Said, frozen=True, gc=False, tag="resume"):
    """Take the caller off hold."""


class Transfer(Said, frozen=True, gc=False, tag="transfer"):
    """Pass the caller on, blind: to a queue, an agent, a number of the center or a contact."""

    to: str


class Consult(Said, frozen=True, gc=False, tag="consult"):
    """Put the caller on hold and ask somebody: an agent, a queue or a contact."""

    to: str


class ConsultAct(Said, frozen=True, gc=False, tag="consult_act"):
    """`complete` (the caller goes on with whom you asked), `take_back`, `swap` whom you talk to, or `conference`."""

    act: str


class Supervise(Said, frozen=True, gc=False, tag="supervise"):
    """As a supervisor, on a pause: `monitor` an agent's talk, `whisper` to them, or `barge` in; without an agent, leave."""

    agent: str = ""
    mode: str = "monitor"


class Force(Said, frozen=True, gc=False, tag="force"):
    """As a supervisor: make an agent `ready`, `paused` or `signed_out`, as if they had asked for it."""

    agent: str
    state: str


class Pull(Said, frozen=True, gc=False, tag="pull"):
    """As a supervisor: take a waiting call, whoever is before it."""

    call: str


class WrapUp(Said, frozen=True, gc=False, tag="wrap_up"):
    """The work after the talk is done; `code` says how the talk went."""

    code: str = ""


class Finish(Said, frozen=True, gc=False, tag="finish"):
    """A work order is over: `done`, `no_show` or `rescheduled`.

    `work` names it (`w-1`), empty the one you have had longest; `note` is what you write about it.
    """

    result: str = "done"
    work: str = ""
    note: str = ""


# What a phone is told --------------------------------------------------------------------------------------


class Welcome(Message, frozen=True, gc=False, tag="welcome"):
    """The greeting was understood: the codec, bytes a frame, and what may be dialled.

    Times in messages are the center's, which runs at `speed` times real time; sound is real time always.
    """

    protocol: str
    center: str
    codec: str
    frame_ms: int
    frame_bytes: int
    numbers: tuple[str, ...] = ()
    speed: float = 1.0


class Connected(Message, frozen=True, gc=False, tag="connected"):
    """The center has answered; `call` is the name under which the call is recorded."""

    call: str
    number: str


class Refused(Message, frozen=True, gc=False, tag="refused"):
    """The call was not taken: `unknown_number`, `busy`. With sound, the busy tone is heard for a while."""

    number: str
    why: str


class Incoming(Message, frozen=True, gc=False, tag="incoming"):
    """The center calls this phone; `caller` is the number it shows, empty when withheld."""

    caller: str
    ring_ms: int


class ListeningFor(msgspec.Struct, frozen=True, gc=False):
    """What may be pressed: `kind` is `menu`, `digits`, `offer`, `survey`, `consent`, `appointment` or `callback`.

    `about` is the variable that digits are for, such as `contract`.
    """

    kind: str
    choices: tuple[tuple[str, str], ...] = ()
    digits_min: int = 0
    digits_max: int = 0
    end_key: str = ""
    about: str = ""


class Prompt(Message, frozen=True, gc=False, tag="prompt"):
    """A prompt begins; with `listening`, the step waits for keys during and after it.

    `wait_s` is the estimated wait in seconds that it tells (null: it tells none).
    """

    play: int
    text: str
    language: str
    length_ms: int
    listening: ListeningFor | None = None
    wait_s: float | None = None


class PromptEnded(Message, frozen=True, gc=False, tag="prompt_ended"):
    """A prompt is over: `finished` (heard to its end) or `stopped`."""

    play: int
    ended: str


class Music(Message, frozen=True, gc=False, tag="music"):
    """Music or a tone from now on (`ringback`, `beep`); empty: none."""

    name: str


class Queued(Message, frozen=True, gc=False, tag="queued"):
    """The call waits: its place from 1, and the estimated wait in seconds (null: unknown).

    `ringing`: an agent is being rung at once; music and announcements begin only if nobody answers.
    """

    queue: str
    position: int
    estimate_s: float | None
    ringing: bool = False


class State(Message, frozen=True, gc=False, tag="state"):
    """The call is now in this state of this flow."""

    flow: str
    state: str


class Key(Message, frozen=True, gc=False, tag="key"):
    """What became of a key: `taken`, `kept` (for a later step), `invalid`, `ignored`."""

    key: str
    use: str


class Bridged(Message, frozen=True, gc=False, tag="bridged"):
    """Two parties hear each other: `party` is the other one."""

    call: str
    party: str


class Speech(Message, frozen=True, gc=False, tag="speech"):
    """The other party of the talk says something: `by` is an agent's name, or empty for the caller; as in `say`."""

    by: str
    text: str
    length_ms: int
    act: str
    about: str
    detail: str


class Parted(Message, frozen=True, gc=False, tag="parted"):
    """The talk is over."""

    call: str


class Held(Message, frozen=True, gc=False, tag="held"):
    """On hold, or off hold again."""

    on: bool


class Recording(Message, frozen=True, gc=False, tag="recording"):
    """The line is being recorded, or no longer; `message`: the caller is to leave a message now."""

    on: bool
    message: bool = False


class Written(Message, frozen=True, gc=False, tag="written"):
    """The center sends this phone a message, by `sms` or `push`; it may come at any time."""

    channel: str
    text: str


class Ended(Message, frozen=True, gc=False, tag="ended"):
    """The call is over; see the glossary for the reasons."""

    call: str
    reason: str


class Error(Message, frozen=True, gc=False, tag="error"):
    """Something was not understood or not possible; nothing else changed."""

    code: str
    text: str


# What a desk is told ---------------------------------------------------------------------------------------


class Seated(Message, frozen=True, gc=False, tag="seated"):
    """The sign-in was understood: the queues the agent serves, the codec, and where calls can be passed.

    `speed` as in `welcome`. `team`: all agents, for a supervisor; nobody for others.
    """

    protocol: str
    center: str
    agent: str
    queues: tuple[str, ...]
    codec: str
    frame_ms: int
    frame_bytes: int
    targets: tuple[str, ...] = ()
    speed: float = 1.0
    team: tuple[str, ...] = ()


class AgentState(Message, frozen=True, gc=False, tag="agent_state"):
    """The agent is now in this state."""

    state: str
    reason: str = ""


class Ring(Message, frozen=True, gc=False, tag="ring"):
    """A call for this agent: accept or reject the reservation within `ring_ms`.

    `call` is empty for a callback that was booked before the center was served anew.

    `kind` is `call`, `transfer`, `consult`, `callback`, or `work`: a work order, described in `data["work"]`.

    `data` is what the flow carries to the agent (`carry:`), by data root.
    """

    reservation: int
    call: str
    kind: str
    queue: str
    caller: str
    name: str
    waited_ms: int
    ring_ms: int
    data: dict[str, Any] = {}


class Withdrawn(Message, frozen=True, gc=False, tag="withdrawn"):
    """No longer asked to take a call; `why` is `lapsed`, `hung_up` or another reason."""

    reservation: int
    why: str


class Consulting(Message, frozen=True, gc=False, tag="consulting"):
    """How a consultation with `party` stands: `ringing`, `private`, `swapped`, `conference`, or how it ended.

    It ends `completed`, `taken_back`, `left`, `hung_up` (the caller did), `no_answer`, `busy`, `rejected` or `failed`.
    """

    call: str
    party: str
    mode: str


class Work(Message, frozen=True, gc=False, tag="work"):
    """A work order is yours (`assigned`), or has ended: as you said, `rescheduled`, `cancelled` or `dropped`."""

    work: str
    state: str


class Supervising(Message, frozen=True, gc=False, tag="supervising"):
    """You hear this agent's talk, and how; with an empty `mode` no longer."""

    call: str
    agent: str
    mode: str


PhoneSays: TypeAlias = Hello | Dial | Press | Say | Answer | Reject | HangUp | Write
DeskSays: TypeAlias = (
    SignIn
    | SignOut
    | Ready
    | Pause
    | Accept
    | Reject
    | HangUp
    | Say
    | Hold
    | Resume
    | Transfer
    | Consult
    | ConsultAct
    | Supervise
    | Force
    | Pull
    | WrapUp
    | Finish
)
PhoneHears: TypeAlias = (
    Welcome
    | Connected
    | Refused
    | Incoming
    | Prompt
    | PromptEnded
    | Music
    | Queued
    | State
    | Key
    | Bridged
    | Speech
    | Parted
    | Held
    | Recording
    | Written
    | Ended
    | Error
)
DeskHears: TypeAlias = (
    Seated
    | AgentState
    | Ring
    | Withdrawn
    | Prompt
    | PromptEnded
    | Music
    | Bridged
    | Speech
    | Parted
    | Held
    | Consulting
    | Supervising
    | Work
    | Error
)

_T = TypeVar("_T")

_ENCODER: Final = msgspec.json.Encoder()
_PHONE_SAYS: Final[msgspec.json.Decoder[PhoneSays]] = msgspec.json.Decoder(PhoneSays)
_DESK_SAYS: Final[msgspec.json.Decoder[DeskSays]] = msgspec.json.Decoder(DeskSays)
_PHONE_HEARS: Final[msgspec.json.Decoder[PhoneHears]] = msgspec.json.Decoder(PhoneHears)
_DESK_HEARS: Final[msgspec.json.Decoder[DeskHears]] = msgspec.json.Decoder(DeskHears)


def encode(message: Message) -> str:
    """A message as the text of a frame."""
    return _ENCODER.encode(message).decode()


def phone_says(text: str) -> PhoneSays:
    """Decode what a phone sent; PeerError says what is wrong with it."""
    return _decode(_PHONE_SAYS, text)


def desk_says(text: str) -> DeskSays:
    """Decode what a desk sent; PeerError says what is wrong with it."""
    return _decode(_DESK_SAYS, text)


def phone_hears(text: str) -> PhoneHears | None:
    """Decode what the server sent to a phone; None for a message of a kind that only a later protocol knows."""
    return _heard(_PHONE_HEARS, PhoneHears, text)


def desk_hears(text: str) -> DeskHears | None:
    """Decode what the server sent to a desk; None as in `phone_hears`."""
    return _heard(_DESK_HEARS, DeskHears, text)


class _Kind(msgspec.Struct):
    """What every message says of itself."""

    type: str


def _heard(decoder: msgspec.json.Decoder[_T], known: Any, text: str) -> _T | None:
    try:
        return _decode(decoder, text)
    except PeerError:
        with contextlib.suppress(msgspec.MsgspecError):
            kind = msgspec.json.decode(text, type=_Kind).type
            if kind not in {message.__struct_config__.tag for message in get_args(known)}:
                return None
        raise


def _decode(decoder: msgspec.json.Decoder[_T], text: str) -> _T:
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as fault:
        raise PeerError("bad_message", str(fault)) from None
    except (msgspec.DecodeError, RecursionError, UnicodeError) as fault:
        raise PeerError("not_json", f"a text frame is one JSON object: {fault}") from None


EXAMPLES: Final[tuple[tuple[str, Message], ...]] = (
    ("phone says", Hello(number="+4915100000001", name="Ana", codec="none")),
    ("phone says", Dial(to="support")),
    ("phone says", Press(keys="1")),
    ("phone says", Say(text="bills and payments")),
    ("phone says", Answer()),
    ("phone says", Reject()),
    ("phone says", HangUp()),
    ("phone says", Write(text="yes")),
    ("phone hears", Welcome(PROTOCOL, "Northlight", "none", 20, 0, ("support", "retention"))),
    ("phone hears", Connected(call="c-000042", number="support")),
    ("phone hears", Refused(number="supprt", why="unknown_number")),
    ("phone hears", Incoming(caller="+49301000", ring_ms=30_000)),
    (
        "phone hears",
        Prompt(
            7,
            "How can we help? For an internet problem, press 1.",
            "en",
            3_571,
            ListeningFor("menu", (("1", "For an internet problem"),)),
        ),
    ),
    ("phone hears", PromptEnded(play=7, ended="finished")),
    ("phone hears", Music(name="soft-piano")),
    ("phone hears", Queued(queue="support", position=3, estimate_s=140.0)),
    ("phone hears", State(flow="isp-main", state="main-menu")),
    ("phone hears", Key(key="1", use="taken")),
    ("phone hears", Bridged(call="c-000042", party="anna")),
    ("phone hears", Speech("anna", "What is your contract number?", 1_786, "asks", "contract", "")),
    ("phone hears", Parted(call="c-000042")),
    ("phone hears", Held(on=True)),
    ("phone hears", Recording(on=True)),
    ("phone hears", Written(channel="sms", text="Your installer comes tomorrow, from 15:00 to 18:00.")),
    ("phone hears", Ended(call="c-000042", reason="flow_hung_up")),
    ("phone hears", Error(code="not_dialled", text="there is no call to press keys in; dial first")),
    ("desk says", SignIn(agent="anna", ready=True, codec="none")),
    ("desk says", Ready()),
    ("desk says", Pause(reason="lunch")),
    ("desk says", Accept(reservation=12)),
    ("desk says", Reject(reservation=12)),
    ("desk says", Say(text="What is your contract number?", act="asks", about="contract")),
    ("desk says", Hold()),
    ("desk says", Resume()),
    ("desk says", Transfer(to="billing")),
    ("desk says", Consult(to="boris")),
    ("desk says", ConsultAct(act="complete")),
    ("desk says", Supervise(agent="anna", mode="whisper")),
    ("desk says", Force(agent="anna", state="ready")),
    ("desk says", Pull(call="c-000042")),
    ("desk says", HangUp()),
    ("desk says", WrapUp(code="solved")),
    ("desk says", Finish(result="done", work="w-1", note="the cable was loose")),
    ("desk says", SignOut()),
    (
        "desk hears",
        Seated(PROTOCOL, "Northlight", "anna", ("support",), "none", 20, 0, ("support", "billing")),
    ),
    ("desk hears", AgentState(state="ready")),
    ("desk hears", Ring(12, "c-000042", "call", "support", "+4915100000001", "Ana", 31_000, 15_000)),
    ("desk hears", Withdrawn(reservation=12, why="lapsed")),
    ("desk hears", Bridged(call="c-000042", party="+4915100000001")),
    ("desk hears", Speech("", "It is 40711.", 857, "answers", "contract", "")),
    ("desk hears", Parted(call="c-000042")),
    ("desk hears", Held(on=True)),
    ("desk hears", Consulting(call="c-000042", party="boris", mode="private")),
    ("desk hears", Work(work="w-1", state="assigned")),
    ("desk hears", Supervising(call="c-000042", agent="anna", mode="whisper")),
    ("desk hears", Prompt(9, "Ana, owes 30 euros.", "en", 1_357)),
    ("desk hears", PromptEnded(play=9, ended="finished")),
    ("desk hears", Music(name="")),
    ("desk hears", Error(code="agent_in_use", text="anna is signed in at another desk")),
)
"""Every message once, with who says or hears it: shown in the reference, replayed by tests."""
