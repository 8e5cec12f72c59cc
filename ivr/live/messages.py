"""Messages of a served center: to phones that are connected, else into the emulated world; the last ones are kept."""

from collections import deque
from typing import TYPE_CHECKING

import msgspec

from ivr.core.events import LookupFinished, MessageReceived
from ivr.limits import MESSAGES_KEPT_MAX

if TYPE_CHECKING:
    from ivr.live.center import LiveCenter


class Kept(msgspec.Struct, frozen=True):
    """A message as REST shows it; `at_ms` is the instant of the run, `sent` false for one that came in."""

    at_ms: int
    channel: str
    address: str
    subject: str
    text: str
    sent: bool


class Messages:
    """What goes out and what comes in."""

    def __init__(self, center: "LiveCenter") -> None:
        self._center = center
        self.personas: set[str] = (
            set()
        )  # numbers of phones whose owners are simulated: the world answers for them
        self.kept: deque[Kept] = deque(maxlen=MESSAGES_KEPT_MAX)

    def send(self, request: int, channel: str, to: str, subject: str, text: str) -> None:
        """Send a message: a connected phone of that number shows it, and answers by itself or not at all."""
        center = self._center
        driver = center.driver
        sent = center.world.send(channel, to)
        self.kept.append(Kept(driver.now(), channel, to, subject, text, sent=True))
        driver.later(sent.answer.delay_ms, driver.post, LookupFinished(request, sent.answer.outcome))
        if sent.answer.outcome != "ok":
            return
        phones = [] if channel == "email" else center.phones_at(to)
        for phone in phones:
            driver.later(sent.answer.delay_ms, phone.written, (channel, text))
        if sent.reply is not None and (not phones or to in self.personas):
            driver.later(sent.reply_ms, self.receive, (channel, to, sent.reply))

    def receive(self, message: tuple[str, str, str]) -> None:
        """Somebody writes: channel, sender, text."""
        channel, sender, text = message
        self.kept.append(Kept(self._center.driver.now(), channel, sender, "", text, sent=False))
        self._center.driver.post(MessageReceived(channel, sender, text))
