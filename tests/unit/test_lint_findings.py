"""Findings, silences and formats: what `ivr check` says of flows that run but serve callers badly."""

import cProfile
import json
import pstats
from collections.abc import Mapping
from pathlib import Path

import pytest

from ivr.cli import exit_codes, main
from ivr.language import Problem, look_inside
from ivr.language.fields import PACKS
from ivr.lint import check, formats
from ivr.lint.example import CENTER, GATED, RETENTION, WITHOUT_KEY, but, states
from ivr.lint.findings import apply
from ivr.lint.rule import RULES
from ivr.lint.silence import silences

ROOT = Path(__file__).parents[2]
NORTHLIGHT = ROOT / "flows" / "northlight"

MENU = states("""\
  main:
    - menu: "How can we help?"
      choices:
        1: { label: "For bills", goto: person }
        2: { label: "To cancel", goto: person }
""")


def written(folder: Path, flow: str, center: str = CENTER, more: Mapping[str, str] | None = None) -> Path:
    for name, text in {"center.yaml": center, "main.flow.yaml": flow, **(more or {})}.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def codes(folder: Path, *packs: str) -> list[tuple[str, int, str]]:
    return [(p.code, p.line, p.severity) for p in check(folder, packs)]


# Packs --------------------------------------------------------------------------------------------------


def test_the_demo_keeps_core_and_retention() -> None:
    assert check(NORTHLIGHT) == []
    assert [p.severity for p in check(NORTHLIGHT, ["core", "retention"])] == []


def test_every_pack_has_rules_and_every_rule_known_packs() -> None:
    assert {pack for rule in RULES.values() for pack in rule.packs} == set(PACKS)


def test_core_is_on_unless_the_center_says_otherwise(tmp_path: Path) -> None:
    assert codes(written(tmp_path, MENU)) == [("ERR-5", 6, "warning")]
    assert codes(written(tmp_path, MENU, CENTER + "lint: { packs: [in] }\n")) == []
    assert codes(tmp_path, "core") == [("ERR-5", 6, "warning")]


def test_the_severest_pack_counts_and_the_center_has_the_last_word(tmp_path: Path) -> None:
    flow = next(rule.bad for rule in RULES.values() if rule.id == "MENU-1")
    assert {(c, level) for c, _, level in codes(written(tmp_path, flow))} == {("MENU-1", "warning")}
    assert ("MENU-1", "error") in {(c, level) for c, _, level in codes(tmp_path, "pt")}
    written(tmp_path, flow, CENTER + "lint: { severity: { MENU-1: error } }\n")
    assert {(c, level) for c, _, level in codes(tmp_path)} == {("MENU-1", "error")}


@pytest.mark.parametrize(
    ("lint", "code"),
    [
        ("{ packs: [humane] }", "value"),
        ("{ severity: { MENU-1: fatal } }", "value"),
        ("{ severity: { MENU-99: error } }", "unknown-rule"),
        ("{ rules: [MENU-1] }", "unknown-key"),
    ],
)
def test_faulty_settings_are_told_at_their_place(lint: str, code: str, tmp_path: Path) -> None:
    found = [p for p in check(written(tmp_path, MENU, CENTER + f"lint: {lint}\n")) if p.severity == "error"]
    assert [(p.code, p.line) for p in found] == [(code, CENTER.count("\n") + 1)]


def test_rules_wait_until_there_are_no_errors(tmp_path: Path) -> None:
    broken = MENU.replace("    - hangup", "    - goto: nowhere")
    assert "ERR-5" not in {code for code, _, _ in codes(written(tmp_path, broken))}


def test_a_single_flow_is_judged_with_its_center_and_told_alone(tmp_path: Path) -> None:
    written(tmp_path, MENU)
    found = check(tmp_path / "main.flow.yaml")
    assert [(p.code, p.file) for p in found] == [("ERR-5", str(tmp_path / "main.flow.yaml"))]
    (tmp_path / "center.yaml").unlink()
    assert {p.code for p in check(tmp_path / "main.flow.yaml")} == {"ERR-5", "no-center"}


# Silences -----------------------------------------------------------------------------------------------


def test_a_reason_silences_on_the_line_and_from_the_line_above(tmp_path: Path) -> None:
    menu = '    - menu: "How can we help?"'
    beside = but(MENU, menu, menu + "  # lint: allow ERR-5 because it is short")
    above = but(MENU, menu, "    # lint: allow MENU-1, ERR-5 because it is short\n    # more\n" + menu)
    assert codes(written(tmp_path, beside)) == []
    assert codes(written(tmp_path, above)) == [("silence", 6, "warning")]  # MENU-1 has no finding there


@pytest.mark.parametrize(
    ("comment", "said", "silenced"),
    [
        ("allow ERR-5", "without a reason", False),
        ("allow ERR-5 because", "without a reason", False),
        ("allow ERR-5 because ", "without a reason", False),
        ("allow because I say so", "allows nothing", False),
        ("ERR-5", "allows nothing", False),
        ("allow ERR-55 because it is short", "there is no rule 'ERR-55'", False),
        ("allow ERR-1, ERR-5 because it is short", "no finding of ERR-1", True),
        ("allow ERR-5, HUM-1 because HUM-1 is of a pack that is off", "", True),
    ],
)
def test_a_silence_that_is_none_is_told(comment: str, said: str, silenced: bool, tmp_path: Path) -> None:
    menu = '    - menu: "How can we help?"'
    found = check(written(tmp_path, but(MENU, menu, f"{menu} # lint: {comment}")))
    assert ("ERR-5" in {p.code for p in found}) is not silenced
    told = [p.message for p in found if p.code == "silence"]
    assert (said in told[0]) if said else told == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a: b # lint: allow X-1 because y\n", [1]),
        ("a: b# lint: allow X-1 because y\n", []),
        ('a: "b # lint: allow X-1 because y"\n', []),
        ("a: 'b # lint: allow X-1 because y' # lint: allow X-2 because z\n", []),  # the first mark is text
        ("a: |\n  b # lint: allow X-1 because y\nc: d\n", []),
        ("a: >\n  b\n  # lint: allow X-1 because y\nc: d\n", []),
        ('a: "b\n  # lint: allow X-1 because y"\n', []),
        ("a: |\n  b\n# lint: allow X-1 because y\nc: d\n", [4]),
        ("a: { b: c } # lint: allow X-1 because y\n", [1]),
        ("a:\n  # lint: allow X-1 because y\n\n  # and more\n  b: c\n", [5]),
        ("é: 'ü' # lint: allow X-1 because y\n", [1]),
        ("a: b\n# lint: allow X-1 because y", [2]),
    ],
)
def test_only_comments_are_read(text: str, lines: list[int]) -> None:
    assert [one.line for one in silences(text.split("\n"), "f")] == lines


# Paths over the graph ---------------------------------------------------------------------------------------


BARRED = ('"To cancel all the same", goto: cancel', '"To speak about it", goto: person')


def retention(flow: str, folder: Path) -> set[str]:
    found = {code for code, _, _ in codes(written(folder, flow), "retention")}
    assert found <= RULES.keys(), "the flow itself is right"
    return {code for code in found if code.startswith("RET")}


@pytest.mark.parametrize(
    ("flow", "found"),
    [
        (RETENTION, set()),
        (WITHOUT_KEY, set()),
        (GATED, set()),
        (but(RETENTION, "exhausted: cancel", "exhausted: person"), set()),  # key 9 still cancels
        (but(WITHOUT_KEY, "exhausted: cancel", "exhausted: keep"), {"RET-1"}),
        (but(RETENTION, 'label: "To cancel", goto: cancel', 'label: "To stay", goto: person').replace("press 9", "-"), {"RET-3"}),
        (but(RETENTION, "max_offers: 3", "max_offers: 1").replace("steps: [{", "steps: [{ amount: 5, months: 2 }, {"), {"RET-3"}),
        (but(RETENTION, "give_up: person }", "invalid: keep, give_up: person }"), {"RET-4"}),
        (but(RETENTION, "keys: { 9: cancel }", "keys: { 9: cancel }, hangup: [{ run: apply-discount }]"), {"RET-4"}),
        (but(GATED, *BARRED), {"RET-6"}),
        (but(GATED, "customer.debt > 0\n", "rules.owes\n").replace("states:", "rules: { owes: customer.debt > 0 }\nstates:").replace(*BARRED), {"RET-6"}),
        (but(GATED, "- if: customer.debt > 0", "- if: customer.active").replace(*BARRED), set()),
        (but(RETENTION, "  cancel:\n", "  cancel:\n    - run: take-payment\n      on: { failed: person, declined: person, timeout: person }\n"), {"RET-1"}),
        (but(RETENTION, "exhausted: cancel", "exhausted: sure").replace("  keep:\n", '  sure:\n    - menu: "No discount, then?"\n      choices:\n        1: { label: "To take it", goto: keep }\n        9: { label: "To cancel", goto: cancel }\n      again: "Take it, 1."\n  keep:\n'), {"RET-7"}),
        (but(RETENTION, "exhausted: cancel", "exhausted: again").replace("  keep:\n", "  again:\n    - goto: ladder\n  keep:\n"), {"RET-3"}),
    ],
)  # fmt: skip
def test_ways_to_cancelling(flow: str, found: set[str], tmp_path: Path) -> None:
    assert retention(flow, tmp_path) == found


def test_a_key_that_cancels_has_to_be_told(tmp_path: Path) -> None:
    dumb = but(
        RETENTION,
        '        9: { label: "To cancel", goto: cancel }',
        '        2: { label: "To cancel", goto: cancel }',
    )
    found = [
        p
        for p in check(written(tmp_path, dumb.replace("press 9", "press 2")), ["retention"])
        if p.code == "RET-1"
    ]
    assert [p.message for p in found] == ["no text tells that key 9 cancels"]
    told = dumb.replace("  plan:\n", '  plan:\n    - say: "You can cancel at any time by pressing 9."\n')
    assert retention(told.replace("press 9", "press 2"), tmp_path) == set()


def test_ways_go_through_flows_that_are_called(tmp_path: Path) -> None:
    """A caller's menu, operator and queue count for the flow that was called."""
    outer = "flow: main\nstart: in\nstates:\n  in:\n    - call: sub\n      on: { person: people }\n  people:\n    - queue: support\n    - hangup\n"
    sub = "flow: sub\nstart: a\nreturns: [person]\nstates:\n  a:\n    - menu: x\n      choices:\n        1: { label: a person, return: person }\n      again: y\n      on: { give_up: WAY }\n  bye: [hangup]\n  b: [{ return: person }]\n"
    for way, found in (("b", set()), ("bye", {"ERR-1"})):
        flow = (
            sub.replace("WAY", way)
            if way == "bye"
            else sub.replace("WAY", way).replace("  bye: [hangup]\n", "")
        )
        flow = flow.replace("  b: [{ return: person }]\n", "") if way == "bye" else flow
        assert {code for code, _, _ in codes(written(tmp_path, outer, more={"sub.flow.yaml": flow}))} == found


def test_long_chains_are_no_trouble(tmp_path: Path) -> None:
    chain = "".join(f"  s{n}:\n    - say: a\n    - goto: s{n + 1}\n" for n in range(3_000))
    flow = states("  main:\n    - goto: s0\n" + chain + "  s3000:\n    - goto: person\n")
    assert codes(written(tmp_path, flow), *PACKS[:3]) == [
        ("QUE-1", flow[: flow.index("- queue")].count("\n") + 1, "warning"),
        ("QUE-2", flow[: flow.index("- queue")].count("\n") + 1, "warning"),
    ]


@pytest.mark.parametrize(
    ("say", "found"),
    [
        ("For bills, press 1.", False),
        ("For a person, press 0.", False),
        ("For bills, press 7.", True),
        ("Чтобы узнать о счёте, нажмите 7.", True),
        ("You can go at any time by pressing star.", True),
        ("We are open from 7 to 9.", False),
    ],
)
def test_a_text_that_names_a_dead_key_is_found(say: str, found: bool, tmp_path: Path) -> None:
    flow = MENU.replace("  main:\n", f'  main:\n    - say: "{say}"\n').replace(
        "goto: person }\n  person", "goto: person }\n      again: x\n  person"
    )
    assert [code for code, _, _ in codes(written(tmp_path, flow))] == (["MENU-3"] if found else [])


# Formats ------------------------------------------------------------------------------------------------


def test_text_has_place_caret_and_cure(tmp_path: Path) -> None:
    text = str(check(written(tmp_path, MENU))[0])
    assert text.endswith(
        "main.flow.yaml:6:7: warning[ERR-5]: after a miss this menu is said word by word again\n"
        '  6 |     - menu: "How can we help?"\n    |       ^\n  hint: add again:'
    )


def test_sarif_names_rules_levels_and_places(tmp_path: Path) -> None:
    found = check(written(tmp_path, MENU.replace("main:\n", "main:\n    - say: ''\n", 1)))
    log = formats.sarif(found)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [(r["id"], r["helpUri"]) for r in rules] == [
        ("silent", "docs/reference/language-notes.md#what-ivr-check-says"),
        ("ERR-5", "docs/reference/rules.md#err-5"),
    ]
    page = (ROOT / "docs" / "reference" / "rules.md").read_text("utf-8")
    for rule in RULES:
        assert f"\n## {rule}\n" in page
        assert (ROOT / formats.help_uri(rule).partition("#")[0]).exists()
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    last = run["results"][-1]
    assert last["level"] == "warning"
    assert last["locations"][0]["physicalLocation"]["region"]["startLine"] == 7


def test_github_commands_cannot_be_forged() -> None:
    problem = Problem("a,b:c.yaml", 3, 4, "X-1", "100%\n::error::", "h")
    assert (
        formats.github([problem])
        == "::error file=a%2Cb%3Ac.yaml,line=3,col=4,title=X-1::100%25%0A::error::%0Ahint: h"
    )


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        raise SystemExit(main(words))
    return int(str(ended.value)), capsys.readouterr().out


@pytest.mark.parametrize("how", ["text", "json", "sarif", "github"])
def test_the_command_prints_rule_ids_in_every_format(
    how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = written(tmp_path, next(rule.bad for rule in RULES.values() if rule.id == "MENU-5"))
    code, out = said(capsys, "check", str(folder), "--pack", "pt", "--pack", "human", "--format", how)
    assert code == exit_codes.NO
    assert "MENU-5" in out
    assert "QUE-1" in out
    if how in ("json", "sarif"):
        json.loads(out)


def test_an_unknown_pack_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = said(capsys, "check", str(NORTHLIGHT), "--pack", "humn")
    assert code == exit_codes.USAGE


def test_the_time_taken_grows_with_the_flow_alone(tmp_path: Path) -> None:
    """Counted in calls, which do not depend on the machine: indices over the graph, no walk a step."""
    from tests.unit.test_language_speed import big

    def calls(states: int) -> int:
        inside = look_inside(big(tmp_path / str(states), states))
        profile = cProfile.Profile()
        profile.enable()
        apply(inside, PACKS)
        profile.disable()
        return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]

    calls(5)
    assert calls(200) < 2.2 * calls(100)
