"""A queue: who waits, in order; which agents are ready; what is known of its handle times.

Waiting entries are visits, callbacks and work orders. They lie in groups by what they ask of an agent, each
group sorted by `(minus priority, arrival ordinal)`: the head of a group is the next one its agents may take, and
the place of an entry is found by bisection. Groups are found by what an agent has, so an agent who becomes
ready looks at no group of skills they lack. An entry that is being offered to an agent is out of its
group but still in the queue; only where all phones ring at once it stays.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from ivr.core.acd.estimate import BY_HANDLE_TIME, MODELS, SHARE, Experience
from ivr.core.acd.pool import Draw, Drawn, LongestIdle, Pool, Ranked, RoundRobin
from ivr.core.acd.records import Agent, Callback, WorkOrder
from ivr.core.call import Visit
from ivr.core.demand import ANYBODY, Demand
from ivr.core.plan import QueuePlan
from ivr.core.time import Instant, Ms

Entry: TypeAlias = Visit | Callback | WorkOrder

RING_ALL: Final = "ring_all"
RING_MORE: Final = "ring_progressively"


class Group:
    """Entries that ask for the same, in order; `key_skill` is the rarest of the skills they ask for."""

    __slots__ = ("anybody", "demand", "entries", "key_skill", "queue")

    def __init__(self, queue: "Queue", demand: Demand) -> None:
        self.queue = queue
        self.demand = demand
        self.entries: list[tuple[int, int, Entry]] = []
        self.anybody = not (demand.skills or demand.only or queue.tiered)
        self.key_skill = ""
        if demand.skills:
            self.key_skill = min(demand.skills, key=lambda asked: queue.skilled(*asked))[0]

    @property
    def level(self) -> int:
        """Up to which level agents are asked; a level with nobody at work is not waited for."""
        return max(self.demand.level, self.queue.floor)

    def suits(self, agent: Agent) -> bool:
        """Whether an agent may take what waits here."""
        if self.anybody:
            return True
        demand = self.demand
        if demand.only:
            return agent.name == demand.only
        if self.queue.tiered and self.queue.level_of(agent) > self.level:
            return False
        return all(agent.skills.get(skill, 0) >= level for skill, level in demand.skills)


class Queue:
    """A queue's moving parts."""

    __slots__ = (
        "_abandoned",
        "_by_agent",
        "_by_skill",
        "_counts",
        "_draw",
        "_groups",
        "_model",
        "_order_groups",
        "_places",
        "_plain",
        "_rung",
        "active",
        "agents",
        "at_level",
        "floor",
        "left",
        "now",
        "observant",
        "offered",
        "plan",
        "ready",
        "reserved",
        "rings_all",
        "rings_more",
        "seen",
        "share",
        "signed_in",
        "spare",
        "takes_turns",
        "tiered",
        "undemanding",
        "visits",
        "waiting",
    )

    def __init__(self, plan: QueuePlan, draw: Draw, now: Callable[[], Instant]) -> None:
        self.plan = plan
        self._draw = draw
        self.now = now
        self._groups: dict[Demand, Group] = {}
        self._plain: list[Group] = []  # ask for no skill and nobody in particular
        self._by_skill: dict[str, list[Group]] = {}
        self._by_agent: dict[str, Group] = {}
        self._order_groups: list[Group] = []
        self._counts: dict[tuple[str, int], int] = {}  # agents by skill and level
        self._places: dict[str, int] = {}  # of the agents, as written, from 1
        self.agents: dict[str, Agent] = {}
        self.ready: Pool = LongestIdle(self.level_of, [0, 0])
        self.spare = Ranked(
            self.level_of, [0, 0], lambda agent: len(agent.orders)
        )  # room for more work orders
        self.reserved: dict[tuple[int, int], Entry] = {}  # out of their groups, because an agent is rung
        self._rung: list[tuple[int, int]] = []  # their keys, in order
        self.visits: dict[int, Visit] = {}  # by call, in order of joining
        self.offered = 0  # visits that were ever begun
        self.left = 0  # visits that have ended, with exactly one outcome each
        self.waiting = 0  # entries in groups
        self.active = 0  # agents at work
        self.signed_in = 0
        self._abandoned: dict[str, tuple[tuple[int, int], Instant]] = {}  # by caller, the latest last
        self.at_level: dict[int, int] = {}  # of them, by level
        self.floor = 1  # the lowest level with an agent at work
        self.tiered = False
        self.rings_all = False
        self.rings_more = False
        self.takes_turns = False
        self.observant = True  # whether its models look at more than handle times
        self._model = MODELS[plan.ewt]
        self.undemanding = True  # unless a step says otherwise, anybody will do
        self.share = 0
        self.seen = Experience()

    def staffed(self, agents: list[Agent], asked: Iterable[str]) -> None:
        """Its agents, as written: makes the pool of ready ones that its strategy asks for.

        Those who have a skill that is `asked` for anywhere are kept apart from the start, not when a call asks first.
        """
        self.agents = {agent.name: agent for agent in agents}
        self._places = {agent.name: number for number, agent in enumerate(agents, 1)}
        for agent in agents:
            for skill, level in agent.skills.items():
                self._counts[skill, level] = self._counts.get((skill, level), 0) + 1
        self.equip(asked)

    def equip(self, asked: Iterable[str]) -> None:
        """Go by the strategy and the levels of the plan; those who are ready keep the order of their readiness."""
        plan, name = self.plan, self.plan.name
        agents = self.agents.values()
        self.tiered = bool(plan.levels) or any(agent.plan.levels.get(name, 1) > 1 for agent in agents)
        self.rings_all = plan.strategy == RING_ALL
        self.rings_more = plan.strategy == RING_MORE
        self.undemanding = not (plan.skills or plan.levels)
        self.takes_turns = plan.strategy == "round_robin"
        self._model = MODELS[plan.ewt]
        self.observant = not {plan.ewt, *plan.compare_ewt} <= BY_HANDLE_TIME
        before = self.ready
        self.ready = self._pool(plan.strategy, before.turns)
        for agent in before.by_readiness():
            self.ready.add(agent)
        has = {skill for skill, _ in self._counts}
        for skill in asked:
            if skill in has:
                self.ready.with_skill(skill)
        for group in self._groups.values():
            group.anybody = not (group.demand.skills or group.demand.only or self.tiered)

    def _pool(self, strategy: str, turns: list[int]) -> Pool:
        places, level = self._places, self.level_of
        match strategy:
            case "fewest_calls":
                return Ranked(level, turns, lambda agent: agent.taken)
            case "least_talk_time":
                return Ranked(level, turns, lambda agent: agent.talked_ms)
            case "linear":
                return Ranked(level, turns, lambda agent: places[agent.name])
            case "round_robin":
                return RoundRobin(level, turns, lambda agent: places[agent.name])
            case "random":
                return Drawn(level, turns, lambda _: 1, self._draw, 1)
            case "weighted_random":
                most = max((agent.plan.weight for agent in self.agents.values()), default=1)
                return Drawn(level, turns, lambda agent: agent.plan.weight, self._draw, most)
        return Ranked(level, turns, lambda _: 0) if self.tiered else LongestIdle(level, turns)

    def skilled(self, skill: str, level: int) -> int:
        """How many of its agents have a skill at a level or above."""
        return sum(count for (name, has), count in self._counts.items() if name == skill and has >= level)

    def level_of(self, agent: Agent) -> int:
        """The level at which an agent serves this queue."""
        return agent.plan.levels.get(self.plan.name, 1)

    def activate(self, agent: Agent, step: int) -> None:
        """An agent has come to work (1) or is away (-1)."""
        self.active += step
        self.share += step * (SHARE // len(agent.queues))
        if self.tiered:
            level = self.level_of(agent)
            self.at_level[level] = self.at_level.get(level, 0) + step
            self.floor = min((level for level, count in self.at_level.items() if count), default=1)

    @property
    def present(self) -> int:
        """How many agents count as being there."""
        return self.signed_in if self.plan.empty_means == "nobody_signed_in" else self.active

    def remember(self, caller: str, key: tuple[int, int], now: Instant) -> None:
        """A caller has hung up while waiting, and may come back to the place."""
        if caller:
            left = self._abandoned
            left.pop(caller, None)
            left[caller] = (key, now)
            while left and now - next(iter(left.values()))[1] > self.plan.resume_ms:
                del left[next(iter(left))]

    def resumed(self, caller: str, rank: int, now: Instant) -> tuple[int, int] | None:
        """The place of a caller who hung up not long ago; `rank` is minus the priority they have now."""
        key, at = self._abandoned.pop(caller, ((0, 0), 0)) if caller and self._abandoned else ((0, 0), 0)
        if not key[1] or now - at > self.plan.resume_ms:
            return None
        return min(rank, key[0]), key[1]

    # Entries -------------------------------------------------------------------------------------------

    def add(self, entry: Entry) -> None:
        """Put an entry at its place."""
        insort(self.group(entry).entries, (*entry.key, entry))
        self.waiting += 1

    def group(self, entry: Entry) -> Group:
        """The group an entry belongs to."""
        group: Group | None = entry.group
        if group is None:
            group = self._groups.get(entry.demand)
            if group is None:
                group = self._new_group(entry.demand)
            entry.group = group
        return group

    def _new_group(self, demand: Demand) -> Group:
        group = self._groups[demand] = Group(self, demand)
        if demand.work:
            self._order_groups.append(group)
        if demand.only:
            self._by_agent[demand.only] = group
        elif demand.skills:
            self._by_skill.setdefault(group.key_skill, []).append(group)
        else:
            self._plain.append(group)
        return group

    def remove(self, entry: Entry) -> None:
        """Take a waiting entry out."""
        entries = entry.group.entries
        index = bisect_left(entries, entry.key)
        assert entries[index][2] is entry, "a waiting entry lies at its key"
        del entries[index]
        self.waiting -= 1

    def hold(self, entry: Entry) -> None:
        """An entry is out of its group while an agent is rung for it."""
        self.reserved[entry.key] = entry
        insort(self._rung, entry.key)

    def release(self, entry: Entry) -> None:
        """Nobody is rung for it any more; it is the caller's to put it back."""
        del self.reserved[entry.key]
        del self._rung[bisect_left(self._rung, entry.key)]

    def rekey(self, entry: Visit, key: tuple[int, int]) -> None:
        """An entry has another place."""
        held = entry.key in self.reserved
        (self.release if held else self.remove)(entry)
        entry.key = key
        (self.hold if held else self.add)(entry)

    def next_for(self, agent: Agent) -> Entry | None:
        """The first entry that an agent may take: who is at work on orders has room for further ones alone."""
        if agent.spare:
            return self._next_order_for(agent)
        best: tuple[int, int, Entry] | None = None
        for group in self._plain:
            if group.entries and (best is None or group.entries[0] < best) and group.suits(agent):
                best = group.entries[0]
        if self._by_skill:
            for skill in agent.skills:
                for group in self._by_skill.get(skill, ()):
                    if group.entries and (best is None or group.entries[0] < best) and group.suits(agent):
                        best = group.entries[0]
        if self._by_agent:
            own = self._by_agent.get(agent.name)
            if own is not None and own.entries and (best is None or own.entries[0] < best):
                best = own.entries[0]
        return best[2] if best is not None else None

    def _next_order_for(self, agent: Agent) -> Entry | None:
        heads = (group.entries[0] for group in self._order_groups if group.entries and group.suits(agent))
        best = min(heads, default=None)
        return best[2] if best is not None else None

    def waiting_for(self, agent: Agent) -> list[Visit]:
        """The calls that wait for one agent alone."""
        own = self._by_agent.get(agent.name)
        return [entry for _, _, entry in own.entries if isinstance(entry, Visit)] if own is not None else []

    def heads(self) -> list[Entry]:
        """The first entry of each group, in order."""
        return [
            head[2] for head in sorted(group.entries[0] for group in self._groups.values() if group.entries)
        ]

    def agent_for(self, entry: Entry) -> Agent | None:
        """The ready agent whom the strategy asks first, of those who may take an entry."""
        if entry.demand is ANYBODY and not self.tiered:
            return self.ready.first(None, 1)
        group = self.group(entry)
        demand = group.demand
        if demand.only:
            only = self.agents[demand.only]
            return only if only.state == "ready" else None
        return self._first(self.ready, group) or (self._first(self.spare, group) if demand.work else None)

    def _first(self, pool: Pool, group: Group) -> Agent | None:
        if not pool:
            return None
        if group.key_skill:
            pool = pool.with_skill(group.key_skill)
        return pool.first(group.suits, group.level)

    def agents_for(self, entry: Entry) -> Iterator[Agent]:
        """All ready agents who may take an entry, as the strategy asks them."""
        group = self.group(entry)
        return (agent for agent in self.ready.suiting() if group.suits(agent))

    def position(self, entry: Entry) -> int:
        """The place of an entry in the whole queue, from 1."""
        key = entry.key
        place = 1
        if self.waiting:
            for group in self._groups.values():
                place += bisect_left(group.entries, key)
        return place + bisect_left(self._rung, key)

    @property
    def ringing(self) -> int:
        """How many entries an agent is being rung for."""
        if not self.rings_all:
            return len(self.reserved)
        calls = sum(bool(visit.reservations) for visit in self.visits.values())
        return calls + sum(not isinstance(entry, Visit) for entry in self.reserved.values())

    def estimate(self, position: int, waited_ms: Ms, model: str = "") -> Ms | None:
        """The wait that is left at a position (from 1), by the queue's model or another; None if nobody knows."""
        if self.active == 0:
            return None
        estimate = MODELS[model] if model else self._model
        return estimate(self, position, waited_ms)
