"""Values as a voice says them, by language: the functions behind the filters of templates.

Babel and num2words are loaded at the first use; results are kept, because a simulation says the same
few thousand values again and again.
"""

import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from babel import Locale

_KEPT = 4_096
_UNKNOWN_TIME: Final[Mapping[str, str]] = {
    "en": "an unknown time",
    "ru": "неизвестное время",
    "uk": "невідомий час",
}
_AT: Final[Mapping[str, str]] = {"en": "at", "ru": "в", "uk": "о", "de": "um"}
_AT_ELEVEN: Final[Mapping[str, str]] = {"uk": "об"}  # before a vowel: "об одинадцятій"
_FROM_TO: Final[Mapping[str, str]] = {
    "en": "from {} to {}",
    "ru": "с {} до {}",
    "uk": "з {} до {}",
    "de": "von {} bis {}",
}
_DAY: Final[Mapping[str, str]] = {"en": "EEEE, MMMM d", "ru": "d MMMM", "uk": "d MMMM"}
_ON_WEEKDAY: Final[Mapping[str, tuple[str, ...]]] = {
    "ru": ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье"),
    "uk": ("у понеділок", "у вівторок", "у середу", "у четвер", "у п'ятницю", "у суботу", "у неділю"),
}
"""When something happens, said as a part of a sentence; the library knows only the names of the days."""
_YEAR: Final[Mapping[str, str]] = {"ru": "d MMMM y 'года'", "uk": "d MMMM y 'року'"}
"""A date in words; the library's long form ends in an abbreviation there, which a voice spells."""


def base(language: str) -> str:
    """The language without its region: `en` of `en-GB`."""
    return language.replace("_", "-").split("-")[0].lower()


@lru_cache(_KEPT)
def money(value: Decimal, currency: str, language: str) -> str:
    """`29.90 euros`, `30 euros`: an amount with the name of its currency."""
    from babel.numbers import format_currency

    amount = _bare(value)
    pattern = _grouped(language) + ("" if amount == amount.to_integral_value() else ".00")
    said = format_currency(
        abs(amount), currency, pattern, locale=_locale(language), currency_digits=False, format_type="name"
    )
    return _signed(amount, _spaced(said), language)


@lru_cache(_KEPT)
def percent(value: Decimal, language: str) -> str:
    """`30 percent`, with the word in its right form."""
    from babel.units import format_unit

    amount = _bare(value)
    pattern = _grouped(language) + ".##"
    said = format_unit(abs(amount), "concentr-percent", "long", pattern, locale=_locale(language))
    return _signed(amount, _spaced(said), language)


def digits(value: Any) -> str:
    """Digits and letters one by one: `C-42` is `C 4 2`; a text without any is said as it is."""
    return " ".join(char for char in str(value) if char.isalnum()) or str(value)


@lru_cache(_KEPT)
def day(value: date, language: str) -> str:
    """A date with its year: `November 30, 2026`."""
    from babel.dates import format_date

    pattern = _YEAR.get(base(language), "long")
    return _spaced(format_date(value, pattern, locale=_locale(language)))


@lru_cache(_KEPT)
def clock(value: time | datetime, language: str) -> str:
    """A time of day: `3:30 PM`, `15:30`; where hours go to twelve, `noon` and `midnight`, which 12:00 leaves open."""
    from babel.dates import format_time, get_period_names

    locale = _locale(language)
    naked = (value.time() if isinstance(value, datetime) else value).replace(tzinfo=None)
    if "a" in locale.time_formats["short"].pattern and (naked.hour % 12, naked.minute) == (0, 0):
        period = get_period_names(locale=locale).get("noon" if naked.hour else "midnight")
        if period is not None:
            return str(period)
    return _spaced(format_time(naked, "short", locale=locale))


@lru_cache(_KEPT)
def day_and_time(value: datetime | None, language: str) -> str:
    """`Monday, November 23 at 8:00 AM`; a moment nobody knows is `an unknown time`."""
    if value is None:
        return _by_language(_UNKNOWN_TIME, language)
    comma = "," if base(language) in _ON_WEEKDAY else ""
    at = _AT_ELEVEN.get(base(language)) if value.hour == 11 else None
    return f"{_on_day(value, language)}{comma} {at or _by_language(_AT, language)} {clock(value, language)}"


@lru_cache(_KEPT)
def window(starts: datetime, ends: datetime, language: str) -> str:
    """A span of time on a day: `Monday, November 23, from 3:00 PM to 6:00 PM`."""
    span = _by_language(_FROM_TO, language).format(clock(starts, language), clock(ends, language))
    return f"{_on_day(starts, language)}, {span}"


def _on_day(value: datetime, language: str) -> str:
    from babel.dates import format_date

    pattern = _DAY.get(base(language), "EEEE, d MMMM")
    day = _spaced(format_date(value, pattern, locale=_locale(language)))
    weekdays = _ON_WEEKDAY.get(base(language))
    return f"{weekdays[value.weekday()]}, {day}" if weekdays is not None else day


def minutes(seconds: float | Decimal | None, language: str) -> str:
    """A wait in whole minutes, rounded up, at least one; infinity is `an unknown time`."""
    if seconds is None or not math.isfinite(seconds):
        return _by_language(_UNKNOWN_TIME, language)
    return _minutes(min(max(1, math.ceil(seconds / 60)), 1_000_000), language)


@lru_cache(_KEPT)
def _minutes(count: int, language: str) -> str:
    from babel.units import format_unit

    return _spaced(format_unit(count, "duration-minute", "long", locale=_locale(language)))


@lru_cache(_KEPT)
def ordinal(value: int, language: str) -> str:
    """`first`, `second`; a bare number where the language has no words for it."""
    if not 0 < value < 1_000_000:
        return str(value)
    from num2words import num2words

    try:
        return str(num2words(value, to="ordinal", lang=base(language)))
    except (NotImplementedError, KeyError, IndexError, TypeError):
        return str(value)


def integer(value: int) -> str:
    """A whole number as digits."""
    return str(value)


def decimal(value: Decimal) -> str:
    """A decimal without needless zeros: `30`, `29.9`."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def number(value: float, language: str) -> str:
    """A number with at most six digits; infinity is `an unknown time`, the only place it comes from."""
    return format(value, ".6g") if math.isfinite(value) else _by_language(_UNKNOWN_TIME, language)


def tidy(text: str, longest: int) -> str:
    """Text with single spaces, cut at `longest` characters."""
    return " ".join(text.split())[:longest]


def known_language(language: str) -> bool:
    """Whether there are rules for speaking values in this language."""
    return _locale(language).language == base(language)


def known_currency(code: str) -> bool:
    """Whether `code` is a currency of ISO 4217."""
    from babel import Locale

    return code in Locale.parse("en").currencies


def _by_language(words: Mapping[str, str], language: str) -> str:
    return words.get(base(language), words["en"])


@cache
def _locale(language: str) -> "Locale":
    from babel import Locale, UnknownLocaleError

    for code in (language.replace("-", "_"), base(language)):
        try:
            return Locale.parse(code)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse("en")


def _bare(value: Decimal) -> Decimal:
    """Rounded to cents, half a cent up, without zeros behind: the plural of `30.00` is not that of `30`."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return Decimal(decimal(exact.quantize(Decimal("0.01"), ROUND_HALF_UP)))


def _grouped(language: str) -> str:
    """The pattern of whole numbers: where thousands are set apart by a space, a voice would stop there."""
    from babel.numbers import get_group_symbol

    return "0" if get_group_symbol(_locale(language)).isspace() else "#,##0"


def _signed(amount: Decimal, said: str, language: str) -> str:
    """With the word for minus, which voices leave out where it is only a hyphen."""
    if amount >= 0:
        return said
    from num2words import CONVERTER_CLASSES

    words = CONVERTER_CLASSES.get(base(language), CONVERTER_CLASSES["en"])
    return f"{words.negword.strip()} {said}"


def _spaced(text: str) -> str:
    return " ".join(text.split())
