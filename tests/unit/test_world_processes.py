"""What goes on in the company by itself, and the flows that begin because of it."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.core.time import DAY, HOUR
from ivr.errors import AuthorError
from ivr.language import Center, load_sources
from ivr.sim import House
from ivr.world import World
from ivr.world.processes import ROWS_AT_ONCE

CENTER = """\
center: Provider
timezone: Europe/Berlin
starts: 2026-03-01T09:00
numbers: {{ "1": main }}
data:
  customer: {{ phone: text, price: money, balance: money, active: boolean, months: integer, until: date }}
queues: {{ desk: {{}} }}
agents: {{ ann: {{ queues: [desk] }} }}
triggers: {{ {triggers} }}
world:
  tables: {{ customers: {rows} }}
  lookups:
    who: {{ args: {{ phone: text }}, from: customers, match: {{ phone: phone }}, into: customer }}
  runs:
    cut-off: {{ row: {{ from: customers, match: {{ phone: caller }} }}, sets: {{ active: false }}, into: customer }}
    grow: {{ row: {{ from: customers, match: {{ phone: caller }} }}, sets: {{ months: row.months * 1000000 }} }}
    move: {{ args: {{ to: text }}, row: {{ from: customers, match: {{ phone: caller }} }}, sets: {{ phone: args.to }} }}
  processes: {{ {processes} }}
"""
ROWS = '[{ phone: "1", price: 30, balance: 2.50, active: true }, { phone: "2", price: 30, balance: 100, active: true }]'
FLOW = "flow: main\nstart: a\nstates: { a: [hangup] }\n"
NOTE = "flow: note\nstart: a\nstates: { a: [hangup] }\n"
CUT = "flow: cut\nstart: a\nstates: { a: [{ run: cut-off, on: { failed: z, not_found: z, declined: z } }, hangup], z: [hangup] }\n"
CHARGE = "charge: { rows: customers, at: 00:00, when: row.active, sets: { balance: row.balance - row.price / 30 } }"


def center(processes: str, triggers: str = "", rows: str = ROWS) -> Center:
    text = CENTER.format(processes=processes, triggers=triggers, rows=rows)
    return load_sources(
        {"center.yaml": text, "main.flow.yaml": FLOW, "note.flow.yaml": NOTE, "cut.flow.yaml": CUT}
    )


class Ran:
    """A center that ran for a while."""

    def __init__(self, made: Center, until: int, seed: str = "1") -> None:
        self.told: list[Fact] = []
        self.house = House(made, seed, self.told.append)
        self.house.run(until)
        self.world: World = self.house.triggers._world

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.world.rows("customers")]

    def began(self, trigger: str) -> list[tuple[str, str]]:
        """When flows of a trigger began, in local time, and for whom."""
        return [
            (f"{self.house.triggers._calendar.local(fact.at):%m-%d %H:%M}", fact.caller)
            for fact in self.told
            if isinstance(fact, facts.CallStarted) and fact.number == trigger
        ]


def test_a_charge_a_day_and_a_flow_when_the_balance_has_fallen() -> None:
    low = "low: { flow: note, into: customer, becomes: { rows: customers, when: row.balance < 1 } }"
    ran = Ran(center(CHARGE, low), 4 * DAY)
    assert ran.column("balance") == [Decimal("-1.50"), Decimal(96)]
    assert ran.began("low") == [("03-03 00:00", "1")], "once, at the midnight that took it below"


def test_nothing_goes_on_without_an_end_or_before_its_time() -> None:
    assert Ran(center(CHARGE), 15 * HOUR - 1).column("balance")[0] == Decimal("2.50")
    assert Ran(center(CHARGE), 15 * HOUR).column("balance")[0] == Decimal("1.50")


@pytest.mark.parametrize(
    ("when", "days", "count"),
    [
        ("at: 00:00", 7, 7),
        ("at: 00:00, days: mon-fri", 7, 5),
        ("every: 1d, at: 00:00", 7, 7),
        ("every: 1h", 2, 48),
        ("every: 30d, at: 06:00", 91, 4),
        ("at: 02:30", 60, 60),  # on one of these days there is no half past two
    ],
)
def test_it_goes_on_every_so_often_at_its_local_time(when: str, days: int, count: int) -> None:
    ran = Ran(center(f"p: {{ rows: customers, {when}, sets: {{ months: row.months + 1 }} }}"), days * DAY)
    assert ran.column("months") == [count, count]


def test_a_flow_of_a_trigger_changes_the_row_that_the_process_then_leaves_alone() -> None:
    owing = "owing: { flow: cut, into: customer, becomes: { rows: customers, when: row.balance < 0 } }"
    ran = Ran(center(CHARGE, owing), 10 * DAY)
    assert ran.column("active") == [False, True]
    assert ran.column("balance") == [Decimal("-0.50"), Decimal(90)], "charged no more once it is cut off"


MANY = f"""{{ generate: {{ rows: {ROWS_AT_ONCE * 2 + 500}, columns: {{
    phone: {{ pattern: "+7900####" }}, price: 30, balance: 0.50, active: true }} }} }}"""


def test_rounds_of_one_instant_come_one_after_another_however_many_rows() -> None:
    cut = "cut: { rows: customers, at: 00:00, when: row.balance < 0, sets: { active: false, until: today } }"
    look = "look: { flow: note, schedule: { at: 00:00, rows: customers, when: not row.active } }"
    ran = Ran(center(f"{CHARGE}, {cut}", look, MANY), DAY)
    assert set(ran.column("until")) == {date(2026, 3, 2)}
    assert not any(ran.column("active")), "the second saw what the first had done"
    assert len(ran.began("look")) == ROWS_AT_ONCE * 2 + 500, "and so did the trigger"
    assert {at for at, _ in ran.began("look")} == {"03-02 00:00"}


def test_chance_is_keyed_by_process_round_and_row() -> None:
    luck = "luck: { rows: customers, at: 00:00, chance: 30%, sets: { months: row.months + 1 } }"
    alone = Ran(center(luck, rows=MANY), 3 * DAY).column("months")
    other = "other: { rows: customers, at: 00:00, chance: 50%, sets: { price: row.price + 1 } }"
    both = Ran(center(f"{other}, {luck}", rows=MANY), 3 * DAY).column("months")
    assert alone == both
    assert abs(sum(alone) - 0.3 * 3 * len(alone)) < 160  # sigma 40
    assert {0, 1, 2, 3} == set(alone), "each round draws anew"
    assert Ran(center(luck, rows=MANY), 3 * DAY, seed="2").column("months") != alone


def test_only_conditions_that_read_a_changed_column_are_looked_at() -> None:
    triggers = (
        "low: { flow: note, becomes: { rows: customers, when: row.balance < 1 } }, "
        "gone: { flow: note, becomes: { rows: customers, when: not row.active } }"
    )
    made = center(CHARGE, triggers)
    looked = {"low": 0, "gone": 0}

    def counted(name: str) -> Any:
        trigger = made.world.triggers[name]

        def fn(scope: dict[str, Any]) -> Any:
            looked[name] += 1
            return usual(scope)

        usual = trigger.kind.when.fn  # type: ignore[union-attr]
        return replace(trigger, kind=replace(trigger.kind, when=replace(trigger.kind.when, fn=fn)))  # type: ignore[union-attr, type-var, arg-type]

    watched = replace(made, world=replace(made.world, triggers={name: counted(name) for name in looked}))
    Ran(watched, 2 * DAY)
    assert looked["low"] >= 4
    assert looked["gone"] == 0


def test_a_row_for_which_it_cannot_be_computed_stays_as_it_is() -> None:
    rows = '[{ phone: "1", price: 0, balance: 5 }, { phone: "2", price: 2, balance: 5 }]'
    ran = Ran(
        center("p: { rows: customers, at: 00:00, sets: { balance: row.balance / row.price } }", rows=rows),
        DAY,
    )
    assert ran.column("balance") == [Decimal(5), Decimal("2.5")]


def company(made: Center) -> World:
    return World(made.world, "1", lambda: datetime(2026, 3, 1))  # noqa: DTZ001


def test_changes_are_told_with_the_row_before_and_now() -> None:
    told: list[tuple[str, Any, Any]] = []
    world = company(center(""))
    world.on_change = lambda table, before, row: told.append((table, before["active"], row["active"]))
    world.answer("cut-off", {}, "1", "a")
    world.answer("cut-off", {}, "1", "b")
    assert told == [("customers", True, False)], "what was so already is no change"


def test_a_value_that_does_not_fit_its_column_is_a_failed_run() -> None:
    rows = '[{ phone: "1", months: 1 }]'
    world = company(center("", rows=rows))
    outcomes = [world.answer("grow", {}, "1", str(number)).outcome for number in range(5)]
    assert outcomes == ["ok", "ok", "ok", "failed.rule", "failed.rule"]
    assert world.rows("customers")[0]["months"] == 10**18


def test_a_row_is_found_by_what_it_has_become() -> None:
    world = company(center(""))
    assert world.answer("who", {"phone": "1"}, "", "").outcome == "ok"
    assert world.answer("move", {"to": "9"}, "1", "a").outcome == "ok"
    assert world.answer("who", {"phone": "9"}, "", "").outcome == "ok"
    assert world.answer("who", {"phone": "1"}, "", "").outcome == "not_found"


def test_after_a_reload_the_next_round_is_when_it_was_to_be() -> None:
    made = center(CHARGE.replace("at: 00:00", "every: 1d, at: 23:00"))
    ran = Ran(made, 2 * DAY)  # two rounds, the last one yesterday at eleven
    assert ran.column("balance")[1] == 98
    ran.house.triggers.adopt(made.world)
    ran.house.triggers.start(3 * DAY)
    ran.house.driver.run(3 * DAY)
    assert ran.column("balance")[1] == 97


@pytest.mark.parametrize(
    ("process", "said", "cure"),
    [
        ("rows: customres, at: 00:00, sets: { price: 1 }", "no table 'customres'", "'customers'"),
        ("rows: customers, at: 00:00, sets: { prise: 1 }", "no column 'prise'", "'price'"),
        ("rows: customers, at: 00:00, sets: { price: row.name }", "name", ""),
        ("rows: customers, at: 00:00, when: row.balance, sets: { price: 1 }", "true or false", ""),
        ("rows: customers, at: 00:00, sets: {}", "too little", "add to it"),
        ("rows: customers, sets: { price: 1 }", "nothing says when", "at: 00:00"),
        ("rows: customers, every: 10s, sets: { price: 1 }", "too often", "every: 1m"),
        ("rows: customers, every: 5h, at: 00:00, sets: { price: 1 }", "so many days", "every: 1d"),
        ("rows: customers, every: 1h, days: mon, sets: { price: 1 }", "'days' goes with a time", "at: 00:00"),
        ("rows: customers, every: 2d, at: 00:00, days: mon, sets: { price: 1 }", "both say", "delete one"),
        ("rows: customers, at: 00:00, days: mo, sets: { price: 1 }", "'mo' is not a day", ""),
    ],
)
def test_a_process_that_cannot_be_is_refused(process: str, said: str, cure: str) -> None:
    with pytest.raises(AuthorError) as refused:
        center(f"p: {{ {process} }}")
    text = "\n".join(map(str, refused.value.problems))
    assert said in text
    assert cure in text
