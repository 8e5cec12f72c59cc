"""What `ivr check` says about triggers, appointments, and the verbs that reach beyond a call."""

from typing import Any

import pytest

from ivr.errors import AuthorError
from ivr.language import load_sources

CENTER = """\
center: Lab
numbers: {{ "1": main }}
data: {{ other: {{ name: text }}, customer: {{ name: text, balance: money, expires: date, phone: text }} }}
queues: {{ field: {{}} }}
agents: {{ olga: {{ queues: [field] }} }}
appointments: {{ visit: {{ windows: {{ daily: 09:00..12:00 }}{appointment} }} }}
triggers: {{ wake: {{ flow: main{trigger} }} }}
world:
  tables: {{ customers: [{{ phone: "1", name: Ada, balance: 40 }}] }}
  lookups: {{ who: {{ from: customers, match: {{ phone: caller }}, into: customer }} }}
"""


def problems(
    trigger: str = ", missed_call: ['1']", flow: str = "[hangup]", appointment: str = "", head: str = ""
) -> list[str]:
    """What is wrong, as `code: message`; warnings where there is no error."""
    sources = {
        "center.yaml": CENTER.format(trigger=trigger, appointment=appointment),
        "main.flow.yaml": f"flow: main\nstart: a\non: {{ error: z }}\n{head}\nstates: {{ a: {flow}, z: [hangup] }}\n",
    }
    try:
        center = load_sources(sources)
    except AuthorError as fault:
        return [shown(problem) for problem in fault.problems]
    return [shown(problem) for problem in center.warnings]


def shown(problem: Any) -> str:
    return f"{problem.code}: {problem.message}"


ROWS = ", into: customer"
TRIGGERS = [
    ("", "trigger: nothing says when"),
    (", missed_call: ['1'], message: sms", "trigger: both 'missed_call' and 'message' say when"),
    (", missed_call: ['2']", "unknown-number: there is no number '2'"),
    (", message: fax", "value: 'fax' cannot be used here"),
    (", message: sms, into: customer", "trigger: 'into' shows a row, and this has none"),
    (", schedule: { days: mon-fri }", "trigger: a schedule has a time, or a pause"),
    (", schedule: { at: '09:00', every: 1h }", "trigger: a schedule has a time, or a pause"),
    (", schedule: { every: 5s }", "trigger: that is too often"),
    (", schedule: { at: 25:00 }", "value: '25:00' is not a time of day"),
    (", schedule: { at: '09:00', days: someday }", "hours: 'someday' is not a day"),
    (", schedule: { at: '09:00', rows: costumers }", "unknown-table: there is no table 'costumers'"),
    (", schedule: { at: '09:00', when: row.balance > 1 }", "trigger: there is no row to look at"),
    (
        ", becomes: { rows: customers, when: row.blance < 50 }" + ROWS,
        "expression: 'row' has no field 'blance'",
    ),
    (
        ", becomes: { rows: customers, when: row.name < 50 }" + ROWS,
        "expression: an integer and text do not go together",
    ),
    (", comes: { rows: customers, date: expire }" + ROWS, "unknown-column: there is no column 'expire'"),
    (", comes: { rows: customers, date: name }" + ROWS, "type: 'name' is text, not a date"),
    (
        ", comes: { rows: customers, date: expires }, into: nobody",
        "unknown-data: there is no data root 'nobody'",
    ),
    (", missed_call: ['1'], after: soon", "value: 'soon' is not a duration"),
]


@pytest.mark.parametrize(("trigger", "told"), TRIGGERS, ids=[told for _, told in TRIGGERS])
def test_a_faulty_trigger_is_told(trigger: str, told: str) -> None:
    assert any(text.startswith(told) for text in problems(trigger)), problems(trigger)


def test_a_good_trigger_of_each_kind_is_taken() -> None:
    for trigger in (
        ", schedule: { at: '09:00', days: mon-fri, rows: customers, when: row.balance > 1 }" + ROWS,
        ", schedule: { every: 1h }",
        ", becomes: { rows: customers, when: row.balance < 50 }" + ROWS,
        ", comes: { rows: customers, date: expires, days_before: 30 }" + ROWS,
        ", missed_call: ['1'], after: 5m",
        ", call_ended: { number: '1', outcome: cancelled }",
        ", message: sms",
    ):
        assert problems(trigger) == []


STEPS = [
    ("[{ dial: caller.nummer }, hangup]", "expression: 'caller' has no field 'nummer'"),
    ("[{ dial: '1', on: { ringing: z } }, hangup]", "unknown-outcome: there is no outcome 'ringing' here"),
    ("[{ send: email, text: Hi }, hangup]", "missing-key: nobody can be reached by email at a phone number"),
    (
        "[{ send: sms, text: Hi, into: x, on: { failed: z } }, hangup]",
        "send: 'into' needs an answer to wait for",
    ),
    (
        "[{ send: sms, text: Hi, on: { failed: z, replied: z } }, hangup]",
        "send: 'replied' needs an answer to wait for",
    ),
    ("[{ work: feld }, hangup]", "unknown-queue: there is no queue 'feld'"),
    ("[{ work: field, due: 9:00..10:00, within: 1h }, hangup]", "work: both 'due' and 'within' say when"),
    ("[{ work: field, day: customer.expires }, hangup]", "work: a day needs the hours of it"),
    ("[{ work: field, due: 9:00..10:00, day: customer.name }, hangup]", "expression: "),
    ("[{ work: field, appointment: visits }, hangup]", "unknown-appointment: "),
    ("[{ appointment: visits, say: When, on: { none_free: z } }, hangup]", "unknown-appointment: "),
    ("[{ appointment: visit, on: { none_free: z } }, hangup]", "missing-key: nothing is asked"),
    ("[{ appointment: visit, say: When }, hangup]", "unhandled: nothing handles the outcome 'none_free'"),
    (
        "[{ appointment: visit, say: When, windows: 6, on: { none_free: z } }, hangup]",
        "value: at most 5 windows",
    ),
    (
        "[{ identify: custumer, by: [{ lookup: who }] }, hangup]",
        "unknown-data: there is no data root 'custumer'",
    ),
    ("[{ identify: customer, by: [{ lookup: why }] }, hangup]", "unknown-lookup: there is no lookup 'why'"),
    (
        "[{ identify: other, by: [{ lookup: who }] }, hangup]",
        "identify: the lookup 'who' fills 'customer', not 'other'",
    ),
    (
        "[{ identify: customer, by: [{ lookup: who, into: x }] }, hangup]",
        "identify: 'into' belongs to a question",
    ),
    (
        "[{ identify: customer, by: [{ lookup: who, ask: Who }] }, hangup]",
        "missing-key: nothing takes the digits",
    ),
    (
        "[{ identify: customer, by: [{ lookup: who, ask: Who, into: x, tries: 6 }] }, hangup]",
        "value: a question is",
    ),
    ("[{ consent: tape }, hangup]", "consent: nothing is asked or announced"),
    ("[{ consent: tape, say: May we, notice: We do }, hangup]", "consent: it is asked, or it is announced"),
    (
        "[{ consent: tape, say: May we, keys: { agree: 2 } }, hangup]",
        "consent: one key cannot agree and refuse",
    ),
    ("[{ consent: tape, say: May we, silence: maybe }, hangup]", "value: 'maybe' cannot be used here"),
    ("[{ log: '{{ consent.type }}' }, hangup]", "text: "),
    (
        "[{ appointment: visit, do: forget, on: { not_found: z } }, hangup]",
        "value: 'forget' cannot be used here",
    ),
]


@pytest.mark.parametrize(("flow", "told"), STEPS, ids=[flow for flow, _ in STEPS])
def test_a_faulty_step_is_told(flow: str, told: str) -> None:
    found = problems(flow=flow, head="vars: { x: text }")
    assert any(text.startswith(told) for text in found), found


def test_a_calendar_without_a_day_is_told() -> None:
    assert problems(appointment=", first: 5, last: 2") == [
        "appointment: no day is left between first and last"
    ]


def test_speaking_where_nobody_is_on_the_line_is_a_warning() -> None:
    told = "no-caller: nobody is on the line here: 'say' is reached without a call"
    assert problems(flow="[{ say: Hello }, hangup]") == [told]
    assert (
        problems(flow="[{ dial: '1', on: { busy: z, no_answer: z, failed: z } }, { say: Hello }, hangup]")
        == []
    )
    answered = "[{ dial: '1', on: { answered: { say: Hello }, busy: { say: Hello }, no_answer: z, failed: z } }, hangup]"
    assert problems(flow=answered) == [told]
    later = "[{ work: field, on: { done: { say: Thanks }, failed: z } }, hangup]"
    assert problems(", call_ended: { number: '1' }", flow=later) == [told]


def test_a_text_in_several_languages_may_say_dates_in_each() -> None:
    flow = """[{ send: sms, to: customer.phone, on: { failed: z },
        text: { en: "It ends on {{ customer.expires | date }}.", ru: "До {{ customer.expires | date }}." } }, hangup]"""
    assert problems(flow=flow) == []
