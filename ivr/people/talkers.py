"""Who talks with whom: the talks of a cast, by the lines of its callers and its agents."""

from collections.abc import Callable

from ivr.core.commands import Card, Speech
from ivr.people.caller_talk import CallerTalk
from ivr.people.persons import Agent, Caller
from ivr.people.stage import Stage
from ivr.people.talk import AgentTalk, Company


class Talkers:
    """The talks of agents who have a script, and of callers who have something to say."""

    def __init__(self, stage: Stage, leave: Callable[[Caller], None]) -> None:
        """`leave` is called when a caller has nothing left to say."""
        self._stage = stage
        self._leave = leave
        self._agents: dict[str, AgentTalk] = {}
        self._callers: dict[str, CallerTalk] = {}
        self._partner: dict[str, str] = {}  # the line of the agent whom a caller talks to
        self.company = Company()
        self.busy_elsewhere: Callable[[str], bool] = _nobody

    def come(self, caller: Caller, *, accepts: bool) -> None:
        """Somebody is on the line; `accepts` says whether they take offers."""
        if caller.kind.conversation is not None:
            self._callers[caller.line] = CallerTalk(
                caller.line,
                caller.kind.conversation,
                self._stage,
                lambda: self._leaves(caller),
                language=self.company.language,
                accepts=accepts,
            )

    def gone(self, line: str) -> None:
        """A caller is gone."""
        self._partner.pop(line, None)
        if (talk := self._callers.pop(line, None)) is not None:
            talk.silent()

    def begin(
        self, line: str, other: str, agent: Agent | None, card: Card | None, *, simulated: bool
    ) -> bool:
        """Two parties talk from now on; whether what is said says when it ends.

        A simulated caller without a conversation says nothing: with them a talk lasts as long as its law says, and
        so it does where the agent has no script. Whether a real party has one nobody knows.
        """
        caller = self._callers.get(line)
        script = agent.script.talk if agent is not None else None
        if caller is not None and (agent is None or script is not None):
            self._partner[line] = other
            caller.begin()
        if agent is None or script is None or (caller is None and simulated):
            return False
        key = f"{agent.name}/{agent.talks}"
        talk = self._agents[agent.line] = AgentTalk(agent.name, script, self.company, self._stage, card, key)
        talk.begin()
        return True

    def said(self, line: str, speech: Speech) -> None:
        """A party hears the other one."""
        talk = self._agents.get(line) or self._callers.get(line)
        if talk is not None:
            talk.heard(speech)

    def hold(self, line: str, *, on: bool) -> None:
        """A caller is put on hold, or taken off it."""
        caller = self._callers.get(line)
        if caller is not None:
            caller.silent() if on else caller.goes_on()

    def consulting(self, agent_line: str, mode: str) -> None:
        """How a consultation of an agent stands."""
        talk = self._agents.get(agent_line)
        if talk is not None:
            talk.consulted(mode)

    def busy(self, agent_line: str) -> bool:
        """Whether an agent is in a talk in which it is not the caller's turn."""
        agent = self._agents.get(agent_line)
        return agent.busy if agent is not None else self.busy_elsewhere(agent_line)

    def part(self, line: str, other: str) -> None:
        """A talk is over."""
        for one in (line, other):
            if (agent := self._agents.pop(one, None)) is not None:
                agent.over()
            if (caller := self._callers.get(one)) is not None:
                caller.silent()
            self._partner.pop(one, None)

    def _leaves(self, caller: Caller) -> None:
        if self.busy(self._partner.get(caller.line, "")):
            self._callers[caller.line].goes_on()
        else:
            self._leave(caller)


def _nobody(agent_line: str) -> bool:
    """Of agents who are elsewhere nobody knows what they do."""
    return False
