"""The least agents for a target: there when they should be, enough in every interval, and none too many."""

import json
from collections.abc import Sequence
from math import ceil
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
from ivr.sim.intervals import Slot
from ivr.sim.ledger import Sheet
from ivr.sim.replicate import Job, replicate
from ivr.sim.staff_search import Kind, Search, first_guess
from ivr.sim.staffing import Post, Staff, Target, by_slot, lived_days, staffed, together

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

    return Search([Kind("ann", ("line",))], like_ann(begin), [target], job.intervals(made), simulate)


def like_ann(slots: dict[Slot, int]) -> dict[Post, int]:
    return {("ann", slot): count for slot, count in slots.items()}


def test_as_many_are_there_as_each_interval_says() -> None:
    made, script = staffed(
        center(), cast_script(center()), Staff.of(HOUR, like_ann({(0, 8): 2, (0, 9): 5, (0, 10): 1}))
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
    target = Target("sl_of_offered", 0.8, ("line",))
    found = search(target, {(0, 8): 1, (0, 9): 9, (0, 10): 2})
    staffing, rows = found.run()
    assert set(staffing) == {("ann", (0, 8)), ("ann", (0, 9)), ("ann", (0, 10))}
    assert all(target.met(row) for row in rows.values())
    assert staffing["ann", (0, 9)] > staffing["ann", (0, 8)] >= staffing["ann", (0, 10)] >= 1
    for post, count in staffing.items():
        fewer = {**staffing, post: count - 1}
        job = Job.of(center(), 3 * HOUR, 0, HOUR)
        sheets = replicate(job._replace(staff=Staff.of(HOUR, fewer)), "1", range(1, 7))
        rows = by_slot(sheets, job.intervals(center()))
        assert not all(target.met(row) for row in together(rows, ["line"]).values()), post


def test_other_targets_are_reached_too() -> None:
    for target in (Target("p_abandon", 0.05, ("line",)), Target("asa_s", 10.0, ("line",))):
        staffing, rows = search(target, {(0, 8): 3, (0, 9): 3, (0, 10): 3}, 3).run()
        assert all(target.met(row) for row in rows.values())
        assert staffing["ann", (0, 9)] > staffing["ann", (0, 10)]


def test_what_no_number_of_agents_reaches_is_said() -> None:
    with pytest.raises(ValueError, match="ask for less"):
        search(Target("asa_s", -1.0, ("line",)), {(0, 8): 1, (0, 9): 1, (0, 10): 1}, 1).run()


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


# Several kinds ---------------------------------------------------------------------------------------------------

N_DESIGN = {
    "center.yaml": """\
center: Shop
starts: 2026-01-05T08:00
numbers: { "1": sales, "2": help }
queues: { sales: {}, help: {} }
agents: { ann: { queues: [sales] }, bob: { queues: [sales, help] }, cy: { queues: [sales, help] } }
""",
    "sales.flow.yaml": "flow: sales\nstart: q\nstates: { q: [{ queue: sales }, hangup] }\n",
    "help.flow.yaml": "flow: help\nstart: q\nstates: { q: [{ queue: help }, hangup] }\n",
    "x.people.yaml": """\
agents: { default: { talks: { law: exponential, mean: 3m } } }
callers:
  arrivals: { per: 1h, week: { mon: { from: 08:00, calls: [60, 120] } } }
  kinds:
    - { name: buyer, share: 2, dials: "1", patience: { law: exponential, mean: 2m } }
    - { name: lost, share: 1, dials: "2", patience: { law: exponential, mean: 2m } }
""",
}
SALES, HELP = Target("sl_of_offered", 0.8, ("sales",)), Target("sl_of_offered", 0.8, ("help",))


def n_design(cost: float) -> tuple[dict[Post, int], Job]:
    """Ann takes one queue, Bob both, at a cost of his own."""
    made = load_sources(N_DESIGN)
    job = Job.of(made, 2 * HOUR, 0, HOUR)
    kinds = [Kind("ann", ("sales",)), Kind("bob", ("sales", "help"), cost)]
    begin = {(like, (0, hour)): 2 for like in ("ann", "bob") for hour in (8, 9)}
    found = Search(kinds, begin, [SALES, HELP], job.intervals(made), lambda staff: runs(job, staff))
    return dict(found.run()[0]), job


def runs(job: Job, staff: Staff) -> list[Sheet]:
    return replicate(job._replace(staff=staff), "1", range(1, 4))


def reached(job: Job, staffing: dict[Post, int]) -> bool:
    rows = by_slot(runs(job, Staff.of(HOUR, staffing)), job.intervals(load_sources(N_DESIGN)))
    return all(target.met(row) for target in (SALES, HELP) for row in together(rows, target.queues).values())


@pytest.mark.parametrize("cost", [1.0, 1.5])
def test_of_two_kinds_every_target_is_reached_and_nobody_is_too_many(cost: float) -> None:
    staffing, job = n_design(cost)
    assert reached(job, staffing)
    for post, count in staffing.items():
        if count:
            assert not reached(job, {**staffing, post: count - 1}), post
        if count and post[0] == "bob" and cost > 1:
            cheaper = {**staffing, post: count - 1, ("ann", post[1]): staffing["ann", post[1]] + 1}
            assert not reached(job, cheaper), post
    assert all(staffing["bob", (0, hour)] > 0 for hour in (8, 9)), "nobody else takes help"
    assert sum(staffing[like, (0, 9)] for like in ("ann", "bob")) > sum(
        staffing[like, (0, 8)] for like in ("ann", "bob")
    )


def test_the_dearer_a_kind_is_the_fewer_of_it() -> None:
    cheap, dear = (
        sum(count for (like, _), count in n_design(cost)[0].items() if like == "bob") for cost in (0.5, 2.0)
    )
    assert dear < cheap


def test_the_load_is_the_first_guess_for_whoever_serves_the_fewest_queues() -> None:
    made = load_sources(N_DESIGN)
    job = Job.of(made, 2 * HOUR, 0, HOUR)
    rows = by_slot(replicate(job, "1", [1]), job.intervals(made))
    kinds = [Kind("bob", ("sales", "help")), Kind("ann", ("sales",))]
    guess = first_guess(kinds, rows, HOUR, {0: 1})
    for like, queue in (("ann", "sales"), ("bob", "help")):
        handled = [row for (name, _), row in rows.items() if name == queue]
        aht_ms = sum(row.handle_ms for row in handled) / sum(row.handled for row in handled)
        assert guess[like, (0, 9)] == ceil(rows[queue, (0, 9)].offered * aht_ms / HOUR) + 1


def test_the_command_takes_several_kinds_and_targets_of_queues(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    for name, text in N_DESIGN.items():
        (tmp_path / name).write_text(text, "utf-8")
    typed = ["staff", str(tmp_path), "--for", "2h", "--interval", "2h", "--replications", "2", "--jobs", "1"]
    typed += ["--target", "sales.sl20 >= 80%", "--target", "help.p_abandon <= 10%"]
    assert main([*typed, "--like", "ann", "--like", "cy=1.5", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert set(row["kinds"]) == {"ann", "cy"}
    assert row["agents"] == sum(row["kinds"].values())
    assert row["reached"]["sales.sl20 >= 80%"] >= 0.8
    assert row["reached"]["help.p_abandon <= 10%"] <= 0.1
    assert main([*typed, "--like", "ann", "--like", "cy=1.5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(
        "agents like ann and cy for sales.sl20 >= 80% and help.p_abandon <= 10% in every"
    )
    assert lines[2].split()[:7] == ["day", "from", "calls", "AHT", "ann", "cy", "agents"]
    cost = 2 * (row["kinds"]["ann"] + 1.5 * row["kinds"]["cy"])
    assert lines[-1].endswith(f"at a cost of {cost:.1f}")
    assert main([*typed, "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)[0]["kinds"]) == {"ann", "bob"}, "one of each kind"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--like", "bob", "--like", "cy"], "of the same kind as bob"),
        (["--like", "bob=0"], "write NAME=1.3"),
        (["--like", "ann", "--target", "help.sl >= 80%"], "there are sales"),
        (["--target", "sales.sl45 >= 80%"], "T of 'sales' is 20 s"),
        (["--target", "sl >= 80"], "is there a % missing"),
    ],
)
def test_kinds_that_cannot_be_meant_are_said(
    more: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in N_DESIGN.items():
        (tmp_path / name).write_text(text, "utf-8")
    assert main(["staff", str(tmp_path), *more]) == 2
    assert says in capsys.readouterr().err


def test_agents_of_a_queue_that_nobody_joins_stay_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    center = N_DESIGN["center.yaml"].replace("cy: { queues: [sales, help] }", "dee: { queues: [spare] }")
    for name, text in {**N_DESIGN, "center.yaml": center.replace("help: {}", "help: {}, spare: {}")}.items():
        (tmp_path / name).write_text(text, "utf-8")
    typed = ["staff", str(tmp_path), "--for", "1h", "--interval", "1h", "--replications", "1", "--jobs", "1"]
    assert main([*typed, "--json"]) == 0
    out, err = capsys.readouterr()
    assert set(json.loads(out)[0]["kinds"]) == {"ann", "bob"}
    assert "nobody joined a queue of dee" in err
    assert main([*typed, "--like", "dee"]) == 1
    assert "nothing to staff for" in capsys.readouterr().err
