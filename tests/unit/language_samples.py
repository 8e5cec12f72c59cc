"""A small center for tests of the language: one flow, put together from what a test wants to see."""

from collections.abc import Mapping

from ivr.errors import AuthorError
from ivr.language import Problem, load_sources
from ivr.language.compile import Center

CENTER = """\
center: Test
timezone: Europe/Berlin
language: en
currency: EUR
numbers: { "1": main }
contacts: { plumber: "+49301" }
hours:
  office: { mon-fri: 08:00..20:00 }
data:
  customer: { name: text, phone: text, tier: text, active: boolean, months: integer, price: money, debt: money, left_on: date? }
queues:
  support: {}
  billing: {}
agents:
  anna: { queues: [support] }
world:
  tables:
    customers: [{ phone: "1", name: Ada, price: 40.00 }]
  lookups:
    by-phone: { args: { phone: text }, from: customers, match: { phone: phone }, into: customer }
  runs:
    pay: { args: { amount: money }, gives: { reference: number }, result: { reference: integer } }
    book: { gives: { reference: "B1", place: "here" }, result: { reference: text, place: text } }
"""

HEAD = """\
flow: main
start: a
states:
"""


def flow(states: str, head: str = HEAD) -> str:
    """A flow with these states, whose first line is the line after the head."""
    return head + states


def load(text: str, center: str = CENTER, more: Mapping[str, str] | None = None) -> Center:
    """The center with this one flow."""
    return load_sources({"center.yaml": center, "main.flow.yaml": text, **(more or {})})


def problems(text: str, center: str = CENTER, more: Mapping[str, str] | None = None) -> list[Problem]:
    """The errors of the center with this one flow."""
    try:
        load(text, center, more)
    except AuthorError as error:
        found = list(error.problems)
        assert all(isinstance(problem, Problem) for problem in found)
        return found  # type: ignore[return-value]
    return []
