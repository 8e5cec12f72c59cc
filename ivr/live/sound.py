"""Sound for real lines: prompts are spoken off the loop, and one clock sends every line its packets.

Only lines with a codec are here. The clock runs while there is a line; its twenty milliseconds are
cut into slots, so that five hundred packets do not go out in one burst.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Final

from ivr.core.commands import Spoken
from ivr.limits import RECORDING_MS_MAX, SPEECH_SECONDS_MAX
from ivr.live.call_sound import CallSound
from ivr.live.outbox import packet
from ivr.media import (
    CODECS,
    Beat,
    Line,
    Pacer,
    Playout,
    Recorder,
    Sound,
    Speaker,
    Tap,
    music,
    read_wav,
    text_tone,
    tone,
)

TALK: Final = {
    "en": "Hello, thank you for waiting. Let me look at that for you. One moment, please. Yes, I can see it here.",
    "ru": "Здравствуйте, спасибо за ожидание. Сейчас я посмотрю. Одну минуту. Да, я вижу ваш договор.",
    "uk": "Вітаю, дякую за очікування. Зараз подивлюся. Хвилинку, будь ласка. Так, бачу ваш договір.",
}
"""What a simulated agent says to a caller with ears."""

TICK_SECONDS_MIN: Final = 0.001
"""Event loops count in milliseconds: asking for less makes some of them spin."""

TONES: Final = {"ringback": "ringback-eu", "busy": "busy-eu", "beep": "record-beep"}
"""What the engine calls a tone, and which one is played."""


class SoundDesk:
    """Every line with a codec, and the clock that plays to them."""

    def __init__(
        self,
        folder: Path,
        cache: Path | None,
        on_late: Callable[[float], object],
        on_skipped: Callable[[float], object],
        on_fault: Callable[[str, BaseException], object],
    ) -> None:
        """`folder` is the center's, where sound files are named from.

        `on_late` gets seconds of lateness a beat, `on_skipped` ticks that were left out, `on_fault` what
        went wrong with a sound, and where.
        """
        self._playout = Playout()
        self._speaker = Speaker(cache)
        self._folder = folder
        self._on_late = on_late
        self._on_skipped = on_skipped
        self._on_fault = on_fault
        self._ground: dict[str, int] = {}
        self._loop = asyncio.get_running_loop()
        self._pacer: Pacer | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._lines: dict[str, Line] = {}
        self._send: dict[str, Callable[[bytes], None]] = {}
        self._finished: dict[str, Callable[[int], None]] = {}
        self._saying: dict[str, int] = {}
        self._music: dict[str, Sound] = {}
        self._taps: dict[str, Tap] = {}
        self._calls: dict[str, CallSound] = {}
        self._writing: dict[Line, CallSound] = {}
        self._framed: tuple[bytes, bytes] = (b"", b"")

    @property
    def problem(self) -> str | None:
        """Why speech is not what it could be, if it is not."""
        return self._speaker.problem

    @property
    def engine(self) -> str:
        """What speaks: `espeak` (as a library or a command) or `tones`."""
        return str(self._speaker.engine).partition("-")[0]

    def has(self, line: str) -> bool:
        """Whether a line has sound."""
        return line in self._lines

    def open(
        self, line: str, codec: str, send: Callable[[bytes], None], finished: Callable[[int], None]
    ) -> None:
        """Give a line sound: `send` takes framed packets, `finished` the number of a prompt heard to its end."""
        self._lines[line] = self._playout.open(line, CODECS[codec])
        self._send[line] = send
        self._finished[line] = finished
        self._ground[line] = 0
        if self._pacer is None:
            self._pacer = Pacer(time.monotonic_ns())
            self._tick()

    def close(self, line: str) -> None:
        """Take a line's sound away."""
        self._saying.pop(line, None)
        self._taps.pop(line, None)
        if (opened := self._lines.pop(line, None)) is not None:
            self._playout.close(opened)
            del self._send[line], self._finished[line], self._ground[line]

    def forget(self) -> None:
        """Sound files may have changed: read them anew when they are next asked for."""
        self._music.clear()

    # What a line hears -----------------------------------------------------------------------------------

    def play(self, line: str, play: int, spoken: Spoken) -> None:
        """Say a prompt as soon as its speech is there."""
        self._saying[line] = play
        self._task(self._speak(line, play, spoken))

    def stop(self, line: str, play: int) -> None:
        """Break a prompt off."""
        if self._saying.get(line) == play:
            del self._saying[line]
        if (opened := self._lines.get(line)) is not None:
            self._playout.stop(opened)

    async def _speak(self, line: str, play: int, spoken: Spoken) -> None:
        try:
            async with asyncio.timeout(SPEECH_SECONDS_MAX):
                sound = await asyncio.to_thread(self._sound_of, spoken, line)
        except Exception as fault:  # noqa: BLE001 - whatever failed, the caller must not wait in silence for good
            self._on_fault("prompt", fault)
            sound = text_tone(spoken.text)
        opened = self._lines.get(line)
        if opened is not None and self._saying.get(line) == play:
            self._playout.stop(opened)
            if not self._playout.play(opened, sound, str(play)):
                self._finished[line](play)

    def _sound_of(self, spoken: Spoken, line: str) -> Sound:
        """In a thread: read or speak, and cut into the line's frames, so that the loop does not."""
        sound = (
            read_wav(self._folder / spoken.wav)
            if spoken.wav
            else self._speaker.speak(spoken.text, spoken.language, spoken.voice or None)
        )
        if (opened := self._lines.get(line)) is not None:
            sound.frames(opened.codec)
        return sound

    def music(self, line: str, name: str) -> None:
        """Music or a tone from now on; empty: silence."""
        opened = self._lines.get(line)
        if opened is None:
            return
        ground = self._change(line)
        if not name:
            self._playout.silence(opened)
        elif name in self._music:
            self._begin(opened, name)
        else:
            self._task(self._load_music(line, opened, name, ground))

    def _change(self, line: str) -> int:
        """What a line hears beneath its prompts changes now; what was still being loaded for it comes too late."""
        self._ground[line] += 1
        return self._ground[line]

    async def _load_music(self, line: str, opened: Line, name: str, ground: int) -> None:
        self._music[name] = await asyncio.to_thread(self._music_of, name, opened)
        if self._ground.get(line) == ground:
            self._begin(opened, name)

    def _music_of(self, name: str, line: Line) -> Sound:
        path = self._folder / name
        sound = tone(TONES[name]) if name in TONES else music(str(path) if path.suffix == ".wav" else name)
        sound.frames(line.codec)
        return sound

    def _begin(self, line: Line, name: str) -> None:
        if name == "beep":
            self._playout.silence(line)
            self._playout.play(line, self._music[name], "0")
        else:
            self._playout.loop(line, self._music[name], from_start=name in TONES)

    def bridge(self, one: str, other: str) -> None:
        """Let two lines hear each other."""
        first, second = self._lines.get(one), self._lines.get(other)
        for line in (one, other):
            if line in self._lines:
                self._change(line)
        if first is not None and second is not None:
            self._playout.bridge(first, second)
        for heard in (first, second):
            if heard is not None and (first is None or second is None):
                self._playout.silence(heard)

    def hear(self, line: str, others: Iterable[str]) -> None:
        """Let a line hear exactly these others, mixed; those without sound are silent."""
        if (opened := self._lines.get(line)) is None:
            return
        self._change(line)
        self._playout.silence(opened)
        for other in others:
            if (source := self._lines.get(other)) is not None:
                self._playout.listen(opened, source)

    def part(self, line: str) -> None:
        """A line hears nobody any more."""
        if (opened := self._lines.get(line)) is not None:
            self._change(line)
            self._playout.silence(opened)

    def talk(self, line: str, language: str) -> None:
        """A simulated party talks to this line."""
        self._task(self._talk(line, language, self._change(line)))

    async def _talk(self, line: str, language: str, ground: int) -> None:
        spoken = Spoken(TALK.get(language, TALK["en"]), language, 0)
        sound = await asyncio.to_thread(self._sound_of, spoken, line)
        if self._ground.get(line) == ground:
            self._playout.loop(self._lines[line], sound, from_start=True)

    # What a line says ------------------------------------------------------------------------------------

    def push(self, line: str, audio: bytes) -> None:
        """Sound from a line, in its codec."""
        if (opened := self._lines.get(line)) is not None:
            self._playout.push(opened, audio)

    def record(self, line: str) -> None:
        """Record what a line says from now on."""
        if (opened := self._lines.get(line)) is not None:
            self._taps[line] = self._playout.record(opened, RECORDING_MS_MAX)

    def recorded(self, line: str) -> Tap | None:
        """End a line's recording and take it."""
        opened, tap = self._lines.get(line), self._taps.pop(line, None)
        if opened is not None and tap is not None:
            self._playout.stop_recording(opened, tap)
        return tap

    def record_call(self, line: str, path: Path) -> bool:
        """Record a line and whoever it talks to into a file; False for a line without sound."""
        if (opened := self._lines.get(line)) is None:
            return False
        self._calls[line] = call = CallSound(self._playout, opened, path)
        self._writing[call.line] = call
        return True

    def records_call(self, line: str) -> bool:
        """Whether the call on a line is being recorded, and not suspended."""
        return line in self._calls and not self._calls[line].suspended

    def suspend_call(self, line: str, *, on: bool) -> None:
        """Record silence for a while."""
        if (call := self._calls.get(line)) is not None:
            call.suspend(on=on)

    def call_recorded(self, line: str) -> Recorder | None:
        """End the recording of a call; its file has still to be closed."""
        if (call := self._calls.pop(line, None)) is None:
            return None
        call.end()
        self._writing.pop(call.line, None)
        return call.recorder

    # The clock -------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        pacer = self._pacer
        if pacer is None:
            return
        if not self._lines:
            self._pacer = None
            return
        skipped = pacer.skipped_ticks
        beats = pacer.due(time.monotonic_ns())
        if pacer.skipped_ticks > skipped:
            self._on_skipped(pacer.skipped_ticks - skipped)
        for beat in beats:
            self._on_late(beat.late_ns / 1e9)
            self._beat(beat)
        delay = (pacer.next_due_ns() - time.monotonic_ns()) / 1e9
        self._loop.call_later(max(delay, TICK_SECONDS_MIN), self._tick)

    def _beat(self, beat: Beat) -> None:
        due = self._playout.due(beat.slot, beat.tick)
        send = self._send
        for line, frame in due.frames:
            try:
                if (call := self._writing.get(line)) is not None:
                    call.write(frame)
                elif line.name in send:  # not so when the line, or a recording, has just ended
                    send[line.name](self._frame(frame))
            except Exception as fault:  # noqa: BLE001 - one line's trouble must not end the sound of all
                self._on_fault("line", fault)
                self._give_up(line)
        for line, play in due.finished:
            self._heard(line.name, int(play))

    def _give_up(self, line: Line) -> None:
        """A line's sound cannot be sent: the call goes on without, and what was being said counts as heard."""
        if (call := self._writing.pop(line, None)) is not None:
            call.end()  # the disk is full; the call goes on
            return
        play, finished = self._saying.get(line.name), self._finished.get(line.name)
        self.close(line.name)
        if play is not None and finished is not None:
            finished(play)

    def _frame(self, frame: bytes) -> bytes:
        """Framed once for all lines that hear the very same packet."""
        last, framed = self._framed
        if last is not frame:
            framed = packet(frame)
            self._framed = (frame, framed)
        return framed

    def _heard(self, line: str, play: int) -> None:
        if self._saying.get(line) == play:
            del self._saying[line]
            self._finished[line](play)

    def _task(self, work: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            self._on_fault("sound", fault)

    async def shut(self) -> None:
        """Stop the clock and what is being spoken."""
        self._lines.clear()
        self._pacer = None
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
