"""Lines nobody can forge, personal data nobody can read, and silence where nothing happened."""

import io
import json
from typing import Any

import pytest

from ivr.core import events, facts
from ivr.core.facts import Fact
from ivr.errors import OperatorError
from ivr.limits import LOG_VALUE_CHARS_MAX
from ivr.observe.fan import Fan
from ivr.observe.log import Log, logger, masked
from tests.unit.test_observe_center import Center, busy_hours


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def write(*told: Fact, stream: io.StringIO | None = None, level: str = "info", **options: Any) -> str:
    stream = stream if stream is not None else io.StringIO()
    fan = Fan()
    fan.add(Log(logger(stream, level=level, **options), level=level).handlers())
    for fact in told:
        fan.tell(fact)
    return stream.getvalue()


STARTED = facts.CallStarted(1_000, 42, "p-1", "100", "+15551234567", "Rui Costa", "buy", "r1", "en")


def test_a_fact_is_one_json_object_with_a_constant_name() -> None:
    (line,) = write(STARTED).splitlines()
    row = json.loads(line)
    assert (row["event"], row["level"], row["call"], row["at"]) == ("call_started", "info", "c-000042", 1_000)
    assert row["number"] == "100"
    assert row["time"].endswith("Z")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+15551234567", "+1555*****67"),
        ("call 351 911 222 333 please", "call 351**********33 please"),
        ("0800-123-456", "080*******56"),
        ("extension 100", "extension 100"),
        ("24 hours, 7 days", "24 hours, 7 days"),
        ("due 2026-01-31", "due 2026-01-31"),
        ("", ""),
    ],
)
def test_phone_numbers_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_personal_data_is_masked_however_deep_it_lies_unless_asked_for() -> None:
    value = {"name": "Rui Costa", "numbers": ["+351911222333"], "note": "rings +351 911 222 333"}
    told = (STARTED, facts.ValueSet(2, 42, "customer", value))
    for stream in (io.StringIO(), Terminal()):
        text = write(*told, stream=stream, level="debug")
        assert "Rui" not in text
        assert "1234567" not in text
        assert "911222" not in text
        assert "911 222" not in text
    text = write(*told, level="debug", mask=False)
    assert "Rui Costa" in text
    assert "+15551234567" in text


def test_a_caller_cannot_forge_a_line_nor_paint_the_screen() -> None:
    evil = "x\n2026-01-01 [info] call_ended\r\x1b[2J\u202egnp.exe\u2028\x9b31m"
    told = facts.LogWritten(1, 1, evil)
    for stream in (io.StringIO(), Terminal()):
        text = write(told, stream=stream)
        assert len(text.splitlines()) == 1
        assert "\x1b[2J" not in text
        assert "\u202e" not in text
    assert json.loads(write(told))["text"] == evil


def test_long_values_are_cut() -> None:
    row = json.loads(write(facts.LogWritten(1, 1, "x" * 10_000)))
    assert len(row["text"]) == LOG_VALUE_CHARS_MAX


def test_levels_choose_what_is_written() -> None:
    center = Center()
    busy_hours(center, 1, 300)
    lines = {level: write(*center.facts, level=level).splitlines() for level in ("debug", "info", "warning")}
    assert len(lines["debug"]) == len(center.facts)
    assert 0 < len(lines["info"]) < len(lines["debug"]) / 2
    told = {json.loads(line)["event"] for line in lines["info"]}
    assert "call_ended" in told
    assert not told & {"key_heard", "step_ended", "state_entered"}
    assert {json.loads(line)["level"] for line in lines["warning"]} <= {"warning"}
    (failed,) = write(facts.FlowFailed(1, 1, "buy", "wait", "runaway", "m"), level="warning").splitlines()
    assert json.loads(failed)["event"] == "flow_failed"


def test_every_fact_can_be_written() -> None:
    ignored = json.loads(write(facts.EventIgnored(1, "line_ended", "p-1", "no such line"), level="debug"))
    assert (ignored["event"], ignored["what"]) == ("event_ignored", "line_ended")


def test_a_busy_center_leaks_no_canary() -> None:
    center = Center()
    center.do(0, events.CallArrived("p-1", "100", "+351987654321", "Canary"))
    center.do(1, events.CallArrived("p-2", "999", "+351987654321", "Canary"))
    text = write(*center.facts, level="debug")
    assert "Canary" not in text
    assert "87654321" not in text


def test_a_terminal_gets_readable_lines_and_a_file_gets_json() -> None:
    assert "call_started" in write(STARTED, stream=Terminal())
    assert not write(STARTED, stream=Terminal()).startswith("{")
    assert write(STARTED, stream=Terminal(), json=True).startswith("{")
    assert "\x1b" not in write(STARTED, json=False)


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(OperatorError, match="loud"):
        logger(level="loud")
