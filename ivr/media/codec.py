"""The forms in which sound travels to and from a phone, and the ways between them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ivr.media.pcm import Doubler, Halver, audioop

__all__ = ["ALAW", "CODECS", "FRAME_MS", "SLIN16", "ULAW", "Codec", "Transcoder", "transcode"]

FRAME_MS: Final = 20
"""The length of every frame: what telephony packs into one packet."""


@dataclass(frozen=True, slots=True, eq=False)
class Codec:
    """One way to carry sound: its rate, the size of a 20 ms frame, and the way to PCM16 at its rate and back.

    Codecs are compared by identity: take them from `CODECS`.
    """

    name: str
    rate_hz: int
    frame_bytes: int
    silence: bytes
    encode: Callable[[bytes], bytes]
    decode: Callable[[bytes], bytes]

    @property
    def frame_samples(self) -> int:
        """Samples in a frame."""
        return self.rate_hz * FRAME_MS // 1000

    def frames(self, encoded: bytes) -> tuple[bytes, ...]:
        """Encoded sound cut into frames; the last one is filled up with silence."""
        size = self.frame_bytes
        frames = [encoded[start : start + size] for start in range(0, len(encoded), size)]
        if frames and len(frames[-1]) < size:
            frames[-1] += self.silence[len(frames[-1]) :]
        return tuple(frames)

    def __repr__(self) -> str:
        return f"<Codec {self.name}>"


def _same(pcm: bytes) -> bytes:
    return pcm


ULAW: Final = Codec(
    name="ulaw",
    rate_hz=8000,
    frame_bytes=160,
    silence=b"\xff" * 160,
    encode=lambda pcm: audioop.lin2ulaw(pcm, 2),
    decode=lambda frame: audioop.ulaw2lin(frame, 2),
)

ALAW: Final = Codec(
    name="alaw",
    rate_hz=8000,
    frame_bytes=160,
    silence=b"\xd5" * 160,
    encode=lambda pcm: audioop.lin2alaw(pcm, 2),
    decode=lambda frame: audioop.alaw2lin(frame, 2),
)

SLIN16: Final = Codec(
    name="slin16", rate_hz=16000, frame_bytes=640, silence=bytes(640), encode=_same, decode=_same
)

CODECS: Final[dict[str, Codec]] = {codec.name: codec for codec in (ULAW, ALAW, SLIN16)}
"""The codecs by the name that flows and the wire use."""

_EVERY_BYTE: Final = bytes(range(256))
_LAWS: Final[dict[tuple[str, str], bytes]] = {
    (one.name, other.name): other.encode(one.decode(_EVERY_BYTE))
    for one, other in ((ULAW, ALAW), (ALAW, ULAW))
}


class Transcoder:
    """One direction of one call between two codecs; it keeps the end of the last frame, so frames join."""

    __slots__ = ("_feed", "source", "target")

    def __init__(self, source: Codec, target: Codec) -> None:
        self.source = source
        self.target = target
        self._feed = _way(source, target)

    def feed(self, frame: bytes) -> bytes:
        """The frame in the target's form; the very same object when both are the same."""
        return self._feed(frame)


def _way(source: Codec, target: Codec) -> Callable[[bytes], bytes]:
    if source is target:
        return _same
    if table := _LAWS.get((source.name, target.name)):
        return lambda frame: frame.translate(table)
    rate: Doubler | Halver = Doubler() if source.rate_hz < target.rate_hz else Halver()
    return lambda frame: target.encode(rate.feed(source.decode(frame)))


def transcode(frame: bytes, source: Codec, target: Codec) -> bytes:
    """A frame on its own in another codec; for a stream between two rates use a `Transcoder`."""
    return _way(source, target)(frame)
