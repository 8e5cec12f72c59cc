"""What the engine asks, passed to whoever it is for: a phone, a desk, a simulated party, the company."""

from typing import TYPE_CHECKING, Any, Final

from ivr import wire
from ivr.core.commands import Card, Listening, Speech, Spoken
from ivr.core.events import LineFailed
from ivr.core.facts import call_name, work_name
from ivr.wire import Consulting, Recording, Supervising, Work

if TYPE_CHECKING:
    from ivr.live.center import LiveCenter
    from ivr.live.phone import Phone

RINGBACK: Final = "ringback"  # what the engine has a caller hear while somebody is rung


class LiveOutlet:
    """The engine's outlet in real time; it schedules, and never calls back."""

    def __init__(self, center: "LiveCenter") -> None:
        self._center = center
        self._cast = center.cast

    def play(self, line: str, play: int, spoken: Spoken, listening: Listening | None) -> None:
        """See `Outlet`."""
        if (party := self._center.parties.get(line)) is not None:
            party.play(line, play, spoken, listening)
        else:
            self._cast.play(line, play, spoken, listening)

    def stop(self, line: str, play: int) -> None:
        """See `Outlet`."""
        if (party := self._center.parties.get(line)) is not None:
            party.stop(line, play)
        else:
            self._cast.stop(line, play)

    def music(self, line: str, music: str) -> None:
        """See `Outlet`."""
        if (party := self._center.parties.get(line)) is None:
            return
        if music == RINGBACK and (phone := self._center.phone(line)) is not None:
            self._tell_wait(line, phone)
        party.music(line, music)

    def _tell_wait(self, line: str, phone: "Phone") -> None:
        """Say to a caller for whom an agent is rung at once that this is a wait too, and of which queue.

        The engine says `queued` only when music and announcements begin, because a simulated caller's
        patience begins with it. A ringing tone may also be that of a transfer, which is no wait.
        """
        acd = self._center.engine.acd()
        call = acd.kernel.lines.get(line)
        if call is not None and call.visit is not None:
            phone.queued(line, call.visit.plan.name, acd.position(call), 0, ringing=True)

    def queued(self, line: str, queue: str, position: int, estimate_ms: int | None) -> None:
        """See `Outlet`."""
        if (phone := self._center.phone(line)) is not None:
            phone.queued(line, queue, position, estimate_ms)
        else:
            self._cast.queued(line, queue, position, estimate_ms)

    def ring(self, agent: str, reservation: int, card: Card) -> None:
        """See `Outlet`."""
        if (desk := self._center.seats.desk(agent)) is not None:
            desk.ring(reservation, card)
        else:
            self._cast.ring(agent, reservation, card)

    def withdraw(self, agent: str, reservation: int, why: str) -> None:
        """See `Outlet`."""
        if (desk := self._center.seats.desk(agent)) is not None:
            desk.withdraw(reservation, why)
        else:
            self._cast.withdraw(agent, reservation, why)

    def bridge(self, line: str, other: str) -> None:
        """See `Outlet`."""
        center = self._center
        phone, desk = center.phone(line), center.seats.desk(other.removeprefix("a-"))
        call, caller = center.caller_on(line)
        if phone is not None:
            phone.bridged(call, center.party_on(line, other))
        if desk is not None:
            desk.bridged(call, caller)
        elif (called := center.phone(other)) is not None:
            called.bridged(call, caller)
        self._cast.bridge(line, other)  # also when one of the two is real: a simulated caller stops waiting
        self._hear_each_other(line, other)

    def _hear_each_other(self, line: str, other: str) -> None:
        """Join two parties' sound; a simulated party talks to one with ears."""
        center = self._center
        center.sound.bridge(line, other)
        for one, two in ((line, other), (other, line)):
            if center.sound.has(one) and two not in center.parties:
                center.sound.talk(one, center.language_on(line))

    def said(self, line: str, speech: Speech) -> None:
        """See `Outlet`."""
        if (party := self._center.parties.get(line)) is not None:
            party.send(wire.Speech(*speech))
        else:
            self._cast.said(line, speech)

    def part(self, line: str, other: str) -> None:
        """See `Outlet`."""
        center = self._center
        for one in (line, other):
            if (party := center.parties.get(one)) is not None:
                party.parted()
            center.sound.part(one)
        self._cast.part(line, other)

    def hold(self, line: str, on: bool, music: str) -> None:
        """See `Outlet`."""
        center = self._center
        if (party := center.parties.get(line)) is not None:
            party.hold(line, on, music)
        partner = center.partner(line)
        if (desk := center.seats.desk(partner.removeprefix("a-"))) is not None:
            desk.held(on=on)
        if on:
            center.sound.part(partner)
        else:
            self._hear_each_other(line, partner)

    def hear(self, line: str, others: tuple[str, ...]) -> None:
        """See `Outlet`; a simulated party talks to one with ears if no real one does."""
        center = self._center
        center.sound.hear(line, others)
        if others and center.sound.has(line) and not any(other in center.parties for other in others):
            center.sound.talk(line, center.language_on(line))

    def consulting(self, agent: str, call: int, party: str, mode: str) -> None:
        """See `Outlet`."""
        if (desk := self._center.seats.desk(agent)) is not None:
            desk.send(Consulting(call_name(call), party, mode))
        else:
            self._cast.consulting(agent, call, party, mode)

    def work(self, agent: str, order: int, state: str) -> None:
        """See `Outlet`."""
        if (desk := self._center.seats.desk(agent)) is not None:
            desk.send(Work(work_name(order), state))
        else:
            self._cast.work(agent, order, state)

    def supervising(self, supervisor: str, call: int, agent: str, mode: str) -> None:
        """See `Outlet`."""
        if (desk := self._center.seats.desk(supervisor)) is not None:
            desk.send(Supervising(call_name(call), agent, mode))

    def dial(self, line: str, number: str, caller_id: str, ring_ms: int) -> None:
        """See `Outlet`."""
        center = self._center
        phone = center.phone_at(number)
        if phone is not None:
            phone.ring(line, caller_id, ring_ms, guest=not center.adopt_line(line, phone))
        elif center.knows_number(number):
            center.driver.later(0, center.driver.post, LineFailed(line, "busy"))
        elif center.has_people:
            self._cast.dial(line, number, caller_id, ring_ms)
        else:
            center.driver.later(ring_ms, center.driver.post, LineFailed(line, "no_answer"))

    def hang_up(self, line: str, reason: str) -> None:
        """See `Outlet`."""
        center = self._center
        if (phone := center.phone(line)) is not None:
            phone.hang_up(line, reason)
            center.drop_line(line)
        else:
            self._cast.hang_up(line, reason)

    def look_up(self, request: int, name: str, args: dict[str, Any], caller: str) -> None:
        """See `Outlet`."""
        self._center.company.ask(request, name, args, caller, "")

    def run(self, request: int, name: str, args: dict[str, Any], caller: str, key: str) -> None:
        """See `Outlet`."""
        self._center.company.ask(request, name, args, caller, key)

    def send(self, request: int, channel: str, to: str, subject: str, text: str) -> None:
        """See `Outlet`."""
        self._center.messages.send(request, channel, to, subject, text)

    def record(self, line: str, recording: int, on: bool) -> None:
        """See `Outlet`."""
        if (party := self._center.parties.get(line)) is not None:
            if on:
                self._center.recordings.begin(line, recording, self._center.call_on(line))
            party.record(line, recording, on)
        else:
            self._cast.record(line, recording, on)

    def record_call(self, line: str, recording: int, what: str) -> None:
        """See `Outlet`; simulated callers have no sound to record."""
        if (party := self._center.parties.get(line)) is None:
            return
        if what == "start":
            self._center.recordings.begin_call(line, recording, self._center.call_on(line))
        elif what == "end":
            self._center.recordings.end_call(line)
        else:
            self._center.sound.suspend_call(line, on=what == "suspend")
        party.send(Recording(what in ("start", "resume")))
