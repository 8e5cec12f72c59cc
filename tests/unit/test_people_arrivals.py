"""When callers call: intervals of a week, busy days, bursts and replayed calls; who does not come to the shift."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from statistics import mean, pvariance
from zoneinfo import ZoneInfo

import pytest

from ivr.core import facts
from ivr.core.calendar import Calendar
from ivr.core.chance import Stream
from ivr.core.facts import Fact
from ivr.core.law import empirical, gamma, hyperexponential
from ivr.core.time import DAY, HOUR, MINUTE
from ivr.language import check_center, load_center
from ivr.language.arrivals import ArrivalPlan, Day
from ivr.people.arrivals import Arrivals
from ivr.sim import House

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)


def calendar(start: datetime = MONDAY, zone: str = "UTC") -> Calendar:
    return Calendar(round(start.timestamp() * 1_000), zone)


def come(plan: ArrivalPlan, until: int, clock: Calendar | None = None, seed: str = "1") -> list[int]:
    arrivals, unit = Arrivals(plan, clock or calendar(), seed), Stream(seed, "caller/arrival").unit
    found: list[int] = []
    at = arrivals.after(0, unit(0))
    while at is not None and at < until:
        found.append(at)
        at = arrivals.after(at, unit(len(found)))
    return found


def test_each_interval_has_its_own_rate_and_outside_of_them_nobody_calls() -> None:
    calls = (20.0, 60.0, 0.0, 40.0)
    days = ArrivalPlan(per_ms=30 * MINUTE, week=dict.fromkeys(range(5), Day(time(8), calls)))
    found = come(days, 20 * 7 * DAY)
    counts = Counter((at // (30 * MINUTE)) % (48 * 7) for at in found)
    for day in range(7):
        for interval in range(48):
            wanted = 20 * calls[interval - 16] if day < 5 and 16 <= interval < 20 else 0
            seen = counts[day * 48 + interval]
            assert abs(seen - wanted) <= 4 * wanted**0.5, (day, interval, seen, wanted)


def test_busy_days_make_counts_spread_as_the_negative_binomial_does() -> None:
    """Variance = mean + (cv mean)²: 1 000 calls a day, cv 0.1, give 11 000 instead of 1 000."""
    for cv, variance in ((None, 1_000.0), (0.1, 11_000.0)):
        plan = ArrivalPlan(rate=1_000 / DAY, busyness=cv)
        counts = Counter(at // DAY for at in come(plan, 400 * DAY))
        values = [counts[day] for day in range(400)]
        spread = variance * (2 / 400) ** 0.5  # of the variance, if the counts were normal
        assert abs(pvariance(values) - variance) < 4 * spread
        assert abs(mean(values) - 1_000) < 4 * (variance / 400) ** 0.5


def test_a_day_is_equally_busy_for_every_center_with_the_seed_whoever_calls_before() -> None:
    plan = ArrivalPlan(rate=1.0 / MINUTE, busyness=0.3)
    one, other = Arrivals(plan, calendar(), "7"), Arrivals(plan, calendar(MONDAY - timedelta(days=3)), "7")
    assert one.busyness(date(2026, 1, 9)) == other.busyness(date(2026, 1, 9))
    assert one.busyness(date(2026, 1, 9)) != one.busyness(date(2026, 1, 10))


@pytest.mark.parametrize(("date", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
def test_a_day_with_a_change_of_the_clock_has_the_calls_of_its_hours(
    date: tuple[int, int, int], hours: int
) -> None:
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(*date, tzinfo=zone)
    plan = ArrivalPlan(per_ms=HOUR, week=dict.fromkeys(range(7), Day(time(0), (1_000.0,) * 24)))
    found = come(plan, hours * HOUR, calendar(start, "Europe/Berlin"))
    for hour in range(hours):
        count = sum(at // HOUR == hour for at in found)
        assert abs(count - 1_000) < 4 * 1_000**0.5, hour


def test_a_week_without_calls_ends() -> None:
    assert come(ArrivalPlan(per_ms=HOUR, week={0: Day(time(0), (0.0,))}), 10**15) == []


@pytest.mark.parametrize("cv", [0.2, 1.0, 2.5])
def test_gamma_has_the_mean_and_the_spread_that_were_written(cv: float) -> None:
    values = [gamma(300_000, cv).draw((number + 0.5) / 20_000) for number in range(20_000)]
    assert mean(values) == pytest.approx(300_000, rel=2e-3)
    assert pvariance(values) ** 0.5 / mean(values) == pytest.approx(cv, rel=2e-2)
    assert values == sorted(values)


def test_mixtures_and_measured_values_have_the_mean_they_say() -> None:
    for law in (hyperexponential([(3, 60_000), (1, 600_000)]), empirical([1_000, 9_000, 2_000])):
        values = [law.draw((number + 0.5) / 100_000) for number in range(100_000)]
        assert mean(values) == pytest.approx(law.mean_ms, rel=2e-2)
    assert min(values) >= 1_000
    assert max(values) <= 9_000


CENTER = """\
center: Hours
numbers: { "1": line, "2": line }
hours: { day: { daily: 09:00..17:00 } }
queues: { line: {} }
agents: { ann: { queues: [line] }, ben: { queues: [line] } }
"""
FLOW = "flow: line\nstart: q\nstates: { q: [{ queue: line }, hangup] }\n"
PEOPLE = """\
agents: {{ default: {{ {agent} }} }}
callers:
  arrivals: {{ {arrivals} }}
  kinds: [{{ name: anybody, share: 1, dials: "1", talks: 10s }}]
"""


def run(folder: Path, arrivals: str, until: int, agent: str = "talks: 1m", csv: str = "") -> list[Fact]:
    for name, text in {
        "center.yaml": CENTER,
        "line.flow.yaml": FLOW,
        "x.people.yaml": PEOPLE.format(arrivals=arrivals, agent=agent),
        "calls.csv": csv or "at,number,caller\n",
    }.items():
        (folder / name).write_text(text, "utf-8")
    told: list[Fact] = []
    house = House(load_center(folder), "1", told.append, epoch_ms=round(MONDAY.timestamp() * 1_000))
    house.run(until)
    return told


def starts(told: list[Fact]) -> list[facts.CallStarted]:
    return [fact for fact in told if isinstance(fact, facts.CallStarted)]


def test_a_burst_comes_when_it_is_due_and_changes_nobody_else(tmp_path: Path) -> None:
    without = starts(run(tmp_path, "rate: 6/h", 4 * HOUR))
    told = starts(
        run(tmp_path, "rate: 6/h, bursts: [{ at: 2026-01-05T02:00, lasts: 10m, calls: 40 }]", 4 * HOUR)
    )
    assert len(told) == len(without) + 40
    times = [fact.at for fact in without]
    more = [fact.at for fact in told if fact.at not in times]
    assert all(2 * HOUR <= at < 2 * HOUR + 10 * MINUTE for at in more)


def test_calls_of_a_file_come_as_they_came(tmp_path: Path) -> None:
    csv = "at,number,caller,other\n2026-01-05T01:00:05.250,2,+49,x\n2026-01-04T23:00,1,gone,x\n2026-01-05 00:30,1,,x\n"
    told = starts(run(tmp_path, "replay: calls.csv", 2 * HOUR, csv=csv))
    assert [(fact.at, fact.number, fact.caller) for fact in told] == [
        (30 * MINUTE, "1", ""),
        (HOUR + 5_250, "2", "+49"),
    ]


@pytest.mark.parametrize(
    ("day", "written", "hours"),
    [
        ("2026-03-29", ["01:30", "02:30", "03:30"], [1.5, 2, 2.5]),  # there is no 02:30: as the clock jumps
        ("2026-03-29", ["01:30+01:00", "03:30+02:00", "01:00Z"], [1.5, 2, 2.5]),
        ("2026-10-25", ["02:30", "02:30", "03:30"], [2.5, 2.5, 4.5]),  # nobody says which 02:30
        ("2026-10-25", ["02:30+01:00", "02:30+02:00", "02:10+01:00"], [2.5, 3 + 1 / 6, 3.5]),
    ],
)
def test_calls_of_a_file_come_when_the_clock_or_their_offset_says(
    day: str, written: list[str], hours: list[float], tmp_path: Path
) -> None:
    run(tmp_path, "rate: 1/d", 1)
    text = (tmp_path / "center.yaml").read_text("utf-8")
    (tmp_path / "center.yaml").write_text("timezone: Europe/Berlin\n" + text, "utf-8")
    (tmp_path / "x.people.yaml").write_text(PEOPLE.format(arrivals="replay: calls.csv", agent=""), "utf-8")
    lines = "".join(f"{day}T{at},1,\n" for at in written)
    (tmp_path / "calls.csv").write_text(f"at,number,caller\n{lines}", "utf-8")
    midnight = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    told: list[Fact] = []
    House(load_center(tmp_path), "1", told.append, epoch_ms=round(midnight.timestamp() * 1_000)).run(6 * HOUR)
    assert [fact.at for fact in starts(told)] == [round(hour * HOUR) for hour in hours]


def test_some_do_not_come_to_their_shift_and_some_come_late(tmp_path: Path) -> None:
    told = run(
        tmp_path,
        "rate: 1/d",
        200 * DAY,
        "shift: day, absent: 25%, late: { law: uniform, low: 1m, high: 9m }",
    )
    came = [fact.at for fact in told if isinstance(fact, facts.AgentMoved) and fact.left == "signed_out"]
    assert abs(len(came) - 300) < 4 * (400 * 0.25 * 0.75) ** 0.5
    assert all(9 * HOUR + MINUTE <= at % DAY <= 9 * HOUR + 9 * MINUTE for at in came)
    away = [fact.at for fact in told if isinstance(fact, facts.AgentMoved) and fact.state == "signed_out"]
    assert len(away) == len(came)


@pytest.mark.parametrize(
    ("arrivals", "says"),
    [
        ("{}", "nobody ever calls"),
        ("rate: 5/h, week: { mon: { calls: [1] } }", "cannot both"),
        ("per: 7m, week: { mon: { calls: [1] } }", "a day is not whole intervals"),
        ("per: 12h, week: { mon: { from: 08:00, calls: [1, 2] } }", "go past midnight"),
        ("week: { mon: { calls: [1] }, mon-wed: { calls: [2] } }", "is here twice"),
        ("week: { moon: { calls: [1] } }", "is not a day"),
        ("replay: none.csv", "there is no file 'none.csv'"),
        ("replay: calls.csv", "calls.csv:2:1: error[unknown]: there is no number '9'"),
    ],
)
def test_what_is_wrong_with_arrivals_is_said_at_its_place(arrivals: str, says: str, tmp_path: Path) -> None:
    run(tmp_path, "rate: 1/h", 1)
    (tmp_path / "x.people.yaml").write_text(
        PEOPLE.format(arrivals=arrivals if arrivals != "{}" else "", agent=""), "utf-8"
    )
    (tmp_path / "calls.csv").write_text("at,number,caller\n2026-01-05T01:00,9,x\nnever,1,x\n", "utf-8")
    problems = [str(problem) for problem in check_center(tmp_path)]
    assert any(says in problem for problem in problems), problems
