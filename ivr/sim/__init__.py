"""Virtual time: the same center, engine and people as live, as fast as the machine allows.

`VirtualDriver` keeps the time, `House` puts a center together with its people and its company, and
`replay` runs a journal again and compares what happens with what happened.
"""

from ivr.sim.driver import VirtualDriver
from ivr.sim.house import House, Parties

__all__ = ["House", "Parties", "VirtualDriver"]
