"""Pictures of flows: all that matters is on them, they are well-formed, and nothing in a text can break them."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ivr.cli import exit_codes, main
from ivr.draw.mermaid import mermaid
from ivr.draw.page import page
from ivr.draw.sketch import Sketch, sketch
from ivr.draw.svg import svg
from ivr.draw.text import width, wrapped
from ivr.language import look_inside
from ivr.lint.example import CENTER, states

NORTHLIGHT = Path(__file__).parents[2] / "flows" / "northlight"
NS = "{http://www.w3.org/2000/svg}"
FLOWS = ("isp-main", "retention", "retention-line")


def drawn(name: str) -> Sketch:
    return sketch(look_inside(NORTHLIGHT), name)


def of(folder: Path, flow: str) -> Sketch:
    (folder / "center.yaml").write_text(CENTER, "utf-8")
    (folder / "main.flow.yaml").write_text(flow, "utf-8")
    inside = look_inside(folder)
    assert [p for p in inside.problems if p.severity == "error"] == []
    return sketch(inside, "main")


def arrows(one: Sketch) -> dict[tuple[str, str, bool], list[str]]:
    return {(arrow.start, arrow.end, arrow.faint): arrow.labels for arrow in one.arrows}


# The sketch ----------------------------------------------------------------------------------------------


def test_keys_with_labels_lead_from_state_to_state() -> None:
    found = arrows(drawn("isp-main"))
    assert found["main-menu", "support-queue", False] == [
        "1  For an internet problem",
        "4  To make a complaint",
    ]
    assert found["main-menu", "leave", False] == ["3  To change or cancel your plan"]
    assert found["welcome", "after-hours", False] == ["closed"]
    assert found["welcome", "main-menu", True] == ["not found", "failed"]
    assert found["billing", "support-queue", True] == ["nobody answers", "busy"]
    assert found["leave", "support-queue", False] == ["wants person"]


def test_what_works_in_every_state_is_drawn_once_and_lighter() -> None:
    found = arrows(drawn("retention"))
    assert found["in any state", "cancel-now", True] == ["key 9"]
    assert found["in any state", "person", True] == ["key 0", "an error"]
    assert not any(
        "key 0" in label
        for (start, _, _), labels in found.items()
        if start != "in any state"
        for label in labels
    )


def test_shapes_tell_queues_transfers_flows_and_ends() -> None:
    shapes = {box.key: box.shape for name in FLOWS for box in drawn(name).boxes}
    assert shapes["support-queue"] == "queue"
    assert shapes["billing"] == "transfer"
    assert shapes["leave"] == "flow"
    assert shapes["cancelled"] == shapes["cancel-now > returns kept"] == "exit"
    assert shapes["main-menu"] == "state"


def test_every_state_has_a_box_and_every_way_of_a_condition_an_arrow() -> None:
    inside = look_inside(NORTHLIGHT)
    for name in FLOWS:
        assert {box.key for box in drawn(name).boxes} >= set(inside.flows[name].states)
    assert arrows(drawn("retention"))["sort", "former", False] == ["if not customer.active"]
    assert arrows(drawn("retention"))["gate", "ladder", False] == ["otherwise"]


def test_a_menu_that_leads_to_itself_says_so_in_its_box(tmp_path: Path) -> None:
    text = "  main:\n    - menu: x\n      choices:\n        1: { label: again, goto: main }\n        2: { label: person, goto: person }\n"
    one = of(tmp_path, states(text))
    assert "1  again: here again" in [line.text for line in one.boxes[0].lines]
    assert not any(arrow.start == arrow.end for arrow in one.arrows)


# SVG -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FLOWS)
def test_the_svg_holds_every_box_arrow_and_label(name: str) -> None:
    one, root = drawn(name), ET.fromstring(svg(drawn(name)))
    said = " ".join("".join(text.itertext()) for text in root.iter(f"{NS}text"))
    for box in one.boxes:
        assert box.title in said
    paths = [path for path in root.iter(f"{NS}path") if path.find(f"{NS}title") is not None]
    assert len(paths) == len(one.arrows)
    assert sum("faint" in path.attrib["class"] for path in paths) == sum(arrow.faint for arrow in one.arrows)
    for arrow in one.arrows:
        for label in arrow.labels:
            assert label.split()[0] in said


def test_the_svg_follows_light_and_dark_and_fetches_nothing() -> None:
    text = svg(drawn("retention"))
    assert "prefers-color-scheme:dark" in text
    assert set(re.findall(r"https?://[^\"' ]+", text)) == {"http://www.w3.org/2000/svg"}
    for word in ("<script", "<image", "href="):
        assert word not in text


def test_text_lies_within_its_box() -> None:
    root = ET.fromstring(svg(drawn("isp-main")))
    for group in root.iter(f"{NS}g"):
        box = group.find(f"{NS}rect[@class='box state']") if "transform" not in group.attrib else None
        for text in group.findall(f"{NS}text") if box is not None else ():
            size = float(text.attrib["font-size"])
            end = float(text.attrib["x"]) + width(
                "".join(text.itertext()), size, bold="font-weight" in text.attrib
            )
            assert box is not None
            assert end <= float(box.attrib["x"]) + float(box.attrib["width"]) + 0.1


def test_the_same_flow_gives_the_same_bytes_in_another_process() -> None:
    code = f"from pathlib import Path; from ivr.draw.sketch import sketch; from ivr.draw.svg import svg; from ivr.language import look_inside; print(svg(sketch(look_inside(Path({str(NORTHLIGHT)!r})), 'isp-main')), end='')"
    for seed in ("1", "2"):
        other = subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        )
        assert other.stdout.decode() == svg(drawn("isp-main"))


HOSTILE = states("""\
  main:
    - say: 'a </text><script>alert(1)</script> & "quoted" #quot; `tick` ]] }} {{ customer.name }}'
    - menu: "x"
      choices:
        1: { label: '"] --> s0; <b>&amp;', goto: person }
      again: y
""")


def test_texts_cannot_break_a_picture(tmp_path: Path) -> None:
    one = of(tmp_path, HOSTILE)
    text = svg(one)
    assert "alert(1)" in "".join(ET.fromstring(text).itertext())
    assert "<script" not in text
    assert "<script" not in page('<script>"', [one])
    for line in mermaid(one).splitlines():
        assert line.count('"') in (0, 2), line
        assert "<script" not in line


def test_a_word_longer_than_its_room_is_cut() -> None:
    assert all(width(line, 12) <= 100 for line in wrapped("a" * 500 + " b " + "界" * 50, 12, 100, 3))
    assert len(wrapped("word " * 100, 12, 100, 3)) == 3
    assert wrapped("word " * 100, 12, 100, 3)[-1].endswith("…")


# Mermaid, page, command -----------------------------------------------------------------------------------


def test_mermaid_has_a_line_for_every_box_and_arrow() -> None:
    one = drawn("isp-main")
    lines = mermaid(one).splitlines()
    assert lines[1] == "flowchart TD"
    assert sum(" -->" in line or " -.->" in line for line in lines) == len(one.arrows) + 1
    assert any('-->|"3 To change or cancel your plan"|' in line for line in lines)
    assert any(line.strip().startswith("class ") and line.endswith(" transfer") for line in lines)


class Ids(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name == "id"]


def test_a_page_shows_every_flow_and_its_ids_are_its_own() -> None:
    text = page("Northlight", [drawn(name) for name in FLOWS])
    ids = Ids()
    ids.feed(text)
    assert set(FLOWS) <= set(ids.found)
    assert len(ids.found) == len(set(ids.found))
    assert text.count("<svg") == 3


def ran(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    out, err = capsys.readouterr()
    return code, out, err


def test_the_command_writes_what_the_file_is_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for ending, begins in ((".svg", "<svg"), (".html", "<!doctype html>"), (".mmd", "%% the flow retention")):
        file = tmp_path / f"x{ending}"
        assert ran(capsys, "draw", str(NORTHLIGHT), "--flow", "retention", "-o", str(file)) == (0, "", "")
        assert file.read_text("utf-8").startswith(begins)
    code, out, _ = ran(capsys, "draw", str(NORTHLIGHT / "retention.flow.yaml"), "--format", "svg")
    assert (code, out) == (0, svg(drawn("retention")))
    code, out, _ = ran(capsys, "draw", str(NORTHLIGHT), "--html")
    assert (code, out.count("<svg")) == (0, 3)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([str(NORTHLIGHT)], exit_codes.USAGE, "isp-main, retention-line, retention"),
        ([str(NORTHLIGHT), "--flow", "retenton"], exit_codes.USAGE, "did you mean 'retention'?"),
        (["nowhere"], exit_codes.OPERATOR, "there is no folder nowhere"),
        ([str(NORTHLIGHT), "--html", "-o", "/nowhere/x.html"], exit_codes.OPERATOR, "cannot be written"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ended, out, err = ran(capsys, "draw", *words)
    assert (ended, out) == (code, "")
    assert said in err


def test_a_broken_center_tells_its_problems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "center.yaml").write_text(CENTER, "utf-8")
    (tmp_path / "main.flow.yaml").write_text(states("  main:\n    - goto: nowhere\n"), "utf-8")
    code, _, err = ran(capsys, "draw", str(tmp_path))
    assert code == exit_codes.NO
    assert "unknown-state" in err


def test_a_flow_too_big_for_a_picture_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chain = "".join(f"  s{n}:\n    - goto: s{n + 1}\n" for n in range(301))
    (tmp_path / "center.yaml").write_text(CENTER, "utf-8")
    (tmp_path / "main.flow.yaml").write_text(
        states("  main:\n    - goto: s0\n" + chain + "  s301:\n    - goto: person\n"), "utf-8"
    )
    code, _, err = ran(capsys, "draw", str(tmp_path), "--format", "svg")
    assert code == exit_codes.OPERATOR
    assert "too many for a picture" in err
