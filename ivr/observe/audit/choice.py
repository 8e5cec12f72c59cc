"""The auditor's own idea of whom a queue's strategy asks first: all agents are looked through, each time anew."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from ivr.core import facts
from ivr.core.plan import AgentPlan, Plan
from ivr.observe.audit.checks import Checks
from ivr.observe.audit.held import Place

_AT_WORK: Final = frozenset(("ready", "reserved", "talking", "holding", "consulting", "wrap_up", "working"))
_RESTS: Final = ("missed", "rejected")  # reasons of pauses that the center makes, which soon end
_BY_LOT: Final = ("random", "weighted_random")


class Choice:
    """Who is ready since when, how much each has done, and who was asked last."""

    def __init__(self, plan: Plan, checks: Checks) -> None:
        self.plan = plan
        self._checks = checks
        self._states: dict[str, tuple[str, str]] = {}
        self._ready: dict[
            str, int
        ] = {}  # by agent, the order of becoming ready; the agent asked last stays in it
        self._moves = 0
        self._taken: Counter[str] = Counter()
        self._talked: Counter[str] = Counter()
        self._last: dict[str, str] = {}  # by queue

    def moved(self, fact: facts.AgentMoved) -> None:
        """An agent changes state."""
        self._states[fact.agent] = (fact.state, fact.reason)
        if fact.state == "ready":
            self._moves += 1
            self._ready[fact.agent] = self._moves
        elif fact.state != "reserved":
            self._ready.pop(fact.agent, None)

    def connected(self, agent: str) -> None:
        """An agent has taken a call."""
        self._taken[agent] += 1

    def talked(self, agent: str, talk_ms: int) -> None:
        """A talk of an agent, with hold, is over."""
        self._talked[agent] += talk_ms

    def floor(self, queue: str) -> int:
        """The lowest level at which anybody is at work: it is asked at once."""
        lowest = 0
        for agent in self.plan.agents.values():
            if queue in agent.queues and self._works(agent.name):
                level = agent.levels.get(queue, 1)
                if level == 1:
                    return 1
                lowest = min(lowest or level, level)
        return lowest or 1

    def level(self, place: Place) -> int:
        """Up to which level agents are asked for a place."""
        return max(place.level, self.floor(place.queue))

    def _works(self, name: str) -> bool:
        state, reason = self._states.get(name, ("signed_out", ""))
        return state in _AT_WORK or (state == "paused" and reason in _RESTS)

    def asked(self, fact: facts.ReservationMade, place: Place, *, at_work: bool) -> None:
        """An agent is asked for a place: of those who were ready and may take it, the first.

        Who is `at_work` on orders is asked where nobody is ready.
        """
        if at_work:
            most = self.level(place)
            for name in self._ready:
                agent = self.plan.agents[name]
                serves = self._states[name][0] == "ready" and place.queue in agent.queues
                self._checks.that(
                    "I22",
                    not (serves and place.suits(agent, most)),
                    name,
                    "is ready, but",
                    fact.agent,
                    "is asked",
                )
            return
        strategy = self.plan.queues[place.queue].strategy
        chosen = self._ready.get(fact.agent)
        self._checks.that("I22", chosen is not None, fact.agent, "is asked without having been ready")
        if place.skills is not None and not place.reservations:
            key = self._key(strategy, place.queue)
            mine = key(self.plan.agents[fact.agent])
            most = self.level(place)
            for name in self._ready:
                agent = self.plan.agents[name]
                if self._states[name][0] != "ready" or place.queue not in agent.queues:
                    continue
                if place.suits(agent, most):
                    first = mine <= key(agent) if strategy in _BY_LOT else mine < key(agent)
                    self._checks.that("I22", first, fact.agent, "is asked before", name, "by", strategy)
            if len(self._ready) > 1:
                self._checks.met(f"{strategy} chose among several")
        self._last[place.queue] = fact.agent
        self._ready.pop(fact.agent, None)

    def _key(self, strategy: str, queue: str) -> Callable[[AgentPlan], tuple[int, int, int]]:
        """What orders agents: level, the strategy's rank, and how long they have been ready."""
        members = [agent.name for agent in self.plan.agents.values() if queue in agent.queues]
        last = members.index(self._last[queue]) if queue in self._last else -1

        def rank(agent: AgentPlan) -> int:
            match strategy:
                case "fewest_calls":
                    return self._taken[agent.name]
                case "least_talk_time":
                    return self._talked[agent.name]
                case "linear":
                    return members.index(agent.name)
                case "round_robin":
                    return (members.index(agent.name) - last - 1) % len(members)
            return 0

        def key(agent: AgentPlan) -> tuple[int, int, int]:
            order = 0 if strategy in _BY_LOT else self._ready[agent.name]
            return agent.levels.get(queue, 1), rank(agent), order

        return key
