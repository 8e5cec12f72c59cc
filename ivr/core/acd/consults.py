"""Consultations: an agent asks somebody about a caller, who hears music meanwhile.

It begins from a talk. While the other side is rung, and when they talk in private, the caller is on hold. Then the
agent may complete (the caller goes on with the other side), take the caller back, swap whom they talk to, or put
all three together. Each way it can fail has an end, and in each the caller has somebody: if the other side does
not answer, or leaves, the agent and the caller hear each other again; if the agent leaves, the caller goes on
with the other side, or with the flow while nobody has answered; if the caller leaves, all are let go.
"""

from ivr.core import events
from ivr.core.acd.parts import Part
from ivr.core.acd.records import Agent, Consult
from ivr.core.call import Call
from ivr.core.commands import Card, agent_line
from ivr.core.facts import ConsultAnswered, ConsultEnded, ConsultMoved, ConsultStarted
from ivr.core.kernel import DIAL_GRACE_MS
from ivr.core.time import SECOND

CONSULT_RING_MS = 30 * SECOND  # how long the other side is rung


class Consults(Part):
    """What an agent does besides the talk they are in; a call has at most one."""

    __slots__ = ()

    def start(self, event: events.AgentConsulted) -> None:
        """An agent asks for somebody: the caller is put on hold."""
        kernel = self.kernel
        agent = self.acd.staff.agents.get(event.agent)
        call = agent.call if agent is not None else None
        if agent is None or call is None or call.consult is not None:
            kernel.ignore("agent_consulted", event.agent, "not in a talk, or consulting already")
            return
        kind = self.acd.transfers.kind_of(call, event.target)
        if kind in ("", "flow") or event.target == agent.name:
            kernel.ignore("agent_consulted", event.agent, f"nobody to consult: {event.target[:80]}")
            return
        consult = Consult(call, agent, kind, event.target, kernel.now + CONSULT_RING_MS)
        call.consult = agent.consult = consult
        self.acd.staff.move(agent, "consulting")
        kernel.tell(ConsultStarted(kernel.now, call.id, agent.name, event.target, kind))
        self.acd.talks.hold(call)
        outcome = self._ring(consult)
        if outcome:
            self._over(consult, outcome)

    def _ring(self, consult: Consult) -> str:
        """Ring the other side, or its next agent; empty, or why that cannot be."""
        kernel, call = self.kernel, consult.call
        if consult.kind == "contact":
            consult.line = kernel.new_line()
            kernel.lines[consult.line] = call
            number, shown = call.plan.contacts[consult.target], call.plan.caller_id
            kernel.outlet.dial(consult.line, number, shown, consult.deadline - kernel.now)
            consult.alarm = kernel.timers.set(consult.deadline + DIAL_GRACE_MS, self._unanswered, consult)
        else:
            other, why = self.acd.transfers.candidate(consult)
            if other is None:
                return why
            queue = self.acd.queues[consult.target].plan if consult.kind == "queue" else None
            ring_ms = consult.deadline - kernel.now
            if queue is not None:
                ring_ms = min(ring_ms, queue.ring_ms)
            reservation = self.acd.router.reserve(other, call.id, queue, ring_ms)
            reservation.consult = consult
            consult.reservation = reservation
            consult.tried.append(other.name)
            by, frame = {"consult": {"by": consult.agent.plan.label}}, call.frame
            card = Card(
                *(call.id, "consult", reservation.queue_name, call.caller, call.name, 0),
                *(frame.flow.name, frame.state, ring_ms, by),
            )
            kernel.outlet.ring(other.name, reservation.id, card)
        kernel.outlet.music(agent_line(consult.agent.name), "ringback")
        self._show(consult)
        return ""

    # How the other side takes it ----------------------------------------------------------------------------

    def accepted(self, consult: Consult, other: Agent) -> None:
        """The agent who was asked is there."""
        consult.reservation = other.reservation = None
        consult.other, other.consult = other, consult
        consult.line = agent_line(other.name)
        self.acd.staff.move(other, "consulting")
        self._answered(consult)

    def line_answered(self, call: Call, line: str) -> bool:
        """Somebody outside picked up; whether the line was one of a consultation."""
        consult = call.consult
        if consult is None or consult.line != line or consult.mode != "ringing":
            return False
        self._answered(consult)
        return True

    def line_failed(self, call: Call, line: str, cause: str) -> bool:
        """Somebody outside did not pick up, or has left; whether the line was one of a consultation."""
        consult = call.consult
        if consult is None or consult.line != line:
            return False
        self.kernel.lines.pop(line, None)
        consult.line = ""
        known = cause if cause in ("busy", "no_answer", "rejected") else "failed"
        self._over(consult, known if consult.mode == "ringing" else "left")
        return True

    def _unanswered(self, consult: Consult) -> None:
        consult.alarm = None
        self._over(consult, "no_answer")

    def not_taken(self, consult: Consult, outcome: str) -> None:
        """The agent who was rung did not take it: the next one of the queue, or the end."""
        consult.reservation = None
        if consult.call.consult is not consult:
            return
        more = consult.kind == "queue" and consult.deadline > self.kernel.now
        if not more or self._ring(consult):
            self._over(consult, outcome)

    def _answered(self, consult: Consult) -> None:
        kernel, call = self.kernel, consult.call
        self._quiet(consult)
        consult.mode, consult.answered = "private", kernel.now
        party = consult.other.name if consult.other is not None else consult.target
        kernel.tell(ConsultAnswered(kernel.now, call.id, consult.agent.name, party, consult.line))
        kernel.outlet.music(agent_line(consult.agent.name), "")
        self._show(consult)
        self.acd.supervision.hear(call)

    # What the agent does --------------------------------------------------------------------------------------

    def act(self, event: events.ConsultActed) -> None:
        """An agent completes, takes back, swaps, or puts all together."""
        agent = self.acd.staff.agents.get(event.agent)
        consult: Consult | None = agent.consult if agent is not None else None
        if consult is None or consult.agent is not agent:
            self.kernel.ignore("consult_acted", event.agent, "not consulting")
        elif event.act == "take_back":
            self._over(consult, "taken_back")
        elif consult.mode == "ringing":
            self.kernel.ignore("consult_acted", event.agent, "nobody has answered yet")
        elif event.act == "complete":
            self.complete(consult, "transfer")
        elif event.act == "swap" and consult.mode != "conference":
            self._put(consult, "private" if consult.mode == "swapped" else "swapped")
        elif event.act == "conference" and consult.mode != "conference":
            self._put(consult, "conference")
        else:
            self.kernel.ignore("consult_acted", event.agent, f"cannot {event.act[:20]} now")

    def _put(self, consult: Consult, mode: str) -> None:
        """Whom the agent talks to is somebody else now."""
        kernel, call, agent, talks = self.kernel, consult.call, consult.agent, self.acd.talks
        before, consult.mode = consult.mode, mode
        if mode == "private":
            self.acd.staff.move(agent, "consulting")
            talks.hold(call)
        elif before == "private":
            talks.resume(call)
            self.acd.staff.move(agent, "talking")
        if mode == "swapped":
            kernel.outlet.hold(consult.line, True, talks.music(call))
        elif before == "swapped":
            kernel.outlet.hold(consult.line, False, "")
        kernel.tell(ConsultMoved(kernel.now, call.id, agent.name, mode))
        self._show(consult)
        self.acd.supervision.hear(call)

    def complete(self, consult: Consult, ended_by: str) -> None:
        """The caller goes on with the other side, the agent is out of it."""
        call, other, transfers = consult.call, consult.other, self.acd.transfers
        self._end(consult, "completed")
        transfers.tell_start(call, consult.agent.name, consult.target, consult.kind, "warm")
        self.acd.talks.end(call, ended_by)
        transfers.tell_end(call, consult.target, "warm", "connected")
        if other is None:
            self.acd.talks.connect_line(call, consult.line, consult.target)
        else:
            self.acd.talks.connect_agent(call, other, consult.target if consult.kind == "queue" else "")

    # How it ends ----------------------------------------------------------------------------------------------

    def left(self, consult: Consult) -> None:
        """The agent who was consulted is gone."""
        self._over(consult, "left")

    def talk_over(self, call: Call) -> None:
        """The talk it belongs to ends: the other side is let go."""
        consult: Consult = call.consult
        self._end(consult, "hung_up" if call.gone else "failed")
        self._release(consult)

    def _over(self, consult: Consult, result: str) -> None:
        """The agent and the caller hear each other again."""
        call, agent, held = consult.call, consult.agent, consult.mode in ("ringing", "private")
        self._end(consult, result)
        self._release(consult)
        self.kernel.outlet.music(agent_line(agent.name), "")
        if held:
            self.acd.talks.resume(call)
            self.acd.staff.move(agent, "talking")
        self.acd.supervision.hear(call)

    def _end(self, consult: Consult, result: str) -> None:
        kernel, call = self.kernel, consult.call
        self._quiet(consult)
        call.consult = consult.agent.consult = None
        talked_ms = kernel.now - consult.answered if consult.mode != "ringing" else 0
        kernel.tell(ConsultEnded(kernel.now, call.id, consult.agent.name, consult.target, result, talked_ms))
        kernel.outlet.consulting(consult.agent.name, call.id, consult.target, result)
        if consult.other is not None:
            consult.other.consult = None
            kernel.outlet.consulting(consult.other.name, call.id, consult.agent.name, result)

    def _release(self, consult: Consult) -> None:
        """Let the other side go."""
        kernel = self.kernel
        if consult.reservation is not None:
            reservation, consult.reservation = consult.reservation, None
            self.acd.router.rescind(reservation, "withdrawn")
        elif consult.other is not None:
            kernel.outlet.hear(consult.line, ())
            self.acd.staff.free(consult.other)
        elif consult.line:
            kernel.lines.pop(consult.line, None)
            kernel.outlet.hang_up(consult.line, "ended")

    def _quiet(self, consult: Consult) -> None:
        if consult.alarm is not None:
            self.kernel.timers.cancel(consult.alarm)
            consult.alarm = None

    def _show(self, consult: Consult) -> None:
        """Tell the desks how it stands."""
        call, outlet = consult.call, self.kernel.outlet
        outlet.consulting(consult.agent.name, call.id, consult.target, consult.mode)
        if consult.other is not None:
            outlet.consulting(consult.other.name, call.id, consult.agent.name, consult.mode)
