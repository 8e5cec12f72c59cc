"""The keys of `ivr agent` and how consultations and supervision are told, against a center of a few lines."""

import subprocess
import sys

import pytest

from ivr import wire
from ivr.cli import desk_keys, exit_codes, main
from ivr.cli.desk_story import DeskStory
from ivr.client.view import DeskView
from tests.unit.fake_center import Peer, center_thread
from tests.unit.test_cli_call import PROGRAM, RING, Terminal, lines

TEAM = ("anna", "annabel", "clara")
SUPERVISOR = wire.Seated(
    wire.PROTOCOL, "Fake", "clara", ("support",), "none", 20, 0, ("support", "anna"), 1.0, TEAM
)
TALK = (wire.AgentState("talking"), wire.Bridged("c-000042", "+491"))


def consulting(mode: str, party: str = "boris") -> wire.Consulting:
    return wire.Consulting("c-000042", party, mode)


def viewed(*messages: wire.Message) -> DeskView:
    view = DeskView()
    for message in messages:
        view.apply(message)
    return view


@pytest.mark.parametrize(
    ("messages", "letters"),
    [
        ((), "q"),
        ((wire.AgentState("ready"),), "pq"),
        ((wire.AgentState("reserved"), RING), "arq"),
        ((wire.AgentState("reserved"), RING, wire.AgentState("working")), "dnlpq"),
        (TALK, "htcepq"),
        ((*TALK, consulting("ringing")), "beq"),
        ((*TALK, consulting("private")), "ksfbq"),
        ((*TALK, consulting("swapped")), "ksfbq"),
        ((*TALK, consulting("conference")), "kbq"),
        ((*TALK, consulting("private"), consulting("left")), "htcepq"),
        ((wire.AgentState("consulting"), consulting("private", "anna")), "eq"),
        ((wire.AgentState("wrap_up"),), "wpq"),
        ((wire.AgentState("paused"),), "yq"),
        ((wire.AgentState("not_responding"),), "yq"),
        ((SUPERVISOR, wire.AgentState("ready")), "puoq"),
        ((SUPERVISOR, wire.AgentState("paused")), "ymiguoq"),
        (
            (SUPERVISOR, wire.AgentState("paused"), wire.Supervising("c-000042", "anna", "whisper")),
            "ymgxuoq",
        ),
        (
            (
                SUPERVISOR,
                wire.AgentState("paused"),
                wire.Supervising("c-000042", "anna", "barge"),
                wire.Supervising("c-000042", "", ""),
            ),
            "ymiguoq",
        ),
        ((SUPERVISOR, wire.AgentState("wrap_up")), "wpq"),
    ],
)
def test_only_keys_that_mean_something_are_shown(messages: tuple[wire.Message, ...], letters: str) -> None:
    assert desk_keys.useful(viewed(*messages)) == letters


def test_the_hold_key_says_what_it_does_next() -> None:
    assert desk_keys.hint(viewed(*TALK)).startswith("h hold  t transfer  c consult")
    assert desk_keys.hint(viewed(*TALK, wire.Held(on=True))).startswith("h resume  t transfer")


@pytest.mark.parametrize(
    ("letter", "typed", "found"),
    [
        ("m", "cl", ["clara"]),
        ("m", "anna", ["anna"]),  # the whole name of one, though another begins with it
        ("m", "ann", ["anna", "annabel"]),
        ("t", "", ["support", "anna"]),
        ("o", "anna p", ["anna paused", "annabel paused"]),
        ("o", "c s", ["clara signed_out"]),
        ("o", "clara paused now", []),
        ("u", "42", ["42"]),
        ("u", "", []),
    ],
)
def test_the_beginning_of_each_word_is_enough(letter: str, typed: str, found: list[str]) -> None:
    assert desk_keys.fitting(letter, typed, viewed(SUPERVISOR)) == found


def test_a_long_list_of_names_is_cut() -> None:
    names = [f"agent-{number}" for number in range(43)]
    assert desk_keys.listed(names).endswith("agent-39, and 3 more")
    assert desk_keys.listed(names[:40]).endswith("agent-38, agent-39")


def told(story: DeskStory, *messages: wire.Message) -> list[str]:
    return [line[0] for message in messages if (line := story.tell(message)) is not None]


def test_a_consultation_is_told_to_who_asks() -> None:
    now = [0.0]
    story = DeskStory(lambda: now[0])
    told(story, *TALK)
    shown = told(story, wire.AgentState("consulting"), wire.Held(on=True), consulting("ringing"))
    assert shown == ["caller on hold", "asking boris"]
    now[0] = 4.0
    assert story.now_line().endswith("asking boris, for 0:04  ·  caller on hold for 0:04")
    assert told(story, consulting("private")) == ["talking with boris in private"]
    now[0] = 6.0
    assert "talking with boris in private, for 0:02" in story.now_line()
    assert told(story, consulting("swapped"), consulting("conference")) == [
        "talking with the caller; boris is on hold",
        "conference: you, boris and the caller hear each other",
    ]
    ends = ("completed", "taken_back", "left", "hung_up", "no_answer", "busy", "rejected", "failed")
    assert told(story, *map(consulting, ends)) == [
        "the caller goes on with boris",
        "boris is let go",
        "boris has left",
        "the caller hung up",
        "boris does not answer",
        "boris is busy",
        "boris refuses",
        "the consultation with boris failed",
    ]
    assert story.tell(consulting("a {new} way")) == ("a {new} way", "yellow"), "of a later center"
    assert "boris" not in story.now_line()


def test_a_consultation_is_told_to_who_is_asked() -> None:
    story = DeskStory(lambda: 0.0)
    asked = [consulting(mode, "anna") for mode in ("private", "swapped", "conference", "taken_back")]
    assert told(story, wire.AgentState("consulting"), asked[0]) == [
        "talking with anna, who asks about a caller"
    ]
    assert told(story, wire.Held(on=True), asked[1]) == [
        "on hold",
        "anna talks with the caller; you are on hold",
    ]
    assert story.now_line().endswith("anna talks with the caller; you are on hold, for 0:00")
    assert told(story, asked[2]) == ["conference: you, anna and the caller hear each other"]
    assert told(story, asked[3]) == ["anna took the caller back"]
    assert not story.view.held
    assert told(story, asked[0], consulting("completed", "anna"), *TALK) == [
        "talking with anna, who asks about a caller",
        "anna passes the caller on to you",
        "talking with +491, call c-000042",
    ]


def test_listening_in_is_told() -> None:
    now = [0.0]
    story = DeskStory(lambda: now[0])
    told(story, SUPERVISOR, wire.AgentState("paused"))
    modes = [wire.Supervising("c-000042", "anna", mode) for mode in ("monitor", "whisper", "barge")]
    assert told(story, *modes) == [
        "listening to anna; nobody hears you",
        "listening to anna, who alone hears you",
        "listening to anna; everybody hears you",
    ]
    now[0] = 7.0
    assert story.now_line().endswith("listening to anna; everybody hears you, for 0:07")
    assert told(story, wire.Supervising("c-000042", "", "")) == ["no longer listening"]
    assert told(story, wire.Work("w-7", "assigned")) == ["work order w-7: assigned"]
    assert told(story, wire.Work("w-7", "rescheduled")) == ["work order w-7: rescheduled"]
    assert story.view.orders == ()
    assert "listening" not in story.now_line()


def test_a_consultation_in_a_terminal() -> None:
    async def script(peer: Peer) -> None:
        await peer.seats(*TALK)
        assert (await peer.hears(wire.Consult)).to == "billing"
        await peer.says(wire.AgentState("consulting"), wire.Held(on=True), consulting("ringing", "billing"))
        await peer.says(consulting("private", "billing"))
        for act, mode in (("swap", "swapped"), ("conference", "conference"), ("take_back", "taken_back")):
            assert (await peer.hears(wire.ConsultAct)).act == act
            await peer.says(consulting(mode, "billing"))
        await peer.says(wire.Held(on=False), wire.AgentState("talking"), consulting("private", "billing"))
        assert (await peer.hears(wire.ConsultAct)).act == "complete"
        await peer.hears(wire.SignOut)
        await peer.says(wire.AgentState("signed_out"))

    with center_thread(script) as fake:
        terminal = Terminal(["agent", "anna", "--url", fake.url])
        terminal.until("c consult  e end  p pause  q sign out")
        terminal.type("cx")
        terminal.until("consult: x_   (nothing fits;")
        terminal.type("\x7fbi")
        terminal.until("consult: bi_   (billing;")
        terminal.type("\r")
        terminal.until("k complete  s swap  f conference  b take back  q sign out")
        for key, shown in (("s", "on hold"), ("f", "hear each other"), ("b", "billing is let go")):
            terminal.type(key)
            terminal.until(shown)
        terminal.until("talking with billing in private")
        terminal.type("kq")
        terminal.until("anna: 1 talk, ")
        assert terminal.ends() == exit_codes.OK


def test_a_supervisor_in_a_terminal() -> None:
    async def script(peer: Peer) -> None:
        await peer.hears(wire.SignIn)
        await peer.says(SUPERVISOR, wire.AgentState("paused"))
        assert await peer.hears(wire.Supervise) == wire.Supervise("anna", "monitor")
        await peer.says(wire.Supervising("c-000042", "anna", "monitor"))
        assert await peer.hears(wire.Supervise) == wire.Supervise("anna", "whisper")
        await peer.says(wire.Supervising("c-000042", "anna", "whisper"))
        assert await peer.hears(wire.Supervise) == wire.Supervise("", "monitor")
        await peer.says(wire.Supervising("c-000042", "", ""))
        assert (await peer.hears(wire.Pull)).call == "42"
        assert await peer.hears(wire.Force) == wire.Force("annabel", "paused")
        await peer.hears(wire.SignOut)
        await peer.says(wire.AgentState("signed_out"))

    with center_thread(script) as fake:
        terminal = Terminal(["agent", "clara", "--url", fake.url, "--pause"])
        terminal.until("m monitor  i whisper  g barge  u pull a call  o force a state")
        terminal.type("manna")
        terminal.until("monitor: anna_   (anna;")
        terminal.type("\r")
        terminal.until("nobody hears you")
        terminal.until("i whisper  g barge  x leave")
        terminal.type("i")
        terminal.until("who alone hears you")
        terminal.type("x")
        terminal.until("no longer listening")
        terminal.type("u42")
        terminal.until("42_   (Enter, Esc)")
        terminal.type("\roannab p\rq")
        terminal.until("clara: 0 talks")
        assert terminal.ends() == exit_codes.OK


def test_the_same_letters_come_as_lines() -> None:
    async def script(peer: Peer) -> None:
        await peer.seats(wire.AgentState("working"))
        assert [(await peer.hears(wire.Finish)).result for _ in range(3)] == [
            "done",
            "no_show",
            "rescheduled",
        ]
        await peer.hears(wire.Pull)
        await peer.hears(wire.SignOut)
        await peer.says(wire.AgentState("signed_out"))

    with center_thread(script) as fake:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "agent", "anna", "--url", fake.url],
            input="z\nd\nn\nl\nt billing\nc billing\nm ben\no ben paused\nu\nu c-000007\nq\n",
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "'z' means nothing here: d done n no show l later p pause q sign out" in said
    for why in (
        "there is no talk to transfer",
        "there is no talk to consult about",
        "only a supervisor can monitor",
        "only a supervisor can force a state",
        "pull call (such as c-000042)?",
    ):
        assert why in said


def test_a_supervisor_is_asked_whom_when_it_is_not_clear() -> None:
    async def script(peer: Peer) -> None:
        await peer.hears(wire.SignIn)
        await peer.says(SUPERVISOR, wire.AgentState("paused"))
        await peer.hears(wire.SignOut)
        await peer.says(wire.AgentState("signed_out"))

    with center_thread(script) as fake:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "agent", "clara", "--url", fake.url],
            input="m\nm ann\nm zoe\no clara\nq\n",
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    said = [line.split(maxsplit=1)[1] for line in done.stdout.splitlines() if "?" in line]
    assert said == [
        "monitor? anna, annabel, clara",
        "monitor? anna, annabel",
        "monitor? anna, annabel, clara",
        "force? clara ready, clara paused, clara signed_out",
    ]


def test_auto_does_work_orders_too(capsys: pytest.CaptureFixture[str]) -> None:
    async def script(peer: Peer) -> None:
        await peer.seats(wire.AgentState("reserved"), RING)
        await peer.hears(wire.Accept)
        await peer.says(wire.AgentState("working"))
        assert (await peer.hears(wire.Finish)).result == "done"
        await peer.says(wire.AgentState("signed_out"))

    with center_thread(script) as fake:
        assert main(["agent", "anna", "--url", fake.url, "--auto", "--json"]) == exit_codes.OK
    assert lines(capsys.readouterr().out)[-1]["type"] == "summary"
