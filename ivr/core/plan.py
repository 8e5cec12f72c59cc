"""A center, compiled and frozen: what the engine needs to know before the first call.

`ivr.language` makes a `Plan` of a center's folder. The digest names the exact text it was made of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ivr.core.calendar import Hours
from ivr.core.demand import Relaxation, Skills
from ivr.core.flow.model import Expression, Flow, Prompt
from ivr.core.flow.values import ValueType
from ivr.core.time import Ms
from ivr.core.treatment import Treatment

STRATEGIES: Final = (
    "longest_idle",
    "ring_all",
    "fewest_calls",
    "least_talk_time",
    "round_robin",
    "linear",
    "random",
    "weighted_random",
    "ring_progressively",
)
"""How a queue chooses among ready agents."""

SHIFT_ENDS: Final = ("finish_call", "drop", "hand_over")
"""What becomes of the talk of an agent who signs out: it is finished, or cut, or the caller waits again in front."""

EMPTY: Final = ("nobody_at_work", "nobody_signed_in")
"""When a queue is empty of agents: those on a pause of their own are not at work, but signed in."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """Spoken to a waiting caller: once `at_ms` after joining, or `every_ms` (the other one is None)."""

    prompt: Prompt
    at_ms: Ms | None = None
    every_ms: Ms | None = None


@dataclass(frozen=True, slots=True)
class CallbackOffer:
    """A waiting caller may press `key` for a callback once `after_ms` passed and `when` is true."""

    prompt: Prompt
    key: str
    after_ms: Ms
    when: Expression | None = None


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """Answered within `within_ms` for the share `target` (0 to 1) of calls."""

    within_ms: Ms = 20_000
    target: float = 0.8


@dataclass(frozen=True, slots=True)
class QueuePlan:
    """A queue's settings; `max_length` and `max_wait_ms` are None where only `ivr.limits` bounds them.

    `levels` are the waits after which agents of level 2, 3, ... are asked too, `skills` what calls ask of an
    agent unless their step says otherwise, `relax` how that is eased. `ring_step_ms` is for `ring_progressively`.
    Who hung up and calls again within `resume_ms` has the place as before. `empty_means` is one of `EMPTY`.
    Waits are estimated by the model `ewt`; what those of `compare_ewt` would have said is told besides.
    """

    name: str
    ring_ms: Ms = 15_000
    retry_after_ms: Ms = 5_000
    max_misses: int = 2
    wrap_up_ms: Ms = 0
    max_length: int | None = None
    max_wait_ms: Ms | None = None
    overflow_to: str = ""
    music: str = "soft-piano"
    hours: str = ""
    join_when_empty: bool = True
    leave_when_empty: bool = False
    service_level: ServiceLevel = field(default_factory=ServiceLevel)
    short_abandon_ms: Ms = 5_000
    weight: int = 0
    announce: tuple[Announcement, ...] = ()
    strategy: str = "longest_idle"
    levels: tuple[Ms, ...] = ()
    ring_step_ms: Ms = 5_000
    skills: Skills = ()
    relax: tuple[Relaxation, ...] = ()
    resume_ms: Ms = 0
    empty_means: str = "nobody_at_work"
    ewt: str = "stat_server"
    compare_ewt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentPlan:
    """An agent: the queues they serve, in the order written, and their skills with levels.

    `levels` are those of the queues at which they are not of level 1, `weight` is for `weighted_random`, and
    `capacity` how many work orders they have in hand at once.
    """

    name: str
    queues: tuple[str, ...]
    skills: Mapping[str, int] = field(default_factory=dict)
    label: str = ""
    levels: Mapping[str, int] = field(default_factory=dict)
    weight: int = 1
    supervisor: bool = False
    shift_end: str = "finish_call"
    capacity: int = 1


@dataclass(frozen=True, slots=True)
class AppointmentPlan:
    """A calendar of appointments: the windows of each weekday, and how many may be booked in one.

    Windows from `first_days` to `last_days` after today are given away; 0 is today.
    """

    name: str
    windows: Hours
    capacity: int = 1
    first_days: int = 1
    last_days: int = 14


@dataclass(frozen=True, slots=True)
class Request:
    """A lookup or a run the flows may ask for: types of its arguments and of its result.

    `into` names the data root that a lookup's result also fills (such as `customer`).
    """

    name: str
    kind: str
    args: Mapping[str, ValueType]
    result: Mapping[str, ValueType]
    into: str = ""
    timeout_ms: Ms = 5_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A center. `schema` are the declared data roots, `values` what each holds before a lookup fills it.

    `consents` are what its flows ask consent to, `triggers` the flows that something else than a call starts,
    by the trigger's name. `result_values` is what `result` holds before the first lookup or run has answered.
    `asked_skills` are those that any step or queue asks for; with `remembers` some step prefers the agent a
    caller talked to last. With `secret` some step asks for secret digits,
    so keys that nobody has asked for yet may be such. `treatment` is how the treatment of customers is measured.
    """

    name: str
    digest: str
    timezone: str
    language: str
    currency: str
    flows: Mapping[str, Flow]
    numbers: Mapping[str, str]
    queues: Mapping[str, QueuePlan]
    agents: Mapping[str, AgentPlan]
    contacts: Mapping[str, str]
    hours: Mapping[str, Hours]
    requests: Mapping[str, Request]
    schema: Mapping[str, Mapping[str, ValueType]]
    values: Mapping[str, Mapping[str, Any]]
    caller_id: str = ""
    secret: bool = False
    result_values: Mapping[str, Any] = field(default_factory=dict)
    consents: tuple[str, ...] = ()
    triggers: Mapping[str, str] = field(default_factory=dict)
    appointments: Mapping[str, AppointmentPlan] = field(default_factory=dict)
    asked_skills: tuple[str, ...] = ()
    remembers: bool = False
    treatment: Treatment = field(default_factory=Treatment)


def what_is_fixed(one: Plan, other: Plan) -> str:
    """What differs between two plans that cannot change while a center runs, in words; empty if nothing does.

    Queues and agents have state; thresholds are the bounds of histograms; the clock has begun in its zone.
    """
    fixed: dict[str, list[object]] = {
        "the queues": [list(plan.queues) for plan in (one, other)],
        "the agents, their queues, levels, skills and capacity": [
            [
                (name, agent.queues, dict(agent.skills), dict(agent.levels), agent.weight, agent.capacity)
                for name, agent in plan.agents.items()
            ]
            for plan in (one, other)
        ],
        "the time zone": [plan.timezone for plan in (one, other)],
        "the funnel": [plan.treatment.funnel for plan in (one, other)],
        "service levels and short-abandon times": [
            [(queue.service_level.within_ms, queue.short_abandon_ms) for queue in plan.queues.values()]
            for plan in (one, other)
        ],
    }
    return next((what for what, both in fixed.items() if both[0] != both[1]), "")
