"""Workload B: an IVR in front of two queues, through the real engine and, beside it, in tuned SimPy.

Greeting 6 s, think Exp(4 s), key 1 or 2 (60 to 40), prompt 5 s, queues of 30 and 20 agents with an
announcement every 20 s, patience Exp(120 s), talk Exp(270 s), wrap-up 30 s; 49 Erlang of load.
Both sides make the same keyed draws, rounded to milliseconds, so their counts are equal to the call.
"""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

import simpy

from ivr.core import Engine, facts
from ivr.core.chance import Stream
from ivr.core.facts import Fact
from ivr.language import Center, load_sources
from ivr.observe.batch import Batch
from ivr.observe.call_record import CallRecord
from ivr.observe.fan import Fan
from ivr.observe.metrics import Metrics
from ivr.observe.records import Records
from ivr.people import AgentScript, CallerKind, Cast, Script
from ivr.people.law import exponential
from ivr.sim import VirtualDriver
from ivr.sim.house import Parties

SEED = "20240229"
GAP_MS, THINK_MS, PATIENCE_MS, TALK_MS = 300_000 / 49, 4_000, 120_000, 270_000
AGENTS = {"one": 30, "two": 20}

CENTER = """\
center: Bench
numbers: {{ "1": main }}
queues:
  one: {{ wrap_up: 30s, announce: [{{every: 20s, say: "Please hold the line."}}] }}
  two: {{ wrap_up: 30s, announce: [{{every: 20s, say: "Please hold the line."}}] }}
agents:
{agents}
"""
FLOW = """\
flow: main
start: welcome
states:
  welcome:
    - menu: "Welcome"
      say: "{greeting}"
      choices: {{ 1: {{ label: "one", goto: one }}, 2: {{ label: "two", goto: two }} }}
      listen: {{ silence: 10m }}
      on: {{ give_up: bye }}
  one: [{{ say: "{prompt}" }}, {{ queue: one, on: {{ timeout: bye, full: bye, empty: bye, closed: bye }} }}, hangup]
  two: [{{ say: "{prompt}" }}, {{ queue: two, on: {{ timeout: bye, full: bye, empty: bye, closed: bye }} }}, hangup]
  bye: [hangup]
"""

_Process: TypeAlias = Generator[Any, Any, None]


@dataclass
class Counts:
    """What both sides count; `us` is the CPU time a call."""

    answered: dict[str, int]
    abandoned: dict[str, int]
    announcements: int
    us: float = 0.0
    facts: int = 0
    records: int = 0

    @property
    def result(self) -> tuple[tuple[int, ...], tuple[int, ...], int]:
        return tuple(self.answered.values()), tuple(self.abandoned.values()), self.announcements


def center() -> Center:
    """The center of the workload; the greeting takes 6 s to say, the prompt 5 s."""
    agents = "".join(
        f"  {queue}-{n}: {{ queues: [{queue}] }}\n" for queue, many in AGENTS.items() for n in range(many)
    )
    greeting = ("Press one for the first queue and two for the second one. " * 2)[:84].rstrip()
    return load_sources(
        {
            "center.yaml": CENTER.format(agents=agents),
            "main.flow.yaml": FLOW.format(greeting=greeting.ljust(84, "."), prompt="z" * 70),
        }
    )


def people() -> Script:
    """The callers and agents of the workload."""
    patience, thinks = exponential(PATIENCE_MS), exponential(THINK_MS)
    return Script(
        {
            f"{queue}-{n}": AgentScript(talks=exponential(TALK_MS))
            for queue, many in AGENTS.items()
            for n in range(many)
        },
        [
            CallerKind("first", "1", 6, "one", patience=patience, thinks=thinks),
            CallerKind("second", "1", 4, "two", patience=patience, thinks=thinks),
        ],
        GAP_MS,
    )


def ours(
    calls: int,
    made: Center,
    *,
    folds: bool = True,
    profile: Callable[[Callable[[], None]], None] | None = None,
) -> Counts:
    """Run the workload through the engine, with records and metrics folded unless told otherwise."""
    counts = Counts({"one": 0, "two": 0}, {"one": 0, "two": 0}, 0)
    driver = VirtualDriver()
    cast = Cast(people(), SEED, driver)
    fan = Fan()

    def left(fact: facts.QueueLeft) -> None:
        side = counts.answered if fact.outcome == "answered" else counts.abandoned
        side[fact.queue] += 1

    def announced(_: facts.WaitAnnounced) -> None:
        counts.announcements += 1

    def keep(_: CallRecord) -> None:
        counts.records += 1

    def told(_: Fact) -> None:
        counts.facts += 1

    fan.add({facts.QueueLeft: left, facts.WaitAnnounced: announced})
    batch = Batch()
    if folds:
        Records(keep, batch)
        Metrics(made.plan, None, batch)
        fan.add(batch.handlers())
    driver.engine = Engine(made.plan, SEED, Parties(cast, None, driver), fan.tell)
    started = time.process_time()
    cast.start(calls)
    if profile is not None:
        profile(driver.run)
    else:
        driver.run()
    batch.settle()
    counts.us = (time.process_time() - started) / calls * 1e6
    return counts


def in_simpy(calls: int) -> Counts:
    """The same in SimPy: one process a call, no timer where an agent is free."""
    counts = Counts({"one": 0, "two": 0}, {"one": 0, "two": 0}, 0)
    answered, abandoned = counts.answered, counts.abandoned
    env = simpy.Environment()
    arrival, kind, think, patience, talk = (
        Stream(SEED, f"caller/{name}").unit for name in ("arrival", "kind", "think", "patience", "talk")
    )
    gap, thinks, waits, talks = (exponential(mean).draw for mean in (GAP_MS, THINK_MS, PATIENCE_MS, TALK_MS))
    queues = {name: simpy.Resource(env, many) for name, many in AGENTS.items()}

    def announce(request: Any) -> _Process:
        try:
            while True:
                yield env.timeout(20_000)
                if request.triggered:
                    return
                counts.announcements += 1
        except simpy.Interrupt:
            pass

    def wrap_up(queue: Any, request: Any) -> _Process:
        yield env.timeout(30_000)
        queue.release(request)

    def call(number: int) -> _Process:
        name = "one" if kind(number) < 0.6 else "two"
        yield env.timeout(6_000)
        yield env.timeout(thinks(think(number * 64 + 1)))
        yield env.timeout(5_000)
        queue = queues[name]
        request = queue.request()
        if not request.triggered:
            announcer = env.process(announce(request))
            met = yield request | env.timeout(waits(patience(number)))
            if announcer.is_alive:
                announcer.interrupt()
            if request not in met:
                if request in queue.users:  # granted in the very instant
                    queue.release(request)
                else:
                    request.cancel()
                abandoned[name] += 1
                return
        answered[name] += 1
        yield env.timeout(talks(talk(number)))
        env.process(wrap_up(queue, request))

    def source() -> _Process:
        for number in range(1, calls + 1):
            yield env.timeout(gap(arrival(number)))
            env.process(call(number))

    started = time.process_time()
    env.process(source())
    env.run()
    counts.us = (time.process_time() - started) / calls * 1e6
    return counts
