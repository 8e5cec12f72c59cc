"""A journal comes back as it was written, and damage is named."""

from collections.abc import Callable

import pytest

from ivr.core import events, facts
from ivr.core.commands import RecordingOutlet
from ivr.core.engine import Engine
from ivr.core.facts import Fact
from ivr.errors import OperatorError, ReplayDiverged
from ivr.limits import JOURNAL_LINE_BYTES_MAX
from ivr.observe.journal import (
    FactDigest,
    Header,
    Input,
    differences,
    fact_line,
    header_line,
    input_line,
    read,
)
from tests.unit.test_observe_center import Center, busy_hours, closed, small_plan

HEADER = Header("0.1.0", "d" * 64, "seed", 1_700_000_000_000, 42, 20.0, {"center.yaml": "queues: {}\n"})


def journal_of(center: Center) -> list[bytes]:
    """The lines of a run: what a driver would have written, inputs before the facts they caused."""
    lines = [header_line(HEADER)]
    told = iter(center.facts)
    fact = next(told, None)
    for at, event in center.inputs:
        while fact is not None and fact.at < at:
            lines.append(fact_line(fact))
            fact = next(told, None)
        lines.append(input_line(at, event))
    lines += [fact_line(rest) for rest in ([fact] if fact is not None else [])]
    return lines + [fact_line(rest) for rest in told]


def test_a_run_comes_back_as_it_was_and_replays_to_the_same_facts() -> None:
    center = Center()
    busy_hours(center, 3, 800)
    closed(center)
    header, entries = read(journal_of(center))
    assert header == HEADER
    history = list(entries)
    inputs = [(entry.at, entry.event) for entry in history if isinstance(entry, Input)]
    told = [entry for entry in history if isinstance(entry, Fact)]
    assert inputs == center.inputs
    assert told == center.facts

    again: list[Fact] = []
    engine = Engine(small_plan(), "seed", RecordingOutlet(), again.append)
    for at, event in inputs:
        engine.handle(at, event)
    assert differences(told, again) == len(center.facts)
    assert digest(told) == digest(center.facts)


def digest(history: list[Fact]) -> str:
    folded = FactDigest()
    for fact in history:
        folded.add(fact)
    return folded.hex()


A = facts.LogWritten(1, 2, "a")
B = facts.LogWritten(2, 2, "b")


@pytest.mark.parametrize(
    ("expected", "got", "index", "shown"),
    [
        ([A, B], [A, A], 1, '"text":"a"'),
        ([A, B], [A], 1, "(the end)"),
        ([A], [A, B], 1, '"text":"b"'),
        ([], [A], 0, '"text":"a"'),
    ],
)
def test_the_first_difference_is_named(expected: list[Fact], got: list[Fact], index: int, shown: str) -> None:
    with pytest.raises(ReplayDiverged) as raised:
        differences(expected, got)
    assert raised.value.index == index
    assert shown in raised.value.got


def test_digests_tell_histories_apart() -> None:
    assert digest([A, B]) == digest([A, B])
    assert len({digest([A, B]), digest([B, A]), digest([A]), digest([])}) == 4


START = header_line(HEADER)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "is empty"),
        ([b"\n"], "is empty"),
        ([fact_line(A)], "begins with its header"),
        ([b'{"header":{"format":2}}'], "format 2"),
        ([b'{"header":{"format":1}}'], "header is damaged"),
        ([START, b'{"fact":{"fact":"log_wri'], "line 2"),
        ([START, b"", b'{"fact":{"fact":"no_such","at":1}}'], "line 3"),
        ([START, b'{"at":1,"in":{"event":"dialled"}}'], "line 2"),
        ([START, b'{"in":{"event":"line_ended","line":"p-1"}}'], "neither"),
        ([START, b'{"at":1}'], "neither"),
        ([START, b'{"at":1,"in":null,"fact":{"fact":"log_written","at":1,"call":1,"text":""}}'], "neither"),
        ([START, b'{"more":1}'], "line 2"),
        ([START, b"\xff\xfe"], "line 2"),
        ([START, "[]"], "line 2"),
    ],
)
def test_a_damaged_journal_names_its_line(lines: list[bytes], says: str) -> None:
    def everything() -> None:
        list(read(lines, "run.jsonl")[1])

    with pytest.raises(OperatorError, match=r"run\.jsonl") as raised:
        everything()
    assert says in str(raised.value)


def test_a_file_that_is_no_journal_is_not_parsed_for_ever() -> None:
    with pytest.raises(OperatorError, match="no journal"):
        read([b"x" * (JOURNAL_LINE_BYTES_MAX + 1)])


@pytest.mark.parametrize("line", [input_line, lambda at, event: input_line(at, event).decode()])
def test_text_and_bytes_are_the_same(line: Callable[[int, events.Event], bytes | str]) -> None:
    _, entries = read([START, line(5, events.KeyPressed("p-1", "1"))])
    assert list(entries) == [Input(5, events.KeyPressed("p-1", "1"))]
