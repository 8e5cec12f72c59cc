"""What the docs show is run; what they list is true."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ivr.lint.findings  # noqa: F401 - declares the rules
from ivr.cli import main
from ivr.core.flow.expression_calls import CALLS
from ivr.language import check_center, load_center, load_sources, schema
from ivr.language.beside import load_story
from ivr.language.step_models import VERBS
from ivr.language.templates import FILTERS
from ivr.lint.rule import RULES
from ivr.observe.live_metrics import LiveMetrics
from ivr.observe.metrics import Metrics
from ivr.story import play
from ivr.story.card import card_of

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

FOLDER = ROOT / "flows" / "examples"
EXAMPLES = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.yaml")}


def blocks(language: str) -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for number, match in enumerate(
            re.finditer(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        ):
            found.append((f"{page.relative_to(ROOT)}:{number}", match[1]))
    return found


@pytest.mark.parametrize(
    ("place", "code"), blocks("python"), ids=lambda value: value if "\n" not in value else ""
)
def test_python_in_the_docs_runs(place: str, code: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    if place.startswith("README"):
        assert f"prints `{result.stdout.strip()}`" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("place", "text"), blocks("yaml"), ids=lambda value: value if "\n" not in value else ""
)
def test_flows_in_the_docs_load(place: str, text: str) -> None:
    if not text.startswith("flow:"):
        pytest.skip("an excerpt, not a whole flow")
    if place.startswith("docs/reference/language.md"):
        assert text in EXAMPLES.values(), "the page shows the files of the examples"
        return
    if place.startswith("docs/reference/rules.md"):
        shown = [example for rule in RULES.values() for example in (rule.bad, rule.good)]
        assert text in shown, "the page shows the examples that test_lint_examples tries"
        return
    center = "center: Docs\nnumbers: { main: front-desk }\nqueues: { front: {} }\nagents: { ann: { queues: [front] } }\n"
    assert load_sources({"center.yaml": center, "front-desk.flow.yaml": text}).plan.flows


def test_the_examples_of_the_reference_are_a_center_without_a_problem() -> None:
    assert check_center(FOLDER) == []


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_an_example_that_loads(verb: str) -> None:
    flow = load_center(FOLDER).plan.flows[verb]
    text = EXAMPLES[f"{verb}.flow.yaml"]
    assert re.search(rf"(^\s*- |[{{\[] ?){verb}\b", text, re.MULTILINE), "the example shows its verb"
    assert flow.start.first is not None
    assert f"```yaml\n{text}```" in (ROOT / "docs" / "reference" / "language.md").read_text("utf-8")


def test_every_field_of_a_flow_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "language.md").read_text("utf-8")
    for model in schema("flow")["$defs"].values():
        for field, about in model.get("properties", {}).items():
            assert f"| `{field}` | {about['description']} |" in page, field
    for field in schema("flow")["properties"]:
        assert f"| `{field}` | " in page.partition("## Steps")[0], field


def test_every_function_and_filter_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "expressions.md").read_text("utf-8")
    for call in CALLS.values():
        assert f"| `{call.usage}` | " in page
    for name in FILTERS:
        assert f"| `{name}` | " in page


def test_labels_of_metrics_are_listed_before_anything_has_happened() -> None:
    page = (ROOT / "docs" / "reference" / "metrics.md").read_text("utf-8")
    assert "| `ivr_steps_total` | counter | flow, result, verb |" in page
    assert "| `ivr_queue_estimated_wait_seconds` | gauge | queue |" in page
    assert "| `ivr_offers_total` | counter | answer, offer |" in page


def test_the_guide_to_testing_flows_is_true(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its files are written and its commands run, from top to bottom; what they print is what it shows."""
    guide = (ROOT / "docs" / "guides" / "testing-flows.md").read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    commands = 0
    for kind, text in re.findall(r"^```(yaml|console)\n(.*?)^```", guide, re.MULTILINE | re.DOTALL):
        if kind == "yaml":
            Path(text.partition("\n")[0].removeprefix("# ")).write_text(text, "utf-8")
            continue
        for shown in re.split(r"^\$ ivr ", text, flags=re.MULTILINE)[1:]:
            typed, _, expected = shown.partition("\n")
            main(typed.split())
            out, err = capsys.readouterr()
            printed = re.sub(r"in \d+\.\d s$", "in 0.1 s", out + err, flags=re.MULTILINE)
            assert not expected or printed == expected, typed
            commands += 1
    assert commands == 5
    assert main(["test", "bakery/about.test.yaml", "bakery/queue.test.yaml"]) == 0, capsys.readouterr().out


def test_the_guide_to_simulating_is_true(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its center is written and its commands run; what they print is what it shows."""
    guide = (ROOT / "docs" / "guides" / "simulating.md").read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for text in re.findall(r"^```yaml\n(.*?)^```", guide, re.MULTILINE | re.DOTALL):
        file = Path(text.partition("\n")[0].removeprefix("# "))
        for folder in ("hotline", "hotline-with-gus"):
            Path(folder).mkdir(exist_ok=True)
            Path(folder, file.name).write_text(text, "utf-8")
    with Path("hotline-with-gus", "center.yaml").open("a", encoding="utf-8") as center:
        center.write(re.findall(r"add `(.*?)` to its agents", guide)[0] + "\n")
    shown = re.findall(r"^\$ ivr (.*?)\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    assert len(shown) == 3
    for typed, expected in shown:
        main([*shlex.split(typed), "--jobs", "1"])
        assert capsys.readouterr().out == expected, typed


def test_the_guide_to_the_company_is_true(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its center is written and its commands run; what they print is what it shows."""
    guide = (ROOT / "docs" / "guides" / "company.md").read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    Path("provider").mkdir()
    for text in re.findall(r"^```yaml\n(# provider/.*?)^```", guide, re.MULTILINE | re.DOTALL):
        Path(text.partition("\n")[0].removeprefix("# ")).write_text(text, "utf-8")
    shown = re.findall(r"^```console\n\$ ivr (.*)\n((?:.*\n)*?)^```", guide, re.MULTILINE)
    assert shown
    for typed, expected in shown:
        assert main(shlex.split(typed)) == 0
        assert (
            re.sub(r"in \d+\.\d s$", "in 0.1 s", capsys.readouterr().out, flags=re.MULTILINE) == expected
        ), typed


def test_the_guide_to_the_erlang_calculator_is_true(capsys: pytest.CaptureFixture[str]) -> None:
    guide = (ROOT / "docs" / "guides" / "erlang.md").read_text("utf-8")
    shown = re.findall(r"^```console\n\$ ivr (.*)\n((?:.*\n)*?)^```", guide, re.MULTILINE)
    assert len(shown) == 5
    for typed, expected in shown:
        assert main(shlex.split(typed)) == 0
        assert capsys.readouterr().out == expected, typed


def test_every_field_of_a_test_is_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "test-files.md").read_text("utf-8")
    for model in schema("test")["$defs"].values():
        for field, about in model.get("properties", {}).items():
            assert f"| `{field}` | {about.get('description', '')}" in page, field


def test_every_field_of_a_story_is_in_the_reference() -> None:
    pages = [
        (ROOT / "docs" / "reference" / name).read_text("utf-8")
        for name in ("story-files.md", "test-files.md")
    ]
    whole = schema("story")
    for model in (whole, *whole["$defs"].values()):
        for field, about in model.get("properties", {}).items():
            assert any(f"| `{field}` | {about.get('description', '')}" in page for page in pages), field


def test_generated_pages_are_up_to_date() -> None:
    result = subprocess.run(
        [sys.executable, "tools/reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_metrics_that_the_docs_name_exist() -> None:
    plan = load_sources(
        {"center.yaml": "center: Docs\nnumbers: { main: m }\nqueues: { q: {} }\nagents: { a: { queues: [q] } }\n",
         "m.flow.yaml": "flow: m\nstart: s\nstates: { s: [{ queue: q }, hangup] }\n"}
    ).plan  # fmt: skip
    metrics = Metrics(plan)
    LiveMetrics(metrics.registry)
    names = {sample.name for family in metrics.registry.collect() for sample in family.samples}
    known = names | {gauge.removesuffix("_total") for gauge in names}
    snapshots = (ROOT / "docs" / "reference" / "metrics.md").read_text("utf-8")
    for page in PAGES:
        for named in set(re.findall(r"\bivr_(?!v1|dashboards)[a-z_]+", page.read_text("utf-8"))):
            assert named in known or f"`{named}`" in snapshots, f"{page.name}: {named}"


def test_the_guide_to_stories_shows_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    guide = (ROOT / "docs" / "guides" / "stories.md").read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    files = dict(re.findall(r"^```yaml\n# (kettle/[^\n]*)\n(.*?)^```", guide, re.MULTILINE | re.DOTALL))
    more = files.pop("kettle/improved/center.yaml, at the end")
    for name, text in files.items():
        for version in (name, name.replace("as-told", "improved")):
            Path(version).parent.mkdir(parents=True, exist_ok=True)
            Path(version).write_text(text, "utf-8")
    Path("kettle/improved/center.yaml").write_text(files["kettle/as-told/center.yaml"] + more, "utf-8")
    assert main(["check", "kettle"]) == 0, capsys.readouterr().out
    shown = re.findall(r"^```console\n\$ ivr (.*)\n((?:.*\n)*?)^```", guide, re.MULTILINE)
    assert len(shown) == 2
    for typed, expected in shown:
        capsys.readouterr()
        assert main(shlex.split(typed)) == 0
        out = capsys.readouterr().out
        for part in filter(None, expected.split("…\n")):
            assert part in out, part


STORY_EXPERIMENTS = re.findall(
    r"^```diff\n# ([\w-]+)/([\w-]+)/(\S+)\n(.*?)^```\n\neffort (\d+) → (\d+), (not )?resolved",
    (ROOT / "docs" / "guides" / "stories.md").read_text("utf-8"),
    re.MULTILINE | re.DOTALL,
)


@pytest.mark.parametrize("experiment", STORY_EXPERIMENTS)
def test_an_experiment_of_the_guide_moves_the_score_as_it_says(
    tmp_path: Path, experiment: tuple[str, ...]
) -> None:
    """The lines are changed in a copy, and both versions are played."""
    story, version, file, changes, before, after, unresolved = experiment
    folder = tmp_path / story
    shutil.copytree(ROOT / "flows" / "stories" / story, folder)
    assert _effort(folder, version)[0] == int(before)
    path = folder / version / file
    text = path.read_text("utf-8")
    for part in re.findall(r"(?:^-.*\n)+(?:^\+.*\n)+", changes, re.MULTILINE):
        old = "\n".join(line[1:] for line in part.splitlines() if line[0] == "-")
        new = "\n".join(line[1:] for line in part.splitlines() if line[0] == "+")
        assert old in text, old
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")
    assert _effort(folder, version) == (int(after), not unresolved)


def _effort(folder: Path, version: str) -> tuple[int, bool]:
    card = card_of(play(load_story(folder / "story.yaml"), load_center(folder / version), "en"))
    return round(card.effort.index), card.resolved
