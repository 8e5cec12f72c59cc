"""What the formulas answer to a question of `ivr erlang`."""

from dataclasses import dataclass
from math import ceil, inf

from ivr.cli.erlang_question import Question
from ivr.limits import THEORY_SERVERS_MAX
from ivr.sim.theory import (
    ENDLESS,
    ErlangC,
    Figures,
    Model,
    Reneging,
    agents_needed,
    blocking,
    least_agents,
    lines_needed,
)

_AROUND = 2
"""How many agents (lines) fewer, and more, are shown beside an answer."""


@dataclass(frozen=True, slots=True)
class LineFigures:
    """A number of lines without a queue: the share of calls that find none free, and how busy a line is."""

    lines: int
    p_block: float
    occupancy: float


@dataclass(frozen=True, slots=True)
class Answer:
    """`needed` and what is `around` it are there where a target was given; `figures` are of what is asked about.

    Without agents there are `lines` instead of figures.
    """

    figures: Figures | None
    needed: int | None
    around: tuple[Figures, ...]
    lines: tuple[LineFigures, ...] = ()


def answer(asked: Question) -> Answer:
    """Compute it.

    Raises:
        ValueError: a queue that grows without end, or a target that no number of agents meets.
    """
    if asked.is_about_lines:
        needed = None if asked.blocked is None else lines_needed(asked.load, asked.blocked)
        center = needed or asked.lines or 1
        return Answer(None, needed, (), tuple(_lines(asked, count) for count in _near(center, 1)))
    if not asked.targets:
        assert asked.agents is not None
        return Answer(model(asked, asked.agents).figures(asked.within), None, ())
    endless = asked.load * asked.patience.stays(inf) if asked.lines is None else 0.0
    least, most = least_agents(endless), asked.lines or THEORY_SERVERS_MAX
    found = agents_needed(lambda agents: model(asked, agents), asked.targets, least, most)
    best = found.figures(asked.within)
    around = [
        best if agents == best.agents else model(asked, agents).figures(asked.within)
        for agents in _near(best.agents, least, most)
    ]
    shown = best if asked.agents is None else model(asked, asked.agents).figures(asked.within)
    return Answer(shown, best.agents, tuple(around))


def model(asked: Question, agents: int) -> Model:
    """The formula that fits."""
    if asked.patience is ENDLESS and asked.lines is None:
        return ErlangC(asked.rate, asked.aht, agents)
    return Reneging(asked.rate, asked.aht, agents, asked.patience, asked.lines)


def staff(agents: int, shrinkage: float) -> int:
    """How many people are planned so that so many are at their phones."""
    return ceil(agents / (1 - shrinkage) - 1e-9)  # 7 of 10 at the phone are 10 people, not 11


def _near(count: int, least: int, most: int = THEORY_SERVERS_MAX) -> range:
    return range(max(least, count - _AROUND), min(most, count + _AROUND) + 1)


def _lines(asked: Question, count: int) -> LineFigures:
    blocked = blocking(count, asked.load)
    return LineFigures(count, blocked, asked.load * (1 - blocked) / count)
