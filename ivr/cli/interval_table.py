"""The intervals of a simulation: for eyes, as CSV, and typed as Parquet."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ivr.cli import exit_codes
from ivr.cli.files import write_whole
from ivr.cli.table import Column, laid_out
from ivr.core.calendar import WEEKDAYS

if TYPE_CHECKING:
    from ivr.language import Center
    from ivr.sim.outcome import Outcome
    from ivr.sim.replicate import Job

Rows = Sequence[Mapping[str, Any]]

_SHOWN: Final[tuple[tuple[str, str, str], ...]] = (
    ("offered", "offered", ".1f"),
    ("answered", "answered", ".1f"),
    ("abandoned", "gave up", ".1f"),
    ("gone_on", "went on", ".1f"),
    ("blocked", "refused", ".1f"),
    ("callback", "callbacks", ".1f"),
    ("sl_of_offered", "in T", ".0%"),
    ("asa_s", "ASA", ".0f"),
    ("wait_p90_s", "P90", ".0f"),
    ("aht_s", "AHT", ".0f"),
    ("estimate_error_s", "EWT off", ".0f"),
    ("agents_there", "agents", ".1f"),
    ("occupancy", "busy", ".0%"),
)
_COUNTS: Final = ("offered", "answered", "abandoned", "gone_on", "blocked", "callback")
_SOMETIMES: Final = ("gone_on", "blocked", "callback")
_NOTE: Final = """\
means over the runs; a call counts where it joined the queue
gave up, went on: abandoned, gone on elsewhere; in T: answered in T of offered
in seconds: ASA (mean wait of the answered), P90 (nine of ten of them wait no longer),
AHT (handle time), EWT off (how far an announced wait is off)
agents and how busy they are: of the whole center"""


def rows_of(outcome: "Outcome", center: "Center", job: "Job") -> list[dict[str, Any]]:
    """The rows, each with when its interval begins, by the clock of the center and with its offset from UTC."""
    from zoneinfo import ZoneInfo

    intervals, zone = job.intervals(center), ZoneInfo(center.plan.timezone)
    found = []
    for row in outcome.by_interval(intervals):
        starts = intervals.calendar.utc(intervals.starts(row["interval"])).astimezone(zone)
        found.append({"starts": starts, **row})
    return found


def text(rows: Rows, width: int, runs: int) -> list[str]:
    """A table for each queue, for people: what never happened is left out; counts of a single run are whole."""
    lines: list[str] = []
    dates = {row["starts"].date() for row in rows}
    for queue in dict.fromkeys(row["queue"] for row in rows if row["offered"] or row["blocked"]):
        mine = [row for row in rows if row["queue"] == queue]
        shown = [
            (name, heading, ".0f" if runs == 1 and name in _COUNTS else how)
            for name, heading, how in _SHOWN
            if _happens(name, mine)
        ]
        columns = [Column(queue), *(Column(heading, right=True) for _, heading, _ in shown)]
        cells = [
            [
                _when(row["starts"], dates),
                *("" if row[name] is None else format(row[name], how) for name, _, how in shown),
            ]
            for row in mine
        ]
        lines += [*laid_out(columns, cells, width), ""]
    return [*lines, _NOTE] if lines else ["no visits to any queue"]


def _happens(name: str, rows: Rows) -> bool:
    values = [row[name] for row in rows if row[name] is not None]
    return any(values) if name in _SOMETIMES else bool(values)


def _when(starts: datetime, dates: "set[Any]") -> str:
    """As short as it is clear: the hour alone within a day, weekdays within a week."""
    if len(dates) == 1:
        return f"{starts:%H:%M}"
    if max(dates).toordinal() - min(dates).toordinal() < 7:
        return f"{WEEKDAYS[starts.weekday()]} {starts:%H:%M}"
    return f"{starts:%Y-%m-%d %H:%M}"


def plain(rows: Rows) -> list[dict[str, Any]]:
    """The rows as JSON and CSV have them."""
    return [{**row, "starts": row["starts"].isoformat(timespec="minutes")} for row in rows]


def write_csv(file: Path, rows: Rows) -> None:
    """The rows as CSV, the file whole or not at all."""
    import csv

    out = io.StringIO()
    names = [name for name in rows[0] if name != "interval"] if rows else ["starts", "queue"]
    writer = csv.DictWriter(out, names, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(plain(rows))
    write_whole(file, out.getvalue())


def can_write_parquet() -> None:
    """Say before the work what Parquet needs."""
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        raise exit_codes.WrongUsage("--parquet needs pyarrow: install ivr with the extra `parquet`")


def write_parquet(file: Path, rows: Rows, zone: str) -> None:
    """The same as Parquet: `starts` as an instant in the center's zone, `queue` as text, the figures as doubles."""
    import pyarrow as pa
    from pyarrow import parquet

    arrow: Any = pa  # it has no complete types
    kinds = {"starts": arrow.timestamp("ms", tz=zone), "queue": arrow.string()}
    names = [name for name in rows[0] if name != "interval"] if rows else ["starts", "queue"]
    schema = arrow.schema([(name, kinds.get(name, arrow.float64())) for name in names])
    table = arrow.Table.from_pylist([{name: row[name] for name in names} for row in rows], schema=schema)
    out = io.BytesIO()
    parquet.write_table(table, out)
    write_whole(file, out.getvalue())
