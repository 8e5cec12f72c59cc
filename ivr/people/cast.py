"""The cast: every simulated caller and agent of a center.

Callers dial, hear, think, press what their intent asks for, wait as long as their patience lasts,
talk, hang up; agents are the crew's. An alarm that comes late finds that its reason is gone and does nothing.
"""

from collections.abc import Callable, Set as AbstractSet
from dataclasses import replace
from typing import Final

from ivr.core import events
from ivr.core.calendar import Calendar
from ivr.core.chance import Stream
from ivr.core.commands import Listening, Speech, Spoken, agent_line
from ivr.core.law import exponential
from ivr.core.time import SECOND, Instant, Ms
from ivr.people.arrivals import Comings
from ivr.people.crew import Crew
from ivr.people.outside import Outside
from ivr.people.persons import COMPLAINS, Caller
from ivr.people.picker import Picker
from ivr.people.roster import Roster
from ivr.people.script import CallerKind, Complains, HearsWait, Home, Script
from ivr.people.stage import Stage
from ivr.people.talk import Company
from ivr.people.talkers import Talkers

SPEAK_MS = 6 * SECOND  # the length of a message left after the tone
_CALLED_TALKS: Final = exponential(180 * SECOND)  # how long somebody outside talks, once connected

_ATTEMPT: Final = 1 << 48  # a caller's ordinal plus so much for each redial: what they do then is drawn anew
_COMPLAINT: Final = 1 << 47  # and plus this when they call to complain
_DRAWS: Final = (
    *("patience", "think", "know", "accept", "callback", "leave", "talk"),
    *("survey", "consent", "redial", "balk", "complain"),
)
"""What is drawn of a caller, each from a stream of its own."""


class Cast(Crew):
    """All simulated people; an outlet of the engine that lets lines of others be."""

    def __init__(
        self,
        script: Script,
        seed: str,
        stage: Stage,
        *,
        prefix: str = "s-",
        guests: bool = False,
        silent: AbstractSet[str] = frozenset(),
    ) -> None:
        """Lines of simulated callers are named with `prefix`, so that an outlet can tell them from others.

        `guests` call a center whose agents do not know how long a caller's matter takes: where their kind has
        a law for it, it is they who end the talk, but where they have a conversation, what is said ends it.
        On the lines of agents who are `silent` nothing is said.
        """
        super().__init__(script, seed, stage)
        self._guests, self._silent = guests, silent
        self._again = 0  # who will call once more
        self._prefix = prefix
        self._callers: dict[str, Caller] = {}
        self._seed = seed
        self._pick = Picker()
        self._talkers = Talkers(stage, self._hang_up)
        self._outside = Outside(stage, seed, self._come, self._callers)
        self._outside.called = script.called
        self._script = script
        units = {name: Stream(seed, f"caller/{name}").unit for name in _DRAWS}
        self._units = units
        self._think, self._talk, self._patience = units["think"], units["talk"], units["patience"]
        self._comings = Comings(script, seed, stage, self.call)
        self._now: Callable[[], Instant] = _no_clock

    def adopt(self, script: Script) -> None:
        """Callers who come from now on, and what agents do next, are as in another script with the same agents."""
        self._script = script
        self._comings.adopt(script)
        self._outside.called = script.called
        if self._roster is not None:
            self._roster.adopt(script.agents)
        for agents in (self._agents, self._released):
            for name, person in agents.items():
                person.script = script.agents[name]

    def works_for(self, company: Company) -> None:
        """From now on agents see this company, and have it do things."""
        self._talkers.company = company

    def busy(self, agent_line: str) -> bool:
        """Whether an agent is in a talk in which it is not the caller's turn: on hold, looking something up."""
        return self._talkers.busy(agent_line)

    def talk_to(self, other: "Cast") -> None:
        """From now on callers know of the agents of another cast whether they are busy in their talk."""
        self._talkers.busy_elsewhere = other.busy

    def live_at(self, number: str, home: Home) -> None:
        """Who is there when this number is called."""
        self._outside.at_home[number] = home

    def keep_time(self, calendar: Calendar, now: Callable[[], Instant]) -> None:
        """From now on people go by the clock on the wall: shifts, breaks, and when callers call."""
        self._roster = Roster(self._script.agents, calendar, self._stage, now, self.plays, self._seed)
        self._comings.keep_time(calendar, now)
        self._now = now

    # Coming and going --------------------------------------------------------------------------------

    def start(self, callers: int | None = None) -> None:
        """Sign every agent in and let callers come, at most `callers` of them."""
        for name in self._agents:
            self._later(0, self._sign_in, name)
        self._comings.start(callers)

    def come_to_an_end(self, agent: str) -> None:
        """Somebody waits for this agent's seat: end the talk, unless a real caller is in it, and the wrap-up."""
        person = self._agents.get(agent)
        if person is not None and person.with_line in self._callers:
            person.with_line = ""
            self._post(events.AgentHungUp(agent))
        if person is not None and person.wrapping:
            self._post(events.AgentWrappedUp(agent, "done"))

    @property
    def over(self) -> bool:
        """Whether nobody calls, and nobody will."""
        return not (self._callers or self._again or self._comings.expected)

    def kind_of(self, line: str) -> str:
        """The name of the kind of the caller on a line; empty if there is none."""
        caller = self._callers.get(line)
        return caller.kind.name if caller is not None else ""

    def call(self, kind: CallerKind, number: str, ordinal: int, attempt: int = 1) -> None:
        """Let a caller of a kind dial now, if the center takes any."""
        if not self._stage.admits():
            return
        line = f"{self._prefix}{ordinal % _COMPLAINT}{COMPLAINS if ordinal & _COMPLAINT else ''}"
        line += f"-{attempt}" if attempt > 1 else ""
        self._come(Caller(line, ordinal, kind, number, attempt))
        self._post(events.CallArrived(line, kind.dials, number))

    def _come(self, caller: Caller) -> None:
        self._callers[caller.line] = caller
        if caller.kind.conversation is not None:
            accepts = self._unit("accept", caller) < caller.kind.accepts_offer
            self._talkers.come(caller, accepts=accepts)

    # What a party is asked (the outlet) -------------------------------------------------------------------

    def play(self, line: str, play: int, spoken: Spoken, listening: Listening | None) -> None:
        """A prompt; those who know the menu do not hear it out."""
        caller = self._callers.get(line)
        if caller is None:
            if line in self._agent_lines:
                self._later(spoken.length_ms, self._agent_heard, (line, play))
            return
        caller.play = play
        caller.listening = listening
        caller.told_ms = spoken.wait_ms
        if listening is not None and listening.kind != "callback":
            caller.menus += 1
            if caller.kind.knows:
                self._perhaps_known(caller, play)
        self._later(spoken.length_ms, self._heard, (caller, play))

    def _perhaps_known(self, caller: Caller, play: int) -> None:
        if self._units["know"](caller.ordinal) < caller.kind.knows:
            self._later(caller.kind.thinks.draw(self._unit("think", caller)) // 2, self._act, (caller, play))

    def stop(self, line: str, play: int) -> None:
        """The prompt was broken off."""
        caller = self._callers.get(line)
        if caller is not None and caller.play == play:
            caller.play = 0

    def _heard(self, heard: tuple[Caller, int]) -> None:
        caller, play = heard
        if caller.play != play:
            return
        listening, told_ms = caller.listening, caller.told_ms
        self._post(events.PromptFinished(caller.line, play))
        if told_ms is not None and caller.waiting and caller.kind.hears_wait is not None:
            self._hear_wait(caller, caller.kind.hears_wait, told_ms)
        if listening is not None and caller.listening is listening:
            unit = self._think(caller.ordinal * 64 + caller.menus % 64)
            self._later(caller.kind.thinks.draw(unit), self._act, (caller, play))

    def _unit(self, name: str, caller: Caller) -> float:
        return self._units[name](caller.ordinal * 64 + caller.menus % 64)

    def _act(self, act: tuple[Caller, int]) -> None:
        """The caller has made up their mind about what they heard in `play`."""
        caller, play = act
        listening = caller.listening
        if listening is None or caller.play > play or caller.line not in self._callers:
            return
        caller.listening = None
        kind = caller.kind
        if kind.hangs_up_in_menu and self._unit("leave", caller) < kind.hangs_up_in_menu:
            self._hang_up(caller)
            return
        keys = self._pick.keys(caller, listening, self._unit)
        if keys and listening.kind == "callback":
            caller.waiting = False  # they are called back: there is nothing to be patient for
        for key in keys:
            self._post(events.KeyPressed(caller.line, key))

    def music(self, line: str, music: str) -> None:
        """Music is heard, and nothing is done about it."""

    def queued(self, line: str, queue: str, position: int, estimate_ms: int | None) -> None:
        """Patience begins with the wait."""
        caller = self._callers.get(line)
        if caller is None or caller.waiting:
            return
        caller.waiting = True
        caller.waits += 1
        kind = caller.kind
        patience_ms = kind.patience.draw(self._patience(caller.ordinal))
        if kind.hears_wait is not None or kind.complains is not None:
            caller.since, caller.calmed = self._now(), False
            caller.leaves_at = caller.since + patience_ms
        self._later(patience_ms, self._lose_patience, (caller, caller.waits))

    def _hear_wait(self, caller: Caller, hears: HearsWait, told_ms: Ms) -> None:
        """Balk at a wait that is too long, or be calmed by one that is not."""
        now = self._now()
        left_ms = caller.leaves_at - now
        if hears.too_long(told_ms, left_ms):
            unit = self._units["balk"]
            if unit(caller.ordinal) < hears.balks:
                thinks_ms = caller.kind.thinks.draw(unit(-caller.ordinal))
                self._later(thinks_ms, self._balk, (caller, caller.waits))
        elif hears.calms != 1 and not caller.calmed:
            caller.calmed = True
            caller.leaves_at = now + round(left_ms * hears.calms)
            self._later(caller.leaves_at - now, self._lose_patience, (caller, caller.waits))

    def _lose_patience(self, wait: tuple[Caller, int]) -> None:
        caller, _ = wait
        if not (caller.calmed and self._now() < caller.leaves_at):
            self._balk(wait)

    def _balk(self, wait: tuple[Caller, int]) -> None:
        """Give up this wait, if it goes on; some call again."""
        caller, number = wait
        if not caller.waiting or caller.waits != number:
            return
        kind, unit = caller.kind, self._units["redial"]
        if kind.complains is not None:
            caller.grieved |= kind.complains.abandoned or self._waited_long(caller, kind.complains)
        self._hang_up(caller)
        if kind.redials and unit(caller.ordinal) < kind.redials:
            self._again += 1
            self._later(kind.redials_after.draw(unit(-caller.ordinal)), self._redial, caller)

    def _redial(self, before: Caller) -> None:
        """Somebody who lost patience tries again; what they do then is drawn anew."""
        self._again -= 1
        self.call(before.kind, before.number, before.ordinal + _ATTEMPT, before.attempt + 1)

    def _complain(self, caller: Caller, complains: Complains) -> None:
        """The call is over; of those who were treated badly some call once more, about that."""
        unit = self._units["complain"]
        if unit(caller.ordinal) >= complains.share:
            return
        caller.kind = replace(caller.kind, complains=None)  # once, however often they call again
        dials = complains.dials or caller.kind.dials
        # Their talk is of how they were treated, and no longer of the first matter.
        complaint = replace(caller.kind, dials=dials, wants=complains.wants, conversation=None)
        self._again += 1
        after_ms = complains.after.draw(unit(-caller.ordinal))
        self._later(after_ms, self._call_to_complain, (caller, complaint))

    def _call_to_complain(self, call: tuple[Caller, CallerKind]) -> None:
        caller, complaint = call
        self._again -= 1
        self.call(complaint, caller.number, caller.ordinal + _COMPLAINT)

    def _hang_up(self, caller: Caller) -> None:
        if self._gone(caller.line) is not None:
            self._post(events.LineEnded(caller.line))

    def _gone(self, line: str) -> Caller | None:
        """Nobody is on that line any more; who was."""
        caller = self._callers.pop(line, None)
        if caller is not None:
            caller.waiting = False
            caller.play = 0
            self._talkers.gone(line)
            if caller.grieved and caller.kind.complains is not None:
                self._complain(caller, caller.kind.complains)
        return caller

    def bridge(self, line: str, other: str) -> None:
        """Talk: the agent ends it when the matter is settled."""
        caller = self._callers.get(line)
        if caller is not None:
            if caller.waiting and (complains := caller.kind.complains) is not None:
                caller.grieved |= self._waited_long(caller, complains)
            caller.waiting = False
        person = self._agent_lines.get(other)
        if person is not None:
            person.talks += 1
            person.with_line = line
        card = person.card if person is not None else None
        talks = other not in self._silent
        if talks and self._talkers.begin(line, other, person, card, simulated=caller is not None):
            assert person is not None
            person.reservation = 0
            return
        if person is None:
            if caller is not None and self._guests:
                if caller.kind.conversation is None or not talks:
                    self._settle(caller)
            elif (called := self._callers.get(other)) is not None:
                talk_ms = _CALLED_TALKS.draw(self._talk(called.ordinal))
                self._later(talk_ms, self._hang_up, called)
            return
        person.reservation = 0
        law, ordinal = person.script.talks, -person.talks
        if caller is not None:
            law, ordinal = caller.kind.talks or law, caller.ordinal
        self._later(law.draw(self._talk(ordinal)), self._end_talk, (person, person.talks))

    def _settle(self, caller: Caller) -> None:
        """A guest ends the talk when the matter is settled."""
        caller.talks += 1
        if caller.kind.talks is not None:
            talk_ms = caller.kind.talks.draw(self._talk(caller.ordinal))
            self._later(talk_ms, self._settled, (caller, caller.talks))

    def _settled(self, settled: tuple[Caller, int]) -> None:
        caller, number = settled
        if caller.talks == number:
            self._hang_up(caller)

    def said(self, line: str, speech: Speech) -> None:
        """What the other party of a talk says."""
        self._talkers.said(line, speech)

    def consulting(self, agent: str, call: int, party: str, mode: str) -> None:
        """How a consultation stands."""
        self._talkers.consulting(agent_line(agent), mode)

    def part(self, line: str, other: str) -> None:
        """The talk is over, whoever ended it."""
        if (caller := self._callers.get(line)) is not None:
            caller.talks += 1
        person = self._agent_lines.get(other) or self._agent_lines.get(line)
        if person is not None:
            person.with_line = ""
        self._talkers.part(line, other)

    def hold(self, line: str, on: bool, music: str) -> None:
        """On hold one waits."""
        self._talkers.hold(line, on=on)

    def dial(self, line: str, number: str, caller_id: str, ring_ms: Ms) -> None:
        """Somebody outside is called: they pick up if they can."""
        self._outside.dial(line, number, ring_ms)

    def come_to_phone(self, line: str, number: str, after_ms: Ms, by: str) -> None:
        """Somebody outside, or their machine, picks up the phone that rings."""
        self._outside.come_to_phone(line, number, after_ms, by)

    def hang_up(self, line: str, reason: str) -> None:
        """The line is gone."""
        caller = self._callers.get(line)
        if caller is not None and caller.waiting and (complains := caller.kind.complains) is not None:
            caller.grieved |= complains.turned_away or self._waited_long(caller, complains)
        self._gone(line)

    def _waited_long(self, caller: Caller, complains: Complains) -> bool:
        return complains.waited_ms is not None and self._now() - caller.since > complains.waited_ms

    def record(self, line: str, recording: int, on: bool) -> None:
        """Say something after the tone, then press the end key."""
        caller = self._callers.get(line)
        if caller is not None and on:
            self._later(SPEAK_MS, self._message_left, caller)

    def _message_left(self, caller: Caller) -> None:
        if caller.line in self._callers:
            self._post(events.KeyPressed(caller.line, "#"))


def _no_clock() -> Instant:
    raise AssertionError("who hears of waits, or complains, needs a cast that keeps time")
