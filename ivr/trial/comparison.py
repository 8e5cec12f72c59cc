"""The same caller on two revisions of a center, and what they would notice of the difference."""

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final

from ivr.core.facts import KeyHeard
from ivr.core.time import Ms
from ivr.language.trials import Trial
from ivr.trial.story import FLOW, Line, clock
from ivr.trial.virtual import play

NOTICED_MS: Final = 1_000
"""A difference in time that a caller notices."""
_AROUND: Final = 2  # lines shown before and after one that differs


@dataclass(slots=True)
class Side:
    """How it went on one revision; `problem` says why the caller could not call there."""

    lines: list[Line] = field(default_factory=list)
    lasted_ms: Ms = 0
    keys: int = 0
    problem: str = ""


@dataclass(slots=True)
class Comparison:
    """One caller on both."""

    name: str
    old: Side
    new: Side

    @property
    def differs(self) -> bool:
        """Whether the caller would notice."""
        return (
            self.old.problem != self.new.problem
            or [_said(line) for line in self.old.lines] != [_said(line) for line in self.new.lines]
            or abs(self.new.lasted_ms - self.old.lasted_ms) >= NOTICED_MS
        )

    def shown(self) -> list[str]:
        """What differs, with a little of what is around it: `-` on the old revision only, `+` on the new one."""
        old, new = self.old.lines, self.new.lines
        matcher = SequenceMatcher(
            None, [_said(line) for line in old], [_said(line) for line in new], autojunk=False
        )
        shown: list[str] = []
        for group in matcher.get_grouped_opcodes(_AROUND):
            if shown:
                shown.append("  ...")
            for kind, i1, i2, j1, j2 in group:
                if kind == "equal":
                    shown += [_marked(" ", line) for line in new[j1:j2]]
                    continue
                shown += [_marked("-", line) for line in old[i1:i2]]
                shown += [_marked("+", line) for line in new[j1:j2]]
        return shown


def _said(line: Line) -> tuple[str, str]:
    return line.who, line.text


def _marked(mark: str, line: Line) -> str:
    return f"{mark} {clock(line.at):>8}  {line.who:<6}  {line.text}"


def compare(name: str, old: Trial | str, new: Trial | str) -> Comparison:
    """Let a caller call both; a text instead of a test says why that is not possible."""
    return Comparison(name, _side(old), _side(new))


def _side(trial: Trial | str) -> Side:
    if isinstance(trial, str):
        return Side(problem=trial)
    played = play(trial, lenient=True)
    lines = [line for line in played.caller.story.lines if line.who != FLOW]
    keys = sum(type(fact) is KeyHeard for fact in played.facts)
    return Side(lines, lines[-1].at if lines else 0, keys)
