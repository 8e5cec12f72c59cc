"""What simulated replications say: counts equal to the facts, the same however they are run, pairs with the same callers."""

import csv
import io
import json
import re
from pathlib import Path
from statistics import fmean, stdev

import pytest

from ivr.cli import main
from ivr.core import facts
from ivr.core.facts import Fact
from ivr.core.time import HOUR, MINUTE, SECOND
from ivr.language import Center, load_center, load_sources
from ivr.observe.batch import Batch
from ivr.observe.counts import Counts
from ivr.observe.fan import Fan
from ivr.sim import House
from ivr.sim.ledger import Ledger, percentile
from ivr.sim.outcome import Outcome, counted
from ivr.sim.replicate import Job, processes, replicate, seed_of, simulate
from ivr.sim.staffing import lived_days
from ivr.sim.statistics import difference
from ivr.sim.yardstick import read

CENTER = """\
center: Shop
numbers: {{ "1": line, "2": news }}
queues: {{ line: {{ max_wait: 3m, wrap_up: 20s, short_abandon: 5s, ewt: last_n }} }}
agents: {{ {agents} }}
"""
FLOW = "flow: line\nstart: q\nstates: { q: [{ queue: line, on: { timeout: z, empty: z } }, hangup], z: [hangup] }\n"
NEWS = "flow: news\nstart: s\nstates: { s: [{ say: We are open. }, hangup] }\n"
PEOPLE = """\
agents: { default: { talks: { law: exponential, mean: 3m }, wraps_up: { law: exponential, mean: 10s }, misses: 3% } }
callers:
  arrivals: { per: 1h, week: { daily: { calls: [60, 90, 30, 60, 90, 30, 60, 90, 30, 60, 90, 30, 60, 90, 30, 60] } } }
  kinds:
    - { name: buyer, share: 4, dials: "1", patience: { law: exponential, mean: 2m } }
    - { name: curious, share: 1, dials: "2" }
"""


def center(agents: int = 4) -> Center:
    names = ", ".join(f"a{number}: {{ queues: [line] }}" for number in range(agents))
    return load_sources(sources(names))


def sources(names: str) -> dict[str, str]:
    return {
        "center.yaml": CENTER.format(agents=names) + "starts: 2026-01-05T00:00\n",
        "line.flow.yaml": FLOW,
        "news.flow.yaml": NEWS,
        "x.people.yaml": PEOPLE,
    }


def told(made: Center, hours: int, warm_up_ms: int = 0) -> tuple[Ledger, list[Fact], Counts]:
    found: list[Fact] = []
    ledger, fan = Ledger(made.plan, 30 * MINUTE, warm_up_ms), Fan()
    house = House(made, "1/1", fan.tell)
    batch = Batch()
    counts = Counts(made.plan, batch)
    fan.add(ledger.handlers())
    fan.add(batch.handlers())
    fan.add({Fact: found.append})
    house.run(hours * HOUR)
    return ledger, found, counts


def test_a_sheet_has_what_the_facts_say_by_interval() -> None:
    ledger, found, _ = told(center(), 8)
    sheet = ledger.close(8 * HOUR)
    joined = {fact.call: fact.at for fact in found if isinstance(fact, facts.CallQueued)}
    left = [fact for fact in found if isinstance(fact, facts.QueueLeft)]
    for number in range(16):
        row = sheet.rows["line", number]
        mine = [fact for fact in left if joined[fact.call] // (30 * MINUTE) == number]
        answered = [fact for fact in mine if fact.outcome == "answered"]
        assert row.offered == sum(at // (30 * MINUTE) == number for at in joined.values())
        assert row.answered == len(answered)
        assert row.answered_in_t == sum(fact.waited_ms <= 20 * SECOND for fact in answered)
        assert row.abandoned == sum("abandoned" in fact.outcome for fact in mine)
        assert row.waited_ms == sum(fact.waited_ms for fact in mine)
    whole = sheet.total("line")
    assert whole.offered == whole.answered + whole.abandoned + whole.gone_on + sheet.waiting
    assert sheet.calls == sum(
        isinstance(fact, facts.CallStarted) and fact.direction == "in" for fact in found
    )
    news = [fact for fact in found if isinstance(fact, facts.CallEnded) and fact.flow == "news"]
    assert sheet.flow["contained"] == sum(fact.reason == "flow_hung_up" for fact in news) > 0


def test_agents_are_busy_as_long_as_their_talks_and_the_work_after_them_take() -> None:
    ledger, _, counts = told(center(), 8)
    sheet = ledger.close(8 * HOUR)
    counts.conclude()
    for name, time in counts.staff.items():
        spent = dict(time.spent)
        spent[time.state] += 8 * HOUR - time.since
        assert sheet.agents_busy[name] == sum(spent[state] for state in ("talking", "holding", "wrap_up"))
        assert sheet.agents_there[name] == sheet.agents_busy[name] + spent["ready"] + spent["reserved"]
    assert sum(sheet.busy.values()) == sum(sheet.agents_busy.values())
    assert max(sheet.there.values()) <= 4 * 30 * MINUTE
    assert counted(sheet.total("line")) == counts.counted("line")


def test_what_begins_in_the_warm_up_is_not_counted() -> None:
    ledger, found, _ = told(center(), 8, 2 * HOUR)
    sheet = ledger.close(8 * HOUR)
    joined = sum(isinstance(fact, facts.CallQueued) and fact.at >= 2 * HOUR for fact in found)
    assert sheet.total("line").offered == joined
    assert min(number for _, number in sheet.rows) == 4
    assert max(sheet.agents_there.values()) <= 6 * HOUR


def test_percentiles_are_of_the_answered_calls() -> None:
    waits = [0] * 50 + [9] * 10 + [3] * 40
    assert percentile(waits, 0.5) == 0
    assert percentile(waits, 0.51) == 3
    assert percentile(waits, 0.9) == 3
    assert percentile(waits, 0.95) == 9
    assert percentile([], 0.5) is None


def test_processes_give_what_one_process_gives_whatever_the_order() -> None:
    job = Job.of(center(), 3 * HOUR)
    alone = replicate(job, "7", [1, 2, 3])
    with processes(2) as pool:
        together = replicate(job, "7", [3, 1, 2], pool)
    for number, sheet in zip((3, 1, 2), together, strict=True):
        other = alone[number - 1]
        assert sheet.total("line").outcomes == other.total("line").outcomes
        assert sheet.total("line").waits == other.total("line").waits
        assert sheet.busy == other.busy
    assert alone[0].total().outcomes != alone[1].total().outcomes
    assert simulate(job, seed_of("7", 2)).total().waits == alone[1].total().waits


def test_two_centers_with_the_same_seed_are_called_by_the_same_people() -> None:
    before = Outcome(center(4).plan, replicate(Job.of(center(4), 8 * HOUR), "1", range(1, 7)))
    after = Outcome(center(5).plan, replicate(Job.of(center(5), 8 * HOUR), "1", range(1, 7)))
    assert before.figure("calls") == after.figure("calls")
    pairs = difference(before.figure("p_abandon"), after.figure("p_abandon"))
    assert pairs.high < 0, "one more agent, and fewer give up"
    apart = (stdev(before.figure("p_abandon")) ** 2 + stdev(after.figure("p_abandon")) ** 2) ** 0.5
    assert (
        stdev(b - a for a, b in zip(before.figure("p_abandon"), after.figure("p_abandon"), strict=True))
        < apart
    )


def test_nobody_to_answer_is_an_honest_answer() -> None:
    made = load_sources(sources(""))
    (sheet,) = replicate(Job.of(made, 2 * HOUR), "1", [1])
    outcome = Outcome(made.plan, [sheet])
    assert outcome.center["answered"] is not None
    assert outcome.center["answered"].mean == 0
    assert outcome.center["asa_s"] is None
    assert outcome.center["occupancy"] is None


# The commands ----------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for agents in (4, 6):
        (tmp_path / f"with{agents}").mkdir()
        names = ", ".join(f"a{number}: {{ queues: [line] }}" for number in range(agents))
        for name, text in sources(names).items():
            (tmp_path / f"with{agents}" / name).write_text(text, "utf-8")
    return tmp_path


def test_simulate_prints_means_with_intervals(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed = ["simulate", str(folder / "with4"), "--for", "4h", "--replications", "3", "--jobs", "1"]
    assert main(typed) == 0
    text = capsys.readouterr().out
    assert text.startswith("Shop: 3 runs of 4 h, in virtual time\n")
    offered = next(line for line in text.splitlines() if line.startswith("offered"))
    assert "±" in offered
    assert main([*typed, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    figure = found["queues"]["line"]["offered"]
    assert f"{figure['mean']:.0f} ± " in offered
    assert figure["low"] < figure["mean"] < figure["high"]
    runs = replicate(Job.of(load_center(folder / "with4"), 4 * HOUR), "1", [1, 2, 3])
    assert figure["mean"] == sum(sheet.total("line").offered for sheet in runs) / 3
    assert sum(row["offered"] for row in found["intervals"]) == pytest.approx(figure["mean"])


def test_simulate_writes_the_intervals_as_csv(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "day.csv"
    typed = ["simulate", str(folder / "with4"), "--for", "4h", "--replications", "2", "--jobs", "1"]
    assert main([*typed, "--interval", "1h", "--csv", str(file)]) == 0
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8"))))
    assert [row["starts"] for row in rows] == [f"2026-01-05T{hour:02}:00+00:00" for hour in range(4)]
    assert float(rows[1]["offered"]) > float(rows[2]["offered"])
    assert all(3.5 < float(row["agents_there"]) <= 4 for row in rows), "agents, not milliseconds"


def test_simulate_begins_when_the_clock_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The week has 60 calls in its first hour and 30 in its third; nobody calls after the sixteenth."""
    typed = ["simulate", str(folder / "with4"), "--for", "1h", "--replications", "4", "--jobs", "1", "--json"]
    offered = {}
    for clock in ("2026-01-06T01:00", "2026-01-06T02:00", "2026-01-06T17:00"):
        assert main([*typed, "--clock", clock]) == 0
        offered[clock[11:]] = json.loads(capsys.readouterr().out)["center"]["calls"]["mean"]
    assert offered["01:00"] > 60 > offered["02:00"] > offered["17:00"] == 0


def test_simulate_goes_on_until_a_figure_is_precise(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed = ["simulate", str(folder / "with4"), "--for", "4h", "--jobs", "1", "--json"]
    assert main([*typed, "--until", "p_abandon ± 3%", "--replications", "60"]) == 0
    wide = json.loads(capsys.readouterr().out)
    assert 4 <= wide["replications"] < 60
    figure = wide["center"]["p_abandon"]
    assert figure["high"] - figure["low"] <= 0.06
    assert main([*typed, "--until", "p_abandon ± 0.01%", "--replications", "5"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["replications"] == 5
    assert "not within" in err


def test_compare_tells_what_more_agents_change(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed = ["compare", str(folder / "with4"), str(folder / "with6"), "--for", "4h", "--replications", "4"]
    assert main([*typed, "--jobs", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if line.startswith("average speed of answer")).endswith("*")
    assert main([*typed, "--jobs", "1", "--queue", "line", "--json"]) == 0
    found = {row["figure"]: row for row in json.loads(capsys.readouterr().out)}
    assert found["p_abandon"]["difference"]["high"] < 0
    assert found["p_abandon"]["difference"]["mean"] == pytest.approx(
        found["p_abandon"]["after"] - found["p_abandon"]["before"]
    )


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["simulate", "with4", "--for", "4x"], "write 30m, 8h or 30d"),
        (["simulate", "with4", "--for", "9999d"], "at most"),
        (["simulate", "with4", "--interval", "10s"], "a minute at least"),
        (["simulate", "with4", "--replications", "0"], "1 to"),
        (["simulate", "with4", "--until", "luck ± 1"], "figures are"),
        (["simulate", "with4", "--jobs", "0"], "at least one process"),
        (["compare", "with4", "with6", "--replications", "1"], "two runs at least"),
        (["compare", "with4", "with6", "--queue", "luck"], "no such queue"),
    ],
)
def test_what_cannot_be_simulated_is_said(
    typed: list[str],
    says: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    assert main(typed) == 2
    assert says in capsys.readouterr().err


def test_a_center_that_nobody_calls_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "with4" / "x.people.yaml").unlink()
    assert main(["simulate", str(folder / "with4")]) == 2
    assert "no simulated callers" in capsys.readouterr().err


def test_the_page_has_the_figures_the_plots_and_why_the_formula_is_off(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "page.html"
    typed = ["simulate", str(folder / "with4"), "--for", "36h", "--replications", "3", "--jobs", "1"]
    assert main([*typed, "--html", str(file)]) == 0
    printed, text = capsys.readouterr().out, file.read_text("utf-8")
    shown = next(line for line in printed.splitlines() if line.startswith("answered  "))
    assert f"<td>answered</td><td>{shown.split(maxsplit=1)[1]}</td>" in text
    assert text.count("<svg") == 3, "waits, days and staffing"
    assert "<td>mon 01:00</td><td>" in text
    assert "The rate changes" in text
    assert "Some rings are missed" in text
    assert "Patience is not exponential" not in text
    assert not re.search(r'(src|href)="http', text), "nothing is fetched"
    assert main([*typed, "--html", str(folder / "again.html")]) == 0
    assert text.replace("page.html", "") == (folder / "again.html").read_text("utf-8").replace(
        "again.html", ""
    )


def test_the_page_wants_intervals_that_make_a_day(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed = ["simulate", str(folder / "with4"), "--interval", "7m", "--html", str(folder / "page.html")]
    assert main(typed) == 2
    assert "a day is whole intervals" in capsys.readouterr().err


def test_the_formula_beside_the_simulation_is_near_it_where_its_assumptions_hold(tmp_path: Path) -> None:
    """One rate, exponential talks and patience, no misses: within three points of each other."""
    made = load_sources(
        sources("a: { queues: [line] }, b: { queues: [line] }, c: { queues: [line] }")
        | {
            "x.people.yaml": "agents: { default: { talks: { law: exponential, mean: 3m } } }\n"
            "callers:\n  arrivals: { rate: 60/h }\n"
            '  kinds: [{ name: a, share: 1, dials: "1", patience: { law: exponential, mean: 2m } }]\n'
        }
    )
    job = Job.of(made, 24 * HOUR, 0, HOUR)
    sheets = replicate(job, "1", range(1, 31))
    intervals = job.intervals(made)
    readings = read(sheets, intervals, lived_days(0, 24 * HOUR, intervals.calendar, 30), 20.0, 0.8)
    assert len(readings) == 24
    simulated = sum(one.row.answered_in_t for one in readings) / sum(one.row.offered for one in readings)
    formula = fmean(one.level for one in readings if one.level is not None)
    assert abs(simulated - formula) < 0.03
    assert {one.need for one in readings} <= {5, 6}
