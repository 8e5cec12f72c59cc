"""`ivr serve`: load, recover, listen, say what to open and what to type, and stop cleanly."""

import asyncio
import contextlib
import errno
import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sized
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from structlog.typing import FilteringBoundLogger

from ivr import __version__
from ivr.errors import OperatorError
from ivr.language import Center, load_center
from ivr.live.app import make_app
from ivr.live.auth import Guard, is_loopback, read_tokens
from ivr.live.center import LiveCenter, Settings
from ivr.observe.journal import Header
from ivr.observe.log import Log, logger
from ivr.observe.records import fold
from ivr.store import Store

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
KEEPALIVE_SECONDS = 30  # also bounds connections that send nothing, or a header that never ends


@dataclass(frozen=True)
class ServeOptions:
    """What the command line says; `speed` scales time, `seed` decides all chance."""

    center: Path
    host: str = "127.0.0.1"
    port: int = 8080
    data: Path | None = None
    speed: float = 1.0
    seed: str = "1"
    people: bool = True
    tokens: Path | None = None
    origins: tuple[str, ...] = ()
    log_level: str = "warning"
    quiet: bool = False


def serve(options: ServeOptions) -> int:
    """Serve until a signal; the exit code.

    Raises:
        AuthorError: the center's files have problems.
        OperatorError: port, folder, database, tokens or address cannot be used.
    """
    guard = _guard(options)
    if not 0.01 <= options.speed <= 1_000:
        raise OperatorError("--speed is a number from 0.01 to 1000")
    log = logger(level=options.log_level)
    center = load_center(options.center)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_run(options, center, guard, log))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The faster event loop, where it is installed (extra `speed`)."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return None
    return new_event_loop


def _guard(options: ServeOptions) -> Guard:
    hashes = read_tokens(options.tokens) if options.tokens is not None else {}
    if not hashes and not is_loopback(options.host):
        raise OperatorError(
            f"{options.host} can be reached by others, and no tokens are configured: anybody could call, "
            "answer and listen. Serve on 127.0.0.1, or make tokens with `ivr token` and pass --tokens FILE"
        )
    return Guard(hashes, options.origins)


async def _run(options: ServeOptions, center: Center, guard: Guard, log: FilteringBoundLogger) -> int:
    async with contextlib.AsyncExitStack() as closing:
        store = None
        if options.data is not None:
            store = Store.open(options.data / "ivr.db")
            closing.push_async_callback(asyncio.to_thread, store.close)
        epoch_ms = time.time_ns() // 1_000_000
        first_call = _recover(store, options)
        settings = Settings(epoch_ms, options.seed, options.speed, options.people, options.data, first_call)
        live = LiveCenter(center, settings, store, log)
        live.fan.add(Log(log, level=options.log_level).handlers())
        runner = web.AppRunner(
            make_app(live, guard),
            access_log=None,
            logger=_http_logger(log),
            keepalive_timeout=KEEPALIVE_SECONDS,
            shutdown_timeout=2,
            handle_signals=False,
        )
        closing.push_async_callback(runner.cleanup)
        await runner.setup()
        live.draining = True  # whoever is quicker than the next lines is asked to come back
        await _listen(runner, options)
        if store is not None:
            store.begin_run(_header(center, settings))  # not before: a start that fails leaves no empty run
        closing.push_async_callback(live.stop)
        live.draining = False
        live.start()
        if not options.quiet:
            _say_hello(options, center, live, runner)
        await _stopped()
        if not options.quiet:
            print("stopping: calls end, records are written")  # noqa: T201 - what the operator sees
    return 0


class _HttpFaults(logging.Handler):
    """What aiohttp complains of, a line each: malformed requests are noise, anything else is ours to mend."""

    def __init__(self, log: FilteringBoundLogger) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        fault = record.exc_info[1] if record.exc_info else None
        if fault is None or isinstance(fault, HttpProcessingError | ConnectionError):
            self._log.debug("http_refused", fault=str(fault or record.getMessage())[:200])
        else:
            self._log.error("http_failed", exc_info=fault)


def _http_logger(log: FilteringBoundLogger) -> logging.Logger:
    faults = logging.getLogger("ivr.http")
    faults.propagate = False
    faults.handlers[:] = [_HttpFaults(log)]
    return faults


def _recover(store: Store | None, options: ServeOptions) -> int:
    """Close what an earlier run left open; the first free call number."""
    if store is None:
        return 1
    recovered = store.recover(fold)
    if recovered.runs and not options.quiet:
        lost = (
            f"; {len(recovered.callbacks)} callbacks were still pending and are lost"
            if recovered.callbacks
            else ""
        )
        print(  # noqa: T201 - what the operator sees
            f"the last run did not end cleanly: {recovered.records} open calls are recorded as system_error{lost}"
        )
    return store.next_call()


def _header(center: Center, settings: Settings) -> Header:
    return Header(
        __version__,
        center.plan.digest,
        settings.seed,
        settings.epoch_ms,
        settings.first_call,
        settings.speed,
        dict(center.sources),
    )


async def _listen(runner: web.AppRunner, options: ServeOptions) -> None:
    if not 0 <= options.port <= 65_535:
        raise OperatorError(f"{options.port} is not a port; ports are 0 to 65535")
    site = web.TCPSite(runner, options.host, options.port, backlog=1_024)
    try:
        await site.start()
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            raise OperatorError(
                f"port {options.port} on {options.host} is in use; stop what listens there, or choose another with --port"
            ) from None
        raise OperatorError(f"cannot listen on {options.host}:{options.port}: {fault.strerror}") from None


async def _stopped() -> None:
    """Wait to be told to stop; a second signal ends the process at once."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()

    def stop() -> None:
        stopped.set()
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop)
    await stopped.wait()


def _say_hello(options: ServeOptions, center: Center, live: LiveCenter, runner: web.AppRunner) -> None:
    port = runner.addresses[0][1]
    base = f"http://{options.host}:{port}"
    url = "" if port == 8080 and options.host in ("127.0.0.1", "localhost") else f" --url {base}"
    ivr = "ivr" if shutil.which("ivr") else os.path.relpath(sys.argv[0])  # as it can be typed here
    number = next(iter(center.plan.numbers))
    agent = next(iter(center.plan.agents), "")
    lines = [
        (
            f"{center.plan.name} is open ({_count(center.plan.queues, 'queue')}, {_count(center.plan.agents, 'agent')}, "
            f"{'with' if options.people else 'without'} simulated people, speech: {live.sound.engine})"
        ),
        f"  see it          {base}/",
        f"  call it         {ivr} call {number}{url}",
        *([f"  answer calls    {ivr} agent {agent}{url}"] if agent else []),
        f"  its metrics     curl {base}/metrics",
        *([f"  its records     {ivr} records --data {options.data}"] if options.data is not None else []),
        "  stop it         Ctrl-C",
    ]
    print("\n".join(lines), flush=True)  # noqa: T201 - what the operator sees
    if live.sound.problem:
        print(f"  note: {live.sound.problem}", file=sys.stderr)  # noqa: T201


def _count(things: Sized, name: str) -> str:
    return f"{len(things)} {name}" + ("" if len(things) == 1 else "s")
