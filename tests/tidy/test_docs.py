"""What the docs show is run; what they list is true."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.language import load_sources
from ivr.observe.live_metrics import LiveMetrics
from ivr.observe.metrics import Metrics

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


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
    center = "center: Docs\nnumbers: { main: front-desk }\nqueues: { front: {} }\nagents: { ann: { queues: [front] } }\n"
    assert load_sources({"center.yaml": center, "front-desk.flow.yaml": text}).plan.flows


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
