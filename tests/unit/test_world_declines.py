"""Runs that decline by a rule, and read rows of other tables for it."""

from datetime import datetime
from typing import Any

import pytest

from ivr.errors import AuthorError
from ivr.language import Center, load_sources
from ivr.world import World

CENTER = """\
center: Shop
numbers: {{ "1": main }}
data:
  customer: {{ phone: text, balance: money, active: boolean }}
  card: {{ number: text, expires: date, holds: money }}
queues: {{ desk: {{}} }}
agents: {{ ann: {{ queues: [desk] }} }}
world:
  tables:
    customers: [{{ phone: "7", balance: 5, active: false }}]
    cards:
      - {{ number: "41", expires: 2026-11-30, holds: 100 }}
      - {{ number: "42", expires: 2027-11-30, holds: 3 }}
      - {{ number: "43", expires: 2027-11-30, holds: 100 }}
  lookups: {{ card: {{ args: {{ number: text }}, from: cards, match: {{ number: number }}, into: card }} }}
  runs:
    pay:
      args: {{ card: text, amount: money }}
      row: {{ from: customers, match: {{ phone: caller }} }}
      sees: {{ card: {{ from: cards, match: {{ number: card }} }} }}
      declines: {declines}
      sets: {{ balance: row.balance + args.amount }}
      into: customer
      gives: {{ receipt: number }}
      result: {{ receipt: integer }}
"""
FLOW = "flow: main\nstart: a\nstates: { a: [hangup] }\n"
DECLINES = "{ expired: card.expires < today, no_funds: card.holds < args.amount }"


def center(declines: str = DECLINES) -> Center:
    return load_sources({"center.yaml": CENTER.format(declines=declines), "main.flow.yaml": FLOW})


def problems(error: AuthorError) -> list[tuple[int, str]]:
    found: list[Any] = list(error.problems)
    return [(problem.line, problem.message) for problem in found]


@pytest.mark.parametrize(
    ("day", "card", "outcome"),
    [
        ("2026-12-01", "41", "declined.expired"),
        ("2026-11-30", "41", "ok"),
        ("2026-12-01", "42", "declined.no_funds"),
        ("2028-01-01", "42", "declined.expired"),  # both hold: the first in the file is said
        ("2026-12-01", "43", "ok"),
        ("2026-12-01", "44", "not_found"),
    ],
)
def test_a_run_is_declined_for_the_first_reason_that_holds(day: str, card: str, outcome: str) -> None:
    world = World(center().world, "1", lambda: datetime.fromisoformat(day))
    answer = world.answer("pay", {"card": card, "amount": "50"}, "7", "k1")
    assert answer.outcome == outcome
    assert str(world.rows("customers")[0]["balance"]) == ("55" if outcome == "ok" else "5")


def test_what_was_declined_is_not_counted_as_done() -> None:
    world = World(center().world, "1", lambda: datetime.fromisoformat("2026-12-01"))
    world.answer("pay", {"card": "41", "amount": "50"}, "7", "k1")
    assert world.answer("pay", {"card": "43", "amount": "50"}, "7", "k2").result["receipt"] == 1


@pytest.mark.parametrize(
    ("declines", "message"),
    [
        ("{ expired: card.expire < today }", "expire"),
        ("{ expired: bank.expires < today }", "bank"),
        ("{ expired: card.holds }", "true or false"),
    ],
)
def test_reasons_are_checked_where_they_stand(declines: str, message: str) -> None:
    with pytest.raises(AuthorError) as caught:
        center(declines)
    assert [line for line, said in problems(caught.value) if message in said] == [21]


def test_a_row_that_is_seen_has_a_name_of_its_own() -> None:
    text = CENTER.format(declines="{}").replace("sees: { card:", "sees: { row:")
    with pytest.raises(AuthorError) as caught:
        load_sources({"center.yaml": text, "main.flow.yaml": FLOW})
    assert [said for _, said in problems(caught.value)] == ["'row' is known already"]
