"""Calls that came somewhere, read from files: our own records, Asterisk's queue_log, and the layout of the "Anonymous Bank".

The last has 17 columns: vru+line, call_id, customer_id, priority, type, date (yymmdd), vru_entry, vru_exit, vru_time,
q_start, q_exit, q_time, outcome, ser_start, ser_exit, ser_time, server. 0:00:00 is never, and a customer 0 is not known
(Technion's SEE Center, whose description of the data of 1999 this follows).
"""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

_BANK: Final = 17
_LEFT: Final = {"EXITWITHTIMEOUT": 2, "EXITWITHKEY": 3, "EXITEMPTY": 2, "WITHDRAW": 2}
"""Ends of a wait in a queue_log that are neither an answer nor an abandon, with the place of the wait."""


_OUTCOMES: Final = {"answered": "answered", "abandoned": "abandoned", "short_abandoned": "abandoned"}


class Past(NamedTuple):
    """A call that came: local time, what was dialled, by whom; seconds, None where they are not known or there were none.

    `outcome` is `answered`, `abandoned`, `other` (the wait ended otherwise) or empty (it never waited).
    """

    at: datetime
    number: str
    caller: str
    waited_s: float | None
    outcome: str
    talk_s: float | None
    agent: str


@dataclass
class History:
    """The calls of a file in order, and the lines of it that were passed over, by reason."""

    kind: str
    calls: list[Past] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)


def read_history(text: str, zone: str) -> History:
    """The calls of a file, whichever of the three kinds it is; times without a zone of their own are `zone`'s.

    Raises:
        ValueError: it is none of them.
    """
    first = text.partition("\n")[0]
    if first.startswith("call,started,"):
        return _collect("records of ivr", _records(text, ZoneInfo(zone)))
    if first.count("|") >= 4:
        return _collect("queue_log of Asterisk", _queue_log(text, ZoneInfo(zone)))
    if len(first.split()) == _BANK:
        return _collect("calls in the layout of the Anonymous Bank", _bank(text))
    raise ValueError(
        "neither `ivr records --csv`, nor a queue_log, nor 17 columns as those of the Anonymous Bank"
    )


def _collect(kind: str, found: Iterator[Past | str]) -> History:
    history = History(kind)
    seen: set[Past] = set()
    for one in found:
        if isinstance(one, str):
            history.passed_over[one] += 1
        elif one in seen and one.caller:
            history.passed_over["here twice"] += 1
        else:
            seen.add(one)
            history.calls.append(one)
    history.calls.sort(key=lambda call: call.at)
    return history


def _records(text: str, zone: ZoneInfo) -> Iterator[Past | str]:
    for row in csv.DictReader(text.splitlines()):
        try:
            at = datetime.fromisoformat(row["started"]).astimezone(zone).replace(tzinfo=None)
            waited_ms, talk_ms, hold_ms = (int(row[name] or 0) for name in ("wait_ms", "talk_ms", "hold_ms"))
        except (KeyError, ValueError):
            yield "not a call as we write them"
            continue
        if row.get("direction") != "in":
            yield "not an incoming call"
            continue
        last = (row.get("queue_outcomes") or "").rpartition(";")[2]
        outcome = _OUTCOMES.get(last, "other" if last else "")
        talk_s = (talk_ms + hold_ms) / 1_000 if outcome == "answered" else None
        waited_s = waited_ms / 1_000 if outcome else None
        number, caller = (str(row[name] or "").lstrip("'") for name in ("number", "caller"))
        yield Past(at, number, caller, waited_s, outcome, talk_s, row["agents"] or "")


def _bank(text: str) -> Iterator[Past | str]:
    for number, line in enumerate(text.splitlines()):
        cells = line.split()
        if len(cells) != _BANK or (number == 0 and not cells[5].isdecimal()):
            if number:
                yield "not 17 columns"
            continue
        try:
            day = datetime.strptime(cells[5], "%y%m%d")  # noqa: DTZ007 - local time of the bank
            at = day + _time(cells[6])
            queued, waited, served = cells[9] != "0:00:00", float(cells[11]), float(cells[15])
        except ValueError:
            yield "a time that is none"
            continue
        if cells[12] == "PHANTOM":
            yield "a phantom call"
            continue
        outcome = "answered" if cells[12] == "AGENT" else "abandoned" if queued else ""
        waited_s = waited if queued else 0.0 if outcome == "answered" else None
        caller = "" if cells[2] == "0" else cells[2]
        yield Past(
            at, cells[4], caller, waited_s, outcome, served if outcome == "answered" else None, cells[16]
        )


def _time(text: str) -> timedelta:
    hours, minutes, seconds = map(int, text.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _queue_log(text: str, zone: ZoneInfo) -> Iterator[Past | str]:
    waiting: dict[str, Past] = {}
    for line in text.splitlines():
        cells = line.rstrip("\n").split("|")
        if len(cells) < 5:
            yield "not a line of a queue_log"
            continue
        seconds, call, queue, agent, event, *data = cells
        try:
            yield from _logged(waiting, (float(seconds), call, queue, agent, event), data, zone)
        except (ValueError, IndexError):
            yield "a number that is none"
    yield from ("still open at the end" for _ in waiting)


def _logged(
    waiting: dict[str, Past], line: tuple[float, str, str, str, str], data: list[str], zone: ZoneInfo
) -> Iterator[Past]:
    seconds, call, queue, agent, event = line
    if event == "ENTERQUEUE":
        at = datetime.fromtimestamp(seconds, zone).replace(tzinfo=None)
        waiting[call] = Past(at, queue, data[1] if len(data) > 1 else "", None, "", None, "")
    elif call not in waiting:
        return
    elif event == "CONNECT":
        waiting[call] = waiting[call]._replace(waited_s=float(data[0]), outcome="answered", agent=agent)
    elif event == "ABANDON":
        yield waiting.pop(call)._replace(waited_s=float(data[2]), outcome="abandoned")
    elif event in _LEFT:
        yield waiting.pop(call)._replace(waited_s=float(data[_LEFT[event]]), outcome="other")
    elif event in ("COMPLETECALLER", "COMPLETEAGENT"):
        yield waiting.pop(call)._replace(talk_s=float(data[1]))
    elif event in ("BLINDTRANSFER", "ATTENDEDTRANSFER"):
        yield waiting.pop(call)._replace(talk_s=float(data[3]))
