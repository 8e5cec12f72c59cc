"""People outside who are called by the center: whether they pick up, and who it is then."""

from collections.abc import Callable, Mapping
from typing import Final

from ivr.core import events
from ivr.core.chance import Stream
from ivr.core.time import Ms
from ivr.people.persons import Caller
from ivr.people.script import Called, CallerKind, Home
from ivr.people.stage import Stage

_SOMEBODY: Final = CallerKind("called", "")


class Outside:
    """Phones that the center calls."""

    def __init__(
        self, stage: Stage, seed: str, come: Callable[[Caller], None], callers: Mapping[str, Caller]
    ) -> None:
        """`come` is told who will be on a line, `callers` has those who still are."""
        self._stage = stage
        self._come = come
        self._callers = callers
        self._draw = Stream(seed, "caller/pick_up").unit
        self.called = Called()
        self.at_home: dict[str, Home] = {}

    def dial(self, line: str, number: str, ring_ms: Ms) -> None:
        """A phone rings: they pick up if they can."""
        home = self.at_home.get(number)
        if home is not None and home.picks_up and home.after_ms <= ring_ms:
            self.come_to_phone(line, number, home.after_ms, kind=home.kind)
            return
        called, ordinal = self.called, int(line.removeprefix("o-"))
        luck, delay = self._draw(ordinal), called.answers_after.draw(self._draw(-ordinal))
        if home is not None:
            self._stage.later(ring_ms, self._fail, (line, "no_answer"))
        elif luck < called.picks_up + called.machines and delay <= ring_ms:
            self.come_to_phone(line, number, delay, "person" if luck < called.picks_up else "machine")
        elif luck > 1 - called.busy:
            self._stage.later(1, self._fail, (line, "busy"))
        else:
            self._stage.later(ring_ms, self._fail, (line, "no_answer"))

    def come_to_phone(
        self, line: str, number: str, after_ms: Ms, by: str = "person", kind: CallerKind = _SOMEBODY
    ) -> None:
        """Somebody, or their machine, picks up the phone that rings."""
        self._come(Caller(line, -int(line.removeprefix("o-")), kind, number))
        self._stage.later(after_ms, self._pick_up, (line, by))

    def _pick_up(self, picked: tuple[str, str]) -> None:
        line, by = picked
        if line in self._callers:
            self._stage.post(events.LineAnswered(line, by))

    def _fail(self, failed: tuple[str, str]) -> None:
        self._stage.post(events.LineFailed(*failed))
