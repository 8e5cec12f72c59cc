"""Callers who hear how long the wait will be, and callers who complain."""

from collections.abc import Callable
from typing import Any

import pytest

from ivr.core import facts
from ivr.core.chance import unit
from ivr.core.facts import Fact
from ivr.core.time import HOUR, MINUTE, SECOND
from ivr.errors import AuthorError
from ivr.language import Center, load_sources
from ivr.people.persons import comes_again
from ivr.people.script import HearsWait
from ivr.sim import House
from ivr.sim.replicate import Job, simulate

TELLS = '{ at: start, say: "You will wait {{ queue.wait | minutes }}." }'
SILENT = '{ at: start, say: "You are number {{ queue.position }}; wait." }'

CENTER = """
center: Shop
numbers: { "1": line, "2": desk }
queues: { line: { MAX short_abandon: 1s, announce: [ANNOUNCE] }, desk: {} }
agents:
  ada: { queues: [line] }
  bo: { queues: [desk] }
"""
LINE = """
flow: line
start: wait
states:
  wait:
    - queue: line
      on: { timeout: sorry }
    - hangup
  sorry: [{ say: "Nobody is free." }, hangup]
"""
DESK = """
flow: desk
start: ask
states:
  ask:
    - menu: "The desk."
      choices: { 1: { label: "To complain", goto: wait }, 2: { label: "Anything else", goto: bye } }
  wait: [{ queue: desk }, hangup]
  bye: [hangup]
"""
PEOPLE = """
agents: { default: { talks: TALKS } }
callers:
  arrivals: { rate: RATE }
  kinds:
    - { name: asks, share: 1, dials: "1", thinks: 2s, KIND }
"""


def center(
    kind: str, *, announce: str = TELLS, rate: str = "90/h", talks: str = "1m", limit: str = ""
) -> Center:
    return load_sources(
        {
            "center.yaml": CENTER.replace("ANNOUNCE", announce).replace("MAX", limit),
            "line.flow.yaml": LINE,
            "desk.flow.yaml": DESK,
            "shop.people.yaml": PEOPLE.replace("KIND", kind).replace("RATE", rate).replace("TALKS", talks),
        }
    )


def run(made: Center, calls: int = 100, seed: str = "1") -> list[Fact]:
    told: list[Fact] = []
    House(made, seed, told.append).run(6 * HOUR, calls)
    return told


def of(told: list[Fact], kind: type[Fact], **wanted: Any) -> list[Any]:
    return [
        fact
        for fact in told
        if type(fact) is kind and all(getattr(fact, name) == value for name, value in wanted.items())
    ]


def lines(told: list[Fact]) -> dict[int, str]:
    return {fact.call: fact.line for fact in of(told, facts.CallStarted)}


def announced_ms(told: list[Fact], call: int) -> int:
    """What the first announcement of a call's wait told."""
    return int(of(told, facts.WaitAnnounced, call=call)[0].estimate_ms)


def heard_at(told: list[Fact], call: int) -> int:
    return int(of(told, facts.PromptHeard, call=call, ended="finished")[0].at)


# Announced waits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hears", "wait_ms", "left_ms", "too_long"),
    [
        (HearsWait(), 60_001, 60_000, True),
        (HearsWait(), 60_000, 60_000, False),
        (HearsWait(times=2), 120_000, 60_000, False),
        (HearsWait(times=2), 120_001, 60_000, True),
        (HearsWait(over_ms=300_000), 300_000, 1, False),
        (HearsWait(over_ms=300_000), 300_001, 900_000, True),
    ],
)
def test_what_is_too_long(hears: HearsWait, wait_ms: int, left_ms: int, too_long: bool) -> None:
    assert hears.too_long(wait_ms, left_ms) is too_long


def test_who_hears_of_a_wait_beyond_their_patience_balks_and_who_stays_is_as_patient_as_before() -> None:
    """With `balks: 100%` nobody who joins the queue leaves for any other reason than the announcement (Whitt 1999)."""
    patience_ms = 4 * MINUTE
    told = run(center("patience: 4m, hears_wait: { balks: 100% }"))
    gone = of(told, facts.QueueLeft, outcome="abandoned")
    assert len(gone) > 10
    for fact in gone:
        at = heard_at(told, fact.call)
        since = of(told, facts.CallQueued, call=fact.call)[0].at
        assert announced_ms(told, fact.call) > patience_ms - (at - since)
        assert fact.at == at + 2 * SECOND, "after having thought"
    for fact in of(told, facts.QueueLeft, outcome="answered"):
        if of(told, facts.WaitAnnounced, call=fact.call):
            assert announced_ms(told, fact.call) <= patience_ms


def test_an_announcement_that_tells_no_wait_changes_nothing() -> None:
    plain = run(center("patience: 4m", announce=SILENT))
    assert of(plain, facts.QueueLeft, outcome="abandoned")
    assert run(center("patience: 4m, hears_wait: { balks: 100%, calms: 3 }", announce=SILENT)) == plain


def test_an_announcement_that_is_not_heard_out_changes_nothing() -> None:
    """The agent is free again before anybody has heard the whole text."""
    long = TELLS.replace("You will", f"{'Well, ' * 400} you will")
    plain = run(center("patience: 90s", announce=long, talks="10s", rate="300/h"))
    assert of(plain, facts.WaitAnnounced)
    assert (
        run(center("patience: 90s, hears_wait: { balks: 100% }", announce=long, talks="10s", rate="300/h"))
        == plain
    )


def test_a_share_balks_and_always_the_same_callers() -> None:
    told = run(center("patience: 10h, hears_wait: { balks: 40%, over: 1s }"), calls=400)
    mine = lines(told)
    balked = {mine[fact.call] for fact in of(told, facts.QueueLeft, outcome="abandoned")}
    asked = {mine[fact.call] for fact in of(told, facts.WaitAnnounced)}
    wanted = {line for line in asked if unit("1", "caller/balk", int(line.removeprefix("s-"))) < 0.4}
    assert balked == wanted
    assert abs(len(balked) - 0.4 * len(asked)) < 4 * (0.24 * len(asked)) ** 0.5


def test_who_does_not_balk_at_too_long_a_wait_leaves_when_their_patience_ends() -> None:
    told = run(center("patience: 4m, hears_wait: { balks: 30% }"))
    gone = of(told, facts.QueueLeft, outcome="abandoned")
    waits = {fact.waited_ms for fact in gone}
    assert 4 * MINUTE in waits
    assert min(waits) < MINUTE


def test_a_short_wait_makes_more_patient_once() -> None:
    """Told at once and every minute again: when it is short for the first time, what is left of four minutes doubles."""
    again = f'{TELLS}, {{ every: 60s, say: "Still {{{{ queue.wait | minutes }}}}." }}'
    kind = "patience: 4m, hears_wait: { balks: 0%, calms: 2, over: 15m }"
    told = run(center(kind, announce=again, talks="30m"), calls=20)
    gone = of(told, facts.QueueLeft, outcome="abandoned")
    assert len(gone) > 10
    for fact in gone:
        since = of(told, facts.CallQueued, call=fact.call)[0].at
        heard = [
            prompt.at - since for prompt in of(told, facts.PromptHeard, call=fact.call, ended="finished")
        ]
        told_ms = [announced.estimate_ms for announced in of(told, facts.WaitAnnounced, call=fact.call)]
        short = [at for at, wait_ms in zip(heard, told_ms, strict=False) if wait_ms <= 15 * MINUTE]
        assert fact.waited_ms == (4 * MINUTE + (4 * MINUTE - short[0] if short else 0))
    assert {fact.waited_ms > 4 * MINUTE for fact in gone} == {True, False}


def test_the_patience_of_one_wait_does_not_end_another() -> None:
    """Who is transferred to a second queue is as patient there as in the first."""
    made = center("patience: 5m")
    told: list[Fact] = []
    house = House(made, "1", told.append)
    cast = house.cast
    heard: list[Any] = []
    later: Callable[..., None] = house.driver.later
    cast._post = heard.append  # type: ignore[assignment]
    cast.call(made_kind(made), "", 1)
    cast.queued("s-1", "line", 1, None)
    later(MINUTE, lambda _: cast.bridge("s-1", "a-somebody"), None)
    later(3 * MINUTE, lambda _: cast.queued("s-1", "desk", 1, None), None)
    house.driver.run(8 * MINUTE - 1)
    assert [type(event).__name__ for event in heard] == ["CallArrived"]
    house.driver.run(8 * MINUTE)
    assert [type(event).__name__ for event in heard] == ["CallArrived", "LineEnded"]


def made_kind(made: Center) -> Any:
    from ivr.people.casting import cast_script

    return cast_script(made).kinds[0]


# Complaints -----------------------------------------------------------------------------------------------------

COMPLAINS = 'complains: { share: 50%, MORE dials: "2", wants: "complain", in: 10m }'


def complaints(told: list[Fact]) -> dict[str, Any]:
    """Calls to complain by the person who makes them."""
    return {
        fact.line.removesuffix("c"): fact
        for fact in of(told, facts.CallStarted)
        if comes_again(fact.line) == "complaint"
    }


def test_of_those_who_gave_up_a_share_calls_another_number_with_another_wish() -> None:
    told = run(center("patience: 2m, " + COMPLAINS.replace("MORE", "")))
    mine = lines(told)
    gone = {mine[fact.call]: fact for fact in of(told, facts.QueueLeft, outcome="abandoned")}
    found = complaints(told)
    assert set(found) == {line for line in gone if unit("1", "caller/complain", int(line[2:])) < 0.5}
    for line, call in found.items():
        assert call.number == "2"
        assert call.at == gone[line].at + 10 * MINUTE
        assert of(told, facts.KeyHeard, call=call.call)[0].key == "1"


@pytest.mark.parametrize(
    ("more", "outcomes"),
    [
        ("after: [abandoned],", {"abandoned"}),
        ("after: [turned_away],", {"timeout"}),
        ("after: [], waited: 30s,", {"abandoned", "timeout", "answered"}),
    ],
)
def test_what_bad_treatment_is(more: str, outcomes: set[str]) -> None:
    kind = "patience: { law: uniform, low: 10s, high: 3m }, " + COMPLAINS.replace("MORE", more)
    told = run(center(kind, limit="max_wait: 1m,"))
    mine = lines(told)
    left = {mine[fact.call]: fact for fact in of(told, facts.QueueLeft, queue="line")}
    found = complaints(told)
    assert {left[line].outcome for line in found} == outcomes
    if "waited" in more:
        assert min(left[line].waited_ms for line in found) > 30 * SECOND


def test_who_calls_again_complains_once_and_who_complains_does_not_complain_of_that() -> None:
    kind = "patience: 30s, redials: 100%, redials_after: 1m, complains: { share: 100%, in: 1m }"
    told = run(center(kind, talks="3h"), calls=5)
    again = [comes_again(fact.line) for fact in of(told, facts.CallStarted)]
    mine = lines(told)
    gone = [mine[fact.call] for fact in of(told, facts.QueueLeft, outcome="abandoned")]
    persons = {line.split("-")[1].removesuffix("c") for line in gone}
    assert len(persons) == 4, "the first one is answered"
    assert sum(fact.line.endswith("c") for fact in of(told, facts.CallStarted)) == 4
    assert again.count("redial") > 20


def test_who_complains_does_not_talk_of_their_first_matter_again() -> None:
    """With agents who go by a script: who redials says what they want once more, who complains talks of something else."""
    says = 'conversation: { wants: repair, says: "It broke." }'
    kind = f"patience: 2m, redials: 100%, {says}, " + COMPLAINS.replace("MORE", "")
    sources = dict(center(kind).sources)
    script = 'scripts: { clerk: { otherwise: [{ waits: 1m }, { settles: it, says: "Done." }] } }\n'
    people = sources["shop.people.yaml"].replace("talks: 1m", "talks: 1m, script: clerk")
    told = run(load_sources(sources | {"shop.people.yaml": people + script}))
    of_line = {call: comes_again(line) for call, line in lines(told).items()}
    talked = {of_line[fact.call] for fact in of(told, facts.TalkEnded)}
    assert talked == {"", "redial", "complaint"}
    assert {of_line[fact.call] for fact in of(told, facts.Said, act="wants")} == {"", "redial"}


def test_who_is_to_be_called_back_was_not_turned_away() -> None:
    queue = "queue: line\n      callback: { after: 0s, key: 1, say: Press 1. }\n      on: { callback: back, timeout: sorry }"
    sources = dict(
        center(
            "patience: 2m, leaves_callback: 100%, " + COMPLAINS.replace("MORE", "after: [turned_away],")
        ).sources
    )
    sources["line.flow.yaml"] = (
        LINE.replace("queue: line\n      on: { timeout: sorry }", queue) + "  back: [hangup]\n"
    )
    told = run(load_sources(sources))
    assert len(of(told, facts.QueueLeft, outcome="callback")) > 10
    assert complaints(told) == {}


def test_the_simulator_counts_who_calls_again() -> None:
    kind = "patience: 1m, redials: 50%, " + COMPLAINS.replace("MORE", "")
    sheet = simulate(Job.of(center(kind), 4 * HOUR), "1")
    assert sheet.again["redial"] > 10
    assert sheet.again["complaint"] > 10
    assert sheet.calls > sum(sheet.again.values())


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("s-12", ""),
        ("s-12-2", "redial"),
        ("s-12c", "complaint"),
        ("s-12c-3", "complaint"),
        ("p-4", ""),
        ("", ""),
    ],
)
def test_why_somebody_calls_is_in_the_name_of_the_line(line: str, why: str) -> None:
    assert comes_again(line) == why


# What authors are told --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("hears_wait: { times: 2, over: 5m, balks: 1% }", "value", "cannot both say"),
        ("hears_wait: {}", "value", "nobody does anything"),
        ("hears_wait: { balks: 50%, times: 0 }", "value", "0.1 to 100"),
        ("complains: { share: 20%, after: [] }", "value", "nothing is complained about"),
        ("complains: { share: 20%, after: [bored] }", "value", "abandoned or turned_away"),
        ('complains: { share: 20%, dials: "3" }', "unknown-number", "no number '3'"),
        ('complains: { share: 20%, dials: "2", wants: refunds }', "wants", "no label"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(kind: str, code: str, words: str) -> None:
    people = PEOPLE.replace("KIND", kind).replace("RATE", "1/h").replace("TALKS", "1m")
    sources = {
        "center.yaml": CENTER.replace("ANNOUNCE", TELLS).replace("MAX", ""),
        "line.flow.yaml": LINE,
        "desk.flow.yaml": DESK,
        "shop.people.yaml": people,
    }
    try:
        found: list[Any] = list(load_sources(sources).warnings)
    except AuthorError as error:
        found = list(error.problems)
    assert [(problem.file, problem.line) for problem in found] == [("shop.people.yaml", 6)]
    assert words in found[0].message + found[0].hint
    assert code in found[0].code


def test_it_is_doubted_that_callers_hear_what_nobody_says() -> None:
    kind = "hears_wait: { balks: 50% }"
    assert center(kind).warnings == ()
    assert [warning.code for warning in center(kind, announce=SILENT).warnings] == ["unheard"]
