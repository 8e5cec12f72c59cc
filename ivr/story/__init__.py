"""Stories, played: what happens to one customer with a center, day by day, and what it was like for them.

`player` plays a story in virtual time: the center with its people and its world, and the customer who calls, is
called, gets messages and does things by themselves. `transcript` is what there was to hear and see, made of facts
alone; `card` the scorecard; `text` and `page` show both.
"""

from ivr.story.player import play
from ivr.story.told import Beat, Told

__all__ = ["Beat", "Told", "play"]
