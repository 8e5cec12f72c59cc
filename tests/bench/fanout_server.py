"""A server for the fan-out bench, in a process of its own: ours, or a bare aiohttp server that sends the same.

    python -m tests.bench.fanout_server ivr|bare PHONES SECONDS

Prints its port, waits until all phones are connected, measures for a while, prints a line of JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Coroutine

from aiohttp import web

FRAME = b"\xff" * 160
SLOTS = 5

FLOW = """
flow: waiting
start: wait
states:
  wait:
    - hold: 30m
      music: soft-piano
    - hangup
"""
CENTER = """
center: Fan-out
language: en
numbers: { music: waiting }
"""


async def measure(connected: "asyncio.Future[None]", seconds: float, late: list[float]) -> None:
    await connected
    await asyncio.sleep(1)
    late.clear()
    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    late.sort()
    p99 = late[int(len(late) * 0.99)] if late else 0.0
    print(json.dumps({"cpu": cpu / wall, "late_p99_ms": p99 * 1_000, "beats": len(late)}), flush=True)


async def serve_ivr(phones: int, seconds: float) -> None:
    from ivr.language import load_sources
    from ivr.live.app import make_app
    from ivr.live.auth import Guard
    from ivr.live.center import LiveCenter, Settings

    center = load_sources({"center.yaml": CENTER, "waiting.flow.yaml": FLOW})
    live = LiveCenter(center, Settings(0, "1", people=False), None)
    late: list[float] = []
    live.sound._on_late = late.append
    live.sound._on_skipped = lambda ticks: late.extend(
        [60.0] * int(ticks)
    )  # a frame that never came is late for good
    connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def watch() -> None:
        while live.engine.snapshot().calls_total < phones:
            await asyncio.sleep(0.05)
        connected.set_result(None)

    watching = asyncio.create_task(watch())
    await run(make_app(live, Guard()), measure(connected, seconds, late))
    await watching


async def serve_bare(phones: int, seconds: float) -> None:
    sockets: list[list[web.WebSocketResponse]] = [[] for _ in range(SLOTS)]
    connected: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    count = 0
    late: list[float] = []

    async def phone(request: web.Request) -> web.WebSocketResponse:
        nonlocal count
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        sockets[count % SLOTS].append(socket)
        count += 1
        if count == phones:
            connected.set_result(None)
        async for _ in socket:
            pass
        return socket

    async def clock() -> None:
        loop = asyncio.get_running_loop()
        due, slot = loop.time(), 0
        while True:
            late.append(max(0.0, loop.time() - due))
            for socket in sockets[slot]:
                await socket.send_bytes(FRAME)
            slot = (slot + 1) % SLOTS
            due += 0.02 / SLOTS
            await asyncio.sleep(max(0.0, due - loop.time()))

    app = web.Application()
    app.router.add_get("/phone", phone)
    ticking = asyncio.create_task(clock())
    await run(app, measure(connected, seconds, late))
    ticking.cancel()


async def run(app: web.Application, work: Coroutine[None, None, None]) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1_024).start()
    print(runner.addresses[0][1], flush=True)
    async with asyncio.timeout(120):
        await work
    await runner.cleanup()


if __name__ == "__main__":
    kind, phones, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    asyncio.run((serve_ivr if kind == "ivr" else serve_bare)(phones, seconds))
