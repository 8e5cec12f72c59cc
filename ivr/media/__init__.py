"""Prompts to sound: everything between a text or a file and the 20 ms frames a phone gets.

Everything audible is a `Sound`: mono PCM16 at 16 kHz, immutable, made once and shared. There are five
sources: WAV files (`read_wav`), speech (`Speaker`: espeak-ng, or tones that last as long), tones of the
network and keys (`tone`, `dtmf`), hold music rendered from scores (`music`), and silence. A sound cuts itself
into frames of a `Codec` once and keeps them, so a frame that goes to five hundred callers is one object.

`Playout` decides which frame each line gets at each tick. Like the engine of the core it has no clock, no
task and no socket: a `Pacer` says from the driver's clock which beat is due, `Playout.due` says what to send
and which prompts have ended, and the driver sends it. The way up is `Playout.push`: to the lines that listen,
to recordings, and back to the driver as whole frames for a `DtmfDetector`.

Making sounds takes milliseconds (speech, first frames of a sound) and belongs into a thread; playing them
takes well under a microsecond a line and belongs into the loop. Nothing here imports asyncio or another room.
"""

from ivr.media.codec import ALAW, CODECS, FRAME_MS, SLIN16, ULAW, Codec, Transcoder, transcode
from ivr.media.keypad import DIGITS, DtmfDetector, Press
from ivr.media.line import Line, Tap
from ivr.media.music import PIECES, music
from ivr.media.pacer import SLOTS, Beat, Pacer
from ivr.media.playout import Due, Playout
from ivr.media.recorder import Recorder
from ivr.media.sound import RATE_HZ, Sound, SoundError, join, read_wav, silence, write_wav
from ivr.media.speech import WORDS_PER_MIN, Engine, Speaker
from ivr.media.tones import TONES, dtmf, spoken_ms, text_tone, tone

__all__ = [
    "ALAW",
    "CODECS",
    "DIGITS",
    "FRAME_MS",
    "PIECES",
    "RATE_HZ",
    "SLIN16",
    "SLOTS",
    "TONES",
    "ULAW",
    "WORDS_PER_MIN",
    "Beat",
    "Codec",
    "DtmfDetector",
    "Due",
    "Engine",
    "Line",
    "Pacer",
    "Playout",
    "Press",
    "Recorder",
    "Sound",
    "SoundError",
    "Speaker",
    "Tap",
    "Transcoder",
    "dtmf",
    "join",
    "music",
    "read_wav",
    "silence",
    "spoken_ms",
    "text_tone",
    "tone",
    "transcode",
    "write_wav",
]
