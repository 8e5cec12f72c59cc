"""What is kept of a customer's contacts: `Contact`, what was promised in it, and the `Journey` of contacts about one matter."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import msgspec

from ivr.core.time import DAY, Instant, Ms

WINDOW_MS: Final[Ms] = 7 * DAY
"""Contacts closer than this belong together, and a matter is resolved if nobody comes again within it."""

PHONE: Final = "phone"
UNFIT: Final = "not_for_me"
"""The detail of a `declines` that says that the offer does not fit."""


class Met(msgspec.Struct, gc=False):
    """Somebody the customer talked to: the agent's name or the number outside, and the queue that led there."""

    party: str
    queue: str = ""


class Passing(msgspec.Struct, gc=False):
    """One transfer; `by` is an agent or `flow`, `after_talk` whether the customer had talked to somebody before."""

    by: str
    target: str
    mode: str
    after_talk: bool
    result: str = ""


class Heard(msgspec.Struct, gc=False):
    """An offer; `answer` is `accepted`, `declined`, `unanswered`, `hung_up` or empty, `why` what was said about it."""

    offer: str
    detail: str
    answer: str = ""
    why: str = ""


class Promise(msgspec.Struct, gc=False):
    """Something promised: `kind` is `said`, `visit` or `callback`, `due` until when (None: nobody said).

    `state` is `open`, `kept`, `late`, `broken` or `void` (called off or replaced). A visit is known by `order`.
    """

    kind: str
    what: str
    by: str
    made: Instant
    due: Instant | None = None
    state: str = "open"
    order: int = 0

    def at(self, now: Instant) -> str:
        """The state at an instant: what is open when its time has passed is broken.

        Of a visit with a work order the order's own end says so.
        """
        if self.state != "open" or self.order:
            return self.state
        due = self.made + WINDOW_MS if self.due is None else self.due
        return "broken" if now > due and self.kind != "callback" else "open"


class Contact(msgspec.Struct, gc=False):
    """One contact. Direction `in` was made by the customer, `out` by the company; lengths are milliseconds.

    `channel` is `phone`, that of a message, or another way (`site`, `office`). `call` is 0 where there was none.
    `prompts_ms` are those heard outside queues, `waited_ms` the time in queues and, on a call that the company
    placed, the time until somebody talked. `ended_by` is who ended it: `caller`, `agent`, `party`, `center`, `lost`.
    `settled` is how: `said`, `run`, `assumed` (see `Journeys`) or empty.
    """

    channel: str
    direction: str
    began: Instant
    call: int = 0
    number: str = ""
    ended: Instant | None = None
    people: tuple[Met, ...] = ()
    waited_ms: Ms = 0
    hold_ms: Ms = 0
    talk_ms: Ms = 0
    prompts_ms: Ms = 0
    keys: int = 0
    misses: int = 0
    passings: tuple[Passing, ...] = ()
    referrals: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    offers: tuple[Heard, ...] = ()
    promises: tuple[Promise, ...] = ()
    sought: bool = False  # a person was asked for
    said: bool = False  # something said is known
    outcome: str = ""
    ended_by: str = ""
    settled: str = ""
    text: str = ""

    @property
    def talked(self) -> bool:
        """Whether somebody was talked to."""
        return bool(self.people)

    @property
    def missed(self) -> bool:
        """A call of the customer in which nobody was talked to and nothing was done: missed or abandoned.

        One that the flow itself ended without having asked for a person was served by the flow, and a callback that
        was booked is an answer.
        """
        if self.channel != PHONE or self.direction != "in" or self.people or self.settled:
            return False
        if any(promise.kind == "callback" for promise in self.promises):
            return False
        return self.ended is not None and (self.sought or self.ended_by != "center")

    @property
    def hung_up_on(self) -> bool:
        """An agent ended the talk with the matter open, after something was said (without words nobody knows)."""
        return self.ended_by == "agent" and self.said and not self.settled

    @property
    def transfers(self) -> int:
        """How often the customer was passed on after having talked to somebody."""
        return sum(passing.after_talk for passing in self.passings)


class Journey(msgspec.Struct, gc=False):
    """The contacts of one customer about one matter, in order; `number` counts journeys.

    `reached` are the steps of the funnel by instant, `loose` promises that were made outside any contact.
    """

    customer: str
    number: int = 0
    matter: str = ""
    contacts: list[Contact] = []
    loose: list[Promise] = []
    reached: dict[int, Instant] = {}
    last: Instant = 0

    @property
    def promises(self) -> list[Promise]:
        """Every promise, in the order in which they were made."""
        made = [promise for contact in self.contacts for promise in contact.promises]
        return sorted([*made, *self.loose], key=lambda promise: promise.made)

    @property
    def asked(self) -> Counter[str]:
        """How often each datum was asked for."""
        return Counter(datum for contact in self.contacts for datum in contact.asked)

    @property
    def offers(self) -> Iterator[Heard]:
        """Every offer that was heard."""
        return (offer for contact in self.contacts for offer in contact.offers)

    @property
    def made(self) -> int:
        """How many of the contacts the customer made."""
        return sum(contact.direction == "in" for contact in self.contacts)

    @property
    def redials(self) -> int:
        """How often the customer dialled beyond the first time."""
        dialled = sum(contact.direction == "in" and contact.channel == PHONE for contact in self.contacts)
        return max(0, dialled - 1)

    @property
    def switches(self) -> int:
        """How often the customer came by another channel than the time before."""
        channels = [contact.channel for contact in self.contacts if contact.direction == "in"]
        return sum(one != other for one, other in pairwise(channels))

    @property
    def resolved_on(self) -> int | None:
        """The number of the contact, from 1, that settled the matter, or None.

        It is settled only if the customer did not come again within `WINDOW_MS` of it: what the company
        sends or asks afterwards changes nothing.
        """
        found: int | None = None
        settled: Instant | None = None
        for number, contact in enumerate(self.contacts, 1):
            if contact.direction == "in" and settled is not None and contact.began - settled <= WINDOW_MS:
                found = settled = None
            if contact.settled and found is None:
                found = number
                settled = contact.ended if contact.ended is not None else contact.began
        return found
