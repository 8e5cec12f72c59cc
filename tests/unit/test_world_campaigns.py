"""Campaigns: lists that are called, paced to ready agents, with a cap on the calls that are dropped."""

import re
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.core.time import HOUR, MINUTE, SECOND
from ivr.errors import AuthorError
from ivr.language import Center, check_center, load_center
from ivr.language.world_model import Campaign
from ivr.observe.fan import Fan
from ivr.observe.metrics import Metrics
from ivr.sim import House
from tests.unit.test_observe_metrics import Page

CENTER = """\
center: Outbound
numbers: {{ "1": winback }}
hours: {{ office: {{ daily: 09:00..17:00 }} }}
data: {{ customer: {{ name: text, debt: money }} }}
queues: {{ sales: {{}} }}
agents: {{ {agents} }}
triggers:
  leads: {{ flow: winback, into: customer, campaign: {{ list: leads.csv, queue: sales, {how} }} }}
"""
FLOW = """\
flow: winback
start: ring
states:
  ring:
    - dial: caller.number
      caller_id: withheld
      ring: 20s
      on: { busy: end, no_answer: end, failed: end, machine: end }
    - say: "Hello {{ customer.name }}."
    - queue: sales
      max_wait: 1m
      on: { timeout: end, full: end, empty: end, closed: end }
    - hangup
  end: [hangup]
"""
PEOPLE = """\
agents: {{ default: {{ answers_after: 10ms, talks: {{ law: exponential, mean: 60s }} }} }}
called: {{ {called} }}
"""


def folder(
    path: Path,
    how: str = "mode: progressive",
    *,
    agents: int = 2,
    leads: int = 20,
    called: str = "picks_up: 100%, answers_after: 5s",
    csv: str | None = None,
) -> Center:
    names = ", ".join(f"a{number}: {{ queues: [sales] }}" for number in range(agents))
    rows = "".join(f"+49{number},Customer {number},{number}.50,x\n" for number in range(1, leads + 1))
    files = {
        "center.yaml": CENTER.format(agents=names, how=how),
        "winback.flow.yaml": FLOW,
        "demo.people.yaml": PEOPLE.format(called=called),
        "leads.csv": csv if csv is not None else "phone,name,debt,other\n" + rows,
    }
    for name, text in files.items():
        (path / name).write_text(text, "utf-8")
    return load_center(path)


def run(
    center: Center, until: int = 4 * HOUR, epoch: datetime = datetime(2026, 1, 5, 9, tzinfo=UTC)
) -> tuple[House, list[Fact]]:
    told: list[Fact] = []
    house = House(center, "1", told.append, epoch_ms=round(epoch.timestamp() * 1_000))
    house.run(until)
    return house, told


def of(told: list[Fact], kind: type[Fact]) -> list[Fact]:
    return [fact for fact in told if type(fact) is kind]


def most_at_once(told: list[Fact]) -> int:
    """How many numbers rang at the same time."""
    now = most = 0
    for fact in told:
        now += (type(fact) is facts.DialStarted) - (type(fact) is facts.DialEnded)
        most = max(most, now)
    return most


def test_a_list_is_called_once_each_as_its_rows_say(tmp_path: Path) -> None:
    center = folder(tmp_path, leads=3)
    kind = center.world.triggers["leads"].kind
    assert isinstance(kind, Campaign)
    assert [(lead.number, dict(lead.fields)) for lead in kind.leads][:2] == [
        ("+491", {"name": "Customer 1", "debt": "1.50"}),
        ("+492", {"name": "Customer 2", "debt": "2.50"}),
    ]
    _, told = run(center)
    dialled = [fact for fact in told if isinstance(fact, facts.DialStarted)]
    assert sorted(fact.number for fact in dialled) == ["+491", "+492", "+493"]
    assert {fact.caller_id for fact in dialled} == {""}, "withheld"
    heard = {fact.text for fact in told if isinstance(fact, facts.PromptHeard)}
    assert {"Hello Customer 1.", "Hello Customer 3."} <= heard
    assert len(of(told, facts.Connected)) == 3


def test_progressive_dials_one_number_for_each_ready_agent(tmp_path: Path) -> None:
    house, told = run(folder(tmp_path, agents=3, leads=40))
    assert most_at_once(told) == 3
    assert len(of(told, facts.Connected)) == 40
    assert house.triggers.diallers[0].dropped == 0


def test_a_ratio_dials_more_because_not_everybody_picks_up(tmp_path: Path) -> None:
    called = "picks_up: 40%, machines: 10%, busy: 10%, answers_after: 8s"
    slow = run(folder(tmp_path, agents=5, leads=200, called=called), HOUR)[1]
    fast = run(
        folder(tmp_path, "mode: ratio, ratio: 2, max_drop: 100%", agents=5, leads=200, called=called), HOUR
    )[1]
    assert (most_at_once(slow), most_at_once(fast)) == (5, 10)
    results = {fact.result for fact in fast if isinstance(fact, facts.DialEnded)}
    assert results == {"answered", "machine", "busy", "no_answer"}
    done = [max(fact.at for fact in of(told, facts.DialEnded)) for told in (fast, slow)]
    assert done[0] < 0.8 * done[1], "nearly as soon as 80 talks of a minute let five agents"


@pytest.mark.parametrize(("cap", "kept"), [("3%", True), ("100%", False)])
def test_while_too_many_calls_are_dropped_the_ratio_is_one(cap: str, kept: bool, tmp_path: Path) -> None:
    how = f"mode: ratio, ratio: 3, max_drop: {cap}"
    house, told = run(folder(tmp_path, how, agents=4, leads=800), 5 * HOUR)
    dialler = house.triggers.diallers[0]
    answers = [fact for fact in told if isinstance(fact, facts.DialEnded) and fact.result == "answered"]
    assert dialler.answered == len(answers) > 300
    reached = {fact.call: fact.at for fact in told if isinstance(fact, facts.Connected)}
    late = sum(reached.get(fact.call, 10**9) - fact.at > 2 * SECOND for fact in answers)
    assert abs(dialler.dropped - late) <= 4, "those who wait at the end are not counted yet"
    share = dialler.dropped / dialler.answered
    assert (share < 0.06) == kept, f"{share:.1%} dropped; each overshoot is paid back by a time without"


def test_the_page_counts_who_was_reached_and_how_soon(tmp_path: Path) -> None:
    called = "picks_up: 40%, machines: 20%, busy: 10%, answers_after: 8s"
    center = folder(tmp_path, "mode: ratio, ratio: 3, max_drop: 100%", agents=3, leads=150, called=called)
    told: list[Fact] = []
    house = House(center, "1", told.append)
    metrics = Metrics(center.plan, house.driver.engine.snapshot)
    fan = Fan()
    fan.add(metrics.handlers())
    house.run(4 * HOUR)
    for fact in told:
        fan.tell(fact)
    page = Page(metrics)
    dials = Counter(fact.result for fact in told if isinstance(fact, facts.DialEnded))
    assert {result: page.value("ivr_dials_total", result=result) for result in dials} == dials
    picked_up = {
        fact.call: fact.at for fact in told if isinstance(fact, facts.DialEnded) and fact.result == "answered"
    }
    reached = {fact.call: fact.at for fact in told if isinstance(fact, facts.Connected)}
    soon = sum(call in reached and reached[call] - at <= 2 * SECOND for call, at in picked_up.items())
    counted = {
        agent: page.value("ivr_outbound_answers_total", trigger="leads", agent=agent)
        for agent in ("in_2s", "later", "never")
    }
    assert counted == {
        "in_2s": soon,
        "later": len(picked_up.keys() & reached) - soon,
        "never": len(picked_up.keys() - reached.keys()),
    }
    assert all(counted.values()), "each of them happened"


def test_who_is_not_reached_is_tried_again_after_a_while(tmp_path: Path) -> None:
    center = folder(tmp_path, "tries: 3, retry_every: 30m", leads=2, called="picks_up: 0%")
    _, told = run(center)
    times = [fact.at for fact in told if isinstance(fact, facts.DialStarted) and fact.number == "+491"]
    assert len(times) == 3
    assert all(30 * MINUTE <= later - sooner < 31 * MINUTE for sooner, later in pairwise(times))


def test_it_calls_in_its_hours_only(tmp_path: Path) -> None:
    center = folder(tmp_path, "hours: office", leads=5)
    _, told = run(center, 3 * HOUR, datetime(2026, 1, 5, 7, tzinfo=UTC))
    assert min(fact.at for fact in of(told, facts.DialStarted)) == 2 * HOUR


def test_with_preview_an_agent_sees_the_lead_before_it_is_dialled(tmp_path: Path) -> None:
    _, told = run(folder(tmp_path, "mode: preview, tries: 2, retry_every: 10m", leads=6))
    booked, tried = of(told, facts.CallbackBooked), of(told, facts.CallbackTried)
    assert len(booked) == len(tried) == 6
    assert [fact.result for fact in told if isinstance(fact, facts.CallbackEnded)] == ["reached"] * 6
    order = [
        type(fact).__name__ for fact in told if type(fact) in (facts.ReservationEnded, facts.CallbackTried)
    ]
    assert order[:2] == ["ReservationEnded", "CallbackTried"], "first the agent accepts"


@pytest.mark.parametrize(
    ("how", "csv", "says"),
    [
        ("mode: progressive", "name\nAda\n", "there is no column 'phone'"),
        ("mode: progressive", "phone,name,debt\n,Ada,1\n", "leads.csv:2:1: error[no-number]"),
        ("mode: progressive", "phone,name,debt\n+1,Ada,much\n", "leads.csv:2:1: error[type]: debt"),
        ("mode: sometimes", None, "'sometimes'"),
        ("mode: ratio, ratio: 0.5", None, "a ratio is at least 1"),
        ("hours: never", None, "there are no opening hours 'never'"),
    ],
)
def test_what_is_wrong_with_a_campaign_is_said_at_its_line(
    how: str, csv: str | None, says: str, tmp_path: Path
) -> None:
    with pytest.raises(AuthorError) as fault:
        folder(tmp_path, how, csv=csv)
    assert says in str(fault.value)


def test_a_list_that_is_not_there_or_outside_is_said(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "leads.csv").unlink()
    assert "there is no file 'leads.csv'" in str(check_center(tmp_path)[0])
    text = (tmp_path / "center.yaml").read_text("utf-8").replace("leads.csv", "../leads.csv")
    (tmp_path / "center.yaml").write_text(text, "utf-8")
    assert any("no CSV file of the center's folder" in str(problem) for problem in check_center(tmp_path))


def test_the_guide_is_true(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "outbound.md").read_text("utf-8")
    for text in re.findall(r"^```(?:yaml|csv)\n(.*?)^```", guide, re.MULTILINE | re.DOTALL):
        name, _, rest = text.partition("\n")
        (tmp_path / name.removeprefix("# ")).write_text(rest, "utf-8")
    assert check_center(tmp_path) == []
    _, told = run(load_center(tmp_path))
    ends = Counter(fact.number for fact in told if isinstance(fact, facts.DialEnded))
    assert set(ends) == {"+4930100", "+4930101", "+4930102"}
    assert max(ends.values()) <= 2
    left = [fact for fact in told if isinstance(fact, facts.QueueLeft)]
    assert {fact.queue for fact in left} == {"sales"}, "who picks up waits like any caller"
