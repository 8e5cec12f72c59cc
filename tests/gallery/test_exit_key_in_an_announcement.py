"""A key that leads out of the queue is pressed while an announcement plays, and is lost (mod_callcenter, app_queue with old options).

Here it breaks the announcement off and counts at once; so it does while an agent is rung, who is let go.
"""

from tests.gallery.rooms import call, facts
from tests.support import Lab, center_of
from tests.support.lab import states

FLOW = """
a:
  - queue: support
    exit_keys: [1]
    announce: [{ at: start, say: "Press 1 to leave a message." }]
    on: { exit: z, timeout: z, full: z, empty: z, closed: z }
  - hangup
z: [{ say: "Leave a message." }, hangup]
"""


def test_the_key_counts_while_something_is_said() -> None:
    lab = Lab(center_of(states(FLOW)))
    phone = call(lab)
    lab.wait(500)
    phone.press("1")
    assert phone.text == "Leave a message."
    assert (lab.last(facts.QueueLeft).outcome, lab.last(facts.QueueLeft).waited_ms) == ("exit_key", 500)
