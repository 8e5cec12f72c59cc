"""The reference pages of the flow language: its files, verbs, values, expressions and texts.

Everything comes out of the models, registries and examples that the product itself reads; an example of
a value, a function or a filter is worked out here, so a wrong one stops the page from being made.
"""

import json
import types
import typing
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType

from ivr.core.flow.expression import compile_expression
from ivr.core.flow.expression_calls import CALLS
from ivr.core.flow.scope_schema import BUILTIN, ITSELF
from ivr.core.flow.values import KINDS, ValueType, parse_type, plain
from ivr.language import fields
from ivr.language.fields import Model, Scalar, Spoken
from ivr.language.models import BARE, Choice, ChoiceModel, FlowModel, Handler, State, StateModel
from ivr.language.step_models import OUTCOMES, VERBS
from ivr.language.step_parts import VerbModel
from ivr.language.templates import FILTERS, compile_template
from ivr.language.tree import Text

EXAMPLES: Final = Path(__file__).parents[1] / "flows" / "examples"

# How values are written: the field types of `ivr.language.fields`, what they are, and examples.
_VALUES: Final[tuple[tuple[str, tuple[Any, ...], str, tuple[str, ...]], ...]] = (
    ("name", (fields.Name,), "Letters, digits, `-` and `_`, a letter first.", ("main-menu",)),
    ("outcome", (fields.Outcome,), "A name, or names joined by dots.", ("give_up", "failed.network")),
    ("expression", (fields.Condition,), "See [expressions](expressions.md).", ("customer.debt > 0",)),
    ("text", (fields.AnyText, fields.Line), "Any text; quote what holds `#`, `: ` or begins with a sign.", ("gold",)),
    ("duration", (fields.Duration, fields.DurationOrZero), "`ms`, `s`, `m`, `h`, `d`, the longer first.",
     ("500ms", "5s", "1m30s", "2h", "1d")),
    ("duration or `start`", (fields.StartOr,), "A duration; `start` is at once.", ("start", "30s")),
    ("key", (fields.Key,), "A key of the telephone; `star` and `hash` in words.", ("1", "0", "star", "hash")),
    ("number of digits", (fields.Digits,), "A number, or a range: least and most.", ("4", "0..15")),
    ("true or false", (fields.Boolean,), "", ("true", "false")),
    ("whole number", (fields.Count, fields.Level), "From 0, or from 1 where nothing would make no sense.", ("3",)),
    ("percent", (fields.Percent,), "0 to 100, with or without the sign.", ("30", "12.5", "30%")),
    ("amount", (fields.Amount,), "A number of money, or a weight.", ("5.00", "20")),
    ("type", (fields.TypeName,), f"One of {', '.join(f'`{kind}`' for kind in KINDS)}; with `?` it may be missing.",
     ("text", "date?")),
    ("`blind` or `warm`", (fields.TransferMode,), "", ("warm",)),
    ("`info` or `promo`", (fields.AnnounceKind,), "", ("promo",)),
    ("number", (fields.Number,), "A number to dial; quote one that begins with `+`.", ("support", "+49301000")),
    ("span of time", (fields.Span,), "Local time; an end of `24:00` is midnight.", ("15:00..18:00",)),
    ("time of day", (fields.TimeOfDay,), "Local time.", ("09:00",)),
    ("`sms`, `email` or `push`", (fields.Channel,), "", ("sms",)),
    ("`book`, `confirm`, `move` or `cancel`", (fields.AppointmentWay,), "", ("book",)),
    ("`agreed` or `refused`", (fields.ConsentAnswer,), "", ("refused",)),
    ("nothing", (fields.Nothing,), "`- hangup` alone, or `hangup:` with options below it.", ()),
)  # fmt: skip

_SAMPLE: Final = {
    "name": ("text", "Ada"), "tier": ("text", "gold"), "nick": ("text?", None), "months": ("integer", 14),
    "debt": ("money", Decimal("1250.50")), "score": ("number", 2.5), "since": ("date", date(2025, 1, 31)),
    "ends": ("date", date(2026, 11, 30)), "opens": ("time", time(8, 5)),
}  # fmt: skip
"""A customer, to work the examples out with."""

_NOW: Final = datetime(2026, 11, 23, 22, 15)  # noqa: DTZ001 - local time of a center

_SCHEMA: Final = {**BUILTIN, "customer": {name: parse_type(kind) for name, (kind, _) in _SAMPLE.items()}}
_SCOPE: Final[dict[str, Any]] = {
    "customer": {name: value for name, (_, value) in _SAMPLE.items()},
    "now": _NOW,
    "hours": {"next_open": datetime(2026, 11, 24, 8, 0), "open": False},  # noqa: DTZ001 - the same
    "queue": {"wait": 130.0, "position": 2},
    "offer": {"percent": Decimal(30)},
    "caller": {"number": "+49301"},
}

_FUNCTIONS: Final = {
    "months_since": ("whole calendar months since a date", "months_since(customer.since)"),
    "days_since": ("whole days since a date", "days_since(customer.since)"),
    "hour_between": (
        "whether the local hour is from the first up to, not including, the second",
        "hour_between(22, 6)",
    ),
    "has": ("whether a value is there, and no empty text", "has(customer.nick)"),
    "len": ("how many characters a text has", "len(customer.name)"),
    "min": ("the smallest of two to ten values", "min(customer.debt, 100)"),
    "max": ("the greatest of two to ten values", "max(customer.months, 12, 3)"),
    "round": (
        "a number rounded, to whole ones or to digits; money commercially",
        "round(customer.debt / 3, 2)",
    ),
    "lower": ("a text in small letters", "lower(customer.name)"),
    "default": ("a value, or another where it is missing", "default(customer.nick, 'you')"),
}
_OPERATORS: Final = (
    ("`and` `or` `not`", "customer.debt > 0 and not customer.tier == 'gold'"),
    ("`==` `!=` `<` `<=` `>` `>=`", "0 < customer.months <= 14"),
    ("`in` a list, or text in text", "customer.tier in ['gold', 'silver']"),
    ("`+` `-` `*` `/` `%`", "customer.debt - 50"),
    ("`+` of texts", "customer.name + '!'"),
    ("`A if CONDITION else B`", "10 if customer.tier == 'gold' else 0"),
    ("`== none` `!= none`", "customer.nick == none"),
    ("dates and times in quotes", "customer.since < '2025-02-01'"),
)
_FILTERS: Final = {
    "money": "{{ customer.debt | money }}",
    "percent": "{{ offer.percent | percent }}",
    "digits": "{{ caller.number | digits }}",
    "date": "{{ customer.ends | date }}",
    "time": "{{ customer.opens | time }}",
    "day_and_time": "{{ hours.next_open | day_and_time }}",
    "minutes": "{{ queue.wait | minutes }}",
    "ordinal": "{{ queue.position | ordinal }}",
}
_TEXTS: Final = (
    "{{ customer.name }}",
    "{{ customer.score }}",
    "{{ customer.nick | default('friend') }}",
    "{{ 'gold' if customer.tier == 'gold' else 'dear' }} customer",
    "Hello.{% if customer.debt > 0 %} You owe {{ customer.debt | money }}.{% else %} All is paid.{% endif %}",
)
_LANGUAGES: Final = ("en", "ru", "uk")


_STATE: Final = (
    "A list of steps, or a map with handlers of its own and the list under `steps`. The last step has to leave",
    "the state: `goto`, `return`, `hangup`, or a step all of whose outcomes do.",
)
_WHAT_TO_DO: Final = (
    "Wherever a table says *what to do*: the name of a state, one step, or a list of steps. A list that comes to",
    "its end goes on behind the step it belongs to; handlers of a whole state or flow have to lead somewhere.",
)


# The language --------------------------------------------------------------------------------------------


def language_page() -> str:
    """Flow files from the top: fields, states, values, every verb with its parts and an example."""
    lines = [
        "# The flow language",
        "",
        "This page is generated from the models that read flows, by `python tools/reference.py`. How a flow runs is told in",
        "[language-notes.md](language-notes.md), what conditions and texts may say in [expressions.md](expressions.md).",
        "The examples are a center that runs: [flows/examples](../../flows/examples/center.yaml), `ivr serve flows/examples`.",
        "",
        "## A flow file",
        "",
        "A file `NAME.flow.yaml` is one flow.",
        "",
        *_table(FlowModel),
    ]
    for name in ("on", "defaults", "policy"):
        lines += _part(f"`{name}` of a flow", _models(_of(FlowModel, name))[0])
    lines += ["### A state", "", *_STATE, "", *_table(StateModel)]
    lines += ["### What to do", "", *_WHAT_TO_DO, ""]
    lines += _values()
    lines += [
        "## Steps",
        "",
        f"A step is a map whose key is its verb; `{', '.join(BARE)}` may stand alone.",
        "",
    ]
    lines += [f"[{verb}](#{verb})" + (" ·" if verb != list(VERBS)[-1] else "") for verb in VERBS]
    lines.append("")
    for verb, model in VERBS.items():
        lines += _verb(verb, model)
    return "\n".join(lines)


def _values() -> list[str]:
    lines = ["### How values are written", "", "| value | | for example |", "|---|---|---|"]
    for name, kinds, says, examples in _VALUES:
        for kind in kinds:
            for example in examples:
                TypeAdapter(kind).validate_python(Text(example))
        lines.append(f"| {name} | {says} | {', '.join(f'`{example}`' for example in examples)} |")
    says = "One text, or a map with one for each language, [with values](expressions.md#texts)."
    return [
        *lines,
        f'| spoken text | {says} | `"Good day."`, `{{ en: "Good day.", ru: "Добрый день." }}` |',
        "",
    ]


def _verb(verb: str, model: type[VerbModel]) -> list[str]:
    lines = [f"## `{verb}`", "", (model.__doc__ or "").strip(), ""]
    lines += ["```yaml", (EXAMPLES / f"{verb}.flow.yaml").read_text(encoding="utf-8").rstrip(), "```", ""]
    lines += _table(model, first=verb)
    if outcomes := OUTCOMES.get(verb):
        lines += [f"Outcomes: {', '.join(f'`{name}`' for name in outcomes)}.", ""]
    elif verb == "call":
        lines += ["Outcomes: those that the called flow `returns`.", ""]
    for name, field in model.model_fields.items():
        for part in _models(field):
            if name != "on":
                lines += _part(f"`{field.alias or name}` of `{verb}`", part)
    return lines


def _part(title: str, model: type[Model]) -> list[str]:
    return [f"### {title}", "", (model.__doc__ or "").strip(), "", *_table(model)]


def _table(model: type[Model], first: str = "") -> list[str]:
    lines = ["| field | means | is | if left out | for example |", "|---|---|---|---|---|"]
    named = [(field.alias or name, field) for name, field in model.model_fields.items()]
    for name, field in sorted(named, key=lambda pair: pair[0] != first):
        examples = ", ".join(f"`{_yaml(example)}`" for example in field.examples or ())
        default = "**needed**" if field.is_required() else _default(field)
        lines.append(
            f"| `{name}` | {field.description} | {_kind(_annotated(field))} | {default} | {examples} |"
        )
    return [*lines, ""]


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is None or isinstance(value, Model | dict | list):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{value[0]}..{value[1]}`"
    words = _kind(_annotated(field))
    return f"`{value / 1000:g}s`" if words.startswith("duration") and value else f"`{value}`"


def _yaml(example: Any) -> str:
    """An example as an author writes it on one line."""
    if isinstance(example, dict):
        return "{ " + ", ".join(f"{key}: {_yaml(value)}" for key, value in example.items()) + " }"
    if isinstance(example, str) and (" " in example and not any(sign in example for sign in "<>=")):
        return json.dumps(example, ensure_ascii=False)
    return str(example).replace("|", "\\|")


def _of(model: type[Model], name: str) -> FieldInfo:
    return model.model_fields[name]


def _annotated(field: FieldInfo) -> Any:
    """The annotation as it was written: pydantic takes the outermost metadata away."""
    scalars = [mark for mark in field.metadata if isinstance(mark, Scalar)]
    return typing.Annotated[field.annotation, scalars[0]] if scalars else field.annotation


def _scalars(kind: Any) -> list[Scalar]:
    return [mark for mark in getattr(kind, "__metadata__", ()) if isinstance(mark, Scalar)]


_WORDS: Final = {id(_scalars(kind)[0]): name for name, kinds, _, _ in _VALUES for kind in kinds}


def _kind(kind: Any) -> str:
    """What stands in a field, in an author's words."""
    if scalars := _scalars(kind):
        return _WORDS[id(scalars[0])]
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if kind is Handler:
        return "[what to do](#what-to-do)"
    if kind is Choice:
        return "[choice](#choices-of-menu), or what to do"
    if kind == State:
        return "[state](#a-state)"
    if kind is Spoken:
        return "spoken text"
    if isinstance(kind, TypeAliasType):
        return "list of steps"
    if origin in (typing.Union, types.UnionType):
        return _kind(next(part for part in args if part is not type(None)))
    if origin is typing.Annotated:
        return _kind(args[0])
    if origin is dict:
        return f"map of {_kind(args[0])} to {_kind(args[1])}"
    if origin is list:
        return f"list of {_kind(args[0])}"
    return "map, see below"


def _models(field: FieldInfo) -> list[type[Model]]:
    """The models of maps inside a field that is no block of steps."""
    found: list[type[Model]] = []
    kinds = [field.annotation]
    while kinds:
        kind: Any = kinds.pop()
        if kind is Choice:
            found.append(ChoiceModel)
        elif isinstance(kind, type) and issubclass(kind, Model):
            found.append(kind)
        elif not isinstance(kind, TypeAliasType):
            kinds += typing.get_args(kind)
    return found


# Expressions and texts --------------------------------------------------------------------------------------


def expressions_page() -> str:
    """What conditions and texts may say, with what the examples give."""
    customer = ", ".join(f"`{name}` {_shown(value)}" for name, (_, value) in _SAMPLE.items())
    moment = f"{_NOW:%A, %d %B %Y, %H:%M}"
    return "\n".join([
        "# Expressions and texts", "",
        "This page is generated from the functions and filters themselves, by `python tools/reference.py`. The examples are",
        f"worked out on {moment}, for a customer with {customer}.", "",
        "## Expressions", "",
        "Fields such as `if`, `when`, `check` and `priority` hold an expression: names, numbers, text in quotes, `true`,",
        "`false`, `none`, and:", "",
        "| operator | for example | gives |", "|---|---|---|",
        *(f"| {name} | `{example}` | {_worked_out(example)} |" for name, example in _OPERATORS),
        "", "## Functions", "",
        "| function | is | for example | gives |", "|---|---|---|---|",
        *(_function(name) for name in CALLS),
        "", "## Texts", "",
        "A spoken text holds values in `{{ }}` and parts in `{% if CONDITION %}`, `{% elif CONDITION %}`, `{% else %}`,",
        "`{% endif %}`. The conditions are expressions without arithmetic and functions: compute with `set:` before.", "",
        "| text | says |", "|---|---|",
        *(f"| `{_cell(text)}` | {_said(text, 'en')} |" for text in _TEXTS),
        "", "## Filters", "",
        "A filter says how a value is spoken. Dates, times and moments need one; `| default(...)` fills in what may be",
        "missing.", "",
        "| filter | takes | says | for example | en | ru | uk |", "|---|---|---|---|---|---|---|",
        *(_filter(name) for name in FILTERS),
        "", "## What may be read", "",
        "| name | fields |", "|---|---|",
        *(_root(name, fields_) for name, fields_ in BUILTIN.items()),
        "| `customer`, ... | what the center declares under `data` |",
        "| `result` | what the last `lookup`, `run` or `call` answered |",
        "| `vars` | the flow's variables |",
        "| `rules` | the flow's named conditions |",
        "",
    ])  # fmt: skip


def _function(name: str) -> str:
    says, example = _FUNCTIONS[name]
    return f"| `{CALLS[name].usage}` | {says} | `{example}` | {_worked_out(example)} |"


def _filter(name: str) -> str:
    _, kinds, says = FILTERS[name]
    example = _FILTERS[name]
    said = " | ".join(_said(example, language) for language in _LANGUAGES)
    return f"| `{name}` | {', '.join(kinds)} | {says} | `{_cell(example)}` | {said} |"


def _root(name: str, known: typing.Mapping[str, ValueType]) -> str:
    if ITSELF in known:
        return f"| `{name}` | itself, {known[ITSELF]} |"
    return f"| `{name}` | {', '.join(f'`{field}` {kind}' for field, kind in known.items())} |"


def _worked_out(text: str) -> str:
    return _shown(compile_expression(text, _SCHEMA, {}).fn(_SCOPE))


def _said(text: str, language: str) -> str:
    return compile_template(text, _SCHEMA, {}, language=language, currency="EUR").fn(_SCOPE)


def _shown(value: Any) -> str:
    return f"`{'none' if value is None else str(value).lower() if isinstance(value, bool) else plain(value)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
