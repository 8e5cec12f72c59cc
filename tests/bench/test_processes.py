"""Ten thousand rows that change every day, beside nothing but the expressions of that."""

import time
from datetime import datetime
from typing import Any

import pytest

from ivr.core.time import DAY
from ivr.language import load_sources
from ivr.language.world_model import Becomes
from ivr.sim import House

pytestmark = pytest.mark.bench

CENTER = """\
center: Provider
starts: 2026-01-01T09:00
timezone: Europe/Berlin
numbers: { "1": main }
data: { customer: { phone: text, tier: text, price: money, balance: money, active: boolean } }
queues: { desk: {} }
agents: { ann: { queues: [desk] } }
triggers:
  low: { flow: main, into: customer, becomes: { rows: customers, when: row.balance < 50 } }
  owing: { flow: main, into: customer, becomes: { rows: customers, when: row.balance < 0 and row.active } }
  deep: { flow: main, into: customer, becomes: { rows: customers, when: row.balance < -100 } }
  rich: { flow: main, into: customer, becomes: { rows: customers, when: "row.balance > 5000 and row.tier == 'business'" } }
  gone: { flow: main, into: customer, becomes: { rows: customers, when: not row.active } }
world:
  tables:
    customers:
      generate:
        rows: 10000
        columns:
          phone: { pattern: "+7900#######" }
          tier: { one_of: { home: 4, business: 1 } }
          price: { value: 30 if row.tier == 'home' else 90 }
          balance: { law: uniform, low: 100, high: 900 }
          active: true
  lookups:
    who: { args: { phone: text }, from: customers, match: { phone: phone }, into: customer }
  processes:
    charge: { rows: customers, every: 1d, at: 00:00, when: row.active, sets: { balance: row.balance - row.price / 30 } }
"""
FLOW = "flow: main\nstart: a\nstates: { a: [hangup] }\n"
DAYS = 365


def test_a_year_of_changes_costs_little_more_than_its_expressions() -> None:
    center = load_sources({"center.yaml": CENTER, "main.flow.yaml": FLOW})
    house = House(center, "1", lambda _: None)
    began = time.process_time()
    house.run(DAYS * DAY)
    whole = time.process_time() - began

    process = center.world.processes[0]
    assert process.when is not None
    fits, source = process.when.fn, process.sets["balance"].fn
    conditions = [
        trigger.kind.when.fn
        for trigger in center.world.triggers.values()
        if isinstance(trigger.kind, Becomes) and "balance" in trigger.kind.columns
    ]
    assert len(conditions) == 4
    scope: dict[str, Any] = {"row": {}, "now": datetime(2026, 1, 1)}  # noqa: DTZ001
    began = time.process_time()
    for _day in range(DAYS):
        for row in center.world.tables["customers"]:
            scope["row"] = row
            if fits(scope):
                row["balance"] = source(scope)  # type: ignore[index]
                for condition in conditions:
                    condition(scope)
    alone = time.process_time() - began
    print(f"\n10 000 rows, {DAYS} days, 5 triggers: {whole:.1f} s; the expressions alone {alone:.1f} s")
    assert whole < 4 * alone
