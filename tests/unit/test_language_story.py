"""`story.yaml`: read, checked against its two centers, described for editors."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from ivr.cli import main
from ivr.core import facts
from ivr.errors import AuthorError
from ivr.language import load_center, schema
from ivr.language.beside import check_story, load_story
from ivr.story import play

CENTER = """\
center: Lab
numbers: { sales: main }
data: { card: { owner: text, valid: boolean } }
world:
  tables: { cards: [{ owner: Ada, expires: "2026-12-31", valid: true }, { owner: Bob, valid: false }] }
  lookups: { card-of: { args: { owner: text }, from: cards, match: { owner: owner }, into: card } }
"""
FLOW = "flow: main\nstart: a\nstates: { a: [{ say: Hello }, hangup] }\n"
STORY = """\
story: A leaflet
customer: { name: Ada Brandt, phone: "+491510000001" }
matter: discount
language: ru
timeline:
  - { on: 2026-12-03T10:00, tells: "She finds a leaflet." }
  - { after: 0s, calls: { number: sales, says: "Hello", wants: discount }, facts: { "1": nobody answers } }
  - { after: 5m, is_called: { within: 10m }, facts: { "1": the missed call is returned } }
  - { after: 1h, gets: { channel: sms, contains: password, within: 1h } }
  - { on: 2026-12-04T10:00, changes: { table: cards, where: { owner: Ada }, sets: { expires: "2026-11-30" } } }
  - { after: 1h, meets: { channel: office, at: the head office } }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("as-told", "improved"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "center.yaml").write_text(CENTER, "utf-8")
        (tmp_path / name / "main.flow.yaml").write_text(FLOW, "utf-8")
    return tmp_path


def told(folder: Path, old: str = "", new: str = "") -> list[tuple[int, str, str]]:
    assert old in STORY
    (folder / "story.yaml").write_text(STORY.replace(old, new, 1), "utf-8")
    return [(problem.line, problem.code, problem.message) for problem in check_story(folder / "story.yaml")]


def test_a_story_is_read_with_its_times_and_facts(folder: Path) -> None:
    assert told(folder) == []
    story = load_story(folder / "story.yaml")
    facts = [
        {str(number): str(fact.plain) for number, fact in entry.facts.items()} for entry in story.timeline
    ]
    assert facts[1:3] == [{"1": "nobody answers"}, {"1": "the missed call is returned"}]
    assert story.timeline[2].after == 300_000
    assert story.timeline[1].calls is not None
    assert story.timeline[1].calls.number == "sales"


@pytest.mark.parametrize(
    ("old", "new", "line", "code", "message"),
    [
        ("on: 2026-12-03T10:00, tells", "tells", 6, "story", "nothing says when the story begins"),
        (
            "after: 0s, calls",
            "after: 0s, meets: { channel: site }, calls",
            7,
            "story",
            "both 'calls' and 'meets' happen here",
        ),
        (", meets: { channel: office, at: the head office }", "", 11, "story", "nothing happens here"),
        (
            "after: 5m, is",
            "on: 2026-12-03T11:00, after: 5m, is",
            8,
            "story",
            "'on' and 'after' both say when",
        ),
        ("2026-12-04T10:00", "2026-12-02T10:00", 10, "story", "this is before the entry above it"),
        ("number: sales", "number: sale", 7, "unknown-number", "the center in as-told/ has no number 'sale'"),
        ("table: cards", "table: card", 10, "unknown-table", "the center in as-told/ has no table 'card'"),
        (
            "sets: { expires",
            "sets: { expire",
            10,
            "unknown-column",
            "the table 'cards' in as-told/ has no column 'expire'",
        ),
        (
            'sets: { expires: "2026-11-30"',
            'sets: { valid: "maybe"',
            10,
            "type",
            "'maybe' is not a boolean, and the column 'valid' in as-told/ is boolean",
        ),
        ('says: "Hello"', 'says: "I am {{ caller.name }}"', 7, "text", "unknown name 'caller'"),
        (
            'says: "Hello"',
            "replies: [{ to: shouts, says: No }]",
            7,
            "unknown-act",
            "there is no act 'shouts'",
        ),
        (
            "within: 10m }",
            "within: 10m, replies: [{ to: asks, says: '{{ x }}' }] }",
            8,
            "text",
            "unknown name 'x'",
        ),
        (
            '001" }',
            '001", replies: [{ to: asks, act: cries }] }',
            2,
            "unknown-act",
            "there is no act 'cries'",
        ),
        (
            "meets: { channel: office, at: the head office }",
            "does: { channel: site, request: card-of, with: { ownr: Ada } }",
            11,
            "unknown-argument",
            "'card-of' in as-told/ takes no 'ownr'",
        ),
        (
            "meets: { channel: office, at: the head office }",
            "does: { channel: site, request: card-of }",
            11,
            "missing-argument",
            "'card-of' in as-told/ needs 'owner'",
        ),
        (
            "meets: { channel: office, at: the head office }",
            "does: { channel: site, request: card-of, with: { owner: Ada }, counts: cards }",
            11,
            "story",
            "both 'request' and 'counts' are done here",
        ),
        (
            "meets: { channel: office, at: the head office }",
            "does: { channel: site, where: { owner: Ada } }",
            11,
            "story",
            "'where' belongs to 'counts'",
        ),
        (
            "meets: { channel: office, at: the head office }",
            "does: { channel: site, with: { owner: Ada } }",
            11,
            "story",
            "'with' belongs to 'request'",
        ),
        (
            "2026-12-03T10:00, tells",
            "0001-01-01T00:00, tells",
            6,
            "story",
            "stories are told of the years 1900 to 2999",
        ),
        ("channel: sms", "channel: fax", 9, "value", "'fax' cannot be used here"),
        ("language: ru", "language: xx", 4, "language", "there is no language 'xx'"),
        ("matter: discount\n", "", 1, "missing-key", "'matter' is missing here"),
        ("timeline:", "timelime:", 5, "unknown-key", "unknown key 'timelime'"),
    ],
)
def test_a_fault_of_a_story_has_a_place(
    folder: Path, old: str, new: str, line: int, code: str, message: str
) -> None:
    assert (line, code, message) in told(folder, old, new)


def test_rows_are_counted_and_changed_by_values_of_any_type(folder: Path) -> None:
    (folder / "story.yaml").write_text(
        """\
story: Cards
customer: { name: Ada Brandt, phone: "+491510000001" }
matter: discount
timeline:
  - { on: 2026-12-03T10:00, does: { channel: site, counts: cards, where: { valid: "true" } } }
  - { after: 1m, changes: { table: cards, where: { valid: "false" }, sets: { valid: "true" } } }
  - { after: 1m, does: { channel: site, counts: cards, where: { valid: "true" } } }
""",
        "utf-8",
    )
    played = play(load_story(folder / "story.yaml"), load_center(folder / "as-told"), "en")
    found = [fact.outcome for fact in played.facts if isinstance(fact, facts.ContactMade)]
    assert found == ["1", "2"]


def test_both_centers_have_to_be_there_and_right(folder: Path) -> None:
    (folder / "improved" / "center.yaml").unlink()
    assert told(folder) == [(1, "no-center", "there is no center in improved/")]
    (folder / "improved" / "center.yaml").write_text("center: Lab\n", "utf-8")
    assert told(folder)[0][1] == "no-center"
    with pytest.raises(AuthorError):
        load_story(folder / "story.yaml")


def test_check_and_schema_know_stories(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(folder) == []
    assert main(["check", str(folder / "story.yaml")]) == 0
    (folder / "story.yaml").write_text(STORY.replace("sms", "fax"), "utf-8")
    assert main(["check", str(folder / "story.yaml")]) == 1
    assert "story.yaml:9:" in capsys.readouterr().out
    jsonschema.validate(yaml.load(STORY, yaml.BaseLoader), schema("story"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"story": "x", "timeline": []}, schema("story"))
