"""Exploring: every way is walked, and what is wrong is found with the moves that lead there."""

import json
import re
from pathlib import Path

import pytest

from ivr.cli import main
from ivr.language import Center, load_center, load_sources
from ivr.sim.explorer import Exploration, explore
from tests.support import center_of
from tests.support.lab import states

NORTHLIGHT = Path(__file__).parents[2] / "flows" / "northlight"


def walk(text: str, head: str = "", depth: int = 40) -> Exploration:
    return explore(center_of(states(text, head)), "1", depth)


def found(exploration: Exploration) -> list[tuple[str, str]]:
    return [(finding.id, finding.state) for finding in exploration.findings]


GOOD = """
a:
  - menu: "?"
    choices: { 1: { label: "one", goto: b }, 2: { label: "again", repeat: true }, 3: { label: "out", goto: c } }
    on: { give_up: b }
b: [{queue: support, max_wait: 1m, on: {timeout: c, full: c, empty: c, closed: c}}, hangup]
c: [{say: "Goodbye."}, hangup]
"""


def test_a_good_flow_is_walked_whole_and_nothing_is_found() -> None:
    exploration = walk(GOOD)
    assert (found(exploration), exploration.missed, exploration.complete) == ([], [], True)
    assert exploration.visited == {("main", "a"), ("main", "b"), ("main", "c")}


def test_a_fault_is_found_with_the_moves_that_lead_to_it() -> None:
    exploration = walk(GOOD.replace("timeout: c, ", ""))
    (finding,) = exploration.findings
    assert (finding.id, finding.state) == ("fault", "b")
    assert "unhandled.timeout" in finding.text
    assert [move.text for move in finding.path] == ["presses 1", "waits as long as the queue lets them"]


def test_a_caller_without_usable_input_who_is_never_let_go_is_found() -> None:
    exploration = walk(GOOD.replace("give_up: b", "give_up: a"))
    assert found(exploration) == [("endless", "a")]


def test_states_without_a_way_out_or_to_a_person_are_found() -> None:
    exploration = walk(
        """
a: [{menu: "?", choices: {1: {label: "in", goto: trap}, 2: {label: "person", goto: b}}, on: {give_up: c}}]
trap: [{menu: "Again?", choices: {1: {label: "yes", goto: trap}}, on: {give_up: trap}}]
b: [{queue: support, max_wait: 1m, on: {timeout: c, full: c, empty: c, closed: c}}, hangup]
c: [{ask: "Number?", digits: 1, into: n, on: {give_up: d}}, {goto: d}]
d: [hangup]
""",
        "vars: { n: text }",
    )
    assert ("no-exit", "trap") in found(exploration)
    assert ("no-person", "c") in found(exploration)
    assert ("no-exit", "a") not in found(exploration)


def test_what_is_never_reached_is_said_and_what_was_cut_short_is_not_judged() -> None:
    unreachable = (
        GOOD.replace('3: { label: "out", goto: c }', '3: { label: "out", goto: d }')
        + "d: [{if: customer.active and not customer.active, then: e}, hangup]\ne: [hangup]\n"
    )
    assert walk(unreachable).missed == [("main", "e")]
    cut = walk(GOOD.replace("give_up: b", "give_up: a"), depth=2)
    assert not cut.complete
    assert found(cut) == []


def test_answers_of_the_company_and_of_agents_are_walked() -> None:
    exploration = walk(
        """
a: [{lookup: who, with: {phone: caller.number}, on: {not_found: n, failed: f}}, {goto: y}]
n: [{run: pay, with: {amount: 1}, on: {failed: f}}, {goto: y}]
f: [hangup]
y: [{transfer: billing, mode: warm, whisper: "Hello.", on: {no_answer: q, busy: r, rejected: s, failed: f}}, {goto: t}]
q: [hangup]
r: [{transfer: plumber, on: {no_answer: q, busy: s, rejected: s, failed: f}}, {goto: t}]
s: [hangup]
t: [{record: "After the tone.", max: 1m}, hangup]
"""
    )
    assert (found(exploration), exploration.missed) == ([], [])


def test_every_reason_for_which_a_run_declines_is_walked() -> None:
    center = load_sources(
        {
            "center.yaml": """
center: Shop
numbers: { "1": main }
data: { card: { number: text, expires: date } }
queues: { desk: {} }
world:
  tables: { cards: [{ number: "41", expires: 2020-01-01 }] }
  lookups: { card: { args: { number: text }, from: cards, match: { number: number }, into: card } }
  runs:
    pay:
      args: { number: text, amount: money }
      row: { from: cards, match: { number: number } }
      declines: { expired: row.expires < today, too_much: args.amount > 100 }
""",
            "main.flow.yaml": """
flow: main
start: a
states:
  a:
    - run: pay
      with: { number: "41", amount: 50 }
      on: { declined.expired: b, declined.too_much: c, not_found: d, declined: d, failed: d }
    - goto: d
  b: [hangup]
  c: [hangup]
  d: [hangup]
""",
        }
    )
    assert {state for _, state in explore(center, "1", 5).visited} == {"a", "b", "c", "d"}


def test_the_demo_is_walked_in_full_and_the_same_every_time() -> None:
    center = load_center(NORTHLIGHT)
    first, second = (explore(center, "retention", 40) for _ in range(2))
    assert first.complete
    assert found(first) == [("fault", "keep"), ("fault", "cancelled")], (
        "runs find no row for a caller without a number"
    )
    assert (first.moves, first.nodes, sorted(first.visited)) == (
        second.moves,
        second.nodes,
        sorted(second.visited),
    )
    assert {state for flow, state in first.missed} == {"closed", "sorry"}, "it is open, and nothing fails"


def write(center: Center, folder: Path) -> None:
    for name, text in center.sources.items():
        if not name.startswith("("):
            (folder / name).write_text(text, "utf-8")


def test_the_command_says_what_it_found_and_the_way_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(center_of(states(GOOD.replace("timeout: c, ", ""))), tmp_path)
    assert main(["explore", str(tmp_path), "--dials", "1"]) == 1
    out = capsys.readouterr().out
    assert "fault: main / b" in out
    assert "2. waits as long as the queue lets them" in out
    assert main(["explore", str(tmp_path), "--dials", "1", "--json"]) == 1
    (walked,) = json.loads(capsys.readouterr().out)
    assert walked["findings"][0]["id"] == "fault"
    assert main(["explore", str(tmp_path), "--dials", "2"]) == 0
    assert "nothing found" in capsys.readouterr().out
    assert main(["explore", str(tmp_path), "--dials", "9"]) == 2
    assert main(["explore", str(tmp_path / "nothere")]) == 3


def test_what_was_found_is_written_as_tests_that_fail_until_it_is_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(center_of(states(GOOD.replace("timeout: c, ", ""))), tmp_path)
    file = tmp_path / "found.test.yaml"
    assert main(["explore", str(tmp_path), "--dials", "1", "--write", str(file)]) == 1
    assert f"1 test written to {file}" in capsys.readouterr().out
    assert main(["check", str(tmp_path)]) == 0
    assert main(["format", "--check", str(file)]) == 0
    assert main(["test", str(file)]) == 1
    assert "expected: errors 0" in capsys.readouterr().out
    write(center_of(states(GOOD)), tmp_path)
    assert main(["test", str(file)]) == 0


def test_a_caller_who_is_kept_for_ever_gets_a_test_and_one_without_a_person_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = """
a: [{menu: "?", choices: {1: {label: "again", repeat: true}, 3: {label: "out", goto: c}}, on: {give_up: a}}]
c: [hangup]
"""
    write(center_of(states(text)), tmp_path)
    file = tmp_path / "found.test.yaml"
    assert main(["explore", str(tmp_path), "--dials", "1", "--write", str(file)]) == 1
    said = capsys.readouterr().out
    assert "endless: main / a" in said
    assert "no-person: main / a" in said
    assert f"1 test written to {file}; 1 of the findings cannot be shown by a test" in said
    assert main(["test", str(file)]) == 1
    assert "expected: ended flow_hung_up" in capsys.readouterr().out


def test_silences_answers_and_agents_of_the_way_are_in_the_test(tmp_path: Path) -> None:
    flow = """
a: [{menu: "?", choices: {1: {label: "out", goto: c}}, on: {silence: m, give_up: c}}]
m: [{menu: "Still there?", choices: {1: {label: "yes", goto: b}}, on: {give_up: c}}]
b: [{lookup: who, with: {phone: caller.number}, on: {not_found: c, failed: c}}, {goto: d}]
d: [{transfer: billing, mode: warm, whisper: "Hello.", on: {busy: c, rejected: c, failed: c}}, hangup]
c: [hangup]
"""
    write(center_of(states(flow)), tmp_path)
    file = tmp_path / "found.test.yaml"
    assert main(["explore", str(tmp_path), "--dials", "1", "--write", str(file)]) == 1
    text = file.read_text("utf-8")
    assert "unhandled.no_answer in main.d" in text
    assert re.search(r"- silent: \d+s\n +- press: '1'\n", text)
    assert "name: Ada\n" in text
    assert "anna:\n        answers: false\n" in text
    assert main(["test", str(file)]) == 1


@pytest.mark.parametrize(
    ("name", "cure"),
    [
        ("found.yaml", "files named *.test.yaml"),
        ("../found.test.yaml", "in its folder, or below"),
        ("there.test.yaml", "name another"),
        ("no/found.test.yaml", "there is no folder"),
    ],
)
def test_tests_are_written_only_where_they_belong(
    name: str, cure: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "center"
    folder.mkdir()
    write(center_of(states(GOOD)), folder)
    (folder / "there.test.yaml").write_text("# mine\n", "utf-8")
    assert main(["explore", str(folder), "--write", str(folder / name)]) == 2
    assert cure in capsys.readouterr().err
    assert (folder / "there.test.yaml").read_text("utf-8") == "# mine\n"


def test_calls_are_walked_at_another_hour_and_the_tests_of_it_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flow = """
a:
  - hours: office
    on: { closed: night }
  - hangup
night:
  - menu: "Closed."
    choices: { 1: { label: "out", hangup: true } }
    on: { give_up: night }
"""
    write(center_of(states(flow)), tmp_path)
    assert main(["explore", str(tmp_path), "--dials", "1"]) == 0
    assert "never reached: main / night" in capsys.readouterr().out
    file = tmp_path / "found.test.yaml"
    late = ["--dials", "1", "--clock", "2026-01-05T22:00", "--write", str(file)]
    assert main(["explore", str(tmp_path), *late]) == 1
    assert "endless: main / night" in capsys.readouterr().out
    assert "clock: '2026-01-05T22:00:00'" in file.read_text("utf-8")
    assert main(["test", str(file)]) == 1
    assert "expected: ended flow_hung_up" in capsys.readouterr().out
    assert main(["explore", str(tmp_path), "--clock", "2026-01-05T22:00+01:00"]) == 2
