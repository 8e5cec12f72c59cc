"""What goes on in the company by itself: rows that change by the clock.

Whether a process happens to a row this time is keyed by the process, how many times it has gone on, and the row's place in
the table. So the same happens to the same customers in two versions of a center.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from ivr.core.calendar import Calendar
from ivr.core.chance import Stream
from ivr.core.time import DAY, NEVER, Instant
from ivr.language.world_model import Process
from ivr.world.change import FAULTS, Row, scope_of
from ivr.world.clock import Clock, next_at
from ivr.world.world import World

ROWS_AT_ONCE: Final = 1_000  # rows changed in one turn: a few milliseconds, so that live sound is not late
_ROWS_MAX: Final = 1 << 20  # more than a table has: keeps the draws of one time apart from those of the next


class _Round(NamedTuple):
    """A process that has begun at a local time, and from which row on it is to go on; `number` counts its rounds."""

    process: Process
    number: int
    now: datetime
    row: int = 0


class Processes:
    """The processes of one run."""

    def __init__(
        self,
        processes: Iterable[Process],
        world: World,
        clock: Clock,
        calendar: Calendar,
        now: Callable[[], Instant],
    ) -> None:
        """`now` is the present instant, `calendar` that of the run."""
        self._processes = tuple(processes)
        self._world = world
        self._clock = clock
        self._calendar = calendar
        self._now = now
        self._until: Instant = NEVER
        self._revision = 0
        self._last: dict[str, _Round] = {}
        self._waiting: deque[_Round] = deque()

    def start(self, until: Instant) -> None:
        """Go on by the clock, up to `until`."""
        self._until = until
        for process in self._processes:
            self._await(process, self._revision)

    def adopt(self, processes: Iterable[Process]) -> None:
        """Go by other processes from now on, once they are started; a round that has begun is finished."""
        self._revision += 1
        self._processes = tuple(processes)

    @property
    def busy(self) -> bool:
        """Whether a round has begun and is not through with its rows."""
        return bool(self._waiting)

    def _await(self, process: Process, revision: int) -> None:
        now = self._now()
        if process.at is None:
            due: Instant | None = now + process.every_ms
        else:
            due = next_at(self._calendar, now, process.at, process.days, self._ahead(process))
        if due is not None and due <= self._until:
            self._clock.later(due - now, self._due, (process, revision))

    def _ahead(self, process: Process) -> int:
        """How many days from today on the next round is, at the soonest."""
        last = self._last.get(process.name)
        if last is None:
            return 0
        days = (self._calendar.local(self._now()).date() - last.now.date()).days
        return max(0, process.every_ms // DAY - days)

    def _due(self, due: tuple[Process, int]) -> None:
        process, revision = due
        if revision != self._revision:
            return
        last = self._last.get(process.name)
        begun = _Round(process, last.number + 1 if last is not None else 1, self._calendar.local(self._now()))
        self._last[process.name] = begun
        self._waiting.append(begun)
        if len(self._waiting) == 1:
            self._turn(None)
        self._await(process, revision)

    def _turn(self, _: object) -> None:
        """Change some rows; rounds of one instant come one after another, in the order of the file."""
        at = self._waiting[0]
        end = self._change(at)
        if end < len(self._world.rows(at.process.rows)):
            self._waiting[0] = at._replace(row=end)
        else:
            self._waiting.popleft()
        if self._waiting:
            self._clock.later(0, self._turn, None)

    def _change(self, at: _Round) -> int:
        """Change the next rows of a round; the place of the row after them."""
        process, world = at.process, self._world
        rows = world.rows(process.rows)
        end = min(at.row + ROWS_AT_ONCE, len(rows))
        change = world.change(process.rows, (*process.sets,))
        sources = {column: source.fn for column, source in process.sets.items()}
        change.sweep(self._met(at, rows, end), sources, at.now, world.on_change)
        return end

    def _met(self, at: _Round, rows: list[Row], end: int) -> Iterator[Row]:
        """The rows to which it happens this time."""
        process = at.process
        when = process.when.fn if process.when is not None else None
        stream = Stream(self._world.seed, f"world/process/{process.name}")
        first, always = at.number * _ROWS_MAX, process.chance >= 1
        scope = scope_of({}, at.now)
        for place in range(at.row, end):
            scope["row"] = row = rows[place]
            if not always and stream.unit(first + place) >= process.chance:
                continue
            try:
                if when is None or when(scope):
                    yield row
            except FAULTS:
                continue
