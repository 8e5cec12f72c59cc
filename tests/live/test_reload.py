"""Files that change while a center is served: new calls follow the newest valid ones, calls in progress keep theirs."""

import asyncio
import contextlib
import io
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ivr import wire
from ivr.client import Desk, Phone
from ivr.language import check_center, load_center, render
from ivr.live.center import LiveCenter
from ivr.live.reload import Reloader
from ivr.observe.journal import Header
from ivr.observe.log import logger
from ivr.sim.replay import replay
from ivr.store import Store
from tests.live.serving import served
from tests.live.test_bad_input import until

CENTER = """\
center: Small
numbers: { "1": main }
queues: { line: { ring: 15s } }
agents: { anna: { queues: [line] } }
"""
FLOW = """\
flow: main
start: hello
states:
  hello:
    - menu: "MENU"
      say: "Old greeting."
      choices: { 1: { label: "on", goto: bye } }
      listen: { silence: 1h }
      on: { give_up: bye }
  bye: [{ say: "Old goodbye." }, hangup]
"""


@dataclass
class Served:
    """A served folder that is watched."""

    url: str
    folder: Path
    live: LiveCenter
    said: list[str] = field(default_factory=list)

    def write(self, name: str, text: str) -> None:
        """Save a file as an editor does: whole, and with a time of its own."""
        part = self.folder / f".{name}.part"
        part.write_text(text, "utf-8")
        part.replace(self.folder / name)

    async def says(self, text: str) -> str:
        await until(lambda: any(text in said for said in self.said))
        return next(said for said in self.said if text in said)

    async def metric(self, name: str) -> float:
        async with aiohttp.ClientSession() as session, session.get(self.url + "/metrics") as answer:
            page = await answer.text()
        return next(float(line.split()[-1]) for line in page.splitlines() if line.startswith(name + " "))


def write_center(folder: Path) -> None:
    folder.mkdir()
    (folder / "center.yaml").write_text(CENTER, "utf-8")
    (folder / "main.flow.yaml").write_text(FLOW, "utf-8")


@contextlib.asynccontextmanager
async def watched(folder: Path, **more: Any) -> AsyncIterator[Served]:
    write_center(folder)
    keep: list[LiveCenter] = []
    async with served(folder, agents=False, keep=keep, **more) as url:
        there = Served(url, folder, keep[0])
        watching = asyncio.create_task(Reloader(keep[0], folder, there.said.append, every=0.01).run())
        yield there
        assert not watching.done()
        watching.cancel()


async def test_a_call_in_progress_keeps_its_revision_and_the_next_one_follows_the_file(
    tmp_path: Path,
) -> None:
    async with watched(tmp_path / "c") as there, Phone(there.url) as first, Phone(there.url) as second:
        await first.dial("1")
        await first.hears("Old greeting")
        there.write("main.flow.yaml", FLOW.replace("Old", "New"))
        await there.says("calls from now on")
        await second.dial("1")
        await second.hears("New greeting")
        for phone, text in ((first, "Old goodbye"), (second, "New goodbye")):
            await phone.press("1")
            await phone.hears(text)
            assert (await phone.wait_for(wire.Ended, within=5)).reason == "flow_hung_up"
        assert await there.metric("ivr_config_reload_success") == 1
        assert there.live.bugs == 0


async def test_a_broken_file_changes_nothing_but_a_gauge_and_a_message(tmp_path: Path) -> None:
    out = io.StringIO()
    async with watched(tmp_path / "c") as there, Phone(there.url) as phone:
        there.live.log = logger(out, level="error")
        loaded = await there.metric("ivr_config_reload_timestamp_seconds")
        there.write("main.flow.yaml", FLOW.replace("goto: bye", "goto: bey"))
        said = await there.says("was not reloaded")
        assert said.startswith(render(check_center(there.folder))), "what `ivr check` prints"
        assert "did you mean 'bye'?" in said
        assert '"hint":"did you mean \'bye\'?"' in out.getvalue()
        assert await there.metric("ivr_config_reload_success") == 0
        assert await there.metric("ivr_config_reload_timestamp_seconds") == loaded
        await phone.dial("1")
        await phone.hears("Old greeting")
        await phone.hang_up()
        there.write("main.flow.yaml", FLOW.replace("Old", "Mended"))
        await there.says("calls from now on")
        await phone.dial("1")
        await phone.hears("Mended greeting")
        assert await there.metric("ivr_config_reload_success") == 1


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (
            (
                "agents: { anna: { queues: [line] } }",
                "agents: { anna: { queues: [line] }, ben: { queues: [line] } }",
            ),
            "the agents",
        ),
        (("queues: { line: { ring: 15s } }", "queues: { line: {}, other: {} }"), "the queues"),
        (("{ ring: 15s }", "{ service_level: { within: 7s, target: 80% } }"), "service levels"),
        (("center: Small", "center: Small\ntimezone: Asia/Tokyo"), "the time zone"),
    ],
)
async def test_what_cannot_change_while_serving_is_named(
    change: tuple[str, str], what: str, tmp_path: Path
) -> None:
    async with watched(tmp_path / "c") as there, Phone(there.url) as phone:
        there.write("center.yaml", CENTER.replace(*change))
        said = await there.says("was not reloaded")
        assert said.startswith(what)
        assert "serve the center anew" in said
        assert await there.metric("ivr_config_reload_success") == 0
        await phone.dial("1")


async def test_settings_of_a_queue_count_for_the_next_ring_and_the_auditor_knows_them(tmp_path: Path) -> None:
    flow = FLOW.replace(
        'bye: [{ say: "Old goodbye." }, hangup]',
        "bye: [{ queue: line, on: { timeout: x, full: x, empty: x, closed: x } }, hangup]\n  x: [hangup]",
    )
    async with watched(tmp_path / "c", speed=50) as there:
        there.write("main.flow.yaml", flow)
        there.write(
            "center.yaml",
            CENTER.replace("ring: 15s", "ring: 9s, wrap_up: 5s, retry_after: 1s, max_misses: 1"),
        )
        await there.says("calls from now on")
        async with Phone(there.url) as phone, Desk(there.url, agent="anna") as desk:
            await phone.dial("1")
            await phone.press("1")
            ring = await desk.wait_for(wire.Ring, within=5)
            assert ring.ring_ms == 9_000
            while (await desk.wait_for(wire.AgentState, within=5)).state != "not_responding":
                pass
            await desk.ready()
            await desk.accept((await desk.wait_for(wire.Ring, within=5)).reservation)
            await desk.wait_for(wire.Bridged, within=5)
            await desk.hang_up()
            while (await desk.wait_for(wire.AgentState, within=5)).state != "wrap_up":
                pass
        assert there.live.bugs == 0


async def test_a_journal_with_a_reload_replays(tmp_path: Path) -> None:
    folder, path = tmp_path / "c", tmp_path / "data" / "ivr.db"
    store = await asyncio.to_thread(Store.open, path)
    async with watched(folder, store=store, epoch_ms=1_700_000_000_000) as there:
        center = load_center(folder)
        header = Header("0", center.plan.digest, "1", 1_700_000_000_000, 1, 1.0, dict(center.sources))
        await asyncio.to_thread(store.begin_run, header)
        there.write("main.flow.yaml", FLOW.replace("Old", "New"))
        await there.says("calls from now on")
        async with Phone(there.url) as phone:
            await phone.dial("1")
            await phone.hears("New greeting")
            await phone.press("1")
            await phone.wait_for(wire.Ended, within=5)
    await asyncio.to_thread(store.close)
    report = await asyncio.to_thread(replay, path)
    assert report.facts > 5
    assert report.inputs > 3


async def test_a_half_written_file_is_not_looked_at_and_other_files_do_not_matter(tmp_path: Path) -> None:
    async with watched(tmp_path / "c") as there:
        seen: Callable[[], Any] = Reloader._seen.__get__(Reloader(there.live, there.folder, print))
        before = seen()
        (there.folder / "notes.txt").write_text("nothing")
        assert seen() == before
        os.utime(there.folder / "main.flow.yaml")
        assert seen() != before
        assert not there.said
