"""What `ivr simulate` shows of a day: how every call and every visit ended, and the day interval by interval."""

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from ivr.cli import interval_table, main
from ivr.core import facts
from ivr.core.facts import Fact
from ivr.core.time import HOUR, MINUTE
from ivr.language import Center, load_center
from ivr.observe.fan import Fan
from ivr.sim import House
from ivr.sim.intervals import Intervals
from ivr.sim.ledger import Ledger
from ivr.sim.replicate import Job, seed_of, simulate
from ivr.sim.staffing import by_slot

FILES = {
    "center.yaml": """\
center: Shop
timezone: Europe/Berlin
starts: 2026-01-05T08:00
numbers: { "1": main, "3": tiny }
queues:
  front: { max_wait: 2m, overflow_to: back, short_abandon: 5s }
  back: { max_wait: 30s }
  tiny: { max_length: 1 }
agents: { ann: { queues: [front] }, bob: { queues: [back] } }
""",
    "main.flow.yaml": """\
flow: main
start: pick
states:
  pick:
    - menu: "What"
      say: "Press one for people, two for news."
      choices: { 1: { label: people, goto: people }, 2: { label: news, goto: news } }
  people:
    - queue: front
      callback: { after: 1m, key: 1, say: "Press 1 to be called back." }
      on: { callback: booked, timeout: bye, full: bye }
    - hangup
  booked: [{ callback: front, to: "'03012345'" }, hangup]
  news: [{ say: We are open. }, hangup]
  bye: [hangup]
""",
    "tiny.flow.yaml": "flow: tiny\nstart: q\nstates: { q: [{ queue: tiny, on: { full: z } }, hangup], z: [hangup] }\n",
    "x.people.yaml": """\
agents: { default: { talks: { law: exponential, mean: 3m } } }
callers:
  arrivals: { per: 1h, week: { mon: { from: 08:00, calls: [90, 60, 30, 0] } } }
  kinds:
    - { name: buyer, share: 6, dials: "1", wants: people, leaves_callback: 20%, patience: { law: exponential, mean: 2m } }
    - { name: curious, share: 2, dials: "1", wants: news }
    - { name: nervous, share: 1, dials: "1", wants: news, hangs_up_in_menu: 100% }
    - { name: lost, share: 1, dials: "3", patience: { law: exponential, mean: 5m } }
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "shop"
    made.mkdir()
    for name, text in FILES.items():
        (made / name).write_text(text, "utf-8")
    return made


def printed(capsys: pytest.CaptureFixture[str], *typed: str) -> str:
    assert main(["simulate", *typed, "--jobs", "1"]) == 0
    return capsys.readouterr().out


def test_every_end_of_calls_and_visits_is_shown_and_they_add_up(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = (str(folder), "--for", "5h", "--replications", "1")
    found = json.loads(printed(capsys, *typed, "--json"))
    center = {name: value["mean"] for name, value in found["center"].items() if value is not None}
    by_flow = ("contained", "abandoned", "queued", "connected", "transferred", "failed", "open")
    assert center["calls"] == sum(center[f"flow_{how}"] for how in by_flow)
    assert center["containment"] == center["flow_contained"] / center["calls"] > 0.1
    assert center["p_abandon_in_flow"] == center["flow_abandoned"] / center["calls"] > 0.05
    outcomes = found["outcomes"]["front"]
    assert {"answered", "abandoned", "short_abandoned", "overflowed", "callback"} <= set(outcomes)
    assert found["outcomes"]["back"]["timeout"] > 0
    assert found["outcomes"]["tiny"]["blocked_full"] == center["blocked"] > 0
    assert center["callback"] == outcomes["callback"] >= center["callbacks_reached"] > 0
    assert center["gone_on"] == center["overflowed"] + center["callback"] + center["timeout"]
    assert center["offered"] == sum(
        center[name] for name in ("answered", "abandoned", "gone_on", "waiting_at_end")
    )
    lines = {line[:27].strip(): line[27:].split() for line in printed(capsys, *typed).splitlines()[3:-2]}
    for name, words in (
        ("flow_contained", ""), ("overflowed", "- overflowed"), ("callback", "- took a callback"),
        ("timeout", "- waited too long"), ("blocked_full", "- the queue was full"), ("callbacks_reached", "callbacks made"),
        ("short_abandoned", "- at once (short)"), ("calls", "calls that came in"),
    ):  # fmt: skip
        assert not words or lines[words][0] == f"{center[name]:.0f}", words
    assert lines["hung up in the flow"][0] == f"{center['p_abandon_in_flow']:.1%}"


def test_a_call_is_counted_once_by_what_became_of_it_in_the_flow(folder: Path) -> None:
    center = load_center(folder)
    told: list[Fact] = []
    ledger, fan = Ledger(center.plan, HOUR), Fan()
    fan.add(ledger.handlers())
    fan.add({Fact: told.append})
    House(center, "1", fan.tell).run(5 * HOUR)
    expected: Counter[str] = Counter()
    met = {fact.call for fact in told if isinstance(fact, facts.CallQueued | facts.QueueRefused)}
    came = {fact.call for fact in told if isinstance(fact, facts.CallStarted) and fact.direction == "in"}
    for fact in told:
        if isinstance(fact, facts.CallEnded) and fact.call in came - met:
            expected[fact.reason] += 1
    flow = ledger.close(5 * HOUR).flow
    assert flow["contained"] == expected["flow_hung_up"] > 0
    assert flow["abandoned"] == expected["caller_hung_up"] > 0


def test_the_intervals_are_printed_where_they_are_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    typed = (str(folder), "--for", "4h", "--replications", "2", "--interval", "1h")
    lines = printed(capsys, *typed).splitlines()
    rows = [
        row for row in json.loads(printed(capsys, *typed, "--json"))["intervals"] if row["queue"] == "front"
    ]
    at = next(number for number, line in enumerate(lines) if line.startswith("front "))
    heading = lines[at].split("  ")
    assert [word.strip() for word in heading if word] == [
        *("front", "offered", "answered", "gave up", "went on", "callbacks", "in T"),
        *("ASA", "P90", "AHT", "EWT off", "agents", "busy"),
    ]
    assert [row["starts"] for row in rows] == [f"2026-01-05T{hour:02}:00+01:00" for hour in (8, 9, 10, 11)]
    for line, row in zip(lines[at + 1 : at + 5], rows, strict=True):
        cells = line.split()
        assert cells[:3] == [row["starts"][11:16], f"{row['offered']:.1f}", f"{row['answered']:.1f}"]
        assert cells[-2:] == [f"{row['agents_there']:.1f}", f"{row['occupancy']:.0%}"]
    assert rows[0]["wait_p90_s"] > rows[0]["wait_p50_s"] > 0
    assert sum(row["callback"] for row in rows) > 0
    assert "of the whole center" in lines[-1]
    assert not any(line.startswith("front ") for line in printed(capsys, *typed[:-2]).splitlines())


def test_intervals_are_those_of_the_clock_and_shorter_at_the_ends(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run from 8:50 to 10:20 has ten minutes, an hour and twenty minutes; two agents are there all the time."""
    typed = (
        str(folder),
        "--for",
        "90m",
        "--replications",
        "1",
        "--interval",
        "1h",
        "--clock",
        "2026-01-05T08:50",
    )
    found = json.loads(printed(capsys, *typed, "--json"))
    rows = [row for row in found["intervals"] if row["queue"] == "front"]
    assert [row["starts"][11:16] for row in rows] == ["08:00", "09:00", "10:00"]
    assert max(rows[0]["offered"], rows[2]["offered"]) < rows[1]["offered"]
    assert [row["agents_there"] for row in rows] == [2.0, 2.0, 2.0]
    assert sum(row["offered"] for row in rows) == found["queues"]["front"]["offered"]["mean"]


@pytest.mark.parametrize(("day", "hours"), [
    ("2026-03-29", ["00:00+01:00", "01:00+01:00", "03:00+02:00", "04:00+02:00"]),
    ("2026-10-25", ["00:00+02:00", "01:00+02:00", "02:00+02:00", "02:00+01:00"]),
])  # fmt: skip
def test_the_hour_that_is_missing_or_there_twice_is_told_apart(
    day: str, hours: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    week = "arrivals: { per: 1h, week: { sun: { from: 00:00, calls: [60, 60, 60, 60] } } }"
    people = FILES["x.people.yaml"].replace(
        "arrivals: { per: 1h, week: { mon: { from: 08:00, calls: [90, 60, 30, 0] } } }", week
    )
    (folder / "x.people.yaml").write_text(people, "utf-8")
    file = folder / "day.csv"
    typed = (str(folder), "--for", "4h", "--replications", "1", "--interval", "1h", "--clock", f"{day}T00:00")
    printed(capsys, *typed, "--csv", str(file))
    rows = [row for row in csv.DictReader(io.StringIO(file.read_text("utf-8"))) if row["queue"] == "front"]
    assert [row["starts"] for row in rows] == [f"{day}T{hour}" for hour in hours]
    called = [float(row["offered"]) > 10 for row in rows]
    assert called == [True, True, True, hours[3] != "04:00+02:00"], "from 0 to 4 by the clock"


def test_rows_of_the_week_lie_where_the_clock_says(folder: Path) -> None:
    """A run that begins at 8:50 has its first ten minutes in the interval of 8, not of 9."""
    center = begun(folder, "2026-01-05T08:50")
    job = Job.of(center, 2 * HOUR, 0, HOUR)
    sheet = simulate(job, seed_of("1", 1))
    rows = by_slot([sheet], job.intervals(center))
    assert {slot for _, slot in rows} == {(0, 8), (0, 9), (0, 10)}


def begun(folder: Path, starts: str) -> Center:
    text = FILES["center.yaml"].replace("2026-01-05T08:00", starts)
    (folder / "center.yaml").write_text(text, "utf-8")
    return load_center(folder)


def test_intervals_know_their_number_their_start_and_how_much_of_them_counts(folder: Path) -> None:
    center = begun(folder, "2026-01-05T08:50")
    intervals: Intervals = Job.of(center, HOUR, 20 * MINUTE, 30 * MINUTE).intervals(center)
    assert list(intervals.numbers()) == [1, 2, 3]
    assert [intervals.number(at * MINUTE) for at in (0, 9, 10, 39, 40)] == [0, 0, 1, 1, 2]
    assert [intervals.starts(number) for number in (0, 1)] == [-20 * MINUTE, 10 * MINUTE]
    assert [intervals.counted_ms(number) for number in (1, 2, 3)] == [20 * MINUTE, 30 * MINUTE, 10 * MINUTE]
    assert intervals.slot(0) == (0, 17)


def test_the_intervals_as_parquet_have_types(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra `parquet`")
    files = folder / "day.parquet", folder / "day.csv"
    typed = (
        str(folder),
        "--for",
        "4h",
        "--replications",
        "2",
        "--parquet",
        str(files[0]),
        "--csv",
        str(files[1]),
    )
    printed(capsys, *typed)
    table = parquet.read_table(files[0])
    rows = list(csv.DictReader(io.StringIO(files[1].read_text("utf-8"))))
    assert table.column_names == list(rows[0])
    assert str(table.schema.field("starts").type) == "timestamp[ms, tz=Europe/Berlin]"
    assert str(table.schema.field("queue").type) == "string"
    assert {str(field.type) for field in table.schema} == {
        "timestamp[ms, tz=Europe/Berlin]",
        "string",
        "double",
    }
    for mine, other in zip(table.to_pylist(), rows, strict=True):
        assert mine.pop("starts").isoformat(timespec="minutes") == other.pop("starts")
        assert mine.pop("queue") == other.pop("queue")
        assert mine == {name: float(value) if value else None for name, value in other.items()}


def test_without_the_extra_parquet_says_what_is_missing(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["simulate", str(folder), "--parquet", str(folder / "x.parquet")]) == 2
    assert "install ivr with the extra `parquet`" in capsys.readouterr().err


def test_a_day_without_a_visit_says_so() -> None:
    assert interval_table.text([], 80, 1) == ["no visits to any queue"]


# What authors may well write -------------------------------------------------------------------------------------


def with_people(folder: Path, arrivals: str, patience: str = "{ law: exponential, mean: 2m }") -> Path:
    kind = f'[{{ name: a, share: 1, dials: "3", patience: {patience} }}]'
    (folder / "x.people.yaml").write_text(f"callers:\n  arrivals: {arrivals}\n  kinds: {kind}\n", "utf-8")
    return folder


@pytest.mark.parametrize(
    ("arrivals", "patience", "says"),
    [
        ("{ rate: 0/h }", "2m", "'0/h' is not a rate"),
        ("{ rate: 9/h }", "0s", "0s is too short here"),
        ("{ rate: 9/h }", "{ law: exponential, mean: 0s }", "0s is too short here"),
    ],
)
def test_no_rate_and_no_patience_are_said_at_their_place(
    arrivals: str, patience: str, says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", str(with_people(folder, arrivals, patience))]) == 1
    err = capsys.readouterr().err
    assert "x.people.yaml:" in err
    assert says in err


def test_that_nobody_called_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_people(folder, "{ per: 1h, week: { sun: { calls: [9] } } }")
    assert main(["simulate", str(folder), "--for", "1h", "--replications", "2", "--jobs", "1"]) == 0
    assert "nobody called" in capsys.readouterr().err


def test_a_flood_is_refused_and_not_lost(folder: Path) -> None:
    center = load_center(with_people(folder, "{ rate: 1000000/h }"))
    sheet = simulate(Job.of(center, 6_000, 0, MINUTE), seed_of("1", 1))
    total = sheet.total("tiny")
    assert sheet.calls > 1_000
    assert total.offered + total.blocked == sheet.calls == sheet.flow["queued"]
    assert total.blocked > 0.99 * sheet.calls
