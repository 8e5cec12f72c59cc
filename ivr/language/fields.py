"""The kinds of values a file may hold: small validators from `Text` to what the product works with.

Each says how it is written, both to authors (messages) and to editors (JSON Schema).
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Final, Self, TypeAlias, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic.functional_validators import ModelWrapValidatorHandler
from pydantic_core import CoreSchema, core_schema

from ivr.core.acd.estimate import MODELS
from ivr.core.flow.steps.appointment import WAYS
from ivr.core.flow.steps.consent import AGREED, REFUSED
from ivr.core.flow.steps.send import CHANNELS
from ivr.core.flow.values import KINDS, ValueType, coerce, parse_type
from ivr.core.plan import EMPTY, SHIFT_ENDS, STRATEGIES
from ivr.core.time import parse_duration
from ivr.language.problems import Mark, Place
from ivr.language.tree import NOTHING_LOST, Losses, Map, Seq, Text
from ivr.limits import DIGITS_MAX, NAME_CHARS_MAX, TEXT_CHARS_MAX

T = TypeVar("T")

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
OUTCOME: Final = re.compile(rf"{NAME.pattern}(\.[A-Za-z0-9][A-Za-z0-9_-]*)*")
FIELD: Final = re.compile(r"[a-z][a-z0-9_]*")
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
KEYS: Final = {**{digit: digit for digit in "0123456789"}, "star": "*", "*": "*", "hash": "#", "#": "#"}
PACKS: Final = ("core", "human", "retention", "pt", "br", "es", "in")
"""Packs of rules, as `lint:` of a center names them; the rules themselves are in `ivr.lint`."""
_SCALAR: Final = ["string", "number", "boolean"]
_NUMBER: Final = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
_NOWHERE: Final = Mark("")


class FieldError(ValueError):
    """A value that does not fit its field, with a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Model(BaseModel):
    """Base of everything an author writes as a map of fields; `place` is where it stands."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    __slots__ = ("_written",)  # a private attribute costs a third of reading: there are thousands of models

    if TYPE_CHECKING:
        _written: Map | None

    @property
    def place(self) -> Mark:
        """Where the map begins."""
        written = self._written
        return _NOWHERE if written is None else Mark(written.file, written.line, written.column)

    @property
    def lost(self) -> Losses:
        """What was taken out of it because it could not be read; checks of what is missing then mean nothing."""
        written = self._written
        return NOTHING_LOST if written is None else written.lost

    def place_of_key(self, name: str) -> Place:
        """Where one of its keys stands."""
        written = self._written
        keys: Mapping[str, Text] = {} if written is None else written.keys_at
        return keys.get(name, self.place)

    @model_validator(mode="wrap")
    @classmethod
    def _remember(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        model = handler(data)
        object.__setattr__(model, "_written", data if isinstance(data, Map) else None)
        return model


class Scalar:
    """Reads a `Text` with `parse`; `json` is its JSON Schema."""

    def __init__(self, parse: Callable[[Text], Any], json: dict[str, Any], *, empty: bool = False) -> None:
        self._parse = parse
        self._json = json
        self._empty = empty

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """How pydantic reads it."""
        return core_schema.no_info_plain_validator_function(self._read)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """How editors see it."""
        return dict(self._json)

    def _read(self, value: Any) -> Any:
        if isinstance(value, (Map, Seq)):
            kind = "a map of fields" if isinstance(value, Map) else "a list"
            raise FieldError(f"one value is expected here, not {kind}")
        text = value if isinstance(value, Text) else Text(str(value))
        if text.missing and not self._empty:
            raise FieldError("a value is missing", "write it behind the ':'")
        return self._parse(text)


def _outcome(text: Text) -> Text:
    """A name, or names joined by dots, such as `failed.network`."""
    if OUTCOME.fullmatch(text) and len(text) <= NAME_CHARS_MAX:
        return text
    return _name(text)


def _name(text: Text) -> Text:
    if not NAME.fullmatch(text):
        raise FieldError(
            f"{text[:40]!r} is not a name", "names have letters, digits, '-' and '_', a letter first"
        )
    if len(text) > NAME_CHARS_MAX:
        raise FieldError(f"a name has at most {NAME_CHARS_MAX} characters")
    return text


def _short(text: Text) -> Text:
    if len(text) > NAME_CHARS_MAX:
        raise FieldError(f"at most {NAME_CHARS_MAX} characters fit here")
    if not text.isprintable():
        raise FieldError("control characters cannot be used here")
    return text


def _csv_file(text: Text) -> Text:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+\.csv", text) or text.startswith("."):
        raise FieldError(f"{text[:40]!r} is no CSV file of the center's folder", "name it like leads.csv")
    return text


def _text(text: Text) -> Text:
    if len(text) > TEXT_CHARS_MAX:
        raise FieldError(f"at most {TEXT_CHARS_MAX} characters fit here")
    return text


def _number_text(text: Text) -> Text:
    if not re.fullmatch(r"\+?[0-9A-Za-z*#_.-]{1,80}", text):
        raise FieldError(f"{text[:40]!r} is not a number to dial", 'write it like "+49301000" or support')
    return text


def _duration(least: int, most: int) -> Callable[[Text], int]:
    def parse(text: Text) -> int:
        try:
            length = parse_duration(text if len(text) <= 40 else "")
        except ValueError:
            hint = "write it like 500ms, 5s, 1m30s, 2h or 1d"
            raise FieldError(f"{text[:40]!r} is not a duration", hint) from None
        if not least <= length <= most:
            raise FieldError(f"{text!s} is {'too short' if length < least else 'too long'} here")
        return length

    return parse


def _boolean(text: Text) -> bool:
    if text in ("true", "false"):
        return text == "true"
    raise FieldError(f"{text[:40]!r} is neither true nor false", "write true or false")


def _integer(least: int, most: int) -> Callable[[Text], int]:
    def parse(text: Text) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", text):
            raise FieldError(f"{text[:40]!r} is not a whole number")
        if not least <= int(text) <= most:
            raise FieldError(f"{text!s} is not between {least} and {most}")
        return int(text)

    return parse


def _share(text: Text) -> float:
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,4})?)%", text)
    if match is None:
        raise FieldError(f"{text[:40]!r} is not a share", "write it in percent: 80%")
    if float(match[1]) > 100:
        raise FieldError(f"{text!s} is more than 100%")
    return float(match[1]) / 100


def _decimal(least: int, most: int) -> Callable[[Text], Decimal]:
    def parse(text: Text) -> Decimal:
        bare = text.removesuffix("%") if most == 100 else text
        if not _NUMBER.fullmatch(bare):
            raise FieldError(f"{text[:40]!r} is not a number", "write it like 30 or 29.90")
        if not least <= Decimal(bare) <= most:
            raise FieldError(f"{text!s} is not between {least} and {most}")
        return Decimal(bare)

    return parse


def _key(text: Text) -> str:
    if text not in KEYS:
        raise FieldError(f"{text[:40]!r} is not a key of a telephone", "keys are 0 to 9, star and hash")
    return KEYS[text]


def _digits(text: Text) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,3})(?:\.\.(\d{1,3}))?", text)
    if match is None:
        raise FieldError(f"{text[:40]!r} is not a number of digits", "write 4, or a range such as 0..15")
    least, most = int(match[1]), int(match[2] or match[1])
    if not (least <= most and 1 <= most <= DIGITS_MAX):
        raise FieldError(f"{text!s} is not a range up to {DIGITS_MAX}", "write the smaller number first")
    return least, most


def _typed(kind: str, example: str) -> Callable[[Text], Any]:
    wanted = ValueType(kind)

    def parse(text: Text) -> Any:
        try:
            return coerce(str(text), wanted)
        except ValueError:
            raise FieldError(f"{text[:40]!r} is not a {kind}", f"write it like {example}") from None

    return parse


def _span(text: Text) -> tuple[time, time]:
    match = re.fullmatch(r"(\d{1,2}):(\d\d)\s*\.\.\s*(\d{1,2}):(\d\d)", text)
    if match is None:
        a_day = re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None
        cure = f"holidays are a map: {{{text!s}: its name}}" if a_day else "write it like 08:00..20:00"
        raise FieldError(f"{text[:40]!r} is not a span of time", cure)
    hours = [int(part) for part in match.groups()]
    for hour, minute in (hours[:2], hours[2:]):
        if minute > 59 or hour > 24 or (hour == 24 and minute):
            raise FieldError(
                f"{hour:02d}:{minute:02d} is not a time of day", "a day goes from 00:00 to 24:00"
            )
    start, end = time(hours[0] % 24, hours[1]), time(hours[2] % 24, hours[3])
    if hours[0] == 24 or (start == end and hours[2] != 24):
        raise FieldError(f"{text!s} is empty", "a whole day is 00:00..24:00")
    return start, end


def _time_of_day(text: Text) -> time:
    match = re.fullmatch(r"(\d{1,2}):(\d\d)", text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise FieldError(f"{text[:40]!r} is not a time of day", "write it like 09:00")
    return time(int(match[1]), int(match[2]))


def _nothing(text: Text) -> Text:
    if text:
        raise FieldError(f"nothing is written here, not {text[:40]!r}", "delete it")
    return text


def _start(text: Text) -> int:
    return 0 if text == "start" else _duration(0, 86_400_000)(text)


_TYPES_ELSEWHERE: Final = {
    "int": "integer", "long": "integer", "float": "number", "double": "number", "decimal": "money",
    "str": "text", "string": "text", "bool": "boolean", "timestamp": "datetime",
}  # fmt: skip


def _type(text: Text) -> ValueType:
    try:
        return parse_type(str(text)[:40])
    except ValueError as error:
        name = str(text).removesuffix("?")[:40]
        close = [_TYPES_ELSEWHERE.get(name.lower(), ""), *get_close_matches(name, KINDS, 1, 0.6)]
        meant = next((kind for kind in close if kind), "")
        raise FieldError(str(error), f"did you mean {meant!r}?" if meant else "") from None


class Spoken:
    """A text to be spoken: one for all (`plain`), or one for each language."""

    __slots__ = ("languages", "place", "plain")

    def __init__(self, plain: Text | None, languages: dict[str, Text], place: Any) -> None:
        self.plain = plain
        self.languages = languages
        self.place = place

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """How pydantic reads it."""
        return core_schema.no_info_plain_validator_function(cls._read)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """How editors see it."""
        words = {"type": ["string", "number"]}
        by_language = {"type": "object", "propertyNames": {"pattern": f"^{LANGUAGE.pattern}$"}}
        return {"anyOf": [words, {**by_language, "additionalProperties": words, "minProperties": 1}]}

    @classmethod
    def _read(cls, value: Any) -> "Spoken":
        if isinstance(value, Map):
            if not value:
                raise FieldError("a text is missing", "write {en: ..., ru: ...}")
            for language, text in value.items():
                if not LANGUAGE.fullmatch(language):
                    raise FieldError(
                        f"{language[:40]!r} is not a language", "write a code such as en, ru or uk"
                    )
                if not isinstance(text, Text) or text.missing:
                    raise FieldError(f"the text in {language!r} is missing")
            return cls(None, {Text.of(code): text for code, text in value.items()}, value)
        if isinstance(value, Seq):
            raise FieldError("a text is expected here, not a list")
        text = value if isinstance(value, Text) else Text(str(value))
        if text.missing:
            raise FieldError("a text is missing", "write it behind the ':', in quotes")
        return cls(_text(text), {}, text)


def _json(kind: Any = "string", **more: Any) -> dict[str, Any]:
    return {"type": kind, **more}


def _one_of(*words: str) -> Scalar:
    shown = ", ".join(words[:-1]) + f" or {words[-1]}"

    def parse(text: Text) -> Text:
        if text not in words:
            raise FieldError(f"{text[:40]!r} cannot be used here", f"write {shown}")
        return text

    return Scalar(parse, _json(enum=list(words)))


_DURATION_JSON: Final = _json(pattern=r"^(\d+d)?(\d+h)?(\d+m(?!s))?(\d+(\.\d+)?s)?(\d+ms)?$", minLength=2)

Name: TypeAlias = Annotated[Text, Scalar(_name, _json(pattern=f"^{NAME.pattern}$", maxLength=NAME_CHARS_MAX))]
Outcome: TypeAlias = Annotated[
    Text, Scalar(_outcome, _json(pattern=f"^{OUTCOME.pattern}$", maxLength=NAME_CHARS_MAX))
]
Line: TypeAlias = Annotated[Text, Scalar(_short, _json(["string", "number"], maxLength=NAME_CHARS_MAX))]
AnyText: TypeAlias = Annotated[Text, Scalar(_text, _json(_SCALAR))]
Condition: TypeAlias = Annotated[Text, Scalar(_text, _json(_SCALAR))]
Number: TypeAlias = Annotated[Text, Scalar(_number_text, _json(["string", "number"]))]
Duration: TypeAlias = Annotated[int, Scalar(_duration(1, 366 * 86_400_000), _DURATION_JSON)]
DurationOrZero: TypeAlias = Annotated[int, Scalar(_duration(0, 366 * 86_400_000), _DURATION_JSON)]
Boolean: TypeAlias = Annotated[bool, Scalar(_boolean, _json("boolean"))]
Count: TypeAlias = Annotated[int, Scalar(_integer(1, 1_000_000), _json(["integer", "string"]))]
Level: TypeAlias = Annotated[int, Scalar(_integer(0, 1_000), _json(["integer", "string"]))]
Share: TypeAlias = Annotated[float, Scalar(_share, _json(pattern=r"^\d+(\.\d+)?%$"))]
Percent: TypeAlias = Annotated[Decimal, Scalar(_decimal(0, 100), _json(["number", "string"]))]
Amount: TypeAlias = Annotated[Decimal, Scalar(_decimal(0, 1_000_000_000), _json(["number", "string"]))]
Key: TypeAlias = Annotated[str, Scalar(_key, _json(["string", "integer"]))]
Digits: TypeAlias = Annotated[
    tuple[int, int], Scalar(_digits, _json(["string", "integer"], pattern=r"^\d+(\.\.\d+)?$"))
]
Day: TypeAlias = Annotated[date, Scalar(_typed("date", "2026-12-24"), _json(pattern=r"^\d{4}-\d\d-\d\d$"))]
Moment: TypeAlias = Annotated[datetime, Scalar(_typed("datetime", "2026-12-24T09:00"), _json())]
Span: TypeAlias = Annotated[
    tuple[time, time], Scalar(_span, _json(pattern=r"^\d?\d:\d\d ?\.\. ?\d?\d:\d\d$"))
]
TimeOfDay: TypeAlias = Annotated[time, Scalar(_time_of_day, _json(pattern=r"^\d?\d:\d\d$"))]
Channel: TypeAlias = Annotated[Text, _one_of(*CHANNELS)]
ConsentAnswer: TypeAlias = Annotated[Text, _one_of(AGREED, REFUSED)]
ShiftEnd: TypeAlias = Annotated[Text, _one_of(*SHIFT_ENDS)]
Estimate: TypeAlias = Annotated[Text, _one_of(*MODELS)]
Emptiness: TypeAlias = Annotated[Text, _one_of(*EMPTY)]
CampaignMode: TypeAlias = Annotated[Text, _one_of("preview", "progressive", "ratio")]
ColumnLaw: TypeAlias = Annotated[Text, _one_of("exponential", "lognormal", "gamma", "weibull", "uniform")]
CsvFile: TypeAlias = Annotated[Text, Scalar(_csv_file, _json(pattern=r"^[^/\\]+\.csv$"))]
Strategy: TypeAlias = Annotated[Text, _one_of(*STRATEGIES)]
AppointmentWay: TypeAlias = Annotated[Text, _one_of(*WAYS)]
TypeName: TypeAlias = Annotated[ValueType, Scalar(_type, _json())]
TransferMode: TypeAlias = Annotated[Text, _one_of("blind", "warm")]
AnnounceKind: TypeAlias = Annotated[Text, _one_of("info", "promo")]
Grievance: TypeAlias = Annotated[Text, _one_of("abandoned", "turned_away")]
Pack: TypeAlias = Annotated[Text, _one_of(*PACKS)]
Severity: TypeAlias = Annotated[Text, _one_of("warning", "error", "off")]
Nothing: TypeAlias = Annotated[Text, Scalar(_nothing, _json(["null", "string"], maxLength=0), empty=True)]
StartOr: TypeAlias = Annotated[int, Scalar(_start, _json())]
