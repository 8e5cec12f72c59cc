"""Lookups and runs that a service of the user's answers: how they are written, and what becomes of them in virtual time."""

from datetime import datetime
from typing import Any

import pytest

from ivr.core.flow.values import ValueType
from ivr.core.plan import Request
from ivr.errors import AuthorError
from ivr.language import Center, load_sources
from ivr.language.trials import trials_in
from ivr.language.world_model import HttpService
from ivr.live.company import NotAsked, address_of, headers_of, outcome_of
from ivr.sim.explorer import explore
from ivr.trial.report import failure_text
from ivr.trial.run import run_trial
from ivr.world import Answer, World

CENTER = """\
center: Shop
numbers: { "1": main }
data: { customer: { name: text, phone: text, debt: money } }
queues: { desk: {} }
agents: { ann: { queues: [desk] } }
world:
  tables: { customers: [{ phone: "1", name: Ada }] }
  lookups:
    who: { args: { phone: text }, http: { url: "http://127.0.0.1:9000/customers/{phone}", timeout: 3s }, into: customer }
  runs:
    pay: { args: { amount: money }, http: { url: "https://pay.example/{caller}", headers: { X-Key: env:PAY_KEY } }, result: { reference: integer }, into: customer }
"""
FLOW = """\
flow: main
start: a
returns: [done, sorry]
states:
  a:
    - lookup: who
      with: { phone: caller.number }
      on: { not_found: z, failed: z }
    - run: pay
      with: { amount: 5 }
      on: { not_found: z, failed: z, declined: z }
    - say: "Thank you, {{ customer.name }}, number {{ result.reference }}."
    - return: done
  z: [{ return: sorry }]
"""


def center(old: str = "", new: str = "") -> Center:
    assert old in CENTER
    return load_sources({"center.yaml": CENTER.replace(old, new, 1), "main.flow.yaml": FLOW})


def test_what_is_written_is_what_is_asked() -> None:
    world = center().world
    assert world.lookups["who"].http == HttpService(
        "http://127.0.0.1:9000/customers/{phone}", "GET", {}, 3_000
    )
    assert world.runs["pay"].http == HttpService(
        "https://pay.example/{caller}", "POST", {"X-Key": "env:PAY_KEY"}, 30_000
    )
    assert center().plan.requests["pay"].result.keys() == {"name", "phone", "debt", "reference"}


@pytest.mark.parametrize(
    ("old", "new", "said", "cure"),
    [
        ("http://127.0.0.1:9000/customers/{phone}", "127.0.0.1/x", "is no address", "http://HOST:PORT/PATH"),
        ("http://127.0.0.1:9000/customers/{phone}", "ftp://x/y", "is no address", ""),
        ("http://127.0.0.1:9000/customers/{phone}", "http:///y", "is no address", ""),
        ("http://127.0.0.1:9000/customers/{phone}", "http://[::1/y", "is no address", ""),
        ("http://127.0.0.1:9000/customers/{phone}", "http://x:99999/y", "is no address", ""),
        ("http://127.0.0.1:9000/customers/{phone}", "http://x/a b", "is no address", ""),
        ("127.0.0.1:9000", "u:p@x", "without passwords", "env:NAME"),
        ("127.0.0.1:9000", "{phone}", "who is asked stands in the file", ""),
        ("{phone}", "{fone}", "no argument 'fone'", "'phone'"),
        ("{phone}", "{phone", "no partner", "{name}"),
        ("timeout: 3s", "method: FETCH", "'FETCH' cannot be used", "GET, POST"),
        ("timeout: 3s", "header: {}", "unknown key 'header'", "headers"),
        (
            "into: customer }\n  runs",
            "into: customer, from: customers }\n  runs",
            "'from' means nothing",
            "delete",
        ),
        (
            "into: customer }\n  runs",
            "into: customer, fails: 3% }\n  runs",
            "'fails' means nothing",
            "delete",
        ),
        ("result: {", "gives: { reference: 1 }, result: {", "'gives' means nothing", ""),
        ("headers: {", "method: GET, headers: {", "a GET changes nothing", "POST"),
        ("X-Key: env:PAY_KEY", '"X Key": a', "no name of a header", "X-Api-Key"),
        ("X-Key: env:PAY_KEY", "Idempotency-Key: a", "is set by us", "delete"),
        ("X-Key: env:PAY_KEY", "X-Key: env:1", "no name of a variable", "env:BILLING_TOKEN"),
        ("X-Key: env:PAY_KEY", 'X-Key: "a\\nb"', "printable ASCII", ""),
        (
            'http: { url: "http://127.0.0.1:9000/customers/{phone}", timeout: 3s }, ',
            "",
            "'from' is missing",
            "http:",
        ),
        (
            'http: { url: "http://127.0.0.1:9000/customers/{phone}", timeout: 3s }',
            "from: customers",
            "'match' is missing",
            "",
        ),
    ],
)
def test_a_service_that_cannot_be_asked_is_refused(old: str, new: str, said: str, cure: str) -> None:
    with pytest.raises(AuthorError) as refused:
        center(old, new)
    text = "\n".join(map(str, refused.value.problems))
    assert said in text
    assert cure in text


def test_in_virtual_time_nobody_is_asked() -> None:
    world = World(center().world, "1", lambda: datetime(2026, 1, 1))  # noqa: DTZ001
    assert world.answer("who", {"phone": "1"}, "1", "") == Answer(0, "failed.virtual", {})
    assert world.answer("pay", {"amount": "5"}, "1", "k") == Answer(0, "failed.virtual", {})


def test_a_test_says_what_the_services_answer_or_is_told_that_it_has_to() -> None:
    head = "test: t\ndials: '1'\nfrom: '1'\nexpect: { outcome: done }\n"
    mocks = "mock: { who: { outcome: ok, result: { name: Ada } }, pay: { outcome: ok, result: { reference: 7 } } }\n"
    assert not run_trial(trials_in(head + mocks, "t.test.yaml", center())[0]).failures
    failed = run_trial(trials_in(head, "t.test.yaml", center())[0])
    assert (
        "'who' is answered by a service, which a test does not ask: add mock: { who: ... }"
        in failure_text(failed)
    )
    with pytest.raises(AuthorError, match="'who' is answered by a service") as refused:
        trials_in(head + "mock: { who: ok }\n", "t.test.yaml", center())
    assert "outcome: ok, result:" in str(refused.value)


def test_an_exploration_lets_the_service_answer_in_every_way() -> None:
    found = explore(center(), "1", 20)
    assert found.complete
    moves = {move.text for path, _ in found.ways for move in path}
    assert moves >= {
        *("who finds somebody", "who finds nobody", "who fails"),
        *("pay is done", "pay is declined", "pay fails"),
    }


def at(url: str, method: str = "GET") -> HttpService:
    return HttpService(url, method, {}, 1_000)


@pytest.mark.parametrize(
    ("url", "args", "caller", "address"),
    [
        ("http://x/c/{phone}", {"phone": "+49 1"}, "", "http://x/c/%2B49%201"),
        ("http://x/c/{phone}", {"phone": "a/../b?c#d%41"}, "", "http://x/c/a%2F..%2Fb%3Fc%23d%2541"),
        ("http://x/c/{phone}", {"phone": "{caller}"}, "7", "http://x/c/%7Bcaller%7D"),
        ("http://x/c/{phone}/", {"phone": ".."}, "", None),
        ("http://x/c/{phone}/", {"phone": None}, "", None),
        ("http://x/c/{caller}", {}, "", None),
        ("http://x/c", {"vip": True, "n": 3, "word": "a b"}, "", "http://x/c?vip=true&n=3&word=a+b"),
        ("http://x/c?a=1", {"n": 3}, "", "http://x/c?a=1&n=3"),
    ],
)
def test_arguments_cannot_lead_anywhere_else(
    url: str, args: dict[str, Any], caller: str, address: str | None
) -> None:
    made = address_of(at(url), args, caller)
    assert (str(made) if made is not None else None) == address


def test_headers_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    service = HttpService("http://x", "GET", {"A": "env:SHOP_A", "B": "b"}, 1)
    monkeypatch.setenv("SHOP_A", "1")
    assert headers_of(service) == {"A": "1", "B": "b"}
    monkeypatch.delenv("SHOP_A")
    with pytest.raises(NotAsked, match="no SHOP_A") as refused:
        headers_of(service)
    assert refused.value.outcome == "failed.header"


def test_only_declared_fields_come_back_as_plain_values() -> None:
    request = Request(
        "who", "lookup", {}, {"debt": ValueType("money"), "since": ValueType("date", optional=True)}
    )
    said = b'{"debt": 12.5, "since": "2026-01-31", "password": "x"}'
    assert outcome_of(200, said, request) == ("ok", {"debt": "12.5", "since": "2026-01-31"})
    with pytest.raises(NotAsked, match="debt"):
        outcome_of(200, b'{"debt": "much"}', request)
