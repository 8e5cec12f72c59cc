"""Flows without a caller, and what reaches beyond a call: dial, send, work, appointment."""

from ivr.core import events, facts
from tests.support.lab import Lab, center_of, states

TRIGGERS = """\
triggers:
  wake: { flow: main, missed_call: ["1"] }
appointments:
  visit: { windows: { daily: [09:00..12:00, 15:00..18:00] }, first: 1, last: 2 }
"""
ENGINEERS = "queues: { support: {}, billing: {}, field: { ring: 10s } }"
STAFF = "agents: { anna: { queues: [support] }, olga: { queues: [field] } }"


def lab(flow: str, head: str = "", seed: str = "1") -> Lab:
    return Lab(center_of(states(flow, head), queues=ENGINEERS + "\n" + TRIGGERS, agents=STAFF), seed=seed)


def triggered(flow: str, head: str = "", caller: str = "+4915") -> Lab:
    made = lab(flow, head)
    made.do(events.FlowTriggered("wake", caller, {"customer": {"name": "Ada"}}))
    return made


# Flows without a caller -----------------------------------------------------------------------------------


def test_a_triggered_flow_begins_without_a_line_and_knows_what_it_was_given() -> None:
    run = triggered("a: [log: '{{ customer.name }} {{ caller.number }}', hangup]")
    start = run.told(facts.CallStarted)[0]
    assert (start.line, start.direction, start.number, start.caller) == ("", "flow", "wake", "+4915")
    assert run.last(facts.LogWritten).text == "Ada +4915"
    assert run.last(facts.CallEnded).reason == "flow_ended"
    assert run.out.commands == []


def test_an_unknown_trigger_and_data_that_do_not_fit_are_ignored() -> None:
    run = lab("a: [hangup]")
    run.changes_nothing(events.FlowTriggered("nap"), "no such trigger")
    run.changes_nothing(events.FlowTriggered("wake", "", {"nobody": {}}), "no data root")
    run.changes_nothing(events.FlowTriggered("wake", "", {"customer": {"price": "much"}}), "money")


def test_saying_something_before_anybody_is_there_is_an_error_of_the_flow() -> None:
    run = triggered("a: [say: Hello, hangup]")
    assert run.last(facts.FlowFailed).kind == "no_caller"
    assert run.told(facts.PromptHeard) == []
    assert run.last(facts.CallEnded).reason == "flow_ended"


def test_a_flow_may_wait_for_days_and_is_ended_after_a_month() -> None:
    run = triggered("a: [wait: 20d, log: woke, wait: 20d, hangup]")
    run.wait(21 * 86_400_000)
    assert run.last(facts.LogWritten).text == "woke"
    run.wait(10 * 86_400_000)
    assert run.last(facts.CallEnded).reason == "system_error"
    assert run.last(facts.LimitReached).limit == "call_ms"


# dial -------------------------------------------------------------------------------------------------------


DIALS = """
a:
  - dial: caller.number
    caller_id: withheld
    ring: 20s
    on: { busy: taken, no_answer: nobody, failed: nobody }
  - say: "Hello {{ caller.number }}"
  - queue: support
    on: { timeout: nobody, empty: nobody }
  - hangup
taken: [log: busy, hangup]
nobody: [log: nobody, hangup]
"""


def test_who_answers_a_dial_becomes_the_caller() -> None:
    run = triggered(DIALS)
    assert run.out.of("dial") == [("o-1", "+4915", "", 20_000)]
    run.wait(4_000)
    run.do(events.LineAnswered("o-1"))
    assert run.last(facts.DialEnded).result == "answered"
    assert run.last(facts.DialEnded).rang_ms == 4_000
    assert run.out.of("play")[0][0] == "o-1"
    assert run.out.of("play")[0][2].text == "Hello +4915"
    run.do(events.PromptFinished("o-1", 1))
    anna = run.agent("anna")
    run.do(events.ReservationAccepted("anna", 1))
    assert anna is not None
    assert run.last(facts.Connected).party == "anna"
    run.do(events.LineEnded("o-1"))
    assert run.last(facts.CallEnded).reason == "caller_hung_up"


def test_each_way_a_dial_can_fail_has_its_outcome() -> None:
    for cause, log, result in (
        ("busy", "busy", "busy"),
        ("rejected", "busy", "rejected"),
        ("no_answer", "nobody", "no_answer"),
        ("failed", "nobody", "failed"),
    ):
        run = triggered(DIALS)
        run.do(events.LineFailed("o-1", cause))
        assert run.last(facts.DialEnded).result == result
        assert run.last(facts.LogWritten).text == log


def test_a_dial_that_the_outside_forgets_ends_by_itself() -> None:
    run = triggered(DIALS)
    run.wait(22_000)
    assert run.last(facts.DialEnded).result == "no_answer"
    assert run.out.of("hang_up") == [("o-1", "no_answer")]
    run.changes_nothing(events.LineAnswered("o-1"), "no such line")


def test_a_flow_that_ends_while_it_rings_lets_the_phone_go() -> None:
    run = triggered(DIALS)
    run.do(events.CenterStopped())
    assert run.last(facts.DialEnded).result == "given_up"
    assert run.out.of("hang_up") == [("o-1", "hung_up")]


def test_with_a_caller_on_the_line_the_two_talk() -> None:
    run = lab(
        """
a:
  - dial: '"+4930"'
    on: { busy: taken, no_answer: taken, failed: taken }
  - say: "That was it."
  - hangup
taken: [log: taken, hangup]
""".replace("'\"+4930\"'", '"+4930"')
    )
    phone = run.call()
    run.do(events.LineAnswered("o-1"))
    assert run.out.of("bridge") == [("p-1", "o-1")]
    run.do(events.LineEnded("o-1"))
    phone.hears("That was it.")


def test_a_dial_without_a_number_fails_at_once() -> None:
    run = triggered(DIALS, caller="")
    assert run.told(facts.DialStarted) == []
    assert run.last(facts.LogWritten).text == "nobody"


# send -------------------------------------------------------------------------------------------------------

SENDS = """
a:
  - send: sms
    text: "{{ customer.name }}, shall we come? Answer yes."
    expect_reply: 10m
    into: answer
    on: { failed: lost, no_reply: silent }
  - log: "{{ vars.answer }} from {{ message.sender }}"
  - hangup
lost: [log: lost, hangup]
silent: [log: silent, hangup]
"""
ANSWER = "vars: { answer: text }"


def test_a_message_is_sent_and_its_answer_goes_on_with_the_flow() -> None:
    run = triggered(SENDS, ANSWER)
    assert run.out.of("send") == [(1, "sms", "+4915", "", "Ada, shall we come? Answer yes.")]
    run.do(events.LookupFinished(1, "ok"))
    run.do(events.MessageReceived("sms", "+4999", "no"))
    assert run.last(facts.MessageArrived).call == 0
    run.do(events.MessageReceived("sms", "+4915", "yes"))
    assert run.last(facts.MessageArrived).call == 1
    assert run.last(facts.LogWritten).text == "yes from +4915"
    assert [fact.result for fact in run.told(facts.MessageEnded)] == ["delivered", "replied"]


def test_a_message_that_is_not_taken_or_not_answered_has_its_outcome() -> None:
    run = triggered(SENDS, ANSWER)
    run.do(events.LookupFinished(1, "failed.address"))
    assert run.last(facts.LogWritten).text == "lost"
    run = triggered(SENDS, ANSWER)
    run.wait(30_000)
    assert run.last(facts.MessageEnded).result == "failed.timeout"
    run = triggered(SENDS, ANSWER)
    run.do(events.LookupFinished(1, "ok"))
    run.wait(600_000)
    assert run.last(facts.LogWritten).text == "silent"
    run.do(events.MessageReceived("sms", "+4915", "too late"))
    assert run.last(facts.MessageArrived).call == 0


def test_what_is_sent_after_a_hang_up_still_goes_out() -> None:
    run = lab(
        "a: [wait: 1h, hangup]\nbye: [send: sms, text: Bye, on: {failed: end}}, log: sent, hangup]\nend: [hangup]".replace(
            "[send: sms, text: Bye, on: {failed: end}}, log: sent, hangup]",
            "[{send: sms, text: Bye, on: {failed: end}}, log: sent, hangup]",
        ),
        "on: { hangup: bye }",
    )
    phone = run.call(caller="+4915")
    phone.hang_up()
    run.do(events.LookupFinished(1, "ok"))
    assert run.last(facts.LogWritten).text == "sent"
    assert run.last(facts.CallEnded).reason == "caller_hung_up"


# appointment ------------------------------------------------------------------------------------------------

BOOKS = """
a:
  - appointment: visit
    say: "When may we come?"
    windows: 3
    on: { none_free: full, give_up: full }
  - say: "We come {{ appointment.starts_at | day_and_time }}."
  - hangup
full: [log: full, hangup]
"""


def test_free_windows_are_read_out_and_one_is_booked() -> None:
    run = lab(BOOKS)
    phone = run.call(caller="+4915")
    assert "Friday, January 2, from 9:00 AM to noon, press 1." in phone.text
    phone.hears("Saturday, January 3, from 9:00 AM to noon, press 3. For other times, press 9.")
    phone.press("9")
    phone.hears("Saturday, January 3, from 3:00 PM to 6:00 PM, press 1.")
    phone.press("1")
    phone.hears("We come Saturday, January 3 at 3:00 PM.")
    made = run.last(facts.AppointmentMade)
    assert (made.appointment, made.whose, made.change) == ("visit", "+4915", "booked")
    assert (made.starts, made.ends) == ("1970-01-03T15:00", "1970-01-03T18:00")


def test_a_full_window_is_not_offered_and_a_full_diary_is_an_outcome() -> None:
    run = lab(BOOKS)
    for number in range(4):
        phone = run.call(f"p-{number}", caller=f"+{number}")
        phone.press("1")
        phone.hang_up()
    assert len({fact.starts for fact in run.told(facts.AppointmentMade)}) == 4
    run.call("p-9", caller="+9")
    assert run.last(facts.LogWritten).text == "full"


def test_a_window_that_was_taken_meanwhile_is_offered_no_more() -> None:
    run = lab(BOOKS)
    first, second = run.call("p-1", caller="+1"), run.call("p-2", caller="+2")
    first.press("1")
    second.press("1")
    assert [fact.whose for fact in run.told(facts.AppointmentMade)] == ["+1"]
    second.press("1")
    assert [fact.starts for fact in run.told(facts.AppointmentMade)] == [
        "1970-01-02T09:00",
        "1970-01-02T15:00",
    ]


def test_an_appointment_is_confirmed_moved_and_cancelled() -> None:
    flow = (
        BOOKS.replace("hangup\nfull", "goto: b\nfull", 1)
        + """
b:
  - appointment: visit
    do: confirm
    say: "It is {{ appointment.starts_at | day_and_time }}."
    on: { not_found: full, declined: c, give_up: full }
  - appointment: visit
    do: cancel
    on: { not_found: full }
  - appointment: visit
    do: cancel
    on: { not_found: gone }
  - hangup
c: [{appointment: visit, do: move, say: "When then?", on: {not_found: full, none_free: full, give_up: full}}, goto: b]
gone: [log: gone, hangup]
"""
    )
    run = lab(flow)
    phone = run.call(caller="+4915")
    phone.press("1")
    phone.hears("We come")
    phone.hears(
        "It is Friday, January 2 at 9:00 AM. To confirm, press 1. If that does not suit you, press 2."
    )
    phone.press("2")
    phone.hears("When then? Friday, January 2, from 3:00 PM to 6:00 PM, press 1.")
    phone.press("1")
    phone.press("1")
    changes = [fact.change for fact in run.told(facts.AppointmentMade)]
    assert changes == ["booked", "moved", "confirmed", "cancelled"]
    assert run.last(facts.LogWritten).text == "gone"


# work -------------------------------------------------------------------------------------------------------

WORKS = """
a:
  - work: field
    due: 15:00..18:00
    grace: 1h
    what: "Install for {{ customer.name }}"
    place: "Main street 1"
    on: { failed: lost, done: thanks, late: sorry, no_show: sorry, never_assigned: sorry }
  - log: "{{ work.id }} {{ work.starts_at | day_and_time }}"
  - hangup
thanks: [log: "thanks to {{ work.agent }} for {{ customer.name }}", hangup]
sorry: [log: sorry, hangup]
lost: [log: lost, hangup]
"""
THREE = 15 * 3_600_000
HOUR = 3_600_000


def test_work_is_asked_for_when_its_window_opens_and_its_end_begins_a_run_of_its_own() -> None:
    run = triggered(WORKS)
    olga = run.agent("olga")
    assert olga is not None
    assert run.last(facts.LogWritten).text == "w-1 Thursday, January 1 at 3:00 PM"
    assert run.last(facts.CallEnded).reason == "flow_ended"
    run.wait(THREE - 1)
    assert run.out.of("ring") == []
    run.wait(1)
    ((agent, reservation, card),) = run.out.of("ring")
    assert (agent, card.kind, card.data["work"]["what"]) == ("olga", "work", "Install for Ada")
    assert card.data["work"]["starts"] == "1970-01-01T15:00:00"
    run.do(events.ReservationAccepted("olga", reservation))
    assert run.state("olga") == "working"
    run.wait(2 * HOUR)
    run.do(events.WorkFinished("olga"))
    ended = run.last(facts.WorkEnded)
    assert (ended.result, ended.agent, ended.waited_ms, ended.worked_ms) == ("done", "olga", 0, 2 * HOUR)
    assert run.told(facts.CallStarted)[-1].number == "w-1"
    assert run.last(facts.LogWritten).text == "thanks to Olga for Ada"
    assert run.state("olga") == "ready"


def test_work_that_nobody_takes_was_never_assigned() -> None:
    run = triggered(WORKS)
    run.wait(THREE + 4 * HOUR - 1)
    assert run.told(facts.WorkEnded) == []
    run.wait(1)
    assert run.last(facts.WorkEnded).result == "never_assigned"
    assert run.last(facts.LogWritten).text == "sorry"


def test_work_that_is_begun_after_its_window_is_late_and_an_agent_who_leaves_is_a_no_show() -> None:
    run = triggered(WORKS)
    run.wait(THREE + 3 * HOUR + 1)
    run.agent("olga")
    run.do(events.ReservationAccepted("olga", 1))
    run.do(events.WorkFinished("olga", "done"))
    assert run.last(facts.WorkEnded).result == "late"
    run = triggered(WORKS)
    run.agent("olga")
    run.wait(THREE)
    run.do(events.ReservationAccepted("olga", 1))
    run.do(events.AgentLost("olga"))
    assert run.last(facts.WorkEnded).result == "no_show"
    assert run.state("olga") == "signed_out"


def test_an_agent_who_refuses_work_is_asked_again_after_others_and_a_mad_report_is_ignored() -> None:
    run = triggered(WORKS)
    run.agent("olga")
    run.changes_nothing(events.WorkFinished("olga"), "not on such a work order")
    run.wait(THREE)
    run.do(events.ReservationRejected("olga", 1))
    run.wait(5_000)
    assert [args[:2] for args in run.out.of("ring")] == [("olga", 1), ("olga", 2)]
    run.do(events.ReservationAccepted("olga", 2))
    run.changes_nothing(events.WorkFinished("olga", "slept"), "a work order ends")


def test_a_window_that_closes_while_an_agent_is_rung_lets_the_agent_go() -> None:
    run = triggered(WORKS)
    run.wait(THREE + 4 * HOUR - 3_000)
    run.agent("olga")
    run.wait(3_000)
    assert run.last(facts.WorkEnded).result == "never_assigned"
    assert run.out.of("withdraw") == [("olga", 1, "withdrawn")]
    assert run.state("olga") == "ready"


def test_an_appointment_that_is_moved_reschedules_its_work_and_one_that_is_cancelled_calls_it_off() -> None:
    flow = (
        BOOKS.replace("  - hangup\nfull", "  - goto: b\nfull", 1)
        + """
b:
  - work: field
    appointment: visit
    on: { failed: full, rescheduled: moved, cancelled: off }
  - appointment: visit
    do: move
    say: "When then?"
    on: { not_found: full, none_free: full, give_up: full }
  - appointment: visit
    do: cancel
    on: { not_found: full }
  - hangup
moved: [log: moved, hangup]
off: [log: off, hangup]
"""
    )
    run = lab(flow)
    phone = run.call(caller="+4915")
    phone.press("1")
    phone.hears("We come")
    phone.press("1")
    assert [fact.result for fact in run.told(facts.WorkEnded)] == ["rescheduled", "cancelled"]
    first, second = run.told(facts.WorkOrdered)
    assert (first.opens, second.opens) == (33 * HOUR, 39 * HOUR)
    assert [fact.text for fact in run.told(facts.LogWritten)] == ["moved", "off"]


def test_an_agent_on_the_way_is_told_when_the_appointment_is_put_off_and_free_again() -> None:
    books = BOOKS.replace(
        "  - hangup\nfull",
        """  - work: field
    appointment: visit
    on: { failed: full, rescheduled: moved }
  - hangup
moved: [log: "moved {{ work.agent }}", hangup]
full""",
    )
    moves = """flow: other
start: a
states:
  a:
    - appointment: visit
      do: move
      say: "When then?"
      on: { not_found: b, none_free: b, give_up: b }
    - hangup
  b: [hangup]
"""
    run = Lab(center_of(states(books), queues=ENGINEERS + "\n" + TRIGGERS, agents=STAFF, other=moves))
    run.agent("olga")
    phone = run.call(caller="+4915")
    phone.press("1")
    phone.hears("We come")
    run.wait(33 * HOUR)
    run.do(events.ReservationAccepted("olga", 1))
    assert run.state("olga") == "working"
    run.call("p-2", "2", "+4915").press("1")
    assert run.out.of("work") == [("olga", 1, "assigned"), ("olga", 1, "rescheduled")]
    assert run.last(facts.WorkEnded).result == "rescheduled"
    assert run.last(facts.LogWritten).text == "moved Olga"
    assert run.state("olga") == "ready"
    assert run.last(facts.WorkOrdered).opens == 57 * HOUR, "nine on the day after"


def test_closing_down_drops_work_and_frees_whoever_is_on_it() -> None:
    run = triggered(WORKS)
    run.agent("olga")
    run.wait(THREE)
    run.do(events.ReservationAccepted("olga", 1))
    run.do(events.CenterStopped())
    assert run.last(facts.WorkEnded).result == "dropped"
    run.audit.finished()
