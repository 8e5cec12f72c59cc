"""Spoken texts: what they say in three languages, and what they refuse."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from ivr.core.flow.scope_schema import BUILTIN
from ivr.core.flow.values import parse_type
from ivr.language import speech
from ivr.language.templates import TemplateError, compile_template

_FIELDS = (
    "name:text active:boolean months:integer price:money debt:money nick:text? ends:date at:time score:number"
)
SCHEMA = {
    **BUILTIN,
    "customer": {name: parse_type(kind) for name, kind in (part.split(":") for part in _FIELDS.split())},
}
RULES = {"owes": "customer.debt > 0"}
SCOPE: dict[str, Any] = {
    "customer": {
        "name": "  Ada \n Brandt",
        "active": True,
        "months": 3,
        "price": Decimal("30.00"),
        "debt": Decimal("1250.5"),
        "nick": None,
        "ends": date(2026, 11, 30),
        "at": time(8, 5),
        "score": 2.5,
    },
    "hours": {"next_open": datetime(2026, 11, 23, 8, 0)},  # noqa: DTZ001 - local time of the center
    "queue": {"wait": 61.0, "position": 2},
    "offer": {"percent": Decimal("30.00")},
    "caller": {"number": "+49 30-1"},
}


def say(text: str, language: str = "en", scope: dict[str, Any] | None = None) -> str:
    return compile_template(text, SCHEMA, RULES, language=language, currency="EUR").fn(scope or SCOPE)


@pytest.mark.parametrize(
    ("text", "en", "ru", "uk"),
    [
        ("{{ customer.debt | money }}", "1,250.50 euros", "1250,50 евро", "1250,50 євро"),
        ("{{ customer.price | money }}", "30 euros", "30 евро", "30 євро"),
        ("{{ offer.percent | percent }}", "30 percent", "30 процентов", "30 відсотків"),
        ("{{ customer.ends | date }}", "November 30, 2026", "30 ноября 2026 года", "30 листопада 2026 року"),
        ("{{ customer.debt | percent }}", "1,250.5 percent", "1250,5 процента", "1250,5 відсотка"),
        ("{{ customer.at | time }}", "8:05 AM", "08:05", "08:05"),
        ("{{ queue.wait | minutes }}", "2 minutes", "2 минуты", "2 хвилини"),
        ("{{ queue.position | ordinal }}", "second", "второй", "другий"),
        (
            "{{ hours.next_open | day_and_time }}",
            "Monday, November 23 at 8:00 AM",
            "в понедельник, 23 ноября, в 08:00",
            "у понеділок, 23 листопада, о 08:00",
        ),
        ("{{ caller.number | digits }}", "4 9 3 0 1", "4 9 3 0 1", "4 9 3 0 1"),
        (
            "{{ offer.percent }}-{{ customer.months }}-{{ customer.score }}",
            "30-3-2.5",
            "30-3-2.5",
            "30-3-2.5",
        ),
    ],
)
def test_filters_speak_three_languages(text: str, en: str, ru: str, uk: str) -> None:
    assert [say(text, language) for language in ("en", "ru", "uk")] == [en, ru, uk]


@pytest.mark.parametrize(
    ("seconds", "en", "ru", "uk"),
    [
        (0.0, "1 minute", "1 минута", "1 хвилина"),
        (60.0, "1 minute", "1 минута", "1 хвилина"),
        (60.1, "2 minutes", "2 минуты", "2 хвилини"),
        (300.0, "5 minutes", "5 минут", "5 хвилин"),
        (1260.0, "21 minutes", "21 минута", "21 хвилина"),
        (float("inf"), "an unknown time", "неизвестное время", "невідомий час"),
    ],
)
def test_minutes_round_up_with_the_right_plural(seconds: float, en: str, ru: str, uk: str) -> None:
    assert [speech.minutes(seconds, language) for language in ("en", "ru", "uk")] == [en, ru, uk]


def test_conditions_and_whitespace() -> None:
    text = "Hi {{ customer.name }}.\n{% if rules.owes %} You owe {{ customer.debt | money }}.{% elif customer.active %}A{% else %}B{% endif %}"
    assert say(text) == "Hi Ada Brandt. You owe 1,250.50 euros."
    paid = {**SCOPE, "customer": {**SCOPE["customer"], "debt": Decimal(0)}}
    assert say(text, scope=paid) == "Hi Ada Brandt. A"
    assert say("{{ 'old' if customer.months > 12 else 'new' }}") == "new"
    assert say("{{ customer.nick | default('friend') }}") == "friend"
    assert say("{% if customer.nick is defined %}{{ customer.nick }}{% endif %}x") == "x"


def test_constant_texts_cost_nothing_and_texts_are_bounded() -> None:
    template = compile_template("  Hello \n there ", SCHEMA, RULES, language="en", currency="EUR")
    assert template.needs == frozenset()
    assert template.source == template.fn({}) == "Hello there"
    long = {**SCOPE, "customer": {**SCOPE["customer"], "name": "x" * 20_000}}
    assert len(say("{{ customer.name }}", scope=long)) == 4_000


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "hint"),
    [
        ("{{ customer.dept | money }}", 1, 4, "no field 'dept'", "debt"),
        ("one\ntwo {{ custmer.debt }}", 2, 8, "unknown name", "customer"),
        ("{{ customer.debt | mony }}", 1, 20, "no filter", "money"),
        ("{{ customer.name | money }}", 1, 20, "does not speak", "digits"),
        ("{{ customer.ends }}", 1, 4, "how it is said", "| date"),
        ("{{ customer.active }}", 1, 4, "not spoken", "'yes' if"),
        ("{{ customer.nick }}", 1, 4, "missing", "default"),
        ("{{ customer.name | default('x') }}", 1, 20, "never missing", ""),
        ("{% if customer.debt %}x{% endif %}", 1, 7, "true or false", "> 0"),
        ("{% if true %}x{% endif %}", 1, 1, "always the same", ""),
        ("{% for x in y %}{% endfor %}", 1, 1, "'for'", "if"),
        ("{% set x = 1 %}", 1, 1, "'set'", ""),
        ("{% include 'x' %}", 1, 1, "'include'", ""),
        ("{% macro x() %}{% endmacro %}", 1, 1, "'macro'", ""),
        ("{{ customer.debt * 2 }}", 1, 1, "arithmetic", "set:"),
        ("{{ 'a' * 1000000000 }}", 1, 1, "arithmetic", ""),
        ("{{ 'a' ~ 'b' }}", 1, 1, "'~'", ""),
        ("{{ range(3) }}", 1, 1, "called", "filters"),
        ("{{ customer['debt'] }}", 1, 1, "names", ""),
        ("{{ ''.__class__.__mro__ }}", 1, 1, "names", ""),
        ("{{ customer.debt is odd }}", 1, 1, "test", "none"),
        ("{{ customer.debt | money('USD') }}", 1, 20, "other arguments", ""),
        ("Hello {{ customer.debt", 1, 7, "not closed", "}}"),
        ("x\n{% if customer.active %}y", 2, 1, "no end", "endif"),
        ("{{ customer.debt customer.price }}", 1, 1, "cannot be read", "{{ customer.debt | money }}"),
        ("{{ customer.active && rules.owes }}", 1, 1, "'&&'", "and"),
        ("x {% endif %}", 1, 3, "without its {% if %}", "before it"),
        ("{{ }}", 1, 1, "nothing between", "customer.name"),
        ("{{ customer.debt | }}", 1, 1, "filter's name is missing", "money"),
        ("{% do x %}", 1, 1, "'do'", "only {% if %}"),
        ("Hi {{ name }}", 1, 7, "unknown name", "customer.name or caller.name"),
        ("Hi {{ frend }}", 1, 7, "unknown name", "text needs no {{ }}"),
        ("{{ " + "(" * 1900 + "1", 1, 1, "", ""),
        ("x" * 4001, 1, 1, "longer", ""),
    ],
)
def test_refusals(text: str, line: int, column: int, message: str, hint: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(text, SCHEMA, RULES, language="en", currency="EUR")
    error = caught.value
    assert message in error.message
    assert hint in error.hint
    assert (error.line, error.column) == (line, column)


@pytest.mark.parametrize(
    "text",
    [
        "{% if customer.active %}",
        "{{",
        "{{ }}",
        "{{ a b }}",
        "{% x %}",
        "{{ 'a }}",
        "{% if %}x{% endif %}",
        "{% else %}",
        "{{ a | }}",
        "{{ a.1 }}",
    ],
)
def test_no_word_of_the_template_engine_reaches_the_author(text: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(text, SCHEMA, RULES, language="en", currency="EUR")
    for word in ("Jinja", "block", "token", "print statement", "Encountered", "template"):
        assert word not in caught.value.message


def test_a_language_we_have_no_words_for_is_spoken_in_english_words_and_its_own_numbers() -> None:
    assert say("{{ customer.debt | money }}", "de") == "1.250,50 Euro"
    assert speech.minutes(float("inf"), "de") == "an unknown time"
    assert not speech.known_language("xx")
    assert speech.known_language("en-GB")


def test_plurals_follow_the_number_that_is_said() -> None:
    hryvnias = [speech.money(Decimal(amount), "UAH", "uk") for amount in ("1", "3.00", "30.00", "2.50")]
    assert hryvnias == [
        "1 українська гривня",
        "3 українські гривні",
        "30 українських гривень",
        "2,50 української гривні",
    ]
