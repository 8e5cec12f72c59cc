"""A phone: dials a number, hears, presses, talks, hangs up; and can be called."""

from functools import partial

from ivr.core import events
from ivr.errors import PeerError
from ivr.limits import CALLER_CHARS_MAX, KEYS_PER_MESSAGE_MAX
from ivr.live.party import Party
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
    phone_says,
)

_KEYS = frozenset("0123456789*#ABCD")


class Phone(Party):
    """One phone's socket; at most one call at a time, any number one after another."""

    role = "phone"
    greeting = '{"type": "hello"}'
    number = ""
    name = ""
    call = ""
    ringing = False

    def decode(self, text: str) -> Message:
        """See `Party`."""
        return phone_says(text)

    def greet(self, message: Message) -> bool:
        """See `Party`."""
        if not isinstance(message, Hello):
            raise PeerError("greet_first", f"the first message is {self.greeting}")
        self.check_codec(message.codec)
        if len(message.number) > CALLER_CHARS_MAX or len(message.name) > CALLER_CHARS_MAX:
            raise PeerError("too_long", f"number and name have at most {CALLER_CHARS_MAX} characters")
        self.codec, self.number, self.name = message.codec, message.number, message.name
        plan = self.center.engine.plan
        self.center.register(self)
        self.send(Welcome(PROTOCOL, plan.name, self.codec, FRAME_MS, CODECS[self.codec], tuple(plan.numbers)))
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
                post(events.SpeechHeard(self.line, message.text))
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
            case Hello():
                raise PeerError("greeted_already", "hello comes once, first")

    def _in_call(self, what: str) -> None:
        if not self.line or self.ringing:
            raise PeerError("not_dialled", f"there is no call to {what}; dial first")

    def _dial(self, number: str) -> None:
        if self.line:
            raise PeerError("in_call", "this phone is in a call; hang up first")
        if len(number) > CALLER_CHARS_MAX:
            raise PeerError("too_long", f"a number has at most {CALLER_CHARS_MAX} characters")
        if self.center.overloaded:
            self.send(Refused(number, "busy"))
            return
        self.line = self.center.new_line(self)
        self.open_sound(self.line, partial(self.finished, self.line))
        self.center.driver.post(events.CallArrived(self.line, number, self.number, self.name))

    def gone(self, cause: str) -> None:
        """See `Party`."""
        self.center.unregister(self)
        if self.line:
            if self.ringing:
                self.center.driver.post(events.LineFailed(self.line, "failed"))
            self._end_line(cause)

    def _end_line(self, cause: str) -> None:
        line, self.line = self.line, ""
        was_ringing, self.ringing = self.ringing, False
        self.center.end_sound(line)
        if not was_ringing:
            self.center.driver.post(events.LineEnded(line, cause))
        self.center.drop_line(line)

    # What the engine asks ----------------------------------------------------------------------------------

    def connected(self, call: str, number: str) -> None:
        """The center took the call."""
        self.call = call
        self.send(Connected(call, number))

    def refused(self, number: str, why: str) -> None:
        """The center did not take the call."""
        self.line = ""
        self.send(Refused(number, why))

    def ring(self, line: str, caller: str, ring_ms: int) -> None:
        """The center calls this phone."""
        self.line, self.ringing = line, True
        self.send(Incoming(caller, ring_ms))
        self.center.driver.later(ring_ms, self._not_answered, line)

    def _not_answered(self, line: str) -> None:
        if self.ringing and self.line == line:
            self.line, self.ringing = "", False
            self.center.drop_line(line)
            if not self.call:
                self.send(Ended("", "not_answered"))
            self.center.driver.post(events.LineFailed(line, "no_answer"))

    def hang_up(self, line: str, reason: str) -> None:
        """The center ends the line; `ended` follows from the call's end."""
        if self.line == line:
            self.line, self.ringing = "", False
            if not self.call:
                self.send(Ended("", reason))

    def ended(self, call: str, reason: str) -> None:
        """The call is over."""
        if self.call == call:
            self.call = ""
            self.send(Ended(call, reason))

    def queued(self, line: str, queue: str, position: int, estimate_ms: int | None) -> None:
        """The call waits."""
        self.send(Queued(queue, position, None if estimate_ms is None else estimate_ms / 1_000))

    def told_state(self, flow: str, state: str) -> None:
        """Where the call is in its flow."""
        self.send(State(flow, state))

    def told_key(self, key: str, use: str) -> None:
        """What became of a key."""
        self.send(Key(key, use))

    def bridged(self, party: str) -> None:
        """The caller hears somebody."""
        self.send(Bridged(self.call, party))

    def parted(self) -> None:
        """The talk is over."""
        self.send(Parted(self.call))
