"""Estimated wait: what a caller is told.

`stat_server`: handle time x calls ahead / (active agents x their effective portion), the published
formula of Genesys' Stat Server for agents who share queues. The effective portion of an agent is
one over the number of queues they serve. Nobody active means unknown, never zero.
"""

from ivr.core.acd.queue import SHARE, Queue
from ivr.core.time import Ms


def stat_server(queue: Queue, position: int) -> Ms | None:
    """Estimated wait in ms of a call for which no agent is ready, at a position (from 1); None if unknown."""
    if queue.active == 0:
        return None
    return queue.handle_ms() * position * SHARE // queue.share
