"""`ivr serve` as a process: starts, says what to type, survives being killed, refuses what cannot work."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.client import Desk, NotInTime, Phone
from ivr.wire import Bridged, Connected, Ended, Incoming, Ring
from tests.live.serving import NORTHLIGHT

IVR = str(Path(sys.executable).parent / "ivr")
ENV = os.environ | {"NO_COLOR": "1", "COLUMNS": "160"}


@contextlib.contextmanager
def serving(*options: str, center: Path = NORTHLIGHT) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A served center, the demo if no other, in a process of its own, and its URL."""
    command = [IVR, "serve", str(center), "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENV)
    assert process.stdout is not None
    said = ""
    try:
        for line in process.stdout:
            said += line
            if found := re.search(r"its metrics .*(http://\S+?)/metrics\s", line):
                yield process, found[1]
                break
        else:
            pytest.fail(f"did not start: {said}")
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=20)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([IVR, *arguments], capture_output=True, text=True, env=ENV, timeout=60, check=False)


async def test_a_call_is_answered_recorded_and_replayed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving("--data", str(data), "--speed", "10") as (process, url):
        async with Phone(url, number="+491510000001") as phone:
            connected = await phone.dial("support")
            await phone.hears("press 1", within=20)
            await phone.press("1")
            await phone.wait_for(Bridged, within=30)
            await phone.wait_for(Ended, within=60)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 20) == 0
    listed = [json.loads(line) for line in run("records", "--data", str(data), "--json").stdout.splitlines()]
    mine = next(row for row in listed if row["call"] == connected.call)
    assert mine["caller"] == "+491510000001"
    assert mine["reason"] == "flow_hung_up"
    assert [visit["outcome"] for visit in mine["visits"]] == ["answered"]
    replayed = run("replay", str(data))
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert "identical" in replayed.stdout


async def test_every_connected_call_has_one_record_after_kill_minus_nine(tmp_path: Path) -> None:
    data = tmp_path / "data"
    told: list[str] = []
    with serving("--data", str(data), "--speed", "5") as (process, url):
        phones = [Phone(url, number=f"+4915100000{n:02}") for n in range(1, 9)]
        for phone in phones:
            await phone.__aenter__()
            connected: Connected = await phone.dial("support" if len(told) % 2 else "retention")
            told.append(connected.call)
        await phones[0].hang_up()
        await phones[0].wait_for(Ended, within=20)
        await phones[1].hears("press", within=20)
        process.kill()
        await asyncio.to_thread(process.wait, 20)
        for phone in phones:
            with contextlib.suppress(Exception):
                await phone.aclose()
    with serving("--data", str(data), "--no-people") as (_, url):
        async with Phone(url) as phone:
            fresh = await phone.dial("support")
            assert fresh.call not in told, "numbers go on, they do not begin again"
    rows = [json.loads(line) for line in run("records", "--data", str(data), "--json").stdout.splitlines()]
    reasons = {row["call"]: row["reason"] for row in rows}
    assert len(rows) == len(reasons), "one record a call"
    # what was told to a phone within the last few milliseconds may not have reached the disk
    assert len(set(told) & set(reasons)) >= len(told) - 1
    assert reasons[told[0]] == "caller_hung_up"
    assert reasons[told[1]] == "system_error"


CENTER = "center: Small\nnumbers: { line: book }\nqueues: { support: {} }\nagents: { anna: { queues: [support] } }\n"
BOOK = """\
flow: book
start: a
states: { a: [{ callback: support, on: { failed: z } }, { say: "We call you back." }, hangup], z: [hangup] }
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_a_callback_outlives_the_server_and_is_made_by_the_next(
    how: signal.Signals, tmp_path: Path
) -> None:
    center, data = tmp_path / "center", tmp_path / "data"
    center.mkdir()
    (center / "center.yaml").write_text(CENTER, "utf-8")
    (center / "book.flow.yaml").write_text(BOOK, "utf-8")
    with serving("--data", str(data), center=center) as (process, url):
        async with Phone(url, number="+491") as phone:
            await phone.dial("line")
            await phone.wait_for(Ended, within=20)
        while not await asyncio.to_thread(lambda: run("records", "--data", str(data), "--json").stdout):
            pass  # the disk is some milliseconds behind
        process.send_signal(how)
        await asyncio.to_thread(process.wait, 20)
    with serving("--data", str(data), center=center) as (process, url):
        async with Phone(url, number="+491") as phone, Desk(url, agent="anna") as desk:
            ring = await desk.wait_for(Ring, within=10)
            assert (ring.kind, ring.caller, ring.call) == ("callback", "+491", "")
            await desk.accept()
            await phone.wait_for(Incoming, within=10)
            await phone.answer()
            await desk.wait_for(Bridged, within=10)
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, 20)
    with serving("--data", str(data), center=center) as (_, url):
        async with Desk(url, agent="anna") as desk:
            with pytest.raises(NotInTime):
                await desk.wait_for(Ring, within=1)


@pytest.mark.parametrize(
    ("kept", "said"), [(False, "stopping: calls end\n"), (True, ", records are written\n")]
)
def test_control_c_is_how_a_center_is_closed(kept: bool, said: str, tmp_path: Path) -> None:
    with serving("--no-people", *(["--data", str(tmp_path)] if kept else [])) as (process, _):
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert out.endswith(said)


def test_a_call_without_the_token_it_needs_is_told_which(tmp_path: Path) -> None:
    made = json.loads(run("token", "agent", "--json").stdout)
    tokens = tmp_path / "tokens.toml"
    tokens.write_text(f'agent = ["{made["hash"]}"]')
    with serving("--no-people", "--tokens", str(tokens), "--host", "127.0.0.1") as (_, url):
        none = run("call", "support", "--url", url)
        wrong = run("call", "support", "--url", url, "--token", "nonsense")
        other = run("call", "support", "--url", url, "--token", made["token"])
    assert [each.returncode for each in (none, wrong, other)] == [4, 4, 4]
    assert "asks for a token; give one with --token or in IVR_TOKEN" in none.stderr
    assert "does not know this token; give another" in wrong.stderr
    assert "not for the role of this token" in other.stderr


async def test_a_call_that_the_closing_center_ends_is_one_that_broke() -> None:
    with serving("--no-people") as (process, url):
        call = await asyncio.create_subprocess_exec(
            IVR,
            "call",
            "support",
            "--url",
            url,
            stdout=asyncio.subprocess.PIPE,
            stdin=asyncio.subprocess.DEVNULL,
        )
        assert call.stdout is not None
        assert b"connected" in await call.stdout.readline()
        process.terminate()
        rest = await asyncio.wait_for(call.stdout.read(), 20)
        assert await call.wait() == 1
    assert rest.decode().rstrip().endswith("ended: the center closed")


def test_a_port_in_use_names_the_cure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = run("serve", str(NORTHLIGHT), "--port", port)
    assert refused.returncode == 3
    assert port in refused.stderr
    assert "--port" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_address_that_others_can_reach_needs_tokens(tmp_path: Path) -> None:
    refused = run("serve", str(NORTHLIGHT), "--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 3
    assert "tokens" in refused.stderr
    bad = tmp_path / "tokens.toml"
    bad.write_text('caller = ["secret"]')
    refused = run("serve", str(NORTHLIGHT), "--host", "0.0.0.0", "--port", "0", "--tokens", str(bad))
    assert refused.returncode == 3
    assert "ivr token" in refused.stderr


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "file"
    folder.write_text("")
    refused = run("serve", str(NORTHLIGHT), "--port", "0", "--data", str(folder))
    assert refused.returncode == 3
    assert str(folder) in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_database_of_a_newer_version(tmp_path: Path) -> None:
    tmp_path.joinpath("ivr.db").touch()
    with contextlib.closing(sqlite3.connect(tmp_path / "ivr.db")) as newer:
        newer.execute("PRAGMA user_version = 999")
        newer.execute("CREATE TABLE later (x)")
        newer.commit()
    refused = run("serve", str(NORTHLIGHT), "--port", "0", "--data", str(tmp_path))
    assert refused.returncode == 3
    assert "newer" in refused.stderr


def test_a_second_server_on_the_same_data(tmp_path: Path) -> None:
    with serving("--data", str(tmp_path), "--no-people") as (process, _):
        refused = run("serve", str(NORTHLIGHT), "--port", "0", "--data", str(tmp_path))
    assert refused.returncode == 3
    assert str(process.pid) in refused.stderr


def test_a_center_that_is_wrong_is_not_served(tmp_path: Path) -> None:
    tmp_path.joinpath("center.yaml").write_text("center: X\nnumbers: { a: b }\n")
    refused = run("serve", str(tmp_path), "--port", "0")
    assert refused.returncode == 1
    assert "center.yaml:2" in refused.stderr + refused.stdout


@pytest.mark.parametrize("path", ["nowhere", "/dev/null"])
def test_a_center_that_is_not_there(path: str) -> None:
    refused = run("serve", path, "--port", "0")
    assert refused.returncode in (1, 3)
    assert "Traceback" not in refused.stderr


def test_a_script_is_told_in_json_what_was_opened(tmp_path: Path) -> None:
    command = [IVR, "serve", str(NORTHLIGHT), "--port", "0", "--json", "--data", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENV)
    try:
        assert process.stdout is not None
        opened = json.loads(process.stdout.readline())
        assert (opened["center"], opened["people"]) == ("Northlight", True)
        assert run("call", "nobody", "--url", opened["url"]).returncode == 4
        assert "support" in opened["numbers"]
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=20)
    assert (process.returncode, rest) == (0, "")
