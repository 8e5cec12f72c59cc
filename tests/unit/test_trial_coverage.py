"""Coverage: what can be met of a flow, and that facts say of each thing when it was."""

from pathlib import Path

import pytest

from ivr.core.flow.model import Step
from ivr.language import load_center, load_sources
from ivr.language.marks import marks_of
from ivr.language.said import nodes_of
from ivr.language.trials import load_trials
from ivr.trial.coverage import Coverage, FlowCoverage, total
from ivr.trial.virtual import play

ROOT = Path(__file__).parents[2]

CENTER = """
center: Shop
numbers: { shop: main }
data: { customer: { phone: text, price: money, kind: text } }
queues: { desk: { max_wait: 1m, max_length: 1 } }
agents: { ann: { queues: [desk] } }
world:
  tables: { customers: [{ phone: "1", kind: gold, price: 10 }] }
  lookups: { who: { args: { phone: text }, from: customers, match: { phone: phone }, into: customer } }
"""
MAIN = """
flow: main
start: hello
vars: { code: text }
on:
  operator: people
  error: { say: "Sorry." , on: {} }
  hangup: { log: "gone" }
  keys: { 7: bye }
  silence: { say: "Nothing heard." }
states:
  hello:
    on:
      failed: people
      invalid: { say: "No such key." }
    steps:
      - lookup: who
        with: { phone: caller.number }
        timeout: 1s
        on: { not_found: [{ say: "Unknown." }] }
      - switch: customer.kind
        cases: { gold: { say: "Gold." }, silver: menu }
        else: menu
      - goto: menu
  menu:
    - menu: "Menu."
      choices:
        1: { label: "One", steps: [{ say: "One it is." }] }
        2: { label: "Two", goto: below }
        3: { label: "Again", repeat: true }
        4: { label: "Four", steps: [{ say: "Four." }] }
      on: { give_up: bye }
    - if: customer.price > 5
      then: { say: "Dear." }
    - chance:
        - { weight: 1, label: a, then: { say: "A." } }
        - { weight: 1, label: b }
    - ask: "Code."
      digits: 2
      into: code
      skip_key: star
      on: { skipped: bye, silence: { say: "A code, please." } }
    - goto: bye
  below:
    - call: sub
      on: { good: bye, bad: [{ say: "Bad." }, { goto: bye }] }
  people:
    - queue: desk
      on: { timeout: bye }
    - goto: bye
  bye:
    - say: "Bye."
    - hangup
"""
SUB = """
flow: sub
start: offer
returns: [good, bad]
states:
  offer:
    - offer: stay
      steps: [{ percent: 10 }, { percent: 20, when: customer.price > 50 }]
      say: "Stay for {{ offer.price | money }}."
      on: { accepted: yes, exhausted: leave }
  yes:
    - return: good
  leave:
    - menu: "Sure?"
      choices:
        1: { label: "Yes", return: bad }
        2: { label: "No", goto: yes }
"""
MAIN = MAIN.replace('  error: { say: "Sorry." , on: {} }\n', "  error: bye\n")


@pytest.fixture
def center(tmp_path: Path) -> Path:
    for name, text in (("center.yaml", CENTER), ("main.flow.yaml", MAIN), ("sub.flow.yaml", SUB)):
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def met(center: Path, *tests: str) -> set[str]:
    """What these tests meet, by what it is."""
    for number, text in enumerate(tests):
        body = text if text.startswith("flow:") else f"dials: shop\n{text}"
        (center / f"{number}.test.yaml").write_text(
            f"test: t\n{body}\nexpect: {{ never_hears: nothing }}\n", "utf-8"
        )
    trials = load_trials([center / f"{number}.test.yaml" for number in range(len(tests))])
    coverage = Coverage(trials[0].center)
    for trial in trials:
        played = play(trial)
        assert played.caller.failure is None, played.caller.failure
        coverage.add(played.facts)
    missed = {mark for flow in coverage.result() for mark in flow.missed}
    return {
        f"{mark.flow}:{mark.what}"
        for flow in coverage.flows.values()
        for mark in flow.all
        if mark not in missed
    }


@pytest.mark.parametrize("folder", ["flows/northlight", "flows/examples"])
def test_every_step_that_runs_is_known_by_its_path(folder: str) -> None:
    sources = {
        path.name: path.read_text("utf-8")
        for path in (ROOT / folder).glob("*.yaml")
        if ".test." not in path.name
    }
    center = load_sources(sources) if "examples" in folder else load_center(ROOT / folder)
    marks = marks_of(center.flows)
    for name, flow in center.plan.flows.items():
        for node in nodes_of(flow):
            if (
                isinstance(node, Step)
                and node.path != "end"
                and ".choices." not in node.path
                and node.flow == name
            ):
                path = node.path
                known = marks[name].steps.get((node.state, path))
                inside_a_miss = (
                    ".on.silence." in path or ".on.invalid." in path or path.startswith("operator")
                )
                assert (
                    inside_a_miss or node.verb == "hangup" or (known is not None and known.verb == node.verb)
                ), path


WHO = 'from: "1"\n'
KEYS = "caller: [{{ hears: Menu, press: {0} }}]"

CASES = {
    "a state, a case, and the steps of an `if`": (
        WHO + KEYS.format("1"),
        {"main:state hello", "main:switch: gold", "main:menu: key 1", "main:if: then", "main:state menu"},
        {
            "main:menu: key 2",
            "main:if: the condition does not hold",
            "main:switch: else",
            "main:lookup: on: not_found",
        },
    ),
    "the other way of an `if`, and an outcome": (
        KEYS.format("4"),
        {
            "main:lookup: on: not_found",
            "main:switch: else",
            "main:menu: key 4",
            "main:if: the condition does not hold",
        },
        {"main:if: then", "main:switch: gold"},
    ),
    "an outcome of the state": (
        "mock: { who: failed.network }\ncaller: [{ waits: 10s }]",
        {"main:state hello: on: failed", "main:state people", "main:queue: on: timeout"},
        {"main:lookup: on: not_found", "main:on: operator"},
    ),
    "a timeout that is a failure": (
        "mock: { who: timeout }\ncaller: [{ waits: 10s }]",
        {"main:state hello: on: failed"},
        set(),
    ),
    "silence of the flow, and giving up": (
        "caller: [{ hears: Menu }]",
        {"main:on: silence", "main:menu: on: give_up"},
        {"main:ask: on: silence", "main:on: operator"},
    ),
    "silence of a step is not that of the flow": (
        KEYS.format("1").replace("}]", "}, { hears: 'A code, please.' }, hangs_up]"),
        {"main:ask: on: silence", "main:on: hangup"},
        {"main:on: silence"},
    ),
    "repeating and the operator's key": (
        "caller: [{ hears: Menu, press: 3 }, { hears: Menu, press: 0 }]",
        {"main:menu: key 3", "main:on: operator"},
        {"main:menu: on: give_up"},
    ),
    "a key of the flow": (KEYS.format("7"), {"main:on: keys: 7", "main:state bye"}, {"main:on: operator"}),
    "a skipped question": (
        KEYS.format("1").replace("}]", "}, { hears: Code, press: star }]"),
        {"main:ask: on: skipped"},
        {"main:ask: on: silence"},
    ),
    "an offer that is accepted, and what the flow returns": (
        WHO + KEYS.format("2").replace("}]", "}, { hears: Stay, press: 1 }]"),
        {"sub:offer stay: step 1", "sub:offer: on: accepted", "sub:state yes", "main:call: on: good"},
        {"sub:offer stay: step 2", "sub:offer: on: exhausted", "main:call: on: bad"},
    ),
    "every offer declined, and a choice that returns": (
        WHO
        + "customer: { price: 60 }\n"
        + KEYS.format("2").replace(
            "}]", "}, { hears: Stay, press: 2 }, { hears: Stay, press: 2 }, { hears: Sure, press: 1 }]"
        ),
        {"sub:offer stay: step 2", "sub:offer: on: exhausted", "sub:menu: key 1", "main:call: on: bad"},
        {"sub:menu: key 2", "main:call: on: good"},
    ),
    "giving up in a flow below leads to the operator above": (
        WHO + KEYS.format("2").replace("}]", "}, { hears: Stay }]"),
        {"main:on: operator", "main:state people", "main:on: silence"} - {"main:on: silence"},
        {"main:menu: on: give_up"},
    ),
    "an error of the flow": (
        "waiting: { desk: 1 }\n" + KEYS.format("0"),
        {"main:on: operator", "main:on: error"},
        {"main:queue: on: timeout"},
    ),
    "a flow tested by itself": (
        "flow: sub\ncustomer: { price: 10 }\ncaller: [{ hears: Stay, press: 1 }]",
        {"sub:state offer", "sub:offer: on: accepted"},
        {"main:state hello", "main:call: on: good"},
    ),
}


@pytest.mark.parametrize(("test", "there", "not_there"), CASES.values(), ids=CASES.keys())
def test_what_is_met(center: Path, test: str, there: set[str], not_there: set[str]) -> None:
    found = met(center, test)
    assert there <= found, there - found
    assert found.isdisjoint(not_there), found & not_there


def test_chance_is_met_both_ways_by_two_seeds(center: Path) -> None:
    found = met(center, *(f'seed: "{seed}"\n{KEYS.format("1")}' for seed in range(8)))
    assert {"main:chance: a", "main:chance: b"} <= found


def test_what_was_missed_has_its_line(center: Path) -> None:
    coverage = Coverage(load_center(center))
    lines = (center / "main.flow.yaml").read_text("utf-8").split("\n")
    words = {
        "menu: key 2": "2: {",
        "if: then": "then:",
        "switch: gold": "gold:",
        "on: operator": "operator:",
        "state below": "below:",
    }
    missed = {mark.what: mark for flow in coverage.result() if flow.flow == "main" for mark in flow.missed}
    for what, word in words.items():
        assert word in lines[missed[what].line - 1], what
        assert missed[what].file == str(center / "main.flow.yaml")


def test_percentages() -> None:
    assert FlowCoverage("a", 1, 4, ()).percent == 25
    assert FlowCoverage("a", 0, 0, ()).percent == 100
    assert total([FlowCoverage("a", 1, 4, ()), FlowCoverage("b", 4, 4, ())]).percent == 62.5
