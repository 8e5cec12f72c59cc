"""Formatting: the house style, every comment kept, and no meaning changed."""

from pathlib import Path

import pytest

from ivr.cli import main
from ivr.errors import AuthorError
from ivr.language.formatting import formatted

ROOT = Path(__file__).parents[2]

UGLY = """\
# yaml-language-server: $schema=flow.schema.json
flow:   main      # the flow
start: a
vars: {n: integer,when:   time}

on:
    operator: a   # zero
states:
    # the first state
    a:
    -   say: "It opens at 09:00, call +351300400500."   \t
    -   hours:   office
        on: {closed: b}
    -   set: {n: 0800}
    - wait: 01m
    b: [ {say: 'No.'}, hangup ]

"""
NEAT = """\
# yaml-language-server: $schema=flow.schema.json
flow: main        # the flow
start: a
vars: { n: integer, when: time }

on:
  operator: a     # zero
states:
    # the first state
  a:
    - say: "It opens at 09:00, call +351300400500."
    - hours: office
      on: { closed: b }
    - set: { n: 0800 }
    - wait: 01m
  b: [{ say: 'No.' }, hangup]
"""


def test_an_ugly_file_becomes_neat_and_keeps_its_comments_where_they_were(tmp_path: Path) -> None:
    file = tmp_path / "main.flow.yaml"
    file.write_text(UGLY, "utf-8")
    assert formatted(file) == (UGLY, NEAT)
    file.write_text(NEAT, "utf-8")
    assert formatted(file) == (NEAT, NEAT), "what is neat stays as it is"


@pytest.mark.parametrize("folder", ["flows/northlight", "flows/examples"])
def test_our_own_files_are_in_the_house_style(folder: str) -> None:
    for file in sorted((ROOT / folder).glob("*.yaml")):
        before, after = formatted(file)
        assert before == after, file


def test_texts_over_several_lines_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "x.flow.yaml"
    text = "flow: x\nstates:\n  a:\n    - say: |\n        One line,\n        and another.\n    - say: >-\n        folded\n        text\n    - log: {}\n"
    file.write_text(text, "utf-8")
    assert formatted(file) == (text, text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("flow: x\nflow: y\n", "duplicate"),
        ("flow: &a x\n", "anchor"),
        ("flow: [x\n", ""),
        ("a: 1\n---\nb: 2\n", "document"),
    ],
)
def test_what_the_language_does_not_read_is_not_written(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "x.flow.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(AuthorError, match=f"(?s){says}"):
        formatted(file)
    assert file.read_text("utf-8") == text


def test_the_command_writes_or_only_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, broken = tmp_path / "main.flow.yaml", tmp_path / "zz.flow.yaml"
    file.write_text(UGLY, "utf-8")
    assert main(["format", "--check", str(tmp_path)]) == 1
    assert f"{file} would change" in capsys.readouterr().out
    assert file.read_text("utf-8") == UGLY
    broken.write_text("flow: [", "utf-8")
    assert main(["format", str(tmp_path)]) == 1
    assert file.read_text("utf-8") == UGLY, "nothing is changed while a file has errors"
    broken.unlink()
    assert main(["format", str(tmp_path)]) == 0
    assert file.read_text("utf-8") == NEAT
    capsys.readouterr()
    assert main(["format", "--check", "--json", str(file)]) == 0
    assert capsys.readouterr().out == '{"changed": [], "written": false}\n'
    assert [path.name for path in tmp_path.iterdir()] == ["main.flow.yaml"]
    assert main(["format", str(tmp_path / "nothere")]) == 3
    assert main(["format"]) == 2
