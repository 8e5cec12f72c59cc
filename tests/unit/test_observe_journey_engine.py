"""A journey folded from the facts of a real engine, not of made-up ones: the order in which facts come is the engine's."""

import pytest

from ivr.core import events
from ivr.core.time import HOUR, MINUTE
from ivr.observe.journey import Journey, Journeys, scorecard
from tests.support import Lab, center_of
from tests.support.lab import states

ADA = "+4915100"
FLOW = states("""
a:
  - ask: "Your contract number."
    digits: 2
    into: contract
  - queue: support
    on: { timeout: z, full: z, empty: z, closed: z, callback: b }
  - hangup
b: [{ callback: support }, hangup]
z: [hangup]
""", "vars: { contract: text }")  # fmt: skip


@pytest.fixture
def lab() -> Lab:
    return Lab(center_of(FLOW))


def only(lab: Lab) -> Journey:
    fold = Journeys()
    for fact in lab.facts:
        fold.take(fact)
    (journey,) = fold.journeys()
    return journey


def says(lab: Lab, act: str, about: str = "", detail: str = "") -> None:
    lab.do(events.AgentSpoke("anna", "...", act, about, detail))


def test_a_call_with_everything(lab: Lab) -> None:
    anna = lab.agent("anna", ready=False)
    phone = lab.call(caller=ADA)
    lab.wait(5_000)
    phone.press("47")
    lab.wait(30_000)
    anna.ready()
    anna.accept()
    says(lab, "asks", "contract")
    anna.hold()
    lab.wait(20_000)
    lab.do(events.AgentResumed("anna"))
    says(lab, "unknown", "leaflet")
    says(lab, "promises", "call", "2h")
    anna.hang_up()
    lab.wait(3 * HOUR)
    card = scorecard(only(lab), at=lab.now)
    assert (card.contacts, card.people, card.asked, card.keys) == (1, ("anna",), {"contract": 2}, 2)
    assert (card.waited_ms, card.hold_ms, card.hung_up_on) == (30_000, 20_000, 1)
    assert 0 < card.prompts_ms <= 5_000
    assert (card.promises_broken, card.unknowns, card.resolved) == (1, ("leaflet",), False)


def test_who_hangs_up_in_the_queue_was_missed_and_who_comes_again_is_served(lab: Lab) -> None:
    phone = lab.call(caller=ADA)
    phone.press("47")
    lab.wait(MINUTE)
    phone.hang_up()
    anna = lab.agent("anna")
    phone = lab.call("p-2", caller=ADA)
    phone.press("47")
    anna.accept()
    says(lab, "settles")
    phone.hang_up()
    card = scorecard(only(lab), at=lab.now)
    assert (card.contacts, card.missed, card.redials, card.resolved_on) == (2, 1, 1, 2)
    assert (card.waited_ms, card.hung_up) == (MINUTE, {"caller": 2})
    assert card.asked_again == 1
