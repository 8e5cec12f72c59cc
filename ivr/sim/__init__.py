"""Virtual time: the same center, engine and people as live, as fast as the machine allows.

`VirtualDriver` keeps the time, `House` puts a center together with its people and its company, and
`replay` runs a journal again and compares what happens with what happened. `theory` knows by formulas what a
simulation of a plain queue has to give.

`House`, `Parties` and `VirtualDriver` are imported when first asked for: formulas need no center.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ivr.sim.driver import VirtualDriver
    from ivr.sim.house import House, Parties

__all__ = ["House", "Parties", "VirtualDriver"]

_HOME = {"House": "house", "Parties": "house", "VirtualDriver": "driver"}


def __getattr__(name: str) -> Any:
    """The public names, from the modules that hold them."""
    if name not in _HOME:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"ivr.sim.{_HOME[name]}"), name)
