"""Workload B: an IVR in front of two queues, through the real engine and, beside it, in tuned SimPy.

Greeting 6 s, think Exp(4 s), key 1 or 2 (60 to 40), prompt 5 s, queues of 30 and 20 agents with an
announcement every 20 s, patience Exp(120 s), talk Exp(270 s), wrap-up 30 s; 49 Erlang of load.
Both sides make the same keyed draws, rounded to milliseconds, so their counts are equal to the call.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias

import simpy

from ivr.core import Engine, facts
from ivr.core.chance import Stream
from ivr.core.facts import Fact
from ivr.core.law import exponential
from ivr.language import Center, load_sources
from ivr.observe.batch import Batch
from ivr.observe.call_record import CallRecord
from ivr.observe.fan import Fan
from ivr.observe.metrics import Metrics
from ivr.observe.records import Records
from ivr.people import AgentScript, CallerKind, Cast, Script
from ivr.sim import VirtualDriver
from ivr.sim.house import Parties

SEED = "20240229"
GAP_MS, THINK_MS, PATIENCE_MS, TALK_MS = 300_000 / 49, 4_000, 120_000, 270_000
AGENTS = {"one": 30, "two": 20}
GREETING = ("Press one for the first queue and two for the second one. " * 2)[:84].rstrip().ljust(84, ".")
PROMPT = "z" * 70

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

    @property
    def result(self) -> tuple[tuple[int, ...], tuple[int, ...], int]:
        return tuple(self.answered.values()), tuple(self.abandoned.values()), self.announcements


def center() -> Center:
    """The center of the workload; the greeting takes 6 s to say, the prompt 5 s."""
    agents = "".join(
        f"  {queue}-{n}: {{ queues: [{queue}] }}\n" for queue, many in AGENTS.items() for n in range(many)
    )
    return load_sources(
        {
            "center.yaml": CENTER.format(agents=agents),
            "main.flow.yaml": FLOW.format(greeting=GREETING, prompt=PROMPT),
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


class Books:
    """Records and metrics, folded from the facts of a run; `facts` counts them by class where asked to."""

    def __init__(self, made: Center, *, count: bool = False) -> None:
        self.records = 0
        self.facts: Counter[str] = Counter()
        self._batch = Batch()
        Records(self._keep, self._batch)
        Metrics(made.plan, None, self._batch)
        self.fan = Fan()
        self.fan.add(self._batch.handlers())
        if count:
            self.fan.add({Fact: self._count})
        self.close = self._batch.settle

    def _keep(self, _: CallRecord) -> None:
        self.records += 1

    def _count(self, fact: Fact) -> None:
        self.facts[type(fact).__name__] += 1


def ours(
    calls: int,
    made: Center,
    books: Books | None = None,
    *,
    profile: Callable[[Callable[[], None]], None] | None = None,
) -> Counts:
    """Run the workload through the engine; with `books`, records and metrics are folded."""
    counts = Counts({"one": 0, "two": 0}, {"one": 0, "two": 0}, 0)
    driver = VirtualDriver()
    cast = Cast(people(), SEED, driver)
    fan = books.fan if books is not None else Fan()

    def left(fact: facts.QueueLeft) -> None:
        side = counts.answered if fact.outcome == "answered" else counts.abandoned
        side[fact.queue] += 1

    def announced(_: facts.WaitAnnounced) -> None:
        counts.announcements += 1

    fan.add({facts.QueueLeft: left, facts.WaitAnnounced: announced})
    driver.engine = Engine(made.plan, SEED, Parties(cast, None, driver), fan.tell)
    started = time.process_time()
    cast.start(calls)
    if profile is not None:
        profile(driver.run)
    else:
        driver.run()
    if books is not None:
        books.close()
    counts.us = (time.process_time() - started) / calls * 1e6
    return counts


def in_simpy(calls: int, books: Books | None = None) -> Counts:
    """The same in SimPy: one process a call, no timer where an agent is free.

    With `books` the model also says what happens, in facts of the same kinds and number as ours.
    """
    counts = Counts({"one": 0, "two": 0}, {"one": 0, "two": 0}, 0)
    answered, abandoned = counts.answered, counts.abandoned
    env = simpy.Environment()
    arrival, kind, think, patience, talk = (
        Stream(SEED, f"caller/{name}").unit for name in ("arrival", "kind", "think", "patience", "talk")
    )
    gap, thinks, waits, talks = (exponential(mean).draw for mean in (GAP_MS, THINK_MS, PATIENCE_MS, TALK_MS))
    queues = {name: simpy.Resource(env, many) for name, many in AGENTS.items()}
    teller = Teller(env, books.fan) if books is not None else None

    def announce(request: Any, name: str, number: int) -> _Process:
        try:
            while True:
                yield env.timeout(20_000)
                if request.triggered:
                    return
                counts.announcements += 1
                if teller is not None:
                    teller.announced(name, number)
        except simpy.Interrupt:
            pass

    def wrap_up(queue: Any, request: Any, agent: str, name: str, number: int) -> _Process:
        yield env.timeout(30_000)
        queue.release(request)
        if teller is not None:
            teller.wrapped_up(agent, name, number)

    def call(number: int) -> _Process:
        name = "one" if kind(number) < 0.6 else "two"
        if teller is not None:
            teller.arrived(number)
        yield env.timeout(6_000)
        if teller is not None:
            teller.heard(number, GREETING)
        yield env.timeout(thinks(think(number * 64 + 1)))
        if teller is not None:
            teller.pressed(number, name)
        yield env.timeout(5_000)
        queue = queues[name]
        began = env.now
        request = queue.request()
        if teller is not None:
            teller.queued(number, name, len(queue.queue))
        if not request.triggered:
            announcer = env.process(announce(request, name, number))
            met = yield request | env.timeout(waits(patience(number)))
            if announcer.is_alive:
                announcer.interrupt()
            if request not in met:
                if request in queue.users:  # granted in the very instant
                    queue.release(request)
                else:
                    request.cancel()
                abandoned[name] += 1
                if teller is not None:
                    teller.abandoned(number, name, int(env.now - began))
                return
        answered[name] += 1
        agent = teller.connected(number, name, int(env.now - began)) if teller is not None else ""
        length = talks(talk(number))
        yield env.timeout(length)
        if teller is not None:
            teller.hung_up(number, name, agent, length)
        env.process(wrap_up(queue, request, agent, name, number))

    def source() -> _Process:
        for number in range(1, calls + 1):
            yield env.timeout(gap(arrival(number)))
            env.process(call(number))

    started = time.process_time()
    env.process(source())
    env.run()
    if books is not None:
        books.close()
    counts.us = (time.process_time() - started) / calls * 1e6
    return counts


class Teller:
    """The facts of a call, as SimPy's model would have to tell them; agents answer in the order of idling."""

    def __init__(self, env: simpy.Environment, fan: Fan) -> None:
        self._env = env
        self._tell = fan.tell
        self._reservation = 0
        self._idle = {name: deque(f"{name}-{n}" for n in range(many)) for name, many in AGENTS.items()}
        for agents in self._idle.values():
            for agent in agents:
                self._tell(facts.AgentMoved(0, agent, "ready", "", "signed_out", 0))

    def arrived(self, call: int) -> None:
        now, tell = int(self._env.now), self._tell
        tell(facts.CallStarted(now, call, f"s-{call}", "1", "", "", "main", "", "en"))
        tell(facts.StateEntered(now, call, "main", "welcome"))

    def heard(self, call: int, text: str) -> None:
        now = int(self._env.now)
        self._tell(facts.PromptHeard(now, call, f"s-{call}", text, "en", now, "finished"))

    def pressed(self, call: int, name: str) -> None:
        now, tell = int(self._env.now), self._tell
        tell(facts.KeyHeard(now, call, "1", "taken"))
        tell(facts.StepEnded(now, call, "main", "welcome", "0", "menu", "key.1", now))
        tell(facts.StateEntered(now, call, "main", name))

    def queued(self, call: int, name: str, ahead: int) -> None:
        now, tell = int(self._env.now), self._tell
        self.heard(call, PROMPT)
        tell(facts.StepEnded(now, call, "main", name, "0", "say", "next", now))
        tell(facts.CallQueued(now, call, name, 1, 0, call, ahead + 1, 0))

    def announced(self, name: str, call: int) -> None:
        now = int(self._env.now)
        self._tell(facts.WaitAnnounced(now, call, name, 1, 0))
        self.heard(call, "Please hold the line.")

    def connected(self, call: int, name: str, waited_ms: int) -> str:
        now, tell = int(self._env.now), self._tell
        self._reservation = number = self._reservation + 1
        agent = self._idle[name].popleft()
        tell(facts.AgentMoved(now, agent, "reserved", "", "ready", now))
        tell(facts.ReservationMade(now, number, call, name, agent))
        tell(facts.ReservationEnded(now, number, call, name, agent, "accepted", 0))
        tell(facts.QueueLeft(now, call, name, 1, "answered", waited_ms, agent))
        tell(facts.AgentMoved(now, agent, "talking", "", "reserved", now))
        tell(facts.Connected(now, call, agent, "a-" + agent, name))
        return agent

    def abandoned(self, call: int, name: str, waited_ms: int) -> None:
        now, tell = int(self._env.now), self._tell
        outcome = "short_abandoned" if waited_ms < 5_000 else "abandoned"
        tell(facts.QueueLeft(now, call, name, 1, outcome, waited_ms))
        tell(facts.StepEnded(now, call, "main", name, "1", "queue", "hung_up", now))
        tell(facts.CallEnded(now, call, "caller_hung_up", "", "main", name))

    def hung_up(self, call: int, name: str, agent: str, talk_ms: int) -> None:
        now, tell = int(self._env.now), self._tell
        tell(facts.TalkEnded(now, call, agent, name, talk_ms, 0, "agent"))
        tell(facts.AgentMoved(now, agent, "wrap_up", "", "talking", now - talk_ms))
        tell(facts.StepEnded(now, call, "main", name, "1", "queue", "connected", now))
        tell(facts.StepEnded(now, call, "main", name, "2", "hangup", "next", now))
        tell(facts.CallEnded(now, call, "flow_hung_up", "", "main", name))

    def wrapped_up(self, agent: str, name: str, call: int) -> None:
        now, tell = int(self._env.now), self._tell
        tell(facts.WrapUpEnded(now, call, agent, name, "", 30_000))
        tell(facts.AgentMoved(now, agent, "ready", "", "wrap_up", now - 30_000))
        self._idle[name].append(agent)
