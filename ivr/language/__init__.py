"""What authors write: YAML files to a compiled, checked `Center`, with every problem shown at its place.

A file passes through these rooms, each of which only adds problems to a `Report` and never raises:

    reading     bytes -> YAML events -> a plain tree in which every value knows its place (`tree`, `traps`)
    validate    tree -> pydantic models (`models`, `step_models`, `step_parts`, `center_models`, `people_models`, `fields`)
    compile     models -> `Plan`, flows, world; the semantic checks happen on the way:
                `center_parts`, `world_parts`, `flow_builder`, `step_builders`, `prompts`, `graph`, `results`
    scoping     expressions (`ivr.core.flow.expression`) and texts (`templates`, spoken by `speech`)
    problems    what is wrong, sorted and bounded, as text or as JSON
    inside      what was read, for rules (`ivr.lint`) and pictures (`ivr.draw`); `ways` are the edges of its graph

Tests of authors take the same way, once their center is compiled: `trials` reads them (`trial_models`), `trial_checks`
and `trial_steps` check them (`said`: what the center may say, `comparing`: bounds). `marks` are what they can cover.

`load_center`, `load_sources`, `check_center` and `Center` are what other rooms use; `schema(kind)` is what
editors use. They are imported when first asked for, because pydantic and Jinja2 take a tenth of a second.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ivr.language.compile import Center, check_center, load_center, load_sources, look_inside
    from ivr.language.inside import Inside
    from ivr.language.models import schema
    from ivr.language.problems import Problem, render
    from ivr.language.world_model import WorldModel

__all__ = [
    "Center",
    "Inside",
    "Problem",
    "WorldModel",
    "check_center",
    "load_center",
    "load_sources",
    "look_inside",
    "render",
    "schema",
]

_HOME = {
    "Center": "compile",
    "check_center": "compile",
    "load_center": "compile",
    "load_sources": "compile",
    "look_inside": "compile",
    "Inside": "inside",
    "schema": "models",
    "Problem": "problems",
    "render": "problems",
    "WorldModel": "world_model",
}


def __getattr__(name: str) -> Any:
    """The public names, from the modules that hold them."""
    if name not in _HOME:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"ivr.language.{_HOME[name]}"), name)
