"""The fold: facts to journeys. The package says what belongs together."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ivr.core import facts
from ivr.core.calendar import Calendar
from ivr.core.facts import Fact, work_number
from ivr.core.time import Instant, Ms
from ivr.core.treatment import BELONGS, FunnelStep
from ivr.limits import WORK_ORDERS_MAX
from ivr.observe.fan import Handler, Handlers
from ivr.observe.journey import words
from ivr.observe.journey.book import Book, Sink
from ivr.observe.journey.contact import PHONE, WINDOW_MS, Contact, Heard, Journey, Met, Passing, Promise
from ivr.observe.journey.funnel import Marks
from ivr.observe.journey.open_calls import OpenCall
from ivr.observe.journey.promises import CALL, MESSAGE, Promises

_ENDERS: Final = {
    "caller_hung_up": "caller",
    "line_lost": "lost",
    "line_too_slow": "lost",
    "system_error": "lost",
    "shutdown": "lost",
}
_NUMBERED: Final = ("call", "order")
_TALK_ENDERS: Final = ("caller", "agent", "party", "lost")


class Journeys:
    """The fold; `journeys()` gives what is followed at present.

    Calls whose caller has no number belong to nobody and are passed over.
    """

    def __init__(
        self,
        *,
        addresses: Mapping[str, str] | None = None,
        window_ms: Ms = WINDOW_MS,
        matter: str = "",
        settling: Mapping[str, str] | None = None,
        funnel: Sequence[FunnelStep] = (),
        calendar: Calendar | None = None,
        assume_settled: bool = False,
        by_line: bool = False,
        ended: Sink | None = None,
        contact_ended: Sink | None = None,
    ) -> None:
        """`addresses` are those of messages and appointments by number of the customer.

        With a `matter` every contact of a customer is about it. `settling` are runs that settle a matter (see
        `ivr.core.treatment`). The `calendar` reads the windows of appointments. With `assume_settled`
        a contact in which somebody was talked to, or whom the flow served to its end, settles the matter where nothing
        said is known, if nobody comes again: for agents without words. With `by_line` a simulated
        caller is known by their line and not by their number: they share the few numbers of a table. `ended` gets each
        journey that is over, which is then forgotten; without it all are kept. `contact_ended` gets the journey at the
        end of each of its contacts.
        """
        self._promises = Promises(calendar)
        self._book = Book(
            addresses or {}, window_ms, matter, ended, lambda journey: self._promises.forget(journey.customer)
        )
        self.settling = settling or {}
        self._contact_ended = contact_ended or (lambda _: None)
        self._assume_settled = assume_settled
        self._calls: dict[int, OpenCall] = {}
        self._by_line = by_line
        self._orders: dict[int, str] = {}
        self._callbacks: dict[int, str] = {}
        self._messages: dict[int, tuple[Journey, Contact]] = {}
        self._marks = Marks(funnel)
        self._handlers = self._wanted()

    def handlers(self) -> Handlers:
        """See `ivr.observe.fan`."""
        return self._handlers

    def take(self, fact: Fact) -> None:
        """Fold one fact."""
        if (handler := self._handlers.get(type(fact))) is not None:
            handler(fact)

    def journeys(self) -> list[Journey]:
        """Those being followed, in the order in which they began."""
        return self._book.journeys()

    def close(self) -> None:
        """Hand every journey to `ended`: nothing more will come."""
        self._book.finish_all()

    def _wanted(self) -> dict[type[Fact], Handler]:
        found: dict[type[Fact], Handler] = {
            facts.CallStarted: self._started,
            facts.CallRefused: self._refused,
            facts.CallEnded: self._ended,
            facts.DialStarted: self._dialling,
            facts.DialEnded: self._dialled,
            facts.PromptHeard: self._prompt,
            facts.KeyHeard: self._key,
            facts.InputMissed: self._missed,
            facts.ValueSet: self._value,
            facts.StepEnded: self._step,
            facts.LookupEnded: self._looked_up,
            facts.OfferMade: self._offered,
            facts.OfferEnded: self._offer_ended,
            facts.CallQueued: self._queued,
            facts.QueueRefused: self._queue_refused,
            facts.QueueLeft: self._left,
            facts.Connected: self._connected,
            facts.Said: self._said,
            facts.TalkEnded: self._talked,
            facts.TransferStarted: self._transferring,
            facts.TransferEnded: self._transferred,
            facts.MessageSent: self._sent,
            facts.MessageEnded: self._message_ended,
            facts.MessageArrived: self._arrived,
            facts.ContactMade: self._contact,
            facts.AppointmentMade: self._appointed,
            facts.WorkOrdered: self._ordered,
            facts.WorkEnded: self._worked,
            facts.CallbackBooked: self._booked,
            facts.CallbackTried: self._trying,
            facts.CallbackEnded: self._called_back,
        }
        return found | {kind: self._marking(found.get(kind)) for kind in self._marks.kinds}

    def _marking(self, handler: Handler | None) -> Handler:
        """A fact that marks a step of the funnel; its journey may be over or only begin with it."""

        def marking(fact: Any) -> None:
            before = self._journey_of(fact)
            if handler is not None:
                handler(fact)
            journey = self._journey_of(fact) or before
            if journey is not None:
                self._marks.mark(journey, fact)

        return marking

    def _journey_of(self, fact: Any) -> Journey | None:
        if (call := self._calls.get(getattr(fact, "call", 0))) is not None:
            return call.journey or self._book.of(call.customer, fact.at)
        for name in BELONGS:
            if (
                name not in _NUMBERED
                and (address := getattr(fact, name, ""))
                and (journey := self._book.of(self._book.customer(address), fact.at)) is not None
            ):
                return journey
        return self._book.of(self._orders.get(getattr(fact, "order", 0), ""), fact.at)

    # Calls -----------------------------------------------------------------------------------------------------

    def _started(self, fact: facts.CallStarted) -> None:
        customer = self._caller(fact)
        if fact.direction == "flow":
            customer = self._orders.get(_order(fact.number), customer)
        call = self._calls[fact.call] = OpenCall(customer, fact.line)
        if fact.direction == "in" and customer:
            self._begin(call, Contact(PHONE, "in", fact.at, fact.call, fact.number))

    def _caller(self, fact: facts.CallStarted | facts.CallRefused) -> str:
        """Who calls; a simulated caller has the line `s-7`, and redialling `s-7-2`."""
        if self._by_line and fact.line.startswith("s-"):
            return "-".join(fact.line.split("-")[:2])
        return self._book.customer(fact.caller)

    def _begin(self, call: OpenCall, contact: Contact) -> None:
        call.contact = contact
        call.journey = self._book.begin(call.customer, contact)

    def _refused(self, fact: facts.CallRefused) -> None:
        if customer := self._caller(fact):
            contact = Contact(PHONE, "in", fact.at, number=fact.number, ended=fact.at, sought=True)
            contact.outcome = fact.why
            contact.ended_by = "center"
            self._note(customer, contact)

    def _note(self, address: str, contact: Contact, about: str = "") -> Journey:
        """A contact that is over as it comes."""
        journey = self._book.begin(self._book.customer(address), contact, about)
        self._contact_ended(journey)
        return journey

    def _dialling(self, fact: facts.DialStarted) -> None:
        call = self._calls.get(fact.call)
        if call is not None:
            call.line = fact.line
            call.customer = call.customer or self._book.customer(fact.number)

    def _dialled(self, fact: facts.DialEnded) -> None:
        call = self._calls.get(fact.call)
        if call is not None and fact.result == "answered":
            call.customer = self._book.customer(fact.number)
            self._called(call, fact.call, fact.at)
            call.answered(fact.at)

    def _called(self, call: OpenCall, number: int, at: Instant) -> None:
        """The company has the customer on the line."""
        self._begin(call, Contact(PHONE, "out", at, number))
        self._promises.reached(call.customer, at, CALL)

    def _ended(self, fact: facts.CallEnded) -> None:
        call = self._calls.pop(fact.call, None)
        if call is None or call.contact is None or call.journey is None:
            return
        contact = call.contact
        contact.ended = fact.at
        contact.outcome = fact.outcome
        contact.ended_by = contact.ended_by or _ENDERS.get(fact.reason, "center")
        if self._assume_settled and not contact.said and not contact.settled:
            served = contact.direction == "in" and not contact.sought and contact.ended_by == "center"
            if served or (contact.people and contact.ended_by != "lost"):
                contact.settled = "assumed"
        self._book.touch(call.journey, fact.at)
        self._contact_ended(call.journey)

    def _in(self, call: int) -> Contact | None:
        found = self._calls.get(call)
        return found.contact if found is not None else None

    # In the flow -----------------------------------------------------------------------------------------------

    def _prompt(self, fact: facts.PromptHeard) -> None:
        if (call := self._calls.get(fact.call)) is not None:
            call.prompt(fact)

    def _key(self, fact: facts.KeyHeard) -> None:
        if (contact := self._in(fact.call)) is not None:
            contact.keys += 1

    def _missed(self, fact: facts.InputMissed) -> None:
        if (contact := self._in(fact.call)) is not None:
            contact.misses += 1

    def _value(self, fact: facts.ValueSet) -> None:
        if (call := self._calls.get(fact.call)) is not None:
            call.datum = fact.name

    def _step(self, fact: facts.StepEnded) -> None:
        """A question of the flow is over: the variable that it filled is the datum."""
        call = self._calls.get(fact.call)
        if call is None:
            return
        if fact.verb == "ask" and call.contact is not None:
            call.contact.asked = words.grown(call.contact.asked, call.datum or f"{fact.flow}.{fact.state}")
        call.datum = ""

    def _looked_up(self, fact: facts.LookupEnded) -> None:
        if fact.kind != "run" or fact.outcome != "ok" or fact.name not in self.settling:
            return
        if (call := self._calls.get(fact.call)) is None:
            return
        journey = call.journey or self._book.of(call.customer, fact.at)
        matter = self.settling[fact.name]
        if journey is not None and (not matter or journey.matter in ("", matter)):
            (call.contact or journey.contacts[-1]).settled = "run"

    def _offered(self, fact: facts.OfferMade) -> None:
        if (contact := self._in(fact.call)) is not None:
            contact.offers = words.grown(contact.offers, Heard(fact.offer, f"{fact.percent}%"))

    def _offer_ended(self, fact: facts.OfferEnded) -> None:
        contact = self._in(fact.call)
        if contact is not None and contact.offers:
            contact.offers[-1].answer = fact.answer

    # Queues and talks ------------------------------------------------------------------------------------------

    def _queued(self, fact: facts.CallQueued) -> None:
        if (call := self._calls.get(fact.call)) is not None:
            call.joined(fact.at)
            if call.contact is not None:
                call.contact.sought = True

    def _queue_refused(self, fact: facts.QueueRefused) -> None:
        if (contact := self._in(fact.call)) is not None:
            contact.sought = True

    def _left(self, fact: facts.QueueLeft) -> None:
        if (call := self._calls.get(fact.call)) is not None:
            call.left(fact.at, fact.waited_ms)

    def _connected(self, fact: facts.Connected) -> None:
        if (call := self._calls.get(fact.call)) is None:
            return
        if call.contact is None and call.customer:
            self._called(call, fact.call, fact.at)
        call.connected(fact.at)
        if (contact := call.contact) is not None:
            contact.ended_by = ""
            contact.people = words.grown(contact.people, Met(fact.party, fact.queue))

    def _said(self, fact: facts.Said) -> None:
        call = self._calls.get(fact.call)
        if call is None or call.contact is None or call.journey is None:
            return
        if fact.act == "wants" and not fact.by:
            call.journey = self._book.say_matter(call.journey, call.contact, fact.about, fact.at)
        elif fact.act == "promises" and fact.by:
            self._promised(call.customer, call, self._promises.said(call.customer, fact))
        words.take(call.contact, fact)

    def _talked(self, fact: facts.TalkEnded) -> None:
        if (contact := self._in(fact.call)) is not None:
            contact.talk_ms += fact.talk_ms
            contact.hold_ms += fact.hold_ms
            contact.ended_by = fact.ended_by if fact.ended_by in _TALK_ENDERS else ""

    def _transferring(self, fact: facts.TransferStarted) -> None:
        if (contact := self._in(fact.call)) is not None:
            contact.sought = True
            passing = Passing(fact.by, fact.target, fact.mode, bool(contact.people))
            contact.passings = words.grown(contact.passings, passing)

    def _transferred(self, fact: facts.TransferEnded) -> None:
        contact = self._in(fact.call)
        if contact is not None and contact.passings:
            contact.passings[-1].result = fact.result

    # Other ways ------------------------------------------------------------------------------------------------

    def _sent(self, fact: facts.MessageSent) -> None:
        customer = self._book.customer(fact.to)
        if (call := self._calls.get(fact.call)) is not None:
            call.customer = call.customer or customer
        contact = Contact(fact.channel, "out", fact.at, fact.call, ended=fact.at, text=fact.text)
        self._messages[fact.message] = self._note(fact.to, contact), contact

    def _message_ended(self, fact: facts.MessageEnded) -> None:
        """A message that was not delivered was no contact."""
        if (found := self._messages.pop(fact.message, None)) is None:
            return
        journey, contact = found
        if fact.result.partition(".")[0] == "failed":
            self._book.remove(journey, contact)
        else:
            self._promises.reached(journey.customer, fact.at, MESSAGE)

    def _arrived(self, fact: facts.MessageArrived) -> None:
        contact = Contact(fact.channel, "in", fact.at, fact.call, ended=fact.at, text=fact.text)
        self._note(fact.sender, contact)

    def _contact(self, fact: facts.ContactMade) -> None:
        contact = Contact(fact.channel, "in", fact.at, number=fact.place, ended=fact.at, text=fact.text)
        contact.outcome = fact.outcome
        contact.settled = "said" if fact.outcome == "settled" else ""
        self._note(fact.customer, contact, fact.about)

    def _appointed(self, fact: facts.AppointmentMade) -> None:
        call = self._calls.get(fact.call)
        customer = call.customer if call is not None else ""
        if customer := customer or self._book.customer(fact.whose):
            self._promised(customer, call, self._promises.appointed(customer, fact))

    def _ordered(self, fact: facts.WorkOrdered) -> None:
        call = self._calls.get(fact.call)
        if call is None or not call.customer:
            return
        self._orders[fact.order] = call.customer
        if len(self._orders) > WORK_ORDERS_MAX:
            del self._orders[next(iter(self._orders))]
        self._promised(call.customer, call, self._promises.ordered(call.customer, fact))

    def _worked(self, fact: facts.WorkEnded) -> None:
        self._promises.worked(fact)

    def _booked(self, fact: facts.CallbackBooked) -> None:
        call = self._calls.get(fact.call)
        known = call.customer if call is not None else ""
        customer = self._callbacks[fact.callback] = known or self._book.customer(fact.number)
        self._promised(customer, call, self._promises.booked(fact))

    def _trying(self, fact: facts.CallbackTried) -> None:
        """The number called may be another than the customer's."""
        if (call := self._calls.get(fact.call)) is not None:
            call.customer = self._callbacks.get(fact.callback, call.customer)

    def _called_back(self, fact: facts.CallbackEnded) -> None:
        self._callbacks.pop(fact.callback, None)
        self._promises.called_back(fact)

    def _promised(self, customer: str, call: OpenCall | None, promise: Promise | None) -> None:
        """Keep a promise where it was made: in the contact, else with the customer's journey."""
        if promise is None:
            return
        if call is not None and call.contact is not None and call.customer == customer:
            call.contact.promises = words.grown(call.contact.promises, promise)
        elif (journey := self._book.of(customer, promise.made)) is not None:
            journey.loose.append(promise)


def _order(number: str) -> int:
    """The work order a flow began for, 0 if it began for something else."""
    try:
        return work_number(number) if number.startswith("w-") else 0
    except ValueError:
        return 0
