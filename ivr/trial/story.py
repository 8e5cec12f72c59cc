"""What was heard and done on a call, in order, for whoever has to find out why a test failed."""

from typing import NamedTuple

from ivr.core.time import Instant
from ivr.limits import TRIAL_STORY_LINES_MAX

CENTER, CALLER, FLOW = "center", "caller", "flow"


class Line(NamedTuple):
    """One line: when, who, what."""

    at: Instant
    who: str
    text: str

    def __str__(self) -> str:
        return f"{clock(self.at)}  {self.who:<6}  {self.text}"


class Story:
    """The lines of one call."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.began: Instant = 0

    def add(self, at: Instant, who: str, text: str) -> None:
        """Write a line; a state of the line (in brackets) twice in a row is one."""
        line = Line(at - self.began, who, text)
        if not text.startswith("(") or not self.lines or self.lines[-1][1:] != line[1:]:
            self.lines.append(line)

    def told(self) -> list[str]:
        """The last lines, which tell why; how many came before."""
        hidden = len(self.lines) - TRIAL_STORY_LINES_MAX
        shown = [str(line) for line in self.lines[-TRIAL_STORY_LINES_MAX:]]
        return [f"... {hidden} lines before", *shown] if hidden > 0 else shown


def clock(ms: int) -> str:
    """An instant of a call for reading: `0:03.1`, `1:02:03.0`."""
    minutes, rest = divmod(ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest // 1_000:02}.{rest % 1_000 // 100}"
    return f"{hours}:{minutes:02}:{seconds}" if hours else f"{minutes}:{seconds}"
