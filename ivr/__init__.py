"""A call center on localhost: callers, flows, queues and agents, live and in virtual time.

Start reading at `ivr.core`: its docstring explains how everything else hangs together.
"""

__version__ = "0.1.0"
