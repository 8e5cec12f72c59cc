"""The auditor's own idea of consultations and of supervisors who listen in."""

from typing import TYPE_CHECKING

from ivr.core import facts
from ivr.core.time import Instant
from ivr.observe.audit.checks import Checks

if TYPE_CHECKING:
    from ivr.observe.audit.staff import Staff


class Consult:
    """An agent asks somebody about a caller; `party` is who has answered."""

    __slots__ = ("agent", "answered", "mode", "party", "reservation")

    def __init__(self, agent: str) -> None:
        self.agent = agent
        self.reservation = 0
        self.party = ""
        self.mode = "ringing"
        self.answered: Instant = 0


class Consults:
    """Every consultation by call, and whom supervisors listen to."""

    def __init__(self, staff: "Staff", checks: Checks) -> None:
        self._staff = staff
        self._checks = checks
        self.consults: dict[int, Consult] = {}
        self.watched: dict[str, int] = {}

    def consult_started(self, fact: facts.ConsultStarted) -> None:
        """An agent asks somebody about the caller they talk to."""
        that = self._checks.that
        agent = self._staff.agents[fact.agent]
        that("I23", fact.call not in self.consults, "call", fact.call, "is asked about already")
        asks = agent.talk is not None and agent.talk.call == fact.call and agent.state == "consulting"
        that("I23", asks, agent.name, "asks about call", fact.call, "while", agent.state)
        self.consults[fact.call] = Consult(fact.agent)
        agent.consult = fact.call

    def consult_answered(self, fact: facts.ConsultAnswered) -> None:
        """The other side is there."""
        consult = self.consults[fact.call]
        consult.party, consult.answered, consult.mode = fact.party, fact.at, "private"
        if (other := self._staff.agents.get(fact.party)) is not None and fact.line.startswith("a-"):
            right = other.state == "consulting" and other.accepted == fact.call
            self._checks.that("I23", right, other.name, "is consulted while", other.state)
            other.consult = fact.call
        self._checks.met("an agent consulted somebody")

    def consult_moved(self, fact: facts.ConsultMoved) -> None:
        """The agent talks to somebody else now: the caller is on hold while the two are in private."""
        that = self._checks.that
        consult, talk = self.consults[fact.call], self._staff.talk_of(fact.call)
        that("I23", consult.party != "", "call", fact.call, "nobody has answered")
        that("I23", fact.mode != consult.mode, "call", fact.call, "is", fact.mode, "already")
        held = talk.held_since is not None
        that("I23", held == (fact.mode == "private"), "call", fact.call, "is held in", fact.mode)
        consult.mode = fact.mode
        self._checks.met(f"a consultation became {fact.mode}")

    def consult_ended(self, fact: facts.ConsultEnded) -> None:
        """It is over."""
        that = self._checks.that
        consult = self.consults.pop(fact.call, None)
        if consult is None:
            self._checks.fail("I23", "call", fact.call, "is not asked about")
        took_ms = fact.at - consult.answered if consult.party else 0
        that("I23", fact.talked_ms == took_ms, "the consultation took", fact.talked_ms, "not", took_ms)
        done = fact.result not in ("completed", "left") or bool(consult.party)
        that("I23", done, "call", fact.call, "consultation", fact.result, "without an answer")
        for name in (consult.agent, consult.party):
            if name in self._staff.agents and self._staff.agents[name].consult == fact.call:
                self._staff.agents[name].consult = 0
        self._checks.met(f"a consultation ended {fact.result}")

    def supervision_started(self, fact: facts.SupervisionStarted) -> None:
        """A supervisor listens in."""
        boss = self._staff.agents[fact.supervisor]
        self._checks.that("I23", self._staff.plan.agents[boss.name].supervisor, boss.name, "is no supervisor")
        talk = self._staff.talk_of(fact.call)
        right = talk.agent is not None and talk.agent.name == fact.agent and boss.talk is None
        self._checks.that("I23", right, boss.name, "listens to", fact.agent)
        self.watched[boss.name] = fact.call
        self._checks.met(f"a supervisor chose to {fact.mode}")

    def supervision_ended(self, fact: facts.SupervisionEnded) -> None:
        """No longer."""
        right = self.watched.pop(fact.supervisor, None) == fact.call
        self._checks.that("I23", right, fact.supervisor, "does not listen to call", fact.call)
