"""Agents with several work orders in hand: messages and visits wait in the queues of calls."""

from pathlib import Path

from ivr.core import events, facts
from tests.support.lab import Lab, center_of, states

CENTER = """\
queues: { mail: { ring: 10s, retry_after: 5s, max_misses: 5 } }
triggers:
  wrote: { flow: main, message: email }
"""
FLOW = """
a:
  - work: mail
    within: 4h
    what: "{{ message.text }}"
    on: { failed: lost, done: reply, no_show: lost, never_assigned: lost }
  - hangup
reply:
  - send: email
    to: message.sender
    text: "{{ work.agent }}: {{ work.note }}"
    on: { failed: lost }
  - hangup
lost: [log: "lost {{ work.id }}", hangup]
"""
STAFF = "agents: { anna: { queues: [mail], capacity: 3 }, boris: { queues: [mail], capacity: 2 } }"


def lab() -> Lab:
    return Lab(center_of(states(FLOW), queues=CENTER, agents=STAFF))


def write(run: Lab, many: int = 1) -> None:
    for _ in range(many):
        run.do(events.FlowTriggered("wrote", "", {}))
        run.wait(1)


def rung(run: Lab) -> list[tuple[str, int]]:
    return [(agent, reservation) for agent, reservation, _ in run.out.of("ring")]


def accept(run: Lab, agent: str, reservation: int) -> None:
    run.do(events.ReservationAccepted(agent, reservation))


def test_who_has_room_is_asked_for_further_orders_while_at_work_and_not_beyond() -> None:
    run = lab()
    run.agent("anna")
    for number in (1, 2, 3):
        write(run)
        assert rung(run)[-1] == ("anna", number)
        accept(run, "anna", number)
        assert run.state("anna") == "working"
    write(run)
    assert len(rung(run)) == 3, "there is no room for a fourth"
    run.do(events.WorkFinished("anna", "done", 2))
    assert rung(run)[-1] == ("anna", 4)
    assert [args for args in run.out.of("work") if args[1] == 2] == [
        ("anna", 2, "assigned"),
        ("anna", 2, "done"),
    ]
    run.do(events.WorkFinished("anna"))
    assert run.last(facts.WorkEnded).order == 1, "without a number it is the oldest"


def test_who_is_ready_is_asked_before_who_is_at_work_and_then_whoever_has_least() -> None:
    run = lab()
    run.agent("anna")
    write(run)
    accept(run, "anna", 1)
    run.agent("boris")
    write(run)
    assert rung(run)[-1] == ("boris", 2), "boris is ready"
    accept(run, "boris", 2)
    write(run)
    assert rung(run)[-1] == ("anna", 3), "as few as boris, and for longer"
    accept(run, "anna", 3)
    write(run)
    assert rung(run)[-1] == ("boris", 4), "boris has fewer"


def test_a_further_order_that_is_refused_goes_back_and_the_agent_is_let_be_until_one_is_done() -> None:
    for refusal in ("refuse", "miss"):
        run = lab()
        run.agent("anna")
        write(run, 2)
        accept(run, "anna", 1)
        assert rung(run)[-1] == ("anna", 2)
        if refusal == "refuse":
            run.do(events.ReservationRejected("anna", 2))
        else:
            run.wait(10_000)
        assert run.state("anna") == "working"
        run.wait(60_000)
        assert len(rung(run)) == 2
        run.do(events.WorkFinished("anna"))
        assert rung(run)[-1] == ("anna", 3)


def test_an_order_takes_the_turn_of_whoever_is_asked_for_it() -> None:
    queues = CENTER.replace("ring: 10s,", "ring: 10s, strategy: round_robin,")
    run = Lab(center_of(states(FLOW), queues=queues, agents=STAFF))
    run.agent("anna")
    run.agent("boris")
    for number, name in enumerate(("anna", "boris", "anna"), 1):
        write(run)
        assert rung(run)[-1] == (name, number)
        accept(run, name, number)
        run.do(events.WorkFinished(name))


def test_who_is_at_work_is_not_asked_for_calls() -> None:
    calls = "flow: other\nstart: q\nstates: { q: [{ queue: mail }, hangup] }\n"
    run = Lab(center_of(states(FLOW), queues=CENTER, agents=STAFF, other=calls))
    run.agent("anna")
    write(run)
    accept(run, "anna", 1)
    run.call(dialled="2")
    assert run.told(facts.CallQueued)
    assert len(rung(run)) == 1
    write(run)
    assert rung(run)[-1] == ("anna", 2), "the order that came after the call"
    accept(run, "anna", 2)
    run.do(events.WorkFinished("anna"))
    run.do(events.WorkFinished("anna"))
    assert run.last(facts.ReservationMade).call == run.last(facts.CallQueued).call


def test_a_pause_takes_effect_when_every_order_is_done_and_no_further_one_is_asked_for() -> None:
    run = lab()
    run.agent("anna")
    write(run, 2)
    accept(run, "anna", 1)
    accept(run, "anna", 2)
    run.do(events.AgentPaused("anna", "lunch"))
    write(run)
    assert len(rung(run)) == 2
    run.do(events.WorkFinished("anna"))
    assert run.state("anna") == "working"
    run.do(events.AgentReady("anna"))
    assert rung(run)[-1] == ("anna", 3), "wants more after all"
    run.do(events.AgentPaused("anna", "lunch"))
    assert run.state("anna") == "working", "the ring is taken back, the order in hand is not"
    run.do(events.WorkFinished("anna"))
    assert run.state("anna") == "paused"


def test_a_desk_that_is_lost_loses_all_its_orders() -> None:
    run = lab()
    run.agent("anna")
    write(run, 3)
    accept(run, "anna", 1)
    accept(run, "anna", 2)
    run.do(events.AgentLost("anna"))
    ended = run.told(facts.WorkEnded)
    assert [(fact.order, fact.result) for fact in ended] == [(1, "no_show"), (2, "no_show")]
    assert run.state("anna") == "signed_out"
    run.agent("anna")
    assert rung(run)[-1][0] == "anna", "the third still waits"


def test_a_message_waits_for_an_agent_whose_note_is_the_answer() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "queues.md").read_text("utf-8")
    flow = guide.partition("```yaml\n")[2].partition("```")[0].replace("\nflow: mail", "\nflow: main")
    run = Lab(center_of(flow.replace("work: support", "work: mail"), queues=CENTER, agents=STAFF))
    run.agent("anna")
    message = {"channel": "email", "sender": "ada@x", "text": "Where is he?"}
    run.do(events.FlowTriggered("wrote", "", {"message": message}))
    run.wait(1)
    ((_, _, card),) = run.out.of("ring")
    assert card.data["work"]["what"] == "ada@x writes: Where is he?"
    accept(run, "anna", 1)
    run.do(events.WorkFinished("anna", "done", 1, "He is on his way."))
    assert run.last(facts.WorkEnded).note == "He is on his way."
    ((_, channel, to, _, text),) = run.out.of("send")
    assert (channel, to, text) == ("email", "ada@x", "He is on his way.")
