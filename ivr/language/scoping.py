"""What an author may read at a place: expressions, texts and values, compiled with problems reported."""

from collections.abc import Mapping, Set as AbstractSet
from functools import lru_cache
from typing import Any, Final

from ivr.core.flow.expression import ExpressionError, Schema, compile_expression, parse_expression
from ivr.core.flow.model import Expression, Template
from ivr.core.flow.values import ValueType, coerce
from ivr.language.problems import Report
from ivr.language.templates import TemplateError, compile_template, constant_template
from ivr.language.tree import Text

RESULT: Final = "result"
"""The root whose fields come from requests: excused as a whole where one of them could not be read."""

BOOLEAN: Final = ValueType("boolean")
TEXT: Final = ValueType("text")
UNKNOWN: Final = ValueType("unknown")
"""The type of what could not be compiled, where none is wanted."""
_PARSED_MAX: Final = 1_024  # trees of rules that are kept while one flow is read
_PLAIN_KINDS: Final = ("date", "time", "datetime")


class Reader:
    """Compiles what is written in one flow (or one request) against its schema.

    A faulty part becomes a problem and a stand-in, so that the rest is checked as well.
    """

    def __init__(
        self,
        report: Report,
        schema: Schema,
        rules: Mapping[Text, Text],
        currency: str,
        where: str,
        *,
        lenient: bool = False,
        dry: bool = False,
        excused: AbstractSet[str] = frozenset(),
    ) -> None:
        """A `lenient` reader checks only the grammar: it does not know the center's names.

        A `dry` one checks everything, and makes nothing that could be run.

        `excused` are names that stand in parts that could not be read: nobody is blamed for using them.
        """
        self.schema = schema
        self.currency = currency
        self.where = where
        self._report = report
        self._lenient = lenient
        self._dry = dry
        self._excused = excused
        self._rules: dict[str, Text] = {str(name): text for name, text in rules.items()}
        self._faulty: set[str] = set()
        self._parse = lru_cache(_PARSED_MAX)(parse_expression)
        self._expressions: dict[tuple[str, ValueType | None, bool], Expression] = {}
        self._templates: dict[tuple[str, str], Template] = {}

    def check_rules(self) -> None:
        """Report what is wrong with the rules themselves; users of a faulty rule are not blamed."""
        for name, text in self._rules.items():
            try:
                if self._lenient:
                    parse_expression(text)
                    continue
                self._compile(text, None, condition=True)
            except ExpressionError as error:
                self._faulty.add(name)
                own = error.rule in ("", name) or "circle" in error.message
                if own and self._excused.isdisjoint(error.names):
                    place = text.at(error.column if not error.rule else 1)
                    self._report.add(place, "expression", error.message, error.hint)

    def condition(self, text: Text) -> Expression:
        """Something true or false that can change."""
        return self.expression(text, BOOLEAN, condition=True)

    def expression(self, text: Text, want: ValueType | None = None, *, condition: bool = False) -> Expression:
        """A checked expression, of type `want` if that is given."""
        if text.quoted and want is not None and want.kind == "text":
            return _stand_in(text, want, str(text))
        try:
            if self._lenient:
                parse_expression(text)
                return _stand_in(text, want or UNKNOWN, None)
            if not self._affords(text, (str(text), None if condition else want, condition)):
                return _stand_in(text, want or UNKNOWN, None)
            return self._compile(text, None if condition else want, condition=condition)
        except ExpressionError as error:
            hint = error.hint
            if want is not None and want.kind == "text" and "quotes" not in hint:
                hint = f"{hint}; " * bool(hint) + "to make it text, add quotes"
            self._blame(text, error, "expression", hint)
            return _stand_in(text, want or UNKNOWN, None)

    def template(self, text: Text, language: str) -> Template:
        """A checked text in a language."""
        if text.comment:
            message = "the text after '#' is not spoken: YAML takes it for a comment"
            self._report.add(text, "dropped-comment", message, "quote the text")
        if self._lenient:
            return constant_template(str(text)[:100])
        new = "{" in text and (str(text), language) not in self._templates
        if new and not self._report.afford(text, len(text)):
            return constant_template(str(text)[:100])
        try:
            return self._template(str(text), str(language))
        except TemplateError as error:
            self._blame(text, error, "text", error.hint, error.line)
            return constant_template(str(text)[:100])

    def value(self, text: Text, want: ValueType | None, language: str) -> Expression | Template:
        """A value in `set` and `with`: plain is an expression, quoted is text."""
        if not text.style:
            return self.expression(text, want)
        if want is None or want.kind == "text":
            return self.template(text, language)
        if want.kind in _PLAIN_KINDS:
            try:
                return _stand_in(text, want, coerce(str(text), want))
            except ValueError:
                pass
        message = f"quoted text is text, but {want.kind} is needed"
        self._report.add(text, "type", message, "remove the quotes")
        return _stand_in(text, want, None)

    def type_of(self, text: Text) -> ValueType | None:
        """The type of a value, without reporting anything."""
        if text.style:
            return TEXT
        try:
            return self._compile(text, None, condition=False).type
        except ExpressionError:
            return None

    def _affords(self, text: Text, key: tuple[str, ValueType | None, bool]) -> bool:
        """Whether an expression may still be compiled; one that has been is free."""
        return key in self._expressions or self._report.afford(text, len(text))

    def _compile(self, text: str, want: ValueType | None, *, condition: bool) -> Expression:
        """Compile an expression, once however often it is written."""
        key = (str(text), want, condition)
        made = self._expressions.get(key)
        if made is None:
            made = self._expressions[key] = compile_expression(
                text,
                self.schema,
                self._rules,
                self.where,
                condition=condition,
                want=want,
                parse=self._parse,
                dry=self._dry,
            )
        return made

    def _template(self, text: str, language: str) -> Template:
        """Compile a text, once however often it is written."""
        key = (text, language)
        made = self._templates.get(key)
        if made is None:
            made = self._templates[key] = compile_template(
                text,
                self.schema,
                self._rules,
                language=language,
                currency=self.currency,
                where=self.where,
                dry=self._dry,
            )
        return made

    def _blame(
        self, text: Text, error: ExpressionError | TemplateError, code: str, hint: str, line: int = 1
    ) -> None:
        rule, message = error.rule, error.message
        if rule in self._faulty or not self._excused.isdisjoint(error.names):
            return
        if rule:
            message = f"in rule {rule!r}: {message}"
        self._report.add(text.at(1 if rule else error.column, line), code, message, hint)


def _stand_in(text: Text, want: ValueType, value: Any) -> Expression:
    return Expression(str(text), want, frozenset(), lambda _: value, constant=True)
