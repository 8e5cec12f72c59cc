"""A desk: a real person's seat at the center."""

from collections.abc import Callable
from functools import partial
from typing import Final

from ivr.core import events
from ivr.core.commands import Card, agent_line
from ivr.core.facts import call_name, call_number, work_number
from ivr.errors import PeerError
from ivr.limits import CALLER_CHARS_MAX, NOTE_CHARS_MAX
from ivr.live.party import Party, check_length, said
from ivr.wire import (
    CODECS,
    FRAME_MS,
    PROTOCOL,
    Accept,
    AgentState,
    Bridged,
    Consult,
    ConsultAct,
    Error,
    Finish,
    Force,
    HangUp,
    Held,
    Hold,
    Message,
    Parted,
    Pause,
    Pull,
    Ready,
    Reject,
    Resume,
    Ring,
    Say,
    Seated,
    SignIn,
    SignOut,
    Supervise,
    Transfer,
    Withdrawn,
    WrapUp,
    desk_says,
)

_PLAIN: Final[dict[type[Message], Callable[[str], events.Event]]] = {
    Ready: events.AgentReady,
    HangUp: events.AgentHungUp,
    Hold: events.AgentHeld,
    Resume: events.AgentResumed,
    SignOut: events.AgentSignedOut,
}
"""What a desk says without a detail, as the event of its agent."""


def _supervised(supervisor: str, message: Supervise | Force | Pull) -> events.Event:
    """What a supervisor does, as an event."""
    match message:
        case Pull():
            try:
                return events.CallPulled(supervisor, call_number(message.call))
            except ValueError:
                raise PeerError(
                    "unknown_call", f"{message.call[:40]!r} is no call, such as c-000042"
                ) from None
        case Force():
            check_length("a name", message.agent + message.state, CALLER_CHARS_MAX)
            return events.StateForced(supervisor, message.agent, message.state)
        case Supervise():
            check_length("a name", message.agent + message.mode, CALLER_CHARS_MAX)
            if not message.agent:
                return events.SupervisorLeft(supervisor)
            return events.SupervisorJoined(supervisor, message.agent, message.mode)


def _order(message: Finish) -> int:
    """The number of the work order a desk speaks of; 0 if it names none."""
    try:
        return work_number(message.work) if message.work else 0
    except ValueError:
        raise PeerError("unknown_work", f"{message.work[:40]!r} is no work order, such as w-7") from None


class Desk(Party):
    """One desk's socket; a simulated agent of the same name finishes their talk and leaves the seat."""

    role = "desk"
    greeting = '{"type": "sign_in", "agent": "NAME"}'
    agent = ""
    call = ""
    ready = True
    seated = False

    def decode(self, text: str) -> Message:
        """See `Party`."""
        return desk_says(text)

    def greet(self, message: Message) -> bool:
        """See `Party`."""
        if not isinstance(message, SignIn):
            raise PeerError("sign_in_first", f"the first message is {self.greeting}")
        self.check_codec(message.codec)
        plan = self.center.engine.plan
        if message.agent not in plan.agents:
            raise PeerError(
                "unknown_agent", f"no agent {message.agent[:80]!r}; there are {', '.join(plan.agents)}"
            )
        if not self.center.seats.claim(message.agent, self):
            raise PeerError("agent_in_use", f"{message.agent} is signed in at another desk")
        self.agent, self.codec, self.ready = message.agent, message.codec, message.ready
        self.line = agent_line(self.agent)
        names = (*plan.queues, *plan.agents, *plan.numbers, *plan.contacts)
        targets = tuple(dict.fromkeys(name for name in names if name != self.agent))
        self.send(
            Seated(
                PROTOCOL,
                plan.name,
                self.agent,
                plan.agents[self.agent].queues,
                self.codec,
                FRAME_MS,
                CODECS[self.codec],
                targets,
                self.center.settings.speed,
                tuple(plan.agents) if plan.agents[self.agent].supervisor else (),
            )
        )
        self.open_sound(self.line, partial(self.finished, self.line))
        self.center.seats.take(self)
        return True

    def hear(self, message: Message) -> None:
        """See `Party`."""
        post, agent = self.center.driver.post, self.agent
        if not agent:
            self.greet(message)
            return
        if not self.seated:
            if not isinstance(message, SignOut):
                raise PeerError(
                    "not_seated_yet", f"{agent} finishes a talk first; your seat is free after it"
                )
            self._give_up_seat()
            return
        match message:
            case Accept():
                post(events.ReservationAccepted(agent, message.reservation))
            case Reject():
                post(events.ReservationRejected(agent, message.reservation))
            case Ready() | HangUp() | Hold() | Resume() | SignOut():
                post(_PLAIN[type(message)](agent))
            case Pause():
                check_length("a reason", message.reason, NOTE_CHARS_MAX)
                post(events.AgentPaused(agent, message.reason))
            case Say():
                text, act, about, detail = said(message)
                post(events.AgentSpoke(agent, text, act or "says", about, detail))
            case Transfer():
                check_length("a target", message.to, CALLER_CHARS_MAX)
                post(events.AgentTransferred(agent, message.to))
            case Consult():
                check_length("a target", message.to, CALLER_CHARS_MAX)
                post(events.AgentConsulted(agent, message.to))
            case ConsultAct():
                check_length("an act", message.act, NOTE_CHARS_MAX)
                post(events.ConsultActed(agent, message.act))
            case Supervise() | Force() | Pull():
                post(_supervised(agent, message))
            case WrapUp():
                check_length("a wrap code", message.code, NOTE_CHARS_MAX)
                post(events.AgentWrappedUp(agent, message.code))
            case Finish():
                check_length("a result", message.result + message.note, NOTE_CHARS_MAX)
                post(events.WorkFinished(agent, message.result, _order(message), message.note))
            case SignIn():
                raise PeerError("signed_in_already", f"{agent} is signed in at this desk")

    def _give_up_seat(self) -> None:
        """Leave without having sat down: the simulated agent stays."""
        self._playing = 0
        self.center.seats.leave(self)
        self.center.end_sound(self.line)
        self.send(AgentState("signed_out"))
        self.agent = self.line = ""

    def refused(self, why: str) -> None:
        """What the agent asked for was not possible."""
        self.send(Error("not_possible", why))

    def held(self, *, on: bool) -> None:
        """The caller is on hold, or no longer."""
        self.send(Held(on))

    def gone(self, cause: str) -> None:
        """See `Party`."""
        self._playing = 0
        if self.agent and self.center.seats.leave(self):
            self.center.end_sound(self.line)
            if self.seated:
                self.seated = False
                self.center.driver.post(events.AgentLost(self.agent))

    # What the engine asks ----------------------------------------------------------------------------------

    def ring(self, reservation: int, card: Card) -> None:
        """A call for this agent."""
        self.send(
            Ring(
                reservation,
                call_name(card.call) if card.call else "",
                card.kind,
                card.queue,
                card.caller,
                card.name,
                card.waited_ms,
                card.ring_ms,
                card.data,
            )
        )

    def withdraw(self, reservation: int, why: str) -> None:
        """No longer asked."""
        self.send(Withdrawn(reservation, why))

    def bridged(self, call: str, party: str) -> None:
        """The agent hears the caller."""
        self.call = call
        self.send(Bridged(call, party))

    def parted(self) -> None:
        """The talk is over."""
        if self.call:
            self.send(Parted(self.call))
            self.call = ""

    def moved(self, state: str, reason: str) -> None:
        """The agent is in another state; signed out, the desk is free and may be taken again."""
        self.send(AgentState(state, reason))
        if state == "signed_out" and self.seated:
            self.seated = False
            self._playing = 0
            self.center.seats.leave(self)
            self.center.end_sound(self.line)
            self.agent = self.line = ""
