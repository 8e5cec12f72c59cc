"""Trees to models: pydantic's findings become problems with places and cures in the author's words."""

from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import ValidationError

from ivr.language.fields import FieldError, Model
from ivr.language.problems import Place, Report, suggest
from ivr.language.tree import Map, Text, place_of

M = TypeVar("M", bound=Model)


def validate(model: type[M], tree: Map, report: Report) -> M | None:
    """The model of a tree, or None with every problem reported."""
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        for found in error.errors(include_url=False):
            _add(model, tree, dict(found), report)
        return None


def _add(model: type[Model], tree: Map, found: dict[str, Any], report: Report) -> None:
    path = tuple(item for item in found["loc"] if item != "[key]")
    part, _ = place_of(tree, path)
    cause = found.get("ctx", {}).get("error")
    kind = found["type"]
    if isinstance(cause, FieldError):
        report.add(
            _at_key(tree, path) if "[key]" in found["loc"] else part, "value", cause.message, cause.hint
        )
    elif kind == "extra_forbidden":
        name = str(path[-1])
        hint = suggest(name[:40], _fields_at(model, found["loc"][:-1]))
        report.add(_at_key(tree, path), "unknown-key", f"unknown key {name[:40]!r}", hint)
    elif kind == "missing":
        parent, _ = place_of(tree, path[:-1])
        key = _first_key(parent)
        report.add(key, "missing-key", f"{path[-1]!r} is missing here", f"add '{path[-1]}: ...'")
    elif kind in ("model_type", "dict_type", "model_attributes_type"):
        report.add(part, "shape", "a map of fields is expected here", "write 'key: value' lines below it")
    elif kind == "list_type":
        report.add(part, "shape", "a list is expected here", "begin each item with '- '")
    elif kind in ("too_short", "too_long"):
        word = "is empty" if kind == "too_short" else "has too many items"
        report.add(part, "shape", f"this {word}")
    else:
        report.add(part, "value", str(found["msg"]))


def _first_key(part: Any) -> Place:
    """A missing key is shown at the first key of the map it belongs to."""
    if isinstance(part, Map) and part.keys_at:
        return next(iter(part.keys_at.values()))
    return part  # type: ignore[no-any-return]


def _at_key(tree: Map, path: tuple[Any, ...]) -> Place:
    """The key that a path ends in."""
    parent, _ = place_of(tree, path[:-1])
    if isinstance(parent, Map):
        for key in parent:
            if key == path[-1] and isinstance(key, Text):
                return key
    return parent


def _fields_at(model: type[Model], path: tuple[Any, ...]) -> list[str]:
    """The keys that are known where a path leads, as far as tags and models tell."""
    from ivr.language.models import ChoiceModel, StateModel
    from ivr.language.step_models import VERBS

    for item in reversed(path):
        if isinstance(item, str) and item.startswith("<"):
            name = item.strip("<>")
            by_name: dict[str, type[Model]] = {"choice": ChoiceModel, "map": StateModel, **VERBS}
            known = by_name.get(name)
            if known is not None:
                return _keys(known)
            break
        if isinstance(item, str) and (found := _SUB.get(item)) is not None:
            return _keys(found())
    if not path:
        return _keys(model)
    return _keys(_walk(model, path))


def _keys(model: type[Any] | None) -> list[str]:
    return [] if model is None else [field.alias or name for name, field in model.model_fields.items()]


def _walk(model: type[Any], path: tuple[Any, ...]) -> type[Any] | None:
    """The model a path of plain keys leads to, through optional fields, lists and maps of models."""
    here: Any = model
    for item in path:
        here = _unwrapped(here)
        if isinstance(here, type) and issubclass(here, Model):
            here = next((f.annotation for n, f in here.model_fields.items() if item in (n, f.alias)), None)
        elif get_origin(here) in (dict, list):
            here = get_args(here)[-1]
        else:
            return None
    here = _unwrapped(here)
    return here if isinstance(here, type) and issubclass(here, Model) else None


def _unwrapped(annotation: Any) -> Any:
    """What is inside `Annotated` and `... | None`."""
    while get_origin(annotation) in (Annotated, Union, UnionType):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    return annotation


def _sub(name: str) -> Any:
    def load() -> Any:
        from ivr.language import step_models

        return getattr(step_models, name)

    return load


_SUB = {
    "listen": _sub("ListenModel"),
    "retry": _sub("RetryModel"),
    "announce": _sub("AnnounceModel"),
    "keys": _sub("OfferKeysModel"),
}
