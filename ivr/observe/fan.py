"""One fact to many observers, through one table by class.

The engine has one witness; `Fan.tell` is made for it. A fact costs one dictionary look-up and one
call an observer, so facts nobody wants cost next to nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from ivr.core.facts import Fact

Handler: TypeAlias = Callable[[Any], object]
Handlers: TypeAlias = Mapping[type[Fact], Handler]
"""What an observer wants: the class of a fact to the function that takes it. `Fact` itself wants all."""


class Fan:
    """Observers of one run, told each fact in the order they were added."""

    __slots__ = ("_observers", "_table", "tell")

    def __init__(self) -> None:
        self._observers: list[Handlers] = []
        self._table: dict[type[Fact], Handler | None] = {}
        self.tell: Final = _telling(self._observers, self._table)
        """Hand a fact to whoever wants it; an exception of an observer is the caller's."""

    def add(self, handlers: Handlers) -> None:
        """Add an observer; under the key `Fact` stands its handler for every fact it does not name."""
        self._observers.append(dict(handlers))
        self._table.clear()


def _telling(observers: list[Handlers], table: dict[type[Fact], Handler | None]) -> Callable[[Fact], None]:
    """The function that tells observers a fact; `table` is what it has found out, emptied when they change."""

    def tell(fact: Fact) -> None:
        try:
            handler = table[type(fact)]
        except KeyError:
            handler = table[type(fact)] = _wanted(observers, type(fact))
        if handler is not None:
            handler(fact)

    return tell


def _wanted(observers: list[Handlers], kind: type[Fact]) -> Handler | None:
    """One handler that calls, in order, those that want this class."""
    wanted: Handler | None = None
    for handlers in observers:
        handler = handlers.get(kind) or handlers.get(Fact)
        if handler is not None:
            wanted = handler if wanted is None else _both(wanted, handler)
    return wanted


def joined(*observers: Handlers) -> Handlers:
    """Several observers as one, told in this order."""
    kinds = dict.fromkeys(kind for handlers in observers for kind in handlers)
    listed = list(observers)
    return {kind: handler for kind in kinds if (handler := _wanted(listed, kind)) is not None}


def _both(first: Handler, second: Handler) -> Handler:
    """A loop over two handlers costs more than calling them."""

    def both(fact: Fact) -> None:
        first(fact)
        second(fact)

    return both
