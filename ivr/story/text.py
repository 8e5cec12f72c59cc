"""A story at the terminal: the transcript with waits drawn to scale, then the scorecard."""

import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final

from ivr.core.time import SECOND, Instant, Ms
from ivr.language.story_models import entries
from ivr.observe.journey import Scorecard
from ivr.story.card import Row, effort_terms, lasting, rows
from ivr.story.questions import Answer
from ivr.story.told import Told, in_language
from ivr.story.transcript import Line, Scene, scenes
from ivr.story.words import say

BAR_MS: Final[Ms] = 10 * SECOND
"""How much time one cell of a bar is."""

_BAR_MAX: Final = 60
_WHO_MAX: Final = 20
_CLOCK: Final = 10
_DIFFERENCE: Final = 10
_WEEKDAYS: Final = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "ru": ("пн", "вт", "ср", "чт", "пт", "сб", "вс"),
    "uk": ("пн", "вт", "ср", "чт", "пт", "сб", "нд"),
}
_STYLES: Final = {
    "story": "italic",
    "customer": "bold",
    "agent": "",
    "machine": "cyan",
    "does": "bold",
    "key": "bold",
    "event": "dim",
    "wait": "yellow",
    "hold": "yellow",
    "behind": "dim",
}
Print = Callable[[str, str], None]
"""Called with a line and its style."""


def transcript(told: Told, out: Print, width: int) -> None:
    """Print the transcript."""
    Unfolding(out, width).show(told, over=True)


class Unfolding:
    """A transcript that is printed while the story is played."""

    def __init__(self, out: Print, width: int) -> None:
        self._out = out
        self._width = width
        self._day: date | None = None
        self._printed: dict[tuple[Instant, str, str, int], int] = {}

    def show(self, told: Told, *, over: bool) -> None:
        """Print what is new; a line that may still grow comes later, unless the story is `over`."""
        alike: Counter[tuple[Instant, str, str]] = Counter()
        for scene in scenes(told):
            kind = (scene.at, scene.channel, scene.heading)
            alike[kind] += 1
            key = (*kind, alike[kind])
            printed = self._printed.get(key, 0)
            shown = len(scene.lines) - (not over and scene.lines[-1].kind == "key")
            if shown > printed:
                self._printed[key] = shown
                self._scene(told, scene, printed, shown)

    def _scene(self, told: Told, scene: Scene, printed: int, shown: int) -> None:
        out, day = self._out, told.local(scene.at).date()
        if not printed and day != self._day:
            self._day = day
            weekday = _WEEKDAYS.get(told.language, _WEEKDAYS["en"])[day.weekday()]
            out("", "")
            out(f"── {weekday} {day:%d.%m.%Y} ".ljust(min(self._width, 78), "─"), "bold")
        if not printed:
            out("", "")
        for number in range(printed, shown):
            line = scene.lines[number]
            sign = scene.picture if not number else " "
            for text in _shown(told, line, sign or " ", self._width, _widest(told)):
                out(text, _STYLES.get(line.kind, ""))


def _widest(told: Told) -> int:
    """How wide the column is that says who."""
    customer, friends = told.story.customer, entries(told.story.timeline)
    names = [
        *(agent.label or agent.name for agent in told.center.plan.agents.values()),
        in_language(customer.name, told.language),
        *(in_language(entry.calls.name, told.language) for entry in friends if entry.calls is not None),
        say("machine", told.language),
        say("behind", told.language),
    ]
    return min(max(map(len, names)), _WHO_MAX)


def _shown(told: Told, line: Line, sign: str, width: int, size: int) -> Iterator[str]:
    room = max(24, width - _CLOCK - size - 4)
    clock = f"{told.local(line.at):%H:%M:%S}"
    if line.kind in ("wait", "hold"):
        text = f"{bar(line.length_ms)} {lasting(line.length_ms)}"
        yield f"{clock} {sign} {line.who[:size]:<{size}} {line.text} {text}"
        return
    if line.kind == "story":
        for number, part in enumerate(textwrap.wrap(line.text, max(24, width - _CLOCK - 2))):
            yield f"{clock if not number else '':<8} {sign if not number else ' '} {part}"
        return
    text = f"“{line.text}”" if line.kind in ("customer", "agent", "machine") else line.text
    for number, part in enumerate(textwrap.wrap(text, room) or [""]):
        who = line.who[:size] if not number else ""
        yield f"{clock if not number else '':<8} {sign if not number else ' '} {who:<{size}} {part}"


def bar(ms: Ms) -> str:
    """A length drawn to scale; what is longer than the page is broken with an arrow."""
    cells = round(ms / BAR_MS) or 1
    return "█" * cells if cells <= _BAR_MAX else "█" * (_BAR_MAX - 1) + "▶"


def card(names: Sequence[str], cards: Sequence[Scorecard], language: str, out: Print) -> None:
    """Print the scorecard of one center, or of two beside each other with what is better."""
    made = rows(cards, language)
    wide = max(len(row.label) for row in made)
    sizes = [max(len(name), *(len(row.cells[place]) for row in made)) for place, name in enumerate(names)]
    out("", "")
    heads = "  ".join(name.rjust(size) for name, size in zip(names, sizes, strict=True))
    if len(names) > 1:
        heads += f"  {say('difference', language):>{_DIFFERENCE}}"
    out(f"{say('scorecard', language):<{wide}}  {heads}", "bold")
    for row in made:
        _row(row, wide, sizes, out)
        if row.name == "effort":
            for number, one in enumerate(cards):
                whose = f" ({names[number]})" if len(cards) > 1 else ""
                for text, points in effort_terms(one, language):
                    out(f"{say('from', language)}{whose}: {text} = {points}", "dim")
    for number, one in enumerate(cards):
        if one.funnel is not None:
            whose = f" ({names[number]})" if len(cards) > 1 else ""
            _funnel(one, whose, language, out)


def _row(row: Row, wide: int, sizes: Sequence[int], out: Print) -> None:
    cells = "  ".join(cell.rjust(size) for cell, size in zip(row.cells, sizes, strict=True))
    sign = {"better": " ▲", "worse": " ▼"}.get(row.trend, "")
    style = {"better": "green", "worse": "red"}.get(row.trend, "")
    out(f"{row.label:<{wide}}  {cells}  {row.difference:>{_DIFFERENCE}}{sign}".rstrip(), style)


def _funnel(one: Scorecard, whose: str, language: str, out: Print) -> None:
    assert one.funnel is not None
    out("", "")
    out(f"{say('funnel', language)}{whose}", "bold")
    for step in one.funnel.rows:
        weak = f"   ← {say('weakest', language)}" if step.step == one.funnel.weakest else ""
        out(
            f"  {'■' if step.reached else '□'} {step.step.name} ({step.step.who}){weak}",
            "red" if weak else "",
        )


def answers(given: Sequence[Answer], language: str, out: Print, width: int) -> None:
    """Print the author's questions with their answers and the facts behind each."""
    out("", "")
    out(say("questions", language), "bold")
    for number, answer in enumerate(given, 1):
        for place, part in enumerate(textwrap.wrap(answer.question, width - 3)):
            out(f"{number if not place else ' '}. {part}" if not place else f"   {part}", "bold")
        for part in textwrap.wrap(answer.answer, width - 3):
            out(f"   {part}", "")
        for because in answer.because:
            for place, part in enumerate(textwrap.wrap(because, width - 7)):
                out(f"     {'·' if not place else ' '} {part}", "dim")


def heading(told: Told, version: str) -> str:
    """The first line: the title, and which of the two centers."""
    title = in_language(told.story.story, told.language)
    return f"{title}: {told.center.plan.name}, {say(version, told.language)}"
