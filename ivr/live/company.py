"""The company that a served center asks: the emulated one, or a service of the user's where the center names one.

A service is asked over HTTP, from the event loop and never from within the engine. Whatever it says, or does not, comes back
as `LookupFinished`, so the journal holds it and a replay asks nobody. Nothing that it sends can hold more than the bounds,
lead elsewhere (no redirect is followed) or end the center.
"""

import asyncio
import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import aiohttp
import msgspec
from yarl import URL

from ivr.core.events import LookupFinished
from ivr.core.flow.values import coerce, plain
from ivr.core.plan import Plan, Request
from ivr.language.world_model import CALLER, ENVIRONMENT, HttpService, WorldModel
from ivr.limits import NAME_CHARS_MAX, SERVICE_BODY_BYTES_MAX, SERVICE_REQUESTS_MAX
from ivr.people.talk import Answered, company_of
from ivr.world import world

if TYPE_CHECKING:
    from ivr.live.center import LiveCenter

_PLACE: Final = re.compile(r"\{(\w+)\}")
_DETAIL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_DECLINED: Final = (402, 409, 422)
"""Payment required, a conflict, what cannot be processed: the service is well, and says no."""

_Said = tuple[str, dict[str, Any]]


class NotAsked(Exception):
    """Why a service was not asked, or what it said is no answer: an outcome, and words for the log."""

    def __init__(self, outcome: str, why: str) -> None:
        self.outcome = outcome
        super().__init__(why)


class Company:
    """Answers the lookups and runs of one served center."""

    def __init__(self, center: "LiveCenter") -> None:
        self._center = center
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        center.world.on_change = self._changed

    def _changed(self, table: str, before: dict[str, Any], row: dict[str, Any]) -> None:
        """A row of the emulated company has changed: that is journaled and told."""
        driver = self._center.driver
        driver.later(0, driver.post, world.told(table, before, row))

    def employ(self, plan: Plan) -> None:
        """Let simulated agents see this company, and have it do things."""
        center = self._center
        center.cast.works_for(company_of(plan, self.answer, center.engine.local_time))

    def ask(self, request: int, name: str, args: dict[str, Any], caller: str, key: str) -> None:
        """See `Outlet.look_up` and `Outlet.run`; a lookup has no `key`."""
        post = self._center.driver.post
        self.answer(name, args, caller, key, lambda said: post(LookupFinished(request, *said)))

    def answer(self, name: str, args: dict[str, Any], caller: str, key: str, then: Answered) -> None:
        """Tell `then` the outcome and the result, as soon as they are there."""
        emulated, driver = self._center.world, self._center.driver
        service = emulated.service(name)
        if service is None:
            answer = emulated.answer(name, args, caller, key)
            driver.later(answer.delay_ms, then, (answer.outcome, answer.result))
            return
        met = emulated.meet(name)
        if met.outcome:
            driver.later(met.takes_ms or 0, then, (met.outcome, {}))
        elif len(self._tasks) >= SERVICE_REQUESTS_MAX:
            self._center.log.error("service_busy", request=name, waiting=len(self._tasks))
            driver.later(0, then, ("failed.busy", {}))
        else:
            work = self._ask(name, service, args, caller, key, met.takes_ms or 0, then)
            task = asyncio.get_running_loop().create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up what is under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _ask(
        self,
        name: str,
        service: HttpService,
        args: dict[str, Any],
        caller: str,
        key: str,
        least_ms: int,
        then: Answered,
    ) -> None:
        """Ask, and tell `then`; `least_ms` is how long the answer takes at least."""
        center = self._center
        began = center.driver.now()
        try:
            seconds = service.timeout_ms / 1_000 / center.driver.speed
            async with asyncio.timeout(seconds):
                outcome, result = await self._fetch(name, service, args, caller, key)
        except TimeoutError:
            outcome, result = self._failed(name, "failed.timeout", "no answer in time")
        except NotAsked as fault:
            outcome, result = self._failed(name, fault.outcome, str(fault))
        except (aiohttp.ClientError, OSError, ValueError) as fault:
            # not what every fault says of itself: the address of the request may be in it, and a customer's number in that
            why = (
                f"{type(fault).__name__}: {fault}"[:200]
                if isinstance(fault, OSError)
                else type(fault).__name__
            )
            outcome, result = self._failed(name, "failed.network", why)
        rest_ms = max(0, least_ms - (center.driver.now() - began))
        center.driver.later(rest_ms, then, (outcome, result))

    def _failed(self, name: str, outcome: str, why: str) -> _Said:
        self._center.log.warning("service_failed", request=name, outcome=outcome, why=why)
        return outcome, {}

    async def _fetch(
        self, name: str, service: HttpService, args: dict[str, Any], caller: str, key: str
    ) -> _Said:
        address = address_of(service, args, caller)
        if address is None:
            return "not_found", {}
        headers = headers_of(service)
        if key:
            # calls are counted from 1 by every server without a data folder, and another call is another payment
            headers["Idempotency-Key"] = f"{self._center.settings.epoch_ms}/{key}"
        body = msgspec.json.encode(args) if service.method != "GET" else None
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            )
        asked = self._session.request(
            service.method, address, headers=headers, data=body, allow_redirects=False
        )
        async with asked as response:
            said = bytearray()
            async for chunk in response.content.iter_any():
                said += chunk
                if len(said) > SERVICE_BODY_BYTES_MAX:
                    raise NotAsked("failed.answer", f"more than {SERVICE_BODY_BYTES_MAX} bytes")
            request = self._center.engine.plan.requests.get(name)
            return outcome_of(response.status, bytes(said), request)


def address_of(service: HttpService, args: Mapping[str, Any], caller: str) -> URL | None:
    """The address with its arguments; None where one is missing (or a dot, which is a way and not a name): nobody has it."""
    values = {**{name: _shown(value) for name, value in args.items()}, CALLER: caller}
    named = _PLACE.findall(service.url)
    if any(values.get(name, "") in ("", ".", "..") for name in named):
        return None
    address = URL(_PLACE.sub(lambda place: quote(values[place[1]], safe=""), service.url), encoded=True)
    if service.method == "GET":
        address = address.extend_query({name: values[name] for name in args if name not in named})
    return address


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def headers_of(service: HttpService) -> dict[str, str]:
    """The headers of a service, with what stands in the environment."""
    headers = {}
    for name, value in service.headers.items():
        if value.startswith(ENVIRONMENT):
            variable = value.removeprefix(ENVIRONMENT)
            if variable not in os.environ:
                raise NotAsked(
                    "failed.header", f"the environment has no {variable}, which is the header {name}"
                )
            headers[name] = os.environ[variable]
        else:
            headers[name] = value
    return headers


def outcome_of(status: int, body: bytes, request: Request | None) -> _Said:
    """What a flow hears of an answer: its outcome, and the declared fields as plain values.

    Raises:
        NotAsked: it is no answer.
    """
    is_run = request is not None and request.kind == "run"
    if status == 404:
        return "not_found", {}
    if is_run and status in _DECLINED:
        return _declined(body), {}
    if not 200 <= status < 300:
        raise NotAsked(f"failed.http_{status}", f"it answers with status {status}")
    if is_run and not body.strip():
        return "ok", {}
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise NotAsked("failed.answer", "what it says is not JSON") from None
    if not isinstance(said, dict):
        raise NotAsked("failed.answer", "what it says is not a JSON object")
    result = {}
    for name, kind in (request.result if request is not None else {}).items():
        if name not in said:
            continue
        try:
            result[name] = plain(coerce(said[name], kind))
        except ValueError as fault:
            raise NotAsked("failed.answer", f"{name}: {fault}") from None
    return "ok", result


def _declined(body: bytes) -> str:
    """`declined`, with the detail that the service gives, if it is a word."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return "declined"
    detail = said.get("detail") if isinstance(said, dict) else None
    fits = isinstance(detail, str) and len(detail) <= NAME_CHARS_MAX and _DETAIL.fullmatch(detail)
    return f"declined.{detail}" if fits else "declined"


def missing_variables(world: WorldModel) -> Iterator[str]:
    """What the environment lacks, in words, of what the services of a center are to be sent."""
    services = {name: lookup.http for name, lookup in world.lookups.items()}
    services |= {name: run.http for name, run in world.runs.items()}
    for name, service in services.items():
        for header, value in service.headers.items() if service is not None else ():
            variable = value.removeprefix(ENVIRONMENT)
            if variable != value and variable not in os.environ:
                yield f"{variable}, the header {header} of {name}"
