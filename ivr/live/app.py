"""The aiohttp application: two websockets, REST, metrics, health, and a page that says what is here."""

import asyncio
from collections.abc import Awaitable, Callable
from html import escape
from importlib.resources import files
from typing import Any, Final

import msgspec
from aiohttp import web

from ivr import __version__
from ivr.core.calendar import Calendar
from ivr.core.flow.steps.send import CHANNELS
from ivr.limits import (
    CALLER_CHARS_MAX,
    DESKS_MAX,
    HEARTBEAT_SECONDS,
    MESSAGE_BYTES_MAX,
    PHONES_MAX,
    RECORDS_PAGE_MAX,
    REST_BODY_BYTES_MAX,
    TEXT_CHARS_MAX,
)
from ivr.live import supervise
from ivr.live.auth import Guard
from ivr.live.center import LiveCenter
from ivr.live.desk import Desk
from ivr.live.party import Party
from ivr.live.phone import Phone
from ivr.live.supervise import CENTER
from ivr.observe.call_record import CallRecord
from ivr.observe.records import written
from ivr.store import Stored
from ivr.wire import PROTOCOL

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ALLOWED: Final = {
    "/phone": ("caller",),
    "/desk": ("agent",),
    "/metrics": ("metrics",),
    "/": (),
}
"""Roles that may ask for a path, beside `supervisor`, who alone may ask for what is below `/api/`; `/healthz` and
`/readyz` are for everybody."""

_SECURITY: Final = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_record: Final = msgspec.json.Decoder(CallRecord)


def make_app(center: LiveCenter, guard: Guard) -> web.Application:
    """The application of one served center."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check who asks before anything else, websocket upgrades too."""
        roles = _ALLOWED.get(request.path, () if request.path.startswith("/api/") else None)
        if roles is not None:
            guard.refuse(request, roles)
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_SECURITY)
        return response

    app = web.Application(middlewares=[guarded], client_max_size=REST_BODY_BYTES_MAX)
    app[CENTER] = center
    app.add_routes(
        [
            web.get("/", _index),
            web.get("/phone", _phone),
            web.get("/desk", _desk),
            web.get("/metrics", _metrics),
            web.get("/healthz", _healthz),
            web.get("/readyz", _readyz),
            web.get("/api/snapshot", _snapshot),
            web.get("/api/records", _records),
            web.get("/api/messages", _messages),
            web.post("/api/messages", _write),
            web.get("/static/{name}", _static),
            *supervise.routes(),
        ]
    )
    return app


# Websockets ----------------------------------------------------------------------------------------------


async def _phone(request: web.Request) -> web.StreamResponse:
    return await _serve(request, Phone, PHONES_MAX)


async def _desk(request: web.Request) -> web.StreamResponse:
    return await _serve(request, Desk, DESKS_MAX)


async def _serve(request: web.Request, kind: type[Party], most: int) -> web.StreamResponse:
    center = request.app[CENTER]
    offered = [name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    if offered != [""] and PROTOCOL not in offered:
        raise web.HTTPBadRequest(text=f"the subprotocol here is {PROTOCOL}\n")
    gauge = center.live_metrics.connections.labels(kind.role)
    if center.sockets[kind.role] >= most or center.draining:
        center.live_metrics.admission_refused.labels("connections").inc()
        raise web.HTTPServiceUnavailable(
            text="too many connections; try again later\n", headers={"Retry-After": "5"}
        )
    socket = web.WebSocketResponse(
        protocols=(PROTOCOL,), max_msg_size=MESSAGE_BYTES_MAX, compress=False, heartbeat=HEARTBEAT_SECONDS
    )
    if not socket.can_prepare(request).ok:
        raise web.HTTPUpgradeRequired(
            text=f"this is a websocket: connect with {PROTOCOL}\n", headers={"Upgrade": "websocket"}
        )
    await socket.prepare(request)
    center.sockets[kind.role] += 1
    gauge.inc()
    try:
        await kind(center, socket, request).serve()
    finally:
        center.sockets[kind.role] -= 1
        gauge.dec()
    return socket


# REST ------------------------------------------------------------------------------------------------------


async def _healthz(request: web.Request) -> web.Response:
    return web.json_response({"alive": True, "version": __version__})


async def _readyz(request: web.Request) -> web.Response:
    center = request.app[CENTER]
    reasons = []
    if center.draining:
        reasons.append("shutting down")
    if center.bugs:
        reasons.append(f"{center.bugs} internal errors; see the log")
    if center.store is not None and center.store.failing:
        reasons.append(f"the store cannot write: {center.store.failing}")
    elif center.store_behind:
        reasons.append("the store cannot keep up")
    return web.json_response({"ready": not reasons, "reasons": reasons}, status=503 if reasons else 200)


async def _snapshot(request: web.Request) -> web.Response:
    return _json(request.app[CENTER].snapshot())


async def _records(request: web.Request) -> web.Response:
    center = request.app[CENTER]
    store = center.store
    if store is None:
        raise web.HTTPNotFound(text="no records are kept: serve with --data DIR\n")
    text = request.query.get("limit", "100")
    if len(text) > 4 or not text.isascii() or not text.isdigit() or not 1 <= int(text) <= RECORDS_PAGE_MAX:
        raise web.HTTPBadRequest(text=f"limit is a number from 1 to {RECORDS_PAGE_MAX}\n")
    limit, queue = int(text), request.query.get("queue")
    found = await asyncio.to_thread(
        lambda: [shown(stored) for stored in store.records(limit=limit, queue=queue)]
    )
    return _json(found)


async def _messages(request: web.Request) -> web.Response:
    return _json(list(request.app[CENTER].messages.kept))


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message to the center, as REST takes it."""

    channel: str
    sender: str
    text: str


async def _write(request: web.Request) -> web.Response:
    try:
        message = msgspec.json.decode(await request.read(), type=Written)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as fault:
        raise web.HTTPBadRequest(text=f"write {{channel, sender, text}}: {fault}\n") from None
    if message.channel not in CHANNELS:
        raise web.HTTPBadRequest(text=f"a channel is one of {', '.join(CHANNELS)}\n")
    if not message.sender or len(message.sender) > CALLER_CHARS_MAX or len(message.text) > TEXT_CHARS_MAX:
        raise web.HTTPBadRequest(
            text=f"a sender has 1 to {CALLER_CHARS_MAX} characters, a text at most {TEXT_CHARS_MAX}\n"
        )
    request.app[CENTER].messages.receive((message.channel, message.sender, message.text))
    return web.Response(status=202, text="taken\n")


def shown(stored: Stored) -> dict[str, Any]:
    """A record as people read it: the call's name, instants as UTC."""
    return written(_record.decode(stored.data), Calendar(stored.epoch_ms, "UTC").utc)


async def _metrics(request: web.Request) -> web.Response:
    content_type, page = request.app[CENTER].metrics.render(request.headers.get("Accept", ""))
    response = web.Response(body=page)
    response.headers["Content-Type"] = content_type
    return response


def _json(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")


# The page --------------------------------------------------------------------------------------------------


async def _index(request: web.Request) -> web.Response:
    number = next(iter(request.app[CENTER].engine.plan.numbers))
    return _file("index.html", number)


async def _static(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in _TYPES:
        raise web.HTTPNotFound
    return _file(name)


_TYPES: Final = {"index.html": "text/html", "wall.js": "text/javascript", "wall.css": "text/css"}


def _file(name: str, number: str = "") -> web.Response:
    """A file of the page; `number` is one that can be dialled, for a page that says how to call."""
    text = files("ivr.web").joinpath(name).read_text(encoding="utf-8").replace("$number", escape(number))
    return web.Response(text=text, content_type=_TYPES[name])
