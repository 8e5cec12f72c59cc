"""The center in which the rules' examples are flows, and what most of those flows share."""

from typing import Final

CENTER: Final = """\
center: Example
language: en
numbers: { main: main }
hours: { office: { mon-fri: 08:00..20:00 } }
data:
  customer: { name: text, price: money, debt: money, active: boolean }
queues:
  support: { max_wait: 20m }
agents:
  anna: { queues: [support] }
world:
  tables: { customers: [{ phone: "1", name: Ada, price: 40.00, debt: 0, active: true }] }
  runs:
    cancel-service: { gives: { reference: "B12" }, result: { reference: text } }
    apply-discount: {}
    take-payment: {}
"""

_HEAD: Final = """\
flow: main
start: main
on: { operator: person, error: person }
states:
"""

_PERSON: Final = """\
  person:
    - queue: support
    - hangup
"""

RETENTION: Final = """\
flow: main
start: plan
on: { operator: person, error: person, keys: { 9: cancel } }
policy: { max_offers: 3, cancel_key: 9 }
states:
  plan:
    - menu: "What would you like to do?"
      choices:
        1: { label: "To hear an offer", goto: ladder }
        9: { label: "To cancel", goto: cancel }
      again: "For an offer, press 1. To cancel, press 9."
  ladder:
    - offer: stay
      steps: [{ percent: 30, months: 6 }]
      say: "You would pay {{ offer.price | money }} for {{ offer.months }} months, then {{ customer.price | money }}."
      again: "{{ offer.price | money }} for {{ offer.months }} months, then {{ customer.price | money }}."
      on: { accepted: keep, exhausted: cancel, give_up: person }
  keep:
    - run: apply-discount
      on: { failed: person, timeout: person }
    - hangup
  cancel:
    - run: cancel-service
      on: { failed: person, timeout: person }
    - hangup
  person:
    - queue: support
    - hangup
"""
"""A flow that keeps every rule of retention; the failing examples change one thing in it."""

_DEBT: Final = """\
  gate:
    - if: customer.debt > 0
      then: settle
      else: ladder
  settle:
    - menu: "You owe {{ customer.debt | money }}."
      choices:
        1: { label: "To pay and hear the offer", steps: [{ run: take-payment }, { goto: ladder }] }
        2: { label: "To cancel all the same", goto: cancel }
      again: "To pay, press 1. To cancel, press 2."
"""


WITHOUT_KEY: Final = (
    RETENTION.replace(", keys: { 9: cancel }", "")
    .replace(", cancel_key: 9", "")
    .replace('9: { label: "To cancel"', '2: { label: "To cancel"')
    .replace("press 9", "press 2")
)
"""The same without a key that works everywhere."""


def states(text: str) -> str:
    """A whole flow around these states; key 0 leads to the state `person`."""
    return _HEAD + text + ("" if "  person:\n" in text else _PERSON)


def but(text: str, old: str, new: str) -> str:
    """A text with one part changed."""
    assert text.count(old) == 1, old
    return text.replace(old, new)


GATED: Final = but(RETENTION, "goto: ladder", "goto: gate").replace("  ladder:\n", _DEBT + "  ladder:\n")
"""The same with offers for those alone who owe nothing."""
