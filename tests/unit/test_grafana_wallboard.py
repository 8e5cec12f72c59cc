"""The checked-in dashboard is the generated one, and asks only for what the product tells."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ivr.observe.dashboards import FILE, text, wallboard
from ivr.observe.live_metrics import LiveMetrics
from ivr.observe.metrics import Metrics
from tests.unit.test_observe_center import Center, small_plan

GRAFANA = Path(__file__).parents[2] / "grafana"
PANELS: list[dict[str, Any]] = wallboard()["panels"]
QUERIES = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]
UNITS = {"short", "s", "percentunit"}

METRIC = re.compile(r"\bivr_[a-z_]+")
SELECTOR = re.compile(r"\bivr_[a-z_]+\{([^}]*)\}")
COUNTED = re.compile(r"(\w+)\((ivr_[a-z_]+)\{[^}]*\}\[([^\]]+)\]\)")


def families() -> dict[str, tuple[str, set[str]]]:
    """Every series a small center tells of: its type and its labels."""
    metrics = Metrics(small_plan(), Center().engine.snapshot)
    LiveMetrics(metrics.registry)
    told: dict[str, tuple[str, set[str]]] = {}
    suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}
    for family in metrics.registry.collect():
        labels = {label for sample in family.samples for label in sample.labels}
        labels |= set(getattr(family, "_labelnames", ()))
        for suffix in suffixes.get(family.type, [""]):
            told[family.name + suffix] = (family.type, labels)
    return told


TOLD = families()


def test_the_checked_in_dashboard_is_the_generated_one() -> None:
    assert (GRAFANA / FILE).read_text(encoding="utf-8") == text(), (
        "run: python -m ivr.observe.dashboards grafana"
    )


@pytest.mark.parametrize(("title", "expression"), QUERIES)
def test_a_query_asks_for_series_and_labels_that_exist(title: str, expression: str) -> None:
    names = METRIC.findall(expression)
    assert names
    assert [name for name in names if name not in TOLD] == []
    for found in SELECTOR.finditer(expression):
        asked = set(re.findall(r"(\w+)(?:=~|!~|!=|=)", found.group(1))) - {"job", "instance"}
        assert asked <= TOLD[found.group().partition("{")[0]][1]
    labels = {label for name in names for label in TOLD[name][1]}
    for group in re.findall(r"by \(([^)]*)\)", expression):
        assert set(group.split(", ")) <= labels


@pytest.mark.parametrize(("title", "expression"), QUERIES)
def test_a_query_is_written_as_grafana_wants(title: str, expression: str) -> None:
    selectors = SELECTOR.findall(expression)
    assert len(selectors) == len(METRIC.findall(expression)), "each series has a selector"
    for selector in selectors:
        assert 'job=~"$job"' in selector
        assert 'instance=~"$instance"' in selector
    windowed = {found.group(2): found.groups() for found in COUNTED.finditer(expression)}
    for name in METRIC.findall(expression):
        assert (name in windowed) is (TOLD[name][0] in ("counter", "histogram"))
    for function, _, window in windowed.values():
        assert function in ("rate", "increase")
        assert window in ("$__rate_interval", "$__range")
    for bound in re.findall(r'\ble="([^"]*)"', expression):
        assert re.fullmatch(r"\d+\.\d+", bound), f'write le="{bound}.0"'
        assert re.search(f'ivr_queue_wait_seconds_bucket.*le="{bound}"', page())


def page() -> str:
    return Metrics(small_plan()).render()[1].decode()


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: str(panel["title"]))
def test_a_panel_says_what_it_shows(panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    assert panel["datasource"]["uid"] == "${datasource}"
    assert all(target["legendFormat"] for target in panel["targets"])


def test_panels_do_not_overlap_and_have_ids_and_titles_of_their_own() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken
        taken |= cells
    assert len({panel["id"] for panel in PANELS}) == len({panel["title"] for panel in PANELS}) == len(PANELS)


def test_variables_are_those_of_every_ivr_dashboard() -> None:
    variables = {variable["name"]: variable for variable in wallboard()["templating"]["list"]}
    assert list(variables) == ["datasource", "job", "instance", "queue"]
    assert variables["datasource"]["label"] == "Data source"
    for name in ("job", "instance", "queue"):
        assert variables[name]["multi"]
        assert variables[name]["allValue"] == ".+"
        assert set(METRIC.findall(variables[name]["query"]["query"])) <= set(TOLD)


def test_provisioning_and_prometheus_agree_with_each_other() -> None:
    source = yaml.safe_load((GRAFANA / "provisioning/datasources/ivr.yml").read_text())["datasources"][0]
    scrape = yaml.safe_load((GRAFANA / "prometheus/prometheus.yml").read_text())
    assert source["jsonData"]["timeInterval"] == scrape["global"]["scrape_interval"]
    assert scrape["scrape_configs"][0]["static_configs"][0]["targets"] == ["127.0.0.1:8080"]
    assert yaml.safe_load((GRAFANA / "provisioning/dashboards/ivr.yml").read_text())["providers"]
    assert json.loads((GRAFANA / FILE).read_text(encoding="utf-8"))["uid"] == "ivr-wallboard"


PROMTOOL = shutil.which("promtool")


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian package: prometheus)")
def test_promtool_accepts_every_query_and_the_configuration(tmp_path: Path) -> None:
    assert PROMTOOL is not None
    rules = [
        {"record": f"ivr:query{number}", "expr": re.sub(r"\$__\w+", "1m", expression).replace("$", "")}
        for number, (_, expression) in enumerate(QUERIES)
    ]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "wallboard", "rules": rules}]}))
    config = str(GRAFANA / "prometheus/prometheus.yml")
    for arguments in (["check", "rules", str(file)], ["check", "config", config]):
        done = subprocess.run([PROMTOOL, *arguments], capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian package: prometheus)")
def test_promtool_accepts_the_page() -> None:
    assert PROMTOOL is not None
    done = subprocess.run(
        [PROMTOOL, "check", "metrics"], input=page(), capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
