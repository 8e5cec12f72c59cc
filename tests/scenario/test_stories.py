"""Every story file, in virtual time and over real sockets: as expected, and the same in both."""

import asyncio
from pathlib import Path

import pytest

from ivr.client import Phone
from ivr.core.facts import CallEnded, Fact
from ivr.language import load_center
from ivr.sim.house import epoch_of
from ivr.wire import Bridged, Ended
from tests.live.serving import served
from tests.scenario.script import STORIES, Story, check, play_in_virtual_time, read_story, seen


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_story_goes_as_expected_in_virtual_time(path: Path) -> None:
    story = read_story(path)
    check(story, play_in_virtual_time(story))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
async def test_a_story_is_the_same_over_real_sockets(path: Path) -> None:
    story = read_story(path)
    virtual = play_in_virtual_time(story)
    live = await play_over_sockets(story)
    check(story, live)
    assert seen(virtual, 1) == seen(live, 1)


async def play_over_sockets(story: Story) -> list[Fact]:
    told: list[Fact] = []
    center = load_center(story.center)
    epoch_ms = epoch_of(center)  # the same day as in virtual time: prompts name dates
    serving = served(center, speed=20.0, callers=False, tell=told.append, epoch_ms=epoch_ms)
    async with serving as url, asyncio.timeout(60), Phone(url, number=story.caller) as phone:
        await phone.dial(story.dials)
        for step in story.script:
            if "hears" in step:
                await phone.hears(step["hears"], within=20)
            if step.get("wait_for") == "bridged":
                await phone.wait_for(Bridged, within=30)
            if "press" in step:
                await phone.press(step["press"])
            if step.get("hang_up"):
                await phone.hang_up()
        await phone.wait_for(Ended, within=40)
    assert any(isinstance(fact, CallEnded) for fact in told)
    return told
