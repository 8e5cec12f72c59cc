"""What a test makes of its center: the plan with its numbers and staff, the company with its rows and mocks."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from ivr.core.flow import steps
from ivr.core.flow.model import Flow, State
from ivr.core.law import fixed
from ivr.core.plan import Plan
from ivr.core.time import Ms
from ivr.language.trials import MockAnswer, Trial
from ivr.language.world_model import CALLER, Fault, Match, WorldModel
from ivr.people import AgentScript, Script
from ivr.sim.house import epoch_of
from ivr.world import Answer, Sent, World

NUMBER: Final = "test"
"""What a call dials that begins in a flow, and not by a number."""
WAITERS: Final = "waiting/"
"""The beginning of the numbers that lead straight into a queue; no author's number has a slash."""


def plan_of(trial: Trial) -> Plan:
    """The center's plan as the test wants it."""
    model, plan = trial.model, trial.center.plan
    numbers = dict(plan.numbers)
    flows = dict(plan.flows)
    values = {root: dict(fields) for root, fields in plan.values.items()}
    language = plan.language
    for root, fields in trial.roots.items():
        if model.flow is not None or not _fillers(trial, root):
            values[root] |= fields
            language = str(fields.get("language") or language)
    if model.flow is not None:
        numbers[NUMBER] = str(model.flow)
    for queue in model.waiting:
        numbers[WAITERS + queue] = WAITERS + queue
        flows[WAITERS + queue] = _straight_into(str(queue))
    agents = {ready.name: replace(plan.agents[ready.name], queues=ready.queues) for ready in trial.agents} | {
        name: agent for name, agent in plan.agents.items() if name not in {r.name for r in trial.agents}
    }
    in_order = {name: agents[name] for name in plan.agents}
    return replace(
        plan,
        numbers=numbers,
        flows=flows,
        values=values,
        agents=in_order,
        hours={**plan.hours, **trial.hours},
        language=language,
    )


def _straight_into(queue: str) -> Flow:
    """A flow that does nothing but wait in a queue, for those who are there before the call."""
    name = WAITERS + queue
    over = steps.HangUp(verb="hangup", flow=name, state="waiting", path="1")
    wait = steps.Queue(
        verb="queue",
        flow=name,
        state="waiting",
        path="0",
        next=over,
        queue=queue,
        announce=(),
        handlers=(dict.fromkeys(("timeout", "closed", "full", "empty", "callback"), over),),
    )
    state = State(name, "waiting", wait)
    return Flow(name=name, revision="", states={"waiting": state}, start=state)


def staff_of(trial: Trial) -> Script:
    """How the agents of a test work."""
    return Script(
        {
            ready.name: AgentScript(
                fixed(ready.answers_after_ms),
                fixed(ready.talks_ms),
                misses=0.0 if ready.answers else 1.0,
                works=fixed(ready.works_ms),
                no_shows=0.0 if ready.shows_up else 1.0,
            )
            for ready in trial.agents
        }
    )


def epoch_ms(trial: Trial) -> int:
    """Instant 0 of the test."""
    clock = trial.model.clock
    if clock is None:
        return epoch_of(trial.center)
    return round(clock.replace(tzinfo=ZoneInfo(trial.center.plan.timezone)).timestamp() * 1_000)


# The company ---------------------------------------------------------------------------------------------


def world_of(trial: Trial) -> WorldModel:
    """The center's world with the test's rows, and the caller's own."""
    world = trial.center.world
    tables = {name: [dict(row) for row in rows] for name, rows in world.tables.items()}
    for table, rows in trial.rows.items():
        for row in rows:
            _put(trial, tables, table, row)
    for root, fields in trial.roots.items():
        for match in _fillers(trial, root):
            row = dict(fields)
            for column, source in match.columns.items():
                if source == CALLER or (trial.model.from_ is not None and column not in row):
                    row.setdefault(column, str(trial.model.from_ or ""))
            _put(trial, tables, match.table, row)
    lookups, runs = dict(world.lookups), dict(world.runs)
    for name, mock in trial.mocks.items():
        if mock.outcome == "ok" and name in lookups:
            lookups[name] = replace(lookups[name], fails=0.0)
        elif mock.outcome == "ok":
            runs[name] = replace(runs[name], fails=0.0, declined=0.0)
    return replace(
        world,
        tables={name: tuple(rows) for name, rows in tables.items()},
        lookups=lookups,
        runs=runs,
        faults=tuple(fault for fault in world.faults if not _works(fault, trial.mocks)),
    )


def _works(fault: Fault, mocks: Mapping[str, MockAnswer]) -> bool:
    """Whether a test says that what is broken works."""
    return fault.kind != "channel" and fault.of in mocks and mocks[fault.of].outcome == "ok"


def _fillers(trial: Trial, root: str) -> list[Match]:
    """How the lookups that fill a data root find their row."""
    lookups = trial.center.world.lookups.values()
    return [lookup.match for lookup in lookups if lookup.into == root and lookup.match is not None]


def _put(trial: Trial, tables: dict[str, list[dict[str, Any]]], table: str, row: Mapping[str, Any]) -> None:
    """Change the row that has the same key, or add one."""
    world = trial.center.world
    rows = tables.setdefault(table, [])
    keys = [lookup.match for lookup in world.lookups.values() if lookup.match is not None]
    keys += [run.row for run in world.runs.values() if run.row is not None]
    for match in keys:
        columns = [*match.columns]
        if match.table != table or not set(columns) <= set(row):
            continue
        for known in rows:
            if all(known.get(column) == row[column] for column in columns):
                known.update(row)
                return
    natural = {name: kind.natural for name, kind in world.columns.get(table, {}).items()}
    for lookup in world.lookups.values():
        if lookup.match is not None and lookup.match.table == table:
            natural |= trial.center.plan.values.get(lookup.into, {})
    rows.append({**natural, **row})


class Company:
    """The emulated company of one test: mocks first, else the tables."""

    def __init__(self, world: World, mocks: Mapping[str, MockAnswer]) -> None:
        self._world = world
        self._mocks = mocks

    def answer(self, name: str, args: Mapping[str, Any], caller: str, key: str) -> Answer | None:
        """What comes back; None where nothing ever does."""
        mock = self._mocks.get(name)
        if mock is None:
            return self._world.answer(name, args, caller, key)
        if mock.outcome == "timeout":
            return None
        if mock.outcome == "ok" and mock.result is None:
            usual = self._world.answer(name, args, caller, key)
            return usual._replace(delay_ms=_either(mock.takes_ms, usual.delay_ms))
        return Answer(_either(mock.takes_ms, 0), mock.outcome, dict(mock.result or {}))

    def send(self, channel: str, to: str) -> Sent:
        """What becomes of a message; who is called in a test answers it in the test's steps, or not."""
        return self._world.send(channel, to)._replace(reply=None)


def _either(mine: Ms | None, usual: Ms) -> Ms:
    return usual if mine is None else mine
