"""Every kind of bad file there is, collected: each gives one clean answer at its place, and nothing breaks.

The groups are those of a survey of hostile inputs: what is bad is the YAML, the file itself, what the flow asks
the engine to do, a time, or a path. Each case is a center's folder in which one file is bad; the answer is
every error that `ivr check` gives, as `file:line:column code`.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

from ivr.language import check_center
from ivr.limits import FILE_BYTES_MAX

Files: TypeAlias = dict[str, str | bytes | Callable[[Path], None]]

CENTER = 'center: Lab\nnumbers: { "1": main }\n'
HEAD = "flow: main\nstart: a\nstates:\n"
GOOD = HEAD + "  a: [hangup]\n"
MAIN = "main.flow.yaml"


class Bad(NamedTuple):
    """What is in the folder besides a good center: text, bytes, or how to make it; and the errors."""

    group: int
    name: str
    files: Files
    errors: list[str]


def flow(states: str) -> Files:
    return {MAIN: HEAD + states}


def center(more: str) -> Files:
    return {"center.yaml": CENTER + more, MAIN: GOOD}


def chain(length: int) -> str:
    links = "".join(f"  s{number}: [{{ goto: s{number + 1} }}]\n" for number in range(1, length))
    return f"  a: [{{ goto: s1 }}]\n{links}  s{length}: [hangup]\n"


YAML = [
    Bad(1, "60 kB of brackets", flow("  a: " + "[" * 60_000), [f"{MAIN}:4:68 too-deep"]),
    Bad(2, "merge bomb", flow("  a: &a { x: 1 }\n  b: { <<: [*a, *a] }\n"), [f"{MAIN}:4:6 anchor"]),
    Bad(2, "merge key", flow("  a: [hangup]\n  b: { <<: x }\n"), [f"{MAIN}:5:8 merge"]),
    Bad(3, "billion laughs", {MAIN: "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"}, [f"{MAIN}:1:4 anchor"]),
    Bad(4, "recursive alias", {MAIN: "&a [*a]\n"}, [f"{MAIN}:1:1 anchor"]),
    Bad(4, "alias", flow("  a: [*a]\n"), [f"{MAIN}:4:7 alias"]),
    Bad(5, "python tag", flow('  a: [!!python/object/apply:os.system ["true"]]\n'), [f"{MAIN}:4:7 tag"]),
    Bad(8, "two states of a name", flow("  a: [hangup]\n  a: [hangup]\n"), [f"{MAIN}:5:3 duplicate-key"]),
    Bad(
        8,
        "two keys that are one",
        flow('  a: [{ menu: "?", choices: { 1: { label: x, hangup: true }, 01: { label: y, goto: a } } }]\n'),
        [f"{MAIN}:4:62 duplicate-key"],
    ),
]
BYTES = [
    Bad(6, "too big", flow(f"  a: [hangup]\n# {'x' * FILE_BYTES_MAX}\n"), [f"{MAIN}:1:1 too-big"]),
    Bad(6, "pipe", {MAIN: os.mkfifo}, [f"{MAIN}:1:1 not-a-file"]),
    Bad(6, "folder", {MAIN: Path.mkdir}, [f"{MAIN}:1:1 not-a-file"]),
    Bad(6, "device", {MAIN: lambda path: path.symlink_to("/dev/zero")}, [f"{MAIN}:1:1 not-a-file"]),
    Bad(7, "UTF-16", {MAIN: GOOD.encode("utf-16")}, [f"{MAIN}:1:1 encoding"]),
    Bad(7, "byte order mark", {MAIN: b"\xef\xbb\xbf" + GOOD.encode()}, [f"{MAIN}:1:1 encoding"]),
    Bad(7, "NUL", {MAIN: GOOD + "\0"}, [f"{MAIN}:5:1 encoding"]),
    Bad(7, "not UTF-8", {MAIN: HEAD.encode() + b"  a: [{ say: \xff }]\n"}, [f"{MAIN}:4:14 encoding"]),
    Bad(7, "nothing", {MAIN: ""}, [f"{MAIN}:1:1 shape"]),
]
ENDLESS = [
    Bad(9, "goto itself", flow("  a: [{ goto: a }]\n"), [f"{MAIN}:4:3 endless"]),
    Bad(9, "a circle", flow("  a: [{ goto: b }]\n  b: [{ goto: a }]\n"), [f"{MAIN}:4:3 endless"]),
    Bad(9, "a chain of states", flow(chain(10_000)), [f"{MAIN}:4:3 shape"]),
    Bad(10, "unreachable", flow("  a: [hangup]\n  b: [hangup]\n"), [f"{MAIN}:5:3 unreachable"]),
    Bad(10, "missing", flow("  a: [{ goto: nowhere }]\n"), [f"{MAIN}:4:15 unknown-state"]),
]
LENGTHS = [
    Bad(11, f"wait {text}", flow(f"  a: [{{ wait: {text} }}, hangup]\n"), [f"{MAIN}:4:15 value"])
    for text in ("0s", "-1s", ".nan", "1e308", ".inf", "5 parsecs", "5", "9" * 20 + "s", "999999d")
]
HOURS = [
    *(
        Bad(12, text, center(f"hours: {{ office: {{ mon: {text} }} }}\n"), ["center.yaml:3:25 value"])
        for text in ("9:00", "17:30", "09:00..25:00", "09:60..10:00", "09:00..09:00", "08:00..")
    ),
    Bad(12, "crosses midnight", center("hours: { office: { mon: 22:00..06:00 } }\n"), []),
    Bad(12, "zone", center("timezone: Europe/Berln\n"), ["center.yaml:3:11 timezone"]),
    Bad(
        12,
        "an hour the clocks jump over",
        center("timezone: Europe/Berlin\nstarts: 2026-03-29T02:30\n"),
        ["center.yaml:4:1 time"],
    ),
    Bad(12, "an hour twice", center("timezone: Europe/Berlin\nstarts: 2026-10-25T02:30\n"), []),
    Bad(
        13,
        "a holiday twice",
        center(
            "hours: { office: { daily: 08:00..20:00, holidays: { 2026-12-24: Eve, 2026-12-24: Eve } } }\n"
        ),
        ["center.yaml:3:70 duplicate-key"],
    ),
]
SOUNDS = [
    *(
        Bad(14, path[:24], flow(f"  a: [{{ play: {path} }}, hangup]\n"), [f"{MAIN}:4:15 sound"])
        for path in (
            *("../../etc/passwd", "/etc/passwd", "~/x.wav", "a/%2e%2e/x.wav", "file:///etc/passwd"),
            *("CON.wav", "x" * 300 + ".wav", "nothere.wav", '"a\\0.wav"', "a.mp3"),
        )
    ),
    Bad(
        14,
        "a link to outside",
        {
            **flow("  a: [{ play: link.wav }, hangup]\n"),
            "link.wav": lambda path: path.symlink_to("/etc/passwd"),
        },
        [f"{MAIN}:4:15 sound"],
    ),
    Bad(
        14,
        "another case",
        {**flow("  a: [{ play: Hello.wav }, hangup]\n"), "hello.wav": b"RIFF"},
        [f"{MAIN}:4:15 sound"],
    ),
    Bad(
        14,
        "no sound",
        {**flow("  a: [{ play: hello.wav }, hangup]\n"), "hello.wav": b"RIFF"},
        [f"{MAIN}:4:15 sound"],
    ),
]
CASES = sorted([*YAML, *BYTES, *ENDLESS, *LENGTHS, *HOURS, *SOUNDS], key=lambda bad: bad.group)


@pytest.mark.parametrize("bad", CASES, ids=[f"{bad.group}: {bad.name}" for bad in CASES])
def test_a_bad_file_gives_a_clean_answer(bad: Bad, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in {"center.yaml": CENTER, **bad.files}.items():
        if callable(content):
            content(tmp_path / name)
        else:
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    monkeypatch.chdir(tmp_path)
    found = [problem for problem in check_center(Path()) if problem.severity == "error"]
    assert [f"{one.file}:{one.line}:{one.column} {one.code}" for one in found] == bad.errors
    assert all(one.message and "Traceback" not in one.message for one in found)


def test_every_group_of_bad_files_has_a_case() -> None:
    assert {bad.group for bad in CASES} == set(range(1, 15))
