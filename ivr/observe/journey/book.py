"""The journeys being followed: which one a contact belongs to, and which are over."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from ivr.core.time import Instant, Ms
from ivr.limits import JOURNEY_CONTACTS_MAX, JOURNEYS_MAX
from ivr.observe.journey.contact import Contact, Journey

Sink: TypeAlias = Callable[[Journey], object]


class Book:
    """Journeys by customer. One is over when nothing came for `window_ms`, or when there are too many."""

    def __init__(
        self, addresses: Mapping[str, str], window_ms: Ms, matter: str, ended: Sink | None, forgotten: Sink
    ) -> None:
        """With a `matter` all contacts of a customer are about it, however far apart; see `Journeys` for the others."""
        self._addresses = addresses
        self._window_ms = window_ms
        self._matter = matter
        self._ended = ended
        self._forgotten = forgotten
        self._last = 0
        self._all: dict[int, Journey] = {}  # by number, the one that was touched last at the end
        self._of: dict[str, list[Journey]] = {}

    def customer(self, address: str) -> str:
        """Whose number or address that is."""
        return self._addresses.get(address, address)

    def journeys(self) -> list[Journey]:
        """Those being followed, in the order in which they began."""
        return [self._all[number] for number in sorted(self._all)]

    def of(self, customer: str, at: Instant) -> Journey | None:
        """The customer's journey that was touched last, if it still goes on."""
        found = self._of.get(customer)
        return found[-1] if found and self._goes_on(found[-1], at) else None

    def begin(self, customer: str, contact: Contact, about: str = "") -> Journey:
        """Put a contact that begins into its journey."""
        self._let_go(contact.began)
        journey = self._fitting(customer, contact.began, about) or self._new(customer, about)
        self._put(journey, contact, contact.began)
        return journey

    def say_matter(self, journey: Journey, contact: Contact, about: str, at: Instant) -> Journey:
        """It is now known what a contact is about; the journey it belongs to."""
        if self._matter or not about or journey.matter == about:
            return journey
        if not journey.matter:
            journey.matter = about
            return journey
        self.remove(journey, contact)
        other = self._fitting(journey.customer, at, about) or self._new(journey.customer, about)
        self._put(other, contact, at)
        return other

    def remove(self, journey: Journey, contact: Contact) -> None:
        """Take a contact out again; a journey without any was none."""
        journey.contacts = [other for other in journey.contacts if other is not contact]
        if not journey.contacts and journey.number in self._all:
            self._drop(journey)

    def touch(self, journey: Journey, at: Instant) -> None:
        """Something of the journey happens."""
        journey.last = max(journey.last, at)
        if (known := self._all.pop(journey.number, None)) is not None:
            self._all[known.number] = known
            mine = self._of[journey.customer]
            if mine[-1] is not journey:
                mine.remove(journey)
                mine.append(journey)

    def _goes_on(self, journey: Journey, at: Instant) -> bool:
        return bool(self._matter) or at - journey.last <= self._window_ms

    def _fitting(self, customer: str, at: Instant, about: str) -> Journey | None:
        """The last journey that this may belong to; without a matter, whichever was last."""
        for journey in reversed(self._of.get(customer, [])):
            known = self._matter or not about or journey.matter in ("", about)
            if known and self._goes_on(journey, at):
                return journey
        return None

    def _new(self, customer: str, about: str) -> Journey:
        if len(self._all) >= JOURNEYS_MAX:
            self._finish(next(iter(self._all.values())))
        self._last += 1
        journey = self._all[self._last] = Journey(customer, self._last, self._matter or about)
        self._of.setdefault(customer, []).append(journey)
        return journey

    def _put(self, journey: Journey, contact: Contact, at: Instant) -> None:
        if len(journey.contacts) < JOURNEY_CONTACTS_MAX:
            journey.contacts.append(contact)
        self.touch(journey, at)

    def _let_go(self, at: Instant) -> None:
        """Hand over what is over; without a sink everything is kept."""
        while self._ended is not None and self._all:
            oldest = next(iter(self._all.values()))
            if self._goes_on(oldest, at):
                return
            self._finish(oldest)

    def finish_all(self) -> None:
        """Hand over every journey: nothing more will come."""
        for journey in self.journeys():
            self._finish(journey)

    def _finish(self, journey: Journey) -> None:
        self._drop(journey)
        if journey.customer not in self._of:
            self._forgotten(journey)
        if self._ended is not None:
            self._ended(journey)

    def _drop(self, journey: Journey) -> None:
        del self._all[journey.number]
        mine = self._of[journey.customer]
        mine.remove(journey)
        if not mine:
            del self._of[journey.customer]
