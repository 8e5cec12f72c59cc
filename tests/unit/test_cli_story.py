"""`ivr story`: the list, the transcript, the scorecard, the page, and what is wrong."""

import json
from pathlib import Path

import pytest

from ivr.cli import main
from ivr.story.text import BAR_MS, bar
from ivr.story.words import WORDS, say


def test_without_a_name_the_stories_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["story"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("robot-call ") for line in lines)
    assert "ivr story" in lines[-1]


def test_both_centers_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["story", "robot-call", "--lang", "en", "--compare"]) == 0
    out = capsys.readouterr().out
    assert "11:01:13   The financier     waits ██████████████████████████ 4:15" in out
    assert "Olena             “You cannot cancel: you have a debt of 30.”" in out
    (waiting,) = [line.split() for line in out.splitlines() if line.startswith("waiting ")]
    assert waiting == ["waiting", "4:15", "0:00", "-4:15", "▲"]
    (resolved,) = [line for line in out.splitlines() if line.startswith("resolved on contact")]
    assert resolved.split()[3:] == ["not", "resolved", "1", "▲"]


def test_json_has_scenes_and_the_scorecard(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["story", "robot-call", "--json", "--lang", "uk"]) == 0
    told = json.loads(capsys.readouterr().out)["as-told"]
    assert told["settled"] is False
    assert told["scorecard"]["waited_ms"] == 255_000
    waits = [line for scene in told["scenes"] for line in scene["lines"] if line["kind"] == "wait"]
    assert [line["seconds"] for line in waits] == [255.0]


def test_the_page_needs_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "story.html"
    assert main(["story", "robot-call", "--html", str(page)]) == 0
    text = page.read_text("utf-8")
    assert "Дзвонить робот" in text
    assert "http" not in text
    assert text.count("4:15") >= 2  # drawn, and on the card


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["story", "robot-cal"], "did you mean 'robot-call'?"),
        (["story", "robot-call", "--lang", "xx"], "--lang xx: a code such as en, ru or uk"),
    ],
)
def test_a_wrong_name_or_language_is_said(
    typed: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(typed) == 2
    assert message in capsys.readouterr().err


def test_a_language_that_a_story_does_not_have_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["story", "robot-call", "--lang", "fr"]) == 0
    told = capsys.readouterr()
    assert "told in en, ru, uk, and not in fr: it speaks en" in told.err
    assert "Good morning" in told.out


def test_a_page_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["story", "robot-call", "--html", str(tmp_path / "none" / "x.html")]) != 0
    assert "cannot be written" in capsys.readouterr().err


def test_waits_are_drawn_to_scale() -> None:
    assert len(bar(60_000)) == 60_000 / BAR_MS
    assert bar(3_000) == "█"
    assert bar(86_400_000).endswith("▶")


def test_every_phrase_is_there_in_every_language() -> None:
    assert all(set(phrases) == {"en", "ru", "uk"} for phrases in WORDS.values())
    assert say("waits", "de") == "waits"
    assert say("not_a_phrase", "ru") == "not a phrase"
