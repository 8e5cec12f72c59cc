"""The dialect of Asterisk's queue_log, field by field as its page "Queue Logs" has them."""

from collections.abc import Callable

from ivr.core import events, facts
from ivr.core.time import SECOND
from ivr.observe.queue_log import lines_of
from tests.support import center_of
from tests.support.lab import Desk, Lab, states

FLOW = """
a:
  - queue: support
    exit_keys: [1]
    max_wait: 50s
    on: { exit: z, timeout: z, full: z, empty: z, closed: z }
  - hangup
z: [hangup]
"""
EPOCH_MS = 1_366_720_340_000


def lab_of(queue: str = "ring: 5s, retry_after: 60s") -> Lab:
    return Lab(center_of(states(FLOW), queues=f"queues: {{ support: {{ {queue} }}, billing: {{}} }}"))


def log(lab: Lab) -> list[str]:
    """What the log says, without what a start says."""
    lines = list(lines_of(lab.engine.plan, iter(lab.facts), EPOCH_MS))
    assert lines[0] == "1366720340|NONE|NONE|NONE|QUEUESTART"
    return lines[1:]


def events_of(lab: Lab) -> list[list[str]]:
    """Event and parameters of each line of a call."""
    return [line.split("|")[4:] for line in log(lab) if "|c-0" in line]


def test_a_line_has_time_call_queue_agent_event_and_parameters() -> None:
    lab = lab_of()
    lab.wait(1_500)
    lab.call(caller="+1")
    lab.agent("anna")
    assert log(lab) == [
        "1366720341|c-000001|support|NONE|ENTERQUEUE||+1|1",
        "1366720341|NONE|support|anna|ADDMEMBER",
    ]


def test_connect_has_wait_channel_and_ring_and_completion_wait_talk_and_entry_position() -> None:
    lab = lab_of()
    lab.call("p-0")
    phone = lab.call("p-1", caller="+1")
    lab.wait(20 * SECOND)
    lab.agent("boris")
    anna = lab.agent("anna")
    lab.wait(3 * SECOND)
    anna.accept()
    lab.wait(40 * SECOND)
    phone.hang_up()
    mine = [line for line in log(lab) if "c-000002" in line]
    assert mine == [
        "1366720340|c-000002|support|NONE|ENTERQUEUE||+1|2",
        "1366720363|c-000002|support|anna|CONNECT|23|a-anna|3",
        "1366720403|c-000002|support|anna|COMPLETECALLER|23|40|2",
    ]


def test_who_ends_the_talk_and_how_it_is_passed_on() -> None:
    ways: list[tuple[Callable[[Lab], None], list[str]]] = [
        (lambda lab: Desk(lab, "anna").hang_up(), ["COMPLETEAGENT", "0", "7", "1"]),
        (
            lambda lab: Desk(lab, "anna").transfer("billing"),
            ["BLINDTRANSFER", "billing", "queue", "0", "7", "1"],
        ),
    ]
    for act, expected in ways:
        lab = lab_of()
        anna = lab.agent("anna")
        lab.call()
        anna.accept()
        lab.wait(7 * SECOND)
        act(lab)
        assert expected in events_of(lab)
    lab = lab_of()
    anna, boris = lab.agent("anna"), lab.agent("boris")
    lab.call()
    anna.accept()
    lab.do(events.AgentConsulted("anna", "boris"))
    boris.accept()
    lab.wait(7 * SECOND)
    lab.do(events.ConsultActed("anna", "complete"))
    assert ["ATTENDEDTRANSFER", "BRIDGE", "boris", "0", "7", "1"] in events_of(lab)


def test_leaving_has_position_entry_position_and_wait() -> None:
    lab = lab_of()
    first, second, third = (lab.call(f"p-{number}") for number in range(3))
    lab.wait(10 * SECOND)
    first.hang_up()
    lab.wait(10 * SECOND)
    third.press("1")
    lab.wait(30 * SECOND)
    assert second.gone
    left = [words for words in events_of(lab) if words[0] != "ENTERQUEUE"]
    assert left == [
        ["ABANDON", "1", "1", "10"],
        ["EXITWITHKEY", "1", "2", "3", "20"],
        ["EXITWITHTIMEOUT", "1", "2", "50"],
    ]


def test_an_empty_queue_a_withdrawal_and_refusals() -> None:
    lab = lab_of("leave_when_empty: true, max_length: 1")
    lab.agent("anna", ready=False)
    lab.call("p-1")
    lab.call("p-2")
    lab.do(events.AgentSignedOut("anna"))
    lab.call("p-3")
    lab.do(events.CallWithdrawn(3))
    assert [words[0] for words in events_of(lab)] == ["ENTERQUEUE", "EXITEMPTY", "ENTERQUEUE", "WITHDRAW"]
    assert lab.told(facts.QueueRefused), "Asterisk's log does not know of it"


def test_rings_that_fail_are_in_milliseconds() -> None:
    lab = lab_of()
    lab.agent("anna")
    phone = lab.call()
    lab.wait(5 * SECOND)
    assert ["RINGNOANSWER", "5000"] in events_of(lab)
    lab.agent("boris")
    lab.wait(1_250)
    phone.hang_up()
    assert ["RINGCANCELED", "1250"] in events_of(lab)


def test_agents_come_pause_and_go_in_each_of_their_queues() -> None:
    lab = lab_of("ring: 5s, max_misses: 1")
    boris = lab.agent("boris", ready=False)
    boris.ready()
    boris.pause("lunch|tea")
    boris.ready()
    lab.call()
    lab.wait(5 * SECOND)
    boris.ready()
    boris.sign_out()
    said = ["|".join(line.split("|")[2:]) for line in log(lab) if "|NONE|" in line and "QUEUE|" not in line]
    assert [line for line in said if line.startswith("billing")] == [
        "billing|boris|ADDMEMBER|PAUSED",
        "billing|boris|UNPAUSE",
        "billing|boris|PAUSE|lunch/tea",
        "billing|boris|UNPAUSE",
        "billing|boris|PAUSE|Auto-Pause",
        "billing|boris|UNPAUSE",
        "billing|boris|REMOVEMEMBER",
    ]
    assert len([line for line in said if line.startswith("support")]) == 7
