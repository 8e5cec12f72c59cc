"""Playout by hand: tick after tick, what each line hears and which prompts end when."""

import itertools

import pytest

from ivr.media.bounds import BURST_FRAMES_MAX, PROMPTS_QUEUED_MAX, PUSH_BYTES_MAX
from ivr.media.codec import ALAW, CODECS, SLIN16, ULAW, Codec
from ivr.media.line import Line
from ivr.media.pacer import Pacer
from ivr.media.pcm import audioop, level_dbfs
from ivr.media.playout import Playout
from ivr.media.sound import Sound
from ivr.media.tones import tone

MS = 1_000_000


def sound_of(*values: int, loops: bool = False) -> Sound:
    """A sound whose frames are each one value, easily told apart."""
    return Sound(b"".join(value.to_bytes(2, "little") * 320 for value in values), loops=loops)


def frame_of(value: int, codec: Codec = SLIN16) -> bytes:
    pcm = value.to_bytes(2, "little") * codec.frame_samples
    return codec.encode(pcm)


class Driver:
    """Plays tick after tick and writes down what each line heard and what ended."""

    def __init__(self, playout: Playout, slots: int = 5) -> None:
        self.playout = playout
        self.slots = slots
        self.tick = 0
        self.ended: list[tuple[int, str, str]] = []

    def next(self) -> dict[str, bytes]:
        heard: dict[str, bytes] = {}
        for slot in range(self.slots):
            frames, finished = self.playout.due(slot, self.tick)
            for line, frame in frames:
                assert line.name not in heard, "one frame a tick"
                assert line.slot == slot
                assert len(frame) == line.codec.frame_bytes
                heard[line.name] = frame
            self.ended += [(self.tick, line.name, play_id) for line, play_id in finished]
        self.tick += 1
        return heard

    def hear(self, line: Line, ticks: int) -> list[int]:
        """The values of the frames that the line hears, 0 for silence."""
        heard = [self.next().get(line.name) for _ in range(ticks)]
        return [-1 if frame is None else audioop.getsample(line.codec.decode(frame), 2, 0) for frame in heard]


@pytest.fixture
def playout() -> Playout:
    return Playout()


@pytest.fixture
def driver(playout: Playout) -> Driver:
    return Driver(playout)


@pytest.mark.parametrize("codec", CODECS.values(), ids=str)
def test_a_new_line_hears_silence(codec: Codec, playout: Playout, driver: Driver) -> None:
    playout.open("a", codec)
    assert driver.next() == {"a": codec.silence}


def test_silence_need_not_be_sent() -> None:
    playout = Playout(send_silence=False)
    one, other = playout.open("a", ULAW), playout.open("b", ULAW)
    driver = Driver(playout)
    assert driver.next() == {}
    playout.bridge(one, other)
    assert driver.next() == {}
    playout.play(one, sound_of(1), "p")
    assert list(driver.next()) == ["a"]
    assert driver.next() == {}
    assert driver.ended == [(3, "a", "p")]


def test_a_prompt_is_heard_once_and_ends_when_its_last_frame_is_over(
    playout: Playout, driver: Driver
) -> None:
    line = playout.open("a", SLIN16)
    playout.play(line, sound_of(1, 2, 3), "hello")
    assert driver.hear(line, 5) == [1, 2, 3, 0, 0]
    assert driver.ended == [(3, "a", "hello")]


def test_prompts_follow_each_other_without_a_gap(playout: Playout, driver: Driver) -> None:
    line = playout.open("a", SLIN16)
    playout.play(line, sound_of(1, 2), "one")
    playout.play(line, Sound(b""), "nothing")
    playout.play(line, sound_of(3), "two")
    assert driver.hear(line, 4) == [1, 2, 3, 0]
    assert driver.ended == [(2, "a", "one"), (2, "a", "nothing"), (3, "a", "two")]


def test_a_stopped_prompt_is_returned_and_never_reported(playout: Playout, driver: Driver) -> None:
    line = playout.open("a", SLIN16)
    playout.play(line, sound_of(1, 2, 3), "one")
    playout.play(line, sound_of(4), "two")
    assert driver.hear(line, 1) == [1]
    assert playout.stop(line) == ["one", "two"]
    assert driver.hear(line, 2) == [0, 0]
    assert driver.ended == []
    assert playout.stop(line) == []


def test_waiting_prompts_are_bounded(playout: Playout) -> None:
    line = playout.open("a", SLIN16)
    played = [playout.play(line, sound_of(1), str(n)) for n in range(PROMPTS_QUEUED_MAX + 1)]
    assert played == [True] * PROMPTS_QUEUED_MAX + [False]
    assert len(playout.stop(line)) == PROMPTS_QUEUED_MAX


@pytest.mark.parametrize("codec", [ULAW, SLIN16], ids=str)
def test_music_is_the_very_same_frame_for_everybody(codec: Codec, playout: Playout, driver: Driver) -> None:
    music = tone("ringback-eu")
    for n in range(50):
        playout.loop(playout.open(f"{n}", codec), music)
    for _ in range(300):
        heard = driver.next()
        assert len(heard) == 50
        assert len({id(frame) for frame in heard.values()}) == 1


def test_whoever_is_put_on_hold_joins_mid_song_and_the_song_goes_round(
    playout: Playout, driver: Driver
) -> None:
    music = sound_of(1, 2, 3, loops=True)
    first, second = playout.open("a", SLIN16), playout.open("b", SLIN16)
    playout.loop(first, music)
    assert driver.hear(first, 5) == [1, 2, 3, 1, 2]
    playout.loop(second, music)
    assert driver.hear(second, 4) == [3, 1, 2, 3]


def test_ringback_starts_at_its_beginning(playout: Playout, driver: Driver) -> None:
    ring = sound_of(1, 2, 3, loops=True)
    line, late = playout.open("a", SLIN16), playout.open("b", SLIN16)
    driver.hear(line, 4)
    playout.loop(line, ring, from_start=True)
    assert driver.hear(line, 4) == [1, 2, 3, 1]
    playout.loop(late, ring, from_start=True)
    assert driver.hear(late, 3) == [1, 2, 3]


def test_an_announcement_is_heard_over_the_music_which_goes_on_meanwhile(
    playout: Playout, driver: Driver
) -> None:
    line = playout.open("a", SLIN16)
    playout.loop(line, sound_of(1, 2, 3, 4, loops=True))
    assert driver.hear(line, 2) == [1, 2]
    playout.play(line, sound_of(9, 8), "you are next")
    assert driver.hear(line, 4) == [9, 8, 1, 2]
    assert driver.ended == [(4, "a", "you are next")]
    playout.silence(line)
    assert driver.hear(line, 1) == [0]


def test_bridged_lines_hear_each_other_a_tick_later_and_nobody_else_does(
    playout: Playout, driver: Driver
) -> None:
    one, other, third = (playout.open(name, SLIN16) for name in "abc")
    playout.bridge(one, other)
    heard: list[list[int]] = []
    for n in range(1, 5):
        playout.push(one, frame_of(n))
        playout.push(other, frame_of(100 + n))
        frames = driver.next()
        heard.append([audioop.getsample(frames[name], 2, 0) for name in "abc"])
    assert heard == [[0, 0, 0], [101, 1, 0], [102, 2, 0], [103, 3, 0]]
    assert third.dropped == one.starved == 0


def test_one_late_frame_is_no_gap_and_a_drought_is_counted(playout: Playout, driver: Driver) -> None:
    one, other = playout.open("a", SLIN16), playout.open("b", SLIN16)
    playout.bridge(one, other)
    arrivals = {0: [1], 1: [2], 2: [], 3: [3, 4], 4: [5]}
    heard = []
    for tick in range(9):
        for value in arrivals.get(tick, []):
            playout.push(other, frame_of(value))
        heard += driver.hear(one, 1)
    assert heard == [0, 1, 2, 3, 4, 5, 0, 0, 0]
    assert one.starved == 1


def test_a_sentence_sent_at_once_is_heard_whole_and_a_longer_one_loses_its_beginning() -> None:
    playout = Playout(jitter_frames=4)
    one, other = playout.open("a", SLIN16), playout.open("b", SLIN16)
    playout.bridge(one, other)
    for value in range(1, BURST_FRAMES_MAX + 4):
        playout.push(other, frame_of(value))
    assert one.dropped == 3
    heard = Driver(playout).hear(one, BURST_FRAMES_MAX + 2)
    assert heard == [0, *range(4, BURST_FRAMES_MAX + 4), 0]
    assert one.dropped == 3


def test_a_party_whose_clock_runs_fast_does_not_fall_behind_for_good() -> None:
    playout = Playout(jitter_frames=4)
    one, other = playout.open("a", SLIN16), playout.open("b", SLIN16)
    playout.bridge(one, other)
    driver = Driver(playout)
    for value in range(1, 11):
        playout.push(other, frame_of(value))
    for value in range(11, 11 + BURST_FRAMES_MAX + 2):
        playout.push(other, frame_of(value))
        driver.hear(one, 1)
    assert one.dropped == 8, (
        "ten were ahead, one came in the tick of slack and one with this tick; four may wait"
    )
    assert len(other.ears[one]._queue) == 4 - 1


def test_what_was_said_during_a_prompt_is_not_heard_after_it(playout: Playout, driver: Driver) -> None:
    one, other = playout.open("a", SLIN16), playout.open("b", SLIN16)
    playout.bridge(one, other)
    playout.play(one, sound_of(*range(51, 59)), "this call may be recorded")
    heard = []
    for value in range(1, 13):
        playout.push(other, frame_of(value))
        heard += driver.hear(one, 1)
    assert heard == [51, 52, 53, 54, 55, 56, 57, 58, 8, 9, 10, 11]
    assert one.dropped == 0


@pytest.mark.parametrize(("mine", "theirs"), list(itertools.product(CODECS.values(), repeat=2)), ids=str)
def test_a_bridge_translates_between_codecs(
    mine: Codec, theirs: Codec, playout: Playout, driver: Driver
) -> None:
    one, other = playout.open("a", mine), playout.open("b", theirs)
    playout.bridge(one, other)
    said = tone("dial-eu").frames(theirs)
    heard = b""
    for frame in said:
        playout.push(other, frame)
        heard += driver.next()["a"]
    assert len(heard) == 50 * mine.frame_bytes
    later = mine.decode(heard)[mine.frame_samples * 4 :]
    assert level_dbfs(later) == pytest.approx(level_dbfs(tone("dial-eu").pcm), abs=0.3)


def test_three_who_listen_to_each_other_are_a_conference(playout: Playout, driver: Driver) -> None:
    lines = {name: playout.open(name, SLIN16) for name in "abc"}
    for line, to in itertools.permutations(lines.values(), 2):
        playout.listen(line, to)
    for _ in range(2):
        for value, line in zip((1, 10, 100), lines.values(), strict=True):
            playout.push(line, frame_of(value))
        heard = driver.next()
    assert {name: audioop.getsample(frame, 2, 0) for name, frame in heard.items()} == {
        "a": 110,
        "b": 101,
        "c": 11,
    }
    playout.close(lines["c"])
    for line in lines.values():
        playout.push(line, frame_of(7))
    heard = driver.next()
    assert {name: audioop.getsample(frame, 2, 0) for name, frame in heard.items()} == {"a": 10, "b": 1}


def test_a_supervisor_hears_a_line_unheard(playout: Playout, driver: Driver) -> None:
    caller, agent, supervisor = (playout.open(name, ALAW) for name in "abc")
    playout.bridge(caller, agent)
    playout.listen(supervisor, to=caller)
    playout.listen(supervisor, to=caller)
    playout.listen(supervisor, to=supervisor)
    for _ in range(2):
        playout.push(caller, frame_of(1000, ALAW))
        playout.push(supervisor, frame_of(5000, ALAW))
        heard = driver.next()
    assert heard == {"a": ALAW.silence, "b": frame_of(1000, ALAW), "c": frame_of(1000, ALAW)}
    playout.unlisten(supervisor, to=caller)
    playout.unlisten(supervisor, to=caller)
    assert driver.next()["c"] == ALAW.silence


def test_hold_during_talk_replaces_the_bridge_on_both_sides(playout: Playout, driver: Driver) -> None:
    one, other = playout.open("a", SLIN16), playout.open("b", SLIN16)
    playout.bridge(one, other)
    playout.loop(one, sound_of(5, loops=True))
    playout.silence(other)
    playout.push(one, frame_of(1))
    playout.push(other, frame_of(2))
    assert driver.hear(one, 2) == [5, 5]
    assert driver.hear(other, 2) == [0, 0]
    assert one.ears == other.ears == {}


def test_audio_may_come_in_pieces_of_any_length(playout: Playout) -> None:
    line = playout.open("a", ULAW)
    stream = bytes(range(250)) * 10
    pieces = [stream[:100], stream[100:159], stream[159:161], stream[161:1500], b"", stream[1500:]]
    frames = [frame for piece in pieces for frame in playout.push(line, piece)]
    assert b"".join(frames) == stream[: 15 * 160]
    assert {len(frame) for frame in frames} == {160}
    assert line.received == 15
    assert len(playout.push(line, bytes(10**6))) * 160 <= PUSH_BYTES_MAX + 160


def test_recordings_hold_what_the_line_says_up_to_their_bound(playout: Playout) -> None:
    line = playout.open("a", ULAW)
    playout.push(line, frame_of(1000, ULAW))
    long, short = playout.record(line), playout.record(line, max_ms=50)
    for value in (2000, 3000, 4000):
        playout.push(line, frame_of(value, ULAW))
    playout.stop_recording(line, long)
    playout.push(line, frame_of(5000, ULAW))
    assert long.frames == [frame_of(value, ULAW) for value in (2000, 3000, 4000)]
    assert (long.length_ms, long.full) == (60, False)
    assert (short.length_ms, short.full) == (40, True)
    assert short.pcm() == ULAW.decode(frame_of(2000, ULAW) + frame_of(3000, ULAW))
    assert not playout.record(line, max_ms=-5).frames


def test_a_closed_line_hears_nothing_and_does_no_harm(playout: Playout, driver: Driver) -> None:
    one, other = playout.open("a", SLIN16), playout.open("b", SLIN16)
    playout.bridge(one, other)
    playout.play(one, sound_of(1, 2), "p")
    playout.record(one)
    assert playout.close(one) == ["p"]
    assert playout.close(one) == []
    assert len(playout) == 1
    assert not playout.play(one, sound_of(1), "q")
    playout.loop(one, sound_of(1, loops=True))
    playout.bridge(one, other)
    playout.silence(one)
    assert playout.push(one, bytes(640)) == []
    assert playout.record(one).frames == []
    assert driver.next() == {"b": SLIN16.silence}
    assert driver.ended == []


def test_lines_are_spread_over_the_slots_and_gaps_are_filled(playout: Playout) -> None:
    lines = [playout.open(f"{n}", ULAW) for n in range(23)]
    counts = [sum(line.slot == slot for line in lines) for slot in range(5)]
    assert max(counts) - min(counts) <= 1
    gone = [line for line in lines if line.slot == 3]
    for line in gone:
        playout.close(line)
    assert {playout.open("new", ULAW).slot for _ in gone} == {3}


def test_nothing_is_left_behind_by_lines_that_went(playout: Playout, driver: Driver) -> None:
    for _ in range(50):
        one, other = playout.open("a", ULAW), playout.open("b", SLIN16)
        playout.loop(one, tone("busy-eu"), from_start=True)
        driver.next()
        playout.bridge(one, other)
        playout.play(other, sound_of(1), "p")
        driver.next()
        playout.close(one)
        playout.close(other)
    assert len(playout) == 0
    assert driver.next() == {}
    assert not any(playout._choirs)
    assert not any(playout._soloists)


def test_an_empty_sound_as_music_is_silence(playout: Playout, driver: Driver) -> None:
    line = playout.open("a", ULAW)
    playout.loop(line, Sound(b""), from_start=True)
    assert driver.next() == {"a": ULAW.silence}


# The pacer.


def test_beats_come_every_four_milliseconds_slot_after_slot() -> None:
    pacer = Pacer(start_ns=1000 * MS)
    assert pacer.due(999 * MS) == []
    beats = []
    for _ in range(12):
        beats += pacer.due(pacer.next_due_ns())
    assert [(beat.tick, beat.slot) for beat in beats] == [divmod(n, 5) for n in range(12)]
    assert {beat.late_ns for beat in beats} == {0}
    assert pacer.next_due_ns() == 1048 * MS


def test_a_short_delay_is_caught_up_without_loss() -> None:
    pacer = Pacer(0)
    beats = pacer.due(59 * MS)
    assert [(beat.tick, beat.slot) for beat in beats] == [divmod(n, 5) for n in range(15)]
    assert beats[0].late_ns == 59 * MS
    assert beats[-1].late_ns == 3 * MS
    assert pacer.skipped_ticks == 0


def test_after_a_suspension_whole_ticks_are_skipped_and_there_is_no_burst() -> None:
    pacer = Pacer(0)
    pacer.due(8 * MS)
    beats = pacer.due(3_600_000 * MS)
    assert beats[0].late_ns == (3_600_000 - 12) * MS, "what was skipped was late too"
    assert len(beats) <= 6, "no slot gets more than two frames at once"
    assert pacer.skipped_ticks == pytest.approx(180_000, abs=1)
    assert pacer.next_due_ns() > 3_600_000 * MS
    assert beats[0].slot == 3, "the slots go on in turn"
    assert pacer.due(3_600_000 * MS) == []


def test_a_clock_that_wavers_drives_every_beat_exactly_once() -> None:
    pacer = Pacer(0)
    seen = [beat for now in range(0, 2000, 7) for beat in pacer.due((now + (now * 31) % 23) * MS)]
    assert [(beat.tick, beat.slot) for beat in seen] == [divmod(n, 5) for n in range(len(seen))]
    assert all(beat.late_ns >= 0 for beat in seen)


def test_playout_and_pacer_keep_music_in_time_over_a_suspension() -> None:
    playout, pacer = Playout(), Pacer(0)
    for name in "abcde":
        playout.loop(playout.open(name, SLIN16), sound_of(*range(1, 51), loops=True))
    pacer.due(0)
    last = pacer.due(20_013 * MS)[-1]
    ((_, frame),) = playout.due(last.slot, last.tick).frames
    assert audioop.getsample(frame, 2, 0) == 1000 % 50 + 1, "the thousandth frame, whatever was skipped"
