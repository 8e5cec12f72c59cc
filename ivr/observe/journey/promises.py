"""What was promised to a customer, and whether it was kept.

said        a promise in a talk, due after its `detail` (`2h`), else after a week. What it is about says what keeps it:
            `call` or `callback` a call, `message`, `sms`, `email` or `letter` a message, `visit`, `work` or `installer`
            somebody who comes; anything else whichever of them comes first. Until twice its time it is late, then broken.
visit       an appointment or a work order, one promise where both are for the same customer: kept by work that is done,
            late by work that is late, broken by nobody coming; put off or called off in time it is void.
callback    kept when it reached the customer.
"""

from datetime import datetime
from typing import Final

from ivr.core import facts
from ivr.core.calendar import Calendar
from ivr.core.time import Instant, parse_duration
from ivr.limits import CONTACT_NOTES_MAX
from ivr.observe.journey.contact import WINDOW_MS, Promise

CALL: Final = "call"
MESSAGE: Final = "message"
_WAYS: Final = {
    **dict.fromkeys((CALL, "callback"), CALL),
    **dict.fromkeys((MESSAGE, "sms", "email", "letter"), MESSAGE),
}
_VISITS: Final = ("visit", "work", "installer")
_WORK: Final = {"done": "kept", "late": "late", "no_show": "broken", "never_assigned": "broken"}


class Promises:
    """Those that are open, by customer; orders and callbacks by number."""

    def __init__(self, calendar: Calendar | None) -> None:
        """Without a calendar nobody knows when the window of an appointment is over."""
        self._calendar = calendar
        self._open: dict[str, list[Promise]] = {}
        self._orders: dict[int, tuple[str, Promise]] = {}
        self._callbacks: dict[int, Promise] = {}

    def forget(self, customer: str) -> None:
        """Nothing of the customer is followed any more."""
        self._open.pop(customer, None)

    def said(self, customer: str, fact: facts.Said) -> Promise | None:
        """Somebody promised; None where that only says when the visit that is promised already will be."""
        due = _due(fact.detail, fact.at)
        visit = fact.about in _VISITS
        if visit and (known := self._visit(customer)) is not None:
            known.due = due if due is not None else known.due
            return None
        made = Promise("visit" if visit else "said", fact.about or fact.text, fact.by, fact.at, due)
        following = self._open.setdefault(customer, [])
        if len(following) < CONTACT_NOTES_MAX:
            following.append(made)
        return made

    def reached(self, customer: str, at: Instant, way: str) -> None:
        """The company called (`CALL`) or wrote (`MESSAGE`)."""
        for promise in self._open.get(customer, []):
            if promise.kind == "said" and _WAYS.get(promise.what, way) == way:
                due = promise.made + WINDOW_MS if promise.due is None else promise.due
                if at <= due:
                    promise.state = "kept"
                elif at <= due + (due - promise.made):
                    promise.state = "late"
        self._clear(customer)

    # Visits ----------------------------------------------------------------------------------------------------

    def appointed(self, customer: str, fact: facts.AppointmentMade) -> Promise | None:
        """An appointment changed; the promise if it is a new one."""
        known = self._visit(customer)
        if fact.change == "confirmed":
            return None
        if known is not None and known.at(fact.at) != "open":
            known.state, known = "broken", None
        if fact.change == "cancelled":
            if known is not None:
                known.state = "void"
            self._clear(customer)
            return None
        due = None
        if self._calendar is not None:
            due = self._calendar.instant(datetime.fromisoformat(fact.ends), fact.at)
        if known is not None:
            known.due = due if due is not None else known.due
            return None
        made = Promise("visit", fact.appointment, "", fact.at, due)
        self._open.setdefault(customer, []).append(made)
        return made

    def ordered(self, customer: str, fact: facts.WorkOrdered) -> Promise | None:
        """Work is ordered; the promise if it is a new one."""
        known = next(
            (one for one in self._open.get(customer, []) if one.kind == "visit" and not one.order), None
        )
        made = None
        if known is None:
            known = made = Promise("visit", fact.queue, "", fact.at, fact.closes)
            self._open.setdefault(customer, []).append(made)
        known.order = fact.order
        known.due = fact.closes if known.due is None else known.due
        self._orders[fact.order] = customer, known
        return made

    def worked(self, fact: facts.WorkEnded) -> None:
        """A work order is over."""
        if (found := self._orders.pop(fact.order, None)) is None:
            return
        customer, promise = found
        if promise.state == "open":
            in_time = promise.due is None or fact.at <= promise.due
            promise.state = _WORK.get(fact.result, "void" if in_time else "broken")
            if promise.state == "kept":
                for other in self._open.get(customer, []):
                    if other.kind == "said" and other.what not in _WAYS:
                        other.state = "kept" if other.at(fact.at) == "open" else "late"
        self._clear(customer)

    def _visit(self, customer: str) -> Promise | None:
        return next((one for one in self._open.get(customer, []) if one.kind == "visit"), None)

    # Callbacks -------------------------------------------------------------------------------------------------

    def booked(self, fact: facts.CallbackBooked) -> Promise:
        """A callback is promised."""
        made = self._callbacks[fact.callback] = Promise("callback", fact.queue, "", fact.at)
        return made

    def called_back(self, fact: facts.CallbackEnded) -> None:
        """A callback is over."""
        if (promise := self._callbacks.pop(fact.callback, None)) is not None:
            promise.state = "kept" if fact.result == "reached" else "broken"

    def _clear(self, customer: str) -> None:
        if customer in self._open:
            self._open[customer] = [one for one in self._open[customer] if one.state == "open"]


def _due(detail: str, at: Instant) -> Instant | None:
    """When a promise has to be kept; None where its detail is no duration."""
    try:
        return at + parse_duration(detail)
    except ValueError:
        return None
