"""Facts in the dialect of Asterisk's `queue_log`, for wallboards and reports that read it.

    TIME|CALL|QUEUE|AGENT|EVENT|parameters

TIME is in whole seconds since 1970, CALL what Asterisk calls the unique id, QUEUE and AGENT are NONE where there is
none. Events and the order of their parameters are those of Asterisk's page "Queue Logs" (asterisk/documentation,
docs/Operation/Logging/Queue-Logs.md) and, for WITHDRAW, of app_queue.c. Asterisk writes nothing when a queue refuses
a call, nor do we. What is ours and has no event there is told by the nearest one: an overflow leaves by timeout, a
caller who takes a callback leaves by the key.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from typing import Any, Final

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.core.plan import Plan
from ivr.core.time import SECOND, Instant, Ms
from ivr.observe.fan import Handlers

NONE: Final = "NONE"

_AWAY: Final = ("paused", "not_responding")
_BY_KEY: Final = ("exit_key", "callback")
_RUNG_IN_VAIN: Final = ("lapsed", "rejected")


class _Visit:
    """A call in a queue; the place is that of its key."""

    __slots__ = ("key", "original", "queue", "rang_ms", "waited_ms")

    def __init__(self, queue: str, key: tuple[int, int], original: int) -> None:
        self.queue = queue
        self.key = key
        self.original = original
        self.rang_ms: Ms = 0
        self.waited_ms: Ms = 0


class QueueLog:
    """The fold; `write` gets each line without its end."""

    def __init__(self, plan: Plan, write: Callable[[str], object], epoch_ms: int) -> None:
        """`epoch_ms` is the run's instant 0, in ms since 1970 UTC."""
        self._plan = plan
        self._write = write
        self._epoch_ms = epoch_ms
        self._callers: dict[int, str] = {}
        self._keys: dict[int, str] = {}
        self._visits: dict[int, _Visit] = {}
        self._waiting: dict[str, list[tuple[int, int]]] = {name: [] for name in plan.queues}
        self._passed_on: dict[int, facts.TransferStarted] = {}
        self._line(0, 0, "", "", "QUEUESTART")

    def handlers(self) -> Handlers:
        """See `ivr.observe.fan`."""
        return {
            facts.CallStarted: self._started,
            facts.CallEnded: self._ended,
            facts.KeyHeard: self._key,
            facts.CallQueued: self._queued,
            facts.PriorityChanged: self._prioritised,
            facts.QueueLeft: self._left,
            facts.ReservationEnded: self._asked,
            facts.Connected: self._connected,
            facts.TransferStarted: self._transferring,
            facts.TalkEnded: self._talked,
            facts.AgentMoved: self._moved,
            facts.PlanChanged: self._reloaded,
        }

    def _line(self, at: Instant, call: int, queue: str, agent: str, event: str, *parameters: object) -> None:
        seconds = (self._epoch_ms + at) // 1_000
        unique = facts.call_name(call) if call else NONE
        fields = [seconds, unique, queue or NONE, agent or NONE, event, *parameters]
        self._write("|".join(str(field).replace("|", "/").replace("\n", " ") for field in fields))

    # Calls ------------------------------------------------------------------------------------------------

    def _started(self, fact: facts.CallStarted) -> None:
        self._callers[fact.call] = fact.caller

    def _ended(self, fact: facts.CallEnded) -> None:
        for known in (self._callers, self._keys, self._visits, self._passed_on):
            known.pop(fact.call, None)

    def _key(self, fact: facts.KeyHeard) -> None:
        if fact.use == "taken":
            self._keys[fact.call] = fact.key

    def _queued(self, fact: facts.CallQueued) -> None:
        key = (-fact.priority, fact.ordinal)
        waiting = self._waiting[fact.queue]
        insort(waiting, key)
        original = bisect_left(waiting, key) + 1
        self._visits[fact.call] = _Visit(fact.queue, key, original)
        caller = self._callers.get(fact.call, "")
        self._line(fact.at, fact.call, fact.queue, "", "ENTERQUEUE", "", caller, original)

    def _prioritised(self, fact: facts.PriorityChanged) -> None:
        visit, waiting = self._visits[fact.call], self._waiting[fact.queue]
        waiting.remove(visit.key)
        visit.key = (-fact.priority, fact.ordinal)
        insort(waiting, visit.key)

    def _left(self, fact: facts.QueueLeft) -> None:
        visit = self._visits[fact.call]
        waiting = self._waiting[fact.queue]
        place = bisect_left(waiting, visit.key)
        del waiting[place]
        visit.waited_ms = fact.waited_ms
        how = (place + 1, visit.original, fact.waited_ms // SECOND)
        where = (fact.at, fact.call, fact.queue, "")
        if fact.outcome in ("abandoned", "short_abandoned", "system_error"):
            self._line(*where, "ABANDON", *how)
        elif fact.outcome in ("timeout", "overflowed"):
            self._line(*where, "EXITWITHTIMEOUT", *how)
        elif fact.outcome in _BY_KEY:
            self._line(*where, "EXITWITHKEY", self._keys.get(fact.call, ""), *how)
        elif fact.outcome == "left_empty":
            self._line(*where, "EXITEMPTY", *how)
        elif fact.outcome == "withdrawn":
            self._line(*where, "WITHDRAW", *how, "")

    # Agents and talks -------------------------------------------------------------------------------------

    def _asked(self, fact: facts.ReservationEnded) -> None:
        if not fact.queue:
            return
        where = (fact.at, fact.call, fact.queue, fact.agent)
        if fact.result in _RUNG_IN_VAIN:
            self._line(*where, "RINGNOANSWER", fact.rang_ms)
        elif fact.result == "rescinded":
            self._line(*where, "RINGCANCELED", fact.rang_ms)
        elif (visit := self._visits.get(fact.call)) is not None:
            visit.rang_ms = fact.rang_ms

    def _connected(self, fact: facts.Connected) -> None:
        visit = self._visits.get(fact.call)
        if fact.queue and visit is not None:
            seconds = visit.waited_ms // SECOND, visit.rang_ms // SECOND
            where = (fact.at, fact.call, fact.queue, fact.party)
            self._line(*where, "CONNECT", seconds[0], fact.line, seconds[1])

    def _transferring(self, fact: facts.TransferStarted) -> None:
        self._passed_on[fact.call] = fact

    def _talked(self, fact: facts.TalkEnded) -> None:
        visit = self._visits.get(fact.call)
        transfer = self._passed_on.pop(fact.call, None)
        if not fact.queue or visit is None:
            return
        times = (visit.waited_ms // SECOND, (fact.talk_ms + fact.hold_ms) // SECOND, visit.original)
        where = (fact.at, fact.call, fact.queue, fact.party)
        if fact.ended_by == "transfer" and transfer is not None and transfer.mode == "warm":
            self._line(*where, "ATTENDEDTRANSFER", "BRIDGE", transfer.target, *times)
        elif fact.ended_by == "transfer" and transfer is not None:
            self._line(*where, "BLINDTRANSFER", transfer.target, transfer.kind, *times)
        elif fact.ended_by == "caller":
            self._line(*where, "COMPLETECALLER", *times)
        else:
            self._line(*where, "COMPLETEAGENT", *times)

    def _moved(self, fact: facts.AgentMoved) -> None:
        queues = self._plan.agents[fact.agent].queues
        for event, parameters in _member_events(fact):
            for queue in queues:
                self._line(fact.at, 0, queue, fact.agent, event, *parameters)

    def _reloaded(self, fact: facts.PlanChanged) -> None:
        self._line(fact.at, 0, "", "", "CONFIGRELOAD")


def _member_events(fact: facts.AgentMoved) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """What a change of state is to a queue's member; the short rest after a miss is Asterisk's `retry`, and no pause."""
    rests = fact.state == "paused" and fact.reason in ("missed", "rejected")
    reason = "Auto-Pause" if fact.state == "not_responding" else fact.reason
    if fact.state == "signed_out":
        yield "REMOVEMEMBER", ()
    elif fact.left == "signed_out":
        yield "ADDMEMBER", ("PAUSED",) if fact.state in _AWAY else ()
    elif fact.state in _AWAY and not rests:
        yield "PAUSE", (reason,)
    elif fact.left in _AWAY and fact.state not in _AWAY:
        yield "UNPAUSE", ()


def lines_of(plan: Plan, told: Iterator[Fact], epoch_ms: int) -> Iterator[str]:
    """The lines of a run's facts, in order."""
    found: list[str] = []
    handlers = QueueLog(plan, found.append, epoch_ms).handlers()
    for fact in told:
        if (handler := handlers.get(type(fact))) is not None:
            handler(fact)
        yield from found
        found.clear()
    yield from found
