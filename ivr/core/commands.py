"""What the engine asks of one party: the port `Outlet`, and the same as data for tests.

The engine calls the outlet and never waits: an outlet only schedules, and never calls back into the
engine. Lines are named as in `ivr.core.events`; an agent's line is `agent_line(name)`.
"""

from typing import Any, NamedTuple, Protocol

import msgspec


def agent_line(agent: str) -> str:
    """The line of an agent: what prompts to them and bridges with them are addressed to."""
    return "a-" + agent


class Spoken(NamedTuple):
    """A prompt as one party hears it; `length_ms` is what the text alone would take to say.

    `wait_ms` is the estimated wait that it tells, None if it tells none or nobody knows.
    """

    text: str
    language: str
    length_ms: int
    wav: str = ""
    voice: str = ""
    wait_ms: int | None = None


class Choice(NamedTuple):
    """One key a listening step offers, with its label in the center's language."""

    key: str
    label: str


class Listening(NamedTuple):
    """What the step that plays a prompt wants to hear: `kind` is `menu`, `digits`, `offer` or `callback`.

    `about` is the variable that digits are for.
    """

    kind: str
    choices: tuple[Choice, ...] = ()
    digits_min: int = 0
    digits_max: int = 0
    end_key: str = ""
    secret: bool = False
    about: str = ""


class Card(msgspec.Struct, frozen=True, gc=False):
    """What an agent is shown with a reservation; `kind` is `call`, `transfer`, `consult`, `callback` or `work`.

    With `work`, `data["work"]` has the order: `id`, `what`, `place`, and its window `starts` to `ends` (local time).
    """

    call: int
    kind: str
    queue: str
    caller: str
    name: str
    waited_ms: int
    flow: str
    state: str
    ring_ms: int
    data: dict[str, Any] = {}


class Speech(NamedTuple):
    """What somebody in a talk says: `by` is the agent's name, or empty for the caller.

    `act` is of `ivr.core.acts`, or empty where nobody has said what it was.
    """

    by: str
    text: str
    length_ms: int
    act: str
    about: str
    detail: str


class Outlet(Protocol):
    """What the engine asks of one party."""

    def play(self, line: str, play: int, spoken: Spoken, listening: Listening | None) -> None:
        """Let a party hear a prompt, and report `PromptFinished(line, play)` when it was heard to its end."""

    def stop(self, line: str, play: int) -> None:
        """Break a prompt off; nothing is reported."""

    def music(self, line: str, music: str) -> None:
        """Play this music, or `ringback`, from now on, until a prompt, a bridge or silence (empty name)."""

    def queued(self, line: str, queue: str, position: int, estimate_ms: int | None) -> None:
        """Tell a party where it waits."""

    def ring(self, agent: str, reservation: int, card: Card) -> None:
        """Ask an agent to take a call."""

    def withdraw(self, agent: str, reservation: int, why: str) -> None:
        """Stop asking an agent: `lapsed`, `hung_up`, `rescinded`."""

    def bridge(self, line: str, other: str) -> None:
        """Let two parties hear each other."""

    def said(self, line: str, speech: Speech) -> None:
        """Let a party of a talk hear what the other one says."""

    def part(self, line: str, other: str) -> None:
        """End a bridge; both lines stay."""

    def hold(self, line: str, on: bool, music: str) -> None:
        """Put a bridged caller on hold with music, or take them off."""

    def hear(self, line: str, others: tuple[str, ...]) -> None:
        """Let a party hear exactly these others from now on: more than two are on the call."""

    def consulting(self, agent: str, call: int, party: str, mode: str) -> None:
        """Tell an agent how a consultation with `party` stands: its mode, or how it ended."""

    def work(self, agent: str, order: int, state: str) -> None:
        """Tell an agent that a work order is theirs (`assigned`), or how it ended; they report `WorkFinished`."""

    def supervising(self, supervisor: str, call: int, agent: str, mode: str) -> None:
        """Tell a supervisor whom they listen to, and how; nobody any more with an empty mode."""

    def dial(self, line: str, number: str, caller_id: str, ring_ms: int) -> None:
        """Call a number; report `LineAnswered` or `LineFailed` for `line`."""

    def hang_up(self, line: str, reason: str) -> None:
        """End a party's line; nothing is reported for it any more."""

    def look_up(self, request: int, name: str, args: dict[str, Any], caller: str) -> None:
        """Ask the outside something on behalf of a caller's number; report `LookupFinished`."""

    def run(self, request: int, name: str, args: dict[str, Any], caller: str, key: str) -> None:
        """Have the outside do something, once per idempotency `key`; report `LookupFinished`."""

    def send(self, request: int, channel: str, to: str, subject: str, text: str) -> None:
        """Send a message by `sms`, `email` or `push`; report `LookupFinished`: `ok`, or `failed` with a detail."""

    def record(self, line: str, recording: int, on: bool) -> None:
        """Start or stop recording what a party says."""

    def record_call(self, line: str, recording: int, what: str) -> None:
        """`start`, `suspend`, `resume` or `end` recording a whole call; suspended, what is recorded is silence."""


class Command(NamedTuple):
    """One call of the outlet as data."""

    name: str
    args: tuple[Any, ...]


class RecordingOutlet:
    """An outlet that writes down what it was asked: the list of commands, for tests."""

    def __init__(self) -> None:
        self.commands: list[Command] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args: self.commands.append(Command(name, args))

    def of(self, name: str) -> list[tuple[Any, ...]]:
        """The arguments of every command called `name`."""
        return [command.args for command in self.commands if command.name == name]
