"""All problems at once: a bad part hides nothing of the rest, and nothing that speaks of it is blamed."""

import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from ivr.errors import AuthorError
from ivr.language import check_center, load_sources
from tests.unit.language_samples import CENTER, flow, problems

NORTHLIGHT = Path(__file__).parents[2] / "flows" / "northlight"
END = "flow: main\nstart: a\nstates: { a: [hangup] }\n"
CALL = flow("  a:\n    - call: hotline\n      on: { done: b }\n  b:\n    - queue: suport\n    - hangup\n")


def found(
    text: str, center: str = CENTER, more: Mapping[str, str] | None = None
) -> list[tuple[str, int, str]]:
    return [(p.file.partition(".")[0], p.line, p.code) for p in problems(text, center, more)]


def hints(
    text: str, center: str = CENTER, more: Mapping[str, str] | None = None
) -> list[tuple[int, str, str]]:
    return [(p.line, p.message, p.hint) for p in problems(text, center, more)]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        # a misspelled key and a wrong target: both, and the key once, not also as missing
        ("  a:\n    - menu: x\n      chioces: { 1: { label: x, goto: b } }\n    - goto: welcom\n  b: [hangup]\n",
         [(6, "unknown-key"), (7, "unknown-state")]),
        # a state that only a lost step leads to is not unreachable, a lost last step is no dead end
        ("  a:\n    - playy: b\n  b: [hangup]\n", [(5, "value")]),
        # one bad choice: the others are checked
        ("  a:\n    - menu: x\n      choices:\n        1: { lable: x, goto: b }\n        2: { label: y, goto: c }\n  b: [hangup]\n",
         [(7, "unknown-key"), (8, "unknown-state")]),
        # one bad option: its step's targets are checked
        ("  a:\n    - ask: x\n      into: n\n      digits: many\n      on: { give_up: c }\n    - hangup\n",
         [(6, "unknown-variable"), (7, "value"), (8, "unknown-state")]),
        # a lost handler: the step after may well follow, or not
        ("  a:\n    - queue: support\n      onn: { connected: b }\n    - goto: c\n  b: [hangup]\n",
         [(6, "unknown-key"), (7, "unknown-state")]),
        ("  a:\n    - if: customer.active\n      then: b\n      elze: b\n  b: [hangup]\n", [(7, "unknown-key")]),
        # a lost state is a known state
        ("  a:\n    - goto: b\n  b:\n  c:\n    - goto: d\n", [(6, "shape"), (8, "unknown-state")]),
        # a misspelled verb beside an option that is named like a verb
        ("  a:\n    - queu: support\n      callback: { key: 1, say: x }\n    - goto: c\n", [(5, "value"), (7, "unknown-state")]),
        ("  a:\n    - offr: x\n      steps: [{ percent: 5 }]\n      say: y\n    - goto: c\n", [(5, "value"), (8, "unknown-state")]),
        # handlers that are lost are not missing, and one with a wrong name is no way on
        ("  a:\n    - queue: support\n      callback: { key: 1, say: x }\n      on: [x]\n    - goto: c\n", [(7, "shape"), (8, "unknown-state")]),
        ("  a:\n    - menu: x\n      choices: { 1: { label: x, goto: c } }\n      on: { silnce: { say: x } }\n", [(6, "unknown-state"), (7, "unknown-outcome")]),
        # a switch over what cannot be read is not constant
        ("  a:\n    - switch: customer.teir\n      cases: { gold: c }\n      else: [hangup]\n", [(5, "expression"), (6, "unknown-state")]),
        # an unknown lookup: what it answers is not unknown besides
        ("  a:\n    - lookup: by-fone\n    - say: '{{ result.x }}'\n    - hangup\n", [(5, "unknown-lookup")]),
        # a misspelled target: the state meant is not unreachable besides
        ("  a:\n    - goto: welcom\n  welcome: [hangup]\n", [(5, "unknown-state")]),
    ],
)  # fmt: skip
def test_one_bad_part_of_a_flow(states: str, expected: list[tuple[int, str]]) -> None:
    assert found(flow(states)) == [("main", line, code) for line, code in expected]


@pytest.mark.parametrize(
    ("top", "states", "expected"),
    [
        ("vars: { n: intger }\n", "    - set: { n: 1 }\n    - say: '{{ vars.n }}'\n    - goto: x\n", [(3, "value"), (8, "unknown-state")]),
        ("rules: { r: [1] }\n", "    - if: rules.r\n      then: x\n    - hangup\n", [(3, "value"), (7, "unknown-state")]),
        ("on: { error: [] }\n", "    - goto: x\n", [(3, "shape"), (6, "unknown-state")]),
        ("on: { 'a b': c }\n", "    - goto: x\n", [(3, "unknown-outcome"), (3, "unknown-state"), (6, "unknown-state")]),
        ("policy: { max_offers: x }\n", "    - goto: x\n", [(3, "value"), (6, "unknown-state")]),
        ("variables: { n: text }\n", "    - set: { n: 'x' }\n    - goto: x\n", [(3, "unknown-key"), (7, "unknown-state")]),
    ],
)  # fmt: skip
def test_a_bad_head_of_a_flow(top: str, states: str, expected: list[tuple[int, str]]) -> None:
    text = f"flow: main\nstart: a\n{top}states:\n  a:\n{states}"
    assert found(text) == [("main", line, code) for line, code in expected]


@pytest.mark.parametrize(
    ("old", "new", "line", "states"),
    [
        ("support: {}", "support: { ring: 0s }", 12, "queue: support"),
        ("  support: {}", "  support: 7", 12, "queue: support"),
        ("queues:", "queus:", 11, "queue: support"),
        ("tier: text", "tier: txt", 10, "log: '{{ customer.tier }}'"),
        ("    by-phone: { args: { phone: text }, from", "    by-phone: { args: { phone: text }, form", 20, "lookup: by-phone"),
        ("anna: { queues: [support] }", "anna: {}", 15, "transfer: anna"),
        ("office: { mon-fri: 08:00..20:00 }", "office: 7", 8, "hours: office"),
        ('numbers: { "1": main }', 'numbers: { "1": "?" }', 5, "log: x"),
        ("center: Test", "centre: Test", 1, "log: x"),
        ('contacts: { plumber: "+49301" }', "contacts: [x]", 6, "transfer: plumber"),
        ("data:", "dta:", 9, "switch: customer.tier\n      cases: { gold: [hangup] }\n      else: [{ log: x }]"),
        ("by-phone: { args: { phone: text }", "by-phone: { args: [x]", 20, "lookup: by-phone\n      with: { phone: '1' }"),
        ("pay: { args: { amount: money }", "pay: { args: 7", 22, "run: pay\n      with: { amount: 1 }"),
        ("gives: { reference: number }, result: { reference: integer }", "gives: { reference: number }, result: [x]", 22, "run: pay\n      with: { amount: 1 }\n    - log: '{{ result.reference }}'"),
        ("gives: { reference: number }", "gvies: { reference: number }", 22, "run: pay\n      with: { amount: 1 }"),
    ],
)  # fmt: skip
def test_one_bad_part_of_a_center_hides_no_flow_and_blames_no_user(
    old: str, new: str, line: int, states: str
) -> None:
    assert old in CENTER
    got = found(flow(f"  a:\n    - {states}\n    - goto: x\n"), CENTER.replace(old, new, 1))
    last = 6 + states.count("\n")
    assert {(file, where) for file, where, _ in got} == {("center", line), ("main", last)}, got
    assert ("main", last, "unknown-state") in got


@pytest.mark.parametrize(
    "head",
    [
        "returnz: [done]\n",
        "returns: [done, {}]\n",
        "varz: { n: integer }\nreturns: [done]\n",
        "vars: 7\nreturns: [done]\n",
    ],
)
def test_a_bad_head_of_a_flow_is_not_held_against_its_callers(head: str) -> None:
    other = f"flow: other\nstart: s\n{head}states:\n  s:\n    - return: done\n"
    text = flow("  a:\n    - call: other\n      with: { n: 1 }\n      on: { done: a }\n")
    assert {file for file, _, _ in found(text, more={"other.flow.yaml": other})} == {"other"}


def test_without_a_readable_center_flows_are_still_checked_for_what_they_say() -> None:
    text = flow("  a:\n    - queue: sales\n    - if: customer.mood >\n      then: x\n    - hangup\n")
    assert found(text, "center: {{ x }}\n") == [
        ("center", 1, "key"),
        ("main", 6, "expression"),
        ("main", 7, "unknown-state"),
    ]


BROKEN = {
    "indent": ("flow: hotline\nstart: a\n bad: x\n", 3),
    "tab": ("flow: hotline\nstates:\n\ta: [hangup]\n", 3),
    "quote": ("flow: hotline\nstart: 'a\n", 2),
    "template": ("flow: hotline\nstart: {{ name }}\n", 2),
    "anchor": ("flow: hotline\nstart: &a b\n", 2),
    "nameless": ("start: a\nstates: { a: [hangup] }\n", 1),
    "stateless": ("flow: hotline\nstart: a\n", 1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_flow_that_cannot_be_read_is_not_called_missing(name: str) -> None:
    text, line = BROKEN[name]
    center = CENTER.replace('"1": main', '"1": main, "2": hotline')
    got = found(CALL, center, {"hotline.flow.yaml": text})
    assert [(file, where) for file, where, _ in got] == [("hotline", line), ("main", 8)]


def test_a_file_that_is_no_text_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "center.yaml").write_text(
        CENTER.replace('"1": main', '"1": main, "2": hotline'), encoding="utf-8"
    )
    (tmp_path / "hotline.flow.yaml").write_bytes(b"flow: \xff\n")
    (tmp_path / "main.flow.yaml").write_text(CALL, encoding="utf-8")
    assert [(Path(p.file).name, p.code) for p in check_center(tmp_path)] == [
        ("hotline.flow.yaml", "encoding"), ("main.flow.yaml", "unknown-queue"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("states", "line", "hint"),
    [
        ("  a:\n", 4, "begin each step with '- '"),
        ("  a:\n    say: hi\n", 5, "begin each step with '- '"),
        ("  a: hangup\n", 4, "begin each step with '- '"),
        ("  a:\n    - say: hi\n      goto: a\n", 6, "begin it with '- '"),
        ("  a:\n    - goto: a\n      say: hi\n", 6, "begin it with '- '"),
        ("  a:\n    - if: customer.active\n      then: a\n      elif: x\n    - hangup\n", 7, "else:"),
        ("  a:\n    - chance: [{ share: 1, label: x }, { weight: 1, label: y }]\n    - hangup\n", 5, "'weight'"),
        ("  a:\n    - chance: [{ weight: 1, goto: a, label: x }, { weight: 1, label: y }]\n    - hangup\n", 5, "then:"),
        ("  a:\n    - chance: [{ weight: 1, label: x, zzz: 1 }, { weight: 1, label: y }]\n    - hangup\n", 5, "known: label, then, weight"),
        ("  a:\n    - queue: support\n      announce: [{ at: start, say: x, evry: 3s }]\n    - hangup\n", 6, "'every'"),
    ],
)  # fmt: skip
def test_faults_of_form_are_told_once_with_their_own_cure(states: str, line: int, hint: str) -> None:
    got = hints(flow(states))
    assert [where for where, _, _ in got] == [line], got
    assert hint in got[0][2]


def test_types_that_others_know_are_translated() -> None:
    got = hints(
        "flow: main\nstart: a\nvars: { a: int, b: str?, c: Bool, d: intger, e: zzz }\nstates: { a: [hangup] }\n"
    )
    assert [hint for _, _, hint in got] == [
        "did you mean 'integer'?", "did you mean 'text'?", "did you mean 'boolean'?", "did you mean 'integer'?", "",
    ]  # fmt: skip


def test_an_unknown_law_is_one_problem() -> None:
    people = "agents: { anna: { talks: { law: normal, mean: 3s, sd: 1s } } }\n"
    assert hints(END, more={"x.people.yaml": people}) == [
        (
            1,
            "'normal' is not a law",
            "the laws are fixed, exponential, lognormal, uniform, weibull, gamma, hyperexponential, empirical",
        )
    ]


def test_a_missing_sound_is_compared_with_sounds(tmp_path: Path) -> None:
    (tmp_path / "center.yaml").write_text(CENTER, encoding="utf-8")
    (tmp_path / "main.flow.yaml").write_text(
        flow("  a:\n    - play: helo.wav\n    - hangup\n"), encoding="utf-8"
    )
    assert "no sound files" in check_center(tmp_path)[0].hint
    (tmp_path / "hello.wav").write_bytes(b"")
    assert "'hello.wav'" in check_center(tmp_path)[0].hint


MANGLES = [
    "",
    "x",
    "  - ",
    "[",
    "{}",
    "steps:",
    "  on: {}",
    "12",
    "- hangup",
    "? x",
    "null",
    "''",
    "a: b: c",
    "{{ x }}",
    "\t",
]


@pytest.mark.parametrize("seed", range(30))
def test_whatever_is_done_to_a_center_only_author_errors_come_of_it(seed: int) -> None:
    chance = random.Random(seed)
    files = {path.name: path.read_text(encoding="utf-8") for path in NORTHLIGHT.glob("*.yaml")}
    for _ in range(4):
        name = chance.choice(sorted(files))
        lines = files[name].split("\n")
        at = chance.randrange(len(lines))
        key, colon, value = lines[at].partition(":")
        lines[at] = chance.choice(
            [
                key + colon + " " + chance.choice(MANGLES),
                chance.choice(MANGLES) + value,
                key[:-1] + colon + value,
                "",
            ]
        )
        files[name] = "\n".join(lines)
    caught = None
    try:
        load_sources(files)
    except AuthorError as error:
        caught = error
    assert caught is None or caught.problems
