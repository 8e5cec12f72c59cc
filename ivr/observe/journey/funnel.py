"""A funnel by hand-over: how far journeys came on a way of several hands, and which hand lost the most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.core.treatment import FunnelStep
from ivr.observe.journey.contact import Journey

_KINDS = {str(kind.__struct_config__.tag): kind for kind in facts.AnyFact.__args__}


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """A step and how many journeys came so far, each step before it reached too; `lost` since the step before."""

    step: FunnelStep
    reached: int
    lost: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """The rows in order; `weakest` is the step that lost the most journeys, None where none was lost.

    For a single journey it is the first step that was not reached.
    """

    rows: tuple[FunnelRow, ...]
    weakest: FunnelStep | None


def funnel_of(journeys: Iterable[Journey], steps: Sequence[FunnelStep]) -> Funnel:
    """The funnel of these journeys. Those that did not reach the first step are lost there."""
    listed = list(journeys)
    rows: list[FunnelRow] = []
    before = len(listed)
    for number, step in enumerate(steps):
        listed = [journey for journey in listed if number in journey.reached]
        rows.append(FunnelRow(step, len(listed), before - len(listed)))
        before = len(listed)
    worst = max(rows, key=lambda row: row.lost, default=None)
    return Funnel(tuple(rows), worst.step if worst is not None and worst.lost else None)


class Marks:
    """Sees which steps a fact of a journey shows as done."""

    def __init__(self, steps: Sequence[FunnelStep]) -> None:
        self._steps: dict[type[Fact], list[tuple[int, FunnelStep]]] = {}
        for number, step in enumerate(steps):
            self._steps.setdefault(_KINDS[step.fact], []).append((number, step))

    @property
    def kinds(self) -> Iterable[type[Fact]]:
        """The classes of facts that mark a step."""
        return self._steps

    def mark(self, journey: Journey, fact: Fact) -> None:
        """Note the steps that the fact shows."""
        for number, step in self._steps[type(fact)]:
            if number not in journey.reached and all(
                _shown(getattr(fact, name)) == value for name, value in step.equal.items()
            ):
                journey.reached[number] = fact.at


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
