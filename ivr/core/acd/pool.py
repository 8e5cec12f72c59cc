"""The ready agents of a queue, in the order in which its strategy asks them.

A pool is kept in order while agents come and go, so choosing one is a look at its front: nobody scans all
agents. Where callers ask for skills, a pool of the agents who have the rarest one is kept beside it from
then on. Agents of a lower level of the queue are always asked before those of a higher one.
"""

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Final

from ivr.core.acd.records import Agent

Suits = Callable[[Agent], bool]
Draw = Callable[[], float]
Key = tuple[int, int, int, Agent]  # level, rank, order of becoming ready

_TRIES: Final = 16  # draws before all are looked through
_MOST_LEVELS: Final = 1 << 30


class Pool:
    """What every strategy has in common; `turns` is shared with the pools beside it."""

    __slots__ = ("_beside", "_level_of", "turns")

    def __init__(self, level_of: Callable[[Agent], int], turns: list[int]) -> None:
        self._level_of = level_of
        self._beside: dict[str, Pool] = {}
        self.turns = turns  # [the order of becoming ready, the place of whoever was asked last]

    def add(self, agent: Agent) -> None:
        """An agent becomes ready."""
        self.turns[0] += 1
        self._put(agent, self.turns[0])
        self._put_beside(agent, self.turns[0])

    def remove(self, agent: Agent) -> None:
        """An agent is not ready any more."""
        self._take(agent)
        self._take_beside(agent)

    def _put_beside(self, agent: Agent, order: int) -> None:
        for skill, pool in self._beside.items():
            if agent.skills.get(skill, 0) > 0:
                pool._put(agent, order)  # noqa: SLF001 - of its own class

    def _take_beside(self, agent: Agent) -> None:
        for skill, pool in self._beside.items():
            if agent.skills.get(skill, 0) > 0:
                pool._take(agent)  # noqa: SLF001 - of its own class

    def with_skill(self, skill: str) -> "Pool":
        """The ready agents who have a skill at all, in the same order; kept from now on."""
        pool = self._beside.get(skill)
        if pool is None:
            pool = self._beside[skill] = self._empty()
            for agent, order in self._in_order():
                if agent.skills.get(skill, 0) > 0:
                    pool._put(agent, order)  # noqa: SLF001 - of its own class
        return pool

    def asked(self, agent: Agent) -> None:
        """An agent was chosen."""

    def first(self, suits: Suits | None, level: int) -> Agent | None:
        """Whom to ask: the first who suits, of this level or below; None suits everybody."""
        return next((agent for agent in self.suiting(level) if suits is None or suits(agent)), None)

    def suiting(self, level: int = _MOST_LEVELS) -> Iterator[Agent]:
        """Those of a level or below, in the order in which they are asked."""
        raise NotImplementedError

    def __bool__(self) -> bool:
        raise NotImplementedError

    def _put(self, agent: Agent, order: int) -> None:
        raise NotImplementedError

    def _take(self, agent: Agent) -> None:
        raise NotImplementedError

    def by_readiness(self) -> list[Agent]:
        """All, whoever has been ready longest first."""
        return [agent for agent, _ in self._in_order()]

    def _in_order(self) -> Iterator[tuple[Agent, int]]:
        raise NotImplementedError

    def _empty(self) -> "Pool":
        raise NotImplementedError


class LongestIdle(Pool):
    """Whoever has been ready longest; for a queue without levels."""

    __slots__ = ("_agents",)

    def __init__(self, level_of: Callable[[Agent], int], turns: list[int]) -> None:
        Pool.__init__(self, level_of, turns)
        self._agents: OrderedDict[str, tuple[Agent, int]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._agents)

    def add(self, agent: Agent) -> None:
        """See `Pool`; the usual strategy pays for no other."""
        turns = self.turns
        turns[0] = order = turns[0] + 1
        self._agents[agent.name] = (agent, order)
        if self._beside:
            self._put_beside(agent, order)

    def remove(self, agent: Agent) -> None:
        """See `Pool`."""
        del self._agents[agent.name]
        if self._beside:
            self._take_beside(agent)

    def suiting(self, level: int = _MOST_LEVELS) -> Iterator[Agent]:
        """See `Pool`."""
        return (agent for agent, _ in self._agents.values())

    def first(self, suits: Suits | None, level: int) -> Agent | None:
        """See `Pool`."""
        for agent, _ in self._agents.values():
            if suits is None or suits(agent):
                return agent
        return None

    def _put(self, agent: Agent, order: int) -> None:
        self._agents[agent.name] = (agent, order)

    def _take(self, agent: Agent) -> None:
        del self._agents[agent.name]

    def _in_order(self) -> Iterator[tuple[Agent, int]]:
        return iter(list(self._agents.values()))

    def _empty(self) -> Pool:
        return LongestIdle(self._level_of, self.turns)


class Ranked(Pool):
    """By a number each agent has while ready, the smallest first; among equals whoever has been ready longest."""

    __slots__ = ("_keys", "_rank", "_sorted")

    def __init__(
        self, level_of: Callable[[Agent], int], turns: list[int], rank: Callable[[Agent], int]
    ) -> None:
        Pool.__init__(self, level_of, turns)
        self._rank = rank
        self._sorted: list[Key] = []
        self._keys: dict[str, Key] = {}

    def __bool__(self) -> bool:
        return bool(self._sorted)

    def suiting(self, level: int = _MOST_LEVELS) -> Iterator[Agent]:
        """See `Pool`."""
        for key in self._sorted:
            if key[0] > level:
                return
            yield key[3]

    def _put(self, agent: Agent, order: int) -> None:
        key = self._keys[agent.name] = (self._level_of(agent), self._rank(agent), order, agent)
        insort(self._sorted, key)

    def _take(self, agent: Agent) -> None:
        del self._sorted[bisect_left(self._sorted, self._keys.pop(agent.name))]

    def _in_order(self) -> Iterator[tuple[Agent, int]]:
        return iter([(key[3], key[2]) for key in sorted(self._sorted, key=lambda key: key[2])])

    def _empty(self) -> Pool:
        return Ranked(self._level_of, self.turns, self._rank)

    def _levels(self, most: int) -> Iterator[tuple[int, int]]:
        """The part of each level up to one, as a slice."""
        start = 0
        while start < len(self._sorted) and (level := self._sorted[start][0]) <= most:
            end = bisect_left(self._sorted, (level + 1,), start)
            yield start, end
            start = end


class RoundRobin(Ranked):
    """In the order written, going on after whoever was asked last."""

    __slots__ = ()

    def suiting(self, level: int = _MOST_LEVELS) -> Iterator[Agent]:
        """See `Pool`."""
        for start, end in self._levels(level):
            after = (self._sorted[start][0], self.turns[1] + 1)
            middle = bisect_left(self._sorted, after, start, end)
            yield from (key[3] for key in self._sorted[middle:end])
            yield from (key[3] for key in self._sorted[start:middle])

    def asked(self, agent: Agent) -> None:
        """See `Pool`."""
        self.turns[1] = self._rank(agent)

    def _empty(self) -> Pool:
        return RoundRobin(self._level_of, self.turns, self._rank)


class Drawn(Ranked):
    """By lot: each agent of the lowest level with the chance of their weight, which is their rank."""

    __slots__ = ("_draw", "_most")

    def __init__(
        self,
        level_of: Callable[[Agent], int],
        turns: list[int],
        rank: Callable[[Agent], int],
        draw: Draw,
        most: int,
    ) -> None:
        Ranked.__init__(self, level_of, turns, rank)
        self._draw = draw
        self._most = most  # the greatest weight

    def first(self, suits: Suits | None, level: int) -> Agent | None:
        """See `Pool`. Some are drawn, each kept in proportion to its weight, before all are weighed."""
        for start, end in self._levels(level):
            for _ in range(_TRIES):
                place = self._draw() * (end - start)
                key = self._sorted[start + int(place)]
                if (place % 1.0) * self._most < key[1] and (suits is None or suits(key[3])):
                    return key[3]
            left = [key for key in self._sorted[start:end] if suits is None or suits(key[3])]
            if left:
                at = self._draw() * sum(key[1] for key in left)
                for key in left:
                    at -= key[1]
                    if at < 0:
                        return key[3]
        return None

    def _empty(self) -> Pool:
        return Drawn(self._level_of, self.turns, self._rank, self._draw, self._most)
