"""A queue: who waits, in order; which agents are ready; what is known of its handle times.

Waiting entries are visits, callbacks and work orders. They lie in groups by required skills, each group sorted by
`(minus priority, arrival ordinal)`: the head of a group is the next one its agents may take, and the
place of an entry is found by bisection. An entry that is being offered to an agent is out of its
group but still in the queue.
"""

from bisect import bisect_left, insort
from collections import OrderedDict
from typing import TypeAlias

from ivr.core.acd.records import Agent, Callback, WorkOrder
from ivr.core.call import Visit
from ivr.core.plan import QueuePlan
from ivr.core.time import Ms
from ivr.limits import ESTIMATE_HANDLE_MS

Entry: TypeAlias = Visit | Callback | WorkOrder
Skills: TypeAlias = tuple[tuple[str, int], ...]

SHARE = 1_000_000  # an agent who serves this queue alone, in the units of `share`


class Group:
    """Entries that ask for the same skills, in order."""

    __slots__ = ("entries", "skills")

    def __init__(self, skills: Skills) -> None:
        self.skills = skills
        self.entries: list[tuple[int, int, Entry]] = []

    def suits(self, agent: Agent) -> bool:
        """Whether an agent has the skills, each at its level or above."""
        return all(agent.skills.get(skill, 0) >= level for skill, level in self.skills)


class Queue:
    """A queue's moving parts."""

    __slots__ = (
        "_groups",
        "active",
        "handled",
        "handled_ms",
        "left",
        "offered",
        "plan",
        "ready",
        "reserved",
        "share",
        "visits",
        "waiting",
    )

    def __init__(self, plan: QueuePlan) -> None:
        self.plan = plan
        self._groups: dict[Skills, Group] = {}
        self.ready: OrderedDict[str, Agent] = OrderedDict()  # the longest idle first
        self.reserved: dict[tuple[int, int], Entry] = {}
        self.visits: dict[int, Visit] = {}  # by call, in order of joining
        self.offered = 0  # visits that were ever begun
        self.left = 0  # visits that have ended, with exactly one outcome each
        self.waiting = 0  # entries in groups
        self.active = 0  # agents at work
        self.share = 0
        self.handled = 0
        self.handled_ms: Ms = 0

    def add(self, entry: Entry) -> None:
        """Put an entry at its place."""
        insort(self.group(entry).entries, (*entry.key, entry))
        self.waiting += 1

    def group(self, entry: Entry) -> Group:
        """The group an entry belongs to."""
        group: Group | None = entry.group
        if group is None:
            group = self._groups.get(entry.skills)
            if group is None:
                group = self._groups[entry.skills] = Group(entry.skills)
            entry.group = group
        return group

    def remove(self, entry: Entry) -> None:
        """Take a waiting entry out."""
        entries = entry.group.entries
        index = bisect_left(entries, entry.key)
        assert entries[index][2] is entry, "a waiting entry lies at its key"
        del entries[index]
        self.waiting -= 1

    def next_for(self, agent: Agent) -> Entry | None:
        """The first entry that an agent may take."""
        best: tuple[int, int, Entry] | None = None
        for group in self._groups.values():
            if group.entries and (best is None or group.entries[0] < best) and group.suits(agent):
                best = group.entries[0]
        return best[2] if best is not None else None

    def agent_for(self, entry: Entry) -> Agent | None:
        """The ready agent with the skills who has been idle longest."""
        if not entry.skills:
            for agent in self.ready.values():
                return agent
            return None
        group = self.group(entry)
        return next((agent for agent in self.ready.values() if group.suits(agent)), None)

    def position(self, entry: Entry) -> int:
        """The place of an entry in the whole queue, from 1."""
        key = entry.key
        place = 1
        if self.waiting:
            for group in self._groups.values():
                place += bisect_left(group.entries, key)
        for other in self.reserved:
            if other < key:
                place += 1
        return place

    def handle_ms(self) -> Ms:
        """Mean handle time so far; an assumption until a call was handled."""
        return self.handled_ms // self.handled if self.handled else ESTIMATE_HANDLE_MS
