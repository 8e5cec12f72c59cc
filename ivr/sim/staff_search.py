"""The least agents that reach some targets in every interval, found by simulating the center.

Of one kind: every interval that misses gets more, until none does; then, from the fullest on, each gives back as many as it
can. Of several kinds: an interval that misses gets the kind that mends most for its cost, as a trial with each kind says;
then dear kinds, and among equals those with the fewest queues, give back first, and a dear agent is exchanged for a cheaper
one where that will do. An interval that has too few spoils the next one too, so the answer is not the sum of answers for
single intervals; and as only single steps are tried, what is found is enough, and not one less is, but some quite other
mix may cost less.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import ceil
from typing import NamedTuple, TypeAlias

from ivr.core.calendar import WEEKDAYS
from ivr.core.time import Ms
from ivr.sim.intervals import Intervals, Slot, clock_of
from ivr.sim.ledger import Row, Sheet
from ivr.sim.staffing import Post, Rows, Staff, Staffing, Target, by_slot, together

Simulate: TypeAlias = Callable[[Staff], Sequence[Sheet]]

_TIMES, _BEYOND = 3, 10  # where so many times the first guess, and some, do not do it, nothing will


class Kind(NamedTuple):
    """Agents like one of the center, the queues they serve, and what an hour of theirs costs beside others."""

    like: str
    queues: tuple[str, ...]
    cost: float = 1.0


class Search:
    """The search for the least agents; `simulate` runs some staffing, the same callers each time."""

    def __init__(
        self,
        kinds: Sequence[Kind],
        begin: Staffing,
        targets: Sequence[Target],
        intervals: Intervals,
        simulate: Simulate,
    ) -> None:
        """`begin` is where the search begins."""
        self._kinds = sorted(kinds, key=lambda kind: (-kind.cost, len(kind.queues), kind.like))
        self._begun: dict[Slot, int] = {}
        for (_, slot), count in begin.items():
            self._begun[slot] = self._begun.get(slot, 0) + count
        self._staffing = dict(begin)
        self._rows: Rows = {}
        self._too_few: set[Staff] = set()
        self._runs = 1
        self._targets = targets
        self._intervals = intervals
        self._simulate = simulate

    def run(self) -> tuple[Staffing, Rows]:
        """The staffing found, and what it reaches.

        Raises:
            ValueError: no number of agents reaches the targets.
        """
        self._rows = self._try(self._staffing)
        while missed := self._missed(self._rows):
            self._grow(missed)
            self._rows = self._try(self._staffing)
        self._spare()
        while self._give_back() or self._exchange():
            pass
        return self._staffing, self._rows

    # More ------------------------------------------------------------------------------------------------------

    def _grow(self, missed: Mapping[Slot, list[Target]]) -> None:
        """Add agents to every interval that misses a target, of the kind that mends most."""
        steps = {
            slot: max(max(1, ceil(self._lack(slot, target))) for target in some)
            for slot, some in missed.items()
        }
        for slot, like in self._best(missed, steps).items():
            self._staffing[like, slot] = self._staffing.get((like, slot), 0) + steps[slot]
            agents = sum(count for (_, at), count in self._staffing.items() if at == slot)
            if agents > _BEYOND + _TIMES * self._begun.get(slot, 0):
                day, clock = WEEKDAYS[slot[0]], clock_of(slot[1], self._intervals.each_ms)
                words = missed[slot][0].words or "the target"
                raise ValueError(f"{day} {clock}: with {agents} agents {words} is missed still: ask for less")

    def _best(self, missed: Mapping[Slot, list[Target]], steps: Mapping[Slot, int]) -> dict[Slot, str]:
        """The kind to add, interval by interval; it is tried out where there is a choice."""
        helpers = {
            slot: [kind for kind in self._kinds if _helps(kind, some)] for slot, some in missed.items()
        }
        best = {slot: (kinds[-1].like, (0.0, 0.0)) for slot, kinds in helpers.items()}
        for kind in self._kinds:
            slots = [slot for slot, kinds in helpers.items() if kind in kinds and len(kinds) > 1]
            if not slots:
                continue
            more = {
                (kind.like, slot): self._staffing.get((kind.like, slot), 0) + steps[slot] for slot in slots
            }
            rows = self._try(self._staffing | more)
            for slot in slots:
                gain = self._gain(slot, missed[slot], rows, kind.cost)
                if gain > best[slot][1]:
                    best[slot] = kind.like, gain
        return {slot: like for slot, (like, _) in best.items()}

    def _gain(self, slot: Slot, targets: Sequence[Target], rows: Rows, cost: float) -> tuple[float, float]:
        """What a trial mends for its cost: of the misses, and of the waits, which tell even where a level stays at 0."""
        mended, shorter_ms = 0.0, 0.0
        for target in targets:
            before, after = (together(some, target.queues).get(slot, Row()) for some in (self._rows, rows))
            mended += target.short(before) - target.short(after)
            shorter_ms += before.waited_ms - after.waited_ms
        return round(mended / cost, 6), shorter_ms / cost

    def _lack(self, slot: Slot, target: Target) -> float:
        """How many agents more at once, where the target is far away: a twentieth of the load."""
        row = together(self._rows, target.queues)[slot]
        load_ms = row.handle_ms / max(1, row.handled) * row.offered
        return load_ms / self._intervals.each_ms / 20 / max(1, self._runs)

    # Less ------------------------------------------------------------------------------------------------------

    def _spare(self) -> None:
        """Give back what is not needed: all posts at once while that works, then all of one kind."""
        groups = [list(self._staffing)]
        if len(self._kinds) > 1:
            groups += [[post for post in self._staffing if post[0] == kind.like] for kind in self._kinds]
        for posts in groups:
            while any(self._staffing[post] for post in posts) and self._change(dict.fromkeys(posts, -1)):
                pass

    def _give_back(self) -> bool:
        """One post after another gives back what it can; whether any did."""
        changed = False
        for post in self._fullest():
            while self._staffing[post] > 0 and self._change({post: -1}):
                changed = True
        return changed

    def _exchange(self) -> bool:
        """Put a cheaper agent in the place of a dearer one, where that will do; whether any was."""
        changed = False
        for dear in self._kinds:
            for cheap in self._kinds:
                for like, slot in self._fullest():
                    if like != dear.like or cheap.cost >= dear.cost:
                        continue
                    while self._staffing[like, slot] > 0 and self._change(
                        {(like, slot): -1, (cheap.like, slot): 1}
                    ):
                        changed = True
        return changed

    def _fullest(self) -> Iterator[Post]:
        """The posts in the order in which they give back."""
        order = {kind.like: number for number, kind in enumerate(self._kinds)}
        yield from sorted(self._staffing, key=lambda post: (order[post[0]], -self._staffing[post], post[1]))

    def _change(self, by: Mapping[Post, int]) -> bool:
        """Take on a change of some posts if every target is met with it; whether it was."""
        changed = {post: max(0, self._staffing.get(post, 0) + step) for post, step in by.items()}
        staffing = self._staffing | changed
        staff = Staff.of(self._intervals.each_ms, staffing)
        if staff in self._too_few or self._missed(rows := self._try(staffing)):
            self._too_few.add(staff)
            return False
        self._staffing |= changed
        self._rows = rows
        return True

    # Trying ----------------------------------------------------------------------------------------------------

    def _missed(self, rows: Rows) -> dict[Slot, list[Target]]:
        found: dict[Slot, list[Target]] = {}
        for target in self._targets:
            for slot, row in together(rows, target.queues).items():
                if not target.met(row):
                    found.setdefault(slot, []).append(target)
        return found

    def _try(self, staffing: Staffing) -> Rows:
        sheets = self._simulate(Staff.of(self._intervals.each_ms, staffing))
        self._runs = len(sheets)
        return by_slot(sheets, self._intervals)


def _helps(kind: Kind, targets: Sequence[Target]) -> bool:
    return any(queue in kind.queues for target in targets for queue in target.queues)


def first_guess(
    kinds: Sequence[Kind], rows: Rows, interval_ms: Ms, days: Mapping[int, int]
) -> dict[Post, int]:
    """As many as the load asks for: calls times handle time, and one, of the kind that serves the fewest queues.

    `days` is how often each weekday was lived. Among equals the cheapest kind begins; other kinds begin with nobody.
    """
    owners: dict[str, list[str]] = {}
    for queue in dict.fromkeys(queue for kind in kinds for queue in kind.queues):
        able = [kind for kind in kinds if queue in kind.queues]
        owner = min(able, key=lambda kind: (len(kind.queues), kind.cost))
        owners.setdefault(owner.like, []).append(queue)
    served = together(rows, [queue for queues in owners.values() for queue in queues])
    found = {(kind.like, slot): 0 for kind in kinds for slot in served}
    for like, queues in owners.items():
        mine = together(rows, queues)
        handled = sum(row.handled for row in mine.values())
        aht_ms = sum(row.handle_ms for row in mine.values()) / handled if handled else 0.0
        for slot, row in mine.items():
            found[like, slot] = ceil(row.offered / days[slot[0]] * aht_ms / interval_ms) + 1
    return found
