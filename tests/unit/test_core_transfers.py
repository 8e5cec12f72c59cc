"""Transfers and callbacks: every way they can go, and that the caller is never lost."""

import pytest

from ivr.core import events, facts
from ivr.core.kernel import DIAL_GRACE_MS
from ivr.language import load_sources
from tests.support import Desk, Lab, Phone, center_of
from tests.support.lab import states

AGENTS = "agents: { anna: { queues: [support] }, boris: { queues: [support, billing] }, clara: { queues: [billing] } }"
FLOW = """
a:
  - transfer: %s
    on: {busy: busy, no_answer: silent, rejected: refused, failed: broken}
    ring: 20s%s
  - say: "After."
  - hangup
busy: [{say: "Busy."}, hangup]
silent: [{say: "No answer."}, hangup]
refused: [{say: "Refused."}, hangup]
broken: [{say: "Failed."}, hangup]
"""


def lab_of(
    target: str, more: str = "", queues: str = "support: {}, billing: { ring: 8s }", head: str = ""
) -> Lab:
    return Lab(
        center_of(states(FLOW % (target, more), head), queues=f"queues: {{ {queues} }}", agents=AGENTS)
    )


def results(lab: Lab) -> list[str]:
    return [fact.result for fact in lab.told(facts.TransferEnded)]


# From the flow ----------------------------------------------------------------------------------------------


def test_a_contact_is_dialled_and_talked_to() -> None:
    lab = lab_of("plumber")
    phone = lab.call()
    assert lab.out.of("dial") == [("o-1", "+49301", "", 20_000)]
    lab.wait(3_000)
    lab.do(events.LineAnswered("o-1"))
    assert lab.last(facts.Connected).party == "plumber"
    lab.wait(9_000)
    lab.do(events.LineEnded("o-1"))
    assert (lab.last(facts.TalkEnded).talk_ms, lab.last(facts.TalkEnded).ended_by) == (9_000, "party")
    assert phone.text == "After."
    lab.changes_nothing(events.LineEnded("o-1"), "no such line")


@pytest.mark.parametrize(
    ("cause", "says"),
    [
        ("busy", "Busy."),
        ("no_answer", "No answer."),
        ("rejected", "Refused."),
        ("failed", "Failed."),
        ("eh", "Failed."),
    ],
)
def test_a_contact_who_does_not_answer_is_an_outcome(cause: str, says: str) -> None:
    lab = lab_of("plumber")
    phone = lab.call()
    lab.do(events.LineFailed("o-1", cause))
    assert phone.text == says
    lab.changes_nothing(events.LineFailed("o-1", cause), "no such line")
    lab.changes_nothing(events.LineAnswered("o-1"), "no such line")


def test_a_dialled_line_of_which_nothing_is_heard_has_not_answered() -> None:
    lab = lab_of("plumber")
    phone = lab.call()
    lab.wait(20_000 + DIAL_GRACE_MS)
    assert phone.text == "No answer."
    assert lab.out.of("hang_up") == [("o-1", "no_answer")]


def test_a_caller_who_leaves_takes_the_ringing_along() -> None:
    lab = lab_of("plumber")
    lab.call().hang_up()
    assert results(lab) == ["hung_up"]
    assert lab.out.of("hang_up") == [("o-1", "hung_up")]
    assert lab.engine.next_due() > 10**12


def test_an_agent_gets_the_call_or_is_busy_or_not_there() -> None:
    lab = lab_of("clara")
    assert lab.call("p-1").text == "Failed."
    clara = lab.agent("clara", ready=False)
    assert lab.call("p-2").text == "Busy."
    clara.ready()
    phone = lab.call("p-3")
    clara.accept()
    assert lab.last(facts.Connected).queue == ""
    clara.hang_up()
    assert phone.text == "After."
    assert results(lab) == ["failed", "busy", "connected"]


@pytest.mark.parametrize(
    ("how", "says"), [("reject", "Refused."), ("wait", "No answer."), ("lose", "No answer.")]
)
def test_an_agent_who_does_not_take_it_is_an_outcome(how: str, says: str) -> None:
    lab = lab_of("clara")
    clara = lab.agent("clara")
    phone = lab.call()
    if how == "wait":
        lab.wait(20_000)
        assert clara.state == "ready"  # a miss of a call of no queue is not held against anybody
    else:
        getattr(clara, how)()
    assert phone.text == says


def test_a_queue_is_rung_agent_by_agent_until_the_time_is_up() -> None:
    lab = lab_of("billing")
    boris, clara = lab.agent("boris"), lab.agent("clara")
    phone = lab.call()
    assert boris.ringing
    lab.wait(8_000)
    assert clara.ringing
    lab.wait(8_000)
    assert phone.text == "No answer."
    assert lab_of("billing").call().text == "Busy."


WHISPER = '\n    whisper: "It is {{ caller.number }}."'


def test_the_agent_hears_the_whisper_before_the_caller() -> None:
    lab = lab_of("clara", WHISPER)
    clara = lab.agent("clara")
    phone = lab.call(caller="+49")
    assert lab.out.of("music") == [("p-1", "soft-piano")]
    clara.accept()
    assert (clara.state, lab.told(facts.Connected)) == ("reserved", [])
    lab.changes_nothing(events.PromptFinished("p-1", 1), "nothing of that number")
    Phone(lab, "a-clara").hears("It is +49.")
    assert lab.last(facts.Connected).party == "clara"
    clara.hang_up()
    assert phone.text == "After."


@pytest.mark.parametrize(
    ("how", "result", "state"),
    [
        ("caller", "hung_up", "ready"),
        ("agent", "rejected", "ready"),
        ("lost", "rejected", "signed_out"),
        ("pause", "rejected", "paused"),
        ("stop", "failed", "ready"),
    ],
)
def test_whoever_leaves_during_the_whisper(how: str, result: str, state: str) -> None:
    lab = lab_of("clara", WHISPER)
    clara = lab.agent("clara")
    phone = lab.call()
    clara.accept()
    lab.wait(100)
    if how == "caller":
        phone.hang_up()
        assert lab.out.of("withdraw") == [("clara", 1, "hung_up")], "the ring that is taken back is named"
    elif how == "agent":
        clara.hang_up()
    elif how == "lost":
        clara.lose()
    elif how == "pause":
        clara.pause()
    else:
        lab.do(events.CenterStopped())
    heard = lab.told(facts.PromptHeard)[0]
    assert (heard.line, heard.ended) == ("a-clara", "cut")
    assert results(lab) == [result]
    assert clara.state == state
    assert how in ("caller", "stop") or phone.text == "Refused."
    lab.changes_nothing(events.PromptFinished("a-clara", 1), "nothing of that number")


# From the desk ----------------------------------------------------------------------------------------------

QUEUE = """
a: [{queue: support, priority: 4, on: {timeout: late, full: late, empty: late, closed: late}}, {say: After.}, hangup]
late: [{say: Late.}, hangup]
"""


def in_talk(queues: str = "support: {}, billing: {}") -> tuple[Lab, Phone, Desk]:
    lab = Lab(center_of(states(QUEUE), queues=f"queues: {{ {queues} }}", agents=AGENTS))
    anna = lab.agent("anna")
    phone = lab.call()
    anna.accept()
    lab.wait(1_000)
    return lab, phone, anna


def test_a_desk_transfers_to_a_queue() -> None:
    lab, phone, anna = in_talk()
    anna.transfer("billing")
    assert results(lab) == ["queued"]
    assert (lab.last(facts.CallQueued).queue, lab.last(facts.CallQueued).priority) == ("billing", 4)
    assert anna.state == "ready"
    clara = lab.agent("clara")
    clara.accept()
    clara.hang_up()
    assert phone.text == "After."


def test_a_desk_transfers_out_of_hold() -> None:
    lab, _, anna = in_talk()
    anna.hold()
    lab.wait(2_000)
    anna.transfer("billing")
    assert (lab.last(facts.TalkEnded).talk_ms, lab.last(facts.TalkEnded).hold_ms) == (1_000, 2_000)
    assert lab.last(facts.TalkEnded).ended_by == "transfer"


@pytest.mark.parametrize(
    "queues",
    [
        "support: {}, billing: { join_when_empty: false }",
        "support: { max_length: 1 }, billing: { hours: office }",
    ],
)
def test_a_queue_that_refuses_sends_the_caller_back(queues: str) -> None:
    lab, _, anna = in_talk(queues)
    anna.pause()
    anna.transfer("billing")
    assert results(lab) == ["failed"]
    back = lab.last(facts.CallQueued)
    assert (back.queue, back.priority) == ("support", 4)


def test_a_caller_whom_no_queue_takes_goes_on_in_the_flow() -> None:
    lab, phone, anna = in_talk("support: { max_length: 1 }, billing: { join_when_empty: false }")
    anna.pause()
    lab.call("p-2")
    anna.transfer("billing")
    assert [fact.outcome for fact in lab.told(facts.QueueRefused)] == ["blocked_empty", "blocked_full"]
    assert phone.text == "Late."


def test_a_desk_transfers_to_an_agent() -> None:
    lab, phone, anna = in_talk()
    clara = lab.agent("clara")
    anna.transfer("clara")
    assert lab.out.of("music")[-1] == ("p-1", "ringback")
    clara.accept()
    clara.hang_up()
    assert phone.text == "After."
    assert results(lab) == ["connected"]


@pytest.mark.parametrize("how", ["away", "reject", "miss", "lose"])
def test_a_transfer_to_an_agent_that_fails_puts_the_caller_back_at_the_place_of_its_moment(how: str) -> None:
    lab, _, anna = in_talk()
    clara = lab.agent("clara") if how != "away" else None
    anna.pause()
    anna.transfer("clara")
    lab.wait(1_000)
    behind = lab.call("p-2")
    if how == "reject":
        assert clara is not None
        clara.reject()
    elif how == "miss":
        lab.wait(19_000)
    elif how == "lose":
        assert clara is not None
        clara.lose()
    anna.ready()
    assert anna.card.call == 1
    assert behind.text == ""
    assert results(lab) == [{"away": "failed", "reject": "rejected"}.get(how, "no_answer")]


def test_a_desk_transfers_to_another_flow_and_to_a_contact() -> None:
    lab, phone, anna = in_talk()
    anna.transfer("2")
    assert phone.text == "The other flow."
    lab, phone, anna = in_talk()
    anna.transfer("plumber")
    lab.do(events.LineAnswered("o-1"))
    lab.do(events.LineEnded("o-1"))
    assert phone.text == "After."
    lab, phone, anna = in_talk()
    anna.transfer("plumber")
    anna.pause()
    lab.do(events.LineFailed("o-1", "busy"))
    assert lab.last(facts.CallQueued).queue == "support"
    assert results(lab) == ["busy"]


def test_a_transfer_to_nobody_is_ignored() -> None:
    lab, _, anna = in_talk()
    for target in ("anna", "nobody", "", "x" * 10_000):
        lab.changes_nothing(events.AgentTransferred("anna", target), "nobody to transfer to")
    assert anna.state == "talking"


def test_after_an_announcement_in_a_queue_the_desk_chose_the_music_goes_on() -> None:
    lab, phone, anna = in_talk("support: {}, billing: { music: bossa, announce: [{at: start, say: Hello.}] }")
    anna.transfer("billing")
    phone.hears("Hello.")
    assert lab.out.of("music")[-1] == ("p-1", "bossa")


# Callbacks --------------------------------------------------------------------------------------------------

CALLBACK = """
a:
  - queue: support
    callback: {after: 10s, key: 1, say: "Press 1.", when: queue.size < 9}
    on: {callback: book, timeout: late, full: late, empty: late, closed: late}
  - hangup
book: [{callback: support, to: caller.number, tries: 2, retry_every: 10m, on: {failed: late}}, {say: "Booked."}, hangup]
late: [{say: "Late."}, hangup]
"""


def booked() -> Lab:
    """A caller has booked a callback; another one waits behind."""
    lab = Lab(center_of(states(CALLBACK)))
    phone = lab.call(caller="+49")
    lab.call("p-2")
    lab.wait(10_000)
    assert phone.text == "Press 1."
    phone.press("1")
    phone.hears("Booked.")
    return lab


def test_a_callback_keeps_its_place_and_the_customer_never_waits() -> None:
    lab = booked()
    assert (lab.told(facts.QueueLeft)[0].outcome, lab.last(facts.CallbackBooked).ordinal) == ("callback", 1)
    anna = lab.agent("anna")
    assert (anna.card.kind, anna.card.caller) == ("callback", "+49")
    anna.accept()
    assert lab.out.of("dial") == [("o-1", "+49", "", 30_000)]
    assert anna.state == "reserved"
    lab.do(events.LineAnswered("o-1"))
    assert (lab.last(facts.CallbackEnded).result, anna.state) == ("reached", "talking")
    lab.wait(5_000)
    anna.hang_up()
    assert lab.last(facts.CallEnded).reason == "flow_hung_up"
    assert anna.card.call == 2
    assert lab.engine.snapshot().callbacks == 0


@pytest.mark.parametrize("how", ["busy", "silence", "agent_hangs_up", "agent_lost", "line_ended"])
def test_an_attempt_that_fails_frees_the_agent_and_is_made_again_after_a_pause(how: str) -> None:
    lab = booked()
    anna = lab.agent("anna")
    anna.accept()
    if how == "busy":
        lab.do(events.LineFailed("o-1", "busy"))
    elif how == "silence":
        lab.wait(30_000 + DIAL_GRACE_MS)
    elif how == "agent_hangs_up":
        anna.hang_up()
    elif how == "agent_lost":
        anna.lose()
        anna = lab.agent("anna")
    else:
        lab.do(events.LineEnded("o-1"))
    attempts = [fact for fact in lab.told(facts.CallEnded) if fact.call == 3]
    assert attempts[0].reason == ("caller_hung_up" if how == "line_ended" else "not_reached")
    assert anna.card.call == 2
    anna.accept()
    anna.hang_up()
    lab.wait(10 * 60_000)
    assert anna.card.kind == "callback"
    anna.accept()
    lab.do(events.LineFailed("o-2", "no_answer"))
    assert (lab.last(facts.CallbackEnded).result, lab.last(facts.CallbackEnded).attempts) == ("failed", 2)
    assert lab.engine.next_due() > lab.now + 10**12


def test_an_agent_who_refuses_a_callback_passes_it_on_at_its_place() -> None:
    lab = booked()
    anna, boris = lab.agent("anna"), lab.agent("boris")
    assert (anna.card.kind, boris.card.call) == ("callback", 2)
    boris.reject()
    anna.reject()
    lab.wait(5_000)
    assert lab.told(facts.CallbackTried) == []
    assert boris.card.kind == "callback"


def test_a_center_that_stops_drops_its_callbacks_wherever_they_are() -> None:
    for where in ("waiting", "ringing", "dialling", "resting"):
        lab = booked()
        if where != "waiting":
            anna = lab.agent("anna")
        if where in ("dialling", "resting"):
            anna.accept()
        if where == "resting":
            lab.do(events.LineFailed("o-1", "busy"))
        lab.do(events.CenterStopped())
        assert lab.last(facts.CallbackEnded).result == "dropped"
        lab.audit.finished()
        assert lab.engine.next_due() > lab.now + 10**12
        boris = lab.agent("boris")
        assert boris.state == "ready"


def test_a_callback_whose_queue_is_closed_at_its_turn_sleeps_until_it_opens() -> None:
    center = center_of(states(CALLBACK), queues="queues: { support: { hours: office }, billing: {} }")
    lab = Lab(center)
    lab.wait((20 * 60 - 1) * 60_000)  # Thursday 19:59
    phone = lab.call(caller="+49")
    lab.wait(10_000)
    phone.press("1")
    lab.wait(3_600_000)
    anna = lab.agent("anna")
    assert anna.state == "ready"
    lab.wait(11 * 3_600_000 + 50_000)  # Friday 08:00
    assert anna.card.kind == "callback"


def test_nothing_is_booked_without_a_number() -> None:
    lab = Lab(center_of(states(CALLBACK)))
    phone = lab.call()
    lab.wait(10_000)
    phone.press("1")
    assert phone.text == "Late."
    assert lab.told(facts.CallbackBooked) == []


def test_the_offer_of_a_callback_waits_for_its_condition_and_for_silence() -> None:
    text = CALLBACK.replace("when: queue.size < 9", "when: queue.size > 1")
    lab = Lab(center_of(states(text)))
    phone = lab.call(caller="+49")
    lab.wait(10_000)
    phone.press("1")
    assert (phone.text, lab.last(facts.KeyHeard).use) == ("", "ignored")
    lab.call("p-2")
    lab.wait(10_000)
    assert phone.text == "Press 1."


def test_a_callback_may_be_taken_while_an_agent_is_being_rung() -> None:
    lab = Lab(center_of(states(CALLBACK)))
    phone = lab.call(caller="+49")
    lab.wait(10_000)
    anna = lab.agent("anna")
    phone.press("1")
    assert [fact.result for fact in lab.told(facts.ReservationEnded)] == ["rescinded"]
    assert anna.state == "ready", "nobody is called back who is still on the line"
    phone.hears("Booked.")
    assert anna.card.kind == "callback"


def test_callbacks_sleep_while_their_booker_is_still_on_the_line() -> None:
    lab = Lab(center_of(states("a: [{callback: support, to: caller.number}, {wait: 1h}, hangup]")))
    first = lab.call(caller="+49")
    anna = lab.agent("anna")
    assert (anna.state, lab.engine.snapshot().callbacks) == ("ready", 1)
    lab.do(events.CenterStopped())
    assert lab.last(facts.CallbackEnded).result == "dropped"
    lab.audit.finished()
    assert first.gone

    lab = Lab(center_of(states("a: [{callback: support, to: caller.number}, {wait: 1h}, hangup]")))
    first = lab.call(caller="+49")
    anna = lab.agent("anna")
    first.hang_up()
    assert (anna.card.kind, anna.card.caller) == ("callback", "+49")


def test_a_callback_in_the_hour_that_comes_twice_is_never_due_in_the_past() -> None:
    text = (
        "center: Night\ntimezone: America/New_York\nnumbers: { '1': main }\n"
        "hours: { office: { daily: 01:30..23:00 } }\n"
        "queues: { support: { hours: office } }\nagents: { anna: { queues: [support] } }\n"
    )
    center = load_sources({"center.yaml": text, "main.flow.yaml": states(CALLBACK)})
    sunday = (
        1_793_505_600_000 + 30 * 60_000
    )  # 2026-11-01 00:30 in New York; at two the clock goes back to one
    lab = Lab(center, epoch_ms=sunday)
    lab.wait(75 * 60_000)  # 01:45, the first one
    phone = lab.call(caller="+49")
    lab.wait(10_000)
    phone.press("1")
    phone.hears("Booked.")
    lab.wait(27 * 60_000)  # 01:12 again, and closed again
    anna = lab.agent("anna")
    assert anna.state == "ready"
    assert lab.engine.next_due() > lab.now
    lab.wait(18 * 60_000)
    assert anna.card.kind == "callback"


def test_a_callback_of_an_earlier_run_is_made_with_what_was_known_of_it() -> None:
    lab = Lab(center_of())
    lab.do(events.CallbackRestored("support", "+2", 0, (), (), 2, 60_000, 0))
    lab.do(events.CallbackRestored("support", "+1", 3, ("russian",), (2,), 2, 60_000, 1))
    booked = lab.told(facts.CallbackBooked)
    assert [(fact.call, fact.priority, fact.skills, fact.levels) for fact in booked] == [
        (0, 0, (), ()),
        (0, 3, ("russian",), (2,)),
    ]
    boris = lab.agent("boris")
    assert boris.card.caller == "+2", "boris does not speak russian"
    boris.accept()
    line = lab.out.of("dial")[-1][0]
    lab.do(events.LineAnswered(line))
    assert lab.last(facts.CallbackEnded).result == "reached"
    lab.changes_nothing(events.CallbackRestored("gone", "+1"), "no such queue")
    lab.do(events.CenterStopped())
    assert lab.last(facts.CallbackEnded).result == "dropped"


def test_the_tries_of_an_earlier_run_count() -> None:
    lab = Lab(center_of())
    lab.do(events.CallbackRestored("support", "+2", 0, (), (), 2, 60_000, 1))
    lab.agent("boris").accept()
    lab.do(events.LineFailed(lab.out.of("dial")[-1][0], "busy"))
    assert (lab.last(facts.CallbackEnded).result, lab.last(facts.CallbackEnded).attempts) == ("failed", 2)
