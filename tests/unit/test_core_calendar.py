"""Local times of days on which the clock is changed."""

from datetime import UTC, datetime

import pytest

from ivr.core.calendar import Calendar

NEW_YORK = "America/New_York"
MIDNIGHT_SPRING = int(datetime(2026, 3, 8, 5, tzinfo=UTC).timestamp()) * 1_000
MIDNIGHT_AUTUMN = int(datetime(2026, 11, 1, 4, tzinfo=UTC).timestamp()) * 1_000
MINUTE = 60_000


@pytest.mark.parametrize(
    ("local", "minutes"),
    [("01:59", 119), ("02:00", 120), ("02:30", 120), ("02:59", 120), ("03:00", 120), ("03:10", 130)],
)
def test_a_time_that_is_skipped_is_when_the_clock_is_put_forward(local: str, minutes: int) -> None:
    calendar = Calendar(MIDNIGHT_SPRING, NEW_YORK)
    assert calendar.instant(datetime.fromisoformat(f"2026-03-08T{local}"), 0) == minutes * MINUTE


@pytest.mark.parametrize(
    ("after", "minutes"), [(0, 90), (89 * MINUTE, 90), (90 * MINUTE, 150), (132 * MINUTE, 150)]
)
def test_of_a_time_that_comes_twice_the_first_that_is_not_past(after: int, minutes: int) -> None:
    calendar = Calendar(MIDNIGHT_AUTUMN, NEW_YORK)
    half_past_one = datetime.fromisoformat("2026-11-01T01:30")
    assert calendar.instant(half_past_one, after) == minutes * MINUTE
    assert calendar.local(90 * MINUTE) == calendar.local(150 * MINUTE) == half_past_one
