"""Codecs against G.711 itself, and streams between rates against the sine that went in."""

import numpy as np
import pytest

from ivr.media.codec import ALAW, CODECS, SLIN16, ULAW, Codec, Transcoder, transcode
from ivr.media.pcm import audioop, from_float, level_dbfs, peak_dbfs, resample, to_float

EVERY_BYTE = bytes(range(256))


def sine(hertz: float, rate_hz: int, length_ms: int, amplitude: float = 0.5) -> bytes:
    count = rate_hz * length_ms // 1000
    return from_float(amplitude * np.sin(2 * np.pi * hertz / rate_hz * np.arange(count)))


def ulaw_value(code: int) -> int:
    """G.711 mu-law, from the Recommendation's formula, scaled to 16 bits."""
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << (code >> 4 & 7)) - 0x84
    return -magnitude if code & 0x80 else magnitude


def alaw_value(code: int) -> int:
    """G.711 A-law, likewise."""
    code ^= 0x55
    segment, step = code >> 4 & 7, code & 0x0F
    magnitude = (step << 4) + 8 if segment == 0 else (step << 4) + 0x108 << segment - 1
    return magnitude if code & 0x80 else -magnitude


@pytest.mark.parametrize(("codec", "value"), [(ULAW, ulaw_value), (ALAW, alaw_value)])
def test_decoding_is_the_table_of_g711(codec: Codec, value: object) -> None:
    assert callable(value)
    decoded = np.frombuffer(codec.decode(EVERY_BYTE), "<i2").tolist()
    assert decoded == [value(code) for code in range(256)]


@pytest.mark.parametrize("codec", [ULAW, ALAW])
def test_every_code_survives_a_round_trip(codec: Codec) -> None:
    pcm = codec.decode(EVERY_BYTE)
    assert codec.decode(codec.encode(pcm)) == pcm


@pytest.mark.parametrize("codec", [ULAW, ALAW])
def test_encoding_is_never_off_by_more_than_half_a_step(codec: Codec) -> None:
    pcm = np.arange(-32000, 32001, dtype="<i2")
    back = np.frombuffer(codec.decode(codec.encode(pcm.tobytes())), "<i2").astype(int)
    # Sixteen steps an octave: half of one is a thirty-second of the value, or the rounding to 14 (13) bits.
    assert (np.abs(back - pcm) <= (np.abs(pcm.astype(int)) + 132) / 32 + 9).all()
    assert (np.diff(back) >= 0).all()


def test_ulaw_encodes_as_audioop_does() -> None:
    pcm = np.arange(-32768, 32768, 7, dtype="<i2").tobytes()
    assert ULAW.encode(pcm) == audioop.lin2ulaw(pcm, 2)
    assert ALAW.encode(pcm) == audioop.lin2alaw(pcm, 2)


@pytest.mark.parametrize("codec", CODECS.values(), ids=str)
def test_a_frame_is_twenty_milliseconds_and_silence_is_silent(codec: Codec) -> None:
    assert len(codec.silence) == codec.frame_bytes
    assert len(codec.decode(codec.silence)) == codec.frame_samples * 2 == codec.rate_hz // 50 * 2
    assert peak_dbfs(codec.decode(codec.silence)) < -70


@pytest.mark.parametrize("codec", CODECS.values(), ids=str)
def test_the_last_frame_is_filled_up_with_silence(codec: Codec) -> None:
    size = codec.frame_bytes
    frames = codec.frames(b"\x01" * (size + 2))
    assert [len(frame) for frame in frames] == [size, size]
    assert frames[1] == b"\x01\x01" + codec.silence[2:]
    assert codec.frames(b"") == ()


def test_transcoding_to_the_same_codec_is_the_same_object() -> None:
    frame = bytes(160)
    assert transcode(frame, ULAW, ULAW) is frame


@pytest.mark.parametrize(("source", "target"), [(ULAW, ALAW), (ALAW, ULAW)])
def test_law_to_law_is_as_good_as_through_pcm(source: Codec, target: Codec) -> None:
    assert transcode(EVERY_BYTE, source, target) == target.encode(source.decode(EVERY_BYTE))


@pytest.mark.parametrize(
    ("source", "target"), [(ULAW, SLIN16), (ALAW, SLIN16), (SLIN16, ULAW), (SLIN16, ALAW)], ids=str
)
def test_a_stream_between_rates_keeps_a_sine_clean_across_frames(source: Codec, target: Codec) -> None:
    frames = source.frames(source.encode(sine(1000, source.rate_hz, 1000)))
    way = Transcoder(source, target)
    out = [way.feed(frame) for frame in frames]
    assert {len(frame) for frame in out} == {target.frame_bytes}
    heard = to_float(target.decode(b"".join(out)))[target.rate_hz // 10 :]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard)))) ** 2
    hertz = np.fft.rfftfreq(len(heard), 1 / target.rate_hz)
    near = np.abs(hertz - 1000) < 20
    assert 10 * np.log10(spectrum[~near].sum() / spectrum[near].sum()) < -30  # what G.711 itself leaves
    assert level_dbfs(from_float(heard)) == pytest.approx(-9.03, abs=0.2)


def test_what_eight_kilohertz_cannot_carry_is_gone_rather_than_folded() -> None:
    high = SLIN16.frames(sine(6000, 16000, 400))
    way = Transcoder(SLIN16, ULAW)
    heard = b"".join(way.feed(frame) for frame in high)[800:]
    assert level_dbfs(ULAW.decode(heard)) < -45


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 22050, 32000, 44100, 48000])
@pytest.mark.parametrize("with_soxr", [True, False])
def test_resampling_keeps_pitch_level_and_length(
    rate_hz: int, with_soxr: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not with_soxr:
        monkeypatch.setattr("ivr.media.pcm._soxr", lambda: None)
    out = to_float(resample(sine(700, rate_hz, 400), rate_hz, 16000))
    assert len(out) == 6400, "to the sample, or a loop of whole frames would lose its last"
    middle = out[1000:6000]
    peak_hz = np.abs(np.fft.rfft(middle * np.hanning(5000))).argmax() * 16000 / 5000
    assert peak_hz == pytest.approx(700, abs=4)
    assert level_dbfs(from_float(middle)) == pytest.approx(-9.03, abs=0.3)


@pytest.mark.parametrize("with_soxr", [True, False])
def test_resampling_a_loop_leaves_no_seam(with_soxr: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not with_soxr:
        monkeypatch.setattr("ivr.media.pcm._soxr", lambda: None)
    circle = sine(450, 16000, 100)  # 45 whole turns
    assert len(circle) == 3200
    once = to_float(resample(circle, 16000, 8000, loops=True))
    assert len(once) == 800
    expected = to_float(sine(450, 8000, 100))
    assert np.abs(once - expected).max() < 0.01
