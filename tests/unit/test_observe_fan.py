"""Facts reach the observers that want them."""

from functools import partial

import pytest

from ivr.core.facts import AgentMoved, CallEnded, Fact, LogWritten
from ivr.observe.fan import Fan


def test_a_fact_goes_to_those_who_want_it_in_order() -> None:
    fan = Fan()
    heard: list[tuple[str, Fact]] = []
    fan.add({LogWritten: lambda fact: heard.append(("a", fact))})
    fan.add({AgentMoved: lambda fact: heard.append(("b", fact))})
    fan.add({LogWritten: lambda fact: heard.append(("c", fact))})
    fact = LogWritten(1, 2, "x")
    fan.tell(fact)
    fan.tell(CallEnded(1, 2, "shutdown", "", "", ""))
    assert heard == [("a", fact), ("c", fact)]


def test_a_catch_all_hears_what_it_names_no_other_handler_for() -> None:
    fan = Fan()
    heard: list[str] = []
    fan.add({Fact: lambda _: heard.append("any"), LogWritten: lambda _: heard.append("log")})
    fan.tell(LogWritten(1, 2, "x"))
    fan.tell(CallEnded(1, 2, "shutdown", "", "", ""))
    assert heard == ["log", "any"]


def test_an_observer_may_come_later() -> None:
    fan = Fan()
    heard: list[Fact] = []
    fan.tell(LogWritten(1, 2, "x"))
    fan.add({LogWritten: heard.append})
    fan.tell(LogWritten(2, 2, "y"))
    assert heard == [LogWritten(2, 2, "y")]


def test_many_observers_hear_a_fact_in_order_also_when_asked_before() -> None:
    fan = Fan()
    heard: list[tuple[int, Fact]] = []
    tell = fan.tell
    fact = LogWritten(1, 2, "x")
    for number in range(4):
        fan.add({LogWritten: partial(_note, heard, number)})
        tell(fact)
    assert [number for number, _ in heard] == [0, 0, 1, 0, 1, 2, 0, 1, 2, 3]


def _note(heard: list[tuple[int, Fact]], number: int, fact: Fact) -> None:
    heard.append((number, fact))


def test_an_error_of_an_observer_is_not_swallowed() -> None:
    fan = Fan()

    def broken(_: Fact) -> None:
        raise ZeroDivisionError

    fan.add({LogWritten: broken})
    with pytest.raises(ZeroDivisionError):
        fan.tell(LogWritten(1, 2, "x"))
