"""Agents: their states, and what they ask for."""

from typing import Final

from ivr.core import events
from ivr.core.acd.parts import Part
from ivr.core.acd.records import ACTIVE, Agent
from ivr.core.facts import AgentMoved, WrapUpEnded
from ivr.limits import NOTE_CHARS_MAX

_AWAY: Final = frozenset(("signed_out", "paused", "not_responding"))
_BUSY: Final = ("talking", "holding", "consulting", "wrap_up", "working")


class Staff(Part):
    """Every agent of the plan, signed in or not."""

    __slots__ = ("agents",)

    agents: dict[str, Agent]

    def move(self, agent: Agent, state: str, reason: str = "") -> None:
        """Put an agent into a state; ready agents are the router's to match."""
        kernel = self.kernel
        now, name = kernel.now, agent.name
        left, since = agent.state, agent.since
        agent.state = state
        agent.reason = reason
        agent.since = now
        if left == "ready":
            for queue in agent.queues:
                queue.ready.remove(agent)
        elif state == "ready":
            for queue in agent.queues:
                queue.ready.add(agent)
        if left in _AWAY:  # seldom; so is signing out
            self._back(agent, left)
        if state == "signed_out":
            for queue in agent.queues:
                queue.signed_in -= 1
        if agent.plan.capacity > 1:
            self.look_for_room(agent)
        if (state in ACTIVE or agent.resting) is not agent.active:
            self._activate(agent, not agent.active)
        kernel.tell(AgentMoved(now, name, state, reason, left, since))

    def _back(self, agent: Agent, left: str) -> None:
        """An agent was away, and has another state now."""
        if left == "signed_out":
            for queue in agent.queues:
                queue.signed_in += 1
        else:
            self.acd.supervision.gone(agent)

    def _activate(self, agent: Agent, active: bool) -> None:
        agent.active = active
        for queue in agent.queues:
            queue.activate(agent, 1 if active else -1)

    def look_for_room(self, agent: Agent) -> None:
        """Whether an agent who is at work on orders may be asked for further ones, from now on."""
        room = (
            agent.state == "working"
            and len(agent.orders) < agent.plan.capacity
            and not (agent.wish or agent.sated)
        )
        if agent.spare:
            for queue in agent.queues:
                queue.spare.remove(agent)
        agent.spare = room
        if room:
            for queue in agent.queues:
                queue.spare.add(agent)

    def at_work(self, agent: Agent) -> None:
        """An agent has orders in hand, one more or one fewer than before; with room for more they are asked."""
        if agent.state != "working":
            self.move(agent, "working")
        else:
            self.look_for_room(agent)
        if agent.spare and any(queue.waiting for queue in agent.queues):
            self.acd.router.match_agent(agent)

    def free(self, agent: Agent) -> None:
        """An agent has nothing left to do: do what they asked for meanwhile, else be ready for the next call."""
        if agent.orders:
            self.at_work(agent)
            return
        if agent.alarm is not None:
            self._clear_alarm(agent)
        agent.resting = False
        if agent.wish:
            wish, reason = agent.wish, agent.wish_reason
            agent.wish = agent.wish_reason = ""
            self.move(agent, wish, reason)
            self.acd.waits.staff_left(agent)
            return
        self.move(agent, "ready")
        for queue in agent.queues:
            if queue.waiting:
                self.acd.router.match_agent(agent)
                return

    def missed(self, agent: Agent, reason: str) -> None:
        """An agent let a call pass: a short rest, or `not_responding` after too many in a row."""
        queue = agent.reservation.queue if agent.reservation is not None else None
        agent.reservation = None
        agent.misses += 1
        agent.sated = bool(agent.orders)
        if agent.wish or agent.sated:
            self.free(agent)
            return
        if queue is not None and agent.misses >= queue.max_misses:
            self.move(agent, "not_responding", reason)
            self.acd.waits.staff_left(agent)
            return
        agent.resting = True
        self.move(agent, "paused", reason)
        rest_ms = queue.retry_after_ms if queue is not None else 0
        agent.alarm = self.kernel.timers.set(self.kernel.now + rest_ms, self._rested, agent)

    def _rested(self, agent: Agent) -> None:
        agent.alarm = None
        self.free(agent)

    def wrap_up(self, agent: Agent, call: int, queue: str, longest_ms: int) -> None:
        """After a talk: work for at most `longest_ms`, then ready."""
        agent.call = None
        agent.worked, agent.worked_queue = call, queue
        self.move(agent, "wrap_up")
        agent.alarm = self.kernel.timers.set(self.kernel.now + longest_ms, self._wrap_up_over, agent)

    def _wrap_up_over(self, agent: Agent) -> None:
        agent.alarm = None
        self.end_wrap_up(agent, "")

    def end_wrap_up(self, agent: Agent, code: str) -> None:
        """The work after a talk is done."""
        now = self.kernel.now
        took_ms = now - agent.since
        if queue := self.acd.queues.get(agent.worked_queue):
            queue.seen.handled_ms += took_ms
        self.kernel.tell(WrapUpEnded(now, agent.worked, agent.name, agent.worked_queue, code, took_ms))
        self.free(agent)

    def rouse(self, agent: Agent) -> None:
        """An agent on a pause is about to be claimed."""
        self._clear_alarm(agent)
        agent.resting = False

    def _clear_alarm(self, agent: Agent) -> None:
        if agent.alarm is not None:
            self.kernel.timers.cancel(agent.alarm)
            agent.alarm = None

    # Events ----------------------------------------------------------------------------------------------

    def signed_in(self, event: events.AgentSignedIn) -> None:
        """An agent sits down."""
        agent = self._agent("agent_signed_in", event.agent)
        if agent is None:
            return
        if agent.state != "signed_out":
            if agent.wish == "signed_out":
                agent.wish, agent.wish_reason = ("", "") if event.ready else ("paused", "signed in")
                if agent.orders and event.ready:
                    self.at_work(agent)
            else:
                self.kernel.ignore("agent_signed_in", event.agent, "signed in already")
            return
        agent.misses = 0
        if not event.ready:
            self.move(agent, "paused", "signed in")
            return
        self.free(agent)

    def signed_out(self, event: events.AgentSignedOut) -> None:
        """An agent leaves; what becomes of a talk is the policy of their plan."""
        agent = self.agents.get(event.agent)
        if agent is not None and agent.call is not None and agent.plan.shift_end != "finish_call":
            agent.wish, agent.wish_reason = "signed_out", ""
            self.acd.talks.shift_ended(agent)
            return
        self._withdraw("agent_signed_out", event.agent, "signed_out", "")

    def paused(self, event: events.AgentPaused) -> None:
        """An agent wants no calls."""
        self._withdraw("agent_paused", event.agent, "paused", event.reason[:NOTE_CHARS_MAX])

    def _withdraw(self, event: str, name: str, state: str, reason: str) -> None:
        agent = self._agent(event, name)
        if agent is None:
            return
        if agent.state == "signed_out":
            self.kernel.ignore(event, name, "not signed in")
        elif (agent.wish, agent.wish_reason) == (state, reason) or (
            (agent.state, agent.reason, agent.resting) == (state, reason, False)
        ):
            self.kernel.ignore(event, name, f"{state} already")
        elif agent.state in _BUSY:
            agent.wish, agent.wish_reason = state, reason
            self.look_for_room(agent)
        elif agent.state == "reserved":
            agent.wish, agent.wish_reason = state, reason
            self.acd.router.taken_back(agent, "agent_" + state)
        else:
            self._clear_alarm(agent)
            agent.resting = False
            self.move(agent, state, reason)
            self.acd.waits.staff_left(agent)

    def ready(self, event: events.AgentReady) -> None:
        """An agent wants calls."""
        agent = self._agent("agent_ready", event.agent)
        if agent is None:
            return
        idle = agent.state in ("paused", "not_responding")
        if not (idle or agent.wish or agent.state == "wrap_up"):
            self.kernel.ignore("agent_ready", event.agent, agent.state)
            return
        agent.wish = agent.wish_reason = ""
        agent.misses = 0
        if idle or agent.orders:
            self.free(agent)
        elif agent.state == "wrap_up":
            self.end_wrap_up(agent, "")

    def wrapped_up(self, event: events.AgentWrappedUp) -> None:
        """An agent has finished the work after the talk."""
        agent = self._agent("agent_wrapped_up", event.agent)
        if agent is None:
            return
        if agent.state != "wrap_up":
            self.kernel.ignore("agent_wrapped_up", event.agent, "not in wrap-up")
            return
        self.end_wrap_up(agent, event.code[:NOTE_CHARS_MAX])

    def lost(self, event: events.AgentLost) -> None:
        """An agent's desk is gone: their call goes on without them."""
        agent = self._agent("agent_lost", event.agent)
        if agent is None:
            return
        if agent.state == "signed_out":
            self.kernel.ignore("agent_lost", event.agent, "not signed in")
            return
        agent.wish, agent.wish_reason = "signed_out", "lost"
        if agent.state == "reserved":
            self.acd.router.taken_back(agent, "agent_lost")
        elif agent.call is not None:
            self.acd.talks.agent_left(agent, "lost")
        elif agent.consult is not None:
            self.acd.consults.left(agent.consult)
        elif agent.state == "wrap_up":
            self.end_wrap_up(agent, "")
        elif not agent.orders:
            self.free(agent)
        for order in list(agent.orders.values()):
            self.acd.orders.back(order, "no_show")

    def _agent(self, event: str, name: str) -> Agent | None:
        agent = self.agents.get(name)
        if agent is None:
            self.kernel.ignore(event, name, "no such agent")
        return agent
