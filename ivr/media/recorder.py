"""A call's audio on disk while it is going on: a WAV file that is valid at every moment."""

import wave
from pathlib import Path
from types import TracebackType
from typing import Self

from ivr.media.bounds import RECORDING_LENGTH_MAX_MS
from ivr.media.codec import FRAME_MS, Codec
from ivr.media.sound import SoundError

__all__ = ["Recorder"]

_BATCH: int = 1000 // FRAME_MS


class Recorder:
    """Writes the frames of a codec into a WAV file of PCM16 at the codec's rate.

    Memory holds a second of audio, the rest is on disk. Until `close` the file is called `NAME.part`; its
    header is right after every second, so that a killed process loses no more than that. Frames beyond twelve
    hours are left out and `full` is set. Writing blocks for microseconds, once a second. Raises `SoundError`
    if the file cannot be written.
    """

    def __init__(self, path: Path | str, codec: Codec) -> None:
        self.path = Path(path)
        self.codec = codec
        self.length_ms = 0
        self.full = False
        self._part = self.path.with_name(self.path.name + ".part")
        self._batch: list[bytes] = []
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file: wave.Wave_write | None = wave.open(str(self._part), "wb")  # noqa: SIM115
        except OSError as error:
            raise self._failed(error) from error
        self._file.setnchannels(1)
        self._file.setsampwidth(2)
        self._file.setframerate(codec.rate_hz)

    def write(self, frame: bytes) -> None:
        """Add a frame; after `close` it is ignored, since the last frames of a call come when they come."""
        if self._file is None:
            return
        if self.length_ms >= RECORDING_LENGTH_MAX_MS:
            self.full = True
            return
        self._batch.append(frame)
        self.length_ms += FRAME_MS
        if len(self._batch) >= _BATCH:
            self._flush(self._file)

    def close(self) -> Path:
        """Write what is left and give the file its name; closing twice does nothing more."""
        if (file := self._file) is not None:
            self._file = None
            try:
                try:
                    self._flush(file)
                finally:
                    file.close()
                self._part.replace(self.path)
            except OSError as error:
                raise self._failed(error) from error
        return self.path

    def _flush(self, file: wave.Wave_write) -> None:
        """Append the batch; `writeframes` also brings the header up to date."""
        pcm = self.codec.decode(b"".join(self._batch))
        self._batch.clear()
        try:
            file.writeframes(pcm)
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> SoundError:
        return SoundError(f"{self.path}: the recording cannot be written: {error.strerror or error}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
