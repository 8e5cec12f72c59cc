"""Calls in flows: where outcomes, errors, keys and hang-ups lead, and what the outside answers."""

import pytest

from ivr.core import events, facts
from tests.support import Lab, center_of
from tests.support.lab import states

VARS = "vars: {number: text, n: integer, name: text}"


def lab_of(text: str, head: str = VARS, **more: str) -> Lab:
    return Lab(center_of(states(text, head), **more))


def ended(lab: Lab) -> list[tuple[str, str]]:
    return [(fact.verb, fact.result) for fact in lab.told(facts.StepEnded)]


def failures(lab: Lab) -> list[str]:
    return [fact.kind for fact in lab.told(facts.FlowFailed)]


def answer(lab: Lab, outcome: str = "ok", **result: object) -> None:
    asked = lab.last(facts.LookupAsked)
    lab.do(events.LookupFinished(asked.request, outcome, dict(result)))


# Steps that take no time ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "says"), [("0", "zero"), ("1", "one"), ("7", "many")])
def test_switch_set_and_if_lead_where_values_say(value: str, says: str) -> None:
    text = f"""
a:
  - set: {{n: "{value}"}}
  - switch: vars.n
    cases: {{0: zero, 1: one}}
    else: many
zero: [{{say: "zero"}}, hangup]
one: [{{say: "one"}}, hangup]
many: [{{if: vars.n > 5, then: {{say: "many"}}, else: {{say: "few"}}}}, hangup]
""".replace(f'"{value}"', value)
    lab = lab_of(text)
    assert lab.call().text == says


def test_chance_is_the_same_for_a_seed_and_goes_each_way() -> None:
    text = 'a: [{chance: [{weight: 50, label: x, then: {log: "x"}}, {weight: 50, label: y}]}, hangup]'
    runs = []
    for _ in range(2):
        lab = lab_of(text)
        for number in range(40):
            lab.call(f"p-{number}")
        runs.append([result for verb, result in ended(lab) if verb == "chance"])
    assert runs[0] == runs[1]
    assert {"way.x", "way.y"} == set(runs[0])


def test_wait_and_hold_take_their_time() -> None:
    lab = lab_of('a: [{wait: 2s}, {hold: 3s, music: bossa}, {say: "End."}, hangup]')
    phone = lab.call()
    lab.wait(2_000)
    assert lab.out.of("music") == [("p-1", "bossa")]
    lab.wait(2_999)
    assert phone.text == ""
    lab.wait(1)
    assert phone.text == "End."


def test_log_writes_what_the_template_says() -> None:
    lab = lab_of('a: [{log: "from {{ caller.number }}"}, hangup]')
    lab.call(caller="+49")
    assert lab.last(facts.LogWritten).text == "from +49"


@pytest.mark.parametrize(("minutes", "says"), [(0, "Open."), (12 * 60, "Closed.")])
def test_hours_are_the_calendars(minutes: int, says: str) -> None:
    text = 'a: [{hours: office, on: {closed: c}}, {say: "Open."}, hangup]\nc: [{say: "Closed."}, hangup]'
    lab = lab_of(text)  # instant 0 is a Thursday, 1970-01-01 00:00 UTC
    lab.wait((8 * 60 + minutes) * 60_000)
    assert lab.call().text == says


def test_steps_without_time_are_bounded() -> None:
    """The checker refuses such a loop unless a step in it waits; after a hang-up nothing is said, so nothing waits."""
    lab = lab_of("a: [{wait: 1s}, hangup]\nb: [{wait: 1m}, {goto: b}]", VARS + "\non: {hangup: b}")
    lab.call().hang_up()
    assert failures(lab) == ["runaway"]
    assert lab.last(facts.LimitReached).limit == "steps_without_time"
    assert lab.last(facts.CallEnded).reason == "caller_hung_up"


# Requests -------------------------------------------------------------------------------------------------

LOOKUP = """
a:
  - lookup: who
    with: {phone: caller.number}
    timeout: 2s
    retry: {tries: 2, every: 1s}
    on: {not_found: none, failed: broken}
  - say: "Hello {{ customer.name }}."
  - hangup
none: [{say: "Unknown."}, hangup]
broken: [{say: "Broken."}, hangup]
"""


def test_a_lookup_fills_its_root() -> None:
    lab = lab_of(LOOKUP)
    phone = lab.call(caller="7")
    assert lab.out.of("look_up") == [(1, "who", {"phone": "7"}, "7")]
    lab.wait(300)
    answer(lab, name="Ada", price="40.00", active=True)
    assert phone.text == "Hello Ada."
    assert lab.last(facts.LookupEnded).took_ms == 300


def test_a_lookup_that_finds_nothing_is_not_tried_again() -> None:
    lab = lab_of(LOOKUP)
    phone = lab.call()
    answer(lab, "not_found")
    assert phone.text == "Unknown."


@pytest.mark.parametrize("outcome", ["failed", "failed.network", "nonsense", "", "x" * 5_000])
def test_failures_and_nonsense_are_tried_again_and_then_handled(outcome: str) -> None:
    lab = lab_of(LOOKUP)
    phone = lab.call()
    answer(lab, outcome)
    assert phone.text == ""
    lab.wait(1_000)
    assert lab.last(facts.LookupAsked).attempt == 2
    answer(lab, outcome)
    assert phone.text == "Broken."


def test_no_answer_is_a_timeout_and_a_late_one_is_ignored() -> None:
    lab = lab_of(LOOKUP)
    phone = lab.call()
    lab.wait(2_000)
    assert lab.last(facts.LookupEnded).outcome == "timeout"
    lab.changes_nothing(events.LookupFinished(1, "ok", {"name": "Late"}), "nobody waits")
    lab.wait(3_000)
    assert phone.text == "Broken."
    lab.changes_nothing(events.LookupFinished(2, "ok"), "nobody waits")
    lab.changes_nothing(events.LookupFinished(99, "ok"), "nobody waits")


def test_an_answer_of_wrong_types_is_a_failure_that_is_tried_again() -> None:
    lab = lab_of(LOOKUP)
    phone = lab.call()
    answer(lab, price="a lot")
    lab.wait(1_000)
    answer(lab, name="Ada")
    assert phone.text == "Hello Ada."


def test_a_step_left_by_a_key_no_longer_waits_for_its_answer() -> None:
    text = (
        LOOKUP
        + "out: [{lookup: who, with: {phone: caller.number}, on: {not_found: none, failed: broken}}, hangup]"
    )
    lab = lab_of(text, VARS + "\non: {keys: {9: out}}")
    lab.call().press("9")
    lab.changes_nothing(events.LookupFinished(1, "ok", {"name": "Old"}), "nobody waits")
    answer(lab, "ok", name="New")
    assert ended(lab)[-2:] == [("lookup", "ok"), ("hangup", "next")]


def test_a_run_has_one_key_for_all_its_attempts_and_another_for_each_visit() -> None:
    text = """
a:
  - run: pay
    with: {amount: 5}
    retry: {tries: 2, every: 1s}
    on: {declined: a, failed: b}
  - hangup
b: [hangup]
"""
    lab = lab_of(text)
    lab.call()
    answer(lab, "failed")
    lab.wait(1_000)
    answer(lab, "declined")
    keys = [fact.key for fact in lab.told(facts.LookupAsked)]
    assert keys == ["c-000001/main/a/0/1", "c-000001/main/a/0/1", "c-000001/main/a/0/2"]
    assert [args[4] for args in lab.out.of("run")] == keys


# Outcomes and errors ----------------------------------------------------------------------------------------


def test_an_outcome_is_looked_for_outwards_through_state_flow_and_calling_flow() -> None:
    inner = """flow: inner
start: i
returns: [done]
states:
  i: [{lookup: who, with: {phone: caller.number}}, {return: done}]
"""
    text = """
a: [{call: inner, on: {done: b}}]
b: [{say: "Done."}, hangup]
mine: [{say: "Caught outside, {{ vars.name }}."}, hangup]
"""
    text = text.replace("\na: ", '\na: [{set: {name: "Ada"}}, {goto: c}]\nc: ')
    lab = lab_of(text, VARS + "\non: {failed: mine}", inner=inner)
    phone = lab.call()
    answer(lab, "failed.network")
    assert phone.text == "Caught outside, Ada."


def test_names_of_outcomes_match_by_their_first_parts() -> None:
    text = LOOKUP.replace("tries: 2", "tries: 1")
    lab = lab_of(text)
    phone = lab.call()
    answer(lab, "failed.network.dns")
    assert phone.text == "Broken."
    assert lab.last(facts.LookupEnded).outcome == "failed.network.dns"


def test_an_error_goes_to_its_handler_and_a_second_one_to_the_apology() -> None:
    text = "a: [{set: {n: round(1 / vars.n)}}, hangup]\nsorry: [{set: {n: round(1 / vars.n)}}, hangup]"
    lab = lab_of(text, VARS + "\non: {error: sorry}")
    phone = lab.call()
    assert failures(lab) == ["expression", "expression"]
    phone.hears("We are sorry")
    assert phone.gone
    assert lab.last(facts.CallEnded).reason == "flow_hung_up"


def test_without_a_handler_an_error_goes_to_the_operator_else_to_the_apology() -> None:
    text = 'a: [{set: {n: round(1 / vars.n)}}, hangup]\nperson: [{say: "A person."}, hangup]'
    assert lab_of(text, VARS + "\non: {operator: person}").call().text == "A person."
    assert "sorry" in lab_of(text.splitlines()[0]).call().text


def test_giving_up_unhandled_goes_to_the_operator_else_it_is_an_error() -> None:
    text = """
a: [{menu: "Choose.", choices: {1: {label: "one", goto: b}}, listen: {silence: 5s, tries: 1}}]
b: [{say: "A person."}, hangup]
"""
    lab = lab_of(text, VARS + "\non: {operator: b}")
    phone = lab.call()
    phone.press("5")
    assert phone.text == "A person."
    lab = lab_of(text)
    lab.call().press("5")
    assert failures(lab) == ["unhandled.give_up"]


def test_a_key_of_the_flow_works_in_listening_and_waiting_steps_and_from_a_called_flow() -> None:
    inner = 'flow: inner\nstart: i\nreturns: [done]\nstates: { i: [{say: "Inside."}, {return: done}] }\n'
    text = """
a: [{wait: 1s}, {menu: "Choose.", choices: {1: {label: "one", goto: b}}}]
b: [{call: inner, on: {done: out}}]
out: [{say: "Out."}, hangup]
"""
    head = VARS + "\non: {keys: {9: out}, operator: out}"
    for before in ("", "wait", "menu"):
        lab = lab_of(text, head, inner=inner)
        phone = lab.call()
        if before:
            lab.wait(1_000)
        if before == "menu":
            phone.press("1")
            assert phone.text == "Inside."
        phone.press("9")
        assert phone.text == "Out."
        assert "key.9" in [result for _, result in ended(lab)]


# Flows in flows ---------------------------------------------------------------------------------------------

SUB = """flow: sub
start: s
returns: [good]
vars: {who: text}
states:
  s: [{say: "Sub {{ vars.who }}."}, {return: good, with: {reference: 7}}]
"""


def test_a_called_flow_has_its_own_variables_and_returns_values() -> None:
    text = """
a: [{set: {name: "Ada"}}, {call: sub, with: {who: vars.name}, on: {good: b}}]
b: [{say: "Back {{ vars.name }}."}, hangup]
"""
    lab = lab_of(text, sub=SUB)
    phone = lab.call()
    phone.hears("Sub Ada.", "Back Ada.")
    assert ("return", "good") in ended(lab)


def test_flows_are_not_called_deeper_than_the_limit() -> None:
    deeper = {
        f"f{n}": f"flow: f{n}\nstart: s\nreturns: [x]\nstates: {{ s: [{{call: f{n + 1}, on: {{x: t}}}}], t: [{{return: x}}] }}\n"
        for n in range(1, 8)
    }
    last = "flow: f8\nstart: s\nreturns: [x]\nstates: { s: [{return: x}] }\n"
    lab = lab_of("a: [{call: f1, on: {x: b}}]\nb: [hangup]", **deeper, f8=last)
    lab.call()
    assert "depth" in failures(lab)
    assert lab.last(facts.LimitReached).limit == "flow_depth"


def test_returning_from_the_first_flow_ends_the_call_with_its_outcome() -> None:
    lab = lab_of("a: [{return: paid}]", VARS + "\nreturns: [paid]")
    lab.call()
    assert lab.last(facts.CallEnded).outcome == "paid"


# Hanging up -------------------------------------------------------------------------------------------------

EVERY_STEP = {
    "say": '{say: "A long text to listen to."}, hangup',
    "wait": "{wait: 1m}, hangup",
    "hold": "{hold: 1m}, hangup",
    "menu": '{menu: "Choose.", choices: {1: {label: "one", goto: b}}, on: {give_up: b}}',
    "ask": '{ask: "Number?", into: number, on: {give_up: b}}, hangup',
    "offer": '{offer: o, steps: [{percent: 5, months: 1}], say: "{{ offer.price }}", on: {accepted: b, exhausted: b, give_up: b}}',
    "lookup": "{lookup: who, with: {phone: caller.number}, on: {not_found: b, failed: b}}, hangup",
    "run": "{run: pay, with: {amount: 5}, on: {declined: b, failed: b}}, hangup",
    "queue": "{queue: support, on: {timeout: b, closed: b, full: b, empty: b}}, hangup",
    "transfer": "{transfer: plumber, on: {no_answer: b, busy: b, rejected: b, failed: b}}, hangup",
    "record": '{record: "Speak.", max: 1m}, hangup',
}


@pytest.mark.parametrize("verb", EVERY_STEP)
@pytest.mark.parametrize("cause", ["hung_up", "lost", "too_slow", "eaten"])
def test_hanging_up_ends_every_step_and_leaves_nothing_behind(verb: str, cause: str) -> None:
    text = f'a: [{EVERY_STEP[verb]}]\nb: [hangup]\nafter: [{{say: "Unheard."}}, {{log: "gone"}}, {{wait: 1h}}, hangup]'
    lab = lab_of(text, VARS + "\non: {hangup: after, keys: {8: b}}")
    phone = lab.call()
    lab.wait(100)
    commands = len(lab.out.commands)
    lab.do(events.LineEnded(phone.line, cause))
    said = {"hung_up": "caller_hung_up", "too_slow": "line_too_slow"}.get(cause, "line_lost")
    assert lab.last(facts.CallEnded).reason == said
    assert lab.last(facts.LogWritten).text == "gone"
    assert (verb, "hung_up") in ended(lab)
    assert all(args[0] != "p-1" for name, args in lab.out.commands[commands:] if name != "look_up")
    assert lab.engine.next_due() > lab.now + 10**9  # no alarm is left
    lab.changes_nothing(events.LineEnded(phone.line), "no such line")
    lab.changes_nothing(events.KeyPressed(phone.line, "1"), "no call")


def test_what_a_flow_does_after_a_hangup_is_bounded() -> None:
    text = "a: [{wait: 1m}, hangup]\nafter: [{run: pay, with: {amount: 1}, timeout: 1m, on: {declined: b, failed: b}}, {log: paid}, hangup]\nb: [hangup]"
    head = VARS + "\non: {hangup: after}"
    lab = lab_of(text, head)
    lab.call().hang_up()
    lab.wait(4_999)
    assert lab.told(facts.CallEnded) == []
    lab.wait(1)
    assert lab.last(facts.CallEnded).reason == "caller_hung_up"
    assert lab.engine.next_due() > lab.now + 10**9
    lab.changes_nothing(events.LookupFinished(1, "ok"), "nobody waits")
    lab = lab_of(text, head)
    lab.call().hang_up()
    lab.wait(1_000)
    answer(lab, "ok", reference=1)
    assert lab.last(facts.LogWritten).text == "paid"
    assert len(lab.told(facts.CallEnded)) == 1
    assert lab.engine.next_due() > lab.now + 10**9


def test_the_handler_of_a_calling_flow_hears_the_hangup() -> None:
    text = 'a: [{call: sub, with: {who: vars.name}, on: {good: b}}]\nb: [hangup]\nafter: [{log: "{{ vars.name }} left"}, hangup]'
    lab = lab_of(
        'a: [{set: {name: "Ada"}}, {goto: c}]\nc: ' + text.removeprefix("a: "),
        VARS + "\non: {hangup: after}",
        sub=SUB,
    )
    lab.call().hang_up()
    assert lab.last(facts.LogWritten).text == "Ada left"


def test_a_recording_ends_with_its_key_its_length_or_the_call() -> None:
    text = 'a: [{record: "Speak.", max: 10s, end_key: hash, on: {empty: none}}, {say: "Kept."}, hangup]\nnone: [{say: "Empty."}, hangup]'
    for act, ended_by, says in (
        ("#", "key", "Kept."),
        ("max", "max", "Kept."),
        ("early", "key", "Empty."),
        ("bye", "hung_up", ""),
    ):
        lab = lab_of(text)
        phone = lab.call()
        phone.press("1")  # breaks the prompt off
        lab.wait(10_000 if act == "max" else 500 if act == "early" else 3_000)
        if act == "bye":
            phone.hang_up()
        elif act != "max":
            phone.press("5#")
        assert lab.last(facts.RecordingEnded).ended == ended_by
        assert phone.text == says


# The world is mad --------------------------------------------------------------------------------------------


def test_what_nobody_waits_for_changes_nothing() -> None:
    lab = lab_of('a: [{say: "Hello."}, hangup]')
    lab.call()
    for event, why in (
        (events.KeyPressed("p-9", "1"), "no call"),
        (events.KeyPressed("p-1", "Z"), "not a key"),
        (events.KeyPressed("p-1", "11"), "not a key"),
        (events.SpeechHeard("p-9", "hello"), "no call"),
        (events.PromptFinished("p-1", 99), "nothing of that number"),
        (events.PromptFinished("p-9", 1), "nothing of that number"),
        (events.LineEnded("p-9"), "no such line"),
        (events.LineAnswered("p-9"), "no such line"),
        (events.LineFailed("p-9", "busy"), "no such line"),
        (events.LineAnswered("p-1"), "was not ringing"),
        (events.LineFailed("p-1", "busy"), "was not ringing"),
        (events.LookupFinished(1, "ok"), "nobody waits"),
        (events.AgentSignedIn("nobody"), "no such agent"),
        (events.AgentSignedOut("anna"), "not signed in"),
        (events.AgentPaused("anna"), "not signed in"),
        (events.AgentLost("anna"), "not signed in"),
        (events.AgentReady("anna"), "signed_out"),
        (events.AgentWrappedUp("anna"), "not in wrap-up"),
        (events.AgentHungUp("anna"), "not in a talk"),
        (events.AgentHeld("anna"), "not talking"),
        (events.AgentResumed("anna"), "not holding"),
        (events.AgentTransferred("anna", "support"), "not in a talk"),
        (events.ReservationAccepted("anna", 1), "is not open"),
        (events.ReservationRejected("anna", 1), "is not open"),
        (events.PlanReplaced("0" * 64), "no such plan"),
    ):
        lab.changes_nothing(event, why)


@pytest.mark.parametrize(
    ("line", "dialled", "why", "hung_up"),
    [
        ("p-1", "1", "line_in_use", False),
        ("p-2", "99", "unknown_number", True),
        ("a-anna", "1", "line_in_use", False),
    ],
)
def test_calls_that_cannot_be_taken_are_refused(line: str, dialled: str, why: str, hung_up: bool) -> None:
    lab = lab_of('a: [{say: "Hello."}, hangup]')
    lab.call()
    lab.do(events.CallArrived(line, dialled))
    assert lab.last(facts.CallRefused).why == why
    assert bool(lab.out.of("hang_up")) is hung_up
    assert len(lab.engine.calls()) == 1


def test_no_call_is_older_than_twelve_hours() -> None:
    lab = lab_of("a: [{wait: 3000d}, hangup]".replace("3000d", "300d"))
    lab.call()
    lab.wait(3_600_000)
    lab.call("p-2")
    lab.wait(11 * 3_600_000)
    assert [(fact.call, fact.reason) for fact in lab.told(facts.CallEnded)] == [(1, "system_error")]
    lab.wait(3_600_000)
    assert len(lab.told(facts.CallEnded)) == 2
    assert lab.engine.next_due() > lab.now + 10**12


def test_running_calls_keep_their_plan_and_new_ones_get_the_new_one() -> None:
    old = center_of(states('a: [{wait: 1s}, {say: "Old."}, hangup]'))
    new = center_of(
        states('a: [{wait: 1s}, {say: "New."}, hangup]'),
        queues="queues: { support: { wrap_up: 9s }, billing: {} }",
    )
    lab = Lab(old)
    first = lab.call()
    lab.engine.adopt(new.plan)
    lab.audit.adopt(new.plan)
    lab.do(events.PlanReplaced(new.plan.digest))
    second = lab.call("p-2")
    lab.wait(1_000)
    assert (first.text, second.text) == ("Old.", "New.")
    assert lab.engine.plan is new.plan


def test_a_plan_with_other_staff_is_not_taken() -> None:
    lab = lab_of("a: [{wait: 1s}, hangup]")
    for agents in (
        "agents: { anna: { queues: [support] } }",
        "agents: { anna: { queues: [billing] }, boris: { queues: [support] } }",
    ):
        other = center_of(agents=agents)
        lab.engine.adopt(other.plan)
        lab.changes_nothing(events.PlanReplaced(other.plan.digest), "fixed")
