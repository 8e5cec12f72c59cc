"""The people of the simulator on real phones: what becomes of them is what virtual time says."""

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ivr.core import facts
from ivr.core.facts import Fact, call_number
from ivr.language import Center, load_sources
from ivr.load import Call, Crowd, totals
from ivr.people.casting import cast_script
from ivr.people.persons import comes_again
from ivr.sim import House
from ivr.sim.driver import VirtualDriver
from ivr.sim.house import epoch_of
from tests.live.serving import served
from tests.live.test_bad_input import until

SEED = "16247"
SPEED = 20.0
CALLERS = 20
FOR_MS = 480_000

SOURCES = {
    "center.yaml": """
center: Shop
starts: 2026-03-02T09:00
numbers: { shop: shop }
data: { customer: { phone: text, price: money } }
queues:
  help: { wrap_up: 1m, short_abandon: 3s, max_wait: 70s, ring: 15s }
agents:
  ada: { queues: [help] }
  bo:  { queues: [help] }
world:
  tables:
    callers:
"""
    # so many that nobody is called back at a number that is in another call: over sockets that is busy
    + "\n".join(f'      - {{ phone: "+49151{number:07d}", price: 30 }}' for number in range(500)),
    "shop.flow.yaml": """
flow: shop
start: welcome
states:
  welcome:
    - menu: "Welcome to the shop."
      choices:
        1: { label: "For a question", goto: wait }
        2: { label: "To cancel an order", goto: leave }
      on: { silence: { say: "I did not hear a choice." }, give_up: wait }
  leave:
    - offer: stay
      steps: [{ percent: 10 }, { percent: 20 }]
      say: "We can take {{ offer.percent }} percent off."
      keys: { accept: 1, decline: 2 }
      on: { accepted: kept, exhausted: wait, give_up: wait }
  kept: [{ say: "Thank you for staying." }, hangup]
  wait:
    - queue: help
      announce: [{ at: start, say: "You will wait {{ queue.wait | minutes }}." }]
      callback: { after: 20s, key: 1, say: "Press 1 to be called back." }
      on: { callback: book, timeout: message, closed: message, full: message }
    - goto: thanks
  book:
    - callback: help
      to: caller.number
    - hangup
  message:
    - record: "Nobody was free. Leave a message after the tone, then press hash."
      end_key: hash
      max: 1m
    - hangup
  thanks: [{ say: "Goodbye." }, hangup]
""",
    "shop.people.yaml": """
agents:
  ada: { talks: 22s, wraps_up: 3s, answers_after: 1s }
  bo:  { talks: 41s, wraps_up: 5s, answers_after: 1s }
called: { picks_up: 100%, answers_after: 4s }
callers:
  arrivals: { rate: 270/h }
  kinds:
    - name: asks
      share: 4
      dials: shop
      wants: question
      phone_from: callers
      patience: { law: exponential, mean: 60s }
      thinks: { law: uniform, low: 1s, high: 4s }
      knows: 30%
      redials: 70%
      redials_after: { law: uniform, low: 20s, high: 60s }
      complains: { share: 50%, after: [abandoned, turned_away], wants: cancel, in: 30s }
    - name: cancels
      share: 2
      dials: shop
      wants: cancel
      phone_from: callers
      patience: { law: exponential, mean: 60s }
      thinks: { law: uniform, low: 1s, high: 4s }
      accepts_offer: 40%
      hears_wait: { balks: 70%, over: 80s }
      hangs_up_in_menu: 10%
    - name: is called back
      share: 2
      dials: shop
      wants: question
      phone_from: callers
      patience: 4m
      thinks: { law: uniform, low: 1s, high: 4s }
      leaves_callback: 70%
""",
}


class Fate(NamedTuple):
    """What became of a caller's call, whenever it was."""

    visits: tuple[tuple[str, str], ...]
    reason: str
    keys: tuple[tuple[str, str], ...]
    states: tuple[str, ...]


def fates(told: list[Fact], line_of: Callable[[facts.CallStarted], str]) -> dict[str, Fate]:
    """Each caller's fate by the name of their line in the cast."""
    lines = {fact.call: line_of(fact) for fact in told if isinstance(fact, facts.CallStarted)}
    mine: dict[int, list[Any]] = {call: [] for call in lines}
    for fact in told:
        mine.get(getattr(fact, "call", 0), []).append(fact)
    return {line: _fate(mine[call]) for call, line in lines.items()}


def _fate(mine: list[Any]) -> Fate:
    return Fate(
        tuple((fact.queue, fact.outcome) for fact in mine if isinstance(fact, facts.QueueLeft)),
        "".join(fact.reason for fact in mine if isinstance(fact, facts.CallEnded)),
        tuple((fact.key, fact.use) for fact in mine if isinstance(fact, facts.KeyHeard)),
        tuple(fact.state for fact in mine if isinstance(fact, facts.StateEntered)),
    )


def counts(told: list[Fact]) -> Counter[str]:
    """How often each queue was joined and left with each outcome."""
    offered = Counter(f"{fact.queue} offered" for fact in told if isinstance(fact, facts.CallQueued))
    return offered + Counter(
        f"{fact.queue} {fact.outcome}" for fact in told if isinstance(fact, facts.QueueLeft)
    )


class Unpunctual(VirtualDriver):
    """Virtual time in which whatever people do comes late, by up to `most_ms`."""

    __slots__ = ("_chance", "most_ms")

    def __init__(self, chance: random.Random, most_ms: int) -> None:
        super().__init__()
        self._chance, self.most_ms = chance, most_ms

    def later(self, delay_ms: int, action: Callable[[Any], None], argument: object) -> None:
        super().later(delay_ms + self._chance.randint(0, self.most_ms), action, argument)


def in_virtual_time(
    center: Center, seed: str, monkeypatch: pytest.MonkeyPatch | None = None, late_ms: int = 0, turn: int = 0
) -> list[Fact]:
    """The scenario in virtual time; with `late_ms` its people are unpunctual."""
    told: list[Fact] = []
    if monkeypatch is not None:
        chance = random.Random(turn)
        monkeypatch.setattr("ivr.sim.house.VirtualDriver", lambda: Unpunctual(chance, late_ms))
    House(center, seed, told.append).run(FOR_MS, CALLERS)
    return told


async def on_sockets(center: Center, seed: str) -> tuple[list[Fact], list[Call]]:
    """The scenario over real sockets: what the center tells, and what the callers saw."""
    told: list[Fact] = []
    epoch_ms = epoch_of(center)
    async with served(
        center, speed=SPEED, seed=seed, callers=False, tell=told.append, epoch_ms=epoch_ms
    ) as url:
        crowd = Crowd(url, cast_script(center), seed)
        await crowd.play(FOR_MS, CALLERS)
        await until(lambda: open_calls(told) == 0, 30)
    return told, crowd.calls


def open_calls(told: list[Fact]) -> int:
    return sum(type(fact) is facts.CallStarted for fact in told) - sum(
        type(fact) is facts.CallEnded for fact in told
    )


async def test_the_same_people_have_the_same_fates_over_sockets_and_in_virtual_time() -> None:
    center = load_sources(SOURCES)
    virtual = in_virtual_time(center, SEED)
    told, calls = await on_sockets(center, SEED)
    lines = {call_number(call.name): call.line for call in calls}
    wanted = fates(virtual, lambda fact: fact.line)
    found = fates(told, lambda fact: lines.get(fact.call, fact.line))
    assert found == wanted
    assert counts(told) == counts(virtual)
    assert {call.line: call.keys for call in calls} == {
        line: "".join(key for key, _ in fate.keys)
        for line, fate in wanted.items()
        if not line.startswith("o-")
    }


def test_the_scenario_has_every_kind_of_fate_and_bears_unpunctual_people(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    center = load_sources(SOURCES)
    punctual = in_virtual_time(center, SEED)
    mine, all_of = fates(punctual, lambda fact: fact.line), counts(punctual)
    assert len(mine) > CALLERS, "some call again"
    assert {"help answered", "help abandoned", "help callback"} <= set(all_of)
    assert any(comes_again(line) == "complaint" for line in mine)
    assert {"kept", "leave", "book", "thanks"} <= {state for fate in mine.values() for state in fate.states}
    for turn in range(10):
        late = in_virtual_time(center, SEED, monkeypatch, round(0.1 * 1_000 * SPEED), turn)
        assert fates(late, lambda fact: fact.line) == mine
        assert counts(late) == all_of


async def test_the_command_calls_a_served_center_and_says_what_its_callers_saw(tmp_path: Path) -> None:
    for name, text in SOURCES.items():
        (tmp_path / name).write_text(text, "utf-8")
    told: list[Fact] = []
    async with served(tmp_path, speed=100, callers=False, tell=told.append) as url:
        words = ["load", str(tmp_path), "--url", url.replace("http", "ws"), "--calls", "8", "--json"]
        run = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "import sys; from ivr.cli import main; sys.exit(main())", *words),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, problems = await asyncio.wait_for(run.communicate(), 60)
    assert run.returncode == 0, problems.decode()
    found = json.loads(out)
    answered = sum(isinstance(fact, facts.QueueLeft) and fact.outcome == "answered" for fact in told)
    assert found["speed"] == 100
    assert len(found["calls"]) == found["totals"]["calls"] >= 8
    assert found["totals"]["queues"]["help"]["answered"] == answered > 0
    assert all(call["ended"] and call["kind"] for call in found["calls"])


async def test_a_number_the_center_does_not_have_and_too_few_lines_are_told() -> None:
    other = SOURCES | {"center.yaml": SOURCES["center.yaml"].replace("shop: shop }", "market: shop }")}
    other |= {"shop.people.yaml": SOURCES["shop.people.yaml"].replace("dials: shop", "dials: market")}
    async with served(load_sources(other), speed=200, callers=False) as url:
        crowd = Crowd(url, cast_script(load_sources(SOURCES)), "1", lines_max=1)
        await crowd.play(FOR_MS, CALLERS)
    found = totals(crowd.calls, crowd.kept_out)
    assert found.refused == {"unknown_number": found.calls}
    assert found.calls + found.kept_out == CALLERS


async def test_when_the_time_is_over_everybody_hangs_up() -> None:
    told: list[Fact] = []
    async with served(load_sources(SOURCES), speed=100, callers=False, tell=told.append) as url:
        crowd = Crowd(url, cast_script(load_sources(SOURCES)), "1")
        await crowd.play(60_000)
        assert totals(crowd.calls).going_on > 0
        await until(lambda: open_calls(told) == 0)
    assert crowd.now() == pytest.approx(60_000, abs=20_000)


async def test_the_same_callers_balk_at_the_wait_that_they_are_told() -> None:
    """Nobody is answered but the first two, so whoever comes then and balks does so at whatever time."""
    kind = (
        "{ name: asks, share: 1, dials: shop, wants: question, patience: 10h, thinks: 2s, "
        "hears_wait: { balks: 50%, over: 1s } }"
    )
    people = f"agents: {{ default: {{ talks: 10h }} }}\ncallers: {{ arrivals: {{ rate: 600/h }}, kinds: [{kind}] }}\n"
    center = load_sources(
        SOURCES | {"shop.people.yaml": people, "center.yaml": SOURCES["center.yaml"].replace("70s", "5h")}
    )
    virtual: list[Fact] = []
    House(center, "1", virtual.append).run(150_000, 16)
    async with served(center, speed=50, callers=False) as url:
        crowd = Crowd(url, cast_script(center), "1")
        await crowd.play(150_000, 16)
    gone = {
        line
        for line, fate in fates(virtual, lambda fact: fact.line).items()
        if fate.reason == "caller_hung_up"
    }
    assert {call.line for call in crowd.calls if call.ended == "caller_hung_up"} == gone
    assert 3 <= len(gone) < 14
