"""A phone: dials a number, hears, presses, talks, hangs up; and can be called."""

import asyncio
from functools import partial
from typing import Final

from ivr.core import events
from ivr.errors import PeerError
from ivr.limits import CALLER_CHARS_MAX, KEYS_PER_MESSAGE_MAX, TEXT_CHARS_MAX
from ivr.live.party import Party, check_length, said
from ivr.wire import (
    CODECS,
    FRAME_MS,
    PROTOCOL,
    Answer,
    Bridged,
    Connected,
    Dial,
    Ended,
    HangUp,
    Hello,
    Incoming,
    Key,
    Message,
    Parted,
    Press,
    Queued,
    Refused,
    Reject,
    Say,
    State,
    Welcome,
    Write,
    Written,
    phone_says,
)

BUSY_TONE_SECONDS: Final = 3
"""How long a refused phone with sound hears the busy tone; it may dial again at any time."""

_KEYS = frozenset("0123456789*#ABCD")


class Phone(Party):
    """One phone's socket; at most one call at a time, any number one after another."""

    role = "phone"
    greeting = '{"type": "hello"}'
    number = ""
    name = ""
    call = ""
    ringing = False
    guest = False
    """Whether the line is a leg of somebody else's call, who passed it on to this phone."""
    _tone = ""

    def decode(self, text: str) -> Message:
        """See `Party`."""
        return phone_says(text)

    def greet(self, message: Message) -> bool:
        """See `Party`."""
        if not isinstance(message, Hello):
            raise PeerError("greet_first", f"the first message is {self.greeting}")
        self.check_codec(message.codec)
        check_length("a number", message.number, CALLER_CHARS_MAX)
        check_length("a name", message.name, CALLER_CHARS_MAX)
        self.codec, self.number, self.name = message.codec, message.number, message.name
        plan = self.center.engine.plan
        self.center.register(self)
        self.send(
            Welcome(
                PROTOCOL,
                plan.name,
                self.codec,
                FRAME_MS,
                CODECS[self.codec],
                tuple(plan.numbers),
                self.center.settings.speed,
            )
        )
        return True

    def hear(self, message: Message) -> None:
        """See `Party`."""
        post = self.center.driver.post
        match message:
            case Dial():
                self._dial(message.to)
            case Press():
                self._in_call("press keys in")
                if len(message.keys) > KEYS_PER_MESSAGE_MAX:
                    raise PeerError("too_long", f"at most {KEYS_PER_MESSAGE_MAX} keys at once")
                if not message.keys or not _KEYS.issuperset(message.keys):
                    raise PeerError("not_a_key", f"{message.keys!r}: keys are 0-9, *, #, A-D")
                for key in message.keys:
                    if self.line:
                        post(events.KeyPressed(self.line, key))
            case Say():
                self._in_call("say something in")
                post(events.SpeechHeard(self.line, *said(message)))
            case HangUp():
                self._in_call("hang up")
                self._end_line("hung_up")
            case Answer():
                if not self.ringing:
                    raise PeerError("not_ringing", "no call is coming in")
                self.ringing = False
                self.open_sound(self.line, partial(self.finished, self.line))
                post(events.LineAnswered(self.line))
            case Reject():
                if not self.ringing:
                    raise PeerError("not_ringing", "no call is coming in")
                line, self.line, self.ringing = self.line, "", False
                self.center.drop_line(line)
                post(events.LineFailed(line, "rejected"))
            case Write():
                check_length("a message", message.text, TEXT_CHARS_MAX)
                if not self.number:
                    raise PeerError("no_number", "a phone without a number cannot write; greet with one")
                self.center.messages.receive(("sms", self.number, message.text))
            case Hello():
                raise PeerError("greeted_already", "hello comes once, first")

    def _in_call(self, what: str) -> None:
        if not self.line or self.ringing:
            raise PeerError("not_dialled", f"there is no call to {what}; dial first")

    def _dial(self, number: str) -> None:
        if self.line:
            raise PeerError("in_call", "this phone is in a call; hang up first")
        check_length("a number", number, CALLER_CHARS_MAX)
        if not self.center.driver.admits():
            self.send(Refused(number, "busy"))
            return
        self._end_tone(self._tone)
        self.guest = False
        self.line = self.center.new_line(self)
        self.open_sound(self.line, partial(self.finished, self.line))
        self.center.driver.post(events.CallArrived(self.line, number, self.number, self.name))

    def gone(self, cause: str) -> None:
        """See `Party`."""
        self.center.unregister(self)
        self._end_tone(self._tone)
        if self.line:
            if self.ringing:
                self.center.driver.post(events.LineFailed(self.line, "failed"))
            self._end_line(cause)

    def _end_line(self, cause: str) -> None:
        line, self.line = self.line, ""
        was_ringing, self.ringing = self.ringing, False
        self._playing = 0
        self.center.end_sound(line)
        call = self.call
        if not was_ringing:
            self.center.driver.post(events.LineEnded(line, cause))
        if self.guest or (call and self.call == call):
            # for the phone the call is over, whatever its flow still does after the hang-up
            self.center.forget_phone(call)
            self.call = ""
            self.send(Ended(call, "caller_hung_up"))
        self.center.drop_line(line)

    # What the engine asks ----------------------------------------------------------------------------------

    def connected(self, call: str, number: str) -> None:
        """The center took the call."""
        self.call = call
        self.send(Connected(call, number))

    def refused(self, number: str, why: str) -> None:
        """The center did not take the call: the busy tone, for a while."""
        self._tone, self.line = self.line, ""
        self.send(Refused(number, why))
        if self.center.sound.has(self._tone):
            self.center.sound.music(self._tone, "busy")
            asyncio.get_running_loop().call_later(BUSY_TONE_SECONDS, self._end_tone, self._tone)

    def _end_tone(self, line: str) -> None:
        if line and self._tone == line:
            self._tone = ""
            self.center.end_sound(line)

    def ring(self, line: str, caller: str, ring_ms: int, *, guest: bool) -> None:
        """The center calls this phone."""
        self.line, self.ringing, self.guest = line, True, guest
        self.send(Incoming(caller, ring_ms))
        self.center.driver.later(ring_ms, self._not_answered, line)

    def _not_answered(self, line: str) -> None:
        if self.ringing and self.line == line:
            self.line, self.ringing = "", False
            self.center.drop_line(line)
            if self.guest:
                self.send(Ended("", "not_answered"))
            self.center.driver.post(events.LineFailed(line, "no_answer"))

    def hang_up(self, line: str, reason: str) -> None:
        """The center ends the line; `ended` follows from the call's end, unless the call is another's."""
        if self.line == line:
            self.line, self.ringing, self._playing = "", False, 0
            if self.guest:
                self.send(Ended(self.call, reason))
                self.call = ""
        if line != self._tone:
            self.center.end_sound(line)

    def ended(self, call: str, reason: str) -> None:
        """The call is over."""
        if self.call == call:
            self.call = ""
            self.send(Ended(call, reason))

    def queued(
        self, line: str, queue: str, position: int, estimate_ms: int | None, *, ringing: bool = False
    ) -> None:
        """The call waits; with `ringing` an agent is rung already."""
        estimate_s = None if estimate_ms is None else estimate_ms / 1_000
        self.send(Queued(queue, position, estimate_s, ringing))

    def told_state(self, flow: str, state: str) -> None:
        """Where the call is in its flow."""
        self.send(State(flow, state))

    def told_key(self, key: str, use: str) -> None:
        """What became of a key."""
        self.send(Key(key, use))

    def bridged(self, call: str, party: str) -> None:
        """The caller hears somebody; `call` is whose talk it is."""
        self.call = call
        self.send(Bridged(self.call, party))

    def written(self, message: tuple[str, str]) -> None:
        """The center has sent a message: channel and text."""
        self.send(Written(*message))

    def parted(self) -> None:
        """The talk is over."""
        self.send(Parted(self.call))
