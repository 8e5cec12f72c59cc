"""Campaigns: lists of numbers that the center calls, paced to the agents who are ready.

    preview      an agent is shown the lead first, and the number is dialled once they accept
    progressive  one number is dialled for each ready agent
    ratio        more numbers than ready agents, because not everybody picks up; while too many of those who do
                 reach no agent in time, it is progressive

A call is dropped if somebody picked up and no agent was there within two seconds (the definition of the FTC's rule,
16 CFR 310.4(b)(4), which caps it at 3 % over 30 days). A campaign only posts events; so a replay needs none.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from ivr.core import events, facts
from ivr.core.calendar import Calendar, next_open
from ivr.core.facts import Fact
from ivr.core.time import Instant, Ms
from ivr.language.world_model import Campaign, Lead, Trigger
from ivr.observe.service_level import IN_TIME_MS
from ivr.world.clock import Clock

ENOUGH: Final = 20  # answers before the drop rate says anything

HEARD: Final[tuple[type[Fact], ...]] = (
    facts.AgentMoved,
    facts.CallStarted,
    facts.DialEnded,
    facts.Connected,
    facts.CallEnded,
    facts.CallbackBooked,
    facts.CallbackEnded,
)


class Dialler:
    """One campaign at work."""

    def __init__(
        self, trigger: Trigger, clock: Clock, calendar: Calendar, now: Callable[[], Instant]
    ) -> None:
        campaign = trigger.kind
        assert isinstance(campaign, Campaign)
        self.name = trigger.name
        self.campaign = campaign
        self._into = trigger.into
        self._clock = clock
        self._calendar = calendar
        self._now = now
        self._leads = deque((lead, 0) for lead in campaign.leads)
        self._ready: dict[str, None] = {}
        self._posted: deque[tuple[Lead, int]] = deque()  # dialled, as far as we know
        self._dialling: dict[int, tuple[Lead, int]] = {}  # by call
        self._waiting: dict[int, Instant] = {}  # who picked up, by call, and when
        self._previews: dict[int, None] = {}  # by callback
        self._looks = False
        self.answered = 0
        self.dropped = 0

    def look(self) -> None:
        """See soon whether somebody is to be called: not from within what happens."""
        if not self._looks:
            self._looks = True
            self._clock.later(0, self._pace, None)

    def told(self, fact: Fact) -> None:
        """One of the facts in `HEARD`."""
        match fact:
            case facts.AgentMoved():
                self._moved(fact)
            case facts.CallStarted():
                if fact.direction == "flow" and fact.number == self.name and self._posted:
                    self._dialling[fact.call] = self._posted.popleft()
            case facts.DialEnded():
                self._dialled(fact)
            case facts.Connected():
                if (since := self._waiting.pop(fact.call, None)) is not None:
                    self.dropped += fact.at - since > IN_TIME_MS
            case facts.CallEnded():
                self._dialling.pop(fact.call, None)
                if self._waiting.pop(fact.call, None) is not None:
                    self.dropped += 1
                self.look()
            case facts.CallbackBooked():
                first = self._posted[0][0] if self._posted else None
                if (
                    not fact.call
                    and first is not None
                    and (fact.queue, fact.number) == (self.campaign.queue, first.number)
                ):
                    self._posted.popleft()
                    self._previews[fact.callback] = None
            case facts.CallbackEnded():
                self._previews.pop(fact.callback, None)
                self.look()

    def _moved(self, fact: facts.AgentMoved) -> None:
        if fact.agent not in self.campaign.agents:
            return
        if fact.state == "ready":
            self._ready[fact.agent] = None
            self.look()
        else:
            self._ready.pop(fact.agent, None)

    def _dialled(self, fact: facts.DialEnded) -> None:
        lead = self._dialling.pop(fact.call, None)
        if lead is None:
            return
        if fact.result == "answered":
            self.answered += 1
            self._waiting[fact.call] = fact.at
        elif fact.result not in ("machine", "given_up") and lead[1] + 1 < self.campaign.tries:
            self._clock.later(self.campaign.retry_every_ms, self._again, (lead[0], lead[1] + 1))
        self.look()

    def _again(self, lead: tuple[Lead, int]) -> None:
        self._leads.append(lead)
        self.look()

    @property
    def ratio(self) -> float:
        """How many numbers are dialled for a ready agent: less while too many calls are dropped."""
        campaign = self.campaign
        if campaign.mode != "ratio":
            return 1.0
        too_many = self.answered >= ENOUGH and self.dropped > campaign.max_drop * self.answered
        return 1.0 if too_many else campaign.ratio

    def _pace(self, _: object) -> None:
        self._looks = False
        if not self._leads:
            return
        if (closed_ms := self._closed_for()) is None:
            return
        if closed_ms:
            self._looks = True
            self._clock.later(closed_ms, self._pace, None)
            return
        busy = len(self._posted) + len(self._dialling) + len(self._waiting) + len(self._previews)
        for _number in range(int(len(self._ready) * self.ratio) - busy):
            if self._leads:
                self._call(*self._leads.popleft())

    def _closed_for(self) -> Ms | None:
        """How long the campaign's hours are closed; None if for good."""
        hours = self.campaign.hours
        if hours is None:
            return 0
        local = self._calendar.local(self._now())
        opens = next_open(hours, local)
        if opens is None:
            return None
        return 0 if opens == local else max(1, self._calendar.instant(opens, self._now()) - self._now())

    def _call(self, lead: Lead, attempt: int) -> None:
        self._posted.append((lead, attempt))
        campaign, data = self.campaign, {self._into: dict(lead.fields)} if self._into else {}
        if campaign.mode == "preview":
            self._clock.post(
                events.CallbackRestored(
                    *(campaign.queue, lead.number, campaign.priority, (), ()),
                    *(campaign.tries, campaign.retry_every_ms, 0, data),
                )
            )
        else:
            self._clock.post(events.FlowTriggered(self.name, lead.number, data))
