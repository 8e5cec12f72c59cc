"""Figures of queues and what may be done about them: REST, `ivr queue`, `ivr agents`."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from ivr import wire
from ivr.client import Desk, Phone
from ivr.core.facts import CallQueued, Fact, QueueLeft
from ivr.live.auth import Guard, hash_of
from tests.live.serving import served
from tests.live.test_bad_input import until
from tests.support import center_of
from tests.support.lab import states

FLOW = """
a: [{queue: support, on: {withdrawn: out, timeout: z, full: z, empty: z, closed: z}}, hangup]
out: [{say: "Somebody took you out."}, hangup]
z: [hangup]
"""
IVR = str(Path(sys.executable).parent / "ivr")


async def ivr(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command without a terminal."""
    return await asyncio.to_thread(
        subprocess.run,
        [IVR, *arguments],
        capture_output=True,
        text=True,
        env=os.environ | env,
        timeout=60,
        check=False,
    )


async def post(url: str, path: str, body: str = "", token: str = "") -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url + path, data=body, headers=headers) as answer,
    ):
        return answer.status, (await answer.text()).strip()


async def test_the_wallboard_shows_queues_and_agents_as_they_are() -> None:
    async with served(center_of(states(FLOW)), agents=False) as url:
        async with (
            Phone(url, number="+1") as one,
            Phone(url, number="+2") as other,
            Desk(url, agent="anna") as desk,
        ):
            await one.dial("1")
            await desk.wait_for(wire.Ring, within=5)
            await desk.accept()
            await one.wait_for(wire.Bridged, within=5)
            await other.dial("1")
            await other.wait_for(wire.Queued, within=5)
            (figures,) = [
                json.loads(line)
                for line in (await ivr("queue", "support", "--json", "--url", url)).stdout.splitlines()
            ]
            assert (figures["waiting"], figures["offered"], figures["outcomes"]["answered"]) == (1, 2, 1)
            assert figures["service_level"]["of_answered"] == 1.0
            assert 0 < figures["occupancy"] <= 1
            assert figures["first_contact_resolution"] == 1.0
            shown = (await ivr("queue", "--url", url)).stdout
            heading, support, billing = (line.split() for line in shown.splitlines())
            assert (support[0], support[1], support[4:7]) == ("support", "1", ["0", "1", "0"])
            assert billing[0] == "billing"
            assert heading[-1] == "occupied"
            agents = [
                json.loads(line) for line in (await ivr("agents", "--json", "--url", url)).stdout.splitlines()
            ]
            assert {one["name"]: (one["state"], one["call"]) for one in agents} == {
                "anna": ("talking", 1),
                "boris": ("signed_out", None),
            }
            table = (await ivr("agents", "--queue", "billing", "--url", url)).stdout
            assert table.split("\n")[1].split()[:2] == ["boris", "signed_out"]
        unknown = await ivr("queue", "sport", "--url", url)
        assert (unknown.returncode, "there are support, billing" in unknown.stderr) == (2, True)
        nobody = await ivr("agents", "--queue", "sport", "--url", url)
        assert (nobody.returncode, "nobody serves" in nobody.stderr) == (2, True)
    gone = await ivr("queue", "--url", url)
    assert (gone.returncode, "no center answers" in gone.stderr) == (4, True)


async def test_waiting_calls_are_moved_and_taken_out_and_agents_paused_over_rest() -> None:
    told: list[Fact] = []
    async with (
        served(center_of(states(FLOW)), agents=False, tell=told.append) as url,
        Phone(url, number="+1") as one,
        Phone(url, number="+2") as other,
        Desk(url, agent="anna", ready=False) as desk,
    ):
        for phone in (one, other):
            await phone.dial("1")
            await phone.wait_for(wire.Queued, within=5)
        assert await post(url, "/api/calls/c-000002/priority", '{"priority": 7}') == (202, "taken")
        await desk.ready()
        assert (await desk.wait_for(wire.Ring, within=5)).call == "c-000002"
        assert await post(url, "/api/calls/c-000001/withdraw") == (202, "taken")
        assert (await one.wait_for(wire.Prompt, within=5)).text == "Somebody took you out."
        assert [fact.outcome for fact in told if isinstance(fact, QueueLeft)] == ["withdrawn"]
        assert len([fact for fact in told if isinstance(fact, CallQueued)]) == 2
        assert await post(url, "/api/agents/anna/state", '{"state": "paused", "reason": "lunch"}') == (
            202,
            "taken",
        )
        await until(lambda: desk.state.reason == "lunch")


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("/api/calls/c-000009/withdraw", "", 409, "does not wait"),
        ("/api/calls/nonsense/withdraw", "", 404, "no call"),
        ("/api/calls/c-000009/priority", '{"priority": 1}', 409, "does not wait"),
        ("/api/agents/nobody/state", '{"state": "ready"}', 404, "no agent"),
        ("/api/agents/anna/state", '{"state": "asleep"}', 400, "ready, paused, signed_out"),
        ("/api/agents/anna/state", "[" * 60_000, 400, "write {state, reason}"),
        ("/api/agents/anna/state", '{"state": "paused", "reason": "' + "x" * 999 + '"}', 400, "at most"),
    ],
)
async def test_what_cannot_be_is_answered_with_the_reason(
    path: str, body: str, status: int, says: str
) -> None:
    async with served(center_of(states(FLOW)), agents=False) as url:
        found = await post(url, path, body)
    assert (found[0], says in found[1]) == (status, True), found


async def test_only_supervisors_may_do_it_where_tokens_are_asked_for() -> None:
    guard = Guard({hash_of("boss"): "supervisor", hash_of("anna"): "agent"})
    async with served(center_of(states(FLOW)), agents=False, guard=guard) as url:
        path, body = "/api/agents/anna/state", '{"state": "ready"}'
        assert (await post(url, path, body))[0] == 401
        assert (await post(url, path, body, "anna"))[0] == 403
        assert (await post(url, path, body, "boss"))[0] == 202
        assert (await ivr("queue", "--url", url)).returncode != 0
        assert (await ivr("queue", "--url", url, IVR_TOKEN="boss")).returncode == 0
