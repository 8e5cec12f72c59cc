"""A story in virtual time: one center, its people and its world, and one customer with what they mean to do."""

from ivr.language import Center
from ivr.language.story_models import StoryModel
from ivr.sim.driver import VirtualDriver
from ivr.sim.house import House
from ivr.story.told import Told, begun
from ivr.story.walk import Place, Wait, Walk


def play(story: StoryModel, center: Center, language: str, seed: str = "1") -> Told:
    """Play a story with one of its centers; the customer and the company speak `language`."""
    told = begun(story, center, language)
    walk = Walk(told)
    house = House(told.center, seed, walk.tell, epoch_ms=told.epoch_ms)
    driver = house.driver
    walk.enter(Place(house.cast, house.world, driver.later, driver.post, lambda: driver.now, lambda: False))
    house.cast.start(0)
    house.triggers.start(walk.horizon())
    for wait in walk.steps():
        _pass(driver, wait)
    return told


def _pass(driver: VirtualDriver, wait: Wait) -> None:
    """Let time pass until what is waited for is there."""
    while not wait.over():
        due = min(driver.next_due(), wait.until)
        driver.run(due)
        if due == wait.until:
            return
