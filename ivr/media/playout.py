"""What every line hears, frame by frame: a machine without clock or sockets that is asked 250 times a second.

A line always has a *ground*: silence, a loop (hold music, ringback), or other lines it listens to. Prompts go
on top of it, one after the other, and when the last has been heard out the ground is heard again.

Lines that hear the same loop form a `Choir`: its frame is looked up once and handed to all of them, the very
same bytes object, so a caller on hold costs one tuple a tick. Silence is a loop of one frame. Loops go by the
tick, not by the line, so whoever is put on hold joins in mid-song.
"""

from collections.abc import Iterable
from itertools import repeat
from typing import Final, NamedTuple

from ivr.media.bounds import JITTER_FRAMES_MAX, PROMPTS_QUEUED_MAX, PUSH_BYTES_MAX, TAP_LENGTH_MAX_MS
from ivr.media.codec import CODECS, Codec
from ivr.media.line import Choir, Frames, Line, Pipe, Prompt, Tap
from ivr.media.pacer import SLOTS
from ivr.media.pcm import audioop
from ivr.media.sound import Sound

__all__ = ["Due", "Playout"]

_SILENCE: Final[dict[Codec, Frames]] = {codec: (codec.silence,) for codec in CODECS.values()}


class Due(NamedTuple):
    """What a beat brings: a frame for each line, and the prompts whose last frame has been heard out."""

    frames: list[tuple[Line, bytes]]
    finished: list[tuple[Line, str]]


class Playout:
    """The audio of all lines. Not thread-safe: it belongs to whoever calls `due`.

    With `send_silence` a line that hears nothing still gets a frame of silence every tick, as telephones
    expect; without, it gets none. What is asked of a closed line has no effect.
    """

    def __init__(
        self, slots: int = SLOTS, *, send_silence: bool = True, jitter_frames: int = JITTER_FRAMES_MAX
    ) -> None:
        self._send_silence: Final = send_silence
        self._jitter_frames: Final = jitter_frames
        self._lines: Final[list[dict[Line, None]]] = [{} for _ in range(slots)]
        self._choirs: Final[list[dict[tuple[int, int], Choir]]] = [{} for _ in range(slots)]
        # Lines that need a look of their own: they play a prompt or listen to another line.
        self._soloists: Final[list[dict[Line, None]]] = [{} for _ in range(slots)]
        self._next_tick: Final = [0] * slots

    def __len__(self) -> int:
        return sum(map(len, self._lines))

    # Lines come and go.

    def open(self, name: str, codec: Codec) -> Line:
        """A new line, silent, in the emptiest slot."""
        slot = min(range(len(self._lines)), key=lambda index: len(self._lines[index]))
        line = Line(name, codec, slot)
        self._lines[slot][line] = None
        self._settle(line)
        return line

    def close(self, line: Line) -> list[str]:
        """Forget the line; the ids of its prompts that were not heard out."""
        unplayed = self.stop(line)
        self.silence(line)
        for ear in list(line.ears):
            self.unlisten(ear, line)
        line.is_open = False
        self._settle(line)
        self._lines[line.slot].pop(line, None)
        line.taps.clear()
        return unplayed

    # What a line hears.

    def play(self, line: Line, sound: Sound, play_id: str) -> bool:
        """Play a sound once, after the prompts that wait already; `due` reports `play_id` when it has ended.

        False if the line is closed or too many prompts wait: then nothing is played and nothing will be
        reported. To play at once, `stop` first.
        """
        if not line.is_open or len(line.prompts) >= PROMPTS_QUEUED_MAX:
            return False
        line.prompts.append(Prompt(sound.frames(line.codec), play_id))
        self._settle(line)
        return True

    def stop(self, line: Line) -> list[str]:
        """Drop the prompt being played and those waiting; their ids, which `due` will not report."""
        unplayed = [prompt.play_id for prompt in line.prompts]
        line.prompts.clear()
        self._settle(line)
        return unplayed

    def loop(self, line: Line, sound: Sound, *, from_start: bool = False) -> None:
        """Make a sound the line's ground, over and over: mid-song, in step with all who hear it.

        With `from_start` it begins at its beginning, as ringback should.
        """
        frames = sound.frames(line.codec)
        offset = self._next_tick[line.slot] % len(frames) if from_start and frames else 0
        self._unlisten_all(line)
        line.ground = (frames, offset) if frames else None
        self._settle(line)

    def silence(self, line: Line) -> None:
        """Make silence the line's ground: no loop, no other party. Prompts go on."""
        self._unlisten_all(line)
        line.ground = None
        self._settle(line)

    def listen(self, line: Line, to: Line) -> None:
        """Make what another line sends part of the line's ground, in place of a loop.

        Several are mixed: a conference, or a supervisor who monitors both parties.
        """
        if line.is_open and to.is_open and line is not to and to not in line.sources:
            line.ground = None
            line.sources[to] = to.ears[line] = Pipe(to, line, self._jitter_frames)
            self._settle(line)

    def unlisten(self, line: Line, to: Line) -> None:
        """Take another line's audio out of the line's ground."""
        if line.sources.pop(to, None):
            del to.ears[line]
            self._settle(line)

    def bridge(self, one: Line, other: Line) -> None:
        """Let two lines hear each other and nobody else."""
        for line, peer in ((one, other), (other, one)):
            self.silence(line)
            self.listen(line, peer)

    # What a line sends.

    def push(self, line: Line, audio: bytes) -> list[bytes]:
        """Audio from the line, in its codec, in pieces of any length; the whole frames that this completes.

        What exceeds `PUSH_BYTES_MAX` is left out.
        """
        if not line.is_open:
            return []
        size = line.codec.frame_bytes
        audio = line.rest + audio[:PUSH_BYTES_MAX]
        whole = len(audio) // size * size
        frames = [audio[start : start + size] for start in range(0, whole, size)]
        line.rest = audio[whole:]
        line.received += len(frames)
        for frame in frames:
            for pipe in line.ears.values():
                pipe.push(frame)
            for tap in line.taps:
                tap.hear(frame)
        return frames

    def record(self, line: Line, max_ms: int = TAP_LENGTH_MAX_MS) -> Tap:
        """Record what the line sends from now on, up to `max_ms`; several recordings may run."""
        tap = Tap(line.codec, max_ms)
        if line.is_open:
            line.taps[tap] = None
        return tap

    def stop_recording(self, line: Line, tap: Tap) -> None:
        """End a recording; the tap keeps what it has."""
        line.taps.pop(tap, None)

    # The tick.

    def due(self, slot: int, tick: int) -> Due:
        """The frames of one slot at one tick, to be sent now, and the prompts that ended."""
        self._next_tick[slot] = tick + 1
        frames: list[tuple[Line, bytes]] = []
        finished: list[tuple[Line, str]] = []
        for choir in self._choirs[slot].values():
            frames.extend(zip(choir.lines, repeat(choir.frame(tick)), strict=False))
        for line in list(self._soloists[slot]):
            frame = _prompted(line, finished)
            if frame is None and line.sources:
                frame = self._mixed(line)
            elif frame is None:
                self._settle(line)  # joins its choir, which has sung this tick already
                frame = line.choir.frame(tick) if line.choir else None
            if frame is not None:
                frames.append((line, frame))
        return Due(frames, finished)

    def _mixed(self, line: Line) -> bytes | None:
        heard = [frame for pipe in line.sources.values() if (frame := pipe.pull()) is not None]
        if not heard:
            return line.codec.silence if self._send_silence else None
        return heard[0] if len(heard) == 1 else _sum(line.codec, heard)

    def _settle(self, line: Line) -> None:
        """Put the line where its state belongs: among the soloists, in a choir, or nowhere."""
        soloists, choirs = self._soloists[line.slot], self._choirs[line.slot]
        soloists.pop(line, None)
        if (choir := line.choir) is not None:
            line.choir = None
            del choir.lines[line]
            if not choir.lines:
                del choirs[id(choir.frames), choir.offset]
        if not line.is_open:
            return
        if line.prompts or line.sources:
            soloists[line] = None
            return
        ground = line.ground or ((_SILENCE[line.codec], 0) if self._send_silence else None)
        if ground:
            frames, offset = ground
            # By identity: a choir holds its frames, so no other loop can have their id while it lives.
            line.choir = choirs.setdefault((id(frames), offset), Choir(frames, offset))
            line.choir.lines[line] = None

    def _unlisten_all(self, line: Line) -> None:
        for source in list(line.sources):
            self.unlisten(line, source)


def _prompted(line: Line, finished: list[tuple[Line, str]]) -> bytes | None:
    """The next frame of the line's prompts, if any is left."""
    prompts = line.prompts
    while prompts:
        prompt = prompts[0]
        if prompt.at < len(prompt.frames):
            prompt.at += 1
            for pipe in line.sources.values():
                pipe.pull()  # what the others say meanwhile is over when the prompt is
            return prompt.frames[prompt.at - 1]
        prompts.popleft()
        finished.append((line, prompt.play_id))
    return None


def _sum(codec: Codec, frames: Iterable[bytes]) -> bytes:
    total = bytes(codec.frame_samples * 2)
    for frame in frames:
        total = audioop.add(total, codec.decode(frame), 2)
    return codec.encode(total)
