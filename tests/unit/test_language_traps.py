"""The traps of YAML from end to end: what an author types is what a flow does, or an error says why not."""

import typing
from typing import Annotated, Any

import pytest
from pydantic import Tag
from typing_extensions import TypeAliasType

from ivr.core.flow import steps
from ivr.language import law_models, models
from ivr.language.center_models import DataField, DaySpans
from ivr.language.problems import Report
from ivr.language.reading import parse
from ivr.language.step_models import VERBS
from ivr.language.tree import Map, Seq, Text
from ivr.limits import FILE_BYTES_MAX, YAML_DEPTH_MAX, YAML_NODES_MAX
from tests.unit.language_samples import CENTER, flow, load, problems

UNIONS: list[Any] = [
    models.Step,
    models.Handler,
    models.Choice,
    models.State,
    law_models.Law,
    DataField,
    DaySpans,
]


def test_words_that_are_truth_elsewhere_are_names_and_texts_here() -> None:
    center = load(
        "flow: main\nstart: no\nstates:\n  no:\n    - say: NO\n    - goto: yes\n  yes:\n    - say: off\n    - goto: on\n  on: [hangup]\n"
    )
    states = center.plan.flows["main"].states
    assert list(states) == ["no", "yes", "on"]
    first = states["no"].first
    assert isinstance(first, steps.Say)
    assert first.prompt.texts["en"].source == "NO"


def test_numbers_keep_their_signs_and_zeros() -> None:
    center = CENTER.replace(
        'contacts: { plumber: "+49301" }', "contacts: { a: +351300400500, b: 0800123456, c: 1.10 }"
    )
    center = center.replace('numbers: { "1": main }', "numbers: { 0800123456: main, 1.10: main }")
    plan = load(flow("  a:\n    - say: 0800123456\n    - hangup\n"), center).plan
    assert plan.contacts == {"a": "+351300400500", "b": "0800123456", "c": "1.10"}
    assert list(plan.numbers) == ["0800123456", "1.10"]
    first = plan.flows["main"].states["a"].first
    assert isinstance(first, steps.Say)
    assert first.prompt.texts["en"].source == "0800123456"


def test_hours_are_no_numbers_to_the_base_of_sixty() -> None:
    hours = load(flow("  a: [hangup]\n"), CENTER.replace("08:00..20:00", "9:00..17:30")).plan.hours["office"]
    assert [(start.hour, end.minute) for start, end in hours.week[0]] == [(9, 30)]


@pytest.mark.parametrize(
    ("states", "code", "line", "column", "hint"),
    [
        ("  a:\n    - say: press # to end\n    - hangup\n", "dropped-comment", 5, 12, "quote"),
        ("  a:\n    - menu: x\n      choices:\n        1: { label: a, goto: a }\n        #: { label: b, goto: a }\n", "dropped-comment", 8, 9, "hash:"),
        ("  a:\n    - menu: x\n      choices:\n        *: { label: b, goto: a }\n", "yaml", 7, 9, "star:"),
        ("  a:\n    - menu: x\n      choices:\n        1: { label: a, goto: a }\n        01: { label: b, goto: a }\n", "duplicate-key", 8, 9, "rename"),
        ("  a: [hangup]\n  b: [hangup]\n  a: [hangup]\n", "duplicate-key", 6, 3, "rename"),
        ("  a:\n    - if: !vip\n      then: a\n    - hangup\n", "tag", 5, 11, "not vip"),
        ("  a:\n    - if: 'a' in customer.tier\n      then: a\n    - hangup\n", "yaml", 5, 11, "\"'a' in b\""),
        ("  a:\n    - if: customer.active ? b : c\n      then: a\n    - hangup\n", "yaml", 5, 27, "A if CONDITION else B"),
        ("  a:\n    - if: > 5\n      then: a\n    - hangup\n", "yaml", 5, 11, "customer.debt > 5"),
        ("  a:\n    - say: {{ name }}\n    - hangup\n", "key", 5, 12, "quote text that starts with {{"),
        ("  a:\n    - say: Note: press 1\n    - hangup\n", "yaml", 5, 12, "quote the text"),
    ],
)  # fmt: skip
def test_the_table_of_traps(states: str, code: str, line: int, column: int, hint: str) -> None:
    found = {(p.code, p.line, p.column): p for p in problems(flow(states))}
    assert (code, line, column) in found, list(found)
    assert hint in found[code, line, column].hint


def test_both_lines_of_a_state_given_twice_are_named() -> None:
    found = problems(flow("  a: [hangup]\n  b: [hangup]\n  a: [hangup]\n"))
    twice = next(problem for problem in found if problem.code == "duplicate-key")
    assert (twice.line, "line 4" in twice.message) == (6, True)


def test_keys_of_the_telephone_need_no_quotes() -> None:
    states = "  a:\n    - menu: x\n      choices:\n        1: { label: p, goto: a }\n        star: { label: q, goto: a }\n        hash: { label: r, goto: a }\n        '*': { label: s, goto: a }\n"
    assert [p.code for p in problems(flow(states))] == ["duplicate-key"]
    menu = (
        load(flow(states.replace("        '*': { label: s, goto: a }\n", "")))
        .plan.flows["main"]
        .states["a"]
        .first
    )
    assert isinstance(menu, steps.Menu)
    assert list(menu.choices) == ["1", "*", "#"]


def read(text: str) -> tuple[Map | None, list[str]]:
    report = Report()
    return parse(text, "f.yaml", report), [problem.code for problem in report.problems]


def test_bounds_are_where_they_are_said_to_be() -> None:
    assert read("a: " + "[" * (YAML_DEPTH_MAX - 1) + "]" * (YAML_DEPTH_MAX - 1))[1] == []
    assert read("a: " + "[" * YAML_DEPTH_MAX + "]" * YAML_DEPTH_MAX)[1] == ["too-deep"]
    items = YAML_NODES_MAX - 3  # the map, its key, the list
    assert read("a:\n" + "- b\n" * items)[1] == []
    assert read("a:\n" + "- b\n" * (items + 1))[1] == ["too-big"]
    assert read("a: " + "b" * (FILE_BYTES_MAX - 3))[1] == []
    assert read("a: " + "b" * (FILE_BYTES_MAX - 2))[1] == ["too-big"]


def test_every_value_keeps_its_place_and_its_quoting() -> None:
    tree, _ = read('a:\n  - b: \'c\'\n    "d": "e"\n  - |\n    f\n  - >\n    g\nh: {i: j}\n')
    assert tree is not None
    seen = {}
    parts: list[Any] = [tree]
    while parts:
        part = parts.pop()
        assert part.file == "f.yaml"
        if isinstance(part, Map):
            parts += [*part, *part.values()]
        elif isinstance(part, Seq):
            parts += part
        else:
            assert isinstance(part, Text)
            seen[part.strip()] = (part.line, part.column, part.style)
    assert seen == {
        "a": (1, 1, ""), "b": (2, 5, ""), "c": (2, 8, "'"), "d": (3, 5, '"'), "e": (3, 10, '"'),
        "f": (4, 5, "|"), "g": (6, 5, ">"), "h": (8, 1, ""), "i": (8, 5, ""), "j": (8, 8, ""),
    }  # fmt: skip


def test_no_tag_of_a_union_looks_like_a_key() -> None:
    tags = []
    for union in UNIONS:
        kind: Any = union.__value__ if isinstance(union, TypeAliasType) else union
        if typing.get_origin(kind) is Annotated:
            kind = typing.get_args(kind)[0]
        for branch in typing.get_args(kind):
            tags += [mark.tag for mark in getattr(branch, "__metadata__", ()) if isinstance(mark, Tag)]
    assert len(tags) > len(VERBS)
    assert [tag for tag in tags if not (tag.startswith("<") and tag.endswith(">"))] == []


@pytest.mark.parametrize(
    ("states", "line", "column"),
    [
        ("  a:\n    - queue: support\n      max_wait: soon\n    - hangup\n", 6, 17),
        ("  a:\n    - queue: support\n      callback:\n        say: x\n        key: 1\n        after: soon\n    - hangup\n", 9, 16),
        ("  a:\n    - menu: x\n      say: []\n      choices: { 1: a }\n", 6, 12),
        ("  a:\n    - if: customer.active\n      then:\n        - queue: support\n          ring: 3s\n    - hangup\n", 8, 11),
        ("  a:\n    - queue: support\n      on:\n        timeout:\n          - wait: soon\n    - hangup\n", 8, 19),
    ],
)  # fmt: skip
def test_the_caret_finds_the_deepest_place_also_where_keys_are_named_like_verbs(
    states: str, line: int, column: int
) -> None:
    found = problems(flow(states))
    assert (line, column) in {(p.line, p.column) for p in found}, [str(p) for p in found]
