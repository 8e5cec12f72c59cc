"""The engine as a state machine: any order of inputs keeps the invariants; small counterexamples.

The fuzz campaign (`tests/fuzz`) goes further into a busy center; this machine shrinks what it finds.
"""

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ivr.core import events, facts
from ivr.core.events import Event
from ivr.core.facts import Fact
from ivr.core.time import NEVER
from ivr.observe.fan import Fan
from ivr.observe.records import Records
from tests.support import Lab, center_of
from tests.support.lab import states

FLOW = """
a:
  - menu: "Choose."
    choices: {1: {label: "wait", goto: wait}, 2: {label: "warm", goto: warm}, 3: {label: "ask", goto: question}}
    listen: {silence: 5s, tries: 2}
    on: {silence: {say: "Nothing."}, give_up: wait}
wait:
  - queue: support
    priority: 2 if caller.number == 'vip' else 0
    callback: {after: 5s, key: 1, say: "Press 1."}
    exit_keys: [3]
    skills: {russian: 1}
    relax: [{after: 8s}]
    prefer: {last: 1m, wait: 4s}
    on: {timeout: late, full: late, empty: late, closed: late, callback: book, exit.3: late}
  - goto: late
warm: [{transfer: clara, whisper: "Hello.", ring: 9s, on: {busy: wait, no_answer: wait, rejected: wait, failed: wait}}, {goto: late}]
question: [{ask: "Number?", digits: 1..3, into: number, on: {give_up: wait}}, {set: {n: round(10 / (len(vars.number) - 2))}}, {goto: late}]
book: [{callback: support, tries: 2, retry_every: 20s, on: {failed: late}}, hangup]
late: [{say: "Late."}, {lookup: who, with: {phone: caller.number}, timeout: 2s, on: {not_found: bye, failed: bye}}, {goto: a}]
bye: [{wait: 1s}, hangup]
gone: [{log: "gone"}, {run: pay, with: {amount: 1}, timeout: 3s, on: {declined: bye, failed: bye}}, hangup]
"""
QUEUES = """
queues:
  support: { ring: 6s, retry_after: 3s, max_misses: 2, wrap_up: 4s, max_wait: 30s, overflow_to: billing, levels: [3s], resume_within: 20s, announce: [{at: start, say: "Wait."}] }
  billing: { ring: 5s, max_length: 2, leave_when_empty: true, strategy: ring_all }
"""
STAFF = """
agents:
  anna: { queues: [support], supervisor: true, shift_end: hand_over }
  boris: { queues: [support, billing], skills: { russian: 1 }, levels: { support: 2 } }
  clara: { queues: [billing] }
"""
CENTER = center_of(
    states(FLOW, "vars: {number: text, n: integer}\non: {error: wait, hangup: gone, keys: {9: late}}"),
    queues=QUEUES,
    agents=STAFF,
)

agents = st.sampled_from(("anna", "boris", "clara"))
lines = st.sampled_from(("p-1", "p-2", "p-3", "p-4", "o-1", "o-2", "a-clara"))
small = st.integers(1, 12)


class Machine(RuleBasedStateMachine):
    """Inputs in any order at any time; the auditor looks at every fact, and after every input."""

    @initialize()
    def start(self) -> None:
        self.records = 0

        def count(_: object) -> None:
            self.records += 1

        self.fan = Fan()
        self.fan.add(Records(count).handlers())
        self.lab = Lab(CENTER)
        self.seen = 0

    def do(self, event: Event) -> None:
        before = len(self.lab.facts)
        picture = self.lab.engine.snapshot()
        commands = len(self.lab.out.commands)
        self.lab.do(event)
        told = self.lab.facts[before:]
        if any(isinstance(fact, facts.EventIgnored) for fact in told):
            assert len(told) == 1
            assert self.lab.engine.snapshot() == picture, "an ignored event changes nothing"
            assert len(self.lab.out.commands) == commands

    @rule(ms=st.sampled_from((0, 1, 999, 1_000, 3_000, 6_000, 30_000)))
    def time_passes(self, ms: int) -> None:
        self.lab.wait(ms)

    @rule()
    def time_passes_to_the_next_alarm(self) -> None:
        due = self.lab.engine.next_due()
        if due < NEVER:
            self.lab.wait(due - self.lab.now)

    @rule(line=lines, caller=st.sampled_from(("", "vip", "+49")))
    def somebody_calls(self, line: str, caller: str) -> None:
        self.do(events.CallArrived(line, "1", caller))

    @rule(line=lines, key=st.sampled_from("1239#*"))
    def a_key(self, line: str, key: str) -> None:
        self.do(events.KeyPressed(line, key))

    @rule(line=lines, play=small)
    def any_prompt_is_heard(self, line: str, play: int) -> None:
        self.do(events.PromptFinished(line, play))

    @rule()
    def the_latest_prompt_is_heard(self) -> None:
        plays = self.lab.out.of("play")
        if plays:
            self.do(events.PromptFinished(plays[-1][0], plays[-1][1]))

    @rule(line=lines)
    def a_line_ends(self, line: str) -> None:
        self.do(events.LineEnded(line))

    @rule(line=lines, answers=st.booleans())
    def a_dialled_line_reports(self, line: str, answers: bool) -> None:
        self.do(events.LineAnswered(line) if answers else events.LineFailed(line, "busy"))

    @rule(request=small, outcome=st.sampled_from(("ok", "not_found", "failed.network", "nonsense")))
    def the_outside_answers(self, request: int, outcome: str) -> None:
        self.do(events.LookupFinished(request, outcome, {"name": "Ada"}))

    @rule(agent=agents, ready=st.booleans())
    def an_agent_signs_in(self, agent: str, ready: bool) -> None:
        self.do(events.AgentSignedIn(agent, ready))

    @rule(agent=agents, kind=st.sampled_from((
        events.AgentSignedOut, events.AgentLost, events.AgentPaused, events.AgentReady, events.AgentHungUp, events.AgentHeld,
        events.AgentResumed, events.AgentWrappedUp,
    )))  # fmt: skip
    def an_agent_acts(self, agent: str, kind: type[events.AgentReady]) -> None:
        self.do(kind(agent))

    @rule(agent=agents, whom=st.sampled_from(("support", "billing", "clara", "anna", "2", "nobody")))
    def an_agent_transfers(self, agent: str, whom: str) -> None:
        self.do(events.AgentTransferred(agent, whom))

    @rule(agent=agents, whom=st.sampled_from(("billing", "clara", "boris", "plumber", "nobody")))
    def an_agent_consults(self, agent: str, whom: str) -> None:
        self.do(events.AgentConsulted(agent, whom))

    @rule(agent=agents, act=st.sampled_from(("complete", "take_back", "swap", "conference")))
    def a_consultation_goes_on(self, agent: str, act: str) -> None:
        self.do(events.ConsultActed(agent, act))

    @rule(boss=agents, agent=agents, mode=st.sampled_from(("monitor", "whisper", "barge")))
    def a_supervisor_listens(self, boss: str, agent: str, mode: str) -> None:
        self.do(events.SupervisorJoined(boss, agent, mode))

    @rule(boss=agents, agent=agents, state=st.sampled_from(("ready", "paused", "signed_out")))
    def a_supervisor_forces(self, boss: str, agent: str, state: str) -> None:
        self.lab.do(events.StateForced(boss, agent, state))

    @rule(boss=agents, call=small)
    def a_supervisor_pulls_or_leaves(self, boss: str, call: int) -> None:
        self.do(events.CallPulled(boss, call) if call % 3 else events.SupervisorLeft(boss))

    @rule(call=small, priority=st.sampled_from((None, -1, 5)))
    def a_waiting_call_is_moved_or_taken_out(self, call: int, priority: int | None) -> None:
        self.do(events.CallWithdrawn(call) if priority is None else events.PriorityGiven(call, priority))

    @rule(attempts=st.integers(0, 1))
    def a_callback_of_an_earlier_run(self, attempts: int) -> None:
        self.do(events.CallbackRestored("support", "+1", 0, (), (), 2, 20_000, attempts))

    @rule(agent=agents, reservation=small, takes=st.booleans())
    def any_reservation_is_answered(self, agent: str, reservation: int, takes: bool) -> None:
        self.do((events.ReservationAccepted if takes else events.ReservationRejected)(agent, reservation))

    @rule(takes=st.booleans())
    def the_latest_reservation_is_answered(self, takes: bool) -> None:
        rings = self.lab.out.of("ring")
        if rings:
            self.do(
                (events.ReservationAccepted if takes else events.ReservationRejected)(
                    rings[-1][0], rings[-1][1]
                )
            )

    @invariant()
    def every_call_ends_once_and_leaves_one_record(self) -> None:
        if not hasattr(self, "lab"):
            return
        for fact in self.lab.facts[self.seen :]:
            self.fan.tell(fact)
        self.seen = len(self.lab.facts)
        started, ended = self.lab.told(facts.CallStarted), self.lab.told(facts.CallEnded)
        assert self.records == len(ended)
        assert len(started) == len(ended) + len(self.lab.engine.calls())

    def teardown(self) -> None:
        if not hasattr(self, "lab"):
            return
        lab = self.lab
        lab.do(events.CenterStopped())
        lab.audit.finished()
        for agent in ("anna", "boris", "clara"):
            lab.do(events.AgentLost(agent))
        assert lab.engine.next_due() == NEVER, "no alarm outlives its owner"
        again: list[Fact] = []
        fresh = Lab(CENTER, audited=False)
        fresh.facts = again
        for at, event in lab.inputs:
            fresh.engine.handle(at, event)
        assert again == lab.facts, "the inputs alone are the whole history"


Machine.TestCase.settings = settings(
    max_examples=200,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TestEngine = Machine.TestCase
