"""A served center for tests: real aiohttp on loopback, a port of the system's choice."""

import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from aiohttp import web

from ivr.core.facts import Fact
from ivr.language import Center, load_center
from ivr.live.app import make_app
from ivr.live.auth import Guard
from ivr.live.center import LiveCenter, Settings
from ivr.live.pacing import PacedDriver
from ivr.store import Store

NORTHLIGHT = Path(__file__).parents[2] / "flows" / "northlight"


@contextlib.asynccontextmanager
async def served(
    center: Path | Center = NORTHLIGHT,
    *,
    speed: float = 1.0,
    seed: str = "1",
    agents: bool = True,
    callers: bool = True,
    tell: Callable[[Fact], None] | None = None,
    guard: Guard | None = None,
    data: Path | None = None,
    keep: list[LiveCenter] | None = None,
    epoch_ms: int | None = None,
    store: Store | None = None,
    paced: bool = False,
) -> AsyncIterator[str]:
    """Serve a center for a while; the base URL. `keep` is given the running center, `epoch_ms` sets its date.

    With `paced` its clock stands still while this process is late.
    """
    loaded = load_center(center) if isinstance(center, Path) else center
    settings = Settings(epoch_ms or time.time_ns() // 1_000_000, seed, speed, agents, callers, data)
    live = LiveCenter(loaded, settings, store, driver=PacedDriver(speed) if paced else None)
    if tell is not None:
        live.fan.add({Fact: tell})
    if keep is not None:
        keep.append(live)
    runner = web.AppRunner(
        make_app(live, guard or Guard()), access_log=None, keepalive_timeout=30, shutdown_timeout=1
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        live.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await live.stop()
        await runner.cleanup()
