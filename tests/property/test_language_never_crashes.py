"""Whatever is typed as an expression or a text, only our own errors come out; durations read back."""

from hypothesis import example, given, settings, strategies as st

from ivr.core.flow.expression import ExpressionError, compile_expression
from ivr.core.flow.scope_schema import BUILTIN
from ivr.core.flow.values import ValueType
from ivr.core.time import format_duration, parse_duration
from ivr.language.problems import Report
from ivr.language.reading import parse
from ivr.language.templates import TemplateError, compile_template

SCHEMA = {
    **BUILTIN,
    "customer": {
        "debt": ValueType("money"),
        "months": ValueType("integer"),
        "nick": ValueType("text", optional=True),
    },
}
RULES = {"owes": "customer.debt > 0"}

_NAMES = "customer.debt customer.months customer.nick rules.owes now queue.wait true none 0 1 29.90 1e400 'x'"
_SIGNS = "and or not in is if else == != < <= > >= + - * / % ( ) [ ] , lambda : . { } \\ \" ' é ! = && ?"
_CALLS = "default( has( min( round( months_since("
_PIECES = [*_NAMES.split(), *_SIGNS.split(), *_CALLS.split()]
_WORDS = st.lists(st.sampled_from(_PIECES), max_size=14).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(st.one_of(_WORDS, st.text(max_size=60)))
@example("1if customer.debt>0else 2")
@example("\ud800")
@example("a\x00b")
def test_only_expression_errors_leave_the_compiler(text: str) -> None:
    refused = None
    try:
        needs = compile_expression(text, SCHEMA, RULES).needs
    except ExpressionError as error:
        refused, needs = error, frozenset()
    assert needs <= {"customer", "now", "queue"}
    assert refused is None or (refused.message and refused.column >= 1)


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        _WORDS.map(lambda words: "{{ " + words + " }}"),
        _WORDS.map(lambda words: "{% if " + words + " %}x{% endif %}"),
    )
)
def test_only_template_errors_leave_the_template_compiler(text: str) -> None:
    refused = None
    try:
        compile_template(text, SCHEMA, RULES, language="en", currency="EUR")
    except TemplateError as error:
        refused = error
    assert refused is None or (refused.line >= 1 and refused.column >= 1)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:-[]{}'\"#&*!|>%@`,? \n\t01", max_size=80))
def test_no_file_crashes_the_reader(text: str) -> None:
    report = Report()
    tree = parse(text, "f", report)
    assert tree is not None or report.failed
    for problem in report.problems:
        assert str(problem)


@given(st.integers(0, 3_650 * 86_400_000))
def test_durations_read_back(length_ms: int) -> None:
    assert parse_duration(format_duration(length_ms)) == length_ms
