"""Reload while serving: whoever saves a file hears at once whether it is good, and the next call follows it.

The folder is looked at, not subscribed to: it works on every file system, and a look costs a `stat` a file.
A change is taken once it has stood still for a look, because editors save in several steps.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ivr.core.plan import what_is_fixed
from ivr.errors import AuthorError
from ivr.language import Center, check_center, load_center, render
from ivr.limits import CENTER_FILES_MAX
from ivr.live.center import LiveCenter

LOOK_SECONDS: Final = 1.0

_KINDS: Final = (".yaml", ".yml", ".wav")
_NEEDS_RESTART: Final = "serve the center anew to change it"

Seen = tuple[tuple[str, int, int], ...]
"""The files of a center: name, time of the last change, size."""


class Reloader:
    """Watches the folder of a served center; `say` gets what an author should read."""

    def __init__(
        self, center: LiveCenter, folder: Path, say: Callable[[str], object], *, every: float = LOOK_SECONDS
    ) -> None:
        self._center = center
        self._folder = folder if folder.is_dir() else folder.parent
        self._say = say
        self._every = every
        self._taken = self._seen()
        center.live_metrics.reloaded(ok=True, at=time.time())

    async def run(self) -> None:
        """Look, until cancelled."""
        before = self._taken
        while True:
            await asyncio.sleep(self._every)
            seen = await asyncio.to_thread(self._seen)
            if seen != self._taken and seen == before:
                self._taken = seen
                await self._reload()
            before = seen

    def _seen(self) -> Seen:
        found = []
        try:
            for path in sorted(self._folder.rglob("*"))[:CENTER_FILES_MAX]:
                if path.suffix in _KINDS and path.is_file():
                    state = path.stat()
                    found.append((str(path), state.st_mtime_ns, state.st_size))
        except OSError:  # a file went away between two looks
            return ()
        return tuple(found)

    async def _reload(self) -> None:
        try:
            center = await asyncio.to_thread(load_center, self._folder)
        except AuthorError:
            await self._say_problems()
        except OSError as fault:
            self._refused(f"{fault.filename}: {fault.strerror}")
        else:
            if why := what_is_fixed(self._center.engine.plan, center.plan):
                self._refused(f"{why} cannot change while the center runs; {_NEEDS_RESTART}")
            else:
                self._take(center)

    async def _say_problems(self) -> None:
        problems = await asyncio.to_thread(check_center, self._folder)
        for problem in problems:
            place = f"{problem.file}:{problem.line}:{problem.column}"
            self._center.log.error(
                "reload_problem", place=place, id=problem.code, text=problem.message, hint=problem.hint
            )
        self._refused(render(problems))

    def _take(self, center: Center) -> None:
        live = self._center
        changed = center.plan.digest != live.engine.plan.digest
        live.adopt(center)
        live.live_metrics.reloaded(ok=True, at=time.time())
        if changed:
            live.log.info("reloaded", plan=center.plan.digest[:12])
            self._say(f"reloaded {self._folder}: calls from now on follow it")

    def _refused(self, text: str) -> None:
        """A broken file changes nothing but a gauge and a message."""
        live = self._center
        live.live_metrics.reloaded(ok=False, at=time.time())
        live.log.error("reload_failed", why=text)
        self._say(f"{text}\n{self._folder} was not reloaded: the last good version goes on serving")
