"""The clock that waits for the sockets: a loop whose time the test keeps."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from ivr.core.time import NEVER
from ivr.live.pacing import HOLDS_MAX, SETTLES_SECONDS, PacedDriver


class Loop:
    """An event loop of one alarm."""

    def __init__(self) -> None:
        self.now = 100.0
        self.alarm: tuple[float, Callable[[], None]] | None = None

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, action: Callable[[], None]) -> "Loop":
        self.alarm = (when, action)
        return self

    def call_soon(self, action: Callable[..., None], *arguments: Any) -> "Loop":
        self.alarm = (self.now, partial(action, *arguments))
        return self

    def cancel(self) -> None:
        self.alarm = None

    def wake(self, late_s: float = 0.0) -> None:
        """Let the alarm go off, and what is to be done at once after it."""
        assert self.alarm is not None
        self.now = max(self.now, self.alarm[0] + late_s)
        while self._due():
            self._go_off()

    def _due(self) -> bool:
        return self.alarm is not None and self.alarm[0] <= self.now

    def _go_off(self) -> None:
        assert self.alarm is not None
        (_, action), self.alarm = self.alarm, None
        action()


class Engine:
    """An engine without a center."""

    def __init__(self) -> None:
        self.now = 0
        self.due = NEVER

    def next_due(self) -> int:
        return self.due

    def advance(self, to: int) -> None:
        self.now = to
        if self.due <= to:
            self.due = NEVER


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    loop = Loop()
    monkeypatch.setattr("ivr.live.driver.asyncio.get_running_loop", lambda: loop)
    return loop


def paced(speed: float = 10.0) -> tuple[PacedDriver, Any, list[tuple[str, int]]]:
    driver, engine = PacedDriver(speed), Engine()
    driver.engine = engine  # type: ignore[assignment]
    went_off: list[tuple[str, int]] = []
    return driver, engine, went_off


def test_alarms_go_off_at_their_instant_at_the_pace_of_the_center(loop: Loop) -> None:
    driver, _, went_off = paced()
    driver.later(2_000, lambda name: went_off.append((name, driver.now())), "two")
    driver.later(1_000, lambda name: went_off.append((name, driver.now())), "one")
    loop.wake()
    assert loop.now == pytest.approx(100.1)
    loop.wake()
    assert went_off == [("one", 1_000), ("two", 2_000)]
    assert loop.now == pytest.approx(100.2)


def test_a_process_that_is_late_does_not_let_time_pass_it(loop: Loop) -> None:
    driver, _, went_off = paced()
    for at in (1_000, 1_500):
        driver.later(at, lambda name: went_off.append((name, driver.now())), str(at))
    loop.wake(late_s=3.0)
    assert went_off == [], "sockets are read first"
    assert driver.now() == 1_000
    loop.wake()
    assert went_off == [("1000", 1_000)]
    began = loop.now
    loop.wake()
    assert went_off[1:] == [("1500", 1_500)]
    assert loop.now - began == pytest.approx(0.05), "and what is between two alarms stays between them"


def test_alarms_wait_until_what_has_just_happened_has_been_heard(loop: Loop) -> None:
    driver, _, went_off = paced(1_000.0)
    driver.later(1, lambda _: went_off.append(("one", driver.now())), None)
    driver.later(2, lambda _: went_off.append(("two", driver.now())), None)
    loop.now += SETTLES_SECONDS
    while len(went_off) < 1:
        loop.wake()
    began = loop.now
    while len(went_off) < 2:
        loop.wake()
    assert went_off == [("one", 1), ("two", 2)]
    assert loop.now - began >= SETTLES_SECONDS


def test_a_machine_that_is_always_late_goes_on_all_the_same(loop: Loop) -> None:
    driver, _, went_off = paced()
    driver.later(1_000, lambda _: went_off.append(("one", driver.now())), None)
    for _ in range(HOLDS_MAX + 1):
        loop.wake(late_s=1.0)
    assert went_off == [("one", 1_000)]


def test_the_clock_is_put_forward_to_the_next_alarm_and_never_beyond(loop: Loop) -> None:
    driver, engine, went_off = paced()
    engine.due = 86_400_000
    driver.later(86_400_000, lambda _: went_off.append(("people", engine.now)), None)
    driver.later(3_600_000, lambda _: went_off.append(("hour", driver.now())), None)
    driver.skip(172_800_000)
    assert (went_off, driver.now()) == ([("hour", 3_600_000)], 3_600_000)
    driver.skip(172_800_000)
    assert went_off[1:] == [("people", 86_400_000)], "the engine's alarms come first"
    driver.skip(172_800_000)
    assert (driver.now(), loop.now) == (172_800_000, 100.0)
    driver.skip(5)
    assert driver.now() == 172_800_000


def fail(why: str) -> None:
    raise ValueError(why)


def test_a_fault_of_ours_is_reported_and_the_clock_goes_on(loop: Loop) -> None:
    driver, _, went_off = paced()
    bugs: list[str] = []
    driver.on_bug = lambda bug, _: bugs.append(str(bug))
    driver.later(0, fail, "nothing")
    driver.later(1_000, lambda _: went_off.append(("one", driver.now())), None)
    loop.now += SETTLES_SECONDS
    while loop.alarm is not None:
        loop.wake()
    assert (bugs, went_off) == (["nothing"], [("one", 1_000)])
    driver.skip(86_400_000)
    assert (driver.now(), loop.alarm) == (86_400_000, None), "nothing is left that could go off"
