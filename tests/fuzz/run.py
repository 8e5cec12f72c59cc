"""One seed: people who behave, a world that does not, and the auditor after every input."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ivr.core import events, facts
from ivr.core.acts import ACTS
from ivr.core.events import Event
from ivr.core.facts import Fact
from ivr.core.law import exponential
from ivr.core.time import NEVER, Instant, Ms
from ivr.observe.audit import Audit
from ivr.observe.call_record import CallRecord
from ivr.observe.fan import Fan
from ivr.observe.records import Records
from ivr.people import AgentScript, CallerKind, Script
from ivr.sim import House
from tests.fuzz.center import center_for

KEYS = "0123456789*#A"
AGENTS = ("anna", "boris", "clara", "daniel")
BOSSES = ("anna", "clara")
TARGETS = (*AGENTS, "support", "billing", "sales", "plumber", "1", "2", "nobody")


@dataclass
class Outcome:
    """What a seed met; `trace` are its last inputs."""

    seed: int
    inputs: int = 0
    facts: int = 0
    met: Counter[str] = field(default_factory=Counter)
    trace: list[tuple[Instant, Event]] = field(default_factory=list)


class Mad:
    """Events at random, many of them at the very instant in which something else happens."""

    def __init__(
        self,
        house: House,
        chance: Random,
        until: Instant,
        agents: Sequence[str] = AGENTS,
        rest_ms: Ms = 0,
    ) -> None:
        """`rest_ms` is the mean time of peace between two strikes, beyond what there is anyway."""
        self.house = house
        self.chance = chance
        self.until = until
        self.agents = agents
        self.rest_ms = rest_ms
        self.tongue = Random(until)
        self.reservations: dict[str, facts.ReservationMade] = {}
        self.dialled: list[str] = ["o-1"]
        self.kinds: list[Callable[[], list[Event]]] = [
            self._keys, self._staff, self._staff, self._reserved, self._reserved, self._talk, self._talk,
            self._lines, self._rubbish, self._gone, self._beyond, self._consult, self._consult, self._supervise,
        ]  # fmt: skip

    def fact(self, fact: Fact) -> None:
        if isinstance(fact, facts.ReservationMade):
            self.reservations[fact.agent] = fact
        elif isinstance(fact, facts.DialStarted) or (
            isinstance(fact, facts.CallStarted) and fact.direction == "out"
        ):
            self.dialled.append(fact.line)

    def strike(self, _: object) -> None:
        driver, chance = self.house.driver, self.chance
        for event in [*chance.choice(self.kinds)(), *self._words()]:
            driver.post(event)
        if driver.now >= self.until:
            return
        if self.rest_ms:
            driver.later(int(chance.expovariate(1 / self.rest_ms)), self._aim, None)
        else:
            self._aim(None)

    def _aim(self, _: object) -> None:
        """Strike soon, or when the next alarm is due."""
        driver, chance = self.house.driver, self.chance
        due = self.house.engine.next_due()
        delay = (
            due - driver.now if chance.random() < 0.4 and due < NEVER else int(chance.expovariate(1 / 900))
        )
        driver.later(min(max(delay, 0), 20_000), self.strike, None)

    def _line(self) -> str:
        lines = [call.line for call in self.house.engine.calls().values()]
        return self.chance.choice(
            [*lines[:30], *lines[-3:], "p-x", "a-anna", self.chance.choice(self.dialled)]
        )

    def _agent(self) -> str:
        return self.chance.choice(self.agents)

    def _keys(self) -> list[Event]:
        line = self._line()
        return [
            events.KeyPressed(line, self.chance.choice(KEYS))
            for _ in range(self.chance.choice([1, 1, 2, 40]))
        ]

    def _staff(self) -> list[Event]:
        agent = self._agent()
        return [
            self.chance.choice(
                [
                    events.AgentSignedIn(agent, self.chance.random() < 0.8),
                    events.AgentSignedOut(agent),
                    events.AgentLost(agent),
                    events.AgentPaused(agent, self.chance.choice(["", "lunch"])),
                    events.AgentReady(agent),
                    events.AgentReady(agent),
                    events.AgentSignedIn(agent),
                ]  # fmt: skip
            )
            for _ in range(self.chance.choice([1, 1, 2]))
        ]

    def _reserved(self) -> list[Event]:
        agent = self._agent()
        made = self.reservations.get(agent)
        if made is None:
            return [events.ReservationAccepted(agent, 1)]
        call = self.house.engine.calls().get(made.call)
        line = call.line if call is not None else "p-x"
        accept, gone = events.ReservationAccepted(agent, made.reservation), events.LineEnded(line)
        ways: list[list[Event]] = [
            [accept, gone], [gone, accept], [accept, accept], [events.ReservationRejected(agent, made.reservation)],
            [accept, events.AgentHungUp(agent)], [events.AgentPaused(agent, "now"), accept],
            [events.KeyPressed(line, "9"), accept], [events.KeyPressed(line, "1"), accept], [accept],
            [events.AgentLost(agent), accept],
        ]  # fmt: skip
        return self.chance.choice(ways)

    def _talk(self) -> list[Event]:
        agent = self._agent()
        ways: list[list[Event]] = [
            [events.AgentHeld(agent)], [events.AgentResumed(agent)], [events.AgentHungUp(agent)],
            [events.AgentHeld(agent), events.AgentTransferred(agent, self.chance.choice(TARGETS))],
            [events.AgentTransferred(agent, self.chance.choice(TARGETS))],
            [events.AgentWrappedUp(agent, "x" * 200)],
        ]  # fmt: skip
        return self.chance.choice(ways)

    def _lines(self) -> list[Event]:
        line = self.chance.choice([*self.dialled[-4:], f"o-{self.chance.randint(1, 40)}"])
        ways: list[list[Event]] = [
            [events.LineAnswered(line)], [events.LineFailed(line, self.chance.choice(["busy", "eh"]))],
            [events.LineEnded(line)], [events.LineAnswered(line), events.LineEnded(line)],
        ]  # fmt: skip
        return self.chance.choice(ways)

    def _beyond(self) -> list[Event]:
        """Work, messages and triggers; many of them nobody waits for."""
        ways: list[list[Event]] = [
            [events.WorkFinished(self._agent(), self.chance.choice(["done", "no_show", "rescheduled", "?"]))],
            [events.WorkFinished(self._agent(), "done", self.chance.randint(0, 20), "note")],
            [events.AgentLost(self._agent()), events.WorkFinished(self._agent())],
            [
                events.MessageReceived(
                    self.chance.choice(["sms", "fax"]), self.chance.choice(["+1", "+2"]), "yes"
                )
            ],
            [events.FlowTriggered(self.chance.choice(["missed", "nothing"]), self.chance.choice(["+1", ""]))],
            [events.CallbackRestored(self.chance.choice(["support", "gone"]), "+2", 1, tries=2, attempts=1)],
            [events.FlowTriggered("paid", "+2", {"customer": {"price": self.chance.choice(["x", "9"])}})],
        ]
        return self.chance.choice(ways)

    def _words(self) -> list[Event]:
        """What is said and noted; chance of its own, for it changes nothing of what else happens."""
        chance, text = self.tongue, "word " * self.tongue.choice([0, 1, 1, 300])
        act, about = chance.choice([*ACTS, "?"]), "x" * chance.choice([0, 5, 300])
        lines = [call.line for call in self.house.engine.calls().values() if call.talk is not None]
        ways: list[list[Event]] = [
            [events.AgentSpoke(chance.choice([*self.agents, "nobody"]), text, act, about, about)],
            [events.SpeechHeard(line, text, act, about, about) for line in lines[:2]],
            [events.ContactNoted("+1", "site" * 99, text, about, act, text * 9)],
            [events.RowChanged("customers", "+1", {"price": "9"})], [], [], [],
        ]  # fmt: skip
        return chance.choice(ways)

    def _in(self, *states: str) -> list[str]:
        return [name for name in self.agents if self.house.engine.agent_state(name) in states]

    def _consult(self) -> list[Event]:
        """Somebody is asked about a caller; whoever can leaves in the middle of it."""
        chance = self.chance
        consulting, talking, ready = self._in("consulting"), self._in("talking", "holding"), self._in("ready")
        agent = chance.choice(consulting or talking or self.agents)
        acts = [
            events.ConsultActed(agent, act)
            for act in ("swap", "conference", "swap", "complete", "take_back", "?")
        ]
        target = chance.choice(ready if ready and chance.random() < 0.7 else TARGETS)
        start = events.AgentConsulted(agent, target)
        going: list[list[Event]] = [
            [acts[0]], [acts[0], acts[0]], [acts[1]], [chance.choice(acts), chance.choice(acts)],
            [chance.choice(acts), events.AgentHeld(agent)],
            chance.choice([[events.AgentHungUp(agent)], [events.AgentLost(agent)], [chance.choice(acts)], [acts[0]]]),
            chance.choice([[events.LineEnded(self._line())], [acts[1]]]),
        ]  # fmt: skip
        new: list[list[Event]] = [
            [start], [start], [start, events.LineEnded(self._line())], [start, events.AgentLost(self._agent())],
            [start, chance.choice(acts)],
        ]  # fmt: skip
        return chance.choice(going if consulting and chance.random() < 0.9 else new)

    def _supervise(self) -> list[Event]:
        """Some are supervisors, some only think so."""
        chance = self.chance
        free = [name for name in self._in("paused", "not_responding") if name in BOSSES]
        idle = [name for name in self._in("ready") if name in BOSSES]
        boss = chance.choice(free or idle or [*BOSSES, "boris", "nobody"])
        calls = list(self.house.engine.calls()) or [0]
        waiting = [number for number, call in self.house.engine.calls().items() if call.visit is not None]
        number = chance.choice(waiting if waiting and chance.random() < 0.8 else [*calls[-9:], 10**9])
        join = events.SupervisorJoined(
            boss, self._agent(), chance.choice(["monitor", "whisper", "barge", "?"])
        )
        ways: list[list[Event]] = [
            [join], [events.AgentPaused(boss, "listens"), join], [events.AgentPaused(boss, "listens"), join],
            [events.SupervisorLeft(boss)],
            [events.StateForced(boss, self._agent(), chance.choice(["ready", "paused", "signed_out", "?"]))],
            [events.CallPulled(boss, number)], [events.CallWithdrawn(number, boss)],
            [events.PriorityGiven(number, chance.choice([-3, 0, 3, 99]), boss)],
            [events.AgentPaused(boss), events.CallPulled(boss, number)],
        ]  # fmt: skip
        return chance.choice(ways)

    def _gone(self) -> list[Event]:
        line = self._line()
        return [events.LineEnded(line, self.chance.choice(["hung_up", "lost", "?"])), events.LineEnded(line)]

    def _rubbish(self) -> list[Event]:
        number = self.chance.randint(0, 60)
        ways: list[list[Event]] = [
            [events.PromptFinished(self._line(), number)], [events.SpeechHeard(self._line(), "Wait please" * number)],
            [events.LookupFinished(number, self.chance.choice(["ok", "failed.x", "?"]), {"name": number, "price": "x"})],
            [events.CallArrived(self._line(), "1")], [events.CallArrived(f"m-{number}", self.chance.choice("1234"))],
            [events.PlanReplaced(self.chance.choice(["0", self.other]))], [events.AgentReady("nobody")],
        ]  # fmt: skip
        return self.chance.choice(ways)

    other = ""


def script() -> Script:
    """People with little patience and agents with little zeal."""
    agent = AgentScript(exponential(2_500), exponential(12_000), exponential(3_000), misses=0.15, rejects=0.1,
                        works=exponential(15_000), no_shows=0.2)  # fmt: skip
    kinds = [
        CallerKind(
            wants or number,
            number,
            share,
            wants,
            ("+1", "+2", ""),
            exponential(25_000),
            exponential(1_200),
            0.3,
            0.4,
            0.6,
            0.05,
        )
        for number, share, wants in (
            ("1", 3, "wait"),
            ("1", 2, "russian"),
            ("1", 2, "warm"),
            ("1", 1, "outside"),
            ("1", 1, "offer"),
            ("1", 1, "number"),
            ("1", 1, "message"),
            ("1", 2, "visit"),
            ("2", 1, ""),
            ("3", 2, ""),
        )  # fmt: skip
    ]
    return Script(dict.fromkeys(AGENTS, agent), kinds, 3_000)


def run_seed(seed: int, minutes: int = 10) -> Outcome:
    """Run a seed.

    Raises:
        AssertionError: an invariant broke; the outcome is its second argument.
    """
    outcome = Outcome(seed)
    center, other = center_for(seed), center_for(seed, " again")
    audit = Audit(center.plan)
    records: list[CallRecord] = []
    fan = Fan()
    fan.add(Records(records.append).handlers())
    house: House

    def tell(fact: Fact) -> None:
        outcome.facts += 1
        note_met(outcome.met, fact)
        audit.fact(fact)
        mad.fact(fact)
        fan.tell(fact)

    house = House(center, str(seed), tell, script=script())
    mad = Mad(house, Random(seed), minutes * 60_000)
    mad.other = other.plan.digest
    house.engine.adopt(other.plan)
    audit.adopt(other.plan)
    audit.attach(house.engine)

    def note(at: Instant, event: Event) -> None:
        outcome.inputs += 1
        outcome.trace.append((at, event))
        audit.settled(house.engine.snapshot())  # what the input before has left behind
        del outcome.trace[:-12]

    house.driver.on_input = note
    try:
        house.driver.later(1_000, mad.strike, None)
        house.run(minutes * 60_000)
        close(house, audit)
        started = outcome.met["fact CallStarted"]
        assert len(records) == started, f"I2: {len(records)} records of {started} calls"
    except Exception as error:
        raise AssertionError(str(error), outcome) from error
    outcome.met.update({f"audit: {probe}": count for probe, count in audit.probes.items()})
    return outcome


def close(house: House, audit: Audit, agents: Sequence[str] = AGENTS) -> None:
    """The center closes, and nothing is left of anything."""
    engine, at = house.engine, house.driver.now
    audit.settled(engine.snapshot())
    engine.handle(at, events.CenterStopped())
    audit.finished()
    for agent in agents:
        engine.handle(at, events.AgentLost(agent))
        audit.settled(engine.snapshot())
    assert engine.next_due() == NEVER, f"I10: an alarm is left at {engine.next_due()}"


_BRANCHES: dict[type[Fact], Callable[[Any], str]] = {
    facts.QueueLeft: lambda fact: f"queue {fact.outcome}",
    facts.QueueRefused: lambda fact: f"queue {fact.outcome}",
    facts.StepEnded: lambda fact: f"step {fact.verb} {fact.result.partition('.')[0]}",
    facts.TransferEnded: lambda fact: f"transfer {fact.result}",
    facts.CallbackEnded: lambda fact: f"callback {fact.result}",
    facts.FlowFailed: lambda fact: f"failed {fact.kind}",
    facts.EventIgnored: lambda fact: f"ignored {fact.event}",
    facts.ReservationEnded: lambda fact: f"reservation {fact.result} {fact.why}",
    facts.AgentMoved: lambda fact: f"agent {fact.left} to {fact.state}",
    facts.LimitReached: lambda fact: f"limit {fact.limit}",
    facts.TalkEnded: lambda fact: f"talk ended by {fact.ended_by}",
    facts.DialEnded: lambda fact: f"dial {fact.result}",
    facts.MessageEnded: lambda fact: f"message {fact.result.partition('.')[0]}",
    facts.AppointmentMade: lambda fact: f"appointment {fact.change}",
    facts.WorkEnded: lambda fact: f"work {fact.result}",
    facts.CallEnded: lambda fact: f"call {fact.reason}",
}


def note_met(met: Counter[str], fact: Fact) -> None:
    """Count what a fact says of the branches that were taken."""
    kind = type(fact)
    met["fact " + kind.__name__] += 1
    if (branch := _BRANCHES.get(kind)) is not None:
        met[branch(fact)] += 1


SOMETIMES = (
    *(f"queue {outcome}" for outcome in (
        "answered", "abandoned", "short_abandoned", "timeout", "exit_key", "callback", "overflowed", "left_empty",
        "withdrawn", "blocked_full", "blocked_empty",
    )),
    *(f"transfer {result}" for result in ("connected", "queued", "no_answer", "busy", "rejected", "failed", "hung_up")),
    *(f"callback {result}" for result in ("reached", "failed", "dropped")),
    *(f"talk ended by {who}" for who in ("caller", "agent", "party", "transfer", "lost", "center")),
    *(f"call {reason}" for reason in ("caller_hung_up", "line_lost", "flow_hung_up", "not_reached", "shutdown")),
    *(f"agent {moved}" for moved in (
        "ready to reserved", "reserved to ready", "reserved to talking", "reserved to paused", "reserved to signed_out",
        "reserved to not_responding", "talking to holding", "holding to wrap_up", "talking to signed_out",
        "not_responding to ready", "wrap_up to paused", "wrap_up to signed_out",
    )),
    *(f"dial {result}" for result in ("answered", "no_answer", "failed", "busy", "given_up")),
    *(f"message {result}" for result in ("delivered", "failed", "replied", "no_reply")),
    *(f"appointment {change}" for change in ("booked", "confirmed", "moved", "cancelled")),
    *(f"work {result}" for result in ("done", "late", "no_show", "never_assigned", "rescheduled", "cancelled", "dropped")),
    "agent reserved to working", "agent working to signed_out", "call flow_ended", "failed no_caller",
    "step offer accepted", "step offer exhausted", "step offer hung_up", "step menu give_up", "step ask entered",
    "step ask skipped", "step record recorded", "step record empty", "step run hung_up", "step lookup key",
    "failed expression", "limit type_ahead", "fact PlanChanged", "fact HoldEnded", "fact CallbackTried",
    "fact ContactMade", "fact WorldChanged",
)  # fmt: skip
"""What a campaign of a hundred seeds must have met; the auditor's own probes come on top."""
