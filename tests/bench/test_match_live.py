"""An agent becomes ready while a thousand calls wait: how long until their phone rings, over a real socket.

The yardstick is a round trip of the same socket that only changes a state (a pause).
"""

import time

import pytest

from ivr import wire
from ivr.client import Desk
from ivr.core import events
from ivr.language import load_sources
from ivr.live.center import LiveCenter
from tests.live.serving import served
from tests.live.test_bad_input import until

WAITING = 1_000
ROUNDS = 140  # two messages each: what one socket may send at once
P99_MS_MAX = 10.0

CENTER = """
center: Match
numbers: { in: straight }
queues: { line: {} }
agents: { anna: { queues: [line] } }
"""
FLOW = """
flow: straight
start: queue
states:
  queue:
    - queue: line
    - hangup
"""

pytestmark = pytest.mark.bench


async def test_a_ready_agent_is_rung_at_once() -> None:
    center = load_sources({"center.yaml": CENTER, "straight.flow.yaml": FLOW})
    keep: list[LiveCenter] = []
    rings: list[float] = []
    pauses: list[float] = []
    async with served(center, agents=False, keep=keep) as url, Desk(url, agent="anna", ready=False) as desk:
        for number in range(WAITING):
            keep[0].driver.post(events.CallArrived(f"x-{number}", "in", str(number)))
        await until(lambda: keep[0].engine.snapshot().waiting == WAITING)
        for _ in range(ROUNDS):
            began = time.perf_counter()
            await desk.ready()
            ring = await desk.wait_for(wire.Ring, within=5)
            rings.append(time.perf_counter() - began)
            assert ring.call == "c-000001", "the first in line keeps the place through every ring"
            began = time.perf_counter()
            await desk.pause()
            await desk.wait_for(wire.Withdrawn, within=5)
            pauses.append(time.perf_counter() - began)
    p99, yardstick = (sorted(times)[int(ROUNDS * 0.99)] * 1_000 for times in (rings, pauses))
    print(
        f"\n{WAITING} calls waiting, ready -> ring over a socket: p99 {p99:.2f} ms (a pause: p99 {yardstick:.2f} ms)"
    )
    assert p99 < P99_MS_MAX
