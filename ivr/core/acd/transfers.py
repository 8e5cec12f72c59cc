"""Transfers: from a step of the flow, or blind from an agent's desk.

Each way a transfer can fail has an outcome. A flow's transfer tells it to the step; a desk's
transfer that fails puts the caller back into the queue they came from, with their priority, at the
place of the moment in which they were passed on; if even that queue refuses them, the flow hears it.
"""

from ivr.core import events, facts
from ivr.core.acd.parts import Part
from ivr.core.acd.records import Agent, Consult, Transfer
from ivr.core.call import Call
from ivr.core.commands import Card, agent_line
from ivr.core.flow.steps.dial import Dial
from ivr.core.flow.steps.transfer import Transfer as TransferStep
from ivr.core.kernel import DIAL_GRACE_MS
from ivr.core.time import SECOND

DESK_RING_MS = 20 * SECOND  # how long a colleague or a contact is rung on a desk's transfer


class Transfers(Part):
    """Calls on their way to a target."""

    __slots__ = ()

    def start(self, call: Call, step: TransferStep) -> str:
        """Start a flow's transfer; empty, or the outcome with which it failed at once."""
        kernel = self.kernel
        transfer = Transfer(call, "flow", step.kind, step.target, step.mode, kernel.now + step.ring_ms)
        transfer.whisper = step.whisper
        transfer.carry = step.carry
        self._tell_start(transfer)
        outcome = self._ring(transfer)
        if outcome:
            self._tell_end(transfer, outcome)
            return outcome
        kernel.outlet.music(call.line, (step.music or "soft-piano") if step.mode == "warm" else "ringback")
        return ""

    def dial(self, call: Call, step: Dial, number: str) -> None:
        """Call a number for the caller to talk to."""
        transfer = Transfer(call, "flow", "number", number, "blind", self.kernel.now + step.ring_ms)
        call.ringing = transfer
        self._tell_start(transfer)
        self._dial(transfer, number, step.shown(call.plan.caller_id))
        self.kernel.outlet.music(call.line, "ringback")

    def _ring(self, transfer: Transfer) -> str:
        """Ring the target, or its next agent; empty, or why that cannot be."""
        kernel, call = self.kernel, transfer.call
        if transfer.kind == "contact":
            call.ringing = transfer
            self._dial(transfer, call.plan.contacts[transfer.target], call.plan.caller_id)
            return ""
        agent, why = self.candidate(transfer)
        if agent is None:
            return why
        call.ringing = transfer
        queue = self.acd.queues[transfer.target].plan if transfer.kind == "queue" else None
        ring_ms = transfer.deadline - kernel.now
        if queue is not None:
            ring_ms = min(ring_ms, queue.ring_ms)
        reservation = self.acd.router.reserve(agent, call.id, queue, ring_ms)
        reservation.transfer = transfer
        transfer.reservation = reservation
        transfer.tried.append(agent.name)
        card = Card(
            call.id,
            "transfer",
            reservation.queue_name,
            call.caller,
            call.name,
            0,
            call.frame.flow.name,
            call.frame.state,
            ring_ms,
            kernel.flows.carried(call, transfer.carry) if transfer.carry else {},
        )
        kernel.outlet.ring(agent.name, reservation.id, card)
        return ""

    def _dial(self, transfer: Transfer, number: str, caller_id: str) -> None:
        """Call somebody outside."""
        kernel, call = self.kernel, transfer.call
        transfer.line = kernel.new_line()
        kernel.outlet.dial(transfer.line, number, caller_id, transfer.deadline - kernel.now)
        transfer.alarm = kernel.timers.set(transfer.deadline + DIAL_GRACE_MS, self._unanswered, transfer)
        kernel.lines[transfer.line] = call

    def candidate(self, transfer: Transfer | Consult) -> tuple[Agent | None, str]:
        """The next ready agent to be rung for a target, or why there is none."""
        if transfer.kind == "agent":
            target = self.acd.staff.agents[transfer.target]
            if target.state == "ready" and target.name not in transfer.tried:
                return target, ""
            return None, "failed" if target.state == "signed_out" else "busy"
        queue = self.acd.queues[transfer.target]
        agent = next((agent for agent in queue.ready.suiting() if agent.name not in transfer.tried), None)
        return agent, "busy"

    # How it goes -----------------------------------------------------------------------------------------

    def accepted(self, transfer: Transfer, agent: Agent) -> None:
        """The target agent took it: they hear the whisper first, the caller is joined after it."""
        transfer.agent = agent
        transfer.taken = transfer.reservation.id if transfer.reservation is not None else 0
        transfer.reservation = agent.reservation = None
        line = agent_line(agent.name)
        if transfer.whisper is not None and self.kernel.flows.tell_agent(
            transfer.call, line, transfer.whisper
        ):
            self.kernel.lines[line] = transfer.call
            return
        self._connect(transfer)

    def whispered(self, call: Call) -> None:
        """The whisper has been heard."""
        transfer: Transfer | None = call.ringing
        if transfer is not None and transfer.agent is not None:
            self._connect(transfer)

    def _connect(self, transfer: Transfer) -> None:
        call, agent = transfer.call, transfer.agent
        assert agent is not None
        call.ringing = None
        self.kernel.lines.pop(agent_line(agent.name), None)
        self._tell_end(transfer, "connected")
        self.acd.talks.connect_agent(call, agent, transfer.target if transfer.kind == "queue" else "")

    def line_answered(self, call: Call, line: str) -> bool:
        """A contact picked up; whether the line was one of a transfer."""
        transfer: Transfer | None = call.ringing
        if transfer is None or transfer.line != line:
            return False
        self._quiet(transfer)
        call.ringing = None
        self._tell_end(transfer, "connected")
        self.acd.talks.connect_line(call, line, transfer.target)
        return True

    def line_failed(self, call: Call, line: str, cause: str) -> bool:
        """A contact did not pick up; whether the line was one of a transfer."""
        transfer: Transfer | None = call.ringing
        if transfer is None or transfer.line != line:
            return False
        self.kernel.lines.pop(line, None)
        self._failed(transfer, cause if cause in ("busy", "no_answer", "rejected") else "failed")
        return True

    def _unanswered(self, transfer: Transfer) -> None:
        """The outside never said how the dialling of a contact went."""
        transfer.alarm = None
        self.kernel.lines.pop(transfer.line, None)
        self.kernel.outlet.hang_up(transfer.line, "no_answer")
        self._failed(transfer, "no_answer")

    def _quiet(self, transfer: Transfer) -> None:
        if transfer.alarm is not None:
            self.kernel.timers.cancel(transfer.alarm)
            transfer.alarm = None

    def not_taken(self, transfer: Transfer, outcome: str) -> None:
        """The agent who was rung did not take it: the next one of the queue, or the end."""
        transfer.reservation = None
        if transfer.call.ringing is not transfer:
            return
        more = transfer.kind == "queue" and transfer.deadline > self.kernel.now
        if more and not self._ring(transfer):
            return
        self._failed(transfer, outcome)

    def agent_gave_up(self, agent: Agent) -> None:
        """The target agent hung up, or left, during the whisper."""
        call = self.kernel.lines.pop(agent_line(agent.name), None)
        transfer: Transfer | None = call.ringing if call is not None else None
        if call is not None:
            self.kernel.flows.silence(call, "cut")
        self.acd.staff.free(agent)
        if transfer is not None:
            self._failed(transfer, "rejected")

    def _failed(self, transfer: Transfer, outcome: str) -> None:
        call = transfer.call
        self._quiet(transfer)
        call.ringing = None
        self._tell_end(transfer, outcome)
        if transfer.back_to is not None:
            queue, key = transfer.back_to
            outcome = self.acd.waits.join(call, queue, None, key=key)
        if outcome:
            self.kernel.flows.resume(call, outcome)

    def caller_left(self, call: Call) -> None:
        """The caller is gone, or sent elsewhere: whoever is being rung for them is let go."""
        transfer: Transfer = call.ringing
        self._quiet(transfer)
        call.ringing = None
        self._tell_end(transfer, "hung_up" if call.gone else "failed")
        if transfer.reservation is not None:
            self.acd.router.rescind(transfer.reservation, "hung_up")
        elif transfer.agent is not None:
            agent = transfer.agent
            self.kernel.lines.pop(agent_line(agent.name), None)
            self.kernel.outlet.withdraw(agent.name, transfer.taken, "hung_up")
            self.acd.staff.free(agent)
        elif transfer.line:
            self.kernel.lines.pop(transfer.line, None)
            self.kernel.outlet.hang_up(transfer.line, "hung_up")

    # From the desk ---------------------------------------------------------------------------------------

    def from_desk(self, event: events.AgentTransferred) -> None:
        """An agent passes the caller on, blind."""
        agent = self.acd.staff.agents.get(event.agent)
        if agent is None or agent.call is None:
            self.kernel.ignore("agent_transferred", event.agent, "not in a talk")
            return
        call = agent.call
        kind = self.kind_of(call, event.target)
        if not kind or event.target == agent.name:
            self.kernel.ignore(
                "agent_transferred", event.agent, f"nobody to transfer to: {event.target[:80]}"
            )
            return
        talk = call.talk
        assert talk is not None
        transfer = Transfer(call, agent.name, kind, event.target, "blind", self.kernel.now + DESK_RING_MS)
        came_from = self.acd.queues.get(talk.queue)
        if came_from is not None:
            rank = talk.key[0] if talk.key is not None else 0
            transfer.back_to = (came_from, (rank, self.acd.waits.next_ordinal()))
        self._tell_start(transfer)
        self.acd.talks.end(call, "transfer")
        self._pass_on(transfer)

    def _pass_on(self, transfer: Transfer) -> None:
        call = transfer.call
        if transfer.kind == "flow":
            self._tell_end(transfer, "connected")
            self.kernel.flows.jump(call, call.plan.numbers[transfer.target])
        elif transfer.kind == "queue":
            priority = -transfer.back_to[1][0] if transfer.back_to is not None else 0
            if self.acd.waits.join(call, self.acd.queues[transfer.target], None, priority):
                self._failed(transfer, "failed")
            else:
                self._tell_end(transfer, "queued")
        elif outcome := self._ring(transfer):
            self._failed(transfer, outcome)
        else:
            self.kernel.outlet.music(call.line, "ringback")

    def kind_of(self, call: Call, target: str) -> str:
        """What a target is: `queue`, `agent`, `flow` (a number of the center) or `contact`; empty if nothing."""
        if target in self.acd.queues:
            return "queue"
        if target in self.acd.staff.agents:
            return "agent"
        if target in call.plan.numbers:
            return "flow"
        return "contact" if target in call.plan.contacts else ""

    def _tell_start(self, transfer: Transfer) -> None:
        self.tell_start(transfer.call, transfer.by, transfer.target, transfer.kind, transfer.mode)

    def _tell_end(self, transfer: Transfer, result: str) -> None:
        self.tell_end(transfer.call, transfer.target, transfer.mode, result.partition(".")[0])

    def tell_start(self, call: Call, by: str, target: str, kind: str, mode: str) -> None:
        """A call is being passed on."""
        self.kernel.tell(facts.TransferStarted(self.kernel.now, call.id, by, target, kind, mode))

    def tell_end(self, call: Call, target: str, mode: str, result: str) -> None:
        """How that went."""
        self.kernel.tell(facts.TransferEnded(self.kernel.now, call.id, target, mode, result))
