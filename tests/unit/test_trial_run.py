"""Tests of authors in virtual time: what a test may set, what it may expect, and how it fails."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.core.facts import CallStarted
from ivr.language.trials import Trial, load_trials
from ivr.trial.report import failure_text
from ivr.trial.run import Result, run_trial
from ivr.trial.virtual import play

CENTER = """
center: Shop
starts: 2026-11-23T09:00
numbers: { shop: main }
hours: { office: { daily: 08:00..20:00 } }
data:
  customer: { name: text, phone: text, points: integer, language: { type: text, default: en } }
  weather: { rain: { type: boolean, default: false } }
queues:
  desk: { max_wait: 10m, hours: office }
  bills: {}
agents:
  ann: { queues: [desk, bills] }
  bob: { queues: [desk] }
world:
  tables:
    customers:
      - { phone: "1", name: Ada, points: 5 }
      - { phone: "2", name: Bob, points: 7 }
  lookups:
    who: { args: { phone: text }, from: customers, match: { phone: phone }, into: customer, takes: 300ms, fails: 100% }
  runs:
    give:
      args: { points: integer }
      row: { from: customers, match: { phone: caller } }
      sets: { points: row.points + args.points }
      gives: { number: number + 100 }
      result: { number: integer }
      into: customer
      declined: 100%
"""
FLOW = """
flow: main
start: hello
returns: [done, tired]
vars: { code: text, chance: text }
states:
  hello:
    - hours: office
      on: { closed: night }
    - lookup: who
      with: { phone: caller.number }
      on: { not_found: nobody, failed: nobody }
    - say: { en: "Hello {{ customer.name }}, you have {{ customer.points }} points.", ru: "Привет, {{ customer.name }}." }
    - goto: choose
  nobody:
    - say: "Hello, whoever you are."
    - goto: choose
  choose:
    - if: weather.rain
      then: { say: "It rains." }
    - menu: "What now?"
      choices:
        1: { label: "For points", goto: points }
        2: { label: "For the desk", speech: [desk], goto: desk }
        3: { label: "For a code", goto: code }
        4: { label: "For luck", goto: luck }
      on: { give_up: tired }
  points:
    - run: give
      with: { points: 10 }
      timeout: 5s
      on: { declined: tired, failed: tired, timeout: tired }
    - say: "Now {{ customer.points }}, number {{ result.number }}."
    - return: done
  desk:
    - queue: desk
      on: { timeout: tired, closed: night }
    - return: done
  code:
    - ask: "Your code."
      digits: 4
      into: code
      on: { give_up: tired }
    - return: done
  luck:
    - chance:
        - { weight: 1, label: a, then: { say: "Heads." } }
        - { weight: 1, label: b, then: { say: "Tails." } }
    - return: done
  tired:
    - return: tired
  night:
    - say: "We sleep."
    - hangup
"""

Make = Callable[[str], Trial]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    (tmp_path / "center.yaml").write_text(CENTER, "utf-8")
    (tmp_path / "main.flow.yaml").write_text(FLOW, "utf-8")

    def of(text: str) -> Trial:
        body = textwrap.dedent(text).lstrip("\n")
        head = "test: t\n" + "dials: shop\n" * (not body.startswith("flow:"))
        (tmp_path / "t.test.yaml").write_text(head + body, "utf-8")
        return load_trials([tmp_path / "t.test.yaml"])[0]

    return of


def passes(result: Result) -> bool:
    assert not result.failures, failure_text(result)
    return True


PASSING = {
    "what is known of the caller is found by lookups": """
        from: "9"
        customer: { name: Zoe, points: 1 }
        mock: { who: ok }
        caller: [{ hears: "Hello Zoe, you have 1 points." }]
    """,
    "what is not said of a known caller stays": """
        from: "1"
        customer: { points: 99 }
        mock: { who: ok }
        caller: [{ hears: "Hello Ada, you have 99 points." }]
    """,
    "the language is that of the caller": """
        from: "1"
        customer: { language: ru }
        mock: { who: ok }
        caller: [{ hears: "Привет, Ada." }]
    """,
    "a call that begins in a flow is spoken in the caller's language": """
        flow: main
        customer: { language: ru }
        mock: { who: { result: { name: Ada } } }
        caller: [{ hears: "Привет, Ada." }]
    """,
    "roots that no lookup fills are known from the beginning": """
        data: { weather: { rain: true } }
        caller: [{ hears: "It rains." }]
    """,
    "rows are added, and changed by their key": """
        from: "3"
        tables: { customers: [{ phone: "3", name: Cleo }, { phone: "1", points: 6 }] }
        mock: { who: ok }
        caller: [{ hears: "Hello Cleo, you have 0 points." }]
    """,
    "a lookup that succeeds by chance only can be made to": """
        from: "2"
        mock: { who: { takes: 2s } }
        caller: [{ hears: "Hello Bob" }]
        expect: { duration: { above: 2s } }
    """,
    "a lookup answers what is written": """
        from: "2"
        mock: { who: { result: { name: Max, points: 3 } } }
        caller: [{ hears: "Hello Max, you have 3 points." }]
    """,
    "a lookup finds nobody": """
        mock: { who: not_found }
        caller: [{ hears: "whoever you are" }]
    """,
    "a run does what it does, without its chance": """
        from: "1"
        mock: { who: ok, give: ok }
        caller: [{ hears: "What now?", press: 1 }]
        expect: { outcome: done, hears: "Now 15, number 101." }
    """,
    "a run answers what is written": """
        mock: { give: { outcome: ok, result: { points: 77, number: 5 }, takes: 2s } }
        caller: [{ hears: "What now?", press: 1 }, { hears: "Now 77, number 5.", within: 3s }]
    """,
    "a run is declined": """
        mock: { give: declined }
        caller: [{ hears: "What now?", press: 1 }]
        expect: { outcome: tired, metrics: { errors: 0 } }
    """,
    "a run never answers": """
        mock: { give: timeout }
        caller: [{ hears: "What now?", press: 1 }]
        expect: { outcome: tired, duration: { at_least: 5s } }
    """,
    "a call begins at its clock": """
        clock: 2026-11-23T21:00
        caller: [{ hears: "We sleep." }]
        expect: { ended: flow_hung_up, states: { exactly: [hello, night] } }
    """,
    "opening hours are those of the test": """
        hours: { office: { daily: 00:00..24:00 } }
        clock: 2026-11-23T21:00
        caller: [{ hears: "whoever you are" }, hangs_up]
    """,
    "nobody is there unless a test says so": """
        caller: [{ hears: "What now?", press: 2 }, { waits: 10m }]
        expect: { outcome: tired, queue: { desk: timeout, bills: never }, metrics: { wait: 10m } }
    """,
    "an agent of a queue serves that queue only": """
        agents: { bills: 1 }
        caller: [{ hears: "What now?", press: 2 }]
        expect: { queue: { desk: timeout } }
    """,
    "an agent by name serves all their queues": """
        agents: { ann: { answers_after: 5s, talks: 90s } }
        caller: [{ hears: "What now?", press: 2 }, { talks_to: ann }]
        expect: { outcome: done, queue: { desk: answered }, metrics: { wait: 5s, talk: 90s } }
    """,
    "an agent comes later": """
        agents: { bob: { comes_after: 3m } }
        caller: [{ hears: "What now?", press: 2 }, { talks_to: bob }, { talks: 10s }, hangs_up]
        expect: { ended: caller_hung_up, metrics: { time_to_person: { at_least: 3m, below: 4m }, talk: { at_most: 11s } } }
    """,
    "agents who let it ring": """
        agents: { desk: { ready: 1, answers: false }, bob: { comes_after: 1m } }
        caller: [{ hears: "What now?", press: 2 }, { talks_to: bob }]
        expect: { metrics: { wait: { above: 45s } } }
    """,
    "those who wait already are served first": """
        waiting: { desk: 2 }
        agents: { desk: { ready: 1, talks: 60s, answers_after: 0s } }
        caller: [{ hears: "What now?", press: 2 }, { talks_to: anybody }]
        expect: { metrics: { time_to_person: { at_least: 120s, below: 150s } } }
    """,
    "a test may begin in a flow": """
        flow: main
        from: "1"
        customer: { points: 42 }
        caller: [{ hears: "whoever" }, { hears: "What now?", press: 3 }, { hears: "code", press: 1234 }]
        expect: { outcome: done, variables: { code: "1234" }, metrics: { keys: 5 } }
    """,
    "words do what keys do": """
        agents: { desk: 1 }
        caller: [{ hears: "What now?", say: desk }, talks_to: anybody]
    """.replace("talks_to: anybody", "{ talks_to: anybody }"),
    "a state is reached in time": """
        caller: [{ hears: "What now?", press: 3, at_once: true }]
        expect: { reaches: { code: { below: 5s }, main.code: { above: 1s } }, metrics: { misses: 3 } }
    """,
}


@pytest.mark.parametrize("text", PASSING.values(), ids=PASSING.keys())
def test_a_test_may_set(make: Make, text: str) -> None:
    assert passes(run_trial(make(text)))


FAILING = {
    "expect: { outcome: done }": ("outcome done", "was: tired"),
    "expect: { ended: caller_hung_up }": ("ended caller_hung_up", "was: flow_hung_up"),
    "expect: { variables: { code: 1 } }": ("variable code: 1", "was: empty"),
    "expect: { states: [choose, hello] }": ("the state hello after choose", "was: hello -> nobody -> choose -> tired"),
    "expect: { states: code }": ("the state code", "was: hello -> nobody -> choose -> tired"),
    "expect: { states: { includes: [code] } }": ("the state code", "was: hello -> nobody -> choose -> tired"),
    "expect: { states: { exactly: [hello, choose] } }": ("states exactly hello -> choose", "was: hello -> nobody -> choose -> tired"),
    "expect: { states: { never: [main.choose] } }": ("never the state main.choose", "was: hello -> nobody -> choose -> tired"),
    "expect: { reaches: { choose: { below: 1s } } }": ("reaches choose below 1s", "was: 1s943ms"),
    "expect: { reaches: { code: { below: 1s } } }": ("reaches code below 1s", "that never happened"),
    "expect: { hears: It rains. }": ('hears "It rains."', "it was never said"),
    "expect: { never_hears: [whoever YOU are] }": ('never hears "whoever YOU are"', 'heard: "Hello, whoever you are."'),
    "expect: { queue: { desk: answered } }": ("queue desk: answered", "was: never"),
    "expect: { metrics: { misses: { above: 3 } } }": ("misses above 3", "was: 3"),
    "expect: { metrics: { misses: { at_most: 2 } } }": ("misses at most 2", "was: 3"),
    "expect: { metrics: { misses: { at_least: 4 } } }": ("misses at least 4", "was: 3"),
    "expect: { metrics: { misses: { is: 2 } } }": ("misses 2", "was: 3"),
    "expect: { metrics: { time_to_person: { below: 1m } } }": ("time_to_person below 1m", "that never happened"),
    "expect: { metrics: { keys: 1 } }": ("keys 1", "was: 0"),
    "expect: { metrics: { prompts_s: { below: 2 } } }": ("prompts_s below 2s", "was: "),
    "expect: { duration: { above: 2h } }": ("duration above 2h", "was: "),
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), FAILING.items(), ids=FAILING.keys())
def test_what_is_not_as_expected_is_told_with_its_place(make: Make, text: str, told: tuple[str, str]) -> None:
    result = run_trial(make(text))
    assert len(result.failures) == 1, failure_text(result)
    failure = result.failures[0]
    assert (failure.wanted, failure.line) == (f"expected: {told[0]}", 3)
    assert failure.instead.startswith(told[1])
    assert "0:00.0  flow    -> hello" in failure_text(result)


def test_a_failing_step_is_told_and_nothing_else(make: Make) -> None:
    trial = make("""
        caller:
          - { hears: "What now?", press: 2 }
          - { hears: "What now?", within: 20s }
        expect: { outcome: done }
    """)
    result = run_trial(trial)
    assert [(failure.line, failure.wanted) for failure in result.failures] == [(5, 'hears "What now?"')]
    assert failure_text(result).endswith("(the call is over: caller_hung_up)")
    assert result.duration_ms < 60_000, "a caller who failed does not stay"


def test_chance_is_the_seed_s(make: Make) -> None:
    said = set()
    for seed in range(12):
        trial = make(
            f'seed: "{seed}"\ncaller: [{{ hears: "What now?", press: 4 }}]\nexpect: {{ outcome: done }}\n'
        )
        told = [play(trial).caller.story.told() for _ in range(2)]
        assert told[0] == told[1]
        said.add("Heads." in "".join(told[0]))
    assert said == {True, False}


def test_a_caller_without_further_steps_hangs_up_at_last(make: Make) -> None:
    text = CENTER.replace("max_wait: 10m, ", "")
    trial = make('caller: [{ hears: "What now?", press: 2 }]\nexpect: { ended: caller_hung_up }\n')
    folder = trial.center.folder
    assert folder is not None
    (folder / "center.yaml").write_text(text, "utf-8")
    result = run_trial(load_trials([folder / "t.test.yaml"])[0])
    assert passes(result)
    assert 30 * 60_000 <= result.duration_ms < 32 * 60_000


def test_the_center_itself_is_not_changed_by_a_test(make: Make) -> None:
    trial = make(
        'from: "1"\ncustomer: { points: 9 }\nmock: { who: ok, give: ok }\ncaller: [{ hears: "you have 9", within: 9s }]\n'
    )
    before = repr(trial.center.world.tables), dict(trial.center.plan.numbers)
    assert passes(run_trial(trial))
    assert passes(run_trial(trial))
    assert before == (repr(trial.center.world.tables), dict(trial.center.plan.numbers))


def test_the_call_is_one_of_the_real_engine(make: Make) -> None:
    played = play(make('from: "7"\ncaller: [hangs_up]\n'))
    start = played.facts[0]
    assert isinstance(start, CallStarted)
    assert (start.number, start.caller, start.flow) == ("shop", "7", "main")
