"""Facts put aside, and folded many at once: what records and metrics read from.

Code that runs in the middle of everything else is slow, because the processor's caches are full of
everything else. So the facts of every call are only appended to a list when they are told, one list
for the facts that are read together, and each fold goes over them in its own time.
"""

from typing import Any, Final, Protocol, TypeAlias

from ivr.core import facts
from ivr.core.facts import Fact
from ivr.observe.fan import Handler, Handlers

BATCH: Final = 1024
"""How much is put aside at the most: enough to be cheap, few enough to stay in the cache."""

Visited: TypeAlias = (
    facts.WaitEstimated
    | facts.CallQueued
    | facts.QueueRefused
    | facts.QueueLeft
    | facts.Connected
    | facts.TalkEnded
)
Worked: TypeAlias = facts.AgentMoved | facts.WrapUpEnded


class Fold(Protocol):
    """Whoever reads batches."""

    def take(self, batch: "Batch") -> None:
        """Fold every fact of the batch."""


class Batch:
    """What was told since the last `settle`, each list in the order of telling; `rest` is everything else.

    A call's start comes before and its end after all its other facts, so a fold that goes list by list,
    `starts` first and `ends` last, sees each call's facts in an order that is as good as the true one.
    """

    def __init__(self, every: int = BATCH) -> None:
        """Settle by itself when `every` facts of a kind that bounds the others have come."""
        self._every = every
        self._folds: list[Fold] = []
        self.starts: list[facts.CallStarted] = []
        self.states: list[facts.StateEntered] = []
        self.steps: list[facts.StepEnded] = []
        self.prompts: list[facts.PromptHeard] = []
        self.keys: list[facts.KeyHeard] = []
        self.visits: list[Visited] = []
        self.rings: list[facts.ReservationEnded] = []
        self.work: list[Worked] = []
        self.rest: list[Fact] = []
        self.ends: list[facts.CallEnded] = []

    def add(self, fold: Fold) -> None:
        """Let a fold read every batch from now on."""
        self._folds.append(fold)

    def handlers(self) -> Handlers:
        """See `ivr.observe.fan`.

        With the ends of calls come their other facts; only keys, moves of agents and the rest can be
        many while no call ends. So those four bound what is put aside.
        """
        visits = self.visits.append
        return {
            Fact: self._bounding(self.rest),
            facts.CallStarted: self.starts.append,
            facts.StateEntered: self.states.append,
            facts.StepEnded: self.steps.append,
            facts.PromptHeard: self.prompts.append,
            facts.KeyHeard: self._bounding(self.keys),
            facts.CallQueued: visits,
            facts.QueueRefused: visits,
            facts.WaitEstimated: visits,
            facts.QueueLeft: visits,
            facts.Connected: visits,
            facts.TalkEnded: visits,
            facts.ReservationEnded: self.rings.append,
            facts.WrapUpEnded: self.work.append,
            facts.AgentMoved: self._bounding(self.work),
            facts.CallEnded: self._bounding(self.ends),
            facts.ReservationMade: _passed_over,
            facts.WaitAnnounced: _passed_over,
        }

    def _bounding(self, aside: list[Any]) -> Handler:
        every, settle, put = self._every, self.settle, aside.append

        def put_aside(fact: Any) -> None:
            put(fact)
            if len(aside) >= every:
                settle()

        return put_aside

    def settle(self) -> None:
        """Have what was put aside folded."""
        try:
            for fold in self._folds:
                fold.take(self)
        finally:  # nothing is counted twice, whatever a fold has met
            for aside in (
                *(self.starts, self.states, self.steps, self.prompts, self.keys),
                *(self.visits, self.rings, self.work, self.rest, self.ends),
            ):
                aside.clear()


def _passed_over(_: Fact) -> None:
    """Many a call, and nobody folds them."""
