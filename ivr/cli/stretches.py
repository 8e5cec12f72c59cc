"""How long things last: waits, talks, holds, each a stretch with a name and a sum of all of its kind."""

from collections.abc import Callable


class Stretches:
    """At most one stretch of each kind runs at a time; `now` is a clock in seconds that never goes back."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._running: dict[str, tuple[str, float]] = {}
        self._over: dict[str, float] = {}

    def run(self, kind: str, name: str) -> None:
        """Let the stretch of this name run (empty: none); one of another name is over."""
        before, since = self._running.get(kind, ("", 0.0))
        if name == before:
            return
        now = self._now()
        if before:
            self._over[kind] = self._over.get(kind, 0.0) + now - since
            del self._running[kind]
        if name:
            self._running[kind] = (name, now)

    def lasted(self, kind: str) -> float:
        """Seconds since the present stretch began; 0 when there is none."""
        return self._now() - self._running[kind][1] if kind in self._running else 0.0

    def spent(self, kind: str) -> float:
        """Seconds of all stretches, the present one too."""
        return self._over.get(kind, 0.0) + self.lasted(kind)
