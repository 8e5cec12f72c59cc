"""Waiting, reservations and agents: who gets which call, and what happens when a ring comes to nothing."""

from dataclasses import replace

import pytest

from ivr.core import events, facts
from ivr.core.flow.model import Prompt, Template
from ivr.core.flow.steps import Queue
from tests.support import Lab, center_of
from tests.support.lab import states

BASE = "a: [{queue: support, %s on: {timeout: late, full: late, empty: late, closed: late}}, {say: After.}, hangup]\nlate: [{say: Late.}, hangup]"


def lab_of(
    queues: str = "support: {}, billing: {}",
    agents: str = "anna: { queues: [support] }",
    step: str = "",
    head: str = "",
) -> Lab:
    return Lab(
        center_of(
            states(BASE % step, head), queues=f"queues: {{ {queues} }}", agents=f"agents: {{ {agents} }}"
        )
    )


TWO = "anna: { queues: [support] }, boris: { queues: [support] }"


def outcomes(lab: Lab) -> list[tuple[int, str, int]]:
    return [(fact.call, fact.outcome, fact.waited_ms) for fact in lab.told(facts.QueueLeft)]


def reserved(lab: Lab) -> list[tuple[int, str]]:
    return [(fact.call, fact.agent) for fact in lab.told(facts.ReservationMade)]


# Who comes first --------------------------------------------------------------------------------------------


def test_first_come_first_served_within_a_priority() -> None:
    lab = lab_of(step="priority: 5 if caller.number == 'vip' else 0,")
    lab.call("p-1")
    lab.call("p-2")
    lab.call("p-3", caller="vip")
    assert lab.last(facts.CallQueued).position == 1
    anna = lab.agent("anna")
    for _ in range(3):
        anna.accept()
        anna.hang_up()
    assert [call for call, _ in reserved(lab)] == [3, 1, 2]


def test_the_agent_who_has_been_idle_longest_is_asked() -> None:
    lab = lab_of(agents=TWO)
    boris = lab.agent("boris")
    lab.wait(10)
    anna = lab.agent("anna")
    lab.call("p-1")
    assert boris.ringing
    boris.accept()
    boris.hang_up()
    lab.call("p-2")
    assert anna.ringing


def test_a_call_goes_only_to_who_has_its_skills_and_is_not_passed_by_others_meanwhile() -> None:
    agents = "anna: { queues: [support], skills: {russian: 2} }, boris: { queues: [support], skills: {russian: 5} }"
    lab = lab_of(agents=agents, step="skills: {russian: 3},")
    anna = lab.agent("anna")
    lab.call("p-1")
    assert lab.last(facts.CallQueued).estimate_ms != 0  # a ready agent who may not take it is no help
    assert anna.state == "ready"
    boris = lab.agent("boris")
    assert boris.ringing
    assert reserved(lab) == [(1, "boris")]


def test_an_agent_of_two_queues_goes_by_weight_then_priority_then_arrival() -> None:
    flow = states(
        """
a: [{switch: call.number, cases: {"1": s}, else: b}]
s: [{queue: support, on: {timeout: z, full: z, empty: z, closed: z}}, hangup]
b: [{queue: billing, on: {timeout: z, full: z, empty: z, closed: z}}, hangup]
z: [hangup]
"""
    )
    for weight, first in ((0, 1), (3, 2)):
        center = center_of(
            flow,
            queues=f"queues: {{ support: {{}}, billing: {{ weight: {weight} }} }}",
            agents="agents: { anna: { queues: [support, billing] } }",
            other="flow: other\nstart: b\nstates: { b: [{queue: billing, on: {timeout: z, full: z, empty: z, closed: z}}, hangup], z: [hangup] }\n",
        )
        lab = Lab(center)
        lab.call("p-1", "1")
        lab.call("p-2", "2")
        anna = lab.agent("anna")
        assert anna.card.call == first
        assert len(reserved(lab)) == 1  # two queues share the agent: one reservation


# Rings that come to nothing ---------------------------------------------------------------------------------


def test_a_missed_ring_keeps_place_and_enqueue_time_and_the_agent_rests() -> None:
    lab = lab_of("support: { ring: 15s, retry_after: 5s, max_misses: 3 }, billing: {}")
    anna = lab.agent("anna")
    lab.call("p-1")
    lab.wait(100)
    lab.call("p-2")
    lab.wait(14_900)
    assert lab.last(facts.ReservationEnded).result == "lapsed"
    assert lab.out.of("withdraw") == [("anna", 1, "lapsed")]
    assert anna.state == "paused"
    lab.wait(5_000)
    assert anna.card.call == 1
    lab.wait(1_000)
    anna.accept()
    assert outcomes(lab) == [(1, "answered", 21_000)]


def test_an_agent_who_misses_too_often_is_not_asked_any_more_until_they_are_back() -> None:
    lab = lab_of("support: { ring: 15s, retry_after: 5s, max_misses: 2 }, billing: {}")
    anna = lab.agent("anna")
    lab.call()
    lab.wait(35_000)
    assert anna.state == "not_responding"
    lab.wait(60_000)
    assert len(reserved(lab)) == 2
    anna.ready()
    assert anna.ringing


def test_a_refused_call_goes_to_the_next_agent_at_once() -> None:
    lab = lab_of(agents=TWO)
    anna, boris = lab.agent("anna"), lab.agent("boris")
    lab.call()
    anna.reject()
    assert (anna.state, boris.state) == ("paused", "reserved")
    boris.accept()
    assert outcomes(lab) == [(1, "answered", 0)]


def test_who_rings_at_once_hears_music_and_announcements_only_when_the_ring_fails() -> None:
    queue = "support: { ring: 10s, music: bossa, announce: [{at: start, say: Hello.}, {every: 20s, say: Still here.}] }, billing: {}"
    lab = lab_of(queue)
    lab.agent("anna")
    phone = lab.call()
    assert lab.out.of("music") == [("p-1", "ringback")]
    assert phone.text == ""
    lab.wait(10_000)
    assert lab.out.of("music")[-1] == ("p-1", "bossa")
    phone.hears("Hello.")
    assert lab.out.of("music")[-1] == ("p-1", "bossa")
    lab.wait(9_000)
    assert lab.out.of("queued") != []


def test_reservations_that_are_over_are_ignored() -> None:
    lab = lab_of(agents=TWO)
    anna, boris = lab.agent("anna"), lab.agent("boris")
    lab.call()
    anna.reject()
    lab.changes_nothing(events.ReservationAccepted("anna", 1), "not open")
    lab.changes_nothing(events.ReservationAccepted("anna", 2), "not open")
    boris.accept()
    lab.changes_nothing(events.ReservationAccepted("boris", 2), "not open")
    lab.changes_nothing(events.ReservationRejected("boris", 2), "not open")


# How a wait ends --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("waits_ms", "outcome"), [(4_999, "short_abandoned"), (5_000, "abandoned")])
def test_a_caller_who_hangs_up_has_abandoned(waits_ms: int, outcome: str) -> None:
    lab = lab_of()
    phone = lab.call()
    lab.wait(waits_ms)
    phone.hang_up()
    assert outcomes(lab) == [(1, outcome, waits_ms)]


def test_hanging_up_and_accepting_in_the_same_instant_either_way() -> None:
    lab = lab_of()
    anna = lab.agent("anna")
    phone = lab.call()
    phone.hang_up()
    lab.changes_nothing(events.ReservationAccepted("anna", 1), "not open")
    assert outcomes(lab) == [(1, "short_abandoned", 0)]
    assert lab.out.of("withdraw") == [("anna", 1, "short_abandoned")]
    assert anna.state == "ready"
    phone = lab.call("p-2")
    anna.accept()
    phone.hang_up()
    assert outcomes(lab)[-1] == (2, "answered", 0)
    assert lab.last(facts.TalkEnded).ended_by == "caller"
    assert anna.state == "ready"


def test_the_longest_wait_ends_exactly() -> None:
    lab = lab_of("support: { max_wait: 60s }, billing: {}")
    phone = lab.call()
    lab.wait(59_999)
    assert phone.text == ""
    lab.wait(1)
    assert phone.text == "Late."
    assert outcomes(lab) == [(1, "timeout", 60_000)]


def test_an_agent_rung_when_the_longest_wait_ends_may_still_take_the_call() -> None:
    for takes in (True, False):
        lab = lab_of("support: { max_wait: 60s, ring: 15s }, billing: {}")
        phone = lab.call()
        lab.wait(55_000)
        anna = lab.agent("anna")
        lab.wait(10_000)
        assert outcomes(lab) == []
        if takes:
            anna.accept()
            assert outcomes(lab) == [(1, "answered", 65_000)]
        else:
            lab.wait(5_000)
            assert outcomes(lab) == [(1, "timeout", 70_000)]
            assert phone.text == "Late."


def test_the_longest_wait_counts_also_for_who_was_rung_from_the_first_moment() -> None:
    lab = lab_of("support: { max_wait: 20s, ring: 15s }, billing: {}", agents=TWO)
    lab.agent("anna")
    lab.agent("boris")
    lab.call()
    lab.wait(15_000)
    assert reserved(lab) == [(1, "anna"), (1, "boris")]
    lab.wait(15_000)
    assert outcomes(lab) == [(1, "timeout", 30_000)]


def test_a_wait_overflows_into_the_next_queue_and_never_in_a_circle() -> None:
    lab = lab_of(
        "support: { max_wait: 10s, overflow_to: billing }, billing: { max_wait: 20s, overflow_to: support }"
    )
    phone = lab.call()
    lab.wait(10_000)
    assert lab.last(facts.CallQueued).queue == "billing"
    lab.wait(20_000)
    assert outcomes(lab) == [(1, "overflowed", 10_000), (1, "timeout", 20_000)]
    assert phone.text == "Late."


def test_a_queue_that_refuses_the_overflow_says_so() -> None:
    lab = lab_of("support: { max_wait: 10s, overflow_to: billing }, billing: { join_when_empty: false }")
    phone = lab.call()
    lab.wait(10_000)
    assert lab.last(facts.QueueRefused).outcome == "blocked_empty"
    assert phone.text == "Late."


def test_queues_refuse_when_full_empty_or_closed() -> None:
    lab = lab_of("support: { max_length: 1 }, billing: {}")
    lab.call("p-1")
    assert lab.call("p-2").text == "Late."
    assert lab.last(facts.QueueRefused).outcome == "blocked_full"
    lab = lab_of("support: { join_when_empty: false }, billing: {}")
    assert lab.call("p-1").text == "Late."
    lab.agent("anna")
    assert lab.call("p-2").text == ""
    lab = lab_of("support: { hours: office }, billing: {}")
    assert lab.call("p-1").text == "Late."
    assert lab.last(facts.QueueRefused).outcome == "blocked_closed"
    lab.wait(8 * 3_600_000)
    assert lab.call("p-2").text == ""


@pytest.mark.parametrize("how", ["pause", "sign_out", "lose"])
def test_callers_leave_a_queue_whose_last_agent_has_left(how: str) -> None:
    lab = lab_of("support: { leave_when_empty: true }, billing: {}")
    anna = lab.agent("anna")
    one, two = lab.call("p-1"), lab.call("p-2")
    getattr(anna, how)()  # while being rung for the first
    assert [outcome for _, outcome, _ in outcomes(lab)] == ["left_empty", "left_empty"]
    assert one.text == two.text == "Late."


def test_callers_leave_a_queue_whose_last_agent_does_not_respond() -> None:
    lab = lab_of("support: { leave_when_empty: true, max_misses: 1, ring: 10s }, billing: {}")
    lab.agent("anna")
    phone = lab.call()
    lab.wait(10_000)
    assert outcomes(lab) == [(1, "left_empty", 10_000)]
    assert phone.text == "Late."


def test_resting_after_a_miss_is_not_leaving() -> None:
    lab = lab_of("support: { leave_when_empty: true, max_misses: 2, ring: 10s }, billing: {}")
    lab.agent("anna")
    lab.call()
    lab.wait(10_000)
    assert outcomes(lab) == []


def test_a_key_of_the_flow_leaves_the_queue_also_while_ringing_and_during_an_announcement() -> None:
    for when in ("waiting", "ringing", "announcement"):
        lab = lab_of(
            "support: { announce: [{at: start, say: Hello.}] }, billing: {}", head="on: {keys: {9: late}}"
        )
        phone = lab.call()
        if when != "announcement":
            phone.hears("Hello.")
        anna = lab.agent("anna") if when == "ringing" else None
        phone.press("5")
        assert lab.last(facts.KeyHeard).use == "ignored"
        phone.press("9")
        assert phone.text == "Late."
        assert [outcome for _, outcome, _ in outcomes(lab)] == ["exit_key"]
        assert anna is None or anna.state == "ready"


def test_keys_pressed_before_the_queue_skip_nothing_after_it() -> None:
    text = "a: [{wait: 1s}, {queue: support, on: {timeout: z, full: z, empty: z, closed: z}}, {say: After.}, hangup]\nz: [hangup]"
    lab = Lab(center_of(states(text)))
    anna = lab.agent("anna")
    phone = lab.call()
    phone.press("55")
    lab.wait(1_000)
    anna.accept()
    anna.hang_up()
    assert phone.text == "After."


# Announcements ----------------------------------------------------------------------------------------------

NUMBER = "You are number {{ queue.position }} of {{ queue.size }}, {{ queue.agents }} agents."


def test_announcements_come_at_their_times_with_the_position_of_the_moment() -> None:
    queue = f'support: {{ announce: [{{every: 20s, say: "{NUMBER}"}}] }}, billing: {{}}'
    lab = lab_of(queue)
    first = lab.call("p-1")
    lab.wait(5_000)
    second = lab.call("p-2")
    lab.wait(15_000)
    assert first.text == "You are number 1 of 2, 0 agents."
    first.hang_up()
    lab.wait(5_000)
    assert second.text == "You are number 1 of 1, 0 agents."
    assert [(fact.call, fact.position) for fact in lab.told(facts.WaitAnnounced)] == [(1, 1), (2, 1)]
    assert lab.last(facts.WaitAnnounced).estimate_ms is None
    second.hears("You are number 1")
    lab.wait(60_000)  # the second one is never heard to its end, so there is no third
    assert [fact.at for fact in lab.told(facts.WaitAnnounced)] == [20_000, 25_000, 45_000]


def test_an_announcement_is_broken_off_by_the_agent_and_silent_while_one_is_rung() -> None:
    lab = lab_of("support: { ring: 30s, announce: [{every: 20s, say: Still here.}] }, billing: {}")
    lab.call()
    lab.wait(20_000)
    anna = lab.agent("anna")
    lab.wait(1_000)
    anna.accept()
    assert lab.told(facts.PromptHeard)[-1].ended == "cut"
    lab = lab_of("support: { ring: 30s, announce: [{every: 20s, say: Still here.}] }, billing: {}")
    lab.call()
    lab.wait(10_000)
    lab.agent("anna")
    lab.wait(19_000)
    assert lab.told(facts.WaitAnnounced) == []


def test_a_fault_in_an_announcement_ends_the_wait_and_leaves_no_alarm() -> None:
    center = center_of(
        states(BASE % "max_wait: 60s, announce: [{at: start, say: One.}, {every: 20s, say: Two.}],")
    )
    step = center.plan.flows["main"].states["a"].first
    assert isinstance(step, Queue)
    assert step.announce is not None
    sound = step.announce

    def broken(_: object) -> str:
        raise ZeroDivisionError

    prompt = Prompt({"en": Template("broken", frozenset({"queue"}), broken)})
    for number in (0, 1):
        step.announce = tuple(replace(a, prompt=prompt) if n == number else a for n, a in enumerate(sound))
        lab = Lab(center)
        phone = lab.call()
        if number:
            phone.hears("One.")
            lab.wait(20_000)
        assert [outcome for _, outcome, _ in outcomes(lab)] == ["system_error"]
        phone.hears("We are sorry")
        lab.wait(120_000)
        assert lab.engine.next_due() > lab.now + 10**12


# Agents -----------------------------------------------------------------------------------------------------


def test_wrap_up_ends_exactly_when_it_is_over() -> None:
    lab = lab_of("support: { wrap_up: 20s }, billing: {}")
    anna = lab.agent("anna")
    lab.call("p-1")
    anna.accept()
    lab.wait(60_000)
    anna.hang_up()
    lab.wait(5_000)
    lab.call("p-2")
    lab.wait(14_999)
    assert anna.state == "wrap_up"
    lab.wait(1)
    assert anna.state == "reserved"
    assert lab.last(facts.WrapUpEnded).wrap_up_ms == 20_000
    anna.accept()
    anna.hang_up()
    lab.wait(3_000)
    anna.wrap_up("sold")
    assert (lab.last(facts.WrapUpEnded).code, lab.last(facts.WrapUpEnded).wrap_up_ms) == ("sold", 3_000)
    assert anna.state == "ready"


@pytest.mark.parametrize(("ask", "then"), [("pause", "paused"), ("sign_out", "signed_out")])
def test_what_an_agent_asks_for_during_a_talk_takes_effect_after_it(ask: str, then: str) -> None:
    lab = lab_of("support: { wrap_up: 20s }, billing: {}")
    anna = lab.agent("anna")
    lab.call("p-1")
    lab.call("p-2")
    anna.accept()
    getattr(anna, ask)()
    assert anna.state == "talking"
    event = events.AgentPaused("anna") if ask == "pause" else events.AgentSignedOut("anna")
    lab.changes_nothing(event, "already")
    lab.wait(1_000)
    anna.hang_up()
    assert anna.state == "wrap_up"
    lab.wait(20_000)
    assert anna.state == then
    assert len(reserved(lab)) == 1


def test_an_agent_may_change_their_mind() -> None:
    lab = lab_of()
    anna = lab.agent("anna")
    lab.call()
    anna.accept()
    anna.pause()
    anna.ready()
    lab.changes_nothing(events.AgentReady("anna"), "talking")
    anna.sign_out()
    lab.do(events.AgentSignedIn("anna"))
    lab.changes_nothing(events.AgentSignedIn("anna"), "already")
    anna.hang_up()
    assert anna.state == "ready"


@pytest.mark.parametrize(
    "state", ["ready", "paused", "reserved", "talking", "holding", "wrap_up", "not_responding"]
)
@pytest.mark.parametrize("how", ["lose", "sign_out"])
def test_an_agent_may_go_in_every_state(state: str, how: str) -> None:
    lab = lab_of("support: { wrap_up: 20s, max_misses: 1, ring: 10s }, billing: {}")
    anna = lab.agent("anna")
    phone = None
    if state == "paused":
        anna.pause("lunch")
        lab.changes_nothing(events.AgentPaused("anna", "lunch"), "already")
    elif state != "ready":
        phone = lab.call()
    if state in ("talking", "holding", "wrap_up"):
        anna.accept()
    if state == "holding":
        anna.hold()
    if state == "wrap_up":
        anna.hang_up()
    if state == "not_responding":
        lab.wait(10_000)
    assert anna.state == state
    getattr(anna, how)()
    if how == "sign_out" and state in ("talking", "holding", "wrap_up"):
        assert anna.state == state
        if state != "wrap_up":
            anna.hang_up()
        lab.wait(20_000)
    assert anna.state == "signed_out"
    if state in ("talking", "holding"):
        assert phone is not None
        assert phone.text == "After."
    if state == "reserved":
        assert lab.last(facts.ReservationEnded).result == "rescinded"
    again = lab.agent("anna")
    assert again.state in ("ready", "reserved")


def test_hold_counts_apart_from_talk() -> None:
    lab = lab_of()
    anna = lab.agent("anna")
    lab.call()
    anna.accept()
    lab.wait(10_000)
    anna.hold()
    lab.changes_nothing(events.AgentHeld("anna"), "not talking")
    lab.wait(4_000)
    anna.resume()
    lab.changes_nothing(events.AgentResumed("anna"), "not holding")
    lab.wait(3_000)
    anna.hold()
    lab.wait(2_000)
    anna.hang_up()
    ended = lab.last(facts.TalkEnded)
    assert (ended.talk_ms, ended.hold_ms) == (13_000, 6_000)
    assert [fact.held_ms for fact in lab.told(facts.HoldEnded)] == [4_000, 2_000]
    assert [args[1] for args in lab.out.of("hold")] == [True, False, True]


def test_the_estimate_is_unknown_without_agents_and_never_zero_for_who_waits() -> None:
    lab = lab_of()
    lab.call("p-1")
    assert lab.last(facts.CallQueued).estimate_ms is None
    anna = lab.agent("anna", ready=False)
    assert lab.engine.snapshot().queues[0].estimate_ms is None
    anna.ready()
    lab.call("p-2")
    assert lab.last(facts.CallQueued).estimate_ms == 360_000  # two to handle, each as long as assumed
    anna.accept()
    lab.wait(60_000)
    anna.hang_up()
    lab.call("p-3")
    assert lab.last(facts.CallQueued).estimate_ms == 120_000  # behind one who is being rung
    assert lab.last(facts.CallQueued).position == 2


def test_the_snapshot_is_the_picture_of_the_center() -> None:
    lab = lab_of("support: { wrap_up: 20s }, billing: {}", agents=TWO)
    anna = lab.agent("anna")
    lab.agent("boris", ready=False)
    lab.call("p-1", caller="+49")
    anna.accept()
    lab.call("p-2")
    lab.wait(7_000)
    picture = lab.engine.snapshot()
    assert (picture.at, picture.calls_total, picture.waiting, picture.talking, picture.in_flow) == (
        7_000,
        2,
        1,
        1,
        0,
    )
    support = picture.queues[0]
    assert (support.name, support.waiting, support.ringing, support.oldest_ms) == ("support", 1, 0, 7_000)
    assert support.agents == {"talking": 1, "paused": 1}
    assert [(view.name, view.state, view.call, view.for_ms) for view in picture.agents] == [
        ("anna", "talking", 1, 7_000), ("boris", "paused", None, 7_000),
    ]  # fmt: skip
    assert [(view.call, view.party, view.queue, view.position) for view in picture.calls] == [
        (1, "anna", "", 0), (2, "", "support", 1),
    ]  # fmt: skip
    assert picture.calls[0].caller == "+49"


def test_when_the_center_stops_everybody_leaves() -> None:
    lab = lab_of(agents=TWO, head="on: {hangup: late}")
    anna = lab.agent("anna")
    lab.call("p-1")
    anna.accept()
    boris = lab.agent("boris")
    for number in range(2, 5):
        lab.call(f"p-{number}")
    lab.do(events.CenterStopped())
    assert [fact.reason for fact in lab.told(facts.CallEnded)] == ["shutdown"] * 4
    assert {outcome for _, outcome, _ in outcomes(lab)[1:]} == {"withdrawn"}
    assert (anna.state, boris.state) == ("ready", "ready")
    lab.audit.finished()
    assert lab.engine.next_due() > lab.now + 10**12


ANNOUNCED = """
a:
  - queue: support
    on: {timeout: z, full: z, empty: z, closed: z}
    announce: [{at: start, say: "You are number {{ queue.position }}."}, {every: 30s, say: "Still {{ queue.position }}."}]
  - hangup
z: [hangup]
"""


def test_a_caller_is_told_the_place_once_on_joining() -> None:
    lab = Lab(center_of(states(ANNOUNCED)))
    phone = lab.call()
    assert lab.out.of("queued") == [("p-1", "support", 1, None)]
    phone.hears("You are number 1.")
    lab.wait(30_000)
    assert len(lab.out.of("queued")) == 2
