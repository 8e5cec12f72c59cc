"""Each rule shows a flow that breaks it and one that keeps it; both are tried, and nothing else is found in them."""

from pathlib import Path

import pytest

from ivr.language import look_inside
from ivr.lint.example import CENTER
from ivr.lint.findings import apply
from ivr.lint.rule import RULES, Rule


def found(rule: Rule, flow: str, folder: Path) -> list[tuple[str, str, str]]:
    (folder / "center.yaml").write_text(rule.center or CENTER, "utf-8")
    (folder / "main.flow.yaml").write_text(flow, "utf-8")
    inside = look_inside(folder)
    assert [p for p in inside.problems if p.severity == "error"] == []
    apply(inside, [list(rule.packs)[-1]])
    return [(p.code, p.severity, p.excerpt) for p in inside.report.problems if p.code in RULES]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_failing_example_breaks_exactly_this_rule(rule: Rule, tmp_path: Path) -> None:
    pack = list(rule.packs)[-1]
    codes = {(code, level) for code, level, _ in found(rule, rule.bad, tmp_path)}
    assert codes == {(rule.id, rule.packs[pack])}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_passing_example_breaks_none(rule: Rule, tmp_path: Path) -> None:
    assert found(rule, rule.good, tmp_path) == []
