"""What a center may ever say: its prompts as patterns, to tell a test that waits for what never comes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from ivr.core.flow.model import Flow, Node, Prompt, State, Step, Template
from ivr.core.flow.nearness import nearest
from ivr.core.flow.scope import APOLOGY
from ivr.core.flow.scope_schema import BUILTIN
from ivr.core.flow.steps import Again, Repeat
from ivr.core.flow.values import NUMERIC
from ivr.core.plan import Announcement, CallbackOffer, Plan
from ivr.language import speech

_VALUE: Final = re.compile(r"\{\{(.*?)\}\}|\{%.*?%\}", re.DOTALL)
_FIELD: Final = re.compile(r"\s*([a-z_]+)\.([a-z_0-9]+)\s*")
_FREE: Final = "\0"  # anything, of any length: a text from outside
_CHAR: Final = "\1"  # one character or none: values that a filter speaks are a few words
_DIGIT: Final = "\2"  # one digit or none
_TAG: Final = "\3"  # `{% if %}` and its kin: what stands between two of them may be left out
_SPOKEN_CHARS: Final = 48  # "Wednesday, September 30 at 12:30 PM", and longer in other languages
_NUMBER_CHARS: Final = 12
_ENDS: Final = re.compile(r"(?<=[.!?])\s+")
_WORD: Final = re.compile(r"[^\W\d_]+")
_MARKS: Final = re.compile("[\0\1\2\3]+")
_NOT_TO_CALLERS: Final = ("whisper",)


class Sayings:
    """Every text callers of a center may hear."""

    def __init__(self, plan: Plan) -> None:
        self._patterns: dict[str, str] = {}
        self._schemas = [{**BUILTIN, **plan.schema, "vars": flow.variables} for flow in plan.flows.values()]
        for template in _templates(plan):
            pattern = _VALUE.sub(self._value, normal(template.source))
            self._patterns[pattern.casefold()] = pattern
        self._spoken = _spoken_words({plan.language, *_languages(plan)}, plan.currency)
        self._known: dict[tuple[str, bool], bool] = {}

    def possible(self, text: str, *, whole: bool = False) -> bool:
        """Whether a prompt may contain a text (or be it, as a `whole`); values in prompts may be anything."""
        key = (normal(text).casefold(), whole)
        if key not in self._known:
            value = self._may_be_a_value(key[0])
            self._known[key] = any(_fits(pattern, *key, all_value=value) for pattern in self._patterns)
        return self._known[key]

    def near(self, text: str) -> str:
        """A sentence that was probably meant; empty if none is near."""
        sentences = {
            part.strip()
            for pattern in self._patterns.values()
            for sentence in _ENDS.split(pattern)
            for part in _MARKS.split(sentence)
        }
        return nearest(normal(text), (part for part in sentences if len(part) > 3))

    def _may_be_a_value(self, text: str) -> bool:
        """Whether a text may be nothing but a value that a filter speaks, or a part of one."""
        words = _WORD.findall(text)
        inner, ends = words[1:-1], {*words[:1], *words[-1:]}
        return all(word in self._spoken for word in inner) and all(
            any(word in spoken for spoken in self._spoken) for word in ends
        )

    def _value(self, match: re.Match[str]) -> str:
        """What stands for a value of a text: as much as its type lets it say."""
        if match[1] is None:
            return _TAG
        if "|" in match[1] and "default" not in match[1]:
            return _CHAR * _SPOKEN_CHARS
        field = _FIELD.fullmatch(match[1])
        kinds = [schema.get(field[1], {}).get(field[2]) for schema in self._schemas] if field else []
        numbers = [kind is not None and kind.kind in NUMERIC for kind in kinds]
        return _DIGIT * _NUMBER_CHARS if numbers and all(numbers) else _FREE


def normal(text: str) -> str:
    """A text with single spaces, as it is compared."""
    return " ".join(text.split())


def _languages(plan: Plan) -> Iterator[str]:
    for flow in plan.flows.values():
        for node in nodes_of(flow):
            for value in _parts(node).values() if isinstance(node, Step) else ():
                if isinstance(value, Prompt):
                    yield from value.texts


def _spoken_words(languages: set[str], currency: str) -> frozenset[str]:
    """The words in which filters speak values, by saying a few of every kind."""
    said: list[str] = []
    days = [datetime(2026, 1 + number % 12, 1 + number) for number in range(28)]  # noqa: DTZ001 - a local time
    for language in languages:
        for amount in (Decimal(0), Decimal(1), Decimal(2), Decimal(5), Decimal("1250.50")):
            said += [speech.money(amount, currency, language), speech.percent(amount, language)]
            said.append(speech.minutes(amount * 60, language))
        said += [
            text for day in days for text in (speech.day(day, language), speech.day_and_time(day, language))
        ]
        said += [speech.clock(day.replace(hour=13), language) for day in days[:1]]
        said += [speech.ordinal(number, language) for number in range(1, 32)]
        said += [speech.minutes(None, language), speech.minutes(20, language)]
    return frozenset(word for text in said for word in _WORD.findall(text.casefold()))


def nodes_of(flow: Flow) -> Iterator[Node]:
    """Every node of a flow, each once."""
    waiting: list[Any] = [*flow.states.values(), *flow.on.values(), *flow.keys.values()]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        waiting += _following(node)


def _parts(node: Any) -> dict[str, Any]:
    """The fields of a node by name; `vars` would not do, for a compiled node has no dict."""
    return {field.name: getattr(node, field.name) for field in fields(node)}


def _following(node: Node) -> list[Any]:
    if isinstance(node, State):
        return [node.first]
    if isinstance(node, Again | Repeat):
        return [node.step]
    found: list[Any] = []
    for name, value in _parts(node).items():
        if name in ("next", "then", "otherwise", "target") and not isinstance(value, str):
            found.append(value)
        elif name == "handlers":
            found += [handler for handlers in value for handler in handlers.values()]
        elif name == "choices":
            found += value.values()
        elif name in ("cases", "ways"):
            found += [way for _, _, way in value]
    return found


def _templates(plan: Plan) -> Iterator[Template]:
    yield from APOLOGY.prompt.texts.values()
    for queue in plan.queues.values():
        yield from _of(queue.announce)
    for flow in plan.flows.values():
        for node in nodes_of(flow):
            if isinstance(node, Step):
                yield from _of(value for name, value in _parts(node).items() if name not in _NOT_TO_CALLERS)


def _of(values: Iterable[Any]) -> Iterator[Template]:
    for value in values:
        if isinstance(value, Prompt):
            yield from value.texts.values()
        elif isinstance(value, Announcement | CallbackOffer):
            yield from value.prompt.texts.values()
        elif isinstance(value, tuple) and value and isinstance(value[0], Announcement):
            yield from _of(value)


def _fits(pattern: str, text: str, whole: bool, *, all_value: bool) -> bool:
    """Whether the text fits somewhere into the pattern: positions are bits, all followed at once.

    Positions reached without a character of the prompt itself (`loose`) count only for what may be all value.
    """
    at: dict[str, int] = {}
    for index, char in enumerate(pattern):
        at[char] = at.get(char, 0) | 1 << index
    start = _passing(1 if whole else (1 << len(pattern)) - 1, at)
    firm, loose = 0, start
    free, any_char, digit = at.get(_FREE, 0), at.get(_CHAR, 0), at.get(_DIGIT, 0)
    for char in text:
        value = any_char | (digit if char.isdigit() or char in ".," else 0)
        both = firm | loose
        firm = _passing((both & at.get(char, 0)) << 1 | (both & free) | (firm & value) << 1, at)
        loose = _passing((loose & value) << 1, at)
        if not firm | loose:
            return False
    here = firm | loose if all_value else firm
    return bool(here >> len(pattern) & 1) if whole else bool(here)


def _passing(here: int, at: dict[str, int]) -> int:
    """Values may be empty, and parts between tags left out: those positions are passed without a character."""
    empty = at.get(_FREE, 0) | at.get(_CHAR, 0) | at.get(_DIGIT, 0) | at.get(_TAG, 0)
    tags = at.get(_TAG, 0)
    while True:
        more = here | (here & empty) << 1
        if met := here & tags:
            more |= tags & ~((met & -met) - 1)
        if more == here:
            return here
        here = more
