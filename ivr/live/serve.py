"""`ivr serve`: load, recover, listen, say what to open and what to type, and stop cleanly."""

import asyncio
import contextlib
import errno
import json
import logging
import os
import shlex
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
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
from ivr.live.company import missing_variables
from ivr.live.reload import Reloader
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
    callers: bool = True
    tokens: Path | None = None
    origins: tuple[str, ...] = ()
    log_level: str = "warning"
    quiet: bool = False
    json: bool = False
    reload: bool = True


def serve(options: ServeOptions) -> int:
    """Serve until a signal; the exit code.

    Raises:
        AuthorError: the center's files have problems.
        OperatorError: port, folder, database, tokens or address cannot be used.
    """
    guard = _guard(options)
    log = logger(level=options.log_level)
    center = load_center(options.center)
    if lacks := list(missing_variables(center.world)):
        raise OperatorError(f"the environment has no {'; no '.join(lacks)}: set it before ivr serve")
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
    _resolve(options.host)
    hashes = read_tokens(options.tokens) if options.tokens is not None else {}
    if not hashes and not is_loopback(options.host):
        raise OperatorError(
            f"{options.host} can be reached by others, and no tokens are configured: anybody could call, "
            "answer and listen. Serve on 127.0.0.1, or make tokens with `ivr token` and pass --tokens FILE"
        )
    return Guard(hashes, options.origins)


def _resolve(host: str) -> None:
    """OperatorError unless the host is an address or the name of one: a typing error is nothing to protect."""
    try:
        socket.getaddrinfo(host, None)
    except (OSError, UnicodeError):
        raise OperatorError(
            f"--host {host} does not resolve: no address of this machine has that name"
        ) from None


async def _run(options: ServeOptions, center: Center, guard: Guard, log: FilteringBoundLogger) -> int:
    async with contextlib.AsyncExitStack() as closing:
        store = None
        if options.data is not None:
            store = Store.open(options.data / "ivr.db")
            closing.push_async_callback(asyncio.to_thread, store.close)
        epoch_ms = time.time_ns() // 1_000_000
        first_call = _recover(store, options)
        owed = store.pending_callbacks() if store is not None else []
        settings = Settings(
            epoch_ms, options.seed, options.speed, options.people, options.callers, options.data, first_call
        )
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
        stop_asked = _stop_asked()  # before anybody is told that the center is open, and may stop it
        live.draining = True  # whoever is quicker than the next lines is asked to come back
        await _listen(runner, options)
        if store is not None:
            store.begin_run(_header(center, settings))  # not before: a start that fails leaves no empty run
        closing.push_async_callback(live.stop)
        live.draining = False
        for callback in owed:
            live.driver.post(callback)
        live.start()
        if options.reload:
            watching = asyncio.create_task(Reloader(live, options.center, _say_reloaded).run())
            closing.callback(watching.cancel)
        if not options.quiet:
            _say_hello(options, center, live, runner)
        await stop_asked.wait()
        if not options.quiet and not options.json:
            print(_goodbye(live.snapshot().callbacks, kept=store is not None))  # noqa: T201 - what the operator sees
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
    if recovered.runs and not options.quiet and not options.json:
        print(_recovered(recovered.records, len(store.pending_callbacks())))  # noqa: T201 - what the operator sees
    return store.next_call()


def _say_reloaded(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - what the author reads


def _goodbye(callbacks: int, *, kept: bool) -> str:
    """What ends with the center; `callbacks` are those that nobody has been called for yet."""
    text = "stopping: calls end" + (", records are written" if kept else "")
    fate = "made when the center is served again" if kept else "dropped"
    return text + (f"; {_count(callbacks, 'pending callback')} {_be(callbacks)} {fate}" if callbacks else "")


def _recovered(calls: int, callbacks: int) -> str:
    """What an earlier run that did not end cleanly left behind."""
    text = f"the last run did not end cleanly: {_count(calls, 'open call')} {_be(calls)} recorded as system_error"
    if not callbacks:
        return text
    return f"{text}; {_count(callbacks, 'pending callback')} {_be(callbacks)} taken over"


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
    site = web.TCPSite(runner, options.host, options.port, backlog=1_024)
    try:
        await site.start()
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            raise OperatorError(
                f"port {options.port} on {options.host} is in use; stop what listens there, or choose another with --port"
            ) from None
        raise OperatorError(f"cannot listen on {options.host}:{options.port}: {fault.strerror}") from None


def _stop_asked() -> asyncio.Event:
    """Set once somebody wants the center to stop; a second signal ends the process at once."""
    loop, asked = asyncio.get_running_loop(), asyncio.Event()

    def stop() -> None:
        asked.set()
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)

    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop)
    return asked


def _say_hello(options: ServeOptions, center: Center, live: LiveCenter, runner: web.AppRunner) -> None:
    port = runner.addresses[0][1]
    if options.json:
        plan = center.plan
        told = {
            "center": plan.name,
            "url": f"http://{_reachable(options.host)}:{port}",
            "numbers": list(plan.numbers),
            "queues": list(plan.queues),
            "agents": list(plan.agents),
            "people": live.has_people,
            "speech": live.sound.engine,
            "note": live.sound.problem,
        }
        print(json.dumps(told, ensure_ascii=False), flush=True)  # noqa: T201 - what a script reads
        return
    print("\n".join(_hello(options, center, live.sound.engine, port)), flush=True)  # noqa: T201 - what the operator sees
    if live.sound.problem:
        print(f"  note: {live.sound.problem}", file=sys.stderr)  # noqa: T201


def _hello(options: ServeOptions, center: Center, speech: str, port: int) -> list[str]:
    """What was opened, and what to open and to type now; every line works as it is printed, but for tokens."""
    base = f"http://{_reachable(options.host)}:{port}"
    typed = shlex.quote(base)  # the brackets of IPv6 mean something to a shell
    url = "" if port == 8080 and options.host in ("127.0.0.1", "localhost") else f" --url {typed}"
    ivr = "ivr" if shutil.which("ivr") else os.path.relpath(sys.argv[0])  # as it can be typed here
    plan = center.plan
    people = "with simulated " + ("people" if options.callers else "agents")
    if not options.people or center.people is None:
        people = "without simulated people"
    number, agent = next(iter(plan.numbers)), next(iter(plan.agents), "")
    queues, agents = _count(len(plan.queues), "queue"), _count(len(plan.agents), "agent")
    tokens = options.tokens is not None
    # a browser cannot send a token for a page, so with tokens the wall is asked for by hand
    wall = f"curl {_bearer('SUPERVISOR')} {typed}/api/snapshot" if tokens else f"{base}/"
    return [
        f"{plan.name} is open ({queues}, {agents}, {people}, speech: {speech})",
        f"  see it          {wall}",
        f"  call it         {ivr} call {shlex.quote(number)}{url}{_token('CALLER', tokens)}",
        *([f"  answer calls    {ivr} agent {agent}{url}{_token('AGENT', tokens)}"] if agent else []),
        f"  its metrics     curl {_bearer('METRICS') + ' ' if tokens else ''}{typed}/metrics",
        *([f"  its records     {ivr} records --data {options.data}"] if options.data is not None else []),
        *([f"  the tokens      those of {options.tokens}; a supervisor's does for all"] if tokens else []),
        "  stop it         Ctrl-C",
    ]


def _reachable(host: str) -> str:
    """The host as it stands in an address that this machine can open."""
    if host in ("0.0.0.0", ""):  # noqa: S104 - it is told apart, not listened on
        return "127.0.0.1"
    if host == "::":
        return "[::1]"
    return f"[{host}]" if ":" in host else host


def _token(role: str, wanted: bool) -> str:
    return f" --token {role}_TOKEN" if wanted else ""


def _bearer(role: str) -> str:
    return f"-H 'Authorization: Bearer {role}_TOKEN'"


def _count(number: int, name: str) -> str:
    return f"{number} {name}" + ("" if number == 1 else "s")


def _be(number: int) -> str:
    return "is" if number == 1 else "are"
