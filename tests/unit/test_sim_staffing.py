"""The least agents for a target: there when they should be, enough in every interval, and none too many."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from ivr.cli import main
from ivr.core.calendar import Calendar
from ivr.core.facts import AgentMoved, Fact
from ivr.core.time import HOUR, MINUTE
from ivr.language import Center, load_sources
from ivr.people.casting import cast_script
from ivr.sim import House
from ivr.sim.house import epoch_of
from ivr.sim.ledger import Sheet
from ivr.sim.replicate import Job, replicate
from ivr.sim.staffing import Search, Slot, Staff, Target, by_slot, lived_days, staffed

SOURCES = {
    "center.yaml": """\
center: Shop
starts: 2026-01-05T08:00
numbers: { "1": line }
queues: { line: { wrap_up: 20s } }
agents: { ann: { queues: [line] } }
""",
    "line.flow.yaml": "flow: line\nstart: q\nstates: { q: [{ queue: line }, hangup] }\n",
    "x.people.yaml": """\
agents: { default: { talks: { law: exponential, mean: 3m } } }
callers:
  arrivals: { per: 1h, week: { mon: { from: 08:00, calls: [30, 60, 15] } } }
  kinds: [{ name: buyer, share: 1, dials: "1", patience: { law: exponential, mean: 2m } }]
""",
}


def center() -> Center:
    return load_sources(SOURCES)


def search(target: Target, begin: dict[Slot, int], runs: int = 6) -> Search:
    made = center()
    job = Job.of(made, 3 * HOUR, 0, HOUR)

    def simulate(staff: Staff) -> Sequence[Sheet]:
        return replicate(job._replace(staff=staff), "1", range(1, runs + 1))

    clock = Calendar(epoch_of(made), made.plan.timezone)
    return Search(Staff.of("ann", HOUR, begin), target, ["line"], clock, simulate)


def test_as_many_are_there_as_each_interval_says() -> None:
    made, script = staffed(
        center(), cast_script(center()), Staff.of("ann", HOUR, {(0, 8): 2, (0, 9): 5, (0, 10): 1})
    )
    told: list[Fact] = []
    House(made, "1", told.append, script=script).run(4 * HOUR)
    on_duty = 0
    counts: dict[int, int] = {}
    moves = [fact for fact in told if isinstance(fact, AgentMoved)]
    for minute in range(200):
        while moves and moves[0].at <= minute * MINUTE:
            move = moves.pop(0)
            on_duty += (move.left == "signed_out") - (move.state == "signed_out")
        counts[minute] = on_duty
    assert counts[0] == counts[50] == 2
    assert counts[61] == counts[119] == 5
    assert 1 <= counts[121] <= 5, "who is in a talk finishes it"
    assert counts[150] == 1
    assert counts[199] == 0


def test_every_interval_reaches_the_target_and_with_one_agent_less_some_does_not() -> None:
    target = Target("sl_of_offered", 0.8)
    found = search(target, {(0, 8): 1, (0, 9): 9, (0, 10): 2})
    staffing, rows = found.run()
    assert set(staffing) == {(0, 8), (0, 9), (0, 10)}
    assert all(target.met(row) for row in rows.values())
    assert staffing[0, 9] > staffing[0, 8] >= staffing[0, 10] >= 1
    for slot, count in staffing.items():
        fewer = {**staffing, slot: count - 1}
        made = center()
        sheets = replicate(
            Job.of(made, 3 * HOUR, 0, HOUR)._replace(staff=Staff.of("ann", HOUR, fewer)), "1", range(1, 7)
        )
        clock = Calendar(epoch_of(made), made.plan.timezone)
        assert not all(target.met(row) for row in by_slot(sheets, ["line"], HOUR, clock).values()), slot


def test_other_targets_are_reached_too() -> None:
    for target in (Target("p_abandon", 0.05), Target("asa_s", 10.0)):
        staffing, rows = search(target, {(0, 8): 3, (0, 9): 3, (0, 10): 3}, 3).run()
        assert all(target.met(row) for row in rows.values())
        assert staffing[0, 9] > staffing[0, 10]


def test_what_no_number_of_agents_reaches_is_said() -> None:
    with pytest.raises(ValueError, match="ask for less"):
        search(Target("asa_s", -1.0), {(0, 8): 1, (0, 9): 1, (0, 10): 1}, 1).run()


def test_days_are_counted_by_weekday() -> None:
    made = center()
    clock = Calendar(epoch_of(made), made.plan.timezone)
    assert lived_days(0, 3 * HOUR, clock, 5) == {0: 5}
    assert lived_days(0, 9 * 24 * HOUR, clock, 2) == {0: 4, 1: 4, 2: 4, 3: 2, 4: 2, 5: 2, 6: 2}


def write(folder: Path) -> Path:
    for name, text in SOURCES.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def test_the_command_says_what_each_interval_needs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = [
        "staff",
        str(write(tmp_path)),
        "--for",
        "3h",
        "--interval",
        "1h",
        "--replications",
        "4",
        "--jobs",
        "1",
    ]
    assert main([*typed, "--target", "sl20 >= 80%", "--shrinkage", "50%", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["starts"] for row in rows] == ["08:00", "09:00", "10:00"]
    assert all(row["reached"] >= 0.8 and row["paid"] == 2 * row["agents"] for row in rows)
    assert main([*typed, "--target", "sl20 >= 80%"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[3].split()[:2] == ["mon", "08:00"]
    assert lines[3].split()[5] == str(rows[0]["agents"])


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--target", "luck >= 1"], "figures are sl"),
        (["--target", "sl <= 80%"], "turn the sign round"),
        (["--target", "sl45 >= 80%"], "T of 'line' is 20 s"),
        (["--like", "bob"], "no such agent"),
        (["--interval", "7m"], "a day is whole intervals"),
        (["--shrinkage", "all"], "write 30%"),
    ],
)
def test_what_cannot_be_meant_is_said(
    more: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["staff", str(write(tmp_path)), *more]) == 2
    assert says in capsys.readouterr().err
