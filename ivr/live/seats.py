"""Who sits at which desk: real agents, and the simulated ones whose seats they take."""

from collections.abc import Iterator

from ivr.core import events, facts
from ivr.live.desk import Desk
from ivr.live.driver import LiveDriver
from ivr.live.party import Party
from ivr.people import Cast


class Seats:
    """The desk of each agent, one at the most."""

    def __init__(self, cast: Cast, driver: LiveDriver, parties: dict[str, Party]) -> None:
        """`parties` are the center's, by line."""
        self._cast = cast
        self._driver = driver
        self._parties = parties
        self._desks: dict[str, Desk] = {}

    def __iter__(self) -> Iterator[Desk]:
        """Every desk that has a seat, or waits for one."""
        return iter(list(self._desks.values()))

    def desk(self, agent: str) -> Desk | None:
        """The desk at which an agent sits."""
        desk = self._desks.get(agent)
        return desk if desk is not None and desk.seated else None

    def claim(self, agent: str, desk: Desk) -> bool:
        """Whether the seat is free for this desk; then it is this desk's, once a simulated agent has left it."""
        if agent in self._desks:
            return False
        self._desks[agent] = desk
        return True

    def take(self, desk: Desk) -> None:
        """Sign the agent in, once a simulated agent of that name has left."""
        if self._cast.plays(desk.agent) and self._driver.engine.agent_state(desk.agent) != "signed_out":
            desk.moved("waiting", "the simulated agent leaves first, after a talk with a real caller")
            self._driver.post(events.AgentSignedOut(desk.agent))
            self._cast.come_to_an_end(desk.agent)
        else:
            self._sit_down(desk)

    def _sit_down(self, desk: Desk) -> None:
        if self._desks.get(desk.agent) is desk and not desk.seated:
            self._cast.release(desk.agent)
            desk.seated = True
            self._parties[desk.line] = desk
            self._driver.post(events.AgentSignedIn(desk.agent, desk.ready))

    def leave(self, desk: Desk) -> bool:
        """Free the seat; whether this desk had it. The simulated agent of that name comes back, if there is one."""
        if self._desks.get(desk.agent) is not desk:
            return False
        del self._desks[desk.agent]
        self._parties.pop(desk.line, None)
        self._driver.later(0, self._come_back, desk.agent)
        return True

    def _come_back(self, agent: str) -> None:
        """Nobody sits at the desk: the simulated agent takes over again, also one who was only about to leave."""
        if agent in self._desks or not self._cast.resume(agent):
            return
        signed_out = self._driver.engine.agent_state(agent) == "signed_out"
        self._driver.post(events.AgentSignedIn(agent) if signed_out else events.AgentReady(agent))

    def moved(self, fact: facts.AgentMoved) -> None:
        """An agent is in another state: the one at the desk hears of it, or the simulated one notices."""
        desk = self._desks.get(fact.agent)
        if desk is None:
            self._cast.agent_moved(fact)
        elif desk.seated:
            desk.moved(fact.state, fact.reason)
        elif fact.state == "signed_out":
            # the simulated agent has left; not from within the engine, which is still telling
            self._driver.later(0, self._sit_down, desk)
        else:
            self._cast.agent_moved(fact)
