"""Who the people of a center are and how they behave: what a cast plays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ivr.core.calendar import Hours
from ivr.core.law import Law, exponential, fixed
from ivr.core.time import Ms
from ivr.language.arrivals import ArrivalPlan
from ivr.language.talk_model import Conversation, TalkScript
from ivr.language.world_model import Becomes


@dataclass(frozen=True, slots=True)
class AgentScript:
    """How an agent behaves; shares are probabilities from 0 to 1. Without a `shift` they are there all the time."""

    answers_after: Law = field(default_factory=lambda: fixed(0))
    talks: Law = field(default_factory=lambda: exponential(180_000))
    wraps_up: Law | None = None
    misses: float = 0.0
    rejects: float = 0.0
    works: Law = field(default_factory=lambda: exponential(2_700_000))
    no_shows: float = 0.0
    shift: Hours | None = None
    breaks: tuple[Hours, ...] = ()
    absent: float = 0.0
    late: Law | None = None
    talk: TalkScript | None = None


@dataclass(frozen=True, slots=True)
class HearsWait:
    """What callers do who hear of an estimated wait.

    It is too long for them if it is more than `over_ms`, or else than `times` the patience they have left; then
    the share `balks` hangs up. One that is not too long multiplies the patience they have left by `calms`, once.
    """

    balks: float = 0.0
    times: float = 1.0
    over_ms: Ms | None = None
    calms: float = 1.0

    def too_long(self, wait_ms: Ms, left_ms: Ms) -> bool:
        """Whether a wait is, for somebody who would still wait `left_ms`."""
        return wait_ms > (self.times * left_ms if self.over_ms is None else self.over_ms)


@dataclass(frozen=True, slots=True)
class Complains:
    """How many of those who were treated badly call once more, about that, and when.

    Badly treated are who `abandoned` a wait, who were `turned_away` (the center hung up though they had waited and
    talked to nobody), and who waited longer than `waited_ms`. Empty `dials`: the number they dialled before.
    """

    share: float
    abandoned: bool = True
    turned_away: bool = False
    waited_ms: Ms | None = None
    dials: str = ""
    wants: str = ""
    after: Law = field(default_factory=lambda: exponential(3_600_000))


@dataclass(frozen=True, slots=True)
class CallerKind:
    """Callers of one kind; `share` weighs it among the others, `wants` is compared with menu labels.

    `redials` is the share of those who lose patience in a queue and call again, `redials_after` a while.
    """

    name: str
    dials: str
    share: float = 1.0
    wants: str = ""
    phones: tuple[str, ...] = ()
    patience: Law = field(default_factory=lambda: exponential(240_000))
    thinks: Law = field(default_factory=lambda: exponential(2_000))
    knows: float = 0.0
    accepts_offer: float = 0.0
    leaves_callback: float = 0.0
    hangs_up_in_menu: float = 0.0
    talks: Law | None = None
    redials: float = 0.0
    redials_after: Law = field(default_factory=lambda: exponential(300_000))
    conversation: Conversation | None = None
    hears_wait: HearsWait | None = None
    complains: Complains | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """A share of those for whose row something becomes true call, as callers of a kind, so long after it."""

    kind: CallerKind
    becomes: Becomes
    share: float = 1.0
    after: Law = field(default_factory=lambda: fixed(0))


@dataclass(frozen=True, slots=True)
class Home:
    """Who is there when a number is called, and after how long they pick up, if they do."""

    kind: CallerKind
    after_ms: int = 5_000
    picks_up: bool = True


@dataclass(frozen=True, slots=True)
class Called:
    """Who is called by the center: shares of those who pick up, of machines that do, and of lines that are busy."""

    picks_up: float = 0.8
    machines: float = 0.0
    busy: float = 0.0
    answers_after: Law = field(default_factory=lambda: fixed(5_000))


@dataclass(frozen=True, slots=True)
class Script:
    """Everybody: agents by name, kinds of callers, the called, when callers come, and what makes others call.

    `between_calls_ms` is the mean time between two callers (None: as `arrivals` says); `arrivals` needs a center
    with a wall clock.
    """

    agents: Mapping[str, AgentScript]
    kinds: Sequence[CallerKind] = ()
    between_calls_ms: float | None = None
    at_start: int = 0
    called: Called = field(default_factory=Called)
    arrivals: ArrivalPlan | None = None
    causes: Sequence[Cause] = ()
