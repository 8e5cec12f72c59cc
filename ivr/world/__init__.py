"""The emulated company behind the phones: answers lookups and runs out of tables.

It stands where a real HTTP service would (and where one is named, a served center asks that): the engine asks through its
outlet and hears the answer as an event, so a journal holds every answer and a replay needs no world.
"""

from ivr.world.triggers import HEARD, Triggers
from ivr.world.world import VIRTUAL, Answer, Sent, World

__all__ = ["HEARD", "VIRTUAL", "Answer", "Sent", "Triggers", "World"]
