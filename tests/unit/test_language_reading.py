"""Reading YAML safely: each trap of the design, and the bad files of research/ops.md 4.8."""

import os
import time
from pathlib import Path

import pytest

from ivr.language.problems import Mark, Problem, Report, render
from ivr.language.reading import decode, parse, read_file
from ivr.language.tree import Map, Text


def read(text: str) -> tuple[Map | None, list[Problem]]:
    report = Report()
    return parse(text, "f.yaml", report), report.problems


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("on: no", "on", "no"),
        ("a: NO", "a", "NO"),
        ("opens: 9:00", "opens", "9:00"),
        ("opens: 17:30", "opens", "17:30"),
        ("to: +351300400500", "to", "+351300400500"),
        ("to: 0800123456", "to", "0800123456"),
        ("version: 1.10", "version", "1.10"),
        ("a: 1_000", "a", "1_000"),
        ("a: ~", "a", "~"),
        ("a: 2026-11-23", "a", "2026-11-23"),
        ("a: .inf", "a", ".inf"),
    ],
)
def test_every_scalar_keeps_its_text(text: str, key: str, value: str) -> None:
    tree, found = read(text)
    assert tree is not None
    assert not found
    assert list(tree) == [key]
    assert tree[key] == value


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "hint"),
    [
        ("a: 1\nif: !vip", "tag", 2, 5, "write 'not vip'"),
        ("a: 1\nif: 'a' in b", "yaml", 2, 5, "\"'a' in b\""),
        ("a: 1\nif: a ? b : c", "yaml", 2, 7, "A if CONDITION else B"),
        ("a: 1\nif: > 5", "yaml", 2, 5, "name what is compared"),
        ("a: 1\nsay: {{ name }}", "key", 2, 6, "quote text that starts with {{"),
        ("a: 1\nsay: Note: press 1", "yaml", 2, 6, "quote the text"),
        ("a: 1\n#: x", "dropped-comment", 2, 1, "hash:"),
        ("a: 1\n*: x", "yaml", 2, 1, "star:"),
        ("a: 1\nb: {*: x}", "yaml", 2, 5, "star:"),
        ("a: 1\nb: {#: x}", "yaml", 2, 5, "hash:"),
        ("a: 1\nb: { en: press # x }", "yaml", 2, 16, "quote text that holds '#'"),
        ("a: 1\nb: *c", "alias", 2, 4, "star:"),
        ("a: 1\nb: &c 1", "anchor", 2, 4, "and"),
        ("a: &x [*x]", "anchor", 1, 4, ""),
        ("<<: {a: 1}", "merge", 1, 1, "write the fields again"),
        ("a: 1\n---\nb: 2", "document", 2, 1, "---"),
        ("a: !!python/object/apply:os.system [x]", "tag", 1, 4, "quote"),
        ("a:\n\t- b", "yaml", 2, 1, "indent with spaces"),
        ("a: 1\nb: 'x", "yaml", 2, 4, "close"),
        ("a: 1\nb: [1,2", "yaml", 2, 4, "brackets"),
        ("a: 1\nb: @x", "yaml", 2, 4, "double quotes"),
        ("a: 1\n b: 2", "yaml", 2, 3, "neighbours"),
        ("a: - b", "yaml", 1, 4, "line of its own"),
        ('a: "\\q"', "yaml", 1, 5, "single quotes"),
        ("a: 1\nb: \x07", "character", 2, 4, "delete"),
        ("a: 1\nb: \x00", "encoding", 2, 4, ""),
        ("a: 1\n1: x\n01: y", "duplicate-key", 3, 1, "rename"),
        ("a: 1\nstar: x\n'*': y", "duplicate-key", 3, 1, "rename"),
        ("a: 1\nb: 2\na: 3", "duplicate-key", 3, 1, "rename"),
        ("- a", "shape", 1, 1, ""),
        ("", "shape", 1, 1, ""),
        ("? [a]\n: b", "key", 1, 3, "quoted text"),
    ],
)
def test_traps_are_explained_at_their_place(text: str, code: str, line: int, column: int, hint: str) -> None:
    _, found = read(text)
    assert found, "nothing was reported"
    first = found[0]
    assert (first.code, first.line, first.column) == (code, line, column)
    assert hint in first.hint


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n b: 2",
        "a: - b",
        'a: "\\q"',
        "a: &",
        "%x",
        "a: [,]",
        "a: |x",
        "...\nx",
        "a: !<",
        'a: "\\xzz"',
        "? a: b: c",
        "a\nb: 1",
    ],
)
def test_no_word_of_the_scanner_reaches_the_author(text: str) -> None:
    for problem in read(text)[1]:
        for word in ("mapping", "scalar", "token", "context", "indicator", "block", "expected", "directive"):
            assert word not in problem.message.replace("open a block of text", "")


def test_both_lines_of_a_duplicate_are_named_and_the_first_stays() -> None:
    tree, found = read("a: 1\nb: 2\na: 3")
    assert "line 1" in found[0].message
    assert tree == {"a": "1", "b": "2"}


def test_a_comment_behind_plain_text_is_remembered_and_behind_quotes_not() -> None:
    tree, _ = read("a: press # to end\nb: 'press' # to end\nc: x#y\nd: z")
    assert tree is not None
    assert [value.comment for value in tree.values()] == [True, False, False, False]


def test_places_inside_a_text_follow_its_quoting() -> None:
    tree, _ = read('a: plain\nb: "quoted"\nc: |\n  one\n  two\n')
    assert tree is not None
    assert tree["a"].at(3) == Mark("f.yaml", 1, 6)
    assert tree["b"].at(3) == Mark("f.yaml", 2, 7)
    assert tree["c"].at(3, 2).line == 5
    assert tree["b"].quoted
    assert not tree["c"].quoted


BOMB = "a: &a [x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)},*{chr(97 + n)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[" * 60_000, "too-deep"),
        ("{a: " * 60_000, "too-deep"),
        ("a: 1\n" + "- " * 30_000, ""),
        ("x: {<<: [{a: 1}, {<<: [{b: 1}]}]}", "merge"),
        (BOMB, "anchor"),
        ("a:\n" + "  - b\n" * 250_000, "too-big"),
    ],
)
def test_hostile_files_are_refused_quickly(text: str, code: str) -> None:
    start = time.process_time()
    tree, found = read(text)
    assert tree is None
    assert code in found[0].code
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        ("a: ы".encode("utf-16"), "encoding", 1),
        (b"\xef\xbb\xbfa: 1", "encoding", 1),
        (b"a: 1\nb: \xff", "encoding", 2),
        (b"a" * (2 * 1024 * 1024 + 1), "too-big", 1),
    ],
)
def test_bytes_that_are_no_text(data: bytes, code: str, line: int) -> None:
    report = Report()
    assert decode(data, "f", report) is None
    assert (report.problems[0].code, report.problems[0].line) == (code, line)


def test_line_ends_of_windows_do_not_move_places() -> None:
    report = Report()
    assert decode(b"a: 1\r\nb: 2\rc: 3\n", "f", report) == "a: 1\nb: 2\nc: 3\n"


def test_things_that_are_not_files(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    big = tmp_path / "big.yaml"
    with big.open("wb") as file:
        file.truncate(2_000_000_000)  # sparse: nothing is read, or this test would take its memory
    cases = [
        (tmp_path, "not-a-file"),
        (pipe, "not-a-file"),
        (Path("/dev/zero"), "not-a-file"),
        (big, "too-big"),
    ]
    for path, code in [*cases, (tmp_path / "none.yaml", "no-file")]:
        report = Report()
        assert read_file(path, str(path), report) is None
        assert report.problems[0].code == code


def test_problems_print_with_excerpt_caret_and_hint() -> None:
    _, found = read("a: 1\nif: !vip")
    assert str(found[0]) == (
        "f.yaml:2:5: error[tag]: tags ('!name') are not used here\n"
        "  2 | if: !vip\n"
        "    |     ^\n"
        "  hint: write 'not vip', or quote text that starts with '!'"
    )
    assert render(found).endswith("1 error")
    assert "\x1b[31m" in render(found, color=True)
    assert found[0].as_dict()["line"] == 2


def test_reports_are_sorted_bounded_and_hold_no_control_characters() -> None:
    report = Report()
    report.source("f", "\x1b[2J evil\n" * 400)
    for line in range(300, 0, -1):
        report.add(Mark("f", line, 1), "x", f"\x1b[31m{line}")
        report.add(Mark("f", line, 1), "x", f"\x1b[31m{line}")
    found = report.problems
    assert len(found) == 201
    assert "100 more" in found[-1].message
    assert [problem.line for problem in found[:200]] == sorted(problem.line for problem in found[:200])
    assert "\x1b" not in render(found)


def test_more_warnings_than_are_shown_are_no_error() -> None:
    report = Report()
    for line in range(1, 300):
        report.warn(Mark("f", line), "w", "hm")
    assert not report.failed
    assert report.errors == []
    assert report.problems[-1].code == "more"
    report.add(Mark("f", 1), "e", "no")
    assert [problem.code for problem in report.errors] == ["e", "more"]


def test_a_text_is_a_plain_str_for_everybody_else() -> None:
    assert Text("x") == "x"
    assert {Text("x"): 1} == {"x": 1}  # equal and of the same hash
