"""Topics of a script that lead back to themselves without a word: such a talk would never go on."""

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter

from ivr.language.talk_model import Act, TalkScript


def circle(script: TalkScript) -> list[str]:
    """The topics of one such circle, each before the one that it leads to and the first once more; empty: none."""
    leads = {topic: _led(acts, script)[0] for topic, acts in script.topics.items()}
    try:
        TopologicalSorter(leads).prepare()
    except CycleError as fault:
        return list(reversed(fault.args[1]))
    return []


def _led(acts: Iterable[Act], script: TalkScript) -> tuple[list[str], bool]:
    """The topics that are come to before anything is said, done or waited for, and whether the end is."""
    topics: list[str] = []
    for act in acts:
        ways: list[tuple[Act, ...]] = []
        match act.kind:
            case "topic":
                return [*topics, act.about], False
            case "if":
                ways = [act.branches.get("then", ()), act.branches.get("else", ())]
            case "grants" if act.about not in script.may:
                ways = [act.branches.get("else", ())]
            case "asks":  # not asked where it is known
                ways = [()]
        passes = False
        for way in ways:
            found, through = _led(way, script)
            topics += found
            passes |= through
        if not passes:
            return topics, False
    return topics, True
