"""What Erlang A would say of a simulated center, interval by interval, and which of its assumptions the center bends.

Patience is taken as the total time in queues divided by the number of those who gave up: the maximum-likelihood estimate for
exponential lifetimes of which some are censored, here by an answer. Agents are taken as many as were there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ivr.language import Center
from ivr.people import Script
from ivr.sim.intervals import Intervals, Slot
from ivr.sim.ledger import Row, Sheet
from ivr.sim.outcome import ratio
from ivr.sim.theory import ErlangA, Target, agents_needed


@dataclass(frozen=True)
class Reading:
    """An interval of the week: what was simulated and, where there was enough, what the formula says.

    `calls` is per day, `there` the mean number of agents, `need` the agents of the formula for the center's target.
    """

    slot: Slot
    calls: float
    row: Row
    there: float
    need: int | None = None
    level: float | None = None
    abandoned: float | None = None


def read(
    sheets: Sequence[Sheet],
    intervals: Intervals,
    days: Mapping[int, int],
    within_s: float,
    target: float,
) -> list[Reading]:
    """Every interval of the week in which anything happened, in order; all queues as one."""
    rows: dict[Slot, Row] = {}
    there: dict[Slot, int] = {}
    for sheet in sheets:
        for (_, number), row in sheet.rows.items():
            rows.setdefault(intervals.slot(number), Row()).add(row)
        for number, agents_ms in sheet.there.items():
            slot = intervals.slot(number)
            there[slot] = there.get(slot, 0) + agents_ms
    whole = Row()
    for row in rows.values():
        whole.add(row)
    patience = ratio(whole.waited_ms / 1_000, whole.abandoned)
    aht = ratio(whole.handle_ms / 1_000, whole.handled)
    found = []
    for slot in sorted({*rows, *there}):
        row, lived = rows.get(slot, Row()), days.get(slot[0], 0)
        agents = there.get(slot, 0) / intervals.each_ms / lived if lived else 0.0
        calls = row.offered / lived if lived else 0.0
        plain = Reading(slot, calls, row, agents)
        found.append(_told(plain, calls / intervals.each_ms * 1_000, aht, patience, within_s, target))
    return found


def _told(
    plain: Reading, rate: float, aht: float | None, patience: float | None, within_s: float, target: float
) -> Reading:
    if not (rate > 0 and aht and patience):
        return plain
    need = agents_needed(lambda agents: ErlangA(rate, aht, agents, patience), [Target(target, within_s)])
    if round(plain.there) < 1:
        return Reading(plain.slot, plain.calls, plain.row, plain.there, need.agents)
    as_staffed = ErlangA(rate, aht, round(plain.there), patience)
    return Reading(
        *(plain.slot, plain.calls, plain.row, plain.there),
        *(need.agents, as_staffed.service_level(within_s), as_staffed.p_abandon),
    )


def bent(center: Center, script: Script) -> Iterator[str]:
    """The assumptions of the formula that do not hold here, each with what it does to the answer."""
    plan = center.plan
    arrivals = script.arrivals
    if arrivals is not None and arrivals.week:
        yield "The rate changes: what an interval leaves behind waits in the next one, which the formula begins anew."
    if arrivals is not None and arrivals.busyness is not None:
        yield "Days differ (busyness): a busy day loses more than a quiet one gains, so the mean is worse than the mean day."
    if any(kind.patience.name != "exponential" for kind in script.kinds):
        yield "Patience is not exponential: what counts is how many leave in the first seconds, not the mean."
    talks = {agent.talks.name for agent in script.agents.values()} | {
        kind.talks.name for kind in script.kinds if kind.talks is not None
    }
    if talks - {"exponential"}:
        yield "Talks are not exponential: with patience this hardly matters, without it steadier talks mean shorter waits."
    if any(kind.hears_wait is not None for kind in script.kinds):
        yield "Callers hear how long the wait will be: some leave at once, others stay longer than they would have."
    if any(kind.redials or kind.complains is not None for kind in script.kinds):
        yield "Some call again: those who gave up, or complain, come back as further calls, most of all when it is full."
    if len({agent.queues for agent in plan.agents.values()}) > 1 or any(
        agent.skills for agent in plan.agents.values()
    ):
        yield "Agents differ (queues, skills): not every call can be taken by whoever is free."
    if any(agent.misses or agent.rejects for agent in script.agents.values()):
        yield "Some rings are missed: the call waits a ring longer, and the agent rests."
    if any(
        (agent.answers_after.always is None or agent.answers_after.always > 0)
        for agent in script.agents.values()
    ):
        yield "Phones ring before they are answered: the wait goes on, and the agent is taken already."
    if any(agent.shift is not None for agent in script.agents.values()):
        yield "Agents come and go: those who finish a call after their shift are more than the formula has."
    if any(queue.overflow_to or queue.max_wait_ms is not None for queue in plan.queues.values()):
        yield "Waits have an end (max_wait, overflow): patience is cut short."
