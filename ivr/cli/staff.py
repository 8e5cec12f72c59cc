"""`ivr staff`: the least agents that reach a target in every interval."""

import math
import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.explore import Clock, begun_at
from ivr.cli.files import must_exist
from ivr.cli.running import (
    Cluster,
    For,
    Jobs,
    Replications,
    Runner,
    Seed,
    day_interval,
    duration,
    running,
    somebody,
)
from ivr.cli.table import Column, laid_out
from ivr.cli.terminal import complain, print_json, span
from ivr.core.calendar import WEEKDAYS
from ivr.observe.service_level import VARIANTS

if TYPE_CHECKING:
    from ivr.core.plan import AgentPlan
    from ivr.language import Center
    from ivr.sim.ledger import Sheet
    from ivr.sim.staffing import Need, Slot, Target


def staff(
    center: Annotated[Path, Parameter(help="Folder of a center.")],
    /,
    *,
    target: Annotated[
        str,
        Parameter(help='What each interval is to reach: "sl >= 80%", "p_abandon <= 5%", "asa_s <= 30".'),
    ] = "sl >= 80%",
    like: Annotated[
        str | None, Parameter(help="Agents like this one are added; else the only kind.", show_default=False)
    ] = None,
    interval: Annotated[str, Parameter(help="Length of the intervals.")] = "30m",
    shrinkage: Annotated[
        str, Parameter(help="The share of paid time that is not at work, for the last column.")
    ] = "0%",
    for_: For = "1d",
    seed: Seed = "1",
    replications: Replications = 20,
    jobs: Jobs = None,
    cluster: Cluster = None,
    clock: Clock = None,
    json: Annotated[bool, Parameter(help="Print JSON.", show_default=False)] = False,
) -> int:
    """Find the least agents that reach a target in each interval, by simulating the center.

    `sl` is the service level "answered in T of offered", T being the queue's own `within`; `sl20` says that T is 20 s;
    other variants have their names, such as sl_of_answered. Counted are the queues that the agents serve, over all
    runs; days of the same weekday together. Agents like the one named are there as each interval needs,
    and finish the call they are in; others work as their files say.

    Exit code: 0; 1 when no number of agents reaches the target.
    """
    length_ms, interval_ms = duration(for_, "--for"), day_interval(interval)
    lost = _share(shrinkage)
    loaded, chosen = _loaded(center, clock, like)
    wanted = _target(target, loaded, chosen)
    try:
        with running(seed, replications, jobs, cluster, shown=not json) as runner:
            found = _search(loaded, chosen, wanted, length_ms, interval_ms, runner)
    except ValueError as fault:
        return complain(str(fault), exit_codes.NO, json_wanted=json)
    if json:
        print_json([_plain(need, interval_ms, lost) for need in found], indent=2)
    else:
        runs = f"{replications} runs of {span(length_ms / 1_000)}"
        print("\n".join(_text(found, chosen, target, interval_ms, lost, runs)))
    return exit_codes.OK


def _loaded(center: Path, clock: datetime | None, like: str | None) -> "tuple[Center, AgentPlan]":
    """The center, and the agent of whose kind more or fewer are to be."""
    must_exist(center)
    from ivr.language import load_center

    loaded = begun_at(load_center(center), clock)
    somebody(loaded, center)
    return loaded, _agent(loaded, like)


def _search(
    center: "Center", like: "AgentPlan", target: "Target", length_ms: int, interval_ms: int, runner: Runner
) -> "list[Need]":
    from ivr.core.calendar import Calendar
    from ivr.sim.house import epoch_of
    from ivr.sim.replicate import Job
    from ivr.sim.staffing import Search, Staff, by_slot, first_guess, lived_days, needs

    job = Job.of(center, length_ms, 0, interval_ms)
    calendar = Calendar(epoch_of(center), center.plan.timezone)
    days = lived_days(0, length_ms, calendar, runner.most)
    present = by_slot(runner.run(job, what="the center as it is"), like.queues, interval_ms, calendar)
    guess = Staff.of(like.name, interval_ms, first_guess(present, interval_ms, days))

    def simulate(staff: Staff) -> "list[Sheet]":
        return runner.run(job._replace(staff=staff), what="another staffing")

    search = Search(guess, target, like.queues, calendar, simulate)
    staffing, rows = search.run()
    return needs(staffing, rows, target, days)


def _agent(center: "Center", like: str | None) -> "AgentPlan":
    agents = center.plan.agents
    if like is not None:
        if like not in agents:
            raise exit_codes.WrongUsage(
                f"--like {like[:40]}: there is no such agent; there are {', '.join(agents)}"
            )
        return agents[like]
    kinds: dict[Any, AgentPlan] = {}
    for agent in agents.values():
        kinds.setdefault((agent.queues, tuple(sorted(agent.skills.items()))), agent)
    if not kinds:
        raise exit_codes.WrongUsage("the center has no agents to add more of")
    if len(kinds) > 1:
        names = ", ".join(agent.name for agent in kinds.values())
        raise exit_codes.WrongUsage(
            f"the agents are of {len(kinds)} kinds: say with --like which to add: {names}"
        )
    return next(iter(kinds.values()))


def _target(text: str, center: "Center", like: "AgentPlan") -> "Target":
    from ivr.sim.staffing import Target

    match = re.fullmatch(r"\s*(\w+)\s*(>=|<=)\s*(\d+(?:\.\d+)?)\s*(%|s)?\s*", text)
    figure = match[1] if match is not None else ""
    if level := re.fullmatch(r"sl(\d+)?", figure):
        figure = "sl_of_offered"
        for name in like.queues if level[1] else ():
            within = f"{center.plan.queues[name].service_level.within_ms / 1_000:g}"
            if within != level[1]:
                raise exit_codes.WrongUsage(
                    f"--target {text!r}: T of {name!r} is {within} s: write sl{within} or sl"
                )
    known = [*(f"sl_{name}" for name in VARIANTS), "p_abandon", "asa_s"]
    if match is None or figure not in known:
        examples = '"sl >= 80%" or "p_abandon <= 5%"'
        raise exit_codes.WrongUsage(
            f"--target {text[:60]!r}: write {examples}; figures are sl, {', '.join(known)}"
        )
    if (match[2] == ">=") != figure.startswith("sl_"):
        raise exit_codes.WrongUsage(f"--target {text!r}: more agents do the opposite; turn the sign round")
    return Target(figure, float(match[3]) / (100 if match[4] == "%" else 1))


def _share(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)%", text)
    if match is None or not float(match[1]) < 100:
        raise exit_codes.WrongUsage(f"--shrinkage {text[:40]!r}: write 30%")
    return float(match[1]) / 100


def _starts(slot: "Slot", interval_ms: int) -> str:
    from ivr.sim.staffing import clock_of

    return clock_of(slot[1], interval_ms)


def _paid(agents: int, lost: float) -> int:
    return math.ceil(agents / (1 - lost))


def _plain(need: "Need", interval_ms: int, lost: float) -> dict[str, Any]:
    return {
        "day": WEEKDAYS[need.slot[0]],
        "starts": _starts(need.slot, interval_ms),
        "calls": need.calls,
        "aht_s": need.aht_s,
        "agents": need.agents,
        "paid": _paid(need.agents, lost),
        "reached": need.reached,
    }


def _text(
    found: "list[Need]", like: "AgentPlan", target: str, interval_ms: int, lost: float, runs: str
) -> list[str]:
    columns = [
        Column("day"),
        Column("from"),
        *(Column(name, right=True) for name in ("calls", "AHT", "agents", "reached")),
    ]
    if lost:
        columns.append(Column("paid", right=True))
    share = not target.lstrip().startswith("asa")
    rows = []
    for need in found:
        reached = "" if need.reached is None else f"{need.reached:.1%}" if share else f"{need.reached:.1f} s"
        row = [
            *(WEEKDAYS[need.slot[0]], _starts(need.slot, interval_ms), f"{need.calls:.1f}"),
            *("" if need.aht_s is None else f"{need.aht_s:.0f} s", str(need.agents), reached),
        ]
        rows.append([*row, str(_paid(need.agents, lost))] if lost else row)
    hours = sum(need.agents for need in found) * interval_ms / 3_600_000
    paid = f", {hours / (1 - lost):.1f} paid" if lost else ""
    return [
        f"agents like {like.name} for {target} in every interval, by {runs}",
        "",
        *laid_out(columns, rows, shutil.get_terminal_size().columns),
        "",
        f"{hours:.1f} hours of agents{paid}",
    ]
