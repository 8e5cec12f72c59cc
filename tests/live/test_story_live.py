"""A story whose customer is on a real phone is the one of virtual time."""

import json
from pathlib import Path

import pytest

from ivr.cli import main
from ivr.core import facts
from ivr.errors import OperatorError
from ivr.language import Center, load_center, load_sources
from ivr.language.beside import load_story
from ivr.language.story_models import StoryModel
from ivr.story import Told, play
from ivr.story.live import play_live
from ivr.story.text import Unfolding, transcript

STORIES = Path(__file__).parents[2] / "flows" / "stories"
ROBOT_CALL = STORIES / "robot-call"
SPEED = 60.0
LATE_MS = 5_000
"""How much later something may be than in virtual time: each of the 40 things that are said, pressed or picked up on
the way to it crosses two sockets in one process, 2 ms each at the usual load, times the speed. The clock stands still
while the process is late (`ivr.live.pacing`), so a busy machine makes the playing longer, not the waits."""


def said(told: Told) -> list[tuple[str, str, str]]:
    return [(fact.by, fact.act, fact.about) for fact in told.facts if isinstance(fact, facts.Said)]


def visits(told: Told) -> list[tuple[str, str, str]]:
    left = (fact for fact in told.facts if isinstance(fact, facts.QueueLeft))
    return [(fact.queue, fact.outcome, fact.agent) for fact in left]


def waits(told: Told) -> list[int]:
    return [fact.waited_ms for fact in told.facts if isinstance(fact, facts.QueueLeft)]


def ends(told: Told) -> list[tuple[int, str]]:
    return [(fact.call, fact.reason) for fact in told.facts if isinstance(fact, facts.CallEnded)]


def same(live: Told, virtual: Told, late_ms: int = LATE_MS) -> None:
    assert said(live) == said(virtual)
    assert visits(live) == visits(virtual)
    assert ends(live) == ends(virtual)
    assert waits(live) == pytest.approx(waits(virtual), abs=late_ms)
    assert (live.settled_at is None) == (virtual.settled_at is None)
    assert [(beat.entry, beat.came) for beat in live.beats] == [
        (beat.entry, beat.came) for beat in virtual.beats
    ]
    assert [beat.at for beat in live.beats] == pytest.approx([beat.at for beat in virtual.beats], abs=late_ms)


async def test_the_robots_call_over_sockets_is_the_one_of_virtual_time_and_can_be_watched() -> None:
    story, center = load_story(ROBOT_CALL / "story.yaml"), load_center(ROBOT_CALL / "as-told")
    virtual = play(story, center, "en")
    lines: list[str] = []
    unfolding = Unfolding(lambda line, _: lines.append(line), 100)
    live = await play_live(
        story, center, "en", speed=SPEED, watch=lambda told: unfolding.show(told, over=False)
    )
    same(live, virtual)
    assert max(waits(virtual)) == 255_000, "four minutes of music: nothing of it may be skipped"
    assert len(lines) > 20, "most of it was printed before it was over"
    unfolding.show(live, over=True)
    whole: list[str] = []
    transcript(live, lambda line, _: whole.append(line), 100)
    assert lines == whole


@pytest.mark.parametrize("version", ["as-told", "improved"])
@pytest.mark.parametrize("folder", sorted(path.parent.name for path in STORIES.glob("*/story.yaml")))
async def test_every_story_is_the_same_over_sockets(folder: str, version: str) -> None:
    story, center = load_story(STORIES / folder / "story.yaml"), load_center(STORIES / folder / version)
    virtual = play(story, center, "en")
    same(await play_live(story, center, "en", speed=200.0), virtual, late_ms=4 * LATE_MS)


SHOP = {
    "center.yaml": """
center: Shop
starts: 2026-03-02T09:00
language: en
numbers: { shop: shop }
data: { customer: { phone: text, contract: text, open: boolean } }
queues: { help: { wrap_up: 1s } }
agents: { ada: { queues: [help] } }
triggers:
  opened: { flow: call-back, becomes: { rows: customers, when: row.open }, into: customer, phone: phone, after: 20m }
world:
  channels: { sms: { replies: 100%, replies_with: "yes", replies_after: 2m } }
  tables:
    customers: [{ phone: "+491", contract: "7", open: false }]
  runs:
    reopen: { args: { contract: text }, row: { from: customers, match: { contract: contract } }, sets: { open: true } }
""",
    "shop.flow.yaml": """
flow: shop
start: pick
states:
  pick:
    - menu: "Welcome."
      choices: { 1: { label: "For a fault", goto: wait } }
      on: { give_up: bye }
  wait: [{ queue: help, on: { timeout: bye, full: bye, empty: bye, closed: bye } }, hangup]
  bye: [hangup]
""",
    "call-back.flow.yaml": """
flow: call-back
start: ring
states:
  ring:
    - dial: customer.phone
      ring: 20s
      on: { busy: write, no_answer: write, machine: write, failed: write }
    - say: "Your fault is open again."
    - goto: write
  write:
    - send: sms
      to: customer.phone
      text: "Is it well now?"
    - hangup
""",
    "shop.people.yaml": """
agents: { default: { answers_after: 2s, script: ada } }
called: { picks_up: 100%, answers_after: 4s }
scripts:
  ada:
    greets: [{ asks: wish, says: "What is it?" }]
    topics:
      fault:
        - { waits: 40s, says: "I look." }
        - { promises: repair, within: 2h, says: "It will be repaired." }
        - { hangs_up: true, says: "Goodbye." }
    otherwise: [{ unknown: it, says: "No." }]
""",
}
STORY = """
story: "The fault"
matter: fault
customer:
  name: "Bo"
  phone: "+491"
  patience: 10m
  picks_up_after: 3s
timeline:
  - on: 2026-03-02T09:00
    calls: { number: shop, menu: "fault", wants: fault, says: "There is a fault." }
  - after: 3d
    changes: { table: customers, where: { contract: "7" }, sets: { open: "true" } }
  - after: 0s
    is_called: { within: 1h, answers: ANSWERS }
    then:
      - after: 0s
        gets: { channel: sms, contains: "well now", within: 1h }
  - after: 30d
    meets: { channel: site, at: "the site", about: fault }
    tells: "The site says that all is well."
watch: 2d
"""


def shop(folder: Path, answers: str) -> tuple[StoryModel, Center]:
    for version in ("as-told", "improved"):
        (folder / version).mkdir()
        for name, text in SHOP.items():
            (folder / version / name).write_text(text, "utf-8")
    (folder / "story.yaml").write_text(STORY.replace("ANSWERS", answers), "utf-8")
    return load_story(folder / "story.yaml"), load_sources(SHOP)


@pytest.mark.parametrize("answers", ["true", "false"])
async def test_menus_promises_letters_and_a_phone_that_rings_are_the_same_and_pauses_take_no_time(
    tmp_path: Path, answers: str
) -> None:
    story, center = shop(tmp_path, answers)
    virtual = play(story, center, "en")
    live = await play_live(story, center, "en", speed=SPEED)
    same(live, virtual)
    assert live.beats[-1].at > 33 * 86_400_000
    results = [fact.result for fact in live.facts if isinstance(fact, facts.DialEnded)]
    assert results == ["answered" if answers == "true" else "no_answer"]
    assert [fact.text for fact in live.facts if isinstance(fact, facts.MessageArrived)] == ["yes"]
    assert ("", "wants", "fault") in said(live)
    assert ("ada", "promises", "repair") in said(live)


def test_the_command_plays_live_and_says_what_it_cannot_do(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("story", "robot-call", "--improved", "--lang", "en")
    assert main((*words, "--json")) == 0
    virtual = json.loads(capsys.readouterr().out)["improved"]
    assert main((*words, "--json", "--live", "--speed", "100")) == 0
    live = json.loads(capsys.readouterr().out)["improved"]
    assert live["settled"] is virtual["settled"] is True
    assert [
        [line["text"] for line in scene["lines"] if line["kind"] != "wait"] for scene in live["scenes"]
    ] == [[line["text"] for line in scene["lines"] if line["kind"] != "wait"] for scene in virtual["scenes"]]
    assert main((*words, "--live", "--speed", "100")) == 0
    out = capsys.readouterr().out
    assert all(line["text"][:20] in out for scene in virtual["scenes"] for line in scene["lines"])
    assert main((*words, "--speed", "100")) == 2
    assert "--speed is for --live" in capsys.readouterr().err
    assert main((*words, "--live", "--speed", "0")) == 2
    assert "0.01 to 1000" in capsys.readouterr().err


async def test_a_story_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.story.live.STORY_LIVE_SECONDS_MAX", 0.2)
    story, center = load_story(ROBOT_CALL / "story.yaml"), load_center(ROBOT_CALL / "as-told")
    with pytest.raises(OperatorError, match="higher --speed"):
        await play_live(story, center, "en", speed=1.0)
