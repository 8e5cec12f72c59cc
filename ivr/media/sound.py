"""A sound: what prompts, tones, speech and hold music have in common once they are audio."""

import io
import wave
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final

import numpy as np

from ivr.media.bounds import WAV_LENGTH_MAX_MS, WAV_RATE_MAX_HZ, WAV_RATE_MIN_HZ
from ivr.media.codec import FRAME_MS, Codec
from ivr.media.pcm import audioop, from_float, resample, to_float

__all__ = [
    "RATE_HZ",
    "Sound",
    "SoundError",
    "decode_wav",
    "encode_wav",
    "join",
    "looped",
    "read_wav",
    "silence",
    "write_wav",
]

RATE_HZ: Final = 16_000
"""The rate of every `Sound`."""

_FRAME_PCM_BYTES: Final = RATE_HZ * FRAME_MS // 1000 * 2
_FADE_SAMPLES: Final = RATE_HZ // 200
_CURE: Final = "save it as 16-bit PCM, for example: ffmpeg -i in.mp3 -ar 16000 -ac 1 -c:a pcm_s16le out.wav"


class SoundError(ValueError):
    """A sound that cannot be had; the message names the file and the cure."""


class Sound:
    """Mono PCM16 at 16 kHz that never changes, with its frames kept for every codec it was asked in.

    `loops` says that the end joins the beginning; such a sound must be a whole number of 20 ms frames.
    """

    __slots__ = ("_frames", "length_ms", "loops", "pcm")

    def __init__(self, pcm: bytes, *, loops: bool = False) -> None:
        if len(pcm) % 2:
            raise SoundError("a sound has an odd number of bytes, so it is not 16-bit PCM")
        if loops and (not pcm or len(pcm) % _FRAME_PCM_BYTES):
            raise SoundError(f"a sound that loops must last a whole number of {FRAME_MS} ms frames")
        self.pcm = pcm
        self.loops = loops
        self.length_ms = len(pcm) // 2 * 1000 // RATE_HZ
        self._frames: dict[Codec, tuple[bytes, ...]] = {}

    def frames(self, codec: Codec) -> tuple[bytes, ...]:
        """The sound in 20 ms frames; the last one ends in silence. Made once, then shared.

        The first call for a codec resamples the whole sound (1 ms for a prompt, 20 ms for a minute of music):
        make it outside the event loop.
        """
        if (frames := self._frames.get(codec)) is None:
            pcm = resample(self.pcm, RATE_HZ, codec.rate_hz, loops=self.loops)
            # Two threads may both get here; setdefault lets only one of the results be seen.
            frames = self._frames.setdefault(codec, codec.frames(codec.encode(pcm)))
        return frames

    def __repr__(self) -> str:
        return f"<Sound {self.length_ms} ms{', loops' if self.loops else ''}>"


def silence(length_ms: int) -> Sound:
    """Nothing, for that long."""
    return Sound(bytes(RATE_HZ * length_ms // 1000 * 2))


def join(sounds: Iterable[Sound], gap_ms: int = 0) -> Sound:
    """Sounds one after the other with a pause between: "you are number" + "seven" + "in the queue"."""
    return Sound(silence(gap_ms).pcm.join(sound.pcm for sound in sounds))


def read_wav(path: Path | str, *, loops: bool = False) -> Sound:
    """A WAV file of 8, 16, 24 or 32-bit PCM, mono or stereo, at any usual rate.

    With `loops` it is cut to whole frames and its ends are faded over 5 ms, so that any recording can loop
    without a click. Raises `SoundError` if it is missing, not a WAV, compressed, damaged, empty or too long.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            pcm = decode_wav(file, path.stat().st_size)
    except FileNotFoundError:
        raise SoundError(f"{path}: no such file; paths are relative to the center's folder") from None
    except OSError as error:
        raise SoundError(f"{path}: cannot be read: {error.strerror or error}") from error
    except SoundError as error:
        raise SoundError(f"{path}: {error}") from None
    return looped(pcm) if loops else Sound(pcm)


def decode_wav(file: IO[bytes], size_bytes: int) -> bytes:
    """The PCM16 at 16 kHz of an open WAV file; raises `SoundError` without naming the file."""
    try:
        with wave.open(file) as reader:
            channels, width, rate_hz = reader.getnchannels(), reader.getsampwidth(), reader.getframerate()
            # A WAV written to a pipe claims a length of its own; the file's size is the truth.
            count = min(reader.getnframes(), size_bytes // max(1, channels * width))
            _check_form(channels, width, rate_hz, count)
            data = reader.readframes(count)
    except EOFError:
        raise SoundError(f"is empty or cut off in its header; {_CURE}") from None
    except wave.Error as error:
        what = "is a compressed WAV" if "unknown format" in str(error) else "is not a WAV file"
        raise SoundError(f"{what} ({error}); {_CURE}") from None
    data = data[: len(data) // (channels * width) * channels * width]
    if not data:
        raise SoundError(f"has no sound in it; {_CURE}")
    if width == 1:
        data = audioop.bias(data, 1, -128)  # eight-bit WAV is unsigned
    pcm = data if width == 2 else audioop.lin2lin(data, width, 2)
    mono = pcm if channels == 1 else audioop.tomono(pcm, 2, 0.5, 0.5)
    return resample(mono, rate_hz, RATE_HZ)


def _check_form(channels: int, width: int, rate_hz: int, count: int) -> None:
    if channels > 2:
        raise SoundError(f"has {channels} channels; {_CURE}")
    if width not in {1, 2, 3, 4}:
        raise SoundError(f"has {8 * width}-bit samples; {_CURE}")
    if not WAV_RATE_MIN_HZ <= rate_hz <= WAV_RATE_MAX_HZ:
        raise SoundError(f"claims {rate_hz} samples a second; {_CURE}")
    if count * 1000 > WAV_LENGTH_MAX_MS * rate_hz:
        raise SoundError(
            f"lasts {count // rate_hz} s, more than the {WAV_LENGTH_MAX_MS // 1000} s a sound may; cut it"
        )


def looped(pcm: bytes) -> Sound:
    """PCM at 16 kHz made fit to loop: cut to whole frames, both ends faded over 5 ms."""
    whole = pcm[: len(pcm) // _FRAME_PCM_BYTES * _FRAME_PCM_BYTES]
    if not whole:
        raise SoundError(f"is shorter than one {FRAME_MS} ms frame, too short to loop")
    samples = to_float(whole)
    ramp = np.linspace(0, 1, _FADE_SAMPLES, dtype=np.float32)
    samples[:_FADE_SAMPLES] *= ramp
    samples[-_FADE_SAMPLES:] *= ramp[::-1]
    return Sound(from_float(samples), loops=True)


def write_wav(path: Path | str, pcm: bytes, rate_hz: int) -> None:
    """Write mono PCM16 as a WAV file; frames go through `codec.decode` first."""
    Path(path).write_bytes(encode_wav(pcm, rate_hz))


def encode_wav(pcm: bytes, rate_hz: int) -> bytes:
    """Mono PCM16 as the bytes of a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate_hz)
        writer.writeframes(pcm)
    return buffer.getvalue()
