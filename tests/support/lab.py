"""A center driven by hand: one engine, its commands and facts written down, every input audited.

    lab = Lab({"flow": MENU})
    phone = lab.call()
    phone.hears("Press 1")
    phone.press("1")
    assert lab.told(facts.QueueLeft) == [...]

The independent auditor (`ivr.observe.audit`) looks at every fact and after every input, so each test
also proves that no invariant broke on the way.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from ivr.core import Engine, events
from ivr.core.commands import Card, RecordingOutlet, Spoken
from ivr.core.events import Event
from ivr.core.facts import Fact
from ivr.core.time import Ms
from ivr.language import Center, load_sources
from ivr.observe.audit import Audit

F = TypeVar("F", bound=Fact)

CENTER = """\
center: Lab
numbers: {{ "1": main, "2": other }}
contacts: {{ plumber: "+49301" }}
hours:
  always: {{ daily: 00:00..24:00 }}
  office: {{ mon-fri: 08:00..20:00 }}
data:
  customer: {{ name: text, price: money, active: boolean, language: text? }}
{queues}
{agents}
world:
  tables:
    customers: [{{ phone: "1", name: Ada, price: 40.00, active: true }}]
  lookups:
    who: {{ args: {{ phone: text }}, from: customers, match: {{ phone: phone }}, into: customer }}
  runs:
    pay: {{ args: {{ amount: money }}, gives: {{ reference: number }}, result: {{ reference: integer }} }}
"""
QUEUES = "queues: { support: {}, billing: {} }"
AGENTS = "agents: { anna: { queues: [support] }, boris: { queues: [support, billing] } }"
WAITING = """\
flow: main
start: a
states:
  a: [{queue: support, on: {timeout: late, full: late, empty: late, closed: late, callback: back}}, hangup]
  late: [{log: "late"}, hangup]
  back: [{callback: support}, hangup]
"""
OTHER = """\
flow: other
start: o
states: { o: [{say: "The other flow."}, hangup] }
"""


def center_of(flow: str = WAITING, *, queues: str = QUEUES, agents: str = AGENTS, **more: str) -> Center:
    """A center with this flow as `main`; `more` are further flows by name (`other` is there unless given)."""
    sources = {"center.yaml": CENTER.format(queues=queues, agents=agents), "main.flow.yaml": flow}
    for name, text in {"other": OTHER, **more}.items():
        sources[f"{name}.flow.yaml"] = text
    return load_sources(sources)


def states(text: str, head: str = "") -> str:
    """A flow `main` that starts at state `a`; `text` are its states, unindented, `head` what stands above them."""
    body = "".join(f"  {line}\n" for line in text.strip("\n").splitlines())
    return f"flow: main\nstart: a\n{head}\nstates:\n{body}"


class Lab:
    """An engine, what it asked (`out`), what it told (`facts`), and the auditor of both."""

    def __init__(
        self, center: Center | None = None, *, seed: str = "1", audited: bool = True, epoch_ms: int = 0
    ) -> None:
        self.center = center_of() if center is None else center
        self.facts: list[Fact] = []
        self.out = RecordingOutlet()
        self.audit = Audit(self.center.plan)
        self._audited = audited
        self.engine = Engine(self.center.plan, seed, self.out, self._tell, epoch_ms=epoch_ms)
        if audited:
            self.audit.attach(self.engine)
        self.inputs: list[tuple[int, Event]] = []

    def _tell(self, fact: Fact) -> None:
        self.facts.append(fact)
        if self._audited:
            self.audit.fact(fact)

    # Time and events -----------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        return self.engine.now

    def do(self, event: Event) -> None:
        """An event, now."""
        self.inputs.append((self.now, event))
        self.engine.handle(self.now, event)
        self.settle()

    def wait(self, ms: Ms) -> None:
        """Let time pass."""
        self.engine.advance(self.now + ms)
        self.settle()

    def settle(self) -> None:
        if self._audited:
            self.audit.settled(self.engine.snapshot())

    def call(self, line: str = "p-1", dialled: str = "1", caller: str = "") -> "Phone":
        """Somebody calls."""
        self.do(events.CallArrived(line, dialled, caller))
        return Phone(self, line)

    def agent(self, name: str, *, ready: bool = True) -> "Desk":
        """An agent signs in."""
        self.do(events.AgentSignedIn(name, ready))
        return Desk(self, name)

    # What happened -------------------------------------------------------------------------------------

    def told(self, kind: type[F]) -> list[F]:
        """The facts of one class."""
        return [fact for fact in self.facts if type(fact) is kind]

    def last(self, kind: type[F]) -> F:
        """The last fact of a class."""
        return self.told(kind)[-1]

    def changes_nothing(self, event: Event, why: str = "") -> None:
        """The event is ignored: one fact says so, nothing is asked of anybody, and the picture is the same."""
        before, facts, commands = self.engine.snapshot(), len(self.facts), len(self.out.commands)
        due = self.engine.next_due()
        self.do(event)
        told = self.facts[facts:]
        assert [type(fact).__name__ for fact in told] == ["EventIgnored"], told
        assert why in getattr(told[0], "why", ""), told
        assert self.out.commands[commands:] == []
        assert self.engine.snapshot() == before
        assert self.engine.next_due() == due

    def state(self, agent: str) -> str:
        return self.engine.agent_state(agent)


class Phone:
    """A party on a line."""

    def __init__(self, lab: Lab, line: str) -> None:
        self.lab = lab
        self.line = line

    def _playing(self) -> tuple[int, Spoken] | None:
        """What is being played on the line now."""
        playing: tuple[int, Spoken] | None = None
        for name, args in self.lab.out.commands:
            if name == "play" and args[0] == self.line:
                playing = (args[1], args[2])
            elif name == "stop" and playing is not None and args == (self.line, playing[0]):
                playing = None
        heard = playing is not None and any(
            event == events.PromptFinished(self.line, playing[0]) for _, event in self.lab.inputs
        )
        return None if heard else playing

    @property
    def text(self) -> str:
        """What is being said, or empty."""
        playing = self._playing()
        return playing[1].text if playing is not None else ""

    def hears(self, *texts: str) -> None:
        """Hear these prompts out, one after another; each must contain its text."""
        for text in texts:
            playing = self._playing()
            assert playing is not None, f"nothing is said, expected {text!r}"
            assert text in playing[1].text, f"{playing[1].text!r} is said, expected {text!r}"
            self.lab.wait(playing[1].length_ms)
            self.lab.do(events.PromptFinished(self.line, playing[0]))

    def press(self, keys: str) -> None:
        for key in keys:
            self.lab.do(events.KeyPressed(self.line, key))

    def say(self, text: str) -> None:
        self.lab.do(events.SpeechHeard(self.line, text))

    def hang_up(self) -> None:
        self.lab.do(events.LineEnded(self.line))

    @property
    def gone(self) -> bool:
        """Whether the center hung up."""
        return any(args[0] == self.line for args in self.lab.out.of("hang_up"))


class Desk:
    """An agent at work."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.name = name

    @property
    def state(self) -> str:
        return self.lab.state(self.name)

    @property
    def ringing(self) -> int:
        """The number of the reservation that rings here, or 0."""
        number = 0
        for fact in self.lab.facts:
            if getattr(fact, "agent", "") != self.name:
                continue
            kind = type(fact).__name__
            if kind == "ReservationMade":
                number = getattr(fact, "reservation", 0)
            elif kind == "ReservationEnded":
                number = 0
        return number

    @property
    def card(self) -> Card:
        """The last card shown."""
        cards: list[Any] = [args[2] for args in self.lab.out.of("ring") if args[0] == self.name]
        card: Card = cards[-1]
        return card

    def accept(self) -> None:
        assert self.ringing, f"nothing rings at {self.name}"
        self.lab.do(events.ReservationAccepted(self.name, self.ringing))

    def reject(self) -> None:
        assert self.ringing, f"nothing rings at {self.name}"
        self.lab.do(events.ReservationRejected(self.name, self.ringing))

    def hang_up(self) -> None:
        self.lab.do(events.AgentHungUp(self.name))

    def ready(self) -> None:
        self.lab.do(events.AgentReady(self.name))

    def pause(self, reason: str = "") -> None:
        self.lab.do(events.AgentPaused(self.name, reason))

    def sign_out(self) -> None:
        self.lab.do(events.AgentSignedOut(self.name))

    def lose(self) -> None:
        self.lab.do(events.AgentLost(self.name))

    def hold(self) -> None:
        self.lab.do(events.AgentHeld(self.name))

    def resume(self) -> None:
        self.lab.do(events.AgentResumed(self.name))

    def wrap_up(self, code: str = "") -> None:
        self.lab.do(events.AgentWrappedUp(self.name, code))

    def transfer(self, target: str) -> None:
        self.lab.do(events.AgentTransferred(self.name, target))


def names(told: Mapping[str, Any] | list[Any]) -> list[str]:
    """The class names of facts."""
    return [type(fact).__name__ for fact in told]
