"""`ivr import`: a people file from calls that came."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ivr.cli import exit_codes
from ivr.cli.files import write_whole
from ivr.cli.running import day_interval
from ivr.cli.terminal import aside, print_json


def import_(
    file: Annotated[
        Path, Parameter(help="`ivr records --csv`, a queue_log, or 17 columns as of the Anonymous Bank.")
    ],
    /,
    *,
    output: Annotated[
        Path | None,
        Parameter(name=("--output", "-o"), help="The people file; else it is printed.", show_default=False),
    ] = None,
    interval: Annotated[str, Parameter(help="Length of the intervals.")] = "30m",
    timezone: Annotated[str, Parameter(help="The zone of the center, in which its days are.")] = "UTC",
    json: Annotated[
        bool,
        Parameter(help="Print JSON: the file, what was seen, what could not be told.", show_default=False),
    ] = False,
) -> int:
    """Make a people file of calls that came: arrivals by weekday and interval, talks, patience, redials.

    Patience takes into account that answered callers would have waited longer. What the file cannot tell is said
    on stderr, and left to the author: people files have defaults for all of it. The numbers are those of
    the file; the center has to have them.

    Exit code: 0.
    """
    from ivr.language.formatting import written
    from ivr.sim.fit import fit
    from ivr.sim.history import read_history

    per_ms = day_interval(interval)
    _check_zone(timezone)
    text = _text(file)
    try:
        found = fit(read_history(text, timezone), timedelta(milliseconds=per_ms))
    except ValueError as fault:
        raise exit_codes.WrongUsage(f"{file}: {fault}") from None
    if json:
        print_json({"people": found.people, "seen": found.seen, "untold": found.untold}, indent=2)
        return exit_codes.OK
    for line in (*found.seen, *(f"not told: {line}" for line in found.untold)):
        aside(line)
    made = f"# Made of {file.name} by `ivr import`.\n{written(found.people, in_line=True)}"
    if output is None:
        print(made, end="")
    else:
        write_whole(output, made)
    return exit_codes.OK


def _check_zone(name: str) -> None:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError
        raise exit_codes.WrongUsage(f"--timezone {name[:40]!r}: write one such as Europe/Berlin") from None


def _text(file: Path) -> str:
    from ivr.limits import HISTORY_BYTES_MAX

    try:
        if file.stat().st_size > HISTORY_BYTES_MAX:
            raise exit_codes.WrongUsage(
                f"{file}: more than {HISTORY_BYTES_MAX // 1_048_576} MiB; give a part of it"
            )
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise exit_codes.WrongUsage(f"{file}: this is no text in UTF-8") from None
    except OSError as fault:
        raise exit_codes.WrongUsage(f"{file}: {fault.strerror}") from None
