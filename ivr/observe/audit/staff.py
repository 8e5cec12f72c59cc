"""The auditor's own idea of agents, reservations, talks and transfers."""

from typing import Final

from ivr.core import facts
from ivr.core.acts import ACTS
from ivr.core.plan import AgentPlan, Plan
from ivr.core.time import Instant, Ms
from ivr.limits import NAME_CHARS_MAX, SPEECH_CHARS_MAX
from ivr.observe.audit.checks import Checks
from ivr.observe.audit.choice import Choice
from ivr.observe.audit.consults import Consult, Consults
from ivr.observe.audit.held import Place
from ivr.observe.audit.places import Places

MOVES: Final = {
    "signed_out": ("ready", "paused"),
    "paused": ("ready", "reserved", "paused", "signed_out"),
    "ready": ("reserved", "paused", "signed_out"),
    "reserved": ("ready", "talking", "consulting", "working", "paused", "not_responding", "signed_out"),
    "talking": ("holding", "consulting", "wrap_up", "ready", "paused", "signed_out"),
    "holding": ("talking", "consulting", "wrap_up", "ready", "paused", "signed_out"),
    "consulting": ("talking", "wrap_up", "ready", "paused", "signed_out"),
    "wrap_up": ("ready", "paused", "signed_out"),
    "working": ("ready", "reserved", "paused", "signed_out"),
    "not_responding": ("ready", "reserved", "paused", "signed_out"),
}
"""Where an agent may go from each state."""

_IN_TALK: Final = ("talking", "holding", "consulting")
_ENDED_BY: Final = ("caller", "agent", "party", "transfer", "lost", "shift_end", "center")


class Agent:
    """An agent; `accepted` is the call (or, negative, the callback) they said yes to and wait for.

    `orders` are the work orders they have in hand, `sated` says that they refused a further one since the last was
    done. `consult` is the call about which they ask, or are asked.
    """

    __slots__ = (
        "accepted",
        "consult",
        "name",
        "orders",
        "reservation",
        "sated",
        "since",
        "spent",
        "state",
        "talk",
        "worked",
        "wrap_up_ms",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = "signed_out"
        self.since: Instant = 0
        self.spent: Ms = 0
        self.reservation = 0
        self.accepted = 0
        self.consult = 0
        self.orders: set[int] = set()
        self.sated = False
        self.talk: Talk | None = None
        self.worked = 0
        self.wrap_up_ms: Ms = 0


class Reservation:
    """An agent is asked; `place` is None for a transfer, which then has it."""

    __slots__ = ("consult", "fact", "place", "ring_ms", "transfer")

    def __init__(self, fact: facts.ReservationMade, ring_ms: Ms) -> None:
        self.fact = fact
        self.ring_ms = ring_ms
        self.place: Place | None = None
        self.transfer: Transfer | None = None
        self.consult: Consult | None = None


class Talk:
    """Two parties who hear each other."""

    __slots__ = ("agent", "call", "fact", "held", "held_since")

    def __init__(self, fact: facts.Connected, agent: Agent | None) -> None:
        self.fact = fact
        self.call = fact.call
        self.agent = agent
        self.held: Ms = 0
        self.held_since: Instant | None = None


class Transfer:
    """A call that is being passed on."""

    __slots__ = ("accepted", "fact", "reservation")

    def __init__(self, fact: facts.TransferStarted) -> None:
        self.fact = fact
        self.reservation = 0
        self.accepted = ""


class Staff:
    """Every agent, open reservation, talk and transfer."""

    def __init__(self, plan: Plan, checks: Checks, places: Places) -> None:
        self.plan = plan
        self.choice = Choice(plan, checks)
        places.floor = self.choice.floor
        self._checks = checks
        self._places = places
        self.agents = {name: Agent(name) for name in plan.agents}
        self.reservations: dict[int, Reservation] = {}
        self.talks: dict[int, Talk] = {}
        self.transfers: dict[int, Transfer] = {}
        self.asking = Consults(self, checks)
        self._last_reservation = 0
        self._hung_up: tuple[Instant, set[str]] = (-1, set())

    def moved(self, fact: facts.AgentMoved) -> None:
        """An agent changes state."""
        that = self._checks.that
        agent = self.agents[fact.agent]
        that("I13", fact.left == agent.state, agent.name, "left", fact.left, "but was", agent.state)
        that("I13", fact.since == agent.since, agent.name, "since", fact.since, "but was", agent.since)
        that("I21", fact.state in MOVES[fact.left], agent.name, fact.left, "to", fact.state)
        agent.spent += fact.at - fact.since
        that("I13", agent.spent == fact.at, agent.name, "spent", agent.spent, "ms")
        if fact.left == "reserved":
            that("I3", not agent.reservation, agent.name, "left a reservation open")
            if fact.state in ("talking", "consulting"):
                that("I3", agent.accepted != 0, agent.name, "talks without having accepted")
            elif fact.state == "working":
                that("I11", bool(agent.orders), agent.name, "is away without a work order")
                agent.accepted = 0
            else:
                agent.accepted = 0
        elif fact.left in _IN_TALK and fact.state not in _IN_TALK:
            that("I3", agent.talk is None, agent.name, "left a talk open")
            that("I3", agent.consult == 0, agent.name, "left a consultation open")
            agent.accepted = 0
        elif fact.left == "working" and fact.state != "reserved":
            that("I11", not agent.orders, agent.name, "left work orders open", agent.orders)
        agent.state, agent.since = fact.state, fact.at
        self.choice.moved(fact)
        if fact.state == "not_responding":
            self._checks.met("an agent stopped responding")

    # Reservations ------------------------------------------------------------------------------------------

    def made(self, fact: facts.ReservationMade) -> None:
        """An agent is asked to take a call."""
        that = self._checks.that
        agent = self.agents[fact.agent]
        self._last_reservation += 1
        that("I3", fact.reservation == self._last_reservation, "reservation", fact.reservation, "out of turn")
        that("I3", agent.state == "reserved", agent.name, "is asked while", agent.state)
        that("I3", not agent.reservation and agent.talk is None, agent.name, "is asked twice")
        served = self.plan.agents[agent.name].queues
        serves = not fact.queue or fact.queue in served or fact.pulled
        that("I3", serves, agent.name, "does not serve", fact.queue)
        agent.reservation = fact.reservation
        self.reservations[fact.reservation] = made = Reservation(
            fact, self.plan.queues[fact.queue].ring_ms if fact.queue else 0
        )
        transfer = self.transfers.get(fact.call)
        visit = self._places.visits.get(fact.call)
        if transfer is not None and visit is None and not transfer.reservation and not transfer.accepted:
            made.transfer = transfer
            transfer.reservation = fact.reservation
            return
        consult = self.asking.consults.get(fact.call)
        if consult is not None and visit is None:
            that(
                "I3", not consult.reservation and not consult.party, "call", fact.call, "is asked about twice"
            )
            made.consult = consult
            consult.reservation = fact.reservation
            return
        place = self._places.candidate(fact)
        if place is None:
            self._checks.fail("I4", agent.name, "is asked for call", fact.call, "that does not wait")
        self._places.queues[place.queue].wake(place)
        if fact.pulled:
            self._checks.met("a supervisor pulled a call")
        else:
            plan = self.plan.agents[agent.name]
            if agent.orders:
                self._further(agent, plan, place)
            self._places.check_next(place, plan, orders=bool(agent.orders))
            self.choice.asked(fact, place, at_work=bool(agent.orders))
        place.reservations.add(fact.reservation)
        if len(place.reservations) > 1 and not fact.pulled:
            several = self.plan.queues[place.queue].strategy in ("ring_all", "ring_progressively")
            that("I4", several, "call", fact.call, "is asked for at several agents")
            self._checks.met("several phones rang for one call")
        made.place = place

    def _further(self, agent: Agent, plan: AgentPlan, place: Place) -> None:
        """Who has work orders in hand is asked for one more of them, if there is room, and for nothing else."""
        that = self._checks.that
        that("I11", bool(place.order), agent.name, "is asked for a call while at work")
        that("I11", len(agent.orders) < plan.capacity, agent.name, "has no room for a further order")
        that("I11", not agent.sated, agent.name, "has refused a further order")
        self._checks.met("an agent at work was asked for a further order")

    def has_room(self, agent: Agent) -> bool:
        """Whether an agent at work on orders may be asked for further ones, as far as facts tell."""
        capacity = self.plan.agents[agent.name].capacity
        return agent.state == "working" and len(agent.orders) < capacity and not agent.sated

    def ended(self, fact: facts.ReservationEnded) -> None:
        """The asking is over."""
        that = self._checks.that
        agent = self.agents[fact.agent]
        made = self.reservations.pop(fact.reservation, None)
        if made is None:
            self._checks.fail("I10", "reservation", fact.reservation, "is not open")
        asked = made.fact
        same = (fact.call, fact.queue, fact.agent) == (asked.call, asked.queue, asked.agent)
        that("I3", same and agent.reservation == fact.reservation, "reservation", fact.reservation, "changed")
        that("I10", fact.rang_ms == fact.at - asked.at, "rang", fact.rang_ms, "not", fact.at - asked.at)
        agent.reservation = 0
        if fact.result == "accepted":
            agent.accepted = fact.call
        elif fact.result != "rescinded":
            agent.sated = bool(agent.orders)
        if fact.why.startswith("agent_"):
            self._checks.met("a reservation was taken back because the agent left")
        elif fact.result == "rejected":
            self._checks.met("a reservation was rejected")
        if made.consult is not None:
            made.consult.reservation = 0
        elif made.transfer is not None:
            made.transfer.reservation = 0
            made.transfer.accepted = fact.agent if fact.result == "accepted" else ""
        elif made.place is not None:
            self._place_free(fact, made.place, made.ring_ms, agent)

    def _place_free(self, fact: facts.ReservationEnded, place: Place, ring_ms: Ms, agent: Agent) -> None:
        on_time = fact.rang_ms == ring_ms if fact.result == "lapsed" else fact.rang_ms <= ring_ms
        self._checks.that("I10", on_time, "reservation", fact.reservation, fact.result, "after", fact.rang_ms)
        place.reservations.discard(fact.reservation)
        if fact.result == "rescinded" and fact.why == "answered":
            self._checks.met("another phone took the call")
        elif fact.result != "accepted":
            place.failed += 1
            place.failed_at = fact.at
            waiting = self._places.waiting(fact.queue)
            if fact.result == "lapsed" and waiting > 1:
                self._checks.met("a reservation lapsed while others waited")
        elif place.callback:
            agent.accepted = -place.callback
            self._places.out(place)
        elif place.order:
            agent.orders.add(place.order)
            self._places.out(place)

    def left_queue(self, fact: facts.QueueLeft, place: Place) -> None:
        """A visit ended: answered only by the agent who has just accepted."""
        if fact.outcome == "answered":
            agent = self.agents[fact.agent]
            self._checks.that("I3", agent.accepted == fact.call, fact.agent, "did not accept call", fact.call)
        elif place.reservations:
            if self._hung_up[0] != fact.at:
                self._hung_up = (fact.at, set())
            self._hung_up[1].update(self.reservations[number].fact.agent for number in place.reservations)

    def ignored(self, fact: facts.EventIgnored) -> None:
        """Something came late."""
        self._checks.met("an event was ignored")
        at, asked = self._hung_up
        if fact.event == "reservation_accepted" and at == fact.at and fact.subject in asked:
            self._checks.met("an accept came in the instant the caller hung up")

    # Talks -------------------------------------------------------------------------------------------------

    def connected(self, fact: facts.Connected) -> None:
        """Two parties hear each other."""
        that = self._checks.that
        that("I4", fact.call not in self.talks, "call", fact.call, "is in a talk already")
        that("I4", fact.call not in self._places.visits, "call", fact.call, "talks while it waits")
        agent = None
        if fact.line.startswith("a-"):
            agent = self.agents[fact.party]
            that("I3", agent.state == "talking", agent.name, "is connected while", agent.state)
            that("I3", agent.talk is None, agent.name, "is in a talk already")
            that("I3", agent.accepted == fact.call, agent.name, "accepted", agent.accepted, "not", fact.call)
            agent.accepted = 0
            self.choice.connected(agent.name)
        self.talks[fact.call] = talk = Talk(fact, agent)
        if agent is not None:
            agent.talk = talk

    def talk_of(self, call: int) -> Talk:
        """The talk a call is in."""
        talk = self.talks.get(call)
        if talk is None:
            self._checks.fail("I4", "call", call, "is in no talk")
        return talk

    def said(self, fact: facts.Said) -> None:
        """Somebody in a talk says something."""
        talk = self.talk_of(fact.call)
        by = talk.agent.name if talk.agent is not None else fact.by
        heard = talk.held_since is None and fact.by in ("", by)
        self._checks.that("I24", heard, repr(fact.by), "says something in call", fact.call, "to nobody")
        most = max(len(fact.about), len(fact.detail))
        right = fact.act in ACTS and len(fact.text) <= SPEECH_CHARS_MAX and most <= NAME_CHARS_MAX
        self._checks.that("I24", right, "call", fact.call, "has the words", fact)
        self._checks.met(f"{'an agent' if fact.by else 'a caller'} said something")

    def held(self, fact: facts.HoldStarted) -> None:
        """The caller is put on hold."""
        talk = self.talk_of(fact.call)
        states = ("holding", "consulting")
        right = talk.held_since is None and talk.agent is not None and talk.agent.state in states
        self._checks.that("I19", right, "call", fact.call, "cannot be held")
        talk.held_since = fact.at

    def resumed(self, fact: facts.HoldEnded) -> None:
        """The hold is over."""
        talk = self.talk_of(fact.call)
        since = talk.held_since
        right = since is not None and fact.held_ms == fact.at - since
        self._checks.that("I19", right, "call", fact.call, "held", fact.held_ms, "since", since)
        talk.held += fact.held_ms
        talk.held_since = None

    def talk_ended(self, fact: facts.TalkEnded) -> None:
        """A talk is over."""
        that = self._checks.that
        talk = self.talk_of(fact.call)
        same = (fact.party, fact.queue) == (talk.fact.party, talk.fact.queue)
        that("I4", same, "call", fact.call, "talked to", talk.fact.party)
        that("I19", talk.held_since is None, "call", fact.call, "is still on hold")
        that("I19", fact.hold_ms == talk.held, "call", fact.call, "hold", fact.hold_ms, "not", talk.held)
        lasted = fact.at - talk.fact.at
        that("I19", fact.talk_ms + fact.hold_ms == lasted, "call", fact.call, "lasted", lasted)
        that("I4", fact.ended_by in _ENDED_BY, "ended by", fact.ended_by)
        del self.talks[fact.call]
        that("I23", fact.call not in self.asking.consults, "call", fact.call, "is still asked about")
        that("I23", fact.call not in self.asking.watched.values(), "call", fact.call, "is still listened to")
        met = self._checks.met
        if fact.ended_by == "caller" and not lasted:
            met("the caller hung up in the instant of the accept")
        if fact.ended_by == "shift_end":
            self._places.hand_over(fact.call)
            met("an agent's shift ended in a talk")
        if fact.ended_by == "lost":
            met("an agent was lost in talk")
        if talk.agent is not None:
            if talk.agent.state == "holding":
                met("a talk ended on hold")
            self.choice.talked(talk.agent.name, fact.talk_ms + fact.hold_ms)
            talk.agent.talk = None
            talk.agent.worked = fact.call
            talk.agent.wrap_up_ms = self.plan.queues[fact.queue].wrap_up_ms if fact.queue else 0

    def wrapped_up(self, fact: facts.WrapUpEnded) -> None:
        """The work after a talk is done."""
        agent = self.agents[fact.agent]
        right = agent.state == "wrap_up" and agent.worked == fact.call
        self._checks.that("I3", right, agent.name, "wraps up call", fact.call, "while", agent.state)
        took_ms, most = fact.at - agent.since, agent.wrap_up_ms
        right = fact.wrap_up_ms == took_ms <= most
        self._checks.that("I19", right, agent.name, "wrapped up", fact.wrap_up_ms, "of", took_ms, most)

    # Transfers ---------------------------------------------------------------------------------------------

    def transfer_started(self, fact: facts.TransferStarted) -> None:
        """A call is being passed on."""
        self._checks.that("I4", fact.call not in self.transfers, "call", fact.call, "is in a transfer")
        self.transfers[fact.call] = Transfer(fact)
        if fact.by != "flow":
            self._places.promise(fact.call)

    def transfer_ended(self, fact: facts.TransferEnded) -> None:
        """How it went."""
        transfer = self.transfers.pop(fact.call, None)
        if transfer is None:
            self._checks.fail("I4", "call", fact.call, "is in no transfer")
        if fact.result in ("connected", "queued"):
            self._places.promised.pop(fact.call, None)
        if fact.result == "connected":
            self._checks.met("a transfer connected")
        elif fact.result == "hung_up":
            self._checks.met("the caller left during a transfer")
