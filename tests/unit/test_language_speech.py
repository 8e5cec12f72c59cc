"""What filters say, in three languages, as a native speaker would: plural forms, dates, times, ordinals."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given, strategies as st

from ivr.language import speech

# ruff: noqa: DTZ001 - local times of a center, by definition

LANGUAGES = ("en", "ru", "uk")


def said(function: object, *args: object) -> list[str]:
    return [function(*args, language) for language in LANGUAGES]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("amount", "currency", "en", "ru", "uk"),
    [
        ("1", "RUB", "1 Russian ruble", "1 российский рубль", "1 російський рубль"),
        ("2", "RUB", "2 Russian rubles", "2 российских рубля", "2 російські рублі"),
        ("5", "RUB", "5 Russian rubles", "5 российских рублей", "5 російських рублів"),
        ("11", "RUB", "11 Russian rubles", "11 российских рублей", "11 російських рублів"),
        ("21", "RUB", "21 Russian rubles", "21 российский рубль", "21 російський рубль"),
        ("1", "UAH", "1 Ukrainian hryvnia", "1 украинская гривна", "1 українська гривня"),
        ("3", "UAH", "3 Ukrainian hryvnias", "3 украинские гривны", "3 українські гривні"),
        ("12", "UAH", "12 Ukrainian hryvnias", "12 украинских гривен", "12 українських гривень"),
        ("0", "EUR", "0 euros", "0 евро", "0 євро"),
        ("-5", "EUR", "minus 5 euros", "минус 5 евро", "мінус 5 євро"),
        ("1.5", "EUR", "1.50 euros", "1,50 евро", "1,50 євро"),
        ("30.00", "EUR", "30 euros", "30 евро", "30 євро"),
        ("1000000", "USD", "1,000,000 US dollars", "1000000 долларов США", "1000000 доларів США"),
    ],
)
def test_money(amount: str, currency: str, en: str, ru: str, uk: str) -> None:
    assert said(speech.money, Decimal(amount), currency) == [en, ru, uk]


@pytest.mark.parametrize(
    ("count", "en", "ru", "uk"),
    [
        (1, "1 minute", "1 минута", "1 хвилина"),
        (2, "2 minutes", "2 минуты", "2 хвилини"),
        (5, "5 minutes", "5 минут", "5 хвилин"),
        (11, "11 minutes", "11 минут", "11 хвилин"),
        (21, "21 minutes", "21 минута", "21 хвилина"),
        (22, "22 minutes", "22 минуты", "22 хвилини"),
        (101, "101 minutes", "101 минута", "101 хвилина"),
        (111, "111 minutes", "111 минут", "111 хвилин"),
    ],
)
def test_minutes(count: int, en: str, ru: str, uk: str) -> None:
    assert said(speech.minutes, count * 60) == [en, ru, uk]


@pytest.mark.parametrize(
    ("share", "en", "ru", "uk"),
    [
        ("1", "1 percent", "1 процент", "1 відсоток"),
        ("2", "2 percent", "2 процента", "2 відсотки"),
        ("30", "30 percent", "30 процентов", "30 відсотків"),
        ("12.5", "12.5 percent", "12,5 процента", "12,5 відсотка"),
    ],
)
def test_percent(share: str, en: str, ru: str, uk: str) -> None:
    assert said(speech.percent, Decimal(share)) == [en, ru, uk]


@pytest.mark.parametrize(
    ("number", "en", "ru", "uk"),
    [
        (1, "first", "первый", "перший"),
        (3, "third", "третий", "третій"),
        (11, "eleventh", "одиннадцатый", "одинадцятий"),
        (21, "twenty-first", "двадцать первый", "двадцять перший"),
        (0, "0", "0", "0"),
    ],
)
def test_ordinals(number: int, en: str, ru: str, uk: str) -> None:
    assert said(speech.ordinal, number) == [en, ru, uk]


def test_dates_and_times_are_parts_of_a_sentence() -> None:
    assert said(speech.day, date(2026, 11, 30)) == [
        "November 30, 2026",
        "30 ноября 2026 года",
        "30 листопада 2026 року",
    ]
    assert said(speech.clock, time(0, 0)) == ["midnight", "00:00", "00:00"]
    assert said(speech.clock, time(12, 0)) == ["noon", "12:00", "12:00"]
    assert said(speech.day_and_time, datetime(2026, 11, 24, 8, 0)) == [
        "Tuesday, November 24 at 8:00 AM",
        "во вторник, 24 ноября, в 08:00",
        "у вівторок, 24 листопада, о 08:00",
    ]
    assert said(speech.window, datetime(2026, 11, 27, 15, 0), datetime(2026, 11, 27, 18, 0)) == [
        "Friday, November 27, from 3:00 PM to 6:00 PM",
        "в пятницу, 27 ноября, с 15:00 до 18:00",
        "у п'ятницю, 27 листопада, з 15:00 до 18:00",
    ]


def test_before_eleven_ukrainian_has_another_word() -> None:
    assert speech.day_and_time(datetime(2026, 11, 24, 11, 30), "uk") == "у вівторок, 24 листопада, об 11:30"


def test_half_a_cent_goes_up() -> None:
    assert speech.money(Decimal("0.125"), "EUR", "en") == "0.13 euros"


def test_what_nobody_knows_is_said_so() -> None:
    unknown = ["an unknown time", "неизвестное время", "невідомий час"]
    assert said(speech.day_and_time, None) == said(speech.minutes, None) == unknown
    assert said(speech.minutes, float("inf")) == unknown


@given(
    st.sampled_from([*LANGUAGES, "de", "xx", "pt-BR"]),
    st.decimals(-(10**9), 10**9, places=2),
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)),
    st.integers(-5, 10**7),
)
def test_whatever_is_to_be_said_is_said(
    language: str, amount: Decimal, moment: datetime, number: int
) -> None:
    for text in (
        speech.money(amount, "EUR", language),
        speech.percent(amount, language),
        speech.day(moment.date(), language),
        speech.clock(moment, language),
        speech.day_and_time(moment, language),
        speech.window(moment, moment, language),
        speech.minutes(number, language),
        speech.ordinal(number, language),
    ):
        assert text
        assert text == " ".join(text.split())


@given(st.text("0123456789", min_size=1, max_size=20))
def test_digits_are_read_one_by_one(text: str) -> None:
    assert speech.digits(text).replace(" ", "") == text
