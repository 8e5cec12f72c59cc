"""What `ivr serve` prints: lines that can be opened and typed as they stand."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.language import load_center, load_sources
from ivr.live.serve import ServeOptions, _goodbye, _hello, _recovered

NORTHLIGHT = Path(__file__).parents[2] / "flows" / "northlight"
OPTIONS = ServeOptions(NORTHLIGHT)


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("127.0.0.1", "http://127.0.0.1:18200"),
        ("localhost", "http://localhost:18200"),
        ("::1", "http://[::1]:18200"),
        ("0.0.0.0", "http://127.0.0.1:18200"),
        ("::", "http://[::1]:18200"),
        ("192.0.2.7", "http://192.0.2.7:18200"),
    ],
)
def test_what_is_printed_is_an_address_that_can_be_opened(host: str, base: str) -> None:
    text = "\n".join(_hello(replace(OPTIONS, host=host), load_center(NORTHLIGHT), "none", 18_200))
    typed = shlex.quote(base)
    assert f"see it          {base}/\n" in text
    assert f"call support --url {typed}\n" in text
    assert f"curl {typed}/metrics\n" in text
    assert (typed != base) == ("[" in base), "brackets are quoted from the shell"


def test_the_usual_address_is_not_repeated() -> None:
    assert "--url" not in "\n".join(_hello(OPTIONS, load_center(NORTHLIGHT), "none", 8080))


def test_people_are_there_only_when_somebody_wrote_them() -> None:
    demo = load_center(NORTHLIGHT)
    assert ", with simulated people" in _hello(OPTIONS, demo, "none", 8080)[0]
    assert ", without simulated people" in _hello(replace(OPTIONS, people=False), demo, "none", 8080)[0]
    bare = load_sources(
        {
            "center.yaml": "center: Bare\nnumbers: { hotline: main }\nqueues: { q: {} }\nagents: { a: { queues: [q] } }\n",
            "main.flow.yaml": "flow: main\nstart: s\nstates: { s: [{ queue: q }, hangup] }\n",
        }
    )
    opened = _hello(OPTIONS, bare, "none", 8080)[0]
    assert opened == "Bare is open (1 queue, 1 agent, without simulated people, speech: none)"


def test_with_tokens_every_command_says_where_one_goes() -> None:
    options = replace(OPTIONS, tokens=Path("tokens.toml"))
    text = "\n".join(_hello(options, load_center(NORTHLIGHT), "none", 8080))
    for line in (
        "curl -H 'Authorization: Bearer SUPERVISOR_TOKEN' http://127.0.0.1:8080/api/snapshot\n",
        "call support --token CALLER_TOKEN\n",
        "agent anna --token AGENT_TOKEN\n",
        "curl -H 'Authorization: Bearer METRICS_TOKEN' http://127.0.0.1:8080/metrics\n",
        "the tokens      those of tokens.toml; a supervisor's does for all\n",
    ):
        assert line in text


@pytest.mark.parametrize(
    ("calls", "callbacks", "text"),
    [
        (1, 0, "1 open call is recorded as system_error"),
        (2, 1, "2 open calls are recorded as system_error; 1 pending callback is taken over"),
        (0, 2, "0 open calls are recorded as system_error; 2 pending callbacks are taken over"),
    ],
)
def test_what_an_unclean_end_left_is_counted_in_english(calls: int, callbacks: int, text: str) -> None:
    assert _recovered(calls, callbacks) == f"the last run did not end cleanly: {text}"


def test_the_goodbye_says_what_is_dropped() -> None:
    assert _goodbye(0, kept=False) == "stopping: calls end"
    assert (
        _goodbye(1, kept=True)
        == "stopping: calls end, records are written; 1 pending callback is made when the center is served again"
    )
    assert _goodbye(2, kept=False).endswith("2 pending callbacks are dropped")
