"""Whom a queue asks: strategies, levels, skills that are eased, preferred agents, several phones at once."""

from collections import Counter

import pytest

from ivr.core import events, facts
from ivr.core.time import MINUTE, SECOND
from tests.support import center_of
from tests.support.lab import Lab, Phone, states

AGENTS = """\
agents:
  anna: { queues: [support], skills: { russian: 3 } }
  boris: { queues: [support], skills: { russian: 1 }, weight: 3 }
  clara: { queues: [support] }
  daniel: { queues: [support, billing] }
"""
NAMES = ("anna", "boris", "clara", "daniel")
FLOW = "a: [{queue: support, MORE on: {timeout: z, full: z, empty: z, closed: z}}, hangup]\nz: [hangup]\n"


def lab_of(queue: str = "", *, step: str = "", agents: str = AGENTS, ready: tuple[str, ...] = NAMES) -> Lab:
    """A center whose queue `support` has these settings; the agents sign in a second after each other."""
    text = states(FLOW.replace("MORE", f"{step}," if step else ""))
    lab = Lab(center_of(text, queues=f"queues: {{ support: {{ {queue} }}, billing: {{}} }}", agents=agents))
    for name in ready:
        lab.agent(name)
        lab.wait(SECOND)
    return lab


def call(lab: Lab, caller: str = "") -> Phone:
    return lab.call(f"p-{len(lab.inputs)}", caller=caller)


def rung(lab: Lab) -> list[str]:
    """The agents who were asked, in order."""
    return [fact.agent for fact in lab.told(facts.ReservationMade)]


def ringing(lab: Lab) -> list[str]:
    return [name for name in lab.engine.plan.agents if lab.state(name) == "reserved"]


def take(lab: Lab, talk_ms: int = SECOND) -> str:
    """A call comes, whoever is asked takes it and talks; their name."""
    phone = call(lab)
    made = lab.last(facts.ReservationMade)
    lab.do(events.ReservationAccepted(made.agent, made.reservation))
    lab.wait(talk_ms)
    phone.hang_up()
    lab.wait(SECOND)
    return made.agent


# Strategies ----------------------------------------------------------------------------------------------


def test_longest_idle_asks_whoever_has_been_ready_longest() -> None:
    lab = lab_of()
    assert [take(lab) for _ in range(6)] == ["anna", "boris", "clara", "daniel", "anna", "boris"]


def test_linear_asks_in_the_order_written_whenever_they_became_ready() -> None:
    lab = lab_of("strategy: linear", ready=("daniel", "clara", "boris", "anna"))
    assert [take(lab) for _ in range(3)] == ["anna", "anna", "anna"]
    call(lab)
    call(lab)
    assert rung(lab)[-2:] == ["anna", "boris"]


def test_fewest_calls_asks_whoever_has_taken_fewest_and_among_them_the_longest_idle() -> None:
    lab = lab_of("strategy: fewest_calls", ready=("boris", "anna"))
    assert [take(lab) for _ in range(3)] == ["boris", "anna", "boris"]
    lab.agent("clara")
    assert [take(lab) for _ in range(2)] == ["clara", "anna"]


def test_least_talk_time_asks_whoever_has_talked_least_hold_included() -> None:
    lab = lab_of("strategy: least_talk_time", ready=("anna", "boris"))
    assert take(lab, talk_ms=MINUTE) == "anna"
    assert [take(lab, talk_ms=20 * SECOND) for _ in range(4)] == ["boris", "boris", "boris", "anna"]


def test_round_robin_goes_on_after_whoever_was_asked_last() -> None:
    lab = lab_of("strategy: round_robin", ready=("daniel", "boris", "anna", "clara"))
    assert [take(lab) for _ in range(5)] == ["anna", "boris", "clara", "daniel", "anna"]
    lab.do(events.AgentPaused("boris"))
    assert [take(lab) for _ in range(2)] == ["clara", "daniel"], "who is not there loses their turn"


@pytest.mark.parametrize(("strategy", "weights"), [("random", (1, 1)), ("weighted_random", (1, 3))])
def test_by_lot_each_is_asked_as_often_as_their_weight_says(strategy: str, weights: tuple[int, int]) -> None:
    lab = lab_of(f"strategy: {strategy}", ready=("anna", "boris"))
    asked = Counter(take(lab) for _ in range(400))
    share = weights[0] / sum(weights)
    deviation = (400 * share * (1 - share)) ** 0.5
    assert abs(asked["anna"] - 400 * share) < 4 * deviation
    again = lab_of(f"strategy: {strategy}", ready=("anna", "boris"))
    assert Counter(take(again) for _ in range(400)) == asked, "the same seed draws the same"


# Several phones at once ------------------------------------------------------------------------------------


def test_ring_all_rings_every_phone_and_the_first_to_accept_has_the_call() -> None:
    lab = lab_of("strategy: ring_all", ready=("anna", "boris"))
    call(lab)
    assert ringing(lab) == ["anna", "boris"]
    lab.agent("clara")
    assert ringing(lab) == ["anna", "boris", "clara"], "who becomes ready rings too"
    numbers = {fact.agent: fact.reservation for fact in lab.told(facts.ReservationMade)}
    lab.do(events.ReservationAccepted("boris", numbers["boris"]))
    lab.do(events.ReservationAccepted("anna", numbers["anna"]))
    ended = {fact.agent: (fact.result, fact.why) for fact in lab.told(facts.ReservationEnded)}
    assert ended == {
        "boris": ("accepted", ""),
        "anna": ("rescinded", "answered"),
        "clara": ("rescinded", "answered"),
    }
    assert lab.last(facts.EventIgnored).event == "reservation_accepted"
    assert [lab.state(name) for name in NAMES] == ["ready", "talking", "ready", "signed_out"]


def test_with_ring_all_the_second_caller_rings_when_the_first_is_answered() -> None:
    lab = lab_of("strategy: ring_all", ready=("anna", "boris"))
    first, second = call(lab), call(lab)
    assert {fact.call for fact in lab.told(facts.ReservationMade)} == {1}
    lab.do(events.ReservationAccepted("anna", 1))
    assert lab.last(facts.ReservationMade).call == 2
    assert ringing(lab) == ["boris"]
    second.hang_up()
    assert lab.state("boris") == "ready"
    first.hang_up()
    assert lab.state("anna") == "ready"


def test_with_ring_all_the_longest_wait_ends_once_nobody_who_is_rung_can_take_it() -> None:
    lab = lab_of("strategy: ring_all, ring: 10s, max_wait: 15s, retry_after: 0s", ready=("anna",))
    call(lab)
    lab.wait(9 * SECOND)
    lab.agent("boris")
    lab.wait(7 * SECOND)
    assert ringing(lab) == ["anna", "boris"], "it was overdue after 15 s; both still may answer"
    lab.agent("clara")
    assert lab.state("clara") == "ready", "nobody else is asked"
    lab.wait(10 * SECOND)
    assert lab.last(facts.QueueLeft).outcome == "timeout"
    assert lab.last(facts.QueueLeft).waited_ms == 20 * SECOND


def test_a_phone_that_refuses_leaves_the_others_ringing() -> None:
    lab = lab_of("strategy: ring_all", ready=("anna", "boris"))
    call(lab)
    lab.do(events.ReservationRejected("anna", 1))
    assert ringing(lab) == ["boris"]
    assert not lab.told(facts.QueueLeft)
    lab.do(events.ReservationAccepted("boris", 2))
    assert lab.last(facts.QueueLeft).outcome == "answered"


def test_ring_progressively_adds_a_phone_at_each_step() -> None:
    lab = lab_of("strategy: ring_progressively, ring_step: 4s, ring: 9s", ready=("boris", "anna", "clara"))
    phone = call(lab)
    assert ringing(lab) == ["boris"]
    lab.wait(4 * SECOND)
    assert ringing(lab) == ["anna", "boris"]
    lab.wait(4 * SECOND)
    assert ringing(lab) == ["anna", "boris", "clara"]
    lab.wait(SECOND)
    assert ringing(lab) == ["anna", "clara"], "the first has let it ring for 9 s"
    phone.hang_up()
    assert ringing(lab) == []
    assert {fact.why for fact in lab.told(facts.ReservationEnded)} == {"", "abandoned"}


# Levels ---------------------------------------------------------------------------------------------------

LEVELS = """\
agents:
  anna: { queues: [support] }
  boris: { queues: [support], levels: { support: 2 } }
  clara: { queues: [support], levels: { support: 3 } }
"""


def test_who_may_take_a_call_widens_with_the_time_it_waits() -> None:
    lab = lab_of(
        "levels: [20s, 50s], ring: 5s, retry_after: 5m", agents=LEVELS, ready=("clara", "boris", "anna")
    )
    call(lab)
    assert rung(lab) == ["anna"], "the lowest level, though the others have been ready longer"
    lab.wait(19 * SECOND)
    assert rung(lab) == ["anna"]
    lab.wait(SECOND)
    assert rung(lab) == ["anna", "boris"]
    assert [(fact.level, fact.why) for fact in lab.told(facts.WaitWidened)] == [(2, "waited")]
    lab.wait(30 * SECOND)
    assert rung(lab) == ["anna", "boris", "clara"]


def test_a_level_with_nobody_at_work_is_not_waited_for() -> None:
    lab = lab_of("levels: [20s, 50s]", agents=LEVELS, ready=("clara",))
    call(lab)
    assert rung(lab) == ["clara"]


def test_when_the_last_of_a_level_leaves_the_next_is_asked_at_once() -> None:
    lab = lab_of("levels: [20s, 50s], ring: 60s", agents=LEVELS, ready=("anna", "boris"))
    call(lab)
    call(lab)
    assert rung(lab) == ["anna"]
    lab.do(events.AgentSignedOut("anna"))
    assert rung(lab)[:2] == ["anna", "boris"]


def test_a_level_that_opens_while_an_agent_is_rung_counts_when_the_ring_has_failed() -> None:
    lab = lab_of("levels: [20s], ring: 30s", agents=LEVELS, ready=("boris", "anna"))
    call(lab)
    lab.wait(25 * SECOND)
    assert rung(lab) == ["anna"]
    assert lab.last(facts.WaitWidened).level == 2
    lab.wait(5 * SECOND)
    assert rung(lab) == ["anna", "boris"]


# Skills ---------------------------------------------------------------------------------------------------


def test_skills_are_eased_step_by_step() -> None:
    step = "skills: { russian: 3 }, relax: [{ after: 30s, skills: { russian: 1 } }, { after: 60s }]"
    lab = lab_of("ring: 5s, retry_after: 10m", step=step, ready=("clara", "boris"))
    call(lab)
    lab.wait(29 * SECOND)
    assert rung(lab) == []
    lab.wait(SECOND)
    assert rung(lab) == ["boris"]
    lab.wait(30 * SECOND)
    assert rung(lab) == ["boris", "clara"]
    assert [fact.skills for fact in lab.told(facts.WaitWidened)] == [("russian",), ()]


def test_a_queue_has_skills_for_steps_that_name_none() -> None:
    lab = lab_of("skills: { russian: 1 }", ready=("clara",))
    call(lab)
    assert (rung(lab), lab.last(facts.CallQueued).skills) == ([], ("russian",))
    lab.agent("boris")
    assert rung(lab) == ["boris"]
    other = lab_of("skills: { russian: 1 }", step="skills: {}", ready=("clara",))
    call(other)
    assert rung(other) == ["clara"], "the step says otherwise"


@pytest.mark.parametrize("strategy", ["longest_idle", "linear", "round_robin", "fewest_calls", "random"])
def test_skills_hold_for_every_strategy(strategy: str) -> None:
    lab = lab_of(
        f"strategy: {strategy}, ring: 1s, retry_after: 0s, max_misses: 99", step="skills: { russian: 1 }"
    )
    for _ in range(5):
        call(lab).lab.wait(SECOND)
    assert set(rung(lab)) == {"anna", "boris"}


# Preferred agents -------------------------------------------------------------------------------------------


def test_a_caller_waits_for_the_preferred_agent_and_then_for_anybody() -> None:
    lab = lab_of(step="prefer: { agent: anna, wait: 30s }", ready=("boris", "anna"))
    assert take(lab) == "anna", "though boris has been ready longer"
    busy = call(lab)
    lab.do(events.ReservationAccepted("anna", lab.last(facts.ReservationMade).reservation))
    call(lab)
    assert lab.last(facts.CallQueued).agent == "anna"
    lab.wait(29 * SECOND)
    assert rung(lab) == ["anna", "anna"]
    lab.wait(SECOND)
    assert rung(lab) == ["anna", "anna", "boris"]
    busy.hang_up()


def test_the_preferred_agent_is_asked_as_soon_as_they_are_free() -> None:
    lab = lab_of(step="prefer: { agent: anna, wait: 30s }", ready=("boris", "anna"))
    busy = call(lab)
    lab.do(events.ReservationAccepted("anna", 1))
    call(lab)
    busy.hang_up()
    assert rung(lab) == ["anna", "anna"]


def test_a_preferred_agent_who_is_away_or_goes_away_is_not_waited_for() -> None:
    lab = lab_of(step="prefer: { agent: anna, wait: 10m }", ready=("boris", "anna"))
    call(lab)
    lab.do(events.ReservationAccepted("anna", 1))
    call(lab)
    assert rung(lab) == ["anna"]
    lab.do(events.AgentLost("anna"))
    assert rung(lab)[:2] == ["anna", "boris"]
    assert lab.told(facts.WaitWidened)[0].why == "agent_away"
    call(lab)
    assert lab.last(facts.CallQueued).agent == ""


def test_who_was_being_rung_for_is_before_those_who_waited_for_the_agent_that_did_not_answer() -> None:
    """The agent stops responding: calls that wait for them alone are anybody's now, but after the one that rang."""
    agents = "agents: { anna: { queues: [support, billing] }, boris: { queues: [support, billing] } }"
    other = "flow: other\nstart: a\nstates: { a: [{ queue: billing, on: { timeout: z } }, hangup], z: [hangup] }\n"
    flow = FLOW.replace("MORE", "prefer: { agent: anna, wait: 10m },")
    queues = "queues: { support: {}, billing: { ring: 9s, max_misses: 1 } }"
    lab = Lab(center_of(states(flow), queues=queues, agents=agents, other=other))
    lab.agent("anna")
    lab.wait(SECOND)
    lab.agent("boris")
    lab.call("p-1", dialled="2")
    call(lab)
    assert rung(lab) == ["anna"]
    lab.wait(9 * SECOND)
    assert lab.state("anna") == "not_responding"
    assert [(fact.agent, fact.call) for fact in lab.told(facts.ReservationMade)] == [
        ("anna", 1),
        ("boris", 1),
    ]


def test_without_a_wait_only_a_ready_agent_is_preferred() -> None:
    lab = lab_of(step="prefer: { agent: anna }", ready=("boris", "anna"))
    call(lab)
    call(lab)
    assert rung(lab) == ["anna", "boris"]


def test_a_caller_comes_back_to_whom_they_talked_to_last() -> None:
    lab = lab_of(step="prefer: { last: 1h, wait: 1m }", ready=("anna", "boris"))
    first = call(lab, "+1")
    lab.do(events.ReservationAccepted("anna", 1))
    first.hang_up()
    lab.do(events.AgentPaused("anna"))
    lab.do(events.AgentReady("anna"))
    call(lab, "+1")
    assert rung(lab) == ["anna", "anna"], "boris has been ready longer"
    call(lab, "+2")
    assert rung(lab)[-1] == "boris"


def test_an_agent_of_long_ago_is_forgotten() -> None:
    lab = lab_of(step="prefer: { last: 1h, wait: 1m }", ready=("anna", "boris"))
    first = call(lab, "+1")
    lab.do(events.ReservationAccepted("anna", 1))
    first.hang_up()
    lab.wait(61 * MINUTE)
    call(lab, "+1")
    assert rung(lab) == ["anna", "boris"]


def test_a_callback_asks_for_the_skills_its_caller_asked_for() -> None:
    flow = states(
        'a: [{queue: support, skills: {russian: 3}, callback: {key: 1, say: "Press 1."}, '
        "on: {callback: b, timeout: z, full: z, empty: z, closed: z}}, hangup]\n"
        "b: [{callback: support, on: {failed: z}}, hangup]\nz: [hangup]\n"
    )
    lab = Lab(center_of(flow, agents=AGENTS))
    lab.agent("clara")
    phone = lab.call(caller="+1")
    phone.press("1")
    assert lab.last(facts.CallbackBooked).skills == ("russian",)
    assert lab.state("clara") == "ready"
    lab.agent("anna")
    assert rung(lab) == ["anna"]


# Leaving by a key --------------------------------------------------------------------------------------------

EXITS = """
a:
  - queue: support
    exit_keys: [1, star]
    announce: [{ at: start, say: "Press 1 to leave a message." }]
    on: { exit.1: message, exit: z, timeout: z, full: z, empty: z, closed: z }
  - say: "That was it."
  - hangup
message: [{ say: "Leave a message." }, hangup]
z: [{ say: "Goodbye." }, hangup]
"""


@pytest.mark.parametrize(("key", "heard"), [("1", "Leave a message."), ("*", "Goodbye.")])
def test_an_exit_key_leads_out_of_the_queue_also_during_an_announcement(key: str, heard: str) -> None:
    lab = Lab(center_of(states(EXITS), agents=AGENTS))
    phone = lab.call()
    assert "Press 1" in phone.text
    phone.press("7")
    assert "Press 1" in phone.text, "another key does nothing"
    phone.press(key)
    assert phone.text == heard
    assert lab.last(facts.QueueLeft).outcome == "exit_key"
    ended = [fact.result for fact in lab.told(facts.StepEnded) if fact.verb == "queue"]
    assert ended == [{"1": "exit.1", "*": "exit.star"}[key]]


def test_an_exit_key_while_an_agent_is_rung_lets_the_agent_go_and_in_talk_it_does_nothing() -> None:
    lab = Lab(center_of(states(EXITS), agents=AGENTS))
    lab.agent("anna")
    phone = lab.call()
    phone.press("1")
    assert (lab.state("anna"), lab.last(facts.ReservationEnded).why) == ("ready", "exit_key")
    talker = lab.call("p-9")
    lab.do(events.ReservationAccepted("anna", 2))
    talker.press("1")
    assert (lab.state("anna"), lab.last(facts.KeyHeard).use) == ("talking", "ignored")


# Coming, coming back, and empty queues -------------------------------------------------------------------------


def test_a_full_queue_overflows_and_only_the_last_of_a_chain_refuses() -> None:
    queues = "queues: { support: { max_length: 1, overflow_to: billing }, billing: { max_length: 1, overflow_to: support } }"
    lab = Lab(center_of(states(FLOW.replace("MORE", "")), queues=queues, agents=AGENTS))
    for _ in range(3):
        call(lab)
    assert [(fact.call, fact.queue) for fact in lab.told(facts.CallQueued)] == [
        (1, "support"),
        (2, "billing"),
    ]
    refused = [(fact.call, fact.queue, fact.outcome) for fact in lab.told(facts.QueueRefused)]
    assert refused == [
        (2, "support", "blocked_full"),
        (3, "support", "blocked_full"),
        (3, "billing", "blocked_full"),
    ]
    assert lab.last(facts.CallEnded).call == 3


def test_who_hung_up_and_calls_again_soon_has_the_place_as_before() -> None:
    lab = lab_of("resume_within: 2m", ready=())
    first = call(lab, "+1")
    call(lab, "+2")
    first.hang_up()
    lab.wait(90 * SECOND)
    call(lab, "+1")
    assert (lab.last(facts.CallQueued).position, lab.last(facts.CallQueued).ordinal) == (1, 1)
    lab.agent("anna")
    assert lab.last(facts.ReservationMade).call == 3


def test_who_comes_back_too_late_or_without_a_number_waits_at_the_end() -> None:
    lab = lab_of("resume_within: 2m", ready=())
    late, hidden = call(lab, "+1"), call(lab)
    call(lab, "+2")
    late.hang_up()
    hidden.hang_up()
    lab.wait(121 * SECOND)
    call(lab, "+1")
    call(lab)
    assert [fact.position for fact in lab.told(facts.CallQueued)][-2:] == [2, 3]


@pytest.mark.parametrize(
    ("means", "outcomes"), [("nobody_at_work", ["left_empty"]), ("nobody_signed_in", [])]
)
def test_whether_an_agent_on_a_pause_counts_as_being_there(means: str, outcomes: list[str]) -> None:
    lab = lab_of(
        f"empty_means: {means}, leave_when_empty: true, join_when_empty: false", step="priority: 1", ready=()
    )
    lab.agent("anna", ready=False)
    call(lab)
    blocked = [fact.outcome for fact in lab.told(facts.QueueRefused)]
    assert blocked == (["blocked_empty"] if outcomes else [])
    lab.do(events.AgentReady("anna"))
    busy = call(lab)
    made = lab.last(facts.ReservationMade)
    lab.do(events.ReservationAccepted("anna", made.reservation))
    call(lab)
    busy.hang_up()
    waiting = lab.engine.snapshot().waiting
    lab.do(events.AgentPaused("anna"))
    assert waiting == 1
    gone = [fact.outcome for fact in lab.told(facts.QueueLeft) if fact.outcome == "left_empty"]
    assert gone == outcomes


# The end of a shift --------------------------------------------------------------------------------------------

ENDS = "agents: {{ anna: {{ queues: [support], shift_end: {policy} }}, boris: {{ queues: [support] }} }}"


def shift_ends(policy: str, wrap_up: str = "9s") -> tuple[Lab, Phone]:
    text = states(FLOW.replace("MORE", "").replace("hangup]\nz", '{say: "How was it?"}, hangup]\nz', 1))
    lab = Lab(
        center_of(
            text,
            queues=f"queues: {{ support: {{ wrap_up: {wrap_up} }}, billing: {{}} }}",
            agents=ENDS.format(policy=policy),
        )
    )
    lab.agent("anna")
    first = call(lab, "+1")
    lab.do(events.ReservationAccepted("anna", 1))
    call(lab, "+2")
    lab.wait(30 * SECOND)
    lab.do(events.AgentSignedOut("anna"))
    return lab, first


def test_a_talk_is_finished_before_the_agent_goes_home() -> None:
    lab, first = shift_ends("finish_call")
    assert lab.state("anna") == "talking"
    first.hang_up()
    lab.wait(9 * SECOND)
    assert lab.state("anna") == "signed_out"


def test_a_talk_is_cut_and_the_call_goes_on_in_its_flow() -> None:
    lab, first = shift_ends("drop")
    assert (lab.state("anna"), first.text) == ("signed_out", "How was it?")
    assert lab.last(facts.TalkEnded).ended_by == "shift_end"


def test_a_caller_is_handed_over_and_waits_before_those_who_came_later() -> None:
    lab, first = shift_ends("hand_over")
    assert lab.state("anna") == "signed_out"
    assert (lab.last(facts.CallQueued).call, lab.last(facts.CallQueued).position) == (1, 1)
    lab.agent("boris")
    assert lab.last(facts.ReservationMade).call == 1
    first.hang_up()


# What only a mutant showed to be untested ------------------------------------------------------------------------


def test_of_two_levels_that_are_open_the_lower_is_asked_first() -> None:
    lab = lab_of("levels: [0s]", agents=LEVELS, ready=("boris", "anna"))
    call(lab)
    assert rung(lab) == ["anna"], "boris has been ready longer"
    call(lab)
    assert rung(lab) == ["anna", "boris"], "level 2 is open at once"


def test_an_agent_of_a_level_that_is_not_open_yet_becomes_ready_and_has_to_wait() -> None:
    lab = lab_of("levels: [20s], ring: 60s", agents=LEVELS, ready=("anna",))
    call(lab)
    call(lab)
    lab.wait(5 * SECOND)
    lab.agent("boris")
    assert (rung(lab), lab.state("boris")) == (["anna"], "ready")
    lab.wait(15 * SECOND)
    assert rung(lab)[-1] == "boris"


def test_taking_a_call_begins_the_count_of_misses_anew() -> None:
    lab = lab_of("ring: 5s, retry_after: 0s, max_misses: 2", ready=("anna",))
    for _ in range(3):
        phone = call(lab)
        lab.wait(5 * SECOND)  # a miss; then it rings again
        made = lab.last(facts.ReservationMade)
        lab.do(events.ReservationAccepted("anna", made.reservation))
        phone.hang_up()
    assert lab.state("anna") == "ready"


def test_an_accept_that_is_late_by_one_ring_does_not_take_the_next_call() -> None:
    lab = lab_of("ring: 5s, retry_after: 0s, max_misses: 9", ready=("anna",))
    call(lab)
    lab.wait(5 * SECOND)
    assert [fact.reservation for fact in lab.told(facts.ReservationMade)] == [1, 2]
    lab.changes_nothing(events.ReservationAccepted("anna", 1), "not open")
    lab.changes_nothing(events.ReservationRejected("anna", 1), "not open")
