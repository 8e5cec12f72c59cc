"""Workload A ("Palm"): M/M/50+M, handling Exp(300 s), patience Exp(120 s), 49 Erlang, one queue, first come first served.

Through the real engine, and beside it in SimPy in the form its documentation shows. Both make the same keyed draws, rounded to
milliseconds, so their counts are equal to the call.
"""

import time
from collections.abc import Callable, Generator
from typing import Any, NamedTuple

import simpy

from ivr.core import Engine, facts
from ivr.core.chance import Stream
from ivr.core.facts import Fact
from ivr.core.law import exponential
from ivr.language import Center, load_sources
from ivr.observe.fan import Fan
from ivr.people import AgentScript, CallerKind, Cast, Script
from ivr.sim import VirtualDriver
from ivr.sim.house import Parties
from tests.bench.workload_b import Books

SEED = "20240229"
GAP_MS, PATIENCE_MS, TALK_MS = 300_000 / 49, 120_000, 300_000
AGENTS = 50
WITHIN_MS = 20_000


class Counts(NamedTuple):
    """What both sides count, and the CPU time a call in us."""

    answered: int
    abandoned: int
    in_20s: int
    us: float

    @property
    def result(self) -> tuple[int, int, int]:
        """The counts alone."""
        return self[:3]


def center() -> Center:
    """One number, one queue, fifty agents."""
    agents = "".join(f"  a{number}: {{ queues: [line] }}\n" for number in range(AGENTS))
    return load_sources(
        {
            "center.yaml": f'center: Palm\nnumbers: {{ "1": main }}\nqueues: {{ line: {{}} }}\nagents:\n{agents}',
            "main.flow.yaml": "flow: main\nstart: q\nstates: { q: [{ queue: line }, hangup] }\n",
        }
    )


def ours(calls: int, made: Center, books: Books | None = None) -> Counts:
    """Run it through the engine; with `books`, records and metrics are folded."""
    counts = [0, 0, 0]

    def left(fact: facts.QueueLeft) -> None:
        if fact.outcome == "answered":
            counts[0] += 1
            counts[2] += fact.waited_ms <= WITHIN_MS
        else:
            counts[1] += 1

    fan = books.fan if books is not None else Fan()
    fan.add({facts.QueueLeft: left})
    us = in_engine(calls, made, fan.tell, books.close if books is not None else None)
    return Counts(counts[0], counts[1], counts[2], us)


def in_engine(
    calls: int, made: Center, witness: Callable[[Fact], None], close: Callable[[], object] | None = None
) -> float:
    """Run it through the engine with its people, whatever becomes of the facts: CPU time a call in us.

    Nobody wraps up, so the people need not hear how agents move.
    """
    agent = AgentScript(talks=exponential(TALK_MS))
    kind = CallerKind("caller", "1", patience=exponential(PATIENCE_MS))
    driver = VirtualDriver()
    cast = Cast(Script(dict.fromkeys(made.plan.agents, agent), [kind], GAP_MS), SEED, driver)
    driver.engine = Engine(made.plan, SEED, Parties(cast, None, driver), witness)
    started = time.process_time()
    cast.start(calls)
    driver.run()
    if close is not None:
        close()
    return (time.process_time() - started) / calls * 1e6


def in_simpy(calls: int) -> Counts:
    """The documented form: a process a call, `request | timeout`."""
    counts = [0, 0, 0]
    arrival, patience, talk = (
        Stream(SEED, f"caller/{name}").unit for name in ("arrival", "patience", "talk")
    )
    gap, stays, talks = exponential(GAP_MS).draw, exponential(PATIENCE_MS).draw, exponential(TALK_MS).draw

    def call(env: simpy.Environment, agents: simpy.Resource, ordinal: int) -> Generator[Any, Any, None]:
        came = env.now
        with agents.request() as request:
            found = yield request | env.timeout(stays(patience(ordinal)))
            if request not in found:
                counts[1] += 1
                return
            counts[0] += 1
            counts[2] += env.now - came <= WITHIN_MS
            yield env.timeout(talks(talk(ordinal)))

    def come(env: simpy.Environment, agents: simpy.Resource) -> Generator[Any, Any, None]:
        for ordinal in range(1, calls + 1):
            yield env.timeout(gap(arrival(ordinal)))
            env.process(call(env, agents, ordinal))

    env = simpy.Environment()
    agents = simpy.Resource(env, AGENTS)
    env.process(come(env, agents))
    started = time.process_time()
    env.run()
    return Counts(counts[0], counts[1], counts[2], (time.process_time() - started) / calls * 1e6)
