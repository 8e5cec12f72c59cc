"""Text to speech, made once: espeak-ng where there is one, else tones as long as the text would take.

What was spoken is kept under a hash of everything that shapes it, in memory and in a folder, so a prompt
costs its few milliseconds once in the life of the folder. Nothing here fails: whatever goes wrong becomes
tones, or memory only, and `Speaker.problem` says what it was.
"""

import hashlib
import io
import os
import tempfile
import threading
import unicodedata
from collections import OrderedDict
from pathlib import Path
from typing import Final, Literal

from ivr.media.bounds import SPEECH_DISK_BYTES_MAX, SPEECH_MEMORY_BYTES_MAX, TEXT_CHARS_MAX
from ivr.media.espeak import SynthesisError, Synthesizer, find_command, find_library
from ivr.media.sound import RATE_HZ, Sound, SoundError, decode_wav, encode_wav, silence
from ivr.media.tones import is_speakable, text_tone

__all__ = ["WORDS_PER_MIN", "Engine", "Speaker"]

Engine = Literal["auto", "espeak", "tones"]

WORDS_PER_MIN: Final = 145
"""Slower than espeak-ng's own 175: over a telephone, and for people who do not expect it."""

_NOTHING_MS: Final = 200
_VOICES: Final = {"en": "en-us", "ru": "ru", "uk": "uk", "ua": "uk"}


class Speaker:
    """Speaks texts and remembers them; one for a process, used from any thread.

    `engine` is `auto` (espeak-ng if there is one), `espeak` (the same, but its absence is a problem) or
    `tones`. `problem` is what last went wrong, in a sentence for the operator, else None; `engine` names what
    speaks: `espeak-library`, `espeak-command` or `tones`.
    """

    def __init__(self, cache_dir: Path | None = None, engine: Engine = "auto") -> None:
        self.problem: str | None = None
        self._synthesizer = None if engine == "tones" else find_library() or find_command()
        if engine == "espeak" and self._synthesizer is None:
            self.problem = "no espeak-ng, so prompts are tones; install it with: pip install 'ivr[speech]'"
        self.engine = self._synthesizer.name if self._synthesizer else "tones"
        self._memory = _Memory()
        self._making = threading.Lock()
        self._folder = self._open(cache_dir) if self._synthesizer else None

    def speak(self, text: str, language: str, voice: str | None = None) -> Sound:
        """The text as sound: the very same object again while it is remembered.

        `language` is a code such as `en`, `ru` or `uk`; `voice` is one of espeak-ng's names (`en-gb`,
        `ru+f3`) and wins over the language. What cannot be spoken is short silence; what is too long is cut
        at `TEXT_CHARS_MAX`. Takes 5 to 50 ms the first time: call it outside the event loop. Never raises.
        espeak-ng is a little random: the same text made anew may differ by 20 ms; once kept, it does not.
        """
        text = self._bounded(text)
        if not is_speakable(text):
            return silence(_NOTHING_MS)
        key = self._key(text, language, voice)
        if sound := self._memory.get(key):
            return sound
        # The synthesizer has one lock anyway, and nobody should make the same prompt twice.
        with self._making:
            sound = self._memory.get(key) or self._load(key) or self._make(key, text, language, voice)
            self._memory.put(key, sound)
            return sound

    def _bounded(self, text: str) -> str:
        given = len(text)
        text = _clean(text)
        if len(text) <= TEXT_CHARS_MAX:
            return text
        self.problem = f"a text of {given} characters was cut to {TEXT_CHARS_MAX}: {text[:40]}..."
        return text[:TEXT_CHARS_MAX].rpartition(" ")[0] or text[:TEXT_CHARS_MAX]

    def _key(self, text: str, language: str, voice: str | None) -> str:
        version = self._synthesizer.version if self._synthesizer else "1"
        parts = (self.engine, version, voice or "", language, str(WORDS_PER_MIN), text)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()

    def _make(self, key: str, text: str, language: str, voice: str | None) -> Sound:
        if self._synthesizer is None:
            return text_tone(text)
        try:
            sound = Sound(self._synthesized(self._synthesizer, text, language, voice))
        except SynthesisError as error:
            self.problem = f"{error}; tones stand in for: {text[:40]}"
            return text_tone(text)
        self._save(key, sound)
        return sound

    def _synthesized(self, synthesizer: Synthesizer, text: str, language: str, voice: str | None) -> bytes:
        own = _VOICES.get(language.lower(), language)
        try:
            pcm = synthesizer.synthesize(text, voice or own, WORDS_PER_MIN)
        except SynthesisError as error:
            if voice is None:
                raise
            self.problem = f"{error}; the voice of {language!r} stands in"
            pcm = synthesizer.synthesize(text, own, WORDS_PER_MIN)
        if not pcm.strip(b"\0"):
            raise SynthesisError(f"espeak-ng has no sound for a text in {language!r}")
        return pcm

    # The folder

    def _open(self, cache_dir: Path | None) -> "_Folder | None":
        if cache_dir is None:
            return None
        try:
            return _Folder(cache_dir)
        except OSError as error:
            self.problem = _unusable(cache_dir, error)
            return None

    def _load(self, key: str) -> Sound | None:
        return self._folder.load(key) if self._folder else None

    def _save(self, key: str, sound: Sound) -> None:
        if self._folder is None:
            return
        try:
            self._folder.save(key, sound)
        except OSError as error:
            self.problem = _unusable(self._folder.path, error)
            self._folder = None


def _unusable(path: Path, error: OSError) -> str:
    return f"speech is kept in memory only: {path} cannot be written ({error.strerror or error})"


def _clean(text: str) -> str:
    """One line of visible text in one spelling: no control characters, no half characters, single spaces."""
    # Twice the bound leaves room for what cleaning drops, and no huge text is worked through to the end.
    head = unicodedata.normalize("NFC", text[: 2 * TEXT_CHARS_MAX])
    kept = (char if char.isprintable() else " " for char in head if unicodedata.category(char) != "Cf")
    return " ".join("".join(kept).split())


class _Memory:
    """The sounds used last, up to a number of bytes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sounds: OrderedDict[str, Sound] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> Sound | None:
        with self._lock:
            if sound := self._sounds.get(key):
                self._sounds.move_to_end(key)
            return sound

    def put(self, key: str, sound: Sound) -> None:
        with self._lock:
            if old := self._sounds.pop(key, None):
                self._bytes -= len(old.pcm)
            self._sounds[key] = sound
            self._bytes += len(sound.pcm)
            while self._bytes > SPEECH_MEMORY_BYTES_MAX and len(self._sounds) > 1:
                _, oldest = self._sounds.popitem(last=False)
                self._bytes -= len(oldest.pcm)


class _Folder:
    """WAV files by key; written whole or not at all; the oldest go when there are too many."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass  # says at the start, rather than at the first call, that nothing can be written here
        self._bytes = sum(size for _, size, _ in self._entries())

    def load(self, key: str) -> Sound | None:
        """The sound of that key, if its file is there and sound."""
        try:
            data = (self.path / f"{key}.wav").read_bytes()
            pcm = decode_wav(io.BytesIO(data), len(data))
        except (OSError, SoundError):
            return None
        return (
            Sound(pcm) if data == encode_wav(pcm, RATE_HZ) else None
        )  # else it is cut off, or not from here

    def save(self, key: str, sound: Sound) -> None:
        """Keep a sound; a reader in another process sees the old file or the new one, never half of one."""
        data = encode_wav(sound.pcm, RATE_HZ)
        handle, name = tempfile.mkstemp(suffix=".part", dir=self.path)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(self.path / f"{key}.wav")
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        self._bytes += len(data)
        if self._bytes > SPEECH_DISK_BYTES_MAX:
            self._prune()

    def _entries(self) -> list[tuple[int, int, Path]]:
        """Time written, size and path of every file."""
        entries = []
        for path in self.path.glob("*.wav"):
            try:
                about = path.stat()
            except FileNotFoundError:
                continue  # another process pruned it
            entries.append((about.st_mtime_ns, about.st_size, path))
        return entries

    def _prune(self) -> None:
        entries = sorted(self._entries())
        self._bytes = sum(size for _, size, _ in entries)
        for _, size, path in entries:
            if self._bytes <= SPEECH_DISK_BYTES_MAX * 3 // 4:
                break
            path.unlink(missing_ok=True)
            self._bytes -= size
