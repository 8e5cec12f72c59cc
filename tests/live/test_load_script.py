"""The load script that people copy: it runs, ends by itself, and its numbers are the center's."""

import asyncio
import re
import sys
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port

from ivr.core.facts import Fact, QueueLeft
from tests.live.serving import served

SCRIPT = Path(__file__).parents[2] / "flows" / "examples" / "load" / "open_arrivals.py"


async def test_the_load_script_reports_waits_as_percentiles() -> None:
    told: list[Fact] = []
    async with served(speed=20, callers=False, tell=told.append) as url:
        script = await asyncio.create_subprocess_exec(
            sys.executable, str(SCRIPT), "--url", url, "--rate", "8", "--calls", "24", "--patience", "20",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, problems = await asyncio.wait_for(script.communicate(), 60)
    assert script.returncode == 0, problems.decode()
    text = out.decode()
    answered = re.search(r"(\d+)  answered", text)
    assert answered is not None, text
    assert re.search(r"p50 \d+\.\d+ s +p90 \d+\.\d+ s +p99 \d+\.\d+ s", text)
    at_the_center = sum(isinstance(fact, QueueLeft) and fact.outcome == "answered" for fact in told)
    assert int(answered[1]) == at_the_center > 0


@pytest.mark.parametrize("number", ["support", "nobody"])
async def test_it_stops_at_the_first_refusal(number: str) -> None:
    async with served(agents=False) as url:
        address = url if number == "nobody" else f"http://127.0.0.1:{unused_port()}"
        script = await asyncio.create_subprocess_exec(
            sys.executable, str(SCRIPT), "--url", address, "--rate", "1000", "--number", number,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, problems = await asyncio.wait_for(script.communicate(), 60)
    assert (script.returncode, out) == (1, b"")
    assert problems.decode().count("\n") == 1, problems.decode()
    assert problems.startswith(
        b"stopped: the center refused" if number == "nobody" else b"stopped: no center answers"
    )


def test_it_is_short() -> None:
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) < 60
