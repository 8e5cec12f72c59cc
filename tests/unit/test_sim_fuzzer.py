"""Fuzzing: what random callers break is found, made short, and can be repeated."""

import json
from pathlib import Path

import pytest

from ivr.cli import main
from ivr.language import Center, load_center, load_sources
from ivr.sim.fuzzer import again, ride, shrunk

NORTHLIGHT = Path(__file__).parents[2] / "flows" / "northlight"
CENTER = """\
center: Weak
numbers: { "1": main }
queues: { line: {} }
agents: { anna: { queues: [line] } }
"""
FLOW = """\
flow: main
start: a
states:
  a:
    - menu: "One, or two?"
      choices: { 1: { label: "one", goto: b }, 2: { label: "two", repeat: true } }
      listen: { silence: 5s, tries: 9 }
      on: { give_up: c }
  b:
    - menu: "Three, or four?"
      choices: { 3: { label: "three", goto: weak }, 4: { label: "four", goto: c } }
      listen: { silence: 5s, tries: 9 }
      on: { give_up: c }
  weak: [{ queue: line, max_wait: 5s, on: { full: c, empty: c, closed: c } }, hangup]
  c: [{ say: "Goodbye." }, hangup]
"""
PEOPLE = "agents: { default: { misses: 100% } }\n"


def weak() -> Center:
    """A flow that breaks only for a caller who presses 1, then 3, and then waits."""
    return load_sources({"center.yaml": CENTER, "main.flow.yaml": FLOW, "weak.people.yaml": PEOPLE})


def first_failure(center: Center) -> str:
    return next(str(seed) for seed in range(1, 500) if ride(center, "1", str(seed)).failure)


def test_what_breaks_is_found_and_made_as_short_as_it_can_be() -> None:
    center = weak()
    seed = first_failure(center)
    found = ride(center, "1", seed)
    assert "unhandled.timeout in main / weak" in found.failure
    short = shrunk(center, "1", seed, found)
    assert (short.failure, [act.key for act in short.acts]) == (found.failure, ["1", "3"])


def test_a_ride_is_the_same_every_time_and_without_chance() -> None:
    center = weak()
    seed = first_failure(center)
    first, second = ride(center, "1", seed), ride(center, "1", seed)
    assert (first.acts, first.failure, first.facts) == (second.acts, second.failure, second.facts)
    repeated = again(center, "1", seed, first.acts)
    assert (repeated.acts, repeated.failure, repeated.facts) == (first.acts, first.failure, first.facts)


def test_a_call_that_does_not_end_has_failed() -> None:
    flow = FLOW.replace('say: "Goodbye." }, hangup', "wait: 11h }, hangup")
    center = load_sources({"center.yaml": CENTER, "main.flow.yaml": flow})
    failures = {ride(center, "1", str(seed)).failure for seed in range(1, 60)}
    assert any("does not end" in failure for failure in failures)


def test_random_callers_find_in_the_demo_only_what_exploring_finds_too() -> None:
    """Somebody whom nobody knows cancels a service they do not have; the flow hands them to a person."""
    center = load_center(NORTHLIGHT)
    for seed in range(1, 60):
        for number in ("support", "retention"):
            failure = ride(center, number, str(seed)).failure
            assert not failure or failure.startswith("unhandled.not_found in retention"), (number, seed)


def test_the_command_shows_what_the_caller_did_and_how_to_repeat_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in {"center.yaml": CENTER, "main.flow.yaml": FLOW, "weak.people.yaml": PEOPLE}.items():
        (tmp_path / name).write_text(text, "utf-8")
    assert main(["fuzz", str(tmp_path), "--seeds", "300"]) == 1
    out = capsys.readouterr().out
    assert "s: presses 1\n" in out
    again_line = next(line for line in out.splitlines() if "again: ivr" in line)
    assert main(again_line.partition("again: ivr ")[2].split()) == 1
    assert "unhandled.timeout" in capsys.readouterr().out
    assert main(["fuzz", str(tmp_path), "--seeds", "300", "--json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)
    assert [act["does"] for act in found["acts"]] == ["1", "3"]
    assert main(["fuzz", str(tmp_path), "--seeds", "0"]) == 2


def test_agents_with_a_script_see_the_company() -> None:
    """What they say may depend on it, and what they do is done."""
    center = """\
center: Lab
numbers: { "1": main }
data: { customer: { name: text, debt: money } }
queues: { front: { wrap_up: 1s } }
agents: { tim: { queues: [front] } }
world:
  tables: { customers: [{ name: Ada, debt: 30.00 }] }
  runs: { remind: { args: { name: text }, row: { from: customers, match: { name: name } }, sets: { name: row.name } } }
"""
    flow = """\
flow: main
start: a
states: { a: [{queue: front, on: {timeout: b, full: b, empty: b, closed: b}}, hangup], b: [hangup] }
"""
    people = """\
agents: { tim: { answers_after: 1s, script: asks } }
scripts:
  asks:
    greets:
      - { if: customer.debt > 0, then: [{ says: "You owe us." }] }
      - { does: remind, with: { name: "Ada" }, on: { ok: [{ says: "Done." }, { says: "Goodbye." }] } }
"""
    files = {"center.yaml": center, "main.flow.yaml": flow, "x.people.yaml": people}
    found = again(load_sources(files), "1", "1", [])
    assert found.failure == ""
    failing = people.replace("ok:", "failed:")
    assert found.facts > again(load_sources(files | {"x.people.yaml": failing}), "1", "1", []).facts
