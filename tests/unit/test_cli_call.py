"""`ivr call` and `ivr agent` against a center of a few lines, from argument to exit code."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ivr import wire
from ivr.cli import exit_codes, main
from ivr.cli.call_story import CallStory
from ivr.cli.desk_story import DeskStory, caller_of
from tests.unit.fake_center import CONNECTED, MENU, Peer, center_thread

ENDED = wire.Ended("c-000001", "flow_hung_up")
AGAIN = wire.Prompt(2, "Your number, please.", "en", 900, wire.ListeningFor("digits", (), 1, 4, "#"))
RING = wire.Ring(
    12, "c-000042", "call", "support", "+491", "Ana", 31_000, 15_000, {"customer": {"debt": "30"}}
)
TERMINAL_SECONDS_MAX = 20


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_keys_wait_until_the_center_listens(capsys: pytest.CaptureFixture[str]) -> None:
    async def script(peer: Peer) -> None:
        hello = await peer.welcomes()
        assert (hello.number, hello.codec) == ("+491", "none")
        await peer.hears(wire.Dial)
        await peer.says(CONNECTED, wire.Prompt(9, "Welcome.", "en", 500), MENU)
        assert (await peer.hears(wire.Press)).keys == "1"
        await peer.says(wire.Key("1", "taken"), AGAIN)
        assert (await peer.hears(wire.Press)).keys == "12#"
        await peer.says(wire.Queued("support", 2, 90.0), wire.Bridged("c-000001", "anna"), MENU)
        assert (await peer.hears(wire.Say)).text == "goodbye"
        await peer.says(wire.Parted("c-000001"), ENDED)

    with center_thread(script) as fake:
        code = main(
            [
                "call",
                "support",
                "--url",
                fake.url,
                "--from",
                "+491",
                "--press",
                "1,5ms,12#",
                "--say",
                "goodbye",
            ]
        )
    out, err = capsys.readouterr()
    assert (code, err) == (exit_codes.OK, "")
    assert "» For bills, press 1.   [1 9]" in out
    assert "[1-4 digits and hash]" in out
    assert "waiting in support: number 2, about 1 min 30 s" in out
    assert "talking with anna" in out
    assert out.splitlines()[-1].startswith("c-000001 to support: ")
    assert out.splitlines()[-1].endswith("ended: the center hung up")


def test_an_exclamation_mark_does_not_wait_and_hangup_hangs_up(capsys: pytest.CaptureFixture[str]) -> None:
    async def script(peer: Peer) -> None:
        await peer.connects()
        assert (await peer.hears(wire.Press)).keys == "0"
        await peer.hears(wire.HangUp)
        await peer.says(wire.Ended("c-000001", "caller_hung_up"))

    with center_thread(script) as fake:
        code = main(["call", "support", "--url", fake.url, "--press", "!0,hangup,5", "--json"])
    told = lines(capsys.readouterr().out)
    assert code == exit_codes.OK
    assert [message["type"] for message in told] == ["welcome", "connected", "ended", "summary"]
    assert told[-1]["reason"] == "caller_hung_up"
    assert told[-1]["not_done"] == ["5"]
    assert all("at_s" in message for message in told[:-1])


def test_the_call_is_hung_up_when_its_time_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    async def script(peer: Peer) -> None:
        await peer.connects(MENU)
        await peer.hears(wire.HangUp)
        await peer.says(wire.Ended("c-000001", "caller_hung_up"))

    with center_thread(script) as fake:
        assert main(["call", "support", "--url", fake.url, "--max", "20ms"]) == exit_codes.OK
    assert "time of --max was over" in capsys.readouterr().out


def test_refused_is_code_4_with_what_may_be_dialled(capsys: pytest.CaptureFixture[str]) -> None:
    async def script(peer: Peer) -> None:
        await peer.welcomes()
        await peer.hears(wire.Dial)
        await peer.says(wire.Refused("supprt", "unknown_number"))

    with center_thread(script) as fake:
        assert main(["call", "supprt", "--url", fake.url]) == exit_codes.PEER
    out, err = capsys.readouterr()
    assert out == ""
    assert err == ("ivr: no call to 'supprt': the center has no such number; did you mean support?\n")


def test_refused_in_json_is_json_with_all_numbers_when_none_is_like_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def script(peer: Peer) -> None:
        await peer.welcomes()
        await peer.hears(wire.Dial)
        await peer.says(wire.Refused("9", "unknown_number"))

    with center_thread(script) as fake:
        assert main(["call", "9", "--url", fake.url, "--json"]) == exit_codes.PEER
    out, err = capsys.readouterr()
    assert out == ""
    assert json.loads(err) == {
        "type": "error",
        "text": "no call to '9': the center has no such number; it has support",
        "exit_code": 4,
    }


def test_a_number_to_call_from_that_is_none_is_warned_about_and_sent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def script(peer: Peer) -> None:
        assert (await peer.welcomes()).number == "not a number"
        await peer.hears(wire.Dial)
        await peer.says(CONNECTED, ENDED)

    with center_thread(script) as fake:
        assert main(["call", "support", "--url", fake.url, "--from", "not a number"]) == exit_codes.OK
    assert "--from 'not a number' is no telephone number" in capsys.readouterr().err


def test_an_address_without_its_scheme_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    async def script(peer: Peer) -> None:
        await peer.connects(ENDED)

    with center_thread(script) as fake:
        assert main(["call", "support", "--url", fake.url.removeprefix("http://") + "/"]) == exit_codes.OK


@pytest.mark.parametrize(
    ("reason", "code"), [("system_error", 1), ("line_lost", 1), ("shutdown", 1), ("transferred", 0)]
)
def test_how_the_call_ended_decides_the_code(
    reason: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    async def script(peer: Peer) -> None:
        await peer.connects(wire.Ended("c-000001", reason))

    with center_thread(script) as fake:
        assert main(["call", "support", "--url", fake.url]) == code


def test_a_center_that_goes_away_is_code_4(capsys: pytest.CaptureFixture[str]) -> None:
    async def script(peer: Peer) -> None:
        await peer.connects(MENU)
        await peer.socket.close(code=1001, message=b"going away")

    with center_thread(script) as fake:
        assert main(["call", "support", "--url", fake.url, "--press", "1,2"]) == exit_codes.PEER
    err = capsys.readouterr().err
    assert "going away" in err
    assert "Traceback" not in err


def test_what_the_center_says_cannot_repaint_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    async def script(peer: Peer) -> None:
        await peer.connects(
            wire.Prompt(1, "\x1b[2Jgone\r\x07", "en", 1), wire.Error("x", "\x1b]0;title\x07"), ENDED
        )

    with center_thread(script) as fake:
        main(["call", "support", "--url", fake.url])
    out = capsys.readouterr().out
    assert "gone" in out
    assert not {"\x1b", "\r", "\x07"} & set(out)


def test_a_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def script(peer: Peer) -> None:
        hello = await peer.welcomes(wire.Welcome(wire.PROTOCOL, "Fake", "ulaw", 20, 160))
        assert hello.codec == "ulaw"
        await peer.hears(wire.Dial)
        await peer.says(CONNECTED)
        for _ in range(50):
            await peer.socket.send_bytes(b"\xff" * 160)
        await peer.says(ENDED)

    path = tmp_path / "call.wav"
    with center_thread(script) as fake:
        assert main(["call", "support", "--url", fake.url, "--record", str(path)]) == exit_codes.OK
    assert f"1.0 s of sound in {path}" in capsys.readouterr().out
    assert path.stat().st_size == 44 + 16_000


def test_keys_come_as_lines_of_a_pipe() -> None:
    async def script(peer: Peer) -> None:
        await peer.connects(MENU)
        assert (await peer.hears(wire.Press)).keys == "1"
        await peer.says(AGAIN)
        assert (await peer.hears(wire.Press)).keys == "23#"
        await peer.hears(wire.HangUp)
        await peer.says(ENDED)

    with center_thread(script) as fake:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "call", "support", "--url", fake.url],
            input="1\nnonsense\n1,nonsense\n5ms,23#\nq\n",
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "'nonsense' is neither keys" in said
    assert "'nonsense' in '1,nonsense' is neither keys" in said
    assert "'nonsense' in 'nonsense'" not in said


PROGRAM = "import sys; from ivr.cli import main; sys.exit(main())"


class Terminal:
    """A command in a pseudo-terminal: type, and read until something shows."""

    def __init__(self, arguments: Sequence[str], **environment: str) -> None:
        self.seen = ""
        self._main, inside = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **environment},
            start_new_session=True,
        )
        os.close(inside)

    def until(self, text: str) -> str:
        deadline = time.monotonic() + TERMINAL_SECONDS_MAX
        while text not in self.seen:
            ready, _, _ = select.select([self._main], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"{text!r} did not show:\n{self.seen}"
            try:
                self.seen += os.read(self._main, 4096).decode(errors="replace")
            except OSError:
                raise AssertionError(f"ended before {text!r}:\n{self.seen}") from None
        before, _, self.seen = self.seen.partition(text)
        return before

    def type(self, keys: str) -> None:
        os.write(self._main, keys.encode())

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def ends(self) -> int:
        code = self._process.wait(TERMINAL_SECONDS_MAX)
        os.close(self._main)
        return code


async def pressing(peer: Peer) -> None:
    await peer.connects(MENU)
    assert (await peer.hears(wire.Press)).keys == "1"
    await peer.says(wire.Key("1", "taken"), wire.Queued("support", 3, None))
    await peer.hears(wire.HangUp)
    await peer.says(wire.Ended("c-000001", "caller_hung_up"))


def test_in_a_terminal_keys_are_pressed_and_q_hangs_up() -> None:
    with center_thread(pressing) as fake:
        terminal = Terminal(["call", "support", "--url", fake.url])
        terminal.until("q hang up")
        terminal.type(" \nx")
        terminal.until("'x' is no key of a phone")
        terminal.type("a")
        terminal.until("'a' is no key of a phone")
        terminal.type("1")
        terminal.until("pressed 1 (taken)")
        terminal.until("waiting in support for 0:0")
        terminal.type("q")
        terminal.until("c-000001 to support:")
        assert terminal.ends() == exit_codes.OK


def test_control_c_hangs_up_and_is_code_130_and_no_color_is_none() -> None:
    with center_thread(pressing) as fake:
        terminal = Terminal(["call", "support", "--url", fake.url], NO_COLOR="1")
        terminal.until("q hang up")
        terminal.type("1")
        shown = terminal.until("number 3")
        terminal.interrupt()
        shown += terminal.until("ended: the caller hung up")
        terminal.until("c-000001 to support:")
        assert terminal.ends() == exit_codes.INTERRUPTED
    assert not any(f"\x1b[{color}m" in shown for color in (*range(30, 38), *range(90, 98)))


async def desk_with_a_talk(peer: Peer) -> None:
    await peer.seats(wire.AgentState("ready"), RING)
    assert (await peer.hears(wire.Accept)).reservation == 12
    await peer.says(wire.AgentState("talking"), wire.Bridged("c-000042", "+491"))


async def wrapped_up(peer: Peer) -> None:
    await peer.says(wire.Parted("c-000042"), wire.AgentState("wrap_up"))
    await peer.hears(wire.WrapUp)


def test_an_agent_in_a_terminal() -> None:
    async def script(peer: Peer) -> None:
        await desk_with_a_talk(peer)
        await peer.hears(wire.Hold)
        await peer.says(wire.Held(on=True))
        await peer.hears(wire.Resume)
        await peer.says(wire.Held(on=False))
        assert (await peer.hears(wire.Transfer)).to == "billing"
        await wrapped_up(peer)
        await peer.hears(wire.SignOut)
        await peer.says(wire.AgentState("signed_out"))

    with center_thread(script) as fake:
        terminal = Terminal(["agent", "anna", "--url", fake.url])
        terminal.until("Ana +491 for support, waited 31 s, customer.debt: 30")
        terminal.until("q sign out")
        terminal.type(" \nt")
        assert "means nothing" not in terminal.until("there is no talk to transfer")
        terminal.type("a")
        terminal.until("talking with +491")
        terminal.type("h")
        terminal.until("caller on hold")
        terminal.type("h")
        terminal.until("caller off hold")
        terminal.type("tbix\x7f")
        terminal.until("transfer to: bi_   (billing;")
        terminal.type("\r")
        terminal.until("wrap up")
        terminal.type("w")
        terminal.type("q")
        terminal.until("anna: 1 talk, ")
        assert terminal.ends() == exit_codes.OK


MANY = tuple(f"target-{number:02}" for number in range(20))


def test_all_places_to_transfer_to_are_shown() -> None:
    async def script(peer: Peer) -> None:
        await peer.hears(wire.SignIn)
        await peer.says(
            wire.Seated(wire.PROTOCOL, "Fake", "anna", ("support",), "none", 20, 0, MANY),
            wire.AgentState("talking"),
            wire.Bridged("c-000042", "+491"),
        )
        await peer.hears(wire.SignOut)
        await peer.says(wire.AgentState("signed_out"))

    with center_thread(script) as fake:
        terminal = Terminal(["agent", "anna", "--url", fake.url])
        terminal.until("talking with +491, call")
        terminal.until("q sign out")
        terminal.type("t")
        terminal.until("transfer to: _")
        terminal.until("target-19; Enter, Esc")
        terminal.type("\x1b")
        terminal.until("q sign out")
        terminal.type("q")
        terminal.until("anna: 1 talk, ")
        assert terminal.ends() == exit_codes.OK


def test_when_the_center_closes_the_desk_says_so_and_sums_up(capsys: pytest.CaptureFixture[str]) -> None:
    async def script(peer: Peer) -> None:
        await desk_with_a_talk(peer)
        await peer.says(wire.Parted("c-000042"))
        await peer.socket.close()

    with center_thread(script) as fake:
        assert main(["agent", "anna", "--url", fake.url, "--auto"]) == exit_codes.PEER
    out, err = capsys.readouterr()
    assert err == ""
    told, summary = out.splitlines()[-2:]
    assert told.endswith("the center closed")
    assert summary.startswith("anna: 1 talk, ")


def test_an_agent_that_takes_everything(capsys: pytest.CaptureFixture[str]) -> None:
    async def script(peer: Peer) -> None:
        await desk_with_a_talk(peer)
        await wrapped_up(peer)
        await peer.says(wire.AgentState("signed_out", "shift over"))

    with center_thread(script) as fake:
        assert main(["agent", "anna", "--url", fake.url, "--auto", "--json"]) == exit_codes.OK
    told = lines(capsys.readouterr().out)
    assert told[0]["type"] == "seated"
    assert (told[-1]["type"], told[-1]["talks"]) == ("summary", 1)


def test_an_agent_nobody_knows_is_code_4(capsys: pytest.CaptureFixture[str]) -> None:
    async def script(peer: Peer) -> None:
        await peer.hears(wire.SignIn)
        await peer.says(wire.Error("unknown_agent", "no agent 'zoe'; there are anna, ben"))

    with center_thread(script) as fake:
        assert main(["agent", "zoe", "--url", fake.url]) == exit_codes.PEER
    assert capsys.readouterr().err == "ivr: no agent 'zoe'; there are anna, ben\n"


def test_the_story_of_a_call_adds_up_its_times() -> None:
    now = [100.0]
    story = CallStory(lambda: now[0])
    for at, message in (
        (100, CONNECTED),
        (110, wire.Queued("support", 2, 60.0)),
        (120, wire.Queued("support", 1, 30.0)),
        (130, wire.Bridged("c-000001", "anna")),
        (150, wire.Held(on=True)),
        (160, wire.Parted("c-000001")),
        (165, wire.Queued("billing", 1, None)),
        (170, wire.Bridged("c-000001", "ben")),
        (171, ENDED),
    ):
        now[0] = float(at)
        story.tell(message)
    now[0] = 500.0
    told = story.summary()
    assert (told["waited_s"], told["talked_s"], told["held_s"], told["total_s"]) == (25.0, 21.0, 10.0, 71.0)
    assert told["reason"] == "flow_hung_up"
    assert story.last_line() == (
        "c-000001 to support: 1 min 11 s, waited 25 s, talked 21 s with anna, ben, on hold 10 s, "
        "ended: the center hung up"
    )


def test_the_line_of_the_moment() -> None:
    now = [0.0]
    story = CallStory(lambda: now[0])
    story.tell(CONNECTED)
    story.tell(MENU)
    assert story.now_line() == "c-000001  ·  0:00  ·  listens for 1 9"
    story.tell(wire.PromptEnded(1, "finished"))
    story.tell(wire.Queued("support", 4, 125.0))
    story.tell(wire.Music("soft-piano"))
    now[0] = 61.0
    assert story.now_line() == (
        "c-000001  ·  1:01  ·  waiting in support for 1:01: number 4, about 2 min 5 s  ·  music: soft-piano"
    )


def test_the_line_of_the_moment_says_how_long_this_stretch_lasts_not_the_sum() -> None:
    now = [0.0]
    story = CallStory(lambda: now[0])

    def at(second: float, *messages: wire.Message) -> str:
        now[0] = second
        for message in messages:
            story.tell(message)
        return story.now_line()

    at(0, CONNECTED, wire.Queued("support", 1, None))
    at(20, wire.Queued("billing", 3, None))
    assert "waiting in billing for 0:02: number 2" in at(22, wire.Queued("billing", 2, None))
    at(30, wire.Bridged("c-000001", "anna"))
    at(50, wire.Parted("c-000001"), wire.Queued("retention", 1, None))
    assert "waiting in retention for 0:02" in at(52)
    at(60, wire.Bridged("c-000001", "fynn"))
    at(62, wire.Held(on=True))
    assert at(65).endswith("talking with fynn for 0:05  ·  on hold for 0:03")


def test_a_caller_hears_that_an_agent_is_rung_and_that_it_is_a_wait() -> None:
    now = [0.0]
    story = CallStory(lambda: now[0])
    story.tell(CONNECTED)
    story.tell(wire.State("main", "waiting"))
    assert story.now_line().endswith("state waiting")
    assert story.tell(wire.Queued("support", 1, 0.0)) == ("waiting in support: number 1", "yellow")
    assert story.tell(wire.Music("ringback")) == ("an agent is being rung", "yellow")
    now[0] = 3.5
    assert story.now_line().endswith("waiting in support for 0:03: number 1  ·  an agent is being rung")
    story.tell(wire.Bridged("c-000001", "anna"))
    assert "rung" not in story.now_line()
    assert story.summary()["waited_s"] == 3.5
    story.tell(wire.Parted("c-000001"))
    assert story.tell(wire.Music("ringback")) == ("it rings", "yellow"), "a transfer is no wait in a queue"


def test_the_timer_of_a_talk_goes_on_through_its_holds() -> None:
    now = [0.0]
    story = DeskStory(lambda: now[0])
    for second, message in (
        (0, wire.AgentState("talking")),
        (0, wire.Bridged("c-000042", "+491")),
        (20, wire.AgentState("holding")),
        (20, wire.Held(on=True)),
        (30, wire.AgentState("talking")),
        (30, wire.Held(on=False)),
    ):
        now[0] = float(second)
        story.tell(message)
    now[0] = 35.0
    assert "talking with +491 for 0:35" in story.now_line()
    told = story.summary()
    assert (told["talked_s"], told["held_s"]) == (25.0, 10.0)


def test_a_withheld_number_is_called_so_on_both_ends() -> None:
    desk, call = DeskStory(lambda: 0.0), CallStory(lambda: 0.0)
    assert desk.tell(wire.Bridged("c-000002", "")) == ("talking with number withheld, call c-000002", "green")
    assert "talking with number withheld for 0:00" in desk.now_line()
    assert call.tell(wire.Bridged("c-000002", "")) == ("talking with number withheld", "green")
    assert "talking with number withheld for 0:00" in call.now_line()
    assert call.view.stage == "bridged"


def test_a_desk_says_each_thing_once_and_in_words() -> None:
    story = DeskStory(lambda: 0.0)
    shown = [
        line[0]
        for message in (
            wire.AgentState("ready"),
            wire.AgentState("reserved"),
            RING,
            wire.AgentState("talking"),
            wire.Bridged("c-000042", "+491"),
            wire.AgentState("holding"),
            wire.Held(on=True),
            wire.Withdrawn(13, "agent_paused"),
            wire.Withdrawn(13, "short_abandoned"),
            wire.Error("not_possible", "not in a talk"),
            wire.Error("not_possible", "wrap_up"),
            wire.AgentState("not_responding"),
        )
        if (line := story.tell(message)) is not None
    ]
    assert shown == [
        "ready",
        "RING  Ana +491 for support, waited 31 s, customer.debt: 30",
        "talking with +491, call c-000042",
        "caller on hold",
        "the ring is over: you paused",
        "the ring is over: the caller hung up",
        "the center says: not possible: there is no talk",
        "the center says: not possible: wrap up",
        "not responding",
    ]


def test_the_story_of_a_desk() -> None:
    now = [0.0]
    story = DeskStory(lambda: now[0])
    story.tell(wire.AgentState("ready"))
    story.tell(RING)
    now[0] = 5.0
    assert "RINGING, 0:10 left" in story.now_line()
    story.tell(wire.Withdrawn(12, "lapsed"))
    story.tell(wire.Bridged("c-000043", "+492"))
    now[0] = 65.0
    story.tell(wire.Parted("c-000043"))
    told = story.summary()
    assert (told["talks"], told["missed"], told["talked_s"]) == (1, 1, 60.0)
    assert caller_of(wire.Ring(1, "c", "callback", "", "", "", 0, 1)) == "number withheld, callback"
