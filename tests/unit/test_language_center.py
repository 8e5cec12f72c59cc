"""center.yaml and *.people.yaml: what they become, what is refused; the demo; the published schemas."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ivr.core.calendar import next_open, status
from ivr.core.flow.model import Expression
from ivr.errors import AuthorError
from ivr.language import check_center, load_center, load_sources, schema
from ivr.language.law_models import Exponential
from tests.unit.language_samples import CENTER, flow, load, problems

NORTHLIGHT = Path(__file__).parents[2] / "flows" / "northlight"
END = flow("  a: [hangup]\n")
PEOPLE = """\
agents:
  default: { talks: { law: lognormal, mean: 90s, cv: 0.8 }, misses: 2% }
  anna: { talks: 60s }
callers:
  arrivals: { rate: 120/h }
  kinds: [{ name: x, share: 6, dials: 1, phone_from: customers, patience: { law: exponential, mean: 4m } }]
"""


def test_northlight_has_no_problems_and_is_the_same_from_its_sources() -> None:
    assert check_center(NORTHLIGHT) == []
    center = load_center(NORTHLIGHT)
    assert load_sources(center.sources).plan.digest == center.plan.digest
    assert load_center(NORTHLIGHT / "center.yaml").plan.digest == center.plan.digest
    assert check_center(NORTHLIGHT / "retention.flow.yaml") == []
    changed = {**center.sources, "retention.flow.yaml": center.sources["retention.flow.yaml"] + "# new\n"}
    again = load_sources(changed)
    assert again.plan.digest != center.plan.digest
    assert again.plan.flows["retention"].revision != center.plan.flows["retention"].revision
    assert again.plan.flows["isp-main"].revision == center.plan.flows["isp-main"].revision


def test_northlight_is_what_its_files_say() -> None:
    center = load_center(NORTHLIGHT)
    plan = center.plan
    assert set(plan.flows) == {"isp-main", "retention", "retention-line"}
    assert plan.numbers["support"] == "isp-main"
    assert plan.queues["retention"].overflow_to == "support"
    assert plan.agents["anna"].skills == {"russian": 3}
    assert plan.values["network"]["fixed_by"] == datetime(2026, 11, 23, 18, 30)  # noqa: DTZ001
    assert plan.requests["take-payment"].result["debt"].kind == "money"
    assert plan.result_values["reference"] == 0
    rows = center.world.tables["customers"]
    assert len(rows) == 12
    assert rows[1]["debt"] == Decimal("30.00")
    assert rows[0]["left_on"] == date(1970, 1, 1)
    pay = center.world.runs["take-payment"].sets["debt"]
    assert isinstance(pay, Expression)
    assert pay.fn({"args": {"amount": Decimal(10)}, "row": {"debt": Decimal(30)}}) == Decimal(20)
    gives = center.world.runs["cancel-service"].gives["reference"]
    assert gives.fn({"number": 7, "row": {}, "args": {}}) == 40_717
    assert center.starts is not None
    assert center.starts.isoformat() == "2026-11-23T09:00:00+01:00"
    assert status(plan.hours["office"], datetime(2026, 11, 22, 23, 59)) == "open"  # noqa: DTZ001


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "hint"),
    [
        ("Europe/Berlin", "Europe/Berlim", "timezone", 2, "Europe/Berlin"),
        ("Europe/Berlin", "../../etc/passwd", "timezone", 2, ""),
        ("language: en", "language: xx", "language", 3, "en"),
        ("currency: EUR", "currency: EURO", "currency", 4, "EUR"),
        ('"1": main', '"1": mian', "unknown-flow", 5, "'main'"),
        ("08:00..20:00", "08:00..25:00", "value", 8, "24:00"),
        ("08:00..20:00", "8:00-20:00", "value", 8, "08:00..20:00"),
        ("08:00..20:00", "08:00..08:00", "value", 8, "00:00..24:00"),
        ("08:00..20:00", "08:00..", "value", 8, ""),
        ("08:00..20:00", "17:30", "value", 8, ""),
        ("08:00..20:00", "[08:00..12:00, 11:00..15:00]", "hours", 8, "join"),
        ("08:00..20:00", "20:00..09:00, tue: 08:00..12:00", "hours", 8, ""),
        ("08:00..20:00", "20:00..04:00, sat: 03:00..12:00", "hours", 8, ""),
        ("08:00..20:00", "08:00..20:00, wed: 09:00..10:00", "hours", 8, "one list"),
        ("mon-fri", "mon-fry", "hours", 8, "mon"),
        ("08:00..20:00", "08:00..20:00, holidays: { 2026-13-25: x }", "value", 8, "2026-12-24"),
        ("08:00..20:00", "08:00..20:00, holidays: { 2026-12-25: x, 2026-12-25: y }", "duplicate-key", 8, ""),
        ("tier: text", "tier: txt", "value", 10, ""),
        ("tier: text", "from: text", "name", 10, "from_"),
        ("  customer:", "  queue:", "name", 10, "another"),
        (
            "  support: {}",
            "  support: { overflow_to: bling, max_wait: 1m }",
            "unknown-queue",
            12,
            "'billing'",
        ),
        ("  support: {}", "  support: { overflow_to: support, max_wait: 1m }", "overflow", 12, ""),
        ("  support: {}", "  support: { hours: ofice }", "unknown-hours", 12, "'office'"),
        ("  support: {}", "  support: { service_level: { within: 20s, target: 80 } }", "value", 12, "80%"),
        ("  support: {}", "  support: { ring: 0s }", "value", 12, ""),
        ("  support: {}", "  support: { wrapup: 20s }", "unknown-key", 12, "wrap_up"),
        ("queues: [support]", "queues: [suport]", "unknown-queue", 15, "'support'"),
        ("queues: [support]", "queues: [support, support]", "duplicate", 15, ""),
        ("price: 40.00", "price: a lot", "type", 18, ""),
        ("match: { phone: phone }", "match: { fone: phone }", "unknown-column", 20, "phone"),
        ("match: { phone: phone }", "match: { phone: fone }", "unknown-argument", 20, "phone"),
        ("from: customers", "from: custumers", "unknown-table", 20, "customers"),
        ("into: customer", "into: custumer", "unknown-data", 20, "customer"),
        ("gives: { reference: number }", "gives: { reference: nmber }", "expression", 22, "number"),
        ("gives: { reference: number }", "sets: { debt: 0 }", "unknown-column", 22, "row"),
        ("numbers:", "nubmers:", "unknown-key", 5, "numbers"),
    ],
)
def test_faults_of_a_center(old: str, new: str, code: str, line: int, hint: str) -> None:
    assert old in CENTER
    found = problems(END, CENTER.replace(old, new, 1))
    first = {(problem.code, problem.line): problem for problem in reversed(found)}
    assert (code, line) in first, [str(problem) for problem in found]
    assert hint in first[code, line].hint


def test_hours_over_midnight_and_through_a_change_of_the_clock() -> None:
    hours = load(
        END, CENTER.replace("mon-fri: 08:00..20:00", "sat-sun: 22:00..04:00, mon: 08:00..24:00")
    ).plan.hours["office"]
    assert hours.week[5] == ((time(22), time(4)),)
    assert hours.week[0] == ((time(8), time(0)),)
    sunday_night = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001 - occurs twice in Berlin
    assert status(hours, sunday_night) == "open"
    assert next_open(hours, datetime(2026, 10, 26, 5, 0)) == datetime(2026, 10, 26, 8, 0)  # noqa: DTZ001


def test_people_are_read_and_checked() -> None:
    center = load(END, more={"x.people.yaml": PEOPLE})
    people = center.people
    assert people is not None
    assert people.callers is not None
    assert people.callers.arrivals.rate is not None
    assert people.callers.arrivals.rate * 3_600_000 == pytest.approx(120)
    kind = people.callers.kinds[0]
    assert isinstance(kind.patience, Exponential)
    assert (kind.patience.mean, kind.share, kind.knows) == (240_000, Decimal(6), 0.0)
    anna = people.agents[next(name for name in people.agents if name == "anna")]
    assert (anna.talks, anna.misses) == (60_000, None)


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "hint"),
    [
        ("anna: ", "ana: ", "unknown-agent", 3, "'anna'"),
        ("dials: 1", "dials: 2", "unknown-number", 6, ""),
        ("phone_from: customers", "phone_from: custmers", "unknown-table", 6, "customers"),
        ("120/h", "120", "value", 5, "120/h"),
        ("120/h", "0/h", "value", 5, ""),
        ("law: lognormal", "law: normal", "value", 2, "lognormal"),
        ("cv: 0.8", "cv: nan", "value", 2, ""),
        (", cv: 0.8", "", "missing-key", 2, "cv"),
        ("misses: 2%", "misses: 2", "value", 2, "80%"),
        ("misses: 2%", "misses: 200%", "value", 2, ""),
        ("60s }", "{ law: uniform, low: 9s, high: 1s } }", "value", 3, "shorter"),
        ("share: 6", "share: 0", "people", 6, ""),
    ],
)
def test_faults_of_people(old: str, new: str, code: str, line: int, hint: str) -> None:
    assert old in PEOPLE
    found = problems(END, more={"x.people.yaml": PEOPLE.replace(old, new, 1)})
    first = {(problem.code, problem.line): problem for problem in reversed(found)}
    assert (code, line) in first, [str(problem) for problem in found]
    assert hint in first[code, line].hint


def test_folders_that_are_no_center(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none", tmp_path / "none" / "center.yaml"):
        with pytest.raises(AuthorError, match=r"center\.yaml"):
            load_center(path)
    lone = tmp_path / "x.flow.yaml"
    lone.write_text(
        "flow: x\nstart: a\nstates:\n  a:\n    - if: any.thing >\n      then: b\n    - hangup\n",
        encoding="utf-8",
    )
    assert [(p.code, p.line) for p in check_center(lone)] == [
        ("no-center", 1),
        ("expression", 5),
        ("unknown-state", 6),
    ]


def test_one_flow_is_checked_with_its_center(tmp_path: Path) -> None:
    (tmp_path / "center.yaml").write_text(CENTER, encoding="utf-8")
    (tmp_path / "main.flow.yaml").write_text(
        flow("  a:\n    - queue: suport\n    - hangup\n"), encoding="utf-8"
    )
    (tmp_path / "other.flow.yaml").write_text("flow: other\nstart: x\nstates: {}\n", encoding="utf-8")
    found = check_center(tmp_path / "main.flow.yaml")
    assert [(p.code, p.line, p.file) for p in found] == [
        ("unknown-queue", 5, str(tmp_path / "main.flow.yaml"))
    ]


def as_editors_read(text: str) -> Any:
    """YAML 1.2 core types with text as keys, which is what language servers validate."""

    def plain(node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return {key.value: plain(value) for key, value in node.value}
        if isinstance(node, yaml.SequenceNode):
            return [plain(item) for item in node.value]
        assert isinstance(node, yaml.ScalarNode)
        value: str = node.value
        if node.style is None and value in ("", "~", "null", "true", "false"):
            return {"true": True, "false": False}.get(value)
        if node.style is None and re.fullmatch(r"[-+]?[0-9]+", value):
            return int(value)
        if node.style is None and re.fullmatch(r"[-+]?[0-9]+\.[0-9]+", value):
            return float(value)
        return value

    root = yaml.compose(text)
    assert root is not None
    return plain(root)


@pytest.mark.parametrize(
    "name", ["isp-main.flow", "retention.flow", "retention-line.flow", "center", "northlight.people"]
)
def test_the_published_schemas_accept_the_demo(name: str) -> None:
    kind: Any = name.rpartition(".")[2]
    published = schema(kind)
    jsonschema.Draft202012Validator.check_schema(published)
    text = (NORTHLIGHT / f"{name}.yaml").read_text(encoding="utf-8")
    jsonschema.Draft202012Validator(published).validate(as_editors_read(text))


def test_the_schema_refuses_an_unknown_key_and_an_unknown_verb() -> None:
    validator = jsonschema.Draft202012Validator(schema("flow"))
    good = {"flow": "x", "start": "a", "states": {"a": ["hangup"]}}
    assert validator.is_valid(good)
    assert not validator.is_valid({**good, "stats": {}})
    assert not validator.is_valid({**good, "states": {"a": [{"playy": "x"}]}})
    assert not validator.is_valid({**good, "states": {"a": [{"say": "x", "timout": "3s"}]}})


def test_every_field_an_author_may_write_is_described() -> None:
    missing = []

    def walk(part: Any, path: str) -> None:
        if isinstance(part, Mapping):
            for name, field in part.get("properties", {}).items():
                if "description" not in field:
                    missing.append(f"{path}.{name}")
            for key, value in part.items():
                walk(value, f"{path}/{key}")
        elif isinstance(part, list):
            for number, value in enumerate(part):
                walk(value, f"{path}/{number}")

    for kind in ("flow", "center", "people", "test", "story"):
        published = schema(kind)
        walk(published, kind)
        assert len(json.dumps(published)) < 100_000
    assert missing == []
