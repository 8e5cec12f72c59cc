"""What --press says, what lengths of time are, what is typed."""

import pytest
from hypothesis import given, strategies as st

from ivr.cli.exit_codes import WrongUsage
from ivr.cli.keyboard import _Keys, _Lines
from ivr.cli.script import STEPS_MAX, HangUp, Press, Step, Wait, parse_script, parse_span
from ivr.cli.terminal import clean, clock, span


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("1", (Press("1"),)),
        ("1,5s,2", (Press("1"), Wait(5_000), Press("2"))),
        (" 12# , !*0 ", (Press("12#"), Press("*0", at_once=True))),
        ("500ms,hangup", (Wait(500), HangUp())),
        ("a,1.5m,1h", (Press("A"), Wait(90_000), Wait(3_600_000))),
    ],
)
def test_scripts(text: str, steps: tuple[Step, ...]) -> None:
    assert parse_script(text) == steps


@pytest.mark.parametrize(
    "text", ["", "1,", "x", "1;2", "5", "5 s", "!", "!5s", "-5s", "1e3s", "١", "hang up"]
)
def test_what_is_no_script(text: str) -> None:
    if text == "5":  # a key
        assert parse_script(text) == (Press("5"),)
        return
    with pytest.raises(WrongUsage, match="neither keys"):
        parse_script(text)


def test_a_part_is_named_with_the_script_around_it_unless_it_is_the_whole() -> None:
    with pytest.raises(WrongUsage, match=r"^'hello' is neither keys"):
        parse_script("hello")
    with pytest.raises(WrongUsage, match=r"^'hello' in '1,hello' is neither keys"):
        parse_script("1,hello")


def test_a_script_is_bounded() -> None:
    with pytest.raises(WrongUsage, match="at most"):
        parse_script(",".join("1" * (STEPS_MAX + 1)))


@pytest.mark.parametrize("text", ["", "5", "s", "5 s", "-1s", "1d", "1234567s", "nans"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(WrongUsage, match="length of time"):
        parse_span(text)


STEPS = st.one_of(
    st.builds(Press, st.text("0123456789*#ABCD", min_size=1, max_size=20), st.booleans()),
    st.builds(Wait, st.integers(0, 999_999)),
    st.just(HangUp()),
)


@given(st.lists(STEPS, min_size=1, max_size=20))
def test_a_script_reads_back_as_written(steps: list[Step]) -> None:
    assert parse_script(",".join(map(str, steps))) == tuple(steps)


@given(st.text(max_size=60))
def test_any_text_is_a_script_or_wrong_usage(text: str) -> None:
    try:
        steps = parse_script(text)
    except WrongUsage:
        return
    assert len(steps) == text.count(",") + 1


@given(st.text(max_size=200))
def test_clean_text_cannot_move_the_cursor(text: str) -> None:
    assert clean(text).isprintable()
    assert len(clean(text)) == len(text)


def test_times_as_people_read_them() -> None:
    assert [clock(s) for s in (0, 7.9, 723, 3723)] == ["0:00", "0:07", "12:03", "1:02:03"]
    assert [span(s) for s in (0, 0.045, 0.4, 5, 9.96, 59.6, 124, 3780)] == [
        "0 s",
        "45 ms",
        "0.4 s",
        "5 s",
        "10 s",
        "1 min",
        "2 min 4 s",
        "1 h 3 min",
    ]


@given(st.lists(st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=10)), st.data())
def test_lines_of_a_pipe_come_whole_however_it_is_cut(lines: list[str], data: st.DataObject) -> None:
    stream = "\n".join(lines).encode()
    got: list[str] = []
    reader = _Lines(got.append)
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        reader(stream[:cut])
        stream = stream[cut:]
    reader(b"")
    assert got == [line.strip() for line in lines if line.strip()]


def test_function_keys_press_nothing() -> None:
    got: list[str] = []
    keys = _Keys(got.append)
    for data in (b"1", b"\x1b[A", "é".encode()[:1], "é".encode()[1:], b"23", b"\x1b"):
        keys(data)
    assert got == ["1", "é", "2", "3", "\x1b"]
