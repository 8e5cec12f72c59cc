"""Supervisors: they listen in, speak to the agent or to both, force states, and pull or move waiting calls.

A supervisor is an agent whom the plan says so; to listen in they are on a pause, or signed in and not ready.
Who hears whom is in `ivr.core.acd.hearing`.
"""

from typing import TYPE_CHECKING

from ivr.core import events
from ivr.core.acd.hearing import MODES, table
from ivr.core.acd.parts import Part
from ivr.core.acd.records import Agent
from ivr.core.call import Call, Talk, Visit
from ivr.core.commands import agent_line
from ivr.core.facts import PriorityChanged, SupervisionEnded, SupervisionStarted, call_name
from ivr.core.kernel import Kernel

if TYPE_CHECKING:
    from ivr.core.acd.acd import Acd

_FREE = ("paused", "not_responding")


class Supervision(Part):
    """What supervisors do."""

    __slots__ = ("_watched",)

    def __init__(self, acd: "Acd", kernel: Kernel) -> None:
        Part.__init__(self, acd, kernel)
        self._watched: dict[str, tuple[Call, Talk]] = {}  # by supervisor

    def hear(self, call: Call) -> None:
        """Let everybody on a call hear whom they are to hear now, if that is more than the two of a talk."""
        talk = call.talk
        if talk is None:
            return
        consult = call.consult
        mode = consult.mode if consult is not None else "hold" if talk.held_since is not None else "talk"
        watchers = {agent_line(name): does for name, does in talk.watchers.items()}
        other = consult.line if consult is not None else ""
        for line, others in table(mode, call.line, talk.line, other, watchers).items():
            self.kernel.outlet.hear(line, others)

    # Listening in --------------------------------------------------------------------------------------------

    def join(self, event: events.SupervisorJoined) -> None:
        """A supervisor listens in on an agent's talk, or does it in another way from now on."""
        boss = self._supervisor("supervisor_joined", event.supervisor)
        if boss is None:
            return
        agent = self.acd.staff.agents.get(event.agent)
        call = agent.call if agent is not None else None
        talk = call.talk if call is not None else None
        if event.mode not in MODES or call is None or talk is None or boss is agent:
            self.kernel.ignore("supervisor_joined", boss.name, f"{event.agent[:80]} is in no talk")
            return
        before = self._watched.get(boss.name)
        if before is None and boss.state not in _FREE:
            self.kernel.ignore("supervisor_joined", boss.name, f"{boss.state}; only on a pause")
            return
        if before is not None and before[1] is not talk:
            self._leave(boss.name, "moved")
        self._watched[boss.name] = (call, talk)
        talk.watchers[boss.name] = event.mode
        self.kernel.tell(SupervisionStarted(self.kernel.now, call.id, boss.name, event.agent, event.mode))
        self.kernel.outlet.supervising(boss.name, call.id, event.agent, event.mode)
        self.hear(call)

    def left(self, event: events.SupervisorLeft) -> None:
        """A supervisor listens no longer."""
        if event.supervisor not in self._watched:
            self.kernel.ignore("supervisor_left", event.supervisor, "listens to nobody")
            return
        self._leave(event.supervisor, "left")

    def gone(self, agent: Agent) -> None:
        """An agent has another state than a pause: they listen no longer."""
        if agent.name in self._watched:
            self._leave(agent.name, "left")

    def talk_over(self, talk: Talk) -> None:
        """The talk they listened to is over."""
        for name in list(talk.watchers):
            self._leave(name, "talk_ended")

    def _leave(self, name: str, why: str) -> None:
        call, talk = self._watched.pop(name)
        del talk.watchers[name]
        self.kernel.tell(SupervisionEnded(self.kernel.now, call.id, name, why))
        self.kernel.outlet.hear(agent_line(name), ())
        self.kernel.outlet.supervising(name, call.id, "", "")
        self.hear(call)

    # Agents and waiting calls -----------------------------------------------------------------------------------

    def force(self, event: events.StateForced) -> None:
        """A supervisor puts an agent into a state: ready, paused or signed out, as if they had asked for it."""
        boss = self._supervisor("state_forced", event.supervisor)
        if boss is None:
            return
        staff, agent = self.acd.staff, event.agent
        match event.state:
            case "ready":
                staff.ready(events.AgentReady(agent))
            case "paused":
                staff.paused(events.AgentPaused(agent, f"by {boss.name}"))
            case "signed_out":
                staff.signed_out(events.AgentSignedOut(agent))
            case _:
                self.kernel.ignore("state_forced", boss.name, f"no such state: {event.state[:20]}")

    def pull(self, event: events.CallPulled) -> None:
        """A supervisor takes a waiting call themselves, whoever is before it."""
        boss = self._supervisor("call_pulled", event.supervisor)
        if boss is None:
            return
        visit = self._visit("call_pulled", boss.name, event.call)
        if visit is None:
            return
        if boss.state != "ready" and boss.state not in _FREE:
            self.kernel.ignore("call_pulled", boss.name, boss.state)
            return
        self.acd.router.pull(visit, boss)

    def withdraw(self, event: events.CallWithdrawn) -> None:
        """A waiting call is taken out of its queue: its flow goes on with `withdrawn`."""
        visit = self._visit("call_withdrawn", event.by, event.call)
        if visit is not None:
            self.acd.waits.end(visit, "withdrawn")
            self.kernel.flows.resume(visit.call, "withdrawn")

    def prioritise(self, event: events.PriorityGiven) -> None:
        """A waiting call has another priority, at its place by arrival."""
        visit = self._visit("priority_given", event.by, event.call)
        if visit is None:
            return
        key = (-event.priority, visit.key[1])
        self.kernel.tell(
            PriorityChanged(self.kernel.now, visit.call.id, visit.plan.name, event.priority, key[1])
        )
        self.acd.queues[visit.plan.name].rekey(visit, key)

    def _supervisor(self, event: str, name: str) -> Agent | None:
        agent = self.acd.staff.agents.get(name)
        if agent is None or not agent.plan.supervisor:
            self.kernel.ignore(event, name, "no supervisor")
            return None
        if agent.state == "signed_out":
            self.kernel.ignore(event, name, "not signed in")
            return None
        return agent

    def _visit(self, event: str, by: str, number: int) -> Visit | None:
        call = self.kernel.calls.get(number)
        if call is None or call.visit is None:
            self.kernel.ignore(event, by, f"{call_name(number)} does not wait")
            return None
        return call.visit
