"""One party's audio: what it is to hear and what it has sent. The rules are in `Playout`."""

from collections import deque
from typing import Final

from ivr.media.bounds import BURST_FRAMES_MAX, TAP_LENGTH_MAX_MS
from ivr.media.codec import FRAME_MS, Codec, Transcoder

__all__ = ["Choir", "Frames", "Line", "Pipe", "Prompt", "Tap"]

Frames = tuple[bytes, ...]


class Tap:
    """A recording of what one line sends, in memory and bounded; `frames` are in the line's codec."""

    __slots__ = ("_frames_max", "codec", "frames")

    def __init__(self, codec: Codec, max_ms: int) -> None:
        self.codec = codec
        self.frames: list[bytes] = []
        self._frames_max: Final = max(0, min(max_ms, TAP_LENGTH_MAX_MS)) // FRAME_MS

    @property
    def full(self) -> bool:
        """Whether the bound is reached: what comes later is left out."""
        return len(self.frames) >= self._frames_max

    @property
    def length_ms(self) -> int:
        """How much has been recorded."""
        return len(self.frames) * FRAME_MS

    def pcm(self) -> bytes:
        """The recording as PCM16 at the codec's rate."""
        return self.codec.decode(b"".join(self.frames))

    def hear(self, frame: bytes) -> None:
        """Add a frame, unless full."""
        if not self.full:
            self.frames.append(frame)


class Prompt:
    """A sound on its way to one line; `at` is the frame that comes next."""

    __slots__ = ("at", "frames", "play_id")

    def __init__(self, frames: Frames, play_id: str) -> None:
        self.frames = frames
        self.play_id = play_id
        self.at = 0


class Choir:
    """The lines of a slot that hear the same frame at every tick; `offset` is the tick of frame 0."""

    __slots__ = ("frames", "lines", "offset")

    def __init__(self, frames: Frames, offset: int) -> None:
        self.frames = frames
        self.offset = offset
        self.lines: dict[Line, None] = {}

    def frame(self, tick: int) -> bytes:
        """What is heard at that tick."""
        return self.frames[(tick - self.offset) % len(self.frames)]


class Pipe:
    """What one line sends to another: in the other's codec, in a queue that forgets its oldest.

    A burst may wait, because it is heard out in as long as it lasts. A queue that stays longer than
    `jitter_frames` for the time of the longest burst is not a burst but a clock that runs fast: it is cut
    back, so that a long talk does not fall further and further behind.
    """

    __slots__ = ("_ahead", "_jitter_frames", "_queue", "_transcoder", "_waiting", "ear")

    def __init__(self, source: "Line", ear: "Line", jitter_frames: int) -> None:
        self.ear = ear
        self._transcoder = Transcoder(source.codec, ear.codec)
        self._queue: deque[bytes] = deque()
        self._jitter_frames = jitter_frames
        self._ahead = 0
        self._waiting = True

    def push(self, frame: bytes) -> None:
        """Put a frame of the source into the queue."""
        if len(self._queue) >= BURST_FRAMES_MAX:
            self._forget(1)
        self._queue.append(self._transcoder.feed(frame))

    def _forget(self, frames: int) -> None:
        for _ in range(frames):
            self._queue.popleft()
        self.ear.dropped += frames

    def pull(self) -> bytes | None:
        """The frame for this tick, None if there is none.

        After a drought the first frame waits for a tick: without that slack, each frame that is late by a
        millisecond would be a gap.
        """
        if not self._queue:
            if not self._waiting:
                self._waiting = True
                self.ear.starved += 1
            return None
        if self._waiting:
            self._waiting = False
            return None
        too_many = len(self._queue) - self._jitter_frames
        self._ahead = self._ahead + 1 if too_many > 0 else 0
        if self._ahead > BURST_FRAMES_MAX:
            self._forget(too_many)
            self._ahead = 0
        return self._queue.popleft()


class Line:
    """One party's audio, made by `Playout.open` and to be read, not written, by others.

    Counted: `received` frames; `dropped` frames of another party that came too fast; `starved`, how often the
    audio of another party ran dry.
    """

    __slots__ = (
        *("choir", "codec", "dropped", "ears", "ground", "is_open", "name", "prompts", "received"),
        *("rest", "slot", "sources", "starved", "taps"),
    )

    def __init__(self, name: str, codec: Codec, slot: int) -> None:
        self.name = name
        self.codec = codec
        self.slot = slot
        self.is_open = True
        self.received = 0
        self.dropped = 0
        self.starved = 0
        self.ground: tuple[Frames, int] | None = None
        self.choir: Choir | None = None
        self.prompts: deque[Prompt] = deque()
        self.sources: dict[Line, Pipe] = {}
        self.ears: dict[Line, Pipe] = {}
        self.taps: dict[Tap, None] = {}
        self.rest = b""

    def __repr__(self) -> str:
        return f"<Line {self.name} {self.codec.name}>"
