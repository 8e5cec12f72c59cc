"""What it costs to bring one of many waiting calls and one of many agents together, and how that grows.

Measured side by side in one run: a center of a quarter the size and the whole one. If anybody looked through all
calls or all agents, four times as many would cost four times as much.
"""

import random
import time
from collections.abc import Callable

import pytest

from ivr.core import Engine, events, facts
from ivr.core.commands import RecordingOutlet
from ivr.core.facts import Fact
from ivr.core.plan import STRATEGIES
from tests.support import center_of
from tests.support.lab import states

WAITING, AGENTS, SKILLS = 10_000, 2_000, 50
ROUNDS = 300
P99_MS_MAX = 1.0
GROWTH_MAX = 2.0  # for four times as many

FLOW = """
a: [{{switch: caller.number, cases: {{{cases}}}, else: plain}}]
plain: [{{queue: support, on: {{timeout: z, full: z, empty: z, closed: z}}}}, hangup]
z: [hangup]
"""
STATE = "s{n}: [{{queue: support, skills: {{k{n}: 3}}, on: {{timeout: z, full: z, empty: z, closed: z}}}}, hangup]\n"


class Crowd:
    """A queue with very many calls or very many ready agents; each agent has five skills, each call asks for one."""

    def __init__(self, strategy: str, agents: int) -> None:
        cases = ", ".join(f'"{n}": s{n}' for n in range(SKILLS))
        text = FLOW.format(cases=cases) + "".join(STATE.format(n=n) for n in range(SKILLS))
        chance = random.Random(1)
        lines = []
        for n in range(agents):
            skills = ", ".join(f"k{chance.randrange(SKILLS)}: {chance.randint(1, 5)}" for _ in range(1))
            more = ", ".join(
                f"k{k}: {chance.randint(3, 5)}"
                for k in chance.sample(range(SKILLS), 4)
                if f"k{k}:" not in skills
            )
            lines.append(
                f"  a{n}: {{ queues: [support, billing], skills: {{ {skills}, {more} }}, weight: {1 + n % 3} }}\n"
            )
        center = center_of(
            states(text),
            queues=f"queues: {{ support: {{ strategy: {strategy}, max_length: 20000, ring: 1h }}, billing: {{}} }}",
            agents="agents:\n" + "".join(lines),
        )
        self.told: list[Fact] = []
        self.engine = Engine(center.plan, "1", RecordingOutlet(), self.told.append)
        self.agents = [f"a{n}" for n in range(agents)]

    def call(self, number: int) -> None:
        self.engine.handle(
            self.engine.now + 1, events.CallArrived(f"p-{number}", "1", str(number % (SKILLS + 5)))
        )

    def sign_in(self, agent: str) -> None:
        self.engine.handle(self.engine.now + 1, events.AgentSignedIn(agent))

    def reservations(self) -> int:
        return sum(type(fact) is facts.ReservationMade for fact in self.told)


def among_calls(strategy: str, waiting: int, agents: int) -> list[float]:
    """How long until agents who become ready have a call, with very many waiting; ms of processor time each."""
    crowd = Crowd(strategy, agents)
    for number in range(waiting):
        crowd.call(number)
    took = [_took(lambda agent=agent: crowd.sign_in(agent)) for agent in crowd.agents[:ROUNDS]]  # type: ignore[misc]
    assert crowd.reservations() == ROUNDS
    return sorted(took)


def among_agents(strategy: str, waiting: int, agents: int) -> list[float]:
    """How long until a call that comes has an agent, with very many ready."""
    crowd = Crowd(strategy, agents)
    for agent in crowd.agents:
        crowd.sign_in(agent)
    took = [_took(lambda number=number: crowd.call(number)) for number in range(ROUNDS)]  # type: ignore[misc]
    assert crowd.reservations() == ROUNDS
    return sorted(took)


def _took(act: Callable[[], object]) -> float:
    started = time.process_time_ns()
    act()
    return (time.process_time_ns() - started) / 1e6


@pytest.mark.bench
@pytest.mark.parametrize("strategy", [name for name in STRATEGIES if name != "ring_all"])
def test_one_among_ten_thousand_calls_and_two_thousand_agents(strategy: str) -> None:
    for what, measure in (("calls", among_calls), ("agents", among_agents)):
        small = measure(strategy, WAITING // 4, AGENTS // 4)
        large = measure(strategy, WAITING, AGENTS)
        p50, p99 = large[ROUNDS // 2], large[ROUNDS * 99 // 100]
        growth = p50 / small[ROUNDS // 2]
        print(
            f"\n{strategy}, among {what}: p50 {p50:.3f} ms, p99 {p99:.3f} ms; x{growth:.2f} for four times as many"
        )
        assert p99 < P99_MS_MAX
        assert growth < GROWTH_MAX
