"""The emulated company behind the phones: answers lookups and runs out of tables.

It stands where a real HTTP service would: the engine asks through its outlet and hears the answer as
an event, so a journal holds every answer and a replay needs no world.
"""

from ivr.world.triggers import HEARD, Triggers
from ivr.world.world import Answer, Sent, World

__all__ = ["HEARD", "Answer", "Sent", "Triggers", "World"]
