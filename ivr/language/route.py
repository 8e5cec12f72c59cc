"""The way that pydantic's `loc` leads through an author's tree, and what the models expect at each stop.

A `loc` also names the branches of unions. Their tags look like no key (`<menu>`), and are what tells
here which of the models is meant.
"""

from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import Tag
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType

from ivr.language.fields import Model
from ivr.language.models import Choice, Handler, State, Step

ON_KEY: Final = "[key]"
"""The item of a `loc` that says: the key is meant, not its value."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A key or index on the way: what it is looked up in, and what the models know of it.

    `model` is the model whose `field` it is; without one it is an entry of a map or an item of a list.
    """

    parent: Any
    key: str | int
    kind: Any = None
    model: type[Model] | None = None
    field: FieldInfo | None = None

    @property
    def value(self) -> Any:
        """What stands there; None where nothing does."""
        return _below(self.parent, self.key)

    @property
    def is_state(self) -> bool:
        """Whether a state is expected here."""
        return bool(self.kind == State)

    @property
    def is_step(self) -> bool:
        """Whether a step, or something that may be one, is expected here."""
        return _inner(self.kind) in (Step, Handler, Choice)


def route(model: type[Model], tree: Any, loc: tuple[str | int, ...]) -> list[Stop]:
    """The stops of a `loc`, from the top of the file."""
    return _follow(model, tree, loc)[0]


def model_at(model: type[Model], tree: Any, loc: tuple[str | int, ...]) -> type[Model] | None:
    """The model that reads the part a `loc` leads to."""
    kind = _bare(_follow(model, tree, loc)[1])
    return kind if isinstance(kind, type) and issubclass(kind, Model) else None


def _follow(model: type[Model], tree: Any, loc: tuple[str | int, ...]) -> tuple[list[Stop], Any]:
    stops: list[Stop] = []
    part: Any = tree
    kind: Any = model
    for item in loc:
        if item == ON_KEY:
            continue
        if (branch := _tagged(kind, item)) is not None:
            kind = branch
            continue
        stop = _stop(part, item, _bare(kind))
        stops.append(stop)
        part, kind = stop.value, stop.kind
    return stops, kind


def fields_of(model: type[Model] | None) -> list[str]:
    """The keys that an author may write in a model."""
    return [] if model is None else [field.alias or name for name, field in model.model_fields.items()]


def _stop(part: Any, item: str | int, kind: Any) -> Stop:
    if isinstance(kind, type) and issubclass(kind, Model):
        for name, field in kind.model_fields.items():
            if item in (name, field.alias):
                return Stop(part, item, field.annotation, kind, field)
        return Stop(part, item, Handler if kind.model_config.get("extra") == "allow" else None, kind)
    return Stop(part, item, get_args(kind)[-1] if get_origin(kind) in (dict, list) else None)


def _below(part: Any, key: str | int) -> Any:
    if isinstance(part, dict):
        return part.get(key)
    return part[key] if isinstance(part, list) and isinstance(key, int) and key < len(part) else None


def _inner(kind: Any) -> Any:
    """What is inside `... | None`, with names of unions kept."""
    if get_origin(kind) in (Union, UnionType):
        others = [part for part in get_args(kind) if part is not type(None)]
        return others[0] if len(others) == 1 else kind
    return kind


def _bare(kind: Any) -> Any:
    """What is inside names, annotations and `... | None`; a union of several stays one."""
    while True:
        inner = _inner(kind)
        if isinstance(inner, TypeAliasType):
            inner = inner.__value__
        elif get_origin(inner) is Annotated:
            inner = get_args(inner)[0]
        if inner is kind:
            return kind
        kind = inner


def _tagged(kind: Any, item: str | int) -> Any:
    """The branch of a union that a tag names; None where the item is no tag of it."""
    union = _bare(kind)
    if get_origin(union) not in (Union, UnionType):
        return None
    for branch in get_args(union):
        if any(isinstance(mark, Tag) and mark.tag == item for mark in getattr(branch, "__metadata__", ())):
            return branch
    return None
