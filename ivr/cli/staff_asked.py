"""What `ivr staff` is asked, and how it answers."""

import math
import re
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ivr.cli import exit_codes
from ivr.cli.table import Column, laid_out
from ivr.core.calendar import WEEKDAYS
from ivr.observe.service_level import VARIANTS

if TYPE_CHECKING:
    from ivr.core.plan import AgentPlan
    from ivr.language import Center
    from ivr.sim.staff_search import Kind
    from ivr.sim.staffing import Need, Target


def kinds_of(likes: Sequence[str], center: "Center") -> "list[Kind]":
    """The kinds of agents that were named, or all that there are."""
    from ivr.sim.staff_search import Kind
    from ivr.sim.staffing import alike

    agents = center.plan.agents
    if not agents:
        raise exit_codes.WrongUsage("the center has no agents to add more of")
    chosen: list[tuple[AgentPlan, float]] = []
    for text in likes or agents:
        name, cost = (text, 1.0) if not likes else _priced(text)
        if name not in agents:
            raise exit_codes.WrongUsage(
                f"--like {name[:40]}: there is no such agent; there are {', '.join(agents)}"
            )
        same = next((agent for agent, _ in chosen if alike(agent, agents[name])), None)
        if same is None:
            chosen.append((agents[name], cost))
        elif likes:
            raise exit_codes.WrongUsage(
                f"--like {name[:40]}: of the same kind as {same.name}; name one of them"
            )
    kinds = [Kind(agent.name, agent.queues, cost) for agent, cost in chosen if agent.queues]
    if not kinds:
        raise exit_codes.WrongUsage("the agents serve no queue: more of them would answer nothing")
    return kinds


def _priced(text: str) -> tuple[str, float]:
    name, equals, cost = text.partition("=")
    if equals and not (re.fullmatch(r"\d{1,6}(\.\d{1,6})?", cost) and float(cost)):
        raise exit_codes.WrongUsage(
            f"--like {text[:40]!r}: write NAME=1.3, if an hour of theirs costs 1.3 times as much"
        )
    return name, float(cost) if equals else 1.0


def target_of(text: str, center: "Center", kinds: "Sequence[Kind]") -> "Target":
    """A target as it was typed."""
    from ivr.sim.staffing import Target

    match = re.fullmatch(r"\s*(?:([\w-]+)\.)?(\w+)\s*(>=|<=)\s*(\d+(?:\.\d+)?)\s*(%|s)?\s*", text)
    queue, figure = (match[1], match[2]) if match is not None else (None, "")
    served = tuple(dict.fromkeys(name for kind in kinds for name in kind.queues))
    if queue is not None and queue not in served:
        raise exit_codes.WrongUsage(
            f"--target {text[:60]!r}: no such queue that the agents serve; there are {', '.join(served)}"
        )
    queues = served if queue is None else (queue,)
    if level := re.fullmatch(r"sl(\d+)?", figure):
        figure = "sl_of_offered"
        for name in queues if level[1] else ():
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
    if (match[3] == ">=") != figure.startswith("sl_"):
        raise exit_codes.WrongUsage(f"--target {text!r}: more agents do the opposite; turn the sign round")
    limit = float(match[4]) / (100 if match[5] == "%" else 1)
    if figure != "asa_s" and limit > 1:
        raise exit_codes.WrongUsage(f"--target {text!r}: a share is at most 100%; is there a % missing?")
    return Target(figure, limit, queues, text.strip())


class Asked(NamedTuple):
    """What was asked, for the answer; `lost` is the shrinkage."""

    kinds: "Sequence[Kind]"
    targets: "Sequence[Target]"
    interval_ms: int
    lost: float

    def paid(self, agents: int) -> int:
        """How many are to be paid, that so many are there."""
        return math.ceil(agents / (1 - self.lost))

    def plain(self, need: "Need") -> dict[str, Any]:
        """A need as JSON; `reached` is by target where there are several."""
        from ivr.sim.intervals import clock_of

        agents = sum(need.agents.values())
        words = [target.words for target in self.targets]
        return {
            "day": WEEKDAYS[need.slot[0]],
            "starts": clock_of(need.slot[1], self.interval_ms),
            "calls": need.calls,
            "aht_s": need.aht_s,
            "agents": agents,
            "paid": self.paid(agents),
            "reached": need.reached[0] if len(words) == 1 else dict(zip(words, need.reached, strict=True)),
            "kinds": dict(need.agents),
        }

    def text(self, found: "Sequence[Need]", runs: str) -> list[str]:
        """The table."""
        several = len(self.kinds) > 1
        names = [kind.like for kind in self.kinds]
        headings = ["calls", "AHT", *(names if several else ()), "agents"]
        headings += ["reached"] if len(self.targets) == 1 else [target.words for target in self.targets]
        columns = [Column("day"), Column("from"), *(Column(name, right=True) for name in headings)]
        if self.lost:
            columns.append(Column("paid", right=True))
        words = " and ".join(target.words for target in self.targets)
        likes = f"{', '.join(names[:-1])} and {names[-1]}" if several else names[0]
        return [
            f"agents like {likes} for {words} in every interval, by {runs}",
            "",
            *laid_out(columns, [self._row(need) for need in found], shutil.get_terminal_size().columns),
            "",
            self._sum(found),
        ]

    def _row(self, need: "Need") -> list[str]:
        from ivr.sim.intervals import clock_of

        agents = sum(need.agents.values())
        each = [str(need.agents.get(kind.like, 0)) for kind in self.kinds] if len(self.kinds) > 1 else []
        return [
            *(WEEKDAYS[need.slot[0]], clock_of(need.slot[1], self.interval_ms), f"{need.calls:.1f}"),
            *("" if need.aht_s is None else f"{need.aht_s:.0f} s", *each, str(agents)),
            *(_reached(value, target) for value, target in zip(need.reached, self.targets, strict=True)),
            *([str(self.paid(agents))] if self.lost else []),
        ]

    def _sum(self, found: "Sequence[Need]") -> str:
        each_h = self.interval_ms / 3_600_000
        hours = sum(sum(need.agents.values()) for need in found) * each_h
        text = f"{hours:.1f} hours of agents"
        if self.lost:
            text += f", {hours / (1 - self.lost):.1f} paid"
        if any(kind.cost != 1 for kind in self.kinds):
            cost = (
                sum(need.agents.get(kind.like, 0) * kind.cost for need in found for kind in self.kinds)
                * each_h
            )
            text += f", at a cost of {cost:.1f}"
        return text


def _reached(value: float | None, target: "Target") -> str:
    if value is None:
        return ""
    return f"{value:.1f} s" if target.figure == "asa_s" else f"{value:.1%}"
