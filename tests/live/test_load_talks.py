"""Callers who say what they want, on real phones: they say and hear what they do in virtual time."""

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.language import Center, load_sources
from ivr.live.center import LiveCenter
from ivr.load import Crowd
from ivr.people.casting import cast_script
from ivr.sim import House
from ivr.sim.house import epoch_of
from tests.live.serving import served
from tests.live.test_bad_input import until
from tests.live.test_load import open_calls

SPEED = 20.0  # a caller speaks 900 ms before an agent goes on unasked: 45 ms of real time
FOR_MS = 420_000

SOURCES = {
    "center.yaml": """
center: Shop
starts: 2026-03-02T09:00
language: en
numbers: { shop: shop, desk: desk }
data: { customer: { name: text, contract: text, debt: money } }
queues: { help: { wrap_up: 3s }, experts: { wrap_up: 3s }, plain: { wrap_up: 3s } }
agents:
  ada: { queues: [help] }
  bo: { queues: [experts] }
  cy: { queues: [plain] }
world:
  tables:
    customers: [{ contract: "40711", name: Ada, debt: 30.00 }]
  lookups:
    by-contract: { args: { contract: text }, from: customers, match: { contract: contract }, into: customer, takes: 2s }
""",
    "shop.flow.yaml": """
flow: shop
start: wait
states:
  wait: [{ queue: help, on: { timeout: bye, full: bye, empty: bye, closed: bye } }, hangup]
  bye: [hangup]
""",
    "desk.flow.yaml": """
flow: desk
start: wait
states:
  wait: [{ queue: plain, on: { timeout: bye, full: bye, empty: bye, closed: bye } }, hangup]
  bye: [hangup]
""",
    "shop.people.yaml": """
agents:
  default: { answers_after: 1s }
  ada: { script: first }
  bo: { script: expert }
  cy: { talks: 25s }
scripts:
  first:
    greets: [{ says: "Shop, good morning." }]
    otherwise: [{ unknown: that, says: "I do not know." }, { transfers: experts, says: "I will put you through." }]
  expert:
    greets: [{ says: "How can I help?" }]
    may: [discount]
    topics:
      cancel:
        - { asks: contract, says: "Your contract number?" }
        - does: by-contract
          with: { contract: told.contract }
          on: { not_found: [{ says: "There is no such contract." }, { hangs_up: true }] }
        - { holds: 40s, says: "One moment." }
        - { offers: discount, detail: "30 %", says: "Stay, and pay 30 percent less.", on: { accepted: [{ settles: cancel, says: "Glad you stay." }] } }
        - { refuses: cancel, says: "You owe {{ customer.debt | money }}." }
        - { hangs_up: true, says: "Goodbye." }
callers:
  arrivals: { rate: 90/h }
  kinds:
    - name: leaves
      share: 2
      dials: shop
      talks: 5s
      patience: 20m
      accepts_offer: 50%
      conversation:
        wants: cancel
        says: "I want to cancel."
        knows: { contract: "40711" }
        replies: [{ to: refuses, about: cancel, because: dear, says: "I see. Goodbye.", hangs_up: true }]
    - name: says nothing to hear
      share: 1
      dials: desk
      talks: 9s
      patience: 20m
      conversation: { wants: bill, says: "About my bill." }
""",
}


def said(told: list[Fact]) -> list[list[tuple[str, ...]]]:
    """What was said in each call, and who ended its talks, whichever call it was; a law ends those with Cy."""
    calls: dict[int, list[tuple[str, ...]]] = {}
    for fact in told:
        if isinstance(fact, facts.Said):
            calls.setdefault(fact.call, []).append((fact.by, fact.text, fact.act, fact.about, fact.detail))
        elif isinstance(fact, facts.TalkEnded):
            calls.setdefault(fact.call, []).append((fact.party, "" if fact.party == "cy" else fact.ended_by))
    return sorted(calls.values())


async def on_sockets(center: Center, seed: str, callers: int) -> list[Fact]:
    told: list[Fact] = []
    keep: list[LiveCenter] = []
    epoch_ms = epoch_of(center)
    serving = served(
        center,
        speed=SPEED,
        seed=seed,
        callers=False,
        tell=told.append,
        epoch_ms=epoch_ms,
        paced=True,
        keep=keep,
    )
    async with serving as url:
        clock = keep[0].driver  # both sides wait for the sockets while this process is late
        crowd = Crowd(url, cast_script(center), seed, language=center.plan.language, clock=clock)
        await crowd.play(10 * FOR_MS, callers)  # by the wall's clock: it ends when all have called
        await until(lambda: open_calls(told) == 0, 30)
    return told


async def test_callers_with_a_conversation_say_and_hear_over_sockets_what_they_do_in_virtual_time() -> None:
    center, callers = load_sources(SOURCES), 4
    virtual: list[Fact] = []
    House(center, "1", virtual.append).run(FOR_MS, callers)
    wanted = said(virtual)
    told = await on_sockets(center, "1", callers)
    assert said(told) == wanted
    acts = {line[2] for call in wanted for line in call if len(line) == 5}
    assert {"wants", "answers", "accepts", "declines", "settles", "refuses"} <= acts
    assert [("cy", "")] in wanted


async def test_what_a_caller_knows_may_be_as_long_as_an_address() -> None:
    known = "12 Long Lane, Upper Flat, Little Village near the Great Town, Some County"
    sources = {name: text.replace("40711", known) for name, text in SOURCES.items()}
    center = load_sources(sources)
    virtual: list[Fact] = []
    House(center, "1", virtual.append).run(FOR_MS, 1)
    wanted = said(virtual)
    assert ("", known, "answers", "contract", known) in wanted[0]
    assert said(await on_sockets(center, "1", 1)) == wanted
