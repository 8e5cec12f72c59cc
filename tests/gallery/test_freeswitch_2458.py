"""FreeSWITCH #2458: at some 200 calls at once, 20 more a second, calls and agents get stuck.

Here three thousand calls at 20 a second meet fifty agents under the auditor; in the end every call has ended, each
visit with one outcome, and no agent is in a talk.
"""

from ivr.core.facts import AgentMoved, CallEnded, CallQueued, Fact, QueueLeft
from ivr.core.law import exponential
from ivr.people import AgentScript, CallerKind, Script
from ivr.sim import House
from tests.gallery.rooms import FLOW
from tests.support import center_of
from tests.support.lab import states

CALLS = 3_000


def test_nothing_is_stuck_after_a_flood() -> None:
    names = [f"a{number}" for number in range(50)]
    agents = "agents:\n" + "".join(f"  {name}: {{ queues: [support] }}\n" for name in names)
    center = center_of(states(FLOW.replace("MORE", "")), agents=agents)
    people = dict.fromkeys(names, AgentScript(exponential(1_000), exponential(20_000), misses=0.05))
    told: list[Fact] = []
    callers = (CallerKind("all", "1", patience=exponential(30_000)),)
    House(center, "flood", told.append, script=Script(people, callers, 50.0)).run(calls=CALLS)
    assert sum(isinstance(fact, CallEnded) for fact in told) == CALLS
    assert sum(isinstance(fact, QueueLeft) for fact in told) == sum(
        isinstance(fact, CallQueued) for fact in told
    )
    last = {fact.agent: fact.state for fact in told if isinstance(fact, AgentMoved)}
    assert set(last.values()) <= {"ready", "not_responding"}
