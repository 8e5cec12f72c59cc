"""Faults of the emulated company: what is broken, when, how often, and how much slower."""

from datetime import datetime
from pathlib import Path

import pytest

from ivr.core.facts import LookupEnded
from ivr.errors import AuthorError
from ivr.language import Center, load_sources
from ivr.language.trials import trials_in
from ivr.sim import House
from ivr.trial.run import run_trial
from ivr.world import Answer, World

CENTER = """\
center: Shop
timezone: Europe/Berlin
starts: 2026-12-01T09:00
numbers: {{ "1": main }}
hours: {{ night: {{ daily: 23:00..05:00 }} }}
data: {{ customer: {{ name: text, phone: text }} }}
queues: {{ desk: {{}} }}
agents: {{ ann: {{ queues: [desk] }} }}
world:
  tables: {{ customers: [{{ phone: "1", name: Ada }}] }}
  lookups:
    who: {{ args: {{ phone: text }}, from: customers, match: {{ phone: phone }}, into: customer, takes: 200ms }}
  runs: {{ pay: {{ args: {{ amount: money }}, gives: {{ reference: number }}, result: {{ reference: integer }}, takes: 1s }} }}
  faults: {{ {faults} }}
"""
FLOW = """\
flow: main
start: a
returns: [known, unknown, broken]
states:
  a:
    - lookup: who
      with: { phone: caller.number }
      on: { not_found: b, failed.out_of_service: c, failed: d, timeout: d }
    - return: known
  b: [{ return: unknown }]
  c: [{ return: broken }]
  d: [{ say: "Something else." }, hangup]
"""


def center(faults: str) -> Center:
    return load_sources({"center.yaml": CENTER.format(faults=faults), "main.flow.yaml": FLOW})


class Clock:
    def __init__(self, at: str) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return datetime.fromisoformat(self.at)


def world(faults: str, at: str = "2026-12-01T09:00", seed: str = "1") -> World:
    return World(center(faults).world, seed, Clock(at))


def who(company: World) -> Answer:
    return company.answer("who", {"phone": "1"}, "1", "")


@pytest.mark.parametrize(
    ("fault", "at", "broken"),
    [
        ("lookup: who", "2026-12-01T09:00", True),
        ("run: pay", "2026-12-01T09:00", False),
        ("lookup: who, from: 2026-12-01T09:00", "2026-12-01T08:59", False),
        ("lookup: who, from: 2026-12-01T09:00", "2026-12-01T09:00", True),
        ("lookup: who, until: 2026-12-01T09:00", "2026-12-01T08:59", True),
        ("lookup: who, until: 2026-12-01T09:00", "2026-12-01T09:00", False),
        ("lookup: who, hours: night", "2026-12-01T22:59", False),
        ("lookup: who, hours: night", "2026-12-01T23:00", True),
        ("lookup: who, hours: night", "2026-12-02T04:59", True),
        ("lookup: who, hours: night, from: 2026-12-03T00:00", "2026-12-02T04:59", False),
    ],
)
def test_a_fault_is_on_in_its_span_and_in_its_hours(fault: str, at: str, broken: bool) -> None:
    answer = who(world(f"f: {{ {fault} }}", at))
    assert answer == (
        Answer(200, "failed.out_of_service", {}) if broken else Answer(200, "ok", answer.result)
    )
    assert broken == (not answer.result)


def test_a_fault_says_how_it_fails_and_how_long_that_takes() -> None:
    assert who(world("f: { lookup: who, outcome: failed.out_of_order, takes: 30s }")) == Answer(
        30_000, "failed.out_of_order", {}
    )
    slow = who(world("f: { lookup: who, takes: 30s }"))
    assert (slow.delay_ms, slow.outcome, slow.result["name"]) == (30_000, "ok", "Ada")


def test_of_several_faults_the_first_that_has_it_decides() -> None:
    company = world(
        "a: { lookup: who, takes: 30s }, b: { lookup: who, outcome: failed.b, takes: 1s }, c: { lookup: who }"
    )
    assert who(company) == Answer(30_000, "failed.b", {})


def test_what_is_broken_changes_nothing_and_works_again_afterwards() -> None:
    clock = Clock("2026-12-01T09:00")
    company = World(
        center("f: { run: pay, outcome: declined.limit, until: 2026-12-02T00:00 }").world, "1", clock
    )
    assert company.answer("pay", {"amount": "1"}, "1", "k1").outcome == "declined.limit"
    clock.at = "2026-12-02T00:00"
    first = company.answer("pay", {"amount": "1"}, "1", "k1")
    assert (first.outcome, first.result) == ("ok", {"reference": 1})
    assert company.answer("pay", {"amount": "1"}, "1", "k1") == first


def test_a_share_is_keyed_so_that_one_fault_does_not_shift_another() -> None:
    def met(faults: str) -> list[bool]:
        company = world(faults)
        return [who(company).outcome == "failed.x" for _ in range(400)]

    alone = met("f: { lookup: who, outcome: failed.x, share: 30% }")
    assert 80 < sum(alone) < 160
    assert (
        met("g: { lookup: who, takes: 9s, share: 50% }, f: { lookup: who, outcome: failed.x, share: 30% }")
        == alone
    )
    assert met("f: { lookup: who, outcome: failed.x, share: 30% }, h: { channel: sms, share: 50% }") == alone
    assert met("other: { lookup: who, outcome: failed.x, share: 30% }") != alone


def test_messages_of_a_broken_channel_do_not_go_out() -> None:
    company = world("f: { channel: sms, takes: 20s, outcome: failed.gateway }")
    assert company.send("sms", "+491").answer == Answer(20_000, "failed.gateway", {})
    assert company.send("email", "a@b.c").answer == Answer(300, "ok", {})
    slow = world("f: { channel: sms, takes: 20s }")
    assert slow.send("sms", "+491").answer == Answer(20_000, "ok", {})


def test_a_reload_brings_other_faults() -> None:
    company = world("f: { lookup: who }")
    assert who(company).outcome == "failed.out_of_service"
    company.adopt(center("").world)
    assert who(company).outcome == "ok"


def test_a_test_of_a_flow_meets_the_faults_of_its_clock(tmp_path: Path) -> None:
    shop = center("f: { lookup: who, hours: night }")

    def outcome(clock: str, more: str = "") -> str:
        text = f"test: t\ndials: '1'\nfrom: '1'\nclock: {clock}\n{more}expect: {{ outcome: known }}\n"
        result = run_trial(trials_in(text, "t.test.yaml", shop)[0])
        return "known" if not result.failures else result.failures[0].instead

    assert outcome("2026-12-01T12:00") == "known"
    assert outcome("2026-12-01T23:30") == "was: broken"
    assert outcome("2026-12-01T23:30", "mock: { who: ok }\n") == "known", "the test says that it works"


PEOPLE = """\
agents: { default: { talks: 60s } }
callers: { arrivals: { rate: 60/h }, kinds: [{ name: x, share: 1, dials: "1", phone_from: customers }] }
"""


def test_a_simulated_day_meets_a_fault_in_its_hours_only() -> None:
    files = {
        "center.yaml": CENTER.format(
            faults="f: { lookup: who, from: 2026-12-01T10:00, until: 2026-12-01T11:00 }"
        )
    }
    told: list[LookupEnded] = []

    def tell(fact: object) -> None:
        if isinstance(fact, LookupEnded):
            told.append(fact)

    House(load_sources(files | {"main.flow.yaml": FLOW, "x.people.yaml": PEOPLE}), "1", tell).run(
        3 * 3_600_000
    )
    hours = {(fact.at // 3_600_000, fact.outcome) for fact in told}
    assert hours >= {(0, "ok"), (1, "failed.out_of_service"), (2, "ok")}
    assert (0, "failed.out_of_service") not in hours
    assert len(hours) == 3


@pytest.mark.parametrize(
    ("fault", "said", "cure"),
    [
        ("takes: 3s", "nothing is broken", "lookup, run, channel: NAME"),
        ("lookup: who, run: pay", "both 'lookup' and 'run'", "write one of"),
        ("lookup: wo", "no lookup 'wo'", "'who'"),
        ("lookup: pay", "no lookup 'pay'", ""),
        ("run: who", "no run 'who'", ""),
        ("lookup: who, hours: nigt", "no opening hours 'nigt'", "'night'"),
        (
            "lookup: who, outcome: declined",
            "a lookup does not end with 'declined'",
            "known: failed, not_found",
        ),
        ("channel: sms, outcome: not_found", "a message does not end with 'not_found'", "failed"),
        ("lookup: who, outcome: timeout", "does not end with 'timeout'", ""),
        ("lookup: who, from: 2026-12-02T00:00, until: 2026-12-01T00:00", "ends before it begins", "later"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(fault: str, said: str, cure: str) -> None:
    with pytest.raises(AuthorError) as refused:
        center(f"f: {{ {fault} }}")
    problem = refused.value.problems[0]
    assert said in str(problem)
    assert cure in str(problem)
