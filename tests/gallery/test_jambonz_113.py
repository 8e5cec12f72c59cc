"""jambonz #113: what is played to who waits (`waitHook`) is not repeated, so the caller hears silence.

Here the queue's music plays until something else is heard, and goes on after each announcement.
"""

from tests.gallery.rooms import call, room


def test_music_goes_on_after_every_announcement() -> None:
    lab = room("music: bossa", more='announce: [{every: 20s, say: "Please wait."}],')
    phone = call(lab)
    for _ in range(3):
        lab.wait(20_000)
        phone.hears("Please wait.")
        assert lab.out.of("music")[-1] == (phone.line, "bossa")
