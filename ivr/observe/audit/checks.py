"""The promises that are audited, by id, and the rare situations that a good test run should have met."""

from collections import Counter
from typing import Final, NoReturn

from ivr.core.plan import STRATEGIES

INVARIANTS: Final = {
    "I1": "a queue's calls offered are its outcomes and its waiting calls, within its length",
    "I2": "a call starts once and ends once, and nothing is told of it before or after",
    "I3": "an agent has at most one reservation or talk, and talks only to whom they accepted",
    "I4": "a caller is in one talk or queue at a time, and asked for at one agent at a time unless several ring",
    "I5": "a wait counts from the joining of the queue, whatever rings failed meanwhile",
    "I6": "places go by queue weight, priority and arrival among those an agent may take",
    "I7": "no agent is ready while a call waits that they may take",
    "I8": "in the end every call has ended and nobody waits, rings or talks",
    "I10": "a reservation lapses exactly when its time is up, and never after its end",
    "I11": "a callback is tried one attempt at a time and ends once; so does a work order",
    "I13": "an agent's times in states add up without gaps",
    "I14": "the snapshot shows what the facts say",
    "I18": "time never runs backwards",
    "I19": "talk, hold, wrap-up and lookup times are what lies between their facts",
    "I20": "queue visits of a call are numbered from 1",
    "I22": "of the ready agents who may take a call, its queue's strategy asks the first",
    "I23": "a consultation and a supervisor belong to a talk, and end with it",
    "I24": "words are of one of the two who hear each other, bounded, and an act that there is",
    "I21": "agents move between states only as drawn in `MOVES`",
}
"""Every invariant that an `AssertionError` of the auditor may name."""

CONSULT_RESULTS: Final = (
    *("completed", "taken_back", "left", "hung_up", "no_answer", "busy", "rejected", "failed"),
)

PROBES: Final = (
    "a reservation lapsed while others waited",
    "a reservation was rejected",
    "a reservation was taken back because the agent left",
    "an agent stopped responding",
    "a failed ring was followed by an answer",
    "the caller hung up while an agent was ringing",
    "an accept came in the instant the caller hung up",
    "the caller hung up in the instant of the accept",
    "the longest wait ended as a ring failed",
    "a queue overflowed",
    "a queue refused a call",
    "a call left for a callback",
    "a caller overtook another by priority",
    "a short abandon",
    "a talk ended on hold",
    "an agent said something",
    "a caller said something",
    "an agent was lost in talk",
    "a transfer failed and the caller waited again",
    "a transfer connected",
    "the caller left during a transfer",
    "a callback kept its place",
    "a callback outlived its run",
    "a callback was tried again",
    "a callback reached its customer",
    "a callback was given up",
    "a work order was done",
    "an agent at work was asked for a further order",
    "a work order ended without anybody having taken it",
    "an agent served another queue by its weight",
    "an event was ignored",
    "a call waited for one agent alone",
    "a caller came back to the place they gave up",
    "an agent's shift ended in a talk",
    "a caller was handed over to those who wait",
    "an agent consulted somebody",
    *(f"a consultation became {mode}" for mode in ("swapped", "private", "conference")),
    *(f"a consultation ended {result}" for result in CONSULT_RESULTS),
    *(f"a supervisor chose to {mode}" for mode in ("monitor", "whisper", "barge")),
    "a supervisor pulled a call",
    "a waiting call was given another priority",
    "a waiting call was withdrawn",
    "a wait widened",
    "a wait widened while an agent was ringing",
    "several phones rang for one call",
    "another phone took the call",
    *(f"{strategy} chose among several" for strategy in STRATEGIES),
)
"""Situations counted as they are met; a fuzz campaign that never met one has not tested it."""


class Checks:
    """Counts of checks made and situations met."""

    __slots__ = ("at", "checks", "probes")

    def __init__(self) -> None:
        self.at = 0
        self.checks: Counter[str] = Counter(dict.fromkeys(INVARIANTS, 0))
        self.probes: Counter[str] = Counter(dict.fromkeys(PROBES, 0))

    def that(self, invariant: str, holds: bool, *detail: object) -> None:
        """Note a check of an invariant.

        Raises:
            AssertionError: it does not hold.
        """
        self.checks[invariant] += 1
        if not holds:
            self.fail(invariant, *detail)

    def fail(self, invariant: str, *detail: object) -> NoReturn:
        """An invariant is broken; `detail` are the words of what was seen."""
        seen = " ".join(map(str, detail))
        raise AssertionError(f"{invariant} at {self.at}: {INVARIANTS[invariant]}; but {seen}")

    def met(self, probe: str) -> None:
        """Note a rare situation."""
        assert probe in self.probes, probe
        self.probes[probe] += 1

    def report(self) -> str:
        """Both counts as a table of text."""
        lines = [f"{count:>10}  {name:<4} {INVARIANTS[name]}" for name, count in self.checks.items()]
        lines += [f"{count:>10}  {'' if count else 'NEVER '}{probe}" for probe, count in self.probes.items()]
        return "\n".join(lines)
