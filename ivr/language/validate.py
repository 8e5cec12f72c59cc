"""Trees to models: pydantic's findings become problems with places and cures in the author's words."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from ivr.core.flow.nearness import did_you_mean as suggest, nearest
from ivr.language import salvage
from ivr.language.fields import FieldError, Model
from ivr.language.models import FlowModel
from ivr.language.problems import Place, Report
from ivr.language.route import ON_KEY, fields_of, model_at, route
from ivr.language.step_models import VERBS
from ivr.language.step_parts import VerbModel
from ivr.language.tree import Map, Text, place_of
from ivr.limits import FLOW_MAPS_MAX, SAVED_MAX

M = TypeVar("M", bound=Model)

_ROUNDS_MAX: Final = 8  # a part is taken out with what holds it, and so on outwards; files nest less deep

_MEANT: Final[Mapping[str, tuple[str, str]]] = {
    "elif": ("else", "write else: with another if in it"),
    "elseif": ("else", "write else: with another if in it"),
    "share": ("weight", "did you mean 'weight'?"),
    "goto": ("then", "write then: and the state"),
    "steps": ("then", "write then: and the steps"),
    "default": ("else", "did you mean 'else'?"),
    "options": ("choices", "did you mean 'choices'?"),
}
"""Words of other languages, or of other steps: the key meant where it is one of the model's, and a hint."""


def flow_of(tree: Map | None, report: Report) -> FlowModel | None:
    """The model of a flow; None if it cannot be read, or has more steps than can be checked in time."""
    if tree is None:
        return None
    if _maps(tree) > FLOW_MAPS_MAX:
        message = f"the flow has more than {FLOW_MAPS_MAX // 1_000} 000 steps and choices"
        report.add(tree, "too-big", message, "divide it into flows that call each other")
        return None
    return validate(FlowModel, tree, report)


def _maps(tree: Map) -> int:
    """How many maps there are in a tree."""
    count, waiting = 0, list[Any]([tree])
    while waiting:
        part = waiting.pop()
        if isinstance(part, Map):
            count += 1
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return count


def validate(model: type[M], tree: Map, report: Report) -> M | None:
    """The model of a tree without its faulty parts, or None if nothing can be saved; all is reported."""
    for number in range(_ROUNDS_MAX):
        try:
            return model.model_validate(tree)
        except ValidationError as error:
            found = [dict(one) for one in error.errors(include_url=False)]
        many = len(found) > SAVED_MAX
        if not number:  # what is found later comes of what was taken out
            _Findings(model, tree, report).add(found[:SAVED_MAX])
        if many:
            return None  # nearly nothing of it can be read
        if not _take_out(model, tree, found):
            return None
    return None


def _take_out(model: type[Model], tree: Map, found: list[dict[str, Any]]) -> bool:
    """Take out the part around each fault; false where that cannot be."""
    ways = [(route(model, tree, one["loc"]), one["type"], one["loc"]) for one in found]
    for stops, kind, loc in ways:
        if not salvage.cut(tree, stops, only_key=kind == "extra_forbidden" or ON_KEY in loc):
            return False
    salvage.sweep(tree)
    return True


class _Findings:
    """Tells an author what pydantic found in a tree."""

    def __init__(self, model: type[Model], tree: Map, report: Report) -> None:
        self._model = model
        self._tree = tree
        self._report = report

    def add(self, found: list[dict[str, Any]]) -> None:
        """Report every finding; a misspelled key is not also a missing one."""
        unknown = [one for one in found if one["type"] == "extra_forbidden"]
        missing = {one["loc"] for one in found if one["type"] == "missing"}
        for one in unknown:
            meant = self._unknown_key(one["loc"], missing)
            missing.discard((*one["loc"][:-1], meant))
        for one in found:
            if one["type"] == "missing" and one["loc"] in missing:
                self._missing(one["loc"])
            elif one["type"] not in ("missing", "extra_forbidden"):
                self._value(one)

    def _unknown_key(self, loc: tuple[Any, ...], missing: set[tuple[Any, ...]]) -> str:
        """Report a key that a map does not have, and say which was meant; empty if nobody knows."""
        name, model = str(loc[-1]), model_at(self._model, self._tree, loc[:-1])
        path = _keys(loc)
        place = _at_key(self._tree, path)
        if model is not None and issubclass(model, VerbModel) and name in VERBS:
            self._two_steps(path, model, name)
            return ""
        fields = fields_of(model)
        meant, hint = _MEANT.get(name, ("", ""))
        if meant not in fields:
            still_open = [str(other[-1]) for other in missing if other[:-1] == loc[:-1]]
            meant = nearest(name[:40], still_open) or nearest(name[:40], fields)
            hint = f"did you mean {meant!r}?" if meant else suggest(name[:40], fields)
        self._report.add(place, "unknown-key", f"unknown key {name[:40]!r}", hint)
        return meant

    def _two_steps(self, path: tuple[Any, ...], model: type[Model], name: str) -> None:
        """Two verbs in one map: most likely the dash before the second was forgotten."""
        verb = next(verb for verb, known in VERBS.items() if known is model)
        parent, _ = place_of(self._tree, path[:-1])
        keys = list(parent) if isinstance(parent, Map) else []
        second = name if keys.index(verb) < keys.index(name) else verb
        self._report.add(
            _at_key(self._tree, (*path[:-1], second)),
            "two-steps",
            f"a step has one verb; {second!r} begins another step",
            f"begin it with '- ': - {second}: ...",
        )

    def _missing(self, loc: tuple[Any, ...]) -> None:
        part, _ = place_of(self._tree, _keys(loc)[:-1])
        key = str(loc[-1])
        self._report.add(_first_key(part), "missing-key", f"{key!r} is missing here", f"add '{key}: ...'")

    def _value(self, one: Mapping[str, Any]) -> None:
        loc = one["loc"]
        path = _keys(loc)
        part, _ = place_of(self._tree, path)
        cause = one.get("ctx", {}).get("error")
        if isinstance(cause, FieldError):
            place = _at_key(self._tree, path) if ON_KEY in loc else part
            self._report.add(place, "value", cause.message, cause.hint)
            return
        stops = route(self._model, self._tree, loc)
        message, hint = _shape(one["type"], state=bool(stops) and stops[-1].is_state, part=part)
        self._report.add(part, "shape", message, hint)


def _shape(kind: str, *, state: bool, part: Any) -> tuple[str, str]:
    """What is wrong with the form of a part, and its cure."""
    if state:
        empty = isinstance(part, Text) and part.missing
        what = "a state is a list of steps" + (", and this one is empty" if empty or not part else "")
        return what, "begin each step with '- ', such as - say: ..."
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return "a map of fields is expected here", "write 'key: value' lines below it"
    if kind == "list_type":
        return "a list is expected here", "begin each item with '- '"
    if kind == "too_short":
        return "there is too little in this list or map", "add to it"
    if kind == "too_long":
        return "this has too many items", "take some out"
    return "this does not fit here", "see the reference for what this field may hold"


def _keys(loc: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(item for item in loc if item != ON_KEY)


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
