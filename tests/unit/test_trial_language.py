"""`*.test.yaml`: what is wrong with it is said with its place before anything runs."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from ivr.errors import AuthorError
from ivr.language import check_center, load_center, schema
from ivr.language.said import Sayings
from ivr.language.trials import center_of, check_trials, find_trials, load_trials

NORTHLIGHT = Path(__file__).parents[2] / "flows" / "northlight"


@pytest.fixture
def center(tmp_path: Path) -> Path:
    for path in NORTHLIGHT.glob("*.yaml"):
        if ".test." not in path.name:
            (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    return tmp_path


def problems(center: Path, text: str) -> list[tuple[int, str, str]]:
    (center / "one.test.yaml").write_text(text, "utf-8")
    return [(p.line, p.code, p.hint) for p in check_trials([center / "one.test.yaml"])]


GOOD = "test: t\ndials: retention\n"

FAULTS = [
    ("dials: retention\n", 1, "missing-key", "add 'test: ...'"),
    ("test: t\ndails: retention\nexpect: { ended: flow_hung_up }\n", 2, "unknown-key", "did you mean 'dials'?"),
    ("test: t\nexpect: { ended: flow_hung_up }\n", 1, "missing-key", "add 'dials: ...' (support, retention, +4930100200) or 'flow: ...'"),
    ("test: t\nflow: retension\ncaller: [hangs_up]\n", 2, "unknown-flow", "did you mean 'retention'?"),
    ("test: t\ndials: retentoin\ncaller: [hangs_up]\n", 2, "unknown-number", "did you mean 'retention'?"),
    ("test: t\ndials: retention\nflow: retention\ncaller: [hangs_up]\n", 2, "start", "delete one of them"),
    (GOOD, 1, "empty", "add caller: [...] or expect: { ... }"),
    (GOOD + "customer: { mnths: 3 }\ncaller: [hangs_up]\n", 3, "unknown-field", "did you mean 'months'?"),
    (GOOD + "customer: { months: many }\ncaller: [hangs_up]\n", 3, "type", ""),
    (GOOD + "data: { netwrk: { outage: true } }\ncaller: [hangs_up]\n", 3, "unknown-data-root", "did you mean 'network'?"),
    (GOOD + "tables: { custmers: [] }\ncaller: [hangs_up]\n", 3, "unknown-table", "did you mean 'customers'?"),
    (GOOD + "tables: { customers: [{ fone: 1 }] }\ncaller: [hangs_up]\n", 3, "unknown-field", "did you mean 'phone'?"),
    (GOOD + "hours: { offic: { daily: 08:00..20:00 } }\ncaller: [hangs_up]\n", 3, "unknown-opening-hours", "did you mean 'office'?"),
    (GOOD + "hours: { office: { mo: 08:00..20:00 } }\ncaller: [hangs_up]\n", 3, "hours", "days are mon to sun, mon-fri, daily, and holidays"),
    (GOOD + "mock: { take-paymnt: ok }\ncaller: [hangs_up]\n", 3, "unknown-lookup-or-run", "did you mean 'take-payment'?"),
    (GOOD + "mock: { customer-by-phone: declined }\ncaller: [hangs_up]\n", 3, "unknown-outcome", "known: failed, not_found, ok, timeout"),
    (GOOD + "mock: { cancel-service: { result: { refrence: 1 } } }\ncaller: [hangs_up]\n", 3, "unknown-field", "did you mean 'reference'?"),
    (GOOD + "mock: { cancel-service: { outcome: failed, result: { reference: 1 } } }\ncaller: [hangs_up]\n", 3, "mock", "delete the result"),
    (GOOD + "agents: { suport: 1 }\ncaller: [hangs_up]\n", 3, "unknown-queue", "did you mean 'support'?"),
    (GOOD + "agents: { billing: 4 }\ncaller: [hangs_up]\n", 3, "agents", "write at most 3"),
    (GOOD + "agents: { anna: 2 }\ncaller: [hangs_up]\n", 3, "agents", "write anna: 1"),
    (GOOD + "waiting: { billin: 2 }\ncaller: [hangs_up]\n", 3, "unknown-queue", "did you mean 'billing'?"),
    (GOOD + "waiting: { billing: 2000 }\ncaller: [hangs_up]\n", 3, "value", ""),
    (GOOD + "caller: [hangs_upp]\n", 3, "value", "alone stand hangs_up and hears_music"),
    (GOOD + "caller:\n  - hangs_up\n  - press: 1\n", 5, "unreachable", "delete it"),
    (GOOD + "caller:\n  - { press: 1, silent: 5s }\n", 4, "step", "begin it with '- silent:'"),
    (GOOD + "caller:\n  - { hears: plans, talks_to: anna }\n", 4, "step", "begin it with '- talks_to:'"),
    (GOOD + "caller:\n  - { press: 1, within: 3s }\n", 4, "step", "delete it"),
    (GOOD + "caller:\n  - { waits: 3s, at_once: true }\n", 4, "step", "delete it"),
    (GOOD + "caller:\n  - {}\n  - hangs_up\n", 4, "step", "write press, say, silent, ..."),
    (GOOD + "caller:\n  - press: x\n  - hangs_up\n", 4, "value", "keys are 0 to 9, star and hash"),
    (GOOD + "caller:\n  - hears: Northlight, flats and contracts\n", 4, "never-said", "did you mean 'Northlight, plans and contracts.'?"),
    (GOOD + "caller:\n  - hears: { exact: Northlight }\n", 4, "never-said", "look at the texts of its flows"),
    (GOOD + "caller:\n  - hears: { within: 3s }\n", 4, "hears", "write one of contains, exact, regex"),
    (GOOD + "caller:\n  - hears: { regex: '(' }\n  - hangs_up\n", 4, "value", "put a '\\' before signs"),
    (GOOD + "caller:\n  - { hears: { contains: plans, within: 3s }, within: 4s }\n", 4, "hears", "delete one of them"),
    (GOOD + "caller:\n  - talks_to: ana\n", 4, "unknown-agent-or-contact", "did you mean 'anna'?"),
    (GOOD + "caller:\n  - hears_music: bosa\n", 4, "unknown-music", "did you mean 'bossa'?"),
    (GOOD + "expect: { outcome: canceled }\n", 3, "unknown-outcome", "did you mean 'cancelled'?"),
    (GOOD + "expect: { ended: hung_up }\n", 3, "unknown-reason", "did you mean 'flow_hung_up'?"),
    (GOOD + "expect: { variables: { callback: 1 } }\n", 3, "unknown-variable", "did you mean 'callback_number'?"),
    (GOOD + "expect: { states: [laddr] }\n", 3, "unknown-state", "did you mean 'ladder'?"),
    (GOOD + "expect: { states: { never: [retention.laddr] } }\n", 3, "unknown-state", "did you mean 'retention.ladder'?"),
    (GOOD + "expect: { reaches: { laddr: 3s } }\n", 3, "unknown-state", "did you mean 'ladder'?"),
    (GOOD + "expect: { queue: { support: answred } }\n", 3, "unknown-queue-outcome", "did you mean 'answered'?"),
    (GOOD + "expect: { hears: Good evening to you }\n", 3, "never-said", "look at the texts of its flows"),
    (GOOD + "expect: { duration: 90 }\n", 3, "compare", "write a length of time such as 500ms, 45s or 2m"),
    (GOOD + "expect: { metrics: { keys: { below: 3s } } }\n", 3, "compare", "write a whole number such as 3"),
    (GOOD + "expect: { metrics: { keys: {} } }\n", 3, "compare", "write { below: ... }"),
    (GOOD + "expect: { metrics: { kees: 3 } }\n", 3, "unknown-key", "did you mean 'keys'?"),
    ("tests:\n  - { test: a, dials: retention, caller: [hangs_up] }\n  - { test: a, dials: retention, caller: [hangs_up] }\n", 3, "duplicate", "give this one another name"),
    ("tests: []\n", 1, "shape", "add to it"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "code", "hint"), FAULTS, ids=[f"{f[2]}-{n}" for n, f in enumerate(FAULTS)]
)
def test_a_fault_is_told_with_its_place_and_cure(
    center: Path, text: str, line: int, code: str, hint: str
) -> None:
    assert problems(center, text) == [(line, code, hint)]


def test_all_problems_of_all_files_come_at_once_and_nothing_runs(center: Path) -> None:
    (center / "a.test.yaml").write_text(GOOD + "expect: { outcome: canceled, states: [laddr] }\n", "utf-8")
    (center / "sub").mkdir()
    (center / "sub" / "b.test.yaml").write_text(GOOD + "caller: [{ silnt: 5s }, hangs_up]\n", "utf-8")
    with pytest.raises(AuthorError) as caught:
        load_trials(find_trials(center))
    assert [str(problem).partition(": error")[0].rpartition("/")[2] for problem in caught.value.problems] == [
        "a.test.yaml:3:20", "a.test.yaml:3:39", "b.test.yaml:3:12",
    ]  # fmt: skip
    assert "^" in str(caught.value)


def test_check_finds_the_problems_of_tests_too(center: Path) -> None:
    (center / "a.test.yaml").write_text(GOOD + "expect: { outcome: canceled }\n", "utf-8")
    assert [p.code for p in check_center(center)] == ["unknown-outcome"]
    assert [p.code for p in check_center(center / "a.test.yaml")] == ["unknown-outcome"]
    (center / "retention.flow.yaml").write_text("flow: [", "utf-8")
    assert "unknown-outcome" not in [p.code for p in check_center(center)], "the center comes first"


def test_tests_are_found_below_a_center_and_belong_to_the_nearest(center: Path) -> None:
    inner = center / "inner" / "tests"
    inner.mkdir(parents=True)
    (center / ".hidden").mkdir()
    for folder in (center, inner, center / ".hidden"):
        (folder / "x.test.yaml").write_text(GOOD, "utf-8")
    assert find_trials(center) == [center / "x.test.yaml", inner / "x.test.yaml"]
    assert center_of(inner / "x.test.yaml") == center
    (center / "inner" / "center.yaml").write_text("center: Inner\n", "utf-8")
    assert center_of(inner / "x.test.yaml") == center / "inner"


def test_a_test_without_a_center_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.test.yaml").write_text(GOOD, "utf-8")
    assert [(p.code, p.hint) for p in check_trials([tmp_path / "x.test.yaml"])] == [
        ("no-center", "put it into the center's folder")
    ]


def test_the_schema_takes_the_demo_s_tests_and_refuses_a_misspelled_key() -> None:
    known = schema("test")
    jsonschema.Draft202012Validator.check_schema(known)
    for path in NORTHLIGHT.glob("*.test.yaml"):
        content = json.loads(json.dumps(yaml.safe_load(path.read_text("utf-8")), default=str))
        jsonschema.validate(content, known)
        content["tests"][0]["expct"] = {}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(content, known)


SAID = [
    ("Thank you for calling Northlight.", True), ("thank YOU  for calling", True), ("Your balance is 30 euros.", True),
    ("To cancel, press 9. To speak to a person, press 0.", True), ("To speak to a person, press 9", False),
    ("are you sure you want to lose", False), ("will end on December 31, 2026.", True),
    ("2026. Your final bill will include", True), ("again Wednesday, September 30 at 12:30 PM", True),
    ("35 percent off for 12 months", True), ("thirty percent off for 12 months", False),
    ("owes 30 euros", False), ("We are sorry, something went wrong", True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "possible"), SAID)
def test_what_a_center_may_say_is_known_without_a_call(text: str, possible: bool) -> None:
    assert Sayings(load_center(NORTHLIGHT).plan).possible(text) is possible
