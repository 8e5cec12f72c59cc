"""What the rows of the company say at the end of a run, and callers who call because of what happened to a row."""

import json
from pathlib import Path
from typing import Any

import pytest

from ivr.cli import main
from ivr.core.facts import CallStarted, Fact
from ivr.errors import AuthorError
from ivr.language import Center, load_sources
from ivr.sim import House
from ivr.world import figures

CENTER = """\
center: Shop
starts: 2026-12-01T00:00
numbers: {{ "1": main }}
data: {{ customer: {{ phone: text, balance: money, active: boolean, days_off: integer }} }}
queues: {{ desk: {{}} }}
agents: {{ ann: {{ queues: [desk] }} }}
world:
  tables:
    customers:
      - {{ phone: "71", balance: 1.5, active: true }}
      - {{ phone: "72", balance: 5.5, active: true }}
      - {{ phone: "73", balance: 2.5, active: true }}
      - {{ phone: "", balance: 0.5, active: true }}
  lookups: {{ who: {{ from: customers, match: {{ phone: caller }}, into: customer }} }}
  processes:
    charge: {{ rows: customers, at: "06:00", sets: {{ balance: row.balance - 1 }} }}
    off: {{ rows: customers, at: "07:00", when: row.balance < 0, sets: {{ active: false, days_off: row.days_off + 1 }} }}
  figures: {figures}
"""
FLOW = "flow: main\nstart: a\nstates: { a: [{ say: Hello. }, hangup] }\n"
PEOPLE = """\
callers:
  arrivals: {{ bursts: [{{ at: 2026-11-01T00:00, calls: 1 }}] }}
  kinds:
    - {{ name: question, share: 1, dials: "1" }}
    - {{ name: cut off, share: 0, dials: "1" }}
  caused:
    - {caused}
"""
FIGURES = (
    "{ days: { rows: customers, sum: row.days_off }, off: { rows: customers, share: not row.active }, "
    "left: { rows: customers, mean: row.balance } }"
)
CAUSED = "{ kind: cut off, becomes: { rows: customers, when: not row.active }, after: 2h }"
DAY = 86_400_000


def sources(shown: str = FIGURES, caused: str = CAUSED) -> dict[str, str]:
    return {
        "center.yaml": CENTER.format(figures=shown),
        "main.flow.yaml": FLOW,
        "shop.people.yaml": PEOPLE.format(caused=caused),
    }


def lived(center: Center, days: int, seed: str = "1") -> tuple[House, list[tuple[str, str]]]:
    """The house after so many days, and who called when."""
    told: list[Fact] = []
    house = House(center, seed, told.append)
    house.run(days * DAY)
    calls = [
        (f"{house.triggers._calendar.local(fact.at):%d %H:%M}", fact.caller)
        for fact in told
        if isinstance(fact, CallStarted)
    ]
    return house, calls


def problems(**parts: str) -> list[tuple[int, str]]:
    with pytest.raises(AuthorError) as caught:
        load_sources(sources(**parts))
    found: list[Any] = list(caught.value.problems)
    return [(problem.line, problem.message) for problem in found]


def test_figures_are_of_the_rows_as_they_are_at_the_end() -> None:
    house, _ = lived(load_sources(sources()), 2)
    assert figures(house.world) == {"days": 3.0, "off": 0.5, "left": 0.5}


def test_who_is_cut_off_calls_two_hours_later_with_their_own_number_and_once() -> None:
    _, calls = lived(load_sources(sources()), 4)
    assert calls == [("02 09:00", "71"), ("03 09:00", "73")]  # who has no number cannot


def test_a_share_of_them_calls_the_same_ones_whoever_else_is_cut_off() -> None:
    part = CAUSED.replace("after: 2h", "after: 2h, share: 50%")
    center = load_sources(sources(caused=part))
    callers = {seed: {caller for _, caller in lived(center, 8, seed)[1]} for seed in "12345678"}
    assert len({frozenset(some) for some in callers.values()}) > 1
    fewer = load_sources(
        {name: text.replace("balance: 1.5", "balance: 99") for name, text in sources(caused=part).items()}
    )
    for seed, some in callers.items():
        assert {caller for _, caller in lived(fewer, 8, seed)[1]} == some - {"71"}


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"shown": "{ days: { rows: customers } }"}, "nothing says which number"),
        ({"shown": "{ days: { rows: customers, sum: row.days_off, mean: row.days_off } }"}, "both 'sum' and"),
        ({"shown": "{ days: { rows: customer, sum: row.days_off } }"}, "there is no table 'customer'"),
        ({"shown": "{ days: { rows: customers, sum: row.phone } }"}, "this is text"),
        ({"shown": "{ days: { rows: customers, share: row.days_off } }"}, "a condition has to be true or"),
        ({"caused": CAUSED.replace("cut off", "cut")}, "there is no kind of caller 'cut'"),
        ({"caused": CAUSED.replace("customers", "customer")}, "there is no table 'customer'"),
        ({"caused": CAUSED.replace("row.active", "row.activ")}, "has no field 'activ'"),
    ],
)
def test_what_does_not_fit_is_said_where_it_stands(parts: dict[str, str], message: str) -> None:
    [(line, said)] = problems(**parts)
    assert message in said
    assert line == (18 if "shown" in parts else 7)


def test_ivr_simulate_prints_them_and_has_them_in_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in sources().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    asked = ["simulate", str(tmp_path), "--for", "2d", "--replications", "2", "--jobs", "1"]
    assert main(asked) == 0
    shown = capsys.readouterr().out
    assert "the company, at the end" in shown
    lines = [line.split() for line in shown.splitlines()]
    assert ["days", "3", "±", "0"] in lines
    assert ["off", "50.0%", "±", "0.0"] in lines
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["company"]
    assert found["left"] == {"mean": 0.5, "low": 0.5, "high": 0.5}
