"""What can be saved of a file with faults: the smallest part around each fault is taken out.

So that one bad step does not hide what is wrong with all the others. What is taken out is remembered
(`tree.Losses`), because the rest may well speak of it: a state that only a lost step leads to is
not unreachable, and a queue whose settings cannot be read is not unknown.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ivr.language.problems import Place
from ivr.language.route import Stop
from ivr.language.tree import Lost, Map, Seq, Text

_UNNAMED: Final = "unnamed"

_STAND_INS: Final[Mapping[str, Any]] = {
    "center": _UNNAMED,
    "flow": _UNNAMED,
    "start": _UNNAMED,
    "numbers": {},
}
"""What a file's needed fields are taken to be when they cannot be read, so that the rest of it can be."""


def cut(root: Map, stops: Sequence[Stop], *, only_key: bool) -> bool:
    """Take out the part around a fault; false where nothing less than the whole file would do.

    With `only_key` the key at the end of the way is the fault, and its map is good without it.
    """
    if not stops:
        return False
    if only_key and isinstance(stops[-1].parent, Map):
        _lose(root, stops, len(stops) - 1)
        return True
    return any(_take_out(root, stops, number) for number in range(len(stops) - 1, -1, -1))


def _take_out(root: Map, stops: Sequence[Stop], number: int) -> bool:
    """Take out the part at a stop, if what holds it can do without."""
    stop = stops[number]
    if isinstance(stop.parent, Map) and stop.key in stop.parent:
        if stop.is_step or stop.is_state:
            _put_lost(root, stops, number)
            return True
        if stop.model is None or (stop.field is not None and not stop.field.is_required()):
            _lose(root, stops, number)
            return True
    elif isinstance(stop.parent, Seq) and isinstance(stop.key, int):
        if stop.is_step:
            _put_lost(root, stops, number)
            return True
        if len(stop.parent) > 1 and stop.value is not None:
            for around in (_holder(root, stops, number), root):
                around.losses().add(stop.value)
                around.losses().name(str(stops[number - 1].key))  # of the list, which is not whole any more
            stop.parent[stop.key] = None  # indices of other faults stay true until `sweep`
            return True
    if number == 0 and stop.key in _STAND_INS and stop.model is not None:
        _stand_in(root, stop)
        return True
    return False


def _lose(root: Map, stops: Sequence[Stop], number: int) -> None:
    stop = stops[number]
    if stop.key in stop.parent:
        stop.parent.lose(stop.key)
    for around in (_holder(root, stops, number), root):  # the step whose `on` lost a handler is unsure too
        around.losses().join(stop.parent.losses())


def _put_lost(root: Map, stops: Sequence[Stop], number: int) -> None:
    """Put a step that nobody can read where a faulty one was."""
    stop = stops[number]
    lost = Lost(stop.value if isinstance(stop.value, Text | Map | Seq) else root)
    lost.losses().add(stop.value)
    root.losses().join(lost.lost)
    stop.parent[stop.key] = lost
    if stop.is_state:
        steps = Seq(lost)
        steps.append(lost)
        stop.parent[stop.key] = steps


def _stand_in(root: Map, stop: Stop) -> None:
    key, value = str(stop.key), _STAND_INS[str(stop.key)]
    root.losses().add(root.get(key))
    root.losses().name(key, _UNNAMED)
    place: Place = next(iter(root.keys_at.values()), root)
    name = Text(_UNNAMED, place)
    root[key] = name
    if isinstance(value, dict):
        root[key] = Map(name)
        root[key][Text("0", place)] = name


def _holder(root: Map, stops: Sequence[Stop], number: int) -> Map:
    """The nearest map around a stop."""
    return next((stop.parent for stop in reversed(stops[:number]) if isinstance(stop.parent, Map)), root)


def sweep(part: Any) -> None:
    """Close the gaps that lost items left in lists."""
    parts = [part]
    while parts:
        here = parts.pop()
        if isinstance(here, Seq):
            here[:] = [item for item in here if item is not None]
            parts += here
        elif isinstance(here, Map):
            parts += here.values()
