"""Consultations from a desk: who hears whom, and how each way ends; the caller always has somebody."""

from typing import Any

import pytest

from ivr.core import events, facts
from ivr.core.acd.hearing import table
from ivr.core.time import SECOND
from tests.support import center_of
from tests.support.lab import Desk, Lab, Phone, states

AGENTS = """\
agents:
  anna: { queues: [support] }
  boris: { queues: [billing] }
  clara: { queues: [billing], supervisor: true }
"""
FLOW = """
a: [{queue: support, on: {timeout: z, full: z, empty: z, closed: z}}, {say: "How was it?"}, hangup]
z: [{say: "Nobody."}, hangup]
"""


def talking(wrap_up: str = "5s") -> tuple[Lab, Phone, Desk]:
    """Anna talks to a caller; boris is ready, clara is not there."""
    queues = f"queues: {{ support: {{ wrap_up: {wrap_up}, music: bossa }}, billing: {{}} }}"
    lab = Lab(center_of(states(FLOW), queues=queues, agents=AGENTS))
    anna = lab.agent("anna")
    phone = lab.call(caller="+1")
    anna.accept()
    lab.agent("boris")
    lab.wait(10 * SECOND)
    return lab, phone, anna


def consult(lab: Lab, target: str = "boris") -> None:
    lab.do(events.AgentConsulted("anna", target))


def answered(lab: Lab, target: str = "boris") -> None:
    consult(lab, target)
    lab.do(events.ReservationAccepted("boris", lab.last(facts.ReservationMade).reservation))


def act(lab: Lab, what: str) -> None:
    lab.do(events.ConsultActed("anna", what))


def hears(lab: Lab) -> dict[str, tuple[str, ...]]:
    """What each line was last told to hear."""
    told: dict[str, tuple[str, ...]] = {}
    for name, args in lab.out.commands:
        if name == "hear":
            told[args[0]] = args[1]
        elif name == "bridge":
            told[args[0]], told[args[1]] = (args[1],), (args[0],)
        elif name == "part":
            told[args[0]] = told[args[1]] = ()
    return told


def result(lab: Lab) -> str:
    return lab.last(facts.ConsultEnded).result


def test_the_picture_of_a_call_says_who_is_consulted() -> None:
    lab, _, _ = talking()

    def seen() -> tuple[str, str, str]:
        call = lab.engine.snapshot().calls[0]
        return call.party, call.consults, call.consult_mode

    assert seen() == ("anna", "", "")
    consult(lab, "billing")
    assert seen() == ("anna", "billing", "ringing")
    lab.do(events.ReservationAccepted("boris", lab.last(facts.ReservationMade).reservation))
    assert seen() == ("anna", "boris", "private")
    act(lab, "conference")
    assert seen() == ("anna", "boris", "conference")
    act(lab, "take_back")
    assert seen() == ("anna", "", "")


def test_the_caller_hears_music_while_the_agent_asks_somebody() -> None:
    lab, phone, _ = talking()
    consult(lab)
    assert (lab.state("anna"), lab.state("boris")) == ("consulting", "reserved")
    assert lab.out.of("hold")[-1] == (phone.line, True, "bossa")
    assert lab.out.of("music")[-1] == ("a-anna", "ringback")
    card = lab.out.of("ring")[-1][2]
    assert (card.kind, card.caller, card.data) == ("consult", "+1", {"consult": {"by": "Anna"}})
    lab.do(events.ReservationAccepted("boris", lab.last(facts.ReservationMade).reservation))
    assert lab.state("boris") == "consulting"
    assert (hears(lab)["a-anna"], hears(lab)["a-boris"]) == (("a-boris",), ("a-anna",))
    assert lab.out.of("consulting")[-2:] == [("anna", 1, "boris", "private"), ("boris", 1, "anna", "private")]


def test_complete_gives_the_caller_to_the_other_side_and_the_agent_wraps_up() -> None:
    lab, phone, anna = talking()
    answered(lab)
    lab.wait(7 * SECOND)
    act(lab, "complete")
    assert (lab.state("anna"), lab.state("boris")) == ("wrap_up", "talking")
    assert hears(lab)[phone.line] == ("a-boris",)
    ended = lab.last(facts.TalkEnded)
    assert (ended.talk_ms, ended.hold_ms, ended.ended_by) == (10 * SECOND, 7 * SECOND, "transfer")
    assert (result(lab), lab.last(facts.ConsultEnded).talked_ms) == ("completed", 7 * SECOND)
    transfer = lab.last(facts.TransferEnded)
    assert (transfer.mode, transfer.result, transfer.target) == ("warm", "connected", "boris")
    Desk(lab, "boris").hang_up()
    assert phone.text == "How was it?", "the call goes on in its flow"
    anna.wrap_up()


def test_take_back_lets_the_other_side_go() -> None:
    lab, phone, _ = talking()
    answered(lab)
    act(lab, "take_back")
    assert (lab.state("anna"), lab.state("boris"), result(lab)) == ("talking", "ready", "taken_back")
    assert lab.out.of("hold")[-1] == (phone.line, False, "")
    assert (hears(lab)[phone.line], hears(lab)["a-anna"]) == (("a-anna",), (phone.line,))
    assert hears(lab)["a-boris"] == ()


def test_take_back_while_it_rings_withdraws_the_ring() -> None:
    lab, _, _ = talking()
    consult(lab)
    act(lab, "take_back")
    assert (lab.state("anna"), lab.state("boris")) == ("talking", "ready")
    assert lab.last(facts.ReservationEnded).result == "rescinded"


def test_swap_changes_who_is_on_hold_and_back() -> None:
    lab, phone, _ = talking()
    answered(lab)
    act(lab, "swap")
    assert lab.state("anna") == "talking"
    assert lab.out.of("hold")[-2:] == [(phone.line, False, ""), ("a-boris", True, "bossa")]
    assert (hears(lab)[phone.line], hears(lab)["a-anna"]) == (("a-anna",), (phone.line,))
    act(lab, "swap")
    assert lab.state("anna") == "consulting"
    assert lab.out.of("hold")[-2:] == [(phone.line, True, "bossa"), ("a-boris", False, "")]
    assert hears(lab)["a-anna"] == ("a-boris",)


def test_in_a_conference_everybody_hears_the_others_and_the_agent_may_leave_it() -> None:
    lab, phone, anna = talking()
    answered(lab)
    act(lab, "conference")
    assert {line: set(others) for line, others in hears(lab).items()} == {
        phone.line: {"a-anna", "a-boris"},
        "a-anna": {phone.line, "a-boris"},
        "a-boris": {phone.line, "a-anna"},
    }
    anna.hang_up()
    assert (lab.state("anna"), lab.state("boris")) == ("wrap_up", "talking")
    assert hears(lab)[phone.line] == ("a-boris",)


@pytest.mark.parametrize("mode", ["private", "swapped", "conference"])
def test_when_the_consultant_leaves_the_agent_and_the_caller_hear_each_other(mode: str) -> None:
    lab, phone, _ = talking()
    answered(lab)
    if mode != "private":
        act(lab, "swap" if mode == "swapped" else mode)
    Desk(lab, "boris").hang_up()
    assert (lab.state("anna"), lab.state("boris"), result(lab)) == ("talking", "ready", "left")
    assert (hears(lab)[phone.line], hears(lab)["a-anna"]) == (("a-anna",), (phone.line,))
    assert not lab.told(facts.TalkEnded)


@pytest.mark.parametrize("how", ["rejected", "no_answer", "busy", "lost"])
def test_when_the_target_does_not_come_the_caller_is_back_with_the_agent(how: str) -> None:
    lab, phone, _ = talking()
    if how == "busy":
        lab.do(events.AgentPaused("boris"))
    consult(lab)
    if how == "rejected":
        Desk(lab, "boris").reject()
    elif how == "no_answer":
        lab.wait(30 * SECOND)
    elif how == "lost":
        lab.do(events.AgentLost("boris"))
    assert result(lab) == {"lost": "no_answer"}.get(how, how)
    assert lab.state("anna") == "talking"
    assert lab.out.of("hold")[-1] == (phone.line, False, "")


@pytest.mark.parametrize("mode", ["ringing", "private", "swapped", "conference"])
def test_when_the_caller_leaves_everybody_is_let_go(mode: str) -> None:
    lab, phone, _ = talking()
    consult(lab) if mode == "ringing" else answered(lab)
    if mode in ("swapped", "conference"):
        act(lab, {"swapped": "swap"}.get(mode, mode))
    phone.hang_up()
    assert (lab.state("anna"), lab.state("boris"), result(lab)) == ("wrap_up", "ready", "hung_up")
    assert lab.last(facts.CallEnded).reason == "caller_hung_up"


def test_when_the_agent_goes_while_it_rings_the_flow_goes_on() -> None:
    lab, phone, anna = talking()
    consult(lab)
    anna.hang_up()
    assert (lab.state("anna"), lab.state("boris"), result(lab)) == ("wrap_up", "ready", "failed")
    assert phone.text == "How was it?"


def test_when_the_agent_is_lost_the_caller_has_the_other_side() -> None:
    lab, phone, anna = talking()
    answered(lab)
    anna.lose()
    assert (lab.state("anna"), lab.state("boris")) == ("signed_out", "talking")
    assert lab.last(facts.TalkEnded).ended_by == "lost"
    assert hears(lab)[phone.line] == ("a-boris",)


def test_a_queue_is_asked_agent_by_agent_and_a_contact_is_dialled() -> None:
    lab, phone, _ = talking()
    lab.agent("clara")
    consult(lab, "billing")
    Desk(lab, "boris").reject()
    assert lab.state("clara") == "reserved"
    Desk(lab, "clara").accept()
    act(lab, "complete")
    assert lab.last(facts.Connected).queue == "billing"
    phone.hang_up()
    lab.wait(10 * SECOND)

    lab, phone, _ = talking()
    consult(lab, "plumber")
    line = lab.out.of("dial")[-1][0]
    lab.do(events.LineAnswered(line))
    assert hears(lab)["a-anna"] == (line,)
    act(lab, "complete")
    assert lab.last(facts.Connected).party == "plumber"
    lab.do(events.LineEnded(line))
    assert phone.text == "How was it?"


def test_a_contact_who_is_busy_or_hangs_up_gives_the_caller_back() -> None:
    for event, expected in ((events.LineFailed, "busy"), (events.LineEnded, "left")):
        lab, _, _ = talking()
        consult(lab, "plumber")
        line = lab.out.of("dial")[-1][0]
        if event is events.LineFailed:
            lab.do(events.LineFailed(line, "busy"))
        else:
            lab.do(events.LineAnswered(line))
            lab.do(events.LineEnded(line))
        assert (result(lab), lab.state("anna")) == (expected, "talking")


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (events.AgentConsulted("boris", "anna"), "not in a talk"),
        (events.AgentConsulted("anna", "anna"), "nobody to consult"),
        (events.AgentConsulted("anna", "nobody"), "nobody to consult"),
        (events.ConsultActed("anna", "complete"), "not consulting"),
        (events.ConsultActed("boris", "swap"), "not consulting"),
    ],
)
def test_what_cannot_be_changes_nothing(event: Any, why: str) -> None:
    lab, _, _ = talking()
    lab.changes_nothing(event, why)


def test_during_a_consultation_hold_a_second_one_and_unknown_acts_change_nothing() -> None:
    lab, _, _ = talking()
    consult(lab)
    lab.changes_nothing(events.ConsultActed("anna", "complete"), "nobody has answered")
    lab.changes_nothing(events.AgentConsulted("anna", "boris"), "consulting already")
    lab.changes_nothing(events.AgentHeld("anna"), "not talking")
    Desk(lab, "boris").accept()
    lab.changes_nothing(events.ConsultActed("anna", "dance"), "cannot dance")
    lab.changes_nothing(events.ConsultActed("boris", "complete"), "not consulting")
    act(lab, "conference")
    lab.changes_nothing(events.ConsultActed("anna", "swap"), "cannot swap")


# Supervisors ------------------------------------------------------------------------------------------------


def watched(mode: str) -> tuple[Lab, Phone]:
    lab, phone, _ = talking()
    lab.agent("clara", ready=False)
    lab.do(events.SupervisorJoined("clara", "anna", mode))
    return lab, phone


@pytest.mark.parametrize(
    ("mode", "caller", "agent"),
    [
        ("monitor", ("a-anna",), ("p-1",)),
        ("whisper", ("a-anna",), ("p-1", "a-clara")),
        ("barge", ("a-anna", "a-clara"), ("p-1", "a-clara")),
    ],
)
def test_who_hears_a_supervisor(mode: str, caller: tuple[str, ...], agent: tuple[str, ...]) -> None:
    lab, phone = watched(mode)
    assert hears(lab) == {phone.line: caller, "a-anna": agent, "a-clara": ("a-anna", phone.line)}
    lab.do(events.SupervisorLeft("clara"))
    assert hears(lab) == {phone.line: ("a-anna",), "a-anna": (phone.line,), "a-clara": ()}
    assert lab.last(facts.SupervisionEnded).why == "left"


def test_a_supervisor_follows_hold_and_consultation_and_the_end_of_the_talk() -> None:
    lab, phone = watched("whisper")
    Desk(lab, "anna").hold()
    assert (hears(lab)["a-anna"], hears(lab)["a-clara"]) == (("a-clara",), ("a-anna",))
    Desk(lab, "anna").resume()
    answered(lab)
    assert hears(lab)["a-anna"] == ("a-boris", "a-clara")
    assert hears(lab)["a-clara"] == ("a-anna", "a-boris")
    act(lab, "take_back")
    phone.hang_up()
    assert (lab.last(facts.SupervisionEnded).why, hears(lab)["a-clara"]) == ("talk_ended", ())
    assert lab.out.of("supervising")[-1] == ("clara", 1, "", "")


def test_a_supervisor_changes_how_they_listen_and_leaves_when_they_want_calls() -> None:
    lab, phone = watched("monitor")
    lab.do(events.SupervisorJoined("clara", "anna", "barge"))
    assert hears(lab)[phone.line] == ("a-anna", "a-clara")
    lab.do(events.AgentReady("clara"))
    assert (lab.state("clara"), hears(lab)[phone.line]) == ("ready", ("a-anna",))


def test_only_supervisors_on_a_pause_listen_and_only_to_talks() -> None:
    lab, _, _ = talking()
    lab.changes_nothing(events.SupervisorJoined("boris", "anna", "monitor"), "no supervisor")
    lab.changes_nothing(events.SupervisorJoined("clara", "anna", "monitor"), "not signed in")
    lab.agent("clara")
    lab.changes_nothing(events.SupervisorJoined("clara", "anna", "monitor"), "only on a pause")
    lab.do(events.AgentPaused("clara"))
    lab.changes_nothing(events.SupervisorJoined("clara", "boris", "monitor"), "in no talk")
    lab.changes_nothing(events.SupervisorJoined("clara", "anna", "dance"), "")
    lab.changes_nothing(events.SupervisorLeft("clara"), "listens to nobody")


def test_a_supervisor_forces_states() -> None:
    lab, _, _ = talking()
    lab.agent("clara", ready=False)
    lab.do(events.StateForced("clara", "boris", "paused"))
    assert lab.last(facts.AgentMoved).reason == "by clara"
    lab.do(events.StateForced("clara", "boris", "ready"))
    lab.do(events.StateForced("clara", "boris", "signed_out"))
    assert lab.state("boris") == "signed_out"
    lab.changes_nothing(events.StateForced("anna", "boris", "ready"), "no supervisor")
    lab.changes_nothing(events.StateForced("clara", "boris", "asleep"), "no such state")


def waiting() -> tuple[Lab, list[Phone]]:
    lab = Lab(center_of(states(FLOW), agents=AGENTS))
    phones = [lab.call(f"p-{number}") for number in range(1, 4)]
    lab.agent("clara", ready=False)
    return lab, phones


def test_a_supervisor_pulls_a_call_whoever_is_before_it_or_is_rung_for_it() -> None:
    lab, _ = waiting()
    lab.do(events.CallPulled("clara", 2))
    assert (lab.last(facts.Connected).call, lab.last(facts.Connected).party) == (2, "clara")
    assert lab.last(facts.ReservationMade).pulled
    lab, _ = waiting()
    lab.agent("anna")
    lab.do(events.CallPulled("clara", 1))
    rescinded = [fact for fact in lab.told(facts.ReservationEnded) if fact.result == "rescinded"]
    assert [(fact.agent, fact.why) for fact in rescinded] == [("anna", "pulled")]
    assert lab.last(facts.ReservationMade).call == 2, "anna is asked for the next one"
    lab.changes_nothing(events.CallPulled("clara", 3), "talking")


def test_a_waiting_call_is_withdrawn_or_given_another_priority() -> None:
    lab, phones = waiting()
    lab.do(events.PriorityGiven(3, 5, "clara"))
    positions = {call: lab.engine.acd().position(lab.engine.calls()[call]) for call in (1, 2, 3)}
    assert positions == {3: 1, 1: 2, 2: 3}
    lab.agent("anna")
    assert lab.last(facts.ReservationMade).call == 3
    lab.do(events.CallWithdrawn(1, "clara"))
    assert (lab.last(facts.QueueLeft).outcome, phones[0].text) == ("withdrawn", "Nobody.")
    lab.changes_nothing(events.CallWithdrawn(1, "clara"), "does not wait")
    lab.changes_nothing(events.PriorityGiven(77, 1), "does not wait")


@pytest.mark.parametrize("mode", ["talk", "hold", "ringing", "private", "swapped", "conference"])
def test_nobody_hears_themselves_and_the_caller_never_hears_a_whisper(mode: str) -> None:
    heard = table(mode, "c", "a", "b", {"s": "whisper", "m": "monitor", "x": "barge"})
    assert all(line not in others for line, others in heard.items())
    assert all("m" not in others for others in heard.values())
    assert [line for line, others in heard.items() if "s" in others] == ["a"]
    if mode in ("private", "hold", "ringing"):
        assert "c" not in heard, "the caller hears music"
