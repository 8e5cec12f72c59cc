"""A service of the user's that a served center asks: real HTTP on loopback, and every way in which it can misbehave."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from ivr.client import Phone
from ivr.core.facts import Fact, LookupEnded
from ivr.errors import OperatorError
from ivr.language import Center, load_sources
from ivr.live.center import LiveCenter
from ivr.live.serve import ServeOptions, serve
from ivr.observe.journal import Header
from ivr.sim.replay import replay
from ivr.store import Store
from ivr.wire import Ended
from tests.live.serving import served
from tests.live.test_bad_input import until

CENTER = """\
center: Shop
numbers: {{ look: look, pay: pay, ask: ask }}
data: {{ customer: {{ name: text, debt: money, since: date?, vip: boolean }} }}
queues: {{ desk: {{}} }}
agents: {{ ann: {{ queues: [desk] }} }}
world:
  lookups:
    who:
      args: {{ phone: text }}
      http: {{ url: "{url}/customers/{{phone}}", headers: {{ X-Token: env:SHOP_TOKEN, X-Shop: demo }}, timeout: {timeout} }}
      into: customer
    find:
      args: {{ word: text, limit: integer }}
      http: {{ url: "{url}/find?by=phone" }}
      into: customer
  runs:
    pay:
      args: {{ amount: money, note: text }}
      http: {{ url: "{url}/pay/{{caller}}" }}
      result: {{ reference: text }}
      into: customer
  faults: {{ {faults} }}
"""
LOOK = """\
flow: look
start: a
states:
  a:
    - lookup: who
      with: { phone: caller.number }
      on: { not_found: z, failed: z, timeout: z }
    - say: "{{ customer.name }} owes {{ customer.debt | money }}."
    - hangup
  z: [{ say: "Nobody." }, hangup]
"""
ASK = """\
flow: ask
start: a
states:
  a:
    - lookup: find
      with: { word: "a b&c=d/../e", limit: 3 }
      on: { not_found: z, failed: z }
    - say: "Found."
    - hangup
  z: [{ say: "Nobody." }, hangup]
"""
PAY = """\
flow: pay
start: a
states:
  a:
    - run: pay
      with: { amount: 12.50, note: "for \\"May\\"" }
      retry: { tries: 2, every: 10ms }
      on: { declined: z, not_found: z, failed: z, timeout: z }
    - say: "Thank you, {{ customer.name }}, number {{ result.reference }}."
    - hangup
  z: [{ say: "No." }, hangup]
"""


@dataclass
class Shop:
    """The service, and what it was asked."""

    url: str = ""
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)
    hangs: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        self.asked.append((request.method, request.raw_path, dict(request.headers), body))
        number = request.match_info.get("number", "")
        if number == "hangs":
            await self.hangs.wait()
        if number == "cut":
            assert request.transport is not None
            request.transport.abort()
        if self.answers:
            return self.answers.pop(0)
        return web.json_response({"name": "Ada", "debt": 12.5, "vip": True, "secret": "x"})


@pytest.fixture
async def shop(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    monkeypatch.setenv("SHOP_TOKEN", "s3cret")
    made = Shop()
    app = web.Application()
    app.router.add_route("*", "/customers/{number}", made.handle)
    app.router.add_route("*", "/pay/{number}", made.handle)
    app.router.add_route("*", "/find", made.handle)
    app.router.add_route("*", "/elsewhere", made.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        made.hangs.set()
        await runner.cleanup()


def center(shop: Shop, *, faults: str = "", timeout: str = "5s", url: str = "") -> Center:
    text = CENTER.format(url=url or shop.url, faults=faults, timeout=timeout)
    return load_sources(
        {"center.yaml": text, "look.flow.yaml": LOOK, "pay.flow.yaml": PAY, "ask.flow.yaml": ASK}
    )


@contextlib.asynccontextmanager
async def opened(made: Center, **more: Any) -> AsyncIterator[tuple[str, list[LookupEnded]]]:
    """The center served with nobody in it: its URL, and how lookups and runs end."""
    ended: list[LookupEnded] = []

    def tell(fact: Fact) -> None:
        if isinstance(fact, LookupEnded):
            ended.append(fact)

    async with served(made, agents=False, tell=tell, **more) as url:
        yield url, ended


async def call(url: str, number: str, dials: str = "look") -> str:
    """One call; what was said first."""
    async with Phone(url, number=number) as phone:
        await phone.dial(dials)
        said = await phone.hears("", within=20)
        await phone.hang_up()
        await phone.wait_for(Ended, within=20)
        return said.text


async def test_a_lookup_asks_the_service_and_fills_the_data_with_what_is_declared(shop: Shop) -> None:
    async with opened(center(shop)) as (url, ended):
        said = await call(url, "+491")
    assert "Ada owes 12.50 euros" in said
    assert [fact.outcome for fact in ended] == ["ok"]
    method, path, headers, body = shop.asked[0]
    assert (method, path, body) == ("GET", "/customers/%2B491", None)
    assert (headers["X-Token"], headers["X-Shop"]) == ("s3cret", "demo")
    assert "Idempotency-Key" not in headers


async def test_arguments_that_have_no_place_in_the_address_are_its_query(shop: Shop) -> None:
    async with opened(center(shop)) as (url, _):
        await call(url, "+491", "ask")
    assert shop.asked[0][1] == "/find?by=phone&word=a+b%26c%3Dd/../e&limit=3"


async def test_a_run_sends_json_once_by_its_key(shop: Shop) -> None:
    shop.answers = [web.Response(status=503), web.json_response({"reference": "R-7", "name": "Bo"})]
    async with opened(center(shop), epoch_ms=1_000) as (url, ended):
        said = await call(url, "+491", "pay")
    assert "Thank you, Bo, number R-7" in said
    assert [fact.outcome for fact in ended] == ["failed.http_503", "ok"]
    (method, path, headers, body), again = shop.asked
    assert (method, path, body) == ("POST", "/pay/%2B491", {"amount": "12.5", "note": 'for "May"'})
    assert headers["Content-Type"] == "application/json"
    assert headers["Idempotency-Key"].startswith("1000/c-000001/pay/")
    assert again[2]["Idempotency-Key"] == headers["Idempotency-Key"], (
        "the second attempt has the key of the first"
    )


@pytest.mark.parametrize(
    ("answer", "looked", "paid"),
    [
        ((404, ""), "not_found", "not_found"),
        ((402, '{"detail": "no_funds"}'), "failed.http_402", "declined.no_funds"),
        ((409, '{"detail": "Not a word."}'), "failed.http_409", "declined"),
        ((422, "<html>"), "failed.http_422", "declined"),
        ((500, ""), "failed.http_500", "failed.http_500"),
        ((401, ""), "failed.http_401", "failed.http_401"),
        ((302, ""), "failed.http_302", "failed.http_302"),
        ((200, "hello"), "failed.answer", "failed.answer"),
        ((200, "[1]"), "failed.answer", "failed.answer"),
        ((200, '{"debt": "much"}'), "failed.answer", "failed.answer"),
        ((200, '{"name": null}'), "failed.answer", "failed.answer"),
        ((200, '{"name": {"first": "Ada"}}'), "failed.answer", "failed.answer"),
        ((200, "[" * 60_000), "failed.answer", "failed.answer"),
        ((200, '{"pad": "' + "x" * 70_000 + '"}'), "failed.answer", "failed.answer"),
        ((200, '{"since": null, "debt": "3.10"}'), "ok", "ok"),
        ((204, ""), "failed.answer", "ok"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
async def test_every_answer_is_an_outcome(
    shop: Shop, answer: tuple[int, str], looked: str, paid: str
) -> None:
    status, body = answer

    def made() -> web.Response:
        return web.Response(
            status=status, text=body, headers={"Location": "/elsewhere"} if status == 302 else {}
        )

    shop.answers = [made() for _ in range(3)]
    async with opened(center(shop)) as (url, ended):
        await call(url, "1")
        await call(url, "2", "pay")
    assert ended[0].outcome == looked
    assert ended[-1].outcome == paid
    assert all(path != "/elsewhere" for _, path, _, _ in shop.asked), "nobody is sent elsewhere"


async def test_a_service_that_hangs_cuts_or_is_not_there(shop: Shop) -> None:
    async with opened(center(shop, timeout="200ms")) as (url, ended):
        assert "Nobody." in await call(url, "hangs")
        assert "Nobody." in await call(url, "cut")
    async with opened(center(shop, url="http://127.0.0.1:9")) as (url, more):
        assert "Nobody." in await call(url, "1")
    assert [fact.outcome for fact in (*ended, *more)] == [
        "failed.timeout",
        "failed.network",
        "failed.network",
    ]


async def test_who_has_no_number_is_nobody_and_the_service_is_not_asked(shop: Shop) -> None:
    async with opened(center(shop)) as (url, ended):
        for number in ("", ".", ".."):
            await call(url, number)
    assert [fact.outcome for fact in ended] == ["not_found"] * 3
    assert shop.asked == []


async def test_faults_stand_before_the_service(shop: Shop) -> None:
    faults = "broken: { lookup: who, outcome: failed.backup }, slow: { run: pay, takes: 300ms }"
    async with opened(center(shop, faults=faults)) as (url, ended):
        await call(url, "1")
        assert shop.asked == []
        await call(url, "1", "pay")
    assert [fact.outcome for fact in ended] == ["failed.backup", "ok"]
    assert ended[1].took_ms >= 300


async def test_the_server_stops_while_it_waits_for_a_service(shop: Shop) -> None:
    keep: list[LiveCenter] = []
    async with (
        asyncio.timeout(15),
        opened(center(shop, timeout="1h"), keep=keep) as (url, _),
        Phone(url, number="hangs") as phone,
    ):
        await phone.dial("look")
        await until(lambda: len(shop.asked) == 1)
    assert not keep[0].company._tasks


async def test_requests_that_wait_are_bounded(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.live.company.SERVICE_REQUESTS_MAX", 1)
    async with opened(center(shop)) as (url, ended), Phone(url, number="hangs") as phone:
        await phone.dial("look")
        await until(lambda: len(shop.asked) == 1)
        await call(url, "2")
        assert [fact.outcome for fact in ended] == ["failed.busy"]


async def test_what_the_service_said_is_in_the_journal_and_a_replay_asks_nobody(
    shop: Shop, tmp_path: Path
) -> None:
    made, path = center(shop), tmp_path / "ivr.db"
    store = await asyncio.to_thread(Store.open, path)
    async with opened(made, store=store, epoch_ms=1_700_000_000_000) as (url, ended):
        header = Header("0", made.plan.digest, "1", 1_700_000_000_000, 1, 1.0, dict(made.sources))
        await asyncio.to_thread(store.begin_run, header)
        assert "Ada" in await call(url, "+491")
    await asyncio.to_thread(store.close)
    assert [fact.outcome for fact in ended] == ["ok"]
    report = await asyncio.to_thread(replay, path)
    assert report.facts > 5
    assert len(shop.asked) == 1


def test_a_server_does_not_start_without_what_its_services_are_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_TOKEN", raising=False)
    made = center(Shop(url="http://127.0.0.1:9"))
    for name, text in made.sources.items():
        (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(OperatorError, match="no SHOP_TOKEN, the header X-Token of who"):
        serve(ServeOptions(tmp_path))
