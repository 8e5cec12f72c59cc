"""Scripted callers: one story file, played in virtual time and over real sockets.

A story says what the caller does when they hear something; what happened is told by facts. Times
differ between the two worlds by jitter and by speech; everything else must not.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import yaml

from ivr.core import events, facts
from ivr.core.commands import Listening, Spoken
from ivr.core.facts import Fact
from ivr.language import load_center
from ivr.sim import House

STORIES = sorted((Path(__file__).parent / "stories").glob("*.yaml"))
ROOT = Path(__file__).parents[2]
JITTER = {
    "at", "since", "line", "estimate_ms", "waited_ms", "rang_ms", "talk_ms", "hold_ms", "took_ms", "wrap_up_ms",
    "held_ms", "length_ms",
}  # fmt: skip
"""Fields that depend on when, not on what."""


@dataclass(frozen=True)
class Story:
    """A story file."""

    name: str
    center: Path
    dials: str
    caller: str
    script: list[dict[str, Any]]
    expect: dict[str, Any] = field(default_factory=dict)


def read_story(path: Path) -> Story:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Story(
        path.stem,
        ROOT / content["center"],
        content["dials"],
        content["caller"],
        content["script"],
        content["expect"],
    )


def seen(history: list[Fact], call: int) -> list[dict[str, Any]]:
    """What happened on a call until it ended, without what may differ between two worlds."""
    rows = []
    for fact in history:
        if getattr(fact, "call", None) == call:
            row = msgspec.to_builtins(fact)
            rows.append({name: value for name, value in row.items() if name not in JITTER})
        if isinstance(fact, facts.CallEnded) and fact.call == call:
            break
    return rows


class _Caller:
    """Plays the script on line `p-1`; everybody else is the cast's."""

    def __init__(self, story: Story, house: House) -> None:
        self.story = story
        self.house = house
        self.step = 0
        self.playing = 0
        self.over = False

    def act(self, _: object = None) -> None:
        if self.over or self.step >= len(self.story.script):
            return
        step = self.story.script[self.step]
        self.step += 1
        post = self.house.driver.post
        if step.get("hang_up"):
            self.over = True
            post(events.LineEnded("p-1"))
        for key in step.get("press", ""):
            post(events.KeyPressed("p-1", key))

    def hears(self, text: str) -> bool:
        script = self.story.script
        return self.step < len(script) and "hears" in script[self.step] and script[self.step]["hears"] in text


def play_in_virtual_time(story: Story, seed: str = "1") -> list[Fact]:
    """The facts of a story in virtual time."""
    told: list[Fact] = []
    center = load_center(story.center)
    house = House(center, seed, told.append)
    caller = _Caller(story, house)
    outlet: Any = house.engine._kernel.outlet
    later = house.driver.later
    cast_play, cast_stop = outlet.play, outlet.stop

    def play(line: str, number: int, spoken: Spoken, listening: Listening | None) -> None:
        if line != "p-1":
            cast_play(line, number, spoken, listening)
            return
        caller.playing = number
        later(spoken.length_ms, heard, (number,))
        if caller.hears(spoken.text):
            # after the prompt has begun: a caller reacts, the next instant
            later(1, caller.act, None)

    def heard(number: tuple[int]) -> None:
        if caller.playing == number[0] and not caller.over:
            house.driver.post(events.PromptFinished("p-1", number[0]))

    def stop(line: str, number: int) -> None:
        if line == "p-1" and caller.playing == number:
            caller.playing = 0
        else:
            cast_stop(line, number)

    outlet.play, outlet.stop = play, stop
    house.cast.start(0)
    house.driver.later(10, house.driver.post, events.CallArrived("p-1", story.dials, story.caller))
    house.driver.run(3_600_000)
    return told


def check(story: Story, history: list[Fact], call: int = 1) -> None:
    """What the story expects of its call."""
    expect = dict(story.expect)
    mine = [fact for fact in history if getattr(fact, "call", None) == call]
    found: dict[str, Any] = {
        "reason": next(fact.reason for fact in mine if isinstance(fact, facts.CallEnded)),
        "states": [fact.state for fact in mine if isinstance(fact, facts.StateEntered)],
        "offers": [[fact.rung, fact.answer] for fact in mine if isinstance(fact, facts.OfferEnded)],
        "runs": [
            [fact.name, fact.outcome]
            for fact in mine
            if isinstance(fact, facts.LookupEnded) and fact.kind == "run"
        ],
        "queues": [[fact.queue, fact.outcome] for fact in mine if isinstance(fact, facts.QueueLeft)],
        "transfers": [
            [fact.target, fact.mode, fact.result] for fact in mine if isinstance(fact, facts.TransferEnded)
        ],
        "misses": sum(isinstance(fact, facts.InputMissed) for fact in mine),
    }
    unwanted = expect.pop("never_hears", None)
    heard = [fact.text for fact in mine if isinstance(fact, facts.PromptHeard)]
    assert unwanted is None or not any(unwanted in text for text in heard), heard
    assert expect == {name: found[name] for name in expect}
