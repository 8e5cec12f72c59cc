"""Talks: two parties connected, hold, and what follows for each when it ends."""

from ivr.core import events
from ivr.core.acd.parts import Part
from ivr.core.acd.records import Agent
from ivr.core.acts import ACTS
from ivr.core.call import Call, Talk
from ivr.core.commands import Speech, agent_line
from ivr.core.facts import Connected, HoldEnded, HoldStarted, Said, TalkEnded
from ivr.core.flow.voice import spoken_ms
from ivr.limits import NAME_CHARS_MAX, SPEECH_CHARS_MAX


class Talks(Part):
    """Every talk in the center; a call has at most one."""

    __slots__ = ()

    def connect_agent(self, call: Call, agent: Agent, queue: str, key: tuple[int, int] | None = None) -> None:
        """The caller and the agent hear each other from now on; `key` is the place the caller had in the queue."""
        kernel, name = self.kernel, agent.name
        line = agent_line(name)
        if call.play:
            kernel.flows.silence(call, "cut")
        agent.call = call
        agent.taken += 1
        call.agent = name
        call.talk = talk = Talk(name, line, queue, kernel.now, agent)
        talk.key = key
        self.acd.staff.move(agent, "talking")
        kernel.tell(Connected(kernel.now, call.id, name, line, queue))
        kernel.outlet.bridge(call.line, line)

    def connect_line(self, call: Call, line: str, number: str) -> None:
        """The caller and somebody outside hear each other from now on."""
        kernel = self.kernel
        kernel.flows.silence(call, "cut")
        call.talk = Talk(number, line, "", kernel.now, None)
        kernel.tell(Connected(kernel.now, call.id, number, line, ""))
        kernel.outlet.bridge(call.line, line)

    def end(self, call: Call, ended_by: str) -> None:
        """The talk is over; the other party is let go, the caller's way is for whoever calls this."""
        kernel = self.kernel
        talk = call.talk
        assert talk is not None
        if call.consult is not None:
            self.acd.consults.talk_over(call)
        call.talk = None
        if talk.watchers:
            self.acd.supervision.talk_over(talk)
        if talk.held_since is not None:
            self._end_hold(call, talk)
        talk_ms = kernel.now - talk.since - talk.held_ms
        kernel.tell(TalkEnded(kernel.now, call.id, talk.party, talk.queue, talk_ms, talk.held_ms, ended_by))
        if not call.gone:
            kernel.outlet.part(call.line, talk.line)
        agent: Agent | None = talk.agent
        if agent is None:
            kernel.lines.pop(talk.line, None)
            if ended_by != "party":
                kernel.outlet.hang_up(talk.line, "ended")
            return
        if call.gone:
            kernel.outlet.part(talk.line, call.line)
        agent.call = None
        agent.talked_ms += talk_ms + talk.held_ms
        if self.kernel.plan.remembers:
            self.acd.remember(call, agent)
        queue = self.acd.queues.get(talk.queue)
        if queue is None:
            self.acd.staff.free(agent)
            return
        queue.seen.handled += 1
        queue.seen.handled_ms += talk_ms + talk.held_ms
        if queue.plan.wrap_up_ms and ended_by not in ("lost", "shift_end"):
            self.acd.staff.wrap_up(agent, call.id, talk.queue, queue.plan.wrap_up_ms)
        else:
            self.acd.staff.free(agent)

    def agent_left(self, agent: Agent, ended_by: str) -> None:
        """The agent ends the talk: the call goes on in its flow, or with whom they consult about it."""
        call = agent.call
        assert call is not None
        consult = call.consult
        if consult is not None and consult.mode != "ringing":
            self.acd.consults.complete(consult, ended_by if ended_by == "lost" else "transfer")
            return
        self.end(call, ended_by)
        self.kernel.flows.resume(call, "connected")

    def shift_ended(self, agent: Agent) -> None:
        """An agent leaves in the middle of a talk: it is cut, or the caller waits again, before those who came later."""
        call = agent.call
        assert call is not None
        talk = call.talk
        assert talk is not None
        queue = self.acd.queues.get(talk.queue) if agent.plan.shift_end == "hand_over" else None
        self.end(call, "shift_end")
        outcome = self.acd.waits.join(call, queue, None, key=talk.key) if queue is not None else "connected"
        if outcome:
            self.kernel.flows.resume(call, outcome)

    def _end_hold(self, call: Call, talk: Talk) -> None:
        assert talk.held_since is not None
        held_ms = self.kernel.now - talk.held_since
        talk.held_since = None
        talk.held_ms += held_ms
        self.kernel.tell(HoldEnded(self.kernel.now, call.id, talk.party, held_ms))

    # Events ----------------------------------------------------------------------------------------------

    def hung_up(self, event: events.AgentHungUp) -> None:
        """An agent ends the talk."""
        agent = self.acd.staff.agents.get(event.agent)
        if agent is not None and agent.call is None and agent.consult is not None:
            self.acd.consults.left(agent.consult)
        elif agent is None or (agent.call is None and not self.acd.awaited(agent)):
            self.kernel.ignore("agent_hung_up", event.agent, "not in a talk")
        elif agent.call is None:
            self.acd.agent_gave_up(agent)
        else:
            self.agent_left(agent, "agent")

    def held(self, event: events.AgentHeld) -> None:
        """An agent puts the caller on hold."""
        talk = self._talk("agent_held", event.agent, "talking")
        if talk is None:
            return
        agent, call = talk
        self.acd.staff.move(agent, "holding")
        self.hold(call)
        self._hear(call)

    def resumed(self, event: events.AgentResumed) -> None:
        """An agent takes the caller off hold."""
        talk = self._talk("agent_resumed", event.agent, "holding")
        if talk is None:
            return
        agent, call = talk
        self.resume(call)
        self.acd.staff.move(agent, "talking")
        self._hear(call)

    def spoke(self, event: events.AgentSpoke) -> None:
        """An agent says something to the caller."""
        agent = self.acd.staff.agents.get(event.agent)
        call = agent.call if agent is not None else None
        if agent is None or call is None or agent.state not in ("talking", "consulting"):
            self.kernel.ignore("agent_spoke", event.agent, "not in a talk")
        elif agent.consult is not None and agent.consult.mode in ("ringing", "private"):
            self.kernel.ignore("agent_spoke", event.agent, "the caller does not hear it")
        elif event.act not in ACTS:
            self.kernel.ignore("agent_spoke", event.agent, "no such act")
        else:
            self._say(call, call.line, agent.name, event)

    def caller_spoke(self, call: Call, event: events.SpeechHeard) -> None:
        """The caller says something to whom they talk to."""
        talk = call.talk
        assert talk is not None
        if talk.held_since is not None:
            self.kernel.ignore("speech_heard", event.line, "on hold")
        elif event.act and event.act not in ACTS:
            self.kernel.ignore("speech_heard", event.line, "no such act")
        else:
            self._say(call, talk.line, "", event)

    def _say(self, call: Call, to: str, by: str, event: events.AgentSpoke | events.SpeechHeard) -> None:
        text, about = event.text[:SPEECH_CHARS_MAX], event.about[:NAME_CHARS_MAX]
        detail = event.detail[:NAME_CHARS_MAX]
        length_ms = spoken_ms(text)
        now = self.kernel.now
        self.kernel.tell(Said(now, call.id, by, text, event.act or "says", about, detail, length_ms))
        self.kernel.outlet.said(to, Speech(by, text, length_ms, event.act, about, detail))

    def hold(self, call: Call) -> None:
        """The caller hears music, if they do not yet; the agent's state is for whoever calls this."""
        talk = call.talk
        assert talk is not None
        if talk.held_since is None:
            talk.held_since = self.kernel.now
            self.kernel.tell(HoldStarted(self.kernel.now, call.id, talk.party))
            self.kernel.outlet.hold(call.line, True, self.music(call))

    def resume(self, call: Call) -> None:
        """The caller is off hold; the agent's state is for whoever calls this."""
        assert call.talk is not None
        self._end_hold(call, call.talk)
        self.kernel.outlet.hold(call.line, False, "")

    def _hear(self, call: Call) -> None:
        if call.talk is not None and call.talk.watchers:
            self.acd.supervision.hear(call)

    def music(self, call: Call) -> str:
        """What is played to whoever is on hold in a talk."""
        plan = self.kernel.plan.queues.get(call.talk.queue) if call.talk is not None else None
        return plan.music if plan is not None else "soft-piano"

    def _talk(self, event: str, name: str, state: str) -> tuple[Agent, Call] | None:
        agent = self.acd.staff.agents.get(name)
        if agent is None or agent.call is None or agent.state != state or agent.consult is not None:
            self.kernel.ignore(event, name, f"not {state}")
            return None
        return agent, agent.call
