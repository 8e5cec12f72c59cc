"""carry: what an agent is shown with a call."""

import pytest

from ivr.core import events
from ivr.errors import AuthorError
from tests.support import Lab, center_of
from tests.support.lab import states

FLOW = """
a:
  - lookup: who
    with: {phone: caller.number}
    on: {not_found: b, failed: b}
  - goto: b
b:
  - %s
  - hangup
z: [hangup]
"""
ADA = {"name": "Ada", "price": "40.00", "active": True, "language": None}
ON = "on: {timeout: z, full: z, empty: z, closed: z}"


def known(step: str) -> Lab:
    """A caller whom the lookup has found."""
    lab = Lab(center_of(states(FLOW % step)))
    lab.call(caller="1")
    lab.do(events.LookupFinished(1, "ok", ADA))
    return lab


def test_a_queue_shows_the_agent_what_is_carried_and_nothing_else() -> None:
    lab = known("{queue: support, carry: [customer], %s}" % ON)  # noqa: UP031
    assert lab.agent("anna").card.data == {"customer": ADA}
    lab = known("{queue: support, %s}" % ON)  # noqa: UP031
    assert lab.agent("anna").card.data == {}


def test_what_is_carried_survives_an_overflow() -> None:
    lab = known("{queue: support, carry: [customer], max_wait: 1m, overflow: billing, %s}" % ON)  # noqa: UP031
    lab.wait(60_000)
    assert lab.agent("boris").card.data == {"customer": ADA}


def test_a_transfer_carries_too() -> None:
    lab = Lab(
        center_of(
            states(
                FLOW
                % "{transfer: boris, carry: [customer], on: {busy: z, no_answer: z, rejected: z, failed: z}}"
            )
        )
    )
    boris = lab.agent("boris")
    lab.call(caller="1")
    lab.do(events.LookupFinished(1, "ok", ADA))
    assert boris.card.data == {"customer": ADA}


def test_only_data_of_the_center_can_be_carried() -> None:
    with pytest.raises(AuthorError, match=r"(?s)custmer.*customer"):
        center_of(states(FLOW % ("{queue: support, carry: [custmer], %s}" % ON)))  # noqa: UP031
    with pytest.raises(AuthorError, match="vars"):
        center_of(states(FLOW % ("{queue: support, carry: [vars], %s}" % ON)))  # noqa: UP031
