"""REST for those who watch queues: figures, and what may be done to calls that wait and to agents."""

from typing import Any, Final, TypeVar

import msgspec
from aiohttp import web

from ivr.core import events
from ivr.core.facts import call_number
from ivr.limits import NOTE_CHARS_MAX, PRIORITY_MAX
from ivr.live.center import LiveCenter

T = TypeVar("T")

CENTER: Final = web.AppKey("center", LiveCenter)


class Priority(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another priority for a waiting call."""

    priority: int


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another state for an agent: `ready`, `paused` or `signed_out`, as if they had asked for it."""

    state: str
    reason: str = ""


def routes() -> list[web.RouteDef]:
    """The paths, all below `/api`."""
    return [
        web.get("/api/queues", _queues),
        web.get("/api/agents", _agents),
        web.post("/api/calls/{call}/withdraw", _withdraw),
        web.post("/api/calls/{call}/priority", _priority),
        web.post("/api/agents/{agent}/state", _state),
    ]


async def _queues(request: web.Request) -> web.Response:
    return _json(request.app[CENTER].metrics.figures())


async def _agents(request: web.Request) -> web.Response:
    return _json(request.app[CENTER].snapshot().agents)


async def _withdraw(request: web.Request) -> web.Response:
    center, call = _waiting(request)
    return _done(center, events.CallWithdrawn(call, "rest"))


async def _priority(request: web.Request) -> web.Response:
    center, call = _waiting(request)
    wanted = await _body(request, Priority, "{priority}")
    if abs(wanted.priority) > PRIORITY_MAX:
        raise web.HTTPBadRequest(text=f"a priority is from -{PRIORITY_MAX} to {PRIORITY_MAX}\n")
    return _done(center, events.PriorityGiven(call, wanted.priority, "rest"))


async def _state(request: web.Request) -> web.Response:
    center, agent = request.app[CENTER], request.match_info["agent"]
    if agent not in center.engine.plan.agents:
        raise web.HTTPNotFound(text=f"there is no agent {agent[:80]!r}\n")
    wanted = await _body(request, State, "{state, reason}")
    if len(wanted.reason) > NOTE_CHARS_MAX:
        raise web.HTTPBadRequest(text=f"a reason has at most {NOTE_CHARS_MAX} characters\n")
    event: dict[str, events.Event] = {
        "ready": events.AgentReady(agent),
        "paused": events.AgentPaused(agent, wanted.reason),
        "signed_out": events.AgentSignedOut(agent),
    }
    if wanted.state not in event:
        raise web.HTTPBadRequest(text=f"a state is one of {', '.join(event)}\n")
    return _done(center, event[wanted.state])


def _waiting(request: web.Request) -> tuple[LiveCenter, int]:
    """The waiting call that a path names."""
    center, name = request.app[CENTER], request.match_info["call"]
    try:
        number = call_number(name)
    except ValueError:
        raise web.HTTPNotFound(text=f"{name[:80]!r} is no call, such as c-000042\n") from None
    call = center.engine.calls().get(number)
    if call is None or call.visit is None:
        raise web.HTTPConflict(text=f"{name} does not wait in a queue\n")
    return center, number


def _done(center: LiveCenter, event: events.Event) -> web.Response:
    center.driver.post(event)
    return web.Response(status=202, text="taken\n")


async def _body(request: web.Request, kind: type[T], shape: str) -> T:
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as fault:
        raise web.HTTPBadRequest(text=f"write {shape}: {fault}\n") from None


def _json(value: Any) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")
