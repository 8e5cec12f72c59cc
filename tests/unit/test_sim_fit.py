"""People files from calls that came: three kinds of files, the laws behind them, and what nobody can tell."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from ivr.cli import main
from ivr.language import check_center, load_center
from ivr.sim.fit import fit, survival, weibull
from ivr.sim.history import History, Past, read_history
from tests.unit.test_sim_staffing import SOURCES

HALF_HOUR = timedelta(minutes=30)
MONDAY = datetime(2026, 1, 5)  # noqa: DTZ001 - local time
BANK = "vru+line call_id customer_id priority type date vru_entry vru_exit vru_time q_start q_exit q_time outcome ser_start ser_exit ser_time server\n"
CLASSIC = (
    *((6, True),) * 3, (6, False), (7, True), (9, False), (10, True), (10, False), (11, False), (13, True), (16, True),
    (17, False), (19, False), (20, False), (22, True), (23, True), (25, False), (32, False), (32, False), (34, False),
    (35, False),
)  # fmt: skip
"""Weeks in remission of 21 patients (Freireich and others 1963), censored where False: the example of every textbook."""


def test_kaplan_meier_gives_the_values_of_the_textbooks() -> None:
    for week, share in (
        (6, 0.857),
        (7, 0.807),
        (10, 0.753),
        (13, 0.690),
        (16, 0.627),
        (22, 0.538),
        (23, 0.448),
    ):
        assert survival(CLASSIC, week) == pytest.approx(share, abs=5e-4)
    assert survival(CLASSIC, 36) is None


def test_weibull_finds_scale_and_shape_though_most_are_answered_first() -> None:
    chance = Random(1)
    for scale, shape in ((120.0, 0.6), (60.0, 1.0), (200.0, 2.0)):
        waits = []
        for _ in range(20_000):
            patience, offered = chance.weibullvariate(scale, shape), chance.expovariate(1 / 60)
            waits.append((min(patience, offered), patience < offered))
        found = weibull(waits)
        assert found == pytest.approx((scale, shape), rel=0.05)


def calls(days: int = 56, seed: int = 1, patience: float = 90.0) -> list[Past]:
    """Weekdays from eight to ten, 40 and 80 an hour; talks lognormal, patience exponential, a third calls again."""
    chance = Random(seed)
    found = []
    for day in range(days):
        begins = MONDAY + timedelta(days=day, hours=8)
        if begins.weekday() >= 5:
            continue
        busy = chance.gammavariate(25, 1 / 25)  # cv 0.2
        for half, rate in enumerate((20, 20, 40, 40)):
            for _ in range(round(chance.gauss(rate * busy, (rate * busy) ** 0.5))):
                at = begins + half * HALF_HOUR + chance.random() * HALF_HOUR
                found.append(_call(chance, at, str(chance.randrange(10**9)), patience))
                if found[-1].outcome == "abandoned" and chance.random() < 0.3:
                    again = at + timedelta(seconds=chance.expovariate(1 / 300))
                    found.append(_call(chance, again, found[-1].caller, patience))
    return found


def _call(chance: Random, at: datetime, caller: str, patience: float) -> Past:
    stays, offered = chance.expovariate(1 / patience), chance.expovariate(1 / 30)
    if stays < offered:
        return Past(at, "1", caller, stays, "abandoned", None, "")
    return Past(at, "1", caller, offered, "answered", chance.lognormvariate(5.0, 0.7), "ann")


def test_what_was_behind_the_calls_is_found_again() -> None:
    history = History("made up", sorted(calls(), key=lambda call: call.at))
    found = fit(history, HALF_HOUR)
    week = found.people["callers"]["arrivals"]["week"]
    assert list(week) == ["mon", "tue", "wed", "thu", "fri"]
    for day in week.values():
        assert day["from"] == "08:00"
        assert day["calls"][0] == pytest.approx(22, rel=0.3)
        assert day["calls"][2] == pytest.approx(44, rel=0.3)
    assert found.people["callers"]["arrivals"]["busyness"] == pytest.approx(0.2, abs=0.08)
    talks = found.people["agents"]["default"]["talks"]
    assert talks["law"] == "lognormal"
    assert talks["cv"] == pytest.approx(0.795, abs=0.05)
    (kind,) = found.people["callers"]["kinds"]
    assert kind["patience"]["law"] == "exponential"
    minutes, seconds = kind["patience"]["mean"].split("m")
    assert int(minutes) * 60 + int(seconds.rstrip("s") or 0) == pytest.approx(90, rel=0.1)
    assert float(kind["redials"].rstrip("%")) == pytest.approx(30, abs=6)
    assert any("wraps_up" in line for line in found.untold)


def test_patience_that_is_not_exponential_is_told_apart() -> None:
    chance = Random(3)
    made = []
    for number in range(4_000):
        stays, offered = chance.weibullvariate(100, 2.0), chance.expovariate(1 / 60)
        at = MONDAY + timedelta(seconds=10 * number)
        outcome = "abandoned" if stays < offered else "answered"
        made.append(
            Past(at, "1", "", min(stays, offered), outcome, 60.0 if outcome == "answered" else None, "")
        )
    patience = fit(History("made up", made), HALF_HOUR).people["callers"]["kinds"][0]["patience"]
    assert patience["law"] == "weibull"
    assert patience["shape"] == pytest.approx(2.0, abs=0.15)


def test_five_calls_say_when_they_came_and_nothing_else() -> None:
    found = fit(History("made up", calls(1)[:5]), HALF_HOUR)
    assert "agents" not in found.people
    assert "patience" not in found.people["callers"]["kinds"][0]
    untold = " ".join(found.untold)
    for word in ("talks take", "patient", "busyness", "call again", "sat"):
        assert word in untold
    with pytest.raises(ValueError, match="no incoming call"):
        fit(History("made up"), HALF_HOUR)


def test_the_layout_of_the_anonymous_bank() -> None:
    text = BANK + (
        "AA0101 1 27997164 2 PS 990101 23:59:50 23:59:58 8 23:59:58 0:00:30 32 AGENT 0:00:30 0:03:00 150 MICHAL\n"
        "AA0101 2 0 0 PS 990102 10:00:00 10:00:05 5 10:00:05 10:01:00 55 HANG 0:00:00 0:00:00 0 NO_SERVER\n"
        "AA0101 3 55 0 NW 990102 11:00:00 11:00:05 5 0:00:00 0:00:00 0 AGENT 11:00:05 11:01:05 60 BASCH\n"
        "AA0101 4 0 0 PS 990102 12:00:00 12:00:05 5 0:00:00 0:00:00 0 HANG 0:00:00 0:00:00 0 NO_SERVER\n"
        "AA0101 5 0 0 PS 990102 12:00:00 12:00:05 5 12:00:05 12:00:05 0 PHANTOM 0:00:00 0:00:00 0 NO_SERVER\n"
        "AA0101 3 55 0 NW 990102 11:00:00 11:00:05 5 0:00:00 0:00:00 0 AGENT 11:00:05 11:01:05 60 BASCH\n"
        "broken\n"
    )
    history = read_history(text, "UTC")
    assert history.passed_over == {"a phantom call": 1, "here twice": 1, "not 17 columns": 1}
    first, second, third, fourth = history.calls
    assert first.at == datetime.fromisoformat("1999-01-01T23:59:50")
    assert first[1:] == ("PS", "27997164", 32.0, "answered", 150.0, "MICHAL")
    assert (second.waited_s, second.outcome, second.caller) == (55.0, "abandoned", "")
    assert (third.waited_s, third.outcome, third.talk_s) == (0.0, "answered", 60.0)
    assert (fourth.waited_s, fourth.outcome) == (None, "")


def test_a_queue_log_of_asterisk() -> None:
    text = (
        "1767603600|1.1|support|NONE|ENTERQUEUE||+491|1\n"
        "1767603610|1.1|support|anna|CONNECT|10|2.2|3\n"
        "1767603700|1.1|support|anna|COMPLETECALLER|10|90|1\n"
        "1767603700|1.2|support|NONE|ENTERQUEUE||+492|1\n"
        "1767603730|1.2|support|NONE|ABANDON|1|1|30\n"
        "1767603730|1.3|sales|NONE|ENTERQUEUE||+493|1\n"
        "1767603790|1.3|sales|NONE|EXITWITHTIMEOUT|1|1|60\n"
        "1767603790|1.4|sales|NONE|ENTERQUEUE||+494|1\n"
        "1767603790|NONE|NONE|anna|PAUSE|lunch\n"
    )
    history = read_history(text, "Europe/Berlin")
    assert [
        (call.number, call.caller, call.waited_s, call.outcome, call.talk_s) for call in history.calls
    ] == [
        ("support", "+491", 10.0, "answered", 90.0),
        ("support", "+492", 30.0, "abandoned", None),
        ("sales", "+493", 60.0, "other", None),
    ]
    local = datetime.fromtimestamp(1767603600, UTC).replace(tzinfo=None) + timedelta(hours=1)
    assert history.calls[0].at == local
    assert history.passed_over == {"still open at the end": 1}


def test_our_own_records_make_a_center_that_can_be_simulated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in SOURCES.items():
        (tmp_path / name).write_text(text, "utf-8")
    columns = "call,started,number,caller,direction,wait_ms,talk_ms,hold_ms,agents,queue_outcomes\n"
    rows = "".join(
        f"c-{number},{call.at.isoformat()}+00:00,1,'+{call.caller},in,{round((call.waited_s or 0) * 1_000)},"
        f"{round((call.talk_s or 0) * 1_000)},0,ann,{call.outcome}\n"
        for number, call in enumerate(calls(28))
    )
    (tmp_path / "calls.csv").write_text(
        columns + rows + "c-x,never,1,,in,0,0,0,,\n" + "c-y,2026-01-05T10:00+00:00,1,,out,0,0,0,,\n", "utf-8"
    )
    people = tmp_path / "x.people.yaml"
    assert main(["import", str(tmp_path / "calls.csv"), "-o", str(people), "--interval", "30m"]) == 0
    err = capsys.readouterr().err
    assert "not a call as we write them" in err
    assert "not told: the work after a talk" in err
    assert check_center(tmp_path) == []
    assert load_center(tmp_path).people is not None
    assert (
        main(["simulate", str(tmp_path), "--for", "1d", "--replications", "2", "--jobs", "1", "--json"]) == 0
    )
    offered = json.loads(capsys.readouterr().out)["center"]["offered"]["mean"]
    assert 80 < offered < 260


@pytest.mark.parametrize(
    ("text", "more", "says"),
    [
        ("hello\n", [], "neither"),
        ("call,started,number\n", [], "no incoming call"),
        (BANK, ["--interval", "7m"], "a day is whole intervals"),
        (BANK, ["--timezone", "Mars/Base"], "Europe/Berlin"),
    ],
)
def test_what_cannot_be_imported_is_said(
    text: str, more: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text(text, "utf-8")
    assert main(["import", str(tmp_path / "file"), *more]) == 2
    assert says in capsys.readouterr().err
    assert main(["import", str(tmp_path / "nothing")]) == 2
