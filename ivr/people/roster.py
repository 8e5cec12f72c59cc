"""When simulated agents are at work: shifts and breaks by the wall clock of the center.

An agent with a shift signs in when it begins and out when it ends; in a break they are on a pause that has its name.
What becomes of a talk at the end of a shift is the agent's policy (`shift_end`), and a break waits for the talk.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from ivr.core import events
from ivr.core.calendar import Calendar, next_change, spans, status
from ivr.core.chance import unit
from ivr.core.time import Instant
from ivr.people.script import AgentScript
from ivr.people.stage import Stage

AT_WORK: Final = "at work"
OUT: Final = ""


class Roster:
    """The shifts of a cast; agents without one are there all the time."""

    def __init__(
        self,
        agents: Mapping[str, AgentScript],
        calendar: Calendar,
        stage: Stage,
        now: Callable[[], Instant],
        plays: Callable[[str], bool],
        seed: str,
    ) -> None:
        """`plays` says whether an agent is simulated now: a real one keeps their own hours."""
        self._seed = seed
        self._agents = agents
        self._calendar = calendar
        self._stage = stage
        self._now = now
        self._plays = plays
        self._doing: dict[str, str] = {}

    def adopt(self, agents: Mapping[str, AgentScript]) -> None:
        """From the next change on, go by other scripts of the same agents."""
        self._agents = agents

    def keeps(self, agent: str) -> bool:
        """Whether an agent has a shift; if so, they come when it begins."""
        if self._agents[agent].shift is None:
            return False
        self._doing[agent] = OUT
        self._look(agent)
        return True

    def _look(self, agent: str) -> None:
        """Do what the clock says now, and look again when it says something else."""
        local = self._calendar.local(self._now())
        wanted, before = self._wanted(agent, local), self._doing[agent]
        self._doing[agent] = wanted
        script = self._agents[agent]
        if wanted != before and self._plays(agent):
            late_ms = 0
            if script.late is not None and wanted == AT_WORK:
                late_ms = script.late.draw(unit(self._seed, f"late/{agent}", self._now()))
            self._stage.later(late_ms, self._turn, (agent, before, wanted))
        changes = [next_change(hours, local) for hours in (script.shift, *script.breaks) if hours is not None]
        coming = min((change for change in changes if change is not None), default=None)
        if coming is not None:
            due = self._calendar.instant(coming, self._now())
            self._stage.later(max(1, due - self._now()), self._look, agent)

    def _turn(self, turn: tuple[str, str, str]) -> None:
        agent, before, wanted = turn
        if self._doing[agent] == wanted and self._plays(agent):
            for event in _events(agent, before, wanted):
                self._stage.post(event)

    def _wanted(self, agent: str, local: datetime) -> str:
        """`OUT`, `AT_WORK`, or the name of a break."""
        script = self._agents[agent]
        if script.shift is None or status(script.shift, local) != "open" or self._absent(agent, local):
            return OUT
        return next((hours.name for hours in script.breaks if status(hours, local) == "open"), AT_WORK)

    def _absent(self, agent: str, local: datetime) -> bool:
        """Whether an agent does not come on the day on which the shift began."""
        share, shift = self._agents[agent].absent, self._agents[agent].shift
        if not share or shift is None:
            return False
        days = (local.date() - timedelta(days=1), local.date())
        begun = [start for day in days for start, end in spans(shift, day) if start <= local < end]
        return unit(self._seed, f"absent/{agent}", begun[-1].toordinal()) < share


def _events(agent: str, before: str, wanted: str) -> list[Any]:
    if wanted == OUT:
        return [events.AgentSignedOut(agent)]
    if before == OUT:
        found: list[Any] = [events.AgentSignedIn(agent, wanted == AT_WORK)]
        return found if wanted == AT_WORK else [*found, events.AgentPaused(agent, wanted)]
    return [events.AgentReady(agent) if wanted == AT_WORK else events.AgentPaused(agent, wanted)]
