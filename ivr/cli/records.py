"""`ivr records`: the calls that were, from the database of a center."""

import csv
import heapq
import re
import shutil
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.options import JsonLines
from ivr.cli.table import Column, laid_out
from ivr.cli.terminal import clean, colored, print_json, progress, span
from ivr.cli.words import ending, outcome
from ivr.errors import OperatorError

_WITHHELD: Final = "withheld"
_DAYS: Final = re.compile(r"([0-9]{1,5})d")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def records(
    *,
    data: Annotated[
        Path, Parameter(env_var="IVR_DATA", help="The folder given to `ivr serve --data`.")
    ] = Path("data"),
    since: Annotated[
        str | None,
        Parameter(help="Calls started since: 2h, 7d, 2026-11-22, 2026-11-22T09:00.", show_default=False),
    ] = None,
    queue: Annotated[
        str | None, Parameter(help="Calls that waited in this queue.", show_default=False)
    ] = None,
    number: Annotated[str | None, Parameter(help="Calls of this dialled number.", show_default=False)] = None,
    caller: Annotated[
        str | None, Parameter(help="Calls from this number, or withheld.", show_default=False)
    ] = None,
    limit: Annotated[int, Parameter(help="How many, the newest.")] = 50,
    json: JsonLines = False,
    csv_: Annotated[
        bool, Parameter(name="--csv", help="Print CSV that spreadsheets open safely.", show_default=False)
    ] = False,
    format_: Annotated[
        Literal["queue_log"] | None,
        Parameter(
            name="--format", help="queue_log: all that happened as Asterisk's log.", show_default=False
        ),
    ] = None,
) -> int:
    """List the calls that have ended, the newest first.

    The center may be open meanwhile. Times are of this machine's time zone on the screen, UTC in JSON
    and CSV. A wait is time in queues: a dash is a call that was never in one. What a narrow terminal
    cannot show beside the rest stands below it. In CSV a cell that a spreadsheet would take for a
    formula (such as a number with +) begins with an apostrophe.

    With `--format queue_log` the history of queues and agents is printed in the dialect of Asterisk's
    queue_log, the oldest first, for programs that read it; of the other options only --data, --since and
    --queue count.
    """
    if json + csv_ + (format_ is not None) > 1:
        raise exit_codes.WrongUsage("--json, --csv and --format are ways to print; choose one")
    if format_ is not None:
        for line in _queue_log(data, None if since is None else _instant(since), queue):
            print(line)
        return exit_codes.OK
    if limit < 1:
        raise exit_codes.WrongUsage("--limit is at least 1")
    wanted = {
        "since_ms": None if since is None else _instant(since),
        "queue": queue,
        "number": number,
        "limit": limit,
    }
    found = _read(data, wanted, _callers(caller))
    if json:
        for row in found:
            print_json(row)
    elif csv_:
        _print_csv(found)
    else:
        with progress("reading"):
            rows = list(found)
        _print_table(rows)
    return exit_codes.OK


def _callers(typed: str | None) -> tuple[str | None, ...]:
    """The numbers a caller may have under what was typed: the table says `withheld`, shells and people drop a +."""
    if typed is None or typed == _WITHHELD:
        return (None if typed is None else "",)
    return (typed, f"+{typed}") if typed.isdigit() else (typed,)


def _read(data: Path, wanted: dict[str, Any], callers: tuple[str | None, ...]) -> Iterator[dict[str, Any]]:
    """The records as plain values, with UTC instants."""
    import msgspec

    from ivr.core.calendar import Calendar
    from ivr.observe.records import CallRecord, written
    from ivr.store import Store

    store = Store.open(_database(data), readonly=True)
    decoder = msgspec.json.Decoder(CallRecord)
    by_caller = (store.records(**wanted, caller=caller) for caller in callers)
    newest_first = heapq.merge(*by_caller, key=lambda kept: kept.call, reverse=True)
    for kept in islice(newest_first, wanted["limit"]):
        yield written(decoder.decode(kept.data), Calendar(kept.epoch_ms, "UTC").utc)


def _database(data: Path) -> Path:
    path = data / "ivr.db" if data.is_dir() or not data.suffix else data
    if not path.exists():
        raise OperatorError(f"there are no records at {path}; `ivr serve --data {data}` keeps them there")
    return path


def _queue_log(data: Path, since_ms: int | None, queue: str | None) -> Iterator[str]:
    """The lines of every run, the oldest first."""
    from ivr.core.facts import Fact
    from ivr.language import load_sources
    from ivr.observe.queue_log import NONE, lines_of
    from ivr.sim.replay import open_journal
    from ivr.store import Store

    path = _database(data)
    for run in Store.open(path, readonly=True).runs():
        header, entries = open_journal(path, run.run)
        told = (entry for entry in entries if isinstance(entry, Fact))
        for line in lines_of(load_sources(header.sources).plan, told, header.epoch_ms):
            seconds, _, of, _ = line.split("|", 3)
            late_enough = since_ms is None or int(seconds) * 1_000 >= since_ms
            if late_enough and (queue is None or of in (queue, NONE)):
                yield line


def _instant(text: str) -> int:
    """Milliseconds UTC since 1970 of a moment (of this machine's time zone) or a length of time ago."""
    from ivr.cli.script import parse_span

    try:
        if match := _DAYS.fullmatch(text):
            ago = int(match[1]) * 86_400.0
        elif text[:1].isdigit() and text[-1:].isalpha():
            ago = parse_span(text)
        else:
            return round(datetime.fromisoformat(text).timestamp() * 1_000)
    except (ValueError, OverflowError, exit_codes.WrongUsage):
        raise exit_codes.WrongUsage(
            f"--since {text[:40]!r}: write 30m, 2h, 7d, 2026-11-22 or 2026-11-22T09:00"
        ) from None
    return round((time.time() - ago) * 1_000)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A record as one line of a table: lists become text, what they hold is joined with `;`."""
    visits = row.pop("visits")
    offers = row.pop("offers")
    flat = {
        key: ";".join(map(str, value)) if isinstance(value, list | tuple) else value
        for key, value in row.items()
    }
    flat["queues"] = ";".join(visit["queue"] for visit in visits)
    flat["queue_outcomes"] = ";".join(visit["outcome"] for visit in visits)
    flat["offers"] = ";".join(f"{offer['offer']}:{offer['answer']}" for offer in offers)
    return flat


def guarded(value: Any) -> str:
    """A CSV cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(_FORMULA) and not isinstance(value, int | float) else text


def _print_csv(found: Iterator[dict[str, Any]]) -> None:
    from ivr.observe.records import CallRecord

    lists = {"visits", "offers"}
    columns = [name for name in CallRecord.__struct_fields__ if name not in lists]
    columns += ["queues", "queue_outcomes", "offers"]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in found:
        flat = _flat(row)
        writer.writerow([guarded(flat[column]) for column in columns])


def _print_table(rows: list[dict[str, Any]]) -> None:
    if not rows:
        print("no calls")
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None  # a pipe has no width
    heading, *lines = laid_out(_COLUMNS, [[clean(cell) for cell in _cells(row)] for row in rows], width)
    print(f"\x1b[1m{heading}\x1b[0m" if colored(sys.stdout) else heading)
    print("\n".join(lines))


_COLUMNS: Final = (
    Column("call"),
    Column("started"),
    Column("from"),
    Column("dialled"),
    Column("in all", right=True),
    Column("waited", right=True),
    Column("talked", right=True),
    Column("queues"),
    Column("with"),
    Column("reason"),
)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    """A call as the table shows it; a dash where it never waited in a queue, or was never answered."""
    started = datetime.fromisoformat(row["started"])
    seconds = (datetime.fromisoformat(row["ended"]) - started).total_seconds()
    visits = [f"{visit['queue']} ({outcome(visit['outcome'])})" for visit in row["visits"]]
    came_out = f", {outcome(row['outcome'])}" if row["outcome"] else ""
    return (
        row["call"],
        started.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
        row["caller"] or _WITHHELD,
        row["number"] + (" (out)" if row["direction"] == "out" else ""),
        span(seconds),
        span(row["wait_ms"] / 1_000) if row["visits"] else "–",
        span(row["talk_ms"] / 1_000) if row["answered"] else "–",
        ", ".join(visits),
        ", ".join(row["agents"]),
        ending(row["reason"]) + came_out,
    )
