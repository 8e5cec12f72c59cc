"""A story as one page that needs nothing else: a page that somebody would forward."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, StrictUndefined

from ivr.story.card import card_of, effort_terms, lasting, rows
from ivr.story.questions import answered
from ivr.story.told import Told, in_language
from ivr.story.transcript import Scene, scenes
from ivr.story.words import say

BAR_PX_PER_MINUTE: Final = 72
"""How long a minute of waiting is on the page."""

_BAR_PX_MAX: Final = 560


def page(told: Mapping[str, Told]) -> str:
    """The page of one playing, or of both beside each other."""
    first = next(iter(told.values()))
    language = first.language
    cards = [card_of(one) for one in told.values()]
    names = [say(version, language) for version in told]
    values: dict[str, Any] = {
        "language": language,
        "title": in_language(first.story.story, language),
        "line": in_language(first.story.line, language),
        "versions": [
            {
                "name": name,
                "company": one.center.plan.name,
                "scenes": [_scene(one, scene, true=one is first) for scene in scenes(one)],
                "effort": f"{card.effort.index:.0f}",
                "resolved": card.resolved,
                "terms": effort_terms(card, language),
                "funnel": card.funnel,
            }
            for name, one, card in zip(names, told.values(), cards, strict=True)
        ],
        "rows": rows(cards, language),
        "answers": answered(first, *cards) if first.story.questions else [],
        "say": lambda name: say(name, language),
    }
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(files("ivr.story").joinpath("page.html").read_text("utf-8"))
    return template.render(values)


def _scene(told: Told, scene: Scene, *, true: bool) -> dict[str, Any]:
    """What the page shows of a scene; what of the `true` story it is, where it is that."""
    at = told.local(scene.at)
    return {
        "day": f"{at:%d.%m.%Y}",
        "sign": scene.picture,
        "channel": scene.channel,
        "facts": scene.facts if true else {},
        "lines": [
            {
                "clock": f"{told.local(line.at):%H:%M:%S}",
                "kind": line.kind,
                "who": line.who,
                "text": line.text,
                "bar": min(_BAR_PX_MAX, round(line.length_ms / 60_000 * BAR_PX_PER_MINUTE)),
                "lasting": lasting(line.length_ms),
            }
            for line in scene.lines
        ],
    }
