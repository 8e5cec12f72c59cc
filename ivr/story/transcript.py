"""The transcript of a story: what there was to hear and see, scene by scene, made of facts alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.core.time import Instant, Ms
from ivr.language.story_models import EntryModel, entries
from ivr.story.told import Beat, Told, in_language
from ivr.story.words import WORDS, say

SHORT_MS: Final = 5_000  # a wait that nobody would tell of

_PICTURES: Final = {
    "phone": "☎", "sms": "✉", "email": "✉", "push": "✉", "site": "⌂", "account": "⌂", "office": "⌂", "leaflet": "❄",
    "rival": "☎", "bank": "€", "work": "⚒",
}  # fmt: skip
"""A sign for each channel that a reader sees often."""


@dataclass(slots=True)
class Line:
    """One line: `who` says or does what; `kind` is how it is shown, `length_ms` is drawn to scale where it is a wait.

    Kinds: `story` (the narrator), `customer`, `agent`, `machine`, `does` (the customer), `event`, `wait`, `hold`,
    `behind` (nobody but the company saw it).
    """

    at: Instant
    kind: str
    who: str
    text: str
    length_ms: Ms = 0


@dataclass(slots=True)
class Scene:
    """One contact, or what lies between two: its lines, its channel, and what of the true story it shows."""

    at: Instant
    channel: str
    heading: str
    lines: list[Line] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def picture(self) -> str:
        """The sign of the channel."""
        return _PICTURES.get(self.channel, "•") if self.channel else ""


def scenes(told: Told) -> list[Scene]:
    """The scenes of a story in their order."""
    return _Transcript(told).made()


class _Transcript:
    """Facts to scenes; `_table` says who takes a fact of each class."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._language = told.language
        customer = told.story.customer
        self._customer = in_language(customer.name, told.language)
        friends = {
            str(entry.calls.phone): in_language(entry.calls.name, told.language)
            for entry in entries(told.story.timeline)
            if entry.calls is not None and entry.calls.phone is not None
        }
        self._names = {str(customer.phone): self._customer, **friends}
        self._addresses = {str(customer.phone), str(customer.email or "")} - {""}
        self._scenes: list[Scene] = []
        self._scene: dict[int, Scene] = {}
        self._caller: dict[int, str] = {}
        self._line: dict[int, str] = {}
        self._orders: dict[int, int] = {}
        self._mine: set[int] = set()
        self._outgoing: set[int] = set()
        self._over: set[int] = set()
        self._table: dict[type[Fact], Callable[[Any], None]] = {
            facts.CallStarted: self._started,
            facts.DialStarted: self._dialled,
            facts.DialEnded: self._dial_ended,
            facts.PromptHeard: self._prompt,
            facts.KeyHeard: self._key,
            facts.QueueLeft: self._waited,
            facts.Connected: self._connected,
            facts.Said: self._said,
            facts.HoldEnded: self._held,
            facts.TransferStarted: self._passed_on,
            facts.TalkEnded: self._talk_ended,
            facts.CallEnded: self._ended,
            facts.MessageSent: self._letter,
            facts.MessageArrived: self._wrote,
            facts.ContactMade: self._met,
            facts.AppointmentMade: self._appointment,
            facts.WorkOrdered: self._ordered,
            facts.WorkAssigned: self._assigned,
            facts.WorkEnded: self._work_ended,
        }

    def made(self) -> list[Scene]:
        """All scenes: entries and facts in the order of their instants, an entry before what it brings about."""
        beats = iter(self._told.beats)
        beat = next(beats, None)
        for fact in self._told.facts:
            while beat is not None and beat.at <= fact.at:
                self._tell(beat)
                beat = next(beats, None)
            taker = self._table.get(type(fact))
            if taker is not None:
                taker(fact)
        while beat is not None:
            self._tell(beat)
            beat = next(beats, None)
        return [scene for scene in self._scenes if scene.lines]

    def _say(self, name: str, **values: object) -> str:
        return say(name, self._language, **values)

    def _agent(self, name: str) -> str:
        agent = self._told.center.plan.agents.get(name)
        return (agent.label or agent.name) if agent is not None else name

    def _open(self, at: Instant, channel: str, heading: str) -> Scene:
        scene = Scene(at, channel, heading)
        self._scenes.append(scene)
        return scene

    def _tell(self, beat: Beat) -> None:
        """The narrator's words, and what did not come about."""
        entry: EntryModel = beat.entry
        told_elsewhere = entry.does is not None or entry.meets is not None
        text = in_language(entry.tells, self._language)
        scene = self._open(beat.at, "", "")
        scene.facts = {str(number): in_language(fact, self._language) for number, fact in entry.facts.items()}
        if text and not told_elsewhere:
            scene.lines.append(Line(beat.at, "story", "", text))
        if not beat.came and entry.else_ and (entry.is_called is not None or entry.gets is not None):
            missed = "nobody_called" if entry.is_called is not None else "did_not_come"
            scene.lines.append(Line(beat.until, "event", "", self._say(missed)))

    def _beside(self, at: Instant, channel: str) -> Scene:
        """The scene of a call that goes on, else one of its own."""
        going_on = list(self._scene.values())
        return going_on[-1] if going_on else self._open(at, channel, "")

    # Calls -----------------------------------------------------------------------------------------------

    def _started(self, fact: facts.CallStarted) -> None:
        name = self._names.get(fact.caller)
        if name is None:
            return
        self._caller[fact.call] = name
        self._mine.add(fact.call)
        if fact.direction == "in":
            scene = self._open(fact.at, "phone", self._say("calls", what=fact.number))
        elif fact.direction == "out":
            shown = self._told.center.plan.caller_id or self._say("withheld")
            scene = self._open(fact.at, "phone", self._say("rings", what=shown))
        else:
            return
        self._line[fact.call] = fact.line
        self._scene[fact.call] = scene
        kind = "does" if fact.direction == "in" else "event"
        scene.lines.append(Line(fact.at, kind, name, scene.heading))

    def _dialled(self, fact: facts.DialStarted) -> None:
        name = self._names.get(fact.number)
        if name is None:
            return
        heading = self._say("rings", what=fact.caller_id or self._say("withheld"))
        scene = self._scene[fact.call] = self._open(fact.at, "phone", heading)
        self._caller[fact.call] = name
        self._line[fact.call] = fact.line
        self._mine.add(fact.call)
        self._outgoing.add(fact.call)
        scene.lines.append(Line(fact.at, "event", name, heading))

    def _dial_ended(self, fact: facts.DialEnded) -> None:
        scene = self._scene.get(fact.call)
        if scene is None or fact.line != self._line.get(fact.call):
            return
        what = "picks_up" if fact.result == "answered" else "no_answer"
        scene.lines.append(Line(fact.at, "does", self._caller[fact.call], self._say(what)))

    def _prompt(self, fact: facts.PromptHeard) -> None:
        scene = self._scene.get(fact.call)
        if scene is not None and fact.line == self._line.get(fact.call) and fact.text:
            scene.lines.append(
                Line(fact.since, "machine", self._say("machine"), fact.text, fact.at - fact.since)
            )

    def _key(self, fact: facts.KeyHeard) -> None:
        scene = self._scene.get(fact.call)
        if scene is None:
            return
        last = scene.lines[-1] if scene.lines else None
        if last is not None and last.kind == "key":
            last.text += f" {fact.key}"
        else:
            text = self._say("presses", what=fact.key)
            scene.lines.append(Line(fact.at, "key", self._caller[fact.call], text))

    def _waited(self, fact: facts.QueueLeft) -> None:
        scene = self._scene.get(fact.call)
        if scene is not None and fact.waited_ms >= SHORT_MS:
            began = fact.at - fact.waited_ms
            scene.lines.append(
                Line(began, "wait", self._caller[fact.call], self._say("waits"), fact.waited_ms)
            )

    def _connected(self, fact: facts.Connected) -> None:
        scene = self._scene.get(fact.call)
        if scene is not None:
            text = self._say("there", what=self._agent(fact.party))
            scene.lines.append(Line(fact.at, "event", "", text))

    def _said(self, fact: facts.Said) -> None:
        scene = self._scene.get(fact.call)
        if scene is None:
            return
        if fact.act == "does":
            text = self._say("looks", what=fact.about, how=fact.detail)
            scene.lines.append(Line(fact.at, "behind", self._agent(fact.by), text))
        elif fact.by:
            scene.lines.append(Line(fact.at, "agent", self._agent(fact.by), fact.text, fact.length_ms))
        else:
            scene.lines.append(Line(fact.at, "customer", self._caller[fact.call], fact.text, fact.length_ms))

    def _held(self, fact: facts.HoldEnded) -> None:
        scene = self._scene.get(fact.call)
        if scene is not None:
            began = fact.at - fact.held_ms
            scene.lines.append(
                Line(began, "hold", self._caller[fact.call], self._say("on_hold"), fact.held_ms)
            )

    def _passed_on(self, fact: facts.TransferStarted) -> None:
        scene = self._scene.get(fact.call)
        if scene is not None:
            text = self._say("transferred", what=self._agent(fact.target))
            scene.lines.append(Line(fact.at, "event", "", text))

    def _talk_ended(self, fact: facts.TalkEnded) -> None:
        scene = self._scene.get(fact.call)
        if scene is None or fact.ended_by not in ("agent", "caller", "party"):
            return
        self._over.add(fact.call)
        if fact.ended_by == "caller":
            scene.lines.append(Line(fact.at, "does", self._caller[fact.call], self._say("hangs_up")))
        else:
            text = self._say("agent_hangs_up", what=self._agent(fact.party))
            scene.lines.append(Line(fact.at, "event", "", text))

    def _ended(self, fact: facts.CallEnded) -> None:
        scene = self._scene.pop(fact.call, None)
        if scene is None or fact.call in self._over:
            return
        if fact.reason == "caller_hung_up":
            scene.lines.append(Line(fact.at, "does", self._caller[fact.call], self._say("hangs_up")))
        elif fact.reason != "not_reached":
            scene.lines.append(Line(fact.at, "event", "", self._say("ends")))

    # Other ways ------------------------------------------------------------------------------------------

    def _letter(self, fact: facts.MessageSent) -> None:
        if fact.to in self._addresses:
            scene = self._beside(fact.at, fact.channel)
            scene.lines.append(Line(fact.at, "machine", fact.channel.upper(), fact.text))

    def _wrote(self, fact: facts.MessageArrived) -> None:
        if fact.sender in self._addresses:
            scene = self._open(fact.at, fact.channel, fact.channel.upper())
            scene.lines.append(Line(fact.at, "customer", self._customer, fact.text))

    def _met(self, fact: facts.ContactMade) -> None:
        if fact.customer not in self._addresses:
            return
        scene = self._open(fact.at, fact.channel, fact.place or fact.channel)
        if fact.text:
            scene.lines.append(Line(fact.at, "story", "", fact.text))
        outcome = self._say("rows", how=fact.outcome) if fact.outcome.isdigit() else fact.outcome
        if outcome:
            text = self._say("looks", what=fact.place or fact.channel, how=outcome.replace("_", " "))
            scene.lines.append(Line(fact.at, "does", self._customer, text))

    # Behind the scenes -----------------------------------------------------------------------------------

    def _behind(self, at: Instant, text: str) -> None:
        scene = self._beside(at, "work")
        scene.lines.append(Line(at, "behind", self._say("behind"), text))

    def _appointment(self, fact: facts.AppointmentMade) -> None:
        if fact.whose in self._addresses or fact.call in self._mine:
            how = self._say(fact.change) if fact.change in WORDS else fact.change
            when = f"{fact.starts[:10]} {fact.starts[11:16]}–{fact.ends[11:16]}"
            self._behind(fact.at, self._say("appointment", what=when, how=how))

    def _ordered(self, fact: facts.WorkOrdered) -> None:
        if fact.call in self._mine:
            self._orders[fact.order] = fact.call
            self._behind(fact.at, self._say("work", how=self._say("ordered")))

    def _assigned(self, fact: facts.WorkAssigned) -> None:
        if fact.order in self._orders:
            how = self._say("assigned", what=self._agent(fact.agent))
            self._behind(fact.at, self._say("work", how=how))

    def _work_ended(self, fact: facts.WorkEnded) -> None:
        if fact.order in self._orders:
            how = self._say(fact.result)
            self._behind(fact.at, self._say("work", how=f"{how} ({fact.note})" if fact.note else how))
