"""Contacts of a customer about a matter, what happened in them, and what was promised."""

from typing import Any

import pytest

from ivr.core import facts
from ivr.core.calendar import Calendar
from ivr.core.facts import Fact
from ivr.core.time import DAY, HOUR, MINUTE, SECOND
from ivr.limits import CONTACT_NOTES_MAX, JOURNEY_CONTACTS_MAX
from ivr.observe.journey import Journey, Journeys, book as books

ADA = "+4915100"


class Tale:
    """Facts of made-up calls, each call with a number of its own."""

    def __init__(self, **settings: Any) -> None:
        self.fold = Journeys(**settings)
        self.call = 0

    def told(self, *told: Fact) -> "Tale":
        for fact in told:
            self.fold.take(fact)
        return self

    def rings(self, at: int, caller: str = ADA, number: str = "sales") -> int:
        self.call += 1
        self.told(facts.CallStarted(at, self.call, f"p-{self.call}", number, caller, "", "main", "r", "en"))
        return self.call

    def says(self, at: int, by: str, act: str, about: str = "", detail: str = "") -> "Tale":
        return self.told(facts.Said(at, self.call, by, "...", act, about, detail, 1_000))

    def meets(self, at: int, agent: str = "anna", queue: str = "desk") -> "Tale":
        return self.told(facts.Connected(at, self.call, agent, f"a-{agent}", queue))

    def ends(self, at: int, by: str = "caller", reason: str = "caller_hung_up", hold_ms: int = 0) -> "Tale":
        if by:
            self.told(facts.TalkEnded(at, self.call, "anna", "desk", 60_000, hold_ms, by))
        return self.told(facts.CallEnded(at, self.call, reason, "", "main", "a"))

    def talk(
        self, at: int, *said: tuple[str, str, str, str], caller: str = ADA, by: str = "caller"
    ) -> "Tale":
        """A call of a minute with these sentences."""
        self.rings(at, caller)
        self.meets(at)
        for who, act, about, detail in said:
            self.says(at + SECOND, who, act, about, detail)
        return self.ends(at + MINUTE, by)

    @property
    def journeys(self) -> list[Journey]:
        return self.fold.journeys()

    @property
    def only(self) -> Journey:
        (journey,) = self.journeys
        return journey

    def promises(self, at: int) -> list[tuple[str, str]]:
        return [(promise.kind, promise.at(at)) for promise in self.only.promises]


def test_contacts_within_a_week_of_each_other_belong_together() -> None:
    tale = Tale().talk(0).talk(6 * DAY).talk(12 * DAY).talk(12 * DAY, caller="+2").talk(20 * DAY)
    assert [(journey.customer, len(journey.contacts)) for journey in tale.journeys] == [
        (ADA, 3),
        ("+2", 1),
        (ADA, 1),
    ]


def test_another_matter_is_another_journey_and_one_may_come_back_to_the_first() -> None:
    tale = Tale().talk(0, ("", "wants", "a discount", "")).talk(DAY, ("", "wants", "an outage", ""))
    tale.talk(2 * DAY).talk(3 * DAY, ("", "wants", "a discount", ""))
    assert [(journey.matter, [one.began for one in journey.contacts]) for journey in tale.journeys] == [
        ("a discount", [0, 3 * DAY]),
        ("an outage", [DAY, 2 * DAY]),
    ]


def test_a_story_has_one_matter_whatever_is_said_and_however_long_it_takes() -> None:
    tale = Tale(matter="a discount").talk(0).talk(30 * DAY, ("", "wants", "something else", ""))
    assert (tale.only.matter, len(tale.only.contacts)) == ("a discount", 2)


def test_a_withheld_number_is_nobodys() -> None:
    assert Tale().talk(0, caller="").journeys == []


def test_a_call_is_told_with_all_that_was_heard_pressed_and_waited_for() -> None:
    tale = Tale()
    call = tale.rings(0, number="100")
    tale.told(
        facts.PromptHeard(5_000, call, "p-1", "Welcome", "en", 0, "finished"),
        facts.KeyHeard(5_000, call, "1", "taken"),
        facts.InputMissed(6_000, call, "silence", 1),
        facts.ValueSet(8_000, call, "contract", "4711"),
        facts.StepEnded(8_000, call, "main", "a", "0", "ask", "entered", 6_000),
        facts.StepEnded(8_000, call, "main", "a", "1", "say", "next", 8_000),
        facts.StepEnded(9_000, call, "main", "b", "0", "ask", "give_up", 8_000),
        facts.CallQueued(10_000, call, "desk", 1, 0, 1, 1, None),
        facts.PromptHeard(30_000, call, "p-1", "You are number one", "en", 20_000, "finished"),
        facts.QueueLeft(70_000, call, "desk", 1, "answered", 60_000, "anna"),
        facts.PromptHeard(70_000, call, "a-anna", "A call", "en", 60_000, "finished"),
    )
    tale.meets(70_000)
    tale.told(facts.TransferStarted(80_000, call, "anna", "boris", "agent", "warm"))
    tale.told(facts.TransferEnded(85_000, call, "boris", "warm", "connected"))
    tale.told(facts.PromptHeard(84_000, call, "a-boris", "From Anna", "en", 80_000, "finished"))
    tale.meets(85_000, "boris", "").ends(200_000, "agent", "flow_hung_up", hold_ms=7_000)
    (contact,) = tale.only.contacts
    assert (contact.number, contact.began, contact.ended) == ("100", 0, 200_000)
    assert (contact.prompts_ms, contact.waited_ms, contact.hold_ms) == (5_000, 60_000, 7_000)
    assert (contact.keys, contact.misses, contact.asked) == (1, 1, ("contract", "main.b"))
    assert [(one.party, one.queue) for one in contact.people] == [("anna", "desk"), ("boris", "")]
    assert [(one.by, one.mode, one.result, one.after_talk) for one in contact.passings] == [
        ("anna", "warm", "connected", True)
    ]
    assert (contact.transfers, contact.ended_by, contact.missed, contact.hung_up_on) == (
        1,
        "agent",
        False,
        False,
    )


def test_a_flow_that_connects_for_the_first_time_is_no_transfer() -> None:
    tale = Tale()
    call = tale.rings(0)
    tale.told(facts.TransferStarted(0, call, "flow", "+49301", "contact", "blind"))
    tale.told(facts.TransferEnded(9_000, call, "+49301", "blind", "no_answer")).ends(
        9_000, "", "flow_hung_up"
    )
    (contact,) = tale.only.contacts
    assert (contact.transfers, contact.missed) == (0, True)


def test_what_is_said_is_counted_by_its_act() -> None:
    tale = Tale().talk(
        0,
        ("anna", "asks", "contract", ""),
        ("anna", "asks", "", ""),
        ("", "asks", "price", ""),
        ("anna", "asks", "contract", ""),
        ("anna", "unknown", "leaflet", ""),
        ("anna", "refuses", "price", ""),
        ("anna", "offers", "stay", "30%"),
        ("", "declines", "stay", "not_for_me"),
        ("anna", "offers", "stay", "50%"),
        ("", "declines", "", "too dear"),
        ("anna", "refers", "the service office", ""),
        by="agent",
    )
    (contact,) = tale.only.contacts
    assert tale.only.asked == {"contract": 2}
    assert (contact.unknown, contact.refused, contact.referrals) == (
        ("leaflet",),
        ("price",),
        ("the service office",),
    )
    assert [(one.detail, one.answer, one.why) for one in contact.offers] == [
        ("30%", "declined", "not_for_me"),
        ("50%", "declined", "too dear"),
    ]
    assert contact.hung_up_on


def test_the_music_of_a_call_that_the_company_placed_is_waiting() -> None:
    tale = Tale()
    tale.told(
        facts.CallStarted(0, 1, "", "dunning", "", "", "robot", "r", "en", "flow"),
        facts.DialStarted(0, 1, "o-1", ADA, "", 30_000),
        facts.DialEnded(10_000, 1, "o-1", ADA, "answered", 10_000),
        facts.PromptHeard(20_000, 1, "o-1", "This is your provider", "en", 10_000, "finished"),
        facts.CallQueued(50_000, 1, "desk", 1, 0, 1, 1, None),
        facts.QueueLeft(110_000, 1, "desk", 1, "answered", 60_000, "anna"),
        facts.Connected(110_000, 1, "anna", "a-anna", "desk"),
        facts.QueueLeft(170_000, 1, "desk", 2, "answered", 5_000, "boris"),
        facts.Connected(175_000, 1, "boris", "a-boris", "desk"),
    )
    (contact,) = tale.only.contacts
    assert (contact.channel, contact.direction, contact.began) == ("phone", "out", 10_000)
    assert (contact.prompts_ms, contact.waited_ms) == (10_000, 90_000 + 5_000)


def test_a_call_that_reached_nobody_is_no_contact() -> None:
    tale = Tale().told(
        facts.CallStarted(0, 1, "", "dunning", "", "", "robot", "r", "en", "flow"),
        facts.DialStarted(0, 1, "o-1", ADA, "", 30_000),
        facts.DialEnded(10_000, 1, "o-1", ADA, "no_answer", 10_000),
        facts.CallEnded(10_000, 1, "flow_ended", "", "robot", "a"),
    )
    assert tale.journeys == []


def test_who_calls_and_meets_nobody_was_missed_unless_the_flow_served_them_or_a_callback_was_booked() -> None:
    tale = Tale()
    tale.rings(0)
    tale.ends(1_000, "")
    call = tale.rings(10_000)
    tale.ends(11_000, "", "flow_hung_up")
    call = tale.rings(20_000)
    tale.told(facts.QueueRefused(20_000, call, "desk", "blocked_closed")).ends(21_000, "", "flow_hung_up")
    call = tale.rings(30_000)
    tale.told(
        facts.CallQueued(30_000, call, "desk", 1, 0, 1, 1, None),
        facts.CallbackBooked(31_000, 9, call, "desk", ADA, 0, 1),
    ).ends(32_000, "", "flow_hung_up")
    tale.told(facts.CallRefused(40_000, "p-9", "sales", ADA, "busy"))
    assert [contact.missed for contact in tale.only.contacts] == [True, False, True, False, True]
    assert tale.only.redials == 4


def test_messages_and_visits_are_contacts_of_whoever_has_the_address() -> None:
    tale = Tale(addresses={"ada@example.org": ADA})
    tale.talk(0).told(
        facts.MessageSent(HOUR, 0, 1, "email", "ada@example.org", "Hi", "text"),
        facts.MessageEnded(HOUR, 0, 1, "email", "delivered", 300),
        facts.MessageSent(HOUR, 0, 2, "sms", ADA, "", "text"),
        facts.MessageEnded(HOUR, 0, 2, "sms", "failed.network", 300),
        facts.MessageArrived(2 * HOUR, 0, "email", "ada@example.org", "Hello"),
        facts.ContactMade(3 * HOUR, ADA, "site", "tariffs", "", "", ""),
    )
    assert [(one.channel, one.direction) for one in tale.only.contacts] == [
        ("phone", "in"),
        ("email", "out"),
        ("email", "in"),
        ("site", "in"),
    ]
    assert tale.only.switches == 2


def test_a_matter_is_resolved_on_the_contact_after_which_the_customer_does_not_come_again() -> None:
    settles = ("anna", "settles", "", "")
    assert Tale().talk(0).only.resolved_on is None
    assert Tale().talk(0, settles).only.resolved_on == 1
    assert Tale().talk(0, settles).talk(DAY).only.resolved_on is None
    assert Tale().talk(0, settles).talk(DAY, settles).only.resolved_on == 2
    assert Tale(matter="m").talk(0, settles).talk(8 * DAY).only.resolved_on == 1
    sent = facts.MessageSent(HOUR, 0, 1, "sms", ADA, "", "How was it?")
    assert Tale().talk(0, settles).told(sent).only.resolved_on == 1
    assert Tale().talk(0, ("", "settles", "", "")).only.resolved_on is None, "the caller cannot settle it"


@pytest.mark.parametrize(("outcome", "resolved"), [("ok", 1), ("declined", None)])
def test_a_settling_run_settles_when_it_went_well(outcome: str, resolved: int | None) -> None:
    tale = Tale(settling={"pay": ""})
    call = tale.rings(0)
    tale.told(facts.LookupEnded(1_000, call, 1, "pay", "run", outcome, 10))
    tale.told(facts.LookupEnded(1_000, call, 2, "look", "run", "ok", 10)).ends(2_000, "")
    assert tale.only.resolved_on == resolved
    assert tale.only.contacts[0].missed is (resolved is None)


def test_a_settling_run_of_another_matter_settles_nothing() -> None:
    tale = Tale(settling={"pay": "a bill"})
    call = tale.rings(0)
    tale.says(0, "", "wants", "a discount")
    tale.told(facts.LookupEnded(1_000, call, 1, "pay", "run", "ok", 10))
    assert tale.only.resolved_on is None


def test_where_nothing_said_is_known_a_talk_may_count_as_settling() -> None:
    assert Tale(assume_settled=True).talk(0).only.resolved_on == 1
    assert Tale(assume_settled=True).talk(0, ("anna", "refuses", "", "")).only.resolved_on is None
    tale = Tale(assume_settled=True)
    tale.rings(0)
    assert tale.ends(1_000, "", "flow_hung_up").only.resolved_on == 1
    tale.rings(2_000)
    assert tale.ends(3_000, "").only.resolved_on is None


# Promises --------------------------------------------------------------------------------------------------------


def promise(about: str = "", detail: str = "2h") -> Tale:
    return Tale().talk(0, ("anna", "promises", about, detail))


def called(at: int) -> list[Fact]:
    return [
        facts.CallStarted(at, 90, "o-9", ADA, ADA, "", "callback", "", "en", "out"),
        facts.Connected(at, 90, "anna", "a-anna", "desk"),
    ]


def written(at: int) -> list[Fact]:
    return [
        facts.MessageSent(at, 0, 1, "sms", ADA, "", "text"),
        facts.MessageEnded(at, 0, 1, "sms", "delivered", 0),
    ]


@pytest.mark.parametrize(
    ("about", "after", "state"),
    [
        ("", called(HOUR), "kept"),
        ("", written(HOUR), "kept"),
        ("call", called(HOUR), "kept"),
        ("call", written(HOUR), "broken"),
        ("sms", called(HOUR), "broken"),
        ("sms", written(HOUR), "kept"),
        ("", called(3 * HOUR), "late"),
        ("", called(5 * HOUR), "broken"),
        ("", [], "broken"),
    ],
)
def test_a_promise_is_kept_by_what_was_promised_in_its_time(
    about: str, after: list[Fact], state: str
) -> None:
    assert promise(about).told(*after).promises(6 * HOUR) == [("said", state)]


def test_a_promise_is_open_until_its_time_has_passed() -> None:
    assert promise().promises(HOUR) == [("said", "open")]
    assert promise(detail="soon").promises(6 * DAY) == [("said", "open")]
    assert promise(detail="soon").promises(8 * DAY) == [("said", "broken")]


def test_an_undelivered_message_keeps_no_promise() -> None:
    tale = promise().told(
        facts.MessageSent(HOUR, 0, 1, "sms", ADA, "", "text"),
        facts.MessageEnded(HOUR, 0, 1, "sms", "failed", 0),
    )
    assert tale.promises(3 * HOUR) == [("said", "broken")]


def order(at: int, call: int, closes: int, order: int = 1) -> Fact:
    return facts.WorkOrdered(at, order, call, "field", 0, 1, at, closes, "Home")


@pytest.mark.parametrize(
    ("result", "at", "state"),
    [
        ("done", 2 * HOUR, "kept"),
        ("late", 4 * HOUR, "late"),
        ("no_show", 3 * HOUR, "broken"),
        ("never_assigned", 3 * HOUR, "broken"),
        ("rescheduled", 2 * HOUR, "void"),
        ("rescheduled", 4 * HOUR, "broken"),
        ("cancelled", HOUR, "void"),
    ],
)
def test_a_visit_is_kept_by_work_that_is_done(result: str, at: int, state: str) -> None:
    tale = Tale()
    call = tale.rings(0)
    tale.told(order(0, call, 3 * HOUR)).ends(MINUTE, "")
    tale.told(facts.WorkEnded(at, 1, "field", result, "boris", 0, 0))
    assert tale.promises(DAY) == [("visit", state)]


def test_an_appointment_and_its_order_are_one_promise() -> None:
    tale = Tale(calendar=Calendar(0, "UTC"))
    call = tale.rings(0)
    booked = ("home", ADA, "booked", "1970-01-02T15:00", "1970-01-02T18:00")
    tale.says(0, "anna", "promises", "visit", "1d").told(facts.AppointmentMade(0, call, *booked))
    tale.told(order(0, call, DAY + 18 * HOUR)).ends(MINUTE, "")
    assert [one.due for one in tale.only.promises] == [DAY + 18 * HOUR]
    tale.told(facts.WorkEnded(DAY + 18 * HOUR, 1, "field", "never_assigned", "", 0, 0))
    tale.talk(2 * DAY, ("anna", "promises", "visit", "1d"))
    assert tale.promises(2 * DAY + HOUR) == [("visit", "broken"), ("visit", "open")]


def test_an_appointment_passes_with_its_window_and_may_be_moved_or_called_off_before() -> None:
    tale = Tale(calendar=Calendar(0, "UTC"))
    call = tale.rings(0)
    for at, change, day in ((0, "booked", 2), (HOUR, "confirmed", 2), (HOUR, "moved", 3)):
        moment = f"1970-01-0{day}T"
        tale.told(facts.AppointmentMade(at, call, "home", ADA, change, f"{moment}15:00", f"{moment}18:00"))
    assert tale.promises(DAY + 19 * HOUR) == [("visit", "open")]
    assert tale.promises(2 * DAY + 19 * HOUR) == [("visit", "broken")]
    tale.told(
        facts.AppointmentMade(DAY, call, "home", ADA, "cancelled", "1970-01-03T15:00", "1970-01-03T18:00")
    )
    assert tale.promises(2 * DAY + 19 * HOUR) == [("visit", "void")]


def test_work_of_a_flow_that_began_for_an_order_is_the_customers() -> None:
    tale = Tale()
    call = tale.rings(0)
    tale.told(order(0, call, HOUR)).ends(MINUTE, "")
    tale.told(
        facts.WorkEnded(HOUR, 1, "field", "no_show", "boris", 0, 0),
        facts.CallStarted(HOUR, 50, "", "w-1", "", "", "again", "", "en", "flow"),
        order(HOUR, 50, DAY, order=2),
        facts.WorkEnded(2 * HOUR, 2, "field", "done", "boris", 0, 0),
    )
    assert tale.promises(DAY) == [("visit", "broken"), ("visit", "kept")]


def test_work_that_a_trigger_orders_for_a_customer_is_theirs() -> None:
    tale = Tale()
    tale.talk(0, ("anna", "promises", "visit", "1d"))
    tale.told(
        facts.CallStarted(HOUR, 50, "", "sold", ADA, "", "visit", "", "en", "flow"),
        order(HOUR, 50, DAY),
        facts.WorkEnded(2 * HOUR, 1, "field", "done", "boris", 0, 0),
    )
    assert tale.promises(2 * DAY) == [("visit", "kept")]


@pytest.mark.parametrize(("result", "state"), [("reached", "kept"), ("failed", "broken")])
def test_a_callback_is_a_promise(result: str, state: str) -> None:
    tale = Tale()
    call = tale.rings(0)
    tale.told(facts.CallbackBooked(0, 9, call, "desk", ADA, 0, 1)).ends(MINUTE, "", "flow_hung_up")
    assert tale.promises(30 * DAY) == [("callback", "open")]
    tale.told(facts.CallbackEnded(HOUR, 9, "desk", result, 1, HOUR))
    assert tale.promises(DAY) == [("callback", state)]


def test_the_call_of_a_callback_is_the_customers_whatever_number_they_left() -> None:
    tale = Tale()
    call = tale.rings(0)
    tale.told(facts.CallbackBooked(0, 9, call, "desk", "+999", 0, 1)).ends(MINUTE, "", "flow_hung_up")
    tale.told(
        facts.CallStarted(HOUR, 90, "o-9", "+999", "+999", "", "callback", "", "en", "out"),
        facts.CallbackTried(HOUR, 9, 90, 1, "anna"),
        facts.CallbackEnded(HOUR, 9, "desk", "reached", 1, HOUR),
        facts.Connected(HOUR, 90, "anna", "a-anna", "desk"),
    )
    assert [contact.direction for contact in tale.only.contacts] == ["in", "out"]
    assert tale.fold._callbacks == {}


def test_simulated_callers_who_share_a_number_are_told_apart_by_their_lines() -> None:
    tale = Tale(by_line=True)
    for call, line in enumerate(("s-1", "s-2", "s-1-2", "p-1", "p-2"), 1):
        tale.told(facts.CallStarted(call, call, line, "sales", ADA, "", "main", "r", "en"))
    assert [(one.customer, len(one.contacts)) for one in tale.journeys] == [("s-1", 2), ("s-2", 1), (ADA, 2)]


# Memory ----------------------------------------------------------------------------------------------------------


def test_journeys_that_are_over_are_handed_over_once_and_forgotten() -> None:
    over: list[Journey] = []
    tale = Tale(ended=over.append)
    tale.talk(0, ("anna", "promises", "call", "")).talk(DAY, caller="+2").talk(8 * DAY, caller="+3")
    assert [journey.customer for journey in over] == [ADA]
    assert [journey.customer for journey in tale.journeys] == ["+2", "+3"]
    assert tale.fold._promises._open == {}
    tale.fold.close()
    assert [journey.customer for journey in over] == [ADA, "+2", "+3"]
    assert tale.journeys == []
    assert tale.fold._book._of == {}
    assert tale.fold._calls == {}


def test_there_are_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "JOURNEYS_MAX", 2)
    over: list[Journey] = []
    tale = Tale(ended=over.append)
    for number in range(5):
        tale.talk(number, caller=f"+{number}")
    assert ([one.customer for one in over], len(tale.journeys)) == (["+0", "+1", "+2"], 2)
    tale = Tale(matter="m")
    for at in range(JOURNEY_CONTACTS_MAX + 5):
        tale.rings(at)
    assert len(tale.only.contacts) == JOURNEY_CONTACTS_MAX


@pytest.mark.parametrize("act", ["asks", "unknown", "refuses", "refers", "offers", "promises"])
def test_what_is_noted_of_a_contact_is_bounded(act: str) -> None:
    tale = Tale()
    tale.rings(0)
    tale.meets(0)
    for at in range(CONTACT_NOTES_MAX + 5):
        tale.says(at, "anna", act, f"thing {at}")
    contact = tale.only.contacts[0]
    noted = (
        contact.asked,
        contact.unknown,
        contact.refused,
        contact.referrals,
        contact.offers,
        contact.promises,
    )
    assert sorted(map(len, noted)) == [0, 0, 0, 0, 0, CONTACT_NOTES_MAX]
    assert sum(map(len, tale.fold._promises._open.values())) <= CONTACT_NOTES_MAX
