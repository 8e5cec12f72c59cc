"""Generated rows: the laws of their columns, what decides them, what is refused."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import mean, pstdev
from typing import Any

import pytest

from ivr.errors import AuthorError
from ivr.language import Center, check_center, load_sources

CENTER = """\
center: Provider
starts: 2026-12-01T09:00
numbers: {{ "1": main }}
data:
  customer: {{ phone: text, name: text, tier: text, area: text, price: money, balance: money, gigabytes: number, months: integer, active: boolean, since: date }}
queues: {{ desk: {{}} }}
agents: {{ ann: {{ queues: [desk] }} }}
world:
  tables:
    customers: {table}
  lookups:
    who: {{ args: {{ phone: text }}, from: customers, match: {{ phone: phone }}, into: customer }}
"""
FLOW = "flow: main\nstart: a\nstates: { a: [hangup] }\n"
COLUMNS = """
phone: { pattern: "+7900#######" }
tier: { one_of: { home: 3, business: 1 } }
area: { one_of: [north, south] }
price: { value: 30 if row.tier == 'home' else 90 }
balance: { law: lognormal, mean: 350, cv: 0.5 }
gigabytes: { law: exponential, mean: 12.5 }
months: { law: uniform, low: 1, high: 24 }
active: 90%
since: { law: uniform, low: 2025-01-01, high: 2025-12-31 }
name: Somebody
"""
GENERATE = "{{ generate: {{ rows: {rows}, {more}columns: {{ {columns} }} }} }}"


def files(columns: str = COLUMNS, rows: int = 4_000, more: str = "") -> dict[str, str]:
    inline = ", ".join(columns.strip().splitlines())
    table = GENERATE.format(rows=rows, columns=inline, more=more)
    return {"center.yaml": CENTER.format(table=table), "main.flow.yaml": FLOW}


def center(columns: str = COLUMNS, rows: int = 4_000, more: str = "") -> Center:
    return load_sources(files(columns, rows, more))


def rows(made: Center) -> tuple[Any, ...]:
    return tuple(made.world.tables["customers"])


def test_each_column_follows_its_law() -> None:
    made = rows(center())
    assert len(made) == 4_000
    assert [row["phone"] for row in made[:2]] == ["+79000000001", "+79000000002"]
    tiers = Counter(row["tier"] for row in made)
    assert 2_880 < tiers["home"] < 3_120  # 3 000, sigma 27
    assert abs(Counter(row["area"] for row in made)["north"] - 2_000) < 140
    assert all(row["price"] == (30 if row["tier"] == "home" else 90) for row in made)
    balances = [float(row["balance"]) for row in made]
    assert abs(mean(balances) - 350) < 14  # sigma of the mean 2.8
    assert abs(pstdev(balances) / mean(balances) - 0.5) < 0.06
    assert all(
        isinstance(row["balance"], Decimal) and row["balance"].as_tuple().exponent == -2 for row in made
    )
    assert abs(mean(row["gigabytes"] for row in made) - 12.5) < 1
    assert set(Counter(row["months"] for row in made)) == set(range(1, 25))
    assert abs(sum(row["active"] for row in made) - 3_600) < 100
    assert {row["since"].month for row in made} == set(range(1, 13))
    assert min(row["since"] for row in made) >= date(2025, 1, 1)
    assert {row["name"] for row in made} == {"Somebody"}


def test_a_value_depends_on_seed_table_column_and_number_only() -> None:
    usual = rows(center())
    fewer = rows(center(rows=10))
    assert usual[:10] == fewer
    alone = rows(center("months: { law: uniform, low: 1, high: 24 }", 10))
    assert [row["months"] for row in alone] == [row["months"] for row in fewer]
    other = rows(center(more='seed: "2", '))
    assert [row["months"] for row in other] != [row["months"] for row in usual]
    assert [row["phone"] for row in other] == [row["phone"] for row in usual]


def test_written_rows_come_first_and_shift_nothing() -> None:
    text = files(rows=5)["center.yaml"].replace(
        "{ generate:", '{ rows: [{ phone: "1", name: Ada }], generate:'
    )
    made = rows(load_sources({"center.yaml": text, "main.flow.yaml": FLOW}))
    assert made[0]["name"] == "Ada"
    assert made[0]["price"] == 0
    assert made[1:] == rows(center(rows=5))


def test_callers_call_from_generated_numbers() -> None:
    people = 'callers: { arrivals: { rate: 1/h }, kinds: [{ name: x, share: 1, dials: "1", phone_from: customers }] }\n'
    assert load_sources({**files(rows=3), "x.people.yaml": people}).people is not None


def test_a_center_that_is_only_checked_makes_no_more_than_a_row(tmp_path: Path) -> None:
    for name, text in files(rows=100_000).items():
        (tmp_path / name).write_text(text, "utf-8")
    assert check_center(tmp_path) == []


@pytest.mark.parametrize(
    ("columns", "said", "cure"),
    [
        ("phone: { one_of: [a], pattern: x }", "both 'one_of' and 'pattern'", "write one of"),
        ("phone: { mean: 3 }", "nothing makes its values", "one_of, pattern, law, value"),
        ("phone: { pattern: x }", "has a place for the number", "+7900#######"),
        ('phone: { pattern: "#-#" }', "has one place for the number", ""),
        ("phone: { pattern: x### }", "4000 rows do not fit into 3 places", "single"),
        ("phone: { pattern: x" + 99 * "#" + " }", "at most 80 characters", ""),
        ("name: { value: '\"" + 90 * "x" + "\"' }", "more than 80 characters", ""),
        ("months: { pattern: x# }", "not an integer", ""),
        ("phone: 90%", "a share is for booleans", "declare it"),
        ("phone: { law: exponential, mean: 3 }", "a law gives numbers", "declare it"),
        ("active: { law: uniform, low: 1, high: 2 }", "uniform gives", ""),
        ("balance: { law: lognormal, mean: 3 }", "needs 'cv'", "add cv"),
        ("balance: { law: exponential, mean: 3, cv: 2 }", "'cv' means nothing", "mean"),
        ("balance: { law: normal, mean: 3 }", "cannot be used here", "lognormal"),
        ("balance: { law: exponential, mean: 3000000 }", "at most 1000000", ""),
        ("months: { law: uniform, low: 9, high: 1 }", "high is lower", "lower one"),
        ("months: { law: uniform, low: a, high: 1 }", "not an integer", ""),
        ("tier: { one_of: { a: 0 } }", "no value has a weight", ""),
        ("months: { one_of: [1, two] }", "not an integer", ""),
        ("price: { value: row.prise * 2 }", "prise", "price"),
        (
            "price: { value: row.months / (row.months - row.months) }",
            "'price' of row 1 cannot be computed",
            "value:",
        ),
        ("From: x", "cannot be a name in conditions", ""),
    ],
)
def test_a_column_that_cannot_be_is_refused(columns: str, said: str, cure: str) -> None:
    with pytest.raises(AuthorError) as refused:
        center(columns)
    text = "\n".join(map(str, refused.value.problems))
    assert said in text
    assert cure in text


def test_all_tables_together_are_bounded() -> None:
    with pytest.raises(AuthorError, match="more than 100000 rows"):
        center(rows=200_000)
