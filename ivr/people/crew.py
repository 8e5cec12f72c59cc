"""The crew: every simulated agent of a center.

They answer after a while (or miss the call, or refuse it), talk as long as the law says, wrap up, do work orders, and
come back after not having responded. An alarm that comes late finds that its reason is gone and does nothing.
"""

from ivr.core import events
from ivr.core.chance import Stream
from ivr.core.commands import Card
from ivr.core.facts import AgentMoved
from ivr.core.time import SECOND
from ivr.people.persons import Agent
from ivr.people.roster import Roster
from ivr.people.script import Script
from ivr.people.stage import Stage

LOOK_AROUND_MS = 30 * SECOND  # how long an agent who stopped responding takes to notice


class Crew:
    """Simulated agents; an outlet of the engine that lets the agents of others be."""

    def __init__(self, script: Script, seed: str, stage: Stage) -> None:
        self._later = stage.later
        self._post = stage.post
        self._stage = stage
        self._roster: Roster | None = None  # of a center that has a wall clock
        self._agents = {name: Agent(name, agent) for name, agent in script.agents.items()}
        self._agent_lines = {agent.line: agent for agent in self._agents.values()}
        self._released: dict[str, Agent] = {}
        self._agent_streams = {name: Stream(seed, f"agent/{name}").unit for name in self._agents}

    # Coming and going --------------------------------------------------------------------------------

    def release(self, agent: str) -> None:
        """A real person takes this agent's desk: the simulated one does nothing any more."""
        gone = self._agents.pop(agent, None)
        if gone is not None:
            self._agent_lines.pop(gone.line, None)
            self._released[agent] = gone

    def resume(self, agent: str) -> bool:
        """The desk is free again: whether there is a simulated agent who works there from now on."""
        person = self._released.pop(agent, None)
        if person is not None:
            self._agents[agent] = person
            self._agent_lines[person.line] = person
        return agent in self._agents

    def plays(self, agent: str) -> bool:
        """Whether an agent is simulated."""
        return agent in self._agents

    def _sign_in(self, name: str) -> None:
        if name in self._agents and not (self._roster is not None and self._roster.keeps(name)):
            self._post(events.AgentSignedIn(name))

    # What an agent is asked ------------------------------------------------------------------------------

    def _agent_heard(self, heard: tuple[str, int]) -> None:
        line, play = heard
        if line in self._agent_lines:
            self._post(events.PromptFinished(line, play))

    def ring(self, agent: str, reservation: int, card: Card) -> None:
        """Answer after a while, refuse, or miss it."""
        person = self._agents.get(agent)
        if person is None:
            return
        person.reservation, person.card = reservation, card
        script = person.script
        if script.misses or script.rejects:
            person.rings += 1
            unit = self._agent_streams[agent](person.rings)
            if unit < script.misses:
                return
            if unit < script.misses + script.rejects:
                self._later(script.answers_after.draw(0.5), self._reject, (person, reservation))
                return
        answers = script.answers_after
        delay = answers.always
        if delay is None:
            delay = answers.draw(self._agent_streams[agent](-1 - reservation))
        self._later(delay, self._accept, (person, reservation))

    def _accept(self, accept: tuple[Agent, int]) -> None:
        person, reservation = accept
        if person.reservation == reservation and person.name in self._agents:
            self._post(events.ReservationAccepted(person.name, reservation))

    def _reject(self, reject: tuple[Agent, int]) -> None:
        person, reservation = reject
        if person.reservation == reservation and person.name in self._agents:
            self._post(events.ReservationRejected(person.name, reservation))

    def withdraw(self, agent: str, reservation: int, why: str) -> None:
        """Not asked any more."""
        person = self._agents.get(agent)
        if person is not None:
            person.reservation = 0

    def _end_talk(self, talk: tuple[Agent, int]) -> None:
        person, number = talk
        if person.talks == number and person.with_line and person.name in self._agents:
            person.with_line = ""
            self._post(events.AgentHungUp(person.name))

    # What agents notice of themselves --------------------------------------------------------------------

    def agent_moved(self, fact: AgentMoved) -> None:
        """Wrap up, and come back after not having responded."""
        person = self._agents.get(fact.agent)
        if person is None:
            return
        person.wrapping = fact.state == "wrap_up"
        if person.wrapping:
            if person.script.wraps_up is not None:
                unit = self._agent_streams[fact.agent](-1_000_000 - person.talks)
                self._later(person.script.wraps_up.draw(unit), self._wrapped_up, (person, person.talks))
        elif fact.state == "not_responding":
            self._later(LOOK_AROUND_MS, self._back, fact.agent)

    def _wrapped_up(self, done: tuple[Agent, int]) -> None:
        person, number = done
        if person.talks == number and person.wrapping and person.name in self._agents:
            self._post(events.AgentWrappedUp(person.name, "done"))

    def work(self, agent: str, order: int, state: str) -> None:
        """Do a work order, or (some do) not go at all; what has ended is forgotten."""
        person = self._agents.get(agent)
        if person is None:
            return
        if state != "assigned":
            person.orders.discard(order)
            return
        person.reservation = 0
        person.orders.add(order)
        person.jobs += 1
        unit = self._agent_streams[person.name]
        stays_away = unit(-2_000_000 - person.jobs) < person.script.no_shows
        result = "no_show" if stays_away else "done"
        takes_ms = person.script.works.draw(unit(-3_000_000 - person.jobs))
        self._later(takes_ms, self._work_over, (person, order, result))

    def _work_over(self, over: tuple[Agent, int, str]) -> None:
        person, order, result = over
        if order in person.orders and person.name in self._agents:
            self._post(events.WorkFinished(person.name, result, order))

    def _back(self, name: str) -> None:
        if name in self._agents:
            self._post(events.AgentReady(name))
