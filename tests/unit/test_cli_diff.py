"""`ivr diff`: what callers would notice between two revisions of a center."""

import json
from pathlib import Path

import pytest

from ivr.cli import main

CENTER = """\
center: Lab
numbers: { hotline: main }
queues: { support: { music: bossa } }
agents: { anna: { queues: [support] } }
"""
FLOW = """\
flow: main
start: hello
states:
  hello:
    - say: "Good day."
    - menu: "What is it?"
      choices:
        1: { label: "For bills", goto: bills }
        2: { label: "For a person", goto: person }
      on: { give_up: person }
  bills: [{ say: "A bill costs 30 euros." }, hangup]
  person: [{ queue: support, max_wait: 1m, on: { timeout: sorry } }, hangup]
  sorry: [{ say: "Nobody is here." }, hangup]
"""
TESTS = """\
tests:
  - { test: bills, dials: hotline, caller: [{ hears: "For bills, press 1", press: 1 }, { hears: "30 euros" }] }
  - { test: nobody, dials: hotline, caller: [{ hears: "For a person", press: 2 }], expect: { hears: "Nobody is here." } }
"""


@pytest.fixture
def both(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders with the same center."""
    for name in ("old", "new"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "center.yaml").write_text(CENTER, "utf-8")
        (folder / "main.flow.yaml").write_text(FLOW, "utf-8")
        (folder / "main.test.yaml").write_text(TESTS, "utf-8")
    return tmp_path / "old", tmp_path / "new"


def change(folder: Path, old: str, new: str, file: str = "main.flow.yaml") -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")


def diff(*arguments: object) -> int:
    return main(["diff", *map(str, arguments)])


def test_nobody_notices_a_new_name_of_a_state(
    both: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = both
    change(new, "bills", "invoices")
    change(new, "For invoices", "For bills")
    assert diff(old, new) == 0
    assert capsys.readouterr().out == "2 callers: nobody notices anything\n"


def test_a_text_that_changed_is_shown_where_it_is_heard(
    both: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = both
    change(new, "30 euros", "25 euros")
    assert diff(old, new) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "main.test.yaml: bills"
    assert [line.split()[0] for line in lines if "A bill costs" in line] == ["-", "+"]
    assert "  = as long, as many keys" in lines
    assert lines[-1] == "2 callers: 1 of them notices something"


def test_a_caller_goes_on_at_the_next_question_when_the_words_have_changed(
    both: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = both
    change(new, "For bills", "For invoices")
    assert diff(old, new) == 1
    text = capsys.readouterr().out
    assert text.count("presses 1") == 1  # the same on both sides, so it is not marked
    assert "hangs up" not in text


def test_a_longer_wait_is_noticed(both: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    old, new = both
    change(new, "max_wait: 1m", "max_wait: 90s")
    assert diff(old, new) == 1
    assert "= 30.0 s longer, as many keys" in capsys.readouterr().out


def test_a_caller_who_cannot_be_made_on_one_side_is_told(
    both: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = both
    change(old, "dials: hotline", "dials: helpline", "main.test.yaml")
    change(new, "dials: hotline", "dials: helpline", "main.test.yaml")
    change(new, "hotline", "helpline", "center.yaml")
    assert diff(old, new) == 1
    assert "cannot call the old one" in capsys.readouterr().out


def test_without_tests_callers_try_everything(
    both: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = both
    for folder in both:
        (folder / "main.test.yaml").unlink()
    assert diff(old, new) == 0
    change(new, "Nobody is here.", "We are all busy.")
    assert diff(old, new) == 1
    text = capsys.readouterr().out
    assert "explored: " in text
    assert '"Nobody is here."' in text
    assert '"We are all busy."' in text


def test_a_flow_file_takes_the_place_of_the_center_s_own(
    both: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, new = both
    draft = tmp_path / "main.flow.yaml"
    draft.write_text(FLOW.replace("Good day.", "Good evening."), "utf-8")
    assert diff(new / "main.flow.yaml", draft) == 1
    assert '"Good evening."' in capsys.readouterr().out
    stranger = tmp_path / "other.flow.yaml"
    stranger.write_text(FLOW, "utf-8")
    assert diff(stranger, new) == 2
    assert "no other.flow.yaml" in capsys.readouterr().err
    assert diff(tmp_path / "nothing", new) == 3


def test_json_has_both_stories(both: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    old, new = both
    change(new, "30 euros", "25 euros")
    assert diff(old, new, "--json") == 1
    bills, nobody = json.loads(capsys.readouterr().out)
    assert (bills["differs"], nobody["differs"]) == (True, False)
    assert bills["new"]["story"][-2]["text"] == '"A bill costs 25 euros."'
    assert bills["old"]["keys"] == bills["new"]["keys"] == 1
