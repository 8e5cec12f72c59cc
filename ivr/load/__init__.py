"""Simulated callers on real websocket phones: the people of the simulator, calling a center that is served.

A `Crowd` gives a cast a stage made of sockets: what its callers do is sent, what the center says is what they are asked.
Agents are the center's own business.
"""

from ivr.load.crowd import Crowd
from ivr.load.seen import Call, Visit
from ivr.load.totals import Totals, totals

__all__ = ["Call", "Crowd", "Totals", "Visit", "totals"]
