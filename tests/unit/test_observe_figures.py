"""First contact resolution: who comes back within a week was not helped the first time."""

from ivr.core.time import HOUR
from ivr.observe.figures import WEEK_MS, Contacts


def test_a_caller_who_comes_again_within_a_week_is_a_repeat() -> None:
    contacts = Contacts()
    assert contacts.resolution is None
    for caller, at in (("+1", 0), ("+2", HOUR), ("+1", WEEK_MS), ("", WEEK_MS), ("+2", 2 * WEEK_MS)):
        contacts.take(caller, at)
    assert (contacts.answered, contacts.repeats) == (4, 1)
    assert contacts.resolution == 0.75


def test_callers_of_long_ago_are_forgotten() -> None:
    contacts = Contacts()
    for number in range(1_000):
        contacts.take(f"+{number}", number * HOUR)
    assert len(contacts._last) <= WEEK_MS // HOUR + 1
