"""The bounds of this room, each with its reason."""

from typing import Final

WAV_LENGTH_MAX_MS: Final = 10 * 60_000
"""A prompt or a piece of hold music; ten minutes are 19 MB of PCM and far more than anyone listens to."""

WAV_RATE_MIN_HZ: Final = 4_000
"""Below this nothing of speech is left, and a header that says so is damaged."""

WAV_RATE_MAX_HZ: Final = 192_000
"""The highest rate studios use; more is a damaged header."""

TEXT_CHARS_MAX: Final = 2_000
"""One spoken text: over two minutes. Longer is a template gone wrong and would hold the voice's only lock."""

SPEECH_MEMORY_BYTES_MAX: Final = 32 * 1024 * 1024
"""PCM of recent speech kept in memory: some 17 minutes, several hundred prompts."""

SPEECH_DISK_BYTES_MAX: Final = 256 * 1024 * 1024
"""The speech cache folder: over two hours; templated prompts would otherwise fill a disk in months."""

SPEECH_COMMAND_S: Final = 10.0
"""A healthy espeak-ng takes 20 ms a prompt; after ten seconds it hangs."""

MUSIC_FILES_MAX: Final = 16
"""Author's WAV files of hold music kept in memory at once; a center has a handful."""

PROMPTS_QUEUED_MAX: Final = 64
"""Prompts waiting on one line; a step queues a few, so more is a flow that plays without waiting."""

JITTER_FRAMES_MAX: Final = 10
"""Audio of the other party waiting to be played: 200 ms, beyond which a conversation feels broken."""

BURST_FRAMES_MAX: Final = 250
"""A sentence that a bot sends at once: five seconds. Whoever is ahead for longer has a clock that runs fast."""

TAP_LENGTH_MAX_MS: Final = 10 * 60_000
"""One uplink recording held in memory: 5 MB at 8 kHz."""

PUSH_BYTES_MAX: Final = 64_000
"""One piece of uplink audio, whole frames: 2 s at 16 kHz, 8 s at 8 kHz; bots send half a second at once."""

CATCH_UP_MS: Final = 60
"""How far playout may lag and still send every frame; a phone's jitter buffer swallows three at once."""

RECORDING_LENGTH_MAX_MS: Final = 12 * 3_600_000
"""A call recorded by a client: 1.4 GB at 16 kHz, safely under the 4 GB a WAV header can say."""
