"""What a call sets going beyond itself: calls to others, messages, appointments, work orders."""

from datetime import date, datetime, timedelta
from typing import Any

from ivr.core import facts
from ivr.core.call import Call
from ivr.core.diary import Window, instants
from ivr.core.flow import scope as scopes
from ivr.core.flow.moves import Moves
from ivr.core.flow.steps.dial import Dial
from ivr.core.flow.steps.work import Wanted, Work
from ivr.core.kernel import FlowBegun
from ivr.core.time import Instant
from ivr.limits import CALLER_CHARS_MAX, MESSAGE_MS_MAX


class PendingMessage:
    """A message that is out; with `awaits`, its answer is waited for."""

    __slots__ = ("awaits", "channel", "id", "sent", "to")

    def __init__(self, number: int, channel: str, to: str, sent: Instant) -> None:
        self.id = number
        self.channel = channel
        self.to = to
        self.sent = sent
        self.awaits = False


class Promises(Moves):
    """Calls, messages, appointments and work orders of a call."""

    __slots__ = ()

    # Calling somebody ----------------------------------------------------------------------------------------

    def dial(self, step: Dial, number: str) -> None:
        """Call a number."""
        self.kernel.queues.dial(self.call, step, number)

    # Messages ----------------------------------------------------------------------------------------------

    def send(self, channel: str, to: str, subject: str, text: str) -> None:
        """Send a message; the step is told when it has been taken."""
        call, kernel = self.call, self.kernel
        to = to[:CALLER_CHARS_MAX]
        kernel.last_request += 1
        call.request = PendingMessage(kernel.last_request, channel, to, kernel.now)
        kernel.flows.await_answer(kernel.last_request, call)
        kernel.tell(facts.MessageSent(kernel.now, call.id, kernel.last_request, channel, to, subject, text))
        self.wake_in(MESSAGE_MS_MAX, "sent")
        kernel.outlet.send(kernel.last_request, channel, to, subject, text)

    def await_reply(self) -> None:
        """From now on the next message from where the last one went to is for this call."""
        call = self.call
        pending: PendingMessage = call.request
        pending.awaits = True
        self.kernel.flows.await_reply(pending.channel, pending.to, call)

    def end_message(self, result: str) -> None:
        """What became of the message, so far."""
        call, kernel = self.call, self.kernel
        pending: PendingMessage = call.request
        self.clear_alarm()
        kernel.flows.forget(pending.id)
        took_ms = kernel.now - pending.sent
        kernel.tell(facts.MessageEnded(kernel.now, call.id, pending.id, pending.channel, result, took_ms))

    def forget_reply(self, pending: PendingMessage) -> None:
        """Nobody waits for the answer to a message any more."""
        if pending.awaits:
            self.kernel.flows.forget_reply(pending.channel, pending.to, self.call)

    # Appointments --------------------------------------------------------------------------------------------

    def look_into_diary(self, calendar: str, whose: str) -> bool:
        """Whether somebody has an appointment; `appointment` then shows it."""
        window = self.kernel.diaries[calendar].of(whose, self._local())
        self._show(calendar, window, [])
        return window is not None

    def offer_windows(self, calendar: str, page: int, size: int) -> bool:
        """Take a page of free windows to be read out (the first one where there is no such page); False if none."""
        call = self.call
        diary, plan = self.kernel.diaries[calendar], call.plan.appointments[calendar]
        for wanted in (page, 0):
            windows, more = diary.free(plan, self._local(), wanted, size)
            if windows:
                shown = scopes.of(call, self.kernel)
                shown["appointment"] = shown["appointment"] | {
                    "choices": windows,
                    "more": more,
                    "page": wanted,
                }
                return True
        return False

    def windows(self) -> tuple[list[Window], bool]:
        """The windows being offered, and whether there are more."""
        shown = scopes.of(self.call, self.kernel)["appointment"]
        return shown["choices"], shown["more"]

    def page(self) -> int:
        """The page being offered, from 0."""
        page: int = scopes.of(self.call, self.kernel)["appointment"]["page"]
        return page

    def book_window(self, calendar: str, whose: str, number: int) -> bool:
        """Book one of the windows on offer; False when it has been taken meanwhile."""
        kernel, call = self.kernel, self.call
        diary, window = kernel.diaries[calendar], self.windows()[0][number]
        now = self._local()
        if (
            window.starts <= now
            or diary.taken.get(window.starts, 0) >= call.plan.appointments[calendar].capacity
        ):
            return False
        before = diary.of(whose, now)
        diary.book(whose, window)
        self._appointed(calendar, whose, "booked" if before is None else "moved", window)
        if before is not None:
            kernel.queues.appointment_changed(calendar, whose, window)
        return True

    def confirm_appointment(self, calendar: str, whose: str) -> None:
        """The appointment stands."""
        window = self.kernel.diaries[calendar].of(whose, self._local())
        if window is not None:
            self._appointed(calendar, whose, "confirmed", window)

    def cancel_appointment(self, calendar: str, whose: str) -> None:
        """Give the appointment back."""
        window = self.kernel.diaries[calendar].release(whose)
        if window is not None:
            self._appointed(calendar, whose, "cancelled", window)
            self.kernel.queues.appointment_changed(calendar, whose, None)

    def _appointed(self, calendar: str, whose: str, change: str, window: Window) -> None:
        kernel, call = self.kernel, self.call
        starts, ends = (moment.isoformat(timespec="minutes") for moment in window)
        kernel.tell(facts.AppointmentMade(kernel.now, call.id, calendar, whose, change, starts, ends))
        self._show(calendar, None if change == "cancelled" else window, [])

    def _show(self, calendar: str, window: Window | None, choices: list[Window]) -> None:
        shown: dict[str, Any] = {"name": calendar, "booked": window is not None}
        if window is not None:
            shown |= {"starts_at": window.starts, "ends_at": window.ends}
        shown |= {"choices": choices, "more": False, "page": 0}
        scopes.of(self.call, self.kernel)["appointment"] = scopes.NO_APPOINTMENT | shown

    # What is known of the caller -----------------------------------------------------------------------------

    def knows(self, root: str) -> bool:
        """Whether a lookup or a run of this call has filled a data root."""
        return self.call.known is not None and root in self.call.known

    def identified(self, root: str, by: str) -> None:
        """It is known who calls."""
        self.kernel.tell(facts.Identified(self.kernel.now, self.call.id, root, by))

    # Work orders ---------------------------------------------------------------------------------------------

    def work_window(self, step: Work) -> tuple[Instant, Instant] | str:
        """When a work order opens and closes; or the outcome, where that cannot be."""
        kernel, now = self.kernel, self._local()
        if step.appointment:
            whose = str(self.value(step.whose)) if step.whose is not None else ""
            window = kernel.diaries[step.appointment].of(whose, now)
            return (
                "failed.no_appointment" if window is None else instants(window, kernel.calendar, kernel.now)
            )
        if step.due is None:
            return kernel.now, kernel.now + step.within_ms
        day: date = self.value(step.day) if step.day is not None else now.date()
        window = _window(day, step.due)
        if window.ends <= now:
            if step.day is not None:
                return "failed.past"
            window = _window(day + timedelta(days=1), step.due)
        return instants(window, kernel.calendar, kernel.now)

    def order_work(self, step: Work, wanted: Wanted) -> int:
        """Put a work order on a queue; its number, 0 where there is no room."""
        kernel, call = self.kernel, self.call
        number = kernel.queues.order(call, step, wanted)
        if number:
            scopes.of(call, kernel)["work"] = {
                "id": facts.work_name(number),
                "starts_at": kernel.calendar.local(wanted.opens),
                "ends_at": kernel.calendar.local(wanted.closes),
                "place": wanted.place,
                "agent": "",
                "note": "",
            }
        return number

    def _local(self) -> datetime:
        return self.kernel.calendar.local(self.kernel.now)


def begun_by(call: Call, scope: dict[str, Any]) -> FlowBegun:
    """What a later run of a call's flow begins with; its node and name are to be filled in."""
    frame = call.frame
    return FlowBegun(
        "", call.caller, frame.flow.start, frame.flow, call.plan, call.language, dict(frame.variables), scope
    )


def _window(day: date, due: tuple[Any, Any]) -> Window:
    starts, ends = due
    return Window(datetime.combine(day, starts), datetime.combine(day + timedelta(days=ends <= starts), ends))
