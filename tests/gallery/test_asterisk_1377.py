"""Asterisk PR #1377: during wrap-up, members look available on wallboards.

Here wrap-up is a state with a name, in the picture, in the metrics and in the facts.
"""

from tests.gallery.rooms import call, room, served


def test_wrap_up_is_shown_as_what_it_is() -> None:
    lab = room("wrap_up: 30s")
    lab.agent("anna")
    served(lab, "anna", call(lab))
    (queue,) = [view for view in lab.engine.snapshot().queues if view.name == "support"]
    assert queue.agents == {"wrap_up": 1, "signed_out": 2}
