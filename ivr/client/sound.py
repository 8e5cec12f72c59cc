"""What a client does with sound: decode packets, write them to a WAV file while they come."""

import struct
import wave
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeAlias

from ivr import wire
from ivr.errors import OperatorError

SoundSink: TypeAlias = Callable[[bytes], None] | None

_RATES: Final = {"ulaw": 8_000, "alaw": 8_000, "slin16": 16_000}


def _ulaw(code: int) -> int:
    code = ~code & 0xFF
    size = (((code & 0x0F) << 3) + 0x84 << (code >> 4 & 7)) - 0x84
    return -size if code & 0x80 else size


def _alaw(code: int) -> int:
    code ^= 0x55
    segment, size = code >> 4 & 7, (code & 0x0F) << 4
    size = size + 8 if not segment else size + 0x108 << segment - 1
    return size if code & 0x80 else -size


@cache
def _table(codec: str) -> tuple[bytes, ...]:
    """What each of the 256 codes of G.711 sounds like, as 16-bit samples."""
    law = _ulaw if codec == "ulaw" else _alaw
    return tuple(struct.pack("<h", law(code)) for code in range(256))


def decode(codec: str, frame: bytes) -> bytes:
    """A packet as 16-bit little-endian samples at the codec's rate."""
    if codec == "slin16":
        return frame
    return b"".join(map(_table(codec).__getitem__, frame))


class WavRecording:
    """A WAV file that grows with every packet: 16 bit, mono, at the rate of the codec.

    `path` is overwritten. Its header is right once `stop` was called. Raises OperatorError for a
    codec without sound, or a file that cannot be written.
    """

    def __init__(self, path: str, codec: str) -> None:
        if codec not in _RATES:
            raise OperatorError(
                f"a line with codec {codec!r} carries no sound to record; choose {' or '.join(_RATES)}"
            )
        self.path = path
        self.frames = 0
        self._codec = codec
        try:
            self._raw = Path(path).open("wb")  # noqa: SIM115 -- closed by stop()
        except OSError as fault:
            raise OperatorError(f"cannot record to {path}: {fault.strerror}") from None
        self._file: wave.Wave_write | None = wave.open(self._raw, "wb")  # noqa: SIM115 -- the same
        self._file.setparams((1, 2, _RATES[codec], 0, "NONE", ""))

    def __call__(self, frame: bytes) -> None:
        """Write one packet; after `stop` nothing is written."""
        if self._file is not None:
            self._file.writeframesraw(decode(self._codec, frame))
            self.frames += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def seconds(self) -> float:
        """The length so far."""
        return self.frames * wire.FRAME_MS / 1000

    def stop(self) -> None:
        """Complete the file. Harmless when done twice."""
        if self._file is not None:
            file, self._file = self._file, None
            file.close()
            self._raw.close()
