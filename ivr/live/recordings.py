"""What is recorded of lines and kept in the data folder: messages that callers leave, and whole calls."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING

from structlog.typing import FilteringBoundLogger

from ivr.core.facts import call_name
from ivr.live.sound import SoundDesk
from ivr.media import Recorder, SoundError, Tap, write_wav

if TYPE_CHECKING:
    from ivr.store import Store


class Recordings:
    """Recordings in progress, by line, and those still being written."""

    def __init__(
        self, sound: SoundDesk, folder: Path | None, store: "Store | None", log: FilteringBoundLogger
    ) -> None:
        """Without a `folder` nothing is kept."""
        self._sound = sound
        self._folder = folder
        self._store = store
        self._log = log
        self._running: dict[str, tuple[int, int]] = {}
        self._calls: dict[str, tuple[int, int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._running) + len(self._calls)

    def begin(self, line: str, recording: int, call: int) -> None:
        """A line of a call is being recorded under this number."""
        self._running[line] = (recording, call)

    def end(self, line: str) -> None:
        """Keep what was recorded of a line, if anything was."""
        recording, call = self._running.pop(line, (0, 0))
        tap = self._sound.recorded(line) if recording else None
        if tap is None or self._folder is None:
            return
        self._task(self._write(self._path(recording, call), tap, recording, call))

    def begin_call(self, line: str, recording: int, call: int) -> None:
        """A whole call is being recorded, on the disk while it goes on."""
        if self._folder is None:
            return
        try:
            if self._sound.record_call(line, self._path(recording, call)):
                self._calls[line] = (recording, call)
        except SoundError as fault:
            self._log.warning("recording_failed", fault=str(fault))

    def end_call(self, line: str) -> None:
        """Close the file of a call, if there is one."""
        recording, call = self._calls.pop(line, (0, 0))
        recorder = self._sound.call_recorded(line) if recording else None
        if recorder is not None:
            self._task(self._close(recorder, recording, call))

    def _path(self, recording: int, call: int) -> Path:
        assert self._folder is not None
        return self._folder / f"{call_name(call)}-{recording}.wav"

    def _task(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _close(self, recorder: Recorder, recording: int, call: int) -> None:
        try:
            path = await asyncio.to_thread(recorder.close)
        except SoundError as fault:
            self._log.warning("recording_failed", file=str(recorder.path), fault=str(fault))
            return
        if self._store is not None:
            self._store.put_recording(recording, call, recorder.length_ms, path.name)

    async def _write(self, path: Path, tap: Tap, recording: int, call: int) -> None:
        try:
            await asyncio.to_thread(_write_wav, path, tap)
        except OSError as fault:
            self._log.warning("recording_failed", file=str(path), fault=str(fault))
            return
        if self._store is not None:
            self._store.put_recording(recording, call, tap.length_ms, path.name)

    async def written(self) -> None:
        """Wait, not for ever, until what was recorded is on the disk."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)


def _write_wav(path: Path, tap: Tap) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")  # whoever watches the folder sees whole recordings only
    write_wav(part, tap.pcm(), tap.codec.rate_hz)
    part.replace(path)
