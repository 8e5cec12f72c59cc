"""What replications say of a center: each figure as a mean with its confidence interval, in all and by interval."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any, Final

from ivr.core.plan import Plan
from ivr.observe.families import BLOCKED, OUTCOMES
from ivr.observe.journey import Totals
from ivr.observe.service_level import VARIANTS, Counted, service_levels
from ivr.sim.intervals import Intervals
from ivr.sim.ledger import Row, Sheet, percentile
from ivr.sim.statistics import Interval, interval

FURTHER: Final = (
    *(name for name in OUTCOMES if name not in ("answered", "abandoned")),
    *BLOCKED,
)
"""How visits end otherwise; `abandoned` has the short ones in it, `gone_on` all that were neither answered nor abandoned."""

_FLOW: Final = ("contained", "abandoned", "queued", "connected", "transferred", "failed", "open")

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
    """The figures of a queue, or of all; times in seconds."""
    levels, over = service_levels(counted(row)), row.answered + row.abandoned + row.gone_on
    return {
        "offered": float(row.offered),
        "answered": float(row.answered),
        "abandoned": float(row.abandoned),
        "gone_on": float(row.gone_on),
        "blocked": float(row.blocked),
        **{name: float(row.outcomes[name]) for name in FURTHER},
        "p_abandon": ratio(row.abandoned, row.offered),
        "asa_s": ratio(row.answered_wait_ms / 1_000, row.answered),
        "wait_s": ratio(row.waited_ms / 1_000, over),
        **{name: percentile(row.waits, share) for name, share in PERCENTILES.items()},
        "longest_wait_s": row.longest_ms / 1_000 if over else None,
        "aht_s": ratio(row.handle_ms / 1_000, row.handled),
        "estimate_error_s": ratio(row.estimate_off_ms / 1_000, row.estimated),
        "estimate_bias_s": ratio(row.estimate_error_ms / 1_000, row.estimated),
        **{f"sl_{name}": levels.get(name) for name in VARIANTS},
    }


def queue_figures(sheet: Sheet, queue: str) -> dict[str, float | None]:
    """Everything about a queue in one run."""
    return figures_of(sheet.total(queue)) | _callbacks(sheet, (queue,))


def center_figures(sheet: Sheet) -> dict[str, float | None]:
    """Everything about a center in one run."""
    queues = {queue for queue, _ in sheet.callbacks}
    return {
        "calls": float(sheet.calls),
        "redials": float(sheet.again["redial"]),
        "complaints": float(sheet.again["complaint"]),
        "containment": ratio(sheet.flow["contained"], sheet.calls),
        "p_abandon_in_flow": ratio(sheet.flow["abandoned"], sheet.calls),
        **{f"flow_{how}": float(sheet.flow[how]) for how in _FLOW},
        **figures_of(sheet.total()),
        "occupancy": ratio(sum(sheet.busy.values()), sum(sheet.there.values())),
        **_callbacks(sheet, queues),
        "waiting_at_end": float(sheet.waiting),
        **_treated(sheet.treated or Totals()),
    }


def _treated(totals: Totals) -> dict[str, float | None]:
    """How customers were treated; None where journeys were not followed."""
    return {
        "effort_index": ratio(totals.effort, totals.journeys),
        "resolved": ratio(totals.resolved, totals.journeys),
        "resolved_on_first": ratio(totals.first, totals.journeys),
        "churn_12m": ratio(totals.churn, totals.journeys),
    }


def _callbacks(sheet: Sheet, queues: Iterable[str]) -> dict[str, float]:
    named = list(queues)
    return {
        f"callbacks_{result}": float(sum(sheet.callbacks[queue, result] for queue in named))
        for result in ("reached", "failed")
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
        self._center = [center_figures(sheet) for sheet in sheets]
        self._queues = {name: [queue_figures(sheet, name) for sheet in sheets] for name in plan.queues}
        self.center = over_runs(self._center)
        self.queues = {name: over_runs(runs) for name, runs in self._queues.items()}
        self.company = over_runs([dict(sheet.company) for sheet in sheets])

    def figure(self, name: str, queue: str | None = None) -> list[float]:
        """A figure run by run.

        Raises:
            KeyError: there is no such figure or queue, or a run has no value of it.
        """
        found: list[float] = []
        for run in self._center if queue is None else self._queues[queue]:
            value = run[name]
            if value is None:
                raise KeyError(name)
            found.append(value)
        return found

    def by_interval(self, intervals: Intervals) -> list[dict[str, Any]]:
        """Rows for tables and plots: a queue in an interval, each figure a mean over the runs in which it could be said.

        Queues that nobody came to are left out; of the others every interval is there. `agents_there` is the mean number
        of agents of the whole center who were not away, `occupancy` theirs.
        """
        queues = [
            name
            for name in self.plan.queues
            if any(name == key[0] for sheet in self.sheets for key in sheet.rows)
        ]
        empty = Row()
        found = []
        for number in intervals.numbers():
            counted_ms = intervals.counted_ms(number) * len(self.sheets)
            occupancy = _mean(ratio(sheet.busy[number], sheet.there[number]) for sheet in self.sheets)
            there = sum(sheet.there[number] for sheet in self.sheets) / counted_ms
            for queue in queues:
                runs = [figures_of(sheet.rows.get((queue, number), empty)) for sheet in self.sheets]
                row: dict[str, Any] = {"queue": queue, "interval": number}
                row |= {name: _mean(run[name] for run in runs) for name in runs[0]}
                found.append(row | {"occupancy": occupancy, "agents_there": there})
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
            "company": each(self.company),
        }

    def _outcomes(self) -> dict[str, dict[str, float]]:
        """By queue the outcomes that occurred, each as a mean number of visits."""
        found: dict[str, dict[str, float]] = {}
        for name in self.plan.queues:
            total: Counter[str] = Counter()
            for sheet in self.sheets:
                total.update(sheet.total(name).outcomes)
            found[name] = {outcome: total[outcome] / len(self.sheets) for outcome in sorted(total)}
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
