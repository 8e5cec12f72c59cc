"""The espeak-ng synthesizer: its library in this process, or its command.

The library keeps its state in globals, so there is one for the process and one lock around it. Neither way
involves a shell, and the text never becomes an argument.
"""

import ctypes
import functools
import io
import re
import shutil
import subprocess
import threading
from typing import Any, Final, Protocol

from ivr.media.bounds import SPEECH_COMMAND_S
from ivr.media.pcm import audioop, resample
from ivr.media.sound import RATE_HZ, SoundError, decode_wav

__all__ = ["SynthesisError", "Synthesizer", "find_command", "find_library"]

_SYNCHRONOUS: Final = 2
_DONT_EXIT: Final = 0x8000
_UTF8: Final = 1
_RATE: Final = 1
_BY_CHARACTER: Final = 1
_GAIN: Final = 0.8
"""Leaves room for what resampling overshoots: espeak-ng speaks up to full scale."""

_SAFE_VOICE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+_-]{0,39}")


class SynthesisError(Exception):
    """The synthesizer did not do what it was asked; the message says what."""


class Synthesizer(Protocol):
    """What turns clean text into PCM16 at 16 kHz, or raises `SynthesisError`."""

    name: str
    version: str

    def synthesize(self, text: str, voice: str, words_per_min: int) -> bytes:
        """The text spoken by the voice."""


def _checked(voice: str) -> str:
    """The voice, if it can be one: espeak-ng opens voices as files, so no name may contain a path."""
    if not _SAFE_VOICE.fullmatch(voice):
        raise SynthesisError(f"{voice!r} is not the name of a voice")
    return voice


@functools.cache
def find_library() -> Synthesizer | None:
    """The library, if the `speech` extra is installed and starts; looked for once."""
    try:
        import espeakng_loader

        return _Library(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
    except (ImportError, OSError, RuntimeError, AttributeError, SynthesisError):
        return None


def find_command() -> Synthesizer | None:
    """The `espeak-ng` command, if it is on the PATH and answers."""
    if (path := shutil.which("espeak-ng")) is None:
        return None
    try:
        return _Command(path)
    except SynthesisError:
        return None


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class _Voice(ctypes.Structure):
    """espeak_VOICE of speak_lib.h, as far as it is filled in here."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


class _Library:
    """libespeak-ng by ctypes."""

    name = "espeak-library"

    def __init__(self, library: str, data: str) -> None:
        self._lock = threading.Lock()
        self._heard = bytearray()
        self._callback = _Callback(self._hear)
        self._lib = lib = ctypes.CDLL(library)
        lib.espeak_Info.restype = ctypes.c_char_p
        lib.espeak_Synth.argtypes = [
            *(ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint),
            *(ctypes.c_void_p, ctypes.c_void_p),
        ]
        self._rate_hz: int = lib.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), _DONT_EXIT)
        if self._rate_hz <= 0:
            raise SynthesisError("espeak-ng does not find its data")
        lib.espeak_SetSynthCallback(self._callback)
        version: bytes = lib.espeak_Info(None) or b"?"
        self.version = version.decode("ascii", "replace")

    def _hear(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            self._heard += ctypes.string_at(samples, 2 * count)
        return 0

    def _choose(self, voice: bytes) -> None:
        # A voice goes by its file (`en-us`) or its language (`en-gb` is the file `en`), as with the command.
        wanted = _Voice(languages=voice)
        if not self._lib.espeak_SetVoiceByName(voice):
            return
        if self._lib.espeak_SetVoiceByProperties(ctypes.byref(wanted)):
            raise SynthesisError(f"espeak-ng has no voice {voice.decode()!r}")

    def synthesize(self, text: str, voice: str, words_per_min: int) -> bytes:
        """The text spoken by the voice."""
        data = text.encode()
        with self._lock:
            self._heard.clear()
            self._choose(_checked(voice).encode())
            self._lib.espeak_SetParameter(_RATE, words_per_min, 0)
            failed = self._lib.espeak_Synth(data, len(data) + 1, 0, _BY_CHARACTER, 0, _UTF8, None, None)
            if failed:
                raise SynthesisError(f"espeak-ng failed with code {failed}")
            heard = bytes(self._heard)
        return resample(audioop.mul(heard, 2, _GAIN), self._rate_hz, RATE_HZ)


class _Command:
    """The espeak-ng command, one process a prompt."""

    name = "espeak-command"

    def __init__(self, path: str) -> None:
        self._path = path
        self.version = self._run(["--version"], b"").decode("utf-8", "replace").strip()[:80]

    def synthesize(self, text: str, voice: str, words_per_min: int) -> bytes:
        """The text spoken by the voice."""
        # Unlike the library as it is used here, the command takes [[...]] for phonemes.
        text = text.replace("[[", "[ [")
        words = ["-v", _checked(voice), "-s", str(words_per_min), "-b", "1", "--stdin", "--stdout"]
        wav = self._run(words, text.encode())
        try:
            pcm = decode_wav(io.BytesIO(wav), len(wav))
        except SoundError as error:
            raise SynthesisError(f"what espeak-ng wrote {error}") from error
        return audioop.mul(pcm, 2, _GAIN)

    def _run(self, words: list[str], text: bytes) -> bytes:
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program, checked arguments, the text goes to its input
                [self._path, *words], input=text, capture_output=True, timeout=SPEECH_COMMAND_S, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SynthesisError(f"the espeak-ng command failed: {error}") from error
        return done.stdout
