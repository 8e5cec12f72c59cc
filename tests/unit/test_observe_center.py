"""A small center for the tests of `observe` and `store`: the real engine, a plan made by hand."""

from collections import Counter
from collections.abc import Callable
from random import Random

from ivr.core import events, facts
from ivr.core.call import Call
from ivr.core.commands import RecordingOutlet
from ivr.core.engine import Engine
from ivr.core.facts import Fact
from ivr.core.flow.model import Expression, Flow, Node, Prompt, State, Template
from ivr.core.flow.steps import Callback, HangUp, Queue, Transfer
from ivr.core.flow.values import ValueType
from ivr.core.plan import AgentPlan, CallbackOffer, Plan, QueuePlan, ServiceLevel

QUEUES = {
    "sales": QueuePlan("sales", wrap_up_ms=10_000, service_level=ServiceLevel(20_000, 0.8)),
    "support": QueuePlan(
        "support",
        ring_ms=8_000,
        max_wait_ms=40_000,
        max_length=5,
        overflow_to="sales",
        weight=1,
        service_level=ServiceLevel(25_000, 0.75),
        short_abandon_ms=4_000,
    ),
}
AGENTS = {
    "ann": AgentPlan("ann", ("sales", "support"), {"fr": 2}),
    "ben": AgentPlan("ben", ("support",), {"fr": 1}),
    "cem": AgentPlan("cem", ("sales",)),
}


def template(text: str) -> Template:
    return Template(text, frozenset(), lambda _: text)


def constant(value: object, kind: str = "text") -> Expression:
    return Expression(repr(value), ValueType(kind), frozenset(), lambda _: value, constant=True)


def prompt(text: str) -> Prompt:
    return Prompt({"en": template(text)})


def queue_flow(name: str, queue: str, **settings: object) -> Flow:
    """A flow of one state: queue, and hang up however that ends; a callback is booked when asked for."""
    end = HangUp(verb="hangup", flow=name, state="wait", path="1")
    booked = Callback(
        verb="callback",
        flow=name,
        state="wait",
        path="2",
        next=end,
        queue=queue,
        to=constant("+351911111111"),
    )
    booked.tries, booked.retry_every_ms = 2, 30_000
    handlers: dict[str, Node] = dict.fromkeys(("timeout", "closed", "full", "empty", "failed"), end)
    handlers["callback"] = booked
    step = Queue(verb="queue", flow=name, state="wait", path="0", queue=queue, next=end, handlers=(handlers,))
    for key, value in settings.items():
        setattr(step, key, value)
    return Flow(name, "r1", {"wait": State(name, "wait", step)}, State(name, "wait", step))


def transfer_flow() -> Flow:
    end = HangUp(verb="hangup", flow="direct", state="pass_on", path="1")
    handlers: dict[str, Node] = dict.fromkeys(("busy", "no_answer", "rejected", "failed"), end)
    step = Transfer(
        verb="transfer",
        flow="direct",
        state="pass_on",
        path="0",
        target="support",
        kind="queue",
        next=end,
        handlers=(handlers,),
    )
    return Flow(
        "direct", "r1", {"pass_on": State("direct", "pass_on", step)}, State("direct", "pass_on", step)
    )


def small_plan() -> Plan:
    flows = [
        queue_flow("buy", "sales"),
        queue_flow("help", "support", callback=CallbackOffer(prompt("press 1"), "1", 2_000)),
        queue_flow("vip", "support", priority=constant(5, "integer")),
        queue_flow("french", "support", skills=(("fr", 2),)),
        transfer_flow(),
    ]
    numbers = {"100": "buy", "200": "help", "300": "vip", "400": "french", "500": "direct"}
    return Plan(
        "small",
        "d" * 64,
        "UTC",
        "en",
        "EUR",
        {flow.name: flow for flow in flows},
        numbers,
        QUEUES,
        AGENTS,
        {"partner": "+351922222222"},
        {},
        {},
        {},
        {},
    )


class Center:
    """The engine with a list of its facts; `tell` hears them too."""

    def __init__(self, plan: Plan | None = None, *tell: Callable[[Fact], None], first_call: int = 1) -> None:
        self.facts: list[Fact] = []
        self.inputs: list[tuple[int, events.Event]] = []
        self.outlet = RecordingOutlet()
        self._tell = (self.facts.append, *tell)
        self.engine = Engine(plan or small_plan(), "seed", self.outlet, self._witness, first_call=first_call)

    def _witness(self, fact: Fact) -> None:
        for tell in self._tell:
            tell(fact)

    def do(self, at: int, event: events.Event) -> None:
        self.inputs.append((at, event))
        self.engine.handle(at, event)

    def reservation(self, agent: str) -> int:
        """The open reservation of an agent, 0 without one."""
        open_one = self.engine.acd().staff.agents[agent].reservation
        return open_one.id if open_one is not None else 0


def busy_hours(
    center: Center, seed: int, steps: int = 600, *, after: Callable[[], None] = lambda: None
) -> None:
    """Seeded callers and agents doing whatever they may, and some things they may not."""
    random = Random(seed)
    now, line = 0, 0
    for name in AGENTS:
        center.do(now, events.AgentSignedIn(name))
    for step in range(steps):
        due = center.engine.next_due()
        # exactly on an alarm, or in the same instant, is where races are
        gap = random.choice((0, 0, 700, 3_000, 9_000))
        now = due if random.random() < 0.25 and due < now + 60_000 else now + gap
        calls = list(center.engine.calls().values())
        if not calls or random.random() < 0.2:
            line += 1
            number = random.choice(("100", "200", "200", "300", "400", "500"))
            event: events.Event = events.CallArrived(f"p-{line}", number)
        elif random.random() < 0.35:
            event = _by_a_caller(random, random.choice(calls))
        else:
            event = _by_an_agent(random, center)
        center.do(now, event)
        after()
        for call in list(center.engine.calls().values()) if step % 10 == 0 else ():
            if call.talk is not None:
                center.do(now, events.AgentSpoke(call.talk.party, "Hello?", "asks", "name"))
                center.do(now, events.SpeechHeard(call.line, "Ada", "answers", "name", "Ada"))


def _by_a_caller(random: Random, call: Call) -> events.Event:
    if call.line.startswith("o-") and call.talk is None:
        return (
            events.LineAnswered(call.line) if random.random() < 0.5 else events.LineFailed(call.line, "busy")
        )
    if call.play and random.random() < 0.6:
        return events.PromptFinished(call.line, call.play)
    if call.visit is not None and random.random() < 0.5:
        return events.KeyPressed(call.line, random.choice("12"))
    return events.LineEnded(call.line)


def _by_an_agent(random: Random, center: Center) -> events.Event:
    rung = [name for name in AGENTS if center.reservation(name)]
    if rung and random.random() < 0.5:
        agent = random.choice(rung)
        if random.random() < 0.1:
            call = center.engine.calls().get(center.engine.acd().staff.agents[agent].reservation.call_id)  # type: ignore[union-attr]
            return events.LineEnded(call.line) if call is not None else events.AgentLost(agent)
        return events.ReservationAccepted(agent, center.reservation(agent))
    agent = random.choice(list(AGENTS))
    kind = random.random()
    if kind < 0.1:
        return events.ReservationRejected(agent, center.reservation(agent))
    if kind < 0.45:
        return events.AgentHungUp(agent)
    if kind < 0.53:
        return events.AgentHeld(agent)
    if kind < 0.58:
        return events.AgentResumed(agent)
    if kind < 0.66:
        return events.AgentTransferred(agent, random.choice(("support", "cem", "ben", "partner", "100")))
    if kind < 0.71:
        return random.choice((events.AgentPaused, events.AgentLost, events.AgentSignedOut))(agent)
    if kind < 0.93:
        return random.choice((events.AgentReady, events.AgentSignedIn))(agent)
    if kind < 0.96:
        return events.ReservationAccepted(agent, center.reservation(agent) - 1)
    return events.AgentWrappedUp(agent, "sold")


def closed(center: Center) -> None:
    """Close the center down: every call ends."""
    center.do(center.engine.now + 1_000, events.CenterStopped())


def test_a_busy_center_tells_every_kind_of_fact_the_folds_need() -> None:
    center = Center()
    busy_hours(center, 1, 1_500)
    closed(center)
    seen = Counter(type(fact) for fact in center.facts)
    wanted = (
        facts.CallQueued,
        facts.QueueLeft,
        facts.ReservationEnded,
        facts.HoldEnded,
        facts.TalkEnded,
        facts.TransferEnded,
        facts.WrapUpEnded,
        facts.CallbackBooked,
        facts.CallbackTried,
        facts.CallbackEnded,
        facts.EventIgnored,
    )
    assert not [kind.__name__ for kind in wanted if not seen[kind]]
    assert seen[facts.CallStarted] == seen[facts.CallEnded]
