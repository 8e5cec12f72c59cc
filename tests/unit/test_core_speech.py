"""What is said in a talk: who hears it, and what is told of it."""

from ivr.core import events, facts
from ivr.core.acts import ACTS
from ivr.core.commands import Speech
from ivr.core.flow.voice import spoken_ms
from ivr.limits import SPEECH_CHARS_MAX
from tests.support import Desk, Lab, Phone


def talking() -> tuple[Lab, Phone, Desk]:
    lab = Lab()
    desk = lab.agent("anna")
    phone = lab.call()
    desk.accept()
    return lab, phone, desk


def test_each_side_hears_the_other_and_both_are_told() -> None:
    lab, phone, _ = talking()
    lab.do(events.AgentSpoke("anna", "Your contract number?", "asks", "contract"))
    lab.do(events.SpeechHeard(phone.line, "40711", "answers", "contract"))
    asked = Speech(
        "anna", "Your contract number?", spoken_ms("Your contract number?"), "asks", "contract", ""
    )
    answered = Speech("", "40711", spoken_ms("40711"), "answers", "contract", "")
    assert lab.out.of("said") == [(phone.line, asked), ("a-anna", answered)]
    assert [(fact.by, fact.act, fact.about) for fact in lab.told(facts.Said)] == [
        ("anna", "asks", "contract"),
        ("", "answers", "contract"),
    ]
    assert not lab.told(facts.SpeechTaken)


def test_nobody_hears_it_on_hold_or_outside_a_talk() -> None:
    lab, phone, _ = talking()
    lab.do(events.AgentHeld("anna"))
    lab.changes_nothing(events.AgentSpoke("anna", "Are you there?"), "not in a talk")
    lab.changes_nothing(events.SpeechHeard(phone.line, "Hello?"), "on hold")
    lab.do(events.AgentResumed("anna"))
    lab.do(events.AgentHungUp("anna"))
    lab.changes_nothing(events.AgentSpoke("anna", "Bye"), "not in a talk")
    lab.changes_nothing(events.AgentSpoke("nobody", "Bye"), "not in a talk")
    assert not lab.told(facts.Said)


def test_a_private_consultation_is_not_heard_by_the_caller() -> None:
    lab, _, _ = talking()
    boris = lab.agent("boris")
    lab.do(events.AgentConsulted("anna", "boris"))
    boris.accept()
    lab.changes_nothing(events.AgentSpoke("anna", "What do we charge?"), "the caller does not hear it")
    lab.do(events.ConsultActed("anna", "conference"))
    lab.do(events.AgentSpoke("anna", "Now all three hear me."))
    assert lab.last(facts.Said).by == "anna"


def test_what_is_said_is_bounded_and_acts_are_known() -> None:
    lab, phone, _ = talking()
    lab.do(events.SpeechHeard(phone.line, "x" * 100_000))
    assert len(lab.last(facts.Said).text) == SPEECH_CHARS_MAX
    lab.changes_nothing(events.AgentSpoke("anna", "Hm", "shrugs"), "no such act")
    lab.changes_nothing(events.SpeechHeard(phone.line, "Hm", "shrugs"), "no such act")
    assert all(name == name.lower() for name in ACTS)


def test_contacts_by_other_ways_and_changes_of_rows_are_told() -> None:
    lab = Lab()
    lab.do(
        events.ContactNoted("+491", "account", "button", "promised payment", "failed.out_of_order", "Sorry.")
    )
    lab.do(events.RowChanged("customers", "+491", {"balance": "-3.00"}))
    contact = facts.ContactMade(
        0, "+491", "account", "button", "promised payment", "failed.out_of_order", "Sorry."
    )
    assert lab.facts[-2:] == [contact, facts.WorldChanged(0, "customers", "+491", {"balance": "-3.00"})]
