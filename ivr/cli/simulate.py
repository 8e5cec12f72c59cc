"""`ivr simulate`: the center of a folder in virtual time, many times over."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

from cyclopts import Parameter

from ivr.cli import exit_codes, interval_table
from ivr.cli.explore import Clock, begun_at
from ivr.cli.files import must_exist, write_whole
from ivr.cli.running import (
    Cluster,
    For,
    Jobs,
    Replications,
    Runner,
    Seed,
    WarmUp,
    duration,
    job_of,
    running,
    somebody,
)
from ivr.cli.table import Column, laid_out
from ivr.cli.terminal import aside, print_json, span

if TYPE_CHECKING:
    from ivr.language import Center
    from ivr.sim.ledger import Sheet
    from ivr.sim.outcome import Outcome
    from ivr.sim.replicate import Job
    from ivr.sim.statistics import Interval

FIGURES: Final[tuple[tuple[str, str, str], ...]] = (
    ("calls", "calls that came in", "count"),
    ("redials", "- of who had given up", "count"),
    ("complaints", "- to complain", "count"),
    ("containment", "served by the flow alone", "share"),
    ("p_abandon_in_flow", "hung up in the flow", "share"),
    ("flow_connected", "put through without a queue", "count"),
    ("flow_transferred", "sent to another number", "count"),
    ("flow_failed", "failed in the flow", "count"),
    ("offered", "offered to queues", "count"),
    ("answered", "answered", "count"),
    ("abandoned", "abandoned", "count"),
    ("short_abandoned", "- at once (short)", "count"),
    ("gone_on", "gone on elsewhere", "count"),
    ("timeout", "- waited too long", "count"),
    ("overflowed", "- overflowed", "count"),
    ("callback", "- took a callback", "count"),
    ("exit_key", "- left by a key", "count"),
    ("left_empty", "- no agents left", "count"),
    ("withdrawn", "- withdrawn", "count"),
    ("system_error", "- system error", "count"),
    ("blocked", "refused", "count"),
    ("blocked_full", "- the queue was full", "count"),
    ("blocked_empty", "- no agents there", "count"),
    ("blocked_closed", "- it was closed", "count"),
    ("waiting_at_end", "waiting at the end", "count"),
    ("p_abandon", "abandoned of offered", "share"),
    ("sl_of_offered", "answered in T of offered", "share"),
    ("sl_without_short_abandons", "without short abandons", "share"),
    ("asa_s", "average speed of answer", "time"),
    ("wait_p50_s", "half are answered in", "time"),
    ("wait_p90_s", "nine of ten are answered in", "time"),
    ("wait_p95_s", "19 of 20 are answered in", "time"),
    ("longest_wait_s", "longest wait", "time"),
    ("aht_s", "average handle time", "time"),
    ("estimate_error_s", "announced wait is wrong by", "time"),
    ("occupancy", "occupancy of the agents", "share"),
    ("callbacks_reached", "callbacks made", "count"),
    ("callbacks_failed", "callbacks that failed", "count"),
    ("resolved_on_first", "resolved on the first contact", "share"),
    ("resolved", "resolved", "share"),
    ("effort_index", "effort index, 0 to 100", "index"),
    ("churn_12m", "leave within a year (model)", "share"),
)
"""What is shown, in words; T is the queue's `service_level: { within }`. `--json` has more."""


class Precision(NamedTuple):
    """Go on until the half width of a figure's interval is this small."""

    figure: str
    half: float


def simulate(
    center: Annotated[Path, Parameter(help="Folder of a center.")],
    /,
    *,
    for_: For = "1d",
    seed: Seed = "1",
    replications: Replications = 10,
    jobs: Jobs = None,
    cluster: Cluster = None,
    interval: Annotated[
        str | None,
        Parameter(
            help="Print the intervals of the day too, so long each; in files and JSON they are there anyway, of 30m.",
            show_default=False,
        ),
    ] = None,
    warm_up: WarmUp = "0s",
    until: Annotated[
        str | None,
        Parameter(
            help='Run until a figure is that precise: "p_abandon ± 0.002"; --replications is then the most.',
            show_default=False,
        ),
    ] = None,
    clock: Clock = None,
    csv: Annotated[
        Path | None, Parameter(help="A CSV file for the figures of each interval.", show_default=False)
    ] = None,
    parquet: Annotated[
        Path | None,
        Parameter(help="The same as a Parquet file; wants the extra `parquet`.", show_default=False),
    ] = None,
    html: Annotated[
        Path | None,
        Parameter(
            help="A page with plots that needs nothing else; wants the extra `report`.", show_default=False
        ),
    ] = None,
    journeys: Annotated[
        bool,
        Parameter(
            help="Follow the contacts of each customer: effort, resolved on the first contact, churn (docs/guides/effort.md).",
            show_default=False,
        ),
    ] = False,
    json: Annotated[bool, Parameter(help="Print JSON.", show_default=False)] = False,
) -> int:
    """Let the center's simulated callers and agents live in virtual time, and say what came of it.

    It is the engine, the flows and the people that `ivr serve` runs. Each replication has other callers; what is
    printed are means over the replications with 95 % confidence intervals (Student), of what ended and of visits that
    joined after the warm-up. Two centers with the same seed are called by the same people: `ivr compare` uses that.

    Exit code: 0.
    """
    must_exist(center)
    length_ms = duration(for_, "--for")
    interval_ms = _interval(interval, length_ms)
    if html is not None:
        _can_draw(interval or "30m", interval_ms)
    if parquet is not None:
        interval_table.can_write_parquet()
    precision = None if until is None else _precision(until)
    from ivr.language import load_center
    from ivr.sim.outcome import Outcome

    loaded = begun_at(load_center(center), clock)
    somebody(loaded, center)
    job = job_of(loaded, length_ms, warm_up, interval_ms, seed)._replace(journeys=journeys)
    with running(seed, replications, jobs, cluster, shown=not json) as runner:
        sheets = runner.run(job) if precision is None else _until(runner, job, loaded, precision)
    outcome = Outcome(loaded.plan, sheets)
    if not any(sheet.calls for sheet in sheets):
        aside(
            "nobody called: `arrivals` of the people file say when they do, and --clock begins at another time"
        )
    rows = interval_table.rows_of(outcome, loaded, job)
    if csv is not None:
        interval_table.write_csv(csv, rows)
    if parquet is not None:
        interval_table.write_parquet(parquet, rows, loaded.plan.timezone)
    if html is not None:
        again = f"ivr simulate {center.name} --for {for_} --replications {len(sheets)} --seed {seed} --html {html.name}"
        write_whole(html, _page(outcome, loaded, job, again))
    if json:
        settings = {
            "for_ms": length_ms,
            "warm_up_ms": job.warm_up_ms,
            "interval_ms": interval_ms,
            "seed": seed,
        }
        print_json(
            {"settings": settings, **outcome.plain(), "intervals": interval_table.plain(rows)}, indent=2
        )
        return exit_codes.OK
    print("\n".join(_text(outcome, loaded, job)))
    if interval is not None:
        print("\n".join(["", *interval_table.text(rows, shutil.get_terminal_size().columns, len(sheets))]))
    return exit_codes.OK


def _interval(text: str | None, length_ms: int) -> int:
    """The length of the intervals; half an hour where nothing is said."""
    if text is None:
        return 1_800_000
    found = duration(text, "--interval")
    if not 60_000 <= found <= length_ms:
        raise exit_codes.WrongUsage(
            f"--interval {text}: an interval lasts a minute at least and --for at most"
        )
    return found


def _precision(text: str) -> Precision:
    match = re.fullmatch(r"\s*(\w+)\s*(?:±|\+-|\+/-)\s*(\d+(?:\.\d+)?)(%|s)?\s*", text)
    names = [name for name, _, _ in FIGURES]
    if match is None or match[1] not in names or not float(match[2]):
        known = ", ".join(names)
        raise exit_codes.WrongUsage(f'--until {text[:60]!r}: write "p_abandon ± 0.002"; figures are {known}')
    return Precision(match[1], float(match[2]) / (100 if match[3] == "%" else 1))


def _until(runner: Runner, job: "Job", center: "Center", precision: Precision) -> "list[Sheet]":
    """Run more and more until the interval is narrow enough, or as many as may be."""
    from ivr.sim.outcome import Outcome

    sheets: list[Sheet] = []
    while len(sheets) < runner.most:
        last = min(runner.most, max(len(sheets) + runner.jobs, 4))
        sheets += runner.run(job, len(sheets) + 1, last)
        found = Outcome(center.plan, sheets).center.get(precision.figure)
        if found is not None and found.runs > 1 and found.half <= precision.half:
            return sheets
    aside(
        f"{precision.figure} is not within ± {precision.half:g} after {len(sheets)} runs; --replications allows no more"
    )
    return sheets


# Showing --------------------------------------------------------------------------------------------------------


def _text(outcome: "Outcome", center: "Center", job: "Job") -> list[str]:
    headings, rows = _table(outcome)
    columns = [Column(""), *(Column(heading, right=True) for heading in headings)]
    return [
        f"{center.plan.name}: {_of(outcome, job)}, in virtual time",
        "",
        *laid_out(columns, rows, shutil.get_terminal_size().columns),
        "",
        *_company(outcome, center),
        _note(outcome),
    ]


_COMPANY: Final = {"sum": "count", "mean": "index", "share": "share"}
"""How a figure of the company is written, by what it is."""


def _company(outcome: "Outcome", center: "Center") -> list[str]:
    """What the author asked about the company's rows, at the end of the runs."""
    rows = [
        [figure.name.replace("-", " "), cell(outcome.company.get(figure.name), _COMPANY[figure.how])]
        for figure in center.world.figures
    ]
    columns = [Column("the company, at the end"), Column("", right=True)]
    return [*laid_out(columns, rows, shutil.get_terminal_size().columns), ""] if rows else []


def _of(outcome: "Outcome", job: "Job") -> str:
    runs = len(outcome.sheets)
    warm = f", after {span(job.warm_up_ms / 1_000)} of warm-up" if job.warm_up_ms else ""
    return f"{runs} {'run' if runs == 1 else 'runs'} of {span(job.for_ms / 1_000)}{warm}"


def _note(outcome: "Outcome") -> str:
    single = len(outcome.sheets) == 1
    return "one run: no confidence intervals" if single else "means ± half a 95 % confidence interval"


def _table(outcome: "Outcome") -> tuple[list[str], list[list[str]]]:
    """The headings of the columns of figures, and the rows with their words."""
    used = [name for name, figures in outcome.queues.items() if _happens(figures)]
    shown = [outcome.queues[name] for name in used]
    if len(used) == 1:  # then it is the center
        headings, sources = used, [outcome.center | shown[0]]
    else:
        headings, sources = ["all", *used], [outcome.center, *shown]
    rows = []
    for name, words, kind in FIGURES:
        values = [figures.get(name) for figures in sources]
        if any(value is not None and (value.mean or kind != "count") for value in values):
            rows.append([words, *(cell(value, kind) for value in values)])
    return headings, rows


def _can_draw(interval: str, interval_ms: int) -> None:
    """Say before the work what a page needs."""
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        raise exit_codes.WrongUsage("--html needs matplotlib: install ivr with the extra `report`")
    if 86_400_000 % interval_ms:
        raise exit_codes.WrongUsage(
            f"--interval {interval}: for a page a day is whole intervals, such as 30m or 1h"
        )


def _page(outcome: "Outcome", center: "Center", job: "Job", again: str) -> str:
    from ivr.sim.report import Told, page

    headings, rows = _table(outcome)
    figures = {
        name: outcome.center.get(name)
        for name in ("calls", "sl_of_offered", "p_abandon", "asa_s", "occupancy")
    }
    words = (
        "calls",
        "answered in time",
        "gave up",
        "mean wait of the answered",
        "of their time agents are busy",
    )
    kinds = ("count", "share", "share", "time", "share")
    cards = [
        (cell(value, kind).partition(" ±")[0] + (" s" if kind == "time" else ""), word)
        for value, kind, word in zip(figures.values(), kinds, words, strict=True)
        if value is not None
    ]
    about = f"{_of(outcome, job)}, in virtual time, with the center's own flows, callers and agents"
    note = f"{_note(outcome)}; T is the queue's own threshold"
    told = Told(about, note, f"{again} makes this page again.", headings, rows, cards)
    return page(center, outcome.sheets, job, told)


def _happens(figures: "Mapping[str, Interval | None]") -> bool:
    """Whether a queue has had any callers."""
    return any(value is not None and value.mean > 0 for value in (figures["offered"], figures["blocked"]))


def cell(value: "Interval | None", kind: str, *, sign: bool = False) -> str:
    """A figure as people read it; with a `sign` it is a difference."""
    if value is None:
        return ""
    mean, half = value.mean, value.half
    plus = "+" if sign else ""
    number, unit = {
        "share": (f"{mean * 100:{plus}.1f}%", ""),
        "count": (f"{mean:{plus}.0f}", ""),
        "time": (f"{mean:{plus}.1f}", " s"),
        "index": (f"{mean:{plus}.1f}", ""),
    }[kind]
    if value.runs == 1:
        return number + unit
    spread = {
        "share": f"{half * 100:.1f}",
        "count": f"{half:.0f}",
        "time": f"{half:.1f}",
        "index": f"{half:.1f}",
    }[kind]
    return f"{number} ± {spread}{unit}"
