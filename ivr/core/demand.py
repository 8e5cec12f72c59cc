"""Who may take a waiting call, and how that widens the longer it waits.

A demand asks for skills, each at a level; for agents up to a level of the queue (levels, rings, penalties
and tiers are one idea under four names); or for one agent alone, whom the caller prefers. A plan of steps
relaxes it: less skill, further levels, then anybody instead of the preferred agent.
"""

from typing import Final, NamedTuple, TypeAlias

from ivr.core.time import Ms

Skills: TypeAlias = tuple[tuple[str, int], ...]
"""Skills with the least level an agent must have, in the order written."""


class Demand(NamedTuple):
    """What an entry of a queue asks of an agent; `only` is the name of the one agent it waits for.

    With `work` it is a work order, which agents may take who are at work on others.
    """

    skills: Skills = ()
    level: int = 1
    only: str = ""
    work: bool = False


ANYBODY: Final = Demand()


class Relaxation(NamedTuple):
    """From `after_ms` of waiting on these skills are asked for instead."""

    after_ms: Ms
    skills: Skills


def steps_of(
    skills: Skills,
    relax: tuple[Relaxation, ...] = (),
    levels: tuple[Ms, ...] = (),
    only: str = "",
    only_ms: Ms = 0,
) -> list[tuple[Ms, Demand]]:
    """The demands of a wait, each with when it begins (ms waited), the first at 0.

    `levels` says when agents of level 2, 3, ... are asked too. Whoever waits for one agent `only`, for
    `only_ms`, asks nothing else of them.
    """
    starts = {0, *(step.after_ms for step in relax), *levels}
    if only:
        starts = {0, only_ms, *(start for start in starts if start > only_ms)}
    found: list[tuple[Ms, Demand]] = []
    for start in sorted(starts):
        if only and start < only_ms:
            demand = Demand((), 1, only)
        else:
            asked = skills
            for step in relax:
                if step.after_ms <= start:
                    asked = step.skills
            demand = Demand(asked, 1 + sum(due <= start for due in levels))
        if not found or found[-1][1] != demand:
            found.append((start, demand))
    return found
