"""A call while it lasts, as the fold of journeys needs it: whose it is, and what of its time was waiting."""

from ivr.core import facts
from ivr.core.time import Instant, Ms
from ivr.observe.journey.contact import Contact, Journey


class OpenCall:
    """One call. `contact` and `journey` are None while nobody of the customer's is on the line."""

    __slots__ = (
        "_answered",
        "_dark_ms",
        "_joined",
        "_left",
        "contact",
        "customer",
        "datum",
        "journey",
        "line",
    )

    def __init__(self, customer: str, line: str) -> None:
        self.customer = customer
        self.line = line
        self.contact: Contact | None = None
        self.journey: Journey | None = None
        self.datum = ""  # the variable that was filled last
        self._answered: Instant | None = None  # of a call the company placed: since when nobody has talked
        self._dark_ms: Ms = 0  # time since then that was queue or prompt
        self._joined: Instant = -1
        self._left: Instant = 0

    def answered(self, at: Instant) -> None:
        """The company called, and the customer picked up."""
        self._answered = at

    def prompt(self, fact: facts.PromptHeard) -> None:
        """A prompt was heard; one of a queue belongs to the waiting."""
        contact = self.contact
        if contact is None or fact.line != self.line or self._queueing(fact.since):
            return
        contact.prompts_ms += fact.at - fact.since
        self._dark_ms += fact.at - fact.since

    def _queueing(self, at: Instant) -> bool:
        return 0 <= self._joined <= at and (self._left < self._joined or at < self._left)

    def joined(self, at: Instant) -> None:
        """The call is in a queue."""
        self._joined = at
        self._left = -1

    def left(self, at: Instant, waited_ms: Ms) -> None:
        """It is not any more."""
        self._left = at
        self._dark_ms += waited_ms
        if self.contact is not None:
            self.contact.waited_ms += waited_ms

    def connected(self, at: Instant) -> None:
        """Somebody talks: on a call that the company placed, all silence and music before was waiting."""
        if self._answered is not None and self.contact is not None:
            self.contact.waited_ms += max(0, at - self._answered - self._dark_ms)
        self._answered = None
