"""The clocks change: opening hours are an hour off, or a wait over the change is an hour wrong.

Here waits are counted in milliseconds since the run began, which no clock change touches, and opening hours in local
time: on the night of the change the queue opens at eight by the clock on the wall.
"""

from datetime import UTC, datetime

from ivr.language import load_sources
from tests.gallery.rooms import call, facts
from tests.support import Lab, center_of
from tests.support.lab import states

FLOW = "a: [{queue: support, on: {timeout: z, full: z, empty: z, closed: z}}, hangup]\nz: [hangup]\n"
BEFORE = datetime(2026, 3, 28, 22, tzinfo=UTC)  # 23:00 in Berlin, four hours before the change


def test_a_queue_opens_by_the_clock_on_the_wall_and_a_wait_is_as_long_as_it_was() -> None:
    center = center_of(
        states(FLOW), queues="queues: { support: { hours: office }, billing: {} }\ntimezone: Europe/Berlin"
    )
    sources = {
        **center.sources,
        "center.yaml": center.sources["center.yaml"].replace("mon-fri: 08:00", "daily: 08:00"),
    }
    lab = Lab(load_sources(sources), epoch_ms=round(BEFORE.timestamp() * 1_000))
    lab.wait(8 * 3_600_000 - 1)
    call(lab)
    assert lab.last(facts.QueueRefused).outcome == "blocked_closed", "07:59:59 in Berlin"
    lab.wait(1)
    phone = call(lab)
    lab.wait(60_000)
    phone.hang_up()
    assert lab.last(facts.QueueLeft).waited_ms == 60_000
