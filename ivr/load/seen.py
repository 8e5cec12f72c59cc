"""What a caller sees of a call: a fold over what the center says on the line."""

from dataclasses import dataclass, field

from ivr import wire
from ivr.core.time import Instant, Ms


@dataclass(slots=True)
class Visit:
    """A wait in a queue, in ms of the center's time; `outcome` is empty while it lasts.

    It ends `answered`, `abandoned` (the caller hung up) or `gone_on` (the center led elsewhere, or hung up).
    """

    queue: str
    since: Instant
    waited_ms: Ms = 0
    outcome: str = ""


@dataclass(slots=True)
class Call:
    """A call as its caller sees it.

    `refused` is why the center did not take it, `failed` why no connection came about or it was lost. Without
    these and without `ended` it goes on.
    """

    line: str
    kind: str
    dialled: str
    number: str
    name: str = ""
    keys: str = ""
    states: list[tuple[str, str]] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    refused: str = ""
    failed: str = ""
    ended: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more comes of it."""
        return bool(self.ended or self.refused or self.failed)

    def hears(self, at: Instant, message: wire.Message) -> None:
        """Take in what the center says."""
        match message:
            case wire.Connected():
                self.name = message.call
            case wire.Refused():
                self.refused = message.why
            case wire.State():
                self.states.append((message.flow, message.state))
                self._leave(at, "gone_on")
            case wire.Queued():
                self._queue(at, message.queue)
            case wire.Bridged():
                self._leave(at, "answered")
            case wire.Ended():
                self.ended = message.reason
                self._leave(at, "gone_on")

    def hangs_up(self, at: Instant) -> None:
        """The caller ends it; what the center makes of that follows."""
        self._leave(at, "abandoned")

    def fails(self, at: Instant, why: str) -> None:
        """There is no connection, or no longer."""
        if not self.over:
            self.failed = why
            self._leave(at, "gone_on")

    def _queue(self, at: Instant, queue: str) -> None:
        if self.visits and not self.visits[-1].outcome:
            if self.visits[-1].queue == queue:
                return
            self._leave(at, "gone_on")
        self.visits.append(Visit(queue, at))

    def _leave(self, at: Instant, outcome: str) -> None:
        if self.visits and not self.visits[-1].outcome:
            visit = self.visits[-1]
            visit.outcome, visit.waited_ms = outcome, at - visit.since
