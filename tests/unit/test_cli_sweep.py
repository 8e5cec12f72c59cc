"""Settings put into files, and every combination simulated with the same callers."""

import json
from pathlib import Path

import pytest

from ivr.cli import main
from ivr.language.changing import with_value
from tests.unit.test_sim_staffing import SOURCES

TEXT = """\
# a center
queues:
  line: { max_wait: 10m, strategy: linear }  # the only one
agents: [anna, boris]
"""


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("queues.line.max_wait", "2m", "  line: { max_wait: 2m, strategy: linear }  # the only one"),
        (
            "queues.line.levels",
            "[10s, 1m]",
            "  line: { max_wait: 10m, strategy: linear, levels: [10s, 1m] } # the only one",
        ),
        ("agents.1", "clara", "agents: [anna, clara]"),
        ("hours.day.daily", "09:00..17:00", "    daily: 09:00..17:00"),
    ],
)
def test_one_value_is_put_in_and_the_rest_stays(path: str, value: str, line: str) -> None:
    text = with_value(TEXT, path, value)
    assert " ".join(line.split()) in " ".join(text.split())
    assert text.startswith("# a center\n")
    assert with_value(text, "agents.0", "anna") == text


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("queues.line.max_wait.x", "holds a value"),
        ("agents.7", "items are 0 to 1"),
        ("agents.anna", "no item"),
    ],
)
def test_a_path_that_leads_nowhere_is_said(path: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        with_value(TEXT, path, "1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in SOURCES.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_every_combination_is_simulated_with_the_same_callers(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = [
        "sweep",
        str(folder),
        "--for",
        "3h",
        "--replications",
        "3",
        "--jobs",
        "1",
        "--figures",
        "offered,asa_s",
    ]
    waits = [
        "--set",
        "queues.line.wrap_up=0s,5m",
        "--set",
        "people:agents.default.talks=1m,{ law: exponential, mean: 3m }",
    ]
    assert main([*typed, *waits, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["set"]["queues.line.wrap_up"] for one in found] == ["0s", "0s", "5m", "5m"]
    assert found[1]["set"]["agents.default.talks"] == "{ law: exponential, mean: 3m }"
    assert len({one["figures"]["offered"]["mean"] for one in found}) == 1
    quick, slow = (one["figures"]["asa_s"]["mean"] for one in found[:2])
    assert quick < slow
    assert main([*typed, *waits]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split() == ["wrap_up", "talks", "offered", "asa_s"]
    assert len(lines) == 3 + 4 + 2


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (["--set", "queues.line"], 2, "write"),
        (["--set", "nobody:x=1"], 2, "no such file"),
        (["--set", "queues.line.wrap_up.x=1"], 2, "holds a value"),
        (["--set", "queues.line.max_wait=soon"], 1, "'soon' is not a duration"),
        (["--set", "queues.line.max_wait=1m", "--figures", "luck"], 2, "there are calls"),
        (["--set", "queues.line.max_wait=1m", "--queue", "luck"], 2, "no such queue"),
    ],
)
def test_what_cannot_be_set_is_said(
    more: list[str], code: int, says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", str(folder), *more]) == code
    assert says in capsys.readouterr().err
