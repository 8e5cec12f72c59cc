"""The places of one queue, in the order in which they are to be served."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from itertools import islice
from typing import TypeAlias

from ivr.core.plan import AgentPlan
from ivr.core.time import Instant

Skills: TypeAlias = tuple[tuple[str, int], ...]
Key: TypeAlias = tuple[int, int]


class Place:
    """A place in a queue; `skills` is None when their levels are not known.

    `level` is up to which level of the queue agents are asked, `only` the one agent it waits for, if any.
    """

    __slots__ = (
        "call",
        "callback",
        "entered",
        "failed",
        "failed_at",
        "key",
        "level",
        "only",
        "order",
        "queue",
        "reservations",
        "resting",
        "skills",
        "visit",
    )

    def __init__(self, queue: str, call: int, key: Key, entered: Instant, skills: Skills | None) -> None:
        self.queue = queue
        self.call = call
        self.key = key
        self.entered = entered
        self.skills = skills
        self.visit = 0
        self.callback = 0
        self.order = 0
        self.reservations: set[int] = set()
        self.level = 1
        self.only = ""
        self.resting = False
        self.failed = 0
        self.failed_at = -1

    @property
    def is_call(self) -> bool:
        """Whether a call waits here, and not a callback or a work order."""
        return not (self.callback or self.order)

    def waits_for(self, agent: AgentPlan, level: int) -> bool:
        """Whether the agent certainly may take it now, where agents up to a level are asked."""
        return not (self.reservations or self.resting) and self.suits(agent, level)

    def suits(self, agent: AgentPlan, level: int) -> bool:
        """Whether the agent certainly has what it asks for; for the `only` one nothing else is asked."""
        if self.only or self.skills is None:
            return self.only == agent.name
        if agent.levels.get(self.queue, 1) > max(self.level, level):
            return False
        return all(agent.skills.get(skill, 0) >= least for skill, least in self.skills)


class Held:
    """Every place of a queue; `calls` is how many are calls, the others are callbacks and work orders.

    Kept sorted, because a served center is audited too: what a long queue costs must not grow with it.
    """

    __slots__ = ("_keys", "_places", "_resting", "calls")

    def __init__(self) -> None:
        self._places: dict[Key, Place] = {}
        self._keys: list[Key] = []
        self._resting: list[Key] = []
        self.calls = 0

    def __contains__(self, key: Key) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[Place]:
        """In order."""
        return (self._places[key] for key in self._keys)

    def before(self, key: Key) -> Iterator[Place]:
        """Those with a smaller key, in order."""
        return (self._places[key] for key in islice(self._keys, bisect_left(self._keys, key)))

    def ahead(self, key: Key) -> tuple[int, int]:
        """How many have a smaller key, without those that rest and with them."""
        ahead = bisect_left(self._keys, key)
        return ahead - bisect_left(self._resting, key), ahead

    def overtakes(self, key: Key) -> bool:
        """Whether somebody is behind this key."""
        return bool(self._keys) and self._keys[-1] > key

    def add(self, place: Place) -> None:
        """Put a place where it belongs."""
        self._places[place.key] = place
        insort(self._keys, place.key)
        if place.resting:
            insort(self._resting, place.key)
        self.calls += place.is_call

    def remove(self, place: Place) -> None:
        """Take a place out, if it is here."""
        if self._places.pop(place.key, None) is None:
            return
        del self._keys[bisect_left(self._keys, place.key)]
        if place.resting:
            del self._resting[bisect_left(self._resting, place.key)]
        self.calls -= place.is_call

    def wake(self, place: Place) -> None:
        """A place rests no longer."""
        if place.resting:
            place.resting = False
            if place.key in self._places:
                del self._resting[bisect_left(self._resting, place.key)]
