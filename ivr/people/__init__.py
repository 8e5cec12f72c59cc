"""Simulated callers and agents: machines without sockets or clocks.

A `Cast` plays every simulated party of a center. It is an outlet of the engine, for the lines and
agents that are its own, and acts through a `Stage`: "do this later", "tell the engine this". The
simulator, the demo and the load tester give it different stages; the people are the same.

All chance is keyed by the caller's ordinal (`ivr.core.chance`), so two centers that differ in staff
or in flow are called by the same people.
"""

from ivr.core.law import Law
from ivr.people.cast import Cast
from ivr.people.script import AgentScript, CallerKind, Script
from ivr.people.stage import Stage

__all__ = ["AgentScript", "CallerKind", "Cast", "Law", "Script", "Stage"]
