"""What replications say of a center: each figure as a mean with its confidence interval, in all and by interval."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any, Final

from ivr.core.plan import Plan
from ivr.core.time import Ms
from ivr.observe.service_level import VARIANTS, Counted, service_levels
from ivr.sim.ledger import Row, Sheet, percentile
from ivr.sim.statistics import Interval, interval

PERCENTILES: Final = {"wait_p50_s": 0.5, "wait_p90_s": 0.9, "wait_p95_s": 0.95}


def counted(row: Row) -> Counted:
    """A row as service levels count it."""
    return Counted(
        row.answered, row.abandoned, row.answered_in_t, row.abandoned_in_t, row.abandoned_short, row.gone_on
    )


def ratio(part: float, whole: float) -> float | None:
    """A share; None of nothing."""
    return part / whole if whole else None


def figures_of(row: Row) -> dict[str, float | None]:
    """The figures of a queue that need no more than a row; times in seconds."""
    levels = service_levels(counted(row))
    return {
        "offered": float(row.offered),
        "answered": float(row.answered),
        "abandoned": float(row.abandoned),
        "gone_on": float(row.gone_on),
        "blocked": float(row.blocked),
        "p_abandon": ratio(row.abandoned, row.offered),
        "asa_s": ratio(row.answered_wait_ms / 1_000, row.answered),
        "wait_s": ratio(row.waited_ms / 1_000, row.answered + row.abandoned + row.gone_on),
        "longest_wait_s": row.longest_ms / 1_000,
        "aht_s": ratio(row.handle_ms / 1_000, row.handled),
        **{f"sl_{name}": levels.get(name) for name in VARIANTS},
    }


def queue_figures(sheet: Sheet, queue: str) -> dict[str, float | None]:
    """Everything about a queue in one run."""
    found = figures_of(sheet.total(queue))
    waits = sheet.waits.get(queue, Counter())
    for name, share in PERCENTILES.items():
        found[name] = percentile(waits, share)
    many, signed, size = sheet.estimates.get(queue, (0, 0, 0))
    found["estimate_error_s"] = ratio(size / 1_000, many)
    found["estimate_bias_s"] = ratio(signed / 1_000, many)
    return found


def center_figures(sheet: Sheet) -> dict[str, float | None]:
    """Everything about a center in one run."""
    total = Row()
    for row in sheet.rows.values():
        total.add(row)
    found = figures_of(total)
    waits: Counter[int] = Counter()
    for counts in sheet.waits.values():
        waits.update(counts)
    for name, share in PERCENTILES.items():
        found[name] = percentile(waits, share)
    return found | {
        "calls": float(sheet.calls),
        "redials": float(sheet.again["redial"]),
        "complaints": float(sheet.again["complaint"]),
        "containment": ratio(sheet.contained, sheet.calls),
        "occupancy": ratio(sum(sheet.busy.values()), sum(sheet.there.values())),
        "callbacks_reached": float(sheet.callbacks["reached"]),
        "callbacks_failed": float(sheet.callbacks["failed"]),
        "waiting_at_end": float(sheet.waiting),
    }


def over_runs(runs: Iterable[Mapping[str, float | None]]) -> dict[str, Interval | None]:
    """Each figure over the replications in which it could be said."""
    listed = list(runs)
    found: dict[str, Interval | None] = {}
    for name in listed[0]:
        values = [value for run in listed if (value := run[name]) is not None]
        found[name] = interval(values) if values else None
    return found


class Outcome:
    """The replications of a center."""

    def __init__(self, plan: Plan, sheets: Sequence[Sheet]) -> None:
        self.plan = plan
        self.sheets = sheets
        self.center = over_runs(map(center_figures, sheets))
        self.queues = {
            name: over_runs(queue_figures(sheet, name) for sheet in sheets) for name in plan.queues
        }

    def figure(self, name: str, queue: str | None = None) -> list[float]:
        """A figure run by run.

        Raises:
            KeyError: there is no such figure or queue, or a run has no value of it.
        """
        found: list[float] = []
        for sheet in self.sheets:
            value = (center_figures(sheet) if queue is None else queue_figures(sheet, queue))[name]
            if value is None:
                raise KeyError(name)
            found.append(value)
        return found

    def by_interval(self, interval_ms: Ms) -> list[dict[str, Any]]:
        """Rows for tables and plots: a queue in an interval, each figure a mean over the runs in which it could be said.

        `agents_there` is the mean number of agents of the center who were not away.
        """
        keys = sorted({key for sheet in self.sheets for key in sheet.rows}, key=lambda key: (key[1], key[0]))
        runs = len(self.sheets)
        empty = Row()
        found = []
        for queue, number in keys:
            rows = [sheet.rows.get((queue, number), empty) for sheet in self.sheets]
            busy = [
                value
                for sheet in self.sheets
                if (value := ratio(sheet.busy[number], sheet.there[number])) is not None
            ]
            figures = [figures_of(row) for row in rows]
            row: dict[str, Any] = {"queue": queue, "interval": number}
            for name in figures[0]:
                row[name] = _mean(figure[name] for figure in figures)
            row["occupancy"] = fmean(busy) if busy else None
            row["agents_there"] = sum(sheet.there[number] for sheet in self.sheets) / runs / interval_ms
            found.append(row)
        return found

    def plain(self) -> dict[str, Any]:
        """Everything as JSON has it: each figure `{mean, low, high}`, None where no run could say."""

        def each(figures: Mapping[str, Interval | None]) -> dict[str, Any]:
            return {name: _plain(value) for name, value in figures.items()}

        return {
            "replications": len(self.sheets),
            "center": each(self.center),
            "queues": {name: each(figures) for name, figures in self.queues.items()},
            "outcomes": self._outcomes(),
        }

    def _outcomes(self) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {name: {} for name in self.plan.queues}
        total: Counter[tuple[str, str]] = Counter()
        for sheet in self.sheets:
            total.update(sheet.outcomes)
        for (queue, outcome), count in sorted(total.items()):
            found[queue][outcome] = count / len(self.sheets)
        return found


def _plain(value: Interval | None) -> dict[str, float | None] | None:
    if value is None:
        return None
    single = value.runs == 1
    return {
        "mean": value.mean,
        "low": None if single else value.low,
        "high": None if single else value.high,
    }


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
