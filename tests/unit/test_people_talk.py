"""Talks of simulated people: scripts of agents, what callers answer, and what becomes of the two together."""

import re
from collections.abc import Mapping

import pytest

from ivr.core import events, facts
from ivr.core.facts import Fact
from ivr.errors import AuthorError
from ivr.language import load_sources
from ivr.people.script import CallerKind
from ivr.sim.house import House

CENTER = """\
center: Lab
numbers: { "1": main }
data: { customer: { name: text, contract: text, debt: money, active: boolean } }
queues: { front: { wrap_up: 1s }, specialists: { wrap_up: 1s } }
agents: { tim: { queues: [front] }, masha: { queues: [specialists] } }
world:
  tables:
    customers: [{ contract: "40711", name: Ada, debt: 30.00, active: true }]
  lookups:
    by-contract: { args: { contract: text }, from: customers, match: { contract: contract }, into: customer, takes: 2s }
  runs:
    cancel: { args: { contract: text }, row: { from: customers, match: { contract: contract } }, sets: { active: false } }
"""
FLOW = """\
flow: main
start: a
states:
  a: [{queue: front, on: {timeout: b, full: b, empty: b, closed: b}}, hangup]
  b: [hangup]
"""
PEOPLE = """\
agents:
  default: { answers_after: 1s }
  tim: { script: trainee }
  masha: { script: specialist }
scripts:
  trainee:
    greets: [{ says: "Tim, good morning." }]
    otherwise:
      - { unknown: "that", says: "I do not know." }
      - { transfers: specialists, says: "I will put you through." }
  specialist:
    greets: [{ says: "Masha, how can I help?" }]
    may: [discount]
    topics:
      cancel:
        - { asks: contract, known_as: customer.contract, says: "Your contract number?" }
        - does: by-contract
          with: { contract: told.contract }
          on: { not_found: [{ says: "There is no such contract." }, { hangs_up: true }] }
        - if: customer.debt > 0
          then:
            - { offers: discount, detail: "30 %", says: "Stay, and pay 30 percent less.", on: { accepted: [{ grants: discount, says: "It is yours." }, { settles: cancel, says: "Glad you stay." }] } }
            - { refuses: cancel, says: "You owe {{ customer.debt | money }}." }
          else:
            - { does: cancel, with: { contract: told.contract } }
            - { settles: cancel, says: "It is cancelled, {{ customer.name }}." }
      director:
        - { holds: 5m, says: "One moment." }
        - { grants: director, else: [{ refuses: director, says: "He does not talk to customers." }] }
        - { hangs_up: true, says: "Goodbye." }
callers:
  arrivals: { rate: 1/h }
  kinds:
    - name: leaver
      share: 1
      dials: "1"
      conversation:
        wants: cancel
        says: "I want to cancel."
        knows: { contract: "40711" }
        replies:
          - { to: refuses, about: cancel, says: "Then the director.", wants: director }
"""


def played(people: str = PEOPLE, center: str = CENTER, **kind: object) -> list[Fact]:
    told: list[Fact] = []
    files: Mapping[str, str] = {"center.yaml": center, "main.flow.yaml": FLOW, "x.people.yaml": people}
    house = House(load_sources(files), "1", told.append)
    made = house.cast._script.kinds[0]
    fields = {name: getattr(made, name) for name in CallerKind.__slots__} | kind
    house.cast.start(0)
    house.driver.later(5_000, lambda _: house.cast.call(CallerKind(**fields), "+491", 1), None)
    house.driver.run(3_600_000)
    return told


def said(told: list[Fact]) -> list[tuple[str, str, str]]:
    return [(fact.by, fact.act, fact.about) for fact in told if isinstance(fact, facts.Said)]


def test_a_talk_goes_by_the_script_and_is_told_word_by_word() -> None:
    told = played()
    assert said(told) == [
        ("tim", "says", ""),
        ("", "wants", "cancel"),
        ("tim", "unknown", "that"),
        ("tim", "says", "specialists"),
        ("masha", "says", ""),
        ("", "wants", "cancel"),
        ("masha", "asks", "contract"),
        ("", "answers", "contract"),
        ("masha", "does", "by-contract"),
        ("masha", "offers", "discount"),
        ("", "declines", "discount"),
        ("masha", "refuses", "cancel"),
        ("", "wants", "director"),
        ("masha", "says", ""),
        ("masha", "refuses", "director"),
        ("masha", "says", ""),
    ]
    texts = [fact.text for fact in told if isinstance(fact, facts.Said)]
    assert "You owe 30 euros." in texts
    hold = next(fact for fact in told if isinstance(fact, facts.HoldEnded))
    assert hold.held_ms == 300_000
    ended = [fact.ended_by for fact in told if isinstance(fact, facts.TalkEnded)]
    assert ended == ["transfer", "agent"]


def test_an_accepted_offer_takes_its_own_way_and_the_caller_hangs_up() -> None:
    told = played(accepts_offer=1.0)
    assert said(told)[-4:] == [
        ("", "accepts", "discount"),
        ("masha", "grants", "discount"),
        ("masha", "settles", "cancel"),
        ("", "says", ""),
    ]
    assert [fact.ended_by for fact in told if isinstance(fact, facts.TalkEnded)][-1] == "caller"


def test_an_agent_sees_what_the_company_has_and_changes_it() -> None:
    told = played(center=CENTER.replace("debt: 30.00", "debt: 0.00"))
    assert ("masha", "does", "cancel") in said(told)
    last = [fact.text for fact in told if isinstance(fact, facts.Said) and fact.by == "masha"][-1]
    assert last == "It is cancelled, Ada."


def test_who_does_not_know_the_number_is_told_so() -> None:
    told = played(PEOPLE.replace('knows: { contract: "40711" }', "knows: {}"))
    assert ("", "unknown", "contract") in said(told)
    assert [fact.text for fact in told if isinstance(fact, facts.Said)][-1] == "There is no such contract."


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("script: trainee", "script: trainer", "there is no script 'trainer'"),
        ("transfers: specialists", "transfers: specialist", "there is no queue, agent or contact"),
        ("does: by-contract", "does: by-contrakt", "there is no lookup or run 'by-contrakt'"),
        ("contract: told.contract", "contract: told.contrakt", "contrakt"),
        ("customer.debt > 0", "customer.dept > 0", "dept"),
        ("- if: customer.debt > 0", "- says: Hm\n          if: customer.debt > 0", "nothing is said at 'if'"),
        ("to: refuses", "to: shrugs", "there is no act 'shrugs'"),
        ("{ holds: 5m,", "{ holds: 5m, waits: 1m,", "an act is one thing: holds or waits"),
        ("known_as: customer.contract", "known_as: customer.contrakt", "there is no field"),
        ("not_found: [", "lost: [", "does has no outcome 'lost'"),
        ("{ hangs_up: true }", "{ hangs_up: false }", "nothing is said or done here"),
        ('{ unknown: "that",', '{ within: 2h, unknown: "that",', "'within' belongs to 'promises'"),
        ('{ unknown: "that",', '{ about: "that", unknown: "that",', "'about' belongs to 'says'"),
        ("transfers: specialists", 'transfers: "{{ customer.desc }}"', "desc"),
    ],
)
def test_what_does_not_fit_is_reported_with_its_place(old: str, new: str, message: str) -> None:
    assert old in PEOPLE
    with pytest.raises(AuthorError) as refused:
        played(PEOPLE.replace(old, new))
    assert message in str(refused.value)
    assert re.search(r"x\.people\.yaml:\d+:\d+: error", str(refused.value))


TO_WHOM = PEOPLE.replace(
    "      - { transfers: specialists,",
    '      - { does: by-contract, with: { contract: "40711" } }\n      - { transfers: "{{ customer.name }}",',
)


def test_a_caller_is_passed_on_to_whom_the_agent_has_looked_up() -> None:
    told = played(TO_WHOM, CENTER.replace("name: Ada", "name: specialists"))
    assert ("tim", "says", "") in said(told)
    assert [fact.target for fact in told if isinstance(fact, facts.TransferStarted)] == ["specialists"]
    assert [fact.party for fact in told if isinstance(fact, facts.Connected)] == ["tim", "masha"]


def test_where_nobody_of_that_name_is_the_talk_goes_on() -> None:
    people = TO_WHOM.replace(
        "  specialist:\n", '      - { refuses: it, says: "There is nobody." }\n  specialist:\n'
    )
    told = played(people)
    assert not any(isinstance(fact, facts.TransferStarted) for fact in told)
    assert [fact.text for fact in told if isinstance(fact, facts.Said)][-1] == "There is nobody."
    assert [fact.ended_by for fact in told if isinstance(fact, facts.TalkEnded)] == ["caller"]


def test_plain_words_have_a_subject_that_callers_answer() -> None:
    people = PEOPLE.replace(
        '- { unknown: "that", says: "I do not know." }',
        '- { says: "It is the regulation.", about: regulation }',
    ).replace("replies:", 'replies:\n          - { to: says, about: regulation, says: "Who wrote it?" }')
    told = played(people)
    assert said(told)[2:4] == [("tim", "says", "regulation"), ("", "says", "regulation")]
    assert "Who wrote it?" in [fact.text for fact in told if isinstance(fact, facts.Said)]


def test_conditions_of_scripts_read_the_clock() -> None:
    center = CENTER.replace("active: boolean", "active: boolean, since: date?").replace(
        "active: true", "active: true, since: 2025-01-01"
    )
    center = center.replace("center: Lab", "center: Lab\nstarts: 2026-01-05T09:00")
    condition = "customer.since != none and months_since(customer.since) >= {}"
    for months, offered in ((12, True), (13, False)):
        told = played(PEOPLE.replace("customer.debt > 0", condition.format(months)), center)
        assert (("masha", "offers", "discount") in said(told)) is offered


def test_somebody_who_only_talks_is_understood_by_words() -> None:
    """A softphone that sends text without acts: topics by their words, answers to what was asked, yes and no."""
    files = {"center.yaml": CENTER, "main.flow.yaml": FLOW, "x.people.yaml": HEARING}
    told: list[Fact] = []
    lines = iter(["Please terminate it.", "four oh seven", "No thanks."])

    def tell(fact: Fact) -> None:
        told.append(fact)
        if isinstance(fact, facts.Said) and fact.by == "tim" and (text := next(lines, "")):
            house.driver.later(fact.length_ms + 100, house.driver.post, events.SpeechHeard("p-1", text))

    house = House(load_sources(files), "1", tell)
    house.cast.start(0)
    house.driver.later(1_000, house.driver.post, events.CallArrived("p-1", "1", "+492"))
    house.driver.run(120_000)
    acts = [(fact.act, fact.about) for fact in told if isinstance(fact, facts.Said) and fact.by == "tim"]
    assert acts == [("says", ""), ("asks", "contract"), ("offers", "discount"), ("refuses", "cancel")]


HEARING = """\
agents: { default: { answers_after: 1s }, tim: { script: helper } }
scripts:
  helper:
    greets: [{ says: "Tim." }]
    hears: { cancel: [terminate] }
    topics:
      cancel:
        - { asks: contract, says: "Number?" }
        - { offers: discount, says: "Less?", on: { accepted: [{ settles: cancel, says: "Done." }], declined: [{ refuses: cancel, says: "No." }] } }
"""


def test_a_caller_who_says_what_an_utterance_is_is_not_guessed_at() -> None:
    """A plain reply that happens to name a topic does not begin it again."""
    people = PEOPLE.replace(
        '- { to: refuses, about: cancel, says: "Then the director.", wants: director }',
        '- { to: refuses, about: cancel, says: "So I cannot cancel." }',
    )
    told = played(people)
    assert [fact.text for fact in told if isinstance(fact, facts.Said)][-1] == "So I cannot cancel."


def test_the_longest_words_decide_and_anything_else_is_a_wish_too() -> None:
    center = load_sources({"center.yaml": CENTER, "main.flow.yaml": FLOW, "x.people.yaml": HEARING})
    assert center.scripts["helper"].hears[0] == ("terminate", "cancel")
    lines = ["My toaster is broken."]
    told: list[Fact] = []

    def tell(fact: Fact) -> None:
        told.append(fact)
        if isinstance(fact, facts.Said) and fact.by == "tim" and lines:
            house.driver.later(
                fact.length_ms + 100, house.driver.post, events.SpeechHeard("p-1", lines.pop())
            )

    more = HEARING + '    otherwise: [{ unknown: it, says: "Of that I know nothing." }]\n'
    files = {"center.yaml": CENTER, "main.flow.yaml": FLOW, "x.people.yaml": more}
    house = House(load_sources(files), "1", tell)
    house.cast.start(0)
    house.driver.later(1_000, house.driver.post, events.CallArrived("p-1", "1", "+492"))
    house.driver.run(60_000)
    assert [fact.text for fact in told if isinstance(fact, facts.Said)][-1] == "Of that I know nothing."
