"""The theory of operation, for a reader who has half an hour.

**What this is.** A call center is callers who follow flows, queues in which they wait, and agents
who talk to them. The core is that, and nothing else: no sockets, no threads, no clock, no files. It
is a state machine that is *told* what time it is.

**Time.** `time.py`: an `Instant` is a whole number of milliseconds since the run began. The engine
never asks what time it is; whoever drives it says so with every input. Two drivers exist. In virtual
time (`ivr.sim`) the next instant is whenever something happens next; in real time (`ivr.live`) it is
what the clock says. Because the engine cannot tell them apart, a flow that was tried in virtual time
behaves the same on the phone.

**In, out, and what happened.** The world tells the engine `events` (a key was pressed). The engine
asks parties things through the port `Outlet` in `commands.py` (play this prompt), and says what
happened as `facts` to one witness. Facts are the only source of numbers: records, metrics, log and
journal are folds over them (`ivr.observe`).

**State.** After N inputs the state is a function of the plan, the seed and those N stamped inputs.
So a journal of inputs is the whole history, and running it again gives the identical facts. For that
to hold there is no iteration over sets, no `id()` in any decision, no float time, no uuid, and chance
is keyed (`chance.py`): a draw depends on the seed, a name and a number, never on what was drawn before;
`law.py` turns such a draw into a length of time, for those who simulate people and companies.

**Alarms.** `timers.py`: the engine owns its alarms and tells the driver when it wants to be woken
next. An alarm that is served late still happens at the instant it was due.

**Calls in flows.** `plan.py` is a center compiled; `flow/model.py` its flows: nodes that point at
nodes. A step has `enter(turn)` and methods for what it can hear; it holds no state, the call does
(`call.py`). `flow/interpreter.py` finds who hears an input, `flow/course.py` moves a call from node
to node until it waits; `flow/turn.py` (on `moves`, `voice`, `hand`) is everything a step may do. Read
`flow/steps/menu.py` next: the rest of the verbs look like it.

**Calls in queues.** `acd/` holds queues, agents, reservations, talks, transfers and callbacks. A
reservation claims a caller and an agent in one step. Matching is total after every change: no call
waits while an agent who may take it is ready.

**The two halves** meet in `kernel.py`, which holds what they share and the few methods by which each
calls the other. `engine.py` is the door: `handle`, `advance`, `next_due`, `snapshot`.

**Errors.** The world may be late, double or mad; that is a fact (`EventIgnored`), never an exception.
An author's mistake that shows only at run time becomes the flow's `error` event. Any exception that
leaves the core is a bug of ours.
"""

from ivr.core.engine import Engine
from ivr.core.plan import Plan

__all__ = ["Engine", "Plan"]
