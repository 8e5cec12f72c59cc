"""Speech: what is spoken, what is remembered, and what happens when something is missing or broken."""

import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from ivr.media import espeak, speech
from ivr.media.bounds import TEXT_CHARS_MAX
from ivr.media.espeak import SynthesisError, find_library
from ivr.media.keypad import DtmfDetector
from ivr.media.pcm import level_dbfs, resample
from ivr.media.sound import encode_wav
from ivr.media.speech import Speaker
from ivr.media.tones import spoken_ms, text_tone

TEXTS = {
    "en": "Welcome to Northlight. For billing, press one.",
    "ru": "Добро пожаловать в Нордлайт. Для оплаты нажмите один.",
    "uk": "Ласкаво просимо до Нордлайт. Для оплати натисніть один.",
}

needs_espeak = pytest.mark.skipif(
    find_library() is None, reason="espeakng-loader is not installed: pip install 'ivr[speech]'"
)


class Fake:
    """A synthesizer that counts."""

    name = "espeak-library"
    version = "1"

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.voices = {"en-us", "ru", "uk", "en+f3"}
        self.busy = 0

    def synthesize(self, text: str, voice: str, words_per_min: int) -> bytes:
        self.busy += 1
        assert self.busy == 1, "two threads in a synthesizer that has globals"
        self.asked.append((text, voice))
        try:
            if voice not in self.voices:
                raise SynthesisError(f"espeak-ng has no voice {voice!r}")
            return (len(text) % 250 + 1).to_bytes(2, "little") * 800 * len(text)
        finally:
            self.busy -= 1


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    made = Fake()
    monkeypatch.setattr(speech, "find_library", lambda: made)
    return made


@pytest.fixture
def no_espeak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "find_library", lambda: None)
    monkeypatch.setattr(speech, "find_command", lambda: None)


@needs_espeak
def test_three_languages_are_spoken_differently_at_a_sensible_pace() -> None:
    speaker = Speaker()
    assert speaker.engine == "espeak-library"
    sounds = {language: speaker.speak(text, language) for language, text in TEXTS.items()}
    for language, sound in sounds.items():
        assert 0.5 < sound.length_ms / spoken_ms(TEXTS[language]) < 1.7
        assert -30 < level_dbfs(sound.pcm) < -14
        assert DtmfDetector().feed(resample(sound.pcm, 16000, 8000)) == []
    assert len({sound.pcm for sound in sounds.values()}) == 3
    assert speaker.speak(TEXTS["ru"], "uk").pcm != sounds["ru"].pcm, "the language shapes the sound"
    assert speaker.speak(TEXTS["en"], "en", "en-gb").pcm != sounds["en"].pcm
    assert speaker.problem is None


@needs_espeak
@pytest.mark.parametrize(
    "text",
    [
        "a\0b",
        "bell \x07 escape \x1b[31m",
        "\ud800 half",
        "soft\u00adhyphen",
        "`id` $(id); rm -rf /",
        "-v ru --path=/",
        "<speak>&lt;",
    ],
)
def test_odd_texts_do_no_harm(text: str) -> None:
    speaker = Speaker()
    assert speaker.speak(text, "en").length_ms > 200
    assert speaker.problem is None


@needs_espeak
def test_threads_may_speak_at_once(tmp_path: Path) -> None:
    speakers = [Speaker(tmp_path), Speaker(tmp_path)]
    alone = {n: Speaker().speak(f"number {n}", "en").length_ms for n in range(6)}
    gate = threading.Barrier(8)
    got: list[tuple[int, int]] = []

    def talk(place: int) -> None:
        gate.wait()
        speaker = speakers[place % 2]
        got.extend((n, speaker.speak(f"number {n}", "en").length_ms) for n in range(6))

    threads = [threading.Thread(target=talk, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 48
    assert all(abs(length_ms - alone[n]) < 60 for n, length_ms in got), "espeak itself varies by 20 ms"


class Crowd:
    """A lock that says when so many have come to it."""

    def __init__(self, size: int) -> None:
        self._lock = threading.Lock()
        self._size = size
        self._came: list[int] = []
        self.there = threading.Event()

    def __enter__(self) -> None:
        self._came.append(1)
        if len(self._came) >= self._size:
            self.there.set()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_who_waited_for_a_text_does_not_make_it_again(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    speaker, crowd = Speaker(), Crowd(4)
    monkeypatch.setattr(speaker, "_making", crowd)
    make = fake.synthesize

    def make_late(text: str, voice: str, words_per_min: int) -> bytes:
        assert crowd.there.wait(10), "the others never came"
        return make(text, voice, words_per_min)

    monkeypatch.setattr(fake, "synthesize", make_late)
    threads = [threading.Thread(target=speaker.speak, args=("Hello", "en")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fake.asked) == 1


def test_one_speaker_asks_its_synthesizer_once_for_a_text_however_many_threads(fake: Fake) -> None:
    speaker = Speaker()
    gate = threading.Barrier(8)
    got: list[object] = []

    def talk() -> None:
        gate.wait()
        got.extend(speaker.speak(f"number {n}", "en") for n in range(20))

    threads = [threading.Thread(target=talk) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fake.asked) == 20
    assert len(got) == 160
    assert len({id(sound) for sound in got}) == 20


def test_what_was_spoken_is_remembered_across_runs(fake: Fake, tmp_path: Path) -> None:
    first = Speaker(tmp_path).speak("Hello", "en")
    again = Speaker(tmp_path).speak("  Hello\n", "en")
    assert again.pcm == first.pcm
    assert fake.asked == [("Hello", "en-us")]
    assert [path.suffix for path in tmp_path.iterdir()] == [".wav"], "nothing half-written is left"


def test_everything_that_shapes_the_sound_is_in_the_key(fake: Fake, tmp_path: Path) -> None:
    Speaker(tmp_path).speak("Hello", "en")
    Speaker(tmp_path).speak("Hello", "ru")
    Speaker(tmp_path).speak("Hello", "en", "en+f3")
    Speaker(tmp_path).speak("Hello!", "en")
    fake.version = "2"
    Speaker(tmp_path).speak("Hello", "en")
    assert len(fake.asked) == 5


@pytest.mark.parametrize("damage", [b"", b"RIFF", b"x" * 5000, None])
def test_a_damaged_file_is_made_again(damage: bytes | None, fake: Fake, tmp_path: Path) -> None:
    good = Speaker(tmp_path).speak("Hello", "en")
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-1000] if damage is None else damage)
    speaker = Speaker(tmp_path)
    assert speaker.speak("Hello", "en").pcm == good.pcm
    assert speaker.problem is None
    assert path.read_bytes() == whole


def test_a_folder_that_cannot_be_is_reported_and_memory_serves(fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    speaker = Speaker(tmp_path / "file" / "cache")
    assert speaker.problem is not None
    assert "kept in memory only" in speaker.problem
    assert speaker.speak("Hello", "en") is speaker.speak("Hello", "en")
    assert len(fake.asked) == 1


def test_a_folder_that_stops_being_writable_is_reported(fake: Fake, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    speaker = Speaker(folder)
    folder.rmdir()
    assert speaker.speak("Hello", "en").length_ms > 0
    assert speaker.problem is not None
    assert "memory only" in speaker.problem


def test_the_folder_is_bounded_and_loses_its_oldest(
    fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech, "SPEECH_DISK_BYTES_MAX", 60_000)
    speaker = Speaker(tmp_path)
    for n in range(10, 30):
        speaker.speak(f"text {n}", "en")  # 11 kB each
        for path in tmp_path.iterdir():
            os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns - 10**9))
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 60_000
    Speaker(tmp_path).speak("text 29", "en")
    assert len(fake.asked) == 20, "the newest is still there"


def test_memory_is_bounded_and_keeps_what_was_used_last(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "SPEECH_MEMORY_BYTES_MAX", 50_000)
    speaker = Speaker()
    for n in range(10, 30):
        speaker.speak(f"text {n}", "en")
        speaker.speak("text 10", "en")
    assert len(fake.asked) == 20
    speaker.speak("text 11", "en")
    assert len(fake.asked) == 21


@pytest.mark.parametrize("text", ["", "   ", "...", "—!?", "\0", "\n\t", "\u200b"])
def test_nothing_to_say_is_short_silence(text: str, fake: Fake) -> None:
    sound = Speaker().speak(text, "en")
    assert sound.length_ms == 200
    assert fake.asked == []


def test_controls_never_reach_the_synthesizer(fake: Fake) -> None:
    Speaker().speak("a\0b\x1b[0m\u202ec\ud800 d\r\ne", "en")
    assert fake.asked == [("a b [0mc d e", "en-us")]


def test_a_text_too_long_is_cut_between_words_and_reported(fake: Fake) -> None:
    speaker = Speaker()
    speaker.speak("word " * 1000, "en")
    ((text, _),) = fake.asked
    assert len(text) <= TEXT_CHARS_MAX
    assert text.endswith("word")
    assert speaker.problem is not None
    assert "5000 characters" in speaker.problem


def test_without_espeak_tones_stand_in(no_espeak: None, tmp_path: Path) -> None:
    speaker = Speaker(tmp_path)
    assert (speaker.engine, speaker.problem) == ("tones", None)
    sound = speaker.speak("Press one", "en")
    assert sound.pcm == text_tone("Press one").pcm
    assert speaker.speak("Press one", "en") is sound
    assert list(tmp_path.iterdir()) == [], "tones are quicker made than read"
    asked_for = Speaker(engine="espeak").problem
    assert asked_for is not None
    assert "pip install" in asked_for


def test_tones_may_be_chosen(fake: Fake) -> None:
    assert Speaker(engine="tones").speak("Press one", "en").pcm == text_tone("Press one").pcm
    assert fake.asked == []


def test_a_language_without_a_voice_becomes_tones_and_is_not_kept(fake: Fake, tmp_path: Path) -> None:
    speaker = Speaker(tmp_path)
    assert speaker.speak("Hello", "xx").pcm == text_tone("Hello").pcm
    assert speaker.problem is not None
    assert "no voice 'xx'" in speaker.problem
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_voice_becomes_the_voice_of_the_language(fake: Fake) -> None:
    speaker = Speaker()
    assert speaker.speak("Hello", "ru", "nobody").length_ms > 0
    assert fake.asked == [("Hello", "nobody"), ("Hello", "ru")]
    assert speaker.problem is not None
    assert "'nobody'" in speaker.problem


@needs_espeak
@pytest.mark.parametrize("voice", ["../../etc/passwd", "-v", "", "a" * 100, "ru\0x", "en us"])
def test_a_voice_that_is_no_name_never_reaches_espeak(voice: str) -> None:
    library = find_library()
    assert library is not None
    with pytest.raises(SynthesisError, match="not the name of a voice"):
        library.synthesize("Hello", voice, 145)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `espeak-ng` on the PATH that writes down its arguments and its input, and answers with a WAV."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "answer.wav").write_bytes(encode_wav(b"\x00\x10" * 22050, 22050))
    script = folder / "espeak-ng"
    script.write_text(
        f"#!{sys.executable} -S\n"
        "import sys, pathlib\n"
        f"here = pathlib.Path({str(folder)!r})\n"
        "if sys.argv[1:] == ['--version']:\n"
        "    print('eSpeak NG 9.9'); sys.exit()\n"
        "(here / 'args').write_text(repr(sys.argv[1:]))\n"
        "(here / 'text').write_bytes(sys.stdin.buffer.read())\n"
        "if 'broken' in sys.argv: sys.exit(1)\n"
        "sys.stdout.buffer.write((here / 'answer.wav').read_bytes())\n"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(speech, "find_library", lambda: None)
    return folder


def test_the_command_gets_the_text_as_input_and_no_phonemes(command: Path) -> None:
    speaker = Speaker()
    assert speaker.engine == "espeak-command"
    sound = speaker.speak("-x `id` [[h@'l@U]] Привіт", "uk")
    assert sound.length_ms == 1000
    assert (command / "text").read_text() == "-x `id` [ [h@'l@U]] Привіт"
    words = ["-v", "uk", "-s", "145", "-b", "1", "--stdin", "--stdout"]
    assert (command / "args").read_text() == repr(words)


def test_a_command_that_fails_or_talks_nonsense_becomes_tones(command: Path) -> None:
    speaker = Speaker()
    assert speaker.speak("Hello", "broken").pcm == text_tone("Hello").pcm
    (command / "answer.wav").write_bytes(b"no sound")
    assert speaker.speak("Hello", "en").pcm == text_tone("Hello").pcm
    assert speaker.problem is not None
    assert "not a WAV" in speaker.problem


def test_no_command_on_the_path_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert espeak.find_command() is None
