"""FreePBX #816: auto-pause puts an agent on a pause after a single missed call, and the number is fixed.

Here `max_misses` of the queue says how many in a row; before, the agent rests for `retry_after`, and taking a call
begins the count anew.
"""

import pytest

from tests.gallery.rooms import call, room


@pytest.mark.parametrize("misses", [1, 2, 3])
def test_how_many_misses_are_too_many_is_the_queues_to_say(misses: int) -> None:
    lab = room(f"ring: 5s, retry_after: 2s, max_misses: {misses}")
    lab.agent("anna")
    call(lab)
    for number in range(1, misses + 1):
        lab.wait(5_000)
        assert lab.state("anna") == ("paused" if number < misses else "not_responding")
        lab.wait(2_000)
