"""What people say in talks, compiled: `ivr.people` plays it. Durations are milliseconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.core.flow.model import Expression, Prompt, Template
from ivr.core.time import Ms


@dataclass(frozen=True, slots=True)
class Act:
    """One thing an agent does: `kind` is the key it is written with, `words` what is said to it.

    `target` is whom a caller is passed on to where that is looked up and not the same for all, who are `about`.
    `branches` follow an outcome (`then` and `else` of a condition), `known_as` is a data root and its field.
    """

    kind: str
    about: str = ""
    detail: str = ""
    words: Prompt | None = None
    takes_ms: Ms = 0
    known_as: tuple[str, str] | None = None
    condition: Expression | None = None
    args: Mapping[str, Expression | Template] = field(default_factory=dict)
    branches: Mapping[str, "tuple[Act, ...]"] = field(default_factory=dict)
    target: Template | None = None


@dataclass(frozen=True, slots=True)
class TalkScript:
    """What agents of a kind say: acts by topic, what they do about any other, and what they may grant.

    `hears` are words, casefolded, and the topic that each of them means.
    """

    name: str
    greets: tuple[Act, ...] = ()
    topics: Mapping[str, tuple[Act, ...]] = field(default_factory=dict)
    hears: tuple[tuple[str, str], ...] = ()
    otherwise: tuple[Act, ...] = ()
    may: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a caller answers to an act; `wants` is another topic, which the words are about then."""

    to: str
    about: str = ""
    words: Prompt | None = None
    act: str = "says"
    wants: str = ""
    detail: str = ""
    always: bool = False
    hangs_up: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a caller says in talks: what they want, what they know, and their replies, the first that fits."""

    wants: str = ""
    words: Prompt | None = None
    knows: Mapping[str, str] = field(default_factory=dict)
    replies: tuple[Reply, ...] = ()
