"""Warnings: what loads, but hardly does what was meant."""

import pytest

from tests.unit.language_samples import CENTER, flow, load, problems

MENU = "  a:\n    - menu: x\n      choices: { 1: { label: For bills, goto: b } }\n  b: [hangup]\n"
PEOPLE = "callers:\n  arrivals: { rate: 1/h }\n  kinds: [{ name: x, share: 1, dials: 1, wants: WISH }]\n"


def doubts(states: str, center: str = CENTER, people: str = "") -> list[tuple[str, int, str]]:
    more = {"x.people.yaml": people} if people else {}
    found = load(flow(states), center, more).warnings
    return [(p.file.partition(".")[0], p.line, p.code) for p in found]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("say: ''", "silent"),
        ("say: '  '", "silent"),
        ("say: { en: hi, ru: '' }", "silent"),
        ("say: hi\n      voice: anna-the-great!", "voice"),
        ("say: hi\n      voice: xx", "voice"),
        ("say: { en: hi, ru: да }\n      lang: de", "language"),
        ("say: hi\n      voice: en-us+f3", ""),
        ("say: hi\n      voice: mb-de2", ""),
        ("say: привет\n      lang: ru", ""),
        ("record: ''", ""),
        ("queue: support", ""),
        ("queue: billing", "unserved"),
        ("queue: support\n      overflow: billing", "unserved"),
        ("callback: billing", "unserved"),
        ("transfer: billing", "unserved"),
    ],
)
def test_steps(step: str, code: str) -> None:
    assert [found for _, _, found in doubts(f"  a:\n    - {step}\n    - hangup\n")] == (
        [code] if code else []
    )


@pytest.mark.parametrize("step", ["say: hi\n      lang: xx", "say: { xx: hi }"])
def test_a_language_that_nobody_speaks_is_an_error(step: str) -> None:
    assert [p.code for p in problems(flow(f"  a:\n    - {step}\n    - hangup\n"))] == ["language"]


def test_a_queue_that_nobody_serves_is_shown_where_it_is_declared() -> None:
    states = "  a:\n    - queue: billing\n    - hangup\n"
    assert doubts(states) == [("center", 13, "unserved")]
    assert doubts(states, CENTER.replace("[support]", "[support, billing]")) == []
    unread = problems(flow(states), CENTER.replace("queues: [support]", "queues: []"))
    assert [p.code for p in unread] == ["shape"]


def test_a_language_without_generated_words_is_told_once() -> None:
    german = CENTER.replace("language: en", "language: de")
    menus = MENU.replace("b: [hangup]", "b:\n    - menu: y\n      choices: { 1: { label: z, goto: a } }")
    assert doubts(menus, german) == [("main", 5, "language")]
    assert doubts(MENU.replace("menu: x", "menu: x\n      say: Drücken Sie die Eins."), german) == []
    offer = "  a:\n    - offer: x\n      steps: [{ percent: 5 }]\n      say: x\n    - hangup\n"
    assert doubts(offer, german) == [("main", 7, "language")]


@pytest.mark.parametrize(("wish", "codes"), [("foo", ["wants"]), ("bills", []), ("my BILLS!", [])])
def test_callers_who_want_what_no_menu_offers(wish: str, codes: list[str]) -> None:
    assert [code for _, _, code in doubts(MENU, people=PEOPLE.replace("WISH", wish))] == codes


def test_a_wish_may_be_met_in_a_flow_that_is_called() -> None:
    other = "flow: other\nstart: a\nreturns: [done]\nstates:\n  a:\n    - menu: x\n      choices: { 1: { label: foo, return: done } }\n"
    more = {"other.flow.yaml": other, "x.people.yaml": PEOPLE.replace("WISH", "foo")}
    text = flow("  a:\n    - call: other\n      on: { done: b }\n  b: [hangup]\n")
    assert load(text, more=more).warnings == ()
