"""A compiled flow: nodes that point at nodes, with nothing left to look up while a call runs.

Every node has `enter(turn)`, which returns the node to go on with, or None to stay and wait. A node
that waits hears what comes next through the methods of `Step`: one for each kind of thing a step
can hear, so that a step's class says what it listens to. Nodes hold no state of a call; that lives
in the call (`ivr.core.call`), so a call can be snapshotted, replayed and shown.

`ivr.language` builds these objects from YAML; `next`, `first` and the targets are linked there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from ivr.core.flow.values import ValueType
from ivr.core.time import Ms

if TYPE_CHECKING:
    from ivr.core.commands import Spoken
    from ivr.core.flow.turn import Turn

Scope: TypeAlias = dict[str, Any]
"""The values an expression or template reads: root name to value, mostly dicts of fields."""


class Node(Protocol):
    """Anything a call can be sent to."""

    def enter(self, turn: "Turn") -> "Node | None":
        """Do what is done at once; the node to go on with, or None to wait here."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked condition or value: `fn(scope)`; `needs` are the roots it reads."""

    source: str
    type: ValueType
    needs: frozenset[str]
    fn: Callable[[Scope], Any]
    constant: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A checked text with values in it: `fn(scope)`; without `needs` the text is always the same.

    `tells_wait`: who hears it learns of the estimated wait.
    """

    source: str
    needs: frozenset[str]
    fn: Callable[[Scope], str]
    tells_wait: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a party is told, by language; `wav` names a sound file instead, with its length.

    `barge_in`: a key breaks it off. `must_hear`: keys pressed during it are dropped, and it is not
    broken off.
    """

    texts: Mapping[str, Template]
    wav: Mapping[str, tuple[str, Ms]] = field(default_factory=dict)
    barge_in: bool = True
    must_hear: bool = False
    voice: str = ""
    language: str = ""
    same: dict[str, "Spoken"] = field(default_factory=dict, compare=False, repr=False)
    """What is always the same, as first rendered, by language: prompts without values are not rendered again."""


@dataclass(frozen=True, slots=True)
class Listen:
    """How a step listens: silence after the prompt, pause between digits, tries (both kinds of miss).

    With `repeat_ms` the prompt is said once more after so much silence, before silence counts.
    """

    silence_ms: Ms = 5_000
    between_digits_ms: Ms = 2_000
    tries: int = 3
    repeat_ms: Ms = 0


class StepPlace:
    """Where a step stands, as facts say it: one object, so that telling it costs one look at the step."""

    __slots__ = ("flow", "path", "state", "verb")

    def __init__(self, flow: str, state: str, path: str, verb: str) -> None:
        self.flow = flow
        self.state = state
        self.path = path
        self.verb = verb


@dataclass(eq=False, kw_only=True)
class Step:
    """Base of all verbs.

    `handlers` are the `on:` maps from the inside out (step, state, flow); names match by dotted
    prefix. `next` is where a step goes on that simply ends.
    """

    verb: str
    flow: str
    state: str
    path: str
    next: Node | None = None
    handlers: tuple[Mapping[str, Node], ...] = ()
    place: StepPlace = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.place = StepPlace(self.flow, self.state, self.path, self.verb)

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        raise NotImplementedError

    def hear_key(self, turn: "Turn", key: str) -> Node | None:
        """A key while the step waits; by default it is kept for a later step."""
        turn.keep(key)
        return None

    def hear_speech(self, turn: "Turn", text: str) -> Node | None:
        """Something said while the step waits; by default nobody listens."""
        turn.ignore_speech(text)
        return None

    def prompt_ended(self, turn: "Turn") -> Node | None:
        """The prompt the step played was heard to its end."""
        return None

    def alarm(self, turn: "Turn", tag: str) -> Node | None:
        """The alarm the step set under `tag` came due."""
        return None

    def answered(self, turn: "Turn", outcome: str, result: dict[str, Any]) -> Node | None:
        """What the step asked the engine or the outside for came back."""
        return None


@dataclass(eq=False)
class State:
    """A named state: entering it is a fact, and leads to its first step."""

    flow: str
    name: str
    first: Node | None = None

    def enter(self, turn: "Turn") -> Node | None:
        """See `Node`."""
        turn.enter_state(self)
        return self.first


@dataclass(eq=False)
class Flow:
    """A compiled flow; `revision` is the hash of its source, `on` the handlers of the whole call.

    `secret` is true where one of its steps asks for digits that nobody else may see.
    """

    name: str
    revision: str
    states: dict[str, State]
    start: State
    on: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Node] = field(default_factory=dict)
    operator: Node | None = None
    error: Node | None = None
    hangup: Node | None = None
    returns: tuple[str, ...] = ()
    variables: dict[str, ValueType] = field(default_factory=dict)
    music: str = ""
    secret: bool = False
    policy: dict[str, Any] = field(default_factory=dict)
