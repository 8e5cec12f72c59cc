"""`ivr agent` at a real center: lines typed by two agents and a supervisor, over real sockets."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from ivr import wire
from ivr.client import Phone
from tests.live.serving import served
from tests.live.test_hearing import AGENTS, FLOW
from tests.support import center_of
from tests.support.lab import states

IVR = str(Path(sys.executable).parent / "ivr")
SECONDS_MAX = 30


class Typist:
    """A running `ivr agent --json`: type lines, and read until the center has said something."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def type(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())

    async def until(self, kind: str, /, **fields: Any) -> dict[str, Any]:
        """The next message of this type with these fields."""
        assert self._process.stdout is not None
        seen = []
        async with asyncio.timeout(SECONDS_MAX):
            async for line in self._process.stdout:
                message: dict[str, Any] = json.loads(line)
                seen.append(message)
                if message["type"] == kind and all(message[name] == fields[name] for name in fields):
                    return message
        raise AssertionError(f"ended before {kind} {fields}: {seen}")

    async def signs_out(self) -> dict[str, Any]:
        self.type("q")
        summary = await self.until("summary")
        assert await self._process.wait() == 0
        return summary


@contextlib.asynccontextmanager
async def agent(url: str, name: str, *options: str) -> AsyncIterator[Typist]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        IVR, "agent", name, "--url", url, "--json", *options, stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        yield Typist(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def test_a_consultation_and_a_supervisor_typed_as_lines() -> None:
    center = center_of(states(FLOW), agents=AGENTS)
    async with (
        served(center, agents=False) as url,
        Phone(url, number="+1") as phone,
        agent(url, "anna") as anna,
        agent(url, "boris") as boris,
        agent(url, "clara", "--pause") as clara,
    ):
        assert (await anna.until("seated"))["team"] == []
        assert (await clara.until("seated"))["team"] == ["anna", "boris", "clara"]
        await anna.until("agent_state", state="ready")
        await boris.until("agent_state", state="ready")
        await clara.until("agent_state", state="paused")
        await phone.dial("1")
        await anna.until("ring", kind="call")
        anna.type("a")
        await anna.until("bridged")
        clara.type("i anna")
        await clara.until("supervising", agent="anna", mode="whisper")
        clara.type("m")
        await clara.until("supervising", agent="anna", mode="monitor")
        anna.type("c bo")
        await anna.until("consulting", party="boris", mode="ringing")
        await boris.until("ring", kind="consult")
        boris.type("a")
        await anna.until("consulting", mode="private")
        for letter, mode in (("s", "swapped"), ("s", "private"), ("f", "conference")):
            anna.type(letter)
            await boris.until("consulting", party="anna", mode=mode)
        anna.type("k")
        await clara.until("supervising", agent="", mode="")
        await boris.until("bridged")
        await phone.wait_for(wire.Bridged, within=5, where=lambda talk: talk.party == "boris")
        clara.type("o anna pau")
        await anna.until("agent_state", state="paused", reason="by clara")
        boris.type("e")
        assert (await boris.signs_out())["talks"] == 1
        assert (await anna.signs_out())["talks"] == 1
        await clara.signs_out()
