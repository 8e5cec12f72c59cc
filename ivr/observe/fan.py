"""One fact to many observers, through one table by class.

The engine has one witness; `Fan.tell` is made for it. A fact costs one dictionary look-up and one
call an observer, so facts nobody wants cost next to nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ivr.core.facts import Fact

Handler: TypeAlias = Callable[[Any], object]
Handlers: TypeAlias = Mapping[type[Fact], Handler]
"""What an observer wants: the class of a fact to the function that takes it. `Fact` itself wants all."""


class Fan:
    """Observers of one run, told each fact in the order they were added."""

    __slots__ = ("_observers", "_table")

    def __init__(self) -> None:
        self._observers: list[Handlers] = []
        self._table = _Table(self._observers)

    def add(self, handlers: Handlers) -> None:
        """Add an observer; under the key `Fact` stands its handler for every fact it does not name."""
        self._observers.append(dict(handlers))
        self._table.clear()

    def tell(self, fact: Fact) -> None:
        """Hand a fact to whoever wants it; an exception of an observer is the caller's."""
        for handler in self._table[type(fact)]:
            handler(fact)


class _Table(dict[type, tuple[Handler, ...]]):
    """Handlers by class, found once for each class."""

    def __init__(self, observers: list[Handlers]) -> None:
        super().__init__()
        self._observers = observers

    def __missing__(self, kind: type[Fact]) -> tuple[Handler, ...]:
        found = (handlers.get(kind) or handlers.get(Fact) for handlers in self._observers)
        self[kind] = wanted = tuple(handler for handler in found if handler is not None)
        return wanted
